"""Event tables from files: ICEWS, Phoenix, GDELT, POLECAT, our own; actors to states, codes to types and scores.

Steps: 1. tell the format by the first line; 2. read the columns that matter, as text; 3. resolve each different name,
code and date once; 4. put the rows together whose actor and recipient are states.
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from communique import codebook
from communique.actors import Atlas
from communique.errors import DataError, SourceEmpty, SourceNotFound, SourceUnreadable
from communique.order.tables import QUADS, day_of
from communique.resources import read_text

if TYPE_CHECKING:
    import pyarrow as pa

TAB, COMMA, BAR = "\t", ",", "|"
#: The status of what has happened.
ASSERTED = "asserted"
#: Bytes that are looked at to tell a format.
SNIFFED = 65536
#: Digits of CAMEO's roots; words of a name that may stand family name first.
ROOT, PAIR = 2, 2
#: The country that stands in brackets behind a role: "Police (Nigeria)".
BRACKETED = re.compile(r"\(([^()]*)\)\s*$")
SECTOR = re.compile(r"[A-Z]{3}")
TITLE = re.compile(r"^(?:(?:Dr|Mr|Mrs|Prime Minister|President|King|Emperor|Sheikh|General|Alhaji|Mallam)\.?\s+)+")
OUR_COLUMNS = ("date", "actor", "recipient", "event", "mode", "cameo", "score", "quad", "text")
#: Quad classes by CAMEO root: GDELT's, with statements and appeals (01, 02) apart, as Phoenix has them.
CAMEO_QUADS = {**dict.fromkeys(("01", "02"), 0), **dict.fromkeys(("03", "04", "05"), 1),
               **dict.fromkeys(("06", "07", "08"), 2), **dict.fromkeys(("09", "10", "11", "12", "13"), 3),
               **dict.fromkeys(("14", "15", "16", "17", "18", "19", "20"), 4)}  # fmt: skip
#: What reading a file raises, one that is compressed and broken too.
BROKEN = (OSError, EOFError, zlib.error)
#: Most lines of a file that are named one by one when they can't be used.
NAMED_PROBLEMS = 3


class Layout(msgspec.Struct, frozen=True):
    """Where a format keeps what is needed. A column is a name, or its place where there is no header.

    ``actor`` and ``recipient`` are tried in their order until one names a state; ``event`` is a CAMEO code, a name of
    CAMEO (``ICEWS`` quadruples) or a PLOVER type; ``roles`` are the columns that say what the two parties are there.
    """

    name: str
    columns: int
    header: bool
    date: str
    actor: tuple[str, ...]
    recipient: tuple[str, ...]
    event: str
    mode: str | None = None
    text: str | None = None
    roles: tuple[str, ...] = ()


LAYOUTS = (
    Layout("ICEWS", 20, True, "Event Date", ("Source Country", "Source Name"), ("Target Country", "Target Name"),
           "CAMEO Code", text="Event Text", roles=("Source Name", "Target Name")),
    Layout("POLECAT", 40, True, "Event Date", ("Actor Country", "Actor Name"), ("Recipient Country", "Recipient Name"),
           "Event Type", "Event Mode", roles=("Primary Actor Sector", "Primary Recipient Sector")),
    Layout("Phoenix", 26, False, "1", ("6", "5"), ("10", "9"), "13", text="23", roles=("7", "11")),
    Layout("GDELT", 61, False, "1", ("7",), ("17",), "26", text="60", roles=("12", "22")),
    Layout("GDELT", 58, False, "1", ("7",), ("17",), "26", text="57", roles=("12", "22")),
    Layout("GDELT", 57, False, "1", ("7",), ("17",), "26", roles=("12", "22")),
    Layout("ICEWS quadruples", 4, False, "3", ("0",), ("2",), "1", text="1", roles=("0", "2")),
)  # fmt: skip
EVENTS_COLUMN = {"ICEWS quadruples": "name", "POLECAT": "type"}


class Reading(msgspec.Struct, frozen=True):
    """An event table read from a file, and what became of its rows.

    ``table`` has the columns date, actor, recipient, event, score, quad and text, for the rows that have two different
    states. ``rows`` were read; of the ``actors`` that name a country, a state or a known person, ``resolved`` became
    states. ``unknown`` lists the names that are in no list, most frequent first; ``problems`` are lines for a person.
    """

    table: Any
    format: str
    rows: int
    actors: int
    resolved: int
    unknown: tuple[tuple[str, int], ...]
    problems: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of the actors that name a country, a state or a known person and became states; 1 where there is
        none.
        """
        return self.resolved / self.actors if self.actors else 1.0


def read_events(path: str | Path | pa.Table, *, atlas: Atlas | None = None, official: bool = False) -> Reading:
    """Read an event table from a file, or from an Arrow table such as ``Record.pairs().to_arrow_table()``.

    A file is of ICEWS, Phoenix, GDELT, POLECAT, or our own as CSV, TSV, Parquet or JSON lines.

    Our own has the columns date, actor, recipient and one of event (a PLOVER type), cameo and score; the JSON lines are
    those of ``communique code --json``, or PLOVER's records. With ``official`` only what governments, forces, courts
    and parliaments do to each other counts, not citizens, firms, media, rebels or thieves, where the table tells them
    apart. Raises ``SourceError`` where the file can't be read and ``DataError`` where its format is none of these.

    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp(), "mine.csv")
    >>> _ = file.write_text("date,actor,recipient,event\\n2014-03-01,Russia,Kyiv,THREATEN\\n")
    >>> read_events(file).table.to_pylist()[0]["score"]
    -3.5
    """
    resolver = Resolver(atlas or Atlas.load())
    if not isinstance(path, str | Path):
        name = Path("the table")
        return _from_columns(name, _named(name, path), resolver, official)
    path = Path(path)
    head = _head(path)
    if head.startswith(b"PAR1"):
        return _from_columns(path, _named(path, _parquet(path)), resolver, official)
    line = head.decode("utf-8-sig", "replace").splitlines()[0]
    if line.startswith("{"):
        return _from_columns(path, _json_rows(path), resolver, official)
    return _from_columns(path, _delimited(path, line), resolver, official)


def read_columns(path: str | Path) -> pa.Table:
    """Read the columns of a CSV, TSV or Parquet file as they are, such as a statement table's; numbers as numbers.

    Raises ``SourceError`` where the file can't be read, ``DataError`` where it is no such file.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    path = Path(path)
    head = _head(path)
    if head.startswith(b"PAR1"):
        return _parquet(path)
    delimiter = TAB if TAB in head.decode("utf-8-sig", "replace").splitlines()[0] else COMMA
    try:
        return arrow_csv.read_csv(path, parse_options=arrow_csv.ParseOptions(delimiter=delimiter))
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a table: {error}") from None


class _Columns(msgspec.Struct, frozen=True):
    """The columns of a file under the names of its layout, all text but the score."""

    layout: Layout
    table: Any
    problems: tuple[str, ...] = ()


class Resolver:
    """From what an event table calls an actor to the state that it acts for; each name is looked up once."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._known: dict[str, str | None] = {}

    def state(self, name: str) -> str | None:
        """Return the code of the state that a name, a role with a country, or a code stands for.

        >>> resolver = Resolver(Atlas.load())
        >>> [resolver.state(name) for name in ("Police (Nigeria)", "Angela Merkel", "GBR", "United Nations")]
        ['NGA', 'DEU', 'GBR', None]
        """
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def is_expected(self, name: str) -> bool:
        """Say whether a name should be a state: it has a country in brackets, or isn't known to be of no state."""
        within = BRACKETED.search(name)
        form = within[1] if within else name
        return self.state(name) is not None or not self._is_of_no_state(form)

    def is_official(self, name: str) -> bool:
        """Say whether a name, a role with a country, or a sector's code stands for a state's own organs.

        A role that is not known counts as official, as a name without one does.

        >>> resolver = Resolver(Atlas.load())
        >>> [resolver.is_official(name) for name in ("Police (Nigeria)", "Citizen (Nigeria)", "Nigeria", "REB", "MIL")]
        [True, False, True, False, True]
        """
        if SECTOR.fullmatch(name):
            return name in codebook.STATE_ORGANS or name in self._atlas.entities
        within = BRACKETED.search(name)
        if not within:
            return True
        role = name[: within.start()].strip().casefold()
        first, last = re.split(r"[ /]", role)[0], role.split(" ")[-1]
        known = (
            self._atlas.roles.get(form) for form in (role, role.split(" /")[0], first, last, last.removesuffix("s"))
        )
        found = next((each for each in known if each), None)
        return found is None or bool(codebook.STATE_ORGANS & set(found.sectors))

    def _is_of_no_state(self, form: str) -> bool:
        readings = self._atlas.forms.get(form, ())
        return bool(readings) or form in _regions()

    def _find(self, name: str) -> str | None:
        within = BRACKETED.search(name)
        for form in (within[1], name[: within.start()].strip()) if within else (name,):
            for spelling in _spellings(form):
                found = self._exactly(spelling)
                if found:
                    return found
        return None if within else self._short_names.get(_ends(name))

    @cached_property
    def _short_names(self) -> dict[tuple[str, str], str]:
        """The country of persons by first and last word of their names, where that is one country."""
        countries: dict[tuple[str, str], set[str]] = {}
        for form, readings in self._atlas.forms.items():
            for reading in readings:
                entity = self._atlas.entities[reading.entity_id]
                if entity.kind == "person" and entity.country and " " in form:
                    countries.setdefault(_ends(form), set()).add(entity.country)
        return {ends: next(iter(found)) for ends, found in countries.items() if len(found) == 1 and all(ends)}

    def _exactly(self, form: str) -> str | None:
        """A code or a form of the atlas; a form that means two states means none."""
        listed = _listed().get(form)
        if listed:
            return listed
        entity = self._atlas.entities.get(form)
        if entity is not None and entity.kind == "state":
            return form
        readings = self._atlas.forms.get(form, ())
        states: set[str | None] = {self._atlas.entities[reading.entity_id].country for reading in readings}
        whole = {r.entity_id for r in readings if self._atlas.entities[r.entity_id].kind == "state" and r.use == "name"}
        if len(whole) == 1:
            return next(iter(whole))
        return next(iter(states)) if len(states) == 1 else None


def _spellings(form: str) -> Iterator[str]:
    """A name, the same without accents and titles, family name last."""
    from unicodedata import combining, normalize

    form = form.strip()
    yield form
    plain = TITLE.sub("", "".join(letter for letter in normalize("NFKD", form) if not combining(letter)))
    yield plain
    yield re.sub(r'(?<!\s)\s*"[^"]*"', "", plain)
    words = plain.split()
    if len(words) == PAIR:
        yield f"{words[1]} {words[0]}"
    if COMMA in form:
        last, _, first = form.partition(COMMA)
        yield f"{first.strip()} {last.strip()}"


def _ends(name: str) -> tuple[str, str]:
    """The first and the last word of a person's name, plain: what two spellings of it share."""
    from unicodedata import combining, normalize

    plain = "".join(letter for letter in normalize("NFKD", name) if not combining(letter))
    words = TITLE.sub("", plain).casefold().replace("-", " ").split()
    return (words[0], words[-1]) if len(words) > 1 else ("", "")


@cache
def _listed() -> Mapping[str, str]:
    return {row["name"]: row["state"] for row in _rows("names.tsv")}


@cache
def _regions() -> frozenset[str]:
    return frozenset(row["name"] for row in _rows("regions.tsv"))


@cache
def _codes() -> Mapping[str, tuple[str, str]]:
    """PLOVER's type and mode by CAMEO code."""
    return {row["code"]: (row["event"], row["mode"]) for row in _rows("cameo.tsv")}


@cache
def _code_names() -> Mapping[str, str]:
    return {name.casefold(): row["code"] for row in _rows("cameo.tsv") for name in row["names"].split(BAR)}


def _rows(name: str) -> list[dict[str, str]]:
    lines = read_text(f"order/{name}").splitlines()
    kept = (line for line in lines if line and not line.startswith("#"))
    return list(csv.DictReader(kept, delimiter=TAB, quoting=csv.QUOTE_NONE))


class Meaning(msgspec.Struct, frozen=True):
    """What an event's code says: PLOVER's type (None: it has none), score and quad class."""

    event: str | None
    score: float
    quad: str


def cameo_meaning(code: str) -> Meaning | None:
    """Return what a CAMEO code says, its score being Goldstein's; None where CAMEO has no such code.

    >>> cameo_meaning("1384"), cameo_meaning("010").quad
    (Meaning(event='THREATEN', score=-7.0, quad='verbal conflict'), 'neutral')
    """
    code = code.strip()
    try:
        score = codebook.goldstein(code)
    except codebook.CodebookError:
        return None
    if code[:ROOT] not in CAMEO_QUADS:
        return None
    known = (_codes().get(code[:width]) for width in (4, 3))
    event = next((found[0] for found in known if found), None)
    if event is None:
        event = next((kind for code_, (kind, _) in _codes().items() if code_.startswith(code[:ROOT])), "")
    return Meaning(event or None, score, QUADS[CAMEO_QUADS[code[:ROOT]]])


def named_meaning(name: str) -> Meaning | None:
    """Return what CAMEO's name of an event says; None where CAMEO has no such name.

    >>> named_meaning("Make a visit").event
    'CONSULT'
    """
    code = _code_names().get(name.strip().casefold())
    return None if code is None else cameo_meaning(code)


def plover_meaning(event: str, mode: str = "") -> Meaning | None:
    """Return what a PLOVER type and mode say; None where PLOVER has no such type. A mode it lacks does not count.

    >>> plover_meaning("ASSAULT", "drone").score
    -9.5
    """
    event = event.strip().upper()
    if event not in {kind.name for kind in codebook.types()}:
        return None
    mode = mode.strip().lower()
    modes = (mode,) if mode in codebook.modes(event) else ()
    return Meaning(event, codebook.score(event, modes), codebook.quad(event))


def _open(path: Path) -> Any:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _head(path: Path) -> bytes:
    try:
        with _open(path) as stream:
            head = bytes(stream.read(SNIFFED))
    except FileNotFoundError:
        raise SourceNotFound(str(path), "no such file or folder") from None
    except BROKEN as error:
        raise SourceUnreadable(str(path), getattr(error, "strerror", None) or "can not be read") from error
    if not head.strip():
        raise SourceEmpty(str(path), "there are no events in it")
    return head


def _parquet(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        table.validate(full=True)  # a damaged file may have text that is no text
        return table
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a Parquet file that can be read: {error}") from None


def _named(path: Path, table: pa.Table) -> _Columns:
    """The columns of a table that has names: those of a known data set, or ours."""
    have = set(table.column_names)
    for layout in LAYOUTS:
        if layout.header and {layout.date, layout.event, *layout.actor, *layout.recipient} <= have:
            return _Columns(layout, table)
    missing = [name for name in OUR_COLUMNS[:3] if name not in have]
    if missing or not have & {"event", "cameo", "score"}:
        wanted = f"the column {missing[0]!r}" if missing else "a column event, cameo or score"
        raise DataError(f"{path}: {wanted} is missing; an event table has date, actor, recipient and event or score")
    event = "event" if "event" in have else "cameo" if "cameo" in have else ""
    own = Layout("events", len(have), True, "date", ("actor",), ("recipient",), event,
                 "mode" if "mode" in have else None, "text" if "text" in have else None)  # fmt: skip
    return _Columns(own, table)


def _delimited(path: Path, line: str) -> _Columns:
    """The columns of a CSV or TSV file, whose first line tells the format."""
    delimiter = TAB if TAB in line else COMMA
    cells = [cell.strip().strip('"') for cell in line.split(delimiter)]
    by_name = {cell.casefold() for cell in cells}
    if {"event date", "cameo code"} <= by_name or {"event date", "event type"} <= by_name or "actor" in by_name:
        table, problems = _read_csv(path, delimiter, None, None)
        columns = _named(path, table)
        return msgspec.structs.replace(columns, problems=problems)
    for layout in LAYOUTS:
        if not layout.header and len(cells) == layout.columns and day_of(cells[int(layout.date)]):
            needed = {layout.date, *layout.actor, *layout.recipient, layout.event, *filter(None, [layout.text])}
            needed |= set(layout.roles)
            table, problems = _read_csv(path, delimiter, layout.columns, sorted(needed, key=int))
            return _Columns(layout, table, problems)
    raise DataError(
        f"{path}: not an event table that is known: {len(cells)} columns, beginning with {cells[0][:40]!r}; "
        "ICEWS, Phoenix, GDELT, POLECAT, or a header with date, actor, recipient and event or score"
    )


def _read_csv(
    path: Path, delimiter: str, columns: int | None, needed: Sequence[str] | None
) -> tuple[pa.Table, tuple[str, ...]]:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    bad: list[int | None] = []

    def skip(row: Any) -> str:
        bad.append(row.number)
        return "skip"

    names = None if columns is None else [str(place) for place in range(columns)]
    wanted = needed if needed is not None else _header(path, delimiter)
    try:
        table = arrow_csv.read_csv(
            path,
            read_options=arrow_csv.ReadOptions(column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, quote_char='"' if delimiter == COMMA else False, invalid_row_handler=skip
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.string()), include_columns=list(wanted), strings_can_be_null=False
            ),
        )
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a table of text in UTF-8: {error}") from None
    problems = (f"{path}: {len(bad)} lines with a wrong number of columns were left out",) if bad else ()
    return table, problems


def _header(path: Path, delimiter: str) -> list[str]:
    line = _head(path).decode("utf-8-sig", "replace").splitlines()[0]
    return next(csv.reader([line], delimiter=delimiter))


def _json_rows(path: Path) -> _Columns:
    """The events of JSON lines: reports, as ``communique code --json`` prints them, or PLOVER's records.

    One row for each actor and recipient. Only what is asserted has happened; the parties of a symmetric event each meet
    the others.
    """
    import pyarrow as pa

    plover = b'"event_scale"' in next(_lines(path))
    decoder: msgspec.json.Decoder[_Record | _Report] = msgspec.json.Decoder(_Record if plover else _Report)
    rows: list[dict[str, Any]] = []
    problems: list[str] = []
    for number, line in enumerate(_lines(path), 1):
        try:
            read = decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            problems.append(f"{path}, line {number}: not a {'PLOVER record' if plover else 'report'}: {error}")
            continue
        rows.extend(_record_pairs(read) if isinstance(read, _Record) else _report_pairs(read))
    schema = pa.schema([(name, pa.string()) for name in OUR_COLUMNS if name != "score"] + [("score", pa.float64())])
    table = pa.Table.from_pylist(rows, schema=schema)
    name = "PLOVER" if plover else "reports"
    layout = Layout(name, 0, True, "date", ("actor",), ("recipient",), "event", "mode", "text")
    named = problems[:NAMED_PROBLEMS]
    more = [f"{path}: and {len(problems) - len(named)} more lines"] if len(problems) > len(named) else []
    return _Columns(layout, table, (*named, *more))


class _Entity(msgspec.Struct):
    id: str
    name: str
    country: str | None = None


class _Event(msgspec.Struct):
    event: str
    score: float
    quad: str
    actors: list[str]
    recipients: list[str]
    status: str = ASSERTED
    modes: list[str] = []
    date: str | None = None


class _Article(msgspec.Struct):
    title: str | None = None
    published: str | None = None


class _Report(msgspec.Struct):
    article: _Article
    entities: list[_Entity]
    events: list[_Event]


class _Who(msgspec.Struct):
    code: str | None = None
    identifier_text: str | None = None


class _Record(msgspec.Struct):
    date: str | None
    actor: list[_Who]
    event: list[str]
    event_scale: float | None
    quad_code: str | None = None
    recipient: list[_Who] = []
    mode: list[str] = []
    status: str = ASSERTED
    event_text: str | None = None


def _report_pairs(report: _Report) -> Iterator[dict[str, Any]]:
    who = {entity.id: entity.country or entity.name for entity in report.entities}
    for event in report.events:
        actors, recipients = ([who.get(one, "") for one in side] for side in (event.actors, event.recipients))
        fixed = {"date": event.date or report.article.published or "", "event": event.event, "mode": "",
                 "score": event.score, "quad": event.quad, "text": report.article.title or ""}  # fmt: skip
        yield from _pairs(actors, recipients, fixed, event.status)


def _record_pairs(record: _Record) -> Iterator[dict[str, Any]]:
    actors, recipients = (
        [one.code or one.identifier_text or "" for one in side] for side in (record.actor, record.recipient)
    )
    event, mode = (next(iter(names), "") for names in (record.event, record.mode))
    fixed = {"date": record.date or "", "event": event, "mode": mode, "score": record.event_scale,
             "quad": record.quad_code, "text": record.event_text or ""}  # fmt: skip
    yield from _pairs(actors, recipients, fixed, record.status)


def _pairs(actors: list[str], recipients: list[str], fixed: dict[str, Any], status: str) -> Iterator[dict[str, Any]]:
    """A row for each actor with each recipient; without recipients, for each actor with each other one."""
    met = [(a, r) for a in actors for r in recipients] or [(a, b) for a in actors for b in actors if a != b]
    for actor, recipient in met if status == ASSERTED else ():
        yield {**fixed, "actor": actor, "recipient": recipient}


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with _open(path) as stream:
            yield from (line for line in stream if line.strip())
    except BROKEN as error:
        raise SourceUnreadable(str(path), getattr(error, "strerror", None) or "cut short or broken") from error


class _Values(msgspec.Struct, frozen=True):
    """A text column: its different values, and the index of each row's."""

    values: list[str]
    index: Any

    def map(self, meaning: Callable[[str], Any]) -> list[Any]:
        return [meaning(value) for value in self.values]


def _values(column: Any) -> _Values:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = column if pa.types.is_dictionary(column.type) else column.cast(pa.string())
    encoded = pc.fill_null(column, "").dictionary_encode() if not pa.types.is_dictionary(column.type) else column
    encoded = encoded.unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], encoded.type)
    values = [value or "" for value in encoded.dictionary.to_pylist()]
    index = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return _Values([*values, ""], index)


def _from_columns(path: Path, columns: _Columns, resolver: Resolver, official: bool) -> Reading:
    """Resolve the columns of a file and put the rows of two states together."""
    import pyarrow as pa

    layout, table = columns.layout, columns.table
    _check_columns(path, columns, official)
    states: list[str] = []
    parties, unknown, expected, resolved = [], dict[str, int](), 0, 0
    for side in (layout.actor, layout.recipient):
        party = _party(table, side, resolver, states)
        parties.append(party.state)
        expected, resolved = expected + party.expected, resolved + party.resolved
        for name, count in party.unknown.items():
            unknown[name] = unknown.get(name, 0) + count
    days = _values(table[layout.date])
    day = np.array([day_of(value) for value in days.values], "M8[D]")[days.index]
    event, score, quad, bad = _meanings(table, layout)
    acting = np.ones(table.num_rows, bool)
    for column in layout.roles if official else ():
        roles = _values(table[column])
        acting &= np.array(roles.map(resolver.is_official), bool)[roles.index]
    kept = np.flatnonzero((parties[0] >= 0) & (parties[1] >= 0) & (parties[0] != parties[1])
                          & acting & ~np.isnat(day) & np.isfinite(score))  # fmt: skip
    types = [kind.name for kind in codebook.types()]
    result = pa.table({
        "date": pa.array(day[kept], pa.date32()),
        "actor": _dictionary(parties[0][kept], states),
        "recipient": _dictionary(parties[1][kept], states),
        "event": _dictionary(event[kept], types),
        "score": pa.array(score[kept]),
        "quad": _dictionary(quad[kept], list(QUADS)),
        "text": table[layout.text].take(pa.array(kept)) if layout.text else pa.nulls(len(kept), pa.string()),
    })  # fmt: skip
    problems = [*columns.problems]
    undated = int(np.isnat(day).sum())
    problems += [f"{path}: {undated} rows without a date such as 2014-03-01 were left out"] if undated else []
    problems += [f"{path}: no event is known by {name!r} ({count} rows left out)" for name, count in bad]
    ranked = tuple(sorted(unknown.items(), key=lambda item: (-item[1], item[0])))
    return Reading(result, layout.name, table.num_rows, expected, resolved, ranked, tuple(problems))


def _check_columns(path: Path, columns: _Columns, official: bool) -> None:
    """Raise DataError unless each column that is needed is there once."""
    layout, there = columns.layout, columns.table.column_names
    needed = [layout.date, *layout.actor, *layout.recipient, layout.event, layout.mode, layout.text]
    needed += [*(layout.roles if official else ()), *(["score"] if "score" in there else [])]
    for name in filter(None, needed):
        if (count := there.count(name)) != 1:
            raise DataError(f"{path}: the column {name!r} is {f'there {count} times' if count else 'missing'}")


def _dictionary(index: Any, values: Sequence[str]) -> Any:
    import pyarrow as pa

    missing = index < 0
    indices = pa.array(np.where(missing, 0, index).astype(np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(values), pa.string()))


class _Party(msgspec.Struct, frozen=True):
    state: Any
    expected: int
    resolved: int
    unknown: dict[str, int]


def _party(table: pa.Table, side: Sequence[str], resolver: Resolver, states: list[str]) -> _Party:
    """One side of all rows as indexes into ``states`` (which grows), -1 where it is no state; and the count of
    names.
    """
    place = {code: index for index, code in enumerate(states)}
    result = np.full(table.num_rows, -1, np.int32)
    named = np.zeros(table.num_rows, bool)
    unknown: dict[str, int] = {}
    for column in side:
        found = _values(table[column])
        codes = found.map(lambda value: resolver.state(value) if value else None)
        for code in codes:
            if code is not None and code not in place:
                place[code] = len(states)
                states.append(code)
        mapped = np.array([place.get(code, -1) if code else -1 for code in codes], np.int32)[found.index]
        wanted = np.array([bool(value) and resolver.is_expected(value) for value in found.values])
        open_rows = result < 0
        result = np.where(open_rows, mapped, result)
        named |= wanted[found.index]
        counts = np.bincount(found.index[open_rows], minlength=len(found.values))
        for value, code, asked, count in zip(found.values, codes, wanted, counts, strict=True):
            if asked and code is None and count:
                unknown[value] = int(count)
    return _Party(result, int((named | (result >= 0)).sum()), int((result >= 0).sum()), unknown)


def _meanings(table: pa.Table, layout: Layout) -> tuple[Any, Any, Any, list[tuple[str, int]]]:
    """Type, score and class of each row; and the codes that say nothing, with the count of their rows."""
    types = {kind.name: index for index, kind in enumerate(codebook.types())}
    own_score = "score" in table.column_names
    if not layout.event:
        event = np.full(table.num_rows, -1, np.int32)
        score = _given_scores(table)
        return event, score, np.select([score > 0, score < 0], [1, 3], 0).astype(np.int32), []
    found = _values(table[layout.event])
    if layout.mode:
        meanings, index = _typed(found, _values(table[layout.mode]))
    else:
        kind = EVENTS_COLUMN.get(layout.name, "type" if layout.event == "event" else "code")
        say: Callable[[str], Meaning | None] = {
            "name": named_meaning, "type": lambda v: plover_meaning(v) or cameo_meaning(v), "code": cameo_meaning,
        }[kind]  # fmt: skip
        meanings, index = found.map(say), found.index
    event = np.array([types.get(m.event or "", -1) if m else -1 for m in meanings], np.int32)[index]
    score = np.array([m.score if m else np.nan for m in meanings])[index]
    quad = np.array([QUADS.index(m.quad) if m else 0 for m in meanings], np.int32)[index]
    if own_score:
        given = _given_scores(table)
        score = np.where(np.isfinite(given), given, score)
    bad_rows = found.index[~np.isfinite(score)]
    counts = np.bincount(bad_rows, minlength=len(found.values))
    worst = [
        (found.values[i], int(counts[i])) for i in np.argsort(-counts, kind="stable")[:NAMED_PROBLEMS] if counts[i]
    ]
    return event, score, quad, worst


def _typed(event: _Values, mode: _Values) -> tuple[list[Meaning | None], Any]:
    """What each pair of type and mode says; a pair is looked up once."""
    width = len(mode.values)
    pairs, index = np.unique(event.index.astype(np.int64) * width + mode.index, return_inverse=True)
    meanings = [
        plover_meaning(event.values[pair // width], mode.values[pair % width])
        or cameo_meaning(event.values[pair // width])
        for pair in pairs.tolist()
    ]
    return [*meanings, None], index


def _given_scores(table: pa.Table) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table["score"]
    if pa.types.is_string(column.type):
        number = pc.match_substring_regex(column, r"^\s*[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?\s*$")
        column = pc.if_else(number, pc.utf8_trim_whitespace(column), None)
    return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)
