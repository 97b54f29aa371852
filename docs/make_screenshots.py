"""Draws docs/explore/*.png anew, with Chromium: ``python docs/make_screenshots.py SAMPLES.duckdb LARGE.duckdb``.

The first record is of the samples (``communique record samples``), the second one that ``benchmarks.record`` makes, for
pages that need years of events.
"""

import io
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import sync_playwright

from communique.explore import create_app, listen
from communique.record import Record

HERE = Path(__file__).parent / "explore"
WIDE, NARROW = {"width": 1200, "height": 820}, {"width": 360, "height": 700}
#: Name, record (0 or 1), address, size, colours.
PICTURES = (
    ("today", 1, "/", WIDE, "light"),
    ("article", 0, "/article/{article}#e3", WIDE, "light"),
    ("events", 0, "/events?party=Russia", WIDE, "dark"),
    ("dyad", 1, "/dyad/IRN/ISR?since=2014-01-01&until=2015-12-31", WIDE, "light"),
    ("order", 1, "/order?state=CHN", WIDE, "light"),
    ("article-narrow", 0, "/article/{article}", NARROW, "dark"),
)
#: Colours kept of each picture: pages of text lose nothing that is seen, and take a third.
COLOURS = 96


@contextmanager
def served(path: str) -> Iterator[str]:
    """Serve a record on a free port."""
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(path), log_level="error", access_log=False))
    threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True


def main() -> None:
    """Take all pictures."""
    paths = sys.argv[1:3]
    with Record.open(paths[0], read_only=True) as record:
        question = "SELECT article_id FROM events GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
        article = next(record.answer_sql(question).rows)[0]
    HERE.mkdir(exist_ok=True)
    with served(paths[0]) as first, served(paths[1]) as second, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, which, address, size, colours in PICTURES:
            page = browser.new_context(viewport=size, color_scheme=colours).new_page()
            page.goto((first, second)[which] + address.format(article=article), timeout=120_000)
            page.wait_for_timeout(1500)
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            picture.quantize(COLOURS).save(HERE / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
