"""Made-up worlds: states in planted blocs that act as their blocs stand, with as much noise as asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

Rows = list[tuple[str, str, str, float]]
#: Scores of friendly, of indifferent and of hostile events.
FRIENDLY, HOSTILE, SPREAD = 4.0, -5.0, 2.0


def world(
    blocs: Sequence[Sequence[str]],
    *,
    year: int = 2010,
    events: int = 2000,
    noise: float = 0.2,
    seed: int = 0,
    hostile: bool = True,
) -> Rows:
    """Return events among the states of blocs: friendly within, hostile between (or none), a share ``noise`` the other
    way.

    Each state is in the news by its rank in its bloc (1, 1/2, 1/3, ...), as real ones are.
    """
    random = np.random.default_rng(seed)
    states = [state for bloc in blocs for state in bloc]
    side = {state: index for index, bloc in enumerate(blocs) for state in bloc}
    weight = np.array([1 / (1 + list(blocs[side[state]]).index(state)) for state in states])
    weight /= weight.sum()
    rows: Rows = []
    while len(rows) < events:
        a, b = (states[i] for i in random.choice(len(states), 2, replace=False, p=weight))
        friendly = (side[a] == side[b]) != (random.random() < noise)
        if not friendly and not hostile:
            continue
        score = random.normal(FRIENDLY if friendly else HOSTILE, SPREAD)
        day = random.integers(1, 29)
        rows.append((f"{year}-{random.integers(1, 13):02}-{day:02}", a, b, round(float(np.clip(score, -10, 10)), 1)))
    return rows


def table(rows: Rows) -> pa.Table:
    """Return rows as an event table."""
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    kinds: Mapping[str, pa.DataType] = {
        "date": pa.string(),
        "actor": pa.string(),
        "recipient": pa.string(),
        "score": pa.float64(),
    }
    return pa.table({name: pa.array(column, kind) for (name, kind), column in zip(kinds.items(), columns, strict=True)})


def named(prefix: str, count: int) -> list[str]:
    """Return so many made-up states."""
    return [f"{prefix}{number:02}" for number in range(count)]
