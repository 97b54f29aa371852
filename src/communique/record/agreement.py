"""How far machine and people agree, and people with each other: precision, recall, Krippendorff's alpha."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from communique.codebook import types

if TYPE_CHECKING:
    from communique.record.store import Record

#: Values of a unit that can be compared: an alpha needs two.
FEWEST = 2
ALL = "all"


class Line(msgspec.Struct, frozen=True):
    """Agreement on one type, or on all; None where there is nothing to divide by.

    ``machine`` and ``people`` count events in judged sentences, a sentence that two people judged twice; ``found`` are
    those that both have. ``alpha`` is between machine and people, ``alpha_people`` between people.
    """

    type: str
    machine: int
    people: int
    found: int
    precision: float | None
    recall: float | None
    f1: float | None
    alpha: float | None
    alpha_people: float | None


class Agreement(msgspec.Struct, frozen=True):
    """What :func:`agreement` found: judged sentences, coders, and a line for each type."""

    sentences: int
    coders: tuple[str, ...]
    lines: tuple[Line, ...]


class Sentence(msgspec.Struct, frozen=True):
    """The types of the events of one sentence: the machine's, and each coder's."""

    machine: tuple[str, ...]
    people: dict[str, tuple[str, ...]]


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    r"""Return Krippendorff's alpha for nominal values, None where it is not defined (no pair, or one value only).

    A unit is the values that coders gave it, those that gave none left out. With :math:`o_{ck}` the pairs of values c
    and k within units, a unit of m values weighing each of its pairs by 1 / (m - 1), :math:`n_c` its sums and n their
    total [1]_,

    .. math:: \alpha = 1 - \frac{D_o}{D_e} = 1 - (n - 1) \frac{\sum_{c \neq k} o_{ck}}{\sum_{c \neq k} n_c n_k}

    1 is agreement, 0 what chance would give, below 0 less than chance.

    .. [1] Krippendorff, K. (2011). Computing Krippendorff's Alpha-Reliability. University of Pennsylvania, Annenberg
       School for Communication. The example below is his section C: four observers, twelve units.

    >>> observers = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    >>> units = [[value for value in unit if value != "."] for unit in zip(*observers)]
    >>> round(krippendorff_alpha(units), 3)
    0.743
    """
    counts: Counter[Hashable] = Counter()
    disagreement = 0.0
    for unit in units:
        if len(unit) < FEWEST:
            continue
        values = Counter(unit)
        counts.update(values)
        unlike = len(unit) ** 2 - sum(count**2 for count in values.values())
        disagreement += unlike / (len(unit) - 1)
    total = sum(counts.values())
    expected = total**2 - sum(count**2 for count in counts.values())
    return None if expected == 0 else 1 - (total - 1) * disagreement / expected


def agreement(record: Record) -> Agreement:
    """Compare the machine's events with people's in all judged sentences, by type.

    1. Precision and recall match events of a type within a sentence, one for one;
    2. alpha by type takes a sentence for a unit and asks whether the type is in it; over all types, which set of types
       is in it.
    """
    sentences = _sentences(record)
    names = [one.name for one in types()]
    lines = [_line(name, sentences) for name in names]
    used = [line for line in lines if line.machine or line.people]
    coders = tuple(sorted({coder for sentence in sentences for coder in sentence.people}))
    return Agreement(len(sentences), coders, (*used, _total(lines, sentences)))


JUDGED = """
SELECT c.article_id, c.sentence_start, c.sentence_end, c.coder,
    list(c.event ORDER BY c.event) FILTER (c.verdict IN ('right', 'changed', 'missing')) AS people
FROM corrections c GROUP BY ALL ORDER BY ALL
"""
CODED = """
SELECT j.article_id, j.sentence_start, list(e.event ORDER BY e.event) AS machine
FROM (SELECT DISTINCT article_id, sentence_start, sentence_end FROM corrections) j
JOIN events e ON e.article_id = j.article_id
    AND e.trigger_start >= j.sentence_start AND e.trigger_start < j.sentence_end
GROUP BY ALL
"""


def _sentences(record: Record) -> list[Sentence]:
    coded = {(article, start): tuple(found) for article, start, found in record.answer_sql(CODED).rows}
    people: dict[tuple[str, int], dict[str, tuple[str, ...]]] = defaultdict(dict)
    for article, start, _, coder, found in record.answer_sql(JUDGED).rows:
        people[article, start][coder] = tuple(found or ())
    return [Sentence(coded.get(key, ()), given) for key, given in people.items()]


def _line(name: str, sentences: Sequence[Sentence]) -> Line:
    machine = people = found = 0
    for sentence in sentences:
        for given in sentence.people.values():
            mine, theirs = sentence.machine.count(name), given.count(name)
            machine, people, found = machine + mine, people + theirs, found + min(mine, theirs)
    return _made(
        name, machine, people, found,
        krippendorff_alpha((name in s.machine, name in given) for s in sentences for given in s.people.values()),
        krippendorff_alpha([name in given for given in s.people.values()] for s in sentences),
    )  # fmt: skip


def _total(lines: Sequence[Line], sentences: Sequence[Sentence]) -> Line:
    return _made(
        ALL,
        sum(line.machine for line in lines),
        sum(line.people for line in lines),
        sum(line.found for line in lines),
        krippendorff_alpha((frozenset(s.machine), frozenset(one)) for s in sentences for one in s.people.values()),
        krippendorff_alpha([frozenset(one) for one in s.people.values()] for s in sentences),
    )


def _made(name: str, machine: int, people: int, found: int, alpha: float | None, between: float | None) -> Line:
    precision = found / machine if machine else None
    recall = found / people if people else None
    f1 = 2 * found / (machine + people) if machine + people else None
    return Line(name, machine, people, found, precision, recall, f1, alpha, between)
