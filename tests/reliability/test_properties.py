"""Whatever the text: what goes into the record comes out of it and of its exports, and names mean what they mean."""

from __future__ import annotations

import io
import json
import random
from datetime import date, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.record.conftest import FIRST, SECOND

from communique.actors import Atlas, choose, senses
from communique.articles import article_from_text
from communique.model import Entity, Event, Mention, Report, Sentence, Span, Statement, content_id
from communique.order import Resolver
from communique.record import Record, export
from communique.record.label_studio import read_label_studio
from communique.record.occurrences import Report as Told
from communique.record.occurrences import occurrences
from communique.render import report_from_json, report_to_json
from communique.statements.quotes import find_quotes

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=120)
NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
STATES = ("BOR", "SYL", "grp:x")
TYPES = (("REQUEST", "020", -1.0, "verbal conflict"), ("AID", "070", 6.0, "material cooperation"))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A report of any text, with spans anywhere in it, sentences that part it, and any names."""
    article = article_from_text(f"Borduria 𝔹 {draw(TEXT)}", published=draw(st.sampled_from([None, "2023-03-22"])))
    text = article.text
    cuts = sorted({0, len(text), *draw(st.lists(st.integers(1, max(len(text) - 1, 1)), max_size=3))})
    sentences = [
        Sentence(n, Span(a, b), n, n + 1) for n, (a, b) in enumerate(pairwise(cuts))
    ]  # fmt: skip
    entities = tuple(Entity(one, draw(NAME), "group", draw(st.sampled_from([None, "BOR"]))) for one in STATES)
    parties = st.lists(st.sampled_from(STATES), unique=True, max_size=3).map(tuple)

    def inside(sentence: Sentence) -> Span:
        start = draw(st.integers(sentence.span.start, sentence.span.end - 1))
        return Span(start, draw(st.integers(start + 1, sentence.span.end)))

    places = draw(st.lists(st.sampled_from(sentences), max_size=4))
    spans = {inside(one): one.index for one in places}
    events = []
    for number, (span, index) in enumerate(spans.items()):
        event, cameo, score, quad = draw(st.sampled_from(TYPES))
        events.append(Event(
            id=content_id(article.id, "event", number), sentence=index, event=event, modes=(), contexts=(), cameo=cameo,
            score=score, quad=quad, actors=draw(parties), recipients=draw(parties), trigger=span,
            status=draw(st.sampled_from(["asserted", "negated"])), statement_id=None, date=article.published,
            confidence=0.5, why=draw(NAME),
        ))  # fmt: skip
    statements = tuple(
        Statement(content_id(article.id, "statement", number), index, "direct", draw(parties), (span,), draw(parties),
                  span, (span,), draw(parties), draw(st.none() | NAME))
        for number, (span, index) in enumerate(spans.items())
    )  # fmt: skip
    mentions = tuple(
        Mention(content_id(article.id, "mention", number), inside(one), one.span, "name", draw(st.sampled_from(STATES)))
        for number, one in enumerate(sentences)
    )
    return Report(article, entities, mentions, statements, tuple(events), (draw(NAME),), (), tuple(sentences))


@given(reports())
def test_what_is_printed_is_read_back(report: Report) -> None:
    assert report_from_json(report_to_json(report, explain=True)) == report


@settings(max_examples=25)
@given(st.lists(reports(), max_size=4, unique_by=lambda report: report.article.id), st.integers(1, 4), st.randoms())
def test_what_is_recorded_is_read_back(made: list[Report], size: int, chance: random.Random) -> None:
    """In batches of any size, again, and over what another run said: nothing is lost, nothing there twice."""
    with Record.open(":memory:") as record:
        record.add(made[:2], run=SECOND)
        for _ in range(2):
            mixed = list(made)
            chance.shuffle(mixed)
            for start in range(0, len(mixed), size):
                record.add(mixed[start : start + size], run=FIRST)
        found = {report.article.id: report for report in record.reports()}
    assert found == {report.article.id: report for report in made}


@settings(max_examples=25)
@given(reports())
def test_exports_are_read_back(report: Report) -> None:
    with Record.open(":memory:") as record:
        record.add([report], run=FIRST)
        file = io.BytesIO()
        export(record, "plover", file, {"status": ("asserted", "negated")})
        lines = [json.loads(line) for line in file.getvalue().splitlines()]
        assert len(lines) == len(report.events)
        assert sorted(row["event"][0] for row in lines) == sorted(event.event for event in report.events)


@settings(max_examples=25)
@given(reports())
def test_what_nobody_changed_in_label_studio_is_right(report: Report) -> None:
    """Characters that JavaScript counts twice among the text; parties without a mention stay."""
    with Record.open(":memory:") as record:
        record.add([report], run=FIRST)
        file = io.BytesIO()
        export(record, "label-studio", file)
        tasks = [{**task, "annotations": task["predictions"]} for task in json.loads(file.getvalue())]
        found = read_label_studio(record, json.dumps(tasks), coder="x", on=date(2023, 4, 1), atlas=Atlas.bare())
    assert found.problems == ()
    judged = [one for one in found.corrections if one.verdict != "none"]
    assert len(judged) == len(report.events)
    texts = {one.event_id: one.trigger for one in judged if one.trigger}
    assert all(texts[event.id] == event.trigger for event in report.events if event.id in texts)
    assert {one.verdict for one in judged} <= {"right", "changed"}


@given(st.lists(st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"])), min_size=1), st.data())
def test_ids_tell_parts_apart(parts: list[str], data: st.DataObject) -> None:
    """U+001F, which no text of an article holds, stands between them: "ab", "c" is not "a", "bc"."""
    other = data.draw(st.lists(st.sampled_from(["", *parts]), min_size=1, max_size=len(parts) + 1))
    assert (content_id(*parts) == content_id(*other)) == (parts == other)


@given(st.text())
def test_no_text_of_an_article_holds_what_stands_between_parts(text: str) -> None:
    assert "\x1f" not in article_from_text(text).text


TOLD = st.builds(
    Told, event_id=st.uuids().map(str), event=st.sampled_from(["AID", "ASSAULT"]), status=st.just("asserted"),
    actors=st.sampled_from([(), ("A",), ("A", "B"), ("B", "A")]), recipients=st.sampled_from([(), ("B",)]),
    day=st.none() | st.integers(0, 6).map(lambda days: date(2023, 3, 1) + timedelta(days)),
    place=st.sampled_from([None, "Klow", "Szohôd"]),
)  # fmt: skip


@given(st.lists(TOLD, max_size=12, unique_by=lambda one: one.event_id), st.randoms())
def test_merging_does_not_depend_on_the_order(told: list[Told], chance: random.Random) -> None:
    found = occurrences(told)
    assert found.keys() == {one.event_id for one in told}
    mixed = list(told)
    chance.shuffle(mixed)
    assert occurrences(mixed) == found
    by_id = {one.event_id: one for one in told}
    for one, other in pairwise(told):
        if found[one.event_id] == found[other.event_id]:
            pair = (by_id[one.event_id], by_id[other.event_id])
            assert len({(each.event, frozenset(each.actors), frozenset(each.recipients)) for each in pair}) == 1


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    return Resolver(Atlas.load())


@given(st.data())
def test_names_mean_what_they_mean(resolver: Resolver, data: st.DataObject) -> None:
    atlas = Atlas.load()
    name = data.draw(st.text() | st.sampled_from(sorted(atlas.forms)))
    state = resolver.state(name)
    assert state is None or atlas.entities[state].kind == "state"
    choice = choose(atlas, name)
    assert choice.states <= choice.ids
    assert {sense.entity.id for sense in senses(atlas, name)} <= choice.ids


@given(st.text(st.sampled_from(" \"“”«»‘’`'a.\n")))
def test_quotations_are_apart_and_whole(text: str) -> None:
    spans = find_quotes(text)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(0 <= one.start < one.end <= len(text) for one in spans)


@given(reports())
def test_reports_are_frozen(report: Report) -> None:
    with pytest.raises(AttributeError):
        report.article.text = "x"  # type: ignore[misc]
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
