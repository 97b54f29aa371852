"""Events end to end: ``make bench-events`` (``--errors PART`` lists what is wrong in plv, status, quiet or gold).

PLV: the raw sentences of its training part, no marks given; the relation network asked is one trained without the
sentence's fold. A sentence is found where an asserted event has its type (YIELD stands for CONCEDE and RETREAT), and
right where one such event has among its actors somebody whom the marked actor mentions, and the marked recipient among
its recipients, or among its actors too where they act together; precision is over all asserted events there. Status:
our table of marked triggers. Quiet: our table of sentences without events. Gold: our gold articles, as in tests/gold.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.gold import scoring

from benchmarks.gold import GOLD, golds, prf
from benchmarks.language import WEIGHTS
from communique import Coder
from communique.actors import Atlas, Cast, find_cast
from communique.articles import article_from_text
from communique.events import find_events
from communique.language import Language
from communique.model import Article, Event, Span
from communique.statements import find_statements
from training import data

#: Where the networks of the five folds are kept between runs; git ignores it.
FOLDS = Path(__file__).parents[1] / "training/work/folds"
OPENED, CLOSED, OR = "[[", "]]", "|"
ASSERTED, ALIGNED = "asserted", "aligned"
LABELS = {"CONCEDE": "YIELD", "RETREAT": "YIELD"}


def percent(right: int, of: int) -> str:
    """Format a share."""
    return f"{100 * right / max(of, 1):5.1f} % of {of}"


def label(event: str) -> str:
    """Return PLV's name of a type."""
    return LABELS.get(event, event)


# --- PLV ----------------------------------------------------------------------------------------------


def plv(show: bool) -> Iterator[tuple[str, str]]:
    """Yield the figures on PLV's sentences."""
    try:
        from training.relation import folds
    except ModuleNotFoundError as error:
        yield "PLV", f"not measured: {error.name} is missing (make train-setup)"
        return
    language, atlas = Language.load(), Atlas.load()
    counts: Counter[str] = Counter()
    for part, fold in folds(WEIGHTS, FOLDS):
        articles = [Article(id=example.source, text=example.text) for example in part]
        for example, parsed in zip(part, language.parse_all(articles), strict=True):
            cast = find_cast(parsed, atlas)
            events, notes = find_events(parsed, cast, find_statements(parsed, cast), fold.relations)
            asserted = [event for event in events if event.status == ASSERTED]
            wanted = data.RELATIONS[example.event]
            right = [event for event in asserted if label(event.event) == wanted]
            assert example.actor is not None
            assert example.recipient is not None
            whole = any(_has_both(event, cast, example.actor, example.recipient) for event in right)
            sides = [_mentioned(cast, span) for span in (example.actor, example.recipient)]
            counts.update(both=all(sides), whole_of_both=all(sides) and whole)
            counts.update(sentences=1, found=bool(right), whole=whole, events=len(asserted), right=len(right))
            counts.update(silent=not events)
            if show and not whole:
                _show_plv(example, wanted, asserted, [note.why for note in notes], cast)
    yield "PLV: right type found", percent(counts["found"], counts["sentences"])
    yield "PLV: precision of types", percent(counts["right"], counts["events"])
    yield "PLV: right actor and recipient too", percent(counts["whole"], counts["sentences"])
    yield "PLV: the same where both phrases name somebody", percent(counts["whole_of_both"], counts["both"])
    yield "PLV: no event at all", percent(counts["silent"], counts["sentences"])


def _has_both(event: Event, cast: Cast, actor: Span, recipient: Span) -> bool:
    doers, done_to = (_mentioned(cast, span) for span in (actor, recipient))
    others = event.recipients or event.actors
    return bool(doers & set(event.actors)) and bool(done_to & set(others))


def _mentioned(cast: Cast, span: Span) -> set[str]:
    return {mention.entity_id for mention in cast.mentions if mention.entity_id and mention.span.overlaps(span)}


def _show_plv(example: data.Example, wanted: str, events: list[Event], notes: list[str], cast: Cast) -> None:
    assert example.actor is not None
    assert example.recipient is not None
    names = {entity.id: entity.name for entity in cast.entities}
    print(f"\n{wanted}: [{example.actor.of(example.text)}] -> [{example.recipient.of(example.text)}]\n  {example.text}")
    for event in events:
        actors, recipients = ([names[one] for one in side] for side in (event.actors, event.recipients))
        print(f"  {event.event} {actors} -> {recipients} <{event.trigger.of(example.text)}> {event.why}")
    if not events:
        print(f"  nothing: {'; '.join(notes)}")


# --- our tables ---------------------------------------------------------------------------------------


def gold_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the tables in tests/gold."""
    with (GOLD / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def statuses(coder: Coder, show: bool) -> Iterator[tuple[str, str]]:
    """Yield the figures on the table of statuses."""
    counts = count_statuses(coder, show=show)
    yield "status: trigger coded", percent(counts["found"], counts["rows"])
    yield "status: right where coded", percent(counts["right"], counts["found"])
    yield "status: asserted acts coded as such", percent(counts["asserted_found"], counts["asserted"])
    yield "status: other acts coded as asserted", percent(counts["asserted_wrongly"], counts["others"])


def count_statuses(coder: Coder, *, show: bool = False) -> Counter[str]:
    """Count the rows of the table of statuses: those whose trigger is coded, and those whose status is right."""
    counts: Counter[str] = Counter()
    for row in gold_rows("status.tsv"):
        before, _, rest = row["text"].partition(OPENED)
        marked, _, after = rest.partition(CLOSED)
        text, span = before + marked + after, Span(len(before), len(before) + len(marked))
        report = coder.code(article_from_text(text, published=row["date"]))
        found = [event for event in report.events if event.trigger.overlaps(span)]
        answers = row["status"].split(OR)
        right = any(_is_right(row, event) for event in found)
        counts.update(rows=1, found=bool(found), right=right)
        if ASSERTED not in answers:
            counts.update(others=1, asserted_wrongly=any(event.status == ASSERTED for event in found) and not right)
        elif answers == [ASSERTED]:
            counts.update(asserted=1, asserted_found=any(event.status == ASSERTED for event in found))
        if show and found and not right:
            said = ", ".join(f"{event.event} {event.status}" for event in found)
            print(f"{row['case']} {row['event']} {row['status']} ({row['note']}): {said}\n  {row['text']}")
    return counts


def _is_right(row: dict[str, str], event: Event) -> bool:
    """Say whether the status is one of the answers; in aligned rows the one that goes with the type."""
    answers, types = row["status"].split(OR), row["event"].split(OR)
    if row["note"].startswith(ALIGNED) and event.event in types:
        return event.status == answers[types.index(event.event)]
    return event.status in answers


def quiet(coder: Coder, show: bool) -> Iterator[tuple[str, str]]:
    """Yield how many sentences without events have one."""
    false, rows = count_false(coder, show=show)
    yield "quiet: sentences with a false event", f"{false} of {rows}"


def count_false(coder: Coder, *, show: bool = False) -> tuple[int, int]:
    """Return how many of the sentences without events have one, and how many there are."""
    rows, false = gold_rows("quiet.tsv"), 0
    for row in rows:
        report = coder.code(article_from_text(row["text"], published=row["date"]))
        events = [event for event in report.events if event.status == ASSERTED]
        false += bool(events)
        if show and events:
            print(f"{row['case']} {row['text']}\n  " + "; ".join(f"{event.event} {event.why}" for event in events))
    return false, len(rows)


def gold(coder: Coder, show: bool) -> Iterator[tuple[str, str]]:
    """Yield the figures on our gold articles."""
    for name, pieces in golds().items():
        scores = [scoring.score(one, coder.code(article)) for one, article in pieces]
        for kind in ("loose", "strict"):
            yield f"{name}: events, {kind}", prf(getattr(score.events, kind) for score in scores)
        yield f"{name}: coded though nothing is there", str(sum(len(score.violations) for score in scores))
        for score in scores if show else ():
            lines = [*(f"- {row}" for row in score.events.missed), *(f"+ {row}" for row in score.events.false)]
            print("\n".join([f"== {score.name}", *lines, *(f"! {row}" for row in score.violations)]))


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--errors", metavar="PART", default="", help="list what is wrong in plv, status, quiet or gold")
    parser.add_argument("--only", metavar="PART", default="", help="measure that part alone")
    arguments = parser.parse_args()
    coder = Coder()
    parts = {
        "gold": lambda show: gold(coder, show),
        "quiet": lambda show: quiet(coder, show),
        "status": lambda show: statuses(coder, show),
        "plv": plv,
    }
    for part, figures in parts.items():
        if arguments.only in ("", part):
            for name, value in figures(arguments.errors == part):
                print(f"{name:45} {value}", flush=True)


if __name__ == "__main__":
    main()
