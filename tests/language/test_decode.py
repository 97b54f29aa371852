"""From scores to names and attributions, on scores made up here."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communique.language.decode import (
    SPANS,
    FoundAttribution,
    Scores,
    Vocabularies,
    WordRange,
    _mend_auxiliaries,
    _mend_particles,
    _mend_possessors,
    _mend_voice,
    _stem,
    best_tags,
    read_paragraph,
)
from communique.model import Span

NAMES = ("O", "B-person", "I-person", "B-place", "I-place")
POINTERS = 2 * len(SPANS) + 2
WORDS = "Xi said often that we agree".split()


def allowed(tags: tuple[int, ...]) -> bool:
    names = [NAMES[tag] for tag in (0, *tags)]
    return all(not name.startswith("I-") or before[2:] == name[2:] for before, name in pairwise(names))


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_the_best_row_of_tags_is_the_best_that_is_allowed(size: int, seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(size, len(NAMES))).astype(np.float32)
    found = best_tags(scores, NAMES)
    best = max(
        (tags for tags in product(range(len(NAMES)), repeat=size) if allowed(tags)),
        key=lambda tags: sum(float(scores[i, tag]) for i, tag in enumerate(tags)),
    )
    assert tuple(found) == best


def attributions(cues: dict[int, float], pointers: list[tuple[int, int, int]]) -> list[FoundAttribution]:
    """``pointers`` are (pointer, from the word, to the word); a word that points nowhere points so with less."""
    vocabularies = Vocabularies(("NN",), ("L0",), ("root", "dep"), NAMES, ("AGREE",), {})
    size = len(WORDS)
    words = np.zeros((size, 1 + 1 + 1 + len(NAMES) + 1), dtype=np.float32)
    words[:, -1] = [cues.get(i, -9.0) for i in range(size)]
    points = np.full((POINTERS, size, size + 1), -9.0, dtype=np.float32)
    points[:, :, 0] = 0.0
    for pointer, source, target in pointers:
        points[pointer, source, target + 1] = 5.0
    halves = np.zeros((size, 2 * 9), dtype=np.float32)
    scores = Scores(
        words,
        np.zeros((size, size + 1), dtype=np.float32),
        halves,
        halves,
        points,
        np.zeros((len(SPANS), size, size), dtype=np.float32),
    )
    ends = np.cumsum([len(word) + 1 for word in WORDS])
    spans = [Span(int(end) - len(word) - 1, int(end) - 1) for word, end in zip(WORDS, ends, strict=True)]
    return read_paragraph(" ".join(WORDS), spans, vocabularies, scores, lambda _: True).attributions


SAID = [(0, 1, 1), (1, 1, 2), (2, 1, 0), (3, 1, 0), (4, 1, 3), (5, 1, 5)]
OFTEN = [(pointer, 2, target) for pointer, _, target in SAID]


@pytest.mark.parametrize(
    ("cues", "pointers", "expected"),
    [
        pytest.param({}, SAID, [], id="no cue"),
        pytest.param({1: 3.0}, SAID, [((1, 2), (0, 0), (3, 5), None)], id="one word speaks for two"),
        pytest.param({1: 3.0, 2: 1.0}, SAID + OFTEN, [((1, 2), (0, 0), (3, 5), None)], id="two words, one cue"),
        pytest.param(
            {1: 3.0, 2: 1.0}, [*SAID, (0, 2, 2), (1, 2, 2)], [((1, 2), (0, 0), (3, 5), None)], id="the surer cue stays"
        ),
        pytest.param({1: 3.0}, SAID[:4], [], id="no content, no attribution"),
        pytest.param({1: 3.0}, [*SAID[:2], *SAID[4:]], [((1, 2), None, (3, 5), None)], id="nobody said it"),
        pytest.param(
            {1: 3.0}, [*SAID, (6, 1, 4), (7, 1, 4)], [((1, 2), (0, 0), (3, 5), (4, 4))], id="a gap in the content"
        ),
        pytest.param(
            {1: 3.0}, [*SAID, (6, 1, 1), (7, 1, 1)], [((1, 2), (0, 0), (3, 5), None)], id="a gap outside is none"
        ),
    ],
)
def test_attributions(
    cues: dict[int, float],
    pointers: list[tuple[int, int, int]],
    expected: list[tuple[tuple[int, int], tuple[int, int] | None, tuple[int, int], tuple[int, int] | None]],
) -> None:
    def pair(found: WordRange | None) -> tuple[int, int] | None:
        return (found.first, found.last) if found else None

    found = attributions(cues, pointers)
    assert [(pair(a.cue), pair(a.speaker), pair(a.content), pair(a.gap)) for a in found] == expected


@pytest.mark.parametrize(
    ("heads", "relations", "mended"),
    [
        # Troops killed at least 12 rebels
        ([1, 1, 3, 4, 5, 1], "nsubj:pass root case nmod nummod obl", "nsubj root case nmod nummod obj"),
        ([1, 1, 3, 4, 5, 1], "nsubj:pass root case nmod nummod obj", "nsubj root case nmod nummod obj"),
        # Troops were killed in 12 raids
        ([2, 2, 2, 5, 5, 2], "nsubj:pass aux:pass root case nummod obl", "nsubj:pass aux:pass root case nummod obl"),
        # Troops killed in Kabul: a headline
        ([1, 1, 3, 1], "nsubj:pass root case obl", "nsubj:pass root case obl"),
        # Farmers halted a protest
        ([1, 1, 3, 1], "nsubj root det obl", "nsubj root det obj"),
        # He was given 12 medals
        ([2, 2, 2, 4, 2], "nsubj:pass aux:pass root nummod obj", "nsubj:pass aux:pass root nummod obj"),
    ],
)
def test_who_has_an_object_did_it(heads: list[int], relations: str, mended: str) -> None:
    found = relations.split()
    _mend_voice(heads, found)
    assert found == mended.split()


@pytest.mark.parametrize(
    ("heads", "relations", "tags", "mended"),
    [
        # Haiti called on Kenya
        ([1, 1, 1, 1], ["nsubj", "root", "compound:prt", "obl"], ["NNP", "VBD", "IN", "NNP"], (3, "case")),
        # Haiti gave up Kenya
        ([1, 1, 1, 1], ["nsubj", "root", "compound:prt", "obj"], ["NNP", "VBD", "IN", "NNP"], (1, "compound:prt")),
        # Haiti went on, of course
        ([1, 1, 1, 4, 1], ["nsubj", "root", "compound:prt", "case", "obl"], ["NNP", "VBD", "IN", "IN", "NN"],
         (1, "compound:prt")),
        # Haiti agreed to terms
        ([1, 1, 1, 1], ["nsubj", "root", "mark", "obl"], ["NNP", "VBD", "TO", "NNS"], (3, "case")),
    ],
)  # fmt: skip
def test_a_particle_before_a_bare_phrase_is_its_preposition(
    heads: list[int], relations: list[str], tags: list[str], mended: tuple[int, str]
) -> None:
    _mend_particles(heads, relations, tags)
    assert (heads[2], relations[2]) == mended


def test_a_verb_that_is_no_auxiliary_heads_its_noun() -> None:
    """The launch drew criticism from Kyiv."""
    heads, relations = [1, 3, 3, 3, 5, 3], "det obj aux:pass root case obl:agent".split()
    _mend_auxiliaries(
        heads, relations, ["DT", "NN", "VBD", "NN", "IN", "NNP"], "The launch drew criticism from K".split()
    )
    assert (heads, relations) == ([1, 2, 2, 2, 5, 3], "det nsubj root obj case obl:agent".split())
    heads, relations = [2, 2, 2], "nsubj:pass aux:pass root".split()  # Criticism was rejected
    _mend_auxiliaries(heads, relations, ["NN", "VBD", "VBN"], "Criticism was rejected".split())
    assert heads == [2, 2, 2]
    heads, relations = [2, 2, 2], "obj advcl root".split()  # Remarks drew criticism
    _mend_auxiliaries(heads, relations, ["NNS", "VBD", "NN"], "Remarks drew criticism".split())
    assert (heads, relations) == ([1, 1, 1], "nsubj root obj".split())


def test_whose_something_is_hangs_from_it() -> None:
    """Israel's air force bombed: not both from the verb."""
    heads, relations = [4, 0, 3, 4, 4], "nsubj case compound nsubj root".split()
    _mend_possessors(heads, relations, ["NNP", "POS", "NN", "NN", "VBD"])
    assert (heads, relations) == ([3, 0, 3, 4, 4], "nmod:poss case compound nsubj root".split())
    heads, relations = [2, 0, 2], "nsubj case root".split()  # Israel's bombing: a verb that it does belong to
    _mend_possessors(heads, relations, ["NNP", "POS", "VBG"])
    assert heads == [2, 0, 2]


@pytest.mark.parametrize(
    ("best", "base"),
    [("overstat", "overstate"), ("offende", "offend"), ("certifi", "certify"), ("mopp", "mop"), ("repeat", "repeat"),
     ("call", "call"), ("criticiz", "criticize"), ("adhere", "adhere")],
)  # fmt: skip
def test_the_base_of_a_verb_that_nobody_knows(best: str, base: str) -> None:
    assert _stem(best) == base
