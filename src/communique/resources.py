"""The data files of the package, each checked by its SHA-256 sum before anything is made of it.

``sha256.json`` beside this file lists them; ``make sums`` renews it after one was edited. The language model's files
have a list of their own (``communique.language.files``), which names the model.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

import msgspec

from communique.errors import DataError

SUMS = "sha256.json"


def read_data(name: str) -> bytes:
    """Return the content of a data file; ``name`` is its path within the package.

    Raises ``DataError`` where it is missing, or is not the one that came with the package.

    >>> read_data("default.toml").startswith(b"#")
    True
    >>> read_data("actors/atlas/ghosts.tsv")
    Traceback (most recent call last):
        ...
    communique.errors.DataError: communique's own file actors/atlas/ghosts.tsv is missing: install communique anew
    """
    try:
        content = files("communique").joinpath(*name.split("/")).read_bytes()
    except OSError as error:
        raise DataError(f"communique's own file {name} is missing: install communique anew") from error
    if sums().get(name) != hashlib.sha256(content).hexdigest():
        raise DataError(
            f"communique's own file {name} was changed or damaged: install communique anew (or, where you edited it "
            f"in a clone, make sums)"
        )
    return content


def read_text(name: str) -> str:
    """Return a data file as text; raises as ``read_data`` does."""
    return read_data(name).decode("utf-8")


@cache
def sums() -> dict[str, str]:
    """Return the sum of each data file."""
    listed: dict[str, str] = msgspec.json.decode(files("communique").joinpath(SUMS).read_bytes())
    return listed
