"""Whole articles with their marks: brat's standoff files, and tasks for Label Studio."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from communique.codebook import types
from communique.model import Event, Report, Span, Statement, content_id

#: What may name a file: ids are hashes of ours, but a record that somebody else made may hold anything.
FILE_NAME = re.compile(r"[\w-]{1,80}")
#: Label Studio counts as JavaScript does: a character beyond this one counts twice.
LAST_OF_ONE_UNIT = "\uffff"
ENTITY, CUE, CONTENT, SPEAKER = "Entity", "Cue", "Content", "Speaker"
STATUSES = ("asserted", "negated", "future", "hypothetical", "historical")


class StandOff(msgspec.Struct, frozen=True):
    """An article's two files for brat; ``name`` has no ending."""

    name: str
    text: str
    marks: str


def brat(report: Report) -> StandOff:
    """Return an article for brat: mentions, statements and events as they were coded.

    1. a text-bound mark for each mention, cue, speaker, piece of content and trigger;
    2. an event for each of ours, with the first mention of each party in its sentence as argument;
    3. an event for each statement, around its cue.
    """
    marks = _Marks(report.article.text)
    for mention in report.mentions:
        if mention.entity_id:
            marks.bound(ENTITY, mention.span)
    for statement in report.statements:
        _say(marks, statement)
    for event in report.events:
        _do(marks, event, report)
    name = report.article.id if FILE_NAME.fullmatch(report.article.id) else content_id(report.article.id)
    return StandOff(name, report.article.text, "".join(marks.lines))


def brat_settings() -> str:
    """Return the ``annotation.conf`` that brat needs to show the files."""
    parties = f"Actor*:{ENTITY}, Recipient*:{ENTITY}"
    kinds = "\n".join(f"{one.name} {parties}" for one in types())
    return (
        f"[entities]\n{ENTITY}\n{CONTENT}\n{SPEAKER}\n\n[relations]\n\n[events]\n{kinds}\n"
        f"{CUE} {SPEAKER}*:{SPEAKER}, {CONTENT}*:{CONTENT}\n\n"
        f"[attributes]\nStatus Arg:<EVENT>, Value:{'|'.join(STATUSES)}\n"
    )


class _Marks:
    """The lines of a standoff file; a mark that is there already keeps its number."""

    def __init__(self, text: str) -> None:
        self.lines: list[str] = []
        self._text = text
        self._known: dict[tuple[str, Span], str] = {}
        self._events = 0

    def bound(self, label: str, span: Span) -> str:
        key = (label, span)
        if key not in self._known:
            self._known[key] = f"T{len(self._known) + 1}"
            places, words = self._pieces(span)
            self.lines.append(f"{self._known[key]}\t{label} {places}\t{words}\n")
        return self._known[key]

    def event(self, label: str, trigger: Span, arguments: Iterable[tuple[str, str]]) -> str:
        mark = self.bound(label, trigger)
        self._events += 1
        named = "".join(f" {role}:{target}" for role, target in arguments)
        self.lines.append(f"E{self._events}\t{label}:{mark}{named}\n")
        return f"E{self._events}"

    def attribute(self, target: str, value: str) -> None:
        self.lines.append(f"A{self._events}\tStatus {target} {value}\n")

    def _pieces(self, span: Span) -> tuple[str, str]:
        """A mark is broken where its text has a line break: brat's lines can't hold one."""
        pieces, start = [], span.start
        for line in span.of(self._text).split("\n"):
            if line:
                pieces.append((start, start + len(line)))
            start += len(line) + 1
        places = ";".join(f"{first} {last}" for first, last in pieces)
        return places, " ".join(self._text[first:last] for first, last in pieces)


def _numbered(role: str, targets: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Roles as brat numbers them: Actor, Actor2, ..."""
    for count, target in enumerate(dict.fromkeys(targets), 1):
        yield (role if count == 1 else f"{role}{count}", target)


def _say(marks: _Marks, statement: Statement) -> None:
    speakers = [marks.bound(SPEAKER, span) for span in statement.speaker_spans]
    content = [marks.bound(CONTENT, span) for span in statement.content]
    if statement.cue is not None:
        marks.event(CUE, statement.cue, [*_numbered(SPEAKER, speakers), *_numbered(CONTENT, content)])


def _do(marks: _Marks, event: Event, report: Report) -> None:
    arguments: list[tuple[str, str]] = []
    for role, parties in (("Actor", event.actors), ("Recipient", event.recipients)):
        spans = [span for party in parties if (span := _mention(report, event, party)) is not None]
        arguments += _numbered(role, [marks.bound(ENTITY, span) for span in spans])
    marks.attribute(marks.event(event.event, event.trigger, arguments), event.status)


def _mention(report: Report, event: Event, party: str) -> Span | None:
    """The mention of a party that is nearest to the trigger."""
    found = [one.span for one in report.mentions if one.entity_id == party]
    return min(found, key=lambda span: abs(span.start - event.trigger.start), default=None)


def label_studio(reports: Iterable[Report]) -> bytes:
    """Return tasks for Label Studio, with what was coded as predictions: a JSON list."""
    return msgspec.json.format(msgspec.json.encode([_task(report) for report in reports]), indent=1) + b"\n"


def label_studio_settings() -> str:
    """Return the labelling configuration that goes with the tasks."""
    labels = "".join(f'<Label value="{name}"/>' for name in (ENTITY, SPEAKER, CUE, CONTENT, *(t.name for t in types())))
    relations = "".join(f'<Relation value="{name}"/>' for name in ("actor", "recipient", "speaker", "content"))
    choices = "".join(f'<Choice value="{status}"/>' for status in STATUSES)
    return (
        f'<View>\n<Labels name="label" toName="text">{labels}</Labels>\n<Relations>{relations}</Relations>\n'
        f'<Text name="text" value="$text"/>\n'
        f'<Choices name="status" toName="text" perRegion="true">{choices}</Choices>\n</View>\n'
    )


def _task(report: Report) -> dict[str, Any]:
    marks = _Regions(report.article.text)
    for mention in report.mentions:
        if mention.entity_id:
            marks.region(ENTITY, mention.span)
    for statement in report.statements:
        if statement.cue is None:
            continue
        cue = marks.region(CUE, statement.cue)
        for label, spans in ((SPEAKER, statement.speaker_spans), (CONTENT, statement.content)):
            for span in spans:
                marks.relation(cue, marks.region(label, span), label.lower())
    for event in report.events:
        trigger = marks.region(event.event, event.trigger)
        marks.status(trigger, event.trigger, event.status)
        for role, parties in (("actor", event.actors), ("recipient", event.recipients)):
            for party in parties:
                place = _mention(report, event, party)
                if place is not None:
                    marks.relation(trigger, marks.region(ENTITY, place), role)
    article = report.article
    data = {"text": article.text, "article_id": article.id, "title": article.title, "published": article.published,
            "publisher": article.publisher, "url": article.url}  # fmt: skip
    return {"data": data, "predictions": [{"model_version": "communique", "result": marks.result}]}


class _Regions:
    """Label Studio's results; a region that is there already keeps its id."""

    def __init__(self, text: str) -> None:
        self.result: list[dict[str, Any]] = []
        self._text = text
        self._known: dict[tuple[str, Span], str] = {}
        self._plain = all(character <= LAST_OF_ONE_UNIT for character in text)

    def region(self, label: str, span: Span) -> str:
        key = (label, span)
        if key not in self._known:
            self._known[key] = f"r{len(self._known) + 1}"
            value = {**self._value(span), "labels": [label]}
            self._put(self._known[key], "label", "labels", value)
        return self._known[key]

    def status(self, region: str, span: Span, status: str) -> None:
        self._put(region, "status", "choices", {**self._value(span), "choices": [status]})

    def relation(self, start: str, end: str, label: str) -> None:
        one = {"type": "relation", "from_id": start, "to_id": end, "direction": "right", "labels": [label]}
        if one not in self.result:
            self.result.append(one)

    def _put(self, region: str, name: str, kind: str, value: dict[str, Any]) -> None:
        self.result.append({"id": region, "from_name": name, "to_name": "text", "type": kind, "value": value})

    def _value(self, span: Span) -> dict[str, Any]:
        return {"start": self._place(span.start), "end": self._place(span.end), "text": span.of(self._text)}

    def _place(self, place: int) -> int:
        """A place in code points as one in UTF-16 units."""
        return place if self._plain else len(self._text[:place].encode("utf-16-le")) // 2
