"""Every page answers in every form, of a full and of an empty record."""

from __future__ import annotations

import pytest
from tests.explore.conftest import Open

from communique.model import Report

PAGES = ("/", "/today", "/events", "/statements")


@pytest.mark.parametrize("address", PAGES)
def test_pages(client: Open, report: Report, address: str) -> None:
    browser = client(report)
    answer = browser.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    beside = "/today" if address == "/" else address
    assert browser.get(f"{beside}.json").json()["is_behind"] is False
    assert browser.get(f"{beside}.csv").headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("address", PAGES)
def test_an_empty_record(client: Open, address: str) -> None:
    assert client().get(address).status_code == 200


def test_an_empty_record_says_how_to_fill_it(client: Open) -> None:
    assert "communique record" in client().get("/").text
