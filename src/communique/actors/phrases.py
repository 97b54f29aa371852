"""Whom a noun phrase stands for, given the cast of its article."""

from __future__ import annotations

from collections.abc import Iterator

from communique.actors.atlas import Atlas
from communique.actors.cast import Cast
from communique.model import Entity, Mention, Parsed, Span

CONJUNCT, CASE, APPOSITION, COMPOUND = "conj", "case", "appos", "compound"
#: Relations of a phrase that says where, when a preposition of place leads it.
OBLIQUES = frozenset(["obl", "nmod", "obl:agent", "root", "conj", "advcl", "orphan"])
#: Relations between a noun and the noun that says who ("a group of soldiers").
PARTITIVES = frozenset(["nmod"])
#: Kinds of entity that can be a place; nobody stands "in" a person.
PLACE_KINDS = frozenset(["state"])
PARTS_OF_A_NAME = frozenset(["flat", "compound", "nmod:desc", "amod", "nmod:poss"])
#: How far a partitive is followed: "a number of members of the group" is two steps.
DEEPEST_PARTITIVE = 3


def resolve_phrase(parsed: Parsed, cast: Cast, head: int, *, places: bool = False) -> tuple[str, ...]:
    """Return the ids of the entities that the noun phrase headed by token ``head`` stands for.

    Conjuncts count ("Putin and Xi" are two). A place ("in Moscow") stands for nobody, unless ``places``
    asks for the entity all the same.
    """
    found: dict[str, None] = {}
    own = [mention.span for mention in cast.over(parsed.tokens[head].span) if mention.head == parsed.tokens[head].span]
    outside = (c for c in _conjuncts(parsed, head) if not any(span.covers(parsed.tokens[c].span) for span in own))
    for part in (head, *outside):
        found.update(dict.fromkeys(_one(parsed, cast, part, places, DEEPEST_PARTITIVE)))
    return tuple(found)


def resolve_span(parsed: Parsed, cast: Cast, span: Span, *, places: bool = True) -> tuple[str, ...]:
    """Return the ids of the entities that a span of text stands for: those of its heads.

    A head is a word of the span whose own head lies outside it; places count unless told otherwise,
    because whoever marked the span has said that somebody stands there.
    """
    inside = parsed.within(span)
    heads = [index for index in inside if parsed.tokens[index].head not in inside or parsed.tokens[index].head == index]
    found: dict[str, None] = {}
    for head in heads:
        ids = resolve_phrase(parsed, cast, head, places=places)
        found.update(dict.fromkeys(ids))
    if not found:
        outer = [mention for mention in cast.at(span) if mention.entity_id]
        if len({mention.entity_id for mention in outer}) == 1 and outer[0].entity_id:
            return (outer[0].entity_id,)
    return tuple(found)


def is_place(parsed: Parsed, mention: Mention) -> bool:
    """Say whether a mention stands where only a place can ("in Moscow", "arrived in Beijing", "flew to Kyiv").

    Asks the syntax alone; ``Cast.places`` holds the mentions for which the entity can be a place too.
    """
    head = parsed.within(mention.head)
    return bool(head) and _is_locative(parsed, head.start, Atlas.load())


def stands_as_place(parsed: Parsed, index: int, entity: Entity, atlas: Atlas) -> bool:
    """Say whether the token that heads a mention of ``entity`` stands as a place."""
    return entity.kind in PLACE_KINDS and _is_locative(parsed, index, atlas)


def _is_locative(parsed: Parsed, index: int, atlas: Atlas) -> bool:
    token, text = parsed.tokens[index], parsed.article.text
    if _is_land(parsed, index, atlas) or _is_seen(parsed, index, atlas):
        return True
    if token.relation == CONJUNCT and not _cases(parsed, index):
        return _is_locative(parsed, token.head, atlas) if token.head != index else False
    if token.relation == APPOSITION and token.head < index:
        return _is_locative(parsed, token.head, atlas)
    if token.relation not in OBLIQUES:
        return False
    cases = {parsed.tokens[child].span.of(text).lower() for child in _cases(parsed, index)}
    if cases & atlas.words["place_prepositions"]:
        return True
    governor = parsed.tokens[token.head]
    word = (governor.lemma if governor.lemma not in ("", "_") else governor.span.of(text)).lower()
    if cases & atlas.words["motion_prepositions"] and word in atlas.words["motion_words"]:
        return True
    words = {word, _word_before(parsed, index)}
    if "from" in cases and words & atlas.words["distances"]:
        return True
    return bool(cases & {"of", "with"}) and bool(words & atlas.words["place_nouns"])


def _word_before(parsed: Parsed, index: int) -> str:
    """The word before the preposition of a noun: "border" in "the border with Chad", wherever the parser hung it."""
    first = min(_cases(parsed, index), default=index)
    return parsed.tokens[first - 1].span.of(parsed.article.text).lower() if first else ""


def _is_seen(parsed: Parsed, index: int, atlas: Atlas) -> bool:
    """Whether a name is what somebody tours or takes a picture of."""
    token = parsed.tokens[index]
    return token.relation in ("obj", "nsubj:pass") and parsed.tokens[token.head].lemma in atlas.words["sights_verbs"]


def _is_land(parsed: Parsed, index: int, atlas: Atlas) -> bool:
    """Whether a name says where something stands or which part is meant: "a Paris hotel", "southern Turkey"."""
    token, text = parsed.tokens[index], parsed.article.text
    head = parsed.tokens[token.head]
    if token.relation == COMPOUND and head.lemma.lower() in atlas.words["venue_nouns"]:
        return True
    parts = atlas.words["parts_of_land"]
    return any(parsed.tokens[child].span.of(text).lower() in parts for child in parsed.children[index] if child < index)


def _cases(parsed: Parsed, index: int) -> Iterator[int]:
    return (child for child in parsed.children[index] if parsed.tokens[child].relation == CASE)


def _conjuncts(parsed: Parsed, head: int) -> Iterator[int]:
    for child in parsed.children[head]:
        if parsed.tokens[child].relation == CONJUNCT:
            yield child
            yield from _conjuncts(parsed, child)


def _one(parsed: Parsed, cast: Cast, index: int, places: bool, depth: int) -> tuple[str, ...]:
    """Whom a word stands for: the widest mention that it heads, or it is in; what it is a part of, or stands beside."""
    span = parsed.tokens[index].span
    over = cast.over(span)
    headed = [mention for mention in over if mention.head == span and mention.entity_id]
    if headed:
        widest = [mention for mention in headed if mention.span == headed[0].span]
        standing = [mention for mention in widest if places or mention.id not in cast.places]
        return tuple(mention.entity_id for mention in standing if mention.entity_id)
    around = [mention for mention in over if mention.entity_id and mention.kind == "name"]
    if around and _leads(parsed, index, around[-1]):
        mention = around[-1]
        return (mention.entity_id,) if mention.entity_id and (places or mention.id not in cast.places) else ()
    return _of_partitive(parsed, cast, index, depth) or _of_apposition(parsed, cast, index, depth)


def _of_apposition(parsed: Parsed, cast: Cast, index: int, depth: int) -> tuple[str, ...]:
    """Whom the name beside a description stands for that is no mention itself: "Brazil's coach, Tite"."""
    beside = [child for child in parsed.children[index] if parsed.tokens[child].relation == APPOSITION]
    return _one(parsed, cast, beside[0], True, depth - 1) if beside and depth else ()


def _leads(parsed: Parsed, index: int, mention: Mention) -> bool:
    """Whether a word of a mention stands for the whole: its head is outside, or the parser put the head elsewhere."""
    head = parsed.tokens[parsed.tokens[index].head].span
    return not mention.span.covers(head) or parsed.tokens[index].head == index


def _of_partitive(parsed: Parsed, cast: Cast, index: int, depth: int) -> tuple[str, ...]:
    token = parsed.tokens[index]
    lemma = (token.lemma if token.lemma not in ("", "_") else token.span.of(parsed.article.text)).lower()
    if not depth or (lemma not in Atlas.load().words["partitive_heads"] and token.tag != "CD"):
        return ()
    for child in parsed.children[index]:
        cases = [parsed.tokens[case].span.of(parsed.article.text).lower() for case in _cases(parsed, child)]
        if parsed.tokens[child].relation in PARTITIVES and "of" in cases:
            return _one(parsed, cast, child, True, depth - 1)
    return ()
