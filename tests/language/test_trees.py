from __future__ import annotations

from collections.abc import Sequence
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


def crosses(heads: list[int]) -> bool:
    arcs = [(min(word, head), max(word, head)) for word, head in enumerate(heads, 1)]
    return any(a < c < b < d for (a, b), (c, d) in product(arcs, arcs))


def score(scores: np.ndarray, heads: Sequence[int]) -> float:
    return sum(float(scores[index, head]) for index, head in enumerate(heads))


def best_by_trying(scores: np.ndarray) -> float:
    size = scores.shape[0]
    trees = (list(heads) for heads in product(range(size + 1), repeat=size))
    return max(score(scores, heads) for heads in trees if is_tree(heads) and not crosses(heads))


def random_scores(size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(size, size + 1)).astype(np.float32)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_the_tree_is_a_tree_with_one_root_and_no_arc_crosses_another(size: int, seed: int) -> None:
    heads = best_heads(random_scores(size, seed))
    assert is_tree(heads)
    assert not crosses(heads)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_no_projective_tree_scores_higher(size: int, seed: int) -> None:
    scores = random_scores(size, seed)
    assert score(scores, best_heads(scores)) >= best_by_trying(scores) - 1e-3


def test_an_arc_across_the_verb_gives_way() -> None:
    """The first word would hang from the last, were it not for the arc from the verb to what is before it."""
    scores = np.full((4, 5), -9.0, dtype=np.float32)
    for word, head, value in ((0, 4, 3.0), (0, 2, 2.0), (1, 3, 5.0), (2, 0, 5.0), (3, 3, 5.0)):
        scores[word, head] = value
    assert best_heads(scores) == [2, 3, 0, 3]
