"""Settings: the defaults are whole, and a wrong file is named with what is wrong in it."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from communique.config import load_settings
from communique.errors import ConfigError


def test_file_lies_over_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[articles]\nmax_bytes = 7\n", "utf-8")
    assert load_settings(path).articles.max_bytes == 7
    assert load_settings(path).terminal == load_settings().terminal


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("[articles]\nmax_bytes = 0\n", "max_bytes"),
        ("[articles]\nmax_bites = 9\n", "max_bites"),
        ("articles = 9\n", "articles"),
        ("[articles\n", "not a TOML file"),
    ],
)
def test_wrong_file(tmp_path: Path, content: str, part: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(ConfigError, match=rf"{re.escape(str(path))}: .*{part}"):
        load_settings(path)


def test_missing_file() -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_settings("/no/such/file.toml")


def test_every_default_has_a_comment() -> None:
    lines = files("communique").joinpath("default.toml").read_text("utf-8").splitlines()
    keys = [number for number, line in enumerate(lines) if re.match(r"\w+ = ", line)]
    assert keys
    assert all(lines[number - 1].startswith("#") for number in keys)
