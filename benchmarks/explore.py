"""``make bench-explore``: how long the explorer's pages take on a record of 100,000 reports (1.5 million events and
statements, made by ``benchmarks.record``).

Each address is asked for once after the start, so nothing but what the explorer warms by itself is remembered, and once
again. What else the machine does makes a page wait; "work" is the processors' time of the explorer alone. First paint
is told by Chromium, where there is one. The marks are those of docs/decisions/0011-explore.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn

from benchmarks.record import REPORTS, fill, samples
from communique.explore import create_app, listen
from communique.record.following import Follower

#: Seconds that the server may take for a page, and until something is seen.
SERVER_MARK, PAINT_MARK = 0.3, 1.0
#: Pages that a person opens, each with filters of several kinds.
ADDRESSES = (
    "/", "/events", "/events?party=China", "/events?actor=RUS&recipient=UKR&either=1", "/events?event=ASSAULT",
    "/events?text=sanctions", "/events?publisher=Paper+7", "/events?since=2015-01-01&until=2015-12-31",
    "/events?event=ASSAULT&status=asserted&page=50", "/statements", "/statements?speaker=Xi+Jinping",
    "/statements?text=sanctions", "/statements?about=Iran", "/article/{article}", "/entities", "/entities?kind=person",
    "/entities?text=xi", "/entity/RUS", "/entity/SRB", "/entity/per:xi-jinping", "/order",
    "/order?state=CHN&by=bloc", "/dyad/RUS/UKR",
    "/dyad/IRN/ISR?since=2015-01-01&until=2015-12-31", "/search?q=sanctions",
    "/search?q=nowhere-to-be-found",
)  # fmt: skip
#: Parts that a page asks for after it is there, each on an address of its own.
LATER = ("/search/articles?q=sanctions", "/search/articles?q=nowhere-to-be-found")
PAINTED = ("/", "/events", "/article/{article}", "/entity/RUS")
#: Options of a browser that asks nobody for anything by itself.
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@contextmanager
def served(path: str) -> Iterator[str]:
    """Serve a record, and wait until what is warmed at the start is warm."""
    listening = listen("127.0.0.1", 0)
    started = time.perf_counter()
    follower = Follower(path)
    with follower.reading():
        print(
            f"{time.perf_counter() - started:6.3f} s  until the copy of {os.path.getsize(path) / 1e6:,.0f} MB is open"
        )
    server = uvicorn.Server(uvicorn.Config(create_app(path, follower=follower), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while any(one.name == "warm" for one in threading.enumerate()) or not server.started:
        time.sleep(0.01)
    print(f"{time.perf_counter() - started:6.3f} s  until all is warm")
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def ask(base: str, addresses: tuple[str, ...], mark: float) -> None:
    """Print how long each address takes the first time and the second."""
    first = []
    with httpx.Client(base_url=base, timeout=60) as client:
        for address in addresses:
            times, spent = [], []
            for _ in range(2):
                started, worked = time.perf_counter(), time.process_time()
                client.get(address).raise_for_status()
                times.append(time.perf_counter() - started)
                spent.append(time.process_time() - worked)
            first.append(times[0])
            over = f"  OVER the mark of {mark} s" if times[0] > mark else ""
            print(f"{times[0]:6.3f} s ({spent[0]:.3f} s of work), then {times[1]:.3f} s  {address}{over}")
    print(f"{statistics.median(first):6.3f} s  median of the first times, {max(first):.3f} s the longest")


def paint(base: str, addresses: tuple[str, ...]) -> None:
    """Print when something is seen first, as Chromium tells it."""
    path = os.environ.get("COMMUNIQUE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        print("first paint: not measured, there is no Chromium")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        for address in addresses:
            page = browser.new_context().new_page()
            page.goto(base + address, wait_until="load")
            page.wait_for_timeout(300)
            told = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
            over = f"  OVER the mark of {PAINT_MARK} s" if told > PAINT_MARK * 1000 else ""
            print(f"{told / 1000:6.3f} s  first paint of {address}{over}")
        browser.close()


def main() -> None:
    """Make a record where none is kept, serve it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=REPORTS)
    parser.add_argument("--keep", help="where to leave the record, or where it is from an earlier call")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(chosen.keep or f"{folder}/bench.duckdb")
        if not path.exists():
            fill(path, samples(), chosen.reports)
        with served(str(path)) as base:
            article = httpx.get(f"{base}/events.json?limit=1").json()["events"][0]["article_id"]
            ask(base, tuple(one.format(article=article) for one in ADDRESSES), SERVER_MARK)
            ask(base, LATER, 1.0)
            paint(base, tuple(one.format(article=article) for one in PAINTED))


if __name__ == "__main__":
    main()
