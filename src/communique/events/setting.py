"""In what matter: the plain words of an event's paragraph."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby, pairwise

from communique.events.lexicon import Words
from communique.events.syntax import Tree
from communique.language import find_paragraphs
from communique.model import Sentence


def contexts_by_sentence(tree: Tree, words: Words) -> tuple[tuple[str, ...], ...]:
    """Return for each sentence the PLOVER contexts whose words stand in its paragraph, in the codebook's order."""
    sentences, text = tree.parsed.sentences, tree.parsed.article.text
    starts = [paragraph.start for paragraph in find_paragraphs(text)]
    grouped = groupby(sentences, key=lambda sentence: bisect_right(starts, sentence.span.start))
    paragraphs = (tuple(group) for _, group in grouped)
    return tuple(found for group in paragraphs for found in [_contexts(tree, group, words)] * len(group))


def _contexts(tree: Tree, sentences: Sequence[Sentence], words: Words) -> tuple[str, ...]:
    found: set[str] = set()
    for sentence in sentences:
        lemmas = [tree.lemma(index) for index in range(sentence.first, sentence.last)]
        found |= set(lemmas) | {f"{first} {second}" for first, second in pairwise(lemmas)}
    return tuple(name for name, wanted in words.contexts.items() if wanted & found)
