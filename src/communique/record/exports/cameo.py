"""How the older formats write a party and a code."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import msgspec

from communique.codebook import CodebookError, goldstein
from communique.record.exports.source import Pair, Party, Source
from communique.resources import read_text

#: First digits of a CAMEO code.
ROOT_DIGITS, BASE_DIGITS = 2, 3
#: Bits of an id (64) that make a number: those who read ids as numbers read signed ones.
ID_BITS, NUMBER_BITS = 64, 63


class Agent(msgspec.Struct, frozen=True):
    """A party as CAMEO writes it: ``code`` is ``root`` (country) and ``agent`` (first sector) together."""

    code: str
    root: str
    agent: str
    others: tuple[str, ...]


NOBODY = Agent("", "", "", ())


def agent_of(party: Party | None) -> Agent:
    """Return a party's CAMEO code; a state itself is its country alone, as the older dictionaries have it.

    >>> agent_of(Party("per:x", "X", "person", "RUS", ("MIL", "GOV"))).code
    'RUSMIL'
    """
    if party is None:
        return NOBODY
    root = party.country or ""
    sectors = () if party.kind == "state" else party.sectors
    first = sectors[0] if sectors else ("" if root else "UNK")
    return Agent(root + first, root, first, sectors[1:])


def value_of(code: str) -> float | None:
    """Return the Goldstein value of a CAMEO code, None for a code that CAMEO lacks."""
    try:
        return goldstein(code)
    except CodebookError:
        return None


def number(item: str) -> str:
    """Return an id as the digits of a positive number, for readers that want one.

    >>> number("ffffffffffffffff")
    '9223372036854775807'
    """
    return str(int(item, 16) >> (ID_BITS - NUMBER_BITS))


@cache
def cow_numbers() -> Mapping[str, str]:
    """Return the Correlates of War number of each state, by ISO 3166 alpha-3."""
    lines = read_text("record/exports/cow.tsv").splitlines()
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    return {row["code"]: row["number"] for row in rows}


class Merged(msgspec.Struct, frozen=True):
    """A record of a format that keeps one a day: the first of its pairs, and the sources of all."""

    pair: Pair
    sources: tuple[Source, ...]
    reports: int


def one_a_day(found: Iterable[Pair], *, merge: bool) -> Iterator[Merged]:
    """Yield pairs; with ``merge`` one for each day, source, target and full code (Phoenix's rule), articles merged."""
    if not merge:
        for pair in found:
            yield Merged(pair, pair.coding.sources, pair.coding.reports)
        return
    groups: dict[tuple[object, ...], list[Pair]] = {}
    for pair in found:
        key = (pair.coding.day, agent_of(pair.actor).code, agent_of(pair.recipient).code, pair.coding.cameo)
        groups.setdefault(key, []).append(pair)
    for group in groups.values():
        sources = {source.article_id: source for pair in group for source in pair.coding.sources}
        yield Merged(group[0], tuple(sources.values()), sum(pair.coding.reports for pair in group))
