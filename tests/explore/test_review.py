"""Review: what a form says of events and statements is kept, nothing without a reviewer, a secret and good sense."""

from __future__ import annotations

import re
import time
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
    fields = re.findall(
        r'name="((?:modes|actors|recipients|date|place|speakers|addressees)\.\d+)" value="([^"]*)"', page
    )
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


#: What a form says of the event and the statement of a sentence, besides its fields as they come.
AS_IT_IS = {"event.0": "REQUEST", "status.0": "asserted", "verdict.0": "right", "kind.2": "mixed"}


#: How often, and after how many seconds, a page is looked at again.
TRIES, PAUSE = 40, 0.1


def verdicts_on_statements(path: str) -> list[tuple[Any, ...]]:
    with Record.open(path, read_only=True) as record:
        question = "SELECT verdict, speakers, addressees, kind, coder, comment FROM statement_corrections"
        return record.sql(question).fetchall()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"verdict.2": "right"}, ("right", ["BOR"], ["grp:x"], "mixed", "Ann", None)),
        ({"verdict.2": "wrong", "comment.2": "no"}, ("wrong", ["BOR"], ["grp:x"], "mixed", "Ann", "no")),
        (
            {"verdict.2": "changed", "speakers.2": "Syldavia", "addressees.2": "", "kind.2": "indirect"},
            ("changed", ["SYL"], [], "indirect", "Ann", None),
        ),
    ],
)
def test_verdicts_on_statements_are_kept(
    client: Open, report: Report, record: str, sent: dict[str, str], kept: tuple[Any, ...]
) -> None:
    browser = client(report, reviewer="Ann")
    answer = browser.post("/review", data={**form(browser), **AS_IT_IS, **sent}, follow_redirects=False)
    assert answer.status_code == 303
    assert (len(verdicts(record)), verdicts_on_statements(record)) == (1, [kept])
    wanted = [] if kept[0] == "wrong" else [kept[1]]
    for _ in range(TRIES):  # the explorer reads a copy, which a busy machine takes a moment for
        shown = [one["speakers"] for one in browser.get("/statements.json").json()["statements"]]
        if shown == wanted:
            return
        time.sleep(PAUSE)
    assert shown == wanted


def test_events_judged_before_are_not_asked_again(client: Open, report: Report, record: str) -> None:
    browser = client(report, reviewer="Ann")
    browser.post("/review", data={**form(browser), **AS_IT_IS}, follow_redirects=False)
    assert (len(verdicts(record)), verdicts_on_statements(record)) == (1, [])
    later = client(report, reviewer="Ann")
    page = later.get("/review").text
    assert "You have judged the events of this sentence before" in page
    sent = {**form(later), "verdict.1": "right", "kind.1": "mixed"}
    assert later.post("/review", data=sent, follow_redirects=False).status_code == 303
    assert (len(verdicts(record)), len(verdicts_on_statements(record))) == (1, 1)
    assert "Nothing is left to judge" in client(report, reviewer="Ann").get("/review").text


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
        ({"verdict.0": "right", "verdict.2": "missing"}, 400, "is none of right, wrong, changed"),
        ({"verdict.0": "right", "verdict.2": "changed", "kind.2": "loud"}, 400, "is none of direct"),
        ({"verdict.0": "right", "verdict.2": "right", "statement_id.2": "x"}, 400, "has no statement"),
    ],
)
def test_what_can_not_be_kept_is_told(
    client: Open, report: Report, record: str, said: dict[str, str], status: int, told: str
) -> None:
    browser = client(report, reviewer="Ann")
    sent = {"event.0": "REQUEST", "status.0": "asserted", **form(browser), **said}
    answer = browser.post("/review", data=sent, follow_redirects=False)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text
    assert verdicts(record) == verdicts_on_statements(record) == []


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
