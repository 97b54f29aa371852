"""Average a network and those trained further from it: ``python -m training.average OUT FIRST OTHER [OTHER ...]``.

Networks that began from one lie in one valley, and their mean is near the best of each in everything [1]: no slower,
and no more weights.

[1] Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing
inference time", 2022.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from training.train import load_network

#: The share of the first network; the others have the rest in equal parts.
FIRST = 0.7


def average(first: Mapping[str, Tensor], others: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Return the weighted mean of the networks' weights.

    >>> average({"x": torch.tensor(0.0)}, [{"x": torch.tensor(1.0)}, {"x": torch.tensor(3.0)}])
    {'x': tensor(0.6000)}
    """
    rest = (1.0 - FIRST) / len(others)
    return {name: FIRST * weight + rest * sum(other[name] for other in others) for name, weight in first.items()}


def main() -> None:
    """Read, average, and write OUT/network.pt."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("first", type=Path)
    parser.add_argument("others", type=Path, nargs="+")
    arguments = parser.parse_args()
    (network, vocabularies), *others = map(load_network, (arguments.first, *arguments.others))
    mean = average(network.state_dict(), [other.state_dict() for other, _ in others])
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.save({"network": mean, "vocabularies": vocabularies}, arguments.out / "network.pt")


if __name__ == "__main__":
    main()
