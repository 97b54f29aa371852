"""A record that the explorer's tests share, a client of the application, and a real browser."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from communique import Coder
from communique.articles import Problem, read_sources
from communique.config import load_settings
from communique.explore import create_app, listen
from communique.language import Language
from communique.model import Report
from communique.record import Coded, Record, Run
from communique.record.following import Follower
from communique.record.meaning import index

RUN = Run.make(version="1", code="c", model="m", atlas="a", settings="{}")
SAMPLES = Path(__file__).parents[2] / "samples"
REVIEWER = "Ann"
Open = Callable[..., TestClient]

#: Where browsers of Chromium's kind are found, besides what COMMUNIQUE_CHROMIUM names.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: A browser that asks nobody for anything by itself.
OPTIONS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def explorer(path: Path, *reports: Report, **options: Any) -> TestClient:
    """Record reports at ``path``, and return a client of the explorer of it."""
    with Record.open(path) as record:
        record.add(reports, run=RUN)
    application = create_app(str(path), follower=Follower(path, settled=0.0, look=0.0), **options)
    return TestClient(application, base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture
def client(tmp_path: Path) -> Open:
    """Make a client of the explorer of a record that holds the given reports."""

    return partial(explorer, tmp_path / "news.duckdb")


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A record of the sample articles, prepared for search by meaning."""
    path = str(tmp_path_factory.mktemp("explore") / "samples.duckdb")
    articles = [one for one in read_sources([str(SAMPLES)], settings=load_settings()) if not isinstance(one, Problem)]
    with Record.open(path) as record:
        record.add([Coded(report, report.article.id) for report in Coder().code_all(articles)], run=RUN)
        index(record, Language.load())
    return path


@pytest.fixture(scope="session")
def address(samples: str) -> Iterator[str]:
    """Where an explorer of the samples listens; it is served by uvicorn, as by the command."""
    listening = listen("127.0.0.1", 0)
    application = create_app(samples, reviewer=REVIEWER, follower=Follower(samples, settled=0.0, look=0.0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser; tests that need it are skipped where there is none."""
    named = os.environ.get("COMMUNIQUE_CHROMIUM")
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium: install it (Debian: apt-get install chromium) or name it by COMMUNIQUE_CHROMIUM")
    from playwright.sync_api import sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=[*OPTIONS, *(["--no-sandbox"] if root else [])])
        yield opened
        opened.close()
