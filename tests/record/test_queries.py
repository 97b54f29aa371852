"""Questions: a table of filters and what they find in the made-up reports."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pandas
import polars
import pytest
from tests.record.conftest import FIRST, Reports

from communique.actors import ActorRow, Atlas
from communique.errors import QueryError
from communique.model import Entity, Report
from communique.record import Record
from communique.record.queries import search_parts

#: The atlas of a made-up world.
ATLAS = Atlas.bare().with_actors(
    [ActorRow("BOR", "Borduria", "state", "BOR", forms=("Szohôd",)), ActorRow("SYL", "Syldavia", "state", "SYL")]
)


@pytest.fixture(scope="module")
def record() -> Iterator[Record]:
    with Record.open(":memory:") as opened:
        yield opened


@pytest.fixture(autouse=True)
def filled(record: Record, reports: Reports) -> None:
    """Two articles as they are, and a later one, by another publisher, of a Bordurian who did not threaten."""
    first, second, third = reports(3)
    who = Entity("per:y", "Plekszy-Gladz", "person", "BOR", ("GOV",))
    threat = msgspec.structs.replace(
        third.events[0], event="THREATEN", modes=("restrict",), status="negated", actors=("per:y",), date="2023-04-01"
    )
    article = msgspec.structs.replace(third.article, published="2023-04-02T08:00:00Z", publisher="Szohôd 100%")
    other = msgspec.structs.replace(third, article=article, entities=(*third.entities, who), events=(threat,))
    record.add([first, second, other], run=FIRST)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 3),
        ({"actor": "BOR"}, 3),
        ({"actor": "Szohôd"}, 3),
        ({"actor": "Plekszy-Gladz"}, 1),
        ({"actor": "plekszy-gladz"}, 1),
        ({"actor": "per:y"}, 1),
        ({"actor": "SYL"}, 0),
        ({"recipient": "Syldavia"}, 3),
        ({"between": ("SYL", "BOR")}, 3),
        ({"between": ("SYL", "per:y")}, 1),
        ({"between": ("SYL", "SYL")}, 0),
        ({"event": "threaten"}, 1),
        ({"event": ["THREATEN", "REQUEST"]}, 3),
        ({"mode": "restrict"}, 1),
        ({"status": "asserted"}, 2),
        ({"since": "2023-03-23"}, 1),
        ({"until": "2023-03-22"}, 2),
        ({"since": "2023-03-22", "until": "2023-03-22"}, 2),
        ({"publisher": "szohôd 100%"}, 1),
        ({"publisher": "szohôd 1000"}, 0),
        ({"text": "EXPLAIN"}, 3),
        ({"text": "explain klow"}, 3),
        ({"text": '"explain klow"'}, 0),
        ({"text": '"told reporters"'}, 3),
        ({"text": "rained"}, 0),
        ({"text": "100%"}, 0),
        ({"text": "_"}, 0),
        ({"limit": 2}, 2),
        ({"limit": 0}, 0),
    ],
)  # fmt: skip
def test_events(record: Record, asked: dict[str, object], found: int) -> None:
    assert len(record.events(atlas=ATLAS, **asked).fetchall()) == found  # type: ignore[arg-type]
    assert len(list(record.answer("events", asked, ATLAS).rows)) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "asked", "found"),
    [
        ("statements", {}, 3),
        ("statements", {"speaker": "BOR", "about": "SYL", "addressee": "reporters [red]"}, 3),
        ("statements", {"speaker": "SYL"}, 0),
        ("statements", {"kind": "mixed", "text": "moves"}, 3),
        ("statements", {"kind": "direct"}, 0),
        ("statements", {"since": "2023-04-01"}, 1),
        ("entities", {}, 4),
        ("entities", {"named": "Borduria"}, 2),
        ("entities", {"kind": "person"}, 1),
        ("entities", {"until": "2023-04-01"}, 3),
        ("entities", {"limit": 1}, 1),
        ("articles", {"text": "it rained"}, 3),
        ("articles", {"publisher": "Szohôd 100%"}, 1),
        ("articles", {"text": "snow"}, 0),
        ("problems", {"text": "quotation"}, 3),
    ],
)
def test_other_kinds(record: Record, kind: str, asked: dict[str, object], found: int) -> None:
    assert len(record.ask(kind, asked, ATLAS).fetchall()) == found  # type: ignore[arg-type]


def test_the_newest_come_first_and_entities_of_most_articles(record: Record) -> None:
    assert [row[2] for row in record.events().fetchall()] == ["THREATEN", "REQUEST", "REQUEST"]
    rows = record.entities().fetchall()
    assert [(row[0], row[5]) for row in rows] == [("BOR", 3), ("SYL", 3), ("grp:x", 3), ("per:y", 1)]


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"actor": "Szohid"}, "nobody in the atlas or in this record is called 'Szohid'; did you mean 'Szohôd'"),
        ({"event": "THREAT"}, "event: there is no 'THREAT'; did you mean 'THREATEN'?"),
        ({"mode": "loudly"}, "mode: there is no 'loudly'; "),
        ({"status": "maybe"}, "status: there is no 'maybe'; it is one of asserted, negated, "),
        ({"since": "Tuesday"}, "since: 'Tuesday' is not a date such as 2023-03-22"),
        ({"addressee": "Russia"}, "events can't be asked by addressee; they can by party, actor, recipient, between, "),
        ({"limit": -1}, "limit: less than nothing can't be shown"),
    ],
)
def test_what_can_not_be_meant(record: Record, asked: dict[str, object], line: str) -> None:
    with pytest.raises(QueryError) as told:
        record.events(atlas=ATLAS, **asked)  # type: ignore[arg-type]
    assert str(told.value).startswith(f":memory:: {line}")


def test_relations_are_for_data_frames(record: Record) -> None:
    relation = record.events(event="REQUEST")
    frame = relation.df()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["trigger_words"]) == ["asked", "asked"]
    assert isinstance(relation.pl(), polars.DataFrame)
    assert relation.pl()["actors"].to_list() == [["BOR"], ["BOR"]]
    assert relation.to_arrow_table().num_rows == 2


def test_sight(record: Record, report: Report) -> None:
    sight = record.sight("ev1-0")
    assert sight.event.id == "ev1-0"
    assert sight.paragraph == report.article.text.splitlines()[-1]
    marked = [(role.role, role.span.of(report.article.text), role.entity_id) for role in sight.roles]
    assert marked == [("trigger", "asked", None)]
    assert [copy.event_id for copy in sight.copies] == ["ev1-1"]
    assert sight.statement is not None
    for wrong in ("ev", "nothing"):
        with pytest.raises(QueryError, match="begin"):
            record.sight(wrong)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("", ()), ("a  b", ("a", "b")), ('"a b" c', ("a b", "c")), ('a"b', ('a"b',)), ('""', ('""',))],
)
def test_search_parts(text: str, parts: tuple[str, ...]) -> None:
    assert search_parts(text) == parts
