"""Write the trained network as int8 ONNX: ``python -m training.export WORK OUT``.

1. Leave out word pieces that English text does not have; put the vectors of the others beside it, in four bits.
2. Export in fp32. 3. Quantize weights to int8, one scale a channel. 4. Put the vocabularies and the tokenizer beside
it. The relation network comes after it, by ``training.relation``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from communique.language import READING
from communique.language.files import NETWORK, TABLE, TOKENIZER, VOCABULARIES
from communique.language.table import Table
from training import data
from training.network import Network
from training.pretrained import load_tokenizer, smaller
from training.train import load_network

PIECES, WORDS = {1: "pieces"}, {1: "words"}
INPUTS = {"vectors": PIECES, "features": PIECES, "first": WORDS, "last": WORDS}


class Alone(nn.Module):
    """A network that reads one paragraph by itself: without padding, there is nothing to mask."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, vectors: Tensor, features: Tensor, first: Tensor, last: Tensor) -> tuple[Tensor, ...]:
        """See ``Network.forward``; all have a batch of one."""
        return self.network(vectors, features, None, first, last)  # type: ignore[no-any-return]


def write_onnx(
    network: nn.Module,
    example: Sequence[torch.Tensor],
    inputs: dict[str, dict[int, str]],
    outputs: Sequence[str],
    path: Path,
) -> None:
    """Write ``network`` to ``path`` with int8 weights; ``inputs`` names the axes of each that may vary."""
    with tempfile.TemporaryDirectory() as work:
        raw, ready = (Path(work) / f"{name}.onnx" for name in ("raw", "fp32"))
        torch.onnx.export(
            network.eval(), tuple(example), str(raw), input_names=list(inputs), output_names=list(outputs),
            dynamic_axes=inputs, opset_version=17, custom_opsets={"com.microsoft": 1}, dynamo=False,
        )  # fmt: skip
        quant_pre_process(str(raw), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(str(ready), str(path), per_channel=True, weight_type=QuantType.QInt8)


def main() -> None:
    """Export WORK/network.pt to OUT/model.onnx with its word vectors, vocabularies and tokenizer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    network, vocabularies = load_network(arguments.work / "network.pt")
    tokenizer, kept = smaller(load_tokenizer())
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    # The vectors come from the table, which made them: packed again they are the same.
    (out / TABLE).write_bytes(Table.pack(network.words.weight[kept].detach().numpy()).to_bytes())
    network.words = nn.Embedding(1, network.hidden)
    example = [torch.zeros(1, 9, network.hidden), *(torch.ones((1, n), dtype=torch.int64) for n in (9, 5, 5))]
    write_onnx(Alone(network), example, INPUTS, READING, out / NETWORK)
    written = vocabularies | {"relations": data.RELATIONS}
    (out / VOCABULARIES).write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
    tokenizer.save(str(out / TOKENIZER), pretty=False)


if __name__ == "__main__":
    main()
