"""Public data to training examples. Reads from ``COMMUNIQUE_DATA``; nothing of it is kept in the project.

Each example is one paragraph: its text, its words with offsets, and for the tasks that its source
marks, the answers word by word. ``-1`` stands for "not marked here" everywhere.
"""

from __future__ import annotations

import csv
import itertools
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from communique.language.decode import SPANS
from communique.language.words import find_words
from communique.model import Span

DATA = Path(os.environ.get("COMMUNIQUE_DATA", Path(__file__).parents[2] / "shared/data"))
NAME_KINDS = {"PERSON": "person", "ORGANIZATION": "organisation", "LOCATION": "place", "MISC": "other"}
NAME_TAGS = ["O"] + [f"{prefix}-{kind}" for kind in ("person", "organisation", "place", "other") for prefix in "BI"]
#: From each word of a cue: where the cue, the speaker, the content and the gap in the content start and end.
POINTERS = tuple(f"{part}_{end}" for part in (*SPANS, "gap") for end in ("start", "end"))
#: No event of the marked actor towards the marked recipient; PLV has no such sentences, ours do.
NOTHING = "NONE"
#: The 15 relation types of the PLV corpus; YIELD is PLOVER's CONCEDE and RETREAT together.
PLV_RELATIONS = """AGREE CONSULT SUPPORT YIELD COOPERATE AID REQUEST ACCUSE REJECT THREATEN PROTEST SANCTION MOBILIZE
    COERCE ASSAULT""".split()
RELATIONS = [*PLV_RELATIONS, NOTHING]
#: Longest training paragraph in words: longer ones are cut at a sentence end. Fits 512 pieces with room.
LONGEST = 220
#: Share of articles of the silver names that is held back to measure with: those whose hash ends so.
HELD_BACK = "0"
MISSING = -1


#: The spans of one attribution by role: Source, Cue, Content.
Mark = dict[str, list[tuple[int, int]]]


@dataclass
class Example:
    """One paragraph with what its source marks. Lists are one entry a word; heads are word index + 1, 0 is root."""

    text: str
    words: list[Span]
    starts: list[int] = field(default_factory=list)
    tags: list[str | None] = field(default_factory=list)
    lemmas: list[str | None] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    relations: list[str | None] = field(default_factory=list)
    names: list[int] = field(default_factory=list)
    cues: list[int] = field(default_factory=list)
    attributions: list[tuple[list[int], list[int]]] = field(default_factory=list)  # cue words, POINTERS or MISSING
    gold: list[Mark] = field(default_factory=list)
    actor: Span | None = None
    recipient: Span | None = None
    event: int = MISSING
    source: str = ""


# --- English Web Treebank -----------------------------------------------------------------------


def read_treebank(path: Path) -> Iterator[Example]:
    """Yield one example a paragraph of a CoNLL-U file, cut where it is longer than ``LONGEST`` words."""
    paragraph: list[tuple[str, list[list[str]], bool]] = []
    for text, rows, new, space in _sentences(path):
        size = sum(len(rows) for _, rows, _ in paragraph)
        if paragraph and (new or size + len(rows) > LONGEST):
            yield _paragraph(paragraph)
            paragraph = []
        paragraph.append((text, rows, space))
    if paragraph:
        yield _paragraph(paragraph)


def _sentences(path: Path) -> Iterator[tuple[str, list[list[str]], bool, bool]]:
    rows: list[list[str]] = []
    text, new = "", False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# text = "):
            text = line[9:]
        elif line.startswith(("# newpar", "# newdoc")):
            new = True
        elif not line and rows:
            yield text, rows, new, "SpaceAfter=No" not in rows[-1][9]
            rows, new = [], False
        elif line and line[0] != "#":
            rows.append(line.split("\t"))


def _paragraph(sentences: list[tuple[str, list[list[str]], bool]]) -> Example:
    example = Example("", [])
    for text, rows, space in sentences:
        base, offset = len(example.words), len(example.text)
        spans = list(_align(text, rows))
        words = [row for row in rows if row[0].isdigit()]
        for index, (row, (start, end)) in enumerate(zip(words, spans, strict=True)):
            example.words.append(Span(offset + start, offset + end))
            example.starts.append(int(index == 0))
            example.tags.append(row[4])
            example.lemmas.append(row[2])
            head = int(row[6])
            example.heads.append(base + head if head else 0)
            example.relations.append(row[7])
        example.text += text + (" " if space else "")
    return example


def _align(text: str, rows: list[list[str]]) -> Iterator[tuple[int, int]]:
    position, index = 0, 0
    while index < len(rows):
        number, form = rows[index][:2]
        if "." in number:
            index += 1
            continue
        start = text.index(form, position)
        position = start + len(form)
        if "-" not in number:
            yield start, position
            index += 1
            continue
        low, high = map(int, number.split("-"))
        parts = [row[1] for row in rows[index + 1 : index + 2 + high - low]]
        cursor = start
        for part in parts:
            whole = "".join(parts) == form
            yield (cursor, cursor + len(part)) if whole else (start, position)
            cursor += len(part)
        index += 2 + high - low


def without_punctuation(example: Example, *, final_only: bool) -> Example:
    """Return the example without its final stops, or without any punctuation that nothing hangs on, as headlines are.

    Only the treebank's own marks are kept; the heads are numbered anew.
    """
    hung = set(example.heads)
    last = [i + 1 == len(example.words) or example.starts[i + 1] == 1 for i in range(len(example.words))]
    kept = [
        index
        for index, relation in enumerate(example.relations)
        if relation != "punct" or index + 1 in hung or (final_only and not last[index])
    ]
    number = {0: 0} | {old + 1: new + 1 for new, old in enumerate(kept)}
    words: list[Span] = []
    text, end = "", 0
    for index in kept:
        word = example.words[index]
        text += " " if words and word.start > end else ""
        words.append(Span(len(text), len(text) + word.end - word.start))
        text += word.of(example.text)
        end = word.end
    starts = [1 if new == 0 or any(example.starts[kept[new - 1] + 1 : old + 1]) else 0 for new, old in enumerate(kept)]
    return Example(
        text,
        words,
        starts=starts,
        tags=[example.tags[i] for i in kept],
        lemmas=[example.lemmas[i] for i in kept],
        heads=[number[example.heads[i]] for i in kept],
        relations=[example.relations[i] for i in kept],
    )


def lemma_script(form: str, lemma: str) -> str:
    """Return how ``lemma`` is made from ``form``: case, letters cut from the end, letters put on.

    >>> lemma_script("Countries", "country")
    'L3y'
    """
    mode = "L" if lemma == lemma.lower() else "K"
    base = form.lower() if mode == "L" else form
    common = 0
    while common < min(len(base), len(lemma)) and base[common] == lemma[common]:
        common += 1
    return f"{mode}{len(base) - common}{lemma[common:]}"


# --- PolNeAR: attributions by hand, names by an older toolkit ----------------------------------------


def read_attributions(
    folder: Path, silver: dict[str, list[tuple[int, int, str, str, bool]]] | None
) -> Iterator[Example]:
    """Yield one example a paragraph of PolNeAR: the words of cues, and the spans that belong to each cue."""
    for name, text, marks in read_marked_articles(folder):
        tokens = (silver or {}).get(name, [])
        for start, end in _paragraph_spans(text):
            yield from _attributed(name, text, start, end, marks, tokens)


def read_marked_articles(folder: Path) -> Iterator[tuple[str, str, list[Mark]]]:
    """Yield name, text and attributions of each PolNeAR article, as its first annotator marked them."""
    return ((name, text, _marks(annotations[0])) for name, text, annotations in _annotated(folder, 1))


def read_marked_by_several(folder: Path) -> Iterator[tuple[str, list[list[Mark]]]]:
    """Yield text and attributions, those of each annotator, of each PolNeAR article that several have marked."""
    return ((text, list(map(_marks, annotations))) for _, text, annotations in _annotated(folder, 2))


def _annotated(folder: Path, least: int) -> Iterator[tuple[str, str, list[Path]]]:
    """Yield name, text and files of marks of each article that at least so many have marked."""
    for path in sorted(folder.glob("*.txt")):
        annotations = sorted(folder.glob(f"{path.stem}_*.ann"))
        if len(annotations) >= least:
            yield path.stem, path.read_bytes().decode("utf-8"), annotations


def _paragraph_spans(text: str) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"[^\n]+", text):
        if match.group().strip():
            yield match.span()


def _marks(path: Path) -> list[Mark]:
    spans: dict[str, list[tuple[int, int]]] = {}
    links: list[list[tuple[str, str]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        parts = line.split("\t")
        if len(parts) < 2:
            continue
        if parts[0].startswith("T"):
            ranges = parts[1].split(" ", 1)[1].split(";")
            spans[parts[0]] = [(int(a), int(b)) for a, b in (r.split() for r in ranges)]
        elif parts[0].startswith("E"):
            links.append([tuple(p.split(":")) for p in parts[1].split()])  # type: ignore[misc]
    marks = []
    for link in links:
        mark: Mark = {}
        for role, key in link:
            name = role.rstrip("0123456789")
            if name in ("Source", "Cue", "Content") and key in spans:
                mark[name] = sorted(mark.get(name, []) + spans[key])
        if "Cue" in mark and "Content" in mark:
            marks.append(mark)
    return marks


def _attributed(
    source: str,
    text: str,
    start: int,
    end: int,
    marks: list[Mark],
    silver: list[tuple[int, int, str, str, bool]],
) -> Iterator[Example]:
    paragraph = text[start:end]
    words = list(find_words(paragraph))
    if not words:
        return
    example = Example(paragraph, words, source=source)
    example.cues = [0] * len(words)
    for mark in marks:
        if mark["Cue"][-1][1] <= start or end <= mark["Cue"][0][0]:
            continue
        local = {role: [(a - start, b - start) for a, b in spans] for role, spans in mark.items()}
        cue = [i for a, b in local["Cue"] for i in _words_in(words, a, b)]
        if not cue:
            continue
        whole = all(a >= 0 and b <= end - start for spans in local.values() for a, b in spans)
        for index in cue:
            example.cues[index] = 1 if whole else MISSING
        if whole:
            example.gold.append(local)
            parts = [_hull(words, local.get(role, [])) for role in ("Cue", "Source", "Content")]
            gap = _largest_gap(words, local["Content"])
            example.attributions.append((cue, [p for part in (*parts, gap) for p in part or (MISSING, MISSING)]))
    _silver(example, start, silver)
    yield from _cut_long(example)


def _words_in(words: list[Span], start: int, end: int) -> list[int]:
    return [i for i, word in enumerate(words) if word.start < end and word.end > start]


def _hull(words: list[Span], spans: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The first and the last word of a span in pieces."""
    inside = [i for a, b in spans for i in _words_in(words, a, b)]
    return (min(inside), max(inside)) if inside else None


def _largest_gap(words: list[Span], spans: list[tuple[int, int]]) -> tuple[int, int] | None:
    gaps = [(b, c) for (_, b), (c, _) in itertools.pairwise(spans)]
    ranges = [
        (inside[0], inside[-1])
        for b, c in gaps
        if (inside := [i for i, word in enumerate(words) if word.start >= b and word.end <= c])
    ]
    return max(ranges, key=lambda r: r[1] - r[0], default=None)


def _cut_long(example: Example) -> Iterator[Example]:
    """Yield the example, or its first ``LONGEST`` words where it is longer (the rest has its own)."""
    while len(example.words) > LONGEST:
        head, example = _split(example, LONGEST)
        yield head
    yield example


def _split(example: Example, at: int) -> tuple[Example, Example]:
    offset = example.words[at].start
    head = Example(example.text[:offset], example.words[:at], source=example.source)
    tail = Example(
        example.text[offset:],
        [Span(w.start - offset, w.end - offset) for w in example.words[at:]],
        source=example.source,
    )
    for name in ("starts", "tags", "names", "cues"):
        values = getattr(example, name)
        setattr(head, name, values[:at])
        setattr(tail, name, values[at:])
    for cue, pointers in example.attributions:
        if all(p < at for p in (*cue, *pointers)):
            head.attributions.append((cue, pointers))
        elif all(p >= at for p in (*cue, *pointers) if p != MISSING):
            tail.attributions.append(([c - at for c in cue], [p if p == MISSING else p - at for p in pointers]))
    for mark in example.gold:
        positions = [p for spans in mark.values() for span in spans for p in span]
        if max(positions) <= offset:
            head.gold.append(mark)
        elif min(positions) >= offset:
            tail.gold.append({r: [(a - offset, b - offset) for a, b in s] for r, s in mark.items()})
    return head, tail


def read_silver(path: Path) -> dict[str, list[tuple[int, int, str, str, bool]]]:
    """Return, for each article, (start, end, tag, name class, sentence start) of each silver word."""
    articles: dict[str, list[tuple[int, int, str, str, bool]]] = {}
    current: list[tuple[int, int, str, str, bool]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# newdoc"):
            current = articles.setdefault(line.split(" = ")[1], [])
            continue
        parts = line.split("\t")
        if len(parts) == 9 and parts[7] != "_":
            current.append((int(parts[7]), int(parts[8]), parts[3], parts[4], parts[0] == "1"))
    return articles


def _silver(example: Example, offset: int, silver: list[tuple[int, int, str, str, bool]]) -> None:
    if not silver:
        return
    by_start = {a - offset: (b - offset, tag, name, first) for a, b, tag, name, first in silver}
    covering: dict[int, str] = {}
    for a, b, _, name, _ in silver:
        for position in range(a - offset, b - offset):
            covering[position] = name
    previous = "O"
    for index, word in enumerate(example.words):
        exact = by_start.get(word.start)
        example.starts.append(int(index == 0 or exact[3]) if exact else (0 if word.start in covering else MISSING))
        example.tags.append(
            exact[1] if exact and exact[0] == word.end and "-" not in example.text[word.start : word.end] else None
        )
        kind = NAME_KINDS.get(covering.get(word.start, "O"), "O")
        if word.start not in covering:
            example.names.append(MISSING)
            previous = "O"
            continue
        example.names.append(0 if kind == "O" else NAME_TAGS.index(("I-" if previous == kind else "B-") + kind))
        previous = kind


def held_back(source: str) -> bool:
    """Say whether the silver names of this article are held back to measure with."""
    return sha256(source.encode()).hexdigest().endswith(HELD_BACK)


# --- PLV: the relation between two marked spans ---------------------------------------------------------


def read_relations(path: Path) -> Iterator[Example]:
    """Yield one example a sentence of PLV with its actor, its recipient and its type."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            text, marks = _unmark(row["marked_sentence"])
            if {"s", "t"} <= marks.keys() and row["event"] in RELATIONS:
                yield Example(
                    text,
                    list(find_words(text))[:LONGEST],
                    actor=marks["s"],
                    recipient=marks["t"],
                    event=RELATIONS.index(row["event"]),
                    source=row["sentence_id"],
                )


def read_own_relations(path: Path) -> Iterator[Example]:
    """Yield one example a row of our own sentences: the type, and a sentence with ``<a>`` and ``<r>`` marked."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            event, marked = line.split("\t")
            text, marks = _unmark(marked)
            yield Example(
                text,
                list(find_words(text)),
                actor=marks["a"],
                recipient=marks["r"],
                event=RELATIONS.index(event),
                source=f"{path.name}:{number}",
            )


def _unmark(marked: str) -> tuple[str, dict[str, Span]]:
    text, opened, marks = "", {}, {}
    for part in re.split(r"(</?[a-z]>)", marked):
        if re.fullmatch(r"<[a-z]>", part):
            opened[part[1]] = len(text)
        elif re.fullmatch(r"</[a-z]>", part):
            marks[part[2]] = Span(opened.get(part[2], len(text)), len(text))
        else:
            text += part
    return text, marks


def vocabulary(values: Iterator[str], least: int = 2) -> list[str]:
    """Return the values seen at least ``least`` times, most frequent first."""
    return [value for value, count in Counter(values).most_common() if count >= least]
