"""Who did what to whom: PLOVER events by predicate lexicon over the parse, together with the relation model."""

from communique.events.find import Relations, find_events

__all__ = ["Relations", "find_events"]
