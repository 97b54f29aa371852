"""Who did what to whom: PLOVER events by predicate lexicon over the parse, together with the relation model."""

from communique.events.find import find_events
from communique.events.pairs import Relations
from communique.events.trial import Trial, try_lexicon

__all__ = ["Relations", "Trial", "find_events", "try_lexicon"]
