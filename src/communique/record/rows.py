"""Reports to the rows of the tables, and back. Nothing here knows of a database.

Columns are made one by one for a whole batch: that is what makes loading quick. A field of a type that has no column
(a newer model's) goes into ``more`` and comes back from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from communique.articles import Problem
from communique.model import Article, Entity, Event, Report, Sentence, Span, Statement, content_id
from communique.record.days import day_of

if TYPE_CHECKING:
    from communique.record.review import Correction, StatementCorrection

#: What stands between the pieces of a quotation that is broken off.
BREAK = " … "
TEXT, TEXTS, NUMBER, REAL = pa.string(), pa.list_(pa.string()), pa.int32(), pa.float64()
SPANS = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32())]))


class Coded(msgspec.Struct, frozen=True):
    """A report, and the name of the source that its article came from."""

    report: Report
    source: str | None = None


class Stamped(msgspec.Struct, frozen=True):
    """A coded article with the digests that say whether it is known."""

    coded: Coded
    article_digest: str
    report_digest: str


def stamp(coded: Coded) -> Stamped:
    """Return ``coded`` with its digests."""
    article = msgspec.structs.replace(coded.report.article, fetched=None)
    plain = msgspec.structs.replace(coded.report, article=article, notes=())
    return Stamped(coded, article_digest(article), content_id("report", msgspec.json.encode(plain)))


def article_digest(article: Article) -> str:
    """Return a hash of an article as read; when it was fetched does not count.

    >>> article_digest(Article("1", "Hi", fetched="2023-03-22")) == article_digest(Article("1", "Hi"))
    True
    """
    return content_id("article", msgspec.json.encode(msgspec.structs.replace(article, fetched=None)))


def tables(batch: Sequence[Stamped], problems: Sequence[Problem], run: str) -> dict[str, pa.Table]:
    """Return the rows of a batch, by table. ``problems`` are those of sources that gave no article."""
    reports = [stamped.coded.report for stamped in batch]
    return {
        "articles": _articles(batch, run),
        "sources": _sources(batch, run),
        "sentences": _sentences(reports, run),
        "entities": _entities(reports, run),
        "mentions": _mentions(reports, run),
        "statements": _statements(reports, run),
        "events": _events(reports, run),
        "problems": _problems(batch, problems, run),
    }


def of_articles(rows: Mapping[str, pa.Table], article_ids: Sequence[str]) -> dict[str, pa.Table]:
    """Return the rows of these articles, and those of problems that are no article's."""
    wanted = pa.array(article_ids, TEXT)
    chosen: dict[str, pa.Table] = {}
    for name, table in rows.items():
        keys = table["id" if name == "articles" else "article_id"]
        mask = pc.is_in(keys, value_set=wanted)
        chosen[name] = table.filter(pc.or_(mask, pc.is_null(keys)) if name == "problems" else mask)
    return chosen


def plain_problems(problems: pa.Table) -> list[str]:
    """Return the sources of the problems that are no article's."""
    sources: list[str] = problems.filter(pc.is_null(problems["article_id"]))["source"].to_pylist()
    return sources


class _Table:
    """Collects the columns of one table; ``items`` are (report, thing) pairs."""

    def __init__(self, items: Sequence[tuple[Report, Any]], run: str) -> None:
        self.items = items
        self._things = [item for _, item in items]
        self._columns: dict[str, pa.Array] = {"run": pa.repeat(pa.scalar(run, TEXT), len(items))}

    def put(self, name: str, kind: pa.DataType, values: Sequence[Any]) -> None:
        self._columns[name] = pa.array(values, kind)

    def field(self, name: str) -> list[Any]:
        """The values of one field."""
        return list(map(attrgetter(name), self._things))

    def copy(self, kind: pa.DataType, *names: str) -> None:
        """Columns called like the field that they hold."""
        for name in names:
            self.put(name, kind, self.field(name))

    def make(self, name: str, kind: pa.DataType, value: Callable[[Report, Any], Any]) -> None:
        self.put(name, kind, [value(report, item) for report, item in self.items])

    def span(self, name: str) -> None:
        """Two columns for a field that holds a span or None."""
        spans: list[Span | None] = self.field(name)
        self.put(f"{name}_start", NUMBER, [span.start if span else None for span in spans])
        self.put(f"{name}_end", NUMBER, [span.end if span else None for span in spans])

    def of_article(self) -> None:
        """The column that says whose the rows are."""
        self.put("article_id", TEXT, [report.article.id for report, _ in self.items])

    def parties(self, column: str, field: str, known: Mapping[str, Mapping[str, Entity]]) -> None:
        """Ids, names and countries of a field that holds entity ids."""
        ids: list[tuple[str, ...]] = self.field(field)
        here = [known[report.article.id] for report, _ in self.items]
        rows = [[who.get(one) for one in row] for row, who in zip(ids, here, strict=True)]
        self.put(field, TEXTS, ids)
        self.put(f"{column}_names", TEXTS, [[one.name if one else None for one in row] for row in rows])
        self.put(f"{column}_countries", TEXTS, [[one.country if one else None for one in row] for row in rows])

    def done(self, known: Iterable[str]) -> pa.Table:
        """The table, with what has no column in ``more``."""
        unknown = sorted(set(self._things[0].__struct_fields__) - set(known)) if self._things else []
        if unknown:
            self.put("more", TEXT, [_more(item, unknown) for item in self._things])
        else:
            self._columns["more"] = pa.nulls(len(self._things), TEXT)
        return pa.table(self._columns)


def _more(item: Any, unknown: Sequence[str]) -> str | None:
    """JSON of the fields that have no column."""
    values = {name: getattr(item, name) for name in unknown}
    return msgspec.json.encode(values, order="sorted").decode() if values else None


ARTICLE_TEXTS = ("id", "title", "published", "url", "publisher", "author", "language", "fetched", "raw_sha256",
                 "reader", "text")  # fmt: skip


def _articles(batch: Sequence[Stamped], run: str) -> pa.Table:
    table = _Table([(one.coded.report, one.coded.report.article) for one in batch], run)
    table.copy(TEXT, *ARTICLE_TEXTS)
    table.put("article_digest", TEXT, [one.article_digest for one in batch])
    table.put("report_digest", TEXT, [one.report_digest for one in batch])
    table.make("day", pa.date32(), lambda _, article: day_of(article.published))
    return table.done(ARTICLE_TEXTS)


def _sources(batch: Sequence[Stamped], run: str) -> pa.Table:
    named = [one.coded for one in batch if one.coded.source is not None]
    return pa.table(
        {
            "source": pa.array([coded.source for coded in named], TEXT),
            "article_id": pa.array([coded.report.article.id for coded in named], TEXT),
            "run": pa.array([run] * len(named), TEXT),
        }
    )


def _sentences(reports: Sequence[Report], run: str) -> pa.Table:
    table = _Table([(report, one) for report in reports for one in report.sentences], run)
    table.of_article()
    for column, field in (("number", "index"), ("token_first", "first"), ("token_last", "last")):
        table.put(column, NUMBER, table.field(field))
    table.span("span")
    return table.done(Sentence.__struct_fields__)


ENTITY_FIELDS = ("id", "name", "kind", "country", "sectors")


def _entities(reports: Sequence[Report], run: str) -> pa.Table:
    table = _Table([(report, entity) for report in reports for entity in report.entities], run)
    table.of_article()
    table.copy(TEXT, "id", "name", "kind", "country")
    table.copy(TEXTS, "sectors")
    return table.done(ENTITY_FIELDS)


MENTION_FIELDS = ("id", "span", "head", "kind", "entity_id", "antecedent")


def _mentions(reports: Sequence[Report], run: str) -> pa.Table:
    table = _Table([(report, mention) for report in reports for mention in report.mentions], run)
    table.of_article()
    table.copy(TEXT, "id", "kind", "entity_id", "antecedent")
    table.span("span")
    table.span("head")
    return table.done(MENTION_FIELDS)


STATEMENT_FIELDS = ("id", "sentence", "kind", "speakers", "speaker_spans", "addressees", "cue", "content", "about",
                    "channel")  # fmt: skip


def _statements(reports: Sequence[Report], run: str) -> pa.Table:
    known = _known(reports)
    table = _Table([(report, statement) for report in reports for statement in report.statements], run)
    table.of_article()
    table.copy(TEXT, "id", "kind", "channel")
    table.copy(NUMBER, "sentence")
    _sentence_spans(table)
    table.make("day", pa.date32(), lambda report, _: day_of(report.article.published))
    table.parties("speaker", "speakers", known)
    table.parties("addressee", "addressees", known)
    table.parties("about", "about", known)
    for column, field, words, mark in (
        ("speaker_spans", "speaker_spans", "speaker_words", ", "),
        ("content", "content", "quote", BREAK),
    ):
        table.make(column, SPANS, lambda _, one, field=field: [_plain(span) for span in getattr(one, field)])  # type: ignore[misc]
        table.make(words, TEXT, lambda report, one, field=field, mark=mark: _words(report, getattr(one, field), mark))  # type: ignore[misc]
    table.span("cue")
    table.make("cue_words", TEXT, lambda report, one: one.cue.of(report.article.text) if one.cue else None)
    return table.done(STATEMENT_FIELDS)


EVENT_TEXTS = ("id", "event", "cameo", "quad", "status", "statement_id", "date", "date_precision", "why")
TOLLS = ("killed", "injured", "arrested")
#: The columns of a place, and the fields that they hold.
PLACES = {"place": "name", "province": "province", "place_country": "country", "latitude": "latitude",
          "longitude": "longitude", "geonameid": "geonameid", "place_resolution": "resolution",
          "place_told": "told"}  # fmt: skip
EVENT_FIELDS = (*EVENT_TEXTS, *TOLLS, "sentence", "modes", "contexts", "score", "confidence", "actors", "recipients",
                "trigger", "place", "evidence")  # fmt: skip


def _events(reports: Sequence[Report], run: str) -> pa.Table:
    known = _known(reports)
    table = _Table([(report, event) for report in reports for event in report.events], run)
    table.of_article()
    table.copy(TEXT, *EVENT_TEXTS)
    table.copy(TEXTS, "modes", "contexts")
    table.copy(REAL, "score", "confidence")
    table.copy(NUMBER, "sentence", *TOLLS)
    _sentence_spans(table)
    table.make("sentence_text", TEXT, _sentence_text)
    table.parties("actor", "actors", known)
    table.parties("recipient", "recipients", known)
    table.span("trigger")
    table.make("trigger_words", TEXT, lambda report, event: event.trigger.of(report.article.text))
    table.make("day", pa.date32(), lambda _, event: day_of(event.date))
    for column, field in PLACES.items():
        kind = REAL if column in ("latitude", "longitude") else NUMBER if column == "geonameid" else TEXT
        table.put(column, kind, [getattr(place, field, None) for place in table.field("place")])
    table.make("evidence", SPANS, lambda _, event: [_plain(span) for span in event.evidence])
    return table.done(EVENT_FIELDS)


def correction_table(corrections: Sequence[Correction], texts: Mapping[str, str]) -> pa.Table:
    """Return the rows of corrections; ``texts`` are those of their articles."""
    columns: dict[str, tuple[pa.DataType, Callable[[Correction], Any]]] = {
        "id": (TEXT, lambda one: one.id),
        "run": (TEXT, lambda one: f"coder:{one.coder}"),
        "sentence_start": (NUMBER, lambda one: one.span.start),
        "sentence_end": (NUMBER, lambda one: one.span.end),
        "sentence_text": (TEXT, lambda one: one.span.of(texts[one.article_id])),
        "trigger_start": (NUMBER, lambda one: one.trigger.start if one.trigger else None),
        "trigger_end": (NUMBER, lambda one: one.trigger.end if one.trigger else None),
        "trigger_words": (TEXT, lambda one: one.trigger.of(texts[one.article_id]) if one.trigger else None),
        "sentence": (NUMBER, lambda one: one.sentence),
        "score": (REAL, lambda one: one.score),
        "modes": (TEXTS, lambda one: one.modes),
        "contexts": (TEXTS, lambda one: one.contexts),
        "day": (pa.date32(), lambda one: day_of(one.date)),
        "confidence": (REAL, lambda one: 1.0),
        "why": (TEXT, lambda one: f"{one.verdict}, says {one.coder}"),
        "coded_on": (pa.date32(), lambda one: one.coded_on),
    }
    for name in ("article_id", "event", "cameo", "quad", "status", "date", "place", "verdict", "coder", "comment"):
        columns[name] = (TEXT, partial(_get, name))
    for side in ("actor", "recipient"):
        for column, field in ((f"{side}s", "id"), (f"{side}_names", "name"), (f"{side}_countries", "country")):
            columns[column] = (TEXTS, partial(_get_all, f"{side}s", field))
    return pa.table({name: pa.array([get(one) for one in corrections], kind) for name, (kind, get) in columns.items()})


def statement_correction_table(corrections: Sequence[StatementCorrection], reports: Mapping[str, Report]) -> pa.Table:
    """Return the rows of corrections of statements, of which there is one at least; ``reports`` by article."""
    return pa.concat_tables(_judged_statement(one, reports[one.article_id]) for one in corrections)


def _judged_statement(one: StatementCorrection, report: Report) -> pa.Table:
    """One row: that of the statement, and who says what of it."""
    judged = msgspec.structs.replace(
        report, statements=(one.statement,), entities=(*report.entities, *one.speakers, *one.addressees)
    )
    row = _statements([judged], f"coder:{one.coder}")
    for name in ("verdict", "coder", "comment"):
        row = row.append_column(name, pa.array([getattr(one, name)], TEXT))
    return row.append_column("coded_on", pa.array([one.coded_on], pa.date32()))


def _get(name: str, one: Correction) -> Any:
    return getattr(one, name)


def _get_all(side: str, field: str, one: Correction) -> list[Any]:
    return [getattr(entity, field) for entity in getattr(one, side)]


def _problems(batch: Sequence[Stamped], problems: Sequence[Problem], run: str) -> pa.Table:
    rows: list[tuple[str, str | None, str | None, str]] = [
        (content_id("problem", one.coded.report.article.id, line), one.coded.report.article.id, one.coded.source, line)
        for one in batch
        for line in dict.fromkeys(one.coded.report.problems)
    ]
    rows += [
        (content_id("problem", one.source, one.line), None, one.source, one.line) for one in dict.fromkeys(problems)
    ]
    columns = dict(zip(("id", "article_id", "source", "line"), zip(*rows, strict=True), strict=True)) if rows else {}
    names = ("id", "article_id", "source", "line")
    made = {name: pa.array(columns.get(name, ()), TEXT) for name in names}
    return pa.table({**made, "run": pa.array([run] * len(rows), TEXT)})


def _known(reports: Sequence[Report]) -> dict[str, dict[str, Entity]]:
    return {report.article.id: {entity.id: entity for entity in report.entities} for report in reports}


def _sentence_spans(table: _Table) -> None:
    """Where the sentence of a row stands, so that its words need no further table; None without sentences."""
    spans = [
        report.sentences[item.sentence].span if item.sentence < len(report.sentences) else None
        for report, item in table.items
    ]
    table.put("sentence_start", NUMBER, [span.start if span else None for span in spans])
    table.put("sentence_end", NUMBER, [span.end if span else None for span in spans])


def _sentence_text(report: Report, event: Event) -> str | None:
    inside = event.sentence < len(report.sentences)
    return report.sentences[event.sentence].span.of(report.article.text) if inside else None


def _plain(span: Span) -> dict[str, int]:
    return {"start": span.start, "end": span.end}


def _words(report: Report, spans: Iterable[Span], mark: str) -> str:
    return mark.join(span.of(report.article.text) for span in spans)


def report_of(article: Mapping[str, Any], parts: Mapping[str, Sequence[Mapping[str, Any]]]) -> Report:
    """Return the report that rows hold: an article's, and those of its other tables in the order of the report."""
    lists = {
        "entities": [_fields(row, ENTITY_FIELDS) for row in parts["entities"]],
        "mentions": [_fields(row, MENTION_FIELDS, "span", "head") for row in parts["mentions"]],
        "statements": [_statement_fields(row) for row in parts["statements"]],
        "events": [_event_fields(row) for row in parts["events"]],
        "sentences": [_sentence(row) for row in parts["sentences"]],
        "problems": [row["line"] for row in parts["problems"]],
    }
    return msgspec.convert({"article": _fields(article, ARTICLE_TEXTS), **lists}, Report)


def event_of(row: Mapping[str, Any]) -> Event:
    """Return the event that a row of ``events`` or ``events_now`` holds."""
    return msgspec.convert(_event_fields(row), Event)


def statement_of(row: Mapping[str, Any]) -> Statement:
    """Return the statement that a row of ``statements`` or ``statements_now`` holds."""
    return msgspec.convert(_statement_fields(row), Statement)


def _statement_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    return _fields(row, STATEMENT_FIELDS, "cue")


def _event_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    place = {field: row[column] for column, field in PLACES.items() if row[column] is not None}
    values = {**row, "place": place or None, "evidence": row["evidence"] or ()}
    return _fields(values, EVENT_FIELDS, "trigger")


def _fields(row: Mapping[str, Any], names: Iterable[str], *spans: str) -> dict[str, Any]:
    values = {name: row[name] for name in names if name not in spans}
    for name in spans:
        start, end = row[f"{name}_start"], row[f"{name}_end"]
        values[name] = None if start is None else {"start": start, "end": end}
    return {**values, **msgspec.json.decode(row["more"] or "{}")}


def _sentence(row: Mapping[str, Any]) -> dict[str, Any]:
    span = {"start": row["span_start"], "end": row["span_end"]}
    plain = {"index": row["number"], "span": span, "first": row["token_first"], "last": row["token_last"]}
    return {**plain, **msgspec.json.decode(row["more"] or "{}")}
