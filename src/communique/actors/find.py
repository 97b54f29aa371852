"""Find who is in an article: ``find_cast``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from communique.actors.atlas import RETIRED_SECTORS, Atlas, Reading
from communique.actors.cast import Cast
from communique.actors.cities import name_cities
from communique.actors.following import follow
from communique.actors.naming import Hit, find_names
from communique.actors.nominals import LONGEST_TITLE, describe, find_nominals
from communique.actors.phrases import stands_as_place
from communique.actors.scene import NOUN_TAGS, PLURAL_TAGS, PROPER_TAGS, SUBJECTS, Scene
from communique.language import find_datelines
from communique.model import Entity, Mention, Name, Parsed, Span, content_id

#: States whose people write the family name first.
FAMILY_NAME_FIRST = frozenset(["CHN", "PRK", "KOR", "VNM", "TWN", "HKG", "KHM"])
NAME_CLASSES = ("person", "organisation")
#: Relations of a word to the noun that it describes, and of an adjective that stands for people.
MODIFYING = frozenset(["amod", "compound", "nmod:poss", "nmod:desc"])
AS_NOUN = SUBJECTS | {"obj", "nmod", "obl"}
#: The words of the usual name of a person.
GIVEN_AND_FAMILY = 2
#: A family name is at least this long: initials and particles are not names to search for.
SHORTEST_SURNAME = 2
FLAT = "flat"
SHORTEST_ACRONYM, SHORTEST_NAME = 3, 2
HALVES = frozenset(["North", "South", "East", "West"])


def find_cast(parsed: Parsed, atlas: Atlas) -> Cast:
    """Find the entities of an article and every mention of them.

    1. Names of the atlas, and of cities; 2. names that only the model sees, and short forms of names in the
    article ("the North", "the RSF"); 3. family names alone; 4. titles before names;
    5. nouns for somebody ("Iranian banks", "the Chinese leader"); 6. words that point back ("his Russian
    counterpart", "the latter", "both nations", "he"); 7. which mentions are places where they stand.
    """
    scene = Scene(parsed, atlas)
    hits = find_names(parsed, atlas)
    _name(scene, hits)
    _name_halves(scene)
    name_cities(scene)
    _name_unknown(scene, hits)
    _name_acronyms(scene)
    _name_by_surname(scene)
    _take_in_titles(scene)
    find_nominals(scene)
    follow(scene)
    return _cast(scene)


def _cast(scene: Scene) -> Cast:
    mentions = sorted(scene.mentions.values(), key=lambda m: (m.span.start, -m.span.end))
    used = {mention.entity_id for mention in mentions}
    entities = tuple(sorted((e for e in scene.entities.values() if e.id in used), key=lambda entity: entity.id))
    starts = {token.span.start: index for index, token in enumerate(scene.tokens)}
    places = frozenset(
        mention.id for mention in mentions
        if mention.entity_id
        and (mention.kind == "name" or mention.head.of(scene.text).lower() in scene.atlas.words["settlements"])
        and (mention.id in scene.cities or stands_as_place(
            scene.parsed, starts[mention.head.start], scene.entities[mention.entity_id], scene.atlas))
    )  # fmt: skip
    return Cast(entities, tuple(mentions), places)


# --- 1. names of the atlas


def _name(scene: Scene, hits: Sequence[Hit]) -> None:
    certain = _certain(scene, hits)
    scene.named_states.update(code for hit in hits if (code := _state_named(scene, hit)))
    for hit in hits:
        reading = _choose(scene, hit, certain)
        if reading is None or _swallowed(scene, hit):
            continue
        entity = scene.use(reading.entity_id)
        head = scene.head_of(hit.first, hit.last)
        for index in range(hit.first, hit.last):
            scene.owners[index] = entity.id
        if reading.use == "people":
            scene.country_hits[head] = (entity.id, hit, reading)
            continue
        scene.mention(hit.first, hit.last, head, "name", entity.id)
        scene.country_hits[head] = (entity.id, hit, reading)


def _certain(scene: Scene, hits: Sequence[Hit]) -> frozenset[str]:
    """The entities, and the countries of entities, that forms without a warning name."""
    found: set[str] = set()
    for hit in hits:
        readings = [r for r in scene.readings(hit.form) if not r.wary and r.use != "surname"]
        if len(readings) == 1:
            entity = scene.atlas.entities[readings[0].entity_id]
            found.update(filter(None, (entity.id, entity.country)))
    return frozenset(found)


def _state_named(scene: Scene, hit: Hit) -> str | None:
    """The state that a form names, or whose adjective or capital it is."""
    readings = [reading for reading in scene.readings(hit.form) if not reading.wary]
    entity = scene.atlas.entities[readings[0].entity_id] if len(readings) == 1 else None
    return entity.country if entity is not None else None


def _choose(scene: Scene, hit: Hit, certain: frozenset[str]) -> Reading | None:
    """Of the readings of a form, the one that the article allows, if there is just one."""
    readings = scene.readings(hit.form)
    full = [r for r in readings if r.use != "surname" and (not r.wary or r.entity_id in certain
            or scene.atlas.entities[r.entity_id].country in certain)]  # fmt: skip
    full = [r for r in full if not (r.wary and _is_of_any_country(scene, hit, r))]
    if full and _is_family_name_here(scene, hit, full):
        return None
    if full:
        people = [reading for reading in full if reading.use == "people"]
        if people and _stands_alone(scene, hit.last - 1):
            return _only(people)
        return (
            _only(full)
            or _only([reading for reading in full if reading.entity_id in certain])
            or _only([reading for reading in full if scene.atlas.office_of(reading.entity_id, scene.date)])
            or _only([reading for reading in full if scene.date and _has_begun(scene, reading.entity_id)])
        )
    if scene.tokens[hit.last - 1].tag not in PROPER_TAGS or _is_part_of_a_name(scene, hit):
        return None
    surnames = [reading for reading in readings if reading.use == "surname"]
    return _titled(scene, hit, surnames) or _dated(scene, surnames, certain)


def _is_of_any_country(scene: Scene, hit: Hit, reading: Reading) -> bool:
    """Whether a bare word for a body ("Congress") is that of another country, the one that the article names most."""
    if hit.form.lower() not in scene.atlas.roles:
        return False
    country = scene.atlas.entities[reading.entity_id].country
    most = max(scene.named_states.values(), default=0)
    return scene.named_states[country or ""] < most


def _stands_alone(scene: Scene, index: int) -> bool:
    """Whether a word for the people of a state stands as a noun: "the Swiss", "thousands of Lebanese"."""
    token = scene.tokens[index]
    if token.tag in PLURAL_TAGS:
        return token.relation not in MODIFYING
    definite = any(scene.word(child).lower() == "the" for child in scene.children[index])
    return token.relation in AS_NOUN and (token.tag == "JJ" or (definite and token.tag in ("NN", "NNP")))


def _is_family_name_here(scene: Scene, hit: Hit, readings: Sequence[Reading]) -> bool:
    """Whether a state's name of one word is a person's who was named in full before ("Michael Jordan ... Jordan")."""
    if hit.last - hit.first > 1 or any(r.use != "name" or r.entity_id not in scene.atlas.leaders for r in readings):
        return False
    named = [name for name in scene.parsed.names if name.kind == "person" and name.span.end < hit.span.start]
    return any(scene.text[name.span.start : name.span.end].endswith(f" {hit.form}") for name in named)


def _only(readings: Sequence[Reading]) -> Reading | None:
    return readings[0] if len({reading.entity_id for reading in readings}) == 1 else None


def _titled(scene: Scene, hit: Hit, readings: list[Reading]) -> Reading | None:
    """A bare family name after a title: who of that name holds the office ("President Bush" in 1991 and in 2003)."""
    office = _office_within(scene, max(scene.sentence(hit.first).first, hit.first - LONGEST_TITLE), hit.first)
    if office is None:
        return None
    terms = ((reading, scene.atlas.office_of(reading.entity_id, scene.date)) for reading in readings)
    return _only([reading for reading, term in terms if term and term.office == office])


def _dated(scene: Scene, readings: list[Reading], certain: frozenset[str]) -> Reading | None:
    """A bare family name: whom the article names in full, else who is in office, else the only one who has been."""
    named = [r for r in readings if r.entity_id in certain]
    if named:
        return named[0] if len(named) == 1 else None
    in_office = [r for r in readings if scene.atlas.office_of(r.entity_id, scene.date)]
    if scene.date is None:
        in_office = [r for r in readings if all(not term.end for term in scene.atlas.careers.get(r.entity_id, ())[-1:])]
    in_office = [r for r in in_office if not r.wary or scene.atlas.entities[r.entity_id].country in certain]
    if len(in_office) == 1:
        return in_office[0]
    known = [r for r in readings if not r.wary and _has_begun(scene, r.entity_id)]
    return known[0] if not in_office and len(known) == 1 else None


def _has_begun(scene: Scene, person: str) -> bool:
    career = scene.atlas.careers.get(person, ())
    return not career or scene.date is None or min(term.start for term in career) <= scene.date


def _is_part_of_a_name(scene: Scene, hit: Hit) -> bool:
    """Whether a bare family name has other proper words of a person's name beside it ("Andrew Bush", "Bush Smith")."""
    names = [name for name in scene.parsed.names if name.kind == "person" and name.span.covers(hit.span)]
    return any(_stripped(scene, name) != hit.span for name in names)


def _swallowed(scene: Scene, hit: Hit) -> bool:
    """Whether a name of the atlas is only a part of somebody else's longer name ("Paris Hilton")."""
    readings = scene.readings(hit.form)
    if any(scene.atlas.entities[r.entity_id].kind == "person" and r.use == "name" for r in readings):
        return False
    if hit.last < len(scene.tokens) and _begins_a_name(scene, hit):
        return True
    for name in scene.parsed.names:
        if name.kind == "person" and name.span.covers(hit.span):
            stripped = _stripped(scene, name)
            if stripped.covers(hit.span) and stripped != hit.span:
                return not any(r.use == "surname" for r in readings)
    return False


def _begins_a_name(scene: Scene, hit: Hit) -> bool:
    """Whether a state's name of one word is a given name: the parser has joined a family name to it ("Chad Wolf")."""
    follows = scene.tokens[hit.last]
    return (
        hit.last - hit.first == 1
        and follows.relation == FLAT
        and follows.head == hit.first
        and follows.tag in PROPER_TAGS
        and all(reading.use == "name" for reading in scene.readings(hit.form))
    )


# --- 2. names that only the model sees


def _token_range(scene: Scene, span: Span) -> tuple[int, int] | None:
    inside = scene.parsed.within(span)
    return (inside.start, inside.stop) if inside else None


def _stripped(scene: Scene, name: Name) -> Span:
    """A person's name without the titles and countries before it and the clitic after it."""
    tokens = _token_range(scene, name.span)
    if tokens is None:
        return name.span
    first, last = tokens
    while first < last - 1 and (_is_title_word(scene, first) or _is_country_before(scene, first, last)):
        first += 1
    while last > first + 1 and scene.tokens[last - 1].tag == "POS":
        last -= 1
    return scene.span(first, last)


def _is_country_before(scene: Scene, index: int, last: int) -> bool:
    """Whether a state is named before a person's name, and is no part of it: "Chad Wolf" is nobody of Chad."""
    return _is_country_word(scene, index) and not (
        last - index == GIVEN_AND_FAMILY and scene.word(index) in scene.states
    )


def _is_country_word(scene: Scene, index: int) -> bool:
    return any(r.use in ("adjective", "name") and r.entity_id in scene.atlas.leaders
               for r in scene.readings(scene.word(index)))  # fmt: skip


def _is_title_word(scene: Scene, index: int) -> bool:
    word, lemma = scene.word(index).lower(), scene.lemma(index)
    known = scene.atlas.words["honorifics"] | scene.atlas.words["title_fillers"]
    return word in known or any(x in scene.atlas.titles or x in scene.atlas.roles for x in (word, lemma))


def _name_unknown(scene: Scene, hits: Sequence[Hit]) -> None:
    datelines = find_datelines(scene.text)
    for name in scene.parsed.names:
        if name.kind not in NAME_CLASSES or any(line.overlaps(name.span) for line in datelines):
            continue
        span = _stripped(scene, name) if name.kind == "person" else name.span
        tokens = _token_range(scene, span)
        if tokens is None or not any(scene.tokens[i].tag in PROPER_TAGS for i in range(*tokens)):
            continue
        first, last = _trim(scene, *tokens)
        if scene.tokens[last - 1].span.end - scene.tokens[first].span.start < SHORTEST_NAME:
            continue  # the F of an F-16
        inside = {mention.id: mention for i in range(first, last) if (mention := scene.covered.get(i))}
        if any(_keeps(scene, mention, scene.span(first, last)) for mention in inside.values()):
            continue
        if name.kind == "organisation" and _is_described(scene, first, last):
            continue
        if (hit := scene.country_hits.get(last - 1)) and hit[2] and hit[2].use == "people":
            continue  # "Freed Kuwaitis"
        country = _country_within(scene, first, last)
        for mention in inside.values():
            scene.drop(mention)
        _add_unknown(scene, name, first, last, country)


def _is_described(scene: Scene, first: int, last: int) -> bool:
    """Whether the name is only a country and a common noun ("Chinese Foreign Ministry"): described, not named."""
    head = scene.head_of(first, last)
    return scene.lemma(head) in scene.atlas.roles and describe(scene, head) is not None


def _trim(scene: Scene, first: int, last: int) -> tuple[int, int]:
    while first < last - 1 and scene.tokens[first].tag in ("DT", "PRP$", "POS", "IN"):
        first += 1
    while last > first + 1 and scene.tokens[last - 1].tag in ("POS", ",", ".", "''", "``"):
        last -= 1
    return first, last


def _keeps(scene: Scene, mention: Mention, span: Span) -> bool:
    """A known mention stays against a name of the model when it is no smaller, or is a person or an organisation."""
    entity = scene.entities[mention.entity_id] if mention.entity_id else None
    return mention.span.covers(span) or (entity is not None and entity.kind != "state")


def _country_within(scene: Scene, first: int, last: int) -> str | None:
    countries = {scene.entities[owner].country for i in range(first, last) if (owner := scene.owners.get(i))}
    return countries.pop() if len(countries) == 1 else None


def _add_unknown(scene: Scene, name: Name, first: int, last: int, country: str | None) -> None:
    written = " ".join(scene.span(first, last).of(scene.text).split())
    if name.kind == "person":
        known = _known_person(scene, written)
        entity = known or scene.add(Entity(f"per:{content_id(written)}", written, "person", None, ()))
    else:
        head = scene.head_of(first, last)
        role = scene.atlas.roles.get(scene.lemma(head)) or scene.atlas.roles.get(scene.word(head).lower())
        sectors = role.sectors if role else ()
        entity = scene.add(Entity(f"org:{content_id(written, country)}", written, "organisation", country, sectors))
    for index in range(first, last):
        scene.owners[index] = entity.id
    scene.mention(first, last, scene.head_of(first, last), "name", entity.id)


def _known_person(scene: Scene, written: str) -> Entity | None:
    """A person of the article already named who has this name as part of the full one."""
    parts = written.split()
    people = [entity for entity in scene.entities.values() if entity.kind == "person"]
    same = [entity for entity in people if entity.name == written]
    partly = [entity for entity in people if len(parts) == 1 and written in _surnames(entity)]
    found = same or partly
    return found[0] if len(found) == 1 else None


# --- short forms of names in the article


def _name_halves(scene: Scene) -> None:
    """ "The North" is the one state named in the article whose name begins so: North Korea."""
    states = [entity for entity in scene.entities.values() if entity.kind == "state"]
    for index, token in enumerate(scene.tokens):
        word = scene.word(index)
        if word not in HALVES or index in scene.owners or token.tag not in PROPER_TAGS | {"JJ", "NN"}:
            continue
        after = index + 1 < scene.sentence(index).last and scene.tokens[index + 1].tag in PROPER_TAGS
        whole = [entity for entity in states if entity.name.startswith(f"{word} ")]
        if len(whole) == 1 and not after and index and scene.word(index - 1).lower() == "the":
            scene.owners[index] = whole[0].id
            scene.mention(index, index + 1, index, "name", whole[0].id)


def _name_acronyms(scene: Scene) -> None:
    """An acronym is the body that the article has named in full before, not another of the same letters."""
    bodies = [m for m in scene.mentions.values() if m.entity_id and m.kind == "name"
              and scene.entities[m.entity_id].kind in ("organisation", "group")]  # fmt: skip
    in_full = {(m.entity_id, m.span.start): _initials(m.span.of(scene.text)) for m in bodies}
    spelt_out = {entity_id for (entity_id, _), initials in in_full.items() if initials}
    for index, token in enumerate(scene.tokens):
        word = scene.word(index).replace(".", "")
        known = scene.covered.get(index)
        if len(word) < SHORTEST_ACRONYM or not word.isupper() or token.tag not in NOUN_TAGS:
            continue
        if known is not None and (known.span != token.span or known.entity_id in spelt_out):
            continue
        named = {i for (i, start), initials in in_full.items() if word in initials and start < token.span.start}
        if len(named) == 1 and (entity_id := named.pop()):
            if known is not None:
                scene.drop(known)
            scene.owners[index] = entity_id
            scene.mention(index, index + 1, index, "name", entity_id)


def _initials(name: str) -> tuple[str, ...]:
    """The acronyms that a name may have: of all its words, and of those in capitals."""
    words = name.replace("-", " ").split()
    capitals = [word[0] for word in words if word[0].isupper()]
    return tuple({"".join(capitals), "".join(word[0].upper() for word in words)}) if len(capitals) > 1 else ()


# --- 3. family names alone


def _name_by_surname(scene: Scene) -> None:
    """A family name after the full name is the same person; one that two persons share names nobody."""
    first_seen: dict[str, int] = {}
    for mention in scene.mentions.values():
        if mention.entity_id and scene.entities[mention.entity_id].kind == "person":
            earlier = first_seen.get(mention.entity_id, mention.span.start)
            first_seen[mention.entity_id] = min(mention.span.start, earlier)
    surnames: dict[str, list[str]] = {}
    for entity_id in first_seen:
        for surname in _surnames(scene.entities[entity_id]):
            surnames.setdefault(surname, []).append(entity_id)
    for index, token in enumerate(scene.tokens):
        people = surnames.get(scene.word(index), ())
        if len(people) != 1 or index in scene.covered or token.tag not in PROPER_TAGS:
            continue
        if token.span.start < first_seen[people[0]]:
            continue
        scene.owners[index] = people[0]
        scene.mention(index, index + 1, index, "name", people[0])


def _surnames(entity: Entity) -> tuple[str, ...]:
    parts = entity.name.split()
    if len(parts) < len(("given", "family")):
        return ()
    surname = parts[0] if entity.country in FAMILY_NAME_FIRST else parts[-1]
    return (surname,) if len(surname) >= SHORTEST_SURNAME else ()


# --- 4. titles before names


def _take_in_titles(scene: Scene) -> None:
    """ "Chinese President Xi Jinping" is one mention, of Xi; the title tells of a person the atlas lacks."""
    for mention in list(scene.mentions.values()):
        if mention.id not in scene.mentions or not mention.entity_id:
            continue
        if scene.entities[mention.entity_id].kind != "person":
            continue
        tokens = _token_range(scene, mention.span)
        assert tokens is not None
        first, last = tokens
        start = _title_start(scene, first)
        if start == first:
            continue
        country, sectors = _country_within(scene, start, first), _sectors_within(scene, start, first)
        for index in range(start, first):
            if (inner := scene.covered.get(index)) and inner.id in scene.mentions:
                scene.drop(inner)
        scene.drop(mention)
        before = set(_words_of(scene, start, first).replace("-", " ").split())
        former = scene.atlas.words["formerly"] & before
        office = None if former else _office_within(scene, start, first)
        scene.learn(mention.entity_id, country, RETIRED_SECTORS if former else sectors, office)
        if office is not None and not before & scene.atlas.words["other_holder"]:
            scene.serves(mention.entity_id, office)
        head = next((i for i in range(first, last) if scene.tokens[i].span == mention.head), last - 1)
        scene.mention(start, last, head, "name", mention.entity_id)


def _title_start(scene: Scene, first: int) -> int:
    """Where the titles before a name begin; ``first`` itself when there is none."""
    sentence, start, best = scene.sentence(first), first, first
    while start > sentence.first:
        start -= 1
        known = scene.covered.get(start)
        entity = scene.entities.get(known.entity_id or "") if known else None
        if entity is not None and entity.kind == "person":
            break
        if entity is not None or _is_title_word(scene, start):
            is_noun = entity is None and scene.tokens[start].tag in NOUN_TAGS
            if is_noun or best < first or scene.word(start).lower() in scene.atlas.words["honorifics"]:
                best = start
        elif _completes_title(scene, start):
            start, best = start - 1, start - 1
        elif (
            (scene.tokens[start].tag == "POS" and start - 1 in scene.covered)
            or scene.tokens[start].tag == "HYPH"
            or scene.word(start) == "-"
        ):
            continue
        else:
            break
    return best


def _completes_title(scene: Scene, index: int) -> bool:
    """Whether a word is the "of" of a title ("Secretary of State")."""
    if scene.word(index) != "of" or index == scene.sentence(index).first:
        return False
    return f"{scene.word(index - 1)} of {scene.word(index + 1)}".lower() in scene.atlas.titles


def _words_of(scene: Scene, first: int, last: int) -> str:
    return " ".join(scene.word(i).lower() for i in range(first, last))


def _sectors_within(scene: Scene, first: int, last: int) -> tuple[str, ...]:
    found: Counter[str] = Counter()
    for index in range(first, last):
        role = scene.atlas.roles.get(scene.lemma(index))
        title = scene.atlas.titles.get(scene.lemma(index))
        found.update(role.sectors if role else title.sectors if title else ())
    owners = [scene.entities[i] for i in dict.fromkeys(scene.owners.get(i) for i in range(first, last)) if i]
    for entity in owners:
        if entity.kind not in ("state", "person"):
            found.update(entity.sectors)
    return tuple(sorted(found))


def _office_within(scene: Scene, first: int, last: int) -> str | None:
    for start in range(first, last):
        title = scene.atlas.titles.get(_words_of(scene, start, last))
        if title:
            return title.office
    return None
