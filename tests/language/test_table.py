"""Word vectors in four bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from communique.language.table import BLOCK, Table

VECTORS = np.random.default_rng(1).standard_normal((200, 6 * BLOCK)).astype(np.float32)
ALL = np.arange(len(VECTORS))


def test_what_is_lost() -> None:
    lost = Table.pack(VECTORS).of(ALL) - VECTORS
    assert np.sqrt((lost**2).mean()) < 0.12


def test_packing_what_came_out_gives_the_same() -> None:
    """So the table can be made anew from a network that learned over it."""
    once = Table.pack(VECTORS).of(ALL)
    assert np.array_equal(Table.pack(once).of(ALL), once)


def test_bytes_there_and_back() -> None:
    table = Table.pack(VECTORS)
    content = table.to_bytes()
    assert np.array_equal(Table.from_bytes(content).of(ALL), table.of(ALL))
    assert Table.from_bytes(content).to_bytes() == content
    assert len(content) < VECTORS.nbytes / 7


@pytest.mark.parametrize("shape", [(), (3,), (2, 5)])
def test_shapes(shape: tuple[int, ...]) -> None:
    assert Table.pack(VECTORS).of(np.zeros(shape, dtype=np.int64)).shape == (*shape, 6 * BLOCK)


def test_a_row_is_the_same_in_any_company() -> None:
    table = Table.pack(VECTORS)
    assert np.array_equal(table.of(np.array([[7, 3], [3, 7]]))[0, 1], table.of(np.array([3]))[0])


@given(arrays(np.float32, (2, BLOCK), elements=st.floats(-1e3, 1e3, width=32)))
def test_no_number_leaves_its_block(vectors: np.ndarray) -> None:
    found = Table.pack(vectors).of(np.arange(2))
    largest = np.abs(vectors).max(1, keepdims=True)
    assert np.isfinite(found).all()
    assert (np.abs(found) <= largest * 1.01 + 1e-5).all()
    assert (np.abs(found - vectors) <= largest / 2 + 1e-5).all()
