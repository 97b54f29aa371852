"""``make bench-pipeline``: how fast the whole pipeline and its stages are, how it starts, how much memory it takes.

The text is news: PolNeAR's dev part and Wikinews from COMMUNIQUE_DATA, or our samples and gold articles where that is
not there. CPU seconds of one process with one thread, so that a busy machine hardly changes them; the best of several
rounds.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from training.data import DATA

from benchmarks.results import Row, save
from communique import Coder
from communique.actors import Atlas, find_cast
from communique.articles import Problem, article_from_text, read_sources
from communique.config import load_settings
from communique.events import find_events
from communique.language import Language, Marked
from communique.language import _paragraphs as cut_paragraphs
from communique.language.pieces import cut
from communique.model import Article
from communique.record import current_run
from communique.scale import Plan, code_shard, find_shards
from communique.statements import find_statements
from communique.workers import Workers

FOLDERS = ("polnear/dev", "wikinews")
OWN = ("samples", "tests/gold/second", "tests/gold/third")
ROUNDS, STARTS = 3, 5
#: Marks of the issue.
SENTENCES_A_SECOND, OF_ENCODER, ON_TWO, MEGABYTES, START, HELP = 200, 0.85, 1.9, 700, 1.5, 0.3
#: Articles after which memory is read.
MEMORY_AT = (50, 200)


def news(most: int | None = None) -> tuple[list[Article], str]:
    """Return news articles, no more than ``most``, and what they are."""
    paths = [path for folder in FOLDERS for path in sorted((DATA / folder).glob("*.txt"))][:most]
    if paths:
        articles = [article_from_text(path.read_text("utf-8")) for path in paths]
        return articles, f"{len(articles)} news articles of PolNeAR's dev part and Wikinews."
    found = [one for one in read_sources(OWN, settings=load_settings()) if not isinstance(one, Problem)]
    return found[:most], f"{len(found[:most])} articles of our own (no COMMUNIQUE_DATA)."


class Clock:
    """CPU seconds by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Count what is done inside."""
        began = time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began


def stages(articles: Sequence[Article], language: Language, atlas: Atlas) -> tuple[dict[str, float], int]:
    """Return the CPU seconds of each stage, and how many sentences there were: the flow of the coder, taken apart."""
    clock, sentences = Clock(), 0

    def relations(marked: Sequence[Marked]) -> list[dict[str, float]]:
        with clock("relations"):
            return language.relations(marked)

    for article in articles:
        with clock("words and pieces"):
            pieces = [cut(language.tokenizer, article.text, words) for words in cut_paragraphs(article.text)]
        with clock("encoder"):
            for one in pieces:
                language.outputs(one)
        with clock("language"):
            parsed = language.parse(article)
        with clock("actors"):
            cast = find_cast(parsed, atlas)
        with clock("statements"):
            found = find_statements(parsed, cast)
        with clock("events with relations"):
            find_events(parsed, cast, found, relations)
        sentences += len(parsed.sentences)
    return clock.seconds, sentences


def stage_rows(articles: Sequence[Article]) -> Iterator[Row]:
    """Yield the rates of the whole and of its parts."""
    language, atlas, coder = Language.load(1), Atlas.load(), Coder()
    list(coder.code_all(articles[:3]))
    rounds = [stages(articles, language, atlas) for _ in range(ROUNDS)]
    sentences = rounds[0][1]
    best = {name: min(seconds[name] for seconds, _ in rounds) for name in rounds[0][0]}
    whole = min(_cpu(lambda: list(coder.code_all(articles))) for _ in range(ROUNDS))
    models = best["encoder"] + best["relations"]
    note = mark(sentences / whole >= SENTENCES_A_SECOND, f"{SENTENCES_A_SECOND} sentences a CPU second")
    yield Row("whole pipeline, sentences a CPU second", f"{sentences / whole:.0f}", note)
    yield Row("encoder bare", f"{sentences / best['encoder']:.0f}", "one pass a paragraph, nothing else")
    yield Row("encoder and relation network", f"{sentences / models:.0f}", f"whole: {models / whole:.0%} of that rate")
    apart = {**best, "events": best["events with relations"] - best["relations"]}
    apart["reading of the encoder's answer"] = best["language"] - best["encoder"] - best["words and pieces"]
    for name in (
        "words and pieces",
        "encoder",
        "reading of the encoder's answer",
        "actors",
        "statements",
        "relations",
        "events",
    ):
        yield Row(f"… {name}", f"{apart[name] / whole:.0%}", f"{apart[name] / sentences * 1e3:.2f} ms a sentence")


def start_rows() -> Iterator[Row]:
    """Yield how long the program takes to begin, with its modules compiled as an installation has them."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = folder
        program = "from communique.cli import main; main()"
        for what, arguments, most in (
            ("`communique --help`", ["-c", program, "--help"], HELP),
            ("`import communique; Coder()` and a first sentence", ["-c", FIRST], START),
        ):
            walls, cpus = zip(
                *(_run([sys.executable, *arguments], environment) for _ in range(STARTS + 1)), strict=True
            )
            wall, cpu = min(walls[1:]), min(cpus[1:])
            yield Row(f"{what}, seconds", f"{wall:.2f}", mark(wall <= most, f"{most} s") + f"; CPU {cpu:.2f}")


FIRST = "from communique import Coder; Coder().code('Russia condemned France.')"


def memory_rows() -> Iterator[Row]:
    """Yield the largest memory of a process that codes more and more articles."""
    command = [sys.executable, "-c", "from benchmarks.pipeline import watch_memory; watch_memory()"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        count, megabytes = line.split()
        yield Row(f"memory after {count} articles, MB", megabytes, mark(int(megabytes) <= MEGABYTES, f"{MEGABYTES} MB"))


def watch_memory() -> None:
    """Print the largest memory of this process so far, in MB, after so many articles."""
    articles, _ = news()
    coder = Coder()
    for number in range(max(MEMORY_AT)):
        coder.code(articles[number % len(articles)])
        if number + 1 in MEMORY_AT:
            print(number + 1, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)


def worker_rows(articles: Sequence[Article]) -> Iterator[Row]:
    """Yield what two processes make of the same articles against one, by the clock and by CPU seconds."""
    tasks = [(number, article) for number, article in enumerate(articles)]
    rounds = [{jobs: _with_workers(tasks, jobs) for jobs in (1, 2)} for _ in range(ROUNDS)]
    ratio = min(one[1][0] for one in rounds) / min(one[2][0] for one in rounds)
    spread = statistics.median(one[1][0] / one[2][0] for one in rounds)
    note = f"{mark(ratio >= ON_TWO, f'{ON_TWO} times')}; median of {ROUNDS} rounds {spread:.2f}"
    yield Row("two processes against one, by the clock", f"{ratio:.2f}", note)
    cpu = min(one[2][1] for one in rounds) / min(one[1][1] for one in rounds)
    yield Row(
        "… their CPU seconds together, against one's", f"{cpu:.2f}", f"two free cores: {2 / cpu:.2f} times at most"
    )


def _with_workers(tasks: Sequence[tuple[int, Article]], jobs: int) -> tuple[float, float]:
    """Return the seconds that processes take, by the clock and of CPU, without their start."""
    used = _cpu_of_all()
    with Workers(Coder, jobs) as workers:
        list(workers.code_all(tasks[: 2 * jobs]))
        began = time.perf_counter()
        list(workers.code_all(tasks))
        wall = time.perf_counter() - began
    whole, used = _cpu_of_all() - used, _cpu_of_all()
    with Workers(Coder, jobs) as workers:
        list(workers.code_all(tasks[: 2 * jobs]))
    return wall, whole - (_cpu_of_all() - used)


def shard_rows(articles: Sequence[Article]) -> Iterator[Row]:
    """Yield what an article costs in a shard, from Parquet to the Parquet files of all tables: CPU time and bytes."""
    settings, make = load_settings(), Coder
    same = partial(current_run, settings)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "in.parquet")
        pq.write_table(pa.table({"text": [one.text for one in articles]}), path)
        (shard,) = find_shards(str(path))
        plan = Plan(f"{folder}/out", settings, same(), make, same)
        used = _cpu_of_all()
        with Workers(make, 1) as workers:
            finished = code_shard(shard, folder, plan, workers)
        spent = _cpu_of_all() - used
        size = sum(one.stat().st_size for one in Path(folder, "out").rglob("*.parquet"))
    count, words = finished.articles, sum(len(one.text.split()) for one in articles)
    said = f"{finished.sentences / count:.0f} sentences, {words / len(articles):.0f} words; start included"
    yield Row("an article in a shard, CPU seconds", f"{spent / count:.3f}", said)
    yield Row("… bytes of all its rows", f"{size / count:,.0f}", f"its text has {shard.bytes / count:,.0f} in Parquet")


def _cpu_of_all() -> float:
    """The CPU seconds of this process, and of those that it started and that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _cpu(task: Callable[[], Any]) -> float:
    began = time.process_time()
    task()
    return time.process_time() - began


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a command; return the seconds it took, and those of CPU."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def mark(met: bool, said: str) -> str:
    """Return a mark, and whether it is met."""
    return f"mark: {said}, {'met' if met else 'NOT met'}"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, help="only so many articles")
    articles, texts = news(parser.parse_args().articles)
    rows = [*stage_rows(articles), *start_rows(), *memory_rows(), *shard_rows(articles), *worker_rows(articles)]
    save("pipeline", "The pipeline and its stages", texts, rows)


if __name__ == "__main__":
    main()
