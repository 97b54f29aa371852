"""Cities that the atlas lacks: "Kharkiv" stands for Ukraine, as a place, and never as somebody who acts.

A capital may mean its government; another city is only where something happens, or what is shelled and taken. Which
city a name means, the gazetteer and the countries named near it say (``communique.places``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from communique.actors.scene import PROPER_TAGS, SUBJECTS, Scene
from communique.actors.setting import SEATS
from communique.language import find_datelines
from communique.model import Name
from communique.places import TOWN, Evidence, Gazetteer, Site, resolve, weight

PLACE, PERSON = "place", "person"
POSSESSOR = "nmod:poss"
#: The least thousands of people of what the language model calls a place, or where the article names its country; and
#: of what is taken for a city without that.
SMALLEST, MIDDLING = 15, 50
#: Where towns are called as families are: Jackson, Lincoln, Hamilton.
NAMESAKES = frozenset(["USA", "GBR", "CAN", "AUS", "NZL", "IRL", "ZAF"])


def name_cities(scene: Scene) -> None:
    """Note a mention of its state for each name of a city that nothing of the atlas covers."""
    datelines = find_datelines(scene.text)
    for name in scene.parsed.names:
        inside = scene.parsed.within(name.span)
        known = any(index in scene.covered for index in inside)
        if not inside or known or any(line.overlaps(name.span) for line in datelines):
            continue
        head = scene.head_of(inside.start, inside.stop)
        site = _city(scene, name, head)
        if site is not None and site.country in scene.atlas.entities:
            state = scene.use(site.country)
            for index in inside:
                scene.owners[index] = state.id
            scene.cities.add(scene.mention(inside.start, inside.stop, head, "name", state.id).id)


def _city(scene: Scene, name: Name, head: int) -> Site | None:
    """Return the city or division that a name means; a name that the model gives to a person only of a large one."""
    written = name.span.of(scene.text)
    if written in SEATS or (name.kind != PLACE and not _can_be_city(scene, name, head)):
        return None
    sites = Gazetteer.load().sites(written)
    site = resolve(sites, Evidence(countries=tuple(_countries(scene, head)))) if sites else None
    site = site or _only(sites)
    if site is None or site.kind == "country":
        return None
    return site if weight(site) >= (SMALLEST if name.kind == PLACE else _least(scene, site)) else None


def _least(scene: Scene, site: Site) -> int:
    """Return the thousands of people from which on a name is a city's although the model takes it for somebody's."""
    if site.country in NAMESAKES:
        return TOWN
    return SMALLEST if site.country in {entity.country for entity in scene.entities.values()} else MIDDLING


def _only(sites: Sequence[Site]) -> Site | None:
    """Return the large city of a name that one country alone has, whatever countries are named beside it."""
    alone = len({site.country for site in sites}) == 1
    return sites[0] if alone and sites[0].kind == "city" and weight(sites[0]) >= MIDDLING else None


def _can_be_city(scene: Scene, name: Name, head: int) -> bool:
    """Whether a name of one word that the model takes for somebody's stands where a city can, and is nobody's."""
    if len(scene.parsed.within(name.span)) != 1 or scene.tokens[head].relation in SUBJECTS | {POSSESSOR}:
        return False
    if head and scene.tokens[head - 1].tag in PROPER_TAGS | {"NN"}:
        return False  # "Governor Austin", "coach Lyon"
    word = scene.word(head)
    people = (other for other in scene.parsed.names if other.kind == PERSON and other.span != name.span)
    return not any(word in other.span.of(scene.text).split() for other in people)


def _countries(scene: Scene, index: int) -> Iterator[frozenset[str]]:
    """Yield the countries named in the sentence, then those of the article."""
    sentence = scene.sentence_of[index]
    everywhere = {i: entity.country for i, owner in scene.owners.items() if (entity := scene.entities.get(owner))}
    for near in (True, False):
        yield frozenset(
            country for i, country in everywhere.items() if country and (scene.sentence_of[i] == sentence or not near)
        )
