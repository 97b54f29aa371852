"""Events and statements as lists show them: who, what, and the words with the parties marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from communique.model import Span
from communique.record.queries import ORDERS, Asked, Kind

if TYPE_CHECKING:
    from communique.record.store import Record


class Who(msgspec.Struct, frozen=True):
    """A party of an event or statement."""

    id: str
    name: str
    country: str | None = None


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a sentence, and what it is for the event."""

    text: str
    role: Literal["actor", "recipient", "trigger"] | None = None


class Printed(msgspec.Struct, frozen=True):
    """Where something was printed."""

    article_id: str
    title: str | None
    published: str | None
    publisher: str | None
    url: str | None


class EventLine(msgspec.Struct, frozen=True):
    """An event in a list; the texts of ``pieces`` joined are its sentence."""

    id: str
    day: date | None
    event: str
    modes: tuple[str, ...]
    contexts: tuple[str, ...]
    score: float
    quad: str
    status: str
    actors: tuple[Who, ...]
    recipients: tuple[Who, ...]
    place: str | None
    confidence: float
    why: str
    pieces: tuple[Piece, ...]
    printed: Printed
    killed: int | None = None
    injured: int | None = None
    arrested: int | None = None


class StatementLine(msgspec.Struct, frozen=True):
    """A statement in a list; ``speaker_words`` are there where nobody known speaks."""

    id: str
    day: date | None
    kind: str
    speakers: tuple[Who, ...]
    speaker_words: str
    addressees: tuple[Who, ...]
    about: tuple[Who, ...]
    cue: str | None
    quote: str
    channel: str | None
    printed: Printed


PRINTED = "a.title, a.published, a.publisher, a.url"
LINES = "SELECT e.*, {printed} FROM ({question}) e LEFT JOIN articles a ON a.id = e.article_id ORDER BY {order}"
MENTIONS = """
SELECT article_id, span_start, span_end, entity_id FROM mentions
WHERE article_id IN (SELECT unnest($1)) AND entity_id IN (SELECT unnest($2))
"""


def event_lines(record: Record, asked: Asked) -> tuple[EventLine, ...]:
    """Return the events that are asked for, newest first.

    >>> from communique.record import Record
    >>> with Record.open(":memory:") as record:
    ...     event_lines(record, {"actor": "China", "limit": 5})
    ()
    """
    rows = list(_rows(record, "events", asked))
    where = _mentions(record, rows)
    return tuple(_event_line(row, where.get(row["article_id"], ())) for row in rows)


def statement_lines(record: Record, asked: Asked) -> tuple[StatementLine, ...]:
    """Return the statements that are asked for, newest first."""
    return tuple(_statement_line(row) for row in _rows(record, "statements", asked))


def _rows(record: Record, kind: Kind, asked: Asked) -> Iterator[dict[str, Any]]:
    made = record.whole_rows(kind, asked)
    answer = record.answer_sql(LINES.format(printed=PRINTED, question=made.sql, order=ORDERS[kind]), made.values)
    return (dict(zip(answer.columns, row, strict=True)) for row in answer.rows)


def _mentions(record: Record, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[Span, str]]]:
    """Where the parties of events are named, by article."""
    articles = sorted({row["article_id"] for row in rows})
    parties = sorted({one for row in rows for one in (*row["actors"], *row["recipients"])})
    found: dict[str, list[tuple[Span, str]]] = {}
    if articles:
        for article_id, start, end, entity_id in record.answer_sql(MENTIONS, (articles, parties)).rows:
            found.setdefault(article_id, []).append((Span(start, end), entity_id))
    return found


def _event_line(row: Mapping[str, Any], mentions: Iterable[tuple[Span, str]]) -> EventLine:
    return EventLine(
        id=row["id"], day=row["day"], event=row["event"], modes=tuple(row["modes"]), contexts=tuple(row["contexts"]),
        score=row["score"], quad=row["quad"], status=row["status"], actors=_who(row, "actor", "actors"),
        recipients=_who(row, "recipient", "recipients"), place=row["place"], confidence=row["confidence"],
        why=row["why"], pieces=_pieces(row, mentions), printed=_printed(row), killed=row["killed"],
        injured=row["injured"], arrested=row["arrested"],
    )  # fmt: skip


def _statement_line(row: Mapping[str, Any]) -> StatementLine:
    return StatementLine(
        id=row["id"], day=row["day"], kind=row["kind"], speakers=_who(row, "speaker", "speakers"),
        speaker_words=row["speaker_words"], addressees=_who(row, "addressee", "addressees"),
        about=_who(row, "about", "about"), cue=row["cue_words"], quote=row["quote"], channel=row["channel"],
        printed=_printed(row),
    )  # fmt: skip


def _who(row: Mapping[str, Any], side: str, ids: str) -> tuple[Who, ...]:
    lists = (row[ids], row[f"{side}_names"], row[f"{side}_countries"])
    return tuple(Who(key, name or key, country) for key, name, country in zip(*lists, strict=True))


def _printed(row: Mapping[str, Any]) -> Printed:
    return Printed(row["article_id"], row["title"], row["published"], row["publisher"], row["url"])


def _pieces(row: Mapping[str, Any], mentions: Iterable[tuple[Span, str]]) -> tuple[Piece, ...]:
    """The sentence in stretches: the trigger, and the longest mentions of actors and recipients beside it."""
    if row["sentence_text"] is None:
        return (Piece(row["trigger_words"], "trigger"),)
    sentence = Span(row["sentence_start"], row["sentence_end"])
    marks: list[tuple[Span, Any]] = [(Span(row["trigger_start"], row["trigger_end"]), "trigger")]
    for span, entity_id in sorted(mentions, key=lambda one: (one[0].start - one[0].end, one[0].start)):
        role = "actor" if entity_id in row["actors"] else "recipient" if entity_id in row["recipients"] else None
        if role and sentence.covers(span) and not any(span.overlaps(taken) for taken, _ in marks):
            marks.append((span, role))
    return tuple(_cut(row["sentence_text"], sentence, sorted(one for one in marks if sentence.covers(one[0]))))


def _cut(text: str, sentence: Span, marks: Iterable[tuple[Span, Any]]) -> Iterator[Piece]:
    done = 0
    for span, role in marks:
        start, end = span.start - sentence.start, span.end - sentence.start
        if start > done:
            yield Piece(text[done:start])
        yield Piece(text[start:end], role)
        done = end
    if done < len(text):
        yield Piece(text[done:])
