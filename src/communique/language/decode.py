"""From the network's numbers to words with tags, heads, names and attributions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from communique.language.trees import best_heads
from communique.model import Span

Floats = NDArray[np.float32]

#: Rank of the label scores; the network in training/ is built with it.
LABEL_RANK = 8
#: Longest speaker and longest gap in a quotation, in words: longer ones are taken for misreadings. Set by judgement.
LONGEST_SPEAKER, LONGEST_GAP = 40, 40


#: Tags of inflected words; how many lemma scripts are tried for them, and how far (in logits) below the best.
#: The margin was chosen on the treebank's dev part (0, 3, 6, 10 tried); the number of scripts by judgement.
INFLECTED = frozenset(["NNS", "VBD", "VBG", "VBN", "VBZ"])
LEMMA_CANDIDATES, LEMMA_MARGIN = 8, 6.0


class Vocabularies(msgspec.Struct, frozen=True):
    """The classes of each head, in the order of the network's outputs."""

    tags: tuple[str, ...]
    lemmas: tuple[str, ...]
    labels: tuple[str, ...]
    names: tuple[str, ...]
    cues: tuple[str, ...]
    pointers: tuple[str, ...]
    relations: tuple[str, ...]


class WordRange(msgspec.Struct, frozen=True):
    """Words ``[first, last]``, both inclusive."""

    first: int
    last: int


class FoundAttribution(msgspec.Struct, frozen=True):
    """A cue with its speaker, its content and the gap in the content, in word indices."""

    cue: WordRange
    speaker: WordRange | None
    content: WordRange
    gap: WordRange | None


class Reading(msgspec.Struct, frozen=True):
    """One paragraph as decoded: a list a word; heads are word indices, a root's is its own."""

    starts: list[bool]
    tags: list[str]
    lemmas: list[str]
    heads: list[int]
    relations: list[str]
    names: list[tuple[WordRange, str]]
    attributions: list[FoundAttribution]


def apply_script(form: str, script: str) -> str:
    """Make the lemma of ``form``: "L" lower-cases, a number cuts letters from the end, the rest is put on.

    >>> apply_script("Parties", "L3y"), apply_script("Putin", "K0")
    ('party', 'Putin')
    """
    base = form.lower() if script[0] == "L" else form
    match = re.match(r"\d+", script[1:])
    digits = match.group() if match else ""
    kept = base[: len(base) - int(digits or 0)]
    return (kept + script[1 + len(digits) :]) or form


def read_paragraph(
    text: str,
    words: Sequence[Span],
    vocabularies: Vocabularies,
    word_logits: Floats,
    arcs: Floats,
    label_dep: Floats,
    label_head: Floats,
    pointers: Floats,
    known: Callable[[str], bool],
    starts: Sequence[bool] | None = None,
) -> Reading:
    """Decode one paragraph of ``n`` words from the network's outputs, already cut to ``n``.

    1. Sentence starts (or those given). 2. Tags and lemmas. 3. One tree a sentence, then its labels.
    4. Names. 5. Cues, and from each the speaker, the content and the gap in it.
    """
    edges = np.cumsum([1, *(len(v) for v in (vocabularies.tags, vocabularies.lemmas, vocabularies.names))])
    first, tags, lemmas, names, cues = np.split(word_logits, edges, axis=-1)
    begun = list(starts) if starts is not None else [bool(value > 0) for value in first[:, 0]]
    begun[0] = True
    heads, relations = _dependencies(begun, vocabularies.labels, arcs, label_dep, label_head)
    kinds = [vocabularies.tags[i] for i in tags.argmax(1)]
    forms = [word.of(text) for word in words]
    return Reading(
        begun,
        kinds,
        [_lemma(*row, vocabularies.lemmas, known) for row in zip(forms, kinds, lemmas, strict=True)],
        heads,
        relations,
        _ranges([vocabularies.names[i] for i in names.argmax(1)]),
        _attributions([vocabularies.cues[i] for i in cues.argmax(1)], pointers),
    )


def _lemma(form: str, tag: str, scores: Floats, scripts: Sequence[str], known: Callable[[str], bool]) -> str:
    """The best-scored lemma; for an inflected word, the best that is a known word and not the form itself.

    Letters are what word pieces show least of: the best script of a regular form often cuts one letter too few
    ("arreste"), and the next best is right.
    """
    best = apply_script(form, scripts[int(scores.argmax())])
    if tag not in INFLECTED:
        return best
    order = np.argsort(-scores, kind="stable")[:LEMMA_CANDIDATES]
    least = scores.max() - LEMMA_MARGIN
    candidates = [apply_script(form, scripts[int(i)]) for i in order if scores[i] >= least]
    return next((one for one in candidates if known(one) and one != form.lower()), best)


def _dependencies(
    starts: Sequence[bool], labels: Sequence[str], arcs: Floats, label_dep: Floats, label_head: Floats
) -> tuple[list[int], list[str]]:
    bounds = [*(i for i, begun in enumerate(starts) if begun), len(starts)]
    heads: list[int] = []
    for low, high in itertools.pairwise(bounds):
        columns = [0, *range(low + 1, high + 1)]
        found = best_heads(arcs[low:high][:, columns])
        heads += [low + head - 1 if head else low + index for index, head in enumerate(found)]
    shape = (len(heads), len(labels), LABEL_RANK + 1)
    dep, head = label_dep.reshape(shape), label_head[heads].reshape(shape)
    scores = (dep[..., :-1] * head[..., :-1]).sum(-1) + dep[..., -1] + head[..., -1]
    scores[:, list(labels).index("root")] = -np.inf
    relations = [labels[i] for i in scores.argmax(1)]
    return heads, [
        "root" if head == index else name for index, (head, name) in enumerate(zip(heads, relations, strict=True))
    ]


def _ranges(tags: Sequence[str]) -> list[tuple[WordRange, str]]:
    """Turn B-x/I-x/O tags into ranges with their kind; an I after another kind begins a new range."""
    found: list[tuple[WordRange, str]] = []
    for index, tag in enumerate(tags):
        prefix, _, kind = tag.partition("-")
        if prefix == "O":
            continue
        last = found[-1] if found else None
        if prefix == "I" and last and last[1] == kind and last[0].last == index - 1:
            found[-1] = (WordRange(last[0].first, index), kind)
        else:
            found.append((WordRange(index, index), kind))
    return found


def _attributions(cues: Sequence[str], pointers: Floats) -> list[FoundAttribution]:
    found = []
    for cue, _ in _ranges(cues):
        scores = pointers[:, cue.first]
        speaker = _best_range(scores[0], scores[1], LONGEST_SPEAKER)
        content = _best_range(scores[2], scores[3], None)
        gap = _best_range(scores[4], scores[5], LONGEST_GAP)
        if content is None:
            continue
        if gap is not None and not (content.first < gap.first and gap.last < content.last):
            gap = None
        found.append(FoundAttribution(cue, speaker, content, gap))
    return found


def _best_range(starts: Floats, ends: Floats, longest: int | None) -> WordRange | None:
    """The best (start, end) with start <= end; column 0 of both together says that there is none."""
    size = len(starts) - 1
    pairs = starts[1:, None] + ends[None, 1:]
    allowed = np.triu(np.ones((size, size), dtype=bool))
    if longest is not None:
        allowed &= ~np.triu(np.ones((size, size), dtype=bool), longest)
    pairs = np.where(allowed, pairs, -np.inf)
    best = int(pairs.argmax())
    if pairs.flat[best] <= starts[0] + ends[0]:
        return None
    return WordRange(best // size, best % size)
