"""What a page is: a request as a view of the record goes in, and comes out as HTML, JSON or CSV."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from communique.model import Article, Report
from communique.record import Answer, Record
from communique.record.following import State

if TYPE_CHECKING:
    from communique.coder import Coder
    from communique.language import Language

T = TypeVar("T")
#: Answers that are kept for one state of the record: a day's looking around; some megabytes.
MOST_REMEMBERED = 400

LOCK = "lock"

BAD_REQUEST, NOT_FOUND = 400, 404


class Query:
    """The filters of an address. What is empty is not there.

    >>> query = Query(QueryParams("event=AID&event=ASSAULT&actor=&page=2"))
    >>> query.several("event"), query.text("actor"), query.number("page", 1, 9)
    (('AID', 'ASSAULT'), None, 2)
    >>> query.changed(page=None, actor="RUS")
    '?event=AID&event=ASSAULT&actor=RUS'
    """

    def __init__(self, values: QueryParams) -> None:
        self._items = [(key, str(value).strip()) for key, value in values.multi_items() if str(value).strip()]

    def text(self, name: str) -> str | None:
        """Return the last value of a name."""
        return next((value for key, value in reversed(self._items) if key == name), None)

    def several(self, name: str) -> tuple[str, ...]:
        """Return all values of a name, each once."""
        return tuple(dict.fromkeys(value for key, value in self._items if key == name))

    def number(self, name: str, default: int, most: int, *, least: int = 1) -> int:
        """Return a whole number from ``least`` to ``most``; raises a bad request for anything else."""
        value = self.text(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit() and least <= int(value[:12]) <= most):
            raise HTTPException(BAD_REQUEST, f"{name}: {value!r} is not a number from {least} to {most}")
        return int(value)

    def changed(self, **changes: str | int | Sequence[str] | None) -> str:
        """Return the query with these names set anew; None takes one away."""
        kept = [(key, value) for key, value in self._items if key not in changes]
        for key, value in changes.items():
            several = [value] if isinstance(value, str | int) else (value or ())
            kept += [(key, str(one)) for one in several]
        return f"?{urlencode(kept)}" if kept else "?"

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is asked."""
        return not self._items


class Session:
    """What lives as long as the explorer: who reviews, what is judged, and the model, loaded when first needed."""

    def __init__(self, *, path: str, reviewer: str | None = None) -> None:
        self.path = path
        self.reviewer = reviewer
        self.secret = secrets.token_urlsafe()
        self.judged: set[tuple[str, int]] = set()
        self._one_at_a_time = threading.Lock()

    def code(self, article: Article) -> Report:
        """Return what is coded of an article; one is coded at a time, as one takes all cores."""
        with self._one_at_a_time:
            return self._coder.code(article)

    @cached_property
    def _coder(self) -> Coder:
        from communique.coder import Coder

        return Coder()

    @cached_property
    def language(self) -> Language:
        """The language model, for search by meaning."""
        from communique.language import Language

        return Language.load()


@dataclass(frozen=True)
class View:
    """One request, as pages see it: the record as it was at ``state.at``, the filters, the parts of the address."""

    state: State
    query: Query
    session: Session
    path: Mapping[str, str] = field(default_factory=dict)

    @property
    def record(self) -> Record:
        """The record, for this request alone."""
        return self.state.record

    def remembered(self, key: object, compute: Callable[[], T]) -> T:
        """Return what ``compute`` gives; it is called once for a key and a state of the record."""
        memory = self.state.memory
        with memory.setdefault((LOCK, key), threading.RLock()):  # who asks at the same time waits, and computes nothing
            if key not in memory:
                if len(memory) >= MOST_REMEMBERED:
                    memory.pop(next(iter(memory)), None)
                memory[key] = compute()
            found: T = memory[key]
        return found


@dataclass(frozen=True)
class Page:
    """An answer: ``values`` for the template, ``tables`` (the main one first) for JSON and CSV, made when asked for."""

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Callable[[], Answer]] = field(default_factory=dict)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Callable[[], Answer]:
    """Return a table of a page that is there already.

    >>> list(table(["a"], [[1]])().rows)
    [(1,)]
    """
    return lambda: Answer(tuple(columns), (tuple(row) for row in rows))


def not_found(what: str) -> HTTPException:
    """Return the error to raise for an address that names nothing."""
    return HTTPException(NOT_FOUND, what)
