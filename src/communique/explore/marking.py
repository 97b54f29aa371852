"""A coded article as marked text: stretches of its characters, each with what it is for which statements and events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, get_args

import msgspec

from communique.model import Entity, Event, Note, Report, Sentence, Span, Statement

#: What a stretch can be, the most telling last: where several meet, the last decides the look.
Part = Literal["content", "speaker", "cue", "trigger"]
PARTS: tuple[Part, ...] = get_args(Part)


class Piece(msgspec.Struct, frozen=True):
    """Characters that are the same things throughout.

    ``parts`` says what they are, ``of`` the labels of the statements and events that they belong to, ``roles`` which
    of them ("e2:actor") they name a party of. ``opens`` has the labels of what begins here; ``quad`` is the class of
    the event that they trigger.
    """

    text: str
    parts: tuple[Part, ...] = ()
    of: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    quad: str | None = None


class Item(msgspec.Struct, frozen=True):
    """A statement or an event with its label in the text: s1, e1, ..."""

    label: str
    statement: Statement | None = None
    event: Event | None = None

    @property
    def id(self) -> str:
        """The id of either."""
        found = self.statement or self.event
        assert found is not None
        return found.id


class Explained(msgspec.Struct, frozen=True):
    """A sentence, what was coded of it, and why the rest was not."""

    number: int
    text: str
    labels: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]


class Marked(msgspec.Struct, frozen=True):
    """An article ready to be shown. The texts of a paragraph's pieces joined are its line of the article's text."""

    paragraphs: tuple[tuple[Piece, ...], ...]
    items: tuple[Item, ...]
    labels: Mapping[str, str]
    names: Mapping[str, Entity]
    explained: tuple[Explained, ...]
    is_titled: bool = False

    @property
    def title(self) -> tuple[Piece, ...] | None:
        """The first line, where it is the article's title."""
        return self.paragraphs[0] if self.is_titled else None

    @property
    def body(self) -> tuple[tuple[Piece, ...], ...]:
        """The lines after the title."""
        return self.paragraphs[1:] if self.is_titled else self.paragraphs


class _Mark(msgspec.Struct, frozen=True):
    span: Span
    label: str
    part: Part | None = None
    role: str | None = None
    quad: str | None = None


def marked(report: Report) -> Marked:
    """Return a report as marked text.

    1. label statements and events in the order of the report, as the command line does;
    2. find what each stretch of the text is for them;
    3. cut the text wherever something begins or ends, and at the ends of lines;
    4. list statements and events in the order of the text.

    >>> from communique.model import Article
    >>> marked(Report(Article("1", "It rained.\\nHe left."), (), (), (), ())).paragraphs[1][0].text
    'He left.'
    """
    items = [Item(f"s{number}", statement=one) for number, one in enumerate(report.statements, 1)]
    items += [Item(f"e{number}", event=one) for number, one in enumerate(report.events, 1)]
    marks = [mark for item in items for mark in _marks(item, report) if mark.span.start < mark.span.end]
    first: dict[str, int] = {}
    for mark in marks:
        first[mark.label] = min(first.get(mark.label, mark.span.start), mark.span.start)
    items.sort(key=lambda item: (first.get(item.label, 0), item.label[0] == "e", int(item.label[1:])))
    return Marked(
        paragraphs=tuple(_paragraphs(report.article.text, marks)),
        items=tuple(items),
        labels={item.id: item.label for item in items},
        names={entity.id: entity for entity in report.entities},
        explained=tuple(_explained(report, sentence, items) for sentence in report.sentences),
        is_titled=report.article.text.partition("\n")[0] == report.article.title,
    )


def _marks(item: Item, report: Report) -> Iterator[_Mark]:
    if item.statement is not None:
        yield from _statement_marks(item.label, item.statement)
    if item.event is not None:
        yield from _event_marks(item.label, item.event, report)


def _statement_marks(label: str, statement: Statement) -> Iterator[_Mark]:
    for span in statement.content:
        yield _Mark(span, label, "content")
    for span in statement.speaker_spans:
        yield _Mark(span, label, "speaker")
    if statement.cue is not None:
        yield _Mark(statement.cue, label, "cue")


def _event_marks(label: str, event: Event, report: Report) -> Iterator[_Mark]:
    for trigger in (event.trigger, *event.evidence):
        yield _Mark(trigger, label, "trigger", quad=event.quad)
    inside = report.sentences[event.sentence].span if event.sentence < len(report.sentences) else event.trigger
    for mention in report.mentions:
        if mention.entity_id is not None and inside.covers(mention.span):
            for role, parties in (("actor", event.actors), ("recipient", event.recipients)):
                if mention.entity_id in parties:
                    yield _Mark(mention.span, label, role=role)


def _paragraphs(text: str, marks: Sequence[_Mark]) -> Iterator[tuple[Piece, ...]]:
    """Sweep over the text once; ``active`` are the marks that cover the place."""
    starts: dict[int, list[_Mark]] = {}
    ends: dict[int, list[_Mark]] = {}
    for mark in marks:
        starts.setdefault(mark.span.start, []).append(mark)
        ends.setdefault(mark.span.end, []).append(mark)
    breaks = [place for place, character in enumerate(text) if character == "\n"]
    places = sorted({0, len(text), *starts, *ends, *breaks, *(place + 1 for place in breaks)})
    active: list[_Mark] = []
    pieces: list[Piece] = []
    for place, following in zip(places, [*places[1:], len(text)], strict=True):
        active = [mark for mark in active if mark not in ends.get(place, ())] + starts.get(place, [])
        stretch = text[place:following]
        if stretch == "\n":
            yield tuple(pieces)
            pieces = []
        elif stretch:
            pieces.append(_piece(stretch, active, starts.get(place, ())))
    yield tuple(pieces)


def _piece(text: str, active: Sequence[_Mark], begun: Iterable[_Mark]) -> Piece:
    parts = tuple(part for part in PARTS if any(one.part == part for one in active))
    opens = (one.label for one in begun if one.part in ("content", "trigger"))
    return Piece(
        text,
        parts,
        tuple(dict.fromkeys(one.label for one in active if one.part)),
        tuple(dict.fromkeys(f"{one.label}:{one.role}" for one in active if one.role)),
        tuple(dict.fromkeys(opens)),
        next((one.quad for one in reversed(active) if one.quad), None),
    )


def _explained(report: Report, sentence: Sentence, items: Sequence[Item]) -> Explained:
    text = report.article.text
    own = [item.label for item in items if _tells(sentence, item)]
    notes = [note for note in report.notes if note.sentence == sentence.index]
    return Explained(sentence.index + 1, sentence.span.of(text), tuple(own), tuple(_told(note, text) for note in notes))


def _tells(sentence: Sentence, item: Item) -> bool:
    """Say whether a sentence tells of a statement or event, first or again."""
    again = item.event.evidence if item.event is not None else ()
    told = (item.statement or item.event).sentence == sentence.index  # type: ignore[union-attr]
    return told or any(sentence.span.covers(span) for span in again)


def _told(note: Note, text: str) -> tuple[str, str]:
    return note.span.of(text), note.why
