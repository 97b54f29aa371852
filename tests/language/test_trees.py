from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from communique.language.trees import best_heads


def is_tree(heads: list[int]) -> bool:
    for index in range(len(heads)):
        node, steps = index + 1, 0
        while node and steps <= len(heads):
            node, steps = heads[node - 1], steps + 1
        if node:
            return False
    return heads.count(0) == 1


def best_by_trying(scores: np.ndarray) -> float:
    size = scores.shape[0]
    trees = (heads for heads in product(range(size + 1), repeat=size) if is_tree(list(heads)))
    return max(sum(float(scores[i, head]) for i, head in enumerate(heads)) for heads in trees)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_the_tree_is_a_tree_with_one_root(size: int, seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(size, size + 1)).astype(np.float32)
    assert is_tree(best_heads(scores))


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 4), st.integers(0, 2**32 - 1))
def test_the_tree_is_the_best_for_its_root(size: int, seed: int) -> None:
    """The root is chosen first, greedily; given the root, no tree scores higher."""
    scores = np.random.default_rng(seed).normal(size=(size, size + 1)).astype(np.float32)
    heads = best_heads(scores)
    root = heads.index(0)
    rooted = scores.copy()
    rooted[:, 0] = -1e6
    rooted[root, 0] = scores[root, 0]
    found = sum(float(rooted[i, head]) for i, head in enumerate(heads))
    assert found >= best_by_trying(rooted) - 1e-3
