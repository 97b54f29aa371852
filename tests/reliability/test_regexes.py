"""No regular expression of the package takes more than linear time on what is made to be slow for it."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator

import pytest
from reliability.regexes import Place, patterns, slow

from reliability import regexes


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, regexes._stop)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("pattern", [r"\s+$", r"(a+)+b", r"\[([^\]]*)\]", r"a.*b.*c", r"^(\w+\s?)*$"])
def test_slow_ones_are_found(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regexes, "STOPPED", 0.5)
    assert slow(Place("here", re.compile(pattern), False)) is not None


@pytest.mark.parametrize("pattern", [r"\d{1,5} of", r"(?<!\s)\s+x", r"[a-z]+", r"\[([^\[\]]*)\]"])
def test_quick_ones_are_not(pattern: str) -> None:
    assert slow(Place("here", re.compile(pattern), False)) is None


def test_all_patterns() -> None:
    places = patterns()
    assert len(places) > 100
    assert [one for place in places if (one := slow(place)) is not None] == []
