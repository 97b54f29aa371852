"""The record: articles, entities, statements, events and problems in one DuckDB file."""

from communique.record.rows import Coded
from communique.record.run import Run, current_run
from communique.record.store import Added, Record

__all__ = ["Added", "Coded", "Record", "Run", "current_run"]
