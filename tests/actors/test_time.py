"""Who is who at a date: names that pass from holder to holder, sectors that end with an office, states that end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from communique.actors import Atlas, find_cast
from communique.model import Parsed

Build = Callable[..., Parsed]

PRESIDENT_BUSH = """
President president NNP 2 nmod:desc
Bush Bush NNP 3 nsubj
spoke speak VBD 0 root
. . . 3 punct
"""
IN_HIS_SPEECH = """
In in IN 3 case
his his PRP$ 3 nmod:poss
speech speech NN 7 obl
, , , 7 punct
Narendra Narendra NNP 7 nsubj
Modi Modi NNP 5 flat
praised praise VBD 0 root
farmers farmer NNS 7 obj
. . . 7 punct
"""
HAMAS_AND_FATAH = """
Hamas Hamas NNP 4 nsubj
and and CC 3 cc
Fatah Fatah NNP 1 conj
met meet VBD 0 root
in in IN 6 case
Damascus Damascus NNP 4 obl
. . . 4 punct

The the DT 2 det
latter latter JJ 3 nsubj
walked walk VBD 0 root
out out RP 3 compound:prt
. . . 3 punct
"""
THE_COMPANY = """
Gazprom Gazprom NNP 2 nsubj
stopped stop VBD 0 root
exports export NNS 2 obj
. . . 2 punct

The the DT 2 det
company company NN 3 nsubj
denied deny VBD 0 root
it it PRP 3 obj
. . . 3 punct
"""
THE_GENERAL = """
Pervez Pervez NNP 3 nsubj
Musharraf Musharraf NNP 1 flat
spoke speak VBD 0 root
. . . 3 punct

The the DT 2 det
general general NN 3 nsubj
smiled smile VBD 0 root
. . . 3 punct
"""
HIMALAYAN_COUNTRY = """
Quakes quake NNS 2 nsubj
hit hit VBD 0 root
Nepal Nepal NNP 2 obj
. . . 2 punct

India India NNP 2 nsubj
helped help VBD 0 root
the the DT 5 det
Himalayan himalayan JJ 5 amod
country country NN 2 obj
. . . 2 punct
"""
LIBYAN_LEADER = """
Muammar Muammar NNP 3 nsubj
Gaddafi Gaddafi NNP 1 flat
yielded yield VBD 0 root
. . . 3 punct

Blair Blair NNP 2 nsubj
praised praise VBD 0 root
the the DT 5 det
Libyan libyan JJ 5 amod
leader leader NN 2 obj
. . . 2 punct
"""
SOUTHERN_TURKEY = """
Floods flood NNS 2 nsubj
hit hit VBD 0 root
southern southern JJ 4 amod
Turkey Turkey NNP 2 obj
. . . 2 punct
"""
PARIS_HOTEL = """
She she PRP 2 nsubj
left leave VBD 0 root
a a DT 5 det
Paris Paris NNP 5 compound
hotel hotel NN 2 obj
. . . 2 punct
"""


def who(built: Parsed, form: str) -> list[str]:
    cast = find_cast(built, Atlas.load())
    return [
        cast.entity(m.entity_id).name for m in cast.mentions if m.entity_id and m.head.of(built.article.text) == form
    ]


@pytest.mark.parametrize(
    ("rows", "date", "form", "expected"),
    [
        pytest.param(PRESIDENT_BUSH, "1991-01-17", "Bush", ["George H.W. Bush"], id="the elder Bush"),
        pytest.param(PRESIDENT_BUSH, "2003-05-02", "Bush", ["George W. Bush"], id="the younger Bush"),
        pytest.param(PRESIDENT_BUSH, "1996-05-02", "Bush", [], id="no Bush in office"),
        pytest.param(IN_HIS_SPEECH, "2014-08-15", "his", ["Narendra Modi"], id="a pronoun ahead of its name"),
        pytest.param(HAMAS_AND_FATAH, "2010-11-26", "latter", ["Fatah"], id="the latter is no place"),
        pytest.param(THE_COMPANY, "2006-01-02", "company", ["Gazprom"], id="the company named before"),
        pytest.param(THE_GENERAL, "1999-10-14", "general", ["Pervez Musharraf"], id="the general"),
        pytest.param(HIMALAYAN_COUNTRY, "2015-04-25", "country", ["Nepal"], id="a country called otherwise"),
        pytest.param(LIBYAN_LEADER, "2003-12-19", "leader", ["Muammar Gaddafi"], id="the leader named before"),
    ],
)
def test_who_is_meant(parsed: Build, rows: str, date: str, form: str, expected: list[str]) -> None:
    assert who(parsed(rows, published=date), form) == expected


@pytest.mark.parametrize(("rows", "form"), [(SOUTHERN_TURKEY, "Turkey"), (PARIS_HOTEL, "Paris")])
def test_land_and_venues_are_places(parsed: Build, rows: str, form: str) -> None:
    built = parsed(rows)
    cast = find_cast(built, Atlas.load())
    assert [m.id in cast.places for m in cast.mentions if m.span.of(built.article.text) == form] == [True]


@pytest.mark.parametrize(
    ("person", "date", "sectors"),
    [
        ("per:barack-obama", "2012-06-01", ("GOV",)),
        ("per:barack-obama", "2023-06-01", ("ELI",)),
        ("per:jens-stoltenberg", "2019-06-14", ("IGO", "MIL")),
        ("per:jens-stoltenberg", "2010-06-14", ("GOV",)),
        ("per:sergei-shoigu", "2020-06-14", ("GOV", "MIL")),
    ],
)
def test_sectors_follow_the_office(person: str, date: str, sectors: tuple[str, ...]) -> None:
    assert Atlas.load().sectors_of(person, date) == sectors


@pytest.mark.parametrize(
    ("form", "code"),
    [("Soviet", "SUN"), ("USSR", "SUN"), ("Zaire", "COD"), ("East German", "DDR"), ("Swaziland", "SWZ")],
)
def test_states_that_ended_and_former_names(form: str, code: str) -> None:
    assert {reading.entity_id for reading in Atlas.load().forms[form]} == {code}
