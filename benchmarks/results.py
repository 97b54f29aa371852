"""Results of benchmarks as JSON in ``benchmarks/results``, and docs/benchmarks.md made of them.

``python -m benchmarks.results`` makes the page anew.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec

import communique

FOLDER = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Made by `make bench-pipeline`, `make bench-peers` and `make bench-growth` (each prints what it measures and writes
`benchmarks/results/*.json`, of which this page is made); the other benchmarks are named in the Makefile. CPU seconds
are those of the process; wall-clock time depends on what else the machine does, and its load at the end is given.
"""


class Row(msgspec.Struct, frozen=True):
    """One figure: what, how much as it is to be read, and what is to say of it."""

    what: str
    value: str
    note: str = ""


class Result(msgspec.Struct, frozen=True):
    """The figures of one benchmark, on what, when and where."""

    title: str
    texts: str
    date: str
    version: str
    machine: str
    load: float
    rows: tuple[Row, ...]


def machine() -> str:
    """Return what this machine is, in words."""
    names = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    cores, python = os.cpu_count(), platform.python_version()
    return f"{names[0] if names else platform.machine()}, {cores} cores, Python {python}, {platform.system()}"


def save(name: str, title: str, texts: str, rows: Sequence[Row]) -> None:
    """Print the figures, write them to ``results/name.json`` and make the page anew."""
    result = Result(
        title,
        texts,
        date.today().isoformat(),
        communique.__version__,
        machine(),
        round(os.getloadavg()[0], 1),
        tuple(rows),
    )
    print(section(result))
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    PAGE.write_text(page(), "utf-8")


def page() -> str:
    """Return the page of all results."""
    found = [msgspec.json.decode(path.read_bytes(), type=Result) for path in sorted(FOLDER.glob("*.json"))]
    return "\n".join([HEAD, *map(section, found)])


def section(result: Result) -> str:
    """Return one benchmark's part of the page."""
    lines = [
        f"## {result.title}",
        "",
        f"{result.texts} {result.date}, version {result.version}, {result.machine}; load {result.load}.",
        "",
        "| what | figure | |",
        "|---|---|---|",
        *(f"| {row.what} | {row.value} | {row.note} |" for row in result.rows),
        "",
    ]
    return "\n".join(lines)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text("utf-8").splitlines()
    except OSError:
        return []


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
