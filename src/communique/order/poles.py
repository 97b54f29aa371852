"""Polarity: how many poles the world has, how heavy and how far apart they are, who leads them and who changed sides.

References:

1. Laakso, M. & Taagepera, R. (1979). "Effective" number of parties: A measure with application to West Europe.
   Comparative Political Studies 12(1), 3-27.
2. Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54(5), 761-762.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from communique.order.blocs import LEAST_EVENTS, RUNS, SEED, Partition, partitions
from communique.order.tables import SCALE, Array, Period, Table, as_kind

#: Words for effective numbers of poles; halfway between whole numbers, by convention.
WORDS = ((1.5, "unipolar"), (2.5, "bipolar"), (float("inf"), "multipolar"))
#: Share of two blocs' weight that must be common for the later to be the earlier one gone on.
SAME_POLE = 0.3
#: Membership that a state must have in the pole it left and in the one it joined; with less, worlds without a switch
#: show some.
SURE = 0.75
#: Leaders that a row names, from the heaviest pole down.
LEADERS = 5


@dataclass(frozen=True, eq=False)
class Poles:
    """The poles of one period: ``pole`` has each state's, by a number that goes on over time; ``share`` each state's
    weight.
    """

    found: Partition
    pole: Array
    share: Array
    numbers: tuple[int, ...]
    weights: Array
    leaders: tuple[str, ...]


def follow(found: Sequence[Partition], capability: Mapping[str, float] | None = None) -> list[Poles]:
    """Return the poles of each period, numbered so that a pole that goes on keeps its number.

    Blocs of two periods are the same pole where they share most of their weight (the sum of the lesser shares over that
    of the greater ones, at least ``SAME_POLE``), the best matches first.
    """
    result: list[Poles] = []
    following, before = 1, dict[int, dict[str, float]]()
    for each in found:
        share = _shares(each, capability)
        blocs = [int(number) for number in np.unique(each.bloc[each.bloc >= 0])]
        inside = {
            number: {each.ties.states[i]: float(share[i]) for i in np.flatnonzero(each.bloc == number)}
            for number in blocs
        }
        named = _matched(inside, before)
        for number in sorted(blocs, key=lambda number: -sum(inside[number].values())):
            if number not in named:
                named[number], following = following, following + 1
        pole = np.array([named[int(number)] if number >= 0 else 0 for number in each.bloc], np.int64)
        order = sorted(blocs, key=lambda number: (-sum(inside[number].values()), number))
        weights = np.array([sum(inside[number].values()) for number in order])
        leaders = tuple(_leader(each, number, share) for number in order)
        result.append(Poles(each, pole, share, tuple(named[number] for number in order), weights, leaders))
        before = {**before, **{named[number]: inside[number] for number in blocs}}
    return result


def _shares(found: Partition, capability: Mapping[str, float] | None) -> Array:
    """Each state's share of all ties' strength, friendly and hostile, or of capability; 0 for those without a bloc."""
    if capability is None:
        value = np.abs(found.ties.net).sum(1)
    else:
        value = np.array([max(float(capability.get(name, 0.0)), 0.0) for name in found.ties.states])
    value = np.where(found.bloc >= 0, value, 0.0)
    whole = float(value.sum())
    return value / whole if whole > 0 else value


def _matched(inside: Mapping[int, Mapping[str, float]], before: Mapping[int, Mapping[str, float]]) -> dict[int, int]:
    likeness = []
    for number, now in inside.items():
        for pole, then in before.items():
            names = now.keys() | then.keys()
            most = sum(max(now.get(name, 0.0), then.get(name, 0.0)) for name in names)
            least = sum(min(now.get(name, 0.0), then.get(name, 0.0)) for name in names)
            if most > 0 and least / most >= SAME_POLE:
                likeness.append((-least / most, number, pole))
    named: dict[int, int] = {}
    for _, number, pole in sorted(likeness):
        if number not in named and pole not in named.values():
            named[number] = pole
    return named


def _leader(found: Partition, number: int, share: Array) -> str:
    """The state with the most friendly ties inside its bloc, over which the others hang on it; by itself its only
    one.
    """
    own = np.flatnonzero(found.bloc == number)
    inside = np.maximum(found.ties.net[np.ix_(own, own)], 0.0).sum(1)
    best = max(range(len(own)), key=lambda i: (float(inside[i]), float(share[own[i]])))
    return found.ties.states[int(own[best])]


def effective_number(shares: Array) -> float:
    """Return the effective number of parts, 1 / sum of squared shares [1], the inverse of Hirschman's concentration
    [2].

    >>> effective_number(np.array([0.5, 0.5])), round(effective_number(np.array([0.9, 0.1])), 2)
    (2.0, 1.22)
    """
    squares = float((np.asarray(shares) ** 2).sum())
    return 1.0 / squares if squares > 0 else 0.0


def poles(
    events: Table,
    *,
    period: Period = "year",
    half_life: float | None = None,
    capability: Mapping[str, float] | None = None,
    runs: int = RUNS,
    least: float = LEAST_EVENTS,
    seed: int = SEED,
) -> Table:
    """Return the polarity of each period.

    A state weighs what its ties, friendly and hostile, add up to, or what ``capability`` gives it; a pole, what its
    states weigh. Columns: ``period``; ``poles``, the effective number of them [1], and ``word`` for it; ``largest``,
    the heaviest pole's share; ``states``, the effective number of states; ``distance``, the mean score of an event
    within poles minus that of one between them, in points of the scale, empty where there is one pole; ``modularity``,
    ``chance`` and ``stability`` as in ``blocs``; ``leaders``, of the heaviest poles first. A period in which no state
    has ``least`` events has 0 poles.

    >>> import pyarrow as pa
    >>> pairs = [("USA", "GBR", 5), ("USA", "RUS", -5), ("GBR", "RUS", -5), ("RUS", "BLR", 5), ("USA", "BLR", -5),
    ...          ("GBR", "BLR", -5)]
    >>> events = pa.table({"date": ["2014-03-01"] * 60, "actor": [p[0] for p in pairs] * 10,
    ...                    "recipient": [p[1] for p in pairs] * 10, "score": [float(p[2]) for p in pairs] * 10})
    >>> row = poles(events).to_pylist()[0]
    >>> row["poles"], row["word"], row["distance"]
    (2.0, 'bipolar', 10.0)
    """
    import pyarrow as pa

    found = partitions(events, period=period, half_life=half_life, runs=runs, least=least, seed=seed)
    kinds = {"period": pa.date32(), "poles": pa.float64(), "word": pa.string(), "largest": pa.float64(),
             "states": pa.float64(), "distance": pa.float64(), "modularity": pa.float64(), "chance": pa.float64(),
             "stability": pa.float64(), "leaders": pa.list_(pa.string())}  # fmt: skip
    rows = [_row(each) for each in follow(found, capability)]
    return as_kind(_columns(kinds, rows), events)


def _columns(kinds: Mapping[str, Any], rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    return {name: pa.array(column, kind) for (name, kind), column in zip(kinds.items(), columns, strict=True)}


def word_for(number: float) -> str:
    """Return the word for an effective number of poles.

    >>> word_for(1.9)
    'bipolar'
    """
    return next(word for most, word in WORDS if number < most) if number > 0 else "no poles"


def _row(each: Poles) -> tuple[Any, ...]:
    found = each.found
    number = effective_number(each.weights)
    return (found.ties.period.item(), number, word_for(number), float(each.weights.max(initial=0.0)),
            effective_number(each.share), _distance(found), found.modularity, found.chance, found.stability,
            list(each.leaders[:LEADERS]))  # fmt: skip


def _distance(found: Partition) -> float | None:
    known = found.bloc >= 0
    same = (found.bloc[:, None] == found.bloc[None, :]) & known[:, None]
    apart = known[:, None] & known[None, :] & ~same
    means = []
    for chosen in (same, apart):
        events = float(found.ties.weight[chosen].sum())
        if events <= 0:
            return None
        means.append(float(found.ties.net[chosen].sum()) / events * SCALE)
    return means[0] - means[1]


def leaders(
    events: Table,
    *,
    period: Period = "year",
    half_life: float | None = None,
    capability: Mapping[str, float] | None = None,
    runs: int = RUNS,
    least: float = LEAST_EVENTS,
    seed: int = SEED,
) -> Table:
    """Return each pole of each period, heaviest first: its number (which stays over time), leader, weight and members.

    Columns: ``period``, ``pole``, ``leader`` (the state with the most friendly ties inside), ``share``, ``members`` (a
    list, heaviest first).

    >>> import pyarrow as pa
    >>> events = pa.table({"date": ["2014-03-01"] * 9, "actor": ["USA"] * 9, "recipient": ["GBR", "FRA", "DEU"] * 3,
    ...                    "score": [5.0] * 9})
    >>> leaders(events, least=3).to_pylist()[0]["leader"]
    'USA'
    """
    import pyarrow as pa

    found = partitions(events, period=period, half_life=half_life, runs=runs, least=least, seed=seed)
    kinds = {"period": pa.date32(), "pole": pa.int64(), "leader": pa.string(), "share": pa.float64(),
             "members": pa.list_(pa.string())}  # fmt: skip
    rows = []
    for each in follow(found, capability):
        for number, weight, leader in zip(each.numbers, each.weights, each.leaders, strict=True):
            own = np.flatnonzero(each.pole == number)
            members = [each.found.ties.states[i] for i in own[np.argsort(-each.share[own], kind="stable")]]
            rows.append((each.found.ties.period.item(), number, leader, float(weight), members))
    return as_kind(_columns(kinds, rows), events)


def switches(
    events: Table,
    *,
    period: Period = "year",
    half_life: float | None = None,
    capability: Mapping[str, float] | None = None,
    sure: float = SURE,
    runs: int = RUNS,
    least: float = LEAST_EVENTS,
    seed: int = SEED,
) -> Table:
    """Return the states that left one pole for another: by how much, when, and whom they left for whom.

    A state counts where its membership was at least ``sure`` both when it was last seen in its old pole and now.
    Columns: ``period``, ``state``, ``left`` and ``joined`` (numbers of poles), ``left_leader``, ``joined_leader``,
    ``membership``.

    >>> import pyarrow as pa
    >>> def world(year, side):
    ...     blocs = [["USA", "GBR", "FRA"] + ["UKR"] * (side == 0), ["RUS", "BLR", "KAZ"] + ["UKR"] * (side == 1)]
    ...     return [(f"{year}-01-01", a, b, 6.0 if (a in blocs[0]) == (b in blocs[0]) else -6.0)
    ...             for a in blocs[0] + blocs[1] for b in blocs[0] + blocs[1] if a < b for _ in range(9)]
    >>> rows = world(2013, 1) + world(2014, 0)
    >>> events = pa.table(dict(zip(("date", "actor", "recipient", "score"), map(list, zip(*rows)))))
    >>> [(str(row["period"]), row["state"]) for row in switches(events).to_pylist()]
    [('2014-01-01', 'UKR')]
    """
    import pyarrow as pa

    found = partitions(events, period=period, half_life=half_life, runs=runs, least=least, seed=seed)
    kinds = {"period": pa.date32(), "state": pa.string(), "left": pa.int64(), "joined": pa.int64(),
             "left_leader": pa.string(), "joined_leader": pa.string(), "membership": pa.float64()}  # fmt: skip
    rows, last = [], dict[str, tuple[int, str]]()
    for each in follow(found, capability):
        led = dict(zip(each.numbers, each.leaders, strict=True))
        for index in np.flatnonzero((each.pole > 0) & (np.nan_to_num(each.found.membership) >= sure)):
            state, now = each.found.ties.states[index], int(each.pole[index])
            if state in last and last[state][0] != now:
                rows.append((each.found.ties.period.item(), state, last[state][0], now, last[state][1], led[now],
                             float(each.found.membership[index])))  # fmt: skip
            last[state] = (now, led[now])
    return as_kind(_columns(kinds, rows), events)
