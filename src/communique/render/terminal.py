"""A Report for a person at a terminal: the marked text, then what was said and what was done.

Everything reads without colour too: statements are ``[s1 ...]``, events ``trigger[e1]``, and the same labels
stand in the tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from communique.config import TerminalSettings
from communique.model import Article, Entity, Event, Note, Report, Sentence, Span, Statement

TITLE_STYLE = "bold"
LABEL_STYLE = "dim"
SPEAKER_STYLE = "bold magenta"
CUE_STYLE = "cyan"
CONTENT_STYLE = "green"
TRIGGER_STYLE = "bold yellow"
WHY_STYLE = "dim"
PROBLEM_STYLE = "red"
STATUS_STYLES = {"asserted": "default", "negated": "red", "future": "blue", "hypothetical": "blue", "historical": "dim"}

#: Characters of an ISO date that say no more than is told.
SHOWN_OF_DATE = {"month": len("2012-05"), "year": len("2012"), "decade": len("2012")}

NOBODY = "–"
ELLIPSIS = "…"
NOTHING_FOUND = "nothing: no words that report speech, and no words for an event"


class ReportView:
    """What rich prints for one report. With ``explain``, every sentence and what came of it."""

    def __init__(self, report: Report, settings: TerminalSettings, *, explain: bool = False) -> None:
        self._report = report
        self._settings = settings
        self._explain = explain
        self._names = _names_by_id(report.entities)
        self._statement_labels = {item.id: f"s{n}" for n, item in enumerate(report.statements, 1)}
        self._event_labels = {item.id: f"e{n}" for n, item in enumerate(report.events, 1)}

    def statements(self, chosen: Collection[str]) -> Group:
        """Return the heading and the statements whose ids are ``chosen``, each with its label in the whole report."""
        rows = [self._statement_row(item) for item in self._report.statements if item.id in chosen]
        return Group(Rule(heading(self._report.article), style=LABEL_STYLE, align="left"), _section("Statements", rows))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Yield heading, text, tables, problems and, if wanted, the explanation."""
        report = self._report
        yield Rule(heading(report.article), style=LABEL_STYLE, align="left")
        yield self._marked_text()
        yield Text()
        yield _section("Statements", [self._statement_row(item) for item in report.statements])
        yield _section("Events", [self._event_row(item) for item in report.events])
        for problem in report.problems:
            yield Text(f"problem: {problem}", style=PROBLEM_STYLE)
        if self._explain:
            yield _section("Sentences", [self._sentence_row(item) for item in report.sentences])

    def _marked_text(self) -> Text:
        """Return the article's text with styles on the spans and labels beside them."""
        text = Text(self._report.article.text)
        inserts: list[tuple[int, int, str]] = []
        for statement in self._report.statements:
            inserts += self._mark_statement(text, statement)
        for event in self._report.events:
            text.stylize(TRIGGER_STYLE, event.trigger.start, event.trigger.end)
            inserts.append((event.trigger.end, CLOSE_FIRST, f"[{self._event_labels[event.id]}]"))
        return _insert(text, inserts)

    def _mark_statement(self, text: Text, statement: Statement) -> list[tuple[int, int, str]]:
        label = self._statement_labels[statement.id]
        inserts = []
        for span in statement.content:
            text.stylize(CONTENT_STYLE, span.start, span.end)
            inserts += [(span.start, OPEN_LAST, f"[{label} "), (span.end, CLOSE_FIRST, "]")]
        for span in statement.speaker_spans:
            text.stylize(SPEAKER_STYLE, span.start, span.end)
        if statement.cue is not None:
            text.stylize(CUE_STYLE, statement.cue.start, statement.cue.end)
        return inserts

    def _statement_row(self, statement: Statement) -> tuple[str, Text]:
        """Say who said what to whom, in one compact paragraph."""
        article = self._report.article.text
        speakers = self._who(statement.speakers) if statement.speakers else _quote_all(statement.speaker_spans, article)
        row = Text()
        row.append(speakers, SPEAKER_STYLE)
        if statement.addressees:
            row.append(f" → {self._who(statement.addressees)}", SPEAKER_STYLE)
        cue = _one_line(statement.cue.of(article)) if statement.cue else NOBODY
        row.append(f"  {cue}", CUE_STYLE).append(f"  {statement.kind}", LABEL_STYLE)
        if statement.channel:
            row.append(f"  {statement.channel}", LABEL_STYLE)
        content = f" {ELLIPSIS} ".join(_one_line(span.of(article)) for span in statement.content)
        row.append("\n").append(_cut(content, self._settings.content_characters), CONTENT_STYLE)
        if statement.about:
            row.append(f"\nabout {self._who(statement.about)}", LABEL_STYLE)
        return self._statement_labels[statement.id], row

    def _event_row(self, event: Event) -> tuple[str, Text]:
        """Say who did what to whom, and below it where and why."""
        row = Text()
        row.append(self._who(event.actors), SPEAKER_STYLE).append("  ")
        row.append("/".join((event.event, *event.modes)), TRIGGER_STYLE).append("  ")
        row.append(f"→ {self._who(event.recipients)}", SPEAKER_STYLE)
        row.append(f"  {event.status}", STATUS_STYLES[event.status])
        for value in (_when(event), _where(event)):
            if value:
                row.append(f"  {value}", LABEL_STYLE)
        trigger = _one_line(event.trigger.of(self._report.article.text))
        row.append("\n").append(f"“{trigger}”  {event.why}", WHY_STYLE)
        for detail in self._event_details(event):
            row.append(f"  {detail}", WHY_STYLE)
        return self._event_labels[event.id], row

    def _event_details(self, event: Event) -> Iterator[str]:
        if event.contexts:
            yield f"about {', '.join(event.contexts)}"
        if event.statement_id in self._statement_labels:
            yield f"in {self._statement_labels[event.statement_id]}"
        yield from (f"{number} {kind}" for kind in TOLLS if (number := getattr(event, kind)) is not None)
        if event.evidence:
            yield f"again: {_quote_all(event.evidence, self._report.article.text)}"
        yield f"{event.confidence:.0%}"

    def _sentence_row(self, sentence: Sentence) -> tuple[str, Text]:
        """Show one sentence, what was coded from it, and why the rest was not."""
        report = self._report
        row = Text(_cut(_one_line(sentence.span.of(report.article.text)), self._settings.sentence_characters))
        found = [self._statement_labels[item.id] for item in report.statements if item.sentence == sentence.index]
        found += [self._event_labels[item.id] for item in report.events if _tells(sentence, item)]
        if found:
            row.append(f"\nfound: {', '.join(found)}", TRIGGER_STYLE)
        notes = [note for note in report.notes if note.sentence == sentence.index]
        for note in notes:
            row.append(f"\n{self._note(note)}", WHY_STYLE)
        if not found and not notes:
            row.append(f"\n{NOTHING_FOUND}", WHY_STYLE)
        return str(sentence.index + 1), row

    def _note(self, note: Note) -> str:
        return f"not “{_one_line(note.span.of(self._report.article.text))}”: {note.why}"

    def _who(self, entity_ids: Sequence[str]) -> str:
        return ", ".join(self._names.get(entity_id, entity_id) for entity_id in entity_ids) or NOBODY


#: Numbers of people that an event may have.
TOLLS = ("killed", "injured", "arrested")
#: Order of labels that meet at one place: what closes there goes before what opens there.
CLOSE_FIRST, OPEN_LAST = 0, 1


def heading(article: Article) -> Text:
    """Return one line that tells articles apart: title, publisher, date."""
    parts = (article.title or "Untitled", article.publisher, article.published)
    return Text(" · ".join(part for part in parts if part), style=TITLE_STYLE, overflow="ellipsis", no_wrap=True)


def _insert(text: Text, inserts: Iterable[tuple[int, int, str]]) -> Text:
    """Return ``text`` with labels put in at their places; styles stay on the characters that they were on."""
    ordered = sorted(inserts, key=lambda insert: insert[:2])
    pieces = text.divide([place for place, _, _ in ordered])
    joined = Text()
    for piece, (_, _, label) in zip(pieces, ordered, strict=False):
        joined.append_text(piece).append(label, LABEL_STYLE)
    return joined.append_text(pieces[-1]) if ordered else text


def _section(title: str, rows: Sequence[tuple[str, Text]]) -> Group:
    """Return a titled table of two columns, label and paragraph, that fits any width."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", style=LABEL_STYLE, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, row in rows:
        grid.add_row(label, row)
    body: RenderableType = grid if rows else Text("none", style=LABEL_STYLE)
    return Group(Text(f"{title} ({len(rows)})", style=TITLE_STYLE), Padding(body, (0, 0, 1, 1)))


def _tells(sentence: Sentence, event: Event) -> bool:
    return event.sentence == sentence.index or any(sentence.span.covers(span) for span in event.evidence)


def _names_by_id(entities: Iterable[Entity]) -> dict[str, str]:
    return {entity.id: entity.name for entity in entities}


def _when(event: Event) -> str | None:
    """Return the date as far as it is told: a day, "week of" one, a month, a year; the article's in brackets."""
    if event.date is None:
        return None
    shown = event.date[: SHOWN_OF_DATE.get(event.date_precision or "day", len(event.date))]
    if event.date_precision == "article":
        return f"({shown})"
    return {"week": f"week of {shown}", "decade": f"{shown}s"}.get(event.date_precision or "day", shown)


def _where(event: Event) -> str | None:
    """Return the place with its country; one that is not resolved, or told elsewhere, says so."""
    place = event.place
    if place is None:
        return None
    parts = [place.name, place.province if place.province != place.name else None]
    parts.append(place.country)
    shown = ", ".join(part for part in parts if part)
    doubt = "unresolved" if place.resolution == "none" else None if place.told == "clause" else f"by the {place.told}"
    return f"{shown} ({doubt})" if doubt else shown


def _quote_all(spans: Iterable[Span], text: str) -> str:
    return ", ".join(f"“{_one_line(span.of(text))}”" for span in spans) or NOBODY


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - len(ELLIPSIS)].rstrip()}{ELLIPSIS}"
