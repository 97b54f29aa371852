"""Coding by hand: a sample of sentences goes out as a CSV file, and comes back with verdicts on their events.

A row is an event that the machine sees; a sentence without any has one row. The person writes a verdict, puts right
what is wrong in place, and adds a row with the same ``unit`` for what was missed. A sentence counts when all its rows
have a verdict. Statements are judged one by one, in the explorer alone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec

from communique.articles.piece import printable
from communique.codebook import cameo, modes, quad, score, types
from communique.errors import QueryError
from communique.model import Entity, Report, Sentence, Span, Statement, StatementKind, Status, content_id
from communique.record.days import day_of
from communique.record.queries import EVERYWHERE, FILTERS, Asked, Kind
from communique.render.rows import AND, FORMULA_STARTS, TEXT_MARK, csv_lines

if TYPE_CHECKING:
    from communique.actors import Atlas
    from communique.record.store import Record

Verdict = Literal["right", "wrong", "changed", "missing", "none"]
StatementVerdict = Literal["right", "wrong", "changed"]
#: Sentences of a sample when no size is given: an hour's or two hours' work.
SIZE = 50
COLUMNS = (
    "unit", "event_id", "verdict", "event", "modes", "actors", "recipients", "status", "date", "place", "comment",
    "sentence", "before", "title", "published", "publisher",
)  # fmt: skip
#: What a person may change.
CODING = ("event", "modes", "actors", "recipients", "status", "date", "place")
STATEMENT_CODING = ("kind", "speakers", "addressees")
PARTY = re.compile(r"(.*\S)\s*\(([^()\s]+)\)")
UNIT = re.compile(r"(\S+):(\d{1,9})-(\d{1,9})")


class Correction(msgspec.Struct, frozen=True):
    """A person's verdict on one event, or (``none``) on a sentence without any, with the coding that holds."""

    article_id: str
    sentence: int
    span: Span
    verdict: Verdict
    coder: str
    coded_on: date
    event_id: str | None = None
    event: str | None = None
    modes: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    cameo: str | None = None
    actors: tuple[Entity, ...] = ()
    recipients: tuple[Entity, ...] = ()
    trigger: Span | None = None
    status: str | None = None
    date: str | None = None
    place: str | None = None
    comment: str | None = None

    @property
    def id(self) -> str:
        """The machine's id of the event, or one of its own for what the machine missed."""
        parts = (self.event, *self.modes, *(one.id for one in (*self.actors, *self.recipients)))
        return self.event_id or content_id("correction", self.article_id, self.span, self.coder, *parts)

    @property
    def score(self) -> float | None:
        """PLOVER's score of the coding."""
        return score(self.event, self.modes) if self.event else None

    @property
    def quad(self) -> str | None:
        """PLOVER's class of the coding."""
        return quad(self.event) if self.event else None


class StatementCorrection(msgspec.Struct, frozen=True):
    """A person's verdict on one statement, with the coding that was judged; for ``changed`` it is the person's."""

    article_id: str
    statement: Statement
    verdict: StatementVerdict
    coder: str
    coded_on: date
    speakers: tuple[Entity, ...] = ()
    addressees: tuple[Entity, ...] = ()
    comment: str | None = None


class ReadBack(msgspec.Struct, frozen=True):
    """What a file of corrections gave: corrections, and a line for each row that could not be used."""

    corrections: tuple[Correction, ...]
    problems: tuple[str, ...]


def sample(record: Record, asked: Asked | None = None, *, size: int = SIZE, seed: int = 1) -> bytes:
    """Return a CSV file of ``size`` sentences, drawn by ``seed`` from all, or from those with the events asked for.

    The same record, question and seed give the same sentences.
    """
    units = record.answer_sql(*_drawn(record, asked or {}, size, seed)).rows
    chosen: dict[str, list[int]] = {}
    for article_id, number in units:
        chosen.setdefault(article_id, []).append(number)
    reports = {report.article.id: report for report in record.reports(chosen)}
    rows = [row for key, numbers in chosen.items() for number in numbers for row in rows_of(reports[key], number)]
    return b"".join(csv_lines(COLUMNS, ([row.get(column) for column in COLUMNS] for row in rows)))


#: What is judged.
_KINDS: tuple[Kind, ...] = ("events", "statements")
#: Rows of a kind that are looked through for sentences to judge.
LOOKED_AT = 400
#: A sentence whose events, or one of whose statements, a coder has not judged.
UNJUDGED = """
NOT EXISTS (FROM corrections c WHERE c.article_id = u.article_id AND c.sentence = u.number AND c.coder = {coder})
OR EXISTS (
    FROM statements s
    LEFT JOIN statement_corrections c ON c.article_id = s.article_id AND c.id = s.id AND c.coder = {coder}
    WHERE s.article_id = u.article_id AND s.sentence = u.number AND c.id IS NULL
)
"""


def unjudged(record: Record, asked: Asked, *, coder: str) -> tuple[tuple[str, int], ...]:
    """Return sentences (article, number) that a coder has not judged whole, of those that are asked for.

    These are the sentences of events and statements, newest first, where the filters are of such rows. Where articles
    are asked for, all of their sentences, in their order, so that what was missed can be seen.
    """
    if set(asked) == {"article"}:
        made = record.whole_rows("articles", {"id": asked["article"]})
        source = f"SELECT s.article_id, s.number FROM sentences s JOIN ({made.sql}) a ON a.id = s.article_id"
        return tuple(sorted(_unjudged(record, source, made.values, coder)))
    kinds: list[Kind] = [kind for kind in _KINDS if set(asked) <= {*FILTERS[kind], *EVERYWHERE}]
    days: dict[tuple[str, int], date] = {}
    for kind in kinds or _KINDS:
        made = record.whole_rows(kind, {**asked, "limit": LOOKED_AT}, corrected=False)
        source = f"SELECT article_id, sentence AS number, max(day) AS day FROM ({made.sql}) GROUP BY ALL"
        for article_id, number, day in _unjudged(record, source, made.values, coder):
            key = (article_id, number)
            days[key] = max(days.get(key, date.min), day or date.min)
    return tuple(sorted(days, key=lambda key: (-days[key].toordinal(), key)))


def _unjudged(record: Record, source: str, values: Sequence[Any], coder: str) -> Iterator[Any]:
    """The rows of a question that has ``article_id`` and ``number``, of sentences that are not judged whole."""
    where = UNJUDGED.format(coder=f"${len(values) + 1}")
    return record.answer_sql(f"FROM ({source}) u WHERE {where}", (*values, coder)).rows


def has_judged(record: Record, article_id: str, number: int, *, coder: str) -> bool:
    """Say whether a coder has judged the events of a sentence."""
    question = "FROM corrections WHERE article_id = $1 AND sentence = $2 AND coder = $3 LIMIT 1"
    return next(record.answer_sql(question, (article_id, number, coder)).rows, None) is not None


def judge(
    record: Record, unit: str, rows: Sequence[Mapping[str, str]], *, coder: str, on: date, atlas: Atlas | None = None
) -> tuple[Correction, ...]:
    """Return what a coder says of one sentence; ``rows`` have the columns of a sample. Nothing is written yet.

    Raises ``QueryError`` with the reason where a row is wrong.
    """
    complete = [{**dict.fromkeys(COLUMNS, ""), **row} for row in rows]
    try:
        return tuple(_Reader(record, coder, on, atlas).unit(unit, [*enumerate(complete, 1)]))
    except _BadRowError as error:
        raise QueryError(record.path, error.reason) from error


def judge_statements(
    record: Record, unit: str, rows: Sequence[Mapping[str, str]], *, coder: str, on: date, atlas: Atlas | None = None
) -> tuple[StatementCorrection, ...]:
    """Return what a coder says of statements of one sentence; nothing is written yet.

    ``rows`` have ``statement_id``, ``verdict``, ``comment`` and the coding: ``kind``, ``speakers`` and ``addressees``,
    written as in a sample. Raises ``QueryError`` with the reason where a row is wrong.
    """
    columns = ("statement_id", "verdict", "comment", *STATEMENT_CODING)
    reader = _Reader(record, coder, on, atlas)
    try:
        return tuple(
            reader.statement(unit, line, {**dict.fromkeys(columns, ""), **row}) for line, row in enumerate(rows, 1)
        )
    except _BadRowError as error:
        raise QueryError(record.path, error.reason) from error


def _drawn(record: Record, asked: Asked, size: int, seed: int) -> tuple[str, tuple[Any, ...]]:
    if asked:
        made = record.events_question(asked, corrected=False)  # nobody sees another's verdicts
        source = f"(SELECT DISTINCT article_id, sentence AS number FROM ({made.sql}))"
    else:
        made, source = None, "sentences"
    values = made.values if made else ()
    order = f"md5(${len(values) + 1} || article_id || '/' || number::VARCHAR)"
    sql = f"SELECT article_id, number FROM {source} ORDER BY {order}, article_id, number LIMIT ${len(values) + 2}"
    return sql, (*values, str(seed), size)


def rows_of(report: Report, number: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of one sentence, with the sentence before it as context; one row where it has no event."""
    article, sentence = report.article, report.sentences[number]
    common = {
        "unit": f"{article.id}:{sentence.span.start}-{sentence.span.end}",
        "sentence": sentence.span.of(article.text),
        "before": report.sentences[number - 1].span.of(article.text) if number else "",
        "title": article.title,
        "published": article.published,
        "publisher": article.publisher,
    }
    names = {entity.id: entity for entity in report.entities}
    events = [event for event in report.events if event.sentence == number]
    for event in events:
        yield {**common, "event_id": event.id, **_coding(event, names)}
    if not events:
        yield common


def _coding(event: Any, names: Mapping[str, Entity]) -> dict[str, Any]:
    return {
        "event": event.event,
        "modes": event.modes,
        "actors": [_party(names.get(key), key) for key in event.actors],
        "recipients": [_party(names.get(key), key) for key in event.recipients],
        "status": event.status,
        "date": event.date,
        "place": event.place.name if event.place else None,
    }


def statement_rows(report: Report, number: int) -> Iterator[dict[str, Any]]:
    """Yield the statements of one sentence, as :func:`judge_statements` takes them, and their words."""
    text, names = report.article.text, {entity.id: entity for entity in report.entities}
    for statement in report.statements:
        if statement.sentence == number:
            yield {
                "statement_id": statement.id,
                "kind": statement.kind,
                "speakers": [_party(names.get(key), key) for key in statement.speakers],
                "addressees": [_party(names.get(key), key) for key in statement.addressees],
                "cue": statement.cue.of(text) if statement.cue else None,
                "content": [span.of(text) for span in statement.content],
            }


def _party(entity: Entity | None, key: str) -> str:
    """ "Vladimir Putin (per:vladimir-putin)"."""
    return f"{entity.name} ({key})" if entity else f"{key} ({key})"


def read_back(
    record: Record, text: str, *, coder: str, on: date, source: str = "the file", atlas: Atlas | None = None
) -> ReadBack:
    """Return what a coder says in a CSV file that :func:`sample` made; nothing is written yet.

    A sentence in which a row is wrong is left out whole, and each wrong row is a line for a person.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    except csv.Error as error:
        return ReadBack((), (f"{source}: not a CSV file: {error}",))
    missing = [column for column in ("unit", "event_id", "verdict", *CODING) if rows and column not in rows[0]]
    if missing or not rows:
        return ReadBack((), (f"{source}: the column {missing[0]} is missing" if missing else f"{source}: no rows",))
    units: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for line, row in enumerate(rows, 2):
        clean = {key: _unmarked(value or "") for key, value in row.items() if key is not None}
        units.setdefault(clean["unit"], []).append((line, clean))
    reader = _Reader(record, coder, on, atlas)
    corrections: list[Correction] = []
    problems: list[str] = []
    for unit, members in units.items():
        try:
            corrections += reader.unit(unit, members)
        except _BadRowError as error:
            problems.append(printable(f"{source}, line {error.line}: {error.reason}"))
    return ReadBack(tuple(corrections), tuple(problems))


def _unmarked(value: str) -> str:
    """A cell without the mark that kept a spreadsheet from reading it as a formula."""
    text = value.strip()
    return text[1:] if text.startswith(TEXT_MARK) and text[1:].startswith(FORMULA_STARTS) else text


class _BadRowError(Exception):
    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason


class _Reader:
    """Turns the rows of sentences into corrections; reads each article once."""

    def __init__(self, record: Record, coder: str, on: date, atlas: Atlas | None) -> None:
        self._record, self._coder, self._on, self._atlas = record, coder, on, atlas
        self._reports: dict[str, Report] = {}

    def unit(self, unit: str, members: Sequence[tuple[int, dict[str, str]]]) -> list[Correction]:
        """The corrections of one sentence; none where nobody has looked at it."""
        first = members[0][0]
        judged = [row for _, row in members if row["verdict"]]
        if not judged:
            return self._untouched(unit, members)
        unjudged = next((line for line, row in members if not row["verdict"]), None)
        if unjudged is not None:
            raise _BadRowError(unjudged, "other rows of this sentence have a verdict, this one has none")
        report, sentence = self._find(unit, first)
        made = [self._correction(report, sentence, line, row) for line, row in members]
        seen = {one.event_id for one in made}
        lost = [one.id for one in report.events if one.sentence == sentence.index and one.id not in seen]
        if lost:
            raise _BadRowError(first, f"this sentence also has the event {lost[0]}; take a fresh sample")
        return made

    def statement(self, unit: str, line: int, row: Mapping[str, str]) -> StatementCorrection:
        """The correction of one statement of a sentence."""
        report, sentence = self._find(unit, line)
        verdict, key = row["verdict"].lower(), row["statement_id"]
        if verdict not in get_args(StatementVerdict):
            raise _BadRowError(line, f"the verdict {verdict!r} is none of {', '.join(get_args(StatementVerdict))}")
        there = (one for one in report.statements if one.sentence == sentence.index)
        machine = next((one for one in there if one.id == key), None)
        if machine is None:
            raise _BadRowError(line, f"this sentence has no statement {key!r} any more; judge it anew")
        plain = StatementCorrection(
            report.article.id, machine, verdict, self._coder, self._on,  # type: ignore[arg-type]
            comment=row["comment"] or None,
        )  # fmt: skip
        if verdict == "wrong":
            return plain
        made = self._with_parties(plain, report, line, row)
        if verdict == "right" and made.statement != machine:
            raise _BadRowError(line, "the verdict is right, but the coding was changed; say changed")
        return made

    def _with_parties(
        self, plain: StatementCorrection, report: Report, line: int, row: Mapping[str, str]
    ) -> StatementCorrection:
        kind = row["kind"].lower()
        if kind not in get_args(StatementKind):
            raise _BadRowError(line, f"the kind {kind!r} is none of {', '.join(get_args(StatementKind))}")
        speakers, addressees = (self._parties(report, row[side]) for side in ("speakers", "addressees"))
        coding = {"kind": kind, "speakers": _ids(speakers), "addressees": _ids(addressees)}
        statement = msgspec.structs.replace(plain.statement, **coding)
        return msgspec.structs.replace(plain, statement=statement, speakers=speakers, addressees=addressees)

    def _untouched(self, unit: str, members: Sequence[tuple[int, dict[str, str]]]) -> list[Correction]:
        for line, row in members:
            if not row["event_id"] and any(row[column] for column in CODING):
                raise _BadRowError(line, "something is coded here, but there is no verdict")
        return []

    def _find(self, unit: str, line: int) -> tuple[Report, Sentence]:
        named = UNIT.fullmatch(unit)
        if named is None:
            raise _BadRowError(line, f"the unit {unit!r} is not as it was exported")
        key, start, end = named[1], int(named[2]), int(named[3])
        if key not in self._reports:
            found = list(self._record.reports([key]))
            if not found:
                raise _BadRowError(line, f"the record has no article {key}")
            self._reports[key] = found[0]
        report = self._reports[key]
        sentence = next((one for one in report.sentences if one.span == Span(start, end)), None)
        if sentence is None:
            raise _BadRowError(
                line, f"the article {key} has no sentence at {start}-{end} any more; take a fresh sample"
            )
        return report, sentence

    def _correction(self, report: Report, sentence: Sentence, line: int, row: Mapping[str, str]) -> Correction:
        verdict = row["verdict"].lower()
        if verdict not in get_args(Verdict):
            raise _BadRowError(line, f"the verdict {verdict!r} is none of {', '.join(get_args(Verdict))}")
        machine = next((one for one in report.events if one.id == row["event_id"]), None)
        self._check(verdict, machine, row, line)
        plain = Correction(
            report.article.id, sentence.index, sentence.span, verdict, self._coder, self._on,  # type: ignore[arg-type]
            event_id=machine.id if machine else None, comment=row.get("comment") or None,
        )  # fmt: skip
        if verdict in ("wrong", "none"):
            return plain
        return self._with_coding(plain, report, machine, line, row)

    def _check(self, verdict: str, machine: Any, row: Mapping[str, str], line: int) -> None:
        """The verdict fits the row."""
        if row["event_id"] and machine is None:
            raise _BadRowError(line, f"the record has no event {row['event_id']} any more; take a fresh sample")
        if machine is None and verdict not in ("missing", "none"):
            raise _BadRowError(line, f"there is no event here that could be {verdict}; missing or none can be said")
        if machine is not None and verdict in ("missing", "none"):
            raise _BadRowError(line, f"{verdict} can't be said of an event that is there; right, wrong or changed can")

    def _with_coding(
        self, plain: Correction, report: Report, machine: Any, line: int, row: Mapping[str, str]
    ) -> Correction:
        event = row["event"].upper()
        if event not in {one.name for one in types()}:
            raise _BadRowError(line, f"PLOVER has no event type {row['event']!r}")
        how = tuple(mode.lower() for mode in _items(row["modes"]))
        wrong = next((mode for mode in how if mode not in modes(event)), None)
        if wrong is not None:
            raise _BadRowError(line, f"{event} has no mode {wrong!r}; it has {', '.join(modes(event)) or 'none'}")
        status = row["status"].lower() or "asserted"
        if status not in get_args(Status):
            raise _BadRowError(line, f"the status {status!r} is none of {', '.join(get_args(Status))}")
        if row["date"] and day_of(row["date"]) is None:
            raise _BadRowError(line, f"{row['date']!r} is not a date such as 2023-03-22")
        made = msgspec.structs.replace(
            plain, event=event, modes=how, status=status, date=row["date"] or None, place=row["place"] or None,
            actors=self._parties(report, row["actors"]), recipients=self._parties(report, row["recipients"]),
            contexts=machine.contexts if machine else (), trigger=machine.trigger if machine else plain.span,
            cameo=machine.cameo if machine and (machine.event, machine.modes) == (event, how) else cameo(event, how),
        )  # fmt: skip
        if plain.verdict == "right" and not _same(made, machine):
            raise _BadRowError(line, "the verdict is right, but the coding was changed; say changed")
        return made

    def _parties(self, report: Report, cell: str) -> tuple[Entity, ...]:
        return tuple(self._entity(report, item) for item in _items(cell))

    def _entity(self, report: Report, item: str) -> Entity:
        named = PARTY.fullmatch(item)
        return find_entity(report, named[1] if named else item, named[2] if named else None, self._atlas)


def find_entity(report: Report, name: str, key: str | None, atlas: Atlas | None = None) -> Entity:
    """Return who is meant: by id where one is given, by name in the article, by the atlas; else somebody new."""
    if key:
        here = next((entity for entity in report.entities if entity.id == key), None)
    else:
        here = next((entity for entity in report.entities if entity.name.casefold() == name.casefold()), None)
    if here is not None:
        return here
    from communique.actors import Atlas

    atlas = atlas or Atlas.load()
    ids = [key] if key else [reading.entity_id for reading in atlas.forms.get(name, ())]
    ids = [one for one in ids if one in atlas.entities]
    known = next((found for one in ids if (found := atlas.entity_at(one, report.article.published))), None)
    return known or Entity(key or f"own:{content_id(name)}", name, "group")


def _items(cell: str) -> tuple[str, ...]:
    return tuple(item for part in cell.split(AND.strip()) if (item := part.strip()))


def _same(made: Correction, machine: Any) -> bool:
    place = machine.place.name if machine.place else None
    mine = (made.event, made.modes, made.status, made.date, made.place)
    parties = (_ids(made.actors), _ids(made.recipients))
    theirs = (machine.event, machine.modes, machine.status, machine.date, place)
    return mine == theirs and parties == (machine.actors, machine.recipients)


def _ids(entities: Iterable[Entity]) -> tuple[str, ...]:
    return tuple(entity.id for entity in entities)
