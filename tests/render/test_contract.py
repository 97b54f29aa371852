"""The JSON contract of the design, and that nothing is lost on the way there and back."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.model import Article, Mention, Place, Report, Span
from communique.render import report_from_json, report_to_json


def test_contract(report: Report) -> None:
    line = report_to_json(report)
    assert b"\n" not in line
    values = json.loads(line)
    assert list(values) == ["article", "entities", "mentions", "statements", "events", "problems"]
    assert values["article"]["text"] == report.article.text
    assert values["entities"][0] == {
        "id": "BOR", "name": "Borduria", "kind": "state", "country": "BOR", "sectors": ["GOV"],
    }  # fmt: skip
    (statement,) = values["statements"]
    assert statement["speakers"] == ["BOR"]
    assert statement["cue"] == {"start": (start := report.article.text.index("told")), "end": start + 4, "text": "told"}
    assert [span["text"] for span in statement["speaker_spans"]] == ["the minister"]
    assert [span["text"] for span in statement["content"]] == ["Borduria asked Syldavia to “explain” its moves"]
    (event,) = values["events"]
    assert event["trigger"]["text"] == "asked"
    assert (event["event"], event["modes"], event["statement_id"], event["place"]) == (
        "REQUEST",
        ["change"],
        "st1",
        None,
    )
    assert values["problems"] == ["one quotation mark is never closed"]


def test_explain_adds_notes_and_sentences(report: Report) -> None:
    values = json.loads(report_to_json(report, explain=True))
    assert values["notes"][0]["why"] == "no event: a noun without an actor"
    assert len(values["sentences"]) == len(report.sentences)


def test_round_trip(report: Report) -> None:
    assert report_from_json(report_to_json(report, explain=True)) == report
    assert report_from_json(report_to_json(report)) == msgspec.structs.replace(report, notes=(), sentences=())


def test_lines_from_before_places_were_resolved_are_read(report: Report) -> None:
    values = json.loads(report_to_json(report))
    del values["events"][0]["date_precision"]
    values["events"][0]["place"] = "Klow"
    (event,) = report_from_json(json.dumps(values)).events
    assert (event.date, event.date_precision, event.place) == ("2023-03-22", None, Place("Klow"))


def test_wrong_line_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        report_from_json(b'{"article": {"id": 5}}')


@given(st.text(st.characters(exclude_categories=["Cs"])), st.data())
def test_every_span_carries_its_text(text: str, data: Any) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    report = Report(Article("a", text), (), (Mention("m", span, span, "name"),), (), ())
    line = report_to_json(report)
    assert json.loads(line)["mentions"][0]["span"]["text"] == text[span.start : span.end]
    assert report_from_json(line) == report
