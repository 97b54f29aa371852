"""A record that another process writes: what a follower sees is always a state that was committed, and the writer never
waits."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from tests.record.conftest import FIRST, Reports

from communique.errors import QueryError, QueryStopped, RecordBusy, RecordError, RecordNotFound
from communique.record import Record
from communique.record.following import Follower, take_copy

BATCH = 20
#: A process that adds batches as fast as it can, for two seconds, and holds the record all the time.
WRITER = f"""
import sys, time
from pathlib import Path
import msgspec
from communique.model import Report
from communique.record import Record, Run
report = msgspec.json.decode(Path(sys.argv[2]).read_bytes(), type=Report)
run = Run.make(version="1", code="c1", model="m1", atlas="a1", settings="{{}}")
until, number, replace = time.monotonic() + 2, 0, msgspec.structs.replace
with Record.open(sys.argv[1]) as record:
    print("open", flush=True)
    while time.monotonic() < until:
        batch = []
        for _ in range({BATCH}):
            number += 1
            article = replace(report.article, id=f"a{{number}}", text=f"{{report.article.text}} {{'x' * 2000}}")
            batch.append(replace(report, article=article))
        record.add(batch, run=run)
        time.sleep(0.02)
print(number)
"""


def count(record: Record, table: str) -> int:
    return int(next(record.answer_sql(f"SELECT count(*) FROM {table}").rows)[0])


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "news.duckdb")


def fill(path: str, reports: Reports, number: int) -> None:
    with Record.open(path) as record:
        record.add(reports(number), run=FIRST)


def newest(follower: Follower, articles: int) -> bool:
    """Say whether a follower comes to see so many articles, and says that nothing is newer."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with follower.reading() as state:
            if not state.is_behind:
                return count(state.record, "articles") == articles
        time.sleep(0.02)
    return False


def test_only_committed_states_are_seen_while_another_process_writes(
    path: str, reports: Reports, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    report.write_bytes(msgspec.json.encode(reports(1)[0]))
    command = [sys.executable, "-c", WRITER, path, str(report)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        follower = Follower(path, settled=0.005, look=0.0)
        seen: set[int] = set()
        while writer.poll() is None:
            try:
                with follower.reading() as state:
                    articles, events = count(state.record, "articles"), count(state.record, "events")
            except RecordError:
                continue  # nothing is there yet, or no pause was long enough
            assert (articles % BATCH, events) == (0, articles)
            seen.add(articles)
        written = int(writer.stdout.read())
        assert writer.returncode == 0
    assert len(seen) > 1  # it went along
    assert newest(follower, written)


def test_a_writer_is_not_held_up_and_the_reader_is_told(path: str, reports: Reports) -> None:
    fill(path, reports, 1)
    follower = Follower(path, settled=0.0, look=0.0)
    with follower.reading() as state, Record.open(path) as record:
        assert not state.is_behind
        record.add(reports(3), run=FIRST)
        assert count(state.record, "articles") == 1
    slow = Follower(path, settled=0.0, look=0.0)
    assert newest(slow, 3)
    slow._settled = 3600.0  # from now on no copy is taken
    fill(path, reports, 5)
    with slow.reading() as state:
        assert (count(state.record, "articles"), state.is_behind) == (3, True)
    slow._settled = 0.0
    assert newest(slow, 5)


def test_a_record_that_goes_away_is_still_shown(path: str, reports: Reports) -> None:
    fill(path, reports, 2)
    follower = Follower(path, settled=0.0, look=0.0)
    with follower.reading():
        pass
    os.unlink(path)
    with follower.reading() as state:
        assert (count(state.record, "articles"), state.is_behind) == (2, True)


def test_what_is_remembered_is_forgotten_with_the_next_state(path: str, reports: Reports) -> None:
    fill(path, reports, 1)
    follower = Follower(path, settled=0.0, look=0.0)
    with follower.reading() as state:
        state.memory["key"] = 1
    with follower.reading() as state:
        assert state.memory == {"key": 1}
    fill(path, reports, 2)
    assert newest(follower, 2)
    with follower.reading() as state:
        assert state.memory == {}


def test_a_record_that_changes_all_the_time_is_busy(path: str, reports: Reports) -> None:
    fill(path, reports, 1)
    with pytest.raises(RecordBusy):
        take_copy(path, settled=3600.0)


def test_what_is_no_record(path: str) -> None:
    with pytest.raises(RecordNotFound), Follower(path, settled=0.0).reading():
        pass
    Path(path).write_bytes(b"news" * 5000)
    with pytest.raises(RecordError, match="this is not a record"), Follower(path, settled=0.0).reading():
        pass


def test_nothing_is_left_beside_the_record(path: str, reports: Reports, tmp_path: Path) -> None:
    fill(path, reports, 1)
    follower = Follower(path, settled=0.0)
    with follower.reading():
        assert os.listdir(tmp_path) == ["news.duckdb"]


def test_the_copy_can_not_be_written(path: str, reports: Reports) -> None:
    fill(path, reports, 1)
    with Follower(path, settled=0.0).reading() as state, pytest.raises(QueryError, match="read-only"):
        state.record.answer_sql("DELETE FROM events")


def test_a_question_that_takes_too_long_is_stopped(path: str, reports: Reports) -> None:
    fill(path, reports, 1)
    endless = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range * b.range % 7 = 3"
    started = time.monotonic()
    with Follower(path, settled=0.0).reading(limit=0.3) as state, pytest.raises(QueryStopped):
        list(state.record.answer_sql(endless).rows)
    assert time.monotonic() - started < 10
