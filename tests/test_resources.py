"""The package's data files are those that came with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from reliability.sums import ROOT, listed

from communique import resources
from communique.actors import atlas
from communique.errors import DataError
from communique.resources import SUMS, read_data


def test_the_list_is_that_of_the_files() -> None:
    assert (ROOT / SUMS).read_bytes() == listed(), "a data file was edited: make sums"


def test_no_data_file_is_read_past_its_sum() -> None:
    """Whoever reads the package's files by themselves does so for what has sums of its own, or for hashes of a run."""
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if "from importlib" in (text := path.read_text("utf-8")) and "resources" in text
    }
    assert found == {"resources.py", "record/run.py", "language/__init__.py", "language/files.py"}


@pytest.mark.parametrize("name", ["actors/atlas/states.tsv", "default.toml"])
def test_a_changed_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    changed = tmp_path / name
    changed.parent.mkdir(parents=True, exist_ok=True)
    changed.write_bytes((ROOT / name).read_bytes() + b"\n")
    resources.sums()  # the list is kept
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    with pytest.raises(DataError, match=rf"{name} was changed or damaged: install communique anew"):
        read_data(name)
    changed.unlink()
    with pytest.raises(DataError, match=rf"{name} is missing"):
        read_data(name)


def test_nothing_is_made_of_a_changed_atlas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "sums", dict)
    with pytest.raises(DataError, match="actors/atlas"):
        atlas._table("states")
