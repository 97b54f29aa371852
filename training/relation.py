"""Train the network that types the relation between two marked spans: ``python -m training.relation OUT``.

1. Read PLV's sentences and our own (``training/relations.tsv``). 2. Take the word vectors of the exported int8 model in
OUT, of each sentence as it is and with words masked, through MiniLM's lower layers. 3. Train the upper layers.
4. Write OUT/relation.onnx, and the sums of all files of the model.

The large network never sees PLV. So ``five_fold``, which trains the upper layers five times, each time without the fold
that is asked about, measures what is shipped on sentences that nothing was trained on.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
import torch
from torch import Tensor
from torch.nn import functional

from communique.language import Language, Marked
from communique.language.files import FILES, RELATION, SUMS, VOCABULARIES, sums
from communique.language.pieces import cut, mark
from training import data
from training.data import Example
from training.export import write_onnx
from training.minilm import minilm
from training.network import HIDDEN, LOWER, RelationNetwork
from training.train import ROUND, SEED, build, rounded

OURS = Path(__file__).with_name("relations.tsv")
FOLDS = 5
#: The special piece that stands for a masked word; the pieces before it in the vocabulary are special too.
MASK = "[MASK]"
#: Readings of each sentence that the network learns from: the first is whole, in the others words are masked.
READINGS = 4
#: Share of pieces masked in those readings, outside the two spans and in them: who acts says little of what they do.
MASKED, MASKED_IN_SPANS = 0.08, 0.3
#: Types that hold in both directions, and which part of the other questions is learned turned round too.
MUTUAL, TURNED = frozenset(["AGREE", "CONSULT", "COOPERATE", data.NOTHING]), 4
EPOCHS, BATCH, RATE, WARM_UP, SMOOTHING = 12, 32, 2e-4, 0.1, 0.1
#: What is new learns so many times faster than the layers.
HEADS = 4
INPUTS = {"vectors": {1: "pieces"}, "roles": {0: "batch", 1: "pieces"}, "mask": {1: "pieces"}}


@dataclass(frozen=True)
class Question:
    """A sentence with its spans: what the lower layers see [pieces, hidden] in each reading, the roles, the answer."""

    readings: list[Tensor]
    roles: list[int]
    event: int


def load_language(folder: Path, relation: Path | None = None) -> Language:
    """Load the exported model, with the relation network of ``relation`` where there is one."""
    paths = {name: relation if name == RELATION else folder / name for name in FILES}
    content = {name: path.read_bytes() for name, path in paths.items() if path}
    return Language.from_files(content | {VOCABULARIES: with_relations(content[VOCABULARIES])})


def with_relations(vocabularies: bytes) -> bytes:
    """Return the file of vocabularies with the types that are trained here."""
    known: dict[str, object] = json.loads(vocabularies)
    return json.dumps(known | {"relations": data.RELATIONS}, ensure_ascii=False).encode()


def untrained() -> RelationNetwork:
    """Return a relation network whose layers are MiniLM's."""
    torch.manual_seed(SEED)
    whole = build({"tags": [""], "scripts": [""], "names": [""], "labels": [""]})
    whole.load_minilm(minilm() / "model.safetensors")
    network = RelationNetwork(len(data.RELATIONS))
    network.positions.load_state_dict(whole.positions.state_dict())
    network.norm.load_state_dict(whole.norm.state_dict())
    network.lower.load_state_dict(whole.layers[:LOWER].state_dict())
    network.upper.load_state_dict(whole.layers[LOWER:].state_dict())
    return network


def prepare(folder: Path, examples: Sequence[Example]) -> list[Question]:
    """Let the model in ``folder``, and the lower layers, read each sentence ``READINGS`` times."""
    rng = random.Random(SEED)
    language, network = load_language(folder), untrained().eval()
    mask_piece = language.tokenizer.token_to_id(MASK)
    questions = []
    for example in examples:
        pieces = cut(language.tokenizer, example.text, example.words)
        assert example.actor is not None
        assert example.recipient is not None
        roles = mark(pieces, example.words, example.actor, example.recipient)
        masked = [_masked(pieces.ids, roles, rng, mask_piece) for _ in range(READINGS - 1)]
        vectors = torch.from_numpy(
            language.vectors([pieces, *(msgspec.structs.replace(pieces, ids=ids) for ids in masked)])
        )
        with torch.no_grad():
            seen = network.read(vectors, torch.ones(vectors.shape[:2], dtype=torch.int64))
        questions.append(Question(list(seen), roles, example.event))
    return questions


def turned(questions: Sequence[Question]) -> list[Question]:
    """Return every ``TURNED``-th question about a directed deed with the two changed about: nothing is done so."""
    swapped = {0: 0, 1: 2, 2: 1}
    nothing = data.RELATIONS.index(data.NOTHING)
    directed = [q for q in questions if data.RELATIONS[q.event] not in MUTUAL]
    return [Question(q.readings, [swapped[role] for role in q.roles], nothing) for q in directed[::TURNED]]


def _masked(ids: list[int], roles: list[int], rng: random.Random, mask_piece: int) -> list[int]:
    return [
        mask_piece if piece > mask_piece and rng.random() < (MASKED_IN_SPANS if role else MASKED) else piece
        for piece, role in zip(ids, roles, strict=True)
    ]


def stack(batch: Sequence[Question], readings: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
    """Stack questions, one reading each, into what the upper layers take."""
    longest = rounded(max(len(q.roles) for q in batch))
    seen = torch.zeros(len(batch), longest, HIDDEN)
    roles, mask = (torch.zeros(len(batch), longest, dtype=torch.int64) for _ in range(2))
    for row, (question, reading) in enumerate(zip(batch, readings, strict=True)):
        size = len(question.roles)
        seen[row, :size] = question.readings[reading]
        roles[row, :size] = torch.tensor(question.roles)
        mask[row, :size] = 1
    return seen, roles, mask


def train(questions: Sequence[Question]) -> RelationNetwork:
    """Train the upper layers of one network."""
    network, rng = untrained(), random.Random(SEED)
    heads = [*network.roles.parameters(), *network.answer.parameters()]
    groups = [{"params": list(network.upper.parameters()), "lr": RATE}, {"params": heads, "lr": HEADS * RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.05, fused=True)
    rates = [group["lr"] for group in groups]
    total = EPOCHS * -(-len(questions) // BATCH)
    for step, batch in enumerate(_epochs(questions, rng)):
        share = step / total
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * min(share / WARM_UP, (1.0 - share) / (1.0 - WARM_UP))
        with torch.autocast("cpu", torch.bfloat16):
            logits = network.ask(*stack(batch, [rng.randrange(READINGS) for _ in batch]))
        answer = torch.tensor([q.event for q in batch])
        loss = functional.cross_entropy(logits.float(), answer, label_smoothing=SMOOTHING)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
    return network.eval()


def _epochs(questions: Sequence[Question], rng: random.Random) -> Iterator[list[Question]]:
    for _ in range(EPOCHS):
        order = list(questions)
        rng.shuffle(order)
        order.sort(key=lambda q: len(q.roles) // ROUND)
        batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        rng.shuffle(batches)
        yield from batches


def write(network: RelationNetwork, path: Path) -> None:
    """Export a relation network; one sentence at a time, with all its pairs of spans."""
    example = (torch.zeros(1, 9, HIDDEN), *(torch.ones((n, 9), dtype=torch.int64) for n in (2, 1)))
    with tempfile.TemporaryDirectory() as work:
        write_onnx(network, example, INPUTS, ["relation"], path, Path(work), four_bits=True)


def fold_of(example: Example) -> int:
    """The fold of a sentence, the same wherever it stands."""
    return int(sha256(example.text.encode()).hexdigest(), 16) % FOLDS


def read_all() -> tuple[list[Example], list[Example]]:
    """Return PLV's sentences and ours."""
    return list(data.read_relations(data.DATA / "plv/train.tsv")), list(data.read_own_relations(OURS))


def folds(folder: Path, kept: Path | None = None) -> Iterator[tuple[list[Example], Language]]:
    """Yield PLV's sentences fold by fold, each with a language model whose relation network was trained without them.

    The networks are exported and asked as they would be shipped; in the folder ``kept`` they are looked for first,
    and left for the next time.
    """
    plv, ours = read_all()
    parts = [[example for example in plv if fold_of(example) == fold] for fold in range(FOLDS)]
    with tempfile.TemporaryDirectory() as work:
        where = kept or Path(work)
        where.mkdir(parents=True, exist_ok=True)
        paths = [where / f"{fold}-{RELATION}" for fold in range(FOLDS)]
        if not all(path.exists() for path in paths):
            questions, always = [prepare(folder, part) for part in parts], prepare(folder, ours)
            for fold, path in enumerate(paths):
                others = [question for other in range(FOLDS) if other != fold for question in questions[other]]
                write(train([*others, *turned(others), *always]), path)
        for part, path in zip(parts, paths, strict=True):
            yield part, load_language(folder, path)


def five_fold(folder: Path) -> list[tuple[str, str]]:
    """Return (answer, gold) for each of PLV's sentences; the answer is that of a network trained without its fold."""
    pairs: list[tuple[str, str]] = []
    for part, language in folds(folder):
        answers = language.relations([Marked(e.text, e.actor, e.recipient) for e in part if e.actor and e.recipient])
        found = [max(data.PLV_RELATIONS, key=answer.__getitem__) for answer in answers]
        pairs += zip(found, (data.RELATIONS[e.event] for e in part), strict=True)
    return pairs


def main() -> None:
    """Train on all sentences and write OUT/relation.onnx."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    plv, ours = read_all()
    asked, always = prepare(out, plv), prepare(out, ours)
    write(train([*asked, *turned(asked), *always]), out / RELATION)
    (out / VOCABULARIES).write_bytes(with_relations((out / VOCABULARIES).read_bytes()))
    (out / SUMS).write_bytes(sums({name: (out / name).read_bytes() for name in FILES}))


if __name__ == "__main__":
    main()
