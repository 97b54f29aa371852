"""The order of a record, as its pages need it: computed once for a state of the record, from all asserted events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from communique.explore.page import View
from communique.order import alignment, leaders, poles
from communique.order.alignment import Measure
from communique.order.dyads import usual_conflict
from communique.order.tables import Period, code

if TYPE_CHECKING:
    import pyarrow as pa

#: With fewer days than these a year says too little of how things moved: periods are months then.
YEARS_FROM_DAYS = 540
#: States that the network shows: those with most events.
IN_NETWORK = 40
#: The measure of a network's ties, what two states do to each other, and that of the map, how alike they act.
DIRECT: Measure = "direct"
ALIKE: Measure = "blend"


class Tie(msgspec.Struct, frozen=True):
    """Two states in a period: how they act towards each other, how alike they act, and on how many events it stands."""

    a: str
    b: str
    direct: float | None
    alike: float | None
    events: float


class Pole(msgspec.Struct, frozen=True):
    """A pole of a period; its number stays the same over time. Members stand heaviest first."""

    number: int
    leader: str
    share: float
    members: tuple[str, ...]


class Time(msgspec.Struct, frozen=True):
    """A period: its effective number of poles and the word for it, the poles, and the ties."""

    start: str
    number: float
    word: str
    distance: float | None
    poles: tuple[Pole, ...]
    ties: tuple[Tie, ...]


class World(msgspec.Struct, frozen=True):
    """All periods of a record, oldest first, and its states, those with most events first."""

    period: Period
    times: tuple[Time, ...]
    states: tuple[str, ...]


def events(view: View) -> pa.Table:
    """Return the asserted events between states, as ``communique.order`` reads them."""
    return view.remembered("pairs", lambda: view.record.pairs(text=False).to_arrow_table(), always=True)


def pair_events(view: View, a: str, b: str) -> pa.Table:
    """Return the events between two states, either way."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table, both = events(view), pa.array([a, b])
    return table.filter(pc.and_(pc.is_in(table["actor"], both), pc.is_in(table["recipient"], both)))


def usual(view: View) -> float:
    """Return how hostile an event of the whole record is on average, as ``order.tension`` takes it."""
    return view.remembered("usual", lambda: usual_conflict(code(events(view))), always=True)


def world(view: View) -> World:
    """Return the order of the whole record, told by organs of states as ``communique order map`` tells it."""
    return view.remembered("world", lambda: _world(_official(view)), always=True)


def _official(view: View) -> pa.Table:
    return view.record.pairs(text=False, official=True).to_arrow_table()


def period_of(table: pa.Table) -> Period:
    """Return the length of periods that a table's time asks for."""
    import pyarrow.compute as pc

    if not table.num_rows:
        return "year"
    ends = pc.min_max(pc.cast(table.column("date"), "date32"))
    return "year" if (ends["max"].as_py() - ends["min"].as_py()).days >= YEARS_FROM_DAYS else "month"


def _world(table: pa.Table) -> World:
    period = period_of(table)
    if not table.num_rows:
        return World(period, (), ())
    ties: dict[str, list[Tie]] = {}
    for row in alignment(table, period=period, measures=(DIRECT, ALIKE)).to_pylist():
        tie = Tie(row["a"], row["b"], _known(row[DIRECT]), _known(row[ALIKE]), round(row["events"], 1))
        ties.setdefault(str(row["period"]), []).append(tie)
    sides: dict[str, list[Pole]] = {}
    for row in leaders(table, period=period).to_pylist():
        pole = Pole(row["pole"], row["leader"], round(row["share"], 3), tuple(row["members"]))
        sides.setdefault(str(row["period"]), []).append(pole)
    times = [
        Time(
            str(row["period"]), round(row["poles"], 2), row["word"], _known(row["distance"]),
            tuple(sides.get(str(row["period"]), ())), tuple(ties.get(str(row["period"]), ())),
        )
        for row in poles(table, period=period).to_pylist()
    ]  # fmt: skip
    return World(period, tuple(times), _by_events(table))


def _known(value: float | None) -> float | None:
    """A number as short as a page needs it; none where it can't be told."""
    return None if value is None or value != value else round(value, 3)


def _by_events(table: pa.Table) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for side in ("actor", "recipient"):
        for one in table.column(side).value_counts().to_pylist():
            counts[one["values"]] = counts.get(one["values"], 0) + one["counts"]
    return tuple(sorted(counts, key=lambda state: (-counts[state], state)))


def network(of: World, time: Time) -> Sequence[Tie]:
    """Return the ties among the states with most events that stand on any event of their own."""
    shown = {*of.states[:IN_NETWORK]}
    return [tie for tie in time.ties if tie.direct is not None and tie.events >= 1 and {tie.a, tie.b} <= shown]


def likeness(time: Time, state: str) -> Mapping[str, Tie]:
    """Return how alike each other state and this one act."""
    found = {tie.b if tie.a == state else tie.a: tie for tie in time.ties if state in (tie.a, tie.b)}
    return {other: tie for other, tie in found.items() if tie.alike is not None}


def plain(of: World, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what the pictures need, for all periods, as plain values with short names."""
    return {
        "period": of.period,
        "names": {state: names.get(state, state) for state in of.states},
        "times": [
            {
                "start": time.start,
                "number": time.number,
                "poles": [[pole.number, pole.leader, pole.members] for pole in time.poles],
                "ties": [[tie.a, tie.b, tie.direct, tie.events] for tie in network(of, time)],
            }
            for time in of.times
        ],
    }
