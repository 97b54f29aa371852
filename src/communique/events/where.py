"""Where an act took place: the place name in its clause, and which place of the gazetteer that is.

1. The names behind "in", "at" or "near" in the clause, and what a deed was done to ("bombed Kharkiv"); 2. each is
looked up, ``resolve`` says by what rules; 3. the most exact one that is resolved counts, else the first name as it is
written; 4. without any, the one place that the sentences before in the paragraph tell, or the dateline of the
paragraph, marked as told there. Persons, organisations and governments named after a place are no places.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

import msgspec

from communique.actors import Cast
from communique.events.syntax import DEEPEST_CHAIN, Tree
from communique.events.when import CLAUSES, OCCASIONS, governing, is_bare_participle
from communique.language import find_datelines, find_paragraphs
from communique.model import Mention, Place, PlaceResolution, PlaceTold, Sentence, Span
from communique.places import Evidence, Gazetteer, Site, fold, resolve

PLACE_WORDS = frozenset("in at near outside across inside around within throughout".split())
AT = "at"
#: Verbs behind which "at" tells an aim.
AIMING = frozenset("fire launch shoot aim throw hurl lob direct shout swear hit strike".split())
#: Types that are done to a place, and modes; the words that lead to it.
DONE_TO_PLACES, VISITING = frozenset(["ASSAULT"]), frozenset(["visit"])
TARGET_WORDS = frozenset("on at against into to".split())
#: Types of deeds on the spot, which go on where the sentence before them was; other acts did so too seldom when read.
ON_THE_SPOT = frozenset(["ASSAULT", "COERCE", "PROTEST", "MOBILIZE"])
#: Types that are words alone: what their object tells of a place is not where they are spoken.
SPOKEN = frozenset(["ACCUSE", "REQUEST", "REJECT", "THREATEN", "SUPPORT"])
#: Nouns that are a place together with the name beside them ("the city of Homs", "Kabul airport", "Donetsk region").
SITES = frozenset(
    "city town village port district suburb capital area neighbourhood neighborhood airport airfield base mosque "
    "church prison jail market hospital school university square camp border crossing station island enclave "
    "exclave".split()
)
DIVISIONS = frozenset(
    "region province state oblast governorate county republic territory prefecture department".split()
)
ADJECTIVES = frozenset(["JJ"])
PROPER_TAGS = frozenset(["NNP", "NNPS"])
#: From this many thousand people on a city is meant, behind "in", by a name that the language model took for a
#: person's or an organisation's.
KNOWN_ANYWAY = 100
#: Where the name of the agency or a date begins in a dateline.
DATELINE_END = re.compile(r"\(|\s[-–—]|(?<!\s)\s*,\s*(?:Jan|Feb|Mar|Apr|May|June|July|Aug|Sept|Oct|Nov|Dec)\b")
#: The more exact first.
EXACTNESS: tuple[PlaceResolution, ...] = ("city", "province", "country", "none")


class Named(msgspec.Struct, frozen=True):
    """A place name as it stands: its characters, whether a word says it is a division, what stands right behind it."""

    span: Span
    division: bool = False


class PlaceFinder:
    """Finds where acts took place in one parsed article."""

    def __init__(self, tree: Tree, cast: Cast) -> None:
        """Index names, paragraphs and the countries named."""
        self._tree, self._cast, self._text = tree, cast, tree.parsed.article.text
        self._names = sorted(tree.parsed.names, key=lambda name: name.span)
        self._starts = [name.span.start for name in self._names]
        self._countries = {entity.id: entity.country for entity in cast.entities}
        self._paragraphs = list(find_paragraphs(self._text))
        self._datelines = list(find_datelines(self._text))

    def place(self, trigger: int, event: str | None = None, modes: tuple[str, ...] = ()) -> Place | None:
        """Return the place of an act of a type; None where neither clause, paragraph nor dateline tells any."""
        spoken, done = event in SPOKEN, event in DONE_TO_PLACES or bool(VISITING & set(modes))
        named = list(dict.fromkeys(self._in_clause(trigger, spoken=spoken, done=done)))
        told = self._best(named, "clause")
        if told is not None:
            return told
        found = self._from_paragraph(trigger) if event in ON_THE_SPOT else None
        found = found or self._from_dateline(trigger)
        return None if found is None or self._names_another(self._tree.sentence(trigger).span, found) else found

    def _names_another(self, area: Span, place: Place) -> bool:
        """Say whether a sentence names another city or division than a place told outside it."""
        for name in self._names:
            if name.kind == "place" and area.covers(name.span):
                sites = Gazetteer.load().sites(name.span.of(self._text))
                exact = bool(sites) and all(site.kind != "country" for site in sites)
                if exact and not any(site.name == place.name for site in sites):
                    return True
        return False

    def _best(self, named: list[Named], told: PlaceTold) -> Place | None:
        places = [place for one in named if (place := self._resolved(one, named, told)) is not None]
        return min(places, key=lambda place: EXACTNESS.index(place.resolution), default=None)

    # -- names in the clause -------------------------------------------------------------------------

    def _in_clause(self, trigger: int, *, spoken: bool, done: bool) -> Iterator[Named]:
        tree, index, front = self._tree, trigger, False
        for _ in range(DEEPEST_CHAIN):
            found = list(self._below(index, spoken=spoken, done=done))
            yield from (one for one in found if not front or one.span < tree.token(index).span)
            head = governing(tree, index)
            if found or head is None:
                return
            front = front or tree.relation(index) == "conj"
            index = head

    def _below(self, head: int, *, spoken: bool, done: bool) -> Iterator[Named]:
        """Yield the names told by the phrases of a verb or noun, those of the act itself first."""
        tree = self._tree
        yield from self._phrases(head)
        if done:
            yield from self._targets(head)
        for child in () if spoken else tree.children(head, "obj", "nsubj:pass"):
            yield from self._phrases(child)
        for child in tree.children(head, "nsubj"):
            yield from self._phrases(child)
        for child in tree.children(head, "advcl"):
            if tree.lemma(child) in OCCASIONS and is_bare_participle(tree, child):
                yield from self._phrases(child)

    def _phrases(self, head: int, depth: int = 0) -> Iterator[Named]:
        for word, noun in self._tree.obliques(head) if depth < DEEPEST_CHAIN else ():
            if word in PLACE_WORDS and self._tree.relation(noun) not in CLAUSES:
                if not (word == AT and self._tree.lemma(head) in AIMING):
                    yield from self._names_of(noun)
                yield from self._phrases(noun, depth + 1)

    def _targets(self, head: int) -> Iterator[Named]:
        tree = self._tree
        nouns = tree.children(head, "obj", "nsubj:pass") if tree.is_verb(head) else ()
        for noun in (*nouns, *(noun for word, noun in tree.obliques(head) if word in TARGET_WORDS)):
            yield from self._names_of(noun)

    def _names_of(self, noun: int) -> Iterator[Named]:
        """Yield the place name that a noun is, or that stands with a word for a site or a division."""
        tree = self._tree
        own = self._name_at(noun)
        if own is not None:
            yield Named(own)
            return
        lemma = tree.lemma(noun)
        if lemma not in SITES | DIVISIONS:
            return
        beside = tree.children(noun, "compound", "appos", "flat", "nmod:desc", "nmod:unmarked", "nmod:poss")
        beside += tuple(child for word, child in tree.obliques(noun) if word == "of")
        for child in beside:
            found = self._name_at(child)
            if found is not None:
                yield Named(found, lemma in DIVISIONS)

    def _name_at(self, index: int) -> Span | None:
        """Return the place name that a word stands in: one to the language model, or a large one to the gazetteer."""
        token = self._tree.token(index)
        found = bisect_left(self._starts, token.span.end) - 1
        name = self._names[found] if found >= 0 and self._names[found].span.covers(token.span) else None
        if name is not None and name.kind == "place" and token.tag not in ADJECTIVES:
            return self._whole(index, name.span)
        if token.tag not in PROPER_TAGS:
            return None
        span = self._tree.phrase(index) if name is None else name.span
        sites = Gazetteer.load().sites(span.of(self._text))
        sites = tuple(site for site in sites if fold(site.name) == fold(span.of(self._text)))
        known = (site.kind == "province" or site.population >= KNOWN_ANYWAY for site in sites)
        return span if any(known) else None

    def _whole(self, index: int, span: Span) -> Span:
        """Return a name together with the capitalised words before it, where the gazetteer has the longer name."""
        first = index
        while self._tree.token(first).span.start > span.start:
            first -= 1
        while first > 0 and self._tree.token(first - 1).tag in PROPER_TAGS:
            first -= 1
            longer = Span(self._tree.token(first).span.start, span.end)
            if Gazetteer.load().sites(longer.of(self._text)):
                return longer
        return span

    # -- which place it is ---------------------------------------------------------------------------

    def _resolved(self, one: Named, others: list[Named], told: PlaceTold) -> Place | None:
        name = one.span.of(self._text)
        sites, division = Gazetteer.load().sites(name), one.division or self._is_division(one.span)
        bare, _, last = name.rpartition(" ")
        if not sites and last.lower() in DIVISIONS:
            sites, division = Gazetteer.load().sites(bare), True
        around = [other.span.of(self._text) for other in others if not other.span.overlaps(one.span)]
        within = [site for text in around for site in Gazetteer.load().sites(text) if site.kind != "city"]
        site = resolve(sites, self._evidence(one.span, within), division=division)
        return Place(name=name, told=told) if site is None else _place(site, told)

    def _is_division(self, span: Span) -> bool:
        rest = self._text[span.end :].split(maxsplit=1)
        return bool(rest) and rest[0].strip(",.;").lower() in DIVISIONS

    def _evidence(self, span: Span, within: list[Site]) -> Evidence:
        """Return what says in which country a name lies: what qualifies it, and who is named, from near to far."""
        after = self._qualifier(span)
        sentence = self._sentence_at(span.start)
        around = [self._named_in(area, span) for area in (sentence, self._paragraph_at(span.start))]
        whole = Span(0, len(self._text))
        return Evidence(tuple(after), tuple(within), (*around, self._named_in(whole, span)))

    def _qualifier(self, span: Span) -> tuple[Site, ...]:
        """Return the country or division written right behind a name: "Paris, Texas"."""
        for name in self._names[bisect_left(self._starts, span.end) :][:1]:
            if self._text[span.end : name.span.start].strip() == ",":
                found = Gazetteer.load().sites(name.span.of(self._text))
                return tuple(site for site in found if site.kind != "city")
        return ()

    def _named_in(self, area: Span, but: Span) -> frozenset[str]:
        """Return the countries named in an area, and those of parties called by a name; never by the place itself."""
        found = (mention for mention in self._cast.at(area) if self._is_witness(mention, but))
        return frozenset(country for mention in found if (country := self._countries.get(mention.entity_id or "")))

    def _is_witness(self, mention: Mention, but: Span) -> bool:
        """Say whether a mention tells a country by itself: "Lebanese police", not "police" who are where they are."""
        if mention.span.overlaps(but) or mention.span.of(self._text) == but.of(self._text):
            return False
        if mention.kind == "name":
            return True
        first = bisect_left(self._starts, mention.span.start)
        return first < len(self._names) and mention.span.covers(self._names[first].span)

    def _sentence_at(self, start: int) -> Span:
        found = (sentence.span for sentence in self._tree.parsed.sentences if sentence.span.start <= start)
        return max(found, default=Span(0, len(self._text)))

    def _paragraph_at(self, start: int) -> Span:
        return max((area for area in self._paragraphs if area.start <= start), default=Span(0, len(self._text)))

    # -- told elsewhere ------------------------------------------------------------------------------

    def _from_paragraph(self, trigger: int) -> Place | None:
        """Return the one city that the sentences before it in the paragraph tell.

        None where the act's own sentence names another country: then it may well happen elsewhere.
        """
        start = self._tree.token(trigger).span.start
        area = self._paragraph_at(start)
        own = self._tree.sentence(trigger).index
        before = [one for one in self._tree.parsed.sentences if one.index < own and area.covers(one.span)]
        named = [found for sentence in before for found in self._in_sentence(sentence)]
        places = {place for one in named if (place := self._resolved(one, named, "paragraph"))}
        exact = {place for place in places if place.resolution == "city"} or places
        place = exact.pop() if len(exact) == 1 else None
        if place is None or place.resolution != "city":
            return None
        nowhere = Span(start, start)
        elsewhere = self._named_in(self._tree.sentence(trigger).span, nowhere) - {place.country or ""}
        return None if elsewhere else place

    def _in_sentence(self, sentence: Sentence) -> Iterator[Named]:
        for index in range(sentence.first, sentence.last):
            if self._tree.is_verb(index):
                yield from self._phrases(index)
                for child in self._tree.children(index, "obj", "nsubj", "nsubj:pass"):
                    yield from self._phrases(child)

    def _from_dateline(self, trigger: int) -> Place | None:
        """Return the place of the dateline that the act's own paragraph begins with."""
        start = self._tree.token(trigger).span.start
        area = self._paragraph_at(start)
        for line in self._datelines:
            if area.start <= line.start and line.end <= start < area.end:
                place = self._written_in(line)
                return place if place.resolution != "none" else None
        return None

    def _written_in(self, line: Span) -> Place:
        """Return the place of a dateline: "GOMA, Congo (AP) - "."""
        name, _, rest = DATELINE_END.split(line.of(self._text), maxsplit=1)[0].partition(",")
        span = Span(line.start, line.start + len(name.rstrip()))
        behind = Gazetteer.load().sites(rest.strip(" ,."))
        evidence = self._evidence(span, [])
        if behind:
            evidence = msgspec.structs.replace(evidence, behind=tuple(site for site in behind if site.kind != "city"))
        site = resolve(Gazetteer.load().sites(span.of(self._text)), evidence)
        return Place(name=span.of(self._text), told="dateline") if site is None else _place(site, "dateline")


def _place(site: Site, told: PlaceTold) -> Place:
    return Place(
        name=site.name,
        province=site.province,
        country=site.country,
        latitude=site.latitude,
        longitude=site.longitude,
        geonameid=site.geonameid,
        resolution=site.kind,
        told=told,
    )
