"""Pairs of states over time: what they do to each other, how tense they are, whether they answer in kind.

References:

1. Goldstein, J. S. (1992). A conflict-cooperation scale for WEIS events data. Journal of Conflict Resolution 36(2),
   369-385.
2. Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.
3. Robbins, H. (1956). An empirical Bayes approach to statistics. Proceedings of the Third Berkeley Symposium on
   Mathematical Statistics and Probability 1, 157-163.
4. Goldstein, J. S. & Freeman, J. R. (1990). Three-Way Street: Strategic Reciprocity in World Politics. University of
   Chicago Press.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from communique.errors import DataError
from communique.order.tables import (
    MATERIAL_CONFLICT,
    MATERIAL_COOPERATION,
    NEUTRAL,
    NO_TYPE,
    PERIODS,
    QUADS,
    VERBAL_CONFLICT,
    VERBAL_COOPERATION,
    Array,
    Coded,
    Period,
    Table,
    as_kind,
    code,
    names,
    starts,
)

#: Events below which a period says little: the bootstrap interval of a mean of ten PLOVER scores is some four points
#: wide.
FEW_EVENTS = 10
#: Events of the world's mean that are mixed into a pair's conflict rate; set on ICEWS 2005-2009, any of 5 to 40 ranks
#: alike.
TENSION_PRIOR = 20.0
#: A 95 % interval.
LOWER, UPPER = 2.5, 97.5
#: Most cells of a table that is counted without sorting: 64 million counters of 8 bytes.
DENSE_CELLS = 64_000_000
#: Least number of periods for which an answer at a lag is looked for.
FEWEST_PERIODS = 8
LAGS, SHUFFLES, SEED = 6, 999, 1


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells (first, second, period) that have events, and which of them each event lies in."""

    first: Array
    second: Array
    start: Array
    of_event: Array

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.first)

    def total(self, values: Array | None = None) -> Array:
        """Return the count of events in each cell, or the sum of their values."""
        if values is None:
            return np.bincount(self.of_event, minlength=len(self)).astype(np.int64)
        return np.bincount(self.of_event, weights=values, minlength=len(self))


def cells_of(coded: Coded, period: Period, *, directed: bool) -> Cells:
    """Return the cells of an event table, sorted by pair and time."""
    first: Array = coded.actor
    second: Array = coded.recipient
    if not directed:
        first, second = np.asarray(np.minimum(first, second)), np.asarray(np.maximum(first, second))
    start = starts(coded.day, period)
    periods, when = _ranked(start)
    states = len(coded.states)
    key = (first.astype(np.int64) * states + second) * len(periods) + when
    size = states * states * len(periods)
    found: Array
    of_event: Array
    if 0 < size <= DENSE_CELLS:
        found = np.flatnonzero(np.bincount(key, minlength=size))
        place = np.empty(size, np.int32)
        place[found] = np.arange(len(found), dtype=np.int32)
        of_event = place[key]
    else:
        found, of_event = np.unique(key, return_inverse=True)
    pair, when = np.divmod(found, max(len(periods), 1))
    one, other = np.divmod(pair, max(states, 1))
    return Cells(one, other, periods[when], of_event)


def _ranked(start: Array) -> tuple[Array, Array]:
    """The different days in order, and the rank of each; by counting, because days are small numbers."""
    if not len(start):
        return start, np.zeros(0, np.int64)
    number = start.astype(np.int64)
    lowest = int(number.min())
    there = np.bincount(number - lowest) > 0
    rank = np.cumsum(there) - 1
    return np.flatnonzero(there).astype("M8[D]") + np.timedelta64(lowest, "D"), rank[number - lowest]


def dyads(
    events: Table,
    *,
    period: Period = "month",
    directed: bool = True,
    by_type: bool = False,
    resamples: int = 0,
    pair: tuple[str, str] | None = None,
    seed: int = SEED,
) -> Table:
    """Return what each state did to each other in each period: one row for each pair and period with an event.

    Columns: ``period`` (its first day), ``actor`` and ``recipient`` (``a`` and ``b`` where not ``directed``),
    ``events``, the count of each quad class and of ``neutral`` ones; ``net``, the sum of scores, and ``mean`` (scores
    run from -10 to 10 [1]); ``balance`` = (cooperation - conflict) / (cooperation + conflict), from -1 to 1, empty
    where there is neither; ``tension``, see ``tension``; ``few`` where less than ``FEW_EVENTS`` say it. With
    ``by_type`` a column for each PLOVER type; with ``resamples`` the 95 % percentile bootstrap interval [2] of the
    mean, ``low`` and ``high``, empty where one event alone can tell nothing of its spread. With
    ``pair`` only the rows of these two states.

    Raises ``DataError`` where the table lacks a column or ``period`` is none of ``PERIODS``.

    >>> import pyarrow as pa
    >>> events = pa.table({"date": ["2014-03-01", "2014-03-09"], "actor": ["RUS"] * 2, "recipient": ["UKR"] * 2,
    ...                    "score": [-7.0, 1.0]})
    >>> row = dyads(events).to_pylist()[0]
    >>> row["events"], row["mean"], row["balance"], row["few"]
    (2, -3.0, 0.0, True)
    """
    coded = code(events)
    usual = usual_conflict(coded)
    if pair is not None:
        coded = coded.take(_between(coded, *pair))
    cells = cells_of(coded, period, directed=directed)
    count = cells.total()
    net = cells.total(coded.score)
    quads = np.bincount(cells.of_event.astype(np.int64) * len(QUADS) + coded.quad, minlength=len(cells) * len(QUADS))
    quads = quads.reshape(len(cells), len(QUADS)).astype(np.int32)
    columns: dict[str, Any] = {
        "period": cells.start,
        "actor" if directed else "a": names(coded.states, cells.first),
        "recipient" if directed else "b": names(coded.states, cells.second),
        "events": count.astype(np.int32),
    }
    columns |= {QUADS[index].replace(" ", "_"): quads[:, index] for index in range(len(QUADS))}
    columns |= {"net": net, "mean": _share(net, count), "balance": _balance(quads)}
    columns |= {"tension": _tension(coded, cells, usual), "few": count < FEW_EVENTS}
    if by_type:
        columns |= _by_type(coded, cells)
    if resamples:
        low, high = _intervals(coded.score, cells, resamples, seed)
        columns |= {"low": low, "high": high}
    return as_kind(columns, events)


def _share(part: Array, whole: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / whole, np.float64)


def _balance(quads: Array) -> Array:
    cooperation = quads[:, VERBAL_COOPERATION] + quads[:, MATERIAL_COOPERATION]
    conflict = quads[:, VERBAL_CONFLICT] + quads[:, MATERIAL_CONFLICT]
    return _share(cooperation - conflict, cooperation + conflict)


def usual_conflict(coded: Coded) -> float:
    """Return how hostile an event of the world is on average, neutral ones left out."""
    telling = coded.quad != NEUTRAL
    return float(coded.conflict[telling].mean()) if telling.any() else 0.0


def _tension(coded: Coded, cells: Cells, usual: float) -> Array:
    telling = coded.quad != NEUTRAL
    hostile = cells.total(coded.conflict * telling)
    told = cells.total(telling.astype(np.float64))
    return np.asarray((hostile + TENSION_PRIOR * usual) / (told + TENSION_PRIOR), np.float64)


def _by_type(coded: Coded, cells: Cells) -> dict[str, Array]:
    width = len(coded.types)
    typed = coded.event != NO_TYPE
    key = cells.of_event[typed].astype(np.int64) * width + coded.event[typed]
    counts = np.bincount(key, minlength=len(cells) * width).reshape(len(cells), width).astype(np.int32)
    return {name: counts[:, index] for index, name in enumerate(coded.types)}


def _intervals(score: Array, cells: Cells, resamples: int, seed: int) -> tuple[Array, Array]:
    """The percentile bootstrap interval of each cell's mean; a cell's own generator makes it the same whatever else
    is there.
    """
    order = np.argsort(cells.of_event, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(cells.total())])
    low, high = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    for cell in range(len(cells)):
        own = score[order[bounds[cell] : bounds[cell + 1]]]
        if len(own) > 1:
            low[cell], high[cell] = mean_interval(own, resamples, seed)
    return low, high


def mean_interval(values: Array, resamples: int = 1000, seed: int = SEED) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval [2] of a mean.

    Draws the count of each different value (they are few), not each event, so that it takes the same time for ten
    events as for ten thousand.

    >>> mean_interval(np.array([1.0, 1.0, 1.0]))
    (1.0, 1.0)
    """
    different, counts = np.unique(values, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(values), counts / len(values), size=resamples)
    low, high = np.percentile(drawn @ different / len(values), [LOWER, UPPER])
    return float(low), float(high)


def tension(events: Table, *, top: int | None = None, period: Period = "all") -> Table:
    """Return pairs of states with how tense they are, most tense first.

    How hostile an event is, is its negative score over ten, 0 where it is not below zero. A pair's tension is the mean
    of that over all its events, friendly ones too, so that it does not grow with how much two states are in the news
    alone; neutral ones (statements and appeals of CAMEO) tell nothing either way and are left out. It is drawn towards
    the world's mean m as if ``TENSION_PRIOR`` = k events more of it had been seen, so that one clash does not make the
    tensest pair (empirical Bayes [3]): T = (sum + k m) / (n + k), from 0 to 1. ``above`` is T / m.

    Columns: ``period``, ``a``, ``b``, ``events``, ``tension``, ``above``, ``mean``, ``balance``, ``few``.

    >>> import pyarrow as pa
    >>> days = ["2014-03-01"] * 60
    >>> events = pa.table({"date": days, "actor": ["RUS"] * 30 + ["USA"] * 30, "recipient": ["UKR"] * 30 + ["GBR"] * 30,
    ...                    "score": [-8.0] * 30 + [4.0] * 30})
    >>> [(row["a"], row["b"], round(row["tension"], 2)) for row in tension(events, top=1).to_pylist()]
    [('RUS', 'UKR', 0.64)]
    """
    coded = code(events)
    cells = cells_of(coded, period, directed=False)
    count = cells.total()
    usual = usual_conflict(coded)
    value = _tension(coded, cells, usual)
    quads = np.bincount(cells.of_event.astype(np.int64) * len(QUADS) + coded.quad, minlength=len(cells) * len(QUADS))
    order = np.lexsort((cells.second, cells.first, -value))[:top]
    columns = {
        "period": cells.start,
        "events": count,
        "tension": value,
        "above": _share(value, np.full(len(value), usual)),
        "mean": _share(cells.total(coded.score), count),
        "balance": _balance(quads.reshape(len(cells), len(QUADS))),
        "few": count < FEW_EVENTS,
    }
    named = {"a": names(coded.states, cells.first[order]), "b": names(coded.states, cells.second[order])}
    rest = {name: column[order] for name, column in columns.items()}
    return as_kind({"period": rest.pop("period"), **named, **rest}, events)


def between(events: Table, a: str, b: str) -> Table:
    """Return the events between two states, both ways, as they stand in the caller's table.

    Raises ``DataError`` where no event names one of them, and where none is between the two.

    >>> import pyarrow as pa
    >>> events = pa.table({"date": ["2014-03-01"], "actor": ["RUS"], "recipient": ["UKR"], "score": [-7.0]})
    >>> between(events, "UKR", "RUS").num_rows
    1
    """
    from communique.order.tables import to_arrow

    coded = code(events)
    arrow = to_arrow(events).take(coded.row[_between(coded, a, b)])
    return as_kind({name: arrow[name] for name in arrow.column_names}, events)


def _between(coded: Coded, a: str, b: str) -> Array:
    """Which events are between two states, either way."""
    one, other = coded.state(a), coded.state(b)
    there = ((coded.actor == one) & (coded.recipient == other)) | ((coded.actor == other) & (coded.recipient == one))
    if not there.any():
        raise DataError(f"{a} and {b}: there is no event between them")
    return np.asarray(there)


def reciprocity(
    events: Table,
    a: str,
    b: str,
    *,
    period: Period = "month",
    lags: int = LAGS,
    shuffles: int = SHUFFLES,
    seed: int = SEED,
) -> Table:
    """Return whether each of two states answers the other in kind, and after how many periods [4].

    For each direction and each lag L from 0: the rank correlation of what the one did in period t - L with what the
    other did in t, both as net score, the rest of the other's own last period taken out (partial correlation), so that
    two states that are each steady do not seem to answer. Periods without an event count as nothing done. ``p`` is the
    share of ``shuffles`` circular shifts of the one series that correlate as much either way.

    Columns: ``actor`` (who answers), ``recipient`` (who is answered), ``lag``, ``answer`` (-1 to 1), ``p``,
    ``periods``. Series under ``FEWEST_PERIODS`` give no figure.

    >>> import pyarrow as pa
    >>> months = [f"201{y}-{m:02}-01" for y in range(3) for m in range(1, 13)]
    >>> did = [float((i * 7) % 5 - 2) for i in range(36)]
    >>> events = pa.table({"date": months[:-1] + months[1:], "actor": ["IND"] * 35 + ["PAK"] * 35,
    ...                    "recipient": ["PAK"] * 35 + ["IND"] * 35, "score": did[:-1] + did[:-1]})
    >>> best = max(reciprocity(events, "IND", "PAK").to_pylist(), key=lambda row: row["answer"] or 0)
    >>> best["actor"], best["lag"]
    ('PAK', 1)
    """
    coded = code(between(events, a, b))
    if period == "all":
        raise DataError(f"'all' has no lags: give one of {', '.join(PERIODS[:-1])}")
    series = net_series(coded, coded.state(a), coded.state(b), period)
    random = np.random.default_rng(seed)
    rows: dict[str, list[Any]] = {name: [] for name in ("actor", "recipient", "lag", "answer", "p", "periods")}
    for answering, answered in ((a, b), (b, a)):
        own, other = (series[1], series[2]) if answering == a else (series[2], series[1])
        for lag in range(lags + 1):
            answer, p = _answer(own, other, lag, shuffles, random)
            for name, value in zip(rows, (answering, answered, lag, answer, p, len(own) - max(lag, 1)), strict=True):
                rows[name].append(value)
    return as_kind(rows, events)


def net_series(coded: Coded, a: int, b: int, period: Period) -> tuple[Array, Array, Array]:
    """Return all periods from the first to the last event, and the net score of a to b and of b to a in each."""
    start = starts(coded.day, period)
    every = all_periods(start, period)
    when = np.searchsorted(every, start)
    sums = [np.bincount(when[coded.actor == who], coded.score[coded.actor == who], len(every)) for who in (a, b)]
    return every, sums[0], sums[1]


def all_periods(start: Array, period: Period) -> Array:
    """Return every period from the first to the last, those without an event too."""
    if not len(start):
        return start
    days = np.arange(start.min(), start.max() + np.timedelta64(1, "D"))
    return np.unique(starts(days, period))


def _answer(
    own: Array, other: Array, lag: int, shuffles: int, random: np.random.Generator
) -> tuple[float | None, float | None]:
    begin = max(lag, 1)
    if len(own) - begin < FEWEST_PERIODS:
        return None, None
    y, before = _ranks(own[begin:]), _ranks(own[begin - 1 : -1])
    x = _ranks(other[begin - lag : len(other) - lag])
    found = _partial(x, y, before)
    if found is None:
        return None, None
    shifts = random.integers(1, len(x), size=shuffles)
    others = [_partial(np.roll(x, shift), y, before) for shift in shifts]
    as_much = sum(abs(value or 0.0) >= abs(found) for value in others)
    return found, (as_much + 1) / (shuffles + 1)


def _ranks(values: Array) -> Array:
    """Ranks with ties shared."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[inverse], np.float64)


def correlation(x: Array, y: Array) -> float | None:
    """Return Pearson's correlation; None where one of the two never changes."""
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / scale if scale > 0 else None


def rank_correlation(x: Array, y: Array) -> float | None:
    """Return Spearman's rank correlation; None where one of the two never changes.

    >>> rank_correlation(np.array([1, 2, 3]), np.array([1, 4, 9]))
    1.0
    """
    return correlation(_ranks(x), _ranks(y))


def _partial(x: Array, y: Array, given: Array) -> float | None:
    """The correlation of x and y with what ``given`` explains taken out of both."""
    given = given - given.mean()
    scale = float(given @ given)
    if scale > 0:
        x, y = (values - values.mean() - given * float(values @ given) / scale for values in (x, y))
    return correlation(x, y)
