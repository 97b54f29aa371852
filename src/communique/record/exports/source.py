"""What the event formats are made of: events with their parties in full, reports of one event laid together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from communique.model import Place, content_id
from communique.record.days import day_of
from communique.record.occurrences import Report, occurrences
from communique.record.queries import Asked
from communique.record.rows import PLACES

if TYPE_CHECKING:
    from communique.record.store import Record

#: Statuses that formats without a column for it hold: what is said to have happened.
HAPPENED = ("asserted",)


class Party(msgspec.Struct, frozen=True):
    """An actor or recipient as at the article's date."""

    id: str
    name: str
    kind: str
    country: str | None
    sectors: tuple[str, ...]


class Source(msgspec.Struct, frozen=True):
    """An article that reports an event."""

    article_id: str
    url: str | None
    publisher: str | None
    published: str | None
    title: str | None
    language: str | None


class Coding(msgspec.Struct, frozen=True):
    """One event, or one occurrence: then ``sources`` has every article that reports it, the earliest first."""

    id: str
    day: date | None
    event: str
    modes: tuple[str, ...]
    contexts: tuple[str, ...]
    cameo: str
    score: float
    quad: str
    actors: tuple[Party, ...]
    recipients: tuple[Party, ...]
    status: str
    place: str | None
    located: Place | None
    sentence: int
    text: str
    trigger: str
    confidence: float
    why: str
    run: str
    version: str
    sources: tuple[Source, ...]
    reports: int = 1
    story: tuple[Party, ...] = ()


class Pair(msgspec.Struct, frozen=True):
    """One actor and one recipient of an event; ``id`` is unique even where an event has several pairs."""

    id: str
    coding: Coding
    actor: Party | None
    recipient: Party | None


CODINGS = """
WITH casts AS (
    SELECT article_id, map_from_entries(list(
        (id, struct_pack(name := name, kind := kind, country := country, sectors := sectors)) ORDER BY id
    )) AS who
    FROM entities GROUP BY article_id
)
SELECT
    e.*, runs.version, {story} AS story,
    list_transform(e.actors, lambda one: casts.who[one]) AS actor_casts,
    list_transform(e.recipients, lambda one: casts.who[one]) AS recipient_casts,
    a.url, a.publisher, a.published, a.title, a.language
FROM ({question}) e JOIN articles a ON a.id = e.article_id LEFT JOIN casts ON casts.article_id = e.article_id
LEFT JOIN runs ON runs.id = e.run
ORDER BY e.day NULLS LAST, a.published NULLS LAST, e.article_id, e.trigger_start, e.id
"""
#: Everybody in the article, for formats that say so; looked up only then.
STORY, NO_STORY = "map_values(casts.who)", "[]"


def codings(record: Record, asked: Asked, *, count_once: bool = False, story: bool = False) -> Iterator[Coding]:
    """Yield the events that are asked for, oldest first; with ``count_once`` each occurrence as its first report.

    ``story`` fills in everybody in the article. Unless a status is asked for, only what is said to have happened:
    most formats can't say otherwise.
    """
    if not asked.get("status"):
        asked = {**asked, "status": HAPPENED}
    made = record.events_question(asked)
    answer = record.answer_sql(CODINGS.format(question=made.sql, story=STORY if story else NO_STORY), made.values)
    found = (_coding(dict(zip(answer.columns, row, strict=True))) for row in answer.rows)
    return iter(_once(list(found))) if count_once else found


def _coding(row: dict[str, Any]) -> Coding:
    source = Source(row["article_id"], row["url"], row["publisher"], row["published"], row["title"], row["language"])
    return Coding(
        id=row["id"], day=day_of(row["date"]), event=row["event"], modes=tuple(row["modes"]),
        contexts=tuple(row["contexts"]), cameo=row["cameo"], score=row["score"], quad=row["quad"],
        actors=_parties(row, "actor"), recipients=_parties(row, "recipient"), status=row["status"], place=row["place"],
        located=_located(row),
        sentence=row["sentence"], text=row["sentence_text"] or row["trigger_words"],
        trigger=row["trigger_words"], confidence=row["confidence"],
        why=row["why"], run=row["run"], version=row["version"] or "", sources=(source,),
        story=tuple(Party("", one["name"], one["kind"], one["country"], tuple(one["sectors"])) for one in row["story"]),
    )  # fmt: skip


def _located(row: dict[str, Any]) -> Place | None:
    """Where the place lies; None where nobody could tell."""
    fields = {field: row[column] for column, field in PLACES.items() if row[column] is not None}
    return Place(**fields) if row["place_resolution"] is not None else None


def _parties(row: dict[str, Any], side: str) -> tuple[Party, ...]:
    lists = (row[f"{side}s"], row[f"{side}_names"], row[f"{side}_countries"], row[f"{side}_casts"])
    return tuple(
        Party(key, name or key, (cast or {}).get("kind", ""), country, tuple((cast or {}).get("sectors", ())))
        for key, name, country, cast in zip(*lists, strict=True)
    )


def _once(found: Sequence[Coding]) -> list[Coding]:
    """Each occurrence as its first report, with the sources of all."""
    reports = (
        Report(one.id, one.event, one.status, _ids(one.actors), _ids(one.recipients), one.day, one.place)
        for one in found
    )
    tied = occurrences(reports)
    groups: dict[str, list[Coding]] = {}
    for coding in found:
        groups.setdefault(tied[coding.id], []).append(coding)
    placed_groups = ((key, group, next((one for one in group if one.place), group[0])) for key, group in groups.items())
    return [
        msgspec.structs.replace(
            group[0], id=key, sources=_sources(group), reports=len(group),
            place=placed.place, located=placed.located,
        )
        for key, group, placed in placed_groups
    ]  # fmt: skip


def _ids(parties: Iterable[Party]) -> tuple[str, ...]:
    return tuple(party.id for party in parties)


def _sources(group: Iterable[Coding]) -> tuple[Source, ...]:
    return tuple({source.article_id: source for coding in group for source in coding.sources}.values())


def pairs(found: Iterable[Coding], *, both: bool) -> Iterator[Pair]:
    """Yield each actor with each recipient; where nobody is recipient (a meeting), each actor with each other.

    ``both`` leaves out what has one side only.
    """
    for coding in found:
        dyads: list[tuple[Party | None, Party | None]] = [(a, r) for a in coding.actors for r in coding.recipients]
        if not coding.recipients and len(coding.actors) > 1:
            dyads = [(a, r) for a in coding.actors for r in coding.actors if a.id != r.id]
        if not dyads and not both:
            dyads = [(one, None) for one in coding.actors] or [(None, one) for one in coding.recipients]
        for actor, recipient in dyads:
            sides = (actor.id if actor else "", recipient.id if recipient else "")
            yield Pair(content_id("pair", coding.id, *sides), coding, actor, recipient)
