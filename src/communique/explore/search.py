"""Search: words, in quotations first, then deeds, then whole articles; and meaning, where the record is prepared."""

from __future__ import annotations

from communique.explore.page import Page, View, table
from communique.record.lines import event_lines, statement_lines
from communique.record.meaning import Found, is_prepared, search
from communique.record.queries import Asked

#: Rows of each part of the answer.
SHOWN = 10


def page(view: View) -> Page:
    """Return quotations and sentences of events with the words; parts of the page ask for the rest."""
    asked = _asked(view)
    if asked is None:
        return Page("search.html", "Search", {"words": "", "is_prepared": is_prepared(view.record)})
    return Page(
        "search.html",
        f"Search: {view.query.text('q')}",
        {
            "words": view.query.text("q"),
            "statements": statement_lines(view.record, asked),
            "events": event_lines(view.record, asked),
            "is_prepared": is_prepared(view.record),
        },
        {
            "statements": lambda: view.record.answer("statements", asked),
            "events": lambda: view.record.answer("events", asked),
        },
    )


def articles(view: View) -> Page:
    """Return the articles that have the words anywhere: all texts are read, which takes a second for 100,000."""
    asked = _asked(view) or {"limit": 0}
    key = ("articles", tuple(asked.items()))
    found = view.remembered(key, lambda: tuple(view.record.answer("articles", asked).rows))
    columns = view.record.articles(limit=0).columns
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    return Page(
        "found_articles.html",
        "Articles",
        {"rows": rows, "words": view.query.text("q")},
        {"articles": table(columns, found)},
    )


def meaning(view: View) -> Page:
    """Return the sentences nearest in meaning."""
    words = view.query.text("q") or ""
    found: tuple[Found, ...] = ()
    if words and is_prepared(view.record):
        key = ("meaning", words, view.query.text("since"), view.query.text("until"))
        found = view.remembered(key, lambda: _near(view, words))
    rows = [(one.similarity, one.sentence, one.article_id, one.title, one.published, one.publisher) for one in found]
    columns = ("similarity", "sentence", "article_id", "title", "published", "publisher")
    return Page(
        "found_meaning.html", "Near in meaning", {"found": found, "words": words}, {"sentences": table(columns, rows)}
    )


def _near(view: View, words: str) -> tuple[Found, ...]:
    since, until = view.query.text("since"), view.query.text("until")
    view.record.filters("articles", {"since": since, "until": until})  # says what is no date
    return search(view.record, view.session.language, words, limit=SHOWN, since=since, until=until)


def _asked(view: View) -> Asked | None:
    words = view.query.text("q")
    if words is None:
        return None
    return {"text": words, "since": view.query.text("since"), "until": view.query.text("until"), "limit": SHOWN}
