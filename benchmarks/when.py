"""Dates and places of acts, against tests/gold/when.tsv and where.tsv: ``make bench-when`` (``--errors`` lists them).

Each text is coded whole and the event is looked for by its marked trigger. Where the coder finds no such event, date
and place are asked for at the marked word all the same, so that the tables judge this part alone.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from communique.actors import Atlas, Cast, find_cast
from communique.articles import article_from_text
from communique.events import find_events
from communique.events.lexicon import Words
from communique.events.status import StatusFinder
from communique.events.syntax import Tree
from communique.events.when import Moment, TimeFinder
from communique.events.where import PlaceFinder
from communique.language import Language
from communique.model import Event, Parsed, Place
from communique.places import Gazetteer
from communique.statements import find_statements

GOLD = Path(__file__).parents[1] / "tests/gold"
OPENED, CLOSED, PARAGRAPH = "[[", "]]", "|"
#: Not told; not judged.
NONE, ANY = "-", "*"
NAMES_PUBLISHED = "2023-03-22"


class Answer(msgspec.Struct, frozen=True):
    """What is said of one marked act, and whether the coder found it by itself."""

    moment: Moment
    place: Place | None
    coded: bool


class Judged(msgspec.Struct, frozen=True):
    """One row: the text, what the table says, what is said, and how the two compare."""

    text: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]
    coded: bool

    @property
    def right(self) -> bool:
        """Say whether all that is judged agrees."""
        return all(want in (ANY, got) for want, got in zip(self.wanted, self.found, strict=True))

    @property
    def claims(self) -> bool:
        """Say whether something is said that is wrong, not merely too little."""
        return any(want not in (ANY, got) and got not in (NONE, "none", "article")
                   for want, got in zip(self.wanted, self.found, strict=True))  # fmt: skip


class Reader:
    """Codes marked texts."""

    def __init__(self) -> None:
        self._language, self._atlas = Language.load(), Atlas.load()

    def answer(self, marked: str, published: str | None) -> Answer:
        """Return date and place of the act that is marked in a text."""
        before, rest = marked.replace(PARAGRAPH, "\n\n").split(OPENED)
        word, after = rest.split(CLOSED)
        parsed = self._language.parse(article_from_text(before + word + after, published=published or None))
        index = next(i for i, token in enumerate(parsed.tokens) if token.span.end > len(before))
        cast = find_cast(parsed, self._atlas)
        event = self._event(parsed, cast, index)
        if event is not None:
            return Answer(Moment(event.date, event.date_precision), event.place, coded=True)
        tree = Tree(parsed, Words.load())
        ahead = StatusFinder(tree, Words.load(), published).is_ahead(index)
        return Answer(TimeFinder(tree).moment(index, ahead=ahead), PlaceFinder(tree, cast).place(index), coded=False)

    def _event(self, parsed: Parsed, cast: Cast, index: int) -> Event | None:
        events, _ = find_events(parsed, cast, find_statements(parsed, cast), self._language.relations)
        return next((event for event in events if event.trigger.overlaps(parsed.tokens[index].span)), None)


def rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table."""
    lines = (line for line in (GOLD / name).read_text("utf-8").splitlines() if not line.startswith("#"))
    yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def judge_when(reader: Reader) -> Iterator[Judged]:
    """Yield the dates of when.tsv."""
    for row in rows("when.tsv"):
        answer = reader.answer(row["text"], row["published"])
        found = (answer.moment.date or NONE, answer.moment.precision or NONE)
        yield Judged(row["text"], (row["date"], row["precision"]), found, answer.coded)


def judge_where(reader: Reader) -> Iterator[Judged]:
    """Yield the places of where.tsv."""
    for row in rows("where.tsv"):
        answer = reader.answer(row["text"], NAMES_PUBLISHED)
        place = answer.place
        wanted = tuple(row[key] for key in ("name", "province", "country", "resolution", "told"))
        found = (NONE,) * len(wanted) if place is None else (
            place.name, place.province or NONE, place.country or NONE, place.resolution, place.told)  # fmt: skip
        yield Judged(row["text"], wanted, found, answer.coded)


def main() -> None:
    """Print the share that is right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--errors", action="store_true", help="list each row that is wrong")
    errors, reader = parser.parse_args().errors, Reader()
    parts: dict[str, Callable[[Reader], Iterator[Judged]]] = {"dates": judge_when, "places": judge_where}
    for name, judge in parts.items():
        judged = list(judge(reader))
        counts = Counter(right=sum(one.right for one in judged), coded=sum(one.coded for one in judged),
                         claims=sum(one.claims for one in judged))  # fmt: skip
        print(f"{name}: {counts['right']} of {len(judged)} right ({100 * counts['right'] / len(judged):.1f} %); "
              f"{counts['claims']} say something wrong; {counts['coded']} found as events")  # fmt: skip
        for one in judged if errors else ():
            if not one.right:
                print(f"    {one.text}\n        wanted {one.wanted}, found {one.found}")
    Gazetteer.load.cache_clear()
    began = time.perf_counter()
    Gazetteer.load()
    print(f"gazetteer loaded in {1000 * (time.perf_counter() - began):.0f} ms")


if __name__ == "__main__":
    main()
