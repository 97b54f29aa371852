"""The model's files, read whole and checked before anything is made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources.abc import Traversable

import msgspec

from communique.errors import ModelError

NETWORK, RELATION, TABLE = "model.onnx", "relation.onnx", "words.npz"
TOKENIZER, VOCABULARIES = "tokenizer.json", "vocabularies.json"
FILES = (NETWORK, RELATION, TABLE, TOKENIZER, VOCABULARIES)
#: Beside them lies this list of their SHA-256 sums.
SUMS = "sha256.json"


def sums(content: Mapping[str, bytes]) -> bytes:
    """Return the list of sums of files, as it is written beside them."""
    found = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(content.items())}
    return msgspec.json.format(msgspec.json.encode(found)) + b"\n"


def read_files(folder: Traversable) -> dict[str, bytes]:
    """Return the content of each of the model's files.

    Raises ``ModelError`` where one is missing, or is not what the list of sums says.
    """
    try:
        content = {name: (folder / name).read_bytes() for name in FILES}
        listed = (folder / SUMS).read_bytes()
    except OSError as error:
        raise ModelError(f"the language model is not whole ({error}): install communique anew") from error
    if sums(content) != listed:
        raise ModelError(f"the language model's files in {folder} are damaged: install communique anew")
    return content
