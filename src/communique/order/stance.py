"""Stance: who speaks well and who ill of whom. The same measures as for events, over statements.

A statement table has the columns ``speaker``, ``about``, ``score`` (-10 to 10) and ``date``. What is known of events,
alignment, blocs and poles included, is known of statements by ``as_events``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from communique.errors import DataError
from communique.order.dyads import FEW_EVENTS, cells_of, mean_interval
from communique.order.tables import Period, Table, as_kind, code, names, to_arrow

COLUMNS = ("date", "speaker", "about", "score")
#: Scores from here on defend, down to the negative of it denounce; PLOVER's mildest criticism (ACCUSE disapprove) has
#: -2.
TELLING = 2.0
#: Share of telling statements from which on the word is taken.
MOSTLY = 2 / 3


def as_events(statements: Table) -> Table:
    """Return a statement table as an event table, so that any function of the order reads it.

    Raises ``DataError`` where a column is missing.

    >>> import pyarrow as pa
    >>> as_events(pa.table({"date": ["2022-03-02"], "speaker": ["BLR"], "about": ["RUS"], "score": [5.0]})).column_names
    ['date', 'actor', 'recipient', 'score']
    """
    table = to_arrow(statements)
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise DataError(f"the statement table lacks the column {missing[0]!r}; it has {', '.join(table.column_names)}")
    renamed = {"speaker": "actor", "about": "recipient"}
    kept = [name for name in table.column_names if name not in renamed.values()]
    return as_kind({renamed.get(name, name): table[name] for name in kept}, statements)


def stance(statements: Table, *, period: Period = "year", resamples: int = 1000) -> Table:
    """Return how each speaker speaks of each other: who defends and who denounces whom.

    Columns: ``period``, ``speaker``, ``about``, ``statements``, ``defends`` and ``denounces`` (counts of scores from
    ``TELLING`` on, and down to its negative), ``mean`` with its 95 % bootstrap interval ``low`` and ``high`` (empty for
    a single statement), ``stance``: "defends" or "denounces" where ``MOSTLY`` of the telling statements do, "mixed", or
    "neutral" where none tells; ``few`` where less than ``FEW_EVENTS`` say it. Most telling first within a period.

    >>> import pyarrow as pa
    >>> said = pa.table({"date": ["2022-03-02"] * 3, "speaker": ["BLR", "BLR", "POL"], "about": ["RUS"] * 3,
    ...                  "score": [5.0, 4.0, -6.0]})
    >>> [(row["speaker"], row["stance"]) for row in stance(said).to_pylist()]
    [('POL', 'denounces'), ('BLR', 'defends')]
    """
    coded = code(as_events(statements))
    cells = cells_of(coded, period, directed=True)
    count = cells.total()
    defends = cells.total((coded.score >= TELLING).astype(np.float64)).astype(np.int64)
    denounces = cells.total((coded.score <= -TELLING).astype(np.float64)).astype(np.int64)
    mean = cells.total(coded.score) / np.maximum(count, 1)
    low, high = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    for cell in np.flatnonzero(count > 1):
        low[cell], high[cell] = mean_interval(coded.score[cells.of_event == cell], resamples)
    order = np.lexsort((cells.second, cells.first, -np.abs(mean), cells.start.astype(np.int64)))
    words = [word_for(int(good), int(bad)) for good, bad in zip(defends[order], denounces[order], strict=True)]
    values = {"statements": count, "defends": defends, "denounces": denounces, "mean": mean, "low": low, "high": high,
              "few": count < FEW_EVENTS}  # fmt: skip
    columns: dict[str, Any] = {"period": cells.start[order], "speaker": names(coded.states, cells.first[order]),
                               "about": names(coded.states, cells.second[order])}  # fmt: skip
    columns |= {name: value[order] for name, value in values.items()}
    return as_kind({**columns, "stance": np.array(words, str)}, statements)


def word_for(defends: int, denounces: int) -> str:
    """Return what a speaker does, by how many statements defend and denounce.

    >>> word_for(4, 1), word_for(1, 1), word_for(0, 0)
    ('defends', 'mixed', 'neutral')
    """
    telling = defends + denounces
    if not telling:
        return "neutral"
    return "defends" if defends >= MOSTLY * telling else "denounces" if denounces >= MOSTLY * telling else "mixed"
