"""What a person sees: everything reads without colour, in 80 columns."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from communique.config import load_settings
from communique.model import DatePrecision, Place, Report
from communique.render.terminal import NOTHING_FOUND, ReportView


def show(report: Report, *, explain: bool = False, width: int = 80, color: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=color, color_system="standard" if color else None)
    console.print(ReportView(report, load_settings().terminal, explain=explain))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_plain_view(report: Report) -> None:
    lines = show(report).splitlines()
    page = "\n".join(lines)
    assert all(len(line) <= 80 for line in lines)
    assert "[s1 Borduria asked[e1] Syldavia to “explain” its moves], the minister told" in page
    assert "s1 Borduria → reporters [red]  told  mixed  at a press conference" in page
    assert "e1 Borduria  REQUEST/change  → Syldavia  asserted  2023-03-22" in page
    assert "“asked”  lexicon: ask X to  about diplomatic  in s1  93%" in page
    assert "problem: one quotation mark is never closed" in page


KLOW = Place("Klow", "Klow Province", "SYL", 47.0, 25.0, 1, "city")


@pytest.mark.parametrize(
    ("date", "precision", "place", "shown"),
    [
        ("2023-03-22", "day", None, "2023-03-22"),
        ("2023-03-22", "article", None, "(2023-03-22)"),
        ("2023-03-20", "week", None, "week of 2023-03-20"),
        ("2023-03-01", "month", None, "2023-03"),
        ("2023-01-01", "year", None, "2023"),
        ("1990-01-01", "decade", None, "1990s"),
        ("2023-03-22", None, None, "2023-03-22"),
        (None, None, KLOW, "Klow, Klow Province, SYL"),
        (None, None, Place("Sbrodj"), "Sbrodj (unresolved)"),
        (None, None, Place("Syldavia", None, "SYL", resolution="country"), "Syldavia, SYL"),
        (None, None, msgspec.structs.replace(KLOW, told="dateline"), "Klow, Klow Province, SYL (by the dateline)"),
    ],
)
def test_when_and_where(
    report: Report, date: str | None, precision: DatePrecision | None, place: Place | None, shown: str
) -> None:
    event = msgspec.structs.replace(report.events[0], date=date, date_precision=precision, place=place)
    page = show(msgspec.structs.replace(report, events=(event,)), width=120)
    assert f"asserted  {shown}\n" in "\n".join(line.rstrip() for line in page.splitlines()) + "\n"


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_any_width(report: Report, width: int) -> None:
    assert all(len(line) <= width for line in show(report, explain=True, width=width).splitlines())


def test_explanation(report: Report) -> None:
    page = show(report, explain=True)
    assert "found: s1, e1" in page
    assert "not “moves”: no event: a noun without an actor" in page
    assert page.count(NOTHING_FOUND[:40]) == 3


def test_colour(report: Report) -> None:
    assert "\x1b[" in show(report, color=True)
    assert "\x1b[" not in show(report)


def test_nothing_coded(report: Report) -> None:
    empty = msgspec.structs.replace(report, statements=(), events=(), problems=())
    page = show(empty)
    assert "Statements (0)" in page
    assert "Events (0)" in page
    assert "none" in page
