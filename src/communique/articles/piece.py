"""What a reader hands on: one text, page or file that lies in a source, and what the source says of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO, Literal, Protocol

import msgspec

from communique.articles.streams import Budget, Stream
from communique.config import ArticleSettings
from communique.errors import (
    SourceDamaged,
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


def printable(text: str) -> str:
    """Return ``text`` as it can stand in one line: "?" for each character that shows nothing or breaks the line."""
    return text if text.isprintable() else "".join(one if one.isprintable() else "?" for one in text)


class Problem(msgspec.Struct, frozen=True):
    """What is to say of a source, in one line for a person: mostly, that it gave no article.

    >>> Problem("a", "a: has the column 'x\\ny'").line
    "a: has the column 'x?y'"
    """

    source: str
    line: str
    reason: str = "other reasons"

    def __post_init__(self) -> None:
        """Keep it one line, whatever names strangers give to files, members and columns."""
        msgspec.structs.force_setattr(self, "line", printable(self.line))

    @property
    def failed(self) -> bool:
        """Say whether something went wrong: a notice and a copy are no failures."""
        return not isinstance(self, Notice | Copy)


class Notice(Problem, frozen=True):
    """Nothing is wrong, but a person should know: which column was taken for the text, for instance."""


class OtherLanguage(Problem, frozen=True, kw_only=True):
    """An article in a language that can't be coded, set aside."""

    article: Article


class Copy(Problem, frozen=True, kw_only=True):
    """An article that is a copy of another: ``copy_of`` is the id of the first, ``likeness`` their Jaccard index."""

    article: Article
    copy_of: str
    likeness: float


#: What the summary of long work calls the ways in which sources fail.
REASONS: dict[type[SourceError], str] = {
    SourceNotFound: "not found",
    SourceUnreadable: "unreadable",
    SourceEmpty: "empty",
    SourceNotText: "not text",
    SourceTooLarge: "too large",
    SourceDamaged: "damaged",
    SourceUnsafe: "unsafe",
    SourceNotFetched: "not fetched",
}


def problem_of(error: SourceError) -> Problem:
    """Return the problem that an error is.

    >>> problem_of(SourceEmpty("a.txt", "there is no text in it")).reason
    'empty'
    """
    return Problem(error.source, str(error), REASONS.get(type(error), Problem("", "").reason))


class Given(msgspec.Struct, frozen=True):
    """What a source says of an article that lies in it; None where it says nothing."""

    title: str | None = None
    published: str | None = None
    published_from: str | None = None
    url: str | None = None
    publisher: str | None = None
    author: str | None = None
    language: str | None = None
    fetched: str | None = None


class Piece(msgspec.Struct, frozen=True):
    """One thing that lies in a source.

    ``form`` is ``text`` (plain text), ``html`` (a page or a piece of one), ``item`` (an item of a feed: HTML
    with no furniture around it), ``any`` (text or a page), ``file`` (bytes of any kind, in ``stream``) or ``address``
    (to be fetched). ``raw`` are the bytes that its hash is made of.
    """

    name: str
    form: Literal["text", "html", "item", "any", "file", "address"]
    text: str = ""
    raw: bytes = b""
    given: Given = Given()
    reader: str = "text"
    charset: str | None = None
    stream: Stream | None = None


class Meter:
    """How far reading is, in bytes of the files that it began with."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._done = 0
        self._here: IO[bytes] | None = None

    def enter(self, file: IO[bytes]) -> None:
        """Begin with a file."""
        self._here = file

    def leave(self) -> None:
        """Be done with the file."""
        self._done, self._here = self.position(at_end=True), None

    def position(self, *, at_end: bool = False) -> int:
        """Return the bytes read so far; archives are read from their end, so this is about right only."""
        if self._here is None or self._here.closed or not self._here.seekable():
            return self._done
        return self._done + (self._here.seek(0, os.SEEK_END) if at_end else self._here.tell())


class Reading(msgspec.Struct, frozen=True):
    """What all readers of one source share: the settings, what may still be expanded, what was said already."""

    limits: ArticleSettings
    budget: Budget
    said: set[str]


class Reader(Protocol):
    """Reads one form of source: yields what lies in it, or what is wrong with a part; raises SourceError to stop."""

    def __call__(self, stream: Stream, detail: str, reading: Reading, /) -> Iterator[Piece | Problem]:
        """Read ``stream``; ``detail`` is what telling its form has found out."""
        ...
