"""The coder keeps the floors on the samples (floors.toml)."""

from __future__ import annotations

import pytest
import scoring


@pytest.fixture(scope="module")
def scores() -> tuple[scoring.Score, ...]:
    from communique import Coder

    return scoring.score_samples(Coder().code)


FLOORS = [(kind, figure, floor) for kind, row in scoring.read_floors().items() for figure, floor in row.items()]


@pytest.mark.parametrize(("kind", "figure", "floor"), FLOORS)
def test_floor_is_kept(scores: tuple[scoring.Score, ...], kind: str, figure: str, floor: float) -> None:
    total = sum((getattr(one, kind).loose for one in scores), scoring.Tally())
    assert getattr(total, figure) >= floor, f"{kind}: {total}; see python tests/gold/scoring.py --errors"
