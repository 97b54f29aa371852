"""Coding by hand: what goes out, what comes back, what counts then, and how far people agree."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from tests.record.conftest import FIRST, SECOND, Reports

from communique.errors import QueryError
from communique.model import Report, content_id
from communique.record import Record, export
from communique.record.agreement import agreement, krippendorff_alpha
from communique.record.label_studio import read_label_studio
from communique.record.review import COLUMNS, judge_statements, read_back, sample, statement_rows, unjudged
from communique.record.store import SCHEMA_VERSION

DAY = date(2024, 5, 1)


@pytest.fixture
def record(reports: Reports) -> Iterator[Record]:
    with Record.open(":memory:") as opened:
        opened.add(reports(2), run=FIRST)
        yield opened


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def text_of(rows: list[dict[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def judge(record: Record, coder: str, *changes: dict[str, str], on: date = DAY) -> tuple[str, ...]:
    """Judge the sentences with a REQUEST: one dict for each row, further dicts as rows of the first sentence."""
    rows = rows_of(sample(record, {"event": "REQUEST"}))
    extra = [{**rows[0], **dict.fromkeys(("event_id", "event", "modes", "actors", "recipients"), "")} for _ in changes]
    rows += extra[: max(0, len(changes) - len(rows))]
    judged = [{**row, **change} for row, change in zip(rows, changes, strict=False)]
    found = read_back(record, text_of(judged), coder=coder, on=on)
    record.correct(found.corrections)
    return found.problems


def now(record: Record) -> list[tuple[object, ...]]:
    return sorted(record.events().project("event, modes, actors, recipients, status").fetchall(), key=str)


REQUEST = ("REQUEST", ["change"], ["BOR"], ["SYL"], "asserted")


def test_a_sample_has_all_sentences_and_their_events(record: Record) -> None:
    rows = rows_of(sample(record, size=100))
    assert len(rows) == 8
    assert sum(bool(row["event_id"]) for row in rows) == 2
    row = next(row for row in rows if row["event_id"])
    assert (row["event"], row["actors"], row["recipients"]) == ("REQUEST", "Borduria (BOR)", "Syldavia (SYL)")
    assert row["before"] == "Borduria asks Syldavia for clarity"
    assert sample(record, size=3) == sample(record, size=3)
    assert len(rows_of(sample(record, size=3))) == 3
    assert len(rows_of(sample(record, {"event": "REQUEST"}))) == 2
    assert len(rows_of(sample(record, {"event": "ASSAULT"}))) == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([{"verdict": "right"}], [REQUEST, REQUEST]),
        ([{"verdict": "Wrong"}], [REQUEST]),
        ([{"verdict": "changed", "event": "reject", "modes": ""}],
         [("REJECT", [], ["BOR"], ["SYL"], "asserted"), REQUEST]),
        ([{"verdict": "changed", "actors": "Syldavia", "recipients": "Borduria (BOR); reporters [red]"}],
         [REQUEST, ("REQUEST", ["change"], ["SYL"], ["BOR", "grp:x"], "asserted")]),
        ([{"verdict": "changed", "actors": "France", "status": "negated"}],
         [REQUEST, ("REQUEST", ["change"], ["FRA"], ["SYL"], "negated")]),
        ([{"verdict": "right"}, {"verdict": "right"}, {"verdict": "missing", "event": "AGREE", "actors": "BOR (BOR)"}],
         [("AGREE", [], ["BOR"], [], "asserted"), REQUEST, REQUEST]),
        ([{"verdict": ""}], [REQUEST, REQUEST]),
    ],
)  # fmt: skip
def test_verdicts_count(record: Record, changes: list[dict[str, str]], expected: list[tuple[object, ...]]) -> None:
    assert judge(record, "Anna", *changes) == ()
    assert now(record) == sorted(expected, key=str)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"verdict": "fine"}, "line 2: the verdict 'fine' is none of right, wrong, changed, missing, none"),
        ({"verdict": "missing"}, "line 2: missing can't be said of an event that is there"),
        (
            {"verdict": "right", "event": "REJECT", "modes": ""},
            "line 2: the verdict is right, but the coding was changed",
        ),
        ({"verdict": "changed", "event": "SAY"}, "line 2: PLOVER has no event type 'SAY'"),
        ({"verdict": "changed", "modes": "loud"}, "line 2: REQUEST has no mode 'loud'; it has assist, change, "),
        ({"verdict": "changed", "status": "maybe"}, "line 2: the status 'maybe' is none of"),
        ({"verdict": "changed", "date": "1/5/2024"}, "line 2: '1/5/2024' is not a date such as 2023-03-22"),
        ({"verdict": "right", "event_id": "gone"}, "line 2: the record has no event gone any more"),
        ({"verdict": "right", "unit": "x"}, "line 2: the unit 'x' is not as it was exported"),
        ({"verdict": "right", "unit": "x:0-3"}, "line 2: the record has no article x"),
        ({"verdict": "none", "event_id": ""}, "line 2: this sentence also has the event ev1-"),
        ({"verdict": "right", "event_id": ""}, "line 2: there is no event here that could be right"),
        ({"verdict": "", "event_id": ""}, "line 2: something is coded here, but there is no verdict"),
    ],
)
def test_rows_that_can_not_be_used_are_named(record: Record, change: dict[str, str], line: str) -> None:
    problems = judge(record, "Anna", change)
    assert len(problems) == 1
    assert problems[0].startswith(f"the file, {line}")
    assert now(record) == [REQUEST, REQUEST]


def test_files_that_are_no_sample(record: Record) -> None:
    assert read_back(record, "", coder="A", on=DAY, source="x.csv").problems == ("x.csv: no rows",)
    assert read_back(record, "unit\na\n", coder="A", on=DAY, source="x.csv").problems == (
        "x.csv: the column event_id is missing",
    )


def test_a_spreadsheet_may_add_its_mark(record: Record) -> None:
    rows = rows_of(sample(record, {"event": "REQUEST"}))
    found = read_back(record, "\ufeff" + text_of([{**rows[0], "verdict": "right"}]), coder="A", on=DAY)
    assert (len(found.corrections), found.problems) == (1, ())


def test_corrections_outlast_a_newer_run_and_a_later_word_counts(record: Record, reports: Reports) -> None:
    judge(record, "Anna", {"verdict": "wrong"}, {"verdict": "wrong"})
    assert now(record) == []
    newer = [msgspec.structs.replace(one, events=(msgspec.structs.replace(one.events[0], id="n" + one.events[0].id),))
             for one in reports(2)]  # fmt: skip
    record.add(newer, run=SECOND)
    assert now(record) == []
    record.correct(())
    rows = [{**row, "verdict": "right"} for row in rows_of(sample(record, size=100)) if row["event_id"]]
    later = read_back(record, text_of(rows), coder="Ben", on=date(2024, 6, 1))
    record.correct(later.corrections)
    assert now(record) == [REQUEST, REQUEST]
    assert record.sql("SELECT count(*), count(DISTINCT coder) FROM corrections").fetchall() == [(4, 2)]
    record.correct(later.corrections)
    assert record.sql("SELECT count(*) FROM corrections").fetchall() == [(4,)]


def test_views_exports_and_sight_have_the_corrected_events(record: Record) -> None:
    judge(
        record, "Anna", {"verdict": "changed", "event": "REJECT", "modes": "", "actors": "France"}, {"verdict": "wrong"}
    )
    flat = record.sql("SELECT event, actor, actor_country, recipient FROM events_flat").fetchall()
    assert flat == [("REJECT", "FRA", "FRA", "SYL")]
    assert record.sql("SELECT actor, recipient, events FROM dyads_daily").fetchall() == [("FRA", "SYL", 1)]
    file = io.BytesIO()
    assert export(record, "phoenix", file) == 1
    assert b"\tFRA\tFRA\t" in file.getvalue()
    event = record.events().fetchall()[0][0]
    assert record.sight(event).event.why == "changed, says Anna"


def test_training_data(record: Record) -> None:
    judge(record, "Anna", {"verdict": "changed", "event": "REJECT", "modes": ""}, {"verdict": "wrong"})
    file = io.BytesIO()
    assert export(record, "training", file) == 2
    rows = [json.loads(line) for line in file.getvalue().splitlines()]
    assert sorted(len(row["events"]) for row in rows) == [0, 1]
    event = next(row["events"][0] for row in rows if row["events"])
    assert (event["event"], event["actors"], event["recipients"]) == ("REJECT", ["Borduria"], ["Syldavia"])
    place = event["trigger"]
    assert rows[0]["text"][place["start"] : place["end"]] == place["text"] == "asked"


def judge_statement(record: Record, coder: str, change: dict[str, str], on: date = DAY) -> None:
    """Judge the statement of the first article as it stands in the form, but for a change."""
    report = next(record.reports())
    row = next(statement_rows(report, 1))
    written = {key: value if isinstance(value, str) else "; ".join(value) for key, value in row.items() if value}
    sentence = report.sentences[1].span
    unit = f"{report.article.id}:{sentence.start}-{sentence.end}"
    changed = {"unit": unit, **written, **change}
    record.correct((), statements=judge_statements(record, changed["unit"], [changed], coder=coder, on=on))


def said(record: Record) -> list[tuple[object, ...]]:
    return sorted(record.statements().project("speakers, speaker_countries, addressees, kind").fetchall(), key=str)


SAID = (["BOR"], ["BOR"], ["grp:x"], "mixed")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"verdict": "right"}, [SAID, SAID]),
        ({"verdict": "Wrong", "kind": "not read"}, [SAID]),
        ({"verdict": "changed", "speakers": "Syldavia"}, [SAID, (["SYL"], ["SYL"], ["grp:x"], "mixed")]),
        ({"verdict": "changed", "speakers": "", "addressees": "France; Borduria (BOR)", "kind": "direct"},
         [SAID, ([], [], ["FRA", "BOR"], "direct")]),
    ],
)  # fmt: skip
def test_verdicts_on_statements_count(
    record: Record, change: dict[str, str], expected: list[tuple[object, ...]]
) -> None:
    judge_statement(record, "Anna", change)
    assert said(record) == sorted(expected, key=str)
    report = next(record.reports())
    now = record.report(report.article.id)
    assert now is not None
    flat = record.sql("SELECT count(DISTINCT statement_id) FROM statements_flat").fetchall()
    assert flat == [(len(expected),)]
    assert len(now.statements) == len(expected) - 1
    assert [one.id for one in now.statements] in ([], [one.id for one in report.statements])
    assert now.events == report.events


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"verdict": "missing"}, "the verdict 'missing' is none of right, wrong, changed"),
        ({"verdict": "right", "speakers": "SYL"}, "the verdict is right, but the coding was changed; say changed"),
        ({"verdict": "changed", "kind": "loud"}, "the kind 'loud' is none of direct, indirect, mixed"),
        ({"verdict": "right", "statement_id": "gone"}, "this sentence has no statement 'gone' any more; judge it anew"),
        ({"verdict": "right", "unit": "x"}, "the unit 'x' is not as it was exported"),
    ],
)
def test_verdicts_on_statements_that_can_not_be_kept(record: Record, change: dict[str, str], line: str) -> None:
    with pytest.raises(QueryError, match=re.escape(line)):
        judge_statement(record, "Anna", change)
    assert said(record) == [SAID, SAID]


def test_verdicts_on_statements_outlast_runs_and_the_last_counts(record: Record, reports: Reports) -> None:
    judge_statement(record, "Anna", {"verdict": "wrong"})
    replace = msgspec.structs.replace
    newer = [(one, replace(one.statements[0], id="n" + one.statements[0].id, kind="direct")) for one in reports(2)]
    record.add([replace(one, statements=(statement,)) for one, statement in newer], run=SECOND)
    machine = (*SAID[:3], "direct")
    assert said(record) == [machine]
    judge_statement(record, "Anna", {"verdict": "changed", "kind": "mixed"}, on=date(2024, 5, 2))
    assert said(record) == [machine, SAID]
    judge_statement(record, "Ben", {"verdict": "wrong"}, on=date(2024, 6, 1))
    assert said(record) == [machine]
    assert record.sql("SELECT count(*), count(DISTINCT coder) FROM statement_corrections").fetchall() == [(2, 2)]


def test_a_sentence_waits_until_its_events_and_statements_are_judged(record: Record) -> None:
    first, second = [(report.article.id, 1) for report in record.reports()]
    judge(record, "Anna", {"verdict": "right"}, {"verdict": "right"})
    assert unjudged(record, {}, coder="Anna") == tuple(sorted((first, second)))
    judge_statement(record, "Anna", {"verdict": "right"})
    assert unjudged(record, {}, coder="Anna") == unjudged(record, {"speaker": "BOR"}, coder="Anna") == (second,)
    assert unjudged(record, {"event": "ASSAULT"}, coder="Anna") == ()
    assert unjudged(record, {}, coder="Ben") == tuple(sorted((first, second)))


def label_studio(record: Record) -> list[dict[str, Any]]:
    """Tasks as Label Studio gives them back when nothing was changed."""
    file = io.BytesIO()
    export(record, "label-studio", file)
    return [{**task, "annotations": task["predictions"]} for task in json.loads(file.getvalue())]


def region(results: list[dict[str, Any]], label: str) -> dict[str, Any]:
    return next(one for one in results if one["type"] == "labels" and one["value"]["labels"] == [label])


def test_label_studio_unchanged_is_right(record: Record) -> None:
    tasks = label_studio(record)
    found = read_label_studio(record, json.dumps(tasks), coder="Anna", on=DAY)
    assert found.problems == ()
    assert sorted(one.verdict for one in found.corrections) == ["none"] * 6 + ["right"] * 2
    record.correct(found.corrections)
    assert now(record) == [REQUEST, REQUEST]


def test_label_studio_changes(record: Record) -> None:
    first, second = label_studio(record)
    results = first["annotations"][0]["result"]
    trigger, text = region(results, "REQUEST"), first["data"]["text"]
    start = text.index("reporters")
    results += [
        {"id": "new", "from_name": "label", "to_name": "text", "type": "labels",
         "value": {"start": start, "end": start + len("reporters"), "labels": ["Entity"]}},
        {"type": "relation", "from_id": "new", "to_id": trigger["id"], "labels": ["recipient"]},
        {"id": "own", "from_name": "label", "to_name": "text", "type": "labels",
         "value": {"start": text.index("left"), "end": text.index("left") + 4, "labels": ["RETREAT"]}},
    ]  # fmt: skip
    second["annotations"][0]["result"] = []
    found = read_label_studio(record, json.dumps([first, second]), coder="Anna", on=DAY)
    record.correct(found.corrections)
    recipients = ["SYL", f"own:{content_id('reporters')}"]
    assert now(record) == [
        ("REQUEST", ["change"], ["BOR"], recipients, "asserted"),
        ("RETREAT", [], [], [], "asserted"),
    ]
    assert sorted(one.verdict for one in found.corrections) == ["changed", "missing"] + ["none"] * 5 + ["wrong"]


def test_label_studio_files_that_are_none(record: Record) -> None:
    for text, line in (
        ("{", "x.json: not an export of Label Studio"),
        ("[{}]", "x.json, task 1: the record has no article"),
    ):
        found = read_label_studio(record, text, coder="A", on=DAY, source="x.json")
        assert found.corrections == ()
        assert found.problems[0].startswith(line)
    unseen = [{**task, "annotations": []} for task in label_studio(record)]
    assert read_label_studio(record, json.dumps(unseen), coder="A", on=DAY).corrections == ()


def test_agreement(record: Record) -> None:
    judge(record, "Anna", {"verdict": "right"}, {"verdict": "changed", "event": "REJECT", "modes": ""})
    judge(record, "Ben", {"verdict": "right"}, {"verdict": "right"})
    found = agreement(record)
    assert (found.sentences, found.coders) == (2, ("Anna", "Ben"))
    lines = {line.type: line for line in found.lines}
    assert set(lines) == {"REQUEST", "REJECT", "all"}
    request = lines["REQUEST"]
    assert (request.machine, request.people, request.found, request.precision, request.recall) == (4, 3, 3, 0.75, 1.0)
    assert (lines["REJECT"].precision, lines["REJECT"].recall) == (None, 0.0)
    assert lines["all"].f1 == 0.75
    assert lines["all"].alpha_people == 0.0


def test_agreement_of_nobody(record: Record) -> None:
    found = agreement(record)
    assert (found.sentences, found.coders, [line.type for line in found.lines]) == (0, (), ["all"])
    assert found.lines[0].alpha is None


@pytest.mark.parametrize(
    ("units", "alpha"),
    [
        ([], None),
        ([("a",), ("b",)], None),
        ([("a", "a"), ("a", "a")], None),
        ([("a", "a"), ("b", "b")], 1.0),
        ([("a", "b"), ("b", "a")], -0.5),
        ([("a", "a", "a"), ("b", "b"), ("a",)], 1.0),
    ],
)
def test_alpha(units: list[tuple[str, ...]], alpha: float | None) -> None:
    assert krippendorff_alpha(units) == (alpha if alpha is None else pytest.approx(alpha))


SHAPE = """
SELECT schema_name, table_name, column_name, data_type, is_nullable FROM duckdb_columns()
WHERE NOT internal ORDER BY ALL
"""
VIEWS = "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL"


def words_of_views(record: Record) -> list[tuple[str, list[str]]]:
    """DuckDB keeps the names behind EXCLUDE in no order."""
    return [(name, sorted(re.findall(r"\w+", sql))) for name, sql in record.sql(VIEWS).fetchall()]


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_earlier_versions_are_brought_up_to_date(tmp_path: Path, report: Report, version: int) -> None:
    path, fresh = tmp_path / "old.duckdb", tmp_path / "new.duckdb"
    script = (Path(__file__).parent / "schemas" / f"{version}.sql").read_text("utf-8")
    with duckdb.connect(str(path)) as connection:
        for statement in script.split("\n;;\n"):
            connection.execute(statement)
        connection.execute("INSERT INTO about VALUES ('schema', ?)", [str(version)])
        connection.execute("INSERT INTO problems VALUES ('p', NULL, 'r', 'a.txt', 'a.txt: kept')")
    with Record.open(path, read_only=True) as record, Record.open(fresh) as new:
        assert record.sql(SHAPE).fetchall() == new.sql(SHAPE).fetchall()
        assert words_of_views(record) == words_of_views(new)
        assert record.sql("SELECT line FROM problems").fetchall() == [("a.txt: kept",)]
        assert record.sql("SELECT value FROM about").fetchall() == [(str(SCHEMA_VERSION),)]
    with Record.open(path) as record:
        record.add([report], run=FIRST)
        assert len(record.events().fetchall()) == 1
