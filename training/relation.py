"""Train the network that types the relation between two marked spans: ``python -m training.relation OUT``.

1. Read PLV's sentences and our own (``training/relations.tsv``), and, where ``training.teacher`` left them in ``WORK``,
sentences of news with the answers of a larger network. 2. Take the word vectors of each sentence, as it is and with
words masked. 3. Train MiniLM's layers, the lower ones at a lower rate. 4. Write OUT/relation.onnx, and the sums of all
files of the model.

The large network never sees PLV. So ``five_fold``, which trains five times, each time without the fold that is asked
about, measures what is shipped on sentences that nothing was trained on.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from communique.language import Language, Marked, find_words
from communique.language.files import FILES, RELATION, SUMS, VOCABULARIES, sums
from communique.language.pieces import cut, mark
from communique.model import Span
from training import data
from training.corpus import rounded, shuffled
from training.data import LONGEST, Example
from training.export import write_onnx
from training.network import LOWER, MINILM, RelationNetwork
from training.train import SEED, pretrained

OURS = Path(__file__).with_name("relations.tsv")
#: What is made on the way lies here: the questions about news, and what the teachers answered.
WORK, QUESTIONS, TOLD = Path(__file__).with_name("work"), "questions.json", "told.npz"
FOLDS = 5
#: The special piece that stands for a masked word; the pieces before it in the vocabulary are special too.
MASK = "[MASK]"
#: Readings of each sentence that the network learns from: the first is whole, in the others words are masked.
READINGS, READINGS_OF_NEWS = 3, 1
#: Questions that only a teacher answered, each time round: so many keep what it knows of the news.
NEWS = 3000
#: Share of pieces masked in those readings, outside the two spans and in them: who acts says little of what they do.
MASKED, MASKED_IN_SPANS = 0.08, 0.3
#: How often each of PLV's sentences is read each time round, beside ten times as many of ours.
TIMES = 3
#: Types that hold in both directions, and which part of the other questions is learned turned round too.
MUTUAL, TURNED = frozenset(["AGREE", "CONSULT", "COOPERATE", data.NOTHING]), 4
EPOCHS, BATCH, RATE, WARM_UP, SMOOTHING = 7, 32, 1.5e-4, 0.1, 0.1
#: The rate of the lower layers; and what is new learns so many times faster than the upper ones.
LOWER_RATE, HEADS = 8e-5, 5
INPUTS = {"vectors": {1: "pieces"}, "roles": {0: "pairs", 1: "pieces"}}


@dataclass(frozen=True)
class Question:
    """A sentence with its spans: the word vectors [pieces, hidden] of each reading, the roles, the answer.

    ``event`` is the type where a person marked it; ``answer`` are the probabilities [types] to learn.
    """

    readings: list[Tensor]
    roles: list[int]
    event: int
    answer: Tensor


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
    whole = pretrained({"tags": [""], "scripts": [""], "names": [""], "labels": [""]}, MINILM)
    network = RelationNetwork(len(data.RELATIONS))
    network.positions.load_state_dict(whole.positions.state_dict())
    network.norm.load_state_dict(whole.norm.state_dict())
    network.lower.load_state_dict(whole.layers[:LOWER].state_dict())
    network.upper.load_state_dict(whole.layers[LOWER:].state_dict())
    return network


def marked(event: int) -> Tensor:
    """The probabilities to learn for what a person marked: nearly sure."""
    answer = torch.full((len(data.RELATIONS),), SMOOTHING / len(data.RELATIONS))
    answer[event] += 1.0 - SMOOTHING
    return answer


def prepare(folder: Path, examples: Sequence[Example], readings: int = READINGS) -> list[Question]:
    """Let the model in ``folder`` read each sentence so many times."""
    rng = random.Random(SEED)
    language = load_language(folder)
    mask_piece = language.tokenizer.token_to_id(MASK)
    questions = []
    for example in examples:
        pieces = cut(language.tokenizer, example.text, example.words)
        assert example.actor is not None
        assert example.recipient is not None
        roles = mark(pieces, example.words, example.actor, example.recipient)
        masked = [_masked(pieces.ids, roles, rng, mask_piece) for _ in range(readings - 1)]
        vectors = torch.from_numpy(
            language.vectors([pieces, *(msgspec.structs.replace(pieces, ids=ids) for ids in masked)])
        )
        questions.append(Question(list(vectors.bfloat16()), roles, example.event, marked(example.event)))
    return questions


def turned(examples: Sequence[Example]) -> list[Example]:
    """Return every ``TURNED``-th sentence about a directed deed with the two changed about: nothing is done so."""
    nothing = data.RELATIONS.index(data.NOTHING)
    directed = [e for e in examples if data.RELATIONS[e.event] not in MUTUAL]
    return [replace(e, actor=e.recipient, recipient=e.actor, event=nothing) for e in directed[::TURNED]]


def _masked(ids: list[int], roles: list[int], rng: random.Random, mask_piece: int) -> list[int]:
    return [
        mask_piece if piece > mask_piece and rng.random() < (MASKED_IN_SPANS if role else MASKED) else piece
        for piece, role in zip(ids, roles, strict=True)
    ]


def stack(batch: Sequence[Question], readings: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
    """Stack questions, one reading each, into vectors, roles and mask."""
    longest = rounded(max(len(q.roles) for q in batch))
    vectors = torch.zeros(len(batch), longest, MINILM.hidden, dtype=torch.bfloat16)
    roles, mask = (torch.zeros(len(batch), longest, dtype=torch.int64) for _ in range(2))
    for row, (question, reading) in enumerate(zip(batch, readings, strict=True)):
        size = len(question.roles)
        vectors[row, :size] = question.readings[reading]
        roles[row, :size] = torch.tensor(question.roles)
        mask[row, :size] = 1
    return vectors, roles, mask


def train(questions: Sequence[Question], news: Sequence[Question] = ()) -> RelationNetwork:
    """Train one network; each time round also on some of the questions that only a teacher answered."""
    network, rng = untrained(), random.Random(SEED)
    heads = [*network.roles.parameters(), *network.answer.parameters()]
    parts = ((network.lower.parameters(), LOWER_RATE), (network.upper.parameters(), RATE), (heads, HEADS * RATE))
    groups = [{"params": list(part), "lr": rate} for part, rate in parts]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.05, fused=True)
    rates = [group["lr"] for group in groups]
    total = EPOCHS * -(-(len(questions) + min(len(news), NEWS)) // BATCH)
    for step, batch in enumerate(_epochs(questions, news, rng)):
        share = step / total
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * min(share / WARM_UP, (1.0 - share) / (1.0 - WARM_UP))
        vectors, roles, mask = stack(batch, [rng.randrange(len(q.readings)) for q in batch])
        with torch.autocast("cpu", torch.bfloat16):
            logits = network.ask(network.read(vectors, mask), roles, mask)
        loss = functional.cross_entropy(logits.float(), torch.stack([q.answer for q in batch]))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
    return network.eval()


def _epochs(questions: Sequence[Question], news: Sequence[Question], rng: random.Random) -> Iterator[list[Question]]:
    for _ in range(EPOCHS):
        drawn = rng.sample(news, min(len(news), NEWS))
        yield from shuffled([*questions, *drawn], BATCH, rng, lambda q: len(q.roles))


def write(network: RelationNetwork, path: Path) -> None:
    """Export a relation network; one sentence at a time, with all its pairs of spans."""
    example = (torch.zeros(1, 9, MINILM.hidden), torch.ones((2, 9), dtype=torch.int64))
    write_onnx(network, example, INPUTS, ["relation"], path)


def fold_of(example: Example) -> int:
    """The fold of a sentence, the same wherever it stands."""
    return int(sha256(example.text.encode()).hexdigest(), 16) % FOLDS


def read_all() -> tuple[list[Example], list[Example]]:
    """Return PLV's sentences and ours."""
    return list(data.read_relations(data.DATA / "plv/train.tsv")), list(data.read_own_relations(OURS))


class Told:
    """Questions about news with the answers of teachers, as ``training.teacher`` left them in ``WORK``."""

    def __init__(self, folder: Path) -> None:
        with np.load(WORK / TOLD) as arrays:
            self._answers = torch.from_numpy(arrays["logits"]).float().softmax(-1)
        self._questions = prepare(folder, read_questions(), READINGS_OF_NEWS)

    @staticmethod
    def there() -> bool:
        """Say whether there are such answers."""
        return (WORK / TOLD).exists()

    def by(self, teacher: int) -> list[Question]:
        """Return the questions as one teacher answers them: 0 to 4 learned without that fold, the last from all."""
        answers = self._answers[teacher]
        return [replace(q, answer=a) for q, a in zip(self._questions, answers, strict=True)]


def read_questions() -> list[Example]:
    """Return the sentences of news with two marked spans that the teachers were asked about."""
    rows = msgspec.json.decode((WORK / QUESTIONS).read_bytes(), type=list[tuple[str, int, int, int, int]])
    return [
        Example(text, find_words(text)[:LONGEST], actor=Span(a, b), recipient=Span(c, d)) for text, a, b, c, d in rows
    ]


def lesson(plv: Sequence[Example], ours: Sequence[Example], without: int | None = None) -> list[Example]:
    """Return what is learned from: PLV's sentences without a fold, again and again, some turned round, and ours."""
    known = [example for example in plv if fold_of(example) != without]
    return [*known * TIMES, *turned(known), *ours]


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
            told = Told(folder) if Told.there() else None
            for fold, path in enumerate(paths):
                write(train(prepare(folder, lesson(plv, ours, fold)), told.by(fold) if told else ()), path)
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
    news = Told(out).by(FOLDS) if Told.there() else ()
    write(train(prepare(out, lesson(plv, ours)), news), out / RELATION)
    (out / VOCABULARIES).write_bytes(with_relations((out / VOCABULARIES).read_bytes()))
    (out / SUMS).write_bytes(sums({name: (out / name).read_bytes() for name in FILES}))


if __name__ == "__main__":
    main()
