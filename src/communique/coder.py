"""The whole flow on one screen: Article -> Parsed -> Cast -> statements -> events -> Report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from communique.actors import Atlas, Cast, find_cast, load_atlas
from communique.articles import article_from_text
from communique.events import find_events
from communique.language import NOTHING, Language, Marked
from communique.model import Article, Parsed, Relation, Report, Span, Statement
from communique.statements import find_statements

#: The relation model has one label for PLOVER's CONCEDE and RETREAT; this is what it means unless the
#: lexicon finds a RETREAT in the sentence.
YIELD, YIELDING = "YIELD", ("CONCEDE", "RETREAT")


class Coder:
    """Codes articles: who said what, who did what to whom.

    Loading reads the model and the atlas once. A coder keeps no state between articles: the same article gives
    the same report, in any order, on any machine.

    >>> report = Coder().code("Russia condemned the United States on Monday.", published="2023-03-22")
    >>> [(event.event, event.actors, event.recipients) for event in report.events]
    [('ACCUSE', ('RUS',), ('USA',))]
    """

    def __init__(self, *, atlas: Atlas | None = None, threads: int = 1) -> None:
        """Load the model; ``atlas`` is the built-in one unless given (``communique.actors.load_atlas``).

        ``threads`` read one paragraph together, 0 stands for all cores; several processes make more of the cores
        (``communique.workers``).
        """
        self._language = Language.load(threads)
        self._atlas = atlas or Atlas.load()

    @classmethod
    def with_actors(cls, files: Sequence[str] = (), *, builtin: bool = True) -> Self:
        """Return a coder that knows the actors in these files, too; bad lines in them are passed over.

        Raises ``ConfigError`` where a file can't be read.
        """
        return cls(atlas=None if builtin and not files else load_atlas(files, builtin=builtin)[0])

    def code(self, article: Article | str, *, published: str | None = None) -> Report:
        """Code one article, or a text; ``published`` (ISO 8601) dates a text and the offices named in it."""
        return next(self.code_all([article], published=published))

    def code_all(self, articles: Iterable[Article | str], *, published: str | None = None) -> Iterator[Report]:
        """Code articles as they come, a handful read at a time, one report each in the same order."""
        ready = (one if isinstance(one, Article) else article_from_text(one, published=published) for one in articles)
        return map(self._report, self._language.parse_all(ready))

    def relation(self, sentence: str, *, actor: tuple[int, int], recipient: tuple[int, int]) -> Relation:
        """Type the relation between two marked spans ``[start, end)`` of a sentence.

        >>> Coder().relation("France condemned Russia.", actor=(0, 6), recipient=(17, 23)).event
        'ACCUSE'
        """
        marked = Marked(sentence, Span(*actor), Span(*recipient))
        for span in (marked.actor, marked.recipient):
            if not 0 <= span.start < span.end <= len(sentence):
                raise ValueError(f"span ({span.start}, {span.end}) is not in a sentence of {len(sentence)} characters")
        types = {name: share for name, share in self._language.relations([marked])[0].items() if name != NOTHING}
        best = max(types, key=lambda name: types[name])
        wanted = YIELDING if best == YIELD else (best,)
        coded = [event for event in self.code(sentence).events if event.event in wanted]
        event = coded[0].event if coded else wanted[0]
        mode = next((event.modes[0] for event in coded if event.modes), None)
        return Relation(event, mode, types[best])

    def _report(self, parsed: Parsed) -> Report:
        cast = find_cast(parsed, self._atlas)
        statements = find_statements(parsed, cast)
        events, notes = find_events(parsed, cast, statements, self._language.relations)
        used = _used(cast, statements, [party for event in events for party in (*event.actors, *event.recipients)])
        return Report(
            article=parsed.article,
            entities=tuple(entity for entity in cast.entities if entity.id in used),
            mentions=cast.mentions,
            statements=statements,
            events=events,
            notes=notes,
            sentences=parsed.sentences,
        )


def _used(cast: Cast, statements: Iterable[Statement], parties: Iterable[str]) -> frozenset[str]:
    """The ids that the report refers to: nothing points at an entity that is not listed."""
    named = (mention.entity_id for mention in cast.mentions if mention.entity_id)
    said = (one for statement in statements for one in (*statement.speakers, *statement.addressees, *statement.about))
    return frozenset([*named, *said, *parties])
