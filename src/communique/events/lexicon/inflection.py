"""The base form of a word as the lexicon spells it, where the language model's lemma is not one that it knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from communique.events.lexicon.frames import Lexicon
from communique.events.lexicon.words import Words, read_sets

#: Endings of inflected forms and what stands there in the base form, the surest first; tags that they go with.
ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("ying", "ie"), ("ing", "e"), ("ing", ""),
    ("ed", "e"), ("ed", ""), ("es", "e"), ("es", ""), ("s", ""),
)  # fmt: skip
DOUBLED = ("ing", "ed")
SHORTEST_STEM = 2


@cache
def vocabulary() -> frozenset[str]:
    """Return every word that frames, classes and matters name."""
    frames = Lexicon.load()
    words = Words.load()
    found = {frame.lemma for frame in frames}
    found |= {word for frame in frames for slot in frame.slots for word in slot.wanted}
    for sets in (words.classes, words.status):
        found |= {word for members in sets.values() for word in members}
    return frozenset(found | {word for matter in words.matters for word in matter.words})


@cache
def _irregular() -> Mapping[str, str]:
    rows = read_sets("irregular.toml")
    return {form: lemma for lemma, forms in rows.items() for form in forms}


def base_form(form: str, lemma: str, *, inflected: bool = True) -> str:
    """Return the base form that the lexicon knows: by its table of forms, by the endings, else the model's lemma.

    The model's lemma comes last for an inflected form: "raped" is not "rap", "protesters" are not "protest".

    ``inflected`` says that the form cannot be its own lemma.

    >>> base_form("urged", "urg"), base_form("met", "m"), base_form("banned", "bann"), base_form("Paris", "Paris")
    ('urge', 'meet', 'ban', 'paris')
    """
    form, lemma = form.lower(), lemma.lower()
    irregular = _irregular().get(form)
    if irregular is not None and (inflected or form not in vocabulary()):
        return irregular
    stems = list(_stems(form)) if inflected else []
    known = next((stem for stem in stems if stem in vocabulary()), None)
    if lemma in vocabulary() and (lemma != form or not inflected) and (known is None or not stems):
        return lemma
    return known or lemma


def _stems(form: str) -> Iterator[str]:
    for ending, base in ENDINGS:
        stem = form.removesuffix(ending)
        if stem == form or len(stem) < SHORTEST_STEM:
            continue
        if ending in DOUBLED and stem[-1] == stem[-2]:
            yield stem[:-1]
        yield stem + base
