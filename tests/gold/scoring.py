"""Score reports against the gold files: what was found, what was missed, what was made up.

``python tests/gold/scoring.py`` codes every sample and prints a table; ``--errors`` adds each missed and each
false row with its sentence. README.md beside this file says what a gold file holds and how rows are matched.
"""

from __future__ import annotations

import argparse
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from rich.console import Console
from rich.table import Table

from communique.actors import Atlas
from communique.articles import read_source
from communique.config import load_settings
from communique.model import Article, Entity, Event, Report, Span, Statement

GOLD = Path(__file__).parent
ROOT = GOLD.parent.parent
FLOORS = GOLD / "floors.toml"

#: How much of two contents must be shared, as intersection over union of their characters. 0.75 lets "that" and an
#: addressee before a long clause pass, and not half a quotation.
SAME_CONTENT = 0.75
#: What marks an entity of a reference that need not be named, and what parts references that are equally right.
OPTIONAL, OR = "?", "|"
#: The country of a nominal group whose country nobody can tell.
UNKNOWN_COUNTRY = "???"
GOVERNMENT = "GOV"
ASSERTED = "asserted"
#: Columns that the table of scores needs, on a terminal or in a file.
TABLE_WIDTH = 112
NOMINAL = re.compile(r"([A-Z]{3}|\?{3}):([A-Z]{3})")

Row = TypeVar("Row")
Found = TypeVar("Found")


# --- the gold ---------------------------------------------------------------------------------------------------


class GoldStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement that a careful reader lists. ``also`` holds other cuts of the content that are as right."""

    sentence: str
    kind: Literal["direct", "indirect", "mixed"]
    speakers: tuple[str, ...]
    addressees: tuple[str, ...]
    cue: str
    content: tuple[str, ...]
    also: tuple[tuple[str, ...], ...] = ()
    optional: str | None = None


class GoldEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An asserted event. ``event`` names one type, or several that are as right, parted by ``|``."""

    sentence: str
    trigger: str
    event: str
    modes: tuple[str, ...]
    actors: tuple[str, ...]
    recipients: tuple[str, ...]
    reported: bool = False
    optional: str | None = None


class NotEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must not be coded as an asserted event of that type, and why."""

    sentence: str
    trigger: str
    event: str
    why: str


class Gold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a careful reader would list of one sample, and what must not be coded."""

    source: str
    published: str
    statements: tuple[GoldStatement, ...] = ()
    events: tuple[GoldEvent, ...]
    not_events: tuple[NotEvent, ...]


class Brief(Gold, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A short piece with its own text, of which the events are listed and not the statements."""

    text: str


def gold_files() -> tuple[Path, ...]:
    """Return the gold files, in the order of their names."""
    return tuple(sorted(GOLD.glob("*.json")))


def read_gold(path: Path) -> Gold:
    """Read one gold file; a key that it should not have is an error."""
    return msgspec.json.decode(path.read_bytes(), type=Gold)


def brief_files() -> tuple[Path, ...]:
    """Return the files of short pieces: those with odd numbers may be read, those with even ones stay unread."""
    return tuple(sorted((GOLD / "briefs").glob("*.json")))


def read_briefs(path: Path) -> tuple[Brief, ...]:
    """Return the short pieces of a file."""
    return msgspec.json.decode(path.read_bytes(), type=tuple[Brief, ...])


def read_sample(gold: Gold) -> Article:
    """Read the sample that a gold file is about, with the date of the gold file where it has none itself."""
    return read_source(str(ROOT / gold.source), settings=load_settings(), published=gold.published)


# --- places in the text -----------------------------------------------------------------------------------------


def find_words(text: str, words: str, start: int = 0) -> Span | None:
    """Return where ``words`` stand first from ``start`` on, never as part of a longer word.

    >>> find_words("They denied it: it is", "it")
    Span(start=12, end=14)
    """
    before = r"(?<!\w)" if words[:1].isalnum() else ""
    after = r"(?!\w)" if words[-1:].isalnum() else ""
    found = re.compile(before + re.escape(words) + after).search(text, start)
    return Span(*found.span()) if found else None


def place(text: str, sentence: str, pieces: Iterable[str]) -> tuple[Span, ...] | None:
    """Return the spans of the pieces, each after the one before, from the start of the gold's sentence on."""
    start = text.find(sentence)
    spans: list[Span] = []
    for piece in pieces if start >= 0 else ():
        span = find_words(text, piece, start)
        if span is None:
            return None
        spans.append(span)
        start = span.end
    return tuple(spans) if start >= 0 else None


def characters(text: str, spans: Iterable[Span]) -> frozenset[int]:
    """Return the places of the characters of spans, white space left out.

    >>> sorted(characters("a b", [Span(0, 3)]))
    [0, 2]
    """
    return frozenset(place for span in spans for place in range(span.start, span.end) if not text[place].isspace())


def overlap(left: frozenset[int], right: frozenset[int]) -> float:
    """Return the intersection over union of two sets.

    >>> overlap(frozenset({1, 2, 3}), frozenset({2, 3, 4}))
    0.5
    """
    return len(left & right) / len(left | right) if left | right else 0.0


# --- entities ---------------------------------------------------------------------------------------------------


def fold(name: str) -> str:
    """Return a name without case and accents, as names are compared.

    >>> fold("Vučić") == fold("VUCIC")
    True
    """
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)).casefold()


@cache
def state_codes() -> Mapping[str, str]:
    """Return the code of every state by its folded name."""
    entities = Atlas.load().entities.values()
    return {fold(entity.name): entity.country for entity in entities if entity.kind == "state" and entity.country}


def is_optional(reference: str) -> bool:
    """Say whether an entity need not be named.

    >>> is_optional("Iran?"), is_optional("???:JRN")
    (True, False)
    """
    return reference.endswith(OPTIONAL)


def alternatives(reference: str) -> tuple[str, ...]:
    """Return the references that are equally right.

    >>> alternatives("Russia|RUS:MIL?")
    ('Russia', 'RUS:MIL')
    """
    return tuple(reference.removesuffix(OPTIONAL).split(OR))


def names(reference: str, entity: Entity) -> bool:
    """Say whether a reference stands for an entity: by name, by country and sector, or a state for its government."""
    return any(_names(one, entity) for one in alternatives(reference))


def _names(reference: str, entity: Entity) -> bool:
    nominal = NOMINAL.fullmatch(reference)
    if nominal:
        country, sector = nominal.groups()
        return (entity.country or UNKNOWN_COUNTRY) == country and sector in entity.sectors
    if fold(entity.name) == fold(reference):
        return True
    government = entity.kind == "organisation" and GOVERNMENT in entity.sectors
    return government and entity.country is not None and state_codes().get(fold(reference)) == entity.country


def share(references: Sequence[str], entities: Sequence[Entity]) -> bool:
    """Say whether references and entities have one in common, or nobody is named and nobody need be."""
    if not entities:
        return all(is_optional(reference) for reference in references)
    return any(names(reference, entity) for reference in references for entity in entities)


def equal(references: Sequence[str], entities: Sequence[Entity]) -> bool:
    """Say whether every entity is meant by a reference, and every reference that counts has its entity."""
    meant = all(any(names(reference, entity) for reference in references) for entity in entities)
    wanted = [reference for reference in references if not is_optional(reference)]
    return meant and all(any(names(reference, entity) for entity in entities) for reference in wanted)


# --- rows -------------------------------------------------------------------------------------------------------


def tellings(report: Report) -> Iterator[Event]:
    """Yield each event once for every sentence that tells it: the gold has a row for each."""
    for event in report.events:
        yield event
        for span in event.evidence:
            sentence = next(one.index for one in report.sentences if one.span.covers(span))
            yield msgspec.structs.replace(event, sentence=sentence, trigger=span)


class Reading:
    """A report beside the gold: says whether two rows are the same."""

    def __init__(self, report: Report) -> None:
        self.report = msgspec.structs.replace(report, events=tuple(tellings(report)))
        self.text = report.article.text
        self.entities = {entity.id: entity for entity in report.entities}

    def who(self, ids: Iterable[str]) -> list[Entity]:
        """Return the entities of ids."""
        return [self.entities[entity_id] for entity_id in ids if entity_id in self.entities]

    def same_statement(self, gold: GoldStatement, statement: Statement) -> bool:
        """Say whether the speakers share an entity and the contents most of their characters."""
        return share(gold.speakers, self.who(statement.speakers)) and self.content(gold, statement) >= SAME_CONTENT

    def equal_statement(self, gold: GoldStatement, statement: Statement) -> bool:
        """Say whether kind, speakers and addressees are the same too."""
        return (
            self.same_statement(gold, statement)
            and gold.kind == statement.kind
            and equal(gold.speakers, self.who(statement.speakers))
            and equal(gold.addressees, self.who(statement.addressees))
        )

    def same_event(self, gold: GoldEvent, event: Event) -> bool:
        """Say whether sentence and type are the same, and actors and recipients share an entity."""
        return (
            event.sentence == self._sentence_of(gold)
            and event.event in gold.event.split(OR)
            and share(gold.actors, self.who(event.actors))
            and share(gold.recipients, self.who(event.recipients))
        )

    def equal_event(self, gold: GoldEvent, event: Event) -> bool:
        """Say whether actors, recipients and modes are wholly the same too."""
        return (
            self.same_event(gold, event)
            and equal(gold.actors, self.who(event.actors))
            and equal(gold.recipients, self.who(event.recipients))
            and set(gold.modes) == set(event.modes)
        )

    def violates(self, gold: NotEvent, event: Event) -> bool:
        """Say whether an asserted event was coded where the gold says that there is none."""
        spans = place(self.text, gold.sentence, [gold.trigger])
        return (
            bool(spans)
            and event.event == gold.event
            and event.sentence == self._sentence_of(gold)
            and event.trigger.overlaps((spans or ())[0])
        )

    def content(self, gold: GoldStatement, statement: Statement) -> float:
        found = characters(self.text, statement.content)
        cuts = (place(self.text, gold.sentence, pieces) for pieces in (gold.content, *gold.also))
        return max((overlap(characters(self.text, spans), found) for spans in cuts if spans), default=0.0)

    def _sentence_of(self, gold: GoldEvent | NotEvent) -> int | None:
        spans = place(self.text, gold.sentence, [gold.trigger])
        if not spans:
            return None
        holding = (sentence for sentence in self.report.sentences if sentence.span.overlaps(spans[0]))
        return next((sentence.index for sentence in holding), None)

    def show_statement(self, statement: Statement) -> str:
        """Return a statement of the report on one line."""
        cue = statement.cue.of(self.text) if statement.cue else ""
        content = " … ".join(span.of(self.text) for span in statement.content)
        return f"{statement.kind} {self._show(statement.speakers)} <{cue}> {content}"

    def show_event(self, event: Event) -> str:
        """Return an event of the report on two lines: the row, and its sentence."""
        sentence = next((one for one in self.report.sentences if one.index == event.sentence), None)
        roles = f"{self._show(event.actors)} -> {self._show(event.recipients)}"
        row = f"{event.event} {list(event.modes)} {roles} <{event.trigger.of(self.text)}> ({event.why})"
        return f"{row}\n    {sentence.span.of(self.text)}" if sentence else row

    def show_sentence(self, gold: GoldEvent) -> str:
        """Return the report's sentence in which a gold event stands."""
        index = self._sentence_of(gold)
        held = (one.span.of(self.text) for one in self.report.sentences if one.index == index)
        return next(held, gold.sentence)

    def _show(self, ids: Iterable[str]) -> str:
        shown = (f"{entity.name} {entity.country or ''}:{','.join(entity.sectors)}" for entity in self.who(ids))
        return "[" + "; ".join(shown) + "]"


def pair(rows: Sequence[Row], found: Sequence[Found], same: Callable[[Row, Found], bool]) -> dict[int, int]:
    """Return the largest one-to-one pairing of rows with what was found (row index to found index).

    Augmenting paths; rows that come first are never left out for later ones [1]_.

    .. [1] Kuhn, H. W. (1955). The Hungarian method for the assignment problem. *Naval Research Logistics Quarterly*
       2, 83-97.

    >>> pair([1, 2], [2, 4], lambda row, number: number % row == 0)
    {1: 0, 0: 1}
    """
    candidates = [[place for place, one in enumerate(found) if same(row, one)] for row in rows]
    owner: dict[int, int] = {}

    def seat(row: int, seen: set[int]) -> bool:
        for candidate in candidates[row]:
            if candidate in seen:
                continue
            seen.add(candidate)
            if candidate not in owner or seat(owner[candidate], seen):
                owner[candidate] = row
                return True
        return False

    for row in range(len(rows)):
        seat(row, set())
    return {row: candidate for candidate, row in owner.items()}


# --- scores -----------------------------------------------------------------------------------------------------


class Tally(msgspec.Struct, frozen=True):
    """How many rows were found, missed and made up.

    >>> Tally(3, 1, 0).recall, Tally(3, 1, 0).precision
    (0.75, 1.0)
    """

    found: int = 0
    missed: int = 0
    false: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return both counts together."""
        return Tally(self.found + other.found, self.missed + other.missed, self.false + other.false)

    @property
    def precision(self) -> float:
        """The part of the rows of the reports that the gold has."""
        return self.found / (self.found + self.false) if self.found + self.false else 0.0

    @property
    def recall(self) -> float:
        """The part of the rows of the gold that the reports have."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall: 2 P R / (P + R)."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


class Comparison(msgspec.Struct, frozen=True):
    """The counts of one kind of row, loosely and strictly matched, and the rows that went wrong, as lines."""

    loose: Tally
    strict: Tally
    missed: tuple[str, ...]
    false: tuple[str, ...]


class Score(msgspec.Struct, frozen=True):
    """One sample's score."""

    name: str
    statements: Comparison
    events: Comparison
    violations: tuple[str, ...]


def _tally(rows: Sequence[GoldStatement | GoldEvent], pairs: Mapping[int, int], found: int) -> Tally:
    """Count; a row that a reader may pass over counts neither when found nor when missed."""
    needed = [index for index, row in enumerate(rows) if not row.optional]
    right = sum(index in pairs for index in needed)
    return Tally(right, len(needed) - right, found - len(pairs))


def compare_statements(gold: Gold, reading: Reading) -> Comparison:
    """Compare the statements of a report with the gold's."""
    rows = sorted(gold.statements, key=lambda row: row.optional is not None)
    found = reading.report.statements
    loose, strict = pair(rows, found, reading.same_statement), pair(rows, found, reading.equal_statement)
    return Comparison(
        _tally(rows, loose, len(found)),
        _tally(rows, strict, len(found)),
        tuple(
            f"{row.kind} {list(row.speakers)} <{row.cue}> {' … '.join(row.content)}"
            for index, row in enumerate(rows)
            if index not in loose and not row.optional
        ),
        tuple(reading.show_statement(one) for index, one in enumerate(found) if index not in loose.values()),
    )


def compare_events(gold: Gold, reading: Reading) -> Comparison:
    """Compare the asserted events of a report with the gold's."""
    rows = sorted(gold.events, key=lambda row: row.optional is not None)
    found = [event for event in reading.report.events if event.status == ASSERTED]
    loose, strict = pair(rows, found, reading.same_event), pair(rows, found, reading.equal_event)
    return Comparison(
        _tally(rows, loose, len(found)),
        _tally(rows, strict, len(found)),
        tuple(
            f"{row.event} {list(row.modes)} {list(row.actors)} -> {list(row.recipients)} <{row.trigger}>\n"
            f"    {reading.show_sentence(row)}"
            for index, row in enumerate(rows)
            if index not in loose and not row.optional
        ),
        tuple(reading.show_event(one) for index, one in enumerate(found) if index not in loose.values()),
    )


def find_violations(gold: Gold, reading: Reading) -> Iterator[str]:
    """Yield a line for each asserted event where the gold says that there is none."""
    for row in gold.not_events:
        for event in reading.report.events:
            if event.status == ASSERTED and reading.violates(row, event):
                yield f"{row.why}: {reading.show_event(event)}"


def score(gold: Gold, report: Report) -> Score:
    """Score one report against its gold."""
    reading = Reading(report)
    return Score(
        Path(gold.source).name,
        compare_statements(gold, reading),
        compare_events(gold, reading),
        tuple(find_violations(gold, reading)),
    )


def score_samples(code: Callable[[Article], Report]) -> tuple[Score, ...]:
    """Code every sample and score it."""
    golds = [read_gold(path) for path in gold_files()]
    return tuple(score(gold, code(read_sample(gold))) for gold in golds)


def read_floors() -> Mapping[str, Mapping[str, float]]:
    """Return the floors: for statements and events, the least precision, recall and F1 over all samples."""
    return tomllib.loads(FLOORS.read_text("utf-8"))


# --- the command ------------------------------------------------------------------------------------------------


def _figures(tally: Tally) -> list[str]:
    return [f"{tally.precision:.3f}", f"{tally.recall:.3f}", f"{tally.f1:.3f}"]


def _table(scores: Sequence[Score]) -> Table:
    table = Table("sample", "rows", "found", "missed", "false", "P", "R", "F1", "strict P", "strict R", "strict F1")
    for kind in ("statements", "events"):
        loose, strict = Tally(), Tally()
        for one in scores:
            part: Comparison = getattr(one, kind)
            loose, strict = loose + part.loose, strict + part.strict
            table.add_row(one.name, kind, *_cells(part.loose, part.strict))
        table.add_row("all", kind, *_cells(loose, strict), style="bold", end_section=True)
    return table


def _cells(loose: Tally, strict: Tally) -> list[str]:
    return [str(loose.found), str(loose.missed), str(loose.false), *_figures(loose), *_figures(strict)]


def _errors(one: Score) -> Iterator[str]:
    for kind in ("statements", "events"):
        part: Comparison = getattr(one, kind)
        for title, lines in (("missed", part.missed), ("false", part.false)):
            if lines:
                yield f"\n{one.name}: {kind} {title} ({len(lines)})"
            yield from (f"  {line}" for line in lines)
    if one.violations:
        yield f"\n{one.name}: coded, and must not be ({len(one.violations)})"
    yield from (f"  {line}" for line in one.violations)


def main() -> None:
    """Code the samples and print their scores."""
    from communique import Coder  # a heavy import that the tests of the gold itself do without

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="samples to show (all when none is named)")
    parser.add_argument("--errors", action="store_true", help="print each missed and each false row")
    options = parser.parse_args()
    scores = [one for one in score_samples(Coder().code) if not options.names or one.name in options.names]
    console = Console(markup=False, highlight=False)
    console.width = max(console.width, TABLE_WIDTH)
    for line in (line for one in scores if options.errors for line in _errors(one)):
        console.print(line, soft_wrap=True)
    console.print(_table(scores))
    console.print(f"coded where there is nothing to code: {sum(len(one.violations) for one in scores)}")


if __name__ == "__main__":
    main()
