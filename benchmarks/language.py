"""The language model against gold: ``make bench-language`` (or ``python -m benchmarks.language [--part dev]``).

Sentences, words and raw-text LAS follow the CoNLL 2018 shared task: a unit counts when its character span is
right, and for LAS its head's span and its relation's main type too. Names and attributions count exact spans.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from training.data import Example

import communique.language
from communique.language import Language
from communique.model import Article, Span
from training import data

#: The weights of the package.
WEIGHTS = Path(communique.language.__file__).parent / "weights"
#: Sentences of news text that speed is measured on.
SPEED_SENTENCES = 1500


def figure(right: int, found: int, gold: int) -> str:
    """Format precision, recall and F1 as percentages."""
    precision, recall = 100 * right / max(found, 1), 100 * right / max(gold, 1)
    return f"P {precision:5.1f}  R {recall:5.1f}  F1 {2 * precision * recall / max(precision + recall, 1e-9):5.1f}"


def treebank(language: Language, part: str) -> Iterator[tuple[str, str]]:
    """Yield the figures on the treebank: from raw text, then with gold words and sentences."""
    examples = list(data.read_treebank(data.DATA / f"ud/en_ewt-ud-{part}.conllu"))
    counts = {name: [0, 0, 0] for name in ("sentences", "words", "LAS")}
    tag = lemma = unlabelled = labelled = total = 0
    for example in examples:
        _raw(language, example, counts)
        reading = language.read(example.text, example.words, [bool(start) for start in example.starts])
        for index, head in enumerate(example.heads):
            gold_head = head - 1 if head else index
            arc = reading.heads[index] == gold_head
            total += 1
            tag += reading.tags[index] == example.tags[index]
            lemma += reading.lemmas[index] == example.lemmas[index]
            unlabelled += arc
            labelled += arc and _main(reading.relations[index]) == _main(example.relations[index] or "")
    for name, (right, found, gold) in counts.items():
        yield f"{name} from raw text", figure(right, found, gold)
    for name, right in (("XPOS tag", tag), ("lemma", lemma), ("UAS", unlabelled), ("LAS", labelled)):
        yield f"{name}, gold words", f"{100 * right / total:.1f}"


def _main(relation: str) -> str:
    return relation.split(":")[0]


def _raw(language: Language, example: Example, counts: dict[str, list[int]]) -> None:
    parsed = language.parse(Article(id="", text=example.text))
    tokens, words = parsed.tokens, example.words
    bounds = [i for i, start in enumerate(example.starts) if start] + [len(words)]
    gold_sentences = {(words[a].start, words[b - 1].end) for a, b in itertools.pairwise(bounds)}
    _count(counts["sentences"], {(s.span.start, s.span.end) for s in parsed.sentences}, gold_sentences)
    _count(counts["words"], {(t.span.start, t.span.end) for t in tokens}, {(w.start, w.end) for w in words})
    heads = [None if t.head == i else tokens[t.head].span for i, t in enumerate(tokens)]
    gold_heads = [words[h - 1] if h else None for h in example.heads]
    found = {(t.span, head, _main(t.relation)) for t, head in zip(tokens, heads, strict=True)}
    gold = {
        (w, head, _main(relation or "")) for w, head, relation in zip(words, gold_heads, example.relations, strict=True)
    }
    _count(counts["LAS"], found, gold)


def _count(counts: list[int], found: set[Any], gold: set[Any]) -> None:
    counts[0] += len(found & gold)
    counts[1] += len(found)
    counts[2] += len(gold)


def attributions(language: Language) -> Iterator[tuple[str, str]]:
    """Yield exact-span figures on PolNeAR's dev part, from the raw text of whole articles."""
    counts = {name: [0, 0, 0] for name in ("Source", "Cue", "Content")}
    for _, text, marks in data.read_marked_articles(data.DATA / "polnear/dev"):
        parsed = language.parse(Article(id="", text=text))
        found: dict[str, set[Any]] = {
            "Source": {_bare([a.speaker], text) for a in parsed.attributions if a.speaker},
            "Cue": {_bare([a.cue], text) for a in parsed.attributions},
            "Content": {_bare(a.content, text) for a in parsed.attributions},
        }
        for role, count in counts.items():
            _count(count, found[role], {_bare([Span(*s) for s in mark[role]], text) for mark in marks if role in mark})
    for role, name in (("Source", "speaker"), ("Cue", "cue"), ("Content", "content")):
        yield f"{name}, exact", figure(*counts[role])


def _bare(spans: Iterable[Span], text: str) -> tuple[int, int]:
    """The hull of a discontinuous span, its outer blanks off."""
    ordered = sorted(spans)
    start, end = ordered[0].start, ordered[-1].end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def names(language: Language) -> Iterator[tuple[str, str]]:
    """Yield the figure on the held-back articles of the silver names."""
    silver = data.read_silver(data.DATA / "polnear_corenlp/train.conll")
    count = [0, 0, 0]
    kept = {name: rows for name, rows in silver.items() if data.held_back(name)}
    for example in data.read_attributions(data.DATA / "polnear/train", kept):
        if example.source in kept and example.names:
            reading = language.read(example.text, example.words)
            found = {(r.first, r.last, kind) for r, kind in reading.names}
            _count(count, found, set(_name_ranges(example.names)))
    yield "names, held-back silver", figure(count[0], count[1], count[2])


def _name_ranges(names: list[int]) -> Iterator[tuple[int, int, str]]:
    start, kind = None, ""
    for index, tag in enumerate([*[data.NAME_TAGS[max(n, 0)] for n in names], "O"]):
        if start is not None and tag != f"I-{kind}":
            yield start, index - 1, kind
            start = None
        if tag.startswith("B-"):
            start, kind = index, tag[2:]


def relations() -> Iterator[tuple[str, str]]:
    """Yield accuracy and macro-F1 on PLV in five folds; for each the relation network is trained without it."""
    try:
        from training.relation import five_fold
    except ModuleNotFoundError as error:
        yield "relation type, five folds", f"not measured: {error.name} is missing (make train-setup)"
        return
    pairs = five_fold(WEIGHTS)
    scores = []
    for kind in sorted({gold for _, gold in pairs}):
        right = sum(answer == gold == kind for answer, gold in pairs)
        named = sum(answer == kind for answer, _ in pairs) + sum(gold == kind for _, gold in pairs)
        scores.append(2 * right / named)
    accuracy = 100 * sum(answer == gold for answer, gold in pairs) / len(pairs)
    macro = 100 * sum(scores) / len(scores)
    yield f"relation type, {len(pairs)} sentences in five folds", f"accuracy {accuracy:.1f}  macro-F1 {macro:.1f}"


def speed(language: Language) -> Iterator[tuple[str, str]]:
    """Yield sentences a second of CPU time on news text, parsing whole articles."""
    paths = sorted((data.DATA / "polnear/dev").glob("*.txt"))
    articles = [Article(id=p.stem, text=p.read_text(encoding="utf-8")) for p in paths]
    language.parse(articles[0])
    began, seen = time.process_time(), 0
    for parsed in language.parse_all(articles):
        seen += len(parsed.sentences)
        if seen > SPEED_SENTENCES:
            break
    yield "speed, sentences a CPU second", f"{seen / (time.process_time() - began):.0f}"


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", default="test", help="treebank part: dev or test")
    part = parser.parse_args().part
    if not data.DATA.is_dir():
        raise SystemExit(f"no data at {data.DATA}: set COMMUNIQUE_DATA")
    language = Language.load(1)
    tasks: list[Callable[[], Iterator[tuple[str, str]]]] = [
        lambda: treebank(language, part),
        lambda: attributions(language),
        lambda: names(language),
        lambda: speed(language),
        relations,
    ]
    for task in tasks:
        for name, value in task():
            print(f"{name:45} {value}", flush=True)


if __name__ == "__main__":
    main()
