"""Events: a list to filter, with how many there are beside each choice."""

from __future__ import annotations

from communique.explore.lists import MOST_ROWS, ROWS, asked_from, choices, counted, steps
from communique.explore.page import Page, View
from communique.record import FORMATS
from communique.record.lines import event_lines
from communique.record.queries import Asked

SINGLE = ("party", "actor", "recipient", "since", "until", "publisher", "text")
SEVERAL = ("event", "mode", "context", "status", "place")


def asked(view: View) -> Asked:
    """Return the filters of an address; with ``either`` an actor and a recipient are two sides, either way."""
    found = asked_from(view.query, single=SINGLE, several=SEVERAL)
    if view.query.text("either") and (one := found.pop("actor", None)) and (other := found.pop("recipient", None)):
        found["between"] = (one, other)
    return found


def page(view: View) -> Page:
    """Return the list of events."""
    filters = asked(view)
    found = counted(view, "events", filters)
    where = steps(view.query, found.total)
    rows = view.query.number("limit", ROWS, MOST_ROWS)
    shown: Asked = {**filters, "limit": rows, "offset": where.first - 1}
    return Page(
        "events.html",
        "Events",
        {
            "kind": "event",
            "lines": event_lines(view.record, shown),
            "choices": choices(found, view.query),
            "steps": where,
            "formats": FORMATS,
            "filters": len(filters),
        },
        {"events": lambda: view.record.answer("events", shown)},
    )
