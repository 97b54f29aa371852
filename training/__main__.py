"""From the public data to the weights of the package: ``python -m training WORK OUT [--minutes N]``.

Without a GPU: MiniLM learns from the data alone, for so many minutes, then the relation network does. With one, MPNet
learns first and teaches both. A step that is done is not done again, and one that was killed goes on.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import torch

from training import relation
from training.corpus import FOLDS

#: So many networks are trained further from one, and averaged with it.
FURTHER = 3


def run(module: str, *arguments: str | Path) -> None:
    """Run a module of this package as a process of its own, which gives its memory back."""
    subprocess.run([sys.executable, "-m", f"training.{module}", *map(str, arguments)], check=True)


def train(work: Path, *arguments: str | Path) -> Path:
    """Train into a folder unless that is done; return the network's file."""
    path = work / "network.pt"
    if not path.exists() or (work / "checkpoint.pt").exists():
        run("train", work, *arguments)
    return path


def taught(work: Path, plain: Path) -> Path:
    """Train a teacher for each fold and MiniLM beside them; once more beside itself and the plain one; then average.

    The average is of the last and of networks trained further from it, beside the teachers again but for names, which
    they know less of.
    """
    teachers = [train(work / f"teacher{n}", "--plan", "mpnet", "--without", str(n)) for n in range(FOLDS)]
    beside = [argument for n, path in enumerate(teachers) for argument in ("--teacher", str(n), path)]
    first = train(work / "taught", "--plan", "taught", *beside)
    kept = ("--teacher", "attributions", first, "--teacher", "language", plain)
    again = train(work / "again", "--plan", "again", "--begin", first, *kept)
    run("refit", again.parent)
    beside += ["--teacher", "names", again]
    further = [
        train(work / f"further{seed}", "--plan", "further", "--seed", str(seed), "--begin", again, *beside)
        for seed in range(FURTHER)
    ]
    run("average", work / "average", again, *further)
    return work / "average/network.pt"


def main() -> None:
    """Train, fit the names anew, export, train the relation network; where there is a GPU, with teachers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=120.0)
    arguments = parser.parse_args()
    work, out = arguments.work, arguments.out
    network = train(work / "plain", "--minutes", str(arguments.minutes))
    if torch.cuda.is_available():
        network = taught(work, network)
    else:
        run("refit", network.parent)
    run("export", network.parent, out)
    run("relation", out)
    if torch.cuda.is_available() and not relation.Told.there():
        run("teacher")
        run("relation", out)


if __name__ == "__main__":
    main()
