"""Write the trained network as int8 ONNX: ``python -m training.export WORK OUT``.

1. Leave out word pieces that English text does not have. 2. Export in fp32. 3. Quantize weights to int8, one scale a
channel. 4. Put the vocabularies and the tokenizer beside it. The relation network comes after it, by
``training.relation``.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn

from training import data
from training.minilm import load_tokenizer, smaller
from training.train import build

PIECES, WORDS = {0: "batch", 1: "pieces"}, {0: "batch", 1: "words"}
INPUTS = {"ids": PIECES, "features": PIECES, "mask": PIECES, "first": WORDS, "last": WORDS}
#: Weights that share a scale where they have four bits; how onnxruntime then multiplies: 4 stands for int8.
BLOCK, INT8_ARITHMETIC = 64, 4
OUTPUTS = ("words", "arcs", "label_dep", "label_head", "points", "spans", "vectors")


def write_onnx(
    network: nn.Module,
    example: Sequence[torch.Tensor],
    inputs: dict[str, dict[int, str]],
    outputs: Sequence[str],
    path: Path,
    work: Path,
    *,
    four_bits: bool = False,
) -> None:
    """Write ``network`` to ``path`` with int8 weights; ``inputs`` names the axes of each that may vary.

    ``four_bits``: the products within layers get int4 weights, one scale for each ``BLOCK`` of them.
    """
    raw, ready, half = (work / f"{name}.onnx" for name in ("raw", "fp32", "half"))
    axes = inputs | {name: {0: "batch"} for name in outputs}
    torch.onnx.export(
        network.eval(), tuple(example), str(raw), input_names=list(inputs), output_names=list(outputs),
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    quant_pre_process(str(raw), str(ready), skip_symbolic_shape=True)
    if not four_bits:
        quantize_dynamic(str(ready), str(path), per_channel=True, weight_type=QuantType.QInt8)
        return
    quantize_dynamic(
        str(ready), str(half), per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["Gemm", "Gather"]
    )
    logging.getLogger(MatMulNBitsQuantizer.__module__).setLevel(logging.WARNING)
    quantizer = MatMulNBitsQuantizer(
        onnx.load(half), block_size=BLOCK, is_symmetric=True, accuracy_level=INT8_ARITHMETIC
    )
    quantizer.process()
    quantizer.model.save_model_to_file(str(path))


def main() -> None:
    """Export WORK/network.pt to OUT/model.onnx with its vocabularies and tokenizer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    state = torch.load(arguments.work / "network.pt", weights_only=True, map_location="cpu")
    network = build(state["vocabularies"])
    network.load_state_dict(state["network"])
    tokenizer, kept = smaller(load_tokenizer())
    network.words = nn.Embedding.from_pretrained(network.words.weight[kept])
    arguments.out.mkdir(parents=True, exist_ok=True)
    example = [torch.ones((2, n), dtype=torch.int64) for n in (9, 9, 9, 5, 5)]
    write_onnx(network, example, INPUTS, OUTPUTS, arguments.out / "model.onnx", arguments.work)
    vocabularies = state["vocabularies"] | {"relations": data.RELATIONS}
    (arguments.out / "vocabularies.json").write_text(json.dumps(vocabularies, ensure_ascii=False), encoding="utf-8")
    tokenizer.save(str(arguments.out / "tokenizer.json"), pretty=False)


if __name__ == "__main__":
    main()
