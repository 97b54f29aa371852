"""Who is in an article: the entities, and every mention of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import msgspec

from communique.model import Entity, Mention, Span


class Cast(msgspec.Struct, frozen=True):
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
        first = bisect_left(self.mentions, span.start, key=_start)
        found: list[Mention] = []
        for mention in self.mentions[first:]:
            if mention.span.start >= span.end:
                break
            if span.covers(mention.span):
                found.append(mention)
        return tuple(found)

    def over(self, span: Span) -> tuple[Mention, ...]:
        """Return the mentions whose span covers ``span``, outermost first."""
        last, end = bisect_right(self.mentions, span.start, key=_start), span.end
        return tuple(mention for mention in self.mentions[:last] if mention.span.end >= end)


def _start(mention: Mention) -> int:
    return mention.span.start
