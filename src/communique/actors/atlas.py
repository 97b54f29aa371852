"""The atlas: who can act in the news, read from the tables in ``atlas/`` (their README says the format).

The atlas is read-only and shared: ``Atlas.load()`` reads the tables once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Literal, TypeVar

import ahocorasick_rs
import msgspec

from communique.actors.own import ActorRow, day
from communique.model import Entity, EntityKind
from communique.resources import read_text

Key = TypeVar("Key", bound=Hashable)
Use = Literal["name", "capital", "seat", "adjective", "people", "surname"]

CELL, ITEM, PAIR = "\t", ";", "/"
#: Marks a form that counts only when the article gives other reason to think of that entity.
WARY = "?"
#: In the column ``people``: the adjective and the adjective with "s"; or the adjective itself.
PLUS_S, SAME = "+", "="
STATE_SECTORS, RETIRED_SECTORS = ("GOV",), ("ELI",)
#: Sectors that an office of a state adds.
OFFICE_SECTORS = {"defence-minister": ("MIL",), "army-chief": ("MIL",), "military-ruler": ("MIL",)}
#: Letters that have no accent to drop but are written plain in English newspapers.
PLAIN_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "ı": "i", "ß": "ss"})
STRAIGHT, CURLY = "'", "’"


class Reading(msgspec.Struct, frozen=True):
    """What a written form may stand for, and in which use of the word."""

    entity_id: str
    use: Use
    wary: bool = False


class Term(msgspec.Struct, frozen=True):
    """A time in office, ``[start, end)``; an empty ``end`` is a term that still ran when the table was written."""

    person: str
    office: str
    of: str
    start: str
    end: str


class Role(msgspec.Struct, frozen=True):
    """A common noun for somebody who acts: "troops" are a group of sector MIL."""

    group: str
    sectors: tuple[str, ...]
    kind: str
    wary: bool = False


class Title(msgspec.Struct, frozen=True):
    """A title that goes with a dated office."""

    office: str
    sectors: tuple[str, ...]


class Lifetime(msgspec.Struct, frozen=True):
    """When a state began and ended, ``[since, until)``; empty where it is older than 1945, or still there."""

    since: str
    until: str


class Atlas(msgspec.Struct, frozen=True, dict=True):
    """A list of entities, with every form they are written in; ``Atlas.load()`` is the built-in one.

    ``own`` has the rows of actors of your own (``with_actors``) by entity, where what they are depends on the date.
    """

    entities: Mapping[str, Entity]
    forms: Mapping[str, tuple[Reading, ...]]
    terms: Mapping[tuple[str, str], tuple[Term, ...]]
    careers: Mapping[str, tuple[Term, ...]]
    leaders: Mapping[str, str]
    classes: Mapping[str, str]
    sexes: Mapping[str, str]
    roles: Mapping[str, Role]
    titles: Mapping[str, Title]
    words: Mapping[str, frozenset[str]]
    lifetimes: Mapping[str, Lifetime]
    own: Mapping[str, tuple[ActorRow, ...]] = {}

    @staticmethod
    def load() -> Atlas:
        """Return the atlas that comes with the package.

        >>> Atlas.load().entities["FRA"].name
        'France'
        """
        return _load()

    @staticmethod
    def bare() -> Atlas:
        """Return an atlas without states, bodies and persons: only nouns, titles and words, for a world of your own.

        >>> Atlas.bare().entities
        {}
        """
        whole = _load()
        return msgspec.structs.replace(
            whole, entities={}, forms={}, terms={}, careers={}, leaders={}, classes={}, sexes={}, lifetimes={}
        )

    def with_actors(self, rows: Iterable[ActorRow]) -> Atlas:
        """Return an atlas with these actors as well; what they are called no longer names anybody else.

        >>> own = Atlas.bare().with_actors([ActorRow("FRE", "Freedonia", "state", "FRE")])
        >>> own.entity_at("FRE", None).name
        'Freedonia'
        """
        rows = list(rows)
        roles = {row.name: self._role(row) for row in rows if row.kind == "role"}
        actors: dict[str, list[ActorRow]] = {}
        for row in rows:
            if row.kind != "role":
                actors.setdefault(row.id, []).append(row)
        entities = dict(self.entities)
        forms: dict[str, list[Reading]] = {}
        for actor_id, own in actors.items():
            known = entities.get(actor_id)
            if known is None or known.kind != "state" or _is_dated(own):
                entities[actor_id] = _own_entity(own[0])
            written = dict.fromkeys(form for row in own for form in (row.name, *row.forms))
            for form, wary in _marked(tuple(written)):
                for spelling in _spellings(form):
                    forms.setdefault(spelling, []).append(self._reading(actor_id, spelling, wary))
        return msgspec.structs.replace(
            self,
            entities=entities,
            forms={**self.forms, **{form: tuple(dict.fromkeys(readings)) for form, readings in forms.items()}},
            roles={**self.roles, **roles},
            own={**self.own, **{actor_id: tuple(own) for actor_id, own in actors.items() if _is_dated(own)}},
        )

    def _reading(self, entity_id: str, form: str, wary: bool) -> Reading:
        """What a form of your own says: what it said of that entity already ("French", an adjective), else a name."""
        known = (reading for reading in self.forms.get(form, ()) if reading.entity_id == entity_id)
        return next(known, Reading(entity_id, "name", wary))

    def _role(self, row: ActorRow) -> Role:
        """A role noun of your own; what it is called by, and whether it is one or many, stays as it was known."""
        known = self.roles.get(row.name)
        if known is None:
            return Role(row.name, row.sectors, "person")
        return msgspec.structs.replace(known, sectors=row.sectors or known.sectors)

    def entity_at(self, entity_id: str, date: str | None) -> Entity | None:
        """Return an entity as it is on ``date``; None where your own rows say nothing of that day.

        >>> Atlas.load().entity_at("per:barack-obama", "2012-06-01").sectors
        ('GOV',)
        """
        entity, own = self.entities[entity_id], self.own.get(entity_id)
        if own is not None:
            row = next((row for row in own if (row.since or row.until) and row.holds(date)), None)
            row = row or next((row for row in own if not row.since and not row.until), None)
            return None if row is None or row.kind == "nobody" else _own_entity(row)
        if entity.kind != "person" or entity_id not in self.careers:
            return entity
        return msgspec.structs.replace(entity, sectors=self.sectors_of(entity_id, date))

    def holder(self, office: str, of: str, date: str | None) -> str | None:
        """Return who held ``office`` of a state or an organisation on ``date`` (None: the latest known).

        >>> Atlas.load().holder("president", "USA", "2012-06-01")
        'per:barack-obama'
        """
        terms = self._terms(office, of)
        if date is None:
            return max(terms, key=lambda term: term.start).person if terms else None
        holders = [term.person for term in terms if term.start <= date and (not term.end or date < term.end)]
        return holders[0] if len(holders) == 1 else None

    def holder_within(self, office: str, of: str, start: str, end: str) -> str | None:
        """Return the one person who held ``office`` between two days; None where several did.

        >>> Atlas.load().holder_within("president", "USA", "2012-06-01", "2014-06-01")
        'per:barack-obama'
        """
        held = {
            term.person for term in self._terms(office, of) if term.start < end and (not term.end or term.end > start)
        }
        return held.pop() if len(held) == 1 else None

    def _terms(self, office: str, of: str) -> tuple[Term, ...]:
        wanted = self.leaders.get(of, office) if office == "leader" else office
        if office == "head-of-state":
            wanted = next((each for each in ("monarch", "president") if (each, of) in self.terms), office)
        return self.terms.get((wanted, of), ())

    def last_holder(self, office: str, of: str, date: str | None) -> str | None:
        """Return who held the office last before ``date``: "the ousted prime minister".

        >>> Atlas.load().last_holder("president", "USA", "2012-06-01")
        'per:george-w-bush'
        """
        terms = self.terms.get((self.leaders.get(of, office) if office == "leader" else office, of), ())
        over = [term for term in terms if term.end and (date is None or term.end <= date)]
        return max(over, key=lambda term: term.end).person if over else None

    def office_of(self, person: str, date: str | None) -> Term | None:
        """Return the office that ``person`` held on ``date`` (None: the latest known)."""
        career = self.careers.get(person, ())
        if date is None:
            return max(career, key=lambda term: term.start, default=None)
        held = [term for term in career if term.start <= date and (not term.end or date < term.end)]
        return held[0] if held else None

    def sectors_of(self, person: str, date: str | None) -> tuple[str, ...]:
        """Return the PLOVER sectors of a person on ``date``: those of the office held; ELI after the last.

        The head of a body is of that body's sectors, a defence minister of the government and the military.

        >>> [Atlas.load().sectors_of("per:barack-obama", date) for date in ("2012-06-01", "2023-06-01")]
        [('GOV',), ('ELI',)]
        """
        career, held = self.careers.get(person, ()), self.office_of(person, date)
        if held is None:
            own = self.entities[person].sectors
            begun = date is not None and any(term.start <= date for term in career)
            return own or (RETIRED_SECTORS if begun else ())
        body = self.entities[held.of]
        if body.kind != "state":
            return body.sectors
        return (*STATE_SECTORS, *OFFICE_SECTORS.get(held.office, ()))

    @cached_property
    def title_ends(self) -> frozenset[str]:
        """The last words of the titles."""
        return frozenset(title.rpartition(" ")[2] for title in self.titles)

    @cached_property
    def finder(self) -> tuple[ahocorasick_rs.AhoCorasick, tuple[str, ...]]:
        """The automaton over all forms, and the forms in the order of its indexes."""
        forms = tuple(sorted(self.forms))
        return ahocorasick_rs.AhoCorasick(forms), forms


@cache
def _load() -> Atlas:
    states, seats = _table("states"), _table("seats")
    organisations, people = _table("organisations"), _table("people")
    entities = {entity.id: entity for entity in _entities(states, organisations, people)}
    terms = tuple(_terms(people))
    forms: dict[str, list[Reading]] = {}
    for form, reading in _forms(states, seats, organisations, people):
        for variant in _spellings(form):
            known = forms.setdefault(variant, [])
            if all(reading.entity_id != other.entity_id or reading.use != other.use for other in known):
                known.append(reading)
    return Atlas(
        entities=entities,
        forms={form: tuple(readings) for form, readings in forms.items()},
        terms=_grouped(terms, lambda term: (term.office, term.of)),
        careers=_grouped(terms, lambda term: term.person),
        leaders={row["code"]: row["leader"] for row in states if row["leader"]},
        classes={row["id"]: row["class"] for row in organisations},
        sexes={f"per:{row['id']}": row["sex"] for row in people if row["sex"]},
        roles={row["noun"].removeprefix(WARY): _role(row) for row in _table("roles")},
        titles={row["title"]: Title(row["office"], _items(row["sectors"])) for row in _table("titles")},
        words={row["set"]: frozenset(_items(row["words"])) for row in _table("words")},
        lifetimes={row["code"]: Lifetime(row["since"], row["until"]) for row in states if row["since"] or row["until"]},
    )  # fmt: skip


def _grouped(terms: Iterable[Term], key: Callable[[Term], Key]) -> dict[Key, tuple[Term, ...]]:
    groups: dict[Key, list[Term]] = {}
    for term in terms:
        groups.setdefault(key(term), []).append(term)
    return {name: tuple(members) for name, members in groups.items()}


def _role(row: dict[str, str]) -> Role:
    return Role(row["group"], _items(row["sectors"]), row["kind"], row["noun"].startswith(WARY))


def _table(name: str) -> list[dict[str, str]]:
    text = read_text(f"actors/atlas/{name}.tsv")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    columns = lines[0].split(CELL)
    return [dict(zip(columns, line.split(CELL), strict=True)) for line in lines[1:]]


def _items(cell: str) -> tuple[str, ...]:
    return tuple(item for item in (part.strip() for part in cell.split(ITEM)) if item)


def _entities(
    states: list[dict[str, str]], organisations: list[dict[str, str]], people: list[dict[str, str]]
) -> Iterator[Entity]:
    for row in states:
        yield Entity(row["code"], row["name"], "state", row["code"], STATE_SECTORS)
    kinds: dict[str, EntityKind] = {"organisation": "organisation", "group": "group"}
    for row in organisations:
        yield Entity(row["id"], row["name"], kinds[row["kind"]], row["country"] or None, _items(row["sectors"]))
    for row in people:
        yield Entity(f"per:{row['id']}", row["name"], "person", row["country"] or None, _items(row["sectors"]))


def _terms(people: list[dict[str, str]]) -> Iterator[Term]:
    for row in people:
        for item in _items(row["offices"]):
            office, dates = item.split()
            office, _, of = office.partition("@")
            start, _, end = dates.partition("..")
            yield Term(f"per:{row['id']}", office, of or row["country"], day(start), day(end) if end else "")


def _own_entity(row: ActorRow) -> Entity:
    kind: EntityKind = "organisation" if row.kind == "role" or row.kind == "nobody" else row.kind
    return Entity(row.id, row.name, kind, row.country, row.sectors)


def _is_dated(own: Sequence[ActorRow]) -> bool:
    return any(row.since or row.until or row.kind == "nobody" for row in own)


def _forms(
    states: list[dict[str, str]],
    seats: list[dict[str, str]],
    organisations: list[dict[str, str]],
    people: list[dict[str, str]],
) -> Iterator[tuple[str, Reading]]:
    for row in states:
        yield from _state_forms(row)
    for row in seats:
        yield row["name"], Reading(row["country"], "seat")
    for row in organisations:
        for form, wary in _marked((row["name"], *_items(row["variants"]))):
            yield form, Reading(row["id"], "name", wary)
    for row in people:
        for form, wary in _marked((row["name"], *_items(row["aliases"]))):
            bare = form != row["name"] and (" " not in form or form.islower() or form[0].islower())
            full = not bare or form.isupper()
            yield form, Reading(f"per:{row['id']}", "name" if full else "surname", wary)


def _state_forms(row: dict[str, str]) -> Iterator[tuple[str, Reading]]:
    code, adjectives = row["code"], _items(row["adjectives"])
    names = (row["name"], *([row["official"]] if row["official"] else []), *_items(row["variants"]))
    for form, wary in _marked(names):
        yield form, Reading(code, "name", wary)
    for form, wary in _marked(adjectives):
        yield form, Reading(code, "adjective", wary)
    for form, wary in _marked(_items(row["capitals"])):
        yield form, Reading(code, "capital", wary)
    for item in _items(row["people"]):
        if item == PLUS_S:
            for form, wary in _marked(adjectives):
                yield form + "s", Reading(code, "people", wary)
        elif item != SAME:
            for form in item.split(PAIR):
                yield form, Reading(code, "people")


def _marked(forms: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    for form in forms:
        yield form.removeprefix(WARY), form.startswith(WARY)


def _spellings(form: str) -> Iterator[str]:
    """A form, the same without accents, and both with the other apostrophe."""
    letters = unicodedata.normalize("NFD", form.translate(PLAIN_LETTERS))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    for spelling in dict.fromkeys((form, plain)):
        yield spelling
        if STRAIGHT in spelling:
            yield spelling.replace(STRAIGHT, CURLY)
