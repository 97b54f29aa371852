"""Statements: who said what, to filter as events are."""

from __future__ import annotations

from communique.explore.lists import MOST_ROWS, ROWS, asked_from, choices, counted, steps
from communique.explore.page import Page, View
from communique.record.lines import statement_lines
from communique.record.queries import Asked

SINGLE = ("party", "speaker", "addressee", "about", "since", "until", "publisher", "text")
SEVERAL = ("kind",)


def page(view: View) -> Page:
    """Return the list of statements."""
    filters = asked_from(view.query, single=SINGLE, several=SEVERAL)
    found = counted(view, "statements", filters)
    where = steps(view.query, found.total)
    shown: Asked = {**filters, "limit": view.query.number("limit", ROWS, MOST_ROWS), "offset": where.first - 1}
    return Page(
        "statements.html",
        "Statements",
        {
            "kind": "statement",
            "lines": statement_lines(view.record, shown),
            "choices": choices(found, view.query),
            "steps": where,
            "filters": len(filters),
        },
        {"statements": lambda: view.record.answer("statements", shown)},
    )
