"""How sure an event is: the share of events with like evidence that a careful reader confirmed.

A logistic regression over what speaks for the event; ``training/confidence.py`` fits it on our gold (articles,
statuses, quiet sentences), and docs/model-card.md shows how true it is.
"""

from __future__ import annotations

import math

import msgspec


class Evidence(msgspec.Struct, frozen=True):
    """What speaks for an event.

    ``by_lexicon``: a frame told it, else the relation model alone. ``agreed``, ``nothing``: what the model gives to its
    type and to no event, None where it was not asked. ``weight``: how much the frame asks for. ``recipients``:
    whether somebody bears it. ``verbal``: whether it is an act of speech.
    """

    by_lexicon: bool
    agreed: float | None
    nothing: float | None
    weight: int
    recipients: bool
    verbal: bool


#: The weight of each feature, in the order of ``features``; fitted by ``python -m training.confidence``.
WEIGHTS = (-0.444, 1.639, 0.984, -1.108, -0.036, -0.075, -0.372, 0.260)
#: Frames that ask for more than so many arguments are no surer.
MOST_WEIGHT = 4


def features(evidence: Evidence) -> tuple[float, ...]:
    """Return what the regression sees: a constant, then each kind of evidence as a number."""
    asked = evidence.agreed is not None
    return (
        1.0,
        float(evidence.by_lexicon),
        (evidence.agreed or 0.0) if asked else 0.0,
        (evidence.nothing or 0.0) if asked else 0.0,
        float(asked),
        min(evidence.weight, MOST_WEIGHT) / MOST_WEIGHT,
        float(evidence.recipients),
        float(evidence.verbal),
    )


def estimate(evidence: Evidence) -> float:
    """Return the probability that a reader would confirm the event.

    >>> 0.0 < estimate(Evidence(True, 0.9, 0.0, 2, True, True)) < 1.0
    True
    """
    score = sum(weight * value for weight, value in zip(WEIGHTS, features(evidence), strict=True))
    return 1.0 / (1.0 + math.exp(-score))
