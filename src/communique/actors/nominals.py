"""Nouns for somebody: "Iranian banks", "the Chinese leader", "Ukraine's foreign minister", "protesters"."""

from __future__ import annotations

from collections import Counter

import msgspec

from communique.actors.atlas import Role, Title
from communique.actors.phrases import stands_as_place
from communique.actors.scene import NOUN_TAGS, PLURAL_TAGS, PROPER_TAGS, Scene
from communique.model import Entity, EntityKind, content_id

STATE_ROLE = "state"
#: A country is the one setting of an article when it has at least this share of the mentions of countries.
SETTING_SHARE = 0.6
#: And at least this many mentions.
SETTING_MENTIONS = 2
LONGEST_TITLE = 4
ROLE_KINDS: dict[str, EntityKind] = {"group": "group", "person": "person"}
NAMES_OF_ENTITIES = "{country} {group}"


class Description(msgspec.Struct, frozen=True):
    """What a noun phrase says of somebody: its noun, its title if it is one, and whose he, she or it is."""

    first: int
    noun: str
    title: Title | None
    role: Role | None
    owner: str | None


def describe(scene: Scene, head: int) -> Description | None:
    """Read the noun phrase headed by ``head``; None when its noun is for nobody."""
    first, noun, title = _title(scene, head)
    role = _role(scene, head)
    owner = scene.owner(head)
    if title is None and (role is None or (role.wary and owner is None)):
        return None
    return Description(first, noun, title, role, owner)


def find_nominals(scene: Scene) -> None:
    """Note a mention for every common noun for somebody, in reading order."""
    setting = find_setting(scene)
    for index in range(len(scene.tokens)):
        if index in scene.country_hits and index not in scene.at_head:
            _note_people(scene, index)
            continue
        if scene.tokens[index].tag not in NOUN_TAGS or (index in scene.covered and scene.covered[index].kind == "name"):
            continue
        if scene.tokens[index].relation in ("compound", "nmod:desc") and scene.tokens[index].head > index:
            continue
        found = describe(scene, index)
        if found is not None:
            _note(scene, index, found, setting)


def find_setting(scene: Scene) -> str | None:
    """Return the one country that an article is evidently set in, if there is one: named, as a place too."""
    counts: Counter[str] = Counter()
    places: set[str] = set()
    for head, mentions in scene.at_head.items():
        entity = scene.entities[mentions[0].entity_id] if mentions and mentions[0].entity_id else None
        if entity is None or entity.country is None or entity.kind not in ("state", "person"):
            continue
        counts[entity.country] += 1
        if stands_as_place(scene.parsed, head, entity, scene.atlas):
            places.add(entity.country)
    if not counts:
        return None
    country, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    clear = count >= SETTING_MENTIONS and count >= SETTING_SHARE * counts.total()
    return country if clear and country in places else None


def _title(scene: Scene, head: int) -> tuple[int, str, Title | None]:
    """The longest title that ends with the head, or that an "of" completes ("secretary of state")."""
    sentence = scene.sentence(head)
    follows = f"{scene.lemma(head)} of {scene.word(head + 2).lower()}" if head + 2 < sentence.last else ""
    if follows in scene.atlas.titles:
        return head, follows, scene.atlas.titles[follows]
    for length in range(LONGEST_TITLE, 0, -1):
        first = head - length + 1
        if first < sentence.first:
            continue
        before = [scene.word(i).lower() for i in range(first, head)]
        for last_word in (scene.lemma(head), scene.word(head)):
            phrase = " ".join(word for word in [*before, last_word] if word != "-")
            if phrase in scene.atlas.titles:
                return first, phrase, scene.atlas.titles[phrase]
    return head, scene.lemma(head), None


def _role(scene: Scene, head: int) -> Role | None:
    roles, word, lemma = scene.atlas.roles, scene.word(head), scene.lemma(head)
    if head and scene.word(head - 1) == "-":
        return None  # "wheel-chair"
    before = f"{scene.word(head - 1).lower()} {lemma}" if head else ""
    return next((roles[each] for each in (before, lemma, word, word.lower()) if each in roles), None)


def _note(scene: Scene, head: int, found: Description, setting: str | None) -> None:
    owner = scene.entities[found.owner] if found.owner else None
    if (
        found.role
        and found.role.group == STATE_ROLE
        and (owner is None or (owner.kind == "person" and not owner.country))
    ):
        return  # "the country", "the state": words that point back
    named = _named_beside(scene, head)
    entity_id = named or _holder(scene, head, found, owner) or _state_itself(found, owner)
    if entity_id is None:
        entity_id = scene.add(_described(scene, head, found, owner, setting)).id
    else:
        scene.use(entity_id)
    first = min([found.first, *(i for i in scene.below(head) if i < head)], default=head)
    first = _with_determiner(scene, head, first)
    last = _end(scene, head)
    scene.mention(first, last, head, "nominal", entity_id)


def _end(scene: Scene, head: int) -> int:
    """The phrase ends with the head, or with the country that an "of" adds."""
    last = head + 1
    for child in scene.children[head]:
        if (
            child > head
            and scene.tokens[child].relation == "nmod"
            and scene.case(child) == "of"
            and child in scene.owners
        ):
            last = max([last, child + 1, *(below + 1 for below in scene.below(child) if below in scene.owners)])
    return last


def _with_determiner(scene: Scene, head: int, first: int) -> int:
    determiners = [c for c in scene.children[head] if c < first and scene.tokens[c].relation == "det"]
    return min([first, *determiners])


def _named_beside(scene: Scene, head: int) -> str | None:
    """The person whom the same phrase names: "the Chinese leader, Xi Jinping", "Lavrov, Russia's foreign minister"."""
    if scene.tokens[head].tag in PLURAL_TAGS:
        return None
    beside = [c for c in scene.children[head] if scene.tokens[c].relation in ("appos", "flat")]
    if scene.tokens[head].relation == "appos":
        beside.append(scene.tokens[head].head)
    for index in beside:
        for entity_id in scene.found(index):
            if scene.entities[entity_id].kind == "person":
                return entity_id
    return None


def _holder(scene: Scene, head: int, found: Description, owner: Entity | None) -> str | None:
    """Who holds the office that the title names, at the article's date."""
    if found.title is None or owner is None or scene.tokens[head].tag in PLURAL_TAGS:
        return None
    words = {scene.word(child).lower() for child in scene.children[head]} | {scene.word(found.first).lower()}
    if words & (scene.atlas.words["other_holder"] - set(found.noun.split())):
        return None
    of = owner.country or "" if owner.kind == "person" else owner.id
    return scene.atlas.holder(found.title.office, of, scene.date)


def _state_itself(found: Description, owner: Entity | None) -> str | None:
    """ "The Chinese government" is China; "the Trump administration" is the state that Trump leads."""
    if found.role is None or owner is None or found.role.kind != STATE_ROLE:
        return None
    if owner.kind == "person":
        return owner.country
    return owner.id


def _described(scene: Scene, head: int, found: Description, owner: Entity | None, setting: str | None) -> Entity:
    """An entity that has no name: known by its country and its noun."""
    sectors = found.title.sectors if found.title else found.role.sectors if found.role else ()
    group = found.title.office if found.title else found.role.group if found.role else found.noun
    kind = _kind(scene, head, found)
    country = owner.country if owner else setting
    if owner is not None and owner.kind not in ("state", "person"):
        outer = owner.id.partition(":")[2]
        sectors = tuple(dict.fromkeys((*owner.sectors, *sectors))) if owner.country is None else sectors
        return Entity(f"nom:{outer}:{group}".replace(" ", "-"), f"{owner.name} {group}", kind, country, sectors)
    if country is None:
        return Entity(f"nom:{content_id(scene.article.id, group)}", group, kind, None, sectors)
    state = scene.atlas.entities.get(country)
    name = NAMES_OF_ENTITIES.format(country=state.name if state else country, group=group.replace("-", " "))
    return Entity(f"nom:{country}:{group}".replace(" ", "-"), name, kind, country, sectors)


def _kind(scene: Scene, head: int, found: Description) -> EntityKind:
    if scene.tokens[head].tag in PLURAL_TAGS:
        return "group"
    if found.title:
        return "person"
    return ROLE_KINDS.get(found.role.kind, "organisation") if found.role else "group"


def _note_people(scene: Scene, index: int) -> None:
    """ "The Russians" are the state; "Russians" and "an American" are its people."""
    code, hit, _ = scene.country_hits[index]
    words = {scene.word(child).lower() for child in scene.children[index]}
    numbered = any(scene.tokens[child].relation in ("nummod", "amod") for child in scene.children[index])
    if "the" in words and not numbered and scene.tokens[index].tag in PLURAL_TAGS | PROPER_TAGS:
        scene.mention(_with_determiner(scene, index, hit.first), hit.last, index, "nominal", scene.use(code).id)
        return
    people = Entity(f"nom:{code}:people", f"people of {scene.entities[code].name}", "population", code, ("CVL",))
    scene.mention(hit.first, hit.last, index, "nominal", scene.add(people).id)
