"""Which code, model, atlas and settings made a row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from communique.config import Settings
from communique.errors import ConfigError
from communique.model import content_id

#: What reads and codes, with its data; a change elsewhere (the command line, say) changes no row.
CODING = ("articles", "language", "actors", "statements", "events", "codebook", "coder.py", "model.py", "config.py")
CODE_ENDS = (".py", ".toml", ".tsv", ".txt")
ATLAS_FOLDER = ("actors", "atlas")
MODEL_SUMS = ("language", "weights", "sha256.json")


class Run(msgspec.Struct, frozen=True):
    """A way of coding; ``id`` is the hash of the rest, so the same way has the same id everywhere.

    >>> Run.make(version="1", code="c", model="m", atlas="a", settings="{}").id
    '3532791230d3e7a3'
    """

    id: str
    version: str
    code: str
    model: str
    atlas: str
    settings: str

    @classmethod
    def make(cls, *, version: str, code: str, model: str, atlas: str, settings: str) -> Run:
        """Return the run of these parts."""
        parts = (version, code, model, atlas, settings)
        return cls(content_id("run", *parts), *parts)


def current_run(settings: Settings, *, actor_files: Sequence[str] = (), builtin_atlas: bool = True) -> Run:
    """Return the run that coding would be now: with the installed code and model, these settings and actors.

    Files of actors count by what is in them, not by where they lie. Raises ``ConfigError`` where one can't be read.
    """
    from communique import __version__

    root = files("communique")
    used = {"articles": msgspec.to_builtins(settings.articles), "atlas": builtin_atlas}
    return Run.make(
        version=__version__,
        code=_code(),
        model=model_hash(),
        atlas=_atlas(root.joinpath(*ATLAS_FOLDER), actor_files, builtin=builtin_atlas),
        settings=msgspec.json.encode(used, order="sorted").decode(),
    )


def model_hash() -> str:
    """Return the SHA-256 of the language model's list of sums."""
    return hashlib.sha256(files("communique").joinpath(*MODEL_SUMS).read_bytes()).hexdigest()


@cache
def _code() -> str:
    root = files("communique")
    return _digest(file for name in CODING for file in _walk(root / name))


def _atlas(folder: Traversable, own: Sequence[str], *, builtin: bool) -> str:
    digest = hashlib.sha256()
    if builtin:
        digest.update(_digest(_walk(folder)).encode())
    for name in own:
        try:
            digest.update(hashlib.sha256(Path(name).read_bytes()).digest())
        except OSError as error:
            raise ConfigError(f"{name}: {error.strerror or 'can not be read'}") from error
    return digest.hexdigest()


def _walk(place: Traversable) -> list[Traversable]:
    if place.is_file():
        return [place] if place.name.endswith(CODE_ENDS) else []
    return [file for inner in sorted(place.iterdir(), key=lambda one: one.name) for file in _walk(inner)]


def _digest(found: Iterable[Traversable]) -> str:
    digest = hashlib.sha256()
    for file in found:
        content = file.read_bytes()
        digest.update(f"{file.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
