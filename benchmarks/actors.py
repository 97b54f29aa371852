"""Who is meant, against the table of cases in tests/gold/mentions.tsv: ``make bench-actors`` (``--errors`` lists them).

A case is right for country, sector or person where what the coder says of the marked stretch is one of the answers of
the table. Of several mentions of one stretch ("the two leaders") all count. A stretch that names nobody, or a place
that is no government, is right where nothing is found there or the mention is known to be a place.

Speed: how long the atlas takes to load, and how fast its forms are found in news text on one core, by itself and with
so many more names as ``MORE_NAMES`` says: those of the PETRARCH dictionaries and, up to that number, made-up ones.
"""

from __future__ import annotations

import argparse
import csv
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase

import msgspec

from communique.actors import ActorRow, Atlas, Cast, find_cast, read_actors
from communique.actors.naming import find_forms
from communique.articles import article_from_text
from communique.language import Language
from communique.model import Entity, Parsed, Span
from training import data

TABLE = Path(__file__).parents[1] / "tests/gold/mentions.tsv"
OPENED, CLOSED = "[[", "]]"
#: Not judged, or none; names nobody; a place that is no government; between answers that must all be given; between
#: answers that are equally right.
NONE, NOBODY, PLACE, AND, OR = "-", "nobody", "place", "&", "|"
#: Share of the marked stretch and the mention together that must be common: articles and titles may be in or out.
SAME_STRETCH = 0.5
#: Written forms that are added to the atlas when speed is measured.
MORE_NAMES, SEED, MEGABYTE = 100_000, 1, 1e6


class Case(msgspec.Struct, frozen=True):
    """One row of the table: a text with one marked stretch, and who is meant by it."""

    case: str
    kind: str
    date: str
    text: str
    span: Span
    country: str
    sector: str
    who: str


def read_cases(path: Path = TABLE) -> Iterator[Case]:
    """Yield the cases of the table."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            before, _, rest = row["text"].partition(OPENED)
            marked, _, after = rest.partition(CLOSED)
            span = Span(len(before), len(before) + len(marked))
            yield Case(row["case"], row["class"], row["date"], before + marked + after, span,
                       row["country"], row["sector"], row["who"])  # fmt: skip


def found_at(parsed: Parsed, cast: Cast, span: Span) -> tuple[list[Entity], bool]:
    """Return the entities of the mentions that are most nearly the stretch, and whether they are places there.

    Of a longer stretch ("police in Kenya") the mention of its head counts.
    """

    def shared(other: Span) -> float:
        common = min(span.end, other.end) - max(span.start, other.start)
        return common / (max(span.end, other.end) - min(span.start, other.start))

    near = [mention for mention in cast.mentions if shared(mention.span) >= SAME_STRETCH]
    if not near:
        heads = [token.span for token in parsed.tokens if span.covers(token.span)
                 and not span.covers(parsed.tokens[token.head].span)]  # fmt: skip
        near = [mention for mention in cast.mentions if mention.head in heads]
    best = max((shared(mention.span) for mention in near), default=0.0)
    chosen = [mention for mention in near if shared(mention.span) == best]
    entities = [cast.entity(mention.entity_id) for mention in chosen if mention.entity_id]
    return entities, any(mention.id in cast.places for mention in chosen)


def judge(case: Case, entities: list[Entity], place: bool, atlas: Atlas) -> dict[str, bool]:
    """Return, for each of country, sector and person that the case asks for, whether it is right."""
    if case.who in (NOBODY, PLACE):
        return {"country": place or not entities}
    verdict = {"country": _countries_right(case, entities)}
    if case.sector != NONE:
        wanted = set(case.sector.split(OR))
        verdict["sector"] = bool(entities) and all(wanted & set(entity.sectors) for entity in entities)
    names = [name.strip() for name in case.who.split(AND)]
    if case.who != NONE:
        verdict["who"] = bool(entities) and len(names) == len(entities) and all(
            any(_is_named(entity, name, atlas) for entity in entities) for name in names
        )  # fmt: skip
    return verdict


def _countries_right(case: Case, entities: list[Entity]) -> bool:
    answers = [set(part.split(OR)) for part in case.country.split(AND)]
    found = {entity.country or NONE for entity in entities}
    return bool(entities) and all(found & answer for answer in answers) and found <= set().union(*answers)


def _is_named(entity: Entity, name: str, atlas: Atlas) -> bool:
    readings = atlas.forms.get(name, ())
    return entity.name == name or any(reading.entity_id == entity.id for reading in readings)


def more_names() -> list[ActorRow]:
    """Return rows with ``MORE_NAMES`` written forms."""
    files = sorted((data.DATA / "petrarch_dictionaries").glob("*.actors.txt"))
    rows = [row for path in files for row in read_actors(path).rows]
    written = sum(1 + len(row.forms) for row in rows)
    letters = random.Random(SEED)
    while written < MORE_NAMES:
        words = ("".join(letters.choices(ascii_lowercase, k=letters.randint(3, 9))).capitalize() for _ in range(2))
        name = " ".join(words)
        rows.append(ActorRow(f"own:{name}", name))
        written += 1
    return rows


def speed() -> Iterator[tuple[str, str]]:
    """Yield how long the atlas takes to load and how fast names are found, in megabytes of text a second."""
    code = "import time; t = time.perf_counter(); from communique.actors import Atlas; a = Atlas.load(); a.finder; "
    alone = subprocess.run([sys.executable, "-c", code + "print(time.perf_counter() - t, len(a.forms))"],
                           capture_output=True, text=True, check=True)  # fmt: skip
    seconds, forms = alone.stdout.split()
    yield "loading, with imports", f"{float(seconds):.2f} s for {forms} forms"
    texts = [path.read_text(encoding="utf-8") for path in sorted((data.DATA / "polnear/train").glob("*.txt"))]
    if not texts:
        yield "finding", "not measured: no data"
        return
    size = sum(len(text.encode()) for text in texts) / MEGABYTE
    for name, atlas in (("the atlas", Atlas.load()), ("and more names", Atlas.load().with_actors(more_names()))):
        find_forms("", atlas)
        began = time.process_time()
        for text in texts:
            find_forms(text, atlas)
        rate = size / (time.process_time() - began)
        yield f"finding, {name}", f"{rate:.0f} MB a CPU second, {len(atlas.forms)} forms"


def count_right(*, errors: bool = False) -> dict[str, Counter[bool]]:
    """Return how many cases are right and wrong, by what is asked and by class; print each error where wanted."""
    language, atlas = Language.load(), Atlas.load()
    right: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for case in read_cases():
        parsed = language.parse(article_from_text(case.text, published=case.date))
        entities, place = found_at(parsed, find_cast(parsed, atlas), case.span)
        verdict = judge(case, entities, place, atlas)
        group = "following" if case.case.startswith("f") else "mention"
        for name, value in verdict.items():
            right[f"{group}: {name}"][value] += 1
        right[f"{group}: all of it"][all(verdict.values())] += 1
        right[f"  {group} {case.kind}"][all(verdict.values())] += 1
        if errors and not all(verdict.values()):
            said = ", ".join(f"{e.name} {e.country or NONE} {' '.join(e.sectors)}" for e in entities) or "nobody"
            print(f"{case.case} {case.date} {case.text}\n    [{case.span.of(case.text)}] is {case.who} {case.country} "
                  f"{case.sector}; found {said}{' (place)' if place else ''}")  # fmt: skip
    return right


def main() -> None:
    """Print the share that is right, of mentions and of following, and by class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--errors", action="store_true", help="list each case that is wrong")
    for name, counts in sorted(count_right(errors=parser.parse_args().errors).items(), reverse=True):
        print(f"{name:34} {counts[True]:4} of {counts.total():4}  {100 * counts[True] / counts.total():5.1f} %")
    for name, value in speed():
        print(f"{name:34} {value}")


if __name__ == "__main__":
    main()
