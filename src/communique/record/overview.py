"""What is in a record, at a glance."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from communique.record.store import Record

#: Days that count as lately, up to the newest article's.
LATELY = 30


class Totals(msgspec.Struct, frozen=True):
    """How much there is. ``first`` and ``last`` are days of articles; "now" in a record is ``last``."""

    articles: int
    events: int
    statements: int
    states: int
    publishers: int
    problems: int
    first: date | None
    last: date | None

    @property
    def lately(self) -> tuple[date, date] | None:
        """The first and the last day of what counts as lately."""
        return (self.last - timedelta(days=LATELY - 1), self.last) if self.last else None


class Course(msgspec.Struct, frozen=True):
    """What was done on a day, by quad class."""

    day: date
    verbal_cooperation: int
    material_cooperation: int
    verbal_conflict: int
    material_conflict: int


class Reported(msgspec.Struct, frozen=True):
    """An event, and in how many articles just this stands."""

    event_id: str
    articles: int


TOTALS = """
SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM events), (SELECT count(*) FROM statements),
    (SELECT count(DISTINCT id) FROM entities WHERE kind = 'state'), (SELECT count(DISTINCT publisher) FROM articles),
    (SELECT count(*) FROM problems), (SELECT min(day) FROM articles), (SELECT max(day) FROM articles)
"""
COURSES = """
SELECT day, {counts} FROM events_now WHERE status = 'asserted' AND day BETWEEN $1 AND $2 GROUP BY day ORDER BY day
"""
LARGEST = """
SELECT min(id), count(DISTINCT article_id) AS articles
FROM events_now WHERE status = 'asserted' AND day BETWEEN $1 AND $2 AND len(actors) > 0 AND len(recipients) > 0
GROUP BY event, day, actors, recipients ORDER BY articles DESC, max(abs(score)) DESC, min(id) LIMIT $3
"""


def totals(record: Record) -> Totals:
    """Return how much there is.

    >>> from communique.record import Record
    >>> with Record.open(":memory:") as record:
    ...     totals(record).articles, totals(record).lately
    (0, None)
    """
    return Totals(*next(record.answer_sql(TOTALS).rows))


def courses(record: Record, first: date, last: date) -> tuple[Course, ...]:
    """Return what was asserted to be done on each day from ``first`` to ``last`` that has any event."""
    fields = [name for name in Course.__struct_fields__ if name != "day"]
    counted = ", ".join(f"count(*) FILTER (quad = '{name.replace('_', ' ')}')" for name in fields)
    return tuple(Course(*row) for row in record.answer_sql(COURSES.format(counts=counted), (first, last)).rows)


def largest(record: Record, first: date, last: date, limit: int) -> tuple[Reported, ...]:
    """Return the asserted events of these days that most articles tell; among equals those with the largest scores."""
    return tuple(Reported(*row) for row in record.answer_sql(LARGEST, (first, last, limit)).rows)
