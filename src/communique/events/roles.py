"""Who the phrases of a frame stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from communique.actors import Cast, resolve_phrase
from communique.events.syntax import BORDERS, WITH, Tree
from communique.model import Statement

FIRST_PERSON = frozenset(["i", "we", "us", "me"])
PLURAL_PRONOUNS = frozenset(["them", "both"])
FIRST_PERSON_POSSESSIVE = frozenset(["our", "my"])
#: Dependents of a noun that say whose deed it is, the surest first.
OWNERS = ("amod", "compound", "nmod:desc")
#: Relations of a name to the noun before it.
NAMING = ("appos", "flat", "nmod:desc", "compound")
#: Classes of nouns whose owner does what they are said to do ("Russian missiles hit", "Ankara's refusal angered").
DEEDS = (
    "attack",
    "weapons",
    "machines",
    "troops",
    "police",
    "demand",
    "abstract",
    "sanctions",
    "talks",
    "agreement",
    "claim",
    "deeds",
    "organs",
)
#: Classes of nouns that follow the name of a body, and the kinds of entity that a body is.
BODIES, BODY_KINDS = ("organs", "bodies"), frozenset(["organisation", "group"])
BETWEEN = "between"
#: Prepositions before the doer and before the one that a noun belongs to.
DOER_WORDS = frozenset(["by"])
BELONGING_WORDS = ("of", "from", "in", "to", "on", "against", "with", "at")

#: Words for a part of a whole, and the tag of numbers: "11 of the prisoners".
NUMBER_TAG = "CD"
PART_WORDS = frozenset(["some", "many", "most", "several", "all", "none", "one", "two", "both", "few", "half"])
#: Prepositions before where something happened.
SCENE_WORDS = frozenset(["in", "at", "near", "of", "outside", "on", "across"])

Resolve = Callable[[int], tuple[str, ...]]


def joined(parts: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Join entity ids, each once, in order.

    >>> joined([("CHN", "RUS"), ("CHN",)])
    ('CHN', 'RUS')
    """
    return tuple(dict.fromkeys(part for group in parts for part in group))


class Roles:
    """Resolves phrases to entities, by the cast and by what stands around them."""

    def __init__(self, tree: Tree, cast: Cast, statements: Sequence[Statement]) -> None:
        self._tree = tree
        self._cast = cast
        self._statements = statements
        self._states = frozenset(entity.id for entity in cast.entities if entity.kind == "state")
        self._bodies = frozenset(entity.id for entity in cast.entities if entity.kind in BODY_KINDS)
        self._known: dict[tuple[int, bool], tuple[str, ...]] = {}

    def entities(self, head: int, *, places: bool = False) -> tuple[str, ...]:
        """Return the entities that the phrase itself names; a place stands for one only where ``places``."""
        if (head, places) not in self._known:
            found = resolve_phrase(self._tree.parsed, self._cast, head, places=places)
            self._known[head, places] = found or self._speakers(head) or self._pair_before(head)
        return self._known[head, places]

    def _pair_before(self, head: int) -> tuple[str, ...]:
        """Return the parties that a plural pronoun stands for: the nearest two or more joined before it."""
        if self._tree.text(head) not in PLURAL_PRONOUNS or self._tree.is_noun(head):
            return ()
        first = self._tree.sentence(head).first
        for index in range(head - 1, first - 1, -1):
            if self._tree.is_noun(index) and any(self._tree.is_noun(two) for two in self._tree.children(index, "conj")):
                nouns = (index, *self._tree.children(index, "conj"))
                found = joined(resolve_phrase(self._tree.parsed, self._cast, noun, places=True) for noun in nouns)
                if len(found) > 1:
                    return found
        return ()

    def _speakers(self, head: int) -> tuple[str, ...]:
        if self._tree.text(head) not in FIRST_PERSON | FIRST_PERSON_POSSESSIVE:
            return ()
        span = self._tree.token(head).span
        around = [found for found in self._statements if any(content.covers(span) for content in found.content)]
        return around[-1].speakers if around else ()

    def owners(self, noun: int, *, compounds: bool = True) -> tuple[str, ...]:
        """Return whose deed or thing a noun is: possessor, the phrase behind 'by', adjective, or compound."""
        found = joined(self._modifier(child) for child in self._possessors(noun))
        if not found and self._is_deed(noun):
            clauses = self._tree.children(noun, "acl")
            inner = [child for clause in clauses for word, child in self._tree.obliques(clause) if word in DOER_WORDS]
            found = joined(self.entities(child) for child in inner)
        if not found:
            found = joined(self.entities(child) for word, child in self._tree.obliques(noun) if word in DOER_WORDS)
        for relation in OWNERS if compounds else OWNERS[:1]:
            inside = (noun, *self._tree.children(noun, "compound"))
            children = [child for part in inside for child in self._tree.children(part, relation)]
            found = found or joined(self._modifier(child) for child in children if not self._is_scene(child))
        return found

    def _is_deed(self, noun: int) -> bool:
        """Say whether who has or does what a noun is for does what it does."""
        return any(self._tree.words.is_a(self._tree.lemma(noun), name) for name in DEEDS)

    def _possessors(self, noun: int) -> tuple[int, ...]:
        """Return the possessors of a noun; what stands right before it with "'s" is one, whatever it is tied to."""
        own = self._tree.children(noun, "nmod:poss")
        before = noun - 1
        if own or before < 0 or self._tree.token(before).tag != "POS":
            return own
        return (self._tree.token(before).head,)

    def _is_scene(self, child: int) -> bool:
        """Say whether a word before a noun is where it happened ("Madrid bombings"), not who did it ("US strikes")."""
        token = self._tree.token(child)
        written = token.span.of(self._tree.parsed.article.text)
        return (
            token.relation == "compound"
            and written.isalpha()
            and written.istitle()
            and any(mention.entity_id in self._states for mention in self._cast.at(token.span))
        )

    def _modifier(self, child: int) -> tuple[str, ...]:
        mentions = self._cast.at(self._tree.token(child).span)
        named = tuple(mention.entity_id for mention in mentions if mention.entity_id)
        return named[:1] or self.entities(child)

    def actor(self, head: int) -> tuple[str, ...]:
        """Return the entities that act where ``head`` is the subject: itself, or whose deed or weapon it is."""
        found = self.entities(head) or self._part_of(head) or self._named_after(head) or self._named_before(head)
        if found or not self._is_deed(head):
            return found
        return self.owners(head) or self._between(head)

    def _between(self, noun: int) -> tuple[str, ...]:
        """Return the parties of talks: "talks between Kyiv and Moscow collapsed"."""
        if not self._tree.words.is_a(self._tree.lemma(noun), "talks"):
            return ()
        return joined(self.entities(child) for word, child in self._tree.obliques(noun) if word == BETWEEN)

    def _named_after(self, head: int) -> tuple[str, ...]:
        """Return the party whose name follows a noun for it: "the Islamist group al Shabaab"."""
        return joined(self.entities(child) for child in self._tree.children(head, *NAMING) if child > head)[:1]

    def _named_before(self, head: int) -> tuple[str, ...]:
        """Return the body whose name stands before a noun for it: "the Islamic Jihad organization"."""
        if not any(self._tree.words.is_a(self._tree.lemma(head), name) for name in BODIES):
            return ()
        before = joined(self._modifier(child) for child in self._tree.children(head, "compound", "nmod:desc"))
        return tuple(party for party in before if party in self._bodies)[:1]

    def _part_of(self, head: int) -> tuple[str, ...]:
        """Return the party behind a word for a part or number of it ("some of the protesters")."""
        lemma = self._tree.lemma(head)
        named = PART_WORDS & {lemma, self._tree.text(head)} or self._tree.token(head).tag == NUMBER_TAG
        if not named and not self._tree.words.is_a(lemma, "partitive"):
            return ()
        wholes = (one for one in self._tree.children(head, "nmod") if self._tree.preposition(one) in ("of", None))
        return next((found for whole in wholes if (found := self.entities(whole))), ())

    def scene(self, verb: int) -> tuple[str, ...]:
        """Return the state whose place is told in the clause, beside the verb or within its object."""
        waiting = [verb]
        while waiting:
            current = waiting.pop(0)
            for word, noun in self._tree.obliques(current):
                found = self.entities(noun, places=True) if word in SCENE_WORDS else ()
                states = tuple(entity for entity in found if entity in self._states)
                if states:
                    return states
            waiting += self._tree.children(current, "obj", "nsubj:pass", "nmod", "obl", "appos", "conj")
        return ()

    def recipient(self, head: int, *, blame: bool = False) -> tuple[str, ...]:
        """Return the entities that a phrase bears on: itself, whose it is, or (but for blame) where it is."""
        beyond = self._tree.obliques(head) if self._tree.lemma(head) in BORDERS else ()
        found = joined(self.entities(other, places=True) for word, other in beyond if word == WITH)
        found = found or self._part_of(head) or self.entities(head, places=True) or self.owners(head)
        found = found or joined(self.entities(child) for child in self._tree.children(head, "appos"))
        found = found or joined(self._modifier(child) for child in self._tree.children(head, "compound"))
        if found:
            return found
        words: tuple[str, ...] = ("of", "from", "in") if blame else BELONGING_WORDS
        if blame and self._tree.words.is_a(self._tree.lemma(head), "blows"):
            words = ("from",)
        phrases = list(self._tree.obliques(head))
        for wanted in words:
            for word, child in phrases:
                if word == wanted:
                    found = self.entities(child, places=True) or self.owners(child)
                    if found:
                        return found
        return ()
