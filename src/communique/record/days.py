"""The days that dates name."""

from __future__ import annotations

from datetime import date

#: Characters of an ISO 8601 date; what follows is the time.
ISO_DAY = 10


def day_of(value: str | None) -> date | None:
    """Return the day of an ISO 8601 date or date-time, None where it names no day.

    >>> day_of("2023-03-22T10:00:00+02:00"), day_of("2023-03"), day_of(None)
    (datetime.date(2023, 3, 22), None, None)
    """
    try:
        return date.fromisoformat((value or "")[:ISO_DAY])
    except ValueError:
        return None
