"""Made-up worlds with planted blocs, poles and switches, and how much noise they stand; and the edges of the
possible.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from tests.order.worlds import Rows, named, table, world

from communique.errors import DataError
from communique.order import alignment, balance, blocs, dyads, graph, leaders, poles, stance, switches, tension, ties
from communique.order.alignment import matrices
from communique.order.blocs import find_blocs, partitions, rand_index
from communique.order.poles import effective_number

TWO, THREE, FOUR = (
    [named(letter, size) for letter in letters] for letters, size in (("AB", 15), ("ABC", 10), ("ABCD", 10))
)

#: Blocs, events of the year, share of events the wrong way, and how well the blocs must be found (adjusted Rand index,
#: mean of three seeds). At 0.4 with 500 events nothing is to be seen, and nothing is said: one bloc.
STANDS = [
    (TWO, 500, 0.2, 0.9), (TWO, 500, 0.3, 0.7), (TWO, 2000, 0.3, 0.85), (TWO, 2000, 0.4, 0.7), (THREE, 500, 0.2, 0.85),
    (THREE, 2000, 0.3, 0.9), (FOUR, 500, 0.1, 0.7), (FOUR, 2000, 0.2, 0.9), (FOUR, 2000, 0.3, 0.65),
]  # fmt: skip


@pytest.mark.parametrize(("planted", "events", "noise", "least"), STANDS)
def test_planted_blocs_are_found(planted: list[list[str]], events: int, noise: float, least: float) -> None:
    found = []
    for seed in range(3):
        (got,) = partitions(table(world(planted, events=events, noise=noise, seed=seed)))
        known = got.bloc >= 0
        truth = np.array(["ABCD".index(state[0]) for state in got.ties.states])
        found.append(rand_index(truth[known], got.bloc[known]))
    assert np.mean(found) >= least


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("events", [300, 2000])
def test_a_world_of_one_pole_is_one(noise: float, events: int) -> None:
    for seed in range(3):
        rows = poles(table(world([named("A", 30)], events=events, noise=noise, seed=seed))).to_pylist()
        assert [(row["poles"], row["word"], row["distance"]) for row in rows] == [
            (pytest.approx(1.0), "unipolar", None)
        ]


def test_where_noise_is_all_nothing_is_said() -> None:
    for seed in range(3):
        (row,) = poles(table(world(TWO, events=500, noise=0.5, seed=seed))).to_pylist()
        assert row["word"] == "unipolar"


def test_blocs_without_hostility_are_found_by_whom_they_deal_with() -> None:
    rows = world(TWO, events=2000, noise=0.1, hostile=False)
    assert {row["state"][0] for row in blocs(table(rows)).to_pylist() if row["bloc"] == 1} in ({"A"}, {"B"})


def test_hostility_alone_makes_two_sides() -> None:
    rows = [row for row in world(TWO, events=3000, noise=0.05) if row[3] < 0]
    (row,) = poles(table(rows)).to_pylist()
    assert row["word"] == "bipolar"


def test_polarity_follows_the_number_of_poles() -> None:
    rows: Rows = []
    for year, planted in ((2001, [named("A", 30)]), (2002, TWO), (2003, FOUR)):
        rows += world(planted, year=year, events=1500, noise=0.1)
    got = poles(table(rows)).to_pylist()
    assert [round(row["poles"]) for row in got] == [1, 2, 4]
    assert [row["word"] for row in got] == ["unipolar", "bipolar", "multipolar"]
    assert all(5 < row["distance"] < 9 for row in got[1:])
    assert {name for row in got for name in row["leaders"]} <= {"A00", "B00", "C00", "D00", "A01", "B01", "C01", "D01"}


def switching(noise: float, events: int, seed: int) -> pa.Table:
    rows: Rows = []
    for year in range(2001, 2007):
        first, second = named("A", 10), named("B", 10)
        (first if year < 2004 else second).insert(3, "X")
        rows += world([first, second], year=year, events=events, noise=noise, seed=seed * 100 + year)
    return table(rows)


@pytest.mark.parametrize(("noise", "events", "most_false"), [(0.1, 500, 0), (0.2, 500, 0), (0.3, 1500, 1)])
def test_switches_are_found(noise: float, events: int, most_false: int) -> None:
    false = 0
    for seed in range(2):
        got = switches(switching(noise, events, seed)).to_pylist()
        mine = [row for row in got if row["state"] == "X"]
        assert [row["period"].year for row in mine] == [2004]
        assert mine[0]["left_leader"][0] + mine[0]["joined_leader"][0] == "AB"
        false += len(got) - len(mine)
    assert false <= most_false


def test_a_pole_keeps_its_number() -> None:
    rows = leaders(switching(0.1, 500, 1)).to_pylist()
    sides = {(row["pole"], row["members"][0][0]) for row in rows}
    assert len(sides) == 2


def test_weight_by_capability() -> None:
    events = table(world(TWO, events=1500, noise=0.1))
    (row,) = poles(events, capability={"A00": 8.0, "B00": 2.0}).to_pylist()
    assert row["largest"] == pytest.approx(0.8)
    assert row["poles"] == pytest.approx(effective_number(np.array([0.8, 0.2])))


def test_seeds_agree_where_blocs_are_clear() -> None:
    (tie,) = ties(table(world(THREE, events=2000, noise=0.2)), period="all")
    runs = [find_blocs(tie, seed=seed) for seed in range(4)]
    assert all(rand_index(runs[0].bloc, run.bloc) == 1.0 for run in runs)
    assert all(run.stability > 0.8 for run in runs)


def test_a_state_between_blocs_is_told() -> None:
    rows = world(TWO, events=2000, noise=0.1)
    rows += [("2010-06-01", "X", side[i % 10], 4.0) for i in range(60) for side in TWO]
    got = {row["state"]: row for row in blocs(table(rows)).to_pylist()}
    assert got["A00"]["role"] == "core"
    assert got["X"]["membership"] < 0.8
    assert got["X"]["next_bloc"] is not None


@pytest.mark.parametrize("measure", ["direct", "profile", "similarity", "reach", "blend"])
def test_alignment_tells_friends_from_foes(measure: str) -> None:
    (tie,) = ties(table(world(TWO, events=4000, noise=0.2)), period="all")
    matrix = matrices(tie, [measure])[measure]  # type: ignore[list-item,index]
    same = np.array([[a[0] == b[0] for b in tie.states] for a in tie.states])
    with np.errstate(invalid="ignore"):
        friends, foes = np.nanmean(np.where(same, matrix, np.nan)), np.nanmean(np.where(~same, matrix, np.nan))
    assert friends > foes + 0.1
    assert np.nanmax(np.abs(matrix)) <= 1.0 + 1e-9


def test_sparse_pairs_are_drawn_towards_nothing() -> None:
    rows = (
        [("2010-01-01", "A", "B", 8.0)] * 40 + [("2010-01-01", "C", "D", 8.0)] + [("2010-01-01", "E", "F", -8.0)] * 40
    )
    got = {(row["a"], row["b"]): row for row in alignment(table(rows), measures=["direct"]).to_pylist()}
    assert got["A", "B"]["direct"] > got["C", "D"]["direct"] > 0
    assert got["A", "B"]["evidence"] > got["C", "D"]["evidence"]


def test_half_life_lets_the_past_count() -> None:
    rows = [("2001-06-01", "A", "B", 5.0)] * 8 + [("2003-06-01", "C", "D", 5.0)] * 8
    with_past = list(ties(table(rows), half_life=2.0))[-1]
    without = list(ties(table(rows)))[-1]
    assert with_past.weight[0, 1] == pytest.approx(4.0, rel=0.01)
    assert without.weight[0, 1] == 0


def test_unknown_measure() -> None:
    with pytest.raises(DataError, match="no measure"):
        alignment(table(world(TWO, events=50)), measures=["love"])  # type: ignore[list-item]


def test_balance_of_two_camps_is_beyond_chance() -> None:
    (row,) = balance(table(world(TWO, events=3000, noise=0.1))).to_pylist()
    assert row["balanced"] > 0.85 > row["expected"]
    assert row["p"] == pytest.approx(0.01)
    assert row["frustration"] < 0.1


def test_balance_of_chance_is_chance() -> None:
    (row,) = balance(table(world(TWO, events=3000, noise=0.5))).to_pylist()
    assert abs(row["balanced"] - row["expected"]) < 0.05


def test_three_foes_are_weakly_balanced() -> None:
    rows = [("2010-01-01", "A", "B", -5.0), ("2010-01-01", "B", "C", -5.0), ("2010-01-01", "A", "C", -5.0)]
    (row,) = balance(table(rows)).to_pylist()
    assert (row["triads"], row["balanced"], row["weak"]) == (1, 0.0, 1.0)
    assert row["frustration"] == pytest.approx(1 / 3)


def test_graph_for_those_who_want_one() -> None:
    network = graph(table(world(TWO, events=500)))
    assert set(network.nodes) == {state for bloc in TWO for state in bloc}
    assert {data["sign"] for _, _, data in network.edges(data=True)} == {-1, 1}


def test_stance_over_time() -> None:
    said = pa.table({
        "date": ["2021-01-01"] * 3 + ["2022-01-01"] * 3, "speaker": ["BLR"] * 6, "about": ["RUS"] * 6,
        "score": [5.0, 4.0, 3.0, -5.0, 0.0, 4.0],
    })  # fmt: skip
    assert [(row["period"].year, row["stance"]) for row in stance(said).to_pylist()] == [
        (2021, "defends"),
        (2022, "mixed"),
    ]
    with pytest.raises(DataError, match="lacks the column 'about'"):
        stance(said.drop_columns("about"))


EDGES: dict[str, Rows] = {
    "empty": [],
    "one state": [("2010-01-01", "A", "A", 5.0)] * 9,
    "one event": [("2010-01-01", "A", "B", 5.0)],
    "friends only": [("2010-01-01", a, b, 5.0) for a, b in (("A", "B"), ("B", "C"), ("A", "C"))] * 9,
    "foes only": [("2010-01-01", a, b, -5.0) for a, b in (("A", "B"), ("B", "C"), ("A", "C"))] * 9,
    "nothing but neutral": [("2010-01-01", a, b, 0.0) for a, b in (("A", "B"), ("B", "C"), ("A", "C"))] * 9,
    "disconnected": [("2010-01-01", a, b, 5.0) for a, b in (("A", "B"), ("C", "D"), ("E", "F"))] * 9,
    "gaps": [
        (f"{year}-01-01", a, b, s) for year in (1950, 1999, 2010) for a, b, s in (("A", "B", 5.0), ("B", "C", -5.0))
    ]
    * 9,
    "bad cells": [("never", "A", "B", 5.0), ("2010-01-01", "", "B", 5.0), ("2010-01-01", "A", "B", math.nan)],
}
FUNCTIONS: dict[str, Callable[[pa.Table], pa.Table]] = {
    "dyads": lambda events: dyads(events, by_type=True, resamples=20),
    "tension": tension,
    "alignment": alignment,
    "decayed": lambda events: alignment(events, half_life=1.0),
    "blocs": blocs,
    "balance": balance,
    "poles": poles,
    "leaders": leaders,
    "switches": switches,
    "stance": lambda events: stance(events.rename_columns({"actor": "speaker", "recipient": "about"})),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_edges_give_a_clear_answer(function: str, edge: str) -> None:
    answer = FUNCTIONS[function](table(EDGES[edge]))
    for row in answer.to_pylist():
        assert not any(isinstance(value, float) and not math.isfinite(value) for value in row.values()), row
    if edge in ("empty", "one state", "bad cells"):
        assert answer.num_rows == 0


@pytest.mark.parametrize("edge", EDGES)
def test_graphs_of_edges(edge: str) -> None:
    assert graph(table(EDGES[edge])).number_of_nodes() <= 6
