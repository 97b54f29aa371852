"""How many rows there are for each value that a filter can have, beside the other filters: what a reader can choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from communique.record.queries import ARTICLE_OF, Asked, Filters, Kind, Question, conditions_of, table_of

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

    def value(self, column: str) -> str:
        """Return SQL for the values in a column."""
        return f"unnest({column}) AS value" if self.is_list else f"{column} AS value"


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
    corrected = record.is_corrected(kind)
    asked_for = count_question(kind, record.filters(kind, asked), corrected=corrected)
    found: dict[str, list[tuple[str, int]]] = {}
    for name, value, count in record.answer_sql(asked_for.sql, asked_for.values).rows:
        found.setdefault(name, []).append((value, count))
    facets = tuple(Facet(column.name, tuple(found.get(column.name, ()))) for column in FACETS[kind])
    return Counted(found["total"][0][1], facets)


def count_question(kind: Kind, filters: Filters, *, corrected: bool = False) -> Question:
    """Return the question for rows (facet, value, count), and one of the total.

    1. find the rows that pass all filters, once, for the facets that are not set;
    2. a facet that is set counts the rows that pass all filters but its own;
    3. of each facet keep the most frequent values.
    """
    filters = msgspec.structs.replace(filters, limit=None, offset=0)
    everything = conditions_of(kind, filters)
    columns = ", ".join(f"{facet.sql} AS {facet.name}" for facet in FACETS[kind])
    base = f"SELECT {columns} FROM {table_of(kind, corrected)} AS e{ARTICLE_OF}{everything.where}"
    parts = ["SELECT 'total' AS facet, NULL AS value, count(*) AS n FROM base"]
    for facet in FACETS[kind]:
        if getattr(filters, facet.name):
            others = conditions_of(kind, _without(filters, facet.name), into=everything.beside())
            joined = ARTICLE_OF if facet.sql.startswith("a.") else ""
            rows = f"SELECT {facet.value(facet.sql)} FROM {table_of(kind, corrected)} AS e{joined}{others.where}"
        else:
            rows = f"SELECT {facet.value(facet.name)} FROM base"
        parts.append(
            f"(SELECT '{facet.name}', value, count(*) AS n FROM ({rows}) WHERE value IS NOT NULL "
            f"GROUP BY value ORDER BY n DESC, value LIMIT {MOST_VALUES})"
        )
    return Question(f"WITH base AS MATERIALIZED ({base}) {' UNION ALL '.join(parts)}", tuple(everything.values))


def _without(filters: Filters, name: str) -> Filters:
    empty = () if isinstance(getattr(filters, name), tuple) else None
    return msgspec.structs.replace(filters, **{name: empty})
