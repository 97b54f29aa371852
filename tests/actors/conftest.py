"""Hand-made ``Parsed`` values: a token a line, "form lemma tag head relation"; heads count from 1 in the sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from communique.model import Article, Name, NameKind, Parsed, Sentence, Span, Token, content_id

NO_BLANK_BEFORE = frozenset([".", ",", "'s", "’", "'", "?", "!", ":", ";", ")"])
NO_BLANK_AFTER = frozenset(["("])


def _parsed(rows: str, *, published: str | None = None, names: tuple[tuple[str, NameKind], ...] = ()) -> Parsed:
    """Build a ``Parsed`` from rows; a blank line ends a sentence."""
    blocks = [[line.split() for line in block.splitlines() if line.strip()] for block in rows.strip().split("\n\n")]
    text, tokens, sentences = "", [], []
    for number, block in enumerate(blocks):
        first, start = len(tokens), None
        glue = True
        for form, lemma, tag, head, relation in block:
            if text and form not in NO_BLANK_BEFORE and not (glue and text[-1] in NO_BLANK_AFTER):
                text += " "
            begin = len(text)
            start = begin if start is None else start
            text += form
            index = first + int(head) - 1 if int(head) else len(tokens)
            tokens.append(Token(Span(begin, len(text)), lemma, tag, index, relation))
        sentences.append(Sentence(number, Span(start or 0, len(text)), first, len(tokens)))
    found = tuple(Name(Span(text.index(form), text.index(form) + len(form)), kind) for form, kind in names)
    return Parsed(Article(content_id(text), text, published=published), tuple(sentences), tuple(tokens), found)


@pytest.fixture
def parsed() -> Callable[..., Parsed]:
    """Return the builder of ``Parsed`` values."""
    return _parsed
