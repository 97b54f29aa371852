"""Words that point back: "his Russian counterpart", "the latter", "both nations", "the bloc", "he".

Each rule would rather leave a word unresolved than resolve it wrongly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from communique.actors.nominals import LEADING_OFFICES, POSSESSIVE, describe, note, parts_phrase, possessed
from communique.actors.phrases import stands_as_place
from communique.actors.scene import NOUN_TAGS, PLURAL_TAGS, SUBJECTS, Scene
from communique.actors.setting import governors
from communique.model import Entity, Mention, MentionKind

#: How many sentences back a word may point.
REACH_PRONOUN, REACH_NOUN, REACH_BOTH = 1, 4, 3
DUAL = 2
#: In the order of the two that they stand for.
FORMER_OR_LATTER = ("former", "latter")
BOTH = frozenset(["both", "two"])
OBJECTS = frozenset(["obj", "iobj", "obl"])
#: Kinds that can be "sides"; sectors of people at large, who are none; a sector for those who have none.
PARTIES = frozenset(["state", "organisation", "group"])
CROWD = frozenset(["CVL", "JRN", "UNK", "REF", "EDU", "MED", "SOC"])
SOMEBODY = ("?",)
INFINITIVE = "VB"
SOLDIERS = "MIL"
#: Classes of bodies that "the group" and "the movement" can be.
GROUP_CLASSES = frozenset(["armed-group", "movement", "ngo", "gang", "party"])
STOPS = frozenset([".", "?", "!"])
LEADER_NOUNS = frozenset(["leader", "president", "premier", "statesman"])
ALL_PERSONS, ALL_STATES = frozenset(["person"]), frozenset(["state"])
MALE, FEMALE = "m", "f"
BEFORE_A_NOUN = frozenset(["det", "det:predet", "nmod:poss", "amod", "nummod", "compound"])
#: What a demonym is noted as, where it stands as a noun, and the endings of those that mean a people after "the".
NATIONAL_USES, NO_COUNTRY = frozenset(["adjective", "people"]), ("", None, None)
NATIONAL_RELATIONS = frozenset(["nsubj", "nsubj:pass", "obj", "iobj", "obl", "nmod", "nmod:poss", "conj", "obl:agent"])
COLLECTIVE = ("ese", "ish", "sh", "ch", "ss")
COMMA = ","
PERSON_PRONOUN_TAGS = frozenset(["PRP", "PRP$"])


def follow(scene: Scene) -> None:
    """Resolve what points back, in reading order, so that a resolved word can itself be pointed to."""
    words = scene.atlas.words
    for index, token in enumerate(scene.tokens):
        if _national(scene, index) or (index in scene.covered and scene.covered[index].kind == "name"):
            continue
        lemma, form = scene.lemma(index), scene.word(index).lower()
        if lemma in words["counterpart_words"]:
            _counterpart(scene, index)
        elif form in FORMER_OR_LATTER and _has_the(scene, index):
            _latter(scene, index, form)
        elif (token.tag in NOUN_TAGS or form in BOTH) and _is_dual(
            scene, index, noun := _dual_noun(scene, index), form
        ):
            _dual(scene, index, noun, form)
        elif token.tag in PERSON_PRONOUN_TAGS:
            _pronoun(scene, index, form)
        elif index not in scene.at_head and _is_definite(scene, index):
            _definite(scene, index, lemma)


# --- what has been said before


def _before(scene: Scene, index: int, reach: int) -> list[Mention]:
    """The mentions before a token, in its sentence and ``reach`` sentences before, nearest first; of cities none.

    Sentences that are quoted as a whole do not count, but for a word that is quoted itself.
    """
    floor = scene.parsed.sentences[_back(scene, index, reach)].span.start
    end = scene.tokens[index].span.start
    named = (mention for mention in scene.mentions.values() if mention.entity_id and mention.id not in scene.cities)
    found = [mention for mention in named if floor <= mention.span.start and mention.span.end <= end]
    found.reverse()
    return sorted(found, key=lambda mention: -mention.span.start)


def _back(scene: Scene, index: int, reach: int) -> int:
    """The number of the sentence that lies ``reach`` sentences back."""
    number = scene.sentence_of[index]
    while reach and number:
        number -= 1
        sentence = scene.parsed.sentences[number]
        if scene.quoted[index] or not all(scene.quoted[sentence.first : sentence.last - 1]):
            reach -= 1
    return number


def _entities(scene: Scene, mentions: Iterable[Mention], fits: Callable[[Entity], bool]) -> list[str]:
    """The entities of the mentions that fit, each once, in that order."""
    ids = (mention.entity_id for mention in mentions if mention.entity_id)
    return [i for i in dict.fromkeys(ids) if fits(scene.entities[i])]


def _is(kinds: frozenset[str]) -> Callable[[Entity], bool]:
    return lambda entity: entity.kind in kinds


def _of_class(classes: Mapping[str, str], wanted: frozenset[str]) -> Callable[[Entity], bool]:
    return lambda entity: classes.get(entity.id) in wanted


def _ends_with(lemma: str) -> Callable[[Entity], bool]:
    """ "The union" is the organisation named before whose name ends so: the African Union."""
    return lambda entity: entity.kind in ("organisation", "group") and entity.name.lower().endswith(f" {lemma}")


def _token_at(scene: Scene, mention: Mention) -> int:
    return scene.token_at[mention.head]


def _has_the(scene: Scene, index: int) -> bool:
    return index > 0 and scene.word(index - 1).lower() == "the"


def _is_definite(scene: Scene, index: int) -> bool:
    children = {scene.word(child).lower() for child in scene.children[index]}
    return bool(children & {"the", "this"}) and scene.tokens[index].tag in ("NN", "NNP")


def _phrase_start(scene: Scene, index: int) -> int:
    before = [c for c in scene.children[index] if scene.tokens[c].relation in BEFORE_A_NOUN and c < index]
    stops = [i for i in range(min(before, default=index), index) if parts_phrase(scene, i)]
    return min([index, *(c for c in before if c > max(stops, default=-1))])


def _point(scene: Scene, index: int, ids: Iterable[str], kind: MentionKind = "nominal") -> None:
    """Note that a phrase stands for the entities, replacing what the noun alone had stood for."""
    for old in list(scene.at_head.get(index, ())):
        scene.drop(old)
    first, ids = _phrase_start(scene, index), tuple(ids)
    for entity_id in ids:
        scene.use(entity_id)
        before = _before(scene, index, REACH_NOUN)
        antecedent = next((mention.id for mention in before if mention.entity_id == entity_id), None)
        scene.mention(first, index + 1, index, kind, entity_id, antecedent=antecedent, apart=len(ids) > 1)


# --- "his Russian counterpart"


def _counterpart(scene: Scene, index: int) -> None:
    """The holder of the like office, of the named country, or of the other country in the sentence."""
    own = next((held for person in _possessors(scene, index) if (held := scene.office(person))), None)
    owner = scene.owner(index)
    if owner is not None and scene.entities[owner].kind == "person":
        own, owner = scene.office(owner) or own, None
    named = _named_beside(scene, index)
    if named is not None:
        _point(scene, index, [named])
        return
    countries = (owner,) if owner else _seats(scene, index) or _other_country(scene, index, own)
    if countries:
        _point(scene, index, tuple(_of_like_office(scene, index, own, country) for country in countries))


def _of_like_office(scene: Scene, index: int, own: tuple[str, str] | None, country: str) -> str:
    """The holder of the like office of a country, or else somebody without a name."""
    holder = scene.holder(_like(scene, own[0], country), country) if own else None
    if holder is not None:
        return holder
    office: str = own[0] if own else "counterpart"
    state = scene.use(country)
    name = f"{office.replace('-', ' ')} of {state.name}"
    possessors = [scene.entities[person] for person in _possessors(scene, index)[:1]]
    sectors = possessors[0].sectors if possessors and own is None else ()
    holder = scene.add(Entity(f"nom:{country}:{office}", name, "person", state.country, sectors or ("GOV",))).id
    if own:
        scene.offices.setdefault(holder, (office, country))
    return holder


def _seats(scene: Scene, index: int) -> tuple[str, ...]:
    """The states of the seats behind "in": "his counterparts in Bangkok and Phnom Penh".

    A singular has only the first, a plural two at least: "his counterparts in Paris" may be those who came there.
    """
    found: list[str] = []
    at = index + 2 if scene.word_after(index) == "in" else len(scene.tokens)
    while (mention := scene.covered.get(at)) is not None and mention.entity_id:
        if scene.entities[mention.entity_id].kind != "state":
            break
        found.append(mention.entity_id)
        at = scene.parsed.within(mention.span).stop
        behind = at
        while at < len(scene.tokens) and scene.word(at) in ("and", ","):
            at += 1
        if at == behind:
            break
    seats = tuple(dict.fromkeys(found))
    if scene.tokens[index].tag in PLURAL_TAGS:
        return seats if len(seats) >= DUAL else ()
    return seats[:1]


def _named_beside(scene: Scene, index: int) -> str | None:
    """The person whose name stands beside: by the parse, or between commas ("her counterpart, Xi Jinping, that")."""
    beside = [child for child in scene.children[index] if scene.tokens[child].relation in ("appos", "flat")]
    named = [entity_id for child in beside for entity_id in scene.found(child)]
    behind = scene.covered.get(index + 2) if _is_comma(scene, index + 1) else None
    if behind is not None and behind.entity_id and behind.kind == "name" and _ends_before_comma(scene, behind):
        named.append(behind.entity_id)
    return named[0] if named and scene.entities[named[0]].kind == "person" else None


def _ends_before_comma(scene: Scene, mention: Mention) -> bool:
    return _is_comma(scene, scene.parsed.within(mention.span).stop)


def _is_comma(scene: Scene, index: int) -> bool:
    return index < len(scene.tokens) and scene.word(index) == COMMA


def _like(scene: Scene, office: str, country: str) -> str:
    """The like office: where the leader's office has another name, that one ("prime minister", "chancellor")."""
    leads = office in scene.atlas.leaders.values()
    return "leader" if leads and (office, country) not in scene.atlas.terms else office


def _possessors(scene: Scene, index: int) -> list[str]:
    """The persons whose counterpart it may be: the subject of the clause, then the others before, nearest first."""
    before = _before(scene, index, REACH_PRONOUN)
    inside = [m for m in before if m.span.start >= scene.sentence(index).span.start]
    subjects = [m for m in inside if scene.tokens[_token_at(scene, m)].relation in SUBJECTS]
    return _entities(scene, [*subjects, *before], _is(ALL_PERSONS))


def _other_country(scene: Scene, index: int, own: tuple[str, str] | None) -> tuple[str, ...]:
    states = [s for s in _entities(scene, _before(scene, index, 0), _is(ALL_STATES)) if own is None or s != own[1]]
    return tuple(states) if own and len(states) == 1 else ()


# --- "the Russian"


def _national(scene: Scene, index: int) -> bool:
    """The person of that country who was spoken of last: "the Russian", not "the Chinese" or "the Russian side".

    Return whether there is one.
    """
    token, (code, _, reading) = scene.tokens[index], scene.country_hits.get(index, NO_COUNTRY)
    if reading is None or reading.use not in NATIONAL_USES or token.tag in PLURAL_TAGS or not _has_the(scene, index):
        return False
    if token.relation not in NATIONAL_RELATIONS or scene.word(index).endswith(COLLECTIVE):
        return False
    persons = _entities(
        scene, _before(scene, index, REACH_NOUN), lambda one: one.kind == "person" and one.country == code
    )
    if persons:
        _point(scene, index, persons[:1])
    return bool(persons)


# --- "the latter", "both nations"


def _latter(scene: Scene, index: int, form: str) -> None:
    """The second, or the first, of the two that the sentence or the one before has named last."""
    if scene.tokens[index].relation == "amod" and scene.tokens[scene.tokens[index].head].tag in NOUN_TAGS:
        return
    last = FORMER_OR_LATTER.index(form)
    for reach in range(REACH_PRONOUN + 1):
        before = [m for m in _before(scene, index, reach) if _can_be_either(scene, m)]
        earlier = [m for m in before if m.span.end <= scene.sentence(index).span.start]
        if reach and len(_entities(scene, earlier, _is(ALL_PERSONS))) >= DUAL:
            before = earlier
        named = _entities(scene, before, _anybody)
        joined = _joined(scene, before, _anybody)
        subjects = set(_entities(scene, [m for m in before if _is_subject(scene, m)], _anybody))
        if joined and (set(joined) == set(named[:DUAL]) or set(joined) <= subjects):
            _point(scene, index, (joined[last],))
            return
        alike = [i for i in named if scene.entities[i].kind == scene.entities[named[0]].kind][:DUAL]
        if len(alike) == DUAL:
            _point(scene, index, (alike[1 - last],))
            return


def _can_be_either(scene: Scene, mention: Mention) -> bool:
    """Not a place where something is, and not itself a word for one of two, or for both."""
    entity, head = scene.entities[mention.entity_id or ""], _token_at(scene, mention)
    if stands_as_place(scene.parsed, head, entity, scene.atlas):
        return False
    both = sum(other.span == mention.span for other in scene.at_head.get(head, ())) > 1
    return not both and mention.head.of(scene.text).lower() not in FORMER_OR_LATTER


def _dual_noun(scene: Scene, index: int) -> str:
    known = scene.atlas.words["dual_nouns"]
    return next((noun for noun in scene.nouns(index) if noun in known), scene.lemma(index))


def _is_dual(scene: Scene, index: int, lemma: str, form: str) -> bool:
    """ "Both nations", "the two sides", "the warring parties", "both", "the pair": two that are known already."""
    words = scene.atlas.words
    children = {scene.word(child).lower() for child in scene.children[index]}
    if lemma in words["dual_nouns"] and (scene.tokens[index].tag in PLURAL_TAGS or children & {"either", "neither"}):
        owned = any(c in scene.owners for c in scene.children[index])
        two = bool(children & words["dual_determiners"]) or ("two" in children and bool({"the", "these"} & children))
        two = two or (lemma in words["neighbours"] and "the" in children and len(children) == 1)
        return not owned and two
    if form in ("pair", "duo"):
        return "the" in children and not any(scene.tokens[c].relation == "nmod" for c in scene.children[index])
    return form in BOTH and scene.tokens[index].relation in SUBJECTS | OBJECTS and (form == "both" or "the" in children)


def _dual(scene: Scene, index: int, lemma: str, form: str) -> None:
    """The two that are meant, who are not those whose deed to them the clause tells.

    1. Two that are joined ("Putin and Xi"), or the only two, in this sentence or in those before, the nearest first;
    2. where more than two are near, the two that the article names most often; 3. the two of the last like word.
    """
    persons = lemma in scene.atlas.words["dual_persons"]
    states = lemma in scene.atlas.words["dual_states"]
    kinds = ALL_PERSONS if persons else ALL_STATES if states else PARTIES
    if form in BOTH:
        kinds = ALL_PERSONS | ALL_STATES
    others = _doers(scene, index)
    leaders = lemma in LEADER_NOUNS

    def fits(entity: Entity) -> bool:
        held = scene.office(entity.id) if leaders else None
        if held and held[0] not in LEADING_OFFICES:
            return False
        return entity.kind in kinds and entity.id not in others and not CROWD.issuperset(entity.sectors or SOMEBODY)

    for reach in range(REACH_BOTH + 1):
        before = _before(scene, index, reach) if states else _outermost(_before(scene, index, reach))
        pair = _joined(scene, before, fits)
        found = list(pair) or _entities(scene, before, fits)
        if len(found) < DUAL and states:
            found = [code for code in dict.fromkeys([*found, *_countries(scene, before)]) if code not in others]
        if len(found) > DUAL:
            found = list(_most_salient(scene, found))
            if not found:
                return
        if len({scene.use(i).kind for i in found} & (ALL_PERSONS | ALL_STATES)) > 1:
            continue
        if len(found) == DUAL:
            ids = _sides(scene, pair or tuple(reversed(found)))
            _point(scene, index, ids)
            scene.pairs.append((index, ids))
            return
    owners = () if persons else _two_owners(scene, index)
    if owners:
        _point(scene, index, owners)
        return
    last = next((ids for _, ids in reversed(scene.pairs) if all(fits(scene.entities[i]) for i in ids)), ())
    last = last or (_of_two_states(scene, index, fits) if persons else ())
    if last:
        _point(scene, index, last)


def _sides(scene: Scene, ids: tuple[str, ...]) -> tuple[str, ...]:
    """The states, where the two are the like people of two states: "Indian and Chinese officers met. Both sides"."""
    parts = [entity_id.split(":") for entity_id in ids if entity_id.startswith("nom:")]
    owners = tuple(part[1] for part in parts if part[1] in scene.atlas.entities and part[2:] == parts[0][2:])
    return tuple(scene.use(owner).id for owner in owners) if len(owners) == len(ids) else ids


def _two_owners(scene: Scene, index: int) -> tuple[str, ...]:
    """The two states of those named in the sentence before: "Indian and Chinese generals met. Both sides agreed"."""
    states = _entities(scene, _before(scene, index, REACH_PRONOUN), _is(ALL_STATES))
    return tuple(reversed(states)) if len(states) == DUAL else ()


def _of_two_states(scene: Scene, index: int, fits: Callable[[Entity], bool]) -> tuple[str, ...]:
    """The two leaders named of two states that have been joined: of Serbia and Kosovo, Vučić and Kurti."""
    everything = _before(scene, index, len(scene.parsed.sentences))
    people = _entities(scene, everything, lambda entity: entity.kind == "person" and fits(entity))
    leading = [p for p in people if (held := scene.office(p)) and held[0] in LEADING_OFFICES]
    for states in _all_joined(scene, everything, _is(ALL_STATES)):
        of_each = [[p for p in leading if scene.entities[p].country == state] for state in states]
        if all(len(found) == 1 for found in of_each):
            return tuple(found[0] for found in of_each)
    return ()


def _doers(scene: Scene, index: int) -> frozenset[str]:
    """Who does something to a noun, and so is not meant by it: the subjects of the verbs above it.

    What two do between "both countries" they do between themselves, unless they mediate.
    """
    relation = scene.tokens[index].relation
    if relation in SUBJECTS:
        verb = scene.tokens[index].head
        if scene.tokens[verb].tag != INFINITIVE or scene.tokens[verb].relation not in ("ccomp", "xcomp"):
            return frozenset()
        index, relation = verb, "obj"  # "told both to stop"
    found: set[str] = set()
    for verb in governors(scene, index):
        heads = [c for c in scene.children[verb] if scene.tokens[c].relation in SUBJECTS]
        if scene.tokens[verb].relation == "acl:relcl":
            noun = scene.tokens[verb].head
            heads += [noun, scene.tokens[noun].head if scene.tokens[noun].relation == "conj" else noun]
        joined = [c for head in heads for c in scene.children[head] if scene.tokens[c].relation == "conj"]
        ids = {i for head in (*heads, *joined) for i in scene.found(head)}
        third = scene.atlas.words["third_party_verbs"] & {scene.lemma(verb), scene.word(verb).lower()}
        if relation in ("obj", "iobj") or len(ids) < DUAL or third:
            found |= ids
    return frozenset(found)


def _outermost(mentions: list[Mention]) -> list[Mention]:
    """The mentions that are in no other: "Sudan's army" and not "Sudan"."""
    return [
        m for m in mentions if not any(other.span.covers(m.span) and other.span != m.span for other in mentions)
    ]  # fmt: skip


def _joined(scene: Scene, before: Iterable[Mention], fits: Callable[[Entity], bool]) -> tuple[str, ...]:
    """The two that are joined nearest."""
    return next(_all_joined(scene, before, fits), ())


def _all_joined(scene: Scene, before: Iterable[Mention], fits: Callable[[Entity], bool]) -> Iterator[tuple[str, ...]]:
    """The pairs that "and" joins, or a word like "both", nearest first: "Egypt and Jordan", and not two of three."""
    for mention in before:
        head = _token_at(scene, mention)
        alike = tuple(m.entity_id for m in scene.at_head.get(head, ()) if m.span == mention.span and m.entity_id)
        if len(alike) == DUAL and all(fits(scene.entities[i]) for i in alike):
            yield alike
            continue
        first = scene.tokens[head].head
        if (
            scene.tokens[head].relation != "conj"
            or not mention.entity_id
            or not fits(scene.entities[mention.entity_id])
        ):
            continue
        conjuncts = [c for c in scene.children[first] if scene.tokens[c].relation == "conj"]
        pair = tuple(dict.fromkeys([*scene.found(first), *(i for c in conjuncts for i in scene.found(c))]))
        if len(pair) == DUAL and all(fits(scene.entities[i]) for i in pair):
            yield pair


# --- "its rival", "his guest"


def _other(scene: Scene, index: int, own: str) -> bool:
    """The other of the two last named together with the possessor: joined, or alone with it in the sentences near."""

    def fits(entity: Entity) -> bool:
        return entity.kind in PARTIES | ALL_PERSONS and not CROWD.issuperset(entity.sectors or SOMEBODY)

    mine = scene.entities[own]
    for reach in range(REACH_PRONOUN + 1):
        before = _outermost(_before(scene, index, reach))
        found = [i for i in _entities(scene, before, fits) if scene.entities[i].kind == mine.kind or i == own]
        others = [i for i in found if i != own]
        if len(others) == 1:
            _point(scene, index, others)
            return True
    return False


def _countries(scene: Scene, mentions: Iterable[Mention]) -> list[str]:
    """The states of the persons named: Putin and Xi are "the two countries" too."""
    persons = _entities(scene, mentions, _is(ALL_PERSONS))
    codes = [scene.entities[person].country for person in persons]
    return [code for code in codes if code and code in scene.atlas.entities]


def _most_salient(scene: Scene, ids: list[str]) -> tuple[str, ...]:
    """Of more than two, the two that the article names most often, if they stand out."""
    counts = {i: sum(m.entity_id == i for m in scene.mentions.values()) for i in ids}
    ranked = sorted(ids, key=lambda i: -counts[i])
    return tuple(ranked[:DUAL]) if counts[ranked[DUAL - 1]] > counts[ranked[DUAL]] else ()


# --- "the country", "the bloc"


def _definite(scene: Scene, index: int, lemma: str) -> None:
    words, classes = scene.atlas.words, scene.atlas.classes
    if lemma in words["state_anaphors"]:
        fits = _is(ALL_STATES)
    elif lemma in words["bloc_anaphors"] | words["alliance_anaphors"]:
        fits = _of_class(classes, frozenset([lemma]))
    elif lemma in words["body_anaphors"]:
        fits = _is(frozenset(["organisation"]))
    elif lemma in words["group_anaphors"]:
        fits = _of_class(classes, GROUP_CLASSES)
    elif lemma in words["ranks"]:
        _officer(scene, index)
        return
    else:
        fits = _ends_with(lemma)
    relations = {scene.tokens[child].relation for child in scene.children[index]}
    if "acl:relcl" in relations:
        return
    if relations & {"amod", "compound"}:
        _described_anew(scene, index, lemma, fits)
        return
    found = _entities(scene, _before(scene, index, REACH_NOUN), fits)
    near = _entities(scene, _before(scene, index, REACH_PRONOUN), fits)
    if lemma in words["state_anaphors"] and len(near) != 1:
        return
    if found:
        _point(scene, index, found[:1])
        _serve(scene, index, found[0])


def _described_anew(scene: Scene, index: int, lemma: str, fits: Callable[[Entity], bool]) -> None:
    """ "The Himalayan country", "the regional body", "the guerrilla group": the only one in the sentence before.

    A state of this sentence would have been called by its name.
    """
    words = scene.atlas.words
    if lemma not in words["state_anaphors"] | words["body_anaphors"] | words["group_anaphors"]:
        return
    if any(child in scene.owners for child in scene.children[index]):
        return
    here = _entities(scene, _before(scene, index, 0), fits)
    before = [m for m in _before(scene, index, REACH_PRONOUN) if m.entity_id not in here and m.kind == "name"]
    found = _entities(scene, before, fits)
    if len(found) == 1:
        _point(scene, index, found)


def _officer(scene: Scene, index: int) -> None:
    """ "The general": the last person named who is of the armed forces; else the only person in reach."""
    if len([c for c in scene.children[index] if scene.tokens[c].relation != "case"]) > 1:
        return
    before = _entities(scene, _before(scene, index, REACH_NOUN), _is(ALL_PERSONS))
    armed = [person for person in before if SOLDIERS in scene.entities[person].sectors]
    found = armed or (before if len(before) == 1 else [])
    if found:
        _point(scene, index, found[:1])


def _serve(scene: Scene, index: int, owner: str) -> None:
    """ "A spokesman for the union" is of whom the union stands for."""
    first = _phrase_start(scene, index)
    noun = first - 2
    if noun < scene.sentence(index).first or scene.word(first - 1).lower() not in ("for", "of", "at"):
        return
    if any(mention.kind == "nominal" for mention in scene.at_head.get(noun, ())) and scene.owner(noun) is None:
        _give(scene, noun, owner)


# --- "he", "it", "they"


def _pronoun(scene: Scene, index: int, form: str) -> None:
    words = scene.atlas.words
    if scene.quoted[index] or scene.tokens[index].relation == "expl" or _is_weather(scene, index):
        return
    if form in words["reflexive"]:
        found = _own_subject(scene, index)
    elif form in words["masculine"] or form in words["feminine"]:
        found = _person(scene, index, _sex(scene, form))
    elif form in words["neuter"]:
        found = _thing(scene, index)
    elif form in words["plural"]:
        found = _several(scene, index)
    else:
        return
    found = found or _ahead(scene, index, form)
    if found:
        _point(scene, index, found, "pronoun")
        if scene.tokens[index].tag == POSSESSIVE and len(found) == 1:
            _possess(scene, index, found[0])


def _is_weather(scene: Scene, index: int) -> bool:
    return scene.lemma(scene.tokens[index].head) in scene.atlas.words["weather"]


def _own_subject(scene: Scene, index: int) -> tuple[str, ...]:
    """Whom "itself" and "themselves" are: the subject of their verb."""
    for verb in governors(scene, index):
        subjects = [c for c in scene.children[verb] if scene.tokens[c].relation in SUBJECTS]
        if subjects:
            return scene.found(subjects[0])
    return ()


def _sex(scene: Scene, form: str) -> str:
    return MALE if form in scene.atlas.words["masculine"] else FEMALE


def _is_of(scene: Scene, entity: Entity, sex: str) -> bool:
    """Whether an entity is a person of that sex, or one whose sex is not known."""
    return entity.kind == "person" and _may_be_of(scene, entity, sex)


def _may_be_of(scene: Scene, entity: Entity, sex: str) -> bool:
    known = scene.atlas.sexes.get(entity.id) or scene.sexes.get(entity.id) or _given_sex(scene, entity)
    return known in (None, sex)


def _given_sex(scene: Scene, entity: Entity) -> str | None:
    """The sex that a given name tells."""
    given = entity.name.split()[0]
    female, male = (given in scene.atlas.words[name] for name in ("female_names", "male_names"))
    return None if female == male else FEMALE if female else MALE


def _ahead(scene: Scene, index: int, form: str) -> tuple[str, ...]:
    """The subject of the main clause, for a pronoun in a clause or phrase before it ("In his speech, Modi")."""
    words, sentence = scene.atlas.words, scene.sentence(index)
    commas = [i for i in range(index, sentence.last) if scene.word(i) == ","]
    if not commas:
        return ()
    behind, end = scene.tokens[commas[0]].span.end, sentence.span.end
    inside = (m for m in scene.mentions.values() if m.entity_id and behind <= m.span.start < end)
    after = sorted(inside, key=lambda mention: mention.span.start)
    for mention in after:
        head = _token_at(scene, mention)
        if scene.tokens[head].relation not in SUBJECTS or not _is_main(scene, mention):
            continue
        entity = scene.entities[mention.entity_id or ""]
        if form in words["masculine"] | words["feminine"]:
            fits = _is_of(scene, entity, _sex(scene, form))
        elif form in words["neuter"]:
            fits = entity.kind != "person" and scene.tokens[head].tag not in PLURAL_TAGS
        else:
            fits = scene.tokens[head].tag in PLURAL_TAGS
        return scene.found(head) if fits else ()
    return ()


def _possess(scene: Scene, index: int, owner: str) -> None:
    """Give the noun behind "its", "his" or "their" to whom that stands for: "its embassy", "his ministry"."""
    noun = possessed(scene, index)
    if noun is None or any(mention.kind == "name" for mention in scene.at_head.get(noun, ())):
        return
    nouns = set(scene.nouns(noun))
    if nouns & scene.atlas.words["counterpart_words"]:
        return
    if scene.atlas.words["others"] & nouns and _other(scene, noun, owner):
        return
    if all(scene.owners[i] == owner for i in range(index + 1, noun + 1) if i in scene.owners):
        _give(scene, noun, owner)


def _give(scene: Scene, noun: int, owner: str) -> None:
    """Note a noun anew, now that it is known whose it is."""
    found = describe(scene, noun, owner)
    if found is None:
        return
    for old in list(scene.at_head.get(noun, ())):
        scene.drop(old)
    scene.owners[noun] = owner
    note(scene, noun, msgspec.structs.replace(found, owner=owner), None)


def _person(scene: Scene, index: int, sex: str) -> tuple[str, ...]:
    """The only person in reach who can be meant; else the subject of this sentence or of the one before.

    Where these name no person, the sentences before them count, as far as a noun reaches.
    """

    def is_person(mention: Mention) -> bool:
        return _is_of(scene, scene.entities[mention.entity_id or ""], sex)

    def is_individual(mention: Mention) -> bool:
        head = _token_at(scene, mention)
        if not _may_be_of(scene, scene.entities[mention.entity_id or ""], sex):
            return False
        return scene.tokens[head].tag == "NN" and bool(scene.atlas.words["individuals"] & set(scene.nouns(head)))

    others = _doers(scene, index) if scene.tokens[index].relation in OBJECTS else frozenset()
    for reach in range(REACH_PRONOUN, REACH_NOUN):
        near = [m for m in _before(scene, index, reach) if not _in_quote(scene, m) and m.entity_id not in others]
        same = [m for m in near if (is_person(m) or is_individual(m)) and _governs(scene, m, index)]
        if same:
            return tuple(_entities(scene, same, _anybody)[:1])
        before = [m for m in near if is_person(m)] or [m for m in near if is_individual(m)]
        found = _entities(scene, before, _anybody)
        if len(found) == 1:
            return tuple(found)
        subjects = _entities(scene, [m for m in before if _is_subject(scene, m)], _anybody)
        if found:
            return tuple(subjects[:1])
    return ()


def _governs(scene: Scene, mention: Mention, index: int) -> bool:
    """Whether a mention is the subject of the clause of a word, or of one that governs it."""
    head = _token_at(scene, mention)
    if not _is_subject(scene, mention) or scene.sentence_of[head] != scene.sentence_of[index]:
        return False
    first = scene.tokens[head].head if scene.tokens[head].relation == "conj" else head
    while scene.tokens[index].head != index:
        index = scene.tokens[index].head
        if scene.tokens[first].head == index:
            return True
    return False


def _anybody(entity: Entity) -> bool:
    return bool(entity.id)


def _thing(scene: Scene, index: int) -> tuple[str, ...]:
    """The state or body that is the subject of this sentence, or of the one before when nothing else is near."""

    def fits(entity: Entity) -> bool:
        return entity.kind in ("state", "organisation", "group")

    if scene.tokens[index].relation not in SUBJECTS | {"nmod:poss"}:
        return ()
    if scene.tokens[index].relation == "nmod:poss" and (inner := _nearest_thing(scene, index, fits)):
        return inner
    stop = _last_stop(scene, index)
    for reach, floor in ((0, stop), (0, 0), (REACH_PRONOUN, 0)):
        before = [m for m in _before(scene, index, reach) if not _in_quote(scene, m) and m.span.start >= floor]
        single = [m for m in before if _is_subject(scene, m) and not _is_plural_noun(scene, m)]
        main = [m for m in single if _is_main(scene, m)]
        for subjects in (_entities(scene, single, fits), _entities(scene, main, fits)):
            if len(subjects) == 1:
                return tuple(subjects)
        if _entities(scene, single, fits):
            return ()
    return _whose_speaker(scene, index)


def _whose_speaker(scene: Scene, index: int) -> tuple[str, ...]:
    """The state whose official says what "it" does: "Ukraine's president said it would"."""
    clause = scene.tokens[index].head
    saying = scene.tokens[clause].head
    if scene.tokens[clause].relation != "ccomp" or scene.tokens[index].relation not in SUBJECTS:
        return ()
    speakers = [c for c in scene.children[saying] if scene.tokens[c].relation in SUBJECTS and c < index]
    owners = dict.fromkeys(scene.owners[c] for one in speakers for c in scene.children[one] if c in scene.owners)
    states = [owner for owner in owners if scene.entities[owner].kind == "state"]
    return tuple(states) if len(states) == 1 else ()


def _nearest_thing(scene: Scene, index: int, fits: Callable[[Entity], bool]) -> tuple[str, ...]:
    """The one body of a sentence that "its" can be where the subject is a person ("called on the council ... its")."""
    here = [m for m in _before(scene, index, 0) if not _in_quote(scene, m)]
    things = _entities(scene, [m for m in here if m.kind != "pronoun"], fits)
    subjects = [m for m in here if _is_subject(scene, m) and _is_main(scene, m)]
    people = [m for m in subjects if scene.entities[m.entity_id or ""].kind == "person"]
    return tuple(things) if people and len(things) == 1 else ()


def _last_stop(scene: Scene, index: int) -> int:
    """Where the last full stop before a token in its sentence ends: a sentence may hold a quotation with one."""
    first = scene.sentence(index).first
    stops = [scene.tokens[i].span.end for i in range(first, index) if scene.word(i) in STOPS]
    return stops[-1] if stops else scene.tokens[first].span.start


def _several(scene: Scene, index: int) -> tuple[str, ...]:
    """The two or more, or the group, that are the subject of this sentence or of the one before.

    As an object ("offered them a dinner"), they are not those who do it.
    """
    relation = scene.tokens[index].relation
    doers = _doers(scene, index) if relation in OBJECTS else frozenset()
    if relation not in SUBJECTS | OBJECTS | {"nmod:poss"}:
        return ()
    before = [m for m in _before(scene, index, REACH_PRONOUN) if not _in_quote(scene, m)]
    for mention in before:
        if not _is_subject(scene, mention) and (relation in SUBJECTS or not _is_several(scene, mention)):
            continue
        head = _token_at(scene, mention)
        joined = [c for c in scene.children[head] if scene.tokens[c].relation == "conj"]
        ids = tuple(dict.fromkeys([*scene.found(head), *(i for c in joined for i in scene.found(c))]))
        if doers & set(ids):
            continue
        many = scene.tokens[head].tag in PLURAL_TAGS or scene.lemma(head) in scene.atlas.words["collectives"]
        if len(ids) >= DUAL or (many and ids):
            return ids
    return ()


def _is_several(scene: Scene, mention: Mention) -> bool:
    """Whether a mention is one of several that are joined as an object."""
    head = _token_at(scene, mention)
    joined = [c for c in scene.children[head] if scene.tokens[c].relation == "conj"]
    return scene.tokens[head].relation in OBJECTS and bool(joined)


def _is_plural_noun(scene: Scene, mention: Mention) -> bool:
    return mention.kind == "nominal" and scene.tokens[_token_at(scene, mention)].tag in PLURAL_TAGS


def _is_main(scene: Scene, mention: Mention) -> bool:
    """Whether a subject is that of its sentence's main verb."""
    verb = scene.tokens[_token_at(scene, mention)].head
    return scene.tokens[verb].head == verb


def _is_subject(scene: Scene, mention: Mention) -> bool:
    index = _token_at(scene, mention)
    token = scene.tokens[index]
    if token.relation == "conj":
        return scene.tokens[token.head].relation in SUBJECTS
    return token.relation in SUBJECTS


def _in_quote(scene: Scene, mention: Mention) -> bool:
    return scene.quoted[_token_at(scene, mention)]
