"""Pairs of states: rows in, measures out; what a quiet world must not show."""

from __future__ import annotations

import importlib
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.order.worlds import named, table, world

from communique.errors import DataError
from communique.order import change_points, changes, dyads, reciprocity, tension
from communique.order.tables import starts

ROWS = [
    ("2014-03-01", "RUS", "UKR", -7.0),
    ("2014-03-20", "UKR", "RUS", -3.0),
    ("2014-05-02", "RUS", "UKR", 4.0),
    ("2014-05-03", "RUS", "RUS", 9.0),
    ("2014-05-05", "USA", "GBR", 5.0),
]


def test_counts_and_means() -> None:
    rows = dyads(table(ROWS), directed=False).to_pylist()
    assert [(str(row["period"]), row["a"], row["b"], row["events"], row["net"], row["balance"]) for row in rows] == [
        ("2014-05-01", "GBR", "USA", 1, 5.0, 1.0),
        ("2014-03-01", "RUS", "UKR", 2, -10.0, -1.0),
        ("2014-05-01", "RUS", "UKR", 1, 4.0, 1.0),
    ]
    assert len(dyads(table(ROWS))) == 4


@pytest.mark.parametrize(
    ("period", "start"),
    [("day", "2014-03-20"), ("week", "2014-03-17"), ("month", "2014-03-01"), ("year", "2014-01-01")],
)
def test_periods(period: str, start: str) -> None:
    assert str(starts(np.array(["2014-03-20"], "M8[D]"), period)[0]) == start  # type: ignore[arg-type]


def test_types_and_classes_are_counted() -> None:
    events = table(ROWS[:2]).append_column("event", pa.array(["ASSAULT", "ACCUSE"]))
    row = dyads(events, directed=False, by_type=True).to_pylist()[0]
    assert (row["ASSAULT"], row["ACCUSE"], row["AID"], row["material_conflict"], row["verbal_conflict"]) == (
        1,
        1,
        0,
        1,
        1,
    )


def test_the_same_kind_comes_back() -> None:
    arrow = table(ROWS)
    frame = pd.DataFrame(arrow.to_pydict())
    assert isinstance(dyads(frame), pd.DataFrame)
    assert isinstance(dyads(pl.from_arrow(arrow)), pl.DataFrame)
    frame["date"] = pd.to_datetime(frame["date"])
    assert dyads(frame)["net"].tolist() == dyads(arrow)["net"].to_pylist()
    assert dyads(pl.from_arrow(arrow))["net"].to_list() == dyads(arrow)["net"].to_pylist()


@pytest.mark.parametrize(
    ("events", "why"),
    [
        (pa.table({"date": ["2014-03-01"]}), "lacks the column 'actor'"),
        (pa.table({"date": [1], "actor": ["A"], "recipient": ["B"], "score": [1.0]}), "'date' holds int64"),
        (pa.table({"date": ["2014-03-01"], "actor": ["A"], "recipient": ["B"], "score": ["x"]}), "no number"),
        ([1, 2], "not a table"),
    ],
)
def test_bad_tables(events: object, why: str) -> None:
    with pytest.raises(DataError, match=why):
        dyads(events)


def test_bad_period_and_unknown_states() -> None:
    with pytest.raises(DataError, match="no period"):
        dyads(table(ROWS), period="decade")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="XXX: no event"):
        changes(table(ROWS), "XXX", "RUS")
    with pytest.raises(DataError, match="USA and RUS: there is no event between them"):
        changes(table(ROWS), "USA", "RUS")


def test_intervals_cover_and_single_events_have_none() -> None:
    random = np.random.default_rng(3)
    covered = 0
    for _ in range(200):
        scores = random.normal(1.0, 3.0, 40).round(1)
        rows = [("2014-03-01", "A", "B", float(score)) for score in scores]
        row = dyads(table(rows), resamples=300).to_pylist()[0]
        covered += row["low"] <= 1.0 <= row["high"]
    assert 180 <= covered <= 200
    single = dyads(table(ROWS), resamples=10).to_pylist()[0]
    assert (single["low"], single["few"]) == (None, True)


def test_tension_does_not_grow_with_volume_alone() -> None:
    busy = [("2014-03-01", "A", "B", score) for score in [-5.0, 4.0, 4.0, 4.0] * 100]
    tense = [("2014-03-01", "C", "D", -5.0)] * 60
    clash = [("2014-03-01", "E", "F", -10.0)]
    rows = tension(table(busy + tense + clash)).to_pylist()
    assert [(row["a"], row["b"]) for row in rows] == [("C", "D"), ("E", "F"), ("A", "B")]
    assert [row["few"] for row in rows] == [False, True, False]
    assert len(tension(table(busy + tense + clash), top=1)) == 1


def months(count: int) -> list[str]:
    return [f"{2000 + index // 12}-{index % 12 + 1:02}-01" for index in range(count)]


@pytest.mark.parametrize(("lag", "sign"), [(0, 1), (1, 1), (3, 1), (2, -1)])
def test_reciprocity_finds_the_lag(lag: int, sign: int) -> None:
    random = np.random.default_rng(5)
    did = random.normal(0, 4, 120)
    rows = [(day, "A", "B", float(value)) for day, value in zip(months(120), did, strict=True)]
    answers = sign * np.roll(did, lag) + random.normal(0, 1.5, 120)
    rows += [(day, "B", "A", float(np.clip(value, -10, 10))) for day, value in zip(months(120), answers, strict=True)]
    found = [row for row in reciprocity(table(rows), "A", "B").to_pylist() if row["actor"] == "B"]
    best = max(found, key=lambda row: abs(row["answer"]))
    assert (best["lag"], np.sign(best["answer"])) == (lag, sign)
    assert best["p"] < 0.05


def test_reciprocity_of_short_series_is_no_figure() -> None:
    rows = reciprocity(table(ROWS), "RUS", "UKR").to_pylist()
    assert {row["answer"] for row in rows} == {None}


def test_quiet_worlds_show_few_changes() -> None:
    random = np.random.default_rng(7)
    alarms = 0
    for _ in range(100):
        weights = random.poisson(4, 120) + 1.0
        alarms += bool(change_points(random.normal(1, 4 / np.sqrt(weights)), weights))
    assert alarms <= 5


@pytest.mark.parametrize("shift", [3.0, 5.0])
def test_a_change_is_found_where_it_is(shift: float) -> None:
    random = np.random.default_rng(9)
    found = 0
    for _ in range(30):
        weights = random.poisson(4, 120) + 1.0
        values = random.normal(1, 4 / np.sqrt(weights)) - np.where(np.arange(120) >= 70, shift, 0)
        found += any(abs(cut - 70) <= 2 for cut in change_points(values, weights))
    assert found >= 27


def test_a_change_names_the_events_that_made_it() -> None:
    calm = [(day, "RUS", "UKR", 3.0 + index % 2) for index, day in enumerate(months(24))]
    war = [(f"2002-{month:02}-05", "RUS", "UKR", -9.0 - month % 2) for month in range(1, 13)]
    events = table(calm + war).append_column("text", pa.array(["talks"] * 24 + ["attack"] * 12))
    (row,) = changes(events, "UKR", "RUS").to_pylist()
    assert (row["period"], row["events"]) == (date(2002, 1, 1), 12)
    assert row["makers"][0] == "2002-01-05 RUS > UKR -10.0 attack"


def test_many_states_and_periods_are_counted_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    events = table(world([named("A", 6), named("B", 6)], events=500))
    dense = dyads(events, period="week")
    # The package names the function as its module, so the module is asked for by its full name.
    monkeypatch.setattr(importlib.import_module("communique.order.dyads"), "DENSE_CELLS", 0)
    assert dyads(events, period="week").equals(dense)


events_of_three = st.lists(
    st.tuples(
        st.dates(date(2000, 1, 1), date(2003, 12, 31)).map(str),
        st.sampled_from("ABC"),
        st.sampled_from("ABC"),
        st.floats(-10, 10, allow_nan=False).map(lambda value: round(value, 1)),
    ),
    max_size=40,
)


@given(events_of_three)
@settings(max_examples=50, deadline=None)
def test_parts_add_up(rows: list[tuple[str, str, str, float]]) -> None:
    events = table(rows)
    whole = sum(row[3] for row in rows if row[1] != row[2])
    for period in ("day", "week", "month", "year", "all"):
        for directed in (True, False):
            found = dyads(events, period=period, directed=directed).to_pylist()  # type: ignore[arg-type]
            assert sum(row["net"] for row in found) == pytest.approx(whole)
            assert sum(row["events"] for row in found) == sum(row[1] != row[2] for row in rows)
            assert all(0 <= row["tension"] <= 1 and -1 <= (row["balance"] or 0) <= 1 for row in found)
            assert len({tuple(row.values())[:3] for row in found}) == len(found)
