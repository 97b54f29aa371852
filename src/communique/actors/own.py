"""Actors of your own: one row for each actor, and a CSV file of them.

A row says what an actor is, how it is written and, where it changes, from when to when. Several rows of one ``id``
are one actor at several times. The columns, of which only ``name`` must be there:

======== ====================================================================================================
id       what reports call the actor; without it made of the name. An id of the atlas ("FRA") means that entity
name     the usual name, which is also a written form; for a role the noun ("border guard")
kind     state, person, organisation (the default), group, population; role, a common noun; nobody, not coded
country  whose it is: ISO 3166 alpha-3, or a code of one of your own states
sectors  PLOVER's, parted by ``;``
forms    further written forms, parted by ``;``, each as it is printed; ``?`` before one makes it count only where
         the article gives other reason to think of that actor
since    first day on which the row holds (2012-05-07, 2012-05 or 2012); empty: always
until    first day on which it no longer holds; empty: it still does
code     the code that it had in another dictionary; kept, not used
======== ====================================================================================================
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Literal, get_args

import msgspec

from communique.model import content_id

ActorKind = Literal["state", "person", "organisation", "group", "population", "role", "nobody"]
KINDS = get_args(ActorKind)
COLUMNS = ("id", "name", "kind", "country", "sectors", "forms", "since", "until", "code")
SEPARATOR = ";"
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
COUNTRY = re.compile(r"[A-Z]{3}")
SECTOR = re.compile(r"[A-Z]{3}")
FIRST_DAY_OF_YEAR, FIRST_DAY = "-01-01", "-01"
YEAR_LENGTH, MONTH_LENGTH = len("2012"), len("2012-05")


class ActorRow(msgspec.Struct, frozen=True):
    """One row; see the module's docstring for each field."""

    id: str
    name: str
    kind: ActorKind = "organisation"
    country: str | None = None
    sectors: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    code: str = ""

    def holds(self, date: str | None) -> bool:
        """Say whether the row holds on ``date``; on None, an undated article, where it has no end."""
        if date is None:
            return not self.until
        return self.since <= date and (not self.until or date < self.until)


class BadLine(msgspec.Struct, frozen=True):
    """A line of an actor file that could not be used: its number from 1, and why."""

    line: int
    reason: str


def day(date: str) -> str:
    """Return a date as a day: a year or a month counts from its first."""
    if len(date) == YEAR_LENGTH:
        return date + FIRST_DAY_OF_YEAR
    return date + FIRST_DAY if len(date) == MONTH_LENGTH else date


def own_id(*facts: str) -> str:
    """Return the id of an actor that is known by its name, and perhaps by more, alone."""
    return f"own:{content_id(*facts)}"


def read_csv(text: str) -> Iterator[ActorRow | BadLine]:
    """Yield the rows of a CSV file of actors, and what is wrong with those that can't be used.

    >>> next(read_csv("name,country,sectors\\nFreedonian Guard,FRE,MIL\\n")).sectors
    ('MIL',)
    """
    reader = csv.DictReader(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    try:
        yield from _rows(reader)
    except csv.Error as error:
        yield BadLine(reader.line_num, f"not CSV: {error}")


def _rows(reader: csv.DictReader[str]) -> Iterator[ActorRow | BadLine]:
    unknown = [name for name in reader.fieldnames or () if name not in COLUMNS]
    if unknown or "name" not in (reader.fieldnames or ()):
        wrong = f"unknown column {unknown[0]!r}" if unknown else "there is no column 'name'"
        yield BadLine(1, f"{wrong}; the columns are {', '.join(COLUMNS)}")
        return
    for cells in reader:
        yield _row(reader.line_num, cells)


def _row(line: int, cells: dict[str | None, str | None]) -> ActorRow | BadLine:
    if None in cells or None in cells.values():
        return BadLine(line, "not as many cells as there are columns")
    found = {key: (value or "").strip() for key, value in cells.items() if key}
    kind, country, name = found.get("kind") or "organisation", found.get("country", ""), found.get("name", "")
    sectors, forms = (_items(found.get(key, "")) for key in ("sectors", "forms"))
    dates = since, until = found.get("since", ""), found.get("until", "")
    complaints = {
        "there is no name": not name,
        f"kind {kind!r} is none of {', '.join(KINDS)}": kind not in KINDS,
        f"country {country!r} is not a code of three capitals": bool(country) and not COUNTRY.fullmatch(country),
        f"sectors {found.get('sectors')!r} are not codes of three capitals": not all(map(SECTOR.fullmatch, sectors)),
        f"{since!r} or {until!r} is not a date such as 2012-05-07": not all(map(DATE.fullmatch, filter(None, dates))),
        f"until {until} is not after since {since}": bool(since and until) and day(until) <= day(since),
    }
    wrong = next((reason for reason, applies in complaints.items() if applies), None)
    if wrong:
        return BadLine(line, wrong)
    if kind == "state":
        country = country or found.get("id", "")
    return ActorRow(
        id=found.get("id") or (country if kind == "state" and country else own_id(name)),
        name=name,
        kind=kind,  # type: ignore[arg-type]
        country=country or None,
        sectors=sectors,
        forms=forms,
        since=day(since),
        until=day(until),
        code=found.get("code", ""),
    )


def _items(cell: str) -> tuple[str, ...]:
    return tuple(item for item in (part.strip() for part in cell.split(SEPARATOR)) if item)


def write_csv(rows: Iterable[ActorRow]) -> str:
    """Return rows as a CSV file that ``read_csv`` reads back.

    >>> write_csv([ActorRow("FRE", "Freedonia", "state", "FRE")]).splitlines()[1]
    'FRE,Freedonia,state,FRE,,,,,'
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (row.id, row.name, row.kind, row.country or "", "; ".join(row.sectors), "; ".join(row.forms))
        writer.writerow((*cells, row.since, row.until, row.code))
    return stream.getvalue()
