"""What is fuzzed: each way by which bytes of strangers come in, as a function of bytes.

A target lets through what its callers are told to expect (a ``SourceError``, a ``BadLine``, ...) and raises for
anything else: an exception that is not in the contract, or an answer that can't be true. Those with two parts take
what stands before the first NUL as one, and the rest as the other.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import httpx
import msgspec

from communique.actors import Atlas, choose, like, senses
from communique.actors.own import ActorRow, read_csv, write_csv
from communique.actors.petrarch import read_dictionary
from communique.articles import Copies, Problem, article_from_text
from communique.articles.archives import charset_of, inflate
from communique.articles.dates import dates_in, find_date, parse_date
from communique.articles.decode import NotText, decode, decode_line, encoding_of, normalise
from communique.articles.fetch import Fetched, Fetcher, is_private
from communique.articles.kinds import recognise
from communique.articles.page import article_from_page, fragment_text
from communique.articles.pagedates import find_page_date
from communique.articles.piece import Given, Reading, printable
from communique.articles.sources import READERS, Library
from communique.articles.streams import Budget, Stream, expand
from communique.articles.tables import TEXT_COLUMNS
from communique.articles.text import first_lines
from communique.codebook import CodebookError, goldstein
from communique.coder import Coder
from communique.config import Settings, load_settings
from communique.errors import ConfigError, DataError, SourceError, SourceNotFetched
from communique.language.words import find_datelines, find_paragraphs, find_words
from communique.model import Article, Choice, Entity, Event, Mention, Report, Sentence, Span
from communique.order.reading import Resolver, cameo_meaning, named_meaning, plover_meaning, read_columns, read_events
from communique.record import Record, Run
from communique.record.days import day_of
from communique.record.label_studio import read_label_studio
from communique.record.queries import Kind as Rows
from communique.record.queries import make_filters, question, search_parts
from communique.record.review import read_back
from communique.render.contract import report_from_json, report_to_json
from communique.render.rows import cell, csv_lines
from communique.statements.quotes import find_quotes

Target = Callable[[bytes], None]

#: The day on which everything is read, so that an input does the same tomorrow.
NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: What a source may expand to here: enough to see that it is limited.
EXPANDED, RATIO = 20_000_000, 200
#: Articles longer than this are not coded here: the network's time would be all that is measured.
CODED = 2_000
#: Starts of cells that spreadsheets take for formulas (OWASP, "CSV Injection").
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


@cache
def _settings() -> Settings:
    return load_settings()


def _reading() -> Reading:
    return Reading(_settings().articles, Budget("x", most=EXPANDED, ratio=RATIO), set())


def _check_line(problem: Problem) -> None:
    assert problem.line.startswith(f"{printable(problem.source)}: "), problem
    assert len(problem.line.splitlines()) == 1, problem


def _reader(form: str, detail: str = "") -> Target:
    """What lies in a source of a form, without what lies in that."""

    def read(data: bytes) -> None:
        with suppress(SourceError):
            for piece in READERS[form](Stream(io.BytesIO(data), "x"), detail, _reading()):
                if isinstance(piece, Problem):
                    _check_line(piece)
                elif piece.stream is not None:
                    with suppress(SourceError):
                        piece.stream.read_all(_settings().articles.max_bytes)

    return read


class _Offline(Library):
    """A library without a web."""

    def fetch(self, address: str) -> NoReturn:
        raise SourceNotFetched(address, "there is no network here")


def anything(data: bytes) -> None:
    """A source of any form, with all that lies in it, to articles."""
    library = _Offline(_settings(), None)
    with suppress(SourceError):
        for item in library.read_page(Fetched("x", data, None, "2026-01-01"), "x", Given()):
            if isinstance(item, Problem):
                _check_line(item)
            else:
                _check_article(item[1])


def _check_article(article: Article) -> None:
    assert article.text == normalise(article.text), "text is in its one form"
    assert article.text.strip()
    if article.published is not None:
        datetime.fromisoformat(article.published)


def kind(data: bytes) -> None:
    """What a source is."""
    with suppress(NotText):
        assert recognise(data, TEXT_COLUMNS).form


def decoding(data: bytes) -> None:
    """Bytes to characters, and those to the one form."""
    declared, _, raw = data.partition(b"\0")
    try:
        text = decode(raw, declared=declared.decode("latin-1"))
    except NotText:
        return
    assert isinstance(decode_line(raw, encoding_of(raw)), str)
    once = normalise(text)
    assert normalise(once) == once
    once.encode("utf-8")


def compressed(data: bytes) -> None:
    """gzip, bzip2 and xz, and HTTP's codings."""
    for form in ("gzip", "bzip2", "xz"):
        budget = Budget("x", most=EXPANDED, ratio=RATIO)
        with suppress(SourceError):
            expand(Stream(io.BytesIO(data), "x"), form, budget).read_all(EXPANDED)
    with suppress(SourceError):
        assert len(inflate("x", data, EXPANDED, Budget("x", most=EXPANDED, ratio=RATIO))) <= EXPANDED + 1


def page(data: bytes) -> None:
    """A web page to an article."""
    html = data.decode("utf-8", "replace")
    with suppress(NotText):
        article = article_from_page(html)
        assert article is None or article.text == normalise(article.text)


def fragment(data: bytes) -> None:
    """The HTML that feeds give."""
    html = data.decode("utf-8", "replace")
    text = fragment_text(html)
    assert text == (normalise(text) if text is not html else html)


def plain(data: bytes) -> None:
    """A plain text to an article, with the date and agency of its top."""
    text = normalise(data.decode("utf-8", "replace"))
    given = first_lines(text, Given())
    if given.published is not None:
        datetime.fromisoformat(given.published)
    assert article_from_text(text).text == normalise(article_from_text(text).text)


def dates(data: bytes) -> None:
    """Dates as sources write them."""
    text = data.decode("utf-8", "replace")
    for found in (parse_date(text, now=NOW), find_date(text, now=NOW), *dates_in(text)):
        if found is not None:
            moment = datetime.fromisoformat(found)
            assert moment.year >= 1800
            assert day_of(found) is not None


def page_dates(data: bytes) -> None:
    """When a page says that it was published."""
    if (found := find_page_date(data.decode("utf-8", "replace"))) is not None:
        datetime.fromisoformat(found[0])


def answer(data: bytes) -> None:
    """What a web server answers: head and body, the same for every address; redirects included."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    status = int(first[:3]) if first[:3].isdigit() and 200 <= int(first[:3]) <= 599 else 200
    headers = [(name, value) for name, colon, value in (line.partition(b":") for line in lines) if colon and name]

    def send(request: httpx.Request) -> httpx.Response:
        assert request.url.scheme in ("http", "https")
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    fetcher = _fetcher()
    fetcher._client = httpx.Client(transport=httpx.MockTransport(send), follow_redirects=False)
    fetcher._robots.clear()
    with suppress(SourceError):
        assert len(fetcher.get("http://news.example/a").content) <= _settings().articles.max_bytes


@cache
def _fetcher() -> Fetcher:
    articles = _settings().articles
    changed = msgspec.structs.replace(articles.fetch, cache="off", interval=0.0, retries=0)
    return Fetcher(msgspec.structs.replace(articles, fetch=changed), sleep=lambda _: None)


def address(data: bytes) -> None:
    """An address that somebody else wrote; and whether a literal one is private."""
    text = data.decode("utf-8", "replace")
    fetcher = _fetcher()
    with suppress(SourceError):
        fetcher._check(text, text)
        fetcher._redirected(text, text, {"location": text[::-1]})
    charset_of(text)
    with suppress(ValueError):
        is_private(text)


def copies(data: bytes) -> None:
    """Whether an article is a copy of another, and of itself."""
    one, _, other = (part.decode("utf-8", "replace") for part in data.partition(b"\0"))
    known = Copies(likeness=0.6)
    article = article_from_text(one)
    known.add(article, "one")
    found = known.find(article_from_text(other))
    assert found is None or 0 <= found.share <= 1
    again = known.find(article)
    assert again is not None
    assert again.share == 1


def dictionary(data: bytes) -> None:
    """An actor or agent dictionary of PETRARCH or TABARI."""
    for row in read_dictionary(data.decode("utf-8", "replace")):
        assert not isinstance(row, ActorRow) or (row.name and row.id)


def actors(data: bytes) -> None:
    """Our own file of actors; what is read is written and read again, the same."""
    rows = [row for row in read_csv(data.decode("utf-8", "replace")) if isinstance(row, ActorRow)]
    again = list(read_csv(write_csv(rows)))
    assert again == rows, (again, rows)


def own_actors(data: bytes) -> None:
    """An atlas with a stranger's actors in it, asked for one of them."""
    text = data.decode("utf-8", "replace")
    rows = [row for row in (*read_csv(text), *read_dictionary(text)) if isinstance(row, ActorRow)]
    if rows:
        atlas = Atlas.bare().with_actors(rows)
        for form in list(atlas.forms)[:3]:
            senses(atlas, form, "2020-01-01")


def names(data: bytes) -> None:
    """A name that somebody asks for, in the atlas and in the order."""
    name = data.decode("utf-8", "replace")
    atlas = Atlas.load()
    assert choose(atlas, name).name == name
    senses(atlas, name, "2020-01-01")
    resolver = _resolver()
    resolver._known.clear()
    state = resolver.state(name)
    assert state is None or atlas.entities[state].kind == "state"
    resolver.is_official(name)


def like_names(data: bytes) -> None:
    """What is offered for a name that nobody has."""
    assert all(form in Atlas.load().forms for form in like(Atlas.load(), data.decode("utf-8", "replace")))


@cache
def _resolver() -> Resolver:
    return Resolver(Atlas.load())


ROWS: tuple[Rows, ...] = ("events", "statements", "entities", "articles", "problems")
FILTERS = ("actor", "recipient", "speaker", "addressee", "about", "named", "event", "mode", "status", "kind", "since",
           "until", "publisher", "text")  # fmt: skip


def asked(data: bytes) -> None:
    """Filters of a question: what is typed never gets into the SQL, and DuckDB understands what comes out."""
    rows, name = (ROWS[data[0] % len(ROWS)], FILTERS[data[1] % len(FILTERS)]) if len(data) > 1 else ("events", "text")
    text = data[2:].decode("utf-8", "replace")
    try:
        made = make_filters(rows, {name: text}, _choose)  # type: ignore[misc]
    except ValueError:
        return
    sql = question(rows, made)
    if name not in ("event", "mode", "status", "kind"):  # these are words of ours by now
        harmless = "2020-01-01" if name in ("since", "until") else " ".join("x" for _ in search_parts(text))
        like_it = question(rows, make_filters(rows, {name: harmless or "x"}, lambda _: _harmless(_choose(text))))  # type: ignore[misc]
        assert sql.sql == like_it.sql or not harmless
    list(_record().answer_sql(sql.sql, sql.values).rows)


def _choose(name: str) -> Choice:
    return choose(Atlas.load(), name)


def _harmless(choice: Choice) -> Choice:
    """As many ids and states as in ``choice``, by other names."""
    named = {old: f"x{number}" for number, old in enumerate(sorted({choice.name, *choice.ids, *choice.states}))}
    renamed = (frozenset(named[one] for one in some) for some in (choice.ids, choice.states))
    return Choice(named[choice.name], *renamed)


def search(data: bytes) -> None:
    """The words of a search: none is lost, none is made up."""
    text = data.decode("utf-8", "replace")
    parts = search_parts(text)
    assert all(part in text for part in parts)
    assert bool(parts) == bool(text.strip()) or '"' in text


def _in_file(ending: str, read: Callable[[Path], Any], expected: tuple[type[Exception], ...]) -> Target:
    """A reader that wants a file's name."""

    def run(data: bytes) -> None:
        path = _folder() / f"{os.getpid()}{ending}"
        path.write_bytes(data)
        with suppress(*expected):
            read(path)

    return run


@cache
def _folder() -> Path:
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))


def _read_events(path: Path) -> None:
    reading = read_events(path)
    assert 0 <= reading.share <= 1
    assert reading.table.num_rows <= max(reading.rows, reading.table.num_rows)
    assert all(len(line.splitlines()) == 1 for line in reading.problems)


def codes(data: bytes) -> None:
    """Codes of events, of any scheme."""
    code = data.decode("utf-8", "replace")
    for meaning in (cameo_meaning(code), named_meaning(code), plover_meaning(*code.partition("/")[::2])):
        assert meaning is None or -10 <= meaning.score <= 10
    with suppress(CodebookError):
        goldstein(code)


@cache
def _report() -> Report:
    text = "Talks end\n\nBorduria asked Syldavia to leave. It rained."
    asked_span, second = Span(20, 25), Span(11, 44)
    return Report(
        article=article_from_text(text, published="2023-03-22"),
        entities=(Entity("BOR", "Borduria", "state", "BOR"), Entity("SYL", "Syldavia", "state", "SYL")),
        mentions=(Mention("m1", Span(11, 19), Span(11, 19), "name", "BOR"),
                  Mention("m2", Span(26, 34), Span(26, 34), "name", "SYL")),
        statements=(),
        events=(Event(
            id="ev1", sentence=1, event="REQUEST", modes=(), contexts=(), cameo="020", score=-1.0,
            quad="verbal conflict", actors=("BOR",), recipients=("SYL",), trigger=asked_span, status="asserted",
            statement_id=None, date="2023-03-22", confidence=0.9, why="lexicon: ask",
        ),),
        sentences=(Sentence(0, Span(0, 9), 0, 2), Sentence(1, second, 2, 8), Sentence(2, Span(45, 54), 8, 11)),
    )  # fmt: skip


@cache
def _record() -> Record:
    record = Record.open(":memory:")
    record.add([_report()], run=Run.make(version="1", code="c", model="m", atlas="a", settings="{}"))
    return record


def label_studio(data: bytes) -> None:
    """An export of Label Studio, read back; ARTICLE stands for the record's one article."""
    text = data.decode("utf-8", "replace").replace("ARTICLE", _report().article.id)
    _check_back(read_label_studio(_record(), text, coder="x", on=date(2023, 4, 1), atlas=Atlas.bare()), text)


def review(data: bytes) -> None:
    """A sample that a person has judged, read back."""
    text = data.decode("utf-8", "replace").replace("ARTICLE", _report().article.id)
    _check_back(read_back(_record(), text, coder="x", on=date(2023, 4, 1), atlas=Atlas.bare()), text)


def _check_back(found: Any, text: str) -> None:
    length = len(_report().article.text)
    for one in found.corrections:
        assert one.trigger is None or 0 <= one.trigger.start < one.trigger.end <= length
    assert all(len(line.splitlines()) == 1 for line in found.problems), found.problems


def report_line(data: bytes) -> None:
    """A line of ``code --json``, read and written again."""
    with suppress(msgspec.MsgspecError, UnicodeDecodeError):
        report = report_from_json(data)
        assert report_from_json(report_to_json(report, explain=True)) == report


def cells(data: bytes) -> None:
    """Words of strangers in a spreadsheet."""
    text = data.decode("utf-8", "replace")
    assert not cell(text).startswith(FORMULAS)
    (_, line) = csv_lines(["a"], [[text]])
    assert len(line.decode().splitlines()) <= 1


def config(path: Path) -> None:
    """A settings file."""
    load_settings(path)


def words(data: bytes) -> None:
    """Words, paragraphs, datelines and quotations of a text: in order, apart, true to it."""
    text = normalise(data.decode("utf-8", "replace"))
    for spans in (find_words(text), find_paragraphs(text), find_datelines(text), find_quotes(text)):
        _check_spans(spans, text)
    assert "".join(text.split()) == "".join("".join(span.of(text).split()) for span in find_words(text))


def _check_spans(spans: Iterable[Span], text: str) -> None:
    end = 0
    for span in spans:
        assert end <= span.start < span.end <= len(text)
        end = span.end


def coding(data: bytes) -> None:
    """A text, coded: every span is in the text, every reference to somebody who is listed."""
    report = _coder().code(data.decode("utf-8", "replace")[:CODED], published="2023-03-22")
    text, known = report.article.text, {entity.id for entity in report.entities}
    assert report_from_json(report_to_json(report, explain=True)) == report
    for event in report.events:
        assert 0 <= event.trigger.start < event.trigger.end <= len(text)
        assert known.issuperset((*event.actors, *event.recipients))
    for statement in report.statements:
        assert known.issuperset((*statement.speakers, *statement.addressees, *statement.about))
        assert all(0 <= span.start < span.end <= len(text) for span in statement.content)
    for mention in report.mentions:
        assert 0 <= mention.span.start < mention.span.end <= len(text)


@cache
def _coder() -> Coder:
    return Coder(threads=1)


BAD_TABLE = (SourceError, DataError)
#: By name, in the order in which they are run.
TARGETS: dict[str, Target] = {
    "kind": kind,
    "decoding": decoding,
    "plain": plain,
    "page": page,
    "fragment": fragment,
    "dates": dates,
    "page-dates": page_dates,
    "anything": anything,
    "compressed": compressed,
    "zip": _reader("zip"),
    "tar": _reader("tar"),
    "warc": _reader("warc"),
    "json": _reader("json"),
    "table": _reader("table", ","),
    "parquet": _reader("parquet"),
    "mail": _reader("mail"),
    "mbox": _reader("mbox"),
    "feed": _reader("feed"),
    "sitemap": _reader("sitemap"),
    "urls": _reader("urls"),
    "news-xml": _reader("news-xml"),
    "nexis": _reader("nexis"),
    "factiva": _reader("factiva"),
    "answer": answer,
    "address": address,
    "copies": copies,
    "dictionary": dictionary,
    "actors": actors,
    "own-actors": own_actors,
    "names": names,
    "like-names": like_names,
    "asked": asked,
    "search": search,
    "events": _in_file(".csv", _read_events, BAD_TABLE),
    "columns": _in_file(".csv", read_columns, BAD_TABLE),
    "codes": codes,
    "label-studio": label_studio,
    "review": review,
    "report": report_line,
    "config": _in_file(".toml", config, (ConfigError,)),
    "cells": cells,
    "words": words,
    "coding": coding,
}
