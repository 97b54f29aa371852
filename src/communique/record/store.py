"""The one file that keeps what was coded: opening it, adding to it, reading back. All writing of the record is here."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

import duckdb
import msgspec

from communique import codebook
from communique.articles import Problem
from communique.errors import QueryError, QueryStopped, RecordBusy, RecordError, RecordNotFound
from communique.model import Article, Choice, Report
from communique.record.run import Run
from communique.resources import read_text

if TYPE_CHECKING:
    import pyarrow as pa

    from communique.actors import Atlas
    from communique.record.queries import Asked, Filters, Kind, Question
    from communique.record.review import Correction, StatementCorrection
    from communique.record.rows import Coded
    from communique.record.sight import Sight

#: The version of schema.sql; migrations/N.sql makes a file of version N out of one of version N - 1.
SCHEMA_VERSION = 3
#: Who is asserted to have done what to whom, state by state; the parties of a symmetric event each meet the others.
PAIRS = """
WITH sides AS (
    SELECT day, event, array_to_string(modes, ',') AS mode, score, sentence_text AS text,
        list_distinct(actor_countries) AS froms,
        list_distinct(CASE WHEN len(recipients) = 0 THEN actor_countries ELSE recipient_countries END) AS tos
    FROM events_now WHERE status = 'asserted' AND day IS NOT NULL
    AND ($1 IS NULL OR day >= CAST($1 AS DATE)) AND ($2 IS NULL OR day <= CAST($2 AS DATE))
), ones AS (SELECT * EXCLUDE froms, unnest(froms) AS actor FROM sides),
pairs AS (SELECT * EXCLUDE tos, unnest(tos) AS recipient FROM ones)
SELECT strftime(day, '%Y-%m-%d') AS date, actor, recipient, event, mode, score, text FROM pairs
WHERE actor IS NOT NULL AND recipient IS NOT NULL AND actor != recipient
ORDER BY ALL
"""
#: The same among organs of states alone: without the parties that are known to be none. Who has no sector counts, too.
OFFICIAL_PAIRS = """
WITH private AS (
    SELECT article_id, list(id) AS ids FROM entities
    WHERE len(sectors) > 0 AND NOT list_has_any(sectors, $3) GROUP BY article_id
), official AS (
    SELECT e.* EXCLUDE (actor_countries, recipient_countries),
        list_filter(actor_countries, lambda c, i: NOT list_contains(coalesce(ids, []), actors[i])) AS actor_countries,
        list_filter(recipient_countries, lambda c, i: NOT list_contains(coalesce(ids, []), recipients[i]))
            AS recipient_countries
    FROM events_now e LEFT JOIN private USING (article_id)
), sides""" + PAIRS.partition("WITH sides")[2].replace("FROM events_now", "FROM official")
#: What a coder said before of statements that are judged now; they are the same where their characters are.
SAID_BEFORE = """
DELETE FROM statement_corrections c USING judged j
WHERE j.article_id = c.article_id AND j.coder = c.coder AND j.content = c.content
AND j.cue_start IS NOT DISTINCT FROM c.cue_start AND j.cue_end IS NOT DISTINCT FROM c.cue_end
"""
STATEMENT_END = "\n;;\n"
IN_MEMORY = ":memory:"
#: Tables that hold what was coded from an article, in the order in which they are filled.
CODED_TABLES = ("articles", "sources", "sentences", "entities", "mentions", "statements", "events", "problems")
PARTS = ("entities", "mentions", "statements", "events", "sentences", "problems")
#: Seconds between two tries to open a file that another process has.
RETRY = 0.2
#: Articles that are read back at a time: some megabytes of text.
READING_BATCH = 500
#: The names of tables and views, those of earlier runs among them.
TABLE = re.compile(r"(?:past\.)?[a-z_]{1,40}")
#: What DuckDB says of a block that is not what was written, and what we say.
CHECKSUM = "computed checksum"
DAMAGED = "this record is damaged; save what can be read of it with: communique recover FILE -r NEW"
HOLDER = re.compile(r"PID (\d+)")


class Added(msgspec.Struct, frozen=True):
    """What adding a batch did: articles new, replaced and already there, sources that failed, and rows written.

    >>> Added(new=1) + Added(rows=3)
    Added(new=1, replaced=0, unchanged=0, failed=0, rows=3)
    """

    new: int = 0
    replaced: int = 0
    unchanged: int = 0
    failed: int = 0
    rows: int = 0

    def __add__(self, other: Added) -> Added:
        """Return the two together."""
        return Added(*(mine + yours for mine, yours in zip(self._counts(), other._counts(), strict=True)))

    def _counts(self) -> tuple[int, ...]:
        return (self.new, self.replaced, self.unchanged, self.failed, self.rows)


class Answer(msgspec.Struct, frozen=True):
    """Rows as they come, under the names of their columns; ``rows`` can be read once."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


class Record:
    """A record that is open. One process writes at a time; it is a context manager that closes the file.

    >>> with Record.open(":memory:") as record:
    ...     record.rows("events").fetchall()
    []
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: str) -> None:
        """Use :meth:`open` instead."""
        self._connection = connection
        self._cursors: list[duckdb.DuckDBPyConnection] | None = None
        self.path = path

    @classmethod
    def open(cls, path: str | Path, *, read_only: bool = False, confined: bool = True, wait: float = 0.0) -> Self:
        """Open a record; one that is opened for writing is made when it is not there, and brought up to date.

        ``confined`` lets questions in SQL, and views that somebody else put into the file, reach no other file, no
        network and no extension. ``wait`` is for how many seconds to try again while
        another process has the file. Raises ``RecordError``: a file that is not there, is no record, is newer than
        this program, or is held by somebody else.
        """
        name = str(path)
        _check_is_there(name, read_only)
        if read_only and name != IN_MEMORY and _behind(_connect(name, True, confined, wait), name):
            cls.open(
                name, confined=confined, wait=wait
            ).close()  # an earlier version's file is brought up to date before it is read
        read_only = read_only and name != IN_MEMORY
        record = cls(_connect(name, read_only, confined, wait), name)
        if not read_only:
            record._prepare()
        return record

    def __enter__(self) -> Self:
        """Return the record."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; what was added is there already."""
        self._connection.close()

    def called(self, path: str) -> Record:
        """Return the same open record under another name, for what is said of it."""
        return Record(self._connection, path)

    @contextmanager
    def reader(self, *, limit: float | None = None) -> Iterator[Record]:
        """Yield the record for one thread among several; its questions are stopped ``limit`` seconds from now.

        A question that is stopped raises ``QueryStopped``.

        >>> with Record.open(":memory:") as record, record.reader(limit=10) as reader:
        ...     reader.rows("events").fetchall()
        []
        """
        own = Record(self._connection.cursor(), self.path)
        own._cursors = []
        timer = threading.Timer(limit or 0, own._interrupt)
        timer.daemon = True
        if limit is not None:
            timer.start()
        try:
            yield own
        finally:
            timer.cancel()
            for cursor in (*own._cursors, own._connection):
                cursor.close()

    def _interrupt(self) -> None:
        for cursor in (self._connection, *(self._cursors or ())):
            with suppress(duckdb.Error):
                cursor.interrupt()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection for one stream of rows, so that other questions can be asked between."""
        cursor = self._connection.cursor()
        if self._cursors is not None:
            self._cursors.append(cursor)
        return cursor

    def add(
        self,
        reports: Iterable[Report | Coded | Problem],
        *,
        run: Run,
        keep_runs: bool = False,
        again: Mapping[str, str] | None = None,
    ) -> Added:
        """Add a batch in one transaction: all of it is in the record afterwards, or nothing.

        1. leave out articles that are there from the same run with the same report;
        2. take out the rows of those that are there otherwise; with ``keep_runs`` they go to the schema ``past``;
        3. put in the new rows through Arrow;
        4. forget the problems of sources that now gave an article.

        An article that comes twice in a batch counts as it comes last. ``again`` names sources whose article is known
        (source -> article id; see :meth:`known`). Raises ``RecordError`` when writing fails.

        >>> from communique.model import Article
        >>> run = Run.make(version="1", code="c", model="m", atlas="a", settings="{}")
        >>> report = Report(Article("1", "It rained."), (), (), (), ())
        >>> with Record.open(":memory:") as record:
        ...     record.add([report], run=run)
        ...     record.add([report], run=run)
        Added(new=1, replaced=0, unchanged=0, failed=0, rows=1)
        Added(new=0, replaced=0, unchanged=1, failed=0, rows=0)
        """
        from communique.record.rows import Coded, stamp, tables

        items = [Coded(item) if isinstance(item, Report) else item for item in reports]
        problems = [item for item in items if isinstance(item, Problem)]
        stamped = {item.report.article.id: stamp(item) for item in items if isinstance(item, Coded)}
        known = self._digests(stamped)
        fresh = [one for key, one in stamped.items() if known.get(key) != (run.id, one.report_digest)]
        replaced = [one.coded.report.article.id for one in fresh if one.coded.report.article.id in known]
        named = {item.source: item.report.article.id for item in items if isinstance(item, Coded) and item.source}
        rows = tables(fresh, problems, run.id)
        sources = {**(again or {}), **named}
        self._write(rows, run, replaced, keep_runs, sources, [one.source for one in problems])
        written = sum(table.num_rows for table in rows.values())
        unchanged = len({*stamped, *(again or {}).values()}) - len(fresh)
        return Added(len(fresh) - len(replaced), len(replaced), unchanged, len(problems), written)

    def add_rows(self, rows: Mapping[str, pa.Table], *, run: Run, keep_runs: bool = False) -> Added:
        """Add rows that ``communique scale`` made, of articles each of which they have once; as :meth:`add` does.

        Raises ``RecordError`` where they are not the rows of this version.
        """
        from communique.record.rows import of_articles, plain_problems

        self._check_columns(rows)
        articles = rows["articles"]
        digests = dict(zip(articles["id"].to_pylist(), articles["report_digest"].to_pylist(), strict=True))
        known = self._digests(digests)
        fresh = [key for key, digest in digests.items() if known.get(key) != (run.id, digest)]
        replaced = [key for key in fresh if key in known]
        chosen = of_articles(rows, fresh)
        named = rows["sources"]
        sources = dict(zip(named["source"].to_pylist(), named["article_id"].to_pylist(), strict=True))
        failed = plain_problems(rows["problems"])
        self._write(chosen, run, replaced, keep_runs, sources, failed)
        written = sum(table.num_rows for table in chosen.values())
        return Added(len(fresh) - len(replaced), len(replaced), len(digests) - len(fresh), len(failed), written)

    def _write(
        self,
        rows: Mapping[str, pa.Table],
        run: Run,
        replaced: Sequence[str],
        keep_runs: bool,
        sources: Mapping[str, str],
        failed: Sequence[str],
    ) -> None:
        """Write rows in one transaction; ``failed`` are the sources of problems without an article."""
        with self._transaction():
            self._note_run(run)
            self._take_out(replaced, run, keep_runs)
            for table in CODED_TABLES:
                self._put_in(table, rows[table])
            self._note_sources(sources, failed, run)

    def _check_columns(self, rows: Mapping[str, pa.Table]) -> None:
        for table in CODED_TABLES:
            columns = {row[0] for row in self._fetch(f"SELECT column_name FROM (DESCRIBE {table})")}
            if table not in rows or set(rows[table].column_names) != columns:
                raise RecordError(self.path, f"the rows of {table} are of another version: run communique scale again")

    def remove(self, article_ids: Iterable[str]) -> None:
        """Take articles out, with their sources and all that was coded from them; what people say of them stays."""
        with self._transaction():
            self._delete(list(article_ids))

    def correct(self, corrections: Sequence[Correction], *, statements: Sequence[StatementCorrection] = ()) -> int:
        """Keep what a person says of sentences and of statements, all of it or nothing. Return how many.

        What the same coder said of them before is replaced. From then on these sentences' events, and these
        statements, are the person's, whatever run codes the article again.
        """
        with self._transaction():
            if corrections:
                self._correct_events(corrections)
            if statements:
                self._correct_statements(statements)
        return len(corrections) + len(statements)

    def _correct_events(self, corrections: Sequence[Correction]) -> None:
        from communique.record.rows import correction_table

        units = {(one.article_id, one.span.start, one.span.end, one.coder) for one in corrections}
        for unit in sorted(units):
            self._execute(
                "DELETE FROM corrections WHERE article_id = ? AND sentence_start = ? AND sentence_end = ? "
                "AND coder = ?",
                list(unit),
            )
        self._put_in("corrections", correction_table(corrections, self._texts(corrections)))

    def _correct_statements(self, corrections: Sequence[StatementCorrection]) -> None:
        from communique.record.rows import statement_correction_table

        reports = {report.article.id: report for report in self.reports({one.article_id for one in corrections})}
        rows = statement_correction_table(corrections, reports)
        self._connection.register("judged", rows)
        self._execute(SAID_BEFORE)
        self._connection.unregister("judged")
        self._put_in("statement_corrections", rows)

    def add_vectors(self, rows: pa.Table) -> None:
        """Keep the vectors of sentences (see :mod:`communique.record.meaning`)."""
        with self._transaction():
            self._put_in("vectors", rows)

    def _texts(self, corrections: Sequence[Correction]) -> dict[str, str]:
        ids = sorted({one.article_id for one in corrections})
        return dict(self._fetch("SELECT id, text FROM articles WHERE id IN (SELECT unnest(?))", [ids]))

    def known(self, articles: Iterable[Article], *, run: Run) -> frozenset[str]:
        """Return the ids of those articles that the record has just so, coded by that very run."""
        from communique.record.rows import article_digest

        wanted = {article.id: article_digest(article) for article in articles}
        rows = self._fetch(
            "SELECT id, article_digest FROM articles WHERE run = ? AND id IN (SELECT unnest(?))", [run.id, [*wanted]]
        )
        return frozenset(key for key, digest in rows if wanted[key] == digest)

    def newest(self, count: int) -> Iterator[tuple[Article, str]]:
        """Yield the newest articles with one of their sources each; of an article only id, text and title."""
        question = """
            SELECT id, text, title, coalesce((SELECT min(source) FROM sources WHERE article_id = a.id), id)
            FROM articles a ORDER BY day DESC NULLS LAST, id LIMIT ?
        """
        for article_id, text, title, source in self._execute(question, [count]).fetchall():
            yield Article(article_id, text, title=title), source

    def rows(self, table: str) -> duckdb.DuckDBPyRelation:
        """Return a table or view of schema.sql as a DuckDB relation (``.df()``, ``.pl()``, ``.arrow()``)."""
        if TABLE.fullmatch(table) is None:
            raise QueryError(self.path, f"{table!r} is no table or view of a record")
        return self._ask(f"FROM {table}")

    def pairs(
        self, *, since: str | None = None, until: str | None = None, text: bool = True, official: bool = False
    ) -> duckdb.DuckDBPyRelation:
        """Return asserted events as ``communique.order`` reads them: one row for each two states that an event ties.

        Columns: date, actor, recipient, event, mode, score, text (of the sentence). ``since`` and ``until`` are days,
        both within. Without ``text`` the last column is left out, and rows come in no order: half the time. With
        ``official`` only those parties count that are not known to be none of a state's organs (citizens, firms, ...).
        """
        question = OFFICIAL_PAIRS if official else PAIRS
        if not text:
            question = question.replace(", sentence_text AS text", "").replace("score, text FROM", "score FROM")
            question = question.replace("ORDER BY ALL", "")
        return self._ask(question, (since, until, sorted(codebook.STATE_ORGANS)) if official else (since, until))

    def sql(self, question: str, parameters: Sequence[object] = ()) -> duckdb.DuckDBPyRelation:
        """Ask in SQL; raises ``QueryError`` for what DuckDB does not understand."""
        return self._ask(question, parameters)

    def events(self, *, atlas: Atlas | None = None, **asked: Unpack[Asked]) -> duckdb.DuckDBPyRelation:
        """Return the events that are asked for, newest first: a DuckDB relation (``.df()``, ``.pl()``, ``.arrow()``).

        ``actor``, ``recipient`` and ``between`` (two) are names, codes or ids; a state means all its people and bodies.
        ``event``, ``mode`` and ``status`` are one word or several; ``since`` and ``until`` days, ``text`` words of the
        sentence, ``limit`` a number of rows. Raises ``QueryError`` for a name that nobody has and a word that is none.

        >>> with Record.open(":memory:") as record:
        ...     record.events(actor="China", event="THREATEN", since="2023-01-01").columns[:3]
        ['id', 'date', 'event']
        """
        return self.ask("events", asked, atlas)

    def statements(self, *, atlas: Atlas | None = None, **asked: Unpack[Asked]) -> duckdb.DuckDBPyRelation:
        """Return statements, as :meth:`events` does: ``speaker``, ``addressee``, ``about``, ``kind``, ``text``, ..."""
        return self.ask("statements", asked, atlas)

    def entities(self, *, atlas: Atlas | None = None, **asked: Unpack[Asked]) -> duckdb.DuckDBPyRelation:
        """Return who is in the record, those in most articles first: by ``named``, ``kind``, dates, ``text``."""
        return self.ask("entities", asked, atlas)

    def articles(self, *, atlas: Atlas | None = None, **asked: Unpack[Asked]) -> duckdb.DuckDBPyRelation:
        """Return articles without their text: by dates, ``publisher``, ``text``."""
        return self.ask("articles", asked, atlas)

    def problems(self, *, atlas: Atlas | None = None, **asked: Unpack[Asked]) -> duckdb.DuckDBPyRelation:
        """Return what went wrong, each with its one line."""
        return self.ask("problems", asked, atlas)

    def ask(self, kind: Kind, asked: Asked, atlas: Atlas | None = None) -> duckdb.DuckDBPyRelation:
        """Return the rows of a kind that pass the filters; ``atlas`` knows the names, the built-in one unless given."""
        made = self._question(kind, asked, atlas)
        return self._ask(made.sql, made.values)

    def answer(self, kind: Kind, asked: Asked, atlas: Atlas | None = None) -> Answer:
        """Return what :meth:`ask` does as plain rows, which loads neither Arrow nor data frames."""
        made = self._question(kind, asked, atlas)
        return self.answer_sql(made.sql, made.values)

    def answer_sql(self, question: str, parameters: Sequence[object] = ()) -> Answer:
        """Return the rows that a question in SQL gives; raise ``QueryError`` for a wrong one, at once or on the way."""
        cursor = self._cursor()
        try:
            cursor.execute(question, list(parameters))
        except duckdb.Error as error:
            raise self._wrong(error) from error
        return Answer(tuple(column[0] for column in cursor.description or ()), self._stream(cursor))

    def _stream(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
        try:
            while rows := cursor.fetchmany(READING_BATCH):
                yield from rows
        except duckdb.Error as error:
            raise self._wrong(error) from error

    def _wrong(self, error: duckdb.Error) -> QueryError:
        if isinstance(error, duckdb.InterruptException):
            return QueryStopped(self.path, "this took longer than is allowed; ask for less, such as a shorter time")
        return QueryError(self.path, _one_line(error))

    def is_corrected(self, kind: Kind) -> bool:
        """Say whether people have corrected any row of a kind; then questions take a little longer."""
        from communique.record.queries import CORRECTIONS

        return kind in CORRECTIONS and bool(self._fetch(f"FROM {CORRECTIONS[kind]} LIMIT 1"))

    def events_question(self, asked: Asked, *, corrected: bool = True) -> Question:
        """Return the question for whole rows of events, for what asks further; not ``corrected``: the machine's own."""
        return self._question("events", asked, None, whole=True, corrected=corrected)

    def whole_rows(self, kind: Kind, asked: Asked, *, corrected: bool = True) -> Question:
        """Return the question for rows with all columns of their table, as :meth:`events_question` does."""
        return self._question(kind, asked, None, whole=True, corrected=corrected)

    def filters(self, kind: Kind, asked: Asked, atlas: Atlas | None = None) -> Filters:
        """Return checked filters; raise ``QueryError`` for a name that nobody has and a word that is none."""
        from communique.record.queries import make_filters

        try:
            return make_filters(kind, asked, lambda name: self.choose(name, atlas))
        except ValueError as error:
            raise QueryError(self.path, str(error)) from error

    def _question(
        self, kind: Kind, asked: Asked, atlas: Atlas | None, *, whole: bool = False, corrected: bool = True
    ) -> Question:
        from communique.record.queries import question, whole_rows

        make = whole_rows if whole else question
        filters = self.filters(kind, asked, atlas)
        return make(kind, filters, corrected=corrected and self.is_corrected(kind))

    def sight(self, event_id: str) -> Sight:
        """Return one event with its paragraph, roles and copies.

        ``event_id`` may be cut short; raises ``QueryError`` where no id, or more than one, begins so.
        """
        from communique.record.rows import event_of
        from communique.record.sight import copies_question, sight_of

        found = self._rows_of("SELECT * FROM events_now WHERE starts_with(id, ?) LIMIT 2", [event_id])
        if len(found) != 1:
            how_many = "several ids begin" if found else "no event's id begins"
            raise QueryError(
                self.path, f"{how_many} with {event_id!r}; ids stand in the last column of: communique events"
            )
        report = self._as_it_stands(next(self.reports([found[0]["article_id"]])))
        event = event_of(found[0])
        sources = self._fetch("SELECT source FROM sources WHERE article_id = ? ORDER BY source", [report.article.id])
        return sight_of(report, event, [row[0] for row in sources], self._fetch(*copies_question(event)))

    def choose(self, name: str, atlas: Atlas | None = None) -> Choice:
        """Return who is meant by a name, a code or an id; raise ``QueryError`` where nobody is called so.

        The atlas is only loaded for what is no code or id of this record: it takes a quarter of a second.
        """
        called = "SELECT 1 FROM entities WHERE lower(name) = lower(?) LIMIT 1"
        by_id = self._fetch("SELECT kind = 'state' FROM entities WHERE id = ? LIMIT 1", [name])
        if by_id:
            return Choice("", frozenset([name]), frozenset([name] if by_id[0][0] else []))  # nobody is called by an id
        from communique.actors import Atlas, choose, like

        atlas = atlas or Atlas.load()
        if name in atlas.forms or name in atlas.entities or self._fetch(called, [name]):
            return choose(atlas, name)
        offered = " or ".join(repr(form) for form in like(atlas, name))
        hint = f"; did you mean {offered}?" if offered else ""
        raise QueryError(self.path, f"nobody in the atlas or in this record is called {name!r}{hint}")

    def reports(self, article_ids: Iterable[str] | None = None) -> Iterator[Report]:
        """Yield the reports of articles, of all when none are given, in the order in which they were added.

        Notes are not kept; the rest is as it was added.
        """
        if article_ids is None:
            found = self._fetch("SELECT id FROM articles ORDER BY rowid")
        else:
            question = "SELECT id FROM articles WHERE id IN (SELECT unnest(?)) ORDER BY rowid"
            found = self._fetch(question, [[*article_ids]])
        chosen = [row[0] for row in found]
        for start in range(0, len(chosen), READING_BATCH):
            yield from self._read(chosen[start : start + READING_BATCH])

    def report(self, article_id: str) -> Report | None:
        """Return an article's report as it stands: with corrections where somebody has judged statements and events."""
        found = next(self.reports([article_id]), None)
        return None if found is None else self._as_it_stands(found)

    def _as_it_stands(self, report: Report) -> Report:
        """A report of the machine's own with what people say of it."""
        from communique.record.rows import event_of, statement_of

        if self.is_corrected("events"):
            question = "SELECT * FROM events_now WHERE article_id = ? ORDER BY trigger_start, id"
            events = tuple(event_of(row) for row in self._rows_of(question, [report.article.id]))
            report = msgspec.structs.replace(report, events=events)
        if self.is_corrected("statements"):
            question = "SELECT * FROM statements_now WHERE article_id = ? ORDER BY sentence, content, id"
            said = tuple(statement_of(row) for row in self._rows_of(question, [report.article.id]))
            report = msgspec.structs.replace(report, statements=said)
        return report

    def _read(self, article_ids: Sequence[str]) -> Iterator[Report]:
        from communique.record.rows import report_of

        articles = {row["id"]: row for row in self._dicts("articles", "id", article_ids)}
        parts: dict[str, dict[str, list[dict[str, Any]]]] = {key: {name: [] for name in PARTS} for key in article_ids}
        for name in PARTS:
            for row in self._dicts(name, "article_id", article_ids):
                parts[row["article_id"]][name].append(row)
        for key in article_ids:
            yield report_of(articles[key], parts[key])

    def _dicts(self, table: str, key: str, values: Sequence[str]) -> list[dict[str, Any]]:
        return self._rows_of(f"SELECT * FROM {table} WHERE {key} IN (SELECT unnest(?)) ORDER BY rowid", [list(values)])

    def _rows_of(self, question: str, parameters: Sequence[object]) -> list[dict[str, Any]]:
        cursor = self._execute(question, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _digests(self, article_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        question = "SELECT id, run, report_digest FROM articles WHERE id IN (SELECT unnest(?))"
        return {key: (run, digest) for key, run, digest in self._fetch(question, [[*article_ids]])}

    def _note_run(self, run: Run) -> None:
        values = [run.id, run.version, run.code, run.model, run.atlas, run.settings]
        self._execute(
            "INSERT INTO runs SELECT ?, ?, ?, ?, ?, ?, now() WHERE NOT EXISTS (FROM runs WHERE id = ?)",
            [*values, run.id],
        )

    def _take_out(self, article_ids: Sequence[str], run: Run, keep: bool) -> None:
        """Delete the rows of articles; what is kept goes to ``past``, which has one copy for each run."""
        if not article_ids:
            return
        ids = list(article_ids)
        runs = "SELECT id, run FROM articles WHERE id IN (SELECT unnest($ids)) UNION ALL SELECT unnest($ids), $run"
        for table in reversed(CODED_TABLES):  # articles last: the others are looked up by it
            key = "id" if table == "articles" else "article_id"
            if keep:
                self._execute(f"DELETE FROM past.{table} WHERE ({key}, run) IN ({runs})", {"ids": ids, "run": run.id})
                self._execute(
                    f"INSERT INTO past.{table} FROM {table} WHERE {key} IN (SELECT unnest($ids)) AND run != $run",
                    {"ids": ids, "run": run.id},
                )
        self._delete(ids)

    def _delete(self, ids: list[str]) -> None:
        for table in CODED_TABLES:
            key = "id" if table == "articles" else "article_id"
            self._execute(f"DELETE FROM {table} WHERE {key} IN (SELECT unnest(?))", [ids])

    def _put_in(self, table: str, rows: pa.Table) -> None:
        if table == "problems":
            self._forget(rows.column("id").to_pylist())
        if rows.num_rows:
            self._connection.register("batch", rows)
            self._execute(f"INSERT INTO {table} BY NAME FROM batch")
            self._connection.unregister("batch")

    def _forget(self, problem_ids: Sequence[str]) -> None:
        if problem_ids:
            self._execute("DELETE FROM problems WHERE id IN (SELECT unnest(?))", [list(problem_ids)])

    def _note_sources(self, latest: Mapping[str, str], failing: Sequence[str], run: Run) -> None:
        """Each named source stands once, with the article that it gave last; its old problem is gone."""
        failed = [source for source in failing if source not in latest]
        names = [*latest, *failed]
        if not names:
            return
        self._execute("DELETE FROM sources WHERE source IN (SELECT unnest(?))", [names])
        self._execute("DELETE FROM problems WHERE article_id IS NULL AND source IN (SELECT unnest(?))", [[*latest]])
        if latest:
            self._execute("INSERT INTO sources SELECT unnest(?), unnest(?), ?", [[*latest], [*latest.values()], run.id])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._execute("BEGIN")
        try:
            yield
            self._execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):  # a failed COMMIT has rolled back already
                self._connection.execute("ROLLBACK")
            raise

    def _prepare(self) -> None:
        """Make the tables of a new file, or bring an earlier version's up to date: all in one transaction."""
        found = _version(self._connection, self.path)
        if found == SCHEMA_VERSION:
            return
        scripts = ["schema.sql"] if found is None else _migrations(found)
        with self._transaction():
            for script in scripts:
                for statement in _statements(script):
                    self._execute(statement)
            self._execute("DELETE FROM about WHERE key = 'schema'")
            self._execute("INSERT INTO about VALUES ('schema', ?)", [str(SCHEMA_VERSION)])

    def _fetch(self, question: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._execute(question, parameters).fetchall()

    def _execute(self, question: str, parameters: Any = ()) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(question, parameters)
        except duckdb.InterruptException as error:
            raise self._wrong(error) from error
        except duckdb.Error as error:
            raise RecordError(self.path, _one_line(error)) from error

    def _ask(self, question: str, parameters: Sequence[object] = ()) -> duckdb.DuckDBPyRelation:
        try:
            return self._connection.sql(question, params=list(parameters) or None)
        except duckdb.Error as error:
            raise QueryError(self.path, _one_line(error)) from error


def _migrations(found: int) -> list[str]:
    return [f"migrations/{version}.sql" for version in range(found + 1, SCHEMA_VERSION + 1)]


def _statements(name: str) -> list[str]:
    return read_text(f"record/{name}").split(STATEMENT_END)


def _check_is_there(name: str, read_only: bool) -> None:
    if name == IN_MEMORY:
        return
    path = Path(name)
    if path.is_dir():
        raise RecordError(name, "this is a folder, not a record")
    if read_only and not path.exists():
        raise RecordNotFound(name, "there is no such record; make one with: communique record SOURCE... -r FILE")
    if not path.parent.is_dir():
        raise RecordError(name, "its folder is not there")


def _connect(name: str, read_only: bool, confined: bool, wait: float) -> duckdb.DuckDBPyConnection:
    """Open the file, trying again for ``wait`` seconds while another process has it."""
    until = time.monotonic() + wait
    config: dict[str, Any] = {"enable_external_access": False, "lock_configuration": True} if confined else {}
    while True:
        try:
            return duckdb.connect(name, read_only=read_only, config=config)
        except duckdb.Error as error:
            reason = _one_line(error)
            if "lock on file" not in reason and "different configuration" not in reason:
                raise RecordError(name, _why_not_opened(reason)) from error
            if time.monotonic() >= until:
                holder = HOLDER.search(reason)
                who = f"process {holder[1]}" if holder else "this or another process"
                raise RecordBusy(name, f"{who} has this record open; try again when it is done") from error
        time.sleep(RETRY)


def _why_not_opened(reason: str) -> str:
    return "this is not a record" if "not a valid DuckDB" in reason else reason


def _behind(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Say whether a file that is only to be read is of an earlier version; close it."""
    with connection:
        found = _version(connection, name)
    if found is None:
        raise RecordError(name, "there is nothing in this record yet")
    return found < SCHEMA_VERSION


def _version(connection: duckdb.DuckDBPyConnection, name: str) -> int | None:
    """Return the version of a file's schema, None where it has no tables at all."""
    names = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not names:
        return None
    if not names >= {"about", "runs", "articles"}:
        raise RecordError(name, "this is a DuckDB file, but not a record; choose another name")
    found = max(int(row[0]) for row in connection.execute("SELECT value FROM about WHERE key = 'schema'").fetchall())
    if found > SCHEMA_VERSION:
        raise RecordError(name, f"made by a newer Communiqué (schema {found}, this one knows {SCHEMA_VERSION})")
    return found


def _one_line(error: Exception) -> str:
    """DuckDB's message without its second lines, which show where in a question the slip is; damage with a way out."""
    line = " ".join(str(error).split("\n\n", 1)[0].split())
    return f"{DAMAGED} ({line})" if CHECKSUM in line else line
