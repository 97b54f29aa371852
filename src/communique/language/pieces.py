"""Words to the model's input: word pieces, and for each piece what lower-casing and cutting lost.

The encoder is uncased. ``features`` gives back, for each piece, the case of its word, whether a
blank stood before it (an opening quote mark has one, a closing one has not). ``mark`` says, when a
relation is asked about, which pieces lie in the actor and which in the recipient.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from tokenizers import Tokenizer

from communique.model import Span

#: Longest stretch of a word that is shown to the encoder, in characters; a longer "word" is debris.
LONGEST_WORD = 64
#: What cutting leaves of a paragraph for one pass: the encoder has 512 positions.
MOST_PIECES = 510

CASES = ("special", "lower", "title", "upper", "initial", "mixed", "none")
ROLES = ("none", "actor", "recipient")
GLUED = 2
FEATURES = GLUED * len(CASES)


class Pieces(msgspec.Struct, frozen=True):
    """One paragraph as the encoder reads it. ``first`` and ``last`` index ``ids``, one pair a word."""

    ids: list[int]
    features: list[int]
    first: list[int]
    last: list[int]


def cut(tokenizer: Tokenizer, text: str, words: Sequence[Span]) -> Pieces:
    """Cut the words of ``text`` into pieces. Words past ``MOST_PIECES`` share the last piece."""
    forms = [text[word.start : min(word.end, word.start + LONGEST_WORD)] for word in words]
    encoded = tokenizer.encode(forms, is_pretokenized=True, add_special_tokens=True)
    ids, owners = encoded.ids, encoded.word_ids
    if len(ids) > MOST_PIECES + 2:
        ids, owners = [*ids[: MOST_PIECES + 1], ids[-1]], [*owners[: MOST_PIECES + 1], None]
    own = [_feature(text, word, form) for word, form in zip(words, forms, strict=True)]
    first, last = [-1] * len(words), [0] * len(words)
    features = [0] * len(ids)
    for position, owner in enumerate(owners):
        if owner is None:
            continue
        if first[owner] < 0:
            first[owner] = position
        last[owner] = position
        features[position] = own[owner]
    seen = 0
    for index, position in enumerate(first):  # a word without a piece looks through the piece before it
        if position < 0:
            first[index] = last[index] = seen
        seen = last[index]
    return Pieces(ids, features, first, last)


def mark(pieces: Pieces, words: Sequence[Span], actor: Span, recipient: Span) -> list[int]:
    """Return the role (an index into ``ROLES``) of each piece; a word in both spans is the actor's."""
    roles = [0] * len(pieces.ids)
    for role, span in ((2, recipient), (1, actor)):
        for word, first, last in zip(words, pieces.first, pieces.last, strict=True):
            if span.overlaps(word):
                roles[first : last + 1] = [role] * (last + 1 - first)
    return roles


def _feature(text: str, word: Span, form: str) -> int:
    glued = word.start > 0 and not text[word.start - 1].isspace()
    return glued * len(CASES) + CASES.index(_case(form))


def _case(form: str) -> str:
    if form.islower():
        return "lower"
    if form.isupper():
        return "initial" if len(form) == 1 else "upper"
    if form.istitle():
        return "title"
    return "mixed" if any(character.isalpha() for character in form) else "none"
