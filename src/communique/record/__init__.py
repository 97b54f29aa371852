"""The record: articles, entities, statements, events and problems in one DuckDB file.

>>> from communique.record import Record
>>> with Record.open(":memory:") as record:
...     record.events(actor="China").fetchall()
[]

The names below load when they are first used: a question needs neither Arrow nor the exports.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from communique.record.exports import FORMATS, export
    from communique.record.rows import Coded
    from communique.record.run import Run, current_run
    from communique.record.store import Added, Answer, Record

__all__ = ["FORMATS", "Added", "Answer", "Coded", "Record", "Run", "current_run", "export"]

_HOMES = {
    "FORMATS": "exports",
    "export": "exports",
    "Coded": "rows",
    "Run": "run",
    "current_run": "run",
    "Added": "store",
    "Answer": "store",
    "Record": "store",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'communique.record' has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
