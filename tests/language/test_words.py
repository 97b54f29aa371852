from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.language.words import find_words

WORDS = [
    ("Putin met Xi.", "Putin met Xi ."),
    ("They don't, can't and won't.", "They do n't , ca n't and wo n't ."),
    ("Russia’s and the Philippines' envoys", "Russia ’s and the Philippines ' envoys"),
    ("U.S.-backed rebels", "U.S. - backed rebels"),
    ("a 15-year term", "a 15 - year term"),
    ("Mr. Biden and J. Smith", "Mr. Biden and J. Smith"),
    ("$5.3bn, 40% and 1,000", "$ 5.3 bn , 40 % and 1,000"),
    ("at 10:30am", "at 10:30 am"),
    ("He cannot go...", "He can not go ..."),
    ("“No,” he said", "“ No , ” he said"),
    ("an anti-war co-operation", "an anti-war co-operation"),
    ("see https://example.org/a?b=1, please", "see https://example.org/a?b=1 , please"),
    ("Straße, Erdoğan, 北京", "Straße , Erdoğan , 北京"),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_words(text: str, words: str) -> None:
    assert [span.of(text) for span in find_words(text)] == words.split()


@given(st.text())
def test_every_character_but_blanks_is_in_one_word(text: str) -> None:
    spans = find_words(text)
    covered = [index for span in spans for index in range(span.start, span.end)]
    assert covered == sorted(set(covered))
    assert set(covered) == {index for index, character in enumerate(text) if not character.isspace()}


def test_a_long_line_takes_linear_time() -> None:
    assert len(find_words("a" * 1_000_000)) == 1
    assert len(find_words("a-" * 100_000)) == 200_000
