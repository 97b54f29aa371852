"""Where an article and a clause are set: the country of a noun that names none ("riot police", "a spokesman")."""

from __future__ import annotations

import re
from collections import Counter

from communique.actors.scene import SUBJECTS, Scene
from communique.language import find_datelines
from communique.places import Gazetteer, weight

#: The first country of an article is its setting when it is in this many times as many sentences as the second.
SETTING_LEAD = 1.5
#: And in at least this many sentences; the title, or the first sentence, counts twice.
SETTING_SENTENCES = 2
LEAD_WEIGHT = 2
#: The title, the dateline and the first sentence of the text stand within the first sentences.
LEAD_SENTENCES = 3
#: How many governors are climbed from a noun to the verbs of its clause.
HIGHEST_CLIMB = 6
VERB = "VB"
#: Relations of a place to the verb or noun that it belongs to.
PLACE_RELATIONS = frozenset(["obl", "nmod"])
GOVERNMENT = "GOV"
#: Cities where bodies of many states sit and envoys meet: what happens there is seldom of the country.
SEATS = frozenset(["New York", "Geneva", "The Hague", "Hague", "Strasbourg", "Davos"])
#: How an item of a column of brief news may begin.
ITEM = re.compile(r"^([A-ZÀ-Þ][A-ZÀ-Þ' -]{2,30}):\s", re.MULTILINE)
#: Thousands of people of a city that a dateline may name without its country.
LARGE = 50


def find_setting(scene: Scene) -> str | None:
    """Return the one country that an article is evidently about: it leads, and is named at the outset.

    1. Count the sentences that name each country, or somebody of it; 2. the outset counts twice, the dateline once;
    3. the first must be well ahead of the second, and be named at the outset or in the dateline, which is enough alone.
    """
    named = {(scene.sentence_of[index], country) for index, owner in scene.owners.items()
             if (country := _country(scene, owner))}  # fmt: skip
    counts = Counter(country for _, country in named)
    dateline = _dateline(scene)
    outset = {country for sentence, country in named if sentence < LEAD_SENTENCES} | dateline
    counts.update({country: LEAD_WEIGHT - 1 for sentence, country in named if not sentence})
    counts.update(dateline if len(dateline) == 1 else ())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if not ranked or ranked[0][0] not in outset:
        return None
    if ranked[0][1] < SETTING_SENTENCES and (ranked[0][0] not in dateline or len(ranked) > 1):
        return None
    clear = len(ranked) == 1 or ranked[0][1] >= SETTING_LEAD * ranked[1][1]
    return ranked[0][0] if clear else None


def _country(scene: Scene, entity_id: str) -> str | None:
    """The country that an entity brings into an article; who serves a body of many states brings none."""
    entity = scene.entities.get(entity_id)
    if entity is None or entity.country not in scene.atlas.entities:
        return None
    office = scene.office(entity_id) if entity.kind == "person" else None
    return None if office and office[1] != entity.country else entity.country


def find_local_settings(scene: Scene) -> tuple[tuple[int, str], ...]:
    """Return from where on in the text each item of a column of brief news is set; nothing where there is no column.

    An item begins with a dateline, or with a place in capitals and a colon ("KATHMANDU: Rebels ...").
    """
    heads = [(line.start, line.of(scene.text)) for line in find_datelines(scene.text)]
    heads += [(match.start(), match[1]) for match in ITEM.finditer(scene.text)]
    found = [
        (start, countries.pop()) for start, head in sorted(heads) if len(countries := _of_dateline(scene, head)) == 1
    ]
    return tuple(found) if len({country for _, country in found}) > 1 else ()


def _dateline(scene: Scene) -> set[str]:
    """Return the countries that the datelines name, or whose city they name."""
    found: set[str] = set()
    return found.union(*(_of_dateline(scene, line.of(scene.text)) for line in find_datelines(scene.text)))


def _of_dateline(scene: Scene, line: str) -> set[str]:
    city = line.split(",")[0].strip().title()
    forms = (city, *line.replace(",", " ").split())
    readings = (reading for form in forms for reading in scene.atlas.forms.get(form, ()))
    return {one.entity_id for one in readings if one.use in ("name", "capital")} or _of_city(scene, city)


def _of_city(scene: Scene, city: str) -> set[str]:
    """Return the country of a large city, unless others have one of that name or many states meet there."""
    sites = Gazetteer.load().sites(city) if city not in SEATS else ()
    countries = {site.country for site in sites}
    large = len(countries) == 1 and any(weight(site) >= LARGE for site in sites)
    return countries & scene.atlas.entities.keys() if large else set()


def clause_place(scene: Scene, index: int, sectors: tuple[str, ...]) -> str | None:
    """Return the country where the clause of a noun says that it happens ("police beat protesters in Minsk").

    It tells nothing of officials who do it: they meet abroad.
    """
    if GOVERNMENT in sectors and scene.tokens[index].relation in SUBJECTS:
        return None
    for verb in governors(scene, index):
        for child in (*scene.children[verb], *_within_objects(scene, verb)):
            if scene.tokens[child].relation in PLACE_RELATIONS and _is_inside(scene, child):
                return scene.owners[child]
    return None


def _within_objects(scene: Scene, verb: int) -> list[int]:
    """Return what stands within the objects of a verb: "arrested 40 protesters in Tbilisi"."""
    objects = (child for child in scene.children[verb] if scene.tokens[child].relation == "obj")
    return [inner for child in objects for inner in scene.children[child]]


def fronted_place(scene: Scene, index: int) -> str | None:
    """Return the country at the head of a noun's sentence ("In Beijing, a spokeswoman refused")."""
    sentence = scene.sentence(index)
    first = sentence.first
    while first < sentence.last and not scene.word(first)[0].isalnum():
        first += 1
    if first >= index or scene.word(first).lower() not in scene.atlas.words["inside_prepositions"]:
        return None
    last = first + 1
    while last < index and last in scene.owners:
        last += 1
    owners = {scene.owners[i] for i in range(first + 1, last)}
    country = owners.pop() if len(owners) == 1 and scene.word(last) == "," else ""
    return country if country in scene.entities and scene.entities[country].kind == "state" else None


def _is_inside(scene: Scene, index: int) -> bool:
    owner = scene.owners.get(index)
    return (
        owner is not None
        and scene.entities[owner].kind == "state"
        and scene.case(index) in scene.atlas.words["inside_prepositions"]
    )


def governors(scene: Scene, index: int) -> list[int]:
    """Return the verbs above a noun, nearest first, the last being the one that is no part of another's clause."""
    found = []
    for _ in range(HIGHEST_CLIMB):
        above = scene.tokens[index].head
        if above == index:
            break
        index = above
        if scene.tokens[index].tag.startswith(VERB):
            found.append(index)
            if scene.tokens[index].relation not in ("xcomp", "conj"):
                break
    return found
