"""Communiqué reads the news and keeps the diplomatic record: who said what, who did what to whom.

>>> from communique import Span
>>> Span(0, 2).of("Xi spoke.")
'Xi'

The names below load when they are first used, so that ``import communique`` is quick and loads no model.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from communique.coder import Coder
    from communique.errors import CommuniqueError, ConfigError, DataError, ModelError, SourceError
    from communique.model import Article, Entity, Event, Mention, Note, Relation, Report, Span, Statement

__version__ = "0.1.0"

__all__ = [
    "Article",
    "Coder",
    "CommuniqueError",
    "ConfigError",
    "DataError",
    "Entity",
    "Event",
    "Mention",
    "ModelError",
    "Note",
    "Relation",
    "Report",
    "SourceError",
    "Span",
    "Statement",
    "__version__",
]

_ERRORS = ("CommuniqueError", "ConfigError", "DataError", "ModelError", "SourceError")
_TYPES = ("Article", "Entity", "Event", "Mention", "Note", "Relation", "Report", "Span", "Statement")
_HOMES = {
    "Coder": "communique.coder",
    **dict.fromkeys(_ERRORS, "communique.errors"),
    **dict.fromkeys(_TYPES, "communique.model"),
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'communique' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
