"""The typed loader of the frame files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal

import msgspec

from communique import codebook
from communique.resources import read_text

Part = Literal["verb", "noun", "adjective"]
#: What an argument is for: ``plain`` only has to be there; ``both`` joins the actors of a symmetric event;
#: ``absent`` must not be there.
Use = Literal["plain", "recipient", "actor", "both", "absent"]

#: The first letters of a word in the lemma column that say what part of speech it is; a verb has none.
PART_PREFIXES: Mapping[str, Part] = {"n:": "noun", "a:": "adjective"}
#: The signs before a slot's role.
USE_SIGNS: Mapping[str, Use] = {">": "recipient", "<": "actor", "&": "both", "!": "absent"}
#: Filters: the phrase names an entity; it names one or belongs to one; a dependent of the head is that word;
#: the head tells what the act is about (matters.toml); the head is a bare verb ("that he step down").
ENTITY, BELONGING, MODIFIER, MATTER, BARE = "#", "#+", "~", "%", "^"
#: Words that deny.
NEGATIONS = frozenset(["no", "not", "none", "nothing", "never"])
#: The roots that CAMEO's codes of a type may have.
CAMEO_ROOTS: Mapping[str, frozenset[str]] = {
    "AGREE": frozenset(["03"]),
    "CONSULT": frozenset(["04"]),
    "SUPPORT": frozenset(["05"]),
    "CONCEDE": frozenset(["08", "05", "03"]),
    "COOPERATE": frozenset(["06"]),
    "AID": frozenset(["07"]),
    "RETREAT": frozenset(["08"]),
    "REQUEST": frozenset(["02", "10"]),
    "ACCUSE": frozenset(["09", "11"]),
    "REJECT": frozenset(["12"]),
    "THREATEN": frozenset(["13"]),
    "PROTEST": frozenset(["14"]),
    "SANCTION": frozenset(["16", "17"]),
    "MOBILIZE": frozenset(["15"]),
    "COERCE": frozenset(["17", "19", "16"]),
    "ASSAULT": frozenset(["17", "18", "19", "20"]),
}
#: A modes column that says: take mode and CAMEO ending from the matter of the act (lexicon/matters.toml).
BY_MATTER = "?"
NO_MODE = "-"
COLUMNS = 4


class LexiconError(ValueError):
    """A line of a frame file that cannot be read; the message names file and line."""


class Slot(msgspec.Struct, frozen=True):
    """One argument of a frame: where in the parse it stands, what it must be, what it is for."""

    roles: tuple[str, ...]
    use: Use = "plain"
    wanted: tuple[str, ...] = ()
    optional: bool = False


class Frame(msgspec.Struct, frozen=True):
    """A predicate with its arguments, and the event that it tells."""

    lemma: str
    part: Part
    slots: tuple[Slot, ...]
    event: str
    modes: tuple[str, ...]
    cameo: str
    by_matter: bool
    line: str

    @property
    def symmetric(self) -> bool:
        """Say whether all the parties are actors."""
        return any(slot.use == "both" for slot in self.slots)

    @property
    def is_negative(self) -> bool:
        """Say whether the frame asks for a negation itself ("would have none of it"), which then denies nothing.

        >>> Frame("have", "verb", (parse_slot("obj:none"),), "REJECT", (), "120", False, "").is_negative
        True
        """
        asked = (word for slot in self.slots if slot.use != "absent" for word in (*slot.roles, *slot.wanted))
        return not NEGATIONS.isdisjoint(word.removeprefix(MODIFIER) for word in asked)

    @property
    def weight(self) -> int:
        """How much the frame asks for: of two that fit, the one that asks for more is meant."""
        return sum(1 + bool(slot.wanted) for slot in self.slots if not slot.optional and slot.use != "absent")


def parse_slot(written: str) -> Slot:
    """Read one slot.

    >>> parse_slot(">on|against")
    Slot(roles=('on', 'against'), use='recipient', wanted=(), optional=False)
    >>> parse_slot("obj:@weapons?").wanted
    ('@weapons',)
    """
    use = USE_SIGNS.get(written[0], "plain")
    bare = written[1:] if use != "plain" else written
    optional = bare.endswith("?")
    roles, _, wanted = bare.removesuffix("?").partition(":")
    if not roles:
        raise LexiconError(f"a slot without a role: {written!r}")
    return Slot(tuple(roles.split("|")), use, tuple(wanted.split("|")) if wanted else (), optional)


class Lexicon:
    """All frames, by part of speech and lemma."""

    def __init__(self, frames: Mapping[tuple[str, Part], tuple[Frame, ...]]) -> None:
        self._frames = frames

    @staticmethod
    @cache
    def load() -> Lexicon:
        """Read the frame files of the package."""
        table: dict[tuple[str, Part], list[Frame]] = {}
        for found in codebook.types():
            name = f"{found.name.lower()}.tsv"
            for frame in read_frames(read_text(f"events/lexicon/{name}"), found.name, name):
                table.setdefault((frame.lemma, frame.part), []).append(frame)
        return Lexicon({key: tuple(value) for key, value in table.items()})

    def frames(self, lemma: str, part: Part) -> tuple[Frame, ...]:
        """Return the frames of a word, in the order of the files."""
        return self._frames.get((lemma, part), ())

    def __iter__(self) -> Iterator[Frame]:
        """Yield every frame."""
        for frames in self._frames.values():
            yield from frames


def read_frames(text: str, event: str, name: str) -> Iterator[Frame]:
    r"""Read the lines of one frame file.

    >>> [frame.lemma for frame in read_frames("rebuke, n:rebuke\t>obj\tdisapprove\t111", "ACCUSE", "x")]
    ['rebuke', 'rebuke']
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            yield from _read_line(line, event)
        except (LexiconError, codebook.CodebookError) as error:
            raise LexiconError(f"{name}:{number}: {error}") from error


def _read_line(line: str, event: str) -> Iterator[Frame]:
    columns = [column.strip() for column in line.split("\t")]
    if len(columns) != COLUMNS:
        raise LexiconError(f"{COLUMNS} columns wanted, {len(columns)} found")
    words, slots, modes, cameo = columns
    named = () if modes in (NO_MODE, BY_MATTER) else tuple(modes.split(","))
    codebook.score(event, named)
    codebook.goldstein(cameo)
    for word in words.split(","):
        bare = word.strip()
        part: Part = next((part for prefix, part in PART_PREFIXES.items() if bare.startswith(prefix)), "verb")
        lemma = bare if part == "verb" else bare[2:]
        yield Frame(
            lemma=lemma,
            part=part,
            slots=tuple(parse_slot(slot) for slot in slots.split()) if slots != NO_MODE else (),
            event=event,
            modes=named,
            cameo=cameo,
            by_matter=modes == BY_MATTER,
            line=f"{lemma} {slots}" if slots != NO_MODE else lemma,
        )
