"""Marked text is the article's text, whatever is marked in it."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from communique.explore.marking import Marked, marked
from communique.model import Article, Event, Mention, Report, Sentence, Span, Statement
from communique.record import Record
from communique.record.lines import event_lines


def text_of(found: Marked) -> str:
    return "\n".join("".join(piece.text for piece in paragraph) for paragraph in found.paragraphs)


def test_samples_are_whole(samples: str) -> None:
    with Record.open(samples, read_only=True) as record:
        for report in record.reports():
            found = marked(report)
            assert text_of(found) == report.article.text
            assert len(found.items) == len(report.statements) + len(report.events)
            triggers = {
                label for line in found.paragraphs for piece in line for label in piece.opens if label[0] == "e"
            }
            assert triggers == {item.label for item in found.items if item.event}
        lines = event_lines(record, {})
        sentences = dict(record.answer_sql("SELECT id, sentence_text FROM events_now").rows)
    assert {line.id: "".join(piece.text for piece in line.pieces) for line in lines} == sentences
    assert all(sum(piece.role == "trigger" for piece in line.pieces) == 1 for line in lines)


TEXT = "One said\nthat two\n\nmet three."
SPANS = st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).map(lambda ends: Span(min(ends), max(ends)))


@given(st.lists(SPANS, max_size=4), st.lists(SPANS, max_size=4), st.lists(SPANS, max_size=4))
def test_any_spans_leave_the_text_whole(contents: list[Span], triggers: list[Span], mentions: list[Span]) -> None:
    statements = tuple(
        Statement(f"s{n}", 0, "direct", (), (span,), (), None, (span,)) for n, span in enumerate(contents)
    )
    events = tuple(
        Event(
            id=f"e{n}", sentence=0, event="AID", modes=(), contexts=(), cameo="070", score=7.0,
            quad="material cooperation", actors=("A",), recipients=(), trigger=span, status="asserted",
            statement_id=None, date=None, confidence=1.0, why="",
        )
        for n, span in enumerate(triggers)
    )  # fmt: skip
    report = Report(
        Article("1", TEXT), (), tuple(Mention(f"m{n}", span, span, "name", "A") for n, span in enumerate(mentions)),
        statements, events, sentences=(Sentence(0, Span(0, len(TEXT)), 0, 1),),
    )  # fmt: skip
    found = marked(report)
    assert text_of(found) == TEXT
    for paragraph in found.paragraphs:
        assert all(piece.text for piece in paragraph)
    covered = sum(len(piece.text) for line in found.paragraphs for piece in line if "content" in piece.parts)
    places = {place for span in contents for place in range(span.start, span.end) if TEXT[place] != "\n"}
    assert covered == len(places)


def test_the_title_stands_apart(report: Report) -> None:
    found = marked(report)
    assert found.title is not None
    assert "".join(piece.text for piece in found.title) == report.article.title
    untitled = msgspec.structs.replace(report, article=msgspec.structs.replace(report.article, title=None))
    assert marked(untitled).title is None
