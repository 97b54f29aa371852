"""What the record's tests share: made-up reports, as many as are wanted, each with ids of its own."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from communique.model import Report
from communique.record import Run

FIRST = Run.make(version="1", code="c1", model="m1", atlas="a1", settings="{}")
SECOND = Run.make(version="2", code="c2", model="m2", atlas="a2", settings="{}")

Reports = Callable[[int], list[Report]]


def numbered(report: Report, number: int) -> Report:
    """The report again, of another article: all ids differ, all else is the same."""
    replace = msgspec.structs.replace
    return replace(
        report,
        article=replace(report.article, id=f"{report.article.id}-{number}"),
        mentions=tuple(replace(one, id=f"{one.id}-{number}") for one in report.mentions),
        statements=tuple(replace(one, id=f"{one.id}-{number}") for one in report.statements),
        events=tuple(
            replace(one, id=f"{one.id}-{number}", statement_id=one.statement_id and f"{one.statement_id}-{number}")
            for one in report.events
        ),
    )


@pytest.fixture
def reports(report: Report) -> Reports:
    return lambda count: [numbered(report, number) for number in range(count)]
