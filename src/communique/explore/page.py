"""What a page is: a request as a view of the record goes in, and comes out as HTML, JSON or CSV."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
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
MOST_FIGURES = 12

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
        is_number = value.isascii() and value.isdigit() and len(value) <= MOST_FIGURES
        if not (is_number and least <= int(value) <= most):
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


class Memory:
    """Answers that took work, each under a key; those that nobody has asked for lately are forgotten.

    >>> memory = Memory(most=1)
    >>> memory.remembered("a", lambda: 1), memory.remembered("a", lambda: 2), memory.remembered("b", lambda: 3)
    (1, 1, 3)
    >>> memory.remembered("a", lambda: 4)
    4
    """

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._values: dict[Hashable, Any] = {}
        self._always: dict[Hashable, Any] = {}
        self._locks: dict[Hashable, threading.RLock] = {}
        self._guard = threading.Lock()

    def remembered(self, key: Hashable, compute: Callable[[], T], *, always: bool = False) -> T:
        """Return what ``compute`` gives. Who asks while it works waits for it; ``always``: it is never forgotten."""
        with self._guard:
            lock = self._locks.setdefault(key, threading.RLock())
        with lock:
            if key in self._always:
                kept: T = self._always[key]
                return kept
            try:
                value: T = self._values[key] if key in self._values else compute()
            except BaseException:
                with self._guard:
                    self._locks.pop(key, None)  # what can't be answered is asked in endless ways
                raise
            if always:
                self._always[key] = value
                return value
            with self._guard:
                self._values.pop(key, None)
                self._values[key] = value  # the last is the one that was asked for last
                while len(self._values) > self._most:
                    oldest = next(iter(self._values))
                    del self._values[oldest]
                    self._locks.pop(oldest, None)
            return value


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

    def remembered(self, key: Hashable, compute: Callable[[], T], *, always: bool = False) -> T:
        """Return what ``compute`` gives, as :meth:`Memory.remembered`, for this state of the record."""
        memory: Memory = self.state.memory.setdefault(Memory, Memory())
        return memory.remembered(key, compute, always=always)


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
