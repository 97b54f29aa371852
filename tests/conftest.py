"""What all tests share: how properties are tried, and a made-up report that uses every part of the model."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from communique.articles import article_from_text
from communique.model import Entity, Event, Mention, Note, Report, Sentence, Span, Statement

#: Machines are busy: no test of a property fails for its time. Under CI the same cases are tried every time.
settings.register_profile("communique", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("communique")

TEXT = """Borduria asks Syldavia for clarity

Borduria asked Syldavia to “explain” its moves, the minister told reporters in Klow. It rained. He left."""


def span(part: str) -> Span:
    start = TEXT.index(part)
    return Span(start, start + len(part))


@pytest.fixture(scope="session")
def report() -> Report:
    second = span("Borduria asked Syldavia to “explain” its moves, the minister told reporters in Klow.")
    return Report(
        article=article_from_text(TEXT, published="2023-03-22"),
        entities=(
            Entity("BOR", "Borduria", "state", "BOR", ("GOV",)),
            Entity("SYL", "Syldavia", "state", "SYL", ("GOV",)),
            Entity("grp:x", "reporters [red]", "group", None, ("MED",)),
        ),
        mentions=(Mention("m1", span("Borduria"), span("Borduria"), "name", "BOR"),),
        statements=(
            Statement(
                id="st1",
                sentence=1,
                kind="mixed",
                speakers=("BOR",),
                speaker_spans=(span("the minister"),),
                addressees=("grp:x",),
                cue=span("told"),
                content=(span("Borduria asked Syldavia to “explain” its moves"),),
                about=("SYL",),
                channel="at a press conference",
            ),
        ),
        events=(
            Event(
                id="ev1",
                sentence=1,
                event="REQUEST",
                modes=("change",),
                contexts=("diplomatic",),
                cameo="020",
                score=-1.0,
                quad="verbal conflict",
                actors=("BOR",),
                recipients=("SYL",),
                trigger=span("asked"),
                status="asserted",
                statement_id="st1",
                date="2023-03-22",
                place=None,
                confidence=0.93,
                why="lexicon: ask X to",
            ),
        ),
        problems=("one quotation mark is never closed",),
        notes=(Note(1, span("moves"), "no event: a noun without an actor"),),
        sentences=(
            Sentence(0, span("Borduria asks Syldavia for clarity"), 0, 5),
            Sentence(1, second, 5, 20),
            Sentence(2, span("It rained."), 20, 23),
            Sentence(3, span("He left."), 23, 26),
        ),
    )
