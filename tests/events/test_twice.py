"""Acts that an article tells twice, and how many people were killed, injured and arrested: the tables in tests/gold."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from communique import Coder
from communique.articles import article_from_text
from communique.events.tolls import read_number
from communique.model import Report

GOLD = Path(__file__).parents[1] / "gold"
DAY = "2024-06-14"
TOLLS = ("killed", "injured", "arrested")


def rows(name: str) -> Iterator[dict[str, str]]:
    with (GOLD / name).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder()


def code(coder: Coder, text: str) -> Report:
    return coder.code(article_from_text(text.replace("\\n", "\n"), published=DAY))


@pytest.mark.parametrize("row", [pytest.param(row, id=row["case"]) for row in rows("twice.tsv")])
def test_one_act_is_one_event(coder: Coder, row: dict[str, str]) -> None:
    report = code(coder, row["text"])
    events = [event for event in report.events if event.event == row["type"]]
    assert len(events) == int(row["events"])
    told = [span.of(report.article.text) for event in events for span in event.evidence]
    assert all(word.isalpha() for word in told)
    assert bool(told) == (row["events"] == "1")


@pytest.mark.parametrize("row", [pytest.param(row, id=row["case"]) for row in rows("tolls.tsv")])
def test_tolls(coder: Coder, row: dict[str, str]) -> None:
    events = code(coder, row["text"]).events
    for name in TOLLS:
        numbers = [number for event in events if (number := getattr(event, name)) is not None]
        assert numbers == ([int(row[name])] if row[name] else []), name


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (["a", "hundred"], 100),
        (["two", "thousand"], 2000),
        (["1.5", "million"], 1_500_000),
        (["1.5"], None),
        (["several"], None),
        (["twenty-five"], 25),
        ([], None),
    ],
)
def test_numbers(words: list[str], number: int | None) -> None:
    assert read_number(words) == number
