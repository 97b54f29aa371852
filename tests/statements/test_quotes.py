from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.statements.quotes import find_quotes

QUOTES = [
    ('"Yes," he said. "No."', ['"Yes,"', '"No."']),
    ("“Yes,” he said", ["“Yes,”"]),
    ("„Ja“, sagte er", ["„Ja“"]),
    ("« Oui », dit-il", ["« Oui »"]),
    ("「是」", ["「是」"]),
    ("He said “nested ‘inner’ words” twice", ["“nested ‘inner’ words”"]),
    ("“First paragraph goes on\n\n“and ends here.”", ["“First paragraph goes on", "“and ends here.”"]),
    ('A stray " in the middle', []),
    ('A 5" nail and a 6" nail', []),
    ("never opened” here", []),
    ("an unclosed “mark here", []),
]


@pytest.mark.parametrize(("text", "quotes"), QUOTES)
def test_quotes(text: str, quotes: list[str]) -> None:
    assert [span.of(text) for span in find_quotes(text)] == quotes


@given(st.text(alphabet="ab \n\"“”„«»'’"))
def test_quotes_are_in_order_and_apart(text: str) -> None:
    end = 0
    for span in find_quotes(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end
