"""When the relation of two states changed, and the events that made it.

References:

1. Jackson, B. et al. (2005). An algorithm for optimal partitioning of data on an interval. IEEE Signal Processing
   Letters 12(2), 105-108.
2. Schwarz, G. (1978). Estimating the dimension of a model. Annals of Statistics 6(2), 461-464.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from communique.order.dyads import all_periods, between
from communique.order.tables import Array, Period, Table, as_kind, code, starts, to_arrow

#: Times the Bayesian information criterion [2] that a change must be worth: one for the level, one for the place, one
#: for the tails of scores, which are heavier than normal; quiet worlds of 120 months then show a change in one in
#: twenty or fewer.
CAUTION = 3.0
#: Shortest stretch between two changes: half a year of months.
SHORTEST = 6
#: Events named for each change, and how many periods from it on they are looked for in.
MAKERS, REACH = 3, 3


def changes(events: Table, a: str, b: str, *, period: Period = "month", shortest: int = SHORTEST) -> Table:
    """Return when the mean score between two states changed, each change with the events that made it.

    The series is the mean score of each period, both directions, weighted by its number of events, so that a period
    without events says nothing. Cut into stretches such that the weighted squared error plus a price for each cut is
    least, found exactly by optimal partitioning [1]; the price is ``CAUTION`` s² ln n, where s²
    comes from differences between neighbours, which a change of level hardly touches.

    Columns: ``period`` (the first of the new stretch), ``before``, ``after`` (mean scores), ``shift``, ``events`` (in
    the new stretch), ``makers`` (those events of the first ``REACH`` periods that moved the mean most, as a list of
    lines). Raises ``DataError`` where there is no event between the two.

    >>> import pyarrow as pa
    >>> months = [f"20{y}-{m:02}-01" for y in range(12, 16) for m in range(1, 13)]
    >>> scores = [3.0 + i % 2 for i in range(24)] + [-6.0 - i % 2 for i in range(24)]
    >>> events = pa.table({"date": months, "actor": ["RUS"] * 48, "recipient": ["UKR"] * 48, "score": scores})
    >>> [(str(row["period"]), row["before"], row["after"]) for row in changes(events, "RUS", "UKR").to_pylist()]
    [('2014-01-01', 3.5, -6.5)]
    """
    own = to_arrow(between(events, a, b))
    coded = code(own)
    start = starts(coded.day, period)
    every = all_periods(start, period)
    when = np.searchsorted(every, start)
    weight = np.bincount(when, minlength=len(every)).astype(np.float64)
    total = np.bincount(when, coded.score, len(every))
    there = np.flatnonzero(weight)
    cuts = change_points(total[there] / weight[there], weight[there], shortest=shortest)
    bounds = [0, *there[cuts].tolist(), len(every)]
    rows: dict[str, list[Any]] = {name: [] for name in ("period", "before", "after", "shift", "events", "makers")}
    texts = own["text"].to_pylist() if "text" in own.column_names else [None] * own.num_rows
    for index in range(1, len(bounds) - 1):
        left, cut, right = bounds[index - 1 : index + 2]
        before = float(total[left:cut].sum() / weight[left:cut].sum())
        after = float(total[cut:right].sum() / weight[cut:right].sum())
        near = np.flatnonzero((when >= cut) & (when < min(right, cut + REACH)))
        pull = (coded.score[near] - before) * np.sign(after - before)
        moved = near[np.argsort(-pull, kind="stable")][:MAKERS]
        lines = [_line(coded.day[i], coded.states[coded.actor[i]], coded.states[coded.recipient[i]], coded.score[i],
                       texts[int(coded.row[i])]) for i in moved]  # fmt: skip
        values = (every[cut].item(), before, after, after - before, int(weight[cut:right].sum()), lines)
        for name, value in zip(rows, values, strict=True):
            rows[name].append(value)
    return as_kind(_typed(rows), events)


def _typed(rows: dict[str, list[Any]]) -> dict[str, Any]:
    import pyarrow as pa

    kinds = {"period": pa.date32(), "events": pa.int64(), "makers": pa.list_(pa.string())}
    return {name: pa.array(values, kinds.get(name, pa.float64())) for name, values in rows.items()}


def _line(day: Any, actor: str, recipient: str, score: float, text: str | None) -> str:
    return f"{day} {actor} > {recipient} {score:+.1f}" + (f" {text}" if text else "")


def change_points(values: Array, weights: Array | None = None, *, shortest: int = SHORTEST) -> list[int]:
    """Return the places where the mean of a series changes: indexes at which a new stretch begins [1].

    >>> change_points(np.array([0.0, 0.1] * 10 + [5.0, 5.1] * 10))
    [20]
    """
    weights = np.ones(len(values)) if weights is None else weights
    count = len(values)
    if count < 2 * shortest:
        return []
    price = CAUTION * _noise(values, weights) * float(np.log(count))
    w = np.concatenate([[0.0], np.cumsum(weights)])
    s = np.concatenate([[0.0], np.cumsum(weights * values)])
    q = np.concatenate([[0.0], np.cumsum(weights * values * values)])
    best = np.full(count + 1, np.inf)
    best[0] = -price
    last = np.zeros(count + 1, np.int64)
    for end in range(shortest, count + 1):
        usable = np.arange(end - shortest + 1)
        error = q[end] - q[usable] - (s[end] - s[usable]) ** 2 / (w[end] - w[usable])
        costs = best[usable] + error + price
        at = int(np.argmin(costs))
        best[end], last[end] = costs[at], usable[at]
    cuts, at = [], int(last[count])
    while at > 0:
        cuts.append(at)
        at = int(last[at])
    return cuts[::-1]


def _noise(values: Array, weights: Array) -> float:
    """Variance of one event's score, from the differences of neighbouring periods."""
    step = np.diff(values) ** 2 / (1 / weights[1:] + 1 / weights[:-1])
    floor = np.finfo(float).eps
    return max(float(step.mean()), floor) if len(step) else floor
