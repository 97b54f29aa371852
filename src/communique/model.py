"""The frozen types that every layer shares. Imports nothing of ours.

All spans are half-open ``[start, end)`` in Unicode code points into ``Article.text``; all ids are
hashes of content (article, spans, kind), so a second run or another machine gives the same ids.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import Literal

import msgspec

EntityKind = Literal["state", "person", "organisation", "group", "population"]
MentionKind = Literal["name", "nominal", "pronoun"]
StatementKind = Literal["direct", "indirect", "mixed"]
Status = Literal["asserted", "negated", "future", "hypothetical", "historical"]
DatePrecision = Literal["day", "week", "month", "year", "decade", "article"]
PlaceResolution = Literal["city", "province", "country", "none"]
PlaceTold = Literal["clause", "paragraph", "dateline"]
NameKind = Literal["person", "organisation", "place", "other"]

#: Characters kept of the SHA-256 hex digest: 64 bits, so a collision among a hundred million rows
#: is a one-in-three-thousand event, and an id still fits a terminal column.
ID_LENGTH = 16


def content_id(*parts: object) -> str:
    """Return the id of a thing made of ``parts``: the same parts give the same id everywhere.

    >>> content_id("article", 3, 9) == content_id("article", 3, 9)
    True
    """
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:ID_LENGTH]


class Span(msgspec.Struct, frozen=True, order=True):
    """A half-open stretch ``[start, end)`` of ``Article.text``, in code points.

    >>> Span(0, 5).of("Xi said so")
    'Xi sa'
    """

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the characters of ``text`` that the span covers."""
        return text[self.start : self.end]

    def covers(self, other: Span) -> bool:
        """Say whether ``other`` lies wholly within this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Say whether the two spans share a character."""
        return self.start < other.end and other.start < self.end


class Article(msgspec.Struct, frozen=True):
    """A news text as read. ``text`` never changes after reading; every span points into it.

    ``published`` is an ISO 8601 date, or a date-time with its offset from UTC where the source tells one;
    ``published_from`` says where it was found. ``reader`` names the reader that made the article.
    The title, where there is one, is the first line of ``text`` too, so that it can be coded.
    """

    id: str
    text: str
    title: str | None = None
    published: str | None = None
    url: str | None = None
    publisher: str | None = None
    author: str | None = None
    language: str | None = None
    fetched: str | None = None
    raw_sha256: str | None = None
    reader: str = "text"
    published_from: str | None = None


class Sentence(msgspec.Struct, frozen=True):
    """One sentence: its place in the article, its characters, its tokens ``[first, last)``."""

    index: int
    span: Span
    first: int
    last: int


class Token(msgspec.Struct, frozen=True):
    """A syntactic word. ``head`` is the index of its head in ``Parsed.tokens``; a root's is its own.

    ``tag`` is a Penn Treebank tag, ``relation`` a Universal Dependencies relation.
    """

    span: Span
    lemma: str
    tag: str
    head: int
    relation: str


class Name(msgspec.Struct, frozen=True):
    """A proper name that the language model sees, whether or not the atlas knows it."""

    span: Span
    kind: NameKind


class Attribution(msgspec.Struct, frozen=True):
    """What the language model sees of one reported statement, before anybody is resolved."""

    cue: Span
    speaker: Span | None
    content: tuple[Span, ...]


class Parsed(msgspec.Struct, frozen=True, dict=True):
    """An article after the language model's one pass."""

    article: Article
    sentences: tuple[Sentence, ...]
    tokens: tuple[Token, ...]
    names: tuple[Name, ...]
    attributions: tuple[Attribution, ...] = ()

    def within(self, span: Span) -> range:
        """Return the indices of the tokens that lie wholly within ``span``; tokens stand in order.

        >>> words = [Token(Span(start, start + 2), "", "", 0, "") for start in (0, 3, 6)]
        >>> Parsed(Article("a", "Xi is in."), (), tuple(words), ()).within(Span(1, 9))
        range(1, 3)
        """
        first = bisect_left(self._starts, span.start)
        return range(first, bisect_right(self._ends, span.end, lo=first))

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """The dependents of each token, in order."""
        found: list[list[int]] = [[] for _ in self.tokens]
        for index, token in enumerate(self.tokens):
            if token.head != index:
                found[token.head].append(index)
        return tuple(map(tuple, found))

    @cached_property
    def _starts(self) -> list[int]:
        return [token.span.start for token in self.tokens]

    @cached_property
    def _ends(self) -> list[int]:
        return [token.span.end for token in self.tokens]


class Entity(msgspec.Struct, frozen=True):
    """Anybody who can be actor, recipient, speaker or addressee.

    ``country`` is ISO 3166 alpha-3 or None; ``sectors`` are PLOVER's codes.
    """

    id: str
    name: str
    kind: EntityKind
    country: str | None = None
    sectors: tuple[str, ...] = ()


class Choice(msgspec.Struct, frozen=True):
    """Who is meant by a name that a person asks for: these ids, all of these states, and those called ``name``.

    >>> Choice("Kremlin", frozenset(), frozenset(["RUS"])).takes(Entity("per:x", "X", "person", "RUS"))
    True
    """

    name: str
    ids: frozenset[str]
    states: frozenset[str]

    def takes(self, entity: Entity) -> bool:
        """Say whether an entity is meant; case does not count in a name."""
        is_called_so = entity.name.casefold() == self.name.casefold()
        return entity.id in self.ids or entity.country in self.states or is_called_so


class Mention(msgspec.Struct, frozen=True):
    """A stretch of text that names an entity; ``head`` is the head word's span."""

    id: str
    span: Span
    head: Span
    kind: MentionKind
    entity_id: str | None = None
    antecedent: str | None = None


class Statement(msgspec.Struct, frozen=True):
    """Somebody's reported speech or thought. ``speakers`` and ``addressees`` are entity ids."""

    id: str
    sentence: int
    kind: StatementKind
    speakers: tuple[str, ...]
    speaker_spans: tuple[Span, ...]
    addressees: tuple[str, ...]
    cue: Span | None
    content: tuple[Span, ...]
    about: tuple[str, ...] = ()
    channel: str | None = None


class Place(msgspec.Struct, frozen=True):
    """Where an act took place: one place of the gazetteer, or only its name where that may be several places or none.

    ``country`` is ISO 3166 alpha-3; ``resolution`` says what was found: a city, a first-order division, a country, or
    nothing, and then all fields but ``name`` and ``told`` are empty. ``told`` is "clause" where the act's own clause
    tells the place; otherwise only the paragraph before it, or its dateline, does.
    A country's coordinates are those of its capital; a division has none.

    >>> Place("Springfield").resolution
    'none'
    """

    name: str
    province: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    geonameid: int | None = None
    resolution: PlaceResolution = "none"
    told: PlaceTold = "clause"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to whom. ``actors`` and ``recipients`` are entity ids.

    ``event`` is one of PLOVER's sixteen types, ``score`` its PLOVER score, ``quad`` its class;
    ``statement_id`` is set when the event only stands in the content of that statement or is
    performed by it; ``date`` is the first day of the stretch of time told, of the length ``date_precision``, or with
    precision "article" the article's own date, because no date is told; ``why`` names the
    lexicon entry or the model's evidence, for a person. ``evidence`` has the words of other sentences that tell the
    same act, in reading order. ``killed``, ``injured`` and ``arrested`` are numbers of people as told there ("at least
    12" is 12), None where none is told.
    """

    id: str
    sentence: int
    event: str
    modes: tuple[str, ...]
    contexts: tuple[str, ...]
    cameo: str
    score: float
    quad: str
    actors: tuple[str, ...]
    recipients: tuple[str, ...]
    trigger: Span
    status: Status
    statement_id: str | None
    date: str | None
    date_precision: DatePrecision | None = None
    place: Place | None = None
    confidence: float
    why: str
    evidence: tuple[Span, ...] = ()
    killed: int | None = None
    injured: int | None = None
    arrested: int | None = None


class Note(msgspec.Struct, frozen=True):
    """Why a sentence, or a trigger in it, was not coded. Kept for ``--explain``."""

    sentence: int
    span: Span
    why: str


class Report(msgspec.Struct, frozen=True):
    """Everything coded from one article. ``problems`` are clear lines about what went wrong."""

    article: Article
    entities: tuple[Entity, ...]
    mentions: tuple[Mention, ...]
    statements: tuple[Statement, ...]
    events: tuple[Event, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    sentences: tuple[Sentence, ...] = ()


class Relation(msgspec.Struct, frozen=True):
    """The type of the relation between two marked spans of one sentence."""

    event: str
    mode: str | None
    confidence: float
