"""One act that an article tells twice: in its headline and below, or again with the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from communique.events.parties import NAMELESS_PREFIX, Parties, is_verbal
from communique.events.syntax import Tree
from communique.model import Event, Place, Span, content_id

#: Share of the words of the shorter telling that an act of speech must have in common with the other: the same demand.
SAME_WORDS = 0.5
#: Words that say that an act is one more of its kind.
ONE_MORE = frozenset(
    "also again another second third fourth later earlier separate separately further other fresh new more too "
    "meanwhile previously once twice".split()
)
#: What leads back to a deed told before: "in the attack", "by that blast".
POINTING_WORDS, DEFINITE = (
    frozenset(["in", "by", "during", "from"]),
    frozenset(["the", "that", "this", "those", "these"]),
)
#: The precision of an act's date where its sentence tells none.
UNTOLD = frozenset(["article", None])
HEADLINE = 0
#: Tags of words that tell what an act is about.
CONTENT_TAGS = ("NN", "VB", "CD", "JJ")


def event_id(article_id: str, trigger: Span, event: str, actors: Sequence[str], recipients: Sequence[str]) -> str:
    """Return the id of an event: a hash of where it is told, its type and its parties.

    >>> len(event_id("a", Span(0, 3), "AGREE", ("FRA",), ()))
    16
    """
    return content_id(article_id, trigger.start, trigger.end, event, ",".join(actors), ",".join(recipients))


def with_parties(article_id: str, event: Event, actors: tuple[str, ...], recipients: tuple[str, ...]) -> Event:
    """Return an event with other parties, and the id that goes with them."""
    changed = event_id(article_id, event.trigger, event.event, actors, recipients)
    return msgspec.structs.replace(event, id=changed, actors=actors, recipients=recipients)


def told_once(events: Iterable[Event], tree: Tree, parties: Parties) -> tuple[Event, ...]:
    """Return each act once, where it is told first, with the words of its other tellings as evidence.

    Two sentences tell one act where type and status are the same, modes, dates and places agree or only one of them
    tells any, at least one side is the same and the other agrees or is left open, and the words go together: the same
    trigger or a word in common; for acts of speech, which are many between the same two, half of the words of what they
    are about. A telling with "also" or "another" is of another act.
    """
    twins = _Twins(tree, parties)
    kept: list[Event] = []
    for event in events:
        place = next((place for place, other in enumerate(kept) if twins.are_one(other, event)), None)
        if place is None:
            kept.append(event)
        else:
            kept[place] = _merged(tree.parsed.article.id, kept[place], event)
    return tuple(kept)


class _Twins:
    def __init__(self, tree: Tree, parties: Parties) -> None:
        self._tree, self._parties = tree, parties
        self._at = {token.span.start: index for index, token in enumerate(tree.parsed.tokens)}

    def are_one(self, first: Event, second: Event) -> bool:
        alike = (first.event, first.status) == (second.event, second.status) and first.sentence != second.sentence
        return (
            alike
            and _agree(first.modes, second.modes)
            and (self._same_parties(first, second) or self._points_back(second))
            and _same_date(first, second)
            and _same_place(first.place, second.place)
            and not self._is_one_more(second)
            and self._same_words(first, second)
        )

    def _same_parties(self, first: Event, second: Event) -> bool:
        sides = [(first.actors, second.actors), (first.recipients, second.recipients)]
        same = [self._same_side(one, two, first.event) for one, two in sides]
        open_ = [not one or not two for one, two in sides]
        return any(same) and all(found or left for found, left in zip(same, open_, strict=True))

    def _points_back(self, event: Event) -> bool:
        """Say whether a telling leaves out who did it and points to a blow told before: "killed in the attack"."""
        tree, index = self._tree, self._at[event.trigger.start]
        nouns = [noun for word, noun in tree.obliques(index) if word in POINTING_WORDS]
        subject = tree.subject(index)
        nouns += [] if subject is None else [subject]
        return not event.actors and any(tree.points_back(noun) for noun in nouns)

    def _same_side(self, one: tuple[str, ...], two: tuple[str, ...], event: str) -> bool:
        if not one or not two:
            return False
        return set(one) == set(two) or (not is_verbal(event) and self._parties.are_one_side(one, two))

    def _is_one_more(self, event: Event) -> bool:
        tree, index = self._tree, self._at[event.trigger.start]
        near = [index, *tree.children(index), *(child for head in tree.objects(index) for child in tree.children(head))]
        return any(tree.lemma(word) in ONE_MORE for word in near)

    def _same_words(self, first: Event, second: Event) -> bool:
        one, two = (self._words(event) for event in (first, second))
        shared = len(one & two)
        if is_verbal(first.event):
            lemmas = {self._tree.lemma(self._at[event.trigger.start]) for event in (first, second)}
            return shared >= SAME_WORDS * min(len(one), len(two)) and (shared > 0 or len(lemmas) == 1)
        return shared > 0 or first.sentence == HEADLINE or self._points_back(second)

    def _words(self, event: Event) -> frozenset[str]:
        """Return the words of a telling, its names left out."""
        tree, index = self._tree, self._at[event.trigger.start]
        told = () if is_verbal(event.event) else (index,)
        return frozenset(
            tree.lemma(word)
            for word in (*told, *tree.below(index)[1:])
            if tree.token(word).tag.startswith(CONTENT_TAGS) and not tree.token(word).tag.startswith("NNP")
        )


def _agree(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    return not one or not two or set(one) == set(two)


def _same_date(first: Event, second: Event) -> bool:
    return first.date == second.date or bool(UNTOLD & {first.date_precision, second.date_precision})


def _same_place(one: Place | None, two: Place | None) -> bool:
    """Say whether two places do not gainsay each other: "Turkey" and "Ankara" do not, nor what nobody can place."""
    if one is None or two is None or one.name == two.name or "none" in (one.resolution, two.resolution):
        return True
    return one.country == two.country and "country" in (one.resolution, two.resolution)


def _merged(article_id: str, first: Event, second: Event) -> Event:
    """Return the first telling, filled up with what only the second tells."""
    dated = first if first.date_precision not in UNTOLD else second
    actors, recipients = _named(first.actors, second.actors), _named(first.recipients, second.recipients)
    return msgspec.structs.replace(
        with_parties(article_id, first, actors, recipients),
        modes=first.modes or second.modes,
        date=dated.date,
        date_precision=dated.date_precision,
        place=first.place or second.place,
        confidence=max(first.confidence, second.confidence),
        evidence=(*first.evidence, second.trigger, *second.evidence),
        killed=_greater(first.killed, second.killed),
        injured=_greater(first.injured, second.injured),
        arrested=_greater(first.arrested, second.arrested),
    )


def _named(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...]:
    """Return the side that names more: the first, unless only the second has names."""
    nameless = any(party.startswith(NAMELESS_PREFIX) for party in one)
    better = nameless and not any(party.startswith(NAMELESS_PREFIX) for party in two)
    return two if two and (better or not one) else one


def _greater(one: int | None, two: int | None) -> int | None:
    return max((number for number in (one, two) if number is not None), default=None)
