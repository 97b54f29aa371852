"""What kind of party somebody is: political, of the press, nameless, or nobody in particular."""

from __future__ import annotations

import re
from collections.abc import Iterable

from communique import codebook
from communique.model import ID_LENGTH, Entity

#: Sectors that make a nameless party without a country a political one.
POLITICAL_SECTORS = frozenset("GOV MIL JUD LEG COP SPY PTY OPP REB UAF LAB PRM REF IGO UNO EUR NGO ISM IMG".split())
#: Those whose words alone are an event.
SPEAKING_SECTORS = frozenset("GOV MIL JUD LEG PTY OPP REB UAF IGO UNO EUR LAB".split())
#: Sectors of organisations whose doings are business or news, unless a political party is on the other side.
PRIVATE_SECTORS = frozenset("AGR BUS EDU JRN MED MNC".split())
#: Bodies whose warnings are advice.
NEUTRAL_SECTORS = frozenset("UNO NGO MED IGO".split())
PRESS = "JRN"
#: Sectors that are a state's own.
OFFICIAL_SECTORS = frozenset("GOV MIL COP SPY".split())
#: Sectors that tell nothing about a party whose country is unknown.
UNIDENTIFIED = "UNK"
VAGUE_SECTORS = frozenset(["CVL", UNIDENTIFIED])
NAMELESS_PREFIX = "nom:"
#: The id of somebody whom the atlas does not have.
UNKNOWN_ID = re.compile(rf"(?!own:)[a-z]+:[0-9a-f]{{{ID_LENGTH}}}")
#: Kinds of those whom teams are called after.
TEAM_KINDS = frozenset(["state", "population"])
VERBAL = "verbal"


def is_verbal(event: str) -> bool:
    """Say whether a type of event is an act of speech.

    >>> is_verbal("REQUEST"), is_verbal("ASSAULT")
    (True, False)
    """
    return codebook.quad(event).startswith(VERBAL)


class Parties:
    """Questions about the entities of one article, by id."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._entities = {entity.id: entity for entity in entities}

    def country(self, party: str) -> str | None:
        """Return the country, None where it is unknown."""
        entity = self._entities.get(party)
        return None if entity is None else entity.country

    def countries(self, parties: Iterable[str]) -> frozenset[str]:
        """Return the countries that are known."""
        return frozenset(found for party in parties if (found := self.country(party)) is not None)

    def is_team(self, party: str) -> bool:
        """Say whether a team could be called so: a state or a people."""
        return self._entities[party].kind in TEAM_KINDS

    def is_press(self, party: str) -> bool:
        """Say whether somebody is of the press."""
        return PRESS in self._sectors(party)

    def is_neutral(self, party: str) -> bool:
        """Say whether somebody is a body that advises and threatens nobody."""
        return not NEUTRAL_SECTORS.isdisjoint(self._sectors(party))

    def are_one_side(self, ones: Iterable[str], others: Iterable[str]) -> bool:
        """Say whether all are of one state and serve it: "its troops" are no party to what their state does."""
        both = [*ones, *others]
        return len({self.country(party) for party in both}) == 1 and all(self._is_official(party) for party in both)

    def _is_official(self, party: str) -> bool:
        entity = self._entities.get(party)
        return entity is not None and (entity.kind == "state" or not OFFICIAL_SECTORS.isdisjoint(entity.sectors))

    def is_vague(self, party: str) -> bool:
        """Say whether somebody is merely "people", without a country."""
        entity = self._entities.get(party)
        if entity is None or entity.country is not None or not party.startswith(NAMELESS_PREFIX):
            return False
        return set(entity.sectors) <= VAGUE_SECTORS

    def is_nobody(self, party: str) -> bool:
        """Say whether somebody is no more than "somebody"."""
        return party.startswith(NAMELESS_PREFIX) and set(self._sectors(party)) == {UNIDENTIFIED}

    def is_identified(self, party: str) -> bool:
        """Say whether somebody has a name or a country: "the troops" of nobody have neither."""
        return not party.startswith(NAMELESS_PREFIX) or self.country(party) is not None

    def is_political(self, party: str, event: str) -> bool:
        """Say whether an act of the type is politics when the party has a part in it."""
        entity = self._entities.get(party)
        if entity is None:
            return True
        if entity.kind == "organisation" and entity.sectors and set(entity.sectors) <= PRIVATE_SECTORS:
            return False
        named = not party.startswith(NAMELESS_PREFIX) and UNKNOWN_ID.fullmatch(party) is None
        if named or entity.country is not None:
            return True
        wanted = SPEAKING_SECTORS if is_verbal(event) else POLITICAL_SECTORS
        return bool(wanted & set(entity.sectors))

    def _sectors(self, party: str) -> tuple[str, ...]:
        entity = self._entities.get(party)
        return () if entity is None else entity.sectors
