"""What the lists of events and statements share: filters out of an address, counts beside them, steps through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from communique.explore.page import Query, View
from communique.record.counts import Counted, counts
from communique.record.queries import Asked, Kind

#: Rows that a page shows; a reader of the JSON may ask for more.
ROWS, MOST_ROWS = 40, 500
#: Rows that can be stepped to. Further ones take longer than a page may; a shorter time brings them nearer.
FURTHEST = 4_000


class Steps(msgspec.Struct, frozen=True):
    """Where a page stands among all; ``before`` and ``after`` are numbers of pages, None where there are none."""

    page: int
    first: int
    last: int
    total: int
    before: int | None
    after: int | None
    is_cut: bool


class Choice(msgspec.Struct, frozen=True):
    """A value of a filter that can be chosen."""

    value: str
    count: int
    is_chosen: bool


def asked_from(query: Query, *, single: Sequence[str], several: Sequence[str]) -> Asked:
    """Return the filters that an address has, of those that the page knows."""
    values: dict[str, Any] = {name: query.text(name) for name in single} | {
        name: query.several(name) for name in several
    }
    return {key: value for key, value in values.items() if value}  # type: ignore[return-value]


def steps(query: Query, total: int) -> Steps:
    """Return where the page is that an address asks for."""
    rows = query.number("limit", ROWS, MOST_ROWS)
    page = query.number("page", 1, max(1, FURTHEST // rows))
    last = min(page * rows, total)
    more = last < total
    is_cut = more and page * rows >= FURTHEST
    return Steps(
        page, (page - 1) * rows + 1, last, total, page - 1 if page > 1 else None,
        page + 1 if more and not is_cut else None, is_cut,
    )  # fmt: skip


def counted(view: View, kind: Kind, asked: Asked) -> Counted:
    """Return the counts of a question, remembered."""
    key = ("counts", kind, msgspec.json.encode(asked))
    return view.remembered(key, lambda: counts(view.record, kind, asked), always=not asked)


def choices(found: Counted, query: Query) -> Mapping[str, list[Choice]]:
    """Return the values of each filter; what is chosen stands there, even where nothing has it any more."""
    made = {}
    for facet in found.facets:
        chosen = query.several(facet.name)
        rows = [Choice(value, count, value in chosen) for value, count in facet.values]
        known = {value for value, _ in facet.values}
        made[facet.name] = rows + [Choice(value, 0, True) for value in chosen if value not in known]
    return made
