"""The lexicon's files are well-formed and do not contradict themselves."""

from __future__ import annotations

from collections import Counter

import pytest

from communique import codebook
from communique.events.lexicon import Lexicon, LexiconError, Words, parse_slot
from communique.events.lexicon.frames import CAMEO_ROOTS, read_frames


def test_there_are_frames_for_every_type() -> None:
    counts = Counter(frame.event for frame in Lexicon.load())
    assert set(counts) == {found.name for found in codebook.types()}
    assert sum(counts.values()) > 1000


def test_classes_named_in_frames_exist() -> None:
    classes = Words.load().classes
    named = {
        wanted[1:]
        for frame in Lexicon.load()
        for slot in frame.slots
        for wanted in slot.wanted
        if wanted.startswith("@")
    }
    assert named <= set(classes)


def test_no_frame_is_listed_twice_under_a_type() -> None:
    seen = Counter((frame.event, frame.lemma, frame.part, frame.slots) for frame in Lexicon.load())
    assert [key for key, count in seen.items() if count > 1] == []


def test_cameo_codes_belong_to_the_type() -> None:
    wrong = [frame.line for frame in Lexicon.load() if frame.cameo[:2] not in CAMEO_ROOTS[frame.event]]
    assert wrong == []


def test_contexts_are_plovers() -> None:
    assert set(Words.load().contexts) <= set(codebook.contexts())
    assert set(Words.load().means) <= set(codebook.modes("ASSAULT"))


def test_matters_give_known_modes_and_codes() -> None:
    roots = {"AGREE": "03", "CONCEDE": "03", "REQUEST": "02", "REJECT": "12"}
    for matter in Words.load().matters:
        if matter.mode:
            codebook.score("REQUEST", (matter.mode,))
        if matter.threat:
            codebook.score("THREATEN", (matter.threat,))
        for event, ending in matter.endings.items():
            codebook.goldstein(roots[event] + ending)


@pytest.mark.parametrize(
    "line", ["a\tb", "condemn\t>obj\tno-such-mode\t111", "condemn\t>:x\t-\t111", "condemn\t>obj\t-\t999"]
)
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(LexiconError, match=r"accuse\.tsv:1"):
        list(read_frames(line, "ACCUSE", "accuse.tsv"))


def test_slots() -> None:
    assert parse_slot("&with|between?").use == "both"
    assert parse_slot("!obj:@weapons").wanted == ("@weapons",)
