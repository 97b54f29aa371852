"""The coder keeps the floors on the samples (floors.toml)."""

from __future__ import annotations

from collections import Counter

import pytest
import scoring
from benchmarks import events
from benchmarks.actors import count_right


@pytest.fixture(scope="module")
def scores() -> tuple[scoring.Score, ...]:
    from communique import Coder

    return scoring.score_samples(Coder().code)


MENTIONS, TABLES = "mentions", "tables"
ALL_FLOORS = scoring.read_floors()
FLOORS = [
    (kind, figure, floor)
    for kind, row in ALL_FLOORS.items()
    if kind not in (MENTIONS, TABLES)
    for figure, floor in row.items()
]


@pytest.mark.parametrize(("kind", "figure", "floor"), FLOORS)
def test_floor_is_kept(scores: tuple[scoring.Score, ...], kind: str, figure: str, floor: float) -> None:
    total = sum((getattr(one, kind).loose for one in scores), scoring.Tally())
    assert getattr(total, figure) >= floor, f"{kind}: {total}; see python tests/gold/scoring.py --errors"


@pytest.fixture(scope="module")
def mentions() -> dict[str, Counter[bool]]:
    return count_right()


@pytest.mark.parametrize(("figure", "floor"), ALL_FLOORS[MENTIONS].items())
def test_floor_of_the_mentions_is_kept(mentions: dict[str, Counter[bool]], figure: str, floor: float) -> None:
    assert mentions[figure][True] / mentions[figure].total() >= floor, "see make bench-actors"


def test_quiet_sentences_stay_quiet() -> None:
    from communique import Coder

    false, rows = events.count_false(Coder())
    assert false / rows <= ALL_FLOORS[TABLES]["most_false_of_quiet"], "see make bench-events"


def test_statuses_are_right() -> None:
    from communique import Coder

    counts = events.count_statuses(Coder())
    assert counts["right"] / counts["found"] >= ALL_FLOORS[TABLES]["status_right"], "see make bench-events"
