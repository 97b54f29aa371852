"""Read the actor and agent dictionaries of PETRARCH and TABARI.

An actor file has entries: a phrase, further phrases that begin with ``+``, and codes in square brackets, each
perhaps with dates; an agent file has nouns with a code that begins or ends with ``~``. Phrases are in capitals with
``_`` for blanks; what they look like in print is made from them (``spellings``). A code is a row of three letters
each: a country, and what the actor is in it. Format: the PETRARCH project's "Dictionary Formats" and TABARI's manual,
chapter 5.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from functools import cache

import msgspec

from communique.actors.atlas import Atlas
from communique.actors.own import ActorKind, ActorRow, BadLine, own_id
from communique.resources import read_text

COMMENT, ASIDE = re.compile(r"[#;].*"), re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
CODED = re.compile(r"\[([^\[\]]*)\]")
#: In an actor's brackets: the code, then perhaps dates.
DATED = re.compile(
    r"(?P<code>\S+?)\s*(?:(?P<sign>[<>])\s*(?P<limit>\d{1,20})[<>]?|(?P<start>\d{1,20})\s*-\s*(?P<end>\d{1,20}))?"
)
ACTOR_CODE, AGENT_CODE = re.compile(r"[A-Z0-9]{2,}"), re.compile(r"~?[A-Z0-9]+~?")
NOT_CODED = "---"
SUBSTITUTION = re.compile(r"!(\w+)!")
PLURAL = re.compile(r"\{([^{}]*)\}")
PARENTHESIS = re.compile(r"\(([^)]*)(?:\)|$)")
LOST_CHARACTER = "�"
#: Years of two digits from this one on are of the twentieth century; the dictionaries end in 2018.
PIVOT = 30
LONG_DATE, SHORT_DATE, TRIPLE = len("20120507"), len("120507"), 3
#: A single word of so few letters is taken for an acronym: "US" is not "Us".
SHORTEST_WORD = 4
SMALL_WORDS = frozenset(
    "of the and for in on to at by with against de la las los del da do dos di du van von der den bin bint ibn al el ul"
    " ad as ash an ar az".split()
)
PERSONAL_SECTORS = frozenset("GOV ELI OPP MIL JUD LEG EDU BUS JRN REB REL SPY COP".split())
#: Words that persons' names lack, and how many words persons' names have.
BODIES = frozenset(
    """administration agency alliance army assembly association authority bank board body brigade bureau cabinet
    coalition command commission committee company confederation congress corporation council court corps delegation
    department division embassy faction federation fighters force forces foundation front fund government group guard
    guerrillas institute league legion liberation militia ministry mission movement navy office organisation
    organization parliament party police rebels regime resistance revolutionary secretariat senate separatists service
    society troops union university workers""".split()
)
LONGEST_PERSON = 5
ARTICLE = "the "


class _Dated(msgspec.Struct, frozen=True):
    code: str
    since: str
    until: str


def read_dictionary(text: str) -> Iterator[ActorRow | BadLine]:
    """Yield the rows of an actor or agent dictionary, and what is wrong with lines that can't be used.

    A code of three letters that we know neither for a country nor for a sector is a state of the dictionary's own, and
    longer codes that begin with it are of that country.

    >>> rows = list(read_dictionary("KOFI_ANNAN_\\n+K._ANNAN_\\n\\t[IGOUNO 970101-061231]\\n\\t[ELI]"))
    >>> [(row.sectors, row.since, row.until) for row in rows]
    [(('IGO', 'UNO'), '1997-01-01', '2007-01-01'), (('ELI',), '', '')]
    """
    found = list(_read(text))
    own = {row.country for row in found if isinstance(row, ActorRow)} - {None, *_codes()[0].values()}
    for row in found:
        if isinstance(row, ActorRow) and row.country is None and row.code[:TRIPLE] in own:
            yield msgspec.structs.replace(row, country=row.code[:TRIPLE])
        else:
            yield row


def _read(text: str) -> Iterator[ActorRow | BadLine]:
    reader = _Reader()
    for number, line in enumerate(_without_asides(text).split("\n"), 1):
        yield from reader.line(number, COMMENT.sub("", line).strip())
    yield from reader.finish()


class _Reader:
    """Reads a dictionary line by line: the entry that is being read, and the substitution sets."""

    def __init__(self) -> None:
        self._sets: dict[str, list[str]] = {}
        self._phrases: list[str] = []
        self._codes: list[_Dated] = []
        self._began, self._after_blank, self._broken = 0, False, False

    def line(self, number: int, bare: str) -> Iterator[ActorRow | BadLine]:
        """Take in one line without its comment; yield what is complete by it."""
        if not bare:
            self._after_blank = True
        elif LOST_CHARACTER in bare:
            yield BadLine(number, "a character was lost in an earlier conversion of the file")
        elif bare.startswith("!") and "=" in bare:
            name, _, members = bare.partition("=")
            self._sets[name.strip(" !")] = [member.strip() for member in members.split(",")]
        elif "~" in bare:
            yield from _agent(number, bare, self._sets)
        elif bare.startswith(("[", "+")):
            if self._phrases:
                self._phrases += _phrases(bare)
                yield from self._note(number, bare)
            else:
                yield BadLine(number, "a code or an alternative without a phrase before it")
        elif bare.endswith("]") and "[" not in bare:
            self._broken = True
            yield BadLine(number, "a code lacks its opening bracket")
        else:
            yield from self._begin(number, bare)

    def _begin(self, number: int, bare: str) -> Iterator[ActorRow | BadLine]:
        """Begin an entry; phrases that follow each other without a blank line share the code that comes after them."""
        if self._codes or self._after_blank or self._broken:
            yield from self.finish()
            self._phrases, self._codes, self._broken = [], [], False
        if not self._phrases:
            self._began = number
        self._phrases += _phrases(bare)
        self._after_blank = False
        yield from self._note(number, bare)

    def finish(self) -> Iterator[ActorRow | BadLine]:
        """Yield the rows of the entry that has been read."""
        if self._codes:
            yield from _rows(self._phrases, self._codes)
        elif self._phrases and not self._broken:
            yield BadLine(self._began, "no code follows")

    def _note(self, number: int, bare: str) -> Iterator[BadLine]:
        for found in _read_codes(number, bare):
            if isinstance(found, BadLine):
                self._broken = True
                yield found
            else:
                self._codes.append(found)


def _without_asides(text: str) -> str:
    """The text without comments in angle brackets, its lines where they were."""
    return ASIDE.sub(lambda aside: "\n" * aside.group().count("\n"), text)


def _phrases(line: str) -> list[str]:
    """The phrases of a line, parted by plus signs, without its codes."""
    parts = CODED.sub("", line).split("[")[0].split("+")
    phrases = (" ".join(part.replace("_", " ").split()) for part in parts)
    return [phrase for phrase in phrases if any(character.isalpha() for character in phrase)]


def _read_codes(number: int, line: str) -> Iterator[_Dated | BadLine]:
    """Yield the codes in the brackets of a line, and what is wrong with them."""
    if line.count("[") != len(CODED.findall(line)):
        yield BadLine(number, "a bracket is not closed")
    for inside in CODED.findall(line):
        found = DATED.fullmatch(inside.strip())
        if not found or not (found["code"] == NOT_CODED or ACTOR_CODE.fullmatch(found["code"])):
            yield BadLine(number, f"[{inside}] is not a code, or a code and dates")
            continue
        dates = [_date(found[name]) for name in ("limit", "start", "end")]
        if None in dates:
            yield BadLine(number, f"[{inside}] has a date that is not YYYYMMDD or YYMMDD")
            continue
        limit, start, end = (date or "" for date in dates)
        since, until = (limit if found["sign"] == ">" else start), (limit if found["sign"] == "<" else end)
        if since and until and until < since:
            yield BadLine(number, f"[{inside}] ends before it begins")
            continue
        yield _Dated(found["code"], since, _day_after(until) if until else "")


def _date(digits: str | None) -> str | None:
    """A day as ISO 8601; an empty string where none is given, None where it is none."""
    if digits is None:
        return ""
    if len(digits) == SHORT_DATE:
        digits = ("19" if int(digits[:2]) >= PIVOT else "20") + digits
    if len(digits) != LONG_DATE:
        return None
    year, month, day = digits[:4], digits[4:6], digits[6:]
    try:
        return datetime.date(int(year), max(int(month), 1), max(int(day), 1)).isoformat()
    except ValueError:
        return None


def _day_after(date: str) -> str:
    return (datetime.date.fromisoformat(date) + datetime.timedelta(days=1)).isoformat()


def _rows(phrases: Sequence[str], codes: Sequence[_Dated]) -> Iterator[ActorRow]:
    """One row for each code of an entry; the forms stand in the first."""
    if not phrases:
        return
    forms = tuple(dict.fromkeys(form for phrase in phrases for form in spellings(phrase)))
    if not forms:
        return
    name = forms[0]
    meanings = [_meaning(code.code) for code in codes]
    person = _is_person(name, codes, [sectors for _, sectors in meanings])
    for number, (code, (country, sectors)) in enumerate(zip(codes, meanings, strict=True)):
        state = code.code == country
        kind: ActorKind = "state" if state else "person" if person else _kind(code.code, sectors)
        actor_id = country if state and len(codes) == 1 and country else own_id(name, codes[0].code)
        if code.code == NOT_CODED:
            kind = "nobody"
        own = forms[1:] if number == 0 else ()
        yield ActorRow(actor_id, name, kind, country, sectors, own, code.since, code.until, code.code)


def _is_person(name: str, codes: Sequence[_Dated], sectors: Sequence[tuple[str, ...]]) -> bool:
    """Whether an entry is a person: dates in office, or a name like a person's; dictionaries do not say."""
    words = name.lower().split()
    if len(words) > LONGEST_PERSON or BODIES.intersection(words):
        return False
    elite = any("ELI" in each for each in sectors)
    dated = any(code.since or code.until for code in codes)
    personal = all(PERSONAL_SECTORS.issuperset(each) and each for each in sectors)
    return elite or (dated and personal) or (personal and len(words) > 1 and "REB" not in sectors[0])


def _kind(code: str, sectors: tuple[str, ...]) -> ActorKind:
    return "group" if {"REB", "CVL", "REF", "CRM"}.intersection(sectors) or code.startswith("IMG") else "organisation"


def _meaning(code: str) -> tuple[str | None, tuple[str, ...]]:
    """The country and the PLOVER sectors of a code of three letters each.

    >>> _meaning("KORGOVBUS"), _meaning("MNCUSAHLH"), _meaning("IGOUNO"), _meaning("ARV")
    (('KOR', ('GOV', 'BUS')), ('USA', ('MNC', 'MED')), (None, ('IGO', 'UNO')), ('ARV', ('GOV',)))
    """
    countries, sectors = _codes()
    parts = [code[at : at + TRIPLE] for at in range(0, len(code), TRIPLE)]
    country = next((countries[part] for part in parts if part in countries and part not in sectors), None)
    found = tuple(dict.fromkeys(sectors[part] for part in parts if part in sectors))
    if not found and len(parts) == 1 and len(code) == TRIPLE and code != NOT_CODED:
        return country or code, ("GOV",)
    return country, found


@cache
def _codes() -> tuple[dict[str, str], dict[str, str]]:
    """CAMEO's codes of countries and of what actors are, as ours."""
    text = read_text("actors/cameo.tsv")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")][1:]
    states = {entity.id: entity.id for entity in Atlas.load().entities.values() if entity.kind == "state"}
    countries = states | {code: ours for kind, code, ours in rows if kind == "country"}
    sectors = {code: ours for kind, code, ours in rows if kind == "sector"}
    return countries, sectors


def spellings(phrase: str) -> tuple[str, ...]:
    """Return how a phrase in capitals is printed, the likeliest first.

    >>> spellings("BAN KI-MOON"), spellings("ISLAMIC REPUBLIC OF IRAN")[0], spellings("UN")
    (('Ban Ki-Moon', 'BAN Ki-Moon', 'Ban Ki-moon', 'BAN KI-MOON'), 'Islamic Republic of Iran', ('UN',))
    """
    bare = PARENTHESIS.sub(" ", phrase)
    inside = [match.strip() for match in PARENTHESIS.findall(phrase)]
    acronyms = [each for each in inside if each.isupper() and each.isalpha() and len(each) >= TRIPLE]
    words = [word.strip(",") for word in bare.split() if word.strip(",-")]
    if not words:
        return tuple(acronyms)
    if not all(word.isupper() for word in words if any(map(str.isalpha, word))):  # printed as it should look
        return (" ".join(words), *acronyms)
    if len(words) == 1 and (len(words[0]) < SHORTEST_WORD or "." in words[0]):
        return (words[0], *acronyms)
    titled = [_title(word) for word in words]
    small = [word.lower() if i and word.lower() in SMALL_WORDS else titled[i] for i, word in enumerate(words)]
    short = [word if _is_short(word) else small[i] for i, word in enumerate(words)]
    low_tails = [re.sub(r"(?<=-)[A-Z]", lambda found: found.group().lower(), word) for word in small]
    particles = [re.sub(r"^(Al|El|Ad|As|Ash|An|Ar)-(?=[A-Z])", lambda p: p.group().lower(), word) for word in small]
    ways = [" ".join(way) for way in (small, short, low_tails, particles, titled, words)]
    articles = [way[len(ARTICLE) :] for way in ways if way.lower().startswith(ARTICLE) and way[len(ARTICLE) :]]
    return tuple(dict.fromkeys((*ways, *articles, *acronyms)))


def _is_short(word: str) -> bool:
    return len(word) < SHORTEST_WORD and word.isalpha() and word.lower() not in SMALL_WORDS


def _title(word: str) -> str:
    """A word in capitals as a name: "O'CONNOR", "MCDONALD", "KI-MOON", "U.S."."""
    if word.count(".") > 1:
        return word
    titled = re.sub(r"[^\W\d_]+", lambda letters: letters.group().capitalize(), word)
    titled = re.sub(r"(?<=[a-z])['’]S\b", lambda mark: mark.group().lower(), titled)
    return re.sub(r"\bMc([a-z])", lambda found: "Mc" + found[1].upper(), titled)


def _agent(number: int, line: str, sets: dict[str, list[str]]) -> Iterator[ActorRow | BadLine]:
    """A row for each noun of an agent's line."""
    inside = CODED.findall(line)
    if len(inside) != 1 or not AGENT_CODE.fullmatch(inside[0].strip()):
        yield BadLine(number, "an agent needs one code in brackets, such as [~GOV]")
        return
    code = inside[0].strip()
    phrase = PLURAL.sub(" ", CODED.sub(" ", line))
    unknown = [name for name in SUBSTITUTION.findall(phrase) if name not in sets]
    if unknown:
        yield BadLine(number, f"!{unknown[0]}! is not defined above")
        return
    _, sectors = _meaning(code.strip("~"))
    for noun in dict.fromkeys(_filled(phrase, sets)):
        low = " ".join(noun.replace("_", " ").lower().split())
        if low:
            yield ActorRow(own_id(f"role {low}"), low, "role", None, sectors, code=code)


def _filled(phrase: str, sets: dict[str, list[str]]) -> list[str]:
    """A phrase with each substitution set filled in."""
    found = SUBSTITUTION.search(phrase)
    if not found:
        return [phrase]
    heads = [phrase[: found.start()] + member for member in sets[found.group(1)]]
    return [head + rest for head in heads for rest in _filled(phrase[found.end() :], sets)]
