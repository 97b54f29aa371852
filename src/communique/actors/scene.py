"""The article as the actor rules see it: its tree, and what each token has been found to stand for so far.

A ``Scene`` is the working state of one call of ``find_cast`` and never leaves it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from communique.actors.atlas import Atlas, Reading, Term
from communique.actors.naming import Hit
from communique.model import Entity, Mention, MentionKind, Parsed, Sentence, Span, content_id

DATE_LENGTH = len("2012-05-07")
NOUN_TAGS = frozenset(["NN", "NNS", "NNP", "NNPS"])
PROPER_TAGS = frozenset(["NNP", "NNPS"])
PLURAL_TAGS = frozenset(["NNS", "NNPS"])
#: Ends of plurals and of their singulars; the first that fits counts.
SINGULARS = (("ies", "y"), ("men", "man"), ("s", ""))
SUBJECTS = frozenset(["nsubj", "nsubj:pass", "nsubj:outer"])
DOWN_THE_NOUN = frozenset(["amod", "compound", "nmod", "nmod:poss", "nmod:desc", "flat", "nmod:unmarked"])
OPENING, CLOSING, EITHER = "“«„", "”»", '"'


class Scene:
    """The tree of a parsed article and the mentions found so far."""

    def __init__(self, parsed: Parsed, atlas: Atlas) -> None:
        """Index the tree; nobody is found yet."""
        self.parsed, self.atlas = parsed, atlas
        self.article, self.tokens, self.text = parsed.article, parsed.tokens, parsed.article.text
        self.date = parsed.article.published[:DATE_LENGTH] if parsed.article.published else None
        self.children, self._words = parsed.children, [token.span.of(self.text) for token in self.tokens]
        self.token_at = {token.span: index for index, token in reversed(list(enumerate(self.tokens)))}
        self.sentence_of = [0] * len(self.tokens)
        for sentence in parsed.sentences:
            self.sentence_of[sentence.first : sentence.last] = [sentence.index] * (sentence.last - sentence.first)
        self.quoted = self._quoted()
        self.states = frozenset(atlas.entities[code].name for code in atlas.leaders)
        self.entities: dict[str, Entity] = {}
        self.mentions: dict[str, Mention] = {}
        self.at_head: dict[int, list[Mention]] = {}
        self.covered: dict[int, Mention] = {}
        self.country_hits: dict[int, tuple[str, Hit, Reading | None]] = {}
        self.owners: dict[int, str] = {}
        #: The mentions of states by cities: places wherever they stand.
        self.cities: set[str] = set()
        self.named_states: Counter[str] = Counter()
        self.offices: dict[str, tuple[str, str]] = {}
        #: The time that an undated article is of, by those whom it names in office: from, until ("": open).
        self.era: tuple[str, str] = ("", "")
        self.sexes: dict[str, str] = {}
        #: The pairs that words like "both" have stood for, in reading order: the token, the two.
        self.pairs: list[tuple[int, tuple[str, ...]]] = []
        #: The state that the article is about, and the words whose phrase has been read.
        self.setting: str | None = None
        self.looked_at: set[int] = set()
        #: Nominal mentions so far by the group of their noun: head, entity.
        self.described: dict[str, list[tuple[int, str]]] = {}

    def _quoted(self) -> list[bool]:
        quoted, inside = [], False
        for index, token in enumerate(self.tokens):
            word = self.word(index)
            if index and "\n" in self.text[self.tokens[index - 1].span.end : token.span.start]:
                inside = False
            if word in OPENING or ((word in EITHER or word == "``") and not inside):
                inside = True
            elif word in CLOSING or word in EITHER or word == "''":
                inside = False
            quoted.append(inside)
        return quoted

    def word(self, index: int) -> str:
        """Return the written form of a token."""
        return self._words[index]

    def word_after(self, index: int) -> str:
        """Return the written form of the next token, an empty string behind the last."""
        return self._words[index + 1] if index + 1 < len(self._words) else ""

    def lemma(self, index: int) -> str:
        """Return the lemma of a token in lower case; the form in lower case where it has none."""
        lemma = self.tokens[index].lemma
        return (lemma if lemma and lemma != "_" else self.word(index)).lower()

    def nouns(self, index: int) -> tuple[str, ...]:
        """Return what to look a noun up by: its form, its lemma, and the regular singular of a plural."""
        word, lemma = self.word(index), self.lemma(index)
        low = word.lower()
        singular = next((low[: -len(end)] + one for end, one in SINGULARS if low.endswith(end)), low)
        plural = self.tokens[index].tag in PLURAL_TAGS
        return tuple(dict.fromkeys((word, low, lemma, *([singular] if plural else ()))))

    def sentence(self, index: int) -> Sentence:
        """Return the sentence that a token stands in."""
        return self.parsed.sentences[self.sentence_of[index]]

    def cases(self, index: int) -> tuple[int, ...]:
        """Return the prepositions of a noun."""
        return tuple(child for child in self.children[index] if self.tokens[child].relation == "case")

    def case(self, index: int) -> str:
        """Return the first preposition of a noun in lower case, or an empty string."""
        cases = [self.word(child).lower() for child in self.cases(index) if self.tokens[child].tag != "POS"]
        return cases[0] if cases else ""

    def head_of(self, first: int, last: int) -> int:
        """Return the token of ``[first, last)`` whose head lies outside, the last such."""
        heads = [i for i in range(first, last) if not first <= self.tokens[i].head < last or self.tokens[i].head == i]
        return heads[-1] if heads else last - 1

    def below(self, index: int) -> Iterator[int]:
        """Yield the tokens of a noun's own phrase: its modifiers, and theirs, nearest first."""
        queue = list(self._modifiers(index))
        while queue:
            current = queue.pop(0)
            yield current
            queue.extend(self._modifiers(current))

    def _modifiers(self, index: int) -> list[int]:
        found = [c for c in self.children[index] if self.tokens[c].relation in DOWN_THE_NOUN and self._owns(c)]
        return sorted(found, key=lambda c: (c > index, abs(index - c)))

    def _owns(self, index: int) -> bool:
        case = self.case(index)
        return not case or case in self.atlas.words["owner_prepositions"]

    def span(self, first: int, last: int) -> Span:
        """Return the characters of the tokens ``[first, last)``."""
        return Span(self.tokens[first].span.start, self.tokens[last - 1].span.end)

    def mention(
        self, first: int, last: int, head: int, kind: MentionKind, entity_id: str | None, *,
        antecedent: str | None = None, apart: bool = False,
    ) -> Mention:  # fmt: skip
        """Note a mention over the tokens ``[first, last)``; ``apart`` sets apart mentions of one span."""
        span = self.span(first, last)
        parts = (self.article.id, span.start, span.end, kind)
        mention = Mention(
            content_id(*parts, entity_id) if apart else content_id(*parts),
            span, self.tokens[head].span, kind, entity_id, antecedent,
        )  # fmt: skip
        self.mentions[mention.id] = mention
        self.at_head.setdefault(head, []).append(mention)
        for index in range(first, last):
            if kind == "name" or index not in self.covered:
                self.covered[index] = mention
        return mention

    def drop(self, mention: Mention) -> None:
        """Forget a mention that a larger one has swallowed."""
        self.mentions.pop(mention.id, None)
        for mentions in self.at_head.values():
            if mention in mentions:
                mentions.remove(mention)
        for index in [index for index, other in self.covered.items() if other is mention]:
            del self.covered[index]

    def add(self, entity: Entity) -> Entity:
        """Note an entity; the first of an id stays."""
        return self.entities.setdefault(entity.id, entity)

    def use(self, entity_id: str) -> Entity:
        """Note an entity of the atlas, or one already noted, by its id; a person's sectors are those of the date."""
        if entity_id not in self.entities:
            self.entities[entity_id] = self.atlas.entity_at(entity_id, self.date) or self.atlas.entities[entity_id]
        return self.entities[entity_id]

    def readings(self, form: str) -> tuple[Reading, ...]:
        """Return what a form may stand for at the article's date."""
        found = self.atlas.forms.get(form, ())
        if not self.atlas.own:
            return found
        return tuple(reading for reading in found if self.atlas.entity_at(reading.entity_id, self.date))

    def learn(self, person: str, country: str | None, sectors: tuple[str, ...], office: str | None) -> None:
        """Note what a title or an apposition tells of a person whose offices the atlas does not know."""
        if person in self.atlas.careers:
            return
        entity = self.entities[person]
        self.entities[person] = msgspec.structs.replace(
            entity, country=entity.country or country, sectors=entity.sectors or sectors
        )
        if office and country:
            self.offices.setdefault(person, (office, country))

    def found(self, index: int) -> tuple[str, ...]:
        """Return the entities of the longest mention headed by a token."""
        mentions = [mention for mention in self.at_head.get(index, ()) if mention.entity_id]
        if not mentions:
            return ()
        widest = max(mention.span.end - mention.span.start for mention in mentions)
        return tuple(m.entity_id for m in mentions if m.entity_id and m.span.end - m.span.start == widest)

    def serves(self, person: str, office: str) -> None:
        """Note that an undated article names somebody in office: it is of that time."""
        terms = [term for term in self.atlas.careers.get(person, ()) if term.office == office]
        if self.date is None and len(terms) == 1:
            ends = [end for end in (self.era[1], terms[0].end) if end]
            self.era = max(self.era[0], terms[0].start), min(ends, default="")

    def holder(self, office: str, of: str) -> str | None:
        """Return who holds an office at the article's date; undated, in its era where that has passed, else today."""
        if self.date is None and self.era[1]:
            return self.atlas.holder_within(office, of, *self.era)
        return self.atlas.holder(office, of, self.date)

    def office(self, person: str) -> tuple[str, str] | None:
        """Return the office of a person at the article's date and whose office it is."""
        term: Term | None = self.atlas.office_of(person, self.date)
        return (term.office, term.of) if term else self.offices.get(person)

    def owner(self, index: int) -> str | None:
        """Return the state, or else the organisation or person, that a noun's modifiers name."""
        for wanted_states in (True, False):
            for child in self.below(index):
                owner = self.owners.get(child)
                if owner and (self.entities[owner].kind == "state") == wanted_states:
                    return owner
        return None
