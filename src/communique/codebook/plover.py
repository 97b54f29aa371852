"""The typed loader of the codebook's data files."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import msgspec

from communique.resources import read_text

#: Digits of a CAMEO code's parts: the root has two, and a four-digit code takes its three-digit parent's value.
CAMEO_ROOT, CAMEO_PARENT = 2, 3


class CodebookError(KeyError):
    """A type, mode or CAMEO code that the codebook does not have."""


class Mode(msgspec.Struct, frozen=True):
    """How an event was done. ``score`` is None where PLOVER gives none: the type's score then holds."""

    name: str
    cameo: str
    score: float | None = None


class EventType(msgspec.Struct, frozen=True):
    """One of PLOVER's sixteen event types."""

    name: str
    quad: str
    score: float
    cameo: str
    modes: tuple[Mode, ...] = ()
    recipient_required: bool = False

    def mode(self, name: str) -> Mode:
        """Return the mode of that name."""
        for mode in self.modes:
            if mode.name == name:
                return mode
        raise CodebookError(f"{self.name} has no mode {name!r}")


@cache
def _types() -> Mapping[str, EventType]:
    raw = tomllib.loads(read_text("codebook/plover.toml"))
    read: dict[str, EventType] = {}
    for name, row in raw.items():
        found = tuple(Mode(name=mode, **fields) for mode, fields in row.pop("modes", {}).items())
        read[name] = EventType(name=name, modes=found, **row)
    return read


def types() -> tuple[EventType, ...]:
    """Return the sixteen event types, from cooperation to conflict.

    >>> len(types()), types()[0].name
    (16, 'AGREE')
    """
    return tuple(_types().values())


def event_type(event: str) -> EventType:
    """Return the type named ``event``.

    >>> event_type("AID").recipient_required
    True
    """
    try:
        return _types()[event]
    except KeyError:
        raise CodebookError(f"PLOVER has no event type {event!r}") from None


def modes(event: str) -> tuple[str, ...]:
    """Return the names of a type's modes.

    >>> modes("REQUEST")
    ('assist', 'change', 'yield', 'meet')
    """
    return tuple(mode.name for mode in event_type(event).modes)


def quad(event: str) -> str:
    """Return the quad class of a type.

    >>> quad("ASSAULT")
    'material conflict'
    """
    return event_type(event).quad


def requires_recipient(event: str) -> bool:
    """Say whether PLOVER wants a recipient for every event of the type.

    >>> requires_recipient("SANCTION"), requires_recipient("ASSAULT")
    (True, False)
    """
    return event_type(event).recipient_required


def score(event: str, modes: Sequence[str] = ()) -> float:
    """Return PLOVER's score: the type's, or that of the mode furthest from zero where modes are given.

    >>> score("ASSAULT"), score("ASSAULT", ("crowd-control", "firearms")), score("PROTEST", ("vandalize",))
    (-9.0, -9.0, -5.0)
    """
    found = event_type(event)
    given = [found.mode(mode).score for mode in modes]
    return max((value for value in given if value is not None), key=abs, default=found.score)


def cameo(event: str, modes: Sequence[str] = ()) -> str:
    """Return the CAMEO code that type and first mode stand for; the lexicon often tells a more exact one.

    >>> cameo("CONSULT"), cameo("CONSULT", ("visit",))
    ('040', '042')
    """
    found = event_type(event)
    return found.mode(modes[0]).cameo if modes else found.cameo


@cache
def contexts() -> tuple[str, ...]:
    """Return PLOVER's contexts.

    >>> len(contexts()), "cbrn" in contexts()
    (37, True)
    """
    return tuple(_rows("contexts.txt"))


def _rows(name: str) -> Iterator[str]:
    for line in read_text(f"codebook/{name}").splitlines():
        if line and not line.startswith("#"):
            yield line


@cache
def _goldstein() -> Mapping[str, float]:
    table: dict[str, float] = {}
    for row in csv.DictReader(_rows("goldstein.tsv"), delimiter="\t"):
        width = len(row["first"])
        for number in range(int(row["first"]), int(row["last"]) + 1):
            table[str(number).zfill(width)] = float(row["value"])
    return table


def goldstein(code: str) -> float:
    """Return the Goldstein value of a CAMEO code; codes are text, never numbers.

    >>> goldstein("0874"), goldstein("1056"), goldstein("19")
    (10.0, -5.0, -10.0)
    """
    table = _goldstein()
    for known in (code, code[:CAMEO_PARENT], code[:CAMEO_ROOT]):
        if known in table:
            return table[known]
    raise CodebookError(f"CAMEO has no code {code!r}")
