"""A dyad: two states over time, and what each did and said to the other in a stretch of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from communique.explore.page import Page, View, not_found, table
from communique.explore.wording import state_names
from communique.explore.world import pair_events, period_of, usual
from communique.order import changes, dyads
from communique.order.dyads import TENSION_PRIOR, usual_conflict
from communique.order.tables import Period, code
from communique.record.lines import EventLine, event_lines, statement_lines
from communique.record.queries import Asked

#: Draws for each interval: a picture shows no more, and a thousand would take a second for twelve years of months.
RESAMPLES = 100
#: Events and quotations of each direction that are listed.
EVENTS, QUOTES = 60, 6
#: With so many events, months say something each even over decades.
MONTHS_FROM_EVENTS = 240
COLUMNS = (
    "period", "events", "mean", "low", "high", "tension", "verbal_cooperation", "material_cooperation",
    "verbal_conflict", "material_conflict", "neutral", "few",
)  # fmt: skip
CHANGES = ("period", "before", "after", "shift", "events")


def page(view: View) -> Page:
    """Return the page of states ``a`` and ``b``; ``since`` and ``until`` choose the stretch that is read."""
    a, b = view.path["a"], view.path["b"]
    names = state_names()
    for state in (a, b):
        if state not in names:
            raise not_found(f"No state has the code {state}.")
    if a == b:
        raise not_found("A dyad has two states.")
    course, turns, period = view.remembered(("dyad", *sorted((a, b))), lambda: _course(view, a, b))
    since, until = view.query.text("since"), view.query.text("until")
    stretch: Asked = {"since": since, "until": until}
    lines = event_lines(view.record, {"between": (a, b), "limit": EVENTS, **stretch})
    values = {
        "a": a, "b": b, "names": names, "period": period, "course": course, "turns": turns,
        "sides": [_side(view, a, b, lines, stretch), _side(view, b, a, lines, stretch)],
        "together": [line for line in lines if not line.recipients],
        "drawn": {"course": course, "turns": turns, "period": period},
        "is_cut": len(lines) == EVENTS,
    }  # fmt: skip
    return Page(
        "dyad.html",
        f"{names[a]} and {names[b]}",
        values,
        {
            "course": table(COLUMNS, [[row[name] for name in COLUMNS] for row in course]),
            "changes": table(CHANGES, [[row[name] for name in CHANGES] for row in turns]),
            "events": lambda: view.record.answer("events", {"between": (a, b), **stretch, "limit": EVENTS}),
        },
    )


def _course(view: View, a: str, b: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Period]:
    """The course of a pair, its changes, and the length of a period; empty where there is no event between them."""
    own = pair_events(view, a, b)
    if not own.num_rows:
        return [], [], "month"
    period: Period = "month" if period_of(own) == "month" or own.num_rows >= MONTHS_FROM_EVENTS else "year"
    course = dyads(own, period=period, directed=False, resamples=RESAMPLES).to_pylist()
    turns = changes(own, a, b, period=period).to_pylist()
    drawn_to = usual(view) - usual_conflict(code(own))
    for row in course:  # a pair's tension is drawn towards the world's, not towards its own
        told = row["events"] - row["neutral"]
        row["tension"] += TENSION_PRIOR / (told + TENSION_PRIOR) * drawn_to
    for row in (*course, *turns):
        row["period"] = str(row["period"])
    return [{name: _short(row[name]) for name in COLUMNS} for row in course], turns, period


def _short(value: Any) -> Any:
    """A number as short as a page needs it; nothing for what can't be told."""
    if not isinstance(value, float):
        return value
    return None if value != value else round(value, 3)


def _side(view: View, a: str, b: str, lines: Sequence[EventLine], stretch: Asked) -> dict[str, Any]:
    """What one did and said to the other."""
    own = [line for line in lines if line.recipients and any(one.country == a for one in line.actors)
           and any(one.country == b for one in line.recipients)]  # fmt: skip
    said = statement_lines(view.record, {"speaker": a, "about": b, "limit": QUOTES, **stretch})
    return {"actor": a, "recipient": b, "events": own, "statements": said}
