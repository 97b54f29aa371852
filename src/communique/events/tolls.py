"""How many people were killed, injured and arrested, as the text has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from communique.events.syntax import Tree
from communique.events.when import NUMBERS

#: What befell people, and the verbs and adjectives that tell it.
WORDS: Mapping[str, frozenset[str]] = {
    "killed": frozenset("kill slay murder assassinate massacre execute behead die dead lynch".split()),
    "injured": frozenset("injure wound hurt maim injured wounded".split()),
    "arrested": frozenset("arrest detain jail imprison apprehend".split()),
}
#: Nouns that a number stands with: "the death of 12 people", "12 deaths", "a death toll of 12", "12 arrests".
NOUNS: Mapping[str, str] = {
    "death": "killed",
    "fatality": "killed",
    "killing": "killed",
    "murder": "killed",
    "toll": "killed",
    "injury": "injured",
    "wounding": "injured",
    "arrest": "arrested",
    "detention": "arrested",
}
#: Verbs whose subject it befalls.
SUFFERING = frozenset(["die"])
#: Types of acts that people are killed, injured or arrested in.
TYPES: Mapping[str, frozenset[str]] = {
    "killed": frozenset(["ASSAULT", "COERCE", "PROTEST"]),
    "injured": frozenset(["ASSAULT", "COERCE", "PROTEST"]),
    "arrested": frozenset(["COERCE", "ASSAULT"]),
}
HARMING_TYPES = frozenset(event for types in TYPES.values() for event in types)
TENS = {word: 10 * place for place, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), 3)}
SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000}
FIGURES = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?")
NUMBER_TAG, NUMBER_RELATION, ARTICLES = "CD", "nummod", frozenset(["a", "an"])
SINGULAR_TAG = "NN"


class Toll(msgspec.Struct, frozen=True):
    """Numbers of people; None where the text tells none ("dozens")."""

    killed: int | None = None
    injured: int | None = None
    arrested: int | None = None


NO_TOLL = Toll()


class TollFinder:
    """Finds the tolls of one article, by the word that tells each."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._found: dict[int, dict[int, tuple[str, int]]] = {}

    def toll(self, trigger: int, event: str, rivals: Sequence[int]) -> Toll:
        """Return the toll of an act.

        A number belongs to the act whose word tells it, or that governs that word; else to the only act of such a
        type in the sentence. ``rivals`` are the triggers of the other acts there that could have it.
        """
        tolls: dict[str, int] = {}
        for index, (kind, number) in self._told(trigger).items():
            if event in TYPES[kind] and self._belongs(index, trigger, rivals):
                tolls[kind] = tolls.get(kind, 0) + number
        return Toll(**tolls) if tolls else NO_TOLL

    def _belongs(self, index: int, trigger: int, rivals: Sequence[int]) -> bool:
        above = self._tree.above(index)
        nearest = next((found for found in above if found == trigger or found in rivals), None)
        return nearest == trigger or (nearest is None and not rivals)

    def _told(self, trigger: int) -> dict[int, tuple[str, int]]:
        """Return kind and number of each toll of a sentence, by the word that tells it."""
        sentence = self._tree.sentence(trigger)
        if sentence.first not in self._found:
            told: dict[int, tuple[str, int]] = {}
            for index in range(sentence.first, sentence.last):
                kind = self._kind(index)
                number = None if kind is None else self._number_at(index)
                if kind is not None and number is not None:
                    told[index] = (kind, number)
            self._found[sentence.first] = told
        return self._found[sentence.first]

    def _kind(self, index: int) -> str | None:
        lemma = self._tree.lemma(index)
        if self._tree.is_noun(index) and lemma in NOUNS:
            return NOUNS[lemma]
        return next((kind for kind, words in WORDS.items() if lemma in words), None)

    def _number_at(self, index: int) -> int | None:
        """Return how many people a word tells of: those whom it befalls, one after another."""
        numbers = [found for head in self._people(index) if (found := self._count(head)) is not None]
        return sum(numbers) if numbers else None

    def _people(self, index: int) -> Iterator[int]:
        """Yield the heads of the phrases for those whom it befalls."""
        tree = self._tree
        if tree.is_noun(index):
            yield index
            yield from (noun for word, noun in tree.obliques(index) if word == "of")
            return
        if self._count(index) is not None or (index and tree.token(index - 1).tag == NUMBER_TAG):
            yield index if self._count(index) is not None else index - 1  # "nine dead"
            return
        for head in self._borne(index):
            yield head
            yield from (child for child in tree.children(head, "conj") if not self._is_other_toll(child))

    def _borne(self, index: int) -> list[int]:
        """Return whom a verb, participle or adjective befalls."""
        tree = self._tree
        if tree.relation(index) in ("amod", "acl") and not tree.children(index, "obj"):
            return [tree.token(index).head]  # "12 people killed"
        if not tree.is_verb(index):
            head = tree.head(index)
            subjects = list(tree.children(index, "nsubj", "nsubj:pass"))
            return subjects or ([*tree.objects(head)] if head is not None and tree.is_verb(head) else [])
        if tree.lemma(index) in SUFFERING:
            subject = tree.subject(index)
            return [] if subject is None else [subject]
        return list(tree.objects(index))

    def _is_other_toll(self, head: int) -> bool:
        """Say whether a joined phrase has a word of its own for what befell it: "12 dead and 30 wounded"."""
        return any(self._kind(child) is not None for child in (head, *self._tree.children(head)))

    def _count(self, head: int) -> int | None:
        """Return the number in a phrase: "12 people", "two dozen", "a soldier", "at least 1,200"."""
        tree = self._tree
        words = [head] if tree.token(head).tag == NUMBER_TAG or tree.lemma(head) in SCALES else []
        words += [child for child in tree.children(head, NUMBER_RELATION) if child < head]
        words += [inner for word in words for inner in tree.children(word, "compound", NUMBER_RELATION)]
        if words:
            return read_number([tree.text(word) for word in sorted(set(words))])
        singular = tree.token(head).tag == SINGULAR_TAG and tree.words.is_a(tree.lemma(head), "people")
        one = any(tree.text(child) in ARTICLES for child in tree.children(head, "det"))
        return 1 if singular and one else None


def read_number(words: Sequence[str]) -> int | None:
    """Return what number words say; None where they say none, or no whole number.

    >>> read_number(["1,200"]), read_number(["two", "dozen"]), read_number(["twenty-five"]), read_number(["dozens"])
    (1200, 24, 25, None)
    """
    total: float | None = None
    for word in words:
        scale = SCALES.get(word)
        if scale is not None:
            total = (1 if total is None else total) * scale
            continue
        value = _value(word)
        if value is None:
            return None
        total = value if total is None else total + value
    return int(total) if total is not None and total == int(total) else None


def _value(word: str) -> float | None:
    if FIGURES.fullmatch(word):
        return float(word.replace(",", ""))
    parts = [TENS.get(part) or NUMBERS.get(part) for part in word.split("-")]
    return None if any(part is None for part in parts) else float(sum(part for part in parts if part))
