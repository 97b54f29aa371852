"""Try it: a text that somebody pastes, coded at once, with the reasons. Nothing of it is kept."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from communique.articles import article_from_text
from communique.explore.marking import marked
from communique.explore.page import BAD_REQUEST, Page, View
from communique.record.days import day_of
from communique.render.contract import report_to_json

#: Characters that are coded while somebody waits: a long newspaper article, which takes two or three seconds.
LONGEST = 20_000
EXAMPLE = (
    "Russia condemned the United States on Tuesday. “We will not be threatened,” Foreign Minister Sergei Lavrov "
    "told reporters in Moscow, and he urged Washington to withdraw its troops from Poland."
)


def page(view: View) -> Page:
    """Return the empty form."""
    return Page("try.html", "Try it", {"text": "", "published": "", "marked": None, "json": "", "longest": LONGEST})


def code(view: View) -> Page:
    """Return the form with its text coded; an empty one stands for the example."""
    text = view.query.text("text") or EXAMPLE
    published = view.query.text("published")
    if len(text) > LONGEST:
        raise HTTPException(BAD_REQUEST, f"The text has {len(text):,} characters; up to {LONGEST:,} are coded here.")
    if published is not None and day_of(published) is None:
        raise HTTPException(BAD_REQUEST, f"{published!r} is not a date such as 2023-03-22.")
    report = view.session.code(article_from_text(text, published=published))
    values = {
        "text": text,
        "published": published or "",
        "marked": marked(report),
        "json": report_to_json(report, explain=True).decode(),
        "longest": LONGEST,
    }
    return Page("try.html", "Try it", values)
