"""Files of actors: which format a file has, and an atlas with what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from communique.actors.atlas import Atlas
from communique.actors.own import COLUMNS, ActorRow, BadLine, read_csv
from communique.actors.petrarch import read_dictionary
from communique.errors import ConfigError

COMMA = ","


class ActorFile(msgspec.Struct, frozen=True):
    """What a file of actors holds: its rows, and one line for each thing in it that could not be used."""

    path: str
    rows: tuple[ActorRow, ...]
    problems: tuple[str, ...]


def read_actors(path: str | Path) -> ActorFile:
    """Read a file of actors: our own CSV, or a PETRARCH or TABARI dictionary of actors or agents.

    Raises ``ConfigError`` where the file can not be read at all, or nothing in it can be used.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or 'can not be read'}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not a text in UTF-8: {error.reason} at byte {error.start}") from error
    found = list(read_csv(text) if _is_csv(text) else read_dictionary(text.replace("\r\n", "\n")))
    rows = tuple(one for one in found if isinstance(one, ActorRow))
    bad = sorted((one for one in found if isinstance(one, BadLine)), key=lambda one: one.line)
    problems = tuple(f"{path}, line {one.line}: {one.reason}" for one in bad)
    if not rows:
        raise ConfigError(problems[0] if problems else f"{path}: there are no actors in it")
    return ActorFile(str(path), rows, problems)


def load_atlas(paths: Sequence[str | Path] = (), *, builtin: bool = True) -> tuple[Atlas, tuple[str, ...]]:
    """Return the atlas with the actors of files laid over it, a later file over an earlier, and all problems.

    Without ``builtin`` only the files' actors are there: a world of your own.

    >>> load_atlas()[0].entities["FRA"].name
    'France'
    """
    files = [read_actors(path) for path in paths]
    atlas = Atlas.load() if builtin else Atlas.bare()
    for file in files:
        atlas = atlas.with_actors(file.rows)
    return atlas, tuple(problem for file in files for problem in file.problems)


def _is_csv(text: str) -> bool:
    """Whether the first line names columns of ours; a dictionary's first line is a comment or a phrase."""
    header = text.lstrip().split("\n", 1)[0].strip().lower()
    return any(name in COLUMNS for name in header.split(COMMA))
