"""Reports of one event in several articles, tied together: a bombing that forty papers print is one occurrence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from communique.model import content_id

#: Reports of one event name days that are no further apart: the day itself, and the day after, when papers print it.
NEAR_DAYS = 1


class Report(msgspec.Struct, frozen=True):
    """One report of an event, as far as it tells occurrences apart."""

    event_id: str
    event: str
    status: str
    actors: tuple[str, ...]
    recipients: tuple[str, ...]
    day: date | None
    place: str | None


def occurrences(reports: Iterable[Report]) -> dict[str, str]:
    """Return the occurrence of each event id.

    1. Reports of the same type, status, actors and recipients are put together and sorted by day;
    2. the first opens an occurrence, and takes those of its day and the day after, so that daily shelling stays as many
       occurrences as days, and does not grow into one;
    3. of these, places that are named and differ keep reports apart; one without a place goes with the first.

    A report without a day or an actor stands alone. The id is a hash of what the reports have in common.

    >>> one = Report("1", "ASSAULT", "asserted", ("RUS",), ("UKR",), date(2023, 3, 1), None)
    >>> next_day = msgspec.structs.replace(one, event_id="2", day=date(2023, 3, 2), place="Kyiv")
    >>> found = occurrences([one, next_day])
    >>> found["1"] == found["2"]
    True
    """
    alike: dict[tuple[object, ...], list[Report]] = defaultdict(list)
    found = {}
    for report in reports:
        if report.day is None or not report.actors:
            found[report.event_id] = content_id("occurrence", report.event_id)
        else:
            parties = (tuple(sorted(set(report.actors))), tuple(sorted(set(report.recipients))))
            alike[(report.event, report.status, *parties)].append(report)
    for key, group in alike.items():
        for first, members in _by_day(sorted(group, key=_order)):
            for member in members:
                place = _place(member, members)
                found[member.event_id] = content_id("occurrence", *key, first, place)
    return found


def _order(report: Report) -> tuple[date, str]:
    assert report.day is not None
    return (report.day, report.event_id)


def _by_day(reports: Sequence[Report]) -> list[tuple[date, list[Report]]]:
    """Sorted reports in groups, each no longer than ``NEAR_DAYS``."""
    groups: list[tuple[date, list[Report]]] = []
    for report in reports:
        assert report.day is not None
        if groups and (report.day - groups[-1][0]).days <= NEAR_DAYS:
            groups[-1][1].append(report)
        else:
            groups.append((report.day, [report]))
    return groups


def _place(report: Report, members: Sequence[Report]) -> str | None:
    """Where a report's occurrence was: the place that it names, else the first that any of the others names."""
    named = (one.place for one in (report, *members))
    return next((place.casefold() for place in named if place), None)
