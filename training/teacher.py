"""A trained model as a teacher: what it answers, softly, beside what the data says.

A network taught by an earlier one of its own kind generalises a little better than that one [1], above all
where the answers are noisy (silver names, spans on which annotators differ); and the teacher answers also
where the data is silent: its parses of news are lessons too.

[1] Furlanello et al., "Born-Again Neural Networks", 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from communique.language import READING, Language
from communique.language.files import read_files
from communique.language.pieces import Pieces
from training.minilm import smaller

UNKNOWN_PIECE = "[UNK]"


class Teacher:
    """Exported weights that answer for training examples; each is asked once and its answer kept, in 16 bits."""

    def __init__(self, weights: Path, tokenizer: Tokenizer, threads: int) -> None:
        self._language = Language.from_files(read_files(weights), threads)
        self.vocabularies = msgspec.json.decode((weights / "vocabularies.json").read_bytes())
        reduced, kept = smaller(tokenizer)
        self._unknown = reduced.token_to_id(UNKNOWN_PIECE)
        self._renumbered = {old: new for new, old in enumerate(kept)}
        self._answers: dict[int, list[NDArray[np.float16]]] = {}

    def outputs(self, batch: Sequence[Pieces], words: int) -> list[Tensor]:
        """Return what the teacher's network gives for a batch, padded to so many words, without the word vectors."""
        new = [pieces for pieces in batch if id(pieces) not in self._answers]
        if new:
            outputs = self._language.outputs([self._as_seen(pieces) for pieces in new])
            for number, pieces in enumerate(new):
                own = zip(READING, outputs, strict=True)
                self._answers[id(pieces)] = [_cut(name, output[number], len(pieces.first)) for name, output in own]
        rows = zip(READING, *(self._answers[id(pieces)] for pieces in batch), strict=True)
        return [torch.from_numpy(np.stack([_padded(name, a, words) for a in row])).float() for name, *row in rows]

    def _as_seen(self, pieces: Pieces) -> Pieces:
        """The same pieces under the numbers that they have in the exported vocabulary."""
        ids = [self._renumbered.get(number, self._unknown) for number in pieces.ids]
        return msgspec.structs.replace(pieces, ids=ids)


def _lengths(name: str, array: NDArray[np.generic], words: int) -> list[int]:
    """The length that each axis of one paragraph's output has for so many words."""
    if name in ("points", "spans"):
        return [array.shape[0], words, words + array.shape[2] - array.shape[1]]
    return [words, words + 1 if name == "arcs" else array.shape[1]]


def _cut(name: str, array: NDArray[np.float32], words: int) -> NDArray[np.float16]:
    return array[tuple(slice(length) for length in _lengths(name, array, words))].astype(np.float16)


def _padded(name: str, array: NDArray[np.float16], words: int) -> NDArray[np.float16]:
    wanted = _lengths(name, array, words)
    return np.pad(array, [(0, length - own) for length, own in zip(wanted, array.shape, strict=True)])


def soft_classes(logits: Tensor, teacher: Tensor, counted: Tensor) -> Tensor:
    """Cross-entropy with the teacher's distribution over the last axis, a mean over what is ``counted``."""
    lost = -(torch.softmax(teacher, -1) * functional.log_softmax(logits, -1)).sum(-1)
    return (lost * counted).sum() / counted.sum().clamp(min=1)


def soft_binary(logits: Tensor, teacher: Tensor, counted: Tensor) -> Tensor:
    """The same for one logit a word, [batch, words, 1]."""
    lost = functional.binary_cross_entropy_with_logits(logits[..., 0], torch.sigmoid(teacher[..., 0]), reduction="none")
    return (lost * counted).sum() / counted.sum().clamp(min=1)
