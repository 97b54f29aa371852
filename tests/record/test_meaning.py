"""Search by meaning, with vectors that are made of words; and that the encoder's own are as they must be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.record.conftest import FIRST, Reports

from communique.language import Language
from communique.record import Record
from communique.record.meaning import as_bytes, index, missing, search

SIZE = 64


class Words:
    """A vector for the words of a text, whatever their order."""

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        rows = np.array([sum((self._word(word) for word in text.lower().split()), np.zeros(SIZE)) for text in texts])
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(lengths == 0, 1, lengths)).astype(np.float32)

    def _word(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(hashlib.sha256(word.strip(".,").encode()).digest()[:4], "big")
        return np.random.default_rng(seed).standard_normal(SIZE)


@pytest.fixture
def record(reports: Reports) -> Iterator[Record]:
    with Record.open(":memory:") as opened:
        opened.add(reports(3), run=FIRST)
        yield opened


def test_nearest_first_and_each_sentence_once(record: Record) -> None:
    assert search(record, Words(), "it rained") == ()
    assert missing(record) == 12
    assert index(record, Words()) == 12
    assert (missing(record), index(record, Words())) == (0, 0)
    found = search(record, Words(), "rained it")
    assert found[0].sentence == "It rained."
    assert found[0].similarity == pytest.approx(1, abs=0.01)
    assert len(found) == len({one.sentence for one in found}) == 4
    assert len(search(record, Words(), "rained it", limit=2)) == 2
    asked = search(record, Words(), "Borduria asked Syldavia to explain its moves the minister told reporters")[0]
    assert len(asked.event_ids) == 1


def test_dates(record: Record) -> None:
    index(record, Words())
    assert search(record, Words(), "it", since="2023-03-23") == ()
    assert len(search(record, Words(), "it", since="2023-03-22", until="2023-03-22")) == 4


def test_another_model_has_vectors_of_its_own(record: Record) -> None:
    index(record, Words(), model="old")
    assert missing(record, model="new") == 12
    assert search(record, Words(), "it rained", model="new") == ()


def test_bytes_keep_the_direction() -> None:
    vectors = Words().embed(["one two three", "four", ""])
    kept = as_bytes(vectors).astype(np.float32)
    assert np.abs(kept).max() == 127
    assert kept[:2].tolist() != vectors[:2].tolist()
    cosines = (kept[:2] * vectors[:2]).sum(1) / np.linalg.norm(kept[:2], axis=1)
    assert cosines == pytest.approx(1, abs=1e-3)
    assert not kept[2].any()


def test_the_encoder_knows_what_is_alike() -> None:
    language = Language.load()
    texts = [
        "Iran sold drones to Russia.",
        "Tehran delivers unmanned aircraft to Moscow.",
        "It rained in Lima.",
        "",
        " ",
    ]
    vectors = language.embed(texts)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0, 0], abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert language.embed([texts[1]])[0].tolist() == vectors[1].tolist()
    assert language.embed([]).shape[0] == 0
