"""Headlines, transcripts, and what is signed: who speaks by where the words stand."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique import Coder
from communique.model import Span
from communique.statements import find_quotes
from communique.statements.turns import Turn, find_headlines, find_signed, find_transcript

BRIEFING = """Secretary Blinken met reporters on Tuesday.

SECRETARY BLINKEN: Good morning, everyone. Russia must withdraw its troops.

We stand with Ukraine, and we will go on standing with it.

QUESTION: Mr. Secretary, will the United States send tanks?

SECRETARY BLINKEN: We have said what we have to say."""

QUOTED = """Here is what was said.

"WALLACE: Will she be there?

"PENCE: She will not be there.

"And that is that.

The two went on.

"WALLACE: Thank you, sir.

It ended there."""


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder()


def shown(text: str, turns: tuple[Turn, ...]) -> list[tuple[str, list[str]]]:
    return [(turn.speaker.of(text), [span.of(text).strip() for span in turn.content]) for turn in turns]


def test_a_turn_goes_on_to_the_next() -> None:
    found = shown(BRIEFING, find_transcript(BRIEFING, {}))
    assert [speaker for speaker, _ in found] == ["SECRETARY BLINKEN", "QUESTION", "SECRETARY BLINKEN"]
    assert found[0][1][1] == "We stand with Ukraine, and we will go on standing with it."
    assert found[-1][1] == ["We have said what we have to say."]


def test_quoted_turns_end_where_no_mark_opens() -> None:
    found = shown(QUOTED, find_transcript(QUOTED, {}))
    assert found == [
        ("WALLACE", ["Will she be there?"]),
        ("PENCE", ["She will not be there.", '"And that is that.']),
        ("WALLACE", ["Thank you, sir."]),
    ]


def test_a_known_name_in_small_letters_has_turns_too() -> None:
    text = "Vladimir Putin: Good afternoon.\n\nI am glad.\n\nXi Jinping: Thank you.\n\nVladimir Putin: We go on."
    names = {text.index(name): Span(text.index(name), text.index(name) + len(name)) for name in ("Xi Jinping",)}
    names |= {at: Span(at, at + 14) for at in (0, text.rindex("Vladimir"))}
    assert shown(text, find_transcript(text, names))[0][1] == ["Good afternoon.", "I am glad."]


@pytest.mark.parametrize(
    "text",
    [
        "EXCLUSIVE: A ship sank.\n\nThe ship was old.",
        "UPDATE: A ship sank.\n\nUPDATE: It was raised.\n\nPHOTO: The ship.",
        "IRAN: No talks.\n\nIRAQ: No talks either.",
    ],
)
def test_notices_and_single_lines_are_no_transcript(text: str) -> None:
    assert find_transcript(text, {}) == ()


def test_a_transcript_through_the_coder(coder: Coder) -> None:
    report = coder.code(BRIEFING, published="2023-05-01")
    turns = [one for one in report.statements if one.cue and one.cue.of(BRIEFING) == ":"]
    assert [one.speakers for one in turns] == [("per:antony-blinken",), (), ("per:antony-blinken",)]
    assert {one.kind for one in turns} == {"direct"}


@pytest.mark.parametrize(
    ("text", "speaker", "content"),
    [
        ("“Nobody asked us whether we want it.” ― Maria Lopez", "Maria Lopez", "“Nobody asked us whether we want it.”"),
        ('"They betray us once again." -- Ayman Odeh, a lawmaker', "Ayman Odeh", '"They betray us once again."'),
        ("NEVER, EVER THREATEN US AGAIN! — Donald J. Trump (@realDonaldTrump) July 23, 2018", "Donald J. Trump",
         "NEVER, EVER THREATEN US AGAIN!"),
    ],
)  # fmt: skip
def test_what_is_signed(coder: Coder, text: str, speaker: str, content: str) -> None:
    said = coder.code(text, published="2018-07-24").statements[0]
    assert [span.of(text) for span in said.speaker_spans] == [speaker]
    assert [span.of(text) for span in said.content] == [content]
    assert said.kind == "direct"


def test_a_dash_within_a_sentence_signs_nothing() -> None:
    text = "“We will win this war,” he said — Kyiv is sure of it — “We want peace now,” — and nobody answered."
    assert list(find_signed(text, find_quotes(text))) == []


def test_a_headline_needs_a_name_and_more_than_two_words() -> None:
    text = "Kremlin: no talks before May\n\nKremlin: no talks"
    names = {0: Span(0, 7), text.rindex("Kremlin"): Span(text.rindex("Kremlin"), text.rindex("Kremlin") + 7)}
    assert len(list(find_headlines(text, names))) == 1


@given(st.text(alphabet='AB: "“”\n―—@(a.'))
def test_odd_text_gives_spans_within_it(text: str) -> None:
    for turn in (*find_transcript(text, {}), *find_signed(text, find_quotes(text))):
        for span in (turn.speaker, turn.cue, *turn.content):
            assert 0 <= span.start <= span.end <= len(text)
        assert turn.speaker.of(text).strip()


@pytest.mark.parametrize("text", ["A: " * 100_000, "AB: x\n" * 50_000, "“x” ― A " * 60_000, "A — b (" * 80_000])
def test_long_odd_text_takes_linear_time(text: str) -> None:
    began = time.process_time()
    find_transcript(text, {})
    list(find_signed(text, find_quotes(text)))
    assert time.process_time() - began < 5
