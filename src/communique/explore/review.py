"""Review: a named person judges the events and statements of a sentence with a few keys. The one page that writes."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from communique.codebook import modes, types
from communique.explore.lists import asked_from
from communique.explore.page import BAD_REQUEST, Page, Query, View, not_found
from communique.model import Report, Sentence, StatementKind
from communique.record import Record
from communique.record.review import (
    CODING,
    STATEMENT_CODING,
    has_judged,
    judge_statements,
    rows_of,
    statement_rows,
    unjudged,
)
from communique.record.review import judge as judge_events

#: Seconds to wait for a process that writes the record at this moment.
WAIT = 5.0
#: Rows of one sentence that a form may have: far more than any sentence has events and statements.
MOST_ROWS = 40
SINGLE = ("party", "actor", "recipient", "speaker", "addressee", "about", "since", "until", "publisher", "text")
SEVERAL = ("event", "mode", "context", "status", "place", "kind", "article")
STATUSES = ("asserted", "negated", "future", "hypothetical", "historical")
FORBIDDEN = 403


def page(view: View) -> Page:
    """Return the next sentence that this reviewer has not judged, of those that the filters choose."""
    coder = _coder(view)
    asked = asked_from(view.query, single=SINGLE, several=SEVERAL)
    waiting = [unit for unit in unjudged(view.record, asked, coder=coder) if unit not in view.session.judged]
    skip = view.query.number("skip", 0, 10_000, least=0)
    unit = waiting[skip] if skip < len(waiting) else None
    values: dict[str, Any] = {
        "unit": None,
        "coder": coder,
        "waiting": len(waiting),
        "done": len(view.session.judged),
        "skip": skip,
        "secret": view.session.secret,
        "types": [one.name for one in types()],
        "modes": sorted({mode for one in types() for mode in modes(one.name)}),
        "statuses": STATUSES,
        "kinds": get_args(StatementKind),
        "blank": dict.fromkeys(CODING, ""),
    }
    if unit is not None:
        report = next(view.record.reports([unit[0]]))  # the machine's own: nobody sees another's verdicts
        values |= _sentence(report, unit[1], has_events=not has_judged(view.record, *unit, coder=coder))
    return Page("review.html", "Review", values)


def _sentence(report: Report, number: int, *, has_events: bool) -> dict[str, Any]:
    sentence: Sentence = report.sentences[number]
    text = report.article.text
    rows = list(rows_of(report, number))
    start, end = text.rfind("\n", 0, sentence.span.start) + 1, text.find("\n", sentence.span.end)
    return {
        "unit": rows[0]["unit"],
        "rows": [row for row in rows if row.get("event_id")] if has_events else [],
        "has_events": has_events,
        "said": list(statement_rows(report, number)),
        "article": report.article,
        "before": text[start : sentence.span.start],
        "words": sentence.span.of(text),
        "after": text[sentence.span.end : end if end >= 0 else len(text)],
        "why": {event.id: event.why for event in report.events},
    }


def judge(view: View) -> RedirectResponse:
    """Keep the verdicts of a form in the record itself, and go on to the next sentence."""
    coder = _coder(view)
    if not hmac.compare_digest(view.query.text("secret") or "", view.session.secret):
        raise HTTPException(FORBIDDEN, "This form is not of this explorer; open the review again.")
    unit = view.query.text("unit") or ""
    rows = [row for number in range(MOST_ROWS) if (row := _row(view.query, number)) is not None]
    events, said = ([row for row in rows if bool(row["statement_id"]) is is_said] for is_said in (False, True))
    if not rows:
        raise HTTPException(BAD_REQUEST, "There is no verdict in this form.")
    who: Any = {"coder": coder, "on": date.today()}
    with Record.open(view.session.path, wait=WAIT) as record:
        found = judge_events(record, unit, events, **who) if events else ()
        statements = judge_statements(record, unit, said, **who)
        record.correct(found, statements=statements)
    view.session.judged |= {(one.article_id, one.sentence) for one in found}
    view.session.judged |= {(one.article_id, one.statement.sentence) for one in statements}
    return RedirectResponse(f"/review{view.query.text('back') or ''}", 303)


def _row(query: Query, number: int) -> Mapping[str, str] | None:
    """One row of the form: an event's, seen or missed, or a statement's; None where nothing stands."""
    names = ("event_id", "statement_id", "verdict", "comment", *CODING, *STATEMENT_CODING)
    row = {name: query.text(f"{name}.{number}") or "" for name in names}
    return row if row["verdict"] else None


def _coder(view: View) -> str:
    if view.session.reviewer is None:
        raise not_found("Nobody reviews here; start with: communique explore --review NAME")
    return view.session.reviewer
