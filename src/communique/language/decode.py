"""From the network's numbers to words with tags, heads, names and attributions."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from communique.language.trees import best_heads
from communique.model import Span

Floats = NDArray[np.float32]

#: Rank of the label scores; the network in training/ is built with it.
LABEL_RANK = 8
#: The spans of an attribution that have a score for each pair of a start and an end, in the network's order.
SPANS = ("cue", "speaker", "content")
#: Longest cue, speaker and gap in a quotation, in words: longer ones are taken for misreadings. Set by judgement.
LONGEST_CUE, LONGEST_SPEAKER, LONGEST_GAP = 16, 40, 40
#: A word may belong to a cue from this probability on, here as a logit. Chosen on PolNeAR's dev part: content F1 was
#: 65.3 at 0.3, 66.4 at 0.4, 67.2 at 0.5 and 67.8 at 0.6.
CUE_PROBABILITY = 0.6
CUE_THRESHOLD = math.log(CUE_PROBABILITY / (1.0 - CUE_PROBABILITY))
#: Marks that open what follows.
OPENING = frozenset("\"“„«‘'([" + "``")
#: The relation of the words of a name to its first.
FLAT = "flat"
#: Verbs whose past is written like their base.
UNCHANGED = frozenset("bet burst cast cost cut hit hurt let put quit rid set shed shut split spread upset".split())
#: Plurals that are their own singular.
PLURAL_ONLY = frozenset(
    "police people cattle clergy aircraft spacecraft series species headquarters means clothes regards media".split()
)
PAST, BASE, STEMMED = frozenset(["VBD", "VBN"]), frozenset(["VB", "VBP"]), frozenset(["VBD", "VBN", "VBG"])
UNCHANGED_PARTICIPLES = frozenset("come become overcome run rerun outrun".split())
POSSESSOR, INSIDE_PHRASE = "nmod:poss", frozenset(["compound", "amod", "nummod", "nmod:desc", "advmod"])
NAME, PRONOUN, FIRST_PERSON = "NNP", "PRP", "i"
#: Ends of bases that lost their e, and of bases with an e, or a doubled consonant, that is the ending's.
NEEDS_E = re.compile(r"(?:(?<![eo])at|[iy]z|[aeiou]c|[dr]g|iv|[^aeiou][bcdgkptz]l|[aeiou]nc)$")
TOO_MUCH = re.compile(
    r"(?:[cs]he|nde|[wx]e|cke|nte|fte|pte|mpe|rte|rke|lke|nke|rme|ee[dlkmpn]e|([^aeiou])\1)$(?<!ll)(?<!ss)(?<!ff)(?<!zz)"
)
PREPOSITION = "IN"
#: Forms of the past that auxiliaries have.
AUXILIARIES = frozenset("was were been had did got gotten 'd ’d would could might should".split())
#: Tags of inflected words; how many lemma scripts are tried for them, and how far (in logits) below the best.
#: The margin was chosen on the treebank's dev part (0, 3, 6, 10 tried); the number of scripts by judgement.
INFLECTED = frozenset(["NNS", "VBD", "VBG", "VBN", "VBZ"])
LEMMA_CANDIDATES, LEMMA_MARGIN = 8, 6.0


class Vocabularies(msgspec.Struct, frozen=True):
    """The classes of each head, in the order of the network's outputs; ``lemmas`` is by tag and form, lower case."""

    tags: tuple[str, ...]
    scripts: tuple[str, ...]
    labels: tuple[str, ...]
    names: tuple[str, ...]
    relations: tuple[str, ...]
    lemmas: dict[str, dict[str, str]]


class WordRange(msgspec.Struct, frozen=True):
    """Words ``[first, last]``, both inclusive."""

    first: int
    last: int


class FoundAttribution(msgspec.Struct, frozen=True):
    """A cue with its speaker, its content and the gap in the content, in word indices."""

    cue: WordRange
    speaker: WordRange | None
    content: WordRange
    gap: WordRange | None


class Reading(msgspec.Struct, frozen=True):
    """One paragraph as decoded: a list a word; heads are word indices, a root's is its own."""

    starts: list[bool]
    tags: list[str]
    lemmas: list[str]
    heads: list[int]
    relations: list[str]
    names: list[tuple[WordRange, str]]
    attributions: list[FoundAttribution]


def apply_script(form: str, script: str) -> str:
    """Make the lemma of ``form``: "L" lower-cases, a number cuts letters from the end, the rest is put on.

    >>> apply_script("Parties", "L3y"), apply_script("Putin", "K0")
    ('party', 'Putin')
    """
    base = form.lower() if script[0] == "L" else form
    match = re.match(r"\d+", script[1:])
    digits = match.group() if match else ""
    kept = base[: len(base) - int(digits or 0)]
    return (kept + script[1 + len(digits) :]) or form


class Scores(msgspec.Struct, frozen=True):
    """What the network says of one paragraph of ``n`` words, all arrays cut to ``n``.

    ``words`` [n, classes], ``arcs`` [n, n + 1] (0 is the root), ``label_dep`` and ``label_head``
    [n, labels * (rank + 1)], ``points`` [pointers, n, n + 1] (0 is nowhere), ``spans`` [spans, n, n] from start to end.
    """

    words: Floats
    arcs: Floats
    label_dep: Floats
    label_head: Floats
    points: Floats
    spans: Floats


def read_paragraph(
    text: str,
    words: Sequence[Span],
    vocabularies: Vocabularies,
    scores: Scores,
    known: Callable[[str], bool],
    starts: Sequence[bool] | None = None,
) -> Reading:
    """Decode one paragraph from the network's scores.

    1. Sentence starts (or those given). 2. Tags and lemmas. 3. One tree a sentence, then its labels.
    4. Names. 5. Cues, and from each the speaker, the content and the gap in it.
    """
    edges = np.cumsum([1, *(len(v) for v in (vocabularies.tags, vocabularies.scripts, vocabularies.names))])
    first, tags, scripts, names, cues = np.split(scores.words, edges, axis=-1)
    begun = list(starts) if starts is not None else [bool(value > 0) for value in first[:, 0]]
    begun[0] = True
    if starts is None:
        _join_marks(begun, [word.of(text) for word in words])
    heads, relations = _dependencies(begun, vocabularies.labels, scores.arcs, scores.label_dep, scores.label_head)
    kinds = [vocabularies.tags[i] for i in tags.argmax(1)]
    forms = [word.of(text) for word in words]
    named = _ranges([vocabularies.names[i] for i in best_tags(names, vocabularies.names)])
    for found, _ in named:
        _tie(found, heads, relations)
    _mend_auxiliaries(heads, relations, kinds, forms)
    _mend_particles(heads, relations, kinds)
    _mend_voice(heads, relations)
    _mend_possessors(heads, relations, kinds)
    return Reading(
        begun,
        kinds,
        [
            _lemma(*row, vocabularies, known)
            for row in zip(forms, kinds, scripts, scripts.argmax(1).tolist(), strict=True)
        ],
        heads,
        relations,
        named,
        _attributions(cues[:, 0], scores.points, scores.spans),
    )


def _lemma(
    form: str, tag: str, scores: Floats, script: int, vocabularies: Vocabularies, known: Callable[[str], bool]
) -> str:
    """The lemma in the table; else the best-scored script's; for an inflected word, the best that is a known word.

    Letters are what word pieces show least of: the best script of a regular form often cuts one letter too few
    ("arreste"), and the next best is right.
    """
    listed = vocabularies.lemmas.get(tag, {}).get(form.lower())
    if listed is not None:
        return listed
    low = form.lower()
    if (tag in PAST and low in UNCHANGED) or (tag == "VBN" and low in UNCHANGED_PARTICIPLES):
        return low
    if (tag == "NNS" and low in PLURAL_ONLY) or (tag in BASE and known(low)):
        return low
    if low == FIRST_PERSON and tag == PRONOUN:
        return low.upper()
    if tag == "CD" and form[0].isdigit():
        return form.replace(",", "")
    scripts = vocabularies.scripts
    best = apply_script(form, scripts[script])
    if tag not in INFLECTED:
        return best.capitalize() if tag == NAME and form.islower() else best
    if tag == "NNS" and low == f"{best}s" and not best.endswith("e"):
        return best  # "villagers": a plain plural needs no word that is known
    order = np.argsort(-scores, kind="stable")[:LEMMA_CANDIDATES]
    least = scores[script] - LEMMA_MARGIN
    candidates = [apply_script(form, scripts[int(i)]) for i in order if scores[i] >= least]
    found = next((one for one in candidates if known(one) and one != low), None)
    return found or (_stem(best) if tag in STEMMED else best)


def _stem(best: str) -> str:
    """The base of a verb that no script has led to a known word: "overstat" lacks an e, "offende" has one too many."""
    if NEEDS_E.search(best):
        return f"{best}e"
    if best.endswith("i"):
        return f"{best[:-1]}y"
    return best[:-1] if TOO_MUCH.search(best) else best


def _dependencies(
    starts: Sequence[bool], labels: Sequence[str], arcs: Floats, label_dep: Floats, label_head: Floats
) -> tuple[list[int], list[str]]:
    bounds = [*(i for i, begun in enumerate(starts) if begun), len(starts)]
    heads: list[int] = []
    for low, high in itertools.pairwise(bounds):
        columns = [0, *range(low + 1, high + 1)]
        found = best_heads(arcs[low:high][:, columns])
        heads += [low + head - 1 if head else low + index for index, head in enumerate(found)]
    shape = (len(heads), len(labels), LABEL_RANK + 1)
    dep, head = label_dep.reshape(shape), label_head[heads].reshape(shape)
    scores = (dep[..., :-1] * head[..., :-1]).sum(-1) + dep[..., -1] + head[..., -1]
    scores[:, list(labels).index("root")] = -np.inf
    relations = [labels[i] for i in scores.argmax(1)]
    return heads, [
        "root" if head == index else name for index, (head, name) in enumerate(zip(heads, relations, strict=True))
    ]


def _join_marks(begun: list[bool], forms: Sequence[str]) -> None:
    """Join a sentence of marks alone to the next one where it only opens ("“"), else to the one before."""
    bounds = [*(i for i, value in enumerate(begun) if value), len(begun)]
    for low, high in itertools.pairwise(bounds):
        marks = [form for form in forms[low:high] if not any(map(str.isalnum, form))]
        if len(marks) < high - low:
            continue
        if all(mark in OPENING for mark in marks) and high < len(begun):
            begun[high] = False
        elif low:
            begun[low] = False


def _tie(name: WordRange, heads: list[int], relations: list[str]) -> None:
    """Hang the words of a name that hang side by side from one word outside from the first of them, as one name."""
    inside = range(name.first, name.last + 1)
    outer = [word for word in inside if heads[word] not in inside or heads[word] == word]
    for word in outer[1:]:
        if heads[word] == heads[outer[0]] != word and relations[word] == relations[outer[0]]:
            heads[word], relations[word] = outer[0], FLAT


def _mend_voice(heads: Sequence[int], relations: list[str]) -> None:
    """Where a phrase is bare of its preposition, and so a deed taken for one that was suffered, say what each word is.

    "Troops killed at least 12 rebels": "at" belongs to the number, so the rebels have no preposition and are the
    object, as is a bare noun with a determiner; and who has an object, and no auxiliary of the passive, did it.
    """
    inner: dict[int, set[str]] = {}
    for word, head in enumerate(heads):
        inner.setdefault(head, set()).add(relations[word])
    for word, head in enumerate(heads):
        mine, beside = inner.get(word, set()), inner.get(head, set())
        bare = mine & {"nummod", "det"} and not mine & {"case", "mark"} and "obj" not in beside
        if relations[word] == "obl" and word > head and bare:
            relations[word] = "obj"
            beside.add("obj")
    for word, head in enumerate(heads):
        if relations[word] == "nsubj:pass" and "obj" in inner[head] and "aux:pass" not in inner[head]:
            relations[word] = "nsubj"


def _mend_auxiliaries(heads: list[int], relations: list[str], tags: Sequence[str], forms: Sequence[str]) -> None:
    """Make a verb that was taken for an auxiliary or a clause of the noun right behind its head: "drew criticism"."""
    for verb, noun in enumerate(heads):
        taken = relations[verb].startswith("aux") or (relations[verb] == "advcl" and noun - verb == 1)
        if not taken or tags[verb] not in STEMMED or forms[verb].lower() in AUXILIARIES:
            continue
        if noun < verb or not tags[noun].startswith("NN"):
            continue
        heads[verb] = verb if heads[noun] == noun else heads[noun]
        relations[verb], relations[noun] = relations[noun], "obj"
        heads[noun] = verb
        for word in (i for i in range(verb) if heads[i] == noun):
            heads[word] = verb
            relations[word] = "nsubj" if relations[word] in ("obj", "nsubj:pass") else relations[word]


def _mend_particles(heads: list[int], relations: list[str], tags: Sequence[str]) -> None:
    """Make a particle, or "to", the preposition of a bare phrase right behind it: "called on Kenya", "agreed to terms".

    English has prepositions and particles of the same form; only particles may stand before nothing.
    """
    for word in range(len(heads) - 1):
        verb = heads[word]
        particle = relations[word] == "compound:prt" and tags[word] == PREPOSITION
        if not particle and (relations[word] != "mark" or word < verb):
            continue
        noun = next((i for i in range(word + 1, len(heads)) if heads[i] == verb), None)
        if noun is None or relations[noun] != "obl":
            continue
        own = [i for i, head in enumerate(heads) if head == noun and i != noun]
        if min([noun, *own]) == word + 1 and not any(relations[i] in ("case", "mark") for i in own):
            heads[word], relations[word] = noun, "case"


def _mend_possessors(heads: list[int], relations: list[str], tags: Sequence[str]) -> None:
    """Hang whose something is from it, where both were hung from one verb: "Israel's air force bombed"."""
    for mark, owner in enumerate(heads):
        if tags[mark] != "POS" or owner >= mark or mark + 1 == len(heads) or relations[owner] == POSSESSOR:
            continue
        noun = mark + 1
        while heads[noun] > noun and relations[noun] in INSIDE_PHRASE:
            noun = heads[noun]
        if tags[noun].startswith("NN") and heads[noun] == heads[owner] != owner and heads[noun] != noun:
            heads[owner], relations[owner] = noun, POSSESSOR


def best_tags(scores: Floats, names: Sequence[str]) -> list[int]:
    """Return the best row of B-x, I-x and O tags in which I-x only follows B-x or I-x (Viterbi, 1967).

    ``scores`` is [words, tags]. Where the best tags of all words are such a row already, nothing is searched.

    >>> best_tags(np.array([[0, 2, 0, 1, 0], [0, 0, 0, 0, 3]], dtype=np.float32), ["O", "B-a", "I-a", "B-b", "I-b"])
    [3, 4]
    """
    chosen = [int(i) for i in scores.argmax(1)]
    begins = [names.index("B" + name[1:]) if name.startswith("I-") else -1 for name in names]
    if all(begins[tag] in (-1, before) or tag == before for before, tag in itertools.pairwise([0, *chosen])):
        return chosen
    allowed = np.array(
        [[begins[tag] in (-1, before) or tag == before for before in range(len(names))] for tag in range(len(names))]
    )
    blocked = np.where(allowed, 0.0, -np.inf).astype(np.float32)
    logs = scores - scores.max(1, keepdims=True)
    total = logs[0] + blocked[:, 0]
    back: list[NDArray[np.intp]] = []
    for row in logs[1:]:
        paths = total[None, :] + blocked
        back.append(paths.argmax(1))
        total = paths.max(1) + row
    tags = [int(total.argmax())]
    for step in reversed(back):
        tags.append(int(step[tags[-1]]))
    return tags[::-1]


def _ranges(tags: Sequence[str]) -> list[tuple[WordRange, str]]:
    """Turn a row of B-x, I-x and O tags into ranges with their kind."""
    found: list[tuple[WordRange, str]] = []
    for index, tag in enumerate(tags):
        prefix, _, kind = tag.partition("-")
        if prefix == "B":
            found.append((WordRange(index, index), kind))
        elif prefix == "I":
            found[-1] = (WordRange(found[-1][0].first, index), kind)
    return found


def _attributions(cues: Floats, points: Floats, spans: Floats) -> list[FoundAttribution]:
    """Find cues and what belongs to them.

    1. Each word that may be in a cue says which words that cue has. 2. The surest cues are taken, none
    overlapping another. 3. The words that spoke for a cue say together where its speaker, content and gap lie.
    """
    spoken: dict[WordRange, list[int]] = {}
    for word in (int(i) for i in np.flatnonzero(cues >= CUE_THRESHOLD)):
        reach = range(max(0, word - LONGEST_CUE + 1), word + 1)
        until = min(len(cues), word + LONGEST_CUE)
        pairs = points[0, word, 1 + reach.start : 2 + word, None] + points[1, word, None, 1 + word : 1 + until]
        pairs = pairs + spans[0, reach.start : word + 1, word:until]
        first, last = np.unravel_index(int(pairs.argmax()), pairs.shape)
        spoken.setdefault(WordRange(reach.start + int(first), word + int(last)), []).append(word)
    taken: list[FoundAttribution] = []
    for cue in sorted(spoken, key=lambda one: (-max(cues[spoken[one]]), one.first)):
        if any(cue.first <= other.cue.last and other.cue.first <= cue.last for other in taken):
            continue
        pointers = points[:, spoken[cue]].mean(1)
        speaker = _best_range(pointers[2], pointers[3], spans[1], LONGEST_SPEAKER)
        content = _best_range(pointers[4], pointers[5], spans[2], None)
        gap = _best_range(pointers[6], pointers[7], None, LONGEST_GAP)
        if content is None:
            continue
        if gap is not None and not (content.first < gap.first and gap.last < content.last):
            gap = None
        taken.append(FoundAttribution(cue, speaker, content, gap))
    return sorted(taken, key=lambda one: one.cue.first)


def _best_range(starts: Floats, ends: Floats, spans: Floats | None, longest: int | None) -> WordRange | None:
    """The best (start, end) with start <= end; column 0 of both together says that there is none."""
    size = len(starts) - 1
    pairs = starts[1:, None] + ends[None, 1:]
    if spans is not None:
        pairs = pairs + spans
    allowed = np.triu(np.ones((size, size), dtype=bool))
    if longest is not None:
        allowed &= ~np.triu(np.ones((size, size), dtype=bool), longest)
    pairs = np.where(allowed, pairs, -np.inf)
    best = int(pairs.argmax())
    if pairs.flat[best] <= starts[0] + ends[0]:
        return None
    return WordRange(best // size, best % size)
