"""The best projective tree of one sentence: Eisner (1996), with exactly one root.

No arc crosses another. Of EWT's sentences 2 % have arcs that do, of the best trees by score alone 7 %: most of what
crosses is wrong (docs/decisions/0003).

Jason Eisner (1996): Three New Probabilistic Models for Dependency Parsing. COLING.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Scores = NDArray[np.float64]
Places = NDArray[np.intp]

#: What each word that hangs from the root costs, so that one does: more than all scores of a sentence.
ROOT_COST = 1e6
IMPOSSIBLE = -1e12


def best_heads(scores: Floats) -> list[int]:
    """Return the head of each word in the highest-scoring projective tree with exactly one root.

    ``scores`` is [words, words + 1]; column 0 is the root, column ``h`` the word ``h - 1``. The answer
    uses the same numbers, so 0 marks the one root. Where the best heads of all words make such a tree
    already, as they mostly do, nothing is searched.

    >>> best_heads(np.array([[2.0, 0.0, 9.0], [3.0, 9.0, 0.0]], dtype=np.float32))
    [2, 0]
    """
    size = scores.shape[0]
    masked = scores.astype(np.float64)
    masked[np.arange(size), np.arange(size) + 1] = IMPOSSIBLE
    heads = masked.argmax(1)
    if (heads == 0).sum() == 1 and not _crosses(heads) and not _has_cycle(heads.tolist()):
        return [int(head) for head in heads]
    return _eisner(masked)


def _crosses(heads: Places) -> bool:
    """Say whether two arcs cross, that from the root among them, which stands before the first word."""
    words = np.arange(1, len(heads) + 1)
    low, high = np.minimum(words, heads), np.maximum(words, heads)
    begins = (low[:, None] < low) & (low < high[:, None])
    return bool((begins & (high[:, None] < high)).any())


def _has_cycle(heads: list[int]) -> bool:
    seen = [0] * (len(heads) + 1)
    for start in range(1, len(heads) + 1):
        node = start
        while node and not seen[node]:
            seen[node] = start
            node = heads[node - 1]
        if node and seen[node] == start:
            return True
    return False


class _Chart:
    """The best score of each span by how wide it is (row) and where it begins or ends (column), and where it is parted.

    Words are counted from 1, the root is 0. A span is closed when one end heads all of it, open when its ends are an
    arc.
    """

    def __init__(self, size: int) -> None:
        self.by_start = np.zeros((size, size))
        self.by_end = np.zeros((size, size))
        self.parted = np.zeros((size, size), dtype=np.intp)

    def put(self, width: int, best: Places, values: Scores) -> None:
        """Note where the spans of a width are parted best, and their scores."""
        count = len(values)
        self.by_start[width, :count] = values
        self.by_end[width, width : width + count] = values
        self.parted[width, :count] = best


def _best(parts: Scores) -> tuple[Places, Scores]:
    """Return the best way of each span and its score; ``parts`` is [ways, spans]."""
    best = parts.argmax(0)
    return best, parts[best, np.arange(parts.shape[1])]


def _eisner(scores: Scores) -> list[int]:
    """Search all projective trees, span by span, from narrow to wide: all spans of a width at once."""
    size = scores.shape[0] + 1
    arc = np.full((size, size), IMPOSSIBLE)  # [head, word]
    arc[:, 1:] = scores.T
    arc[0, 1:] -= ROOT_COST
    open_left, open_right, left, right = (_Chart(size) for _ in range(4))
    for width in range(1, size):
        spans = size - width
        best, values = _best(right.by_start[:width, :spans] + left.by_end[width - 1 :: -1, width:])
        open_left.put(width, best, values + arc.diagonal(-width))
        open_right.put(width, best, values + arc.diagonal(width))
        left.put(width, *_best(left.by_start[:width, :spans] + open_left.by_end[width:0:-1, width:]))
        right.put(width, *_best(open_right.by_start[1 : width + 1, :spans] + right.by_end[width - 1 :: -1, width:]))
    return _read(open_left, left, right, size)


def _read(open_left: _Chart, left: _Chart, right: _Chart, size: int) -> list[int]:
    """Follow the partings from the widest span down to the words."""
    heads = [0] * size
    spans = [(0, size - 1, right)]
    while spans:
        start, end, chart = spans.pop()
        width = end - start
        if not width:
            continue
        parted = int(chart.parted[width, start])
        if chart is left:
            middle = start + parted
            heads[middle] = end
            inner = (middle, end)
            spans.append((start, middle, left))
        else:
            middle = start + 1 + parted
            heads[middle] = start
            inner = (start, middle)
            spans.append((middle, end, right))
        split = inner[0] + int(open_left.parted[inner[1] - inner[0], inner[0]])
        spans += [(inner[0], split, right), (split + 1, inner[1], left)]
    return heads[1:]
