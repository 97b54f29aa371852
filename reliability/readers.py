"""``make readers``: the explorer under many readers while a writer records.

The explorer is a process of its own, the real one; readers are threads that ask for pages, each for the next as soon as
it has one. A writer adds made-up reports all the while, as ``communique record`` does. Every answer must be a page
(200), and what it tells one of the states that were committed: an addition with all of its events, or none of it.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from communique.articles import article_from_text
from communique.record import Coded, Record, Run
from reliability.faults import PROGRAM, text
from reliability.quick import Quick

RUN = Run.make(version="0", code="", model="", atlas="", settings="{}")
#: Articles before the readers come, and in each addition.
AT_FIRST, ADDED = 2_000, 20
#: Seconds between two additions.
PAUSE = 1.0
#: What readers open; the data of /today is asked for by every fourth, to see how old it is.
PAGES = (
    "/", "/events", "/events?event=CONSULT&party=BOR", "/statements", "/entities", "/entity/BOR", "/order",
    "/search?q=talks", "/search/articles?q=talks", "/events.json?limit=100", "/events.csv", "/dyad/FRA/DEU",
    "/static/explore.js",
)  # fmt: skip
FRESH = "/today.json"


class Load:
    """What readers have met."""

    def __init__(self) -> None:
        self.ends = threading.Event()
        self.took: list[float] = []
        self.bad: Counter[str] = Counter()
        self.torn: list[str] = []
        self.behind: list[float] = []
        #: When each number of articles was committed.
        self.committed: dict[int, float] = {}
        self._lock = threading.Lock()

    def read(self, address: str, seed: int) -> None:
        """Ask for one page after the other until the end."""
        chance = random.Random(seed)
        with httpx.Client(timeout=60.0, trust_env=False) as browser:
            while not self.ends.is_set():
                where = FRESH if chance.random() < 0.25 else chance.choice(PAGES)
                began = time.monotonic()
                try:
                    answer = browser.get(f"{address}{where}")
                    told = "" if answer.status_code == httpx.codes.OK else f"{answer.status_code}"
                except httpx.HTTPError as error:
                    told = type(error).__name__
                with self._lock:
                    self.took.append(time.monotonic() - began)
                    if told:
                        self.bad[f"{where}: {told}"] += 1
                    elif where == FRESH:
                        self._see(answer.json()["totals"][0], began)

    def _see(self, totals: dict[str, int], began: float) -> None:
        """A state that was committed, and how long before the question a newer one was there already."""
        seen = totals["articles"]
        if seen not in self.committed or totals["events"] % seen:
            self.torn.append(f"{totals}")
            return
        later = [at for count, at in self.committed.items() if count > seen and at < began]
        self.behind.append(began - min(later) if later else 0.0)

    def write(self, path: Path, seconds: float) -> None:
        """Add to the record until the end."""
        end, number = time.monotonic() + seconds, AT_FIRST
        while time.monotonic() < end:
            with Record.open(path, wait=30.0) as record:
                record.add(reports(number, ADDED), run=RUN)
            number += ADDED
            self.committed[number] = time.monotonic()
            time.sleep(PAUSE)
        self.ends.set()


def reports(first: int, count: int) -> list[Coded]:
    """Return made-up reports, each of another article with as many paragraphs."""
    coder = Quick()
    made = [article_from_text(text(number), published="2023-03-22") for number in range(first, first + count)]
    return [Coded(coder.code(one), one.id) for one in made]


@contextmanager
def explored(path: Path) -> Iterator[str]:
    """Start the explorer, and give its address."""
    words = [*PROGRAM, "explore", "-r", str(path), "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        yield started.stdout.readline().strip().rstrip("/")
        started.terminate()


def main() -> int:
    """Read and write; say what came of it, and return 1 when anything was refused or torn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120.0)
    arguments = parser.parse_args()
    load = Load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.duckdb"
        with Record.open(path) as record:
            record.add(reports(0, AT_FIRST), run=RUN)
        load.committed[AT_FIRST] = time.monotonic()
        with explored(path) as address:
            readers = [
                threading.Thread(target=load.read, args=(address, number)) for number in range(arguments.readers)
            ]
            for one in readers:
                one.start()
            load.write(path, arguments.seconds)
            for one in readers:
                one.join()
    return told(load, arguments.readers)


def told(load: Load, readers: int) -> int:
    """Print what came of it."""
    print(
        f"{readers} readers: {len(load.took):,} answers, {sum(load.bad.values())} bad {dict(load.bad)}, "
        f"{len(load.torn)} torn {load.torn[:3]}; median {statistics.median(load.took):.2f} s, slowest "
        f"{max(load.took):.2f} s; {len(load.committed) - 1} additions meanwhile; what was shown was behind by up to "
        f"{max(load.behind, default=0):.1f} s, median {statistics.median(load.behind or [0]):.1f} s"
    )
    return 1 if load.bad or load.torn else 0


if __name__ == "__main__":
    sys.exit(main())
