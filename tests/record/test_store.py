"""The record keeps what it is given, once, whatever happens to the process that writes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import msgspec
import pytest
from tests.record.conftest import FIRST, SECOND, Reports

from communique.articles import Problem
from communique.errors import CommuniqueError, QueryError, RecordBusy, RecordError, RecordNotFound
from communique.model import Event, Place, Report
from communique.record import Added, Coded, Record
from communique.record.rows import report_of, stamp, tables
from communique.record.store import CODED_TABLES

EVERYTHING = (*CODED_TABLES, *(f"past.{table}" for table in CODED_TABLES))


def one_row(record: Record, question: str) -> tuple[object, ...]:
    return record.sql(question).fetchall()[0]


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, in an order of their own."""
    with Record.open(path, read_only=True) as record:
        return {table: sorted(record.rows(table).fetchall(), key=str) for table in EVERYTHING}


def test_what_goes_in_comes_out(reports: Reports) -> None:
    given = reports(3)
    with Record.open(":memory:") as record:
        record.add(given, run=FIRST)
        assert list(record.reports()) == [msgspec.structs.replace(one, notes=()) for one in given]
        assert [one.article.id for one in record.reports([given[1].article.id])] == [given[1].article.id]


def test_the_words_are_those_of_the_spans(report: Report) -> None:
    with Record.open(":memory:") as record:
        record.add([report], run=FIRST)
        event = one_row(
            record,
            "SELECT trigger_words, substr(text, trigger_start + 1, trigger_end - trigger_start), "
            "substr(text, sentence_start + 1, sentence_end - sentence_start), actor_names, actor_countries, events.day "
            "FROM events JOIN articles ON articles.id = article_id",
        )
        assert event[:2] == ("asked", "asked")
        assert event[2] == report.sentences[1].span.of(report.article.text)
        assert (event[3], event[4], str(event[5])) == (["Borduria"], ["BOR"], "2023-03-22")
        quote = one_row(record, "SELECT quote, speaker_words, cue_words FROM statements")
        assert quote == ("Borduria asked Syldavia to “explain” its moves", "the minister", "told")


def test_again_changes_nothing_and_another_run_replaces_whole(reports: Reports) -> None:
    given = reports(2)
    poorer = [msgspec.structs.replace(one, events=()) for one in given]
    with Record.open(":memory:") as record:
        assert record.add(given, run=FIRST).new == 2
        assert record.add(given, run=FIRST) == Added(unchanged=2)
        assert record.add(poorer, run=SECOND).replaced == 2
        assert record.rows("events").fetchall() == []
        assert record.sql("SELECT DISTINCT run FROM mentions").fetchall() == [(SECOND.id,)]
        assert record.rows("past.events").fetchall() == []
        assert record.rows("runs").shape[0] == 2


def test_runs_can_be_kept(reports: Reports) -> None:
    given = reports(2)
    with Record.open(":memory:") as record:
        for run in (FIRST, SECOND, FIRST, SECOND):
            record.add(given, run=run, keep_runs=True)
        kept = "SELECT count(*), count(DISTINCT id), min(run), max(run) FROM "
        assert one_row(record, f"{kept} past.events") == (2, 2, FIRST.id, FIRST.id)
        assert one_row(record, f"{kept} events") == (2, 2, SECOND.id, SECOND.id)


def test_a_new_date_or_a_changed_report_replaces(report: Report) -> None:
    article = report.article
    with Record.open(":memory:") as record:
        record.add([report], run=FIRST)
        assert record.known([article], run=FIRST) == {article.id}
        assert record.known([msgspec.structs.replace(article, fetched="2024-01-01")], run=FIRST) == {article.id}
        dated = msgspec.structs.replace(article, published="2024-01-01")
        assert record.known([dated], run=FIRST) == set()
        assert record.known([article], run=SECOND) == set()
        assert record.add([msgspec.structs.replace(report, article=dated)], run=FIRST).replaced == 1
        assert record.add([msgspec.structs.replace(report, problems=())], run=FIRST).replaced == 1
        assert record.rows("problems").fetchall() == []


def test_problems_of_sources_stay_until_the_source_is_read(report: Report) -> None:
    bad = Problem("a.txt", "a.txt: there is no text in it")
    with Record.open(":memory:") as record:
        record.add([bad, bad], run=FIRST)
        record.add([bad], run=FIRST)
        assert record.sql("SELECT article_id, source, line FROM problems").fetchall() == [(None, "a.txt", bad.line)]
        record.add([Coded(report, "a.txt"), Coded(report, "b.txt")], run=FIRST)
        assert record.sql("SELECT line FROM problems").fetchall() == [(report.problems[0],)]
        assert sorted(record.sql("SELECT source, article_id FROM sources").fetchall()) == [
            ("a.txt", report.article.id),
            ("b.txt", report.article.id),
        ]
        record.add([bad], run=FIRST)
        assert record.sql("SELECT source FROM sources").fetchall() == [("b.txt",)]


class LaterEvent(Event, frozen=True):
    """What a newer version may know of an event."""

    precision: str | None = None


def test_fields_without_a_column_are_kept(report: Report) -> None:
    values = {name: getattr(report.events[0], name) for name in Event.__struct_fields__}
    later = LaterEvent(**{**values, "place": Place("Klow", country="SYL"), "precision": "day"})
    rows = tables([stamp(Coded(msgspec.structs.replace(report, events=(later,))))], (), FIRST.id)["events"]
    assert rows.column("place").to_pylist() == ["Klow"]
    more = msgspec.json.decode(rows.column("more")[0].as_py())
    assert more == {"precision": "day"}
    assert rows.column("place_country").to_pylist() == ["SYL"]


def test_a_batch_is_all_or_nothing(reports: Reports) -> None:
    good, bad = reports(2)
    broken = msgspec.structs.replace(bad, events=(msgspec.structs.replace(bad.events[0], cameo=None),))  # type: ignore[arg-type]
    with Record.open(":memory:") as record:
        with pytest.raises(RecordError, match="NOT NULL"):
            record.add([good, broken], run=FIRST)
        assert record.rows("articles").fetchall() == []
        assert record.rows("runs").fetchall() == []
        assert record.add([good], run=FIRST).new == 1


@pytest.mark.parametrize(
    ("prepare", "kind", "line"),
    [
        (lambda path: path.mkdir(), RecordError, "this is a folder, not a record"),
        (lambda path: path.write_text("no database" * 999), RecordError, "this is not a record"),
        (lambda path: duckdb.connect(str(path)).execute("CREATE TABLE mine (x INT)").close(), RecordError,
         "this is a DuckDB file, but not a record; choose another name"),
        (lambda path: _set_version(path, 99), RecordError, "made by a newer Communiqué (schema 99, this one knows"),
    ],
    ids=["folder", "text", "other", "newer"],
)  # fmt: skip
def test_what_is_no_record_is_named_and_left_alone(tmp_path: Path, prepare, kind, line: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.duckdb"
    prepare(path)
    before = path.read_bytes() if path.is_file() else b""
    for read_only in (True, False):
        with pytest.raises(kind) as told:
            Record.open(path, read_only=read_only)
        assert str(told.value).startswith(f"{path}: {line}")
        assert "\n" not in str(told.value)
    assert (path.read_bytes() if path.is_file() else b"") == before


def _set_version(path: Path, version: int) -> None:
    Record.open(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE about SET value = ? WHERE key = 'schema'", [str(version)])


def test_reading_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RecordNotFound, match="there is no such record"):
        Record.open(tmp_path / "no.duckdb", read_only=True)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RecordError, match="its folder is not there"):
        Record.open(tmp_path / "no" / "no.duckdb")


def test_questions(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    with Record.open(path) as record:
        record.add([report], run=FIRST)
    with Record.open(path, read_only=True, confined=True) as record:
        assert one_row(record, "SELECT count(*) FROM events") == (1,)
        for question in ("SELECT nothing", "SELEC", "DELETE FROM events", f"COPY events TO '{tmp_path}/y.csv'",
                         "SET enable_external_access = true", f"ATTACH '{tmp_path}/z.duckdb'"):  # fmt: skip
            with pytest.raises(QueryError) as told:
                record.sql(question)
            assert "\n" not in str(told.value)
    assert [file.name for file in tmp_path.iterdir()] == ["x.duckdb"]


def test_views(reports: Reports) -> None:
    with Record.open(":memory:") as record:
        record.add(reports(2), run=FIRST)
        flat = record.sql("SELECT actor, actor_name, event, recipient, day::VARCHAR FROM events_flat").fetchall()
        assert flat == [("BOR", "Borduria", "REQUEST", "SYL", "2023-03-22")] * 2
        dyads = record.sql("SELECT actor, recipient, events, mean_score, verbal_conflict FROM dyads_daily").fetchall()
        assert dyads == [("BOR", "SYL", 2, -1.0, 2)]
        assert (
            record.sql("SELECT speaker_name, addressee_names FROM statements_flat").fetchall()
            == [("Borduria", ["reporters [red]"])] * 2
        )


def test_a_meeting_counts_for_each_side(report: Report) -> None:
    meeting = msgspec.structs.replace(
        report.events[0], event="CONSULT", quad="verbal cooperation", actors=("BOR", "SYL"), recipients=()
    )
    with Record.open(":memory:") as record:
        record.add([msgspec.structs.replace(report, events=(meeting,))], run=FIRST)
        dyads = record.sql("SELECT actor, recipient, verbal_cooperation FROM dyads_daily ORDER BY ALL").fetchall()
        assert dyads == [("BOR", "SYL", 1), ("SYL", "BOR", 1)]
        assert record.sql("SELECT actor, recipient FROM events_flat ORDER BY ALL").fetchall() == [
            ("BOR", None),
            ("SYL", None),
        ]


#: Adds COUNT made-up reports in batches of five; "ready" goes out before each batch.
WRITER = """
import sys
from pathlib import Path
import msgspec
from communique.model import Report
from communique.record import Coded, Record
from tests.record.conftest import FIRST, numbered
path, report, count = sys.argv[1], msgspec.json.decode(Path(sys.argv[2]).read_bytes(), type=Report), int(sys.argv[3])
with Record.open(path) as record:
    print("ready", flush=True)
    for start in range(0, count, 5):
        batch = [Coded(numbered(report, n), f"{n}.txt") for n in range(start, min(start + 5, count))]
        record.add(batch, run=FIRST)
"""
KILLED_REPORTS, KILLS = 60, 6


def write(path: Path, report: Path, count: int) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(report), str(count)], cwd=root, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.fixture
def given(report: Report, tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    path.write_bytes(msgspec.json.encode(report))
    return path


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_killed_at_any_moment_loses_and_doubles_nothing(given: Path, tmp_path: Path) -> None:
    quiet, disturbed = tmp_path / "quiet.duckdb", tmp_path / "disturbed.duckdb"
    assert write(quiet, given, KILLED_REPORTS).wait(60) == 0
    chance = random.Random(8)
    for _ in range(KILLS):
        writer = write(disturbed, given, KILLED_REPORTS)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.6))
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        with Record.open(disturbed, read_only=True) as record:
            whole = one_row(record, "SELECT count(*) FROM articles")
            assert whole[0] % 5 == 0
            assert one_row(record, "SELECT count(DISTINCT article_id) FROM events") == whole
    assert write(disturbed, given, KILLED_REPORTS).wait(60) == 0
    assert content(disturbed) == content(quiet)


def test_two_writers(tmp_path: Path, given: Path) -> None:
    path = tmp_path / "x.duckdb"
    with Record.open(path):
        second = write(path, given, 5)
        _, err = second.communicate(timeout=60)
    assert second.returncode == 1
    last = err.splitlines()[-1]
    assert last == f"communique.errors.RecordBusy: {path}: process {os.getpid()} has this record open; " + (
        "try again when it is done"
    )


def test_the_second_writer_can_wait(tmp_path: Path, given: Path) -> None:
    path = tmp_path / "x.duckdb"
    writer = write(path, given, 40)
    assert writer.stdout is not None
    writer.stdout.readline()
    with pytest.raises(RecordBusy):
        Record.open(path)
    with Record.open(path, wait=30) as record:
        assert one_row(record, "SELECT count(*) FROM articles") == (40,)
    assert writer.wait(10) == 0


FULL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), -1))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_FSIZE")
@pytest.mark.parametrize("room", [100_000, 1_000_000])
def test_a_full_disk_is_one_clear_error_and_the_record_opens(tmp_path: Path, given: Path, room: int) -> None:
    path = tmp_path / "x.duckdb"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK + WRITER, str(path), str(given), "2000", str(room)],
        cwd=root, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"communique.errors.RecordError: {path}: ")
    assert write(path, given, 10).wait(60) == 0
    with Record.open(path, read_only=True) as record:
        rows = one_row(record, "SELECT count(*), count(DISTINCT id) FROM articles")
        assert rows[0] == rows[1] >= 10


def test_errors_name_the_file() -> None:
    assert issubclass(RecordError, CommuniqueError)
    assert str(QueryError("x", "y")) == "x: y"
    assert callable(report_of)
