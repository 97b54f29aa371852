"""Train a network on all tasks at once: ``python -m training.train WORK [--plan PLAN] [--minutes N]``.

1. Read the public data (``training.corpus``). 2. Draw batches of one task at a time, in proportion to ``SHARES``.
3. Step with AdamW, a warm-up and a linear fall over the steps of the plan, or over the minutes given where those end
first. 4. Checkpoint every ``CHECKPOINT_SECONDS``; a second run resumes. 5. Write ``network.pt`` with the vocabularies.

``python -m training`` makes all that is shipped by runs of this and of ``training.relation``.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from training import data
from training.corpus import FOLDS, Corpus, Ready, batches, blurred, inputs
from training.losses import TAUGHT, WEIGHTS, Said, gold_losses, taught_losses
from training.network import ENCODER, MINILM, MPNET, Network, Shape
from training.pretrained import four_bits, load_tokenizer, minilm_encoder, mpnet_encoder

SEED = 20230322
SHARES = {"treebank": 0.45, "attributions": 0.55}
WORDS_A_BATCH = {"treebank": 700, "attributions": 900}
WARM_UP = 0.05
CHECKPOINT_SECONDS = 300


@dataclass(frozen=True)
class Plan:
    """How an encoder is trained: steps, how many times larger than ``WORDS_A_BATCH`` a batch is, rates."""

    shape: Shape
    steps: int
    larger: int
    encoder_rate: float
    head_rate: float


#: MiniLM's steps are about 24 readings of the treebank and 10 of the attributions; where it is taught, twice as many.
PLANS = {
    "minilm": Plan(MINILM, 16_000, 1, 2e-4, 1.2e-3),
    "mpnet": Plan(MPNET, 4_500, 2, 8e-5, 8e-4),
    "taught": Plan(MINILM, 16_000, 2, 2.5e-4, 1.2e-3),
    "again": Plan(MINILM, 12_000, 1, 1e-4, 4e-4),
    "further": Plan(MINILM, 4_700, 3, 1.5e-4, 6e-4),
}
#: What a teacher may teach that has seen everything.
SUBJECTS = {
    "language": frozenset(["starts", "tags", "lemmas", "arcs", "labels", "names"]),
    "attributions": frozenset(["cues", "spans", "gaps"]),
    "names": frozenset(["names"]),
}
#: The losses are looked at every so many steps.
LOOK = 20


def sizes(vocabularies: dict[str, list[str]]) -> dict[str, int]:
    """Return the number of classes of each word head, in the order of the network's output."""
    return {"starts": 1} | {name: len(vocabularies[name]) for name in ("tags", "scripts", "names")} | {"cues": 1}


def build(vocabularies: dict[str, list[str]], shape: Shape = MINILM) -> Network:
    """Make a network for the vocabularies."""
    return Network(sizes(vocabularies), len(vocabularies["labels"]), len(data.POINTERS), shape)


def pretrained(vocabularies: dict[str, list[str]], shape: Shape) -> Network:
    """Make a network that begins with a published encoder; MiniLM's word vectors in four bits."""
    network = build(vocabularies, shape)
    state = mpnet_encoder() if shape == MPNET else minilm_encoder()
    if shape == MINILM:
        state["words.weight"] = four_bits(state["words.weight"])
    network.load_encoder(state)
    return network


def load_network(path: Path) -> tuple[Network, dict[str, list[str]]]:
    """Load a trained network of either shape, with its vocabularies."""
    saved = torch.load(path, weights_only=True, map_location="cpu")
    shape = next(one for one in (MINILM, MPNET) if one.hidden == saved["network"]["words.weight"].shape[1])
    network = build(saved["vocabularies"], shape)
    network.load_state_dict(saved["network"])
    return network.eval(), saved["vocabularies"]


class Run:
    """A training run that can be killed and resumed: network, optimizer, steps done and seconds spent."""

    def __init__(self, work: Path, network: Network, plan: Plan, vocabularies: dict[str, object]) -> None:
        self._work, self.network, self._plan, self._vocabularies = work, network, plan, vocabularies
        encoder, heads = [], []
        for name, parameter in network.named_parameters():
            if parameter.requires_grad:
                (encoder if name.startswith(ENCODER) else heads).append(parameter)
        groups = [{"params": encoder, "lr": plan.encoder_rate}, {"params": heads, "lr": plan.head_rate}]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
        self.step, self.spent = 0, 0.0
        path = work / "checkpoint.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            network.load_state_dict(state["network"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.spent, self.step = state["spent"], state["step"]

    def share(self, minutes: float) -> float:
        """How much of the run is done."""
        return max(self.step / self._plan.steps, self.spent / (minutes * 60))

    def update(self, loss: Tensor, share: float) -> None:
        """Take one step at the rate that belongs to this share of the run."""
        for group, rate in zip(
            self.optimizer.param_groups, (self._plan.encoder_rate, self._plan.head_rate), strict=True
        ):
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


class Drawing:
    """Batches drawn at random: a task by its share, a fold, and the next batch of both."""

    def __init__(self, tasks: dict[str, list[Ready]], folds: Sequence[int], larger: int, rng: random.Random) -> None:
        self._folds, self._rng = folds, rng
        self._streams = {
            (task, fold): batches([r for r in examples if r.fold == fold], larger * WORDS_A_BATCH[task], rng)
            for task, examples in tasks.items()
            for fold in folds
        }

    def next(self) -> tuple[str, int, list[Ready]]:
        """Return a task, a fold and a batch."""
        task = self._rng.choices(list(SHARES), list(SHARES.values()))[0]
        fold = self._rng.choice(self._folds)
        return task, fold, next(self._streams[task, fold])


@dataclass(frozen=True)
class Teacher:
    """A trained network, the losses it teaches by, and the only fold that it teaches where it has not seen that one."""

    network: Network
    losses: frozenset[str]
    fold: int | None

    @staticmethod
    def load(subject: str, path: Path, device: torch.device) -> Teacher:
        """``subject``: a fold, or one of ``SUBJECTS``."""
        network = load_network(path)[0].to(device).requires_grad_(False)
        if subject.isdigit():
            return Teacher(network, frozenset(WEIGHTS), int(subject))
        return Teacher(network, SUBJECTS[subject], None)


def loss_of(
    network: Network, teachers: Sequence[Teacher], batch: list[Ready], task: str, rng: random.Random
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the loss of a batch, and its parts by name."""
    clean = inputs(batch, next(network.parameters()).device)
    said = Said.by(network, blurred(clean, batch, rng))
    parts = gold_losses(said, batch, task)
    loss = _weighed(parts)
    taught = {}
    for teacher in teachers:
        with torch.no_grad():
            told = Said.by(teacher.network, clean)
        taught |= {k: value for k, value in taught_losses(said, told, batch).items() if k in teacher.losses}
    if not taught:
        return loss, parts
    named = {f"taught.{name}": value for name, value in taught.items()}
    return (1.0 - TAUGHT) * loss + TAUGHT * _weighed(taught), parts | named


def _weighed(parts: dict[str, Tensor]) -> Tensor:
    return torch.stack([WEIGHTS[name] * value for name, value in parts.items()]).sum()


def train(run: Run, drawing: Drawing, minutes: float, teachers: Sequence[Teacher]) -> None:
    """Take the steps of the run's plan, or as many as the minutes allow."""
    rng = random.Random(SEED + run.step)
    began = saved = time.monotonic()
    before, shown = run.spent, {}  # type: ignore[var-annotated]
    run.network.train()
    while (share := run.share(minutes)) < 1.0:
        task, fold, batch = drawing.next()
        present = [teacher for teacher in teachers if teacher.fold in {None, fold}]
        loss, parts = loss_of(run.network, present, batch, task, rng)
        run.update(loss, share)
        run.spent = before + time.monotonic() - began
        if run.step % LOOK == 0:
            for name, value in parts.items():
                key = f"{task[:4]}.{name}"
                shown[key] = 0.8 * shown.get(key, value.item()) + 0.2 * value.item()
        if run.step % (10 * LOOK) == 0:
            line = " ".join(f"{key} {value:.3f}" for key, value in sorted(shown.items()))
            print(f"{run.spent / 60:6.1f} min step {run.step} {line}", flush=True)
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            run.save()
            saved = time.monotonic()
    run.save(done=True)


def main() -> None:
    """Train a plan to its end or for the minutes given, resuming from WORK/checkpoint.pt where there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--plan", choices=PLANS, default="minilm")
    parser.add_argument("--without", type=int, metavar="FOLD", help="leave out a fold, to teach it afterwards")
    parser.add_argument("--begin", type=Path, metavar="NETWORK", help="go on from a trained network, not from MiniLM")
    parser.add_argument(
        "--teacher", nargs=2, action="append", default=[], metavar=("SUBJECT", "NETWORK"),
        help=f"a network to learn from, and what (the last counts): a fold it has not seen, {' or '.join(SUBJECTS)}",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--minutes", type=float, default=125.0)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(arguments.seed)
    corpus, plan = Corpus(load_tokenizer()), PLANS[arguments.plan]
    teachers = [Teacher.load(subject, Path(path), device) for subject, path in arguments.teacher]
    network = pretrained(corpus.vocabularies, plan.shape)  # type: ignore[arg-type]
    if arguments.begin:
        network.load_state_dict(load_network(arguments.begin)[0].state_dict())
    run = Run(arguments.work, network.to(device), plan, corpus.vocabularies)
    folds = [fold for fold in range(FOLDS) if fold != arguments.without]
    drawing = Drawing(corpus.tasks, folds, plan.larger, random.Random(arguments.seed + run.step))
    train(run, drawing, arguments.minutes, teachers)


if __name__ == "__main__":
    main()
