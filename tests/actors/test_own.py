"""Actors of your own: our CSV, older dictionaries, and an atlas with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from training.data import DATA

from communique import Coder
from communique.actors import ActorRow, Atlas, load_atlas, read_actors, senses
from communique.actors.own import BadLine, read_csv, write_csv
from communique.actors.petrarch import read_dictionary, spellings
from communique.errors import ConfigError

DICTIONARIES = DATA / "petrarch_dictionaries"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",state,FRE", "no name"),
        ("X,planet,FRE", "kind 'planet'"),
        ("X,state,Fredonia", "country 'Fredonia'"),
        ("X,state", "cells"),
        ("X,state,FRE,1", "cells"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_is_taken(line: str, reason: str) -> None:
    bad, good = read_csv(f"name,kind,country\n{line}\nFreedonia,state,FRE\n")
    assert isinstance(bad, BadLine)
    assert bad.line == 2
    assert reason in bad.reason
    assert isinstance(good, ActorRow)
    assert good.id == "FRE"


def test_dates_of_a_row_are_checked() -> None:
    lines = ["name,since,until", "A,1933,1940-05", "B,33,", "C,1940,1933", "D,2012-13-01,"]
    first, *rest = read_csv("\n".join(lines))
    assert isinstance(first, ActorRow)
    assert (first.since, first.until) == ("1933-01-01", "1940-05-01")
    assert [one.line for one in rest if isinstance(one, BadLine)] == [3, 4, 5]


def test_an_unknown_column_is_named() -> None:
    (bad,) = read_csv("name,colour\nA,red\n")
    assert isinstance(bad, BadLine)
    assert "'colour'" in bad.reason
    assert "sectors" in bad.reason


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("FREEDONIA_  [FRE]\n+FREEDONIAN_", [("Freedonia", "FRE", ("GOV",))]),  # a country of its own
        ("FREEDONIA_ [FRE]\nA_GUARD_ [FREMIL]", [("Freedonia", "FRE", ("GOV",)), ("A Guard", "FRE", ("MIL",))]),
        ("A_GUARD_ [FREMIL]", [("A Guard", None, ("MIL",))]),  # no such country
        ("FRANCE_ [FRA]\n+FRENCH_ ", [("France", "FRA", ("GOV",))]),
        ("A_GUARD_ ; comment\n\t[FRAMIL] # comment", [("A Guard", "FRA", ("MIL",))]),
        ("OLD_BODY_\n\t[FRAGOV <19991231]", [("Old Body", "FRA", ("GOV",))]),
        ("SOME_FRONT_ [KSVSEP]", [("Some Front", "XKX", ("REB",))]),
        ("ONE_\n+TWO+_THREE_\n\t[MNCUSAHLH]", [("ONE", "USA", ("MNC", "MED"))]),
        ("FIRST_\nSECOND_\n\t[NGOHRI]", [("First", None, ("NGO", "SOC"))]),
        ("<!-- NOT_\n[FRA] -->\nYES_ [DEUBUS]", [("YES", "DEU", ("BUS",))]),
        ("RIOTER [~CVL]", [("rioter", None, ("CVL",))]),
        ("!M! = MAN, WOMAN\nPOLICE!M!_ {} [~COP]", [("policeman", None, ("COP",)), ("policewoman", None, ("COP",))]),
    ],
)
def test_a_dictionary_is_read(text: str, rows: list[tuple[str, str | None, tuple[str, ...]]]) -> None:
    read = list(read_dictionary(text))
    assert [(row.name, row.country, row.sectors) for row in read if isinstance(row, ActorRow)] == rows
    assert not [one for one in read if isinstance(one, BadLine)]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("A_B_\n\t[FRAGOV 2004017-20061201]", 2, "2004017"),
        ("A_B_\n\t[FRAGOV 20061201-20040101]", 2, "ends before"),
        ("A_B_\n\t[FRAGOV", 2, "not closed"),
        ("A_B_\n\tFRAGOV]", 2, "opening bracket"),
        ("\nA_B_\n\nC_D_ [FRA]", 2, "no code"),
        ("+A_B_\nC_D_ [FRA]", 1, "without a phrase"),
        ("\t[FRA]\nC_D_ [FRA]", 1, "without a phrase"),
        ("A\ufffdB_ [FRA]\nC_D_ [FRA]", 1, "lost"),
        ("!X!_MAN [~GOV]\nC_D_ [FRA]", 1, "!X!"),
        ("CLERK [~GOV}\nC_D_ [FRA]", 1, "one code"),
    ],
)
def test_a_bad_line_of_a_dictionary_is_named(text: str, line: int, reason: str) -> None:
    bad = [one for one in read_dictionary(text) if isinstance(one, BadLine)]
    assert [one.line for one in bad] == [line]
    assert reason in bad[0].reason


def test_dates_of_a_dictionary_are_both_included() -> None:
    text = "A_B_\n\t[FRAGOV 730922-20010120]\n\t[FRAELI >010121]\n\t[FRAOPP <19730921]"
    rows = [row for row in read_dictionary(text) if isinstance(row, ActorRow)]
    assert [(row.since, row.until) for row in rows] == [
        ("1973-09-22", "2001-01-21"),
        ("2001-01-21", ""),
        ("", "1973-09-22"),
    ]


@pytest.mark.parametrize(
    ("phrase", "printed"),
    [
        ("AL-QAEDA IN IRAQ", "al-Qaeda in Iraq"),
        ("U.N. SECRETARY GENERAL", "U.N. Secretary General"),
        ("PEOPLE'S LIBERATION ARMY", "People's Liberation Army"),
        ("ADEN ISLAMIC ARMY (AIAA)", "AIAA"),
        ("JOHN MCDONALD", "John McDonald"),
        ("THE HAGUE COURT", "Hague Court"),
    ],
)
def test_phrases_in_capitals_are_printed_as_news_prints_them(phrase: str, printed: str) -> None:
    assert printed in spellings(phrase)


def test_short_words_stay_acronyms() -> None:
    assert spellings("US") == ("US",)


@pytest.mark.skipif(not DICTIONARIES.is_dir(), reason="no PETRARCH dictionaries at COMMUNIQUE_DATA")
def test_the_petrarch_dictionaries_are_read_whole() -> None:
    paths = sorted(DICTIONARIES.glob("Phoenix.*.txt"))
    files = [read_actors(path) for path in paths]
    assert len(files) == 4
    for path, file in zip(paths, files, strict=True):
        text = path.read_text(encoding="utf-8")
        codes = sum(line.split("#")[0].split(";")[0].count("[") for line in text.splitlines() if line[:1] != "#")
        assert len(file.problems) < 20
        assert len(file.rows) >= codes - 2 * len(file.problems) - 40 or "agents" in path.name
    atlas, _ = load_atlas(paths, builtin=False)
    known = {date: senses(atlas, "Hamid Karzai", date)[0].entity.sectors for date in ("2003-04-04", "2015-04-04")}
    assert "GOV" in known["2003-04-04"]
    assert senses(atlas, "Kofi Annan", "2003-04-04")[0].entity.sectors == ("IGO", "UNO")


def test_your_own_form_stands_before_the_atlas(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("name,kind,country,sectors,forms\nBank of Paris,,FRA,BUS,Paris;Kremlin\n", encoding="utf-8")
    atlas, problems = load_atlas([path])
    assert not problems
    assert [sense.entity.name for sense in senses(atlas, "Kremlin")] == ["Bank of Paris"]
    assert [sense.entity.name for sense in senses(atlas, "Moscow")] == ["Russia"]
    assert [sense.entity.name for sense in senses(Atlas.load(), "Kremlin")] == ["Russia"]


def test_a_form_that_is_not_to_be_coded_names_nobody() -> None:
    rows = [row for row in read_dictionary("FRANCE_ [---]") if isinstance(row, ActorRow)]
    atlas = Atlas.load().with_actors(rows)
    assert [atlas.entity_at(reading.entity_id, None) for reading in atlas.forms["France"]] == [None]


def test_a_role_of_your_own_keeps_what_it_is_called_by() -> None:
    known = Atlas.load().roles["police"]
    changed = Atlas.load().with_actors([ActorRow("own:x", "police", "role", None, ("MIL",))]).roles["police"]
    assert (changed.sectors, changed.kind, changed.group) == (("MIL",), known.kind, known.group)


def test_a_file_that_can_not_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=re.escape("No such file")):
        read_actors(tmp_path / "none.csv")
    (tmp_path / "empty").write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="no actors"):
        read_actors(tmp_path / "empty")
    (tmp_path / "bytes").write_bytes(b"A_B_ [FRA] \xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_actors(tmp_path / "bytes")


@given(st.text())
def test_no_text_stops_the_readers(text: str) -> None:
    list(read_dictionary(text))
    list(read_csv(text.replace("\x00", "")))


NAME = st.text(st.characters(categories=["L"]), min_size=1)


@given(st.lists(st.builds(ActorRow, id=NAME, name=NAME, sectors=st.just(("GOV", "MIL")), forms=st.tuples(NAME))))
def test_what_is_written_is_read_back(rows: list[ActorRow]) -> None:
    assert list(read_csv(write_csv(rows))) == rows


def test_actors_of_a_world_of_ones_own_are_political(tmp_path: Path) -> None:
    path = tmp_path / "world.txt"
    path.write_text("ARVONIA_ [ARV]\n+ARVONIAN_\nGONDRIA_ [GNR]\n+GONDRIAN_\nA_HOUSE_ [NGO]\n", encoding="utf-8")
    coder = Coder.with_actors([str(path)])
    (event,) = coder.code("Arvonia rejected a Gondrian proposal for talks.").events
    assert (event.event, event.actors, event.recipients) == ("REJECT", ("ARV",), ("GNR",))
    (event,) = coder.code("Arvonian troops fired on Gondrian soldiers.").events
    assert (event.actors, event.recipients) == (("nom:ARV:military",), ("nom:GNR:military",))
