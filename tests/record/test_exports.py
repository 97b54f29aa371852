"""Exports, read back with what their users read them with."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import igraph
import msgspec
import networkx
import pandas
import polars
import pytest
from tests.record.conftest import FIRST, Reports, numbered

from communique.errors import RecordError
from communique.model import Entity, Place, Report, Span
from communique.record import FORMATS, Record, export
from communique.record.exports.marked import label_studio
from communique.record.occurrences import Report as Told
from communique.record.occurrences import occurrences

#: The columns that users expect, from the projects' own manuals.
PHOENIX, ICEWS, GDELT, POLECAT = 26, 20, 61, 40
ICEWS_COLUMNS = (
    "Event ID|Event Date|Source Name|Source Sectors|Source Country|Event Text|CAMEO Code|Intensity|Target Name|"
    "Target Sectors|Target Country|Story ID|Sentence Number|Publisher|City|District|Province|Country|Latitude|Longitude"
).split("|")
POLECAT_COLUMNS = (
    "Event ID|Event Date|Event Type|Event Mode|Intensity|Quad Code|Contexts|Actor Name|Actor Country|Actor COW|"
    "Primary Actor Sector|Actor Sectors|Actor Title|Actor Name Raw|Wikipedia Actor ID|Recipient Name|Recipient Country|"
    "Recipient COW|Primary Recipient Sector|Recipient Sectors|Recipient Title|Recipient Name Raw|"
    "Wikipedia Recipient ID|Placename|City|District|Province|Country|Latitude|Longitude|GeoNames ID|Raw Placename|"
    "Feature Type|Source|Publication Date|Story People|Story Organizations|Story Locations|Language|Version"
).split("|")
KYIV = Place("Kyiv", country="UKR", latitude=50.45, longitude=30.52, geonameid=703448, resolution="city")
NASTY = '=HYPERLINK("x")\twith tab\nand line'


@pytest.fixture
def record(reports: Reports) -> Iterator[Record]:
    """Two articles that report one event; a third of a meeting between three, with a publisher of the nasty kind; and
    one of something that did not happen."""
    first, second, third, fourth = reports(4)
    replace = msgspec.structs.replace
    second = replace(second, article=replace(second.article, publisher="The Sprodj Times", url="https://x.example/2"))
    meeting = replace(
        third.events[0], event="CONSULT", cameo="046", score=2.5, quad="verbal cooperation", recipients=(),
        place=KYIV, actors=("BOR", "SYL", "per:y"), date="2023-03-24", contexts=("military", "cbrn"),
    )  # fmt: skip
    third = replace(
        third, events=(meeting,), article=replace(third.article, publisher=NASTY, published="2023-03-24"),
        entities=(*third.entities, Entity("per:y", NASTY, "person", "USA", ("MIL", "GOV"))),
    )  # fmt: skip
    fourth = replace(fourth, events=(replace(fourth.events[0], status="negated"),))
    with Record.open(":memory:") as opened:
        opened.add([first, second, third, fourth], run=FIRST)
        yield opened


def written(record: Record, form: str, **options: bool) -> bytes:
    file = io.BytesIO()
    export(record, form, file, **options)  # type: ignore[arg-type]
    return file.getvalue()


def read_tabs(content: bytes, heading: bool) -> pandas.DataFrame:
    return pandas.read_csv(
        io.BytesIO(content), sep="\t", dtype=str, header=0 if heading else None, keep_default_na=False, quoting=3
    )


@pytest.mark.parametrize(
    ("form", "columns", "heading", "rows"),
    [
        ("phoenix", PHOENIX, False, 8),
        ("icews", ICEWS, True, 8),
        ("gdelt", GDELT, False, 8),
        ("polecat", POLECAT, True, 8),
    ],
)
def test_columns_and_rows(record: Record, form: str, columns: int, heading: bool, rows: int) -> None:
    content = written(record, form)
    assert {line.count(b"\t") for line in content.splitlines()} == {columns - 1}
    frame = read_tabs(content, heading)
    assert frame.shape == (rows, columns)
    assert frame.iloc[:, 0].is_unique


def test_headings(record: Record) -> None:
    assert list(read_tabs(written(record, "icews"), True).columns) == ICEWS_COLUMNS
    assert list(read_tabs(written(record, "polecat"), True).columns) == POLECAT_COLUMNS


def test_phoenix(record: Record) -> None:
    row = read_tabs(written(record, "phoenix"), False).iloc[0].tolist()
    assert row[1:19] == ["20230322", "2023", "03", "22", "BOR", "BOR", "", "", "SYL", "SYL", "", "", "020", "02", "0",
                         "3", "diplomatic,1", ""]  # fmt: skip
    meeting = read_tabs(written(record, "phoenix"), False).iloc[-1].tolist()
    assert meeting[5:9] == ["USAMIL", "USA", "MIL", "GOV"]
    assert (meeting[13], meeting[15], meeting[17:21]) == ("046", "1", ["military,1;cbrn,1", "50.45", "30.52", "Kyiv"])


def test_icews(record: Record) -> None:
    first = read_tabs(written(record, "icews"), True).iloc[0]
    assert first["Event ID"].isdigit()
    assert first["Event Date"] == "2023-03-22"
    assert (first["CAMEO Code"], first["Intensity"], first["Sentence Number"]) == ("020", "3", "2")
    assert (first["Source Name"], first["Target Name"], first["Event Text"]) == (
        "Borduria",
        "Syldavia",
        "Request, change",
    )


def test_gdelt(record: Record) -> None:
    row = read_tabs(written(record, "gdelt"), False).iloc[0].tolist()
    assert row[0].isdigit()
    assert row[1:5] == ["20230322", "202303", "2023", "2023.3068"]
    assert row[5:8] == ["BOR", "BORDURIA", "BOR"]
    assert row[15:18] == ["SYL", "SYLDAVIA", "SYL"]
    assert row[25:34] == ["1", "020", "020", "02", "1", "3", "1", "1", "1"]
    assert row[59] == "20230322000000"


def test_polecat(record: Record) -> None:
    frame = read_tabs(written(record, "polecat"), True)
    meeting = frame[frame["Event Type"] == "CONSULT"]
    assert set(meeting["Actor Country"]) == {"BOR", "SYL", "United States"}
    assert set(meeting["Actor COW"]) == {"", "2"}
    assert set(frame["Quad Code"]) == {"VERBAL COOPERATION", "VERBAL CONFLICT"}
    assert set(meeting["Contexts"]) == {"military;cbrn"}
    assert set(zip(meeting["City"], meeting["Country"], meeting["Latitude"], meeting["GeoNames ID"], strict=True)) == {
        ("Kyiv", "Ukraine", "50.45", "703448")
    }
    assert set(meeting["Version"]) == {"1"}


def test_plover(record: Record) -> None:
    rows = [json.loads(line) for line in written(record, "plover").splitlines()]
    assert len(rows) == 3
    assert polars.read_ndjson(io.BytesIO(written(record, "plover"))).shape[0] == 3
    assert rows[0]["actor"][0]["code"] == "BOR"
    assert (rows[0]["event"], rows[0]["mode"], rows[0]["event_scale"]) == (["REQUEST"], ["change"], -1.0)
    assert rows[2]["event_loc"] == {
        "extracted_place": "Kyiv", "resolved_place": "Kyiv", "geonameid": 703448, "lat": 50.45, "lon": 30.52,
        "city": "Kyiv", "country_code": "UKR",
    }  # fmt: skip
    assert len({row["id"] for row in rows}) == 3


def test_one_a_day_merges_articles(record: Record) -> None:
    frame = read_tabs(written(record, "phoenix", one_a_day=True), False)
    assert frame.shape[0] == 7
    merged = frame.iloc[0].tolist()
    assert len(merged[23].split(";")) == 2
    assert (merged[24], merged[25]) == ("https://x.example/2", "The Sprodj Times")
    assert frame.duplicated(subset=[1, 5, 9, 13]).sum() == 0


def test_occurrences_count_once(record: Record) -> None:
    rows = [json.loads(line) for line in written(record, "plover", occurrences=True).splitlines()]
    assert [(row["event"][0], row["reports"], len(row["cite_info"])) for row in rows] == [
        ("REQUEST", 2, 2),
        ("CONSULT", 1, 1),
    ]
    gdelt = read_tabs(written(record, "gdelt", occurrences=True), False).iloc[0].tolist()
    assert gdelt[31:34] == ["2", "2", "2"]


def told(number: int, **changes: object) -> Told:
    plain = Told(str(number), "ASSAULT", "asserted", ("RUS",), ("UKR",), date(2023, 3, 1), None)
    return msgspec.structs.replace(plain, **changes)


@pytest.mark.parametrize(
    ("reports", "groups"),
    [
        ([told(1), told(2)], 1),
        ([told(1), told(2, day=date(2023, 3, 2))], 1),
        ([told(1), told(2, day=date(2023, 3, 3))], 2),
        ([told(day, day=date(2023, 3, day)) for day in range(1, 7)], 3),
        ([told(1), told(2, event="COERCE")], 2),
        ([told(1), told(2, status="negated")], 2),
        ([told(1), told(2, recipients=())], 2),
        ([told(1, actors=("A", "B")), told(2, actors=("B", "A"))], 1),
        ([told(1, place="Kyiv"), told(2, place="kyiv")], 1),
        ([told(1, place="Kyiv"), told(2, place="Odesa")], 2),
        ([told(1, place="Kyiv"), told(2), told(3, place="Odesa")], 2),
        ([told(1, day=None), told(2, day=None)], 2),
        ([told(1, actors=()), told(2, actors=())], 2),
        ([], 0),
    ],
)
def test_occurrences(reports: list[Told], groups: int) -> None:
    found = occurrences(reports)
    assert len(found) == len(reports)
    assert len(set(found.values())) == groups
    assert occurrences(reversed(reports)) == found


def test_csv_is_safe_in_a_spreadsheet(record: Record) -> None:
    content = written(record, "csv")
    frame = pandas.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    assert len(frame) == len(content.splitlines()) - 1 == 4
    assert '\'=HYPERLINK("x") with tab and line' in set(frame["publisher"])
    assert set(frame["score"]) == {"-1.0", "2.5"}
    assert set(frame["cameo"]) == {"020", "046"}
    assert not any(value.startswith(("=", "+", "@")) for column in frame for value in frame[column])


def test_parquet(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    assert export(record, "parquet", str(path)) == 4
    frame = polars.read_parquet(path)
    assert frame["actors"].to_list()[-1] == ["BOR"]
    assert pandas.read_parquet(path)["cameo"].tolist().count("020") == 3


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_networks(record: Record, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"net.{form}"
    export(record, form, str(path))  # type: ignore[arg-type]
    graph = networkx.read_graphml(path) if form == "graphml" else networkx.read_gexf(path, version="1.2draft")
    assert set(graph.nodes) == {"BOR", "SYL", "per:y"}
    tie = graph["BOR"]["SYL"]
    assert (tie["weight"], tie["net_score"], tie["sign"], tie["conflict"], tie["cooperation"]) == (3, 0.5, 1, 2, 1)
    assert graph["SYL"]["BOR"]["sign"] == 1
    assert graph.nodes["per:y"]["sectors"] == "MIL GOV"
    assert graph.is_directed()


def test_igraph_reads_graphml(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "net.graphml"
    export(record, "graphml", str(path))
    graph = igraph.Graph.Read_GraphML(str(path))
    assert graph.is_directed()
    assert set(graph.vs["id"]) == {"BOR", "SYL", "per:y"}
    tie = graph.es[graph.get_eid(graph.vs.find(id="BOR"), graph.vs.find(id="SYL"))]
    assert (tie["weight"], tie["net_score"], tie["sign"]) == (3, 0.5, 1)


def test_brat(record: Record, report: Report, tmp_path: Path) -> None:
    assert export(record, "brat", str(tmp_path / "brat")) == 4
    assert (tmp_path / "brat" / "annotation.conf").read_text("utf-8").startswith("[entities]")
    for text in (tmp_path / "brat").glob("*.txt"):
        words = text.read_text("utf-8")
        marks = text.with_suffix(".ann").read_text("utf-8").splitlines()
        ids = [mark.split("\t")[0] for mark in marks]
        assert len(set(ids)) == len(ids)
        for mark in marks:
            name, what, *covered = mark.split("\t")
            if name.startswith("T"):
                places = [place.split() for place in what.split(" ", 1)[1].split(";")]
                assert covered == [" ".join(words[int(first) : int(last)] for first, last in places)]
    marks = (tmp_path / "brat" / f"{report.article.id}-0.ann").read_text("utf-8").splitlines()
    assert any(mark.startswith("E2\tREQUEST:T") and "Actor:T1" in mark for mark in marks)
    assert "A2\tStatus E2 asserted" in marks


def test_marks_across_lines_are_broken(report: Report, tmp_path: Path) -> None:
    across = Span(0, report.article.text.index("asked"))
    changed = msgspec.structs.replace(report.statements[0], content=(across,))
    with Record.open(":memory:") as record:
        record.add([msgspec.structs.replace(report, statements=(changed,))], run=FIRST)
        export(record, "brat", str(tmp_path))
    marks = next(tmp_path.glob("*.ann")).read_text("utf-8")
    assert "\tContent 0 34;36 45\tBorduria asks Syldavia for clarity Borduria \n" in marks


def test_label_studio(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    assert export(record, "label-studio", str(path)) == 4
    ElementTree.parse(tmp_path / "tasks.xml")
    for task in json.loads(path.read_bytes()):
        for result in task["predictions"][0]["result"]:
            if result["type"] == "labels":
                value = result["value"]
                assert task["data"]["text"][value["start"] : value["end"]] == value["text"]


def test_label_studio_counts_as_javascript_does(report: Report) -> None:
    text = "😀 " + report.article.text
    moved = msgspec.structs.replace(
        report,
        article=msgspec.structs.replace(report.article, text=text),
        statements=(),
        mentions=(),
        events=(msgspec.structs.replace(report.events[0], trigger=Span(2, 10)),),
    )
    value = json.loads(label_studio([moved]))[0]["predictions"][0]["result"][0]["value"]
    assert (value["start"], value["end"], value["text"]) == (3, 11, "Borduria")


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_record_gives_an_empty_file(tmp_path: Path, form: str) -> None:
    with Record.open(":memory:") as record:
        assert export(record, form, str(tmp_path / "out")) == 0  # type: ignore[arg-type]


def test_a_file_that_can_not_be_written_is_named(record: Record, tmp_path: Path) -> None:
    for form in ("csv", "gdelt", "parquet", "label-studio"):
        with pytest.raises(RecordError, match="No such file or directory"):
            export(record, form, str(tmp_path / "no" / "out"))  # type: ignore[arg-type]


def test_options_that_a_form_does_not_know(record: Record) -> None:
    with pytest.raises(RecordError, match="one a day is for polecat, icews, phoenix, gdelt, not for plover"):
        written(record, "plover", one_a_day=True)
    with pytest.raises(RecordError, match="occurrences can be counted in"):
        written(record, "csv", occurrences=True)


def test_numbered_reports_have_ids_of_their_own(report: Report) -> None:
    assert numbered(report, 1).events[0].id != numbered(report, 2).events[0].id
