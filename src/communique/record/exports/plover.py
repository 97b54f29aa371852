"""PLOVER's own form: one JSON object a line, with the fields of the PLOVER manual (draft 2.0)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from communique.model import Place
from communique.record.exports.source import Coding, Party

CODER = "Communiqué"


class Who(msgspec.Struct, frozen=True):
    """PLOVER's entity."""

    code: str
    sector: tuple[str, ...]
    entity_text: str
    identifier_id: str
    identifier_text: str
    religion: str | None = None
    ethnicity: str | None = None
    office: str | None = None
    gender: str | None = None
    age: int | None = None


class Where(msgspec.Struct, frozen=True, omit_defaults=True):
    """PLOVER's location, as far as it is known."""

    extracted_place: str
    resolved_place: str | None = None
    geonameid: int | None = None
    lat: float | None = None
    lon: float | None = None
    city: str | None = None
    province: str | None = None
    country_code: str | None = None


class Size(msgspec.Struct, frozen=True):
    """How many were harmed; not counted yet."""

    dead: int | None = None
    injured: int | None = None
    arrested: int | None = None


class Cite(msgspec.Struct, frozen=True):
    """Where the report stands."""

    article_id: str
    title: str | None
    publisher: str | None
    published: str | None


class Row(msgspec.Struct, frozen=True):
    """PLOVER's record; ``status``, ``cameo``, ``why``, ``confidence`` and ``reports`` are ours."""

    id: str
    date: str | None
    time: str | None
    enddate: str | None
    endtime: str | None
    actor: tuple[Who, ...]
    recipient: tuple[Who, ...]
    event: tuple[str, ...]
    event_loc: Where | None
    event_text: str
    quad_code: str
    event_scale: float
    mode: tuple[str, ...]
    context: tuple[str, ...]
    link: tuple[str, ...]
    text: str
    text_info: str
    cite_info: tuple[Cite, ...]
    size: Size
    comment: str
    coder: str
    coded_date: str | None
    coded_time: str | None
    status: str
    cameo: str
    why: str
    confidence: float
    reports: int


def lines(found: Iterable[Coding]) -> Iterator[bytes]:
    """Yield each event, or occurrence, as a line."""
    for coding in found:
        yield msgspec.json.encode(_row(coding)) + b"\n"


def _row(coding: Coding) -> Row:
    return Row(
        id=coding.id,
        date=coding.day.isoformat() if coding.day else None,
        time=None,
        enddate=None,
        endtime=None,
        actor=tuple(_who(party) for party in coding.actors),
        recipient=tuple(_who(party) for party in coding.recipients),
        event=(coding.event,),
        event_loc=_where(coding.place, coding.located) if coding.place else None,
        event_text=coding.trigger,
        quad_code=coding.quad,
        event_scale=coding.score,
        mode=coding.modes,
        context=coding.contexts,
        link=tuple(source.url for source in coding.sources if source.url),
        text=coding.text,
        text_info=f"sentence {coding.sentence + 1}",
        cite_info=tuple(Cite(one.article_id, one.title, one.publisher, one.published) for one in coding.sources),
        size=Size(),
        comment="",
        coder=f"{CODER} {coding.version}".strip(),
        coded_date=None,
        coded_time=None,
        status=coding.status,
        cameo=coding.cameo,
        why=coding.why,
        confidence=coding.confidence,
        reports=coding.reports,
    )


def _where(name: str, place: Place | None) -> Where:
    if place is None or place.resolution == "none":
        return Where(name)
    city = place.name if place.resolution == "city" else None
    return Where(
        name, place.name, place.geonameid, place.latitude, place.longitude, city, place.province, place.country
    )


def _who(party: Party) -> Who:
    return Who(party.country or "", party.sectors, party.name, party.id, party.name)
