"""``make bench-hot``: the functions that most time is spent in, against a stored baseline.

Each is timed by pytest-benchmark in CPU seconds and divided by the time of a loop that does a bit of what they do, so
the figure hardly depends on the machine. One that takes ``SLOWER`` times its baseline fails. ``HOT_WRITE=1`` stores the
figures as the new baseline.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from communique import Coder
from communique.actors import Atlas, find_cast
from communique.actors.naming import find_forms
from communique.articles import Problem, read_sources
from communique.config import load_settings
from communique.events import find_events
from communique.language import Language, find_words
from communique.language.pieces import cut
from communique.record.rows import Coded, stamp, tables
from communique.statements import find_statements

BASELINE = Path(__file__).parent / "results" / "hot" / "baseline.json"
#: Set by what the same code differs by from run to run on a busy machine: a fifth, at times a third.
SLOWER = 1.5
ROUNDS, CALIBRATIONS, SIZE = 15, 9, 20_000
WRITE = bool(os.environ.get("HOT_WRITE"))


def calibrate() -> float:
    """Return the CPU seconds of a loop over dicts, strings and a small array; products would be done by threads."""
    square = np.linspace(0.0, 1.0, 96 * 96, dtype=np.float32)
    times = []
    for _ in range(CALIBRATIONS):
        began = time.process_time()
        seen: dict[str, int] = {}
        for number in range(SIZE):
            word = f"word {number % 997}".title()
            seen[word] = seen.get(word, 0) + len(word)
            if number % 100 == 0:
                square = np.sqrt(square * square + 1.0) - square / 2
        times.append(time.process_time() - began)
    return statistics.median(times)


def functions() -> dict[str, Callable[[], Any]]:
    """The hot functions with something to do: one of the samples."""
    language, atlas, coder = Language.load(1), Atlas.load(), Coder()
    article = next(one for one in read_sources(["samples"], settings=load_settings()) if not isinstance(one, Problem))
    parsed, report = language.parse(article), coder.code(article)
    cast = find_cast(parsed, atlas)
    statements = find_statements(parsed, cast)
    words = find_words(article.text)[:200]
    pieces = cut(language.tokenizer, article.text, words)
    return {
        "find_words": lambda: find_words(article.text),
        "cut": lambda: cut(language.tokenizer, article.text, words),
        "encoder": lambda: language.outputs(pieces),
        "parse": lambda: language.parse(article),
        "find_forms": lambda: find_forms(article.text, atlas),
        "find_cast": lambda: find_cast(parsed, atlas),
        "find_statements": lambda: find_statements(parsed, cast),
        "find_events": lambda: find_events(parsed, cast, statements, language.relations),
        "code": lambda: coder.code(article),
        "tables": lambda: tables([stamp(Coded(report))], [], "run"),
    }


FUNCTIONS = functions()


@pytest.fixture(scope="module")
def unit() -> float:
    """Return the seconds of the loop."""
    return calibrate()


@pytest.fixture(scope="module")
def baseline() -> dict[str, float]:
    """Return the stored ratios."""
    return msgspec.json.decode(BASELINE.read_bytes(), type=dict[str, float]) if BASELINE.exists() else {}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_hot(name: str, benchmark: Any, unit: float, baseline: dict[str, float]) -> None:
    """Time a function and compare it."""
    benchmark._timer = time.process_time
    benchmark.pedantic(FUNCTIONS[name], rounds=ROUNDS, iterations=_iterations(FUNCTIONS[name]), warmup_rounds=1)
    ratio = benchmark.stats.stats.median / unit
    benchmark.extra_info["loops"] = ratio
    if WRITE:
        BASELINE.parent.mkdir(parents=True, exist_ok=True)
        baseline[name] = float(f"{ratio:.3g}")
        BASELINE.write_bytes(msgspec.json.format(msgspec.json.encode(baseline)) + b"\n")
        return
    assert name in baseline, "no baseline: HOT_WRITE=1 make bench-hot"
    assert ratio <= baseline[name] * SLOWER, f"{ratio:.3g} loops, the baseline is {baseline[name]:.3g}"


def _iterations(function: Callable[[], Any]) -> int:
    """As many as take a fiftieth of a second, which the clock tells well."""
    began = time.process_time()
    function()
    return max(1, int(0.02 / max(time.process_time() - began, 1e-5)))
