"""A record of the samples' kind that the explorer's tests share, made once, and a client of the application."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from communique.explore import create_app
from communique.model import Report
from communique.record import Record, Run
from communique.record.following import Follower

RUN = Run.make(version="1", code="c", model="m", atlas="a", settings="{}")
Open = Callable[..., TestClient]


@pytest.fixture
def client(tmp_path: Path) -> Open:
    """Make a client of the explorer of a record that holds the given reports."""

    def make(*reports: Report, **options: object) -> TestClient:
        path = str(tmp_path / "news.duckdb")
        with Record.open(path) as record:
            record.add(reports, run=RUN)
        application = create_app(path, follower=Follower(path, settled=0.0, look=0.0), **options)  # type: ignore[arg-type]
        return TestClient(application, base_url="http://localhost", raise_server_exceptions=False)

    return make
