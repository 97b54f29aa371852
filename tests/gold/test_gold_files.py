"""The gold files are sound: every word that they name stands in its sample, every code is PLOVER's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import scoring

from communique.codebook import event_type
from communique.model import Article

#: PLOVER's sector codes (manual 2.0, chapter 5), and its codes of non-state actors that stand as sectors here.
SECTORS = frozenset(
    "COP GOV JUD LEG MIL PRM PTY REB SPY UAF UNK AGR BUS CRM CVL EDU ELI JRN LAB MED REF OPP PRE REL SOC "
    "IGO UNO EUR NGO ISM IMG MNC".split()
)
#: A gold sentence is named by its first words: enough of them to find it, unless it is shorter itself.
SENTENCE_START = 40
SENTENCE_ENDS = ".?!\"'”’"
FILES = scoring.gold_files()
ALL_FILES = (*FILES, *scoring.brief_files())
#: What must not be on a page once it is read: the menu, the sidebar, the footers.
NOT_MAIN_TEXT = (
    "No comments",
    "Post a Comment",
    "Popular posts",
    "Search This Blog",
    "balloon",
    "Subscribe",
    "Labels",
    "cookies",
    "Kurdish",
    "Newsletter",
    "made-up",
    "Share to",
)


@cache
def _gold(path: Path) -> scoring.Gold:
    return scoring.read_gold(path)


@cache
def _article(path: Path) -> Article:
    return scoring.read_sample(_gold(path))


@cache
def _pieces(path: Path) -> tuple[tuple[scoring.Gold, str], ...]:
    """Return what a file lists, with the text: one sample, or many briefs."""
    if path.parent.name == "briefs":
        return tuple((brief, brief.text) for brief in scoring.read_briefs(path))
    return ((_gold(path), _article(path).text),)


def _rows(gold: scoring.Gold) -> Iterator[scoring.GoldStatement | scoring.GoldEvent | scoring.NotEvent]:
    yield from gold.statements
    yield from gold.events
    yield from gold.not_events


def test_every_sample_has_its_gold() -> None:
    samples = {f"samples/{path.name}" for path in (scoring.ROOT / "samples").iterdir()}
    assert {_gold(path).source for path in FILES} == samples


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_the_main_text_is_read(path: Path) -> None:
    article = _article(path)
    assert article.published is not None
    assert article.published.startswith(_gold(path).published)
    assert article.title is not None
    assert article.text.startswith(article.title + "\n\n")
    assert [words for words in NOT_MAIN_TEXT if words in article.text] == []


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: path.stem)
def test_sentences_stand_once_in_the_text(path: Path) -> None:
    for gold, text in _pieces(path):
        for row in _rows(gold):
            assert text.count(row.sentence) == 1, row
            whole = row.sentence[-1] in SENTENCE_ENDS or text.startswith(row.sentence + "\n")
            assert len(row.sentence) >= SENTENCE_START or whole, row


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: path.stem)
def test_words_stand_where_the_gold_says(path: Path) -> None:
    for row, text in ((row, text) for gold, text in _pieces(path) for row in _rows(gold)):
        if isinstance(row, scoring.GoldStatement):
            for pieces in (row.content, *row.also):
                assert scoring.place(text, row.sentence, pieces), row
            assert not row.cue or row.cue in text, row
        else:
            spans = scoring.place(text, row.sentence, [row.trigger])
            assert spans, row
            assert "\n" not in text[text.find(row.sentence) : spans[0].end], row


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: path.stem)
def test_codes_are_plovers(path: Path) -> None:
    for event in (event for gold, _ in _pieces(path) for event in gold.events):
        types = [event_type(name) for name in event.event.split(scoring.OR)]
        known = {mode.name for one in types for mode in one.modes}
        assert set(event.modes) <= known, event
        if types[0].name == "SANCTION" and types[0].recipient_required and not event.optional:
            assert event.recipients, event
    for row in (row for gold, _ in _pieces(path) for row in gold.not_events):
        event_type(row.event)


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: path.stem)
def test_references_are_names_or_country_and_sector(path: Path) -> None:
    references = [
        reference
        for gold, _ in _pieces(path)
        for row in (*gold.statements, *gold.events)
        for group in (
            (row.speakers, row.addressees) if isinstance(row, scoring.GoldStatement) else (row.actors, row.recipients)
        )
        for entry in group
        for reference in scoring.alternatives(entry)
    ]
    codes = set(scoring.state_codes().values())
    for reference in references:
        nominal = scoring.NOMINAL.fullmatch(reference)
        if nominal:
            country, sector = nominal.groups()
            assert country == scoring.UNKNOWN_COUNTRY or country in codes, reference
            assert sector in SECTORS, reference
        else:
            assert reference[0].isupper(), reference
            assert ":" not in reference, reference


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: path.stem)
def test_nothing_is_both_an_event_and_none(path: Path) -> None:
    for one, text, row in ((gold, text, row) for gold, text in _pieces(path) for row in gold.not_events):
        none = scoring.place(text, row.sentence, [row.trigger])
        for event in one.events:
            there = scoring.place(text, event.sentence, [event.trigger])
            assert none
            assert there
            assert row.event not in event.event.split(scoring.OR) or not none[0].overlaps(there[0]), (row, event)
