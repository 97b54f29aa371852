"""Typed settings. ``default.toml`` beside this file holds every key with a comment."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from communique.errors import ConfigError
from communique.resources import read_text

Positive = Annotated[int, msgspec.Meta(ge=1)]
PositiveFloat = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]


class ColumnSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which columns of a table hold what; empty for a guess. See ``default.toml``."""

    text: str = ""
    title: str = ""
    published: str = ""
    url: str = ""
    publisher: str = ""
    author: str = ""
    language: str = ""


class FetchSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How web addresses are fetched; see ``default.toml``. Times are in seconds."""

    timeout: PositiveFloat
    max_time: PositiveFloat
    max_redirects: Annotated[int, msgspec.Meta(ge=0)]
    interval: Annotated[float, msgspec.Meta(ge=0)]
    retries: Annotated[int, msgspec.Meta(ge=0)]
    robots: bool
    allow_private: bool
    contact: str
    cache: str


class ArticleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How sources are read; see ``default.toml``."""

    max_bytes: Positive
    max_characters: Positive
    max_title_characters: Positive
    max_expanded_bytes: Positive
    max_ratio: Positive
    max_nesting: Positive
    languages: tuple[str, ...]
    keep_copies: bool
    copy_likeness: Share
    columns: ColumnSettings
    fetch: FetchSettings


class TerminalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How reports are shown to a person; see ``default.toml``."""

    content_characters: Positive
    sentence_characters: Positive


class ActorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is known; see ``default.toml``."""

    files: tuple[str, ...]
    atlas: bool


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings, by section."""

    articles: ArticleSettings
    actors: ActorSettings
    terminal: TerminalSettings


def load_settings(path: str | Path | None = None) -> Settings:
    """Return the defaults, with the keys of the TOML file at ``path`` laid over them.

    >>> load_settings().articles.max_title_characters
    200
    """
    values = tomllib.loads(read_text("default.toml"))
    if path is not None:
        values = _lay_over(values, _read_file(Path(path)))
    try:
        return msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or 'can not be read'}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not a TOML file: {error}") from error


def _lay_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``below`` with the values of ``above``, section by section."""
    merged = dict(below)
    for key, value in above.items():
        section = merged.get(key)
        both_are_sections = isinstance(section, dict) and isinstance(value, dict)
        merged[key] = _lay_over(section, value) if both_are_sections else value  # type: ignore[arg-type]
    return merged
