"""Fit the confidence of events: ``python -m training.confidence`` prints the weights and the reliability curve.

1. Code our gold articles, the statuses and the quiet sentences, noting the evidence of each event. 2. An event is right
where the gold has it (sentence, type, an actor, a recipient), where the marked trigger of a status has its type and an
asserted status, and never in a quiet sentence. 3. Logistic regression with a ridge, by Newton's method. 4. The curve
is that of ten folds, each fitted without what it is asked about.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from benchmarks.events import ASSERTED, CLOSED, OPENED, OR, gold_rows
from benchmarks.gold import golds
from numpy.typing import NDArray
from tests.gold import scoring

from communique import Coder
from communique.articles import article_from_text
from communique.events import confidence
from communique.events.confidence import Evidence, features
from communique.model import Article, Event, Span

Floats = NDArray[np.float64]

#: The sets of gold articles whose events are looked at; the others stay unread.
FITTED_ON = ("samples", "second set", "third set", "briefs, read")
RIDGE, STEPS, FOLDS = 1.0, 30, 10
#: An event's confidence holds its number while evidence is gathered: its place in the notes, in ten thousandths.
PLACES = 10_000
BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)


def gather() -> tuple[Floats, Floats]:
    """Return features [events, features] and whether each event is right [events]."""
    notes: list[Evidence] = []

    def note(evidence: Evidence) -> float:
        notes.append(evidence)
        return (len(notes) - 1) / PLACES

    confidence.estimate = note
    coder = Coder()
    rows = [*_articles(coder), *_statuses(coder), *_quiet(coder)]
    seen = [notes[round(event.confidence * PLACES)] for event, _ in rows]
    return np.array([features(one) for one in seen]), np.array([float(right) for _, right in rows])


def _asserted(coder: Coder, article: Article) -> list[Event]:
    return [event for event in coder.code(article).events if event.status == ASSERTED]


def _articles(coder: Coder) -> Iterator[tuple[Event, bool]]:
    for name in FITTED_ON:
        for gold, article in golds()[name]:
            reading = scoring.Reading(coder.code(article))
            found = [event for event in reading.report.events if event.status == ASSERTED]
            rows = sorted(gold.events, key=lambda row: row.optional is not None)
            matched = set(scoring.pair(rows, found, reading.same_event).values())
            yield from ((event, place in matched) for place, event in enumerate(found))


def _statuses(coder: Coder) -> Iterator[tuple[Event, bool]]:
    for row in gold_rows("status.tsv"):
        before, _, rest = row["text"].partition(OPENED)
        marked, _, after = rest.partition(CLOSED)
        span = Span(len(before), len(before) + len(marked))
        for event in _asserted(coder, article_from_text(before + marked + after, published=row["date"])):
            if event.trigger.overlaps(span):
                yield event, event.event in row["event"].split(OR) and ASSERTED in row["status"].split(OR)


def _quiet(coder: Coder) -> Iterator[tuple[Event, bool]]:
    for row in gold_rows("quiet.tsv"):
        yield from ((event, False) for event in _asserted(coder, article_from_text(row["text"], published=row["date"])))


def fit(x: Floats, y: Floats) -> Floats:
    """Return the weights of a ridge logistic regression."""
    weights = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-x @ weights))
        slope = x.T @ (y - p) - RIDGE * weights
        curve = (x * (p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(x.shape[1])
        weights = weights + np.linalg.solve(curve, slope)
    return weights


def main() -> None:
    """Print the weights, and how true the confidence is on events that it was not fitted on."""
    x, y = gather()
    fold = np.arange(len(y)) % FOLDS
    held_out = np.zeros(len(y))
    for number in range(FOLDS):
        held_out[fold == number] = 1.0 / (1.0 + np.exp(-x[fold == number] @ fit(x[fold != number], y[fold != number])))
    print(f"{len(y)} events, {100 * y.mean():.1f} % right")
    print("WEIGHTS = (" + ", ".join(f"{weight:.3f}" for weight in fit(x, y)) + ")")
    for low, high in itertools.pairwise(BINS):
        inside = (held_out >= low) & (held_out < high)
        if inside.any():
            said, was = 100 * held_out[inside].mean(), 100 * y[inside].mean()
            print(f"{low:.1f} to {high:.1f}: {inside.sum():4} events, said {said:5.1f} %, right {was:5.1f} %")
    print(f"Brier score {np.mean((held_out - y) ** 2):.3f} (constant: {y.mean() * (1 - y.mean()):.3f})")


if __name__ == "__main__":
    main()
