"""``communique order``: tables on stdout, the rest on stderr, pictures in files."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest
from tests.order.worlds import Rows, world

from communique import cli

WEST, EAST = ["USA", "GBR", "FRA", "DEU", "CAN"], ["RUS", "BLR", "KAZ", "SRB", "SYR"]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    rows: Rows = []
    for year in range(2010, 2016):
        planted = [WEST, [*EAST, "UKR"]] if year < 2014 else [[*WEST, "UKR"], EAST]
        rows += world(planted, year=year, events=600, noise=0.1, seed=year)
    lines = "".join(",".join(map(str, row)) + "\n" for row in rows)
    Path("events.csv").write_text("date,actor,recipient,score\n" + lines, encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["communique", "order", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfdbinary.readouterr()
        return (ended.value.code if isinstance(ended.value.code, int) else 0), out.decode(), err.decode()

    return run


COMMANDS = [("dyad", "Russia", "Kyiv", "--by", "year"), ("tension", "--top", "5"), ("map",), ("blocs",), ("poles",)]


@pytest.mark.parametrize("command", COMMANDS)
def test_tables(call, command: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call(*command, "--events", "events.csv")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) > 3
    assert "nan" not in out


@pytest.mark.parametrize("command", COMMANDS)
def test_json_csv_and_pictures(call, command: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call(*command, "--events", "events.csv", "--json", "--plot", "a.svg")
    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert Path("a.svg").read_text("utf-8").startswith("<svg")
    _, out, _ = call(*command, "--events", "events.csv", "--csv")
    assert [list(row) for row in csv.DictReader(io.StringIO(out))] == [list(row) for row in rows]


def test_alignment_is_told_by_organs_of_states(call) -> None:  # type: ignore[no-untyped-def]
    """Citizens quarrel, governments are friends: the map looks at governments, tension at all of them."""
    lines = ["Government (France)\tConsult\tGovernment (Spain)\t2014-03-01"] * 30
    lines += ["Citizen (France)\tFight with small arms and light weapons\tCitizen (Spain)\t2014-03-01"] * 30
    lines += ["Government (France)\tCriticize or denounce\tGovernment (Italy)\t2014-03-01"] * 30
    Path("roles.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def first(*arguments: str) -> dict[str, object]:
        _, out, _ = call(*arguments, "--events", "roles.txt", "--json")
        return json.loads(out.splitlines()[0])  # type: ignore[no-any-return]

    assert first("map")["direct"] > 0 > first("map", "--everybody")["direct"]  # type: ignore[operator]
    assert (first("tension")["a"], first("tension")["b"]) == ("ESP", "FRA")
    assert (first("tension", "--official")["a"], first("tension", "--official")["b"]) == ("FRA", "ITA")


def test_what_the_tables_say(call) -> None:  # type: ignore[no-untyped-def]
    assert "Invalid" not in call("tension", "-e", "events.csv")[1]
    poles = call("poles", "-e", "events.csv")[1]
    assert "bipolar" in poles
    assert "2014-01-01 UKR left the pole of RUS for that of USA" in poles
    blocs = call("blocs", "-e", "events.csv")[1]
    assert "bloc 2" in blocs
    dyad = call("dyad", "RUS", "UKR", "-e", "events.csv")[1]
    assert "change 2014-0" in dyad
    assert "RUS and UKR" in dyad


def test_since_and_until(call) -> None:  # type: ignore[no-untyped-def]
    rows = call("poles", "-e", "events.csv", "--since", "2012-01-01", "--until", "2014-01-01", "--json")[1].splitlines()
    assert [json.loads(row)["period"][:4] for row in rows] == ["2012", "2013"]


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("dyad", "Russia", "Atlantis", "-e", "events.csv"), 2, "Atlantis: no state is known by that name"),
        (("dyad", "Russia", "Chad", "-e", "events.csv"), 1, "TCD: no event between two states names it"),
        (("poles", "-e", "none.csv"), 1, "none.csv: no such file or folder"),
        (("poles", "-e", "events.csv", "--by", "decade"), 2, "--by"),
        (("poles", "-e", "events.csv", "--since", "soon"), 2, "--since"),
        (("poles", "-e", "events.csv", "--since", "2030-01-01"), 1, "there is no event between two states"),
        (("poles", "-e", "events.csv", "--json", "--csv"), 2, "one of --json and --csv"),
        (("poles", "-e", "events.csv", "--plot", "a.gif"), 2, "a picture is written as"),
        (("poles",), 2, "--events"),
    ],
)
def test_bad_calls(call, arguments: tuple[str, ...], code: int, why: str) -> None:  # type: ignore[no-untyped-def]
    got, out, err = call(*arguments)
    assert (got, out) == (code, "")
    assert why in err
    assert "Traceback" not in err


def test_unknown_actors_are_told(call) -> None:  # type: ignore[no-untyped-def]
    Path("odd.csv").write_text("date,actor,recipient,score\n2014-01-01,RUS,UKR,-3\n2014-01-02,Nobody Whatever,UKR,1\n")
    _, _, err = call("tension", "-e", "odd.csv")
    assert err == "communique: odd.csv: 1 of 4 actors are no states that are known (Nobody Whatever)\n"


def test_stance(call) -> None:  # type: ignore[no-untyped-def]
    Path("said.csv").write_text("date,speaker,about,score\n2022-03-01,BLR,RUS,5\n2022-03-02,POL,RUS,-6\n")
    code, out, err = call("stance", "--statements", "said.csv")
    assert (code, err) == (0, "")
    assert ["denounces" in line for line in out.splitlines()] == [True, True, False]
