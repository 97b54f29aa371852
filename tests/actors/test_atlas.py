"""The tables of the atlas, checked mechanically."""

from __future__ import annotations

import re
from itertools import pairwise

from communique.actors import Atlas

ATLAS = Atlas.load()
UN_MEMBERS_AND_OTHERS = 193
SECTORS = frozenset(
    [
        "GOV",
        "MIL",
        "JUD",
        "LEG",
        "COP",
        "SPY",
        "PTY",
        "OPP",
        "REB",
        "UAF",
        "PRM",
        "AGR",
        "BUS",
        "CRM",
        "CVL",
        "EDU",
        "ELI",
        "JRN",
        "LAB",
        "MED",
        "REF",
        "REL",
        "SOC",
        "PRE",
        "UNK",
        "IGO",
        "UNO",
        "EUR",
        "NGO",
        "ISM",
        "IMG",
        "MNC",
    ]
)
#: One form, several entities: declared, because the article decides.
AMBIGUOUS_NAMES: frozenset[str] = frozenset()


def states() -> list[str]:
    return [entity.id for entity in ATLAS.entities.values() if entity.kind == "state"]


def test_states() -> None:
    assert len(states()) >= UN_MEMBERS_AND_OTHERS
    assert all(re.fullmatch("[A-Z]{3}", code) for code in states())
    assert {"PSE", "VAT", "TWN", "XKX", "HKG"} <= set(states())


def test_countries_and_sectors() -> None:
    for entity in ATLAS.entities.values():
        assert entity.country is None or entity.country in ATLAS.entities, entity
        assert set(entity.sectors) <= SECTORS, entity
        assert entity.sectors or entity.kind == "person", entity
    for role in ATLAS.roles.values():
        assert set(role.sectors) <= SECTORS


def test_dates_are_in_order() -> None:
    for career in ATLAS.careers.values():
        for term in career:
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", term.start), term
            assert not term.end or term.start < term.end, term
            assert term.of in ATLAS.entities, term


def test_an_office_has_one_holder_at_a_time() -> None:
    for terms in ATLAS.terms.values():
        ordered = sorted(terms, key=lambda term: term.start)
        for earlier, later in pairwise(ordered):
            assert earlier.end, earlier
            assert earlier.end <= later.start, (earlier, later)


def test_a_name_names_one() -> None:
    for form, readings in ATLAS.forms.items():
        named = {r.entity_id for r in readings if r.use in ("name", "capital", "seat") and not r.wary}
        assert len(named) <= 1 or form in AMBIGUOUS_NAMES, (form, named)


def test_a_bare_family_name_is_of_one_holder_at_a_time() -> None:
    for form, readings in ATLAS.forms.items():
        people = [r.entity_id for r in readings if r.use == "surname" and not r.wary]
        terms = sorted((t for p in people for t in ATLAS.careers.get(p, ())), key=lambda t: t.start)
        for earlier, later in pairwise(terms):
            same = earlier.person == later.person
            assert same or (earlier.end and earlier.end <= later.start), (form, earlier, later)
