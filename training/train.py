"""Train the network on all tasks at once: ``python -m training.train WORK [--minutes N]``.

1. Read the public data (``training.data``). 2. Draw batches of one task at a time, in proportion to
``SHARES``. 3. Step with AdamW, a warm-up and a linear fall over ``STEPS``, or over the minutes given where
those end first. 4. Checkpoint every ``CHECKPOINT_SECONDS``; a second run resumes. 5. Write ``network.pt``
with the vocabularies. The relation network is trained afterwards, by ``training.relation``.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from communique.language.decode import LABEL_RANK, SPANS
from communique.language.pieces import CASES, Pieces, cut
from training import data
from training.data import MISSING, Example
from training.minilm import load_tokenizer, minilm
from training.network import Network

SEED = 20230322
#: About 24 readings of the treebank and 10 of the attributions.
STEPS = 16000
SHARES = {"treebank": 0.45, "attributions": 0.55}
WORDS_A_BATCH = {"treebank": 700, "attributions": 900}
ENCODER_RATE, HEAD_RATE, WARM_UP = 2e-4, 1.2e-3, 0.05
WORD_DROPOUT, MASK_PIECE = 0.06, 103
#: Share of paragraphs shown as if all in capitals, title case or lower case: headlines and careless typing.
RECASED = 0.06
#: One treebank paragraph in so many is shown a second time without its final stops, or without punctuation.
UNPUNCTUATED = 8
CHECKPOINT_SECONDS = 300
#: Batches are filled up to a multiple of this many words and pieces: few shapes, so that kernels are made once.
ROUND = 16
#: Weight of each loss in the sum of its task.
WEIGHTS = {
    "starts": 0.5,
    "tags": 1.0,
    "lemmas": 0.7,
    "arcs": 1.0,
    "labels": 1.0,
    "names": 1.0,
    "cues": 2.0,
    "spans": 0.7,
    "gaps": 0.3,
}
#: Silver tags and sentence starts of news count this much beside the treebank's.
SILVER = 0.3
#: A lemma script is learned where so many different words follow it; the others are in the table of lemmas.
LEAST_FORMS = 4
UNREACHABLE = -1e4


@dataclass(frozen=True)
class Ready:
    """An example as the network takes it: its pieces, and the answers of each word head."""

    pieces: Pieces
    answers: dict[str, list[int]]
    attributions: list[tuple[list[int], list[int]]]

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
        bare = [
            data.without_punctuation(e, final_only=number % (2 * UNPUNCTUATED) == 0)
            for number, e in enumerate(treebank)
            if number % UNPUNCTUATED == 0
        ]
        self.tasks = {
            "treebank": [self._ready(tokenizer, e) for e in (*treebank, *bare) if e.words],
            "attributions": [self._ready(tokenizer, e) for e in news],
        }

    def _ready(self, tokenizer: Tokenizer, example: Example) -> Ready:
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
        return Ready(cut(tokenizer, example.text, example.words), filled, example.attributions)


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


def sizes(vocabularies: dict[str, list[str]]) -> dict[str, int]:
    """Return the number of classes of each word head, in the order of the network's output."""
    return {"starts": 1} | {name: len(vocabularies[name]) for name in ("tags", "scripts", "names")} | {"cues": 1}


def build(vocabularies: dict[str, list[str]]) -> Network:
    """Make a network for the vocabularies."""
    return Network(sizes(vocabularies), len(vocabularies["labels"]), len(data.POINTERS))


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


def inputs(batch: Sequence[Ready], rng: random.Random, device: torch.device) -> tuple[Tensor, ...]:
    """Stack a batch into the network's five inputs, some pieces masked and some paragraphs in another case."""
    ids = pad([r.pieces.ids for r in batch], 0, device)
    features = pad([_recased(r.pieces.features, rng) for r in batch], 0, device)
    mask = pad([[1] * len(r.pieces.ids) for r in batch], 0, device)
    dropped = (torch.rand(ids.shape, device=device) < WORD_DROPOUT) & (mask == 1) & (ids > MASK_PIECE)
    ids = torch.where(dropped, MASK_PIECE, ids)
    first = pad([r.pieces.first for r in batch], 0, device)
    last = pad([r.pieces.last for r in batch], 0, device)
    return ids, features, mask, first, last


def _recased(features: list[int], rng: random.Random) -> list[int]:
    if rng.random() >= RECASED:
        return features
    case = CASES.index(rng.choice(("lower", "title", "upper")))
    changed = {CASES.index(name) for name in ("lower", "title", "upper", "initial", "mixed")}
    return [f - f % len(CASES) + case if f % len(CASES) in changed else f for f in features]


def losses(
    network: Network, batch: list[Ready], task: str, rng: random.Random, device: torch.device
) -> dict[str, Tensor]:
    """Run the network on a batch and return the task's losses by name."""
    with torch.autocast(device.type, torch.bfloat16):
        outputs = network(*inputs(batch, rng, device))
    word, arcs, dep, head, points, spans = (output.float() for output in outputs[:6])
    parts = dict(zip(network.sizes, word.split(list(network.sizes.values()), -1), strict=True))
    answers = {name: pad([r.answers[name] for r in batch], MISSING, device) for name in batch[0].answers}
    found = {"starts": _binary(parts["starts"], answers["starts"]), "tags": _classes(parts["tags"], answers["tags"])}
    if task == "treebank":
        found["lemmas"] = _classes(parts["scripts"], answers["scripts"])
        return found | _dependencies(network, arcs, dep, head, answers)
    found = {name: SILVER * value for name, value in found.items()}
    found["names"] = _classes(parts["names"], answers["names"])
    found["cues"] = _binary(parts["cues"], answers["cues"])
    return found | _attributions(points, spans, batch)


def _binary(logits: Tensor, answers: Tensor) -> Tensor:
    known = answers != MISSING
    summed = functional.binary_cross_entropy_with_logits(
        logits[..., 0], answers.clamp(min=0).float(), weight=known.float(), reduction="sum"
    )
    return summed / known.sum().clamp(min=1)


def _classes(logits: Tensor, answers: Tensor) -> Tensor:
    if (answers == MISSING).all():
        return logits.sum() * 0
    return functional.cross_entropy(logits.flatten(0, 1), answers.flatten(), ignore_index=MISSING)


def sentence_mask(starts: Tensor) -> Tensor:
    """[batch, words] of sentence starts to [batch, words, words + 1]: which heads lie in the same sentence."""
    number = torch.where(starts == MISSING, 1_000_000, starts).cumsum(1)
    same = number[:, :, None] == number[:, None, :]
    return torch.cat([torch.ones_like(same[..., :1]), same], -1)


def _dependencies(
    network: Network, arcs: Tensor, dep: Tensor, head: Tensor, answers: dict[str, Tensor]
) -> dict[str, Tensor]:
    heads, kinds = answers["heads"], answers["relations"]
    arcs = arcs.masked_fill(~sentence_mask(answers["starts"]), UNREACHABLE)
    at = (heads - 1).clamp(min=0)
    governors = torch.gather(head, 1, at[..., None].expand(-1, -1, head.shape[-1]))
    return {
        "arcs": _classes(arcs, heads),
        "labels": _classes(label_scores(dep, governors, network.labels), torch.where(heads > 0, kinds, MISSING)),
    }


def label_scores(dep: Tensor, head: Tensor, labels: int) -> Tensor:
    """Low-rank label scores [..., labels] of each dependent with its (gathered) head."""
    d, h = (x.view(*x.shape[:-1], labels, LABEL_RANK + 1) for x in (dep, head))
    return (d[..., :-1] * h[..., :-1]).sum(-1) + d[..., -1] + h[..., -1]


def _attributions(points: Tensor, spans: Tensor, batch: list[Ready]) -> dict[str, Tensor]:
    """Losses of the spans that belong to each cue word: both ends of each span at once, those of the gap one by one."""
    device = points.device
    rows = [(i, cue, ends, len(cues)) for i, r in enumerate(batch) for cues, ends in r.attributions for cue in cues]
    if not rows:
        return {"spans": points.sum() * 0, "gaps": points.sum() * 0}
    which, cue = (torch.tensor([row[k] for row in rows], device=device) for k in (0, 1))
    target = torch.tensor([row[2] for row in rows], device=device) + 1
    weight = torch.tensor([1.0 / row[3] for row in rows], device=device)
    words = torch.tensor([len(r) for r in batch], device=device)[which]
    size = points.shape[-1]
    chosen = points[which, :, cue]  # [rows, pointers, words + 1]
    chosen = chosen.masked_fill(torch.arange(size, device=device) > words[:, None, None], UNREACHABLE)
    order = torch.ones(size - 1, size - 1, dtype=torch.bool, device=device).triu()
    total = points.new_zeros(())
    for number in range(len(SPANS)):
        start, end = chosen[:, 2 * number], chosen[:, 2 * number + 1]
        pairs = start[:, 1:, None] + end[:, None, 1:] + spans[which, number]
        pairs = pairs.masked_fill(~order, UNREACHABLE).flatten(1)
        logits = torch.cat([(start[:, 0] + end[:, 0])[:, None], pairs], 1)
        first, last = target[:, 2 * number], target[:, 2 * number + 1]
        answer = torch.where(first == 0, 0, (first - 1) * (size - 1) + last)
        total = total + (functional.cross_entropy(logits, answer, reduction="none") * weight).sum() / weight.sum()
    gap = chosen[:, 2 * len(SPANS) :]
    wrong = functional.cross_entropy(gap.transpose(1, 2), target[:, 2 * len(SPANS) :], reduction="none").sum(1)
    return {"spans": total, "gaps": (wrong * weight).sum() / weight.sum()}


class Run:
    """A training run that can be killed and resumed: network, optimizer, steps done and seconds spent."""

    def __init__(self, work: Path, network: Network, vocabularies: dict[str, object]) -> None:
        self._work, self.network, self._vocabularies = work, network, vocabularies
        encoder, heads = [], []
        for name, parameter in network.named_parameters():
            if parameter.requires_grad:
                (encoder if name.startswith(("positions", "norm", "layers")) else heads).append(parameter)
        groups = [{"params": encoder, "lr": ENCODER_RATE}, {"params": heads, "lr": HEAD_RATE}]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
        self.step, self.spent = 0, 0.0
        path = work / "checkpoint.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            network.load_state_dict(state["network"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.spent, self.step = state["spent"], state["step"]

    def update(self, loss: Tensor, share: float) -> None:
        """Take one step at the rate that belongs to this share of the run."""
        for group, rate in zip(self.optimizer.param_groups, (ENCODER_RATE, HEAD_RATE), strict=True):
            group["lr"] = rate * min(share / WARM_UP, (1.0 - share) / (1.0 - WARM_UP) + 0.01)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1

    def save(self, *, done: bool = False) -> None:
        """Write the checkpoint, and the network by itself; each whole or not at all."""
        state = {"network": self.network.state_dict(), "vocabularies": self._vocabularies}
        whole = {**state, "optimizer": self.optimizer.state_dict(), "spent": self.spent, "step": self.step}
        for name, content in (("network.pt", state), *(() if done else (("checkpoint.pt", whole),))):
            torch.save(content, self._work / f"{name}.new")
            (self._work / f"{name}.new").replace(self._work / name)
        if done:
            (self._work / "checkpoint.pt").unlink(missing_ok=True)


def main() -> None:
    """Train for STEPS or the minutes given, resuming from WORK/checkpoint.pt where there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--minutes", type=float, default=125.0)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(SEED)
    corpus = Corpus(load_tokenizer())
    network = build(corpus.vocabularies)  # type: ignore[arg-type]
    network.load_minilm(minilm() / "model.safetensors")
    run = Run(arguments.work, network.to(device), corpus.vocabularies)
    rng = random.Random(SEED + run.step)
    streams = {task: batches(examples, WORDS_A_BATCH[task], rng) for task, examples in corpus.tasks.items()}
    began = saved = time.monotonic()
    before, shown = run.spent, {}  # type: ignore[var-annotated]
    while (share := max(run.step / STEPS, run.spent / (arguments.minutes * 60))) < 1.0:
        task = rng.choices(list(SHARES), list(SHARES.values()))[0]
        found = losses(network, next(streams[task]), task, rng, device)
        run.update(sum((WEIGHTS[name] * value for name, value in found.items()), torch.zeros((), device=device)), share)
        run.spent = before + time.monotonic() - began
        for name, value in found.items():
            key = f"{task[:4]}.{name}"
            shown[key] = 0.97 * shown.get(key, value.item()) + 0.03 * value.item()
        if run.step % 100 == 0:
            line = " ".join(f"{key} {value:.3f}" for key, value in sorted(shown.items()))
            print(f"{run.spent / 60:6.1f} min step {run.step} {line}", flush=True)
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            run.save()
            saved = time.monotonic()
    run.save(done=True)


if __name__ == "__main__":
    main()
