"""Words that point back: "his Russian counterpart", "the latter", "both nations", "the bloc", "he".

Each rule would rather leave a word unresolved than resolve it wrongly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from communique.actors.scene import PLURAL_TAGS, SUBJECTS, Scene
from communique.model import Entity, Mention, MentionKind

#: How many sentences back a word may point.
REACH_PRONOUN, REACH_NOUN, REACH_BOTH = 1, 4, 3
DUAL = 2
ALL_PERSONS, ALL_STATES = frozenset(["person"]), frozenset(["state"])
MALE, FEMALE = "m", "f"
BEFORE_A_NOUN = frozenset(["det", "det:predet", "nmod:poss", "amod", "nummod", "compound"])
PERSON_PRONOUN_TAGS = frozenset(["PRP", "PRP$"])


def follow(scene: Scene) -> None:
    """Resolve what points back, in reading order, so that a resolved word can itself be pointed to."""
    words = scene.atlas.words
    for index, token in enumerate(scene.tokens):
        if index in scene.covered and scene.covered[index].kind == "name":
            continue
        lemma, form = scene.lemma(index), scene.word(index).lower()
        if lemma in words["counterpart_words"]:
            _counterpart(scene, index)
        elif form in ("latter", "former") and _has_the(scene, index):
            _latter(scene, index, form)
        elif _is_dual(scene, index, lemma, form):
            _dual(scene, index, lemma, form)
        elif token.tag in PERSON_PRONOUN_TAGS:
            _pronoun(scene, index, form)
        elif index not in scene.at_head and _is_definite(scene, index):
            _definite(scene, index, lemma)


# --- what has been said before


def _before(scene: Scene, index: int, reach: int) -> list[Mention]:
    """The mentions before a token, in its sentence and ``reach`` sentences before, nearest first."""
    sentences = scene.parsed.sentences
    floor = sentences[max(0, scene.sentence_of[index] - reach)].span.start
    end = scene.tokens[index].span.start
    found = [m for m in scene.mentions.values() if m.entity_id and floor <= m.span.start and m.span.end <= end]
    found.reverse()
    return sorted(found, key=lambda mention: -mention.span.start)


def _entities(scene: Scene, mentions: Iterable[Mention], fits: Callable[[Entity], bool]) -> list[str]:
    """The entities of the mentions that fit, each once, in that order."""
    ids = (mention.entity_id for mention in mentions if mention.entity_id)
    return [i for i in dict.fromkeys(ids) if fits(scene.entities[i])]


def _is(kinds: frozenset[str]) -> Callable[[Entity], bool]:
    return lambda entity: entity.kind in kinds


def _of_class(classes: Mapping[str, str], wanted: frozenset[str]) -> Callable[[Entity], bool]:
    return lambda entity: classes.get(entity.id) in wanted


def _token_at(scene: Scene, mention: Mention) -> int:
    return next(i for i, token in enumerate(scene.tokens) if token.span == mention.head)


def _has_the(scene: Scene, index: int) -> bool:
    return index > 0 and scene.word(index - 1).lower() == "the"


def _is_definite(scene: Scene, index: int) -> bool:
    children = {scene.word(child).lower() for child in scene.children[index]}
    return bool(children & {"the", "this"}) and scene.tokens[index].tag in ("NN", "NNP")


def _phrase_start(scene: Scene, index: int) -> int:
    return min([index, *(c for c in scene.children[index] if scene.tokens[c].relation in BEFORE_A_NOUN)])


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
    beside = [child for child in scene.children[index] if scene.tokens[child].relation in ("appos", "flat")]
    named = [entity_id for child in beside for entity_id in scene.found(child)]
    if named and scene.entities[named[0]].kind == "person":
        _point(scene, index, named[:1])
        return
    country = owner or _other_country(scene, index, own)
    if country is None:
        return
    holder = scene.atlas.holder(_like(scene, own[0], country), country, scene.date) if own else None
    if holder is None:
        office: str = own[0] if own else "counterpart"
        state = scene.use(country)
        name = f"{office.replace('-', ' ')} of {state.name}"
        entity = Entity(f"nom:{country}:{office}", name, "person", state.country, ("GOV",))
        holder = scene.add(entity).id
        if own:
            scene.offices.setdefault(holder, (office, country))
    _point(scene, index, (holder,))


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


def _other_country(scene: Scene, index: int, own: tuple[str, str] | None) -> str | None:
    states = [s for s in _entities(scene, _before(scene, index, 0), _is(ALL_STATES)) if own is None or s != own[1]]
    return states[0] if own and len(states) == 1 else None


# --- "the latter", "both nations"


def _latter(scene: Scene, index: int, form: str) -> None:
    """The second, or the first, of the two that the sentence or the one before has named last."""
    if scene.tokens[index].relation == "amod":
        return
    pair = _entities(scene, _before(scene, index, 0), lambda entity: True)
    if len(pair) < DUAL:
        pair = _entities(scene, _before(scene, index, REACH_PRONOUN), lambda entity: True)
    if len(pair) >= DUAL:
        alike = [i for i in pair if scene.entities[i].kind == scene.entities[pair[0]].kind][:DUAL]
        if len(alike) == DUAL:
            _point(scene, index, (alike[0],) if form == "latter" else (alike[1],))


def _is_dual(scene: Scene, index: int, lemma: str, form: str) -> bool:
    """ "Both nations", "the two sides", "both", "the pair": two that are known already."""
    words = scene.atlas.words
    children = {scene.word(child).lower() for child in scene.children[index]}
    if lemma in words["dual_nouns"] and scene.tokens[index].tag in PLURAL_TAGS:
        owned = any(c in scene.owners for c in scene.children[index])
        return not owned and ("both" in children or ("two" in children and bool({"the", "these"} & children)))
    if form in ("pair", "duo"):
        return "the" in children and not any(scene.tokens[c].relation == "nmod" for c in scene.children[index])
    return (
        form in ("both", "two") and scene.tokens[index].relation in SUBJECTS and (form == "both" or "the" in children)
    )


def _dual(scene: Scene, index: int, lemma: str, form: str) -> None:
    """The two states, or the two persons, that have been named last; more than two last named leave it open."""
    persons = lemma in scene.atlas.words["dual_persons"]
    kinds = ALL_PERSONS if persons else ALL_STATES
    if form in ("both", "two"):
        kinds = ALL_PERSONS | ALL_STATES
    for reach in range(REACH_BOTH + 1):
        found = _entities(scene, _before(scene, index, reach), _is(kinds))
        if len(found) < DUAL and not persons and form not in ("both", "two"):
            found = list(dict.fromkeys([*found, *_countries(scene, _before(scene, index, reach))]))
        if len(found) == DUAL:
            _point(scene, index, tuple(reversed(found)))
            return
        if len(found) > DUAL:
            main = _most_salient(scene, found)
            if main:
                _point(scene, index, main)
            return


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
        fits = _of_class(classes, frozenset(["armed-group"]))
    else:
        return
    if any(scene.tokens[child].relation in ("amod", "compound", "acl:relcl") for child in scene.children[index]):
        return
    found = _entities(scene, _before(scene, index, REACH_NOUN), fits)
    near = _entities(scene, _before(scene, index, REACH_PRONOUN), fits)
    if lemma in words["state_anaphors"] and len(near) != 1:
        return
    if found:
        _point(scene, index, found[:1])


# --- "he", "it", "they"


def _pronoun(scene: Scene, index: int, form: str) -> None:
    words = scene.atlas.words
    if scene.quoted[index] or scene.tokens[index].relation == "expl":
        return
    if form in words["masculine"] or form in words["feminine"]:
        sex = MALE if form in words["masculine"] else FEMALE
        found = _person(scene, index, sex)
    elif form in words["neuter"]:
        found = _thing(scene, index)
    elif form in words["plural"]:
        found = _several(scene, index)
    else:
        return
    if found:
        _point(scene, index, found, "pronoun")


def _person(scene: Scene, index: int, sex: str) -> tuple[str, ...]:
    """The only person in reach who can be meant; else the subject of this sentence or of the one before."""

    def fits(entity: Entity) -> bool:
        return entity.kind == "person" and scene.atlas.sexes.get(entity.id, sex) == sex

    before = [m for m in _before(scene, index, REACH_PRONOUN) if not _in_quote(scene, m)]
    found = _entities(scene, before, fits)
    if len(found) == 1:
        return tuple(found)
    subjects = _entities(scene, [m for m in before if _is_subject(scene, m)], fits)
    return tuple(subjects[:1])


def _thing(scene: Scene, index: int) -> tuple[str, ...]:
    """The state or body that is the subject of this sentence, or of the one before when nothing else is near."""

    def fits(entity: Entity) -> bool:
        return entity.kind in ("state", "organisation", "group")

    if scene.tokens[index].relation not in SUBJECTS | {"nmod:poss"}:
        return ()
    for reach in (0, REACH_PRONOUN):
        before = [m for m in _before(scene, index, reach) if not _in_quote(scene, m)]
        subjects = _entities(scene, [m for m in before if _is_subject(scene, m)], fits)
        if len(subjects) == 1:
            return tuple(subjects)
        if subjects:
            return ()
    return ()


def _several(scene: Scene, index: int) -> tuple[str, ...]:
    """The two or more, or the group, that are the subject of this sentence or of the one before."""
    if scene.tokens[index].relation not in SUBJECTS | {"nmod:poss"}:
        return ()
    before = [m for m in _before(scene, index, REACH_PRONOUN) if not _in_quote(scene, m) and _is_subject(scene, m)]
    for mention in before:
        head = _token_at(scene, mention)
        joined = [c for c in scene.children[head] if scene.tokens[c].relation == "conj"]
        ids = tuple(dict.fromkeys([*scene.found(head), *(i for c in joined for i in scene.found(c))]))
        if len(ids) >= DUAL or (scene.tokens[head].tag in PLURAL_TAGS and ids):
            return ids
    return ()


def _is_subject(scene: Scene, mention: Mention) -> bool:
    index = _token_at(scene, mention)
    token = scene.tokens[index]
    if token.relation == "conj":
        return scene.tokens[token.head].relation in SUBJECTS
    return token.relation in SUBJECTS


def _in_quote(scene: Scene, mention: Mention) -> bool:
    return scene.quoted[_token_at(scene, mention)]
