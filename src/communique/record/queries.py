"""What can be asked of the record: filters in, SQL and its parameters out. Nothing here knows of a connection."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypedDict, get_args

import msgspec

from communique.codebook import contexts, modes, types
from communique.model import Choice, EntityKind, StatementKind, Status
from communique.record.days import day_of

Kind = Literal["events", "statements", "entities", "articles", "problems"]

#: Columns of an answer, in order. ``e`` is the table that is asked, ``a`` the article.
ARTICLE_OF = " LEFT JOIN articles AS a ON a.id = e.article_id"
ARTICLE = ("e.article_id", "a.title", "a.published", "a.publisher", "a.url")
COLUMNS: dict[Kind, tuple[str, ...]] = {
    "events": (
        "e.id", "e.date", "e.event", "e.modes", "e.contexts", "e.cameo", "e.score", "e.quad", "e.actors",
        "e.actor_names", "e.actor_countries", "e.recipients", "e.recipient_names", "e.recipient_countries", "e.status",
        "e.place", "e.killed", "e.injured", "e.arrested",
        "e.statement_id", "e.trigger_words", "e.sentence_text", "e.sentence", "e.trigger_start",
        "e.trigger_end", "e.confidence", "e.why", *ARTICLE, "e.run",
    ),
    "statements": (
        "e.id", "e.kind", "e.speakers", "e.speaker_names", "e.speaker_countries", "e.speaker_words", "e.addressees",
        "e.addressee_names", "e.cue_words", "e.quote", "e.about", "e.about_names", "e.channel", "e.sentence", *ARTICLE,
        "e.run",
    ),
    "entities": (
        "e.id", "mode(e.name) AS name", "mode(e.kind) AS kind", "mode(e.country) AS country",
        "mode(e.sectors) AS sectors", "count(*) AS articles", "min(a.day) AS first_day", "max(a.day) AS last_day",
    ),
    "articles": (
        "e.id", "e.title", "e.published", "e.publisher", "e.url", "e.author", "e.language", "len(e.text) AS characters",
        "(SELECT list(source ORDER BY source) FROM sources WHERE article_id = e.id) AS sources", "e.run",
    ),
    "problems": ("e.id", "e.line", "e.source", "e.article_id", "a.title", "a.published", "a.publisher", "e.run"),
}  # fmt: skip
ORDERS: dict[Kind, str] = {
    "events": "e.day DESC NULLS LAST, e.article_id, e.trigger_start, e.id",
    "statements": "e.day DESC NULLS LAST, e.article_id, e.sentence, e.id",
    "entities": "articles DESC, e.id",
    "articles": "e.day DESC NULLS LAST, e.id",
    "problems": "e.source, e.article_id, e.line",
}
#: What ``text`` is looked for in.
SEARCHED: dict[Kind, str] = {
    "events": "e.sentence_text",
    "statements": "e.quote",
    "entities": "e.name",
    "articles": "e.text",
    "problems": "e.line",
}
#: What people say of rows of a kind; the view of the kind as it stands then is called KIND_now.
CORRECTIONS: dict[Kind, str] = {"events": "corrections", "statements": "statement_corrections"}
#: Values up to which each is looked for by itself.
FEW_VALUES = 4
#: A part of a search: words in quotation marks belong together.
SEARCH_PART = re.compile(r'"([^"]+)"|(\S+)')


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer is to be of; parts that are not given do not count, those that are must all hold.

    ``id`` and ``article`` hold ids of rows and of articles; ``since`` and ``until`` are days (ISO 8601), both within;
    ``text`` holds words that must all be there, case does not count, and ``"words in quotation marks"`` stand together.
    ``between`` means from one to the other, either way; ``party`` has somebody on either side of an event, or as
    speaker or addressee. ``event``, ``mode``, ``context``, ``status``, ``kind`` and ``place`` hold what is allowed.
    ``offset`` rows are passed over before ``limit`` are given.
    """

    id: tuple[str, ...] = ()
    article: tuple[str, ...] = ()
    party: Choice | None = None
    actor: Choice | None = None
    recipient: Choice | None = None
    between: tuple[Choice, Choice] | None = None
    speaker: Choice | None = None
    addressee: Choice | None = None
    about: Choice | None = None
    named: Choice | None = None
    event: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    publisher: str | None = None
    text: str | None = None
    limit: int | None = None
    offset: int = 0


class Question(msgspec.Struct, frozen=True):
    """SQL with ``$1``, ``$2``, ... in it, and what stands for them."""

    sql: str
    values: tuple[Any, ...] = ()


def _dated(filters: Filters) -> str:
    return ARTICLE_OF if filters.since or filters.until else ""


class Conditions:
    """Collects conditions and the values that they speak of."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []

    def beside(self) -> Conditions:
        """Return conditions of their own, with values numbered among these."""
        own = Conditions()
        own.values = self.values
        return own

    def value(self, value: Any) -> str:
        """Return what stands for a value in the SQL."""
        self.values.append(value)
        return f"${len(self.values)}"

    def add(self, part: str) -> None:
        """Add a condition; all must hold."""
        self.parts.append(part)

    @property
    def where(self) -> str:
        """The conditions as a clause, empty where there are none."""
        return f" WHERE {' AND '.join(self.parts)}" if self.parts else ""


def question(kind: Kind, filters: Filters, *, corrected: bool = False) -> Question:
    """Return the question for rows of a kind, newest first; ``corrected`` says that they have corrections.

    >>> question("problems", Filters(text="empty", limit=3)).values
    ('%empty%', 3)
    """
    conditions = conditions_of(kind, filters)
    limit = _limit(conditions, filters)
    columns, order = ", ".join(COLUMNS[kind]), ORDERS[kind]
    if kind == "entities":  # counted first, so that only those that are shown are looked at in full
        counted = f"SELECT e.id FROM entities AS e{_dated(filters)}{conditions.where} GROUP BY e.id"
        chosen = f"(SELECT e.* FROM entities AS e WHERE e.id IN ({counted} ORDER BY count(*) DESC, e.id{limit})) AS e"
        # the same conditions hold for the rows that are counted
        sql = f"SELECT {columns} FROM {chosen}{ARTICLE_OF}{conditions.where} GROUP BY e.id ORDER BY {order}"
    else:  # rows are chosen first, and only those that are shown get their article
        chosen = f"(SELECT e.* FROM {table_of(kind, corrected)} AS e{conditions.where} ORDER BY {order}{limit}) AS e"
        sql = f"SELECT {columns} FROM {chosen}{'' if kind == 'articles' else ARTICLE_OF} ORDER BY {order}"
    return Question(sql, tuple(conditions.values))


def table_of(kind: Kind, corrected: bool) -> str:
    """Return what rows come from; the view with corrections costs a join, and hides the order of the table."""
    return f"{kind}_now" if corrected else kind


def whole_rows(kind: Kind, filters: Filters, *, corrected: bool = False) -> Question:
    """Return the question for rows with all columns of their table, in no order."""
    conditions = conditions_of(kind, filters)
    limit = _limit(conditions, filters)
    limit = limit and f" ORDER BY {ORDERS[kind]}{limit}"
    sql = f"SELECT e.* FROM {table_of(kind, corrected)} AS e{conditions.where}{limit}"
    return Question(sql, tuple(conditions.values))


def _limit(conditions: Conditions, filters: Filters) -> str:
    limit = f" LIMIT {conditions.value(filters.limit)}" if filters.limit is not None else ""
    return f"{limit} OFFSET {conditions.value(filters.offset)}" if filters.offset else limit


def conditions_of(kind: Kind, filters: Filters, into: Conditions | None = None) -> Conditions:
    """Return what rows of the table ``e`` must meet; ``into`` has conditions and values already."""
    conditions = into or Conditions()
    for add in _PARTS[kind]:
        add(conditions, kind, filters)
    return conditions


def _parties(conditions: Conditions, kind: Kind, filters: Filters) -> None:
    for column, field, choice in (
        ("actor", "actors", filters.actor),
        ("recipient", "recipients", filters.recipient),
        ("speaker", "speakers", filters.speaker),
        ("addressee", "addressees", filters.addressee),
        ("about", "about", filters.about),
    ):
        if choice is not None:
            conditions.add(_among(conditions, choice, column, field))


#: The two sides of a kind: columns of names and countries, and the list of ids.
SIDES: dict[Kind, tuple[tuple[str, str], ...]] = {
    "events": (("actor", "actors"), ("recipient", "recipients")),
    "statements": (("speaker", "speakers"), ("addressee", "addressees")),
}


def _party(conditions: Conditions, kind: Kind, filters: Filters) -> None:
    if filters.party is not None:
        ways = (_among(conditions, filters.party, *side) for side in SIDES[kind])
        conditions.add(f"({' OR '.join(ways)})")


def _between(conditions: Conditions, kind: Kind, filters: Filters) -> None:
    """From one to the other, or both as actors of what has no recipient, such as a meeting."""
    if filters.between is None:
        return
    one, other = filters.between
    ways = [
        f"({_among(conditions, one, 'actor', 'actors')} AND {_among(conditions, other, 'recipient', 'recipients')})",
        f"({_among(conditions, other, 'actor', 'actors')} AND {_among(conditions, one, 'recipient', 'recipients')})",
        f"(len(e.recipients) = 0 AND {_among(conditions, one, 'actor', 'actors')}"
        f" AND {_among(conditions, other, 'actor', 'actors')})",
    ]
    conditions.add(f"({' OR '.join(ways)})")


def _among(conditions: Conditions, choice: Choice, column: str, field: str) -> str:
    """Somebody of the choice is in a list of parties."""
    ways = []
    if choice.states:  # the states themselves are of their country, too
        ways.append(_has_any(conditions, f"e.{column}_countries", sorted(choice.states)))
    if ids := choice.ids - choice.states - ({choice.name} if choice.states else set()):
        ways.append(_has_any(conditions, f"e.{field}", sorted(ids)))
    if not choice.states and choice.name:  # somebody whom only one article knows
        name = conditions.value(choice.name.lower())
        ways.append(f"list_contains(list_transform(e.{column}_names, lambda one: lower(one)), {name})")
    return f"({' OR '.join(ways)})"


def _has_any(conditions: Conditions, column: str, wanted: Sequence[str]) -> str:
    """A list has one of some values. For few of them ``list_contains`` is quicker: 10 ms a value on 800,000 rows, where
    ``list_has_any`` takes 50.
    """
    if len(wanted) > FEW_VALUES:
        return f"list_has_any({column}, {conditions.value(list(wanted))})"
    return f"({' OR '.join(f'list_contains({column}, {conditions.value(one)})' for one in wanted)})"


def _named(conditions: Conditions, kind: Kind, filters: Filters) -> None:
    choice = filters.named
    if choice is None:
        return
    ways = [f"e.id IN (SELECT unnest({conditions.value(sorted(choice.ids))}))"]
    ways.append(f"e.country IN (SELECT unnest({conditions.value(sorted(choice.states))}))")
    ways.append(f"lower(e.name) = {conditions.value(choice.name.lower())}")
    conditions.add(f"({' OR '.join(ways)})")


def _words(conditions: Conditions, kind: Kind, filters: Filters) -> None:
    """Columns that hold one of a set of words."""
    for column, allowed in (("event", filters.event), ("status", filters.status), ("kind", filters.kind)):
        if allowed:
            conditions.add(f"e.{column} IN (SELECT unnest({conditions.value(list(allowed))}))")
    for column, allowed in (("modes", filters.mode), ("contexts", filters.context)):
        if allowed:
            conditions.add(_has_any(conditions, f"e.{column}", allowed))
    for column, ids in (("id", filters.id), ("article_id", filters.article)):
        if ids:
            conditions.add(f"e.{column} IN (SELECT unnest({conditions.value(list(ids))}))")
    if filters.place:
        conditions.add(f"e.place IN (SELECT unnest({conditions.value(list(filters.place))}))")


def _when(conditions: Conditions, kind: Kind, filters: Filters) -> None:
    day = "a.day" if kind == "entities" else "e.day"
    for value, sign in ((filters.since, ">="), (filters.until, "<=")):
        if value is not None:
            conditions.add(f"{day} {sign} CAST({conditions.value(value)} AS DATE)")


def _publisher(conditions: Conditions, kind: Kind, filters: Filters) -> None:
    if filters.publisher is not None:
        key = "id" if kind == "articles" else "article_id"
        printed = (
            f"SELECT id FROM articles WHERE publisher ILIKE {conditions.value(_like(filters.publisher))} ESCAPE '\\'"
        )
        conditions.add(f"e.{key} IN ({printed})")


def _text(conditions: Conditions, kind: Kind, filters: Filters) -> None:
    for part in search_parts(filters.text or ""):
        conditions.add(f"{SEARCHED[kind]} ILIKE {conditions.value(f'%{_like(part)}%')} ESCAPE '\\'")


def search_parts(text: str) -> tuple[str, ...]:
    """Return the words and quoted phrases of a search.

    >>> search_parts('"red line" Kyiv')
    ('red line', 'Kyiv')
    """
    return tuple(phrase or word for phrase, word in SEARCH_PART.findall(text))


def _like(text: str) -> str:
    """A text in which LIKE sees nothing special."""
    return re.sub(r"([\\%_])", r"\\\1", text)


_Part = Callable[[Conditions, Kind, Filters], None]
_PARTS: dict[Kind, Sequence[_Part]] = {
    "events": (_party, _parties, _between, _words, _when, _publisher, _text),
    "statements": (_party, _parties, _words, _when, _publisher, _text),
    "entities": (_named, _words, _when, _publisher, _text),
    "articles": (_when, _publisher, _text),
    "problems": (_publisher, _text),
}


class Asked(TypedDict, total=False):
    """The filters as a person gives them: names of actors, single words or several; see :class:`Filters`."""

    id: str | Sequence[str]
    article: str | Sequence[str]
    party: str | None
    actor: str | None
    recipient: str | None
    between: tuple[str, str] | None
    speaker: str | None
    addressee: str | None
    about: str | None
    named: str | None
    event: str | Sequence[str]
    mode: str | Sequence[str]
    context: str | Sequence[str]
    status: str | Sequence[str]
    kind: str | Sequence[str]
    place: str | Sequence[str]
    since: str | None
    until: str | None
    publisher: str | None
    text: str | None
    limit: int | None
    offset: int


#: Which filters there are for rows of a kind, besides those of ``EVERYWHERE``.
FILTERS: dict[Kind, tuple[str, ...]] = {
    "events": (
        "party", "actor", "recipient", "between", "event", "mode", "context", "status", "place", "since", "until",
        "publisher", "article",
    ),
    "statements": ("party", "speaker", "addressee", "about", "kind", "since", "until", "publisher", "article"),
    "entities": ("named", "kind", "since", "until", "publisher", "article"),
    "articles": ("since", "until", "publisher"),
    "problems": ("publisher", "article"),
}  # fmt: skip
EVERYWHERE = ("text", "id", "limit", "offset")
#: Filters that name somebody.
WHO = ("party", "actor", "recipient", "speaker", "addressee", "about", "named")


def make_filters(kind: Kind, asked: Asked, choose: Callable[[str], Choice]) -> Filters:
    """Return checked filters; ``choose`` finds who is meant by a name.

    Raises ``ValueError``, in words for a person, for what can't be meant: a type that PLOVER does not have, no date, a
    filter that rows of this kind don't have.
    """
    values: dict[str, Any] = {key: value for key, value in asked.items() if value not in (None, (), [])}
    known = (*FILTERS[kind], *EVERYWHERE)
    if strange := next((key for key in values if key not in known), None):
        raise ValueError(f"{kind} can't be asked by {strange}; they can by {', '.join(known)}")
    for day in ("since", "until"):
        if day in values:
            if (found := day_of(values[day])) is None:
                raise ValueError(f"{day}: {values[day]!r} is not a date such as 2023-03-22")
            values[day] = found.isoformat()
    for words, allowed, change in (
        ("event", [one.name for one in types()], str.upper),
        ("mode", sorted({mode for one in types() for mode in modes(one.name)}), str.lower),
        ("context", contexts(), str.lower),
        ("status", get_args(Status), str.lower),
        ("kind", get_args(EntityKind if kind == "entities" else StatementKind), str.lower),
    ):
        if words in values:
            values[words] = tuple(_allowed(words, change(one), allowed) for one in _several(values[words]))
    for words in ("id", "article", "place"):
        if words in values:
            values[words] = tuple(_several(values[words]))
    if values.get("limit", 0) < 0 or values.get("offset", 0) < 0:
        raise ValueError("limit: less than nothing can't be shown")
    for who in WHO:
        if who in values:
            values[who] = choose(values[who])
    if "between" in values:
        one, other = values["between"]
        values["between"] = (choose(one), choose(other))
    return Filters(**values)


def _several(value: str | Sequence[str]) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value


def _allowed(what: str, word: str, allowed: Sequence[str]) -> str:
    if word in allowed:
        return word
    near = difflib.get_close_matches(word, allowed, 1)
    offered = f"did you mean {near[0]!r}?" if near else f"it is one of {', '.join(allowed)}"
    raise ValueError(f"{what}: there is no {word!r}; {offered}")
