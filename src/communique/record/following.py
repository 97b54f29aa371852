"""Reading a record that another process may be writing.

DuckDB lets nobody read a file while somebody writes it, and nobody write while somebody reads. So a reader that stays
for long takes a copy of its own, without opening the record or locking it: the file and its log, byte by byte, while
neither changes. That is what a crash at that moment would have left, and from this DuckDB brings back the last state
that was committed. When the record changes, a new copy is taken in the background, and readers are told meanwhile
that they see the state before.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from communique.errors import RecordBusy, RecordError, RecordNotFound
from communique.record.store import Record

#: Seconds that files must not have changed before they are copied. Two writes within one tick of a file system's clock
#: can't be told apart by time; the coarsest clock in use (FAT) ticks every two seconds.
SETTLED = 2.0
#: Seconds that are enough where a clock is finer: a writer that commits each second would hide all else for good.
SETTLED_FINE = 0.2
SECOND_NS = 1_000_000_000
#: Seconds between two looks at whether the record has changed.
LOOK = 0.5
#: Seconds that a reader waits for a fresh copy before the one before is taken: small records are always fresh.
PATIENCE = 0.15
#: Tries to take the first copy, before a reader is told that the record is being written.
FIRST_TRIES = 3
#: Bytes copied at a time.
PIECE = 64 * 1024 * 1024
#: Endings of the files beside a record that DuckDB writes ahead to.
LOGS = ".wal*"

#: Name, time of change (ns) and size of each file that makes up a record.
Signature = tuple[tuple[str, int, int], ...]


class State(msgspec.Struct, frozen=True):
    """A record as it was committed at ``at``. ``is_behind`` says that the file has changed since.

    ``memory`` is for what is worth keeping as long as this state is the newest; all its readers share it.
    """

    record: Record
    at: datetime
    is_behind: bool
    memory: dict[Any, Any]


class _Copy(msgspec.Struct, frozen=True):
    record: Record
    signature: Signature
    memory: dict[Any, Any]


class Follower:
    """Reads a record through copies of its own, the newest that there is; safe for many threads.

    ``settled`` and ``look`` are seconds, see :data:`SETTLED` and :data:`LOOK`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Record.open(f"{folder}/news.duckdb").close()
    ...     with Follower(f"{folder}/news.duckdb").reading() as state:
    ...         state.record.rows("events").fetchall(), state.is_behind
    ([], False)
    """

    def __init__(self, path: str | Path, *, settled: float = SETTLED, look: float = LOOK) -> None:
        self.path = str(path)
        self._settled, self._look = settled, look
        self._copy: _Copy | None = None
        self._failure: RecordError | None = None
        self._looked = 0.0
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    @contextmanager
    def reading(self, *, limit: float | None = None) -> Iterator[State]:
        """Yield the newest state for one thread; its questions are stopped after ``limit`` seconds.

        Raises ``RecordNotFound``, ``RecordBusy`` where the file changes all the time and no copy could be taken yet,
        ``RecordError`` where it can't be read.
        """
        copy, is_behind = self._newest()
        with copy.record.reader(limit=limit) as record:
            yield State(record, _changed(copy.signature), is_behind, copy.memory)

    def _newest(self) -> tuple[_Copy, bool]:
        worker = self._start_if_due()
        if worker is not None:
            worker.join(PATIENCE if self._copy is not None else 2 * self._settled + PATIENCE)
            if self._copy is None and worker.is_alive():
                worker.join()  # the first copy of a large record takes a moment
        copy = self._copy
        if copy is None:
            raise self._failure or RecordBusy(self.path, "another process is writing this record all the time")
        return copy, _signature(self.path) != copy.signature

    def _start_if_due(self) -> threading.Thread | None:
        """Return the thread that takes a copy, where there is reason for one."""
        with self._lock:
            now = time.monotonic()
            if self._worker is not None and self._worker.is_alive():
                return self._worker
            if self._copy is not None and now - self._looked < self._look:
                return None
            self._looked = now
            if self._copy is not None and _signature(self.path) == self._copy.signature:
                return None
            self._worker = threading.Thread(target=self._take, daemon=True)
            self._worker.start()
            return self._worker

    def _take(self) -> None:
        """Take a copy, with a few tries while there is none at all."""
        left = 1 if self._copy is not None else FIRST_TRIES
        while left:
            left -= 1
            try:
                self._copy, self._failure = take_copy(self.path, settled=self._settled), None
                return
            except RecordError as error:
                self._failure = error
                if not isinstance(error, RecordBusy):
                    return
            if left:
                time.sleep(self._settled / 2)


def take_copy(path: str, *, settled: float = SETTLED) -> _Copy:
    """Return a copy of the record at ``path`` that nothing was written to meanwhile.

    1. look at the files, which must be there and at rest;
    2. copy them into a folder of their own;
    3. look again: had they changed, the copy would be torn;
    4. open the copy, which DuckDB brings to its last committed state, and take its name away, so that nothing of it is
       left behind however this process ends.

    Raises ``RecordNotFound``, ``RecordBusy`` where something is written meanwhile, ``RecordError``.
    """
    before = _signature(path)
    if not before:
        raise RecordNotFound(path, "there is no such record; make one with: communique record SOURCE... -r FILE")
    if time.time() - _changed(before).timestamp() < _rest(before, settled):
        raise RecordBusy(path, "another process is writing this record")
    with tempfile.TemporaryDirectory(dir=_room(path, before), prefix=".communique-", ignore_cleanup_errors=True) as to:
        for name, _, size in before:
            _copy_file(name, os.path.join(to, os.path.basename(name)), size)
        if _signature(path) != before:
            raise RecordBusy(path, "another process is writing this record")
        try:
            record = Record.open(os.path.join(to, os.path.basename(path)), read_only=True, confined=True)
        except RecordError as error:
            raise RecordError(path, error.reason) from error
    return _Copy(record.called(path), before, {})


def _signature(path: str) -> Signature:
    """What tells whether a record has changed; empty where it is not there."""
    found = []
    for file in (Path(path), *sorted(Path(path).parent.glob(f"{_literal(Path(path).name)}{LOGS}"))):
        with suppress(FileNotFoundError):
            told = file.stat()
            found.append((str(file), told.st_mtime_ns, told.st_size))
    return tuple(found) if found and found[0][0] == str(Path(path)) else ()


def _rest(files: Signature, settled: float) -> float:
    """How long files must be at rest. A fraction of a second in all times tells that the clock ticks finer than one.

    >>> _rest((("a", 1_700_000_000_123_000_000, 1),), 2.0), _rest((("a", 1_700_000_000_000_000_000, 1),), 2.0)
    (0.2, 2.0)
    """
    is_fine = all(time_ns % SECOND_NS for _, time_ns, _ in files)
    return min(settled, SETTLED_FINE) if is_fine else settled


def _literal(name: str) -> str:
    """A name in which a pattern sees nothing special."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)


def _changed(signature: Signature) -> datetime:
    return datetime.fromtimestamp(max(time_ns for _, time_ns, _ in signature) / 1e9, UTC)


def _room(path: str, files: Signature) -> str:
    """A folder with room for a copy: beside the record, where file systems can share blocks, or a temporary one."""
    needed = sum(size for _, _, size in files)
    for folder in (os.path.dirname(os.path.abspath(path)), tempfile.gettempdir()):
        if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > needed:
            return folder
    raise RecordError(path, f"there is no room for a copy of it ({needed // 1_000_000:,} MB), which reading needs")


def _copy_file(source: str, to: str, size: int) -> None:
    """Copy the first ``size`` bytes; file systems that can share blocks do so."""
    with open(source, "rb") as reading, open(to, "wb") as writing:
        done = 0
        while done < size:
            moved = _move(reading.fileno(), writing.fileno(), min(PIECE, size - done))
            if not moved:
                return
            done += moved


def _move(reading: int, writing: int, count: int) -> int:
    if hasattr(os, "copy_file_range"):
        try:
            return os.copy_file_range(reading, writing, count)
        except OSError:
            pass  # not between these file systems
    return os.write(writing, os.read(reading, count))
