"""How values read on a page: days, numbers, names, and addresses that may be followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from communique.render.rows import one_line

NOBODY = "–"
UNDATED = "undated"


def day(value: date | str | None) -> str:
    """Return a day as people write it.

    >>> day(date(2023, 3, 2)), day("2023-03-22T10:00:00"), day("March"), day(None)
    ('2 Mar 2023', '22 Mar 2023', 'March', 'undated')
    """
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10])
        except ValueError:
            return one_line(str(value))
    return f"{value.day} {value:%b %Y}" if value else UNDATED


def when(value: str, precision: str | None) -> str:
    """Return a date as far as it is told; the article's own, where nothing is told, in brackets.

    >>> when("2023-03-01", "month"), when("2023-03-20", "week"), when("2023-03-22", "article")
    ('2023-03', 'week of 20 Mar 2023', '(22 Mar 2023)')
    """
    short = {"month": value[:7], "year": value[:4], "decade": f"{value[:4]}s", "week": f"week of {day(value)}"}
    return short.get(precision or "", f"({day(value)})" if precision == "article" else day(value))


def moment(value: datetime) -> str:
    """Return a time of this machine's clock."""
    return f"{value.astimezone():%-d %b %Y, %H:%M:%S}"


def number(value: int) -> str:
    """Return a whole number with its thousands set apart.

    >>> number(1234567)
    '1,234,567'
    """
    return f"{value:,}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    >>> plural(1, "event"), plural(2000, "story", "stories")
    ('1 event', '2,000 stories')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def signed(value: float) -> str:
    """Return a share with its sign, as a typographer sets it.

    >>> signed(-0.123), signed(0.5)
    ('−0.12', '+0.50')
    """
    return f"{value:+.2f}".replace("-", "−")


def web(url: str | None) -> str | None:
    """Return an address that is safe to follow, None for any other, such as ``javascript:``.

    >>> web("https://news.example/1"), web("javascript:alert(1)")
    ('https://news.example/1', None)
    """
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def part(value: str) -> str:
    """Return a value as one part of an address.

    >>> part("per:x/y z")
    'per:x%2Fy%20z'
    """
    return quote(value, safe=":")


def slug(value: str) -> str:
    """Return a word that can be a class of a style sheet.

    >>> slug("verbal conflict")
    'verbal-conflict'
    """
    return "-".join(value.split())


@cache
def state_names() -> Mapping[str, str]:
    """Return the names of states by code."""
    from communique.actors import Atlas

    return {key: entity.name for key, entity in Atlas.load().entities.items() if entity.kind == "state"}


FILTERS: Mapping[str, Callable[..., Any]] = {
    "day": day, "when": when, "moment": moment, "number": number, "plural": plural, "signed": signed, "web": web,
    "part": part, "slug": slug,
}  # fmt: skip
