"""Damage to the file: named, and everything that can be read saved."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest
from tests.record.conftest import FIRST, Reports

from communique.errors import QueryError, RecordError
from communique.model import Report
from communique.record import Coded, Record
from communique.record.recover import Recovered, recover

#: Articles that differ, each of a page or two, so that the texts fill several blocks of the file.
ARTICLES, CHARACTERS, FLIPS = 2_500, 2_000, 14


@pytest.fixture
def whole(reports: Reports, tmp_path: Path) -> tuple[Path, dict[str, Report]]:
    chance = random.Random(1)
    made = [longer(report, chance.randbytes(CHARACTERS // 2).hex()) for report in reports(ARTICLES)]
    path = tmp_path / "whole.duckdb"
    with Record.open(path) as record:
        record.add([Coded(report, f"{number}.txt") for number, report in enumerate(made)], run=FIRST)
    with Record.open(path, read_only=True) as record:
        return path, {report.article.id: report for report in record.reports()}


def longer(report: Report, words: str) -> Report:
    replace = msgspec.structs.replace
    return replace(report, article=replace(report.article, text=f"{report.article.text}\n\n{words}"))


def flipped(path: Path, chance: random.Random, copy: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    copy.write_bytes(raw)


def test_a_flipped_bit_is_named_and_the_rest_is_saved(whole: tuple[Path, dict[str, Report]], tmp_path: Path) -> None:
    path, before = whole
    chance, opened, partly = random.Random(5), 0, 0
    for number in range(FLIPS):
        damaged, new = tmp_path / f"{number}.duckdb", tmp_path / f"{number}.new.duckdb"
        flipped(path, chance, damaged)
        found = recovered(damaged, new)
        if found is None:
            continue
        opened += 1
        check(found, new, before)
        partly += 0 < found.saved < ARTICLES
    assert opened >= FLIPS // 2
    assert partly, "damage of one block does not cost the whole table"


def recovered(damaged: Path, new: Path) -> Recovered | None:
    """What is saved; None where the damage is in the list of tables, which is named."""
    try:
        return recover(damaged, new)
    except RecordError as error:
        if new.exists() or "damaged where its tables are listed; go back to a copy of it" not in str(error):
            raise
        return None


def check(found: Recovered, new: Path, before: dict[str, Report]) -> None:
    with Record.open(new, read_only=True) as record:
        saved = list(record.reports())
    assert len(saved) == len({report.article.id for report in saved}) == found.saved
    assert all(report == before[report.article.id] for report in saved)
    torn = {one.article_id: one.article for one in found.torn}
    assert torn.keys() | {report.article.id for report in saved} == before.keys()
    assert all(article is None or article == before[key].article for key, article in torn.items())
    assert found.unread or not torn


def test_reading_damage_tells_the_way_out(whole: tuple[Path, dict[str, Report]], tmp_path: Path) -> None:
    chance, lines = random.Random(5), set()
    for _ in range(FLIPS):
        damaged = tmp_path / "damaged.duckdb"
        flipped(whole[0], chance, damaged)
        try:
            with Record.open(damaged, read_only=True) as record:
                list(record.answer("events", {}).rows)
        except (QueryError, RecordError) as error:
            lines.add(str(error))
    assert lines
    assert all("communique recover FILE -r NEW" in line and "\n" not in line for line in lines)


def test_what_can_not_be_recovered_is_named(tmp_path: Path) -> None:
    with Record.open(tmp_path / "a.duckdb"):
        pass
    with pytest.raises(RecordError, match="this is there already"):
        recover(tmp_path / "a.duckdb", tmp_path / "a.duckdb")
    with pytest.raises(RecordError, match="there is no such record"):
        recover(tmp_path / "none", tmp_path / "b.duckdb")
    (tmp_path / "text").write_text("no record")
    with pytest.raises(RecordError, match="go back to a copy"):
        recover(tmp_path / "text", tmp_path / "b.duckdb")
