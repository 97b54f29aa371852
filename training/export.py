"""Write the trained network as int8 ONNX: ``python -m training.export WORK OUT``.

1. Export in fp32. 2. Quantize weights to int8, one scale a channel. 3. Put the vocabularies and the
tokenizer beside it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

from training.train import build, load_tokenizer

INPUTS = ("ids", "features", "mask", "first", "last")
OUTPUTS = ("words", "arcs", "label_dep", "label_head", "points", "relation")


def main() -> None:
    """Export WORK/network.pt to OUT/model.onnx with its vocabularies and tokenizer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    state = torch.load(arguments.work / "network.pt", weights_only=True)
    network = build(state["vocabularies"])
    network.load_state_dict(state["network"])
    network.eval()
    arguments.out.mkdir(parents=True, exist_ok=True)
    example = tuple(torch.ones((2, n), dtype=torch.int64) for n in (9, 9, 9, 5, 5))
    raw, ready = arguments.work / "raw.onnx", arguments.work / "fp32.onnx"
    axes = {name: {0: "batch", 1: "pieces"} for name in INPUTS[:3]} | {
        name: {0: "batch", 1: "words"} for name in INPUTS[3:]
    }
    axes |= {name: {0: "batch"} for name in OUTPUTS}
    torch.onnx.export(
        network, example, str(raw), input_names=list(INPUTS), output_names=list(OUTPUTS), dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip
    quant_pre_process(str(raw), str(ready), skip_symbolic_shape=True)
    quantize_dynamic(str(ready), str(arguments.out / "model.onnx"), per_channel=True, weight_type=QuantType.QInt8)
    (arguments.out / "vocabularies.json").write_text(
        json.dumps(state["vocabularies"], ensure_ascii=False), encoding="utf-8"
    )
    load_tokenizer().save(str(arguments.out / "tokenizer.json"), pretty=False)


if __name__ == "__main__":
    main()
