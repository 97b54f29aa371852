"""What the network is wrong by; where torch is installed."""

from __future__ import annotations

import random

import pytest

torch = pytest.importorskip("torch")

from training.corpus import Ready, blurred, inputs, shuffled  # noqa: E402
from training.data import MISSING, POINTERS  # noqa: E402
from training.losses import Said, gold_losses, sentence_mask, taught_losses  # noqa: E402
from training.network import MPNET, Network, Shape, buckets  # noqa: E402

from communique.language.pieces import Pieces  # noqa: E402

SIZES = {"starts": 1, "tags": 3, "scripts": 4, "names": 9, "cues": 1}
SMALL = Shape(24, 2, 32, 1e-5, buckets=MPNET.buckets)
CPU = torch.device("cpu")


def ready(words: int, *, cues: list[int]) -> Ready:
    pieces = Pieces(
        list(range(1000, 1002 + words)), [1] * (words + 2), list(range(1, words + 1)), list(range(1, words + 1))
    )
    chance = random.Random(words)
    answers = {
        "starts": [1] + [0] * (words - 1),
        "tags": [chance.randrange(3) for _ in range(words)],
        "scripts": [chance.randrange(4) for _ in range(words)],
        "names": [0] * words,
        "cues": [int(i in cues) for i in range(words)],
        "heads": [0] + [1] * (words - 1),
        "relations": [chance.randrange(5) for _ in range(words)],
    }
    return Ready(pieces, answers, [(cues, [0, 0, 1, 1, 2, words - 1, MISSING, MISSING])] if cues else [], 0)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(1)
    return Network(SIZES, 5, len(POINTERS), SMALL).eval()


BATCH = [ready(9, cues=[0]), ready(5, cues=[]), ready(7, cues=[2, 3])]


@pytest.mark.parametrize("task", ["treebank", "attributions"])
def test_learning_makes_it_less(network: Network, task: str) -> None:
    given = inputs(BATCH, CPU)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    totals = []
    for _ in range(12):
        total = torch.stack(list(gold_losses(Said.by(network, given), BATCH, task).values())).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        totals.append(total.item())
    assert totals[-1] < 0.8 * totals[0]


def test_padding_counts_for_nothing(network: Network) -> None:
    alone = Said.by(network, inputs([BATCH[1]], CPU))
    beside = Said.by(network, inputs([BATCH[1], ready(30, cues=[])], CPU))
    words = len(BATCH[1])
    assert torch.allclose(alone.arcs[0, :words, : words + 1], beside.arcs[0, :words, : words + 1], atol=0.02)
    assert torch.allclose(alone.points[0, :, :words, : words + 1], beside.points[0, :, :words, : words + 1], atol=0.02)


def test_a_teacher_is_learned_from(network: Network) -> None:
    given = inputs(BATCH, CPU)
    torch.manual_seed(2)
    teacher = Network(SIZES, 5, len(POINTERS), Shape(36, 1, 32, 1e-5)).eval()
    with torch.no_grad():
        teacher.word_heads.bias[-1] = 2.0  # takes all words for cues
        told = Said.by(teacher, given)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(60):
        torch.manual_seed(3)
        found = taught_losses(Said.by(network, given), told, BATCH)
        total = torch.stack(list(found.values())).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    assert set(found) == {"starts", "tags", "lemmas", "names", "cues", "arcs", "labels", "spans", "gaps"}
    said = Said.by(network, given)
    words = len(BATCH[0])
    assert torch.allclose(
        said.heads["cues"][0, :words].sigmoid(), told.heads["cues"][0, :words].sigmoid(), atol=0.1
    )  # what it had to say


def test_heads_stay_in_their_sentence() -> None:
    inside = sentence_mask(torch.tensor([[1, 0, 1, 0]]))
    assert inside[0].int().tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 0, 0, 1, 1], [1, 0, 0, 1, 1]]


def test_blurring_leaves_the_shapes() -> None:
    clean = inputs(BATCH, CPU)
    for _ in range(20):
        changed = blurred(clean, BATCH, random.Random(4))
        assert [t.shape for t in changed] == [t.shape for t in clean]
    assert torch.equal(clean[1], inputs(BATCH, CPU)[1])


def test_shuffled_has_all_once() -> None:
    groups = shuffled(range(100), 8, random.Random(1), lambda n: n)
    assert sorted(n for group in groups for n in group) == list(range(100))
    assert max(map(len, groups)) == 8


def test_buckets_of_distance() -> None:
    """The first eight exactly, then ever wider ones, sixteen a side (Raffel et al., 2020)."""
    assert buckets(torch.arange(-8, 9)).tolist() == [8, 7, 6, 5, 4, 3, 2, 1, 0, 17, 18, 19, 20, 21, 22, 23, 24]
    assert buckets(torch.tensor([-127, -500, 127, 500])).tolist() == [15, 15, 31, 31]
