"""Dates as sources write them, to ISO 8601: with the offset from UTC where one is told, never with a guessed one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep"
        "|october oct|november nov|december dec".split("|"),
        start=1,
    )
    for name in names.split()
}
#: Zones by the names that news sites write, in hours from UTC. "IST", "CST" and "BST" have other meanings elsewhere; in
#: English news the first is India's (Israel's papers write "Israel time"), the second US Central, the third British.
ZONES = {
    "z": 0.0, "utc": 0.0, "gmt": 0.0, "wet": 0.0, "bst": 1.0, "cet": 1.0, "cest": 2.0, "eet": 2.0, "eest": 3.0,
    "msk": 3.0, "ist": 5.5, "pkt": 5.0, "sgt": 8.0, "hkt": 8.0, "jst": 9.0, "kst": 9.0, "aest": 10.0, "aedt": 11.0,
    "est": -5.0, "edt": -4.0, "cst": -6.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0,
}  # fmt: skip
#: Nothing in a newspaper archive is older; what says so is a default value or a slip.
FIRST_YEAR = 1800
#: A day more than now: publishers live in zones ahead of ours.
AHEAD = timedelta(days=1)
#: When this was written: a clock that says less is wrong, and no reason to take all news for news of the future.
WRITTEN = datetime(2026, 11, 27, tzinfo=UTC)

# Blanks are taken whole and not given back ("++"): otherwise a row of them takes the third power of its length.
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = r"(?:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\.?,?\s++)?"
_TIME = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?(?:\s*+(?P<half>[ap]\.?m\.?))?"
)
_ZONE = (
    r"(?:\s*+(?P<zone>Z\b|[+-]\d{2}:?\d{2}\b|\(?(?:" + "|".join(ZONES) + r")\b\)?(?:\s*+(?P<plus>[+-]\d{1,2})\b)?))?"
)
_AFTER = rf"(?:(?:T|,?\s++(?:at\s++|[-–—|•·]\s*+)?){_TIME}{_ZONE})?"
_BEFORE = (
    rf"(?:(?P<hour0>\d{{1,2}}):(?P<minute0>\d{{2}})(?:\s*+(?P<half0>[ap]\.?m\.?))?(?:\s*+(?P<zone0>(?:{'|'.join(ZONES)})\b))?"
    r"(?:\s*+,)?\s++(?:on\s++)?)?"
)
_FORMS = tuple(
    re.compile(_BEFORE + _WEEKDAY + form + _AFTER, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-](?:of\s++)?(?P<name>{_MONTH})\.?,?[\s-](?P<year>\d{{4}})(?!\d)",
        rf"\b(?P<name>{_MONTH})\.?\s++(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s++(?P<year>\d{{4}})(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?!\d)",
    )
)
#: Any of these forms, without their parts: where in a line a date stands.
DATE = re.compile("|".join(re.sub(r"\?P<\w+>", "?:", form.pattern) for form in _FORMS), re.IGNORECASE)
#: RFC 822: two figures for the year, in mail and feeds only.
_SHORT_YEAR = re.compile(
    rf"^{_WEEKDAY}(?P<day>\d{{1,2}})\s++(?P<name>{_MONTH})\s++(?P<year>\d{{2}})(?!\d){_AFTER}", re.IGNORECASE
)
_BASIC = re.compile(
    r"^\s*(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?\s*$"
)
_EPOCH = re.compile(r"^\s*(?P<seconds>\d{9,10})(?P<milliseconds>\d{3})?(?:\.\d+)?\s*$")


#: Characters of a value or a line in which a date is looked for: the forms take the square of the time.
LOOKED_AT = 1_000


def parse_date(value: str, *, now: datetime | None = None) -> str | None:
    """Return the date in a metadata value as ISO 8601, or None when it holds none that can be.

    Day and month in figures alone ("03/04/2023") are not read: which is which can't be known.

    >>> parse_date("Wed, 22 Mar 2023 10:05:00 GMT"), parse_date("March 22, 2023 9:30 p.m. EDT")
    ('2023-03-22T10:05:00+00:00', '2023-03-22T21:30:00-04:00')
    """
    return find_date(value, now=now, whole=True)


def find_date(text: str, *, now: datetime | None = None, whole: bool = False) -> str | None:
    """Return the first date in the first thousand characters of ``text`` as ISO 8601.

    With ``whole``, forms are read that are dates only by themselves.

    >>> find_date("Posted at 10:05 GMT on 22 March 2023 by the desk")
    '2023-03-22T10:05:00+00:00'
    """
    text = text[:LOOKED_AT]
    if whole:
        text = text.strip()
        if (epoch := _EPOCH.match(text)) is not None:
            moment = datetime.fromtimestamp(int(epoch["seconds"]), UTC)
            return moment.isoformat() if _is_possible(moment.date(), now) else None
        for form in (_BASIC, _SHORT_YEAR):
            if (match := form.match(text)) is not None and (found := _iso(match.groupdict(), now)):
                return found
    matches = (match for form in _FORMS for match in form.finditer(text))
    for match in sorted(matches, key=lambda match: match.start()):
        if found := _iso(match.groupdict(), now):
            return found
    return None


#: A year as dates have it, and the characters around one that its date may take up.
YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
AROUND = 48


def dates_in(text: str) -> Iterator[str]:
    """Yield the dates in a long text in order, as ISO 8601. Looks around years only, which is what makes it fast.

    >>> list(dates_in("Posted on 22 March 2023 at 10:05. Copyright 2023."))
    ['2023-03-22T10:05:00']
    """
    end = 0
    for year in YEAR.finditer(text):
        if year.start() < end:
            continue
        start = max(end, year.start() - AROUND)
        match = DATE.search(text, start, year.end() + AROUND)
        if match is not None and (found := find_date(match.group())) is not None:
            end = match.end()
            yield found


def _iso(parts: dict[str, str | None], now: datetime | None) -> str | None:
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") < 4:
        year += 1900 if year >= 69 else 2000  # RFC 2822, 4.3, has 50; POSIX and mail programs have 69
    month = int(parts.get("month") or 0) or MONTHS.get((parts.get("name") or "").lower(), 0)
    try:
        day = date(year, month, int(parts["day"] or 0))
    except ValueError:
        return None
    if not _is_possible(day, now):
        return None
    return _with_time(day, parts) or day.isoformat()


def _is_possible(day: date, now: datetime | None) -> bool:
    return day.year >= FIRST_YEAR and day <= ((now or present()) + AHEAD).date()


def present() -> datetime:
    """Return now in UTC, as the clock has it unless that can't be."""
    return max(datetime.now(UTC), WRITTEN)


def _with_time(day: date, parts: dict[str, str | None]) -> str | None:
    """Return day and time, when there is a time in ``parts``."""
    mark = "" if parts.get("hour") else "0"
    if not parts.get("hour" + mark):
        return None
    hour, minute = int(parts["hour" + mark] or 0), int(parts["minute" + mark] or 0)
    half = (parts.get("half" + mark) or "").lower().replace(".", "")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    zone = _zone(parts.get("zone" + mark), parts.get("plus") if not mark else None)
    try:
        return datetime(day.year, day.month, day.day, hour, minute, int(parts.get("second") or 0), 0, zone).isoformat()
    except ValueError:
        return None


def _zone(value: str | None, plus: str | None) -> timezone | None:
    if not value:
        return None
    if value[0] in "+-":
        hours, minutes = int(value[1:3]), int(value[-2:])
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if value[0] == "-" else 1)
    else:
        name = re.match(r"\(?([A-Za-z]+)", value)
        offset = timedelta(hours=ZONES[name[1].lower()] + int(plus or 0)) if name else timedelta(0)
    return timezone(offset) if abs(offset) < timedelta(hours=24) else None
