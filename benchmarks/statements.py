"""Statements end to end, through ``Coder``: ``make bench-statements`` (``--errors`` lists what went wrong on PolNeAR).

On PolNeAR's dev part, from raw text: exact spans as in ``benchmarks.language`` (hulls, outer blanks off); the whole
triple of speaker, cue and content, an attribution without a speaker matching one without; overlap, where two spans are
one when they share at least half of the words of each, one to one. Of the direct quotations there, their content all
between quotation marks, the share of those found whose speaker is the gold's by half of its words. On our
gold articles (tests/gold): of the statements whose content was found, whether speakers and addressees are the same.
"""

from __future__ import annotations

import argparse
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
from tests.gold import scoring

from benchmarks.gold import golds, prf
from communique import Coder
from communique.model import Article, Report, Span
from communique.statements import find_quotes
from training import data

ROLES = ("Source", "Cue", "Content")
#: Two spans are one where each has at least this share of its words in the other.
HALF = 0.5
WORD = re.compile(r"\w+|[^\w\s]")

Words = frozenset[int]


class Triple(msgspec.Struct, frozen=True):
    """An attribution: where its speaker, cue and content stand, each as a hull, and their words by where they begin."""

    hulls: dict[str, tuple[int, int] | None]
    words: dict[str, Words]


def hull(spans: Sequence[Span], text: str) -> tuple[int, int] | None:
    """Return from where to where spans reach, outer blanks off."""
    if not spans:
        return None
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def triple(parts: dict[str, Sequence[Span]], text: str) -> Triple:
    """Make a triple of the spans of each role."""
    words = {
        role: frozenset(match.start() for span in spans for match in WORD.finditer(text, span.start, span.end))
        for role, spans in parts.items()
    }
    return Triple({role: hull(spans, text) for role, spans in parts.items()}, words)


def gold_triples(marks: Sequence[data.Mark], text: str) -> list[Triple]:
    """Return PolNeAR's attributions of an article."""
    return [triple({role: [Span(*s) for s in mark.get(role, [])] for role in ROLES}, text) for mark in marks]


def found_triples(report: Report) -> list[Triple]:
    """Return the statements of a report as attributions; those without a cue go on with another."""
    return [
        triple({"Source": one.speaker_spans[:1], "Cue": [one.cue], "Content": one.content}, report.article.text)
        for one in report.statements
        if one.cue is not None
    ]


def share_half(one: Words, other: Words) -> bool:
    """Say whether each has at least half of its words in the other."""
    common = len(one & other)
    return common > 0 and common >= HALF * max(len(one), len(other))


def figure(right: int, found: int, gold: int) -> str:
    """Format precision, recall and F1 as percentages."""
    precision, recall = 100 * right / max(found, 1), 100 * right / max(gold, 1)
    return f"P {precision:5.1f}  R {recall:5.1f}  F1 {2 * precision * recall / max(precision + recall, 1e-9):5.1f}"


class Tally:
    """Counts of spans that two sides have alike: exactly, and by half of their words."""

    def __init__(self) -> None:
        self.exact = {role: Counter[str]() for role in (*ROLES, "whole")}
        self.half = {role: Counter[str]() for role in ROLES}

    def add(self, gold: Sequence[Triple], found: Sequence[Triple]) -> None:
        """Count the attributions of an article."""
        for role in ROLES:
            sets = [{one.hulls[role] for one in side if one.hulls[role]} for side in (gold, found)]
            _count(self.exact[role], len(sets[0] & sets[1]), len(sets[1]), len(sets[0]))
            spans = [[one.words[role] for one in side if one.words[role]] for side in (gold, found)]
            unique = [list(dict.fromkeys(side)) for side in spans]
            _count(self.half[role], len(scoring.pair(*unique, share_half)), len(unique[1]), len(unique[0]))
        wholes = [{tuple(one.hulls[role] for role in ROLES) for one in side} for side in (gold, found)]
        _count(self.exact["whole"], len(wholes[0] & wholes[1]), len(wholes[1]), len(wholes[0]))

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield the figures."""
        names = {"Source": "speaker", "Cue": "cue", "Content": "content", "whole": "whole triple"}
        for how, table in (("exact", self.exact), ("half shared", self.half)):
            for role, counts in table.items():
                yield f"{names[role]}, {how}", figure(counts["right"], counts["found"], counts["gold"])


def polnear(coder: Coder, *, errors: bool) -> Iterator[tuple[str, str]]:
    """Yield the figures on PolNeAR's dev part."""
    tally, direct = Tally(), Counter[bool]()
    marked = list(data.read_marked_articles(data.DATA / "polnear/dev"))
    reports = coder.code_all(Article(id=name, text=text) for name, text, _ in marked)
    for (_, text, marks), report in zip(marked, reports, strict=True):
        gold, found = gold_triples(marks, text), found_triples(report)
        tally.add(gold, found)
        direct.update(_direct(text, gold, found))
        if errors:
            _show(text, gold, found)
    yield from tally.rows()
    yield "direct quotations found, speaker right", f"{100 * direct[True] / direct.total():.1f} % of {direct.total()}"


def people(coder: Coder) -> Iterator[tuple[str, str]]:
    """Yield how far people agree where several have marked an article, each with each; and ``coder`` with each.

    Only of articles that nothing was trained on: the first annotator's marks of the train part were.
    """
    together, number = Tally(), 0
    for part in ("dev", "train"):
        articles = list(data.read_marked_by_several(data.DATA / "polnear" / part))
        among, with_each = Tally(), Tally()
        for text, versions in articles:
            triples = [gold_triples(marks, text) for marks in versions]
            for one, other in itertools.combinations(triples, 2):
                among.add(one, other)
                together.add(one, other)
            found = found_triples(coder.code(text)) if part == "dev" else []
            for one in triples if part == "dev" else ():
                with_each.add(one, found)
        number += len(articles)
        yield from _labelled(f"{len(articles)} articles of {part}, people", among)
        if part == "dev":
            yield from _labelled(f"{len(articles)} articles of {part}, program", with_each)
    yield from _labelled(f"{number} articles, people", together)


def _labelled(who: str, tally: Tally) -> Iterator[tuple[str, str]]:
    return ((f"{who}: {name}", value) for name, value in tally.rows())


def _count(counts: Counter[str], right: int, found: int, gold: int) -> None:
    counts.update(right=right, found=found, gold=gold)


def _direct(text: str, gold: Sequence[Triple], found: Sequence[Triple]) -> Iterator[bool]:
    """Yield, for each direct quotation of the gold that was found, whether its speaker is right."""
    quoted = {match.start() for quote in find_quotes(text) for match in WORD.finditer(text, quote.start, quote.end)}
    for one in gold:
        if not one.words["Source"] or not one.words["Content"] <= quoted:
            continue
        same = [other for other in found if share_half(one.words["Content"], other.words["Content"])]
        if same:
            yield any(share_half(one.words["Source"], other.words["Source"]) for other in same)


def _show(text: str, gold: Sequence[Triple], found: Sequence[Triple]) -> None:
    """Print what only the gold, and what only the report has, as "speaker | cue | content"."""
    sides = {"-": gold, "+": found}
    rows = {sign: {tuple(one.hulls[role] for role in ROLES) for one in side} for sign, side in sides.items()}
    lines = []
    for sign, other in (("-", "+"), ("+", "-")):
        for hulls in rows[sign] - rows[other]:
            shown = " | ".join(text[slice(*where)].replace("\n", " ⏎ ") if where else "" for where in hulls)
            lines.append((hulls[1] or (0, 0), f"{sign} {shown}"))
    for _, line in sorted(lines):
        print(line)


def our_gold(coder: Coder) -> Iterator[tuple[str, str]]:
    """Yield whether speakers and addressees are right, on our gold articles."""
    for name, pieces in golds().items():
        if not any(gold.statements for gold, _ in pieces):
            continue
        counts: Counter[str] = Counter()
        tallies = []
        for gold, article in pieces:
            reading = scoring.Reading(coder.code(article))
            tallies.append(scoring.score(gold, reading.report).statements.loose)
            rows = [row for row in gold.statements if not row.optional]
            found = reading.report.statements
            pairs = scoring.pair(
                rows, found, lambda row, one, see=reading: see.content(row, one) >= scoring.SAME_CONTENT
            )
            for index, at in pairs.items():
                row, statement = rows[index], found[at]
                speakers = scoring.equal(row.speakers, reading.who(statement.speakers))
                counts.update(statements=1, speakers=speakers)
                if row.addressees or statement.addressees:
                    told = scoring.equal(row.addressees, reading.who(statement.addressees))
                    counts.update(addressed=1, addressees=told)
                if row.kind == "direct":
                    counts.update(direct=1, direct_right=speakers)
            counts.update(gold=len(rows))
        yield f"{name}: speaker and content", prf(tallies)
        yield f"{name}: content found", f"{_share(counts, 'statements', 'gold')}"
        yield f"{name}: speaker entity right", f"{_share(counts, 'speakers', 'statements')}"
        yield f"{name}: of direct speech", f"{_share(counts, 'direct_right', 'direct')}"
        yield f"{name}: addressees right", f"{_share(counts, 'addressees', 'addressed')}"


def _share(counts: Counter[str], right: str, of: str) -> str:
    return f"{100 * counts[right] / max(counts[of], 1):5.1f} % of {counts[of]}"


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--errors", action="store_true", help="list each attribution that is not wholly right")
    errors = parser.parse_args().errors
    coder = Coder()
    if (data.DATA / "polnear/dev").is_dir():
        for name, value in itertools.chain(polnear(coder, errors=errors), people(coder)):
            print(f"{name:45} {value}", flush=True)
    else:
        print(f"no data at {data.DATA}: set COMMUNIQUE_DATA for the figures on PolNeAR")
    for name, value in our_gold(coder):
        print(f"{name:45} {value}", flush=True)


if __name__ == "__main__":
    main()
