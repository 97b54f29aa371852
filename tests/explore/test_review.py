"""Review: what a form says is kept in the record, and nothing without a reviewer, a secret and good sense."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.explore.conftest import Open

from communique.model import Report
from communique.record import Record


@pytest.fixture
def record(tmp_path: Path) -> str:
    return str(tmp_path / "news.duckdb")


def form(browser: TestClient, where: str = "/review") -> dict[str, str]:
    """What the form holds as it comes, without verdicts."""
    page = browser.get(where).text
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    fields = re.findall(r'name="((?:modes|actors|recipients|date|place)\.\d+)" value="([^"]*)"', page)
    return {**dict(hidden), **dict(fields)}


def verdicts(path: str) -> list[tuple[Any, ...]]:
    with Record.open(path, read_only=True) as record:
        rows = record.sql("SELECT verdict, event, actors, status, coder, comment FROM corrections ORDER BY verdict")
        return rows.fetchall()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"verdict.0": "right"}, [("right", "REQUEST", ["BOR"], "asserted", "Ann", None)]),
        ({"verdict.0": "wrong", "comment.0": "no"}, [("wrong", None, [], None, "Ann", "no")]),
        (
            {"verdict.0": "changed", "event.0": "ACCUSE", "modes.0": "", "status.0": "negated"},
            [("changed", "ACCUSE", ["BOR"], "negated", "Ann", None)],
        ),
        (
            {"verdict.0": "right", "verdict.1": "missing", "event.1": "CONSULT", "actors.1": "Syldavia"},
            [
                ("missing", "CONSULT", ["SYL"], "asserted", "Ann", None),
                ("right", "REQUEST", ["BOR"], "asserted", "Ann", None),
            ],
        ),
    ],
)
def test_verdicts_are_kept(
    client: Open, report: Report, record: str, said: dict[str, str], kept: list[tuple[Any, ...]]
) -> None:
    browser = client(report, reviewer="Ann")
    sent = {"event.0": "REQUEST", "status.0": "asserted", **form(browser), **said}
    answer = browser.post("/review", data=sent, follow_redirects=False)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/review")
    assert verdicts(record) == kept
    assert "Nothing is left to judge" in browser.get("/review").text


def test_a_sentence_without_events_can_be_judged(client: Open, report: Report, record: str) -> None:
    browser = client(report, reviewer="Ann")
    where = f"/review?article={report.article.id}"
    sent = {**form(browser, where), "verdict.0": "none"}
    assert browser.post("/review", data=sent, follow_redirects=False).headers["location"] == where.replace("/x", "")
    assert [row[0] for row in verdicts(record)] == ["none"]


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        ({"secret": "guessed", "verdict.0": "right"}, 403, "not of this explorer"),
        ({}, 400, "no verdict"),
        ({"unit": "nowhere", "verdict.0": "right"}, 400, "is not as it was exported"),
        ({"unit": "none:0-5", "verdict.0": "right"}, 400, "the record has no article none"),
        ({"verdict.0": "perhaps"}, 400, "is none of right"),
        ({"verdict.0": "changed", "event.0": "WAR"}, 400, "PLOVER has no event type"),
        ({"verdict.0": "right", "actors.0": "SYL"}, 400, "the coding was changed; say changed"),
    ],
)
def test_what_can_not_be_kept_is_told(
    client: Open, report: Report, record: str, said: dict[str, str], status: int, told: str
) -> None:
    browser = client(report, reviewer="Ann")
    sent = {"event.0": "REQUEST", "status.0": "asserted", **form(browser), **said}
    answer = browser.post("/review", data=sent, follow_redirects=False)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text
    assert verdicts(record) == []


def test_nobody_writes_without_a_reviewer(client: Open, report: Report, record: str) -> None:
    browser = client(report)
    assert browser.post("/review", data={"verdict.0": "right"}).status_code == 404
    assert verdicts(record) == []


def test_a_record_that_another_process_writes(client: Open, report: Report, record: str, monkeypatch: Any) -> None:
    from communique.errors import RecordBusy
    from communique.explore import review

    browser = client(report, reviewer="Ann")
    sent = {"event.0": "REQUEST", "status.0": "asserted", **form(browser), "verdict.0": "right"}

    def busy(*_: object, **__: object) -> None:
        raise RecordBusy(record, "process 1 has this record open; try again when it is done")

    monkeypatch.setattr(review.Record, "open", busy)
    answer = browser.post("/review", data=sent)
    assert (answer.status_code, "try again when it is done" in answer.text) == (503, True)
