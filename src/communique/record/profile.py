"""What a record knows of one entity: what it did and had done to it, and with whom it is close or at odds."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

import msgspec

from communique.record.queries import Asked, Conditions, conditions_of, table_of

if TYPE_CHECKING:
    from communique.record.store import Record

#: Neutral events that are mixed into a partner's mean score, so that one meeting makes no friend: as many as
#: ``order`` asks for before a period counts as told.
PRIOR_EVENTS = 10


class Known(msgspec.Struct, frozen=True):
    """Who it is, by the articles that name it: name, kind and country as most of them have it."""

    id: str
    name: str
    kind: str
    country: str | None
    sectors: tuple[str, ...]
    articles: int
    first: date | None
    last: date | None


class Deeds(msgspec.Struct, frozen=True):
    """How many events of a type it did, and had done to it."""

    event: str
    quad: str
    did: int
    undergone: int


class Partner(msgspec.Struct, frozen=True):
    """A state in its asserted events; ``closeness`` is their mean score, ten neutral ones mixed in."""

    country: str
    events: int
    closeness: float


class Profile(msgspec.Struct, frozen=True):
    """What it did, most frequent first, and its partners, closest first."""

    deeds: tuple[Deeds, ...]
    partners: tuple[Partner, ...]


KNOWN = """
SELECT e.id, mode(e.name), mode(e.kind), mode(e.country), mode(e.sectors), count(*), min(a.day), max(a.day)
FROM entities e LEFT JOIN articles a ON a.id = e.article_id WHERE e.id = $1 GROUP BY e.id
"""
PROFILE = """
WITH own AS MATERIALIZED (
    SELECT event, quad, score, status, {did} AS did, {undergone} AS undergone,
        list_distinct(list_concat(actor_countries, recipient_countries)) AS countries
    FROM {table} AS e WHERE {either}
), others AS (SELECT score, unnest(countries) AS country FROM own WHERE status = 'asserted')
SELECT 'deeds', event, any_value(quad), count(*) FILTER (did), count(*) FILTER (undergone), NULL FROM own GROUP BY event
UNION ALL
SELECT 'partner', country, NULL, count(*), NULL, sum(score) / (count(*) + {prior}) FROM others
WHERE country IS NOT NULL AND country IS DISTINCT FROM {home} GROUP BY country
"""
PEOPLE = """
SELECT id, mode(name), mode(kind), count(*) AS articles FROM entities
WHERE country = $1 AND id != $1 AND NOT starts_with(id, 'nom:') GROUP BY id ORDER BY articles DESC, id LIMIT $2
"""


def known(record: Record, entity_id: str) -> Known | None:
    """Return who an entity is, None where no article names it.

    >>> from communique.record import Record
    >>> with Record.open(":memory:") as record:
    ...     known(record, "RUS") is None
    True
    """
    row = next(record.answer_sql(KNOWN, (entity_id,)).rows, None)
    return None if row is None else msgspec.convert(dict(zip(Known.__struct_fields__, row, strict=True)), Known)


def profile(record: Record, entity_id: str, country: str | None) -> Profile:
    """Return what an entity did and with whom; a state stands for all its people and bodies."""
    conditions = Conditions()
    did = _is(record, entity_id, "actor", conditions)
    undergone = _is(record, entity_id, "recipient", conditions)
    home = conditions.value(country)
    table = table_of("events", record.is_corrected("events"))
    sql = PROFILE.format(
        did=did, undergone=undergone, either=f"({did} OR {undergone})", home=home, prior=PRIOR_EVENTS, table=table
    )
    deeds: list[Deeds] = []
    partners: list[Partner] = []
    for kind, name, quad, count, other, mean in record.answer_sql(sql, conditions.values).rows:
        if kind == "deeds":
            deeds.append(Deeds(name, quad, count, other))
        else:
            partners.append(Partner(name, count, mean))
    deeds.sort(key=lambda one: (-one.did - one.undergone, one.event))
    partners.sort(key=lambda one: (-one.closeness, one.country))
    return Profile(tuple(deeds), tuple(partners))


def _is(record: Record, entity_id: str, side: Literal["actor", "recipient"], conditions: Conditions) -> str:
    """The condition that an entity is on a side, its values among those of ``conditions``."""
    asked: Asked = {"actor": entity_id} if side == "actor" else {"recipient": entity_id}
    own = conditions_of("events", record.filters("events", asked), conditions.beside())
    return f"({' AND '.join(own.parts)})"


def people(record: Record, country: str, limit: int) -> tuple[tuple[str, str, str, int], ...]:
    """Return the people and bodies of a state that most articles name: id, name, kind, articles."""
    return tuple(record.answer_sql(PEOPLE, (country, limit)).rows)
