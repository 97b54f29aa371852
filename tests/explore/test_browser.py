"""The explorer in a real Chromium: what a person sees, presses and hears."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from communique.record import Record

SIZES = {"narrow": {"width": 360, "height": 740}, "wide": {"width": 1280, "height": 900}}
PAGES = (
    "/", "/events", "/events?actor=Russia&event=SUPPORT", "/events?text=nowhere", "/statements", "/entities",
    "/entity/RUS", "/entity/per:vladimir-putin", "/order", "/order?by=bloc&state=RUS", "/dyad/RUS/USA",
    "/search", "/search?q=sanctions", "/search/articles?q=sanctions",
    "/search/meaning?q=sanctions", "/try", "/review", "/article/{article}", "/nowhere", "/events?actor=Qwxzzy",
)  # fmt: skip
#: What a browser says in the console of an answer that is an error, as some pages above are meant to be.
MEANT = re.compile(r"the server responded with a status of 4\d\d")


@pytest.fixture(scope="session")
def article(samples: str) -> str:
    with Record.open(samples, read_only=True) as record:
        question = "SELECT article_id FROM events GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
        return str(next(record.answer_sql(question).rows)[0])


class Heard:
    """What a page said in the console, and what it asked for elsewhere."""

    def __init__(self, page: Any, address: str) -> None:
        self.lines: list[str] = []
        page.on("console", lambda message: MEANT.search(message.text) or self.lines.append(message.text))
        page.on("pageerror", lambda error: self.lines.append(str(error)))
        page.on("request", lambda request: request.url.startswith(address) or self.lines.append(request.url))


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A wide page at the explorer's address; a test fails for any line in the console and any request elsewhere."""
    context = browser.new_context(viewport=SIZES["wide"], base_url=address)
    opened = context.new_page()
    heard = Heard(opened, address)
    yield opened
    context.close()
    assert heard.lines == []


@pytest.mark.parametrize("where", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers(browser: Any, address: str, article: str, where: str, scheme: str) -> None:
    """No violation for axe, nothing in the console, nothing from elsewhere, nothing wider than the page."""
    for size in SIZES.values():
        context = browser.new_context(viewport=size, color_scheme=scheme, base_url=address)
        page = context.new_page()
        heard = Heard(page, address)
        page.goto(where.format(article=article), wait_until="load")
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert heard.lines == []
        context.close()


def test_filters_work_at_once(page: Any) -> None:
    page.goto("/events")
    before = page.locator("h1").inner_text()
    assault = page.locator("input[name=event][value=ASSAULT]")
    assault.check()
    page.wait_for_url("**/events?*event=ASSAULT*")
    page.locator("h1").filter(has_not_text=before).wait_for()
    count = int(page.locator("h1").inner_text().split()[0])
    assert page.locator("#results article.event").count() == count > 0
    assert assault.is_checked()
    page.reload()
    assert page.locator("#results article.event").count() == count
    page.go_back()
    page.locator("h1").filter(has_text=before).wait_for()


def test_reading_and_filtering_without_javascript(browser: Any, address: str, article: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=SIZES["narrow"], base_url=address)
    page = context.new_page()
    page.goto("/events")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Done by").fill("Russia")
    page.get_by_role("button", name="Show").click()
    assert "actor=Russia" in page.url
    assert page.locator("article.event").count() > 0
    page.goto(f"/article/{article}#e1")
    assert page.locator("#e1").is_visible()
    page.goto("/search?q=sanctions")
    page.get_by_role("link", name="Look through whole articles").click()
    assert page.locator("#found article").count() > 0
    context.close()


def test_stepping_through_an_article_by_keys(page: Any, article: str) -> None:
    page.goto(f"/article/{article}")
    page.keyboard.press("j")
    first = page.locator(".card.is-lit").get_attribute("data-item")
    page.keyboard.press("j")
    second = page.locator(".card.is-lit").get_attribute("data-item")
    assert first != second
    assert page.locator(f"[data-of~='{second}'].is-lit").count() > 0
    page.keyboard.press("k")
    assert page.locator(".card.is-lit").get_attribute("data-item") == first
    page.keyboard.press("Escape")
    assert page.locator(".is-lit").count() == 0


def test_hovering_shows_the_roles(page: Any, article: str) -> None:
    page.goto(f"/article/{article}")
    card = page.locator(".card:has(.type)").first
    card.hover()
    label = card.get_attribute("data-item")
    assert page.locator(f"[data-of~='{label}'].is-lit").count() > 0


def test_a_link_to_an_event_lights_it(page: Any, article: str) -> None:
    page.goto(f"/article/{article}")
    event = page.locator(".card:has(.type) .anchor").nth(1).get_attribute("id")
    page.goto("/")
    page.goto(f"/article/{article}#{event}")
    assert page.locator(".card.is-lit .anchor").get_attribute("id") == event


def test_trying_a_text(page: Any) -> None:
    page.goto("/try")
    page.get_by_label("A text in English").fill("Russia condemned the United States on Tuesday. It rained.")
    page.get_by_role("button", name="Code it").click()
    assert page.locator(".card .type").inner_text().startswith("ACCUSE")
    assert "in the lexicon, but no frame fits" in page.locator(".explained li").nth(1).inner_text()


def test_searching(page: Any) -> None:
    page.goto("/")
    page.get_by_role("link", name="Search").click()
    page.keyboard.type("police beat protesters")
    page.keyboard.press("Enter")
    page.wait_for_selector("#near ~ div article")
    assert "beat" in page.locator("#near ~ div").inner_text()


def test_the_first_tab_leads_to_the_content(page: Any) -> None:
    page.goto("/events")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_judging_by_keys(page: Any, samples: str) -> None:
    page.goto("/review")
    unit = page.locator("input[name=unit]").get_attribute("value")
    events = page.locator("input[name^=event_id]").count()
    for _ in range(events):
        page.keyboard.press("x")
    page.keyboard.press("Enter")
    page.locator(f"input[name=unit]:not([value='{unit}'])").wait_for(state="attached")
    with Record.open(samples, read_only=True) as record:
        rows = record.sql("SELECT verdict, coder FROM corrections").fetchall()
    assert rows == [("wrong", "Ann")] * events


def test_correcting_a_statement_by_keys(page: Any, samples: str) -> None:
    page.goto("/review?speaker=RUS")
    statement = page.locator("input[name^=statement_id]").first
    key = statement.get_attribute("value")
    for _ in range(page.locator("input[name^=event_id]").count()):
        page.keyboard.press("j")
    page.keyboard.press("e")
    page.keyboard.press("Control+A")
    page.keyboard.type("Syria")
    page.keyboard.press("Enter")
    page.locator(f"input[value='{key}']").wait_for(state="detached")
    with Record.open(samples, read_only=True) as record:
        rows = record.sql("SELECT id, speakers, verdict FROM statement_corrections WHERE verdict = 'changed'")
        assert rows.fetchall() == [(key, ["SYR"], "changed")]


def test_brushing_reads_a_stretch_of_time(page: Any) -> None:
    page.goto("/dyad/CHN/RUS")
    overlay = page.locator(".brush .overlay")
    overlay.wait_for()
    box = overlay.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 60, steps=4)
    page.mouse.up()
    page.wait_for_url("**/dyad/CHN/RUS?since=*until=*")
    assert page.locator("input[name=since]").input_value() > "2000"
    page.reload()
    assert page.locator(".brush .selection").is_visible()


def test_the_map_the_network_and_the_poles_are_linked(page: Any) -> None:
    page.goto("/order?state=RUS")
    page.locator(".node").first.wait_for()
    before = page.locator("#told").inner_text()
    page.locator("#slider").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/order?*at=*")
    assert page.locator("#told").inner_text() < before
    page.locator(".node").first.wait_for()
    page.locator(".node:has(text:text-is('RUS'))").hover()
    assert page.locator(".country.is-lit").count() == 1
    page.get_by_label("bloc").check()
    page.wait_for_url("**by=bloc*")
    page.locator(".node:has(text:text-is('CHN'))").click()
    page.wait_for_url("**/order?state=CHN*")
