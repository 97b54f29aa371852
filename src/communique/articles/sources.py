"""Files, folders and standard input to articles."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from communique.articles.decode import NotText, decode
from communique.articles.page import article_from_page, is_other_xml, is_page
from communique.articles.text import article_from_text
from communique.config import ArticleSettings, Settings
from communique.errors import (
    SourceEmpty,
    SourceError,
    SourceNotFound,
    SourceNotText,
    SourceTooLarge,
    SourceUnreadable,
)
from communique.model import Article

STANDARD_INPUT = "-"
WEB_SCHEMES = ("http://", "https://")


class Problem(msgspec.Struct, frozen=True):
    """A source that gave no article: its name, and one line for a person."""

    source: str
    line: str


def read_sources(
    sources: Iterable[str], *, settings: Settings, published: str | None = None
) -> Iterator[Article | Problem]:
    """Yield the article of every source in order; one that can't be read gives a Problem, and the rest go on.

    ``published`` is the date of those sources that name none themselves.
    """
    for item in read_named(sources, settings=settings, published=published):
        yield item if isinstance(item, Problem) else item[1]


def read_named(
    sources: Iterable[str], *, settings: Settings, published: str | None = None
) -> Iterator[tuple[str, Article] | Problem]:
    """Do as :func:`read_sources`, and give each article with the name of the file that it came from."""
    for source in sources:
        try:
            for name in expand_source(source):
                yield _read_or_say(name, settings, published)
        except SourceError as error:
            yield Problem(error.source, str(error))


def expand_source(source: str) -> Iterator[str]:
    """Yield the files that one source stands for. Hidden files, and links to folders, are left out."""
    if source == STANDARD_INPUT or not os.path.isdir(source):
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


def read_source(source: str, *, settings: Settings, published: str | None = None) -> Article:
    """Return the article in one file, or on standard input for ``-``; raise a SourceError when there is none.

    1. read the bytes, no more than the settings allow;
    2. decode them;
    3. tell page from plain text by what is there, and make the article.
    """
    limits = settings.articles
    raw = _read_bytes(source, limits)
    if not raw.strip():
        raise SourceEmpty(source, "there is no text in it")
    try:
        text = decode(raw)
    except NotText as error:
        raise SourceNotText(source, str(error)) from error
    article = _make_article(source, text, hashlib.sha256(raw).hexdigest(), limits, published)
    if len(article.text) > limits.max_characters:
        raise SourceTooLarge(
            source,
            f"its text has {len(article.text):,} characters, more than articles.max_characters = "
            f"{limits.max_characters:,} allows",
        )
    return article


def _read_or_say(name: str, settings: Settings, published: str | None) -> tuple[str, Article] | Problem:
    try:
        return name, read_source(name, settings=settings, published=published)
    except SourceError as error:
        return Problem(error.source, str(error))


def _make_article(source: str, text: str, raw_sha256: str, limits: ArticleSettings, published: str | None) -> Article:
    if is_other_xml(text):
        raise SourceNotText(source, "this is XML, but not a web page")
    if is_page(text):
        page = article_from_page(text, published=published, raw_sha256=raw_sha256)
        if page is None:
            raise SourceEmpty(source, "no article text found in this page")
        return page
    article = article_from_text(
        text, published=published, raw_sha256=raw_sha256, max_title_characters=limits.max_title_characters
    )
    if not article.text:
        raise SourceEmpty(source, "there is no text in it")
    return article


def _read_bytes(source: str, limits: ArticleSettings) -> bytes:
    """Return a source's bytes, having read at most one more than the settings allow."""
    try:
        if source == STANDARD_INPUT:
            raw = sys.stdin.buffer.read(limits.max_bytes + 1)
        else:
            with Path(source).open("rb") as file:
                raw = file.read(limits.max_bytes + 1)
    except FileNotFoundError as error:
        raise SourceNotFound(source, _not_found(source)) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise SourceUnreadable(source, getattr(error, "strerror", None) or str(error)) from error
    if len(raw) > limits.max_bytes:
        raise SourceTooLarge(source, f"larger than articles.max_bytes = {limits.max_bytes:,} allows")
    return raw


def _not_found(source: str) -> str:
    if source.lower().startswith(WEB_SCHEMES):
        return "web addresses can't be read yet; save the page and name the file"
    return "no such file or folder"


def _raise_unreadable(error: OSError) -> None:
    raise SourceUnreadable(str(error.filename), error.strerror or "can not be read") from error
