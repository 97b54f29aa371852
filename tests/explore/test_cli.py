"""``communique explore`` as a person starts and ends it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.explore.conftest import RUN

from communique.model import Report
from communique.record import Record

COMMAND = [str(Path(sys.executable).parent / "communique"), "explore"]


@pytest.fixture
def record(tmp_path: Path, report: Report) -> str:
    path = str(tmp_path / "news.duckdb")
    with Record.open(path) as opened:
        opened.add([report], run=RUN)
    return path


def test_it_serves_until_it_is_interrupted(record: str) -> None:
    with subprocess.Popen(
        [*COMMAND, "-r", record, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        address = started.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        assert "REQUEST" in httpx.get(f"{address}events").text
        with Record.open(record) as opened:  # it does not keep others from writing
            opened.add([], run=RUN)
        started.send_signal(signal.SIGINT)
        _, errors = started.communicate(timeout=20)
    assert (started.returncode, errors) == (0, "")


def test_another_address_asks_for_a_token(record: str) -> None:
    with subprocess.Popen(
        [*COMMAND, "-r", record, "--port", "0", "--host", "0.0.0.0"], stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        address = started.stdout.readline().strip().replace("0.0.0.0", "127.0.0.1")
        assert "?token=" in address
        assert httpx.get(address.partition("?")[0]).status_code == 401
        assert httpx.get(address).status_code == 303
        started.terminate()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-r", "missing.duckdb"], "there is no such record"),
        (["-r", "RECORD", "--review", " "], "whose verdicts are these?"),
        (["-r", "RECORD", "--host", "nowhere.invalid"], "nowhere.invalid"),
        (["-r", "RECORD", "--port", "TAKEN"], "try --port 0"),
        (["-r", "TEXT"], "this is not a record"),
    ],
)
def test_what_can_not_be_served_is_told(record: str, tmp_path: Path, options: list[str], told: str) -> None:
    text = tmp_path / "text.txt"
    text.write_text("News. " * 3000)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        names = {"RECORD": record, "TAKEN": str(taken.getsockname()[1]), "TEXT": str(text)}
        done = subprocess.run(
            [*COMMAND, *(names.get(one, one) for one in options)],
            capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert told in " ".join(done.stderr.replace("│", "").split())
