"""The codebook's facts hold together."""

import pytest

from communique import codebook

QUADS = {"verbal cooperation", "material cooperation", "verbal conflict", "material conflict"}


def test_sixteen_types_in_four_quads() -> None:
    assert len(codebook.types()) == 16
    assert {found.quad for found in codebook.types()} == QUADS
    assert len(codebook.contexts()) == len(set(codebook.contexts())) == 37


@pytest.mark.parametrize("found", codebook.types(), ids=lambda found: found.name)
def test_scores_and_cameo_agree_with_the_quad_class(found: codebook.EventType) -> None:
    sign = 1 if "cooperation" in found.quad else -1
    codebook.goldstein(found.cameo)
    for mode in found.modes:
        value = codebook.score(found.name, (mode.name,))
        assert value * sign >= 0 or found.name == "REQUEST"
        codebook.goldstein(mode.cameo)
        assert len(mode.cameo) in (3, 4)


@pytest.mark.parametrize(
    ("event", "modes", "score", "quad", "cameo"),
    [
        ("REQUEST", ("yield",), -1.0, "verbal conflict", "105"),
        ("ACCUSE", (), -3.0, "verbal conflict", "110"),
        ("PROTEST", ("vandalize",), -5.0, "material conflict", "145"),
        ("ASSAULT", ("beat", "drone"), -9.5, "material conflict", "182"),
        ("RETREAT", ("disarm",), 10.0, "material cooperation", "0873"),
    ],
)
def test_scores(event: str, modes: tuple[str, ...], score: float, quad: str, cameo: str) -> None:
    assert (codebook.score(event, modes), codebook.quad(event), codebook.cameo(event, modes)) == (score, quad, cameo)


def test_goldstein_values() -> None:
    table = {"010": 0, "0334": 6, "0331": 5.2, "1823": -10, "1821": -9, "1056": -5, "0874": 10, "0871": 9, "20": -10}
    assert {code: codebook.goldstein(code) for code in table} == table


@pytest.mark.parametrize("bad", ["FIGHT", "agree", ""])
def test_unknown_type(bad: str) -> None:
    with pytest.raises(codebook.CodebookError):
        codebook.quad(bad)
