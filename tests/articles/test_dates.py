"""Dates as sources write them: metadata values, and the first lines of plain texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.articles.dates import dates_in, find_date, parse_date
from communique.articles.piece import Given
from communique.articles.text import first_lines

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2023-03-22", "2023-03-22"),
        ("2023-03-22T10:05:00Z", "2023-03-22T10:05:00+00:00"),
        ("2023-03-22T10:05:00.123+03:00", "2023-03-22T10:05:00+03:00"),
        ("2023-03-22 10:05", "2023-03-22T10:05:00"),
        ("20230322T100500Z", "2023-03-22T10:05:00+00:00"),
        ("20230322", "2023-03-22"),
        ("2023/3/2", "2023-03-02"),
        ("22.03.2023", "2023-03-22"),
        ("Wed, 22 Mar 2023 10:05:00 -0400", "2023-03-22T10:05:00-04:00"),
        ("Wed, 22 Mar 23 10:05 EST", "2023-03-22T10:05:00-05:00"),
        ("March 22nd, 2023 at 9:30 PM", "2023-03-22T21:30:00"),
        ("12:05 a.m. EDT, Wed March 22, 2023", "2023-03-22T00:05:00-04:00"),
        ("Monday 12 July 2010 08.31 BST", "2010-07-12T08:31:00+01:00"),
        ("22 March 2023 10:05 GMT+3", "2023-03-22T10:05:00+03:00"),
        ("Fri, 21 Oct 2022 11:40 PM IST", "2022-10-21T23:40:00+05:30"),
        ("Sept. 4, 1999", "1999-09-04"),
        ("1679479200", "2023-03-22T10:00:00+00:00"),
        ("1679479200000", "2023-03-22T10:00:00+00:00"),
        ("03/04/2023", None),
        ("31 February 2020", None),
        ("2026-01-09", None),
        ("0001-01-01", None),
        ("2023-03-22T25:99", "2023-03-22"),
        ("May", None),
        ("", None),
    ],
)
def test_metadata_values(value: str, expected: str | None) -> None:
    assert parse_date(value, now=NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected", "publisher"),
    [
        ("Talks end\n22 March 2023\n\nThe talks ended.", "2023-03-22", None),
        ("Talks end\n\nPublished: March 22, 2023 10:05 GMT\n\nThe talks ended.", "2023-03-22T10:05:00+00:00", None),
        ("Talks end\nBy our correspondent | 22 March 2023\nThe talks ended.", "2023-03-22", None),
        ("KLOW, March 22, 2023 (Xinhua) -- The talks ended.", "2023-03-22", "Xinhua"),
        ("MOSCOW, 22 March 2023 - The talks ended.", "2023-03-22", None),
        ("MOSCOW (Reuters) - The talks ended.", None, "Reuters"),
        ("KYIV, Ukraine (AP) — The talks ended on 22 March 2023.", None, "Associated Press"),
        ("The treaty of 22 March 2023 was signed in Klow and has been broken ever since, officials said.", None, None),
        ("He said on 22 March 2023 that the talks had ended.", None, None),
        ("Talks end\n\n" + "The talks ended.\n" * 9 + "22 March 2023", None, None),
        ("KLOW (a city) - The talks ended.", None, None),
    ],
)
def test_first_lines_of_plain_texts(text: str, expected: str | None, publisher: str | None) -> None:
    given = first_lines(text, Given())
    assert (given.published, given.publisher) == (expected, publisher)
    assert (given.published_from is None) == (expected is None)


def test_what_is_given_stays() -> None:
    given = Given(published="2020-01-01", published_from="feed", publisher="Courier")
    assert first_lines("22 March 2023\n\nMOSCOW (Reuters) - The talks ended.", given) == given


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    for found in (parse_date(text), find_date(text), *dates_in(text)):
        assert found is None or datetime.fromisoformat(found)
