"""Several processes that code, each with a model of its own; reports come in the order of the articles.

A process that dies is replaced, and its article tried once more. What gives no report gives a :class:`Failure`.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, Protocol, Self, TypeVar

import msgspec

from communique.errors import CommuniqueError
from communique.model import Article, Report

#: How often an article is given to a process before it is held for what kills it.
TRIES = 2
#: Processes one after the other that may die before they have a model: chance kills one, not so many.
STILLBORN = 3
#: What a process says first, when it has its model.
READY = "ready"
#: Articles for each process that are read ahead, so that a long one holds nobody up. An article has some kilobytes.
READ_AHEAD = 8
#: Seconds that a process has to end by itself once its pipe is closed.
PATIENCE = 5.0

Tag = TypeVar("Tag")


class Codes(Protocol):
    """What a :class:`~communique.coder.Coder` is to a process that codes."""

    def code(self, article: Article, /) -> Report:
        """Return the report of an article."""
        ...


class Failure(msgspec.Struct, frozen=True):
    """An article gave no report; ``reason`` is for a person."""

    reason: str


def attempt(coder: Codes, article: Article) -> Report | Failure:
    """Return the report of an article, or why there is none: a bad article costs itself only.

    >>> class Broken:
    ...     def code(self, article):
    ...         raise KeyError("x")
    >>> attempt(Broken(), Article("a", "It rained."))
    Failure(reason="internal error: KeyError: 'x'")
    """
    try:
        return coder.code(article)
    except CommuniqueError as error:
        return Failure(str(error))
    except Exception as error:  # an edge, as that of a program: what nobody thought of must not end the others' work
        return Failure(f"internal error: {type(error).__name__}: {error}")


class _Task(Generic[Tag]):
    """An article on its way, with what goes with it; ``result`` is there when it is done."""

    def __init__(self, tag: Tag, article: Article | None) -> None:
        self.tag, self.article = tag, article
        self.tries = 0  # those that a process died of
        self.result: Report | Failure | None = None

    @property
    def done(self) -> bool:
        return self.article is None or self.result is not None


class Workers:
    """Processes that code at the same time. A context manager: leaving it ends them, whatever they are at.

    ``make`` makes the coder in each process, so it has to be picklable: a class or a function of a module, or a
    ``functools.partial`` of one; and the program's main part has to stand behind ``if __name__ == "__main__":``, as
    always with ``multiprocessing``. Raises what ``make`` raises, if that is a ``CommuniqueError``, and one where
    processes can't be started.

    >>> from communique import Article, Coder
    >>> with Workers(Coder, 2) as workers:
    ...     [(tag, len(report.events)) for tag, report in workers.code_all([("a", Article("a", "It rained."))])]
    [('a', 0)]
    """

    def __init__(self, make: Callable[[], Codes], jobs: int) -> None:
        self._stillborn = 0
        self._processes = [_Process(make) for _ in range(jobs)]

    def __enter__(self) -> Self:
        """Return the workers."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        for process in self._processes:
            process.end()

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes' numbers."""
        return tuple(process.pid for process in self._processes)

    def code_all(self, tasks: Iterable[tuple[Tag, Article | None]]) -> Iterator[tuple[Tag, Report | Failure | None]]:
        """Yield what each article gave, in their order, with its tag; a tag without an article passes in its place.

        1. what is done and next in order goes out; 2. as long as there is room, a task is read and handed to whoever is
        idle; 3. otherwise somebody's answer is waited for.
        """
        coming = iter(tasks)
        ordered: deque[_Task[Tag]] = deque()
        waiting: deque[_Task[Tag]] = deque()
        more = True
        while True:
            while ordered and ordered[0].done:
                task = ordered.popleft()
                yield task.tag, task.result
            reads = more and len(ordered) < READ_AHEAD * len(self._processes)
            if reads and (read := next(coming, None)) is not None:
                ordered.append(_Task(*read))
                waiting.extend([] if ordered[-1].done else [ordered[-1]])
            elif reads:
                more = False
            if not (more or ordered):
                return
            self._collect(waiting, block=not reads)
            self._hand_out(waiting)

    def _hand_out(self, waiting: deque[_Task[Tag]]) -> None:
        for process in self._processes:
            if process.task is None and waiting:
                process.give(waiting.popleft())

    def _collect(self, waiting: deque[_Task[Tag]], *, block: bool) -> None:
        """Take the answers that are there; with ``block`` wait for one."""
        busy = {process.connection: process for process in self._processes if process.task is not None}
        if not busy:
            return
        for connection in wait(list(busy), None if block else 0):
            process = busy[connection]  # type: ignore[index]
            if not process.take():
                self._replace(process, waiting)

    def _replace(self, process: _Process, waiting: deque[_Task[Tag]]) -> None:
        """Put a new process in the place of one that died; its article is tried again, or has failed."""
        task = process.task
        assert task is not None
        self._stillborn = 0 if process.ready else self._stillborn + 1
        if self._stillborn >= STILLBORN:
            raise CommuniqueError(
                'processes die before they can code: is the main part behind if __name__ == "__main__"?'
            )
        task.tries += process.ready
        process.replace()
        if task.tries < TRIES:
            waiting.appendleft(task)
        else:
            task.result = Failure(f"the process that coded it died {task.tries} times")


class _Process:
    """One process with a model, the pipe to it, and the task that it is at."""

    def __init__(self, make: Callable[[], Codes]) -> None:
        self._make = make
        self.task: _Task[Any] | None = None
        self._start()

    def _start(self) -> None:
        self.ready = False
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(self._make, theirs), daemon=True)
        with _interrupts_ignored():
            self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def give(self, task: _Task[Any]) -> None:
        """Hand over a task. Where the process has died, its pipe says so when the answer is taken."""
        self.task = task
        with suppress(OSError):
            self.connection.send(task.article)

    def take(self) -> bool:
        """Take what the process says, that it is ready or its answer; say whether it lives."""
        try:
            answer = self.connection.recv()
        except (EOFError, OSError):
            return False
        if isinstance(answer, CommuniqueError):
            raise answer
        if answer == READY:
            self.ready = True
            return True
        assert self.task is not None
        self.task.result = answer
        self.task = None
        return True

    def replace(self) -> None:
        """Put a new process in the place of one that died."""
        self.end()
        self.task = None
        self._start()

    def end(self) -> None:
        """End the process now."""
        self.connection.close()
        self._process.terminate()
        self._process.join(PATIENCE)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self._process.close()


def _work(make: Callable[[], Codes], connection: Connection) -> None:
    """Code what comes through the pipe until it is closed: what a process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one ends the others
    with suppress(EOFError, OSError):
        try:
            coder = make()
        except CommuniqueError as error:
            connection.send(error)
            return
        connection.send(READY)
        while True:
            connection.send(attempt(coder, connection.recv()))


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let a new process begin without Ctrl-C: it would die of it with a traceback before it can say that it won't."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
