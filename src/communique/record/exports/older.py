"""Phoenix, ICEWS, POLECAT and GDELT: tab-separated rows, column by column as those projects have them.

Each format is its columns, in order, with what stands in each. Nothing that we do not know is made up: it stays empty.
Codes are text; tabs and line breaks in a text become spaces; an id stands once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

import msgspec

from communique.record.exports.cameo import (
    BASE_DIGITS,
    ROOT_DIGITS,
    Merged,
    agent_of,
    cow_numbers,
    number,
    value_of,
)
from communique.record.exports.source import Coding, Party
from communique.render.rows import one_line

Columns = tuple[tuple[str, Callable[[Merged], object]], ...]

#: Phoenix's classes by root code, and GDELT's.
PHOENIX_QUADS = {
    **dict.fromkeys(("01", "02"), "0"),
    **dict.fromkeys(("03", "04", "05"), "1"),
    **dict.fromkeys(("06", "07", "08"), "2"),
    **dict.fromkeys(("09", "10", "11", "12", "13", "16"), "3"),
}
PHOENIX_OTHER = "4"
GDELT_QUADS = {**dict.fromkeys(("01", "02", "03", "04", "05"), "1"), **dict.fromkeys(("06", "07", "08"), "2"),
               **dict.fromkeys(("09", "10", "11", "12", "13"), "3")}  # fmt: skip
GDELT_OTHER = "4"
#: Where ICEWS' intensities are not Goldstein's values.
ICEWS_INTENSITIES = {"016": -5.0, "124": -4.0, "1246": -4.0, "163": -8.0, "164": -6.5, "166": -7.0}
#: GDELT's fraction of a year, as its code book computes it; never a whole year.
GDELT_MONTH_DAYS, GDELT_YEAR_DAYS, LARGEST_FRACTION = 30, 365, 0.9999
#: GDELT calls an event of the lead a root event: here one of the title or of the first sentence behind it.
LEAD_SENTENCES = 2
#: Letters that stand between several things in one cell.
AND = ";"


class Where(msgspec.Struct, frozen=True):
    """What a place is to a format with columns for city, province and country."""

    city: str = ""
    province: str = ""
    country: str = ""


class Format(msgspec.Struct, frozen=True):
    """One format: its columns, whether there is a heading, and whether a row needs actor and recipient."""

    columns: Columns
    heading: bool
    both: bool


def lines(form: Format, found: Iterable[Merged]) -> Iterator[bytes]:
    """Yield the file of a format, line by line."""
    if form.heading:
        yield _line(name for name, _ in form.columns)
    for merged in found:
        yield _line(one(merged) for _, one in form.columns)


def _line(values: Iterable[object]) -> bytes:
    return ("\t".join(_text(value) for value in values) + "\n").encode()


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else one_line(str(value))


def _coding(merged: Merged) -> Coding:
    return merged.pair.coding


def _of(get: Callable[[Coding], object]) -> Callable[[Merged], object]:
    return lambda merged: get(merged.pair.coding)


def _day(form: str) -> Callable[[Merged], object]:
    return _of(lambda coding: coding.day.strftime(form) if coding.day else "")


def _actor(get: Callable[[Party | None], object]) -> Callable[[Merged], object]:
    return lambda merged: get(merged.pair.actor)


def _recipient(get: Callable[[Party | None], object]) -> Callable[[Merged], object]:
    return lambda merged: get(merged.pair.recipient)


def _empty(merged: Merged) -> object:
    return ""


def _sources(field: str) -> Callable[[Merged], object]:
    """All values of one field of the articles, each once."""
    return lambda merged: AND.join(
        dict.fromkeys(one_line(value) for source in merged.sources if (value := getattr(source, field)))
    )


def _first(field: str) -> Callable[[Merged], object]:
    return lambda merged: getattr(merged.sources[0], field)


def _name(party: Party | None) -> str:
    return party.name if party else ""


def _root(coding: Coding) -> str:
    return coding.cameo[:ROOT_DIGITS]


def _deed(coding: Coding) -> str:
    """An event in words: "Request, yield"."""
    return ", ".join((coding.event.capitalize(), *coding.modes))


def _located(field: str) -> Callable[[Merged], object]:
    """A field of the resolved place, empty where there is none."""
    return _of(lambda coding: getattr(coding.located, field, None))


PHOENIX = Format(
    (
        ("id", lambda merged: merged.pair.id),
        ("date", _day("%Y%m%d")),
        ("year", _day("%Y")),
        ("month", _day("%m")),
        ("day", _day("%d")),
        ("source", _actor(lambda party: agent_of(party).code)),
        ("source_root", _actor(lambda party: agent_of(party).root)),
        ("source_agent", _actor(lambda party: agent_of(party).agent)),
        ("source_others", _actor(lambda party: AND.join(agent_of(party).others))),
        ("target", _recipient(lambda party: agent_of(party).code)),
        ("target_root", _recipient(lambda party: agent_of(party).root)),
        ("target_agent", _recipient(lambda party: agent_of(party).agent)),
        ("target_others", _recipient(lambda party: AND.join(agent_of(party).others))),
        ("code", _of(lambda coding: coding.cameo)),
        ("root_code", _of(_root)),
        ("quad_class", _of(lambda coding: PHOENIX_QUADS.get(_root(coding), PHOENIX_OTHER))),
        ("goldstein", _of(lambda coding: value_of(coding.cameo))),
        ("issues", _of(lambda coding: AND.join(f"{context},1" for context in coding.contexts))),
        ("lat", _located("latitude")),
        ("lon", _located("longitude")),
        ("placename", _of(lambda coding: coding.place)),
        ("statename", _empty),
        ("countryname", _empty),
        ("ids", _sources("article_id")),
        ("urls", _sources("url")),
        ("sources", _sources("publisher")),
    ),
    heading=False,
    both=True,
)


def icews(names: Mapping[str, str]) -> Format:
    """Return ICEWS' format; ``names`` are those of countries, by code."""
    return Format(
        (
            ("Event ID", lambda merged: number(merged.pair.id)),
            ("Event Date", _day("%Y-%m-%d")),
            ("Source Name", _actor(_name)),
            ("Source Sectors", _actor(_sectors(","))),
            ("Source Country", _actor(_country(names))),
            ("Event Text", _of(_deed)),
            ("CAMEO Code", _of(lambda coding: coding.cameo)),
            ("Intensity", _of(_intensity)),
            ("Target Name", _recipient(_name)),
            ("Target Sectors", _recipient(_sectors(","))),
            ("Target Country", _recipient(_country(names))),
            ("Story ID", _first("article_id")),
            ("Sentence Number", _of(lambda coding: coding.sentence + 1)),
            ("Publisher", _first("publisher")),
            *_place_columns(names),
        ),
        heading=True,
        both=True,
    )


def _intensity(coding: Coding) -> float | None:
    return ICEWS_INTENSITIES.get(coding.cameo, value_of(coding.cameo))


def _sectors(mark: str) -> Callable[[Party | None], str]:
    return lambda party: mark.join(party.sectors) if party else ""


def _country(names: Mapping[str, str]) -> Callable[[Party | None], str]:
    return lambda party: names.get(party.country or "", party.country or "") if party else ""


def _place_columns(names: Mapping[str, str]) -> Columns:
    """The columns that ICEWS and POLECAT share: where it was."""
    countries = frozenset(name.casefold() for name in names.values())

    def where(field: str) -> Callable[[Merged], object]:
        return _of(lambda coding: getattr(_place(coding, names, countries), field))

    return (
        ("City", where("city")),
        ("District", _empty),
        ("Province", where("province")),
        ("Country", where("country")),
        ("Latitude", _located("latitude")),
        ("Longitude", _located("longitude")),
    )


def _place(coding: Coding, names: Mapping[str, str], countries: frozenset[str]) -> Where:
    """A place that is called like a country is one; any other that is not resolved is taken for a city."""
    if not coding.place:
        return Where()
    place = coding.located
    if place is None or place.resolution == "none":
        return Where(country=coding.place) if coding.place.casefold() in countries else Where(city=coding.place)
    country = names.get(place.country or "", place.country or "")
    return Where(place.name if place.resolution == "city" else "", place.province or "", country)


def polecat(names: Mapping[str, str]) -> Format:
    """Return POLECAT's format; ``names`` are those of countries, by code."""
    return Format(
        (
            ("Event ID", lambda merged: merged.pair.id),
            ("Event Date", _day("%Y-%m-%d")),
            ("Event Type", _of(lambda coding: coding.event)),
            ("Event Mode", _of(lambda coding: AND.join(coding.modes))),
            ("Intensity", _of(lambda coding: coding.score)),
            ("Quad Code", _of(lambda coding: coding.quad.upper())),
            ("Contexts", _of(lambda coding: AND.join(coding.contexts))),
            *_polecat_party("Actor", _actor, names),
            *_polecat_party("Recipient", _recipient, names),
            ("Placename", _of(lambda coding: coding.place)),
            *_place_columns(names),
            ("GeoNames ID", _located("geonameid")),
            ("Raw Placename", _of(lambda coding: coding.place)),
            ("Feature Type", _empty),
            ("Source", _first("publisher")),
            ("Publication Date", lambda merged: (merged.sources[0].published or "")[:10]),
            ("Story People", _in_story("person")),
            ("Story Organizations", _in_story("organisation")),
            ("Story Locations", _in_story("state")),
            ("Language", _first("language")),
            ("Version", _of(lambda coding: coding.version)),
        ),
        heading=True,
        both=False,
    )


def _polecat_party(
    side: str,
    of: Callable[[Callable[[Party | None], object]], Callable[[Merged], object]],
    names: Mapping[str, str],
) -> Columns:
    return (
        (f"{side} Name", of(_name)),
        (f"{side} Country", of(_country(names))),
        (f"{side} COW", of(lambda party: cow_numbers().get(party.country or "", "") if party else "")),
        (f"Primary {side} Sector", of(lambda party: party.sectors[0] if party and party.sectors else "")),
        (f"{side} Sectors", of(_sectors(AND))),
        (f"{side} Title", _empty),
        (f"{side} Name Raw", of(_name)),
        (f"Wikipedia {side} ID", _empty),
    )


def _in_story(kind: str) -> Callable[[Merged], object]:
    """Everybody in the article who is of a kind."""
    return _of(lambda coding: AND.join(dict.fromkeys(one_line(one.name) for one in coding.story if one.kind == kind)))


GDELT_PARTY: tuple[tuple[str, Callable[[Party | None], object]], ...] = (
    ("Code", lambda party: agent_of(party).code),
    ("Name", lambda party: _name(party).upper()),
    ("CountryCode", lambda party: agent_of(party).root),
    ("KnownGroupCode", lambda party: ""),
    ("EthnicCode", lambda party: ""),
    ("Religion1Code", lambda party: ""),
    ("Religion2Code", lambda party: ""),
    ("Type1Code", lambda party: agent_of(party).agent),
    ("Type2Code", lambda party: (*agent_of(party).others, "")[0]),
    ("Type3Code", lambda party: (*agent_of(party).others, "", "")[1]),
)
GDELT_PLACE = ("Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID")


def _gdelt_place(prefix: str, *told: Callable[[Merged], object]) -> Columns:
    """The columns of a place: ``told`` are its name, latitude and longitude."""
    known = dict(zip(("FullName", "Lat", "Long"), told, strict=False))
    return tuple((f"{prefix}_{part}", known.get(part, _empty)) for part in GDELT_PLACE)


def _fraction(day: date) -> str:
    passed = (day.month * GDELT_MONTH_DAYS + day.day) / GDELT_YEAR_DAYS
    return f"{day.year + min(passed, LARGEST_FRACTION):.4f}"


def _publishers(merged: Merged) -> int:
    return len({source.publisher for source in merged.sources})


GDELT = Format(
    (
        ("GLOBALEVENTID", lambda merged: number(merged.pair.id)),
        ("SQLDATE", _day("%Y%m%d")),
        ("MonthYear", _day("%Y%m")),
        ("Year", _day("%Y")),
        ("FractionDate", _of(lambda coding: _fraction(coding.day) if coding.day else "")),
        *((f"Actor1{name}", _actor(get)) for name, get in GDELT_PARTY),
        *((f"Actor2{name}", _recipient(get)) for name, get in GDELT_PARTY),
        ("IsRootEvent", _of(lambda coding: int(coding.sentence < LEAD_SENTENCES))),
        ("EventCode", _of(lambda coding: coding.cameo)),
        ("EventBaseCode", _of(lambda coding: coding.cameo[:BASE_DIGITS])),
        ("EventRootCode", _of(_root)),
        ("QuadClass", _of(lambda coding: GDELT_QUADS.get(_root(coding), GDELT_OTHER))),
        ("GoldsteinScale", _of(lambda coding: value_of(coding.cameo))),
        ("NumMentions", lambda merged: merged.reports),
        ("NumSources", _publishers),
        ("NumArticles", lambda merged: len(merged.sources)),
        ("AvgTone", _empty),
        *_gdelt_place("Actor1Geo", _empty),
        *_gdelt_place("Actor2Geo", _empty),
        *_gdelt_place("ActionGeo", _of(lambda coding: coding.place), _located("latitude"), _located("longitude")),
        ("DATEADDED", lambda merged: (merged.sources[0].published or "")[:10].replace("-", "").ljust(14, "0")
         if merged.sources[0].published else ""),
        ("SOURCEURL", _first("url")),
    ),
    heading=False,
    both=False,
)  # fmt: skip
