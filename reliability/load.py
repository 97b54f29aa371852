"""``make load``: a day of ``communique watch`` in fast motion, over many feeds, some of whose hosts misbehave.

The program is the real one; only its pauses are not waited for: the hour is moved on instead, and what is published
in it put on a server on this machine. At the end of the day everything that was published must be in the record, once.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from communique.cli import main as run_program
from communique.cli import reading, watching
from communique.record import Record
from reliability.faults import text
from reliability.hostile import Server, feed, item
from reliability.quick import Quick

HOUR = 3600.0
#: Seconds between two looks, the program's own default; items of a feed in a day; the share of bad answers.
EVERY, ITEMS_A_DAY, BAD = 900.0, 2, 0.005
#: Items that a feed shows, as feeds do.
SHOWN = 20
SETTINGS = '[articles.fetch]\ncache = "off"\ninterval = 0.0\ntimeout = 0.5\nmax_time = 1.0\nretries = 0\n'


class Day:
    """The clock of a day: stands in for the module ``time`` where the program pauses."""

    def __init__(self, server: Server, feeds: int, hours: float, every: float, chance: random.Random) -> None:
        self._server, self._chance, self._end = server, chance, hours * HOUR
        self.now, self.looks, self._every = 0.0, 0, every
        self.published: list[int] = []
        self._shown: list[list[str]] = [[] for _ in range(feeds)]
        count = max(round(feeds * ITEMS_A_DAY * hours / 24), 1)
        #: When each item comes out, and in which feed: one in each at the beginning; the last look is to see them all.
        later = [(chance.uniform(0, self._end - every), chance.randrange(feeds)) for _ in range(count)]
        self._plan = sorted([(0.0, number) for number in range(feeds)] + later)
        self.memory: list[int] = []
        self._publish()

    def sleep(self, seconds: float) -> None:
        """Go on to the next look; at the end of the day stop the program as a person does."""
        self.looks += 1
        self.memory.append(resident())
        if self.now >= self._end:
            raise KeyboardInterrupt
        self.now += seconds
        self._publish()
        if self.now >= self._end - self._every:
            self._server.well()

    def _publish(self) -> None:
        changed = set()
        while self._plan and self._plan[0][0] <= self.now:
            _, number = self._plan.pop(0)
            key = len(self.published)
            self.published.append(key)
            self._shown[number].insert(0, item(key, text(key)))
            changed.add(number)
        for number in changed:
            self._put(number)

    def _put(self, number: int) -> None:
        self._server.put(f"/feed/{number}", feed(self._shown[number][:SHOWN], f"Paper {number}"))


def resident() -> int:
    """Return the bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def main() -> int:
    """Run a day; say what came of it, and return 1 when something was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--every", type=float, default=EVERY, help="seconds between two looks")
    parser.add_argument("--quick", action="store_true", help="with a stand-in for the coder")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    if arguments.quick:
        reading.make_coder = lambda atlas: Quick()  # type: ignore[assignment,return-value]
    with tempfile.TemporaryDirectory() as name, Server() as server:
        place = Path(name)
        (place / "settings").write_text(SETTINGS, "utf-8")
        day = Day(server, arguments.feeds, arguments.hours, arguments.every, chance)
        watching.time = day  # type: ignore[assignment]
        server.misbehave(chance, share=BAD)
        record = place / "a.duckdb"
        sys.argv = [
            "communique", "watch", *(f"{server.url}/feed/{number}" for number in range(arguments.feeds)), "--every",
            str(arguments.every), "-r", str(record), "--seen", str(place / "seen"), "--allow-private", "--config",
            str(place / "settings"),
        ]  # fmt: skip
        started, files = time.monotonic(), len(os.listdir("/proc/self/fd"))
        try:
            run_program()
        except SystemExit as ended:
            if ended.code:
                raise
        return told(day, server, record, time.monotonic() - started, len(os.listdir("/proc/self/fd")) - files)


def told(day: Day, server: Server, record: Path, seconds: float, files: int) -> int:
    """Print what came of it."""
    with Record.open(record, read_only=True) as opened:
        titles = [row[0] for row in opened.sql("SELECT title FROM articles").fetchall()]
    wanted = sorted(f"Talks of round {key}" for key in day.published)
    lost, doubled = len(set(wanted) - set(titles)), len(titles) - len(set(titles))
    quarter = len(day.memory) // 4
    print(
        f"{day.now / HOUR:g} hours, {day.looks} looks, {sum(server.asked.values()):,} requests, "
        f"{sum(server.met.values())} bad answers of {len(server.met)} kinds in {seconds:.0f} s; "
        f"{len(wanted)} items published, {len(titles)} recorded, {lost} lost, {doubled} doubled; "
        f"memory {day.memory[quarter] / 1e6:.0f} MB after a quarter, {day.memory[-1] / 1e6:.0f} MB at the end, "
        f"{files} more open files"
    )
    return 1 if lost or doubled else 0


if __name__ == "__main__":
    sys.exit(main())
