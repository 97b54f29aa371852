"""Several processes: the same reports in the same order, whoever dies on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from communique import Coder
from communique.articles import article_from_text
from communique.errors import CommuniqueError, ModelError
from communique.model import Article, Report
from communique.record import Record
from communique.render import report_to_json
from communique.workers import TRIES, Failure, Workers

SENTENCES = ("Russia condemned France.", "Xi met Putin in Moscow.", "It rained.", "“No,” said the minister.")
ARTICLES = [article_from_text(f"{text}\n\nNumber {number}.") for number, text in enumerate(SENTENCES * 5)]


class Fragile:
    """A coder whose process dies of some articles and fails on others; the rest it only looks at."""

    def code(self, article: Article) -> Report:
        if "deadly" in article.text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "deadly once" in (article.title or "") and not Path(article.text).exists():
            Path(article.text).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if "bad" in article.text:
            raise ZeroDivisionError("a defect")
        if "slow" in article.text:
            time.sleep(0.2)
        return Report(article, (), (), (), ())


def stillborn() -> Coder:
    os._exit(1)


def broken() -> Coder:
    raise ModelError("the model is not whole")


def test_two_give_what_one_gives_in_the_same_order() -> None:
    tasks: list[tuple[int, Article | None]] = list(enumerate(ARTICLES))
    tasks.insert(3, (-1, None))
    with Workers(Coder, 2) as workers:
        found = list(workers.code_all(tasks))
    coder = Coder()
    assert found == [(tag, coder.code(article) if article else None) for tag, article in tasks]


def test_who_is_done_first_does_not_matter() -> None:
    texts = ["slow 1", "a", "b", "slow 2", *"cdefghijklmnopqrstuvwxyz"]
    with Workers(Fragile, 2) as workers:
        found = [tag for tag, _ in workers.code_all((text, Article(text, text)) for text in texts)]
    assert found == texts


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("deadly", f"the process that coded it died {TRIES} times"),
        ("bad", "internal error: ZeroDivisionError: a defect"),
    ],
)
def test_a_poisoned_article_costs_itself_only(text: str, reason: str) -> None:
    tasks = [(number, Article(str(number), text if number == 4 else "good")) for number in range(12)]
    with Workers(Fragile, 2) as workers:
        found = dict(workers.code_all(tasks))
    assert found.pop(4) == Failure(reason)
    assert all(isinstance(result, Report) for result in found.values())


def test_a_death_by_chance_costs_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "tried")
    with Workers(Fragile, 1) as workers:
        ((_, result),) = workers.code_all([("a", Article("a", path, title="deadly once"))])
    assert isinstance(result, Report)


def test_killed_from_outside() -> None:
    tasks = [(number, Article(str(number), "slow")) for number in range(10)]
    with Workers(Fragile, 2) as workers:
        coded = workers.code_all(tasks)
        found = [next(coded)]
        os.kill(workers.pids[0], signal.SIGKILL)
        found += coded
    assert [tag for tag, _ in found] == list(range(10))
    assert all(isinstance(result, Report) for _, result in found)


def test_processes_that_can_not_start_are_told() -> None:
    with pytest.raises(CommuniqueError, match="__main__"), Workers(stillborn, 1) as workers:
        list(workers.code_all([("a", Article("a", "It rained."))]))


def test_a_model_that_can_not_be_loaded_is_told_once() -> None:
    with pytest.raises(ModelError, match="not whole"), Workers(broken, 2) as workers:
        list(workers.code_all([("a", Article("a", "It rained."))]))


def test_jobs_print_and_record_the_same(tmp_path: Path) -> None:
    samples = str(Path(__file__).parents[1] / "samples")
    (tmp_path / "empty.txt").touch()
    printed = {jobs: _run("code", "--json", "-j", jobs, samples, "empty.txt", cwd=tmp_path) for jobs in ("1", "2")}
    assert printed["1"].returncode == 1
    assert (printed["1"].stdout, printed["1"].stderr) == (printed["2"].stdout, printed["2"].stderr)
    assert _run("record", "-j", "2", "-r", "two.duckdb", samples, cwd=tmp_path).returncode == 0
    with Record.open(tmp_path / "two.duckdb") as record:
        kept = b"".join(report_to_json(report) + b"\n" for report in record.reports())
    assert kept.decode() == printed["1"].stdout


def test_an_interrupt_ends_all_processes(tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text("".join(f'{{"text": "{SENTENCES[0]} {n}."}}\n' for n in range(20_000)))
    program = _program("code", "--json", "-j", "2", "--keep-copies", "many.jsonl")
    with subprocess.Popen(
        program, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()  # a report: the processes are at work
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode not in (0, None)
    assert b"Traceback" not in err
    deadline = time.monotonic() + 30
    while _has_members(running.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _has_members(running.pid)


def _has_members(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _program(*arguments: str) -> list[str]:
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a shell's "&" turns it off
    return [sys.executable, "-c", f"{heard}; from communique.cli import main; main()", *arguments]


def _run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_program(*arguments), cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
