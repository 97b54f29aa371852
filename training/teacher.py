"""Ask a larger network what happens between parties in the news: ``python -m training.teacher``; needs a GPU.

1. The coder, as it is, reads PolNeAR's train articles; every pair of parties that it asks its relation network about is
a question (``WORK/questions.json``), and so are as many other pairs as make ``MOST_QUESTIONS``. 2. MPNet is trained on
PLV's and our marked sentences, five times without one fold of PLV, so that what is measured on a fold was never taught
about it, and once on all. 3. Each answers all questions (``WORK/told.npz``), from which ``training.relation`` learns.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import permutations

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from communique.actors import Atlas, find_cast
from communique.events import find_events
from communique.events.lexicon import Words
from communique.events.pairs import Pairs
from communique.events.parties import Parties
from communique.events.roles import Roles
from communique.events.syntax import Tree
from communique.language import Language, Marked
from communique.language.pieces import cut, mark
from communique.model import Article
from communique.statements import find_statements
from training import data
from training.corpus import MASK_PIECE, pad, shuffled
from training.data import Example
from training.network import RelationTeacher
from training.pretrained import load_tokenizer, mpnet_encoder
from training.relation import (
    FOLDS,
    MASKED,
    MASKED_IN_SPANS,
    QUESTIONS,
    SMOOTHING,
    TOLD,
    WARM_UP,
    WORK,
    fold_of,
    lesson,
    read_all,
    read_questions,
)
from training.train import SEED

#: A question: the sentence, and from where to where its two phrases reach.
Asked = tuple[str, int, int, int, int]
MOST_QUESTIONS = 40_000
EPOCHS, BATCH, ANSWERED, RATE, DECAY = 9, 32, 64, 5e-5, 0.05
#: What is new learns so many times faster than the encoder.
HEADS = 8
NEW = ("roles", "answer", "kinds")


def ask_about_news() -> None:
    """Write the questions that events ask about PolNeAR's train articles, and others about any two of a sentence."""
    language, atlas, words = Language.load(), Atlas.load(), Words.load()
    asked: dict[Asked, None] = {}
    others: dict[Asked, None] = {}

    def relations(marked: Sequence[Marked]) -> list[dict[str, float]]:
        asked.update(dict.fromkeys(map(_asked, marked)))
        return language.relations(marked)

    for name, text, _ in data.read_marked_articles(data.DATA / "polnear/train"):
        parsed = language.parse(Article(id=name, text=text))
        cast = find_cast(parsed, atlas)
        statements = find_statements(parsed, cast)
        find_events(parsed, cast, statements, relations)
        tree = Tree(parsed, words)
        pairs = Pairs(tree, Roles(tree, cast, statements), Parties(cast.entities))
        for number in range(len(parsed.sentences)):
            others.update(dict.fromkeys(map(_asked, _any_two(pairs, number))))
    more = sorted(others.keys() - asked.keys())
    drawn = random.Random(SEED).sample(more, min(len(more), max(0, MOST_QUESTIONS - len(asked))))
    WORK.mkdir(exist_ok=True)
    (WORK / QUESTIONS).write_bytes(msgspec.json.encode([*asked, *drawn]))


def _asked(question: Marked) -> Asked:
    spans = question.actor, question.recipient
    return question.text, spans[0].start, spans[0].end, spans[1].start, spans[1].end


def _any_two(pairs: Pairs, sentence: int) -> Iterator[Marked]:
    """Yield the questions about any two phrases of a sentence that name somebody."""
    heads = [head for head in pairs.heads(sentence) if pairs.borne_by(head)]
    marked = (pairs.marked(sentence, one, two) for one, two in permutations(heads, 2))
    return (question for question in marked if question is not None)


class Teaching:
    """Examples to batches, on a device."""

    def __init__(self, device: torch.device) -> None:
        self._tokenizer, self.device = load_tokenizer(), device

    def stack(self, examples: Sequence[Example], rng: random.Random | None = None) -> tuple[Tensor, ...]:
        """Return ids, features, roles, mask, all [questions, pieces]; with ``rng``, some pieces are masked."""
        pieces = [cut(self._tokenizer, e.text, e.words) for e in examples]
        both = [(p, e) for p, e in zip(pieces, examples, strict=True) if e.actor and e.recipient]
        roles = [mark(p, e.words, e.actor, e.recipient) for p, e in both if e.actor and e.recipient]
        rows = [p.ids for p in pieces], [p.features for p in pieces], roles, [[1] * len(p.ids) for p in pieces]
        ids, features, told, mask = (pad(values, 0, self.device) for values in rows)
        if rng is not None:
            share = torch.where(told > 0, MASKED_IN_SPANS, MASKED)
            ids = torch.where((torch.rand(ids.shape, device=ids.device) < share) & (ids > MASK_PIECE), MASK_PIECE, ids)
        return ids, features, told, mask

    def teach(self, examples: Sequence[Example]) -> RelationTeacher:
        """Train MPNet on marked sentences."""
        torch.manual_seed(SEED)
        rng = random.Random(SEED)
        network = RelationTeacher(len(data.RELATIONS))
        network.load_encoder(mpnet_encoder())
        parameters = [(name, p) for name, p in network.to(self.device).named_parameters() if p.requires_grad]
        groups = [
            {"params": [p for name, p in parameters if name.startswith(NEW) == new], "lr": rate}
            for new, rate in ((False, RATE), (True, HEADS * RATE))
        ]
        optimizer = torch.optim.AdamW(groups, weight_decay=DECAY, fused=True)
        rates, total = [g["lr"] for g in groups], EPOCHS * -(-len(examples) // BATCH)
        drawn = (b for _ in range(EPOCHS) for b in shuffled(examples, BATCH, rng, lambda e: len(e.words)))
        for step, batch in enumerate(drawn):
            share = step / total
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * min(share / WARM_UP, (1.0 - share) / (1.0 - WARM_UP))  # type: ignore[operator]
            with torch.autocast(self.device.type, torch.bfloat16):
                logits = network(*self.stack(batch, rng))
            answer = torch.tensor([e.event for e in batch], device=self.device)
            loss = functional.cross_entropy(logits.float(), answer, label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
        return network.eval()

    def answers(self, network: RelationTeacher, examples: Sequence[Example]) -> NDArray[np.float16]:
        """Return the logits [questions, types]."""
        found = []
        for first in range(0, len(examples), ANSWERED):
            with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16):
                found.append(network(*self.stack(examples[first : first + ANSWERED])).half().cpu())
        answers: NDArray[np.float16] = torch.cat(found).numpy()
        return answers


def main() -> None:
    """Ask, teach, answer; print how many of each fold the teachers get right."""
    if not torch.cuda.is_available():
        raise SystemExit("training.teacher needs a GPU; training.relation does without it, a little less well")
    ask_about_news()
    teaching, questions, told = Teaching(torch.device("cuda")), read_questions(), []
    plv, ours = read_all()
    for fold in range(FOLDS + 1):
        network = teaching.teach(lesson(plv, ours, fold))
        told.append(teaching.answers(network, questions))
        unseen = [example for example in plv if fold_of(example) == fold]
        if unseen:
            found = teaching.answers(network, unseen)[:, : len(data.PLV_RELATIONS)].argmax(1)
            print(f"{(found == np.array([e.event for e in unseen])).mean():.3f} of {len(unseen)} right", flush=True)
    np.savez_compressed(WORK / TOLD, logits=np.stack(told))


if __name__ == "__main__":
    main()
