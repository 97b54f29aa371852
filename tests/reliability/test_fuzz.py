"""The kept corpus of the fuzzer, faults that were mended among it, without the fuzzer."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from reliability.fuzz import CORPUS
from reliability.targets import TARGETS

#: Seconds that any of these inputs may take on a busy machine, the loading of model and atlas included.
SLOWEST = 15.0
NOTHING = (b"", b"\0", b"\xff\xfe", b"\0" * 9, b"[", b'"', b"<", b"-" * 5000)


def inputs() -> list[tuple[str, Path]]:
    return [(name, path) for name in TARGETS for path in sorted((CORPUS / name).iterdir())]


@pytest.mark.parametrize(("name", "path"), inputs(), ids=lambda part: getattr(part, "name", part))
def test_kept_input(name: str, path: Path) -> None:
    started = time.perf_counter()
    TARGETS[name](path.read_bytes())
    assert time.perf_counter() - started < SLOWEST


@pytest.mark.parametrize("name", TARGETS)
def test_next_to_nothing(name: str) -> None:
    for data in NOTHING:
        TARGETS[name](data)


def test_every_target_has_inputs_and_every_input_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    assert all(any((CORPUS / name).iterdir()) for name in TARGETS)
