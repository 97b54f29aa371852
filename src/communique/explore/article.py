"""An article: its text with statements and events marked in place, and where else its story is told."""

from __future__ import annotations

from communique.explore.marking import marked
from communique.explore.page import Page, View, not_found
from communique.record.sight import story

#: Articles that tell the same that are named.
ALIKE = 8


def page(view: View) -> Page:
    """Return an article's page."""
    article_id = view.path["id"]
    report = view.record.report(article_id)
    if report is None:
        raise not_found(f"The record has no article {article_id}.")
    told = story(view.record, article_id, limit=ALIKE)
    return Page(
        "article.html",
        report.article.title or "Untitled",
        {"article": report.article, "marked": marked(report), "problems": report.problems, "story": told},
        {
            "events": lambda: view.record.answer("events", {"article": article_id}),
            "statements": lambda: view.record.answer("statements", {"article": article_id}),
        },
    )
