"""Whom the explorer answers, and what its answers allow a browser to do."""

from __future__ import annotations

import pytest
from tests.explore.conftest import Open

from communique.explore.security import HEADERS
from communique.model import Report

TOKEN = "t0ken"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("localhost:8321", 200), ("127.0.0.1:1", 200), ("[::1]:8321", 200), ("LOCALHOST", 200),
        ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example", 421), ("", 421),
        ("user@localhost", 421), ("192.168.0.7", 421), ("[::1", 421),
    ],
)  # fmt: skip
def test_foreign_hosts_are_refused(client: Open, host: str, status: int) -> None:
    assert client().get("/", headers={"host": host}).status_code == status


def test_every_answer_has_the_headers(client: Open) -> None:
    browser = client()
    for where in ("/", "/nowhere", "/static/explore.css", "/events.json", "/static/nowhere", "/events?event=WAR"):
        headers = browser.get(where).headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, where
    policy = HEADERS["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(client: Open, method: str) -> None:
    assert client().request(method, "/events").status_code == 405


def test_only_forms_can_be_sent(client: Open) -> None:
    assert client().post("/events").status_code == 405


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://localhost"}, 200),
        ({"origin": "http://localhost:99"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "http://localhost"}, 200),
    ],
)
def test_forms_of_other_sites_are_refused(client: Open, headers: dict[str, str], status: int) -> None:
    assert client().post("/try", data={"text": "It rained."}, headers=headers).status_code == status


def test_a_body_without_a_length_is_limited_too(client: Open) -> None:
    def pieces() -> object:
        for _ in range(3_000):
            yield b"x" * 1_000

    assert client().post("/try", content=pieces()).status_code >= 400  # type: ignore[arg-type]


def test_a_token_is_asked_for_and_becomes_a_cookie(client: Open, report: Report) -> None:
    browser = client(report, token=TOKEN, hosts=["0.0.0.0"])
    assert browser.get("/").status_code == 401
    assert browser.get("/static/explore.css").status_code == 401
    assert browser.get("/?token=wrong").status_code == 401
    assert browser.get("/events.json", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert browser.get("/events", headers={"cookie": "communique-token=wrong"}).status_code == 401
    entered = browser.get(f"/events?event=REQUEST&token={TOKEN}", follow_redirects=False)
    assert (entered.status_code, entered.headers["location"]) == (303, "/events?event=REQUEST")
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "SameSite=strict" in entered.headers["set-cookie"]
    assert browser.get("/events").status_code == 200


@pytest.mark.parametrize(("host", "status"), [("192.168.0.7:8321", 401), ("10.0.0.1", 401), ("evil.example", 421)])
def test_with_a_token_numbers_are_names_of_ours(client: Open, host: str, status: int) -> None:
    assert client(token=TOKEN).get("/", headers={"host": host}).status_code == status


def test_no_file_outside_is_served(client: Open) -> None:
    for where in ("/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/..%2f..%2fstore.py"):
        assert client().get(where).status_code == 404
