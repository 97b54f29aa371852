"""The vectors of word pieces: a table with four bits a number, of which only the rows asked for are made whole."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

#: Numbers of a row that share a scale.
BLOCK = 64
#: What the sixteen codes stand for, in units of the scale; and two of them a byte, the lower half first.
STEPS = np.arange(16, dtype=np.float32) - 7.5
PAIRS = np.stack([np.tile(STEPS, 16), np.repeat(STEPS, 16)], -1)
#: Scales that are tried, as shares of the one that reaches a block's largest number: a smaller one is finer.
SHARES = np.linspace(0.55, 1.0, 16)


class Table:
    """A vector for each word piece.

    >>> table = Table.pack(np.linspace(-1, 1, 128, dtype=np.float32).reshape(1, 128))
    >>> table.of(np.array([[0, 0]])).shape
    (1, 2, 128)
    >>> float(table.of(np.array([0]))[0, 0])
    -0.94...
    """

    def __init__(self, codes: NDArray[np.uint8], scales: NDArray[np.float16]) -> None:
        self._codes, self._scales = codes, scales.astype(np.float32)

    @staticmethod
    def from_bytes(content: bytes) -> Table:
        """Read what ``to_bytes`` wrote: codes [pieces, hidden / 2], scales [pieces, hidden / BLOCK]."""
        with np.load(io.BytesIO(content)) as arrays:
            return Table(arrays["codes"], arrays["scales"])

    def to_bytes(self) -> bytes:
        """Return the table as an NPZ file, the same bytes for the same table."""
        file = io.BytesIO()
        np.savez(file, codes=self._codes, scales=self._scales.astype(np.float16))
        return file.getvalue()

    @staticmethod
    def pack(vectors: NDArray[np.float32]) -> Table:
        """Round vectors [pieces, hidden] to four bits, each block with the scale that loses least."""
        blocks = vectors.reshape(len(vectors), -1, BLOCK)
        largest = np.abs(blocks).max(-1, keepdims=True)
        best = np.full(largest.shape, np.inf, dtype=np.float32)
        codes, scales = np.zeros(blocks.shape, dtype=np.uint8), np.zeros(largest.shape, dtype=np.float16)
        for share in SHARES:
            scale = np.maximum(largest * (share / -STEPS[0]), 1e-6).astype(np.float16)
            tried = np.clip(np.floor(blocks / scale.astype(np.float32)) + 8, 0, 15).astype(np.uint8)
            lost = ((STEPS[tried] * scale - blocks) ** 2).sum(-1, keepdims=True)
            better = lost < best
            best = np.where(better, lost, best)
            codes, scales = np.where(better, tried, codes), np.where(better, scale, scales)
        halves = codes.reshape(len(vectors), -1, 2)
        return Table((halves[..., 0] | halves[..., 1] << 4).astype(np.uint8), scales[..., 0])

    def of(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of pieces, [..., hidden]."""
        numbers = PAIRS[self._codes[ids]].reshape(*ids.shape, -1, BLOCK)
        vectors: NDArray[np.float32] = (numbers * self._scales[ids][..., None]).reshape(*ids.shape, -1)
        return vectors
