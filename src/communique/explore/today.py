"""Today: what is in the record, what moved, what was said last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from communique.explore.page import Page, View, table
from communique.explore.wording import state_names
from communique.order import dyads
from communique.record import Record
from communique.record.lines import event_lines, statement_lines
from communique.record.overview import LATELY, Course, Totals, courses, largest, totals

#: Rows of each list.
SHOWN = 8
#: Columns of the picture of the course; a day, a week, a month or a year each, whatever fits.
MOST_BARS = 130
#: A pair with fewer events in both spans together is not said to have moved.
FEWEST_EVENTS = 6
#: Width of a bar and height of each half of the picture, in its own units.
BAR, HALF = 8, 60


class Moved(msgspec.Struct, frozen=True):
    """How the tension of two states changed from the span before lately to lately; from 0 to 1, as of ``order``."""

    a: str
    b: str
    a_name: str
    b_name: str
    before: float
    now: float
    events: int

    @property
    def change(self) -> float:
        """How much more tense: from -1 to 1."""
        return self.now - self.before


class Bar(msgspec.Struct, frozen=True):
    """A period in the picture: heights above the line (cooperation) and below it (conflict), words and material."""

    start: date
    until: date
    counts: tuple[int, int, int, int]
    x: int
    heights: tuple[float, float, float, float]


def page(view: View) -> Page:
    """Return the first page."""
    found = view.remembered("today", lambda: _today(view.record), always=True)
    return Page(
        "today.html",
        "Today",
        found,
        {
            "events": lambda: view.record.answer("events", {"limit": SHOWN}),
            "statements": lambda: view.record.answer("statements", {"limit": SHOWN}),
            "moved": table(
                (*Moved.__struct_fields__, "change"),
                [(*msgspec.structs.astuple(one), one.change) for one in found["moved"]],
            ),
            "totals": table(Totals.__struct_fields__, [msgspec.structs.astuple(found["totals"])]),
        },
    )


def _today(record: Record) -> dict[str, Any]:
    counted = totals(record)
    bars: Sequence[Bar] = ()
    top: list[tuple[Any, int]] = []
    moved: Sequence[Moved] = ()
    if counted.first and counted.last and counted.lately:
        bars = _bars(courses(record, counted.first, counted.last), counted.first, counted.last)
        top = _largest(record, *counted.lately)
        moved = _moved(record, *counted.lately)
    return {
        "totals": counted,
        "bars": bars,
        "bar": BAR,
        "half": HALF,
        "largest": top,
        "moved": moved,
        "latest": event_lines(record, {"limit": SHOWN, "until": str(counted.last) if counted.last else None}),
        "statements": statement_lines(record, {"limit": SHOWN}),
        "lately": LATELY,
    }


def _largest(record: Record, first: date, last: date) -> list[tuple[Any, int]]:
    found = {one.event_id: one.articles for one in largest(record, first, last, SHOWN)}
    lines = {line.id: line for line in event_lines(record, {"id": [*found]})} if found else {}
    return [(lines[key], count) for key, count in found.items() if key in lines]


def _moved(record: Record, first: date, last: date) -> tuple[Moved, ...]:
    """The pairs whose tension changed most between the days lately and as many days before."""
    before = _tension(record, first - timedelta(days=LATELY), first - timedelta(days=1))
    now = _tension(record, first, last)
    names = state_names()
    found = [
        Moved(a, b, names.get(a, a), names.get(b, b), before[a, b][0], now[a, b][0], before[a, b][1] + now[a, b][1])
        for a, b in before.keys() & now.keys()
        if before[a, b][1] + now[a, b][1] >= FEWEST_EVENTS
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.change), one.a, one.b))[:SHOWN])


def _tension(record: Record, first: date, last: date) -> Mapping[tuple[str, str], tuple[float, int]]:
    events = record.pairs(since=str(first), until=str(last)).to_arrow_table()
    if not events.num_rows:
        return {}
    rows = dyads(events, period="all", directed=False).to_pylist()
    return {(row["a"], row["b"]): (row["tension"], row["events"]) for row in rows}


def _bars(days: Sequence[Course], first: date, last: date) -> list[Bar]:
    """The course of all days in as many bars as fit."""
    span = (last - first).days + 1
    width = next((days for days in (1, 7, 30, 91, 365) if span / days <= MOST_BARS), 3_652)
    counts = [[0, 0, 0, 0] for _ in range(-(-span // width))]
    for day in days:
        place = (day.day - first).days // width
        for index, count in enumerate(msgspec.structs.astuple(day)[1:]):
            counts[place][index] += count
    highest = max((max(one[0] + one[1], one[2] + one[3]) for one in counts), default=0) or 1
    return [
        Bar(
            first + timedelta(days=place * width),
            min(last, first + timedelta(days=place * width + width - 1)),
            tuple(one),  # type: ignore[arg-type]
            place * BAR,
            tuple(round(count / highest * HALF, 2) for count in one),  # type: ignore[arg-type]
        )
        for place, one in enumerate(counts)
    ]
