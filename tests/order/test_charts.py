"""Pictures are well-formed, legible and the same each time."""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from communique.errors import ConfigError
from communique.order.charts import (
    SMALL,
    Picture,
    Text,
    bar_chart,
    dyad_chart,
    lines_chart,
    map_chart,
    matrix_chart,
    page,
    save,
    sparkline,
    svg,
)

NAMES = ["USA", "RUS", "CHN"]
TIES = np.array([[0, -2.0, 1.0], [-2.0, 0, 3.0], [1.0, 3.0, 0]])
ROWS = [{"period": date(year, 1, 1), "mean": 2013.5 - year, "events": year - 2009, "low": None, "high": None}
        for year in (2010, 2011, 2013)]  # fmt: skip
PICTURES = {
    "dyad": dyad_chart("A & B", ROWS, [(date(2013, 4, 1), -9.0, "<war> costs $5 & $6")] * 3, [date(2013, 1, 1)]),
    "dyad of one": dyad_chart("A", ROWS[:1], []),
    "bars": bar_chart("Tense", [("A B", 0.4, "9 events")], label="tension"),
    "no bars": bar_chart("Tense", [], label="tension"),
    "lines": lines_chart("Poles", [row["period"] for row in ROWS], {"poles": [1.0, None, 2.0], "none": [None] * 3}),
    "map": map_chart("Map", NAMES, np.array([[0, 0], [1, 1], [0.5, 0.2]]), np.ones(3), [0, 1, 1], TIES),
    "matrix": matrix_chart("Blocs", NAMES, TIES, [0, 1, 1]),
    "empty matrix": matrix_chart("Blocs", [], np.zeros((0, 0)), []),
    "empty map": map_chart("Map", [], np.zeros((0, 2)), np.zeros(0), [], np.zeros((0, 0))),
}


@pytest.mark.parametrize("name", PICTURES)
def test_well_formed(name: str) -> None:
    picture = PICTURES[name]
    drawn = svg(picture)
    ElementTree.fromstring(drawn)
    assert "nan" not in drawn.lower()
    assert picture.title.split()[0] in page(picture)
    assert all(shape.size >= 8 for shape in picture.shapes if isinstance(shape, Text))
    assert SMALL * 0.75 >= 8  # points at journal width


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="needs matplotlib")
@pytest.mark.parametrize("name", ["dyad", "map"])
def test_png(name: str, tmp_path: Path) -> None:
    save(PICTURES[name], str(tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_other_suffixes_and_places_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"a picture is written as \.svg, \.html, \.png"):
        save(PICTURES["dyad"], "a.gif")
    with pytest.raises(ConfigError, match="No such file or directory"):
        save(PICTURES["dyad"], str(tmp_path / "no" / "a.svg"))


@pytest.mark.parametrize(
    ("values", "line"),
    [([], ""), ([None, None], "··"), ([3.0], "▁"), ([1.0, 1.0], "▁▁"), ([-1.0, None, 1.0], "▁·█")],
)
def test_sparklines(values: list[float | None], line: str) -> None:
    assert sparkline(values) == line


def test_the_same_picture_each_time() -> None:
    assert svg(PICTURES["map"]) == svg(PICTURES["map"])
    assert svg(Picture("x", 1, 1, ())) == svg(Picture("x", 1, 1, ()))
