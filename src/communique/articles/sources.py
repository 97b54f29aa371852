"""Files, folders, patterns, addresses and standard input to articles: what is in a source is told by its content."""

from __future__ import annotations

import glob
import hashlib
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from communique.articles.archives import read_tar, read_warc, read_zip
from communique.articles.copies import Copies
from communique.articles.decode import NotText, decode_source, normalise
from communique.articles.feeds import FULL_TEXT, read_addresses, read_feed, read_sitemap
from communique.articles.kinds import Kind, recognise
from communique.articles.mail import read_mail, read_mbox
from communique.articles.page import article_from_page, fragment_text, is_page
from communique.articles.piece import (
    Copy,
    Given,
    Meter,
    Notice,
    OtherLanguage,
    Piece,
    Problem,
    Reader,
    Reading,
    problem_of,
)
from communique.articles.streams import HEAD_BYTES, Budget, Stream, expand
from communique.articles.tables import read_json, read_parquet, read_separated, telling_columns
from communique.articles.text import article_from_text, first_lines
from communique.articles.tongues import find_language, name_of
from communique.articles.wires import read_factiva, read_news_xml, read_nexis
from communique.config import Settings
from communique.errors import (
    SourceEmpty,
    SourceError,
    SourceNotFetched,
    SourceNotFound,
    SourceNotText,
    SourceTooLarge,
    SourceUnreadable,
    SourceUnsafe,
)
from communique.model import Article

if TYPE_CHECKING:
    from communique.articles.fetch import Fetched, Fetcher

STANDARD_INPUT = "-"
WEB_SCHEMES = ("http://", "https://")
SCHEME = "://"
PATTERN_MARKS = "*?["

LETTER = re.compile(r"[^\W\d_]")

#: What is in a file to what reads it. Pages and plain texts are articles by themselves.
READERS: dict[str, Reader] = {
    "zip": read_zip,
    "tar": read_tar,
    "warc": read_warc,
    "json": read_json,
    "table": read_separated,
    "parquet": read_parquet,
    "mail": read_mail,
    "mbox": read_mbox,
    "feed": read_feed,
    "sitemap": read_sitemap,
    "urls": read_addresses,
    "news-xml": read_news_xml,
    "nexis": read_nexis,
    "factiva": read_factiva,
}

Named = tuple[str, Article] | Problem


def read_sources(
    sources: Iterable[str], *, settings: Settings, published: str | None = None
) -> Iterator[Article | Problem]:
    """Yield the articles of every source in order; what can't be read gives a Problem, and the rest goes on.

    ``published`` is the date of those articles that name none themselves.
    """
    for item in read_named(sources, settings=settings, published=published):
        yield item if isinstance(item, Problem) else item[1]


def read_named(
    sources: Iterable[str],
    *,
    settings: Settings,
    published: str | None = None,
    copies: Copies | None = None,
    meter: Meter | None = None,
) -> Iterator[Named]:
    """Do as :func:`read_sources`, and give each article with the name of what it came from.

    An article in a language that is not wanted comes as :class:`OtherLanguage`, a copy of an earlier one as
    :class:`Copy` (never with ``keep_copies`` in the settings). ``copies`` holds articles that are known before;
    ``meter`` is kept up with how far reading is.
    """
    with Library(settings, published, meter) as library:
        copies = copies or Copies(likeness=settings.articles.copy_likeness)
        for item in library.read_all(sources):
            yield item if isinstance(item, Problem) else sift(*item, settings=settings, copies=copies)


def read_source(source: str, *, settings: Settings, published: str | None = None) -> Article:
    """Return the one article in a file, or on standard input for ``-``; raise a SourceError when there is none."""
    with Library(settings, published) as library:
        found = [item for item in library.read(source) if not isinstance(item, Notice)]
    if len(found) != 1:
        raise SourceNotText(source, f"there are {len(found)} articles in it, not one")
    if isinstance(found[0], Problem):
        raise SourceNotText(found[0].source, found[0].line.removeprefix(f"{found[0].source}: "))
    return found[0][1]


def expand_source(source: str) -> Iterator[str]:
    """Yield the files that one source stands for: a folder's, at any depth, or those that fit a pattern.

    Hidden files, and links to folders, are left out, so that no folder is read twice.
    """
    if source == STANDARD_INPUT or source.lower().startswith(WEB_SCHEMES):
        yield source
        return
    if not os.path.lexists(source.replace("\0", "")) and any(mark in source for mark in PATTERN_MARKS):
        fitting = sorted(glob.iglob(source, recursive=True))
        if not fitting:
            raise SourceNotFound(source, "no file fits this pattern")
        for path in fitting:
            if os.path.isfile(path) or (os.path.isdir(path) and "**" not in source):
                yield from expand_source(path)
        return
    if not os.path.isdir(source):
        yield source
        return
    found = False
    for folder, subfolders, names in os.walk(source, onerror=_raise_unreadable):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.startswith(".") and os.path.isfile(path):
                found = True
                yield path
    if not found:
        raise SourceEmpty(source, "there are no files in this folder")


def size_of(source: str) -> int | None:
    """Return the bytes of the files that a source stands for, or None when that can't be known."""
    try:
        names = list(expand_source(source))
    except SourceError:
        return 0
    sizes = [os.path.getsize(name) for name in names if os.path.isfile(name)]
    return sum(sizes) if len(sizes) == len(names) else None


def sift(name: str, article: Article, *, settings: Settings, copies: Copies) -> Named:
    """Return an article, or why it is set aside; remember it in ``copies``."""
    wanted = settings.articles.languages
    if article.language is not None and article.language not in wanted:
        line = f"{name}: this is in {name_of(article.language)}; only {_list(map(name_of, wanted))} can be coded"
        return OtherLanguage(name, line, article=article)
    if not settings.articles.keep_copies:
        if (first := copies.find(article)) is not None:
            line = f"{name}: a copy of {first.source} ({first.share:.0%} alike), not coded again"
            return Copy(name, line, article=article, copy_of=first.id, likeness=first.share)
        copies.add(article, name)
    return name, article


def _list(words: Iterable[str]) -> str:
    return " or ".join(words)


class Library:
    """Reads sources, with what they share: settings, the date of those without one, the connection to the web.

    For the modules of this package; others call :func:`read_named`.
    """

    def __init__(self, settings: Settings, published: str | None, meter: Meter | None = None) -> None:
        """Begin with nothing opened."""
        self._limits, self._published = settings.articles, published
        self._meter = meter or Meter()
        self._columns = telling_columns(self._limits.columns)
        self._said: set[str] = set()
        self._fetcher: Fetcher | None = None

    def __enter__(self) -> Library:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close connections."""
        if self._fetcher is not None:
            self._fetcher.close()

    def read_all(self, sources: Iterable[str]) -> Iterator[Named]:
        """Yield what is in all sources, in order."""
        for source in sources:
            try:
                for name in expand_source(source):
                    yield from self.read(name)
            except SourceError as error:
                yield problem_of(error)

    def read(self, name: str) -> Iterator[Named]:
        """Yield what is in one file, at one address, or on standard input."""
        try:
            if name.lower().startswith(WEB_SCHEMES):
                yield from self._fetch(name, 0)
                return
            with _open(name) as file:
                self._meter.enter(file)
                yield from self._read_stream(Stream(file, name), Given(), None, self._reading(name), 0)
                self._meter.leave()
        except SourceError as error:
            yield problem_of(error)

    def _reading(self, name: str) -> Reading:
        budget = Budget(name, most=self._limits.max_expanded_bytes, ratio=self._limits.max_ratio)
        return Reading(self._limits, budget, self._said)

    def _read_stream(
        self, stream: Stream, given: Given, charset: str | None, reading: Reading, depth: int, reader: str | None = None
    ) -> Iterator[Named]:
        """Yield what is in a stream.

        1. tell what it is by its first bytes;
        2. a page or a plain text is read whole, no more of it than the settings allow, and is one article;
        3. anything else is handed to its reader, and each piece of it read in turn.
        """
        if depth > self._limits.max_nesting:
            limit = f"articles.max_nesting = {self._limits.max_nesting}"
            raise SourceUnsafe(stream.source, f"archives lie in each other deeper than {limit} allows")
        kind = self._recognise(stream)
        if kind.form == "compressed":
            yield from self._read_stream(
                expand(stream, kind.detail, reading.budget), given, charset, reading, depth + 1, reader
            )
        elif kind.form in READERS:
            for piece in READERS[kind.form](stream, kind.detail, reading):
                yield from [piece] if isinstance(piece, Problem) else self._read_piece(piece, reading, depth)
        elif kind.form == "xml":
            raise SourceNotText(stream.source, "this is XML, but neither a web page nor a feed nor a news item")
        else:
            raw = stream.read_all(self._limits.max_bytes)
            text = decode_source(raw, stream.source, declared=charset)
            form = "html" if kind.form == "page" else "text"
            piece = Piece(stream.source, form, text=text, raw=raw, given=given, reader=reader or form)  # type: ignore[arg-type]
            yield stream.source, self.article(piece)

    def _recognise(self, stream: Stream) -> Kind:
        head = stream.head()
        if not head.strip() and len(head) < HEAD_BYTES:
            raise SourceEmpty(stream.source, "there is no text in it")
        try:
            return recognise(head, self._columns)
        except NotText as error:
            raise SourceNotText(stream.source, str(error)) from error

    def _read_piece(self, piece: Piece, reading: Reading, depth: int) -> Iterator[Named]:
        try:
            if piece.stream is not None:
                yield from self._read_stream(piece.stream, piece.given, piece.charset, reading, depth + 1, piece.reader)
            elif piece.form == "address":
                yield from self._fetch(piece.name, depth + 1)
            elif piece.form == "item":
                yield from self.read_item(piece, fetch=reading.budget.source.lower().startswith(WEB_SCHEMES))
            else:
                yield piece.name, self.article(piece)
        except SourceError as error:
            if isinstance(error, SourceUnsafe) and error.source == reading.budget.source:
                raise  # the whole source is a bomb, not only this piece
            yield problem_of(error)

    def fetch(self, address: str) -> Fetched:
        """Return what is at a web address, or raise a SourceError."""
        if not address.lower().startswith(WEB_SCHEMES):
            raise SourceNotFetched(address, "only http:// and https:// addresses are fetched")
        return self.open_fetcher().get(address)

    def open_fetcher(self) -> Fetcher:
        """Return what fetches, made when it is first needed; to be called before several threads fetch."""
        if self._fetcher is None:
            from communique.articles.fetch import Fetcher

            self._fetcher = Fetcher(self._limits)
        return self._fetcher

    def _fetch(self, address: str, depth: int) -> Iterator[Named]:
        if depth > self._limits.max_nesting:
            raise SourceUnsafe(address, f"lists lead to lists deeper than {self._limits.max_nesting}")
        page = self.fetch(address)
        yield from self.read_page(page, address, Given(url=page.url, fetched=page.fetched), depth)

    def read_item(self, piece: Piece, *, fetch: bool) -> Iterator[Named]:
        """Yield the article of a feed's item: the feed's text, or the page where that is a teaser and we may fetch."""
        text = fragment_text(piece.text)
        if fetch and piece.given.url and len(text) < FULL_TEXT:
            page = self.fetch(piece.given.url)
            dated = {"published": piece.given.published, "published_from": piece.given.published_from}
            yield from self.read_page(page, piece.name, Given(url=page.url, fetched=page.fetched, **dated))
        elif text.strip():
            yield piece.name, self.article(piece)
        else:
            raise SourceEmpty(piece.name, "the feed gives no text of this item")

    def read_page(self, page: Fetched, name: str, given: Given, depth: int = 0) -> Iterator[Named]:
        """Yield what is in something fetched: mostly one article."""
        stream = Stream(io.BytesIO(page.content), name)
        yield from self._read_stream(stream, given, page.charset, self._reading(name), depth)

    def article(self, piece: Piece) -> Article:
        """Return the article that a piece makes, or raise a SourceError.

        What the source says of it counts first, then what is said in it, then the date that the caller gave.
        """
        digest = hashlib.sha256(piece.raw).hexdigest()
        is_html = piece.form == "html" or (piece.form == "any" and is_page(piece.text))
        if is_html:
            try:
                article = article_from_page(piece.text, given=piece.given, raw_sha256=digest)
            except NotText as error:
                raise SourceNotText(piece.name, str(error)) from error
            if article is None:
                raise SourceEmpty(piece.name, "no article text found in this page")
        else:
            text = fragment_text(piece.text) if piece.form == "item" else piece.text
            given = first_lines(text, piece.given)
            article = article_from_text(
                text,
                title=piece.given.title,
                published=given.published,
                url=given.url,
                raw_sha256=digest,
                max_title_characters=self._limits.max_title_characters,
            )
            article = msgspec.structs.replace(article, **_named_fields(given))
        if not article.text:
            raise SourceEmpty(piece.name, "there is no text in it")
        if LETTER.search(article.text) is None:
            raise SourceEmpty(piece.name, "there are no words in it")
        if len(article.text) > self._limits.max_characters:
            limit = f"articles.max_characters = {self._limits.max_characters:,}"
            raise SourceTooLarge(piece.name, f"its text has {len(article.text):,} characters, more than {limit} allows")
        dated = {"published": self._published, "published_from": "option"}
        return msgspec.structs.replace(
            article,
            reader=piece.reader if piece.reader != "text" or not is_html else "html",
            language=find_language(article.text),
            **(dated if article.published is None and self._published else {}),
        )


def _named_fields(given: Given) -> dict[str, str]:
    """Return what is given besides title, date and address, which make the article."""
    names = ("published_from", "publisher", "author", "fetched")
    found = {name: " ".join(normalise(getattr(given, name) or "").split()) for name in names}
    return {name: value for name, value in found.items() if value}


def _open(source: str) -> IO[bytes]:
    try:
        if source == STANDARD_INPUT:
            return io.BufferedReader(_Unclosed(sys.stdin.buffer))
        if not os.path.isfile(source) and os.path.exists(source) and not _is_pipe(source):
            raise SourceUnreadable(source, "this is neither a file nor a folder")
        return Path(source).open("rb")
    except FileNotFoundError as error:
        raise SourceNotFound(source, _not_found(source)) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise SourceUnreadable(source, getattr(error, "strerror", None) or str(error)) from error


def _is_pipe(source: str) -> bool:
    """Say whether a name stands for what another program writes, as in ``communique code <(zcat a.gz)``."""
    return Path(source).is_fifo()


class _Unclosed(io.RawIOBase):
    """Standard input, which is not ours to close."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _not_found(source: str) -> str:
    if SCHEME in source:
        return "only http:// and https:// addresses are fetched"
    return "no such file or folder"


def _raise_unreadable(error: OSError) -> None:
    raise SourceUnreadable(str(error.filename), error.strerror or "can not be read") from error
