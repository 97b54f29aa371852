"""In what matter: contexts are those of an event's paragraph, not of the whole article."""

from __future__ import annotations

from communique import Coder

TEXT = """Protesters marched in Minsk over the election.

Russia condemned Ukraine on Tuesday. The dispute over the nuclear warheads deepened.
"""


def test_contexts_are_told_by_the_paragraph() -> None:
    (condemned,) = (event for event in Coder().code(TEXT).events if event.event == "ACCUSE")
    assert "cbrn" in condemned.contexts
    assert "election" not in condemned.contexts
