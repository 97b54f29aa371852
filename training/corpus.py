"""The training examples as the network takes them, by task, and batches of them."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

import torch
from tokenizers import Tokenizer
from torch import Tensor

from communique.language.pieces import CASES, Pieces, cut
from training import data
from training.data import MISSING, Example

Item = TypeVar("Item")
WORD_DROPOUT, MASK_PIECE = 0.06, 103
#: Share of paragraphs shown as if all in capitals, title case or lower case: headlines and careless typing.
RECASED = 0.06
#: One treebank paragraph in so many is shown a second time without its final stops, or without punctuation.
UNPUNCTUATED = 8
#: Batches are filled up to a multiple of this many words and pieces: few shapes, so that kernels are made once.
ROUND = 16
#: Articles, and stretches of so many paragraphs of the treebank, fall into so many folds; a teacher learns without one.
STRETCH, FOLDS = 50, 4
#: A lemma script is learned where so many different words follow it; the others are in the table of lemmas.
LEAST_FORMS = 4


@dataclass(frozen=True)
class Ready:
    """An example as the network takes it: its pieces, the answers of each word head, and its fold."""

    pieces: Pieces
    answers: dict[str, list[int]]
    attributions: list[tuple[list[int], list[int]]]
    fold: int

    def __len__(self) -> int:
        """The number of words."""
        return len(self.pieces.first)


class Corpus:
    """The training examples by task, with the vocabularies read off them."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        treebank = list(data.read_treebank(data.DATA / "ud/en_ewt-ud-train.conllu"))
        silver = data.read_silver(data.DATA / "polnear_corenlp/train.conll")
        news = list(data.read_attributions(data.DATA / "polnear/train", silver))
        words = [
            (w.of(e.text), tag or "", lemma or "")
            for e in treebank
            for w, tag, lemma in zip(e.words, e.tags, e.lemmas, strict=True)
        ]
        scripts = {(form, data.lemma_script(form, lemma)) for form, _, lemma in words}
        self.vocabularies: dict[str, object] = {
            "tags": data.vocabulary((tag for _, tag, _ in words), 1),
            "scripts": data.vocabulary((script for _, script in sorted(scripts)), LEAST_FORMS),
            "labels": data.vocabulary((r for e in treebank for r in e.relations if r), 1),
            "names": data.NAME_TAGS,
            "lemmas": lemma_table(words),
        }
        self.index = {
            name: {v: i for i, v in enumerate(self.vocabularies[name])}  # type: ignore[arg-type,var-annotated]
            for name in ("tags", "scripts", "labels")
        }
        numbered = list(enumerate(treebank))
        numbered += [
            (number, data.without_punctuation(e, final_only=number % (2 * UNPUNCTUATED) == 0))
            for number, e in numbered[::UNPUNCTUATED]
        ]
        self.tasks = {
            "treebank": [self._ready(tokenizer, e, number // STRETCH) for number, e in numbered if e.words],
            "attributions": [self._ready(tokenizer, e, int(sha256(e.source.encode()).hexdigest(), 16)) for e in news],
        }

    def _ready(self, tokenizer: Tokenizer, example: Example, group: int) -> Ready:
        """``group``: examples of one have one fold."""
        missing = [MISSING] * len(example.words)
        forms = [w.of(example.text) for w in example.words]
        lemmas = zip(forms, example.lemmas, strict=True) if example.lemmas else ()
        answers = {
            "starts": example.starts,
            "tags": [self.index["tags"].get(t or "", MISSING) for t in example.tags],
            "scripts": [self.index["scripts"].get(data.lemma_script(f, lemma or ""), MISSING) for f, lemma in lemmas],
            "names": [] if data.held_back(example.source) else example.names,
            "cues": example.cues,
            "heads": example.heads,
            "relations": [self.index["labels"][r or ""] for r in example.relations],
        }
        filled = {name: values or missing for name, values in answers.items()}
        return Ready(cut(tokenizer, example.text, example.words), filled, example.attributions, group % FOLDS)


def lemma_table(words: Sequence[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    """Return, by tag, the lemma that most words of a form and tag have, where it is neither the form nor lower case.

    >>> lemma_table([("went", "VBD", "go"), ("went", "VBD", "go"), ("Paris", "NNP", "Paris")])
    {'VBD': {'went': 'go'}}
    """
    seen: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for form, tag, lemma in words:
        seen[tag, form.lower()][lemma] += 1
    table: dict[str, dict[str, str]] = {}
    for (tag, form), lemmas in sorted(seen.items()):
        ((lemma, _),) = lemmas.most_common(1)
        if lemma.lower() != form and not any(character.isdigit() for character in form):
            table.setdefault(tag, {})[form] = lemma
    return table


def rounded(length: int) -> int:
    """Return the next multiple of ``ROUND``."""
    return -(-length // ROUND) * ROUND


def pad(rows: Sequence[Sequence[int]], value: int, device: torch.device) -> Tensor:
    """Stack rows of unequal length, filled up with ``value`` to a multiple of ``ROUND``."""
    longest = rounded(max(map(len, rows)))
    return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows], device=device)


def batches(examples: list[Ready], words: int, rng: random.Random) -> Iterator[list[Ready]]:
    """Yield batches of examples of like length for ever, each about ``words`` words padded."""
    while True:
        order = sorted(examples, key=lambda ready: len(ready) + rng.random() * 12)
        groups: list[list[Ready]] = [[]]
        for ready in order:
            if groups[-1] and (len(groups[-1]) + 1) * rounded(len(ready)) > words:
                groups.append([])
            groups[-1].append(ready)
        rng.shuffle(groups)
        yield from groups


def shuffled(items: Sequence[Item], size: int, rng: random.Random, length: Callable[[Item], int]) -> list[list[Item]]:
    """Return all items once, in batches of like length, in no order."""
    order = list(items)
    rng.shuffle(order)
    order.sort(key=lambda item: length(item) // ROUND)
    groups = [order[first : first + size] for first in range(0, len(order), size)]
    rng.shuffle(groups)
    return groups


def inputs(batch: Sequence[Ready], device: torch.device) -> tuple[Tensor, ...]:
    """Stack a batch into the network's five inputs: ids, features, mask [batch, pieces]; first, last [batch, words]."""
    ids = pad([r.pieces.ids for r in batch], 0, device)
    features = pad([r.pieces.features for r in batch], 0, device)
    mask = pad([[1] * len(r.pieces.ids) for r in batch], 0, device)
    first = pad([r.pieces.first for r in batch], 0, device)
    last = pad([r.pieces.last for r in batch], 0, device)
    return ids, features, mask, first, last


def blurred(clean: tuple[Tensor, ...], batch: Sequence[Ready], rng: random.Random) -> tuple[Tensor, ...]:
    """Return the inputs of a batch with some pieces masked and some paragraphs in another case."""
    ids, features, mask, *words = clean
    dropped = (torch.rand(ids.shape, device=ids.device) < WORD_DROPOUT) & (mask == 1) & (ids > MASK_PIECE)
    features = features.clone()
    for row, ready in enumerate(batch):
        if rng.random() < RECASED:
            shown = _recased(ready.pieces.features, rng.choice(("lower", "title", "upper")))
            features[row, : len(shown)] = torch.tensor(shown, device=ids.device)
    return torch.where(dropped, MASK_PIECE, ids), features, mask, *words


def _recased(features: list[int], case: str) -> list[int]:
    changed = {CASES.index(name) for name in ("lower", "title", "upper", "initial", "mixed")}
    return [f - f % len(CASES) + CASES.index(case) if f % len(CASES) in changed else f for f in features]
