"""The best tree of one sentence: Chu and Liu (1965) and Edmonds (1967), with exactly one root."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def best_heads(scores: Floats) -> list[int]:
    """Return the head of each word in the highest-scoring tree with exactly one root.

    ``scores`` is [words, words + 1]; column 0 is the root, column ``h`` the word ``h - 1``. The answer
    uses the same numbers, so 0 marks the one root. Where the best heads of all words make a tree
    already, as they mostly do, nothing is searched.

    >>> best_heads(np.array([[2.0, 0.0, 9.0], [3.0, 9.0, 0.0]], dtype=np.float32))
    [2, 0]
    """
    size = scores.shape[0]
    scores = scores.copy()
    scores[np.arange(size), np.arange(size) + 1] = -np.inf
    heads = [int(head) for head in scores.argmax(1)]
    if _is_tree(heads):
        return heads
    root = _best_root(scores)
    scores[:, 0] = -np.inf
    scores[root, :] = -np.inf
    scores[root, 0] = 0.0
    square = np.full((size + 1, size + 1), -np.inf, dtype=np.float64)
    square[1:, :] = scores
    return _edmonds(square)[1:]


def _best_root(scores: Floats) -> int:
    """The word that gains most by hanging from the root instead of from its best other head."""
    others = scores[:, 1:].max(1) if scores.shape[0] > 1 else np.zeros(1, dtype=np.float32)
    return int((scores[:, 0] - others).argmax())


def _is_tree(heads: list[int]) -> bool:
    return heads.count(0) == 1 and not any(_cycle([0, *heads]))


def _cycle(heads: list[int]) -> list[int]:
    """Return the nodes of one cycle among ``heads`` (index 0 is the root), or nothing."""
    state = [0] * len(heads)
    state[0] = 2
    for start in range(1, len(heads)):
        path, node = [], start
        while state[node] == 0:
            state[node] = 1
            path.append(node)
            node = heads[node]
        if state[node] == 1:
            return path[path.index(node) :]
        for seen in path:
            state[seen] = 2
    return []


def _edmonds(scores: NDArray[np.float64]) -> list[int]:
    """Return the head of each node of the maximum spanning arborescence rooted at 0 (``heads[0]`` is 0)."""
    size = scores.shape[0]
    heads = [0, *(int(scores[node].argmax()) for node in range(1, size))]
    cycle = _cycle(heads)
    if not cycle:
        return heads
    inside = set(cycle)
    outside = [node for node in range(size) if node not in inside]
    kept = np.array([scores[node, heads[node]] for node in cycle])
    smaller = np.full((len(outside) + 1, len(outside) + 1), -np.inf)
    smaller[:-1, :-1] = scores[np.ix_(outside, outside)]
    entering = scores[np.ix_(cycle, outside)] - kept[:, None]
    leaving = scores[np.ix_(outside, cycle)]
    smaller[-1, :-1] = entering.max(0)
    smaller[:-1, -1] = leaving.max(1)
    found = _edmonds(smaller)
    for index, node in enumerate(outside):
        if node == 0:
            continue
        head = found[index]
        heads[node] = cycle[int(leaving[index].argmax())] if head == len(outside) else outside[head]
    entry = found[-1]
    broken = cycle[int(entering[:, entry].argmax())]
    heads[broken] = outside[entry]
    return heads
