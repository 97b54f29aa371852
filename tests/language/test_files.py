from __future__ import annotations

from pathlib import Path

import pytest

from communique.errors import ModelError
from communique.language.files import FILES, SUMS, read_files, sums


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    content = {name: name.encode() for name in FILES}
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / SUMS).write_bytes(sums(content))
    return tmp_path


def test_whole_files_are_read(folder: Path) -> None:
    assert read_files(folder) == {name: name.encode() for name in FILES}


@pytest.mark.parametrize("name", [*FILES, SUMS])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=name):
        read_files(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_not_loaded(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"something else")
    with pytest.raises(ModelError, match="damaged"):
        read_files(folder)
