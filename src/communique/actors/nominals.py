"""Nouns for somebody: "Iranian banks", "the Chinese leader", "Ukraine's foreign minister", "protesters"."""

from __future__ import annotations

import msgspec

from communique.actors.atlas import Role, Title
from communique.actors.scene import NOUN_TAGS, PLURAL_TAGS, PROPER_TAGS, SUBJECTS, Scene
from communique.actors.setting import clause_place, find_local_settings, find_setting, fronted_place
from communique.model import Entity, EntityKind, Mention, content_id

STATE_ROLE = "state"
LONGEST_TITLE = 4
#: Words behind those who are on somebody's side: "forces loyal to".
SIDING = frozenset(["loyal", "allied", "aligned"])
#: Kinds of owners of which a plural can have several.
SIDES = frozenset(["state", "organisation"])
ROLE_KINDS: dict[str, EntityKind] = {"group": "group", "person": "person"}
NAMES_OF_ENTITIES = "{country} {group}"
POSSESSIVE = "PRP$"
NO_MODIFIER_TAGS = frozenset(["VBD", "VBZ", "VBP", "MD", "IN"])
#: Tags of the words between a possessor and its noun.
BEFORE_NOUN_TAGS = ("JJ", "NN", "RB", "VBN", "VBG", "CD", "HYPH")
PERSON_KINDS = frozenset(["person"])
#: Relations of an owner to what it owns; as many owners are several.
OWNING_RELATIONS, SEVERAL = frozenset(["nmod", "nmod:poss", "amod", "compound"]), 2
#: What may follow an apposition: "the Serbian president, told"; "the Serbian president."
PHRASE_ENDS = frozenset([",", ".", ";", ":", ")", "—", "–"])
LEADER = "leader"
#: Groups of nouns that can stand for a body named before, and how many sentences before.
NAMED_GROUPS = frozenset(["businesses", "party", "rebels", "journalists", "militia"])
NAMED_REACH = 4
BUSINESS, MULTINATIONAL = "BUS", "MNC"
FORMER_ONLY = frozenset(["former"])
LEADING_OFFICES = ("president", "prime-minister", "chancellor", "monarch", "supreme-leader")
#: Sectors of those whose things act for them: army jets, police cars; and the groups of nouns for their men.
ARMED = frozenset(["MIL", "COP", "REB", "PRM"])
MEN_IN_ARMS = frozenset(["military", "rebels", "militia", "gunmen"])
#: Kinds of those who can have a spokesman without having a name.
BODY_KINDS = frozenset(["organisation", "group", "state"])
#: Sectors of persons whom one noun can point back to: "the opposition leader".
#: Sectors of bodies whose offices are a government's.
GOVERNING = frozenset(["GOV", "LEG", "JUD"])
GOVERNMENT = "GOV"
#: Sectors of persons whose title names no country where it is that of the article.
SERVING = frozenset(["GOV", "LEG", "JUD", "MIL", "COP", "PTY"])
#: Determiners of states that were named before, and the one that points back unless a region is named.
POINTING, DEFINITE = frozenset("two these those their its our your other such which what".split()), frozenset(["the"])
OUT_OF_POWER = frozenset(["OPP", "REB"])
VISITING = "visiting"
#: The noun that a bare number of people is read as.
CROWD_NOUN = "people"
TOLD_RELATIONS = frozenset(["obj", "iobj", "obl"])
MEDIA_GROUP, OFFICER_GROUP = "journalists", "officer"
POLICE_GROUP, MILITARY_GROUP = "police", "military"


class Description(msgspec.Struct, frozen=True):
    """What a noun phrase says of somebody: its noun, its title if it is one, and whose he, she or it is."""

    first: int
    noun: str
    title: Title | None
    role: Role | None
    owner: str | None


def describe(scene: Scene, head: int, owner: str | None = None) -> Description | None:
    """Read the noun phrase headed by ``head``; None when its noun is for nobody."""
    first, noun, title = _title(scene, head)
    role = _role(scene, head)
    owner = owner or scene.owner(head) or _whose(scene, head) or _served(scene, head)
    role = role or _crowd(scene, head)
    unknown = owner is None and scene.word_after(head) not in SIDING
    if title is None and (role is None or (role.wary and unknown)):
        return None
    return Description(first, noun, title, role, owner)


def _crowd(scene: Scene, head: int) -> Role | None:
    """Who "thousands" are where nobody is named behind it: "thousands marched"."""
    crowds = scene.atlas.words["crowds"]
    if not crowds.intersection(scene.nouns(head)) or scene.tokens[head].relation not in SUBJECTS:
        return None
    behind = [child for child in scene.children[head] if scene.tokens[child].relation == "nmod"]
    if any(not crowds.intersection(scene.nouns(child)) for child in behind):  # but "tens of thousands"
        return None
    return scene.atlas.roles.get(CROWD_NOUN)


def _whose(scene: Scene, head: int) -> str | None:
    """Whose a noun in a relative clause is: of the one that the clause is about ("Morsi, whose prime minister")."""
    if not any(scene.tokens[child].tag == "WP$" for child in scene.children[head]):
        return None
    current = head
    while scene.tokens[current].head != current and scene.tokens[current].relation not in ("acl:relcl", "acl"):
        current = scene.tokens[current].head
    found = scene.found(scene.tokens[current].head)
    return found[0] if len(found) == 1 else None


def _served(scene: Scene, head: int) -> str | None:
    """The body behind "for" or "of" that has no name of its own: "a spokesman for the ministry"."""
    for child in scene.children[head]:
        if child > head and scene.tokens[child].relation == "nmod" and scene.case(child) in ("for", "of", "at"):
            _note_at(scene, child)
            found = [i for i in scene.found(child) if scene.entities[i].kind in BODY_KINDS]
            if found:
                return found[0]
    return None


def find_nominals(scene: Scene) -> None:
    """Note a mention for every common noun for somebody, in reading order."""
    scene.setting, local = find_setting(scene), find_local_settings(scene)
    _settle(scene)
    for index, token in enumerate(scene.tokens):
        if local and token.span.start >= local[0][0]:
            scene.setting, local = local[0][1], local[1:]
            scene.described.clear()
        _note_at(scene, index)


def _settle(scene: Scene) -> None:
    """Take persons with a title and no country for the article's own: "Justice Minister Jeff Radebe"."""
    for entity in list(scene.entities.values()) if scene.setting else ():
        if entity.kind == "person" and entity.country is None and SERVING & set(entity.sectors):
            scene.learn(entity.id, scene.setting, entity.sectors, None)


def _note_at(scene: Scene, index: int) -> None:
    if index in scene.looked_at:
        return
    scene.looked_at.add(index)
    if index in scene.country_hits and index not in scene.at_head:
        _note_people(scene, index)
        return
    if scene.tokens[index].tag not in NOUN_TAGS or (index in scene.covered and scene.covered[index].kind == "name"):
        return
    if scene.tokens[index].relation in ("compound", "nmod:desc") and scene.tokens[index].head > index:
        return
    found = describe(scene, index)
    if found is not None:
        note(scene, index, found, scene.setting)


def _title(scene: Scene, head: int) -> tuple[int, str, Title | None]:
    """The longest title that ends with the head, or that an "of" completes ("secretary of state")."""
    sentence = scene.sentence(head)
    completed = f" of {scene.word(head + 2).lower()}" if head + 2 < sentence.last else ""
    for follows in (scene.word(head).lower() + completed, scene.lemma(head) + completed):
        if completed and follows in scene.atlas.titles:
            return head, follows, scene.atlas.titles[follows]
    ends = scene.atlas.title_ends
    for length in range(LONGEST_TITLE, 0, -1) if scene.lemma(head) in ends or scene.word(head) in ends else ():
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
    roles = scene.atlas.roles
    if head and scene.word(head - 1) == "-" and scene.tokens[head - 1].span.end == scene.tokens[head].span.start:
        return None  # "wheel-chair"
    nouns = scene.nouns(head)
    before = [f"{scene.word(head - 1).lower()} {noun}" for noun in nouns] if head else []
    role = next((roles[each] for each in (*before, *nouns) if each in roles), None)
    if role and role.wary and head and scene.tokens[head - 1].tag in NOUN_TAGS:
        beside = next((roles[each] for each in scene.nouns(head - 1) if each in roles), None)
        return beside if beside and not beside.wary and ARMED & set(beside.sectors) else role  # "army jets"
    return role


def note(scene: Scene, head: int, found: Description, setting: str | None) -> None:
    """Note the mention of a noun phrase: 1. of the person named beside it; 2. of who holds the office;

    3. of the state or the news agency itself; 4. of somebody who is known by a country and a noun.
    """
    owner = scene.entities[found.owner] if found.owner else None
    if (
        found.role
        and found.role.group == STATE_ROLE
        and (owner is None or (owner.kind == "person" and not owner.country))
    ):
        several = _several_states(scene, head)
        if several is None:
            return  # "the country", "the two states": words that point back
        scene.use(several.id)
        first = _with_determiner(scene, head, _start(scene, head, found))
        scene.mention(first, _end(scene, head), head, "nominal", several.id)
        return
    if owner is None:
        owner = _inferred(scene, head, found, setting)
    holders: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    named = _named_beside(scene, head, found, owner)
    if named is None:
        each = _each_beside(scene, head)
        holders = each or _holders(scene, head, found, owner) or _of_each(scene, head, found)
        holders = holders or _state_itself(scene, head, found, owner)
    one = (
        named
        or (None if holders else _known_by_sector(scene, head, found, owner))
        or _named_body(scene, head, found)
        or (_again(scene, head, found) if owner is None else None)
    )
    ids = (one,) if one else holders or (_described(scene, head, found, owner).id,)
    first = _with_determiner(scene, head, _start(scene, head, found))
    last = _end(scene, head)
    for person in (named,) if named else each:
        scene.learn(person, owner.country if owner else None, _sectors(scene, head, found), None)
    for sex in ("m", "f"):
        if {scene.word(head).lower(), scene.lemma(head)} & scene.atlas.words[f"nouns_{sex}"]:
            scene.sexes.setdefault(ids[0], sex)
    for entity_id in ids:
        scene.use(entity_id)
        scene.mention(first, last, head, "nominal", entity_id, apart=len(ids) > 1)
    scene.described.setdefault(_group(found), []).append((head, ids[0]))


def _of_each(scene: Scene, head: int, found: Description) -> tuple[str, ...]:
    """Those of each side: "the foreign ministers of Kenya and Uganda", "British and EU negotiators"; not of one."""
    whose = [c for c in scene.children[head] if c in scene.owners and scene.tokens[c].relation in OWNING_RELATIONS]
    if scene.tokens[head].tag not in PLURAL_TAGS or not whose:
        return ()
    joined = [c for c in _joined_owners(scene, head, whose[:1]) if c in scene.owners]
    owners = dict.fromkeys(scene.owners[c] for c in (whose[0], *joined))
    sides = [scene.entities[owner] for owner in owners if scene.entities[owner].kind in SIDES]
    if len(sides) < SEVERAL or found.owner not in owners:
        return ()
    if found.role and found.role.kind == STATE_ROLE and not found.title:
        return tuple(side.id for side in sides)
    held = [scene.holder(found.title.office, side.id) if found.title else None for side in sides]
    pairs = zip(held, sides, strict=True)
    return tuple(holder or _described(scene, head, found, side).id for holder, side in pairs)


def _several_states(scene: Scene, head: int) -> Entity | None:
    """States together that nobody names: "Arab states", "nearly 70 countries"; not "the countries", "both nations"."""
    words, before = scene.atlas.words, [child for child in scene.children[head] if child < head]
    forms = {scene.word(child).lower() for child in before}
    where = next((scene.word(child) for child in before if scene.word(child).lower() in words["regions"]), None)
    pointing = forms & (words["dual_determiners"] | POINTING) or (where is None and forms & DEFINITE)
    if scene.tokens[head].tag not in PLURAL_TAGS or pointing:
        return None
    group = f"{where} states" if where else "states"
    return scene.add(Entity(f"nom:{content_id(scene.article.id, group)}", group, "group", None, (GOVERNMENT,)))


def _again(scene: Scene, head: int, found: Description) -> str | None:
    """The one whom the like noun has meant so far: "the official", after "an EU official"."""
    earlier = {entity_id for _, entity_id in scene.described.get(_group(found), ())}
    definite = any(scene.word(child).lower() == "the" for child in scene.children[head])
    return earlier.pop() if definite and len(earlier) == 1 else None


def _known_by_sector(scene: Scene, head: int, found: Description, owner: Entity | None) -> str | None:
    """The only person named before who is of the noun's side: "the opposition leader", "the jailed dissident"."""
    if scene.tokens[head].tag in PLURAL_TAGS or not any(scene.word(c).lower() == "the" for c in scene.children[head]):
        return None
    sides = OUT_OF_POWER & set(_sectors(scene, head, found))
    if not sides or _kind(scene, head, found) not in PERSON_KINDS:
        return None
    country = owner.country if owner else None
    people = (scene.entities[person] for person in _people_before(scene, head))
    alike = [p.id for p in people if sides & set(p.sectors) and (country is None or p.country == country)]
    return alike[0] if len(alike) == 1 else None


def _named_body(scene: Scene, head: int, found: Description) -> str | None:
    """The body last named that can be "the company", "the party", "the rebels"."""
    if found.title or found.role is None or found.owner or found.role.group not in NAMED_GROUPS:
        return None
    phrase = head - 1 if f"{scene.word(head - 1).lower()} {scene.lemma(head)}" in scene.atlas.roles else head
    modifiers = [c for c in scene.children[head] if c < phrase and scene.tokens[c].relation != "case"]
    if [scene.word(child).lower() for child in modifiers] != ["the"]:
        return None
    wanted = set(found.role.sectors)
    wanted |= {MULTINATIONAL} if BUSINESS in wanted else set()
    for mention in _mentions_before(scene, head):
        entity = scene.entities.get(mention.entity_id or "")
        if entity is None or scene.sentence_of[head] - scene.sentence_of[scene.token_at[mention.head]] > NAMED_REACH:
            continue
        if entity.kind in ("organisation", "group") and wanted & set(entity.sectors):
            return entity.id if mention.kind == "name" else None
    return None


def _group(found: Description) -> str:
    return found.title.office if found.title else found.role.group if found.role else found.noun


def _start(scene: Scene, head: int, found: Description) -> int:
    """Where the phrase begins: its modifiers before the noun, back to the nearest verb or comma."""
    before = [index for index in scene.below(head) if index < head]
    stops = [index for index in range(min(before, default=head), head) if parts_phrase(scene, index)]
    floor = max(stops, default=-1)
    return min([found.first, *(index for index in before if index > floor)])


def parts_phrase(scene: Scene, index: int) -> bool:
    """Say whether a word cannot stand between a noun and what stands before it in its phrase."""
    return scene.tokens[index].tag in NO_MODIFIER_TAGS or scene.word(index) in (",", ";", ":")


# --- whose it is, where the phrase does not say


def _inferred(scene: Scene, head: int, found: Description, setting: str | None) -> Entity | None:
    """Whose a noun is that names nobody: 1. by the place of its clause; 2. as before; 3. by the article's setting."""
    children = [scene.word(child).lower() for child in scene.children[head]]
    if any(scene.tokens[child].tag == POSSESSIVE for child in scene.children[head]) or _is_possessed(scene, head):
        return None
    if scene.atlas.words["elsewhere"] & {*children, scene.word(head - 1).lower() if head else ""}:
        return None
    if found.role and found.role.group == MEDIA_GROUP and _is_audience(scene, head):
        return None  # "told reporters in Moscow": of any country
    sectors = found.title.sectors if found.title else found.role.sectors if found.role else ()
    again = _earlier_owner(scene, head, found) if "the" in children else None
    place = fronted_place(scene, head) or (None if again else clause_place(scene, head, sectors))
    if place:
        return scene.entities[place]
    if scene.atlas.words["of_many_states"].intersection(scene.nouns(head)):
        return None
    earlier = _earlier_owner(scene, head, found)
    if earlier:
        return earlier
    many = scene.tokens[head].tag in PLURAL_TAGS and found.role is not None and found.role.kind == STATE_ROLE
    if setting is None or (many and not scene.lemma(head).endswith("s")):
        return None
    return scene.use(setting)


def _is_audience(scene: Scene, head: int) -> bool:
    """Say whether a noun is for those whom something is told."""
    token = scene.tokens[head]
    return token.relation in TOLD_RELATIONS and scene.lemma(token.head) in scene.atlas.words["telling_verbs"]


def possessed(scene: Scene, index: int) -> int | None:
    """Return the noun behind a possessive pronoun: the last of the nouns that follow it and its adjectives."""
    sentence, noun = scene.sentence(index), None
    index += 1
    while index < sentence.last and scene.tokens[index].tag.startswith(BEFORE_NOUN_TAGS):
        noun = index if scene.tokens[index].tag in NOUN_TAGS else noun
        index += 1
    return noun


def _is_possessed(scene: Scene, head: int) -> bool:
    """Whether a possessive pronoun stands before the noun and its adjectives."""
    index = head - 1
    while index >= 0 and scene.tokens[index].tag.startswith(BEFORE_NOUN_TAGS):
        index -= 1
    return index >= 0 and scene.tokens[index].tag == POSSESSIVE


def _earlier_owner(scene: Scene, head: int, found: Description) -> Entity | None:
    """Whose the like noun was before, if all before were the same one's."""
    earlier = [entity_id for _, entity_id in scene.described.get(_group(found), ())]
    countries = {scene.entities[entity_id].country for entity_id in earlier}
    country = countries.pop() if len(countries) == 1 else None
    return scene.use(country) if country in scene.atlas.entities and country else None


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
            below = [child, *scene.below(child)]
            inside = [*below, *(_joined_owners(scene, head, below) if scene.tokens[head].tag in PLURAL_TAGS else ())]
            last = max([last, child + 1, *(index + 1 for index in inside if index in scene.owners)])
    return last


def _with_determiner(scene: Scene, head: int, first: int) -> int:
    determiners = [c for c in scene.children[head] if c < first and scene.tokens[c].relation == "det"]
    return min([first, *determiners])


def _named_beside(scene: Scene, head: int, found: Description, owner: Entity | None) -> str | None:
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
    return _apposed(scene, head, found, owner)


def _each_beside(scene: Scene, head: int) -> tuple[str, ...]:
    """The persons whom the same phrase names one by one: "two more ministers, Giovanni Goria and Carlo Ripa"."""
    if scene.tokens[head].tag not in PLURAL_TAGS:
        return ()
    beside = [c for c in scene.children[head] if c > head and scene.tokens[c].relation == "appos"]
    above = (head, *beside) if beside else ()
    joined = [c for one in above for c in scene.children[one] if c > head and scene.tokens[c].relation == "conj"]
    named = dict.fromkeys(entity_id for index in (*beside, *joined) for entity_id in scene.found(index))
    people = tuple(one for one in named if scene.entities[one].kind == "person")
    return people if len(people) >= SEVERAL else ()


def _apposed(scene: Scene, head: int, found: Description, owner: Entity | None) -> str | None:
    """The person between whose name and the phrase there is but a comma, when a comma or a stop ends both.

    Where the office has another holder, or the two can belong to one list, nobody is.
    """
    if found.title is None and (found.role is None or found.role.kind not in PERSON_KINDS):
        return None
    sentence = scene.sentence(head)
    first = _with_determiner(scene, head, _start(scene, head, found))
    after = head + 1
    before = scene.covered.get(first - 2) if first - 2 >= sentence.first and scene.word(first - 1) == "," else None
    behind = scene.covered.get(after + 1) if after + 1 < sentence.last and scene.word(after) == "," else None
    if before is not None and not (after < sentence.last and scene.word(after) in PHRASE_ENDS):
        before = None
    for mention in (before, behind):
        entity = scene.entities.get(mention.entity_id or "") if mention else None
        if entity is None or entity.kind != "person" or (owner and owner.country and entity.country
                and owner.kind == "state" and owner.country != entity.country):  # fmt: skip
            continue
        holders = _holders(scene, head, found, owner)
        return entity.id if not holders or holders == (entity.id,) else None
    return None


def _holders(scene: Scene, head: int, found: Description, owner: Entity | None) -> tuple[str, ...]:
    """Who holds the office that the title names, at the article's date; of "the leaders of Serbia and Kosovo", both."""
    if found.title is None:
        return ()
    words = {scene.word(child).lower() for child in scene.children[head]} | {scene.word(found.first).lower()}
    other = words & (scene.atlas.words["other_holder"] - set(found.noun.split()))
    if scene.tokens[head].tag in PLURAL_TAGS:
        owners = _owners(scene, head)
        held = [scene.holder(found.title.office, of) for of in owners]
        known = tuple(person for person in held if person)
        return known if len(known) == len(owners) > 1 and not other else ()
    if other == FORMER_ONLY and "the" in words:
        return _who_has_been(scene, head, found.title.office, owner)
    if other and other <= scene.atlas.words["driven_out"] and owner is not None:
        last = scene.atlas.last_holder(found.title.office, owner.id, scene.date)
        return (last,) if last else ()
    if other:
        return ()
    if found.owner is None:
        return (_who_is(scene, head, found.title.office) or _known_holder(scene, head, found.title, owner)
                if "the" in words else ())  # fmt: skip
    if owner is None:
        return ()
    of = owner.country or "" if owner.kind == "person" else owner.id
    if found.title.office == LEADER and (leading := _who_leads(scene, head, of)):
        return leading
    holder = scene.holder(found.title.office, of)
    return (holder,) if holder else ()


def _owners(scene: Scene, head: int) -> list[str]:
    """The states that a plural belongs to: "the foreign ministers of Britain and Germany"."""
    below = [index for index in scene.below(head) if index > head]
    owners = dict.fromkeys(scene.owners[i] for i in (*below, *_joined_owners(scene, head, below)) if i in scene.owners)
    return [owner for owner in owners if scene.entities[owner].kind == "state"]


def _joined_owners(scene: Scene, head: int, below: list[int]) -> list[int]:
    """What "and" joins to the owner of a plural; the tree may have joined it to the noun ("leaders of X and Y")."""
    joined = [c for index in below for c in scene.children[index] if scene.tokens[c].relation == "conj"]
    beside = [c for c in scene.children[head] if c - 2 in below and _is_joined(scene, c)]
    return [*joined, *(c for c in beside if c in scene.owners and scene.tokens[c].tag in PROPER_TAGS)]


def _is_joined(scene: Scene, index: int) -> bool:
    """Whether "and" joins a word to the one before, though the tree hangs both from one ("UK and EU negotiators")."""
    return scene.tokens[index].relation == "conj" or scene.tokens[index - 1].relation == "cc"


def _mentions_before(scene: Scene, head: int) -> list[Mention]:
    """The mentions that end before a word, the nearest first."""
    here = scene.tokens[head].span.start
    return sorted((m for m in scene.mentions.values() if m.span.end <= here), key=lambda m: -m.span.start)


def _people_before(scene: Scene, head: int) -> list[str]:
    """The persons named before a word, the nearest first."""
    ids = dict.fromkeys(m.entity_id for m in _mentions_before(scene, head) if m.entity_id)
    return [i for i in ids if scene.entities[i].kind == "person"]


def _known_holder(scene: Scene, head: int, title: Title, owner: Entity | None) -> tuple[str, ...]:
    """Who holds the office in the country that the article is about, where he or she has been named before."""
    holder = scene.holder(title.office, owner.id) if owner and owner.kind == "state" else None
    return (holder,) if holder in _people_before(scene, head) else ()


def _who_is(scene: Scene, head: int, office: str) -> tuple[str, ...]:
    """The one person named before who holds that office: "the prime minister said"."""
    wanted = {office, *(LEADING_OFFICES if office == "leader" else ())}
    found = [p for p in _people_before(scene, head) if (held := scene.office(p)) and held[0] in wanted]
    if VISITING in {scene.word(child).lower() for child in scene.children[head]}:
        here = scene.sentence(head).span
        hosts = {m.entity_id for m in scene.mentions.values() if here.covers(m.span)}
        found = [person for person in found if person not in hosts][:1]
    return tuple(found) if len(found) == 1 else ()


def _who_leads(scene: Scene, head: int, country: str) -> tuple[str, ...]:
    """The one person named before who leads that country, or has led it: "the Libyan leader"."""
    leading = {LEADER, *LEADING_OFFICES, scene.atlas.leaders.get(country, LEADER)}
    career = scene.atlas.careers
    found = [p for p in _people_before(scene, head) if any(
        term.of == country and term.office in leading and (scene.date is None or term.start <= scene.date)
        for term in career.get(p, ()))]  # fmt: skip
    in_office = [p for p in found if (held := scene.office(p)) and held[1] == country]
    return (in_office[0],) if len(in_office) == 1 else tuple(found) if len(found) == 1 else ()


def _who_has_been(scene: Scene, head: int, office: str, owner: Entity | None) -> tuple[str, ...]:
    """The nearest person named before who once held that office: "the former Estonian prime minister"."""
    for person in _people_before(scene, head):
        career = scene.atlas.careers.get(person, ())
        if any(term.office == office and (owner is None or term.of == owner.id) for term in career):
            return (person,)
    return ()


def _state_itself(scene: Scene, head: int, found: Description, owner: Entity | None) -> tuple[str, ...]:
    """ "The Chinese government" is China; "the Trump administration" is the state that Trump leads;

    "the official KCNA news agency" is KCNA; "Hamas fighters" are Hamas.
    """
    if found.role is None or owner is None:
        return ()
    if owner.kind == "organisation" and found.role.group == MEDIA_GROUP and scene.tokens[head].tag not in PLURAL_TAGS:
        return (owner.id,) if scene.atlas.words["media_nouns"].intersection(scene.nouns(head)) else ()
    if owner.kind == "group" and found.role.group in MEN_IN_ARMS:
        return (owner.id,)
    if found.role.kind != STATE_ROLE or found.title:
        return ()
    whose = owner.country if owner.kind == "person" else owner.id
    return (whose,) if whose else ()


def _described(scene: Scene, head: int, found: Description, owner: Entity | None) -> Entity:
    """An entity that has no name: known by its country and its noun."""
    sectors, group = _sectors(scene, head, found), _group(found)
    kind = _kind(scene, head, found)
    if owner is not None and owner.kind == "person" and (held := scene.office(owner.id)):
        owner = scene.use(held[1]) if held[1] in scene.atlas.entities else owner  # Ban's spokesman is the UN's
    country = owner.country if owner else None
    if owner is not None and owner.kind not in ("state", "person"):
        outer = owner.id.partition(":")[2]
        sectors = tuple(dict.fromkeys((*owner.sectors, *sectors))) if owner.country is None else sectors
        name = f"{owner.name} {group}"
        return scene.add(Entity(f"nom:{outer}:{group}".replace(" ", "-"), name, kind, country, sectors))
    beside = _beside(scene, head)
    group = f"{beside.group} {group}" if beside and beside.sectors != sectors else group
    if country is None:
        return scene.add(Entity(f"nom:{content_id(scene.article.id, group)}", group, kind, None, sectors))
    state = scene.atlas.entities.get(country)
    name = NAMES_OF_ENTITIES.format(country=state.name if state else country, group=group.replace("-", " "))
    return scene.add(Entity(f"nom:{country}:{group}".replace(" ", "-"), name, kind, country, sectors))


def _sectors(scene: Scene, head: int, found: Description) -> tuple[str, ...]:
    """The sectors of the noun, and of the noun before it: an army official, a police officer, an opposition leader.

    Bare officers are of the police where the article has told of police and of no army.
    """
    own = found.title.sectors if found.title else found.role.sectors if found.role else ()
    if found.title and (body := _headed_body(scene, head)):
        return body.sectors
    beside = _beside(scene, head)
    only_theirs = found.role is not None and found.role.group == OFFICER_GROUP
    if beside is None:
        police = only_theirs and POLICE_GROUP in scene.described and MILITARY_GROUP not in scene.described
        return scene.atlas.roles[POLICE_GROUP].sectors if police else own
    return beside.sectors if only_theirs else tuple(dict.fromkeys((*beside.sectors, *own)))


def _headed_body(scene: Scene, head: int) -> Role | None:
    """The kind of body whose office it is, where that is no government: "the party's president"."""
    for child in scene.children[head]:
        relation = scene.tokens[child].relation
        if relation == "nmod:poss" or (relation == "nmod" and scene.case(child) in ("of", "at")):
            role = next((scene.atlas.roles[noun] for noun in scene.nouns(child) if noun in scene.atlas.roles), None)
            if role and role.kind == "group" and role.sectors and not GOVERNING & set(role.sectors):
                return role
    return None


def _beside(scene: Scene, head: int) -> Role | None:
    """The role of the noun right before an official or officer: "army official"."""
    if not head or not scene.tokens[head - 1].tag.startswith(("NN", "JJ")):
        return None
    qualified = scene.atlas.words["qualified_nouns"].intersection(scene.nouns(head))
    role = scene.atlas.roles.get(scene.lemma(head - 1)) if qualified else None
    return role if role and role.kind == "group" and role.sectors else None


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
    verb = scene.tokens[scene.tokens[index].head]
    at_large = scene.tokens[index].relation in SUBJECTS and verb.lemma.lower() in scene.atlas.words["people_verbs"]
    numbered = at_large or any(scene.tokens[child].relation in ("nummod", "amod") for child in scene.children[index])
    if "the" in words and not numbered and scene.tokens[index].tag in PLURAL_TAGS | PROPER_TAGS:
        scene.mention(_with_determiner(scene, index, hit.first), hit.last, index, "nominal", scene.use(code).id)
        return
    people = Entity(f"nom:{code}:people", f"people of {scene.entities[code].name}", "population", code, ("CVL",))
    scene.mention(hit.first, hit.last, index, "nominal", scene.add(people).id)
