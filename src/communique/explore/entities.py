"""Actors: who is in the record; and one of them: who it is, what it said, did and had done to it, with whom."""

from __future__ import annotations

from typing import Any

import msgspec

from communique.actors import Atlas
from communique.explore.lists import FURTHEST, MOST_ROWS, ROWS, asked_from
from communique.explore.page import Page, View, not_found, table
from communique.explore.wording import state_names
from communique.record.lines import event_lines, statement_lines
from communique.record.profile import Deeds, Known, Partner, known, people, profile
from communique.record.queries import Asked

#: Rows of each list of an entity's page.
EVENTS, STATEMENTS, PARTNERS, PEOPLE = 12, 6, 6, 10
KINDS = ("state", "person", "organisation", "group", "population")
#: Partners with fewer events are not said to be close or tense.
FEWEST_EVENTS = 3


class Office(msgspec.Struct, frozen=True):
    """A time in office; an empty ``until`` still ran when the atlas was made."""

    office: str
    of: str
    since: str
    until: str


def page(view: View) -> Page:
    """Return the list of entities, those in most articles first."""
    rows = view.query.number("limit", ROWS, MOST_ROWS)
    number = view.query.number("page", 1, FURTHEST // rows)
    filters = asked_from(view.query, single=("named", "text"), several=("kind",))
    asked: Asked = {**filters, "limit": rows + 1, "offset": (number - 1) * rows}
    key = ("entities", msgspec.json.encode(asked))

    def found() -> tuple[dict[str, Any], ...]:
        answer = view.record.answer("entities", asked)
        return tuple(dict(zip(answer.columns, row, strict=True)) for row in answer.rows)

    shown = view.remembered(key, found, always=view.query.is_empty)
    return Page(
        "entities.html",
        "Actors",
        {"rows": shown[:rows], "number": number, "more": len(shown) > rows, "kinds": KINDS},
        {"entities": lambda: view.record.answer("entities", {**asked, "limit": rows})},
    )


def one(view: View) -> Page:
    """Return one entity's page."""
    entity_id = view.path["id"]
    values = view.remembered(("entity", entity_id), lambda: _entity(view, entity_id))
    return Page(
        "entity.html",
        values["entity"].name,
        values,
        {
            "events": lambda: view.record.answer("events", {"party": entity_id, "limit": MOST_ROWS}),
            "statements": lambda: view.record.answer("statements", {"speaker": entity_id, "limit": MOST_ROWS}),
            "deeds": table(Deeds.__struct_fields__, map(msgspec.structs.astuple, values["profile"].deeds)),
            "partners": table(Partner.__struct_fields__, map(msgspec.structs.astuple, values["profile"].partners)),
            "offices": table(Office.__struct_fields__, map(msgspec.structs.astuple, values["offices"])),
        },
    )


def _entity(view: View, entity_id: str) -> dict[str, Any]:
    atlas = Atlas.load()
    found = known(view.record, entity_id)
    if found is None:
        entity = atlas.entities.get(entity_id)
        if entity is None:
            raise not_found(f"Nobody in this record has the id {entity_id}.")
        found = Known(entity.id, entity.name, entity.kind, entity.country, entity.sectors, 0, None, None)
    own = profile(view.record, entity_id, found.country)
    told = [one for one in own.partners if one.events >= FEWEST_EVENTS]
    return {
        "entity": found,
        "names": state_names(),
        "profile": own,
        "closest": [one for one in told[:PARTNERS] if one.closeness > 0],
        "tensest": [one for one in reversed(told[-PARTNERS:]) if one.closeness < 0],
        "offices": _offices(atlas, entity_id),
        "holders": _holders(atlas, entity_id, str(found.last or "") or None) if found.kind == "state" else [],
        "people": people(view.record, entity_id, PEOPLE) if found.kind == "state" else (),
        "latest": event_lines(view.record, {"party": entity_id, "limit": EVENTS}),
        "said": statement_lines(view.record, {"speaker": entity_id, "limit": STATEMENTS}),
        "about": statement_lines(view.record, {"about": entity_id, "limit": STATEMENTS}),
    }


def _offices(atlas: Atlas, entity_id: str) -> list[Office]:
    terms = sorted(atlas.careers.get(entity_id, ()), key=lambda term: term.start, reverse=True)
    return [Office(_words(term.office), _name(atlas, term.of), term.start, term.end) for term in terms]


def _holders(atlas: Atlas, state: str, day: str | None) -> list[tuple[str, str, str]]:
    """Who holds which office of a state on a day: office, id, name."""
    found = []
    for office, of in atlas.terms:
        holder = atlas.holder(office, of, day) if of == state else None
        if holder is not None:
            found.append((_words(office), holder, _name(atlas, holder)))
    return found


def _words(office: str) -> str:
    return office.replace("-", " ")


def _name(atlas: Atlas, entity_id: str) -> str:
    return atlas.entities[entity_id].name if entity_id in atlas.entities else entity_id
