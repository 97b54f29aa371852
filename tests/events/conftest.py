"""Short hand-made parses: blank-separated tokens, ``form/tag/head/relation`` and, where it differs, ``/lemma``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from communique.model import Article, Parsed, Sentence, Span, Token, content_id

Parse = Callable[[str], Parsed]
NAME_TAGS = frozenset(["NNP", "NNPS", "JJ"])
NO_BLANK_BEFORE = frozenset([".", ",", "'s"])
PUBLISHED = "2023-03-22"


def parse_written(written: str) -> Parsed:
    """Build a ``Parsed``; a lone ``|`` ends a sentence; heads count from 1 in the sentence, 0 is the root."""
    text, tokens, sentences = "", [], []
    for number, block in enumerate(written.split(" | ")):
        first, start = len(tokens), None
        for place, token in enumerate(block.split()):
            form, tag, head, relation, *lemma = token.split("/")
            text += " " if text and form not in NO_BLANK_BEFORE else ""
            span = Span(len(text), len(text) + len(form))
            text += form
            start = span.start if start is None else start
            known = lemma[0] if lemma else form if tag in NAME_TAGS else form.lower()
            tokens.append(Token(span, known, tag, first + (int(head) - 1 if int(head) else place), relation))
        sentences.append(Sentence(number, Span(start or 0, len(text)), first, len(tokens)))
    article = Article(content_id(text), text, published=PUBLISHED)
    return Parsed(article, tuple(sentences), tuple(tokens), ())


@pytest.fixture(scope="session")
def parse() -> Parse:
    return parse_written
