"""``make bench-record``: how fast the record is filled and asked, and how large it is.

A hundred thousand reports are made from the coded samples: each takes a part of a sample's statements and events and
has ids, a date, a publisher and words of its own, so that nothing compresses better than news does. Figures are for the
machine at hand; the marks are those of docs/decisions/0006-record.md.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from communique import Coder
from communique.actors import Atlas
from communique.articles import Problem, read_sources
from communique.config import load_settings
from communique.model import Report, content_id
from communique.record import Record, Run, export
from communique.record.meaning import search, vector_table
from communique.record.queries import Asked, Kind

SAMPLES = "samples"
REPORTS, BATCH = 100_000, 500
#: Statements and events that a report keeps of its sample: fifteen in all, as many as the issue's 1.5 million asks.
STATEMENTS, EVENTS = 7, 8
DAYS = 4_000
PUBLISHERS = tuple(f"Paper {number}" for number in range(200))
#: Words that are put into each text, drawn from so many, so that articles differ as articles do.
VOCABULARY, OWN_WORDS = 60_000, 120
RUN = Run.make(version="bench", code="", model="", atlas="", settings="{}")
#: Marks of the issue: rows a second, bytes a row, seconds of a filter, of a text search.
MARKS = {"rows a second": 20_000, "bytes a row": 1024, "filter": 0.3, "text": 1.0, "meaning": 1.0}
REPEATS = 3
#: Sentences that are searched by meaning, and the parts of a vector of the encoder.
SENTENCES, HIDDEN = 200_000, 384


def samples() -> list[Report]:
    """The coded samples."""
    articles = [one for one in read_sources([SAMPLES], settings=load_settings()) if not isinstance(one, Problem)]
    return list(Coder().code_all(articles))


def reports(count: int, coded: list[Report], seed: int = 8) -> Iterator[Report]:
    """Yield ``count`` reports made from coded samples, the same for the same seed."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdefghiklmnoprstuvw", k=chance.randint(4, 11))) for _ in range(VOCABULARY)]
    for number in range(count):
        yield _variant(coded[number % len(coded)], number, chance, words)


def _variant(report: Report, number: int, chance: random.Random, words: list[str]) -> Report:
    replace = msgspec.structs.replace
    day = f"{2010 + number % DAYS // 360}-{number % 360 // 30 + 1:02}-{number % 28 + 1:02}"
    key = content_id("bench", number)
    text = f"{report.article.text}\n\n{' '.join(chance.choices(words, k=OWN_WORDS))}."
    article = replace(
        report.article, id=key, text=text, published=day, publisher=chance.choice(PUBLISHERS),
        url=f"https://news.example/{day}/{key}",
    )  # fmt: skip

    def new(item: str) -> str:
        return content_id(item, number)

    statements = chance.sample(report.statements, min(STATEMENTS, len(report.statements)))
    kept = {one.id for one in statements}
    events = chance.sample(report.events, min(EVENTS, len(report.events)))
    return replace(
        report,
        article=article,
        mentions=tuple(replace(one, id=new(one.id)) for one in report.mentions),
        statements=tuple(replace(one, id=new(one.id)) for one in statements),
        events=tuple(
            replace(one, id=new(one.id), date=day, statement_id=new(one.statement_id or "") if one.statement_id in kept
                    else None) for one in events
        ),
    )  # fmt: skip


#: What is asked, with the mark that holds for it: filters in general, and a search through all articles.
QUESTIONS: tuple[tuple[str, Kind, Asked], ...] = (
    ("filter", "events", {"actor": "CHN", "limit": 50}),
    ("filter", "events", {"actor": "Kremlin", "limit": 50}),
    ("filter", "events", {"actor": "Xi Jinping", "recipient": "RUS", "limit": 50}),
    ("filter", "events", {"between": ("CHN", "RUS"), "limit": 50}),
    ("filter", "events", {"event": "THREATEN", "mode": "violence", "limit": 50}),
    ("filter", "events", {"since": "2015-01-01", "until": "2015-01-31", "status": "asserted"}),
    ("filter", "events", {"publisher": "Paper 7", "limit": 50}),
    ("filter", "statements", {"speaker": "RUS", "limit": 50}),
    ("filter", "entities", {"named": "RUS", "limit": 50}),
    ("filter", "entities", {"limit": 50}),
    ("filter", "articles", {"publisher": "Paper 7", "limit": 50}),
    ("text", "events", {"text": "sanctions", "limit": 50}),
    ("text", "statements", {"text": "sanctions", "limit": 50}),
    ("text", "statements", {"text": "nowhere-to-be-found", "limit": 50}),
    ("text", "articles", {"text": '"tear gas"', "limit": 50}),
    ("text", "articles", {"text": "nowhere-to-be-found", "limit": 50}),
)


def main() -> None:
    """Fill a record, ask it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=REPORTS)
    parser.add_argument("--keep", help="where to leave the record, or where it is from an earlier call")
    chosen = parser.parse_args()
    coded = samples()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(chosen.keep or f"{folder}/bench.duckdb")
        if not path.exists():
            fill(path, coded, chosen.reports)
        ask(path, folder)
        search_by_meaning(path)


def fill(path: Path, coded: list[Report], count: int) -> None:
    """Add the reports; time only the adding, not the making."""
    spent, rows, main = 0.0, 0, 0
    made = reports(count, coded)
    with Record.open(path) as record:
        while batch := list(itertools.islice(made, BATCH)):
            started = time.perf_counter()
            rows += record.add(batch, run=RUN).rows
            spent += time.perf_counter() - started
            main += sum(len(one.events) + len(one.statements) for one in batch)
    size = os.path.getsize(path)
    print(f"{count:,} reports, {main:,} events and statements, {rows:,} rows in all")
    met = "" if rows / spent >= MARKS["rows a second"] else f"  UNDER the mark of {MARKS['rows a second']:,}"
    print(f"{rows / spent:,.0f} rows a second ({main / spent:,.0f} events and statements), {spent:.0f} s{met}")
    print(f"{size / 1e6:,.0f} MB: {size / rows:.0f} bytes a row, {size / main:.0f} for an event or statement")


def ask(path: Path, folder: str) -> None:
    """Time the questions, each the best of three, and all answers of the views and exports once."""
    atlas = Atlas.load()
    with Record.open(path, read_only=True) as record:
        for mark, kind, asked in QUESTIONS:
            times, rows = [], 0
            for _ in range(REPEATS):
                started = time.perf_counter()
                rows = sum(1 for _ in record.answer(kind, asked, atlas).rows)
                times.append(time.perf_counter() - started)
            verdict = "" if min(times) <= MARKS[mark] else f"  OVER the mark of {MARKS[mark]} s"
            print(f"{min(times):6.3f} s  {kind} {asked}: {rows} rows{verdict}")
        for form in ("gdelt", "plover"):
            started = time.perf_counter()
            count = export(record, form, f"{folder}/{form}", {"until": "2011-12-31"})  # type: ignore[arg-type]
            print(f"{time.perf_counter() - started:6.3f} s  export {form}: {count:,} events")


class Random:
    """Vectors that compress as badly as real ones, for free: only the searching is timed."""

    def __init__(self) -> None:
        self._source = np.random.default_rng(8)

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """A random direction for each text."""
        rows = self._source.standard_normal((len(texts), HIDDEN)).astype(np.float32)
        vectors: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return vectors


def search_by_meaning(path: Path) -> None:
    """Time a search among 200,000 sentences."""
    with Record.open(path) as record:
        question = "SELECT article_id, span_start, span_end FROM sentences LIMIT $1"
        rows = list(record.answer_sql(question, [SENTENCES]).rows)
        record.add_vectors(vector_table(rows, Random().embed([""] * len(rows)), "bench"))
    with Record.open(path, read_only=True) as record:
        times = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            found = search(record, Random(), "anything", model="bench")
            times.append(time.perf_counter() - started)
        verdict = "" if min(times) <= MARKS["meaning"] else f"  OVER the mark of {MARKS['meaning']} s"
        print(f"{min(times):6.3f} s  search by meaning in {len(rows):,} sentences: {len(found)} rows{verdict}")


if __name__ == "__main__":
    main()
