"""Fit the head of names anew over the trained encoder: ``python -m training.refit WORK``.

While everything is trained at once, with dropout, no linear head comes to its own best. Here the encoder stands still
and reads each paragraph once, so that the head's fit takes seconds. Names gained by it; other heads were not tried.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.corpus import Corpus, Ready, inputs
from training.data import MISSING
from training.network import Network
from training.pretrained import load_tokenizer
from training.train import SEED, load_network

HEAD = "names"
WORDS_A_BATCH, READ_AT_ONCE, EPOCHS, RATE = 8192, 1500, 6, 0.003


def read(network: Network, examples: Sequence[Ready]) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the vectors [words, hidden] that the word heads see, and the answers [words], of batches of paragraphs."""
    seen: list[Tensor] = []
    hook = network.word_heads.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    device, first = next(network.parameters()).device, 0
    ordered = sorted(examples, key=len)
    while first < len(ordered):
        batch = ordered[first : first + max(1, READ_AT_ONCE // max(16, len(ordered[first])))]
        first += len(batch)
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
            network.read(*inputs(batch, device))
        vectors = seen.pop()
        for row, ready in enumerate(batch):
            yield vectors[row, : len(ready)].bfloat16(), torch.tensor(ready.answers[HEAD], device=device)
    hook.remove()


def refit(head: nn.Linear, vectors: Tensor, answers: Tensor) -> None:
    """Fit a linear head, from where it stands."""
    torch.manual_seed(SEED)
    optimizer = torch.optim.Adam(head.parameters(), lr=RATE)
    for epoch in range(EPOCHS):
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1.0 - epoch / EPOCHS)
        for chosen in torch.randperm(len(vectors)).split(WORDS_A_BATCH):
            loss = functional.cross_entropy(head(vectors[chosen].float()), answers[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def main() -> None:
    """Read, fit, and put the head back into WORK/network.pt."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    path = parser.parse_args().work / "network.pt"
    network, vocabularies = load_network(path)
    examples = Corpus(load_tokenizer()).tasks["attributions"]
    pairs = [(v, a) for v, a in read(network, examples)]
    vectors, answers = (torch.cat(columns) for columns in zip(*pairs, strict=True))
    known = answers != MISSING
    sizes = list(network.sizes.values())
    first = sum(sizes[: list(network.sizes).index(HEAD)])
    rows = slice(first, first + network.sizes[HEAD])
    head = nn.Linear(network.hidden, network.sizes[HEAD])
    with torch.no_grad():
        head.weight.copy_(network.word_heads.weight[rows])
        head.bias.copy_(network.word_heads.bias[rows])
    refit(head, vectors[known], answers[known])
    with torch.no_grad():
        network.word_heads.weight[rows] = head.weight
        network.word_heads.bias[rows] = head.bias
    torch.save({"network": network.state_dict(), "vocabularies": vocabularies}, path)


if __name__ == "__main__":
    main()
