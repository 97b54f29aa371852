"""In what matter: the plain words of an event's own sentence."""

from __future__ import annotations

from itertools import pairwise

from communique.events.lexicon import Words
from communique.events.syntax import Tree
from communique.model import Sentence


def contexts_of(tree: Tree, sentence: Sentence, words: Words) -> tuple[str, ...]:
    """Return the PLOVER contexts whose words stand in the sentence, in the codebook's order."""
    lemmas = [tree.lemma(index) for index in range(sentence.first, sentence.last)]
    found = set(lemmas) | {f"{first} {second}" for first, second in pairwise(lemmas)}
    return tuple(name for name, wanted in words.contexts.items() if wanted & found)
