"""Order: who stands with whom, on the map, as a network, and over time; all of one period and seen from one state."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.exceptions import HTTPException

from communique.explore.page import BAD_REQUEST, Page, View, table
from communique.explore.wording import state_names
from communique.explore.world import Time, World, likeness, plain, world

#: What the map is coloured by.
COLOURS = ("alignment", "bloc")
#: States named on either end of the ranking.
ENDS = 10


def page(view: View) -> Page:
    """Return the order at ``at`` (a period's first day), seen from ``state``, the map coloured ``by``."""
    of = world(view)
    names = state_names()
    if not of.times:
        return Page("order.html", "Order", {"world": None, "names": names}, {"poles": table(("period", "poles"), [])})
    time = _time(view, of)
    state = _state(view, of)
    by = view.query.text("by") or COLOURS[0]
    if by not in COLOURS:
        raise HTTPException(BAD_REQUEST, f"by: the map is coloured by {' or '.join(COLOURS)}, not by {by!r}")
    ranked = sorted(likeness(time, state).items(), key=lambda one: (-(one[1].alike or 0.0), one[0]))
    values: dict[str, Any] = {
        "world": of,
        "names": names,
        "time": time,
        "seen_from": state,
        "by": by,
        "closest": [one for one in ranked[:ENDS] if (one[1].alike or 0.0) > 0],
        "farthest": [one for one in reversed(ranked[-ENDS:]) if (one[1].alike or 0.0) < 0],
        "drawn": view.remembered("drawn", lambda: plain(of, names), always=True),
        "alike": _alike(of, state),
    }
    return Page(
        "order.html",
        "Order",
        values,
        {
            "alignment": table(
                ("period", "state", "other", "alignment", "direct", "events"),
                [(one.start, state, other, tie.alike, tie.direct, tie.events)
                 for one in of.times for other, tie in sorted(likeness(one, state).items())],
            ),
            "blocs": table(
                ("period", "pole", "leader", "share", "members"),
                [(one.start, *msgspec.structs.astuple(pole)) for one in of.times for pole in one.poles],
            ),
            "poles": table(
                ("period", "poles", "word", "distance"),
                [(one.start, one.number, one.word, one.distance) for one in of.times],
            ),
        },
    )  # fmt: skip


def _time(view: View, of: World) -> Time:
    at = view.query.text("at")
    if at is None:
        return of.times[-1]
    found = next((time for time in of.times if time.start == at), None)
    if found is None:
        raise HTTPException(BAD_REQUEST, f"at: there is no period that begins on {at!r}")
    return found


def _state(view: View, of: World) -> str:
    state = view.query.text("state")
    if state is None:
        return of.states[0]
    if state not in of.states:
        raise HTTPException(BAD_REQUEST, f"state: no asserted event ties {state!r} to another state")
    return state


def _alike(of: World, state: str) -> list[dict[str, float | None]]:
    """How alike the others and the chosen state act, for each period, for the map."""
    return [{other: tie.alike for other, tie in likeness(time, state).items()} for time in of.times]
