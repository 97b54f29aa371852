"""Tables in, tables out: what a caller gives (Arrow, pandas or polars) as numpy columns, and the answer in the same
kind.

An event table has the columns ``date``, ``actor``, ``recipient`` and ``score``; ``event`` (PLOVER type) and ``quad``
(class) where they are known. Codes of states stay text. Rows without a date, a party or a score, and rows of one state
with itself, say nothing about two states and are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

from communique import codebook
from communique.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

#: An Arrow table, a pandas or a polars frame; what comes back is of the same kind.
Table = TypeVar("Table")
Array = np.ndarray[Any, np.dtype[Any]]
Period = Literal["day", "week", "month", "year", "all"]

PERIODS: tuple[Period, ...] = ("day", "week", "month", "year", "all")
NEEDED = ("date", "actor", "recipient", "score")
QUADS = ("neutral", "verbal cooperation", "material cooperation", "verbal conflict", "material conflict")
NEUTRAL, VERBAL_COOPERATION, MATERIAL_COOPERATION, VERBAL_CONFLICT, MATERIAL_CONFLICT = range(len(QUADS))
#: Scores of PLOVER and of Goldstein lie between -10 and +10.
SCALE = 10.0
#: numpy's weeks begin on the Thursday that day zero was; ours, as ISO 8601's, on Monday.
DAYS_IN_WEEK, MONDAY = 7, 3
UNITS = {"day": "D", "month": "M", "year": "Y"}
NO_TYPE = -1


@dataclass(frozen=True, eq=False)
class Coded:
    """An event table as numpy columns; ``actor`` and ``recipient`` are indexes into ``states``, sorted by code.

    ``event`` is an index into ``types`` or ``NO_TYPE``; ``row`` is the row of the caller's table.
    """

    states: tuple[str, ...]
    types: tuple[str, ...]
    day: Array
    actor: Array
    recipient: Array
    score: Array
    quad: Array
    event: Array
    row: Array

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.score)

    def take(self, chosen: Array) -> Coded:
        """Return the rows that ``chosen`` (a mask or indexes) takes; the states stay as they are."""
        columns = (self.day, self.actor, self.recipient, self.score, self.quad, self.event, self.row)
        return Coded(self.states, self.types, *(column[chosen] for column in columns))

    @cached_property
    def conflict(self) -> Array:
        """How hostile each event is, from 0 (not at all) to 1 (the lowest score)."""
        return np.maximum(0.0, -self.score) / SCALE

    def state(self, code: str) -> int:
        """Return the index of a state.

        Raises ``DataError`` where the events have no such state.
        """
        try:
            return self.states.index(code)
        except ValueError:
            raise DataError(f"{code}: no event between two states names it") from None


def to_arrow(table: Any) -> pa.Table:
    """Return an Arrow table of what a caller gave.

    >>> import pyarrow as pa
    >>> to_arrow(pa.table({"a": [1]})).num_rows
    1
    """
    import pyarrow as pa

    if isinstance(table, pa.Table):
        return table
    kind = type(table).__module__.split(".")[0]
    if kind == "pandas":
        return pa.Table.from_pandas(table, preserve_index=False)
    if hasattr(table, "collect"):
        table = table.collect()
    if hasattr(table, "to_arrow"):
        arrow = table.to_arrow()
        return arrow if isinstance(arrow, pa.Table) else pa.table(arrow)
    raise DataError(f"{type(table).__name__}: not a table; give an Arrow table, or a pandas or polars frame")


def as_kind(columns: Mapping[str, Any], like: Table) -> Table:
    """Return named columns as a table of the kind of ``like``; NaN becomes an empty cell."""
    import pyarrow as pa

    table = pa.table({name: _column(values) for name, values in columns.items()})
    kind = type(like).__module__.split(".")[0]
    if kind == "pandas":
        return table.to_pandas()  # type: ignore[no-any-return]
    if kind == "polars":
        return sys.modules["polars"].from_arrow(table)  # type: ignore[no-any-return]
    return table  # type: ignore[no-any-return]


def _column(values: Any) -> Any:
    import pyarrow as pa

    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return pa.array(values, mask=~np.isfinite(values))
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return pa.array(values.astype("M8[D]"), type=pa.date32())
    return values if isinstance(values, (pa.Array, pa.ChunkedArray)) else pa.array(values)


def names(states: Sequence[str], index: Array) -> Any:
    """Return the names that indexes stand for, as an Arrow column that holds each name once."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), pa.array(list(states), pa.string()))


def code(events: Any) -> Coded:
    """Return an event table as numpy columns.

    Raises ``DataError`` where it is no table, lacks a column, or a column holds something else than it should.

    >>> import pyarrow as pa
    >>> code(pa.table({"date": ["2014-03-01"], "actor": ["RUS"], "recipient": ["UKR"], "score": [-7.0]})).states
    ('RUS', 'UKR')
    """
    if isinstance(events, Coded):
        return events
    table = to_arrow(events)
    missing = [name for name in NEEDED if name not in table.column_names]
    if missing:
        raise DataError(f"the event table lacks the column {missing[0]!r}; it has {', '.join(table.column_names)}")
    actors, actor = _indexed(table["actor"])
    recipients, recipient = _indexed(table["recipient"])
    days, score = _days(table["date"]), _numbers(table["score"], "score")
    kept = (actor >= 0) & (recipient >= 0) & ~np.isnat(days) & np.isfinite(score)
    actor, recipient, days, score = actor[kept], recipient[kept], days[kept], score[kept]
    states, actor, recipient = _shared(actors, actor, recipients, recipient)
    types, event = _types(table, kept)
    two = actor != recipient
    coded = Coded(states, types, days, actor, recipient, score, _quads(table, kept, types, event, score), event,
                  np.flatnonzero(kept))  # fmt: skip
    return coded if bool(two.all()) else coded.take(two)


def starts(days: Array, period: Period) -> Array:
    """Return the first day of the period that each day lies in.

    >>> starts(np.array(["2014-03-20"], "M8[D]"), "week")
    array(['2014-03-17'], dtype='datetime64[D]')
    """
    if period not in PERIODS:
        raise DataError(f"{period!r} is no period: {', '.join(PERIODS)}")
    if period == "all":
        return np.full(len(days), days.min() if len(days) else np.datetime64("NaT"), "M8[D]")
    if period == "week":
        number = days.astype(np.int64)
        return ((number + MONDAY) // DAYS_IN_WEEK * DAYS_IN_WEEK - MONDAY).astype("M8[D]")
    return days.astype(f"M8[{UNITS[period]}]").astype("M8[D]")


def _indexed(column: Any) -> tuple[list[str], Array]:
    """The different values of a text column and the index of each row's; -1 where there is none."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        encoded = column.unify_dictionaries().combine_chunks()
    else:
        encoded = column.dictionary_encode().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.concat_arrays(encoded.chunks) if encoded.num_chunks else pa.array([], encoded.type)
    values = ["" if value is None else str(value) for value in encoded.dictionary.to_pylist()]
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    empty = np.array([not value for value in values] + [True])
    return values, np.where(empty[index], -1, index).astype(np.int32)


def _shared(left: list[str], a: Array, right: list[str], b: Array) -> tuple[tuple[str, ...], Array, Array]:
    """One sorted list of the names that are used, and both columns as indexes into it."""
    used = {left[i] for i in np.unique(a)} | {right[i] for i in np.unique(b)}
    states = tuple(sorted(used))
    place = {name: index for index, name in enumerate(states)}
    first = np.array([place.get(name, 0) for name in left] or [0], np.int32)
    second = np.array([place.get(name, 0) for name in right] or [0], np.int32)
    return states, first[a], second[b]


def _days(column: Any) -> Array:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return np.asarray(column.to_numpy()).astype("M8[D]")
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)):
        raise DataError(f"the column 'date' holds {kind}; give dates, or text such as 2014-03-01")
    values, index = _indexed(column)
    return np.array([*(day_of(value) for value in values), None], "M8[D]")[index]


def day_of(text: str) -> date | None:
    """Return the day that a text begins with (2014-03-01, 20140301); None where there is none.

    >>> day_of("20140301"), day_of("soon")
    (datetime.date(2014, 3, 1), None)
    """
    text = text.strip()
    width = len("2014-03-01") if "-" in text else len("20140301")
    try:
        return date.fromisoformat(text[:width])
    except ValueError:
        return None


def _numbers(column: Any, name: str) -> Array:
    import pyarrow as pa

    try:
        cast = column.cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(f"the column {name!r} holds something that is no number: {error}") from None
    return np.asarray(cast.to_numpy(), np.float64)


def _types(table: pa.Table, kept: Array) -> tuple[tuple[str, ...], Array]:
    """PLOVER's types, and each row's; a type that PLOVER lacks is none."""
    types = tuple(kind.name for kind in codebook.types())
    if "event" not in table.column_names:
        return types, np.full(int(kept.sum()), NO_TYPE, np.int8)
    values, index = _indexed(table["event"])
    place = np.array([types.index(v) if v in types else NO_TYPE for v in values] + [NO_TYPE], np.int8)
    return types, place[index][kept]


def _quads(table: pa.Table, kept: Array, types: Sequence[str], event: Array, score: Array) -> Array:
    """The class of each row: as given, else that of its type, else verbal by the sign of its score."""
    by_sign = np.select([score > 0, score < 0], [VERBAL_COOPERATION, VERBAL_CONFLICT], NEUTRAL).astype(np.int8)
    by_type = np.array([QUADS.index(codebook.quad(name)) for name in types] + [NO_TYPE], np.int8)[event]
    known = np.where(by_type >= 0, by_type, by_sign)
    if "quad" not in table.column_names:
        return known
    values, index = _indexed(table["quad"])
    given = np.array([_quad(value) for value in values] + [NO_TYPE], np.int8)[index][kept]
    return np.where(given >= 0, given, known)


def _quad(value: str) -> int:
    """A class by name or by number, 1 to 4; 0 is neutral."""
    if value in QUADS:
        return QUADS.index(value)
    number = value.split(".")[0]
    return int(number) if number.isdigit() and int(number) < len(QUADS) else NO_TYPE
