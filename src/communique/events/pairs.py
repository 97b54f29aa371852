"""Pairs of phrases that the relation model is asked about: who might have done something to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from communique.events.parties import Parties
from communique.events.roles import Roles
from communique.events.syntax import Tree
from communique.language import Marked
from communique.model import Span

Answer = dict[str, float]
Relations = Callable[[Sequence[Marked]], list[Answer]]

#: Prepositions behind which stands whom a verb bears on that the lexicon does not have.
BEARING_WORDS = frozenset("to on with against for from into at over toward towards of".split())
#: Relations of words inside a name or phrase, which are no parties of their own.
INNER_RELATIONS = frozenset(["compound", "flat", "amod", "nmod:desc", "nmod:poss"])
#: A type of speech and one of deeds, for which other parties are political.
SPEECH, DEED = "ACCUSE", "ASSAULT"
#: Prepositions that can stand before a doer.
DOER_WORDS = frozenset(["by", "of", "from", "between", "with", None])
PRONOUN_TAG = "PRP"


class Pair(msgspec.Struct, frozen=True):
    """A word that may tell an act, who may have done it to whom, and the question to the model."""

    sentence: int
    trigger: int
    actors: tuple[str, ...]
    recipients: tuple[str, ...]
    marked: Marked
    bearing: int


class Pairs:
    """Finds the pairs of one article."""

    def __init__(self, tree: Tree, roles: Roles, parties: Parties) -> None:
        self._tree, self._roles, self._parties = tree, roles, parties
        self._bearing: dict[int, tuple[str, ...]] = {}

    def marked(self, sentence: int, actor: int | None, recipient: int | None) -> Marked | None:
        """Return the question about two phrases, None unless both stand apart in the sentence."""
        if actor is None or recipient is None:
            return None
        around = self._tree.parsed.sentences[sentence].span
        spans = [self._tree.phrase(actor), self._tree.phrase(recipient)]
        if spans[0].overlaps(spans[1]) or not all(around.covers(span) for span in spans):
            return None
        first, second = (Span(span.start - around.start, span.end - around.start) for span in spans)
        return Marked(around.of(self._tree.parsed.article.text), first, second)

    def of_verb(self, sentence: int, verb: int, doer: int | None) -> Pair | None:
        """Return the doer of a verb with the first phrase beside it that names somebody else."""
        actors = self._roles.actor(doer) if doer is not None else ()
        if not actors:
            return None
        for other in self._others(verb):
            found = self._roles.recipient(other)
            if found and not set(found) & set(actors):
                marked = self.marked(sentence, doer, other)
                if marked is not None:
                    return Pair(sentence, verb, actors, found, marked, other)
        return self._of_matter(sentence, verb, doer, actors)

    def _of_matter(self, sentence: int, verb: int, doer: int | None, actors: tuple[str, ...]) -> Pair | None:
        """Return a political doer of a verb with the thing that the verb bears on, where it names nobody else."""
        if not self._is_politics(*actors):
            return None
        for other in self._matters(verb):
            marked = self.marked(sentence, doer, other)
            if marked is not None:
                return Pair(sentence, verb, actors, (), marked, other)
        return None

    def first(self, sentence: int) -> Pair | None:
        """Return the first two parties of a sentence between whom any act would be politics."""
        heads = self.heads(sentence)
        for one in heads:
            acting = self._roles.actor(one) if self._can_act(one) and self.borne_by(one) else ()
            for two in heads if acting else ():
                apart = self._tree.first_of_joined(one) != self._tree.first_of_joined(two)
                bearing = self.borne_by(two) if apart else ()
                if not bearing or set(acting) & set(bearing) or self._parties.are_one_side(acting, bearing):
                    continue
                marked = self.marked(sentence, one, two) if self._is_politics(*acting, *bearing) else None
                if marked is not None:
                    return Pair(sentence, self._between(one, two), acting, bearing, marked, two)
        return None

    def heads(self, sentence: int) -> list[int]:
        """Return the heads of the phrases of a sentence that may name somebody."""
        found = self._tree.parsed.sentences[sentence]
        return [index for index in range(found.first, found.last) if self._is_phrase(index)]

    def _is_politics(self, *parties: str) -> bool:
        """Say whether any act between parties can be politics."""
        return any(self._parties.is_political(party, event) for party in parties for event in (SPEECH, DEED))

    def _can_act(self, head: int) -> bool:
        """Say whether a phrase can be a doer: not an object, nor behind a preposition that a doer does not have."""
        tree = self._tree
        first = tree.first_of_joined(head)
        if tree.relation(first) in ("obj", "iobj"):
            return False
        return tree.relation(first) not in ("obl", "nmod") or tree.preposition(first) in DOER_WORDS

    def borne_by(self, head: int) -> tuple[str, ...]:
        """Return whom a phrase stands for where it is acted on; "people" and "somebody" are none."""
        if head not in self._bearing:
            found = self._roles.recipient(head)
            self._bearing[head] = found if any(self._is_known(one) for one in found) else ()
        return self._bearing[head]

    def _is_phrase(self, index: int) -> bool:
        nominal = self._tree.is_noun(index) or self._tree.token(index).tag == PRONOUN_TAG
        return nominal and self._tree.relation(index) not in INNER_RELATIONS

    def _is_known(self, party: str) -> bool:
        """Say whether a party is somebody of whom the model can tell: not "people", not those who ask the questions."""
        parties = self._parties
        return not (parties.is_vague(party) or parties.is_nobody(party) or parties.is_press(party))

    def _between(self, one: int, two: int) -> int:
        """Return the verb, or else the word, that governs both."""
        above = self._tree.above(two)
        common = [index for index in self._tree.above(one) if index in above] or self._tree.above(one)
        return next((index for index in common if self._tree.is_verb(index)), common[0])

    def is_within(self, pair: Pair, trigger: int) -> bool:
        """Say whether the phrase that is borne on stands under a word, with no finite verb between."""
        for index in self._tree.above(pair.bearing):
            if index == trigger:
                return True
            if self._tree.is_verb(index) and self._tree.is_finite(index):
                return False
        return False

    def _matters(self, verb: int) -> Iterator[int]:
        """Yield what may tell what a verb is about: its object, another phrase beside it, its clause."""
        yield from (head for head in self._tree.objects(verb) if head != self._tree.subject(verb))
        yield from (noun for _, noun in self._tree.obliques(verb))
        yield from self._tree.complements(verb)

    def _others(self, verb: int) -> Iterator[int]:
        """Yield the phrases that can tell whom a verb bears on, the likeliest first."""
        tree = self._tree
        objects = [head for head in (*tree.indirect_objects(verb), *tree.objects(verb)) if tree.subject(verb) != head
                   or tree.is_passive(verb)]  # fmt: skip
        yield from objects
        for head in (verb, *objects):
            yield from (noun for word, noun in tree.obliques(head) if word in BEARING_WORDS)
        for clause in tree.complements(verb):
            yield from tree.objects(clause) if tree.is_infinitive(clause) else ()
