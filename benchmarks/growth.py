"""``make bench-growth``: from 100 articles to 100,000, time has to grow as they do, and memory not at all.

Articles are made of paragraphs of news drawn at random, four in each unless told otherwise, the same for the same seed.
They are written as JSON Lines, read, coded and printed as JSON in one process, as ``communique code --json
--keep-copies`` does. A result is written at every step, so that a run that is ended leaves what it reached.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.pipeline import MEGABYTES, news
from benchmarks.results import Row, save
from communique import Coder
from communique.articles import Problem, read_sources
from communique.config import load_settings
from communique.render import report_to_json

STEPS = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
PARAGRAPHS, SEED = 4, 11
#: Paragraphs shorter than this, in characters, are headlines and by-lines.
SHORTEST = 80
#: By how much a step may exceed the first, as a share, and be called flat or linear. The word vectors that are kept,
#: 43 MB when all have been seen, come in the first thousands.
MEMORY_GROWTH, TIME_GROWTH = 0.25, 0.1


def write_articles(path: Path, count: int, paragraphs: int) -> str:
    """Write ``count`` articles as JSON Lines; return what they are made of."""
    articles, texts = news()
    pool = [line for article in articles for line in article.text.splitlines() if len(line) > SHORTEST]
    chance = random.Random(SEED)
    with path.open("wb") as file:
        for number in range(count):
            text = "\n\n".join([f"Article {number}", *chance.sample(pool, paragraphs)])
            file.write(msgspec.json.encode({"text": text, "date": "2017-05-01"}) + b"\n")
    return f"{count:,} articles of {paragraphs} paragraphs drawn from {texts}"


def megabytes() -> int:
    """Return the memory of this process now."""
    line = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def grow(path: Path) -> Iterator[tuple[int, int, float, int]]:
    """Yield after each step: articles, sentences, CPU seconds, megabytes."""
    settings = load_settings()
    settings = msgspec.structs.replace(settings, articles=msgspec.structs.replace(settings.articles, keep_copies=True))
    articles = (one for one in read_sources([str(path)], settings=settings) if not isinstance(one, Problem))
    coder, sentences, number, began = Coder(), 0, 0, time.process_time()
    with Path("/dev/null").open("wb") as out:
        for number, report in enumerate(coder.code_all(articles), 1):
            out.write(report_to_json(report))
            sentences += len(report.sentences)
            if number in STEPS:
                yield number, sentences, time.process_time() - began, megabytes()
    if number not in STEPS:  # a short text that is taken for another language is set aside, so there are a few fewer
        yield number, sentences, time.process_time() - began, megabytes()


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=STEPS[-1])
    parser.add_argument("--paragraphs", type=int, default=PARAGRAPHS)
    arguments = parser.parse_args()
    count = arguments.articles
    rows: list[Row] = []
    first: tuple[float, int] | None = None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "articles.jsonl"
        texts = write_articles(path, count, arguments.paragraphs)
        for articles, sentences, seconds, memory in grow(path):
            each = seconds / articles
            first = first or (each, memory)
            flat = memory <= first[1] * (1 + MEMORY_GROWTH) and memory <= MEGABYTES
            linear = each <= first[0] * (1 + TIME_GROWTH)
            note = f"memory {'flat' if flat else 'NOT flat'}, time {'linear' if linear else 'NOT linear'}"
            value = f"{seconds:,.0f} CPU s, {1e3 * each:.1f} ms each, {memory} MB"
            rows.append(Row(f"{articles:,} articles, {sentences:,} sentences", value, note))
            save("growth", "Growth", texts, rows)


if __name__ == "__main__":
    main()
