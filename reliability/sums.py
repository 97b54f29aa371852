"""``make sums``: the list of the data files' SHA-256 sums, by which the package checks them, after one was edited."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

import communique
from communique.resources import SUMS

ROOT = Path(communique.__file__).parent
DATA_ENDS = frozenset([".gz", ".sql", ".toml", ".tsv", ".txt"])


def listed() -> bytes:
    """Return the list as it has to be now."""
    paths = sorted(path for path in ROOT.rglob("*") if path.suffix in DATA_ENDS)
    sums = {path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    return msgspec.json.format(msgspec.json.encode(sums)) + b"\n"


if __name__ == "__main__":
    (ROOT / SUMS).write_bytes(listed())
