"""Every page answers in every form, of a full and of an empty record; what is asked wrongly is told in words."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec
import pytest
from tests.explore.conftest import Open

from communique.model import Entity, Event, Report

PAGES = (
    "/today", "/events", "/statements", "/entities", "/search", "/search/articles", "/search/meaning", "/try",
    "/order",
)  # fmt: skip
OF_THE_REPORT = (
    "/article/{article}",
    "/dyad/FRA/DEU",
    "/entity/BOR",
    "/entity/grp:x",
    "/search?q=moves",
    "/search/articles?q=moves",
)


@pytest.mark.parametrize("where", [*PAGES, *OF_THE_REPORT])
def test_pages(client: Open, report: Report, where: str) -> None:
    browser = client(report)
    path, _, query = where.format(article=report.article.id).partition("?")
    page = browser.get(f"{path}?{query}")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    data = browser.get(f"{path}.json?{query}").json()
    assert data.pop("is_behind") is False
    tables = [name for name, value in data.items() if isinstance(value, list)]
    table = browser.get(f"{path}.csv?{query}")
    if not tables:
        assert table.status_code == 404
        return
    assert f"{path}.json" in page.text
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert len(rows) == len(data[tables[0]])


@pytest.mark.parametrize("where", ["/", *PAGES])
def test_an_empty_record(client: Open, where: str) -> None:
    assert client().get(where).status_code == 200


def test_an_empty_record_says_how_to_fill_it(client: Open) -> None:
    assert "communique record" in client().get("/").text


@pytest.mark.parametrize(
    ("where", "status", "told"),
    [
        ("/nowhere", 404, "There is no such page"),
        ("/article/none", 404, "has no article none"),
        ("/entity/none", 404, "Nobody in this record has the id none"),
        ("/entity/FRA", 200, "France"),  # in the atlas, not in the record
        ("/events?actor=Bordurai", 400, "nobody in the atlas or in this record is called"),
        ("/events?event=WAR", 400, "there is no"),
        ("/events?since=yesterday", 400, "is not a date such as"),
        ("/events?page=0", 400, "is not a number from 1"),
        ("/events?page=99999999999999999999", 400, "is not a number from 1"),
        ("/events?limit=501", 400, "is not a number from 1 to 500"),
        ("/events?context=weather", 400, "there is no"),
        ("/statements?speaker=Nobody+at+all", 400, "nobody in the atlas"),
        ("/search/meaning?q=rain&since=x", 200, "Near in meaning"),  # not prepared: nothing is asked
        ("/download/word", 404, "There is no format"),
        ("/events.csv?table=people", 404, "This page has the tables events"),
        ("/dyad/FRA/FRA", 404, "A dyad has two states"),
        ("/dyad/FRA/XXX", 404, "No state has the code XXX"),
        ("/dyad/FRA/DEU?since=x", 400, "is not a date such as"),
        ("/review", 404, "Nobody reviews here"),
        ("/events?text=" + "x" * 4000, 414, "more than 4000 characters"),
    ],
)
def test_what_is_wrong_is_told(client: Open, report: Report, where: str, status: int, told: str) -> None:
    answer = client(report).get(where)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text
    if status == 400:
        assert told in client(report).get(where.replace("?", ".json?", 1)).json()["error"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("/events", 1),
        ("/events?party=BOR", 1),
        ("/events?party=Syldavia", 1),
        ("/events?actor=SYL", 0),
        ("/events?actor=SYL&recipient=BOR", 0),
        ("/events?actor=SYL&recipient=BOR&either=1", 1),
        ("/events?event=REQUEST&event=ASSAULT&mode=change&context=diplomatic&status=asserted", 1),
        ("/events?context=election", 0),
        ("/events?since=2023-03-22&until=2023-03-22", 1),
        ("/events?place=Klow", 0),
        ("/events?text=explain", 1),
        ("/events?actor=&event=&text=", 1),
        ("/statements?party=BOR", 1),
        ("/statements?speaker=BOR&about=SYL&kind=mixed", 1),
        ("/statements?addressee=BOR", 0),
        ("/entities?kind=state", 2),
        ("/entities?text=repor", 1),
    ],
)
def test_filters(client: Open, report: Report, where: str, found: int) -> None:
    browser = client(report)
    path, _, query = where.partition("?")
    rows = browser.get(f"{path}.json?{query}").json()[path[1:]]
    assert len(rows) == found
    page = browser.get(where).text
    assert page.count("<article") == (found if path != "/entities" else 0)


def test_counts_beside_a_filter_are_those_of_the_others(client: Open, report: Report) -> None:
    second = msgspec.structs.replace(report.events[0], id="ev2", event="ASSAULT", modes=(), status="negated")
    page = client(msgspec.structs.replace(report, events=(*report.events, second))).get("/events?event=ASSAULT").text
    rows = {
        line.split('value="')[1].split('"')[0]: line for line in page.splitlines() if 'type="checkbox" name=' in line
    }
    assert ">1</span>" in rows["REQUEST"]
    assert ">1</span>" in rows["ASSAULT"]
    assert "checked" in rows["ASSAULT"]
    assert "asserted" not in rows
    assert ">1</span>" in rows["negated"]


def test_steps(client: Open, report: Report) -> None:
    events = [msgspec.structs.replace(report.events[0], id=f"ev{number}") for number in range(5)]
    browser = client(msgspec.structs.replace(report, events=tuple(events)))
    seen: list[str] = []
    for number in (1, 2, 3):
        rows = browser.get(f"/events.json?limit=2&page={number}").json()["events"]
        seen += [row["id"] for row in rows]
    assert sorted(seen) == sorted(event.id for event in events)
    page = browser.get("/events?limit=2&page=2").text
    assert "3–4 of 5" in page
    assert "page=1" in page
    assert "page=3" in page


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("csv", b"id,date,event"), ("plover", b'{"'), ("polecat", b""), ("gdelt", b""), ("parquet", b"PAR1"),
        ("graphml", b"<?xml"), ("brat", b"PK"), ("label-studio", b"PK"), ("training", b""),
    ],
)  # fmt: skip
def test_downloads(client: Open, report: Report, form: str, start: bytes) -> None:
    browser = client(report)
    answer = browser.get(f"/download/{form}?event=REQUEST")
    assert answer.status_code == 200
    assert answer.content.startswith(start)
    assert answer.headers["content-disposition"].startswith("attachment; ")
    if form == "csv":
        assert answer.text.count("\r\n") == 2
        assert browser.get(f"/download/{form}?event=ASSAULT").text.count("\r\n") == 1


SCRIPT = '<script>alert("1")</script><img src=x onerror=alert(2)>'
HOSTILE = f"{SCRIPT} asked Syldavia to “{SCRIPT}” and {{{{ 7 * 7 }}}} &lt; {SCRIPT}"


def test_hostile_words_are_shown_as_words(client: Open, report: Report) -> None:
    """Whatever stands in an article, a name or an address is text, in every page."""
    article = msgspec.structs.replace(
        report.article, text=HOSTILE, title=HOSTILE, publisher=SCRIPT, url="javascript:alert(1)", author=SCRIPT
    )
    sentence = msgspec.structs.replace(report.sentences[0], span=report.events[0].trigger)
    sentence = msgspec.structs.replace(sentence, span=type(sentence.span)(0, len(HOSTILE)))
    entities = tuple(msgspec.structs.replace(one, name=f"{SCRIPT} {one.name}") for one in report.entities)
    entities += (Entity(f"own:{SCRIPT}", SCRIPT, "group"),)
    event = msgspec.structs.replace(report.events[0], sentence=0, why=SCRIPT, actors=(f"own:{SCRIPT}",))
    statement = msgspec.structs.replace(report.statements[0], sentence=0, channel=SCRIPT)
    hostile = msgspec.structs.replace(
        report, article=article, entities=entities, sentences=(sentence,), events=(event,), statements=(statement,),
        problems=(SCRIPT,),
    )  # fmt: skip
    browser = client(hostile, reviewer=SCRIPT)
    words = "%3Cscript%3Ealert(%221%22)%3C/script%3E"
    for where in (
        "/", "/events", f"/events?text={words}", f"/events?actor={words}", f"/events?place={words}", "/statements",
        f"/article/{article.id}", "/entities", f"/entity/own:{words}", "/entity/BOR", f"/search?q={words}",
        f"/search/articles?q={words}", f"/search/meaning?q={words}", f"/nowhere/{words}", f"/article/{words}",
        f"/review?article={article.id}", f"/review?text={words}",
    ):  # fmt: skip
        page = browser.get(where).text
        assert "<script>" not in page, where
        assert "<img" not in page, where
        assert "javascript:" not in page, where
        assert " 49 " not in page, where
    tried = browser.post("/try", data={"text": HOSTILE, "published": "2023-03-22"})
    assert tried.status_code == 200
    assert "<script>alert" not in tried.text


def test_a_table_is_safe_in_a_spreadsheet(client: Open, report: Report) -> None:
    article = msgspec.structs.replace(report.article, title="=HYPERLINK(1)")
    table = client(msgspec.structs.replace(report, article=article)).get("/events.csv").text
    assert next(csv.DictReader(io.StringIO(table)))["title"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({"text": ""}, 200, "Lavrov"),  # the example
        ({"text": "It rained."}, 200, "No statement and no event was found"),
        ({"text": "Police arrested four protesters in Paris on Monday."}, 200, "<b>France police</b>"),
        ({"text": "It rained. " * 2_000}, 400, "up to 20,000 are coded here"),
        ({"text": "It rained.", "published": "soon"}, 400, "is not a date such as"),
        ({"text": "x" * 1_000_001}, 413, "More than 1,000,000 bytes"),
    ],
)
def test_trying(client: Open, sent: dict[str, str], status: int, told: str) -> None:
    answer = client().post("/try", data=sent)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text


def test_nothing_that_is_tried_is_kept(client: Open) -> None:
    browser = client()
    browser.post("/try", data={"text": "Russia condemned the United States on Tuesday."})
    assert browser.get("/events.json").json()["events"] == []


def test_a_dyad_is_as_order_tells_it(client: Open, report: Report, tmp_path: Path) -> None:
    """The page computes on the pair's own events; tension must come out as from the whole record."""
    from communique.order import dyads
    from communique.record import Record

    def event(number: int, day: str, actor: str, recipient: str, score: float) -> Event:
        return msgspec.structs.replace(
            report.events[0], id=f"ev{number}", date=day, actors=(actor,), recipients=(recipient,), score=score,
            event="ASSAULT" if score < 0 else "AID", quad="material conflict" if score < 0 else "material cooperation",
        )  # fmt: skip

    rows = [("2022-01-05", "RUS", "UKR", -9.0), ("2022-01-09", "UKR", "RUS", -7.0), ("2022-02-01", "RUS", "UKR", 3.0),
            ("2022-02-01", "USA", "UKR", 7.0), ("2022-02-03", "USA", "GBR", 5.0)]  # fmt: skip
    events = tuple(event(number, *row) for number, row in enumerate(rows))
    entities = tuple(Entity(code, code, "state", code) for code in ("RUS", "UKR", "USA", "GBR"))
    browser = client(msgspec.structs.replace(report, entities=entities, events=events))
    with Record.open(str(tmp_path / "news.duckdb"), read_only=True) as record:
        expected = dyads(record.pairs().to_arrow_table(), directed=False, pair=("RUS", "UKR")).to_pylist()
    found = browser.get("/dyad/UKR/RUS.json").json()["course"]
    assert [(row["period"], row["events"], row["tension"]) for row in found] == [
        (str(row["period"]), row["events"], round(row["tension"], 3)) for row in expected
    ]
    page = browser.get("/dyad/RUS/UKR?since=2022-02-01").text
    assert page.count("<article") == 1
    assert browser.get("/dyad/RUS/GBR").text.count("No asserted event of this record is between the two") == 1
