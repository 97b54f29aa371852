"""Corrections made in Label Studio: an export of its tasks (JSON) to verdicts on every sentence of their articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from communique.codebook import cameo, types
from communique.model import Entity, Event, Report, Span
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
        tasks = msgspec.json.decode(text, type=list[dict[str, Any]])
    except msgspec.DecodeError as error:
        return ReadBack((), (f"{source}: not an export of Label Studio: {error}",))
    corrections: list[Correction] = []
    problems: list[str] = []
    for count, task in enumerate(tasks, 1):
        key = str(task.get("data", {}).get("article_id"))
        report = next(record.reports([key]), None)
        if report is None:
            problems.append(f"{source}, task {count}: the record has no article {key}")
        elif annotations := task.get("annotations"):
            drawn = tuple(_drawn(annotations[-1].get("result", ()), report.article.text))
            corrections += _judged(report, drawn, coder, on, atlas)
    return ReadBack(tuple(corrections), tuple(problems))


def _drawn(results: Sequence[Mapping[str, Any]], text: str) -> Iterator[Drawn]:
    """Events among the regions; a tie may be drawn from either end."""
    places = _places(text)
    regions = {one["id"]: one["value"] for one in results if one.get("type") == "labels"}
    spans = {key: Span(places[value["start"]], places[value["end"]]) for key, value in regions.items()}
    statuses = {one["id"]: one["value"]["choices"][0] for one in results if one.get("type") == "choices"}
    names = {one.name for one in types()}
    for key, value in regions.items():
        event = next((label for label in value["labels"] if label in names), None)
        if event is not None:
            ties = {role: tuple(spans[end] for end in _tied(results, key, role)) for role in ("actor", "recipient")}
            yield Drawn(spans[key], event, statuses.get(key, ASSERTED), ties["actor"], ties["recipient"])


def _tied(results: Iterable[Mapping[str, Any]], key: str, role: str) -> Iterator[str]:
    for one in results:
        if one.get("type") == "relation" and role in (one.get("labels") or ()):
            ends = (one["from_id"], one["to_id"])
            if key in ends:
                yield ends[1] if ends[0] == key else ends[0]


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
