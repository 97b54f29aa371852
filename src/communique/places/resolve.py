"""Which of the places of a name is meant: only by evidence, else none.

1. A name that a word or the gazetteer says to be a division is one. 2. A country or division written behind the name
("Paris, Texas"), or in the same clause ("Palma in Cabo Delgado"), must hold the place. 3. A country's name is the
country, unless the only country named is one with a division of that name ("Georgia"). 4. The nearest evidence -
countries named in the sentence, the paragraph, the article - chooses among countries; a capital that is far larger
than the others of its name is itself in any company, and another city that is far larger is then left open. 5. Without
such evidence only a capital, or a large city, far larger than the others, is taken. 6. Of several in one country
the far larger one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from communique.places.gazetteer import Site

#: A city is far larger than another with so many times its people. Set by reading: Paris and its namesake differ by
#: eighty, Geneva and its by nine; the two Tripolis and Birminghams, of which either may be meant, by six.
FAR_LARGER = 8
#: Without evidence only cities of so many thousand are taken for what their name says.
LARGE = 500
#: Evidence alone does not choose a town smaller than this, in thousands, against a larger place of the name.
TOWN = 100
#: What a division counts as among cities of its name, in thousands.
DIVISION_WEIGHT = 1000


class Evidence(msgspec.Struct, frozen=True):
    """What says where a name lies: what is written behind it, what else the clause names, countries near and far."""

    behind: tuple[Site, ...] = ()
    within: tuple[Site, ...] = ()
    countries: tuple[frozenset[str], ...] = ()


def resolve(sites: Sequence[Site], evidence: Evidence, *, division: bool = False) -> Site | None:
    """Return the place meant, None where the evidence does not say.

    >>> from communique.places import Gazetteer
    >>> tripoli = Gazetteer.load().sites("Tripoli")
    >>> resolve(tripoli, Evidence()) is None
    True
    >>> resolve(tripoli, Evidence(countries=(frozenset(["LBN"]),))).country
    'LBN'
    """
    if division or any(site.bare for site in sites):
        sites = [site for site in sites if site.kind == "province"] or sites
    for holders in (evidence.behind, evidence.within):
        if holders:
            sites = [site for site in sites if any(_holds(holder, site) for holder in holders)]
            if holders is evidence.behind:
                return _far_largest(sites)
    countries = [site for site in sites if site.kind == "country"]
    if countries:
        return _country(countries[0], sites, evidence)
    return _among(sites, evidence)


def _holds(holder: Site, site: Site) -> bool:
    if holder == site or holder.country != site.country:
        return False
    return holder.kind == "country" or site.province in (None, holder.province)


def _country(country: Site, sites: Iterable[Site], evidence: Evidence) -> Site | None:
    rivals = {site.country for site in sites if site.kind == "province"} - {country.country}
    for named in evidence.countries:
        if named & (rivals | {country.country}):
            return country if country.country in named else None
    return country


def _among(sites: Sequence[Site], evidence: Evidence) -> Site | None:
    top = _far_largest(sites)
    for named in evidence.countries:
        matched = [site for site in sites if site.country in named]
        if not matched:
            continue
        if top is not None and top not in matched:
            return top if top.known else None
        chosen = _far_largest(matched)
        larger = any(weight(site) > weight(chosen) for site in sites) if chosen else False
        return None if chosen and larger and weight(chosen) < TOWN else chosen
    return top if top is not None and (top.known or weight(top) >= LARGE) else None


def weight(site: Site) -> int:
    """Return the people of a place in thousands; divisions count as large cities."""
    return site.population if site.kind == "city" else DIVISION_WEIGHT


def _far_largest(sites: Sequence[Site]) -> Site | None:
    """Return the place far larger than all others of the name; a city stands for the division that it is seat of."""
    cities = [site for site in sites if site.kind == "city"]
    seats = {(city.country, city.province) for city in cities}
    known = {city.country for city in cities if city.known}
    others = [site for site in sites if site.kind != "city" and site.country not in known
              and (site.country, site.name) not in seats]  # fmt: skip
    ranked = sorted([*cities, *others], key=weight, reverse=True)
    if not ranked:
        return None
    if len(ranked) > 1 and weight(ranked[0]) < FAR_LARGER * weight(ranked[1]):
        return None
    return ranked[0]
