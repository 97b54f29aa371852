"""The JSON contract: one Report a line, each span with the text that it covers."""

from __future__ import annotations

from typing import Any

import msgspec

from communique.model import Report, Statement

#: A JSON object with just these keys is a span.
SPAN_KEYS = frozenset({"start", "end"})
#: Parts of a Report that only ``--explain`` shows.
#: What a line of one statement says of its article.
ARTICLE_HEAD = ("id", "title", "published", "publisher", "url")
EXPLANATION = ("notes", "sentences")


def report_to_json(report: Report, *, explain: bool = False) -> bytes:
    """Return ``report`` as one line of JSON in UTF-8, without the line end.

    Spans are ``{"start":, "end":, "text":}``, references to entities are ids, and ``entities`` holds those in full.
    ``notes`` and ``sentences`` are there with ``explain`` only.

    >>> from communique.model import Article
    >>> report_to_json(Report(Article("1", "Hi"), (), (), (), ()))[:33]
    b'{"article":{"id":"1","text":"Hi",'
    """
    values = msgspec.to_builtins(report)
    if not explain:
        values = {key: value for key, value in values.items() if key not in EXPLANATION}
    return msgspec.json.encode(_with_texts(values, report.article.text))


def statement_to_json(report: Report, statement: Statement, source: str) -> bytes:
    """Return one statement as one line of JSON: with its source, its article's head, and the entities it refers to."""
    values = _with_texts(msgspec.to_builtins(statement), report.article.text)
    head = {key: getattr(report.article, key) for key in ARTICLE_HEAD}
    named = {*statement.speakers, *statement.addressees, *statement.about}
    entities = [entity for entity in report.entities if entity.id in named]
    return msgspec.json.encode({"source": source, "article": head, "statement": values, "entities": entities})


def report_from_json(line: bytes | str) -> Report:
    """Return the Report that a line of the contract holds, or raise ``msgspec.ValidationError``.

    >>> from communique.model import Article
    >>> report = Report(Article("1", "Hi"), (), (), (), ())
    >>> report_from_json(report_to_json(report)) == report
    True
    """
    try:
        return msgspec.json.decode(line, type=Report)
    except msgspec.ValidationError:
        return msgspec.convert(_as_of_now(msgspec.json.decode(line)), type=Report)


def _as_of_now(report: Any) -> Any:
    """Return a line written when the place of an event was its name alone in the form of today."""
    if not isinstance(report, dict) or not isinstance(report.get("events"), list):
        return report
    return {**report, "events": [_with_place(event) for event in report["events"]]}


def _with_place(event: Any) -> Any:
    old = isinstance(event, dict) and isinstance(event.get("place"), str)
    return {**event, "place": {"name": event["place"]}} if old else event


def _with_texts(value: Any, text: str) -> Any:
    """Return plain values with the covered text added to each span."""
    if isinstance(value, dict):
        if value.keys() == SPAN_KEYS:
            return {**value, "text": text[value["start"] : value["end"]]}
        return {key: _with_texts(item, text) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_texts(item, text) for item in value]
    return value
