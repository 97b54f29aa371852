"""What the network is wrong by: beside the answers of the data, and beside what a teacher says.

A teacher is a larger network with the same heads. It is asked about everything in each batch, so that news gets
dependencies and the treebank gets attributions, which no data marks; its doubt is learned too [1]. It says so of
articles that it has not learned from, for of those that it has it knows the answers by heart [2].

[1] Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015.
[2] Dao et al., "Knowledge Distillation as Semiparametric Inference", 2021.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from communique.language.decode import LABEL_RANK, SPANS
from training.corpus import Ready, pad
from training.data import MISSING
from training.network import Network

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
#: How much of the loss is the teacher's, where there is one.
TAUGHT = 0.5
#: Words that the teacher takes for part of a cue from this logit on (0.3) are learned from; most in a batch.
CUE, MOST_CUES = -0.85, 256
UNREACHABLE = -1e4


@dataclass(frozen=True)
class Said:
    """What a network says of a batch; see ``Network.forward``. ``heads`` are the logits of its word heads by name."""

    heads: dict[str, Tensor]
    arcs: Tensor
    label_dep: Tensor
    label_head: Tensor
    points: Tensor
    spans: Tensor

    @staticmethod
    def by(network: Network, given: Sequence[Tensor]) -> Said:
        """Ask a network, in halves of the precision."""
        with torch.autocast(given[0].device.type, torch.bfloat16):
            outputs = network.read(*given)
        words, *rest = (output.float() for output in outputs)
        sizes = network.sizes
        return Said(dict(zip(sizes, words.split(list(sizes.values()), -1), strict=True)), *rest)


# --- Beside the data -------------------------------------------------------------------------------------


def gold_losses(said: Said, batch: Sequence[Ready], task: str) -> dict[str, Tensor]:
    """Return the task's losses by name."""
    device = said.arcs.device
    answers = {name: pad([r.answers[name] for r in batch], MISSING, device) for name in batch[0].answers}
    found = {name: _gold(said.heads[name], answers[name]) for name in ("starts", "tags")}
    if task == "treebank":
        found["lemmas"] = _gold(said.heads["scripts"], answers["scripts"])
        return found | _gold_dependencies(said, answers)
    found = {name: SILVER * value for name, value in found.items()}
    found |= {name: _gold(said.heads[name], answers[name]) for name in ("names", "cues")}
    return found | _gold_attributions(said, batch)


def _gold(logits: Tensor, answers: Tensor) -> Tensor:
    """One class is a yes or no of its own."""
    if logits.shape[-1] > 1:
        return _classes(logits, answers)
    known = answers != MISSING
    summed = functional.binary_cross_entropy_with_logits(
        logits[..., 0], answers.clamp(min=0).float(), weight=known.float(), reduction="sum"
    )
    return summed / known.sum().clamp(min=1)


def _classes(logits: Tensor, answers: Tensor) -> Tensor:
    if (answers == MISSING).all():
        return logits.sum() * 0
    return functional.cross_entropy(logits.flatten(0, 1), answers.flatten(), ignore_index=MISSING)


def _gold_dependencies(said: Said, answers: dict[str, Tensor]) -> dict[str, Tensor]:
    heads, kinds = answers["heads"], answers["relations"]
    starts = torch.where(answers["starts"] == MISSING, OUTSIDE, answers["starts"])
    return {
        "arcs": _classes(said.arcs.masked_fill(~sentence_mask(starts), UNREACHABLE), heads),
        "labels": _classes(label_scores(said, heads), torch.where(heads > 0, kinds, MISSING)),
    }


#: A word beyond the paragraph's last begins a sentence far from all others.
OUTSIDE = 1_000_000


def sentence_mask(starts: Tensor) -> Tensor:
    """[batch, words] of sentence starts to [batch, words, words + 1]: which heads lie in the same sentence."""
    number = starts.cumsum(1)
    same = number[:, :, None] == number[:, None, :]
    return torch.cat([torch.ones_like(same[..., :1]), same], -1)


def label_scores(said: Said, heads: Tensor) -> Tensor:
    """Low-rank label scores [batch, words, labels] of each word with the head given for it."""
    at = (heads - 1).clamp(min=0)
    governors = torch.gather(said.label_head, 1, at[..., None].expand(-1, -1, said.label_head.shape[-1]))
    d, h = (x.view(*x.shape[:-1], -1, LABEL_RANK + 1) for x in (said.label_dep, governors))
    return (d[..., :-1] * h[..., :-1]).sum(-1) + d[..., -1] + h[..., -1]


@dataclass(frozen=True)
class Cues:
    """Words of cues in a batch: which paragraph [cues], which word [cues], how many words there are [cues]."""

    paragraph: Tensor
    word: Tensor
    words: Tensor

    def spans(self, said: Said, number: int) -> Tensor:
        """Logits of one span: 0 that there is none, then each start with each end, [cues, 1 + words * words]."""
        start, end = (self._points(said, 2 * number + k) for k in (0, 1))
        pairs = start[:, 1:, None] + end[:, None, 1:] + said.spans[self.paragraph, number]
        order = torch.ones(pairs.shape[1:], dtype=torch.bool, device=pairs.device).triu()
        return torch.cat([(start[:, 0] + end[:, 0])[:, None], pairs.masked_fill(~order, UNREACHABLE).flatten(1)], 1)

    def gaps(self, said: Said) -> Tensor:
        """Logits of where the gap starts and ends, [cues, 2, words + 1]."""
        return torch.stack([self._points(said, 2 * len(SPANS) + k) for k in (0, 1)], 1)

    def _points(self, said: Said, number: int) -> Tensor:
        chosen = said.points[self.paragraph, number, self.word]
        beyond = torch.arange(chosen.shape[-1], device=chosen.device) > self.words[:, None]
        return chosen.masked_fill(beyond, UNREACHABLE)


def _gold_attributions(said: Said, batch: Sequence[Ready]) -> dict[str, Tensor]:
    """Losses of the spans that belong to each cue word: both ends of each span at once, those of the gap one by one."""
    device = said.points.device
    rows = [
        (i, cue, len(r), len(cues), ends) for i, r in enumerate(batch) for cues, ends in r.attributions for cue in cues
    ]
    if not rows:
        return {"spans": said.points.sum() * 0, "gaps": said.points.sum() * 0}
    *where, shared, target = (torch.tensor(column, device=device) for column in zip(*rows, strict=True))
    weight, target, cues = 1.0 / shared, target + 1, Cues(*where)
    size = said.points.shape[-1]
    total = said.points.new_zeros(())
    for number in range(len(SPANS)):
        first, last = target[:, 2 * number], target[:, 2 * number + 1]
        answer = torch.where(first == 0, 0, (first - 1) * (size - 1) + last)
        total = total + _mean(functional.cross_entropy(cues.spans(said, number), answer, reduction="none"), weight)
    wrong = functional.cross_entropy(cues.gaps(said).transpose(1, 2), target[:, 2 * len(SPANS) :], reduction="none")
    return {"spans": total, "gaps": _mean(wrong.sum(1), weight)}


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp(min=1e-6)


# --- Beside a teacher -------------------------------------------------------------------------------------


def taught_losses(said: Said, told: Said, batch: Sequence[Ready]) -> dict[str, Tensor]:
    """Return the losses beside what a teacher says, of every layer, whatever the data marks."""
    sizes = torch.tensor([len(r) for r in batch], device=said.arcs.device)
    inside = torch.arange(said.arcs.shape[1], device=sizes.device) < sizes[:, None]
    found = {
        LOSS_OF.get(name, name): _mean(_beside(logits, told.heads[name]), inside.float())
        for name, logits in said.heads.items()
    }
    found |= _taught_dependencies(said, told, batch, inside)
    return found | _taught_attributions(said, told, sizes, inside)


#: Heads whose loss has another name.
LOSS_OF = {"scripts": "lemmas"}


def _beside(logits: Tensor, told: Tensor) -> Tensor:
    """Cross entropy beside the teacher's probabilities; one class is a yes or no of its own."""
    if logits.shape[-1] == 1:
        return functional.binary_cross_entropy_with_logits(logits, told.sigmoid(), reduction="none")[..., 0]
    return -(told.softmax(-1) * logits.log_softmax(-1)).sum(-1)


def _taught_dependencies(said: Said, told: Said, batch: Sequence[Ready], inside: Tensor) -> dict[str, Tensor]:
    marked = pad([r.answers["starts"] for r in batch], MISSING, inside.device)
    starts = torch.where(marked == MISSING, (told.heads["starts"][..., 0] > 0).long(), marked)
    reach = sentence_mask(torch.where(inside, starts, OUTSIDE))
    ours, theirs = (one.arcs.masked_fill(~reach, UNREACHABLE) for one in (said, told))
    heads = theirs.argmax(-1)
    labels = _beside(label_scores(said, heads), label_scores(told, heads))
    return {
        "arcs": _mean(_beside(ours, theirs), inside.float()),
        "labels": _mean(labels, (inside & (heads > 0)).float()),
    }


def _taught_attributions(said: Said, told: Said, sizes: Tensor, inside: Tensor) -> dict[str, Tensor]:
    logits = told.heads["cues"][..., 0]
    paragraph, word = torch.nonzero((logits > CUE) & inside, as_tuple=True)
    if not len(word):
        return {}
    kept = torch.randperm(len(word), device=word.device)[:MOST_CUES]
    cues = Cues(paragraph[kept], word[kept], sizes[paragraph[kept]])
    weight = logits[cues.paragraph, cues.word].sigmoid()
    total = said.points.new_zeros(())
    for number in range(len(SPANS)):
        total = total + _mean(_beside(cues.spans(said, number), cues.spans(told, number)), weight)
    return {"spans": total, "gaps": _mean(_beside(cues.gaps(said), cues.gaps(told)).sum(1), weight)}
