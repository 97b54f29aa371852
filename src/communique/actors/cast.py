"""Who is in an article: the entities, and every mention of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import accumulate

import msgspec

from communique.model import Entity, Mention, Span


class Cast(msgspec.Struct, frozen=True, dict=True):
    """The entities of one article and their mentions in reading order, outer before inner.

    ``places`` has the ids of the mentions that are places where they stand ("in Moscow").
    """

    entities: tuple[Entity, ...]
    mentions: tuple[Mention, ...]
    places: frozenset[str] = frozenset()

    def entity(self, entity_id: str) -> Entity:
        """Return the entity with that id; KeyError when it is not in the cast."""
        for entity in self.entities:
            if entity.id == entity_id:
                return entity
        raise KeyError(entity_id)

    def at(self, span: Span) -> tuple[Mention, ...]:
        """Return the mentions that lie wholly within ``span``, outermost first."""
        first = bisect_left(self._starts, span.start)
        found: list[Mention] = []
        for mention in self.mentions[first:]:
            if mention.span.start >= span.end:
                break
            if span.covers(mention.span):
                found.append(mention)
        return tuple(found)

    def over(self, span: Span) -> tuple[Mention, ...]:
        """Return the mentions whose span covers ``span``, outermost first."""
        found: list[Mention] = []
        index = bisect_right(self._starts, span.start) - 1
        while index >= 0 and self._reach[index] >= span.end:
            if self.mentions[index].span.end >= span.end:
                found.append(self.mentions[index])
            index -= 1
        return tuple(reversed(found))

    @cached_property
    def _starts(self) -> list[int]:
        return [mention.span.start for mention in self.mentions]

    @cached_property
    def _reach(self) -> list[int]:
        """How far each mention, or one before it, reaches."""
        return list(accumulate((mention.span.end for mention in self.mentions), max))
