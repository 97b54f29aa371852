"""Corrections made in Label Studio: an export of its tasks (JSON) to verdicts on every sentence of their articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, get_args

import msgspec

from communique.articles.piece import printable
from communique.codebook import cameo, types
from communique.model import Entity, Event, Report, Span, Status
from communique.record.review import Correction, ReadBack, find_entity

if TYPE_CHECKING:
    from communique.actors import Atlas
    from communique.record.store import Record

#: What a region has when nobody chose a status.
ASSERTED = "asserted"


class Drawn(msgspec.Struct, frozen=True):
    """An event as somebody drew it: a trigger with a type, and the regions that it is tied to."""

    trigger: Span
    event: str
    status: str
    actors: tuple[Span, ...]
    recipients: tuple[Span, ...]


def read_label_studio(
    record: Record, text: str, *, coder: str, on: date, source: str = "the file", atlas: Atlas | None = None
) -> ReadBack:
    """Return what a coder says in Label Studio's JSON export; nothing is written yet.

    Tasks are those of ``communique export label-studio``. One that has no annotation is left out; one that was
    annotated is judged whole: an event of the machine that is not there any more is wrong. The last annotation of a
    task counts. Parties that no mention names can't be drawn, and stay.
    """
    try:
        tasks = msgspec.json.decode(text, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        return ReadBack((), (f"{source}: not an export of Label Studio: {error}",))
    corrections: list[Correction] = []
    problems: list[str] = []
    for count, raw in enumerate(tasks, 1):
        try:
            corrections += _read_task(record, raw, coder, on, atlas)
        except (msgspec.DecodeError, RecursionError, _BadTaskError) as error:
            problems.append(printable(f"{source}, task {count}: {error}"))
    return ReadBack(tuple(corrections), tuple(problems))


class _BadTaskError(Exception):
    """A task that can't be used, and why."""


class _Value(msgspec.Struct, frozen=True):
    start: int = 0
    end: int = 0
    labels: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


class _Result(msgspec.Struct, frozen=True):
    """A region (``labels``), what was chosen for one (``choices``), or a tie of two (``relation``)."""

    type: str
    id: str = ""
    value: _Value = _Value()
    from_id: str = ""
    to_id: str = ""
    labels: tuple[str, ...] | None = None


class _Annotation(msgspec.Struct, frozen=True):
    result: tuple[_Result, ...] = ()


class _Data(msgspec.Struct, frozen=True):
    article_id: str | int | None = None


class _Task(msgspec.Struct, frozen=True):
    data: _Data = _Data()
    annotations: tuple[_Annotation, ...] | None = None


def _read_task(record: Record, raw: msgspec.Raw, coder: str, on: date, atlas: Atlas | None) -> list[Correction]:
    task = msgspec.json.decode(raw, type=_Task)
    key = str(task.data.article_id)
    report = next(record.reports([key]), None)
    if report is None:
        raise _BadTaskError(f"the record has no article {key}")
    if not task.annotations:
        return []
    drawn = tuple(_drawn(task.annotations[-1].result, report.article.text))
    return list(_judged(report, drawn, coder, on, atlas))


def _drawn(results: Sequence[_Result], text: str) -> Iterator[Drawn]:
    """Events among the regions; a tie may be drawn from either end."""
    places = _places(text)
    spans = {one.id: _span(one.value, places) for one in results if one.type == "labels"}
    statuses = {one.id: one.value.choices[0] for one in results if one.type == "choices" and one.value.choices}
    names = {one.name for one in types()}
    for one in results:
        event = next((label for label in one.value.labels if label in names), None) if one.type == "labels" else None
        if event is not None:
            status = statuses.get(one.id, ASSERTED)
            if status not in get_args(Status):
                raise _BadTaskError(f"there is no status {status!r}")
            ties = {role: tuple(spans[end] for end in _tied(results, one.id, role)) for role in ("actor", "recipient")}
            yield Drawn(spans[one.id], event, status, ties["actor"], ties["recipient"])


def _span(value: _Value, places: Mapping[int, int]) -> Span:
    start, end = places.get(value.start), places.get(value.end)
    if start is None or end is None or start >= end:
        raise _BadTaskError(f"the region {value.start}-{value.end} is no part of the article's text")
    return Span(start, end)


def _tied(results: Iterable[_Result], key: str, role: str) -> Iterator[str]:
    regions = {one.id for one in results if one.type == "labels"}
    for one in results:
        if one.type == "relation" and role in (one.labels or ()) and key in (one.from_id, one.to_id):
            end = one.to_id if one.from_id == key else one.from_id
            if end not in regions:
                raise _BadTaskError(f"the tie from {one.from_id!r} to {one.to_id!r} leads to no region")
            yield end


def _places(text: str) -> dict[int, int]:
    """Places in UTF-16 units, as JavaScript counts, to places in code points."""
    places, units = {}, 0
    for place, character in enumerate(text):
        places[units] = place
        units += len(character.encode("utf-16-le")) // 2
    return {**places, units: len(text)}


def _judged(report: Report, drawn: Sequence[Drawn], coder: str, on: date, atlas: Atlas | None) -> Iterator[Correction]:
    """A verdict on everything in every sentence of an article."""
    for sentence in report.sentences:
        machine = [event for event in report.events if event.sentence == sentence.index]
        plain = Correction(report.article.id, sentence.index, sentence.span, "none", coder, on)
        here = [one for one in drawn if sentence.span.covers(one.trigger)]
        yield from _sentence(report, plain, here, machine, atlas)


def _sentence(
    report: Report, plain: Correction, here: Sequence[Drawn], machine: Sequence[Event], atlas: Atlas | None
) -> Iterator[Correction]:
    left = list(machine)
    for one in here:
        like = next((event for event in left if (event.trigger, event.event) == (one.trigger, one.event)), None)
        like = like or next((event for event in left if event.trigger == one.trigger), None)
        if like is not None:
            left.remove(like)
        yield _correction(report, plain, one, like, atlas)
    for event in left:
        yield msgspec.structs.replace(plain, verdict="wrong", event_id=event.id)
    if not here and not machine:
        yield plain


def _correction(report: Report, plain: Correction, one: Drawn, like: Event | None, atlas: Atlas | None) -> Correction:
    """What was drawn, with what can't be drawn (modes, contexts, date, place) from the machine's event of that type."""
    actors = _parties(report, one.actors, like.actors if like else (), atlas)
    recipients = _parties(report, one.recipients, like.recipients if like else (), atlas)
    same_type = like is not None and like.event == one.event
    made = msgspec.structs.replace(
        plain, verdict="missing", event=one.event, status=one.status, actors=actors, recipients=recipients,
        trigger=one.trigger, cameo=cameo(one.event), date=(report.article.published or "")[:10] or None,
    )  # fmt: skip
    if like is None:
        return made
    sides = ({entity.id for entity in actors}, {entity.id for entity in recipients})
    same_parties = sides == (set(like.actors), set(like.recipients))
    right = same_type and same_parties and like.status == one.status
    return msgspec.structs.replace(
        made, verdict="right" if right else "changed", event_id=like.id, date=like.date,
        place=like.place.name if like.place else None, contexts=like.contexts,
        modes=like.modes if same_type else (), cameo=like.cameo if same_type else cameo(one.event),
    )  # fmt: skip


def _parties(report: Report, spans: Sequence[Span], usual: Sequence[str], atlas: Atlas | None) -> tuple[Entity, ...]:
    """Whom regions name: the mention there, the machine's party where several stand there; else by words."""
    known = {entity.id: entity for entity in report.entities}
    mentioned = {mention.entity_id for mention in report.mentions}
    found = {key: known[key] for key in usual if key in known and key not in mentioned}
    for span in spans:
        ids = [one.entity_id for one in report.mentions if one.span == span and one.entity_id]
        for key in [one for one in ids if one in usual] or ids[:1]:
            found[key] = known[key]
        if not ids:
            entity = find_entity(report, span.of(report.article.text), None, atlas)
            found[entity.id] = entity
    order = [*usual, *found]
    return tuple(found[key] for key in dict.fromkeys(order) if key in found)
