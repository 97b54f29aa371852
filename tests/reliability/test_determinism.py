"""The same input gives the same bytes: whatever the batch, the locale, the hash seed, the time zone, the folder."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from communique import Coder
from communique.articles import Problem, read_sources
from communique.config import load_settings
from communique.language import Language
from communique.model import Article, Report
from communique.record import FORMATS, Coded, Record, Run, export

ROOT = Path(__file__).parents[2]
RUN = Run.make(version="1", code="c", model="m", atlas="a", settings="{}")
#: What is around a program and must not show in what it says.
SURROUNDINGS = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "COLUMNS": "40"},
    {"PYTHONHASHSEED": "4294967295", "TZ": "XYZ+11:45", "LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE", "PYTHONUTF8": "1",
     "OMP_NUM_THREADS": "1"},
)  # fmt: skip


def output(*words: str, **surroundings: str) -> bytes:
    program = [sys.executable, "-c", "from communique.cli import main; main()", *words]
    done = subprocess.run(
        program, cwd=ROOT, env={**os.environ, **surroundings}, capture_output=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_whatever_is_around() -> None:
    made = {output("code", "samples", "--json", **around) for around in SURROUNDINGS}
    assert len(made) == 1
    assert len(made.pop().splitlines()) > 1


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return [
        one for one in read_sources([str(ROOT / "samples")], settings=load_settings()) if not isinstance(one, Problem)
    ]


@pytest.fixture(scope="module")
def reports(articles: list[Article]) -> list[Report]:
    return list(Coder().code_all(articles))


def test_whatever_the_batch_and_the_order(articles: list[Article], reports: list[Report]) -> None:
    alone = {report.article.id: report for report in reports}
    coder = Coder(threads=1)
    for seed in range(3):
        mixed = articles * 2
        random.Random(seed).shuffle(mixed)
        for report in coder.code_all(mixed):
            assert report == alone[report.article.id]
    assert [coder.code(article) for article in articles] == reports


@pytest.mark.parametrize("form", FORMATS)
def test_whatever_the_order_of_recording(reports: list[Report], form: str, tmp_path: Path) -> None:
    """Exports of two records are the same, bytes and all, however the articles came in."""
    made = []
    for seed, size in ((1, 1), (2, 2), (3, 100)):
        mixed = [Coded(report, f"{report.article.id}.txt") for report in reports]
        random.Random(seed).shuffle(mixed)
        out = tmp_path / str(seed)
        with Record.open(":memory:") as record:
            for start in range(0, len(mixed), size):
                record.add(mixed[start : start + size], run=RUN)
            export(record, form, str(out))  # type: ignore[arg-type]
        files = sorted(out.rglob("*")) if out.is_dir() else [out]
        made.append(
            [(path.name.replace(str(seed), "", 1) if path == out else path.name, path.read_bytes()) for path in files]
        )
    assert made[0] == made[1] == made[2]


def test_questions_answer_in_one_order(reports: list[Report]) -> None:
    answers = set()
    for seed in range(3):
        mixed = list(reports)
        random.Random(seed).shuffle(mixed)
        with Record.open(":memory:") as record:
            record.add(mixed, run=RUN)
            rows = [
                list(map(str, record.answer(kind, {}).rows))
                for kind in ("events", "statements", "entities", "articles")
            ]
        answers.add(json.dumps(rows))
    assert len(answers) == 1


def test_ids_depend_on_content_alone(articles: list[Article]) -> None:
    again = [
        one for one in read_sources([str(ROOT / "samples")], settings=load_settings()) if not isinstance(one, Problem)
    ]
    assert [msgspec.json.encode(one) for one in again] == [msgspec.json.encode(one) for one in articles]


def test_a_second_model_is_the_same() -> None:
    text = "Borduria condemned Syldavia on Monday. It rained."
    from communique.articles import article_from_text

    one, other = (next(Language.load(threads).parse_all([article_from_text(text)])) for threads in (1, 2))
    assert one == other
