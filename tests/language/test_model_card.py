"""The shipped weights give the figures of the model card."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from benchmarks.language import attributions, names, treebank

from communique.language import Language
from training import data

CARD = Path(__file__).parents[2] / "docs/model-card.md"
#: Points by which a figure may differ: int8 arithmetic is a little different from processor to processor.
TOLERANCE = 0.5


def numbers(cell: str) -> list[float]:
    return [float(number) for number in re.findall(r"\d+\.\d", cell)]


@pytest.mark.skipif(not data.DATA.is_dir(), reason=f"no public data at {data.DATA}: set COMMUNIQUE_DATA")
def test_the_card_tells_the_truth() -> None:
    rows = dict(re.findall(r"^\| (.+?) \| (.+?) \|$", CARD.read_text("utf-8"), re.MULTILINE))
    language = Language.load(0)
    measured = dict(itertools.chain(treebank(language, "test"), attributions(language), names(language)))
    assert measured
    for name, figure in measured.items():
        assert numbers(figure) == pytest.approx(numbers(rows[name]), abs=TOLERANCE), name
