"""Event tables in the formats of others: rows in, states, types and scores out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from communique.actors import Atlas
from communique.errors import CommuniqueError, DataError, SourceError
from communique.order import Resolver, read_events
from communique.order.reading import cameo_meaning

TAB = "\t"
ICEWS_HEADER = (
    "Event ID|Event Date|Source Name|Source Sectors|Source Country|Event Text|CAMEO Code|Intensity|Target Name|"
    "Target Sectors|Target Country|Story ID|Sentence Number|Publisher|City|District|Province|Country|Latitude|Longitude"
)
ICEWS = "1|2014-03-01|Vladimir Putin||Russian Federation|Threaten|130|-4.4|Ukraine||Ukraine|1|1|P||||||".replace(
    "|", TAB
)
POLECAT_HEADER = (
    "Event ID|Event Date|Event Type|Event Mode|Intensity|Quad Code|Contexts|Actor Name|Actor Country|Actor COW|"
    "Primary Actor Sector|Actor Sectors|Actor Title|Actor Name Raw|Wikipedia Actor ID|Recipient Name|Recipient Country|"
    "Recipient COW|Primary Recipient Sector|Recipient Sectors|Recipient Title|Recipient Name Raw|"
    "Wikipedia Recipient ID|"
    "Placename|City|District|Province|Country|Latitude|Longitude|GeoNames ID|Raw Placename|Feature Type|Source|"
    "Publication Date|Story People|Story Organizations|Story Locations|Language|Version"
)
POLECAT = "|".join(
    ["a", "2022-03-01", "ASSAULT", "drone", "-9.5", "4", "", "Russia", "RUS", *[""] * 7, "UKR", *[""] * 23]
)
PHOENIX = "|".join(["1", "20140301", "2014", "3", "1", "RUSGOV", "RUS", "GOV", "", "UKRMIL", "UKR", "MIL", "", "190",
                    "19", "4", "-10", *[""] * 9])  # fmt: skip
GDELT = "|".join(["1", "20140301", "201403", "2014", "2014.2", "RUSGOV", "RUSSIA", "RUS", *[""] * 7, "UKR", "UKRAINE",
                  "UKR", *[""] * 7, "1", "0231", "023", "02", "1", "3.4", *[""] * 30])  # fmt: skip


def as_tabs(*lines: str) -> str:
    return "".join(line.replace("|", TAB) + "\n" for line in lines)


REPORT = {
    "article": {"published": "2014-03-01"},
    "entities": [
        {"id": "p", "name": "Putin", "country": "RUS"},
        {"id": "UKR", "name": "Ukraine", "country": "UKR"},
    ],
    "events": [
        {"event": "THREATEN", "score": -3.5, "quad": "verbal conflict", "actors": ["p"], "recipients": ["UKR"]},
        {"event": "ASSAULT", "score": -9, "quad": "material conflict", "actors": ["p"], "recipients": ["UKR"],
         "status": "negated"},
    ],
}  # fmt: skip
DAY = "2014-03-01"
RECORD = {"date": DAY, "actor": [{"code": "RUS"}], "recipient": [{"code": "", "identifier_text": "Ukraine"}],
          "event": ["ASSAULT"], "mode": ["aerial"], "event_scale": -9.5, "quad_code": "4"}  # fmt: skip
FILES = [
    ("ICEWS", as_tabs(ICEWS_HEADER, ICEWS), (DAY, "RUS", "UKR", "THREATEN", -4.4, "verbal conflict")),
    ("POLECAT", as_tabs(POLECAT_HEADER, POLECAT), ("2022-03-01", "RUS", "UKR", "ASSAULT", -9.5, "material conflict")),
    ("Phoenix", as_tabs(PHOENIX), (DAY, "RUS", "UKR", "ASSAULT", -10.0, "material conflict")),
    ("GDELT", as_tabs(GDELT), (DAY, "RUS", "UKR", None, 3.4, "neutral")),
    ("ICEWS quadruples", as_tabs("Police (Nigeria)|Make a visit|Angela Merkel|2014-03-01"),
     (DAY, "NGA", "DEU", "CONSULT", 1.9, "verbal cooperation")),
    ("events", "date,actor,recipient,event,mode\n2014-03-01,Kremlin,Ukrainian,CONSULT,visit\n",
     (DAY, "RUS", "UKR", "CONSULT", 4.0, "verbal cooperation")),
    ("events", "actor,recipient,date,cameo\nRUS,UKR,20140301,057\n",
     (DAY, "RUS", "UKR", "SUPPORT", 8.0, "verbal cooperation")),
    ("events", "date\tactor\trecipient\tscore\n2014-03-01\tRUS\tUKR\t-3\n",
     (DAY, "RUS", "UKR", None, -3.0, "verbal conflict")),
    ("PLOVER", json.dumps(RECORD) + "\n", (DAY, "RUS", "UKR", "ASSAULT", -9.5, "material conflict")),
    ("reports", json.dumps(REPORT) + "\n", (DAY, "RUS", "UKR", "THREATEN", -3.5, "verbal conflict")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "expected"), FILES)
def test_formats(kind: str, text: str, expected: tuple[object, ...], tmp_path: Path) -> None:
    file = tmp_path / "events.txt"
    file.write_text(text, encoding="utf-8")
    reading = read_events(file)
    assert (reading.format, reading.problems) == (kind, ())
    row = reading.table.to_pylist()[0]
    assert (str(row["date"]), *(row[name] for name in ("actor", "recipient", "event", "score", "quad"))) == expected
    assert reading.table.num_rows == 1


def test_parquet_and_gzip(tmp_path: Path) -> None:
    columns = {"date": ["2014-03-01"], "actor": ["RUS"], "recipient": ["UKR"], "event": ["THREATEN"]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    with gzip.open(tmp_path / "a.csv.gz", "wt") as stream:
        stream.write("date,actor,recipient,event\n2014-03-01,RUS,UKR,THREATEN\n")
    tables = [read_events(tmp_path / name).table.to_pydict() for name in ("a.parquet", "a.csv.gz")]
    assert tables[0] == tables[1]


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Police (Nigeria)", "NGA"), ("Citizen (United Kingdom)", "GBR"), ("South Korea", "KOR"), ("Tony Blair", "GBR"),
        ("Dmitry Anatolyevich Medvedev", "RUS"), ("Oluṣẹgun Ọbasanjọ", "NGA"), ("Okada Katsuya", "JPN"), ("KSV", "XKX"),
        ("Military (Palestinian Territory, Occupied)", "PSE"), ("Middle East", None), ("UN Security Council", None),
        ("Citizen (International)", None), ("Nobody Whatever", None),
    ],
)  # fmt: skip
def test_actors_to_states(name: str, state: str | None) -> None:
    assert Resolver(Atlas.load()).state(name) == state


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text(
        "date,actor,recipient,event\n2014-03-01,RUS,UKR,THREATEN\nsoon,RUS,UKR,THREATEN\n"
        "2014-03-01,Nobody Whatever,UKR,AID\n"
        "2014-03-01,RUS,RUS,AID\n2014-03-01,RUS,UKR,WINK\n2014-03-01,RUS\n",
        encoding="utf-8",
    )
    reading = read_events(file)
    assert reading.table.num_rows == 1
    assert (reading.rows, reading.actors, reading.resolved) == (5, 10, 9)
    assert reading.unknown == (("Nobody Whatever", 1),)
    assert [problem.removeprefix(f"{file}: ") for problem in reading.problems] == [
        "1 lines with a wrong number of columns were left out",
        "1 rows without a date such as 2014-03-01 were left out",
        "no event is known by 'WINK' (1 rows left out)",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "there are no events in it"),
        ("date,actor,event\n2014-03-01,RUS,AID\n", "the column 'recipient' is missing"),
        ("date,actor,recipient\n2014-03-01,RUS,UKR\n", "a column event, cameo or score is missing"),
        ("Dear Sir,\n", "not an event table that is known"),
    ],
)
def test_bad_files(text: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommuniqueError, match=why):
        read_events(file)


def test_missing_file() -> None:
    with pytest.raises(CommuniqueError, match="no such file"):
        read_events("nowhere.csv")


def test_bad_parquet(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(DataError, match="not a Parquet file"):
        read_events(tmp_path / "bad.parquet")


@pytest.mark.parametrize(
    ("code", "event", "quad"),
    [("010", None, "neutral"), ("10", "REQUEST", "verbal conflict"), ("0872", "RETREAT", "material cooperation"),
     ("190", "ASSAULT", "material conflict"), ("083", "CONCEDE", "material cooperation"),
     ("141", "PROTEST", "material conflict")],
)  # fmt: skip
def test_cameo(code: str, event: str | None, quad: str) -> None:
    meaning = cameo_meaning(code)
    assert meaning is not None
    assert (meaning.event, meaning.quad) == (event, quad)


def test_what_cameo_lacks_has_no_meaning() -> None:
    assert [cameo_meaning(code) for code in ("", "99", "---", "x")] == [None] * 4


def test_official_leaves_citizens_out(tmp_path: Path) -> None:
    file = tmp_path / "events.txt"
    lines = ("Police (Nigeria)|Consult|France|2014-03-01", "Citizen (Nigeria)|Consult|France|2014-03-01",
             "Envoy (United States)|Consult|Rebel Group (Mali)|2014-03-01")  # fmt: skip
    file.write_text(as_tabs(*lines), encoding="utf-8")
    assert read_events(file).table.num_rows == 3
    assert read_events(file, official=True).table["actor"].to_pylist() == ["NGA"]


def test_parties_of_a_meeting_meet_each_other(tmp_path: Path) -> None:
    event = {"event": "CONSULT", "score": 2.5, "quad": "verbal cooperation", "actors": ["UKR", "p"], "recipients": []}
    file = tmp_path / "reports.jsonl"
    file.write_text(json.dumps({**REPORT, "events": [event]}) + "\nnot JSON\n", encoding="utf-8")
    reading = read_events(file)
    assert {(row["actor"], row["recipient"]) for row in reading.table.to_pylist()} == {("UKR", "RUS"), ("RUS", "UKR")}
    assert len(reading.problems) == 1
    assert "line 2: not a report" in reading.problems[0]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        (
            "a.csv",
            b"date,actor,recipient,event,score,score\n2014-03-01,USA,RUS,AID,1,1\n",
            "the column 'score' is there 2",
        ),
        (
            "a.tsv",
            b"Event Date\tSource Country\tSource Name\tTarget Country\tTarget Name\tCAMEO Code\n",
            "the column 'Ev",
        ),
        ("a.csv.gz", gzip.compress(b"date,actor,recipient,event\n" * 999)[:-40], "a.csv.gz: "),
        ("a.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 20_000)[:-40], "a.jsonl.gz: cut short or broken"),
    ],
)
def test_columns_and_files_that_are_broken_are_named(tmp_path: Path, name: str, content: bytes, line: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises((DataError, SourceError)) as told:
        read_events(path)
    assert line in str(told.value)
