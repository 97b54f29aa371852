"""What a written name may stand for at a date, and why: the question behind ``communique actors find``."""

from __future__ import annotations

import difflib
from collections.abc import Callable

import msgspec

from communique.actors.atlas import Atlas, Lifetime, Reading
from communique.model import Choice, Entity

#: How many forms are offered for one that the atlas lacks, and how like they must be; by judgement.
OFFERED, LIKENESS = 3, 0.75
USES = {
    "name": "a name",
    "capital": "a capital that stands for its government",
    "seat": "a seat that stands for its government",
    "adjective": "the adjective of a state",
    "people": "the people of a state",
    "surname": "a bare family name",
}


class Sense(msgspec.Struct, frozen=True):
    """One entity that a form may stand for; ``why`` says how, for a person."""

    entity: Entity
    why: str


def senses(atlas: Atlas, form: str, date: str | None = None) -> tuple[Sense, ...]:
    """Return what ``form`` may stand for on ``date`` (ISO 8601; None: the latest known), who holds an office first.

    >>> [sense.entity.name for sense in senses(Atlas.load(), "Kremlin")]
    ['Russia']
    >>> senses(Atlas.load(), "Putin", "2010-01-01")[0].why
    'a bare family name; prime-minister of Russia since 2008-05-08'
    """
    found = sorted(atlas.forms.get(form, ()), key=lambda reading: atlas.office_of(reading.entity_id, date) is None)
    return tuple(_sense(atlas, reading, date) for reading in found)


def like(atlas: Atlas, form: str) -> tuple[str, ...]:
    """Return the forms of the atlas that are written most like ``form``."""
    return tuple(difflib.get_close_matches(form, atlas.forms, OFFERED, LIKENESS))


def selects(atlas: Atlas, name: str) -> Callable[[Entity], bool]:
    """Return what says whether an entity is meant by a name that a person asks for.

    A state's name, code, adjective or capital means all of that state: its government, persons and bodies. Any other
    name means the entities that the atlas writes so, and those of an article that are called so; case does not count.

    >>> selects(Atlas.load(), "Kremlin")(Atlas.load().entities["per:vladimir-putin"])
    True
    """
    return choose(atlas, name).takes


def choose(atlas: Atlas, name: str) -> Choice:
    """Return who is meant by a name, as :func:`selects` says.

    >>> choose(Atlas.load(), "Kremlin").states
    frozenset({'RUS'})
    """
    ids = {reading.entity_id for reading in atlas.forms.get(name, ())} | {name}
    states = {code for code in ids if code in atlas.entities and atlas.entities[code].kind == "state"}
    return Choice(name, frozenset(ids), frozenset(states))


def _sense(atlas: Atlas, reading: Reading, date: str | None) -> Sense:
    entity = atlas.entity_at(reading.entity_id, date) or atlas.entities[reading.entity_id]
    reasons = [USES[reading.use]]
    if entity.kind == "person":
        reasons.append(_office(atlas, entity.id, date))
    if entity.id in atlas.lifetimes:
        reasons.append(_lifetime(atlas.lifetimes[entity.id]))
    if entity.id in atlas.own:
        reasons.append(_own(atlas, entity.id, date))
    if reading.wary:
        reasons.append("counts only where the article gives other reason to think of it")
    return Sense(entity, "; ".join(filter(None, reasons)))


def _lifetime(lifetime: Lifetime) -> str:
    began = f"began {lifetime.since}" if lifetime.since else ""
    return ", ".join(filter(None, (began, f"ended {lifetime.until}" if lifetime.until else "")))


def _own(atlas: Atlas, entity_id: str, date: str | None) -> str:
    """Which of your own rows speaks of that date."""
    row = next((row for row in atlas.own[entity_id] if row.holds(date)), None)
    if row is None or atlas.entity_at(entity_id, date) is None:
        return "nobody on that date by your own rows"
    since, until = (f"from {row.since}" if row.since else ""), (f"until {row.until}" if row.until else "")
    return " ".join(filter(None, ("your own row", row.code, since, until)))


def _office(atlas: Atlas, person: str, date: str | None) -> str:
    held = atlas.office_of(person, date)
    if held is not None:
        return f"{held.office} of {atlas.entities[held.of].name} since {held.start}"
    career = atlas.careers.get(person, ())
    past = [term for term in career if term.end and (date is None or term.end <= date)]
    if past:
        last = max(past, key=lambda term: term.end)
        return f"{last.office} of {atlas.entities[last.of].name} until {last.end}"
    return "not in office yet" if career else ""
