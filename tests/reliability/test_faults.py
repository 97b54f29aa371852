"""Faults and load, in small: what ``make faults`` and ``make load`` try for long."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import datetime, tzinfo
from pathlib import Path

import pytest
from reliability.hostile import FAULTS, Server, feed, item
from tests.reliability.conftest import Impatient

from communique.articles import Problem, Seen, Watch, dates, read_named
from communique.articles.dates import parse_date
from communique.articles.fetch import Fetcher
from communique.errors import ConfigError, SourceError
from reliability import faults

ROOT = Path(__file__).parents[2]
KILLS = 3


@pytest.mark.parametrize("trial", [faults._kill_record, faults._kill_watch], ids=["record", "watch"])
def test_killed_at_random_moments(trial, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    killed, _ = trial(tmp_path, faults.QUICK, KILLS, random.Random(3))
    assert killed == KILLS


def test_the_trials_see_what_is_lost_and_what_is_doubled(tmp_path: Path) -> None:
    """A record in which something is missing, twice, or changed does not pass."""
    faults.articles(tmp_path, 60)
    quiet, bad = tmp_path / "quiet.duckdb", tmp_path / "bad.duckdb"
    for path in (quiet, bad):
        assert faults.ended(faults.call(*faults.recording(tmp_path, path), program=faults.QUICK))[0] == 0
    faults.same(bad, quiet)
    for change, check in (
        ("DELETE FROM mentions WHERE rowid = 3", lambda: faults.check_whole(bad)),
        ("DELETE FROM articles WHERE rowid = 3", lambda: faults.same(bad, quiet)),
        ("INSERT INTO events FROM events LIMIT 1", lambda: faults.same(bad, quiet)),
    ):
        with faults.Record.open(bad) as record:
            record._connection.execute(change)
        with pytest.raises(faults.Failed):
            check()


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_answer_is_named_in_time_and_the_rest_goes_on(name: str, server: Server, impatient: Impatient) -> None:
    good, bad = f"{server.url}/good", f"{server.url}/bad"
    server.put("/good", faults.page(faults.text(1)))
    server.put("/robots.txt", b"User-agent: *\nAllow: /\n")
    server.wrong("/bad", name, faults.page(faults.text(2)))
    started = time.monotonic()
    found = list(read_named([bad, good], settings=impatient(allow_private=True), published="2023-03-22"))
    assert time.monotonic() - started < 10
    assert all(item.line.isprintable() for item in found if isinstance(item, Problem))
    articles = [one[1].title for one in found if not isinstance(one, Problem)]
    assert "Talks of round 1" in articles
    assert len(found) == 2


def test_an_item_is_not_handled_before_it_is_written_down(server: Server, tmp_path: Path, impatient: Impatient) -> None:
    server.put("/feed", feed([item(number, faults.text(number)) for number in range(3)]))
    seen = tmp_path / "seen"
    with Watch([f"{server.url}/feed"], settings=impatient(allow_private=True), seen=Seen(seen)) as watching:
        looking = watching.look()
        next(looking)
        assert seen.read_bytes() == b""
        next(looking)
        assert len(seen.read_text().splitlines()) == 1


def test_a_full_disk_while_watching_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(tmp_path / "seen")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("communique.articles.watch.os.fsync", full)
    with pytest.raises(ConfigError, match="seen: No space left on device"):
        seen.add("a1")
    assert "a1" not in seen


class Clock(datetime):
    """A clock that says what it is told."""

    year_of_clock = 1970

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime(cls.year_of_clock, 1, 1, tzinfo=tz)


@pytest.mark.parametrize("year", [1970, 1980, 2000, 2100])
def test_a_clock_that_is_years_off_leaves_the_dates_of_articles(year: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clock, "year_of_clock", year)
    monkeypatch.setattr(dates, "datetime", Clock)
    assert parse_date("Wed, 22 Mar 2023 10:05:00 GMT") == "2023-03-22T10:05:00+00:00"


def test_a_clock_that_jumps_leaves_the_cache_in_use(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, impatient: Impatient
) -> None:
    answer = faults.page(faults.text(1))
    head = f"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: {len(answer)}\r\nConnection: close\r\n\r\n"
    server.raw("/a", head.encode() + answer)
    now = time.time()
    for moment in (now, now - 3.2e8, now + 3.2e8, now - 10, now):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        fetcher = Fetcher(impatient(allow_private=True, cache=str(tmp_path), robots=False).articles)
        assert fetcher.get(f"{server.url}/a").content == answer
        fetcher.close()


def test_waits_do_not_depend_on_the_clock_of_the_wall(
    server: Server, monkeypatch: pytest.MonkeyPatch, impatient: Impatient
) -> None:
    """The pause between two requests to a host is measured by a clock that never jumps."""
    server.put("/a", faults.page(faults.text(1)))
    waits: list[float] = []
    fetcher = Fetcher(impatient(allow_private=True, interval=5.0, robots=False).articles, sleep=waits.append)
    fetcher.get(f"{server.url}/a")
    monkeypatch.setattr(time, "time", lambda: 0.0)
    fetcher.get(f"{server.url}/a")
    assert len(waits) == 1
    assert 0 < waits[0] <= 5.0


def test_no_answer_is_waited_for_without_end(server: Server, impatient: Impatient) -> None:
    server.put("/robots.txt", b"")
    server.wrong("/a", "dripped", b"")
    started = time.monotonic()
    with pytest.raises(SourceError):
        Fetcher(impatient(allow_private=True, max_time=0.3).articles).get(f"{server.url}/a")
    assert time.monotonic() - started < 5


def test_a_day_of_watching_in_small() -> None:
    words = ("-m", "reliability.load", "--feeds", "8", "--hours", "2", "--quick")
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-500:]
    assert "0 lost, 0 doubled" in done.stdout
