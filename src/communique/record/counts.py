"""How many rows there are for each value that a filter can have, beside the other filters: what a reader can choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from communique.record.queries import Asked, Conditions, Filters, Kind, Question, conditions_of, table_of

if TYPE_CHECKING:
    from communique.record.store import Record

#: Values of one filter that are counted, the most frequent first.
MOST_VALUES = 12


class Facet(msgspec.Struct, frozen=True):
    """A filter and the values that it can have, with how many rows each would leave beside the other filters."""

    name: str
    values: tuple[tuple[str, int], ...]


class Counted(msgspec.Struct, frozen=True):
    """How many rows pass all filters, and the facets."""

    total: int
    facets: tuple[Facet, ...]


class _Column(msgspec.Struct, frozen=True):
    """Where the values of a filter stand, and whether a row can have several."""

    name: str
    sql: str
    is_list: bool = False


FACETS: dict[Kind, tuple[_Column, ...]] = {
    "events": (
        _Column("event", "e.event"),
        _Column("mode", "e.modes", is_list=True),
        _Column("context", "e.contexts", is_list=True),
        _Column("status", "e.status"),
        _Column("place", "e.place"),
        _Column("publisher", "a.publisher"),
    ),
    "statements": (_Column("kind", "e.kind"), _Column("publisher", "a.publisher")),
}


def counts(record: Record, kind: Kind, asked: Asked) -> Counted:
    """Return what passes the filters of ``asked``, and the counts beside each filter; ``kind`` has facets.

    A filter's own values are counted as if it were not set, so that others can be added to it.

    >>> from communique.record import Record
    >>> with Record.open(":memory:") as record:
    ...     counts(record, "statements", {"kind": "direct"})
    Counted(total=0, facets=(Facet(name='kind', values=()), Facet(name='publisher', values=())))
    """
    corrected = kind == "events" and record.is_corrected
    asked_for = count_question(kind, record.filters(kind, asked), corrected=corrected)
    found: dict[str, list[tuple[str, int]]] = {}
    for name, value, count in record.answer_sql(asked_for.sql, asked_for.values).rows:
        found.setdefault(name, []).append((value, count))
    facets = tuple(Facet(column.name, tuple(found.get(column.name, ()))) for column in FACETS[kind])
    return Counted(found["total"][0][1], facets)


def count_question(kind: Kind, filters: Filters, *, corrected: bool = False) -> Question:
    """Return the question for rows (facet, value, count), and one of the total.

    1. rows that pass all filters without facets are chosen once, because these filters cost most;
    2. each filter with a facet becomes a column that says whether a row passes it;
    3. a facet counts the rows that pass all others.
    """
    columns = FACETS[kind]
    names = [column.name for column in columns]
    plain = msgspec.structs.replace(filters, limit=None, offset=0, **{name: _none(filters, name) for name in names})
    base = conditions_of(kind, plain)
    passes = [f"{_passes(base, kind, filters, name)} AS ok_{name}" for name in names]
    shown = [f"{column.sql} AS {column.name}" for column in columns]
    joined = " LEFT JOIN articles a ON a.id = e.article_id"
    chosen = f"SELECT {', '.join([*shown, *passes])} FROM {table_of(kind, corrected)} AS e{joined}{base.where}"
    parts = [f"SELECT 'total' AS facet, NULL AS value, count(*) AS n FROM base WHERE {_all_pass(names)}"]
    for column in columns:
        others = _all_pass([name for name in names if name != column.name])
        value = f"unnest({column.name})" if column.is_list else column.name
        counted = f"SELECT {value} AS value FROM base WHERE {others}"
        parts.append(
            f"(SELECT '{column.name}', value, count(*) AS n FROM ({counted}) WHERE value IS NOT NULL "
            f"GROUP BY value ORDER BY n DESC, value LIMIT {MOST_VALUES})"
        )
    return Question(f"WITH base AS MATERIALIZED ({chosen}) {' UNION ALL '.join(parts)}", tuple(base.values))


def _none(filters: Filters, name: str) -> tuple[str, ...] | None:
    return () if isinstance(getattr(filters, name), tuple) else None


def _passes(base: Conditions, kind: Kind, filters: Filters, name: str) -> str:
    """The condition of one filter alone, its values among those of ``base``."""
    own = conditions_of(kind, Filters(**{name: getattr(filters, name)}), into=base.beside())
    return f"({' AND '.join(own.parts)})" if own.parts else "true"


def _all_pass(names: list[str]) -> str:
    return " AND ".join(f"ok_{name}" for name in names) or "true"
