"""What articles, addresses and other sites' pages may try against the explorer; the threats are in docs/security.md."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote, unquote

import httpx
import msgspec
import pytest
from starlette.testclient import TestClient
from tests.explore.conftest import RUN, Open, explorer
from tests.explore.test_cli import COMMAND
from tests.reliability.test_security import NASTY, nasty_report

from communique.explore import security
from communique.explore.page import Memory
from communique.explore.security import HEADERS
from communique.model import Report
from communique.record import Record

TOKEN = "t0ken"
#: Addresses that nobody may follow, besides what strangers may write anywhere.
WORDS = (*NASTY, "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "//evil.example", "</script>")
DESCRIPTION = json.loads((files("communique.explore") / "static" / "openapi.json").read_text("utf-8"))
#: Each name that an address may have, with the page's own.
PARAMETERS = [
    (path, one["name"])
    for path, page in DESCRIPTION["paths"].items()
    for one in page["get"]["parameters"]
    if one["in"] == "query"
]
SQL = (
    "'; DROP TABLE events; --",
    '" OR 1=1 --',
    "$1 ? %s {0}",
    "x' UNION SELECT path FROM glob('/*') --",
    "\x00",
    "%_%",
)
INSIDE = {"id": "BOR", "a": "FRA", "b": "DEU"}
LINKS = ("href", "src", "action", "hx-get", "hx-post", "formaction", "xlink:href")


class Markup(HTMLParser):
    """Raises on what no page of ours has: scripts and frames of others, handlers, addresses that lead elsewhere."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        assert tag not in ("img", "iframe", "object", "embed", "base", "style"), tag
        if tag == "script":
            assert told.get("type") == "application/json" or (told.get("src") or "").startswith("/static/"), told
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name not in ("style", "srcdoc", "hx-on", "hx-vals"), name
            if name in LINKS and value is not None:
                assert value.startswith(("/", "#", "?", "http://", "https://")), value
                assert not value.startswith("//"), value


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, report: Report) -> TestClient:
    """An explorer that asks for no token."""
    return explorer(tmp_path_factory.mktemp("plain") / "news.duckdb", report)


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory, report: Report) -> TestClient:
    """An explorer that asks for one; cookies are not kept."""
    return explorer(tmp_path_factory.mktemp("secret") / "news.duckdb", report, token=TOKEN, reviewer="Ann")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, report: Report) -> TestClient:
    """An explorer of a record of strangers."""
    made = []
    for number, words in enumerate(WORDS):
        one = nasty_report(report, words, number)
        entities = tuple(msgspec.structs.replace(entity, country=words[:9]) for entity in one.entities)
        made.append(msgspec.structs.replace(one, entities=entities))
    return explorer(tmp_path_factory.mktemp("hostile") / "news.duckdb", *made, reviewer="Ann <script>")


def test_markup_in_every_field_on_every_page(hostile: TestClient) -> None:
    events = hostile.get("/events.json?limit=500").json()["events"]
    assert len(events) == len(WORDS)
    shown = ["/", "/today", "/events", "/statements", "/entities", "/order", "/search?q=asked",
             "/search/articles?q=asked", "/review", "/try", "/dyad/FRA/DEU"]  # fmt: skip
    shown += [f"/article/{one['article_id']}" for one in events]
    shown += [f"/entity/{quote(key, safe=':')}" for one in events for key in (*one["actors"], *one["recipients"])]
    shown += [f"/review?article={one['article_id']}" for one in events]
    for where in shown:
        answer = hostile.get(where)
        assert answer.status_code == 200, where
        Markup().feed(answer.text)


@pytest.mark.parametrize("words", WORDS)
def test_markup_in_what_is_asked(hostile: TestClient, words: str) -> None:
    said = quote(words)
    for where in (f"/events?text={said}&{said}={said}&publisher={said}", f"/events?actor={said}", f"/search?q={said}",
                  f"/order?at={said}", f"/entity/{said}", f"/nowhere/{said}", f"/download/{said}",
                  f"/events.csv?table={said}", f"/entities?kind={said}", f"/review?skip={said}"):  # fmt: skip
        answer = hostile.get(where)
        assert answer.status_code in (200, 400, 404), where
        if answer.headers["content-type"].startswith("text/html"):
            Markup().feed(answer.text)
    Markup().feed(hostile.post("/try", data={"text": f"It rained. {words}"}).text)


def test_addresses_that_are_none_are_found() -> None:
    for bad in ("<img src=x>", "<a href='javascript:x'>", "<p onclick=x>", "<script>x</script>", "<a href=//evil>"):
        with pytest.raises(AssertionError):
            Markup().feed(bad)


@pytest.mark.parametrize(("where", "name"), PARAMETERS)
def test_sql_in_every_parameter(plain: TestClient, where: str, name: str) -> None:
    for words in SQL:
        answer = plain.get(where.format(**INSIDE), params={name: words})
        assert answer.status_code in (200, 400), (words, answer.text)
        assert "Error" not in answer.text
        assert "/etc" not in answer.text
    assert len(plain.get("/events.json").json()["events"]) == 1


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ("/events?text=" + "x" * 3_990, 200), ("/events?text=" + "x" * 4_000, 414),
        ("/events?" + "&".join(["event=AID"] * 390), 200),
        ("/events?" + "&".join(f"event=E{n}" for n in range(300)), 400),
        ("/events.json?limit=00000000000099999", 400), ("/events.json?limit=" + "9" * 3_000, 400),
        ("/events.json?limit=\u0665", 400), ("/events?page=-1", 400), ("/entities?page=1e3", 400),
        ("/entity/" + "x" * 20_000, 404), ("/dyad/" + "x" * 20_000 + "/DEU", 404), ("/search?q=" + "%22" * 900, 200),
        ("/search/articles?q=" + "(" * 900, 200), ("/events?actor=" + "x" * 3_900, 400),
        ("/events?since=" + "x" * 900, 400),
    ],
)  # fmt: skip
def test_oversized_questions(plain: TestClient, where: str, status: int) -> None:
    assert plain.get(where).status_code == status


@pytest.mark.parametrize(
    "where",
    ["/article/../../../etc/passwd", "/article/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/download/..%2f..%2fx",
     "/download/csv%00", "/download/brat/../x", "/static/%2e%2e%2fapp.py", "/static/..%5capp.py", "/static/%00",
     "/static/" + "x" * 5_000,
     "/static/vendor/", "/static", "/entity/..%2f..%2fx.json", "//etc/passwd", "/%2e%2e/", "/events%00",
     "/events/../../x", "/templates/base.html", "/news.duckdb", "/static/file:///etc/passwd"],
)  # fmt: skip
def test_paths_lead_nowhere(plain: TestClient, where: str) -> None:
    answer = plain.get(f"http://localhost{where}", follow_redirects=False)
    assert answer.status_code in (404, 307), answer.status_code
    assert "root:" not in answer.text
    assert not answer.headers.get("location", "http://localhost/").removeprefix("http://localhost").startswith("//")


@pytest.mark.parametrize("where", ["/try", "/review"])
@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({"origin": "http://localhost", "sec-fetch-site": "same-origin"}, True),
        ({"origin": "http://LOCALHOST.evil.example"}, False),
        ({"origin": "http://127.0.0.1"}, False),  # this machine, but another origin
        ({"origin": "http://localhost:3000"}, False),
        ({"origin": "http://localhost@evil.example"}, False),
        ({"origin": "http://[::1"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "localhost"}, False),
        ({"origin": "http://localhost", "sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "CROSS-SITE"}, False),
        ({"sec-fetch-site": ""}, False),
    ],
)
def test_forms_of_other_sites(hostile: TestClient, where: str, headers: dict[str, str], is_taken: bool) -> None:
    sent = {"text": "It rained.", "verdict.0": "right"}
    answer = hostile.post(where, data=sent, headers=headers)
    if is_taken:
        assert answer.status_code == {"/try": 200, "/review": 403}[where]  # the review asks for its secret, too
        assert where == "/try" or "not of this explorer" in answer.text
    else:
        assert (answer.status_code, answer.text) == (403, "A form of another site is not taken.\n")


@pytest.mark.parametrize(
    ("site", "mode", "goal", "status"),
    [
        ("cross-site", "navigate", "document", 200),  # a link
        ("same-site", "navigate", "document", 200),
        ("none", "navigate", "document", 200),  # typed
        ("same-origin", "cors", "empty", 200),
        ("cross-site", "navigate", "iframe", 403),
        ("cross-site", "navigate", "embed", 403),
        ("cross-site", "no-cors", "image", 403),
        ("cross-site", "no-cors", "script", 403),
        ("same-site", "no-cors", "script", 403),  # another port of this machine
        ("cross-site", "cors", "empty", 403),
    ],
)
def test_other_sites_may_link_and_load_nothing(plain: TestClient, site: str, mode: str, goal: str, status: int) -> None:
    headers = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": goal}
    for where in ("/events", "/events.json", "/static/explore.js"):
        assert plain.get(where, headers=headers).status_code == status


@pytest.mark.parametrize(
    "host",
    ["localhost/evil", "localhost?x", "localhost#x", "local\thost", "localhost\\evil", "localhost:80:80", "localhost:x",
     "localhost,evil.example", "localhost.", "[localhost]", "[::1]evil", "0.0.0.0", "0x7f000001", "127.1"],
)  # fmt: skip
def test_hosts_that_are_none(plain: TestClient, host: str) -> None:
    assert plain.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("length", ["-1", "1e3", "\xb2", "9" * 5_000, "1,000", "0x10"])
def test_lengths_that_are_none(plain: TestClient, length: str) -> None:
    headers = {b"content-length": length.encode("latin-1")}
    assert plain.post("/try", content=b"text=x", headers=headers).status_code == 413  # type: ignore[arg-type]


def test_a_body_without_a_length_is_limited_too(plain: TestClient) -> None:
    answer = plain.post("/try", content=(b"x" * 1_000 for _ in range(3_000)))
    assert (answer.status_code, "1,000,000 bytes" in answer.text) == (413, True)


def test_what_fails_has_the_headers_too(plain: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from communique.explore import page

    monkeypatch.setattr(page.Query, "number", lambda *_, **__: 1 // 0)
    answer = plain.get("/events")
    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "ZeroDivisionError" not in answer.text


@pytest.mark.parametrize(
    ("where", "to"),
    [
        (f"/events?event=AID&token={TOKEN}", "/events?event=AID"),
        (f"/events?token=wrong&token={TOKEN}", "/events"),  # none of them stays in the address
        (f"/?token={TOKEN}&token={TOKEN}", "/"),
        (f"//evil.example/?token={TOKEN}", "/evil.example/"),
        (f"/%2f%5cevil.example/?token={TOKEN}", "/evil.example/"),
        (f"/%5c%5cevil.example?token={TOKEN}", "/evil.example"),
        (f"/x%0d%0aset-cookie:%20a=b?token={TOKEN}", "/x%0D%0Aset-cookie:%20a=b"),
    ],
)
def test_a_token_leaves_the_address_and_leads_to_this_explorer(secret: TestClient, where: str, to: str) -> None:
    answer = secret.get(f"http://localhost{where}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, to)
    secret.cookies.clear()
    kept = answer.headers["set-cookie"]
    assert kept == f"{security.COOKIE}={TOKEN}; HttpOnly; Path=/; SameSite=strict"  # and it ends with the browser


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"authorization": ""}, {"authorization": "Bearer "}, {"authorization": f"Basic {TOKEN}"},
        {"authorization": f"Bearer {TOKEN[:-1]}"}, {"authorization": f"Bearer {TOKEN} "[:-1] + "x"},
        {"cookie": f"{security.COOKIE}="}, {"cookie": f"token={TOKEN}"}, {"cookie": f"{security.COOKIE}=\"{TOKEN}"},
        {"cookie": ";;=;" * 500}, {"x-token": TOKEN}, {"referer": f"http://localhost/?token={TOKEN}"},
    ],
)  # fmt: skip
def test_without_the_token_nothing_is_told(secret: TestClient, headers: dict[str, str]) -> None:
    for where in ("/", "/events.json", "/static/explore.css", "/download/csv", "/nowhere", "/review", "/?token="):
        answer = secret.get(where, headers=headers)
        assert (answer.status_code, "Borduria" in answer.text) == (401, False), where
    for where in ("/try", "/review"):
        assert secret.post(where, data={"text": "It rained."}, headers=headers).status_code == 401


def test_tokens_are_compared_in_constant_time(client: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(one)
        return False  # whatever lets a request in without asking here is found

    monkeypatch.setattr(security.hmac, "compare_digest", compare)
    browser = client(token=TOKEN)
    sent = {"cookie": f"{security.COOKIE}={TOKEN}", "authorization": f"Bearer {TOKEN}"}
    assert browser.get(f"/?token={TOKEN}", headers=sent).status_code == 401
    assert compared == [TOKEN.encode()] * 3


@pytest.fixture
def served(tmp_path: Path, report: Report) -> Iterator[subprocess.Popen[str]]:
    """The command itself, for others."""
    path = str(tmp_path / "news.duckdb")
    with Record.open(path) as record:
        record.add([report], run=RUN)
    words = [*COMMAND, "-r", path, "--port", "0", "--host", "0.0.0.0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        yield started
        started.kill()


def test_a_token_is_in_no_log_and_on_no_page(served: subprocess.Popen[str]) -> None:
    assert served.stdout is not None
    entrance = served.stdout.readline().strip().replace("0.0.0.0", "127.0.0.1")
    address, _, token = entrance.partition("?token=")
    assert len(unquote(token)) >= 32
    with httpx.Client(follow_redirects=True) as browser:
        first = browser.get(entrance)
        assert (first.status_code, "token" in str(first.url)) == (200, False)
        for where in ("events", "nowhere", "events?actor=nobody+at+all", "static/nowhere"):
            assert token not in browser.get(f"{address}{where}").text
            assert httpx.get(f"{address}{where}&token=x{token}").status_code == 401
        browser.get(f"{address}events", headers={"host": "evil.example"})
    served.send_signal(signal.SIGINT)
    out, err = served.communicate(timeout=20)
    assert (served.returncode, token in out + err) == (0, False)


def test_what_fails_is_logged_without_its_query(
    client: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from communique.explore import page

    browser = client(token=TOKEN)
    monkeypatch.setattr(page.Query, "number", lambda *_, **__: 1 // 0)
    with caplog.at_level(logging.DEBUG, logger="communique"):
        browser.get("/events?text=secret", headers={"authorization": f"Bearer {TOKEN}"})
    assert "/events" in caplog.text
    assert "secret" not in caplog.text
    assert TOKEN not in caplog.text


def test_what_can_not_be_answered_is_not_remembered() -> None:
    memory = Memory()
    for number in range(100):
        with pytest.raises(ZeroDivisionError):
            memory.remembered(number, lambda: 1 // 0)
    assert not memory._locks


def test_sockets_are_closed(plain: TestClient) -> None:
    from starlette.websockets import WebSocketDisconnect

    for where in ("/", "/events", "/static/explore.css"):
        with pytest.raises(WebSocketDisconnect), plain.websocket_connect(where):
            pass
