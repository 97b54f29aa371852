"""One shard: found, coded, written so that all of it is there or nothing. Nothing here knows of a cluster."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from communique.articles import Copy, Problem, read_named
from communique.config import Settings
from communique.errors import ConfigError, SourceDamaged, SourceNotFound
from communique.model import Article, Report, content_id
from communique.record import Coded, Run
from communique.record.rows import stamp, tables
from communique.workers import Codes, Failure, Workers

#: Articles whose rows are made and written together: a row group of some megabytes.
BATCH = 200
#: Characters of a shard's name that its output is called by, before the hash of all of it.
NAME_LENGTH = 60
DONE, TEMPORARY, MANIFEST = "_done", "_tmp", "manifest.json"
HIDDEN = (".", "_")
SCHEME = "://"
COMPRESSION = "zstd"


class Shard(msgspec.Struct, frozen=True):
    """A file of articles: ``name`` within the input, ``path`` on its file system, ``source`` as a person calls it.

    ``version`` says when what lies there is another file.
    """

    name: str
    path: str
    source: str
    bytes: int
    version: str

    @property
    def key(self) -> str:
        """What the shard's output is called.

        >>> Shard("2023/03.warc.gz", "", "", 0, "").key
        '2023-03.warc.gz-a34599baa4b6430d'
        """
        return f"{re.sub(r'[^A-Za-z0-9.]+', '-', self.name)[-NAME_LENGTH:]}-{content_id('shard', self.name)}"


class Written(msgspec.Struct, frozen=True):
    """One Parquet file: how many rows it has, and the SHA-256 of its bytes."""

    rows: int
    sha256: str


class Finished(msgspec.Struct, frozen=True):
    """A shard that is coded: from what, by which run, what it gave; ``failed`` counts sources without an article."""

    shard: Shard
    run: Run
    articles: int
    failed: int
    sentences: int
    seconds: float
    tables: dict[str, Written]


class Failed(msgspec.Struct, frozen=True):
    """A shard that could not be coded, and why in one line."""

    shard: Shard
    line: str


class Manifest(msgspec.Struct, frozen=True):
    """What the output holds: the run, totals of rows by table, every shard, and those that failed."""

    run: Run
    written: str
    articles: int
    failed: int
    rows: dict[str, int]
    shards: list[Finished]
    lost: list[Failed]


class Plan(msgspec.Struct, frozen=True):
    """What all shards are coded with. ``make`` makes the coder, as for :class:`~communique.workers.Workers`.

    ``same`` makes the run anew where the work is done; another one there means another program or other files.
    """

    output: str
    settings: Settings
    run: Run
    make: Callable[[], Codes]
    same: Callable[[], Run]
    published: str | None = None

    def check(self) -> None:
        """Raise ``ConfigError`` where this machine would code otherwise than the one that made the plan."""
        if self.same().id != self.run.id:
            raise ConfigError("a machine of the cluster has another Communiqué, other settings or other actors")


class Store:
    """A folder on a file system that pyarrow knows: a local path or an address such as ``s3://bucket/folder``.

    Raises ``ConfigError`` for an address of which pyarrow knows nothing.
    """

    def __init__(self, place: str) -> None:
        self.place = place.rstrip("/") or "/"
        try:
            self.files, self.root = _file_system(place)
        except (pa.ArrowInvalid, OSError) as error:
            raise ConfigError(f"{place}: {_one_line(error)}") from error
        self.is_local = isinstance(self.files, fs.LocalFileSystem)

    def path(self, *parts: str) -> str:
        """Return a path on the file system."""
        return posixpath.join(self.root, *parts)

    def put(self, name: str, content: Path | bytes) -> None:
        """Write a file under a temporary name, then give it its own: nobody ever sees half of it."""
        temporary, final = self.path(TEMPORARY, uuid.uuid4().hex), self.path(name)
        for path in (temporary, final):
            self.files.create_dir(posixpath.dirname(path), recursive=True)
        with self.files.open_output_stream(temporary) as out:
            if isinstance(content, bytes):
                out.write(content)
            else:
                with content.open("rb") as file:
                    while block := file.read(1 << 20):
                        out.write(block)
        self.files.move(temporary, final)

    def get(self, name: str) -> bytes:
        """Return the bytes of a file."""
        with self.files.open_input_stream(self.path(name), compression=None) as file:
            content: bytes = file.read()
        return content

    def finished(self) -> Iterator[Finished]:
        """Yield the shards that are finished, by name; one whose note is damaged is not."""
        found = (one for one in self.notes() if isinstance(one, Finished))
        yield from sorted(found, key=lambda one: one.shard.name)

    def notes(self) -> Iterator[Finished | SourceDamaged]:
        """Yield what the notes of finished shards say, or that a note can't be read."""
        folder = fs.FileSelector(self.path(DONE), allow_not_found=True)
        for name in sorted(posixpath.basename(info.path) for info in self.files.get_file_info(folder) if info.is_file):
            try:
                yield msgspec.json.decode(self.get(f"{DONE}/{name}"), type=Finished)
            except (msgspec.DecodeError, UnicodeDecodeError):
                told = "this note of a finished shard can't be read; run communique scale again"
                yield SourceDamaged(f"{self.place}/{DONE}/{name}", told)

    def rows(self, finished: Finished) -> dict[str, pa.Table]:
        """Return the rows of a shard, by table; raise ``SourceDamaged`` where a file is not what was written."""
        return {table: self._table(table, finished) for table in finished.tables}

    def _table(self, table: str, finished: Finished) -> pa.Table:
        name = f"{table}/{finished.shard.key}.parquet"
        try:
            content = self.get(name)
        except OSError as error:
            raise SourceNotFound(f"{self.place}/{name}", _one_line(error)) from error
        if hashlib.sha256(content).hexdigest() != finished.tables[table].sha256:
            note = f"{DONE}/{finished.shard.key}.json"
            told = f"this is not what was written; delete {note} and run communique scale again"
            raise SourceDamaged(f"{self.place}/{name}", told)
        return pq.read_table(pa.BufferReader(content))

    def tidy(self) -> None:
        """Take away what was left half written."""
        if self.files.get_file_info(self.path(TEMPORARY)).type == fs.FileType.Directory:
            self.files.delete_dir(self.path(TEMPORARY))

    @contextmanager
    def local(self, shard: Shard) -> Iterator[str]:
        """Give the path of a shard on this machine, a copy of it where it lies elsewhere."""
        if self.is_local:
            yield shard.path
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / posixpath.basename(shard.path)
            fs.copy_files(
                shard.path, str(path), source_filesystem=self.files, destination_filesystem=fs.LocalFileSystem()
            )
            yield str(path)


def absolute(place: str) -> str:
    """Return a place as it is called from everywhere on this machine; an address is that already.

    >>> absolute("s3://bucket/news"), absolute("/news/")
    ('s3://bucket/news', '/news')
    """
    return place if SCHEME in place else os.path.abspath(place)


def _file_system(place: str) -> tuple[fs.FileSystem, str]:
    files, root = fs.FileSystem.from_uri(place) if SCHEME in place else (fs.LocalFileSystem(), absolute(place))
    return files, root


def find_shards(place: str) -> list[Shard]:
    """Return the files in a folder at any depth, or the one file, by name; hidden ones are left out.

    Raises ``SourceNotFound`` where there are none.
    """
    store = Store(place)
    info = store.files.get_file_info(store.root)
    if info.type == fs.FileType.NotFound:
        raise SourceNotFound(place, "no such file or folder")
    found = [info] if info.is_file else store.files.get_file_info(fs.FileSelector(store.root, recursive=True))
    shards = [_shard(store, one) for one in found if one.is_file]
    shown = [one for one in shards if not any(part.startswith(HIDDEN) for part in one.name.split("/"))]
    if not shown:
        raise SourceNotFound(place, "there are no files in this folder")
    return sorted(shown, key=lambda one: one.name)


def _shard(store: Store, info: fs.FileInfo) -> Shard:
    name = posixpath.relpath(info.path, store.root) if info.path != store.root else posixpath.basename(info.path)
    source = store.place if info.path == store.root else f"{store.place}/{name}"
    return Shard(name, info.path, source, info.size, f"{info.size} {info.mtime_ns}")


def code_shard(shard: Shard, place: str, plan: Plan, workers: Workers) -> Finished:
    """Code one shard and write its rows.

    1. Articles are read, and coded by ``workers``, so that one that kills its process costs itself only. 2. Rows are
    made by batches and written to this machine. 3. The files go to the output, each under a temporary name first.
    4. The note that the shard is finished comes last. Doing it twice gives the same files, whoever was first.
    """
    began = time.monotonic()
    output, source = Store(plan.output), Store(place)
    with tempfile.TemporaryDirectory() as folder, source.local(shard) as path:
        made = _Files(Path(folder), plan.run)
        with made:
            coded = _coded(path, shard, plan, workers)
            while batch := list(islice(coded, BATCH)):
                made.add(batch)
        for table, file in made.paths.items():
            output.put(f"{table}/{shard.key}.parquet", file)
        seconds = round(time.monotonic() - began, 2)
        written = {table: Written(made.rows[table], _sha256(file)) for table, file in made.paths.items()}
    finished = Finished(
        shard, plan.run, written["articles"].rows, made.failed, written["sentences"].rows, seconds, written
    )
    output.put(f"{DONE}/{shard.key}.json", msgspec.json.encode(finished))
    return finished


def write_manifest(output: str, run: Run, shards: Iterable[Shard], lost: Iterable[Failed]) -> Manifest:
    """Write what the output holds of these shards, and take away what was left half written."""
    store = Store(output)
    wanted = {shard.key for shard in shards}
    finished = [one for one in store.finished() if one.shard.key in wanted and one.run.id == run.id]
    rows = {name: sum(one.tables[name].rows for one in finished) for name in (finished[0].tables if finished else ())}
    manifest = Manifest(
        run,
        datetime.now(UTC).isoformat(timespec="seconds"),
        sum(one.articles for one in finished),
        sum(one.failed for one in finished),
        rows,
        finished,
        list(lost),
    )
    store.put(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    store.tidy()
    return manifest


def _coded(path: str, shard: Shard, plan: Plan, workers: Workers) -> Iterator[Coded | Problem]:
    """Yield reports with their sources, and what failed; sources bear the shard's name wherever it was read."""

    def called(text: str) -> str:
        return text.replace(path, shard.source) if path != shard.source else text

    items = read_named([path], settings=plan.settings, published=plan.published)
    tasks: Iterator[tuple[Any, Article | None]] = ((one, None if isinstance(one, Problem) else one[1]) for one in items)
    for item, result in workers.code_all(tasks):
        if isinstance(item, Problem):
            yield msgspec.structs.replace(item, source=called(item.source), line=called(item.line))
        elif isinstance(result, Report):
            yield Coded(result, called(item[0]))
        elif isinstance(result, Failure):
            name = called(item[0])
            yield Problem(name, f"{name}: {result.reason}", "can't be coded")


class _Files:
    """One Parquet file for each table of the record, in a folder of this machine."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.failed = 0
        self._run = run
        self._seen: set[str] = set()
        self._writers = ExitStack()
        empty = tables([], [], run.id)
        self.paths = {name: folder / f"{name}.parquet" for name in empty}
        self.rows = dict.fromkeys(empty, 0)
        self._files = {
            name: self._writers.enter_context(pq.ParquetWriter(path, empty[name].schema, compression=COMPRESSION))
            for name, path in self.paths.items()
        }

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self._writers.close()

    def add(self, batch: Iterable[Coded | Problem]) -> None:
        """Write the rows of a batch; an article that comes again, or as a copy, is one more source of the first."""
        coded: list[Coded] = []
        failed: list[Problem] = []
        again: dict[str, str] = {}
        for item in batch:
            if isinstance(item, Copy):
                again[item.source] = item.copy_of
            elif isinstance(item, Problem):
                failed += [item] if item.failed else []
            elif item.report.article.id in self._seen:
                again[item.source or ""] = item.report.article.id
            else:
                self._seen.add(item.report.article.id)
                coded.append(item)
        made = tables([stamp(one) for one in coded], failed, self._run.id)
        more = {"source": [*again], "article_id": [*again.values()], "run": [self._run.id] * len(again)}
        made["sources"] = pa.concat_tables([made["sources"], pa.table(more, schema=made["sources"].schema)])
        for name, table in made.items():
            self._files[name].write_table(table)
            self.rows[name] += table.num_rows
        self.failed += len(failed)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
