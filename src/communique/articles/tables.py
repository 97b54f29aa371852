"""Tables: a row is an article. JSON Lines and JSON, CSV and its like, Parquet; read row by row, never as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from communique.articles.dates import parse_date
from communique.articles.decode import decode_line, decode_source, encoding_of
from communique.articles.parquet import check_pages
from communique.articles.piece import Given, Notice, Piece, Problem, Reading, problem_of
from communique.articles.streams import Stream
from communique.config import ColumnSettings
from communique.errors import SourceDamaged, SourceNotText, SourceTooLarge

#: What columns are called in news corpora and by news services; the first that a table has is taken.
GUESSES: dict[str, tuple[str, ...]] = {
    "text": ("text", "body", "content", "full_text", "fulltext", "article_text", "articlebody", "article_body",
             "maintext", "main_text", "story", "article", "raw_text", "clean_text", "document"),
    "title": ("title", "headline", "head", "heading", "article_title", "hl"),
    "published": ("published", "published_at", "publishedat", "date_published", "datepublished", "publication_date",
                  "publicationdate", "publish_date", "pub_date", "pubdate", "date", "datetime", "date_publish",
                  "published_date", "timestamp", "time", "created_at", "seendate", "webpublicationdate"),
    "url": ("url", "link", "web_url", "weburl", "article_url", "source_url", "canonical_url", "permalink"),
    "publisher": ("publisher", "publication", "outlet", "newspaper", "source_name", "sitename", "site_name",
                  "source", "source_domain", "domain", "site"),
    "author": ("author", "authors", "byline", "creator", "writer"),
    "language": ("language", "lang", "language_code"),
}  # fmt: skip
#: Columns whose names make a first line the head of a table of articles.
TEXT_COLUMNS = frozenset(GUESSES["text"])
#: Columns that a message lists when the wanted one is not there.
LISTED_COLUMNS = 12
#: Rows of a Parquet file held at a time: a row group may hold a million.
BATCH_ROWS = 64
#: Bytes that a Parquet column is read by.
PARQUET_BUFFER = 1_048_576
PLACES = {"text": "--text-column", "title": "--title-column", "published": "--date-column"}
QUOTE = '"'


class Columns(msgspec.Struct, frozen=True):
    """Which column of a table holds what; None for what it has not."""

    text: str
    title: str | None
    published: str | None
    url: str | None
    publisher: str | None
    author: str | None
    language: str | None


def telling_columns(wanted: ColumnSettings) -> frozenset[str]:
    """Return the names, in lower case, that make a first line the head of a table of articles."""
    return TEXT_COLUMNS | ({wanted.text.casefold()} if wanted.text else set())


def choose_columns(names: Iterable[str], wanted: ColumnSettings, source: str) -> Columns:
    """Return which columns hold what: those wanted, else the first of the usual names; SourceNotText without a text.

    >>> choose_columns(["Headline", "Body"], ColumnSettings(), "a.csv").text
    'Body'
    """
    given = list(names)
    by_name = {name.strip().casefold(): name for name in reversed(given)}
    found: dict[str, str | None] = {}
    for field, guesses in GUESSES.items():
        asked = getattr(wanted, field)
        candidates = (asked,) if asked else guesses
        found[field] = next((by_name[name.casefold()] for name in candidates if name.casefold() in by_name), None)
    if found["text"] is None:
        listed = ", ".join(given[:LISTED_COLUMNS]) + (", ..." if len(given) > LISTED_COLUMNS else "")
        missing = f"no column {wanted.text!r}" if wanted.text else "no column that looks like an article's text"
        raise SourceNotText(source, f"this table has {missing}; it has: {listed}; name one with --text-column")
    return Columns(**found)  # type: ignore[arg-type]


def _notice(columns: Columns, wanted: ColumnSettings, source: str, reading: Reading) -> Iterator[Notice]:
    """Say aloud, once for each set of columns, what was guessed."""
    fields = [field for field in GUESSES if getattr(columns, field) and not getattr(wanted, field)]
    guessed = ", ".join(f"{field} from {getattr(columns, field)!r}" for field in fields)
    if fields and guessed not in reading.said:
        reading.said.add(guessed)
        yield Notice(source, f"{source}: took {guessed} (options such as {PLACES['text']} choose other columns)")


def _piece(row: Mapping[str, Any], columns: Columns, name: str, raw: bytes, reader: str) -> Piece | Problem:
    text = row.get(columns.text)
    if text is None or not str(text).strip():
        return Problem(name, f"{name}: there is no text in {columns.text!r}")
    published = _date(row.get(columns.published or ""))
    return Piece(
        name,
        "any",
        text=str(text),
        raw=raw or str(text).encode("utf-8", "surrogatepass"),
        reader=reader,
        given=Given(
            title=_words(row.get(columns.title or "")),
            published=published,
            published_from=f"column {columns.published}" if published else None,
            url=_words(row.get(columns.url or "")),
            publisher=_words(row.get(columns.publisher or "")),
            author=_words(row.get(columns.author or "")),
            language=_words(row.get(columns.language or "")),
        ),
    )


def _words(value: Any) -> str | None:
    """Return a cell on one line: services nest names (``{"name": "Reuters"}``) and list authors."""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("title")
    if isinstance(value, list | tuple):
        value = ", ".join(filter(None, map(_words, value)))
    return " ".join(str(value).split()) or None if value is not None else None


def _date(value: Any) -> str | None:
    if isinstance(value, datetime | date):
        value = value.isoformat()
    return parse_date(str(value)) if value is not None else None


def read_json(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the rows of JSON Lines, of a JSON array of objects, or of one object."""
    if _is_json_lines(stream.head()):
        rows: Iterable[Any] = _json_lines(stream, reading)
    else:
        rows = _json_whole(stream, reading)
    columns, names = None, None
    for name, row, raw in rows:
        if isinstance(row, Problem):
            yield row
            continue
        if isinstance(row, Mapping) and isinstance(row.get("article"), Mapping):
            row = row["article"]  # a report of ours, or a service's wrapper
        if not isinstance(row, Mapping):
            yield Problem(name, f"{name}: this is JSON, but not an object with named values")
            continue
        if columns is None or (columns.text not in row and row.keys() != names):
            try:
                columns, names = choose_columns(row, reading.limits.columns, name), row.keys()
            except SourceNotText as error:
                yield problem_of(error)
                continue
            yield from _notice(columns, reading.limits.columns, stream.source, reading)
        yield _piece(row, columns, name, raw, "json")


def _is_json_lines(head: bytes) -> bool:
    """Say whether the first line is an object of its own, or longer than what is looked at."""
    line, _, rest = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    if not rest.strip():
        return line.startswith(b"{")
    return line.startswith(b"{") and line.rstrip().endswith(b"}")


def _json_lines(stream: Stream, reading: Reading) -> Iterator[tuple[str, Any, bytes]]:
    for number, line in enumerate(raw_lines(stream, reading.limits.max_bytes), start=1):
        name = f"{stream.source}, line {number}"
        line = line.removeprefix(b"\xef\xbb\xbf").strip(b"\x1e \t\r\n")  # U+001E: RFC 7464
        if line:
            yield name, _json(line, name), line


def _json_whole(stream: Stream, reading: Reading) -> Iterator[tuple[str, Any, bytes]]:
    raw = stream.read_all(reading.limits.max_bytes)
    value = _json(decode_source(raw, stream.source).encode("utf-8", "surrogatepass"), stream.source)
    if not isinstance(value, list):
        lists = (
            [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
            if isinstance(value, dict)
            else []
        )
        value = lists[0] if len(lists) == 1 and not TEXT_COLUMNS & value.keys() else [value]
    for number, row in enumerate(value, start=1):
        yield (f"{stream.source}, item {number}" if len(value) > 1 else stream.source), row, b""


def _json(raw: bytes, name: str) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Problem(name, f"{name}: this is not JSON ({error})")
    except RecursionError:
        return Problem(name, f"{name}: this JSON is nested too deep")


def raw_lines(stream: Stream, most: int) -> Iterator[bytes]:
    """Yield the lines of a stream; SourceTooLarge when one is longer than ``most`` bytes."""
    file = stream.buffered()
    number = 0
    while line := file.readline(most + 1):
        number += 1
        if len(line) > most:
            raise SourceTooLarge(stream.source, f"line {number} is longer than articles.max_bytes = {most:,} allows")
        yield line


def read_separated(stream: Stream, separator: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the rows of CSV, TSV and their like. The first row names the columns."""
    rows = _rows(_text_lines(stream, reading.limits.max_bytes), separator, stream.source, reading.limits.max_bytes)
    names = [name.strip() for name in next(rows, [])]
    columns = choose_columns(names, reading.limits.columns, stream.source)
    yield from _notice(columns, reading.limits.columns, stream.source, reading)
    for number, cells in enumerate(rows, start=1):
        name = f"{stream.source}, row {number}"
        if not any(cells):
            continue
        if len(cells) != len(names):
            yield Problem(name, f"{name}: this row has {len(cells)} cells, and the table {len(names)} columns")
            continue
        yield _piece(dict(zip(names, cells, strict=True)), columns, name, b"", "table")


def _text_lines(stream: Stream, most: int) -> Iterator[str]:
    encoding = encoding_of(stream.head())
    if encoding.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):  # line ends are more than a byte
        yield from decode_source(stream.read_all(most), stream.source).splitlines(keepends=True)
        return
    for line in raw_lines(stream, most):
        yield decode_line(line, encoding)


def _rows(lines: Iterator[str], separator: str, source: str, most: int) -> Iterator[list[str]]:
    """Yield the cells of each row (RFC 4180): lines are joined while a quotation mark is open.

    The standard library's reader has one limit of size for the whole process, which is not ours to set.
    """
    cell = re.compile(
        rf"{QUOTE}((?:[^{QUOTE}]|{QUOTE}{QUOTE})*){QUOTE}[^{re.escape(separator)}]*|([^{re.escape(separator)}]*)"
    )
    for line in lines:
        parts, size, marks = [line], len(line), line.count(QUOTE)
        if separator != "\t" or f"\t{QUOTE}" in line or line.startswith(QUOTE):
            while marks % 2:
                more = next(lines, None)
                size += len(more or "")
                if more is None or size > most:
                    raise SourceDamaged(source, "a quotation mark is never closed")
                parts.append(more)
                marks += more.count(QUOTE)
        yield _cells("".join(parts).rstrip("\r\n"), separator, cell)


def _cells(row: str, separator: str, cell: re.Pattern[str]) -> list[str]:
    if QUOTE not in row:
        return row.split(separator)
    cells, position = [], 0
    while True:
        match = cell.match(row, position)
        assert match is not None  # its second half matches anything
        cells.append(match[1].replace(QUOTE * 2, QUOTE) if match[1] is not None else match[2])
        position = match.end() + len(separator)
        if position > len(row):
            return cells


def read_parquet(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the rows of a Parquet file, a few at a time, of the columns that are needed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = stream.seekable(reading.budget.spend)
        table = pq.ParquetFile(
            file, buffer_size=PARQUET_BUFFER, pre_buffer=False,
            page_checksum_verification=True,  # where the writer has put sums in
        )  # fmt: skip
        columns = choose_columns(table.schema_arrow.names, reading.limits.columns, stream.source)
        yield from _notice(columns, reading.limits.columns, stream.source, reading)
        wanted = [name for name in msgspec.structs.astuple(columns) if name]
        check_pages(file, wanted, reading.budget)
        number = 0
        for batch in table.iter_batches(batch_size=BATCH_ROWS, columns=wanted):
            for row in batch.to_pylist():
                number += 1
                reading.budget.spend(len(str(row.get(columns.text))))
                yield _piece(row, columns, f"{stream.source}, row {number}", b"", "parquet")
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise SourceDamaged(stream.source, f"the Parquet file is cut short or broken ({reason})") from error
