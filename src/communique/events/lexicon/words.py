"""The named sets of words that the frames and the rules of status, matter and context refer to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from communique.resources import read_text


class Matter(msgspec.Struct, frozen=True):
    """What a request, refusal, pledge or threat is about, and how each of them is then coded.

    ``request``/``reject``: mode; ``becomes``: the type that a pledge of it is coded as;
    ``endings``: what follows CAMEO's root, by type; ``threaten``: mode of a threat of it.
    """

    name: str
    words: tuple[str, ...]
    mode: str | None = None
    endings: Mapping[str, str] = {}
    pledge: str | None = None
    threat: str | None = None


class Words(msgspec.Struct, frozen=True):
    """All named sets."""

    classes: Mapping[str, frozenset[str]]
    status: Mapping[str, frozenset[str]]
    contexts: Mapping[str, frozenset[str]]
    matters: tuple[Matter, ...]
    trivia: Mapping[str, frozenset[str]]
    means: Mapping[str, frozenset[str]]

    @staticmethod
    @cache
    def load() -> Words:
        """Read the word files of the package."""
        return Words(
            classes=read_sets("classes.toml"),
            status=read_sets("status.toml"),
            contexts=read_sets("contexts.toml"),
            matters=_matters(),
            trivia=read_sets("trivia.toml"),
            means=read_sets("means.toml"),
        )

    def is_a(self, lemma: str, name: str) -> bool:
        """Say whether a word belongs to a class.

        >>> Words.load().is_a("missile", "weapons")
        True
        """
        return lemma in self.classes.get(name, frozenset())

    def matter(self, lemma: str) -> Matter | None:
        """Return the matter that a word tells.

        >>> Words.load().matter("ceasefire").mode
        'yield'
        """
        return _matter_index().get(lemma)


@cache
def _matter_index() -> Mapping[str, Matter]:
    index: dict[str, Matter] = {}
    for matter in Words.load().matters:
        for word in matter.words:
            index.setdefault(word, matter)
    return index


def _matters() -> tuple[Matter, ...]:
    rows: Mapping[str, Mapping[str, Any]] = tomllib.loads(_text("matters.toml"))
    return tuple(Matter(name=name, **{**row, "words": tuple(row["words"].split())}) for name, row in rows.items())


def read_sets(name: str) -> Mapping[str, frozenset[str]]:
    """Read a file of named sets of words."""
    rows: Mapping[str, str] = tomllib.loads(_text(name))
    return {key: frozenset(word.replace("_", " ") for word in words.split()) for key, words in rows.items()}


def _text(name: str) -> str:
    return read_text(f"events/lexicon/{name}")
