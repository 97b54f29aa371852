"""The scorer scores: a report made of the gold itself is perfect, and each kind of slip is counted."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
import scoring

from communique.model import Entity, Event, Report, Sentence, Span, Statement

FILES = scoring.gold_files()


def _entity(reference: str) -> Entity:
    first = scoring.alternatives(reference)[0]
    nominal = scoring.NOMINAL.fullmatch(first)
    if nominal is None:
        return Entity(first, first, "person")
    country, sector = nominal.groups()
    known = None if country == scoring.UNKNOWN_COUNTRY else country
    return Entity(first, first, "group", known, (sector,))


def _ids(references: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_entity(reference).id for reference in references)


def _perfect(gold: scoring.Gold) -> Report:
    """Return the report that a coder would make that agrees with every row of the gold."""
    article = scoring.read_sample(gold)
    text = article.text
    starts = sorted({0, *(text.find(row.sentence) for row in (*gold.events, *gold.not_events, *gold.statements))})
    spans = [Span(start, end) for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    sentences = tuple(Sentence(index, span, 0, 0) for index, span in enumerate(spans))
    statements = tuple(
        Statement(
            str(index),
            0,
            row.kind,
            _ids(row.speakers),
            (),
            _ids(row.addressees),
            None,
            scoring.place(text, row.sentence, row.content) or (),
        )
        for index, row in enumerate(gold.statements)
    )
    events = tuple(_event(text, row, sentences, str(index)) for index, row in enumerate(gold.events))
    people = {
        reference
        for row in (*gold.statements, *gold.events)
        for group in (
            (row.speakers, row.addressees) if isinstance(row, scoring.GoldStatement) else (row.actors, row.recipients)
        )
        for reference in group
    }
    entities = {entity.id: entity for entity in map(_entity, sorted(people))}
    return Report(article, tuple(entities.values()), (), statements, events, sentences=sentences)


def _event(text: str, row: scoring.GoldEvent, sentences: tuple[Sentence, ...], name: str) -> Event:
    (trigger,) = scoring.place(text, row.sentence, [row.trigger]) or (Span(0, 0),)
    index = next(sentence.index for sentence in sentences if sentence.span.covers(trigger))
    kind = row.event.split(scoring.OR)[0]
    return Event(
        id=name,
        sentence=index,
        event=kind,
        modes=row.modes,
        contexts=(),
        cameo="",
        score=0.0,
        quad="",
        actors=_ids(row.actors),
        recipients=_ids(row.recipients),
        trigger=trigger,
        status="asserted",
        statement_id=None,
        date=None,
        place=None,
        confidence=1.0,
        why="",
    )


@pytest.fixture
def gold() -> scoring.Gold:
    return scoring.read_gold(next(path for path in FILES if path.stem == "summit"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_gold_itself_scores_one(path: Path) -> None:
    gold = scoring.read_gold(path)
    one = scoring.score(gold, _perfect(gold))
    for part in (one.statements, one.events):
        for tally in (part.loose, part.strict):
            assert (tally.precision, tally.recall, tally.f1) == (1.0, 1.0, 1.0), (part.missed, part.false)
    assert one.violations == ()


def test_an_empty_report_misses_every_row_that_counts(gold: scoring.Gold) -> None:
    empty = msgspec.structs.replace(_perfect(gold), statements=(), events=())
    one = scoring.score(gold, empty)
    assert one.events.loose == scoring.Tally(0, sum(not row.optional for row in gold.events), 0)
    assert one.statements.loose == scoring.Tally(0, sum(not row.optional for row in gold.statements), 0)


def test_a_second_report_of_one_event_is_false(gold: scoring.Gold) -> None:
    report = _perfect(gold)
    twice = msgspec.structs.replace(report, events=(*report.events, report.events[-1]))
    assert scoring.score(gold, twice).events.loose.false == 1


def test_an_event_that_is_not_asserted_does_not_count(gold: scoring.Gold) -> None:
    report = _perfect(gold)
    negated = tuple(msgspec.structs.replace(event, status="negated") for event in report.events)
    one = scoring.score(gold, msgspec.structs.replace(report, events=negated))
    assert (one.events.loose.found, one.events.loose.false) == (0, 0)


def test_swapped_roles_are_wrong(gold: scoring.Gold) -> None:
    report = _perfect(gold)
    swapped = tuple(
        msgspec.structs.replace(event, actors=event.recipients, recipients=event.actors) for event in report.events
    )
    one = scoring.score(gold, msgspec.structs.replace(report, events=swapped))
    assert one.events.loose.found == 0


def test_what_must_not_be_coded_is_a_violation(gold: scoring.Gold) -> None:
    report = _perfect(gold)
    row = gold.not_events[0]
    wrong = scoring.GoldEvent(row.sentence, row.trigger, row.event, (), (), ())
    extra = _event(report.article.text, wrong, report.sentences, "extra")
    one = scoring.score(gold, msgspec.structs.replace(report, events=(*report.events, extra)))
    assert len(one.violations) == 1
    assert row.why in one.violations[0]


def test_half_a_quotation_is_not_the_statement(gold: scoring.Gold) -> None:
    report = _perfect(gold)
    halves = tuple(
        msgspec.structs.replace(
            statement, content=tuple(Span(span.start, (span.start + span.end) // 2) for span in statement.content)
        )
        for statement in report.statements
    )
    one = scoring.score(gold, msgspec.structs.replace(report, statements=halves))
    needed = sum(not row.optional for row in gold.statements)
    assert one.statements.loose.found < needed / 2


REFERENCES = [
    ("United States", Entity("USA", "United States", "state", "USA"), True),
    ("United States", Entity("org:state", "U.S. Department of State", "organisation", "USA", ("GOV",)), True),
    ("United States", Entity("per:joe-biden", "Joe Biden", "person", "USA", ("GOV",)), False),
    ("United States", Entity("org:pentagon", "Pentagon", "organisation", "USA", ("MIL",)), False),
    ("USA:GOV", Entity("x", "U.S. official", "group", "USA", ("GOV",)), True),
    ("USA:GOV", Entity("x", "U.S. troops", "group", "USA", ("MIL",)), False),
    ("???:JRN", Entity("x", "reporters", "group", None, ("JRN",)), True),
    ("???:JRN", Entity("x", "reporters", "group", "RUS", ("JRN",)), False),
    ("Iran|IRN:BUS?", Entity("x", "Iranian banks", "group", "IRN", ("BUS",)), True),
    ("Aleksandar Vučić", Entity("x", "Aleksandar Vucic", "person", "SRB"), True),
]


@pytest.mark.parametrize(("reference", "entity", "expected"), REFERENCES)
def test_references_match_by_name_or_country_and_sector(reference: str, entity: Entity, expected: bool) -> None:
    assert scoring.names(reference, entity) is expected


def test_optional_entities_may_be_left_out() -> None:
    iran = Entity("IRN", "Iran", "state", "IRN")
    assert scoring.share(["Iran?"], [])
    assert not scoring.share(["Iran"], [])
    assert scoring.equal(["Iran?"], [])
    assert scoring.equal(["Iran?"], [iran])
    assert not scoring.equal([], [iran])


def test_the_samples_have_the_length_of_news() -> None:
    for path in FILES:
        words = len(re.findall(r"\w+", scoring.read_sample(scoring.read_gold(path)).text))
        assert 250 <= words <= 620, path
