"""Whether the record would come out the same if its articles were coded now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from communique.model import Report

if TYPE_CHECKING:
    from communique.record.store import Record

#: What is compared, by the name that a person knows it by.
PARTS = ("entities", "mentions", "statements", "events", "sentences", "problems")


class Kept(msgspec.Struct, frozen=True):
    """A report as the record has it, and the run that made it."""

    report: Report
    run: str


def drawn(record: Record, *, size: int, seed: int) -> tuple[Kept, ...]:
    """Return the reports of ``size`` articles, the same for the same record and seed."""
    order = "md5($1 || id)"
    rows = record.answer_sql(f"SELECT id, run FROM articles ORDER BY {order}, id LIMIT $2", (str(seed), size)).rows
    runs = dict(rows)
    return tuple(Kept(report, runs[report.article.id]) for report in record.reports(runs))


def compare(old: Report, new: Report) -> tuple[str, ...]:
    """Return how two reports of an article differ, part by part; nothing where they are the same. Notes do not count.

    >>> from communique.model import Article
    >>> old = Report(Article("1", "Hi"), (), (), (), (), problems=("odd",))
    >>> compare(old, old), compare(old, msgspec.structs.replace(old, problems=()))
    ((), ('problems: 1 gone',))
    """
    found = []
    for part in PARTS:
        before, after = getattr(old, part), getattr(new, part)
        if before != after:
            gone, come = sum(one not in after for one in before), sum(one not in before for one in after)
            told = [f"{gone} gone"] if gone else []
            told += [f"{come} new"] if come else []
            found.append(f"{part}: {', '.join(told) or 'in another order'}")
    return tuple(found)
