"""Find the forms of the atlas in a text: case-sensitive, whole words, the longest from the left."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from communique.actors.atlas import Atlas
from communique.language import find_datelines
from communique.model import Parsed, Span

#: Half a character, which the automaton cannot read; what is read in its place is as long.
SURROGATE, REPLACEMENT = re.compile("[\ud800-\udfff]"), "\ufffd"


class Hit(msgspec.Struct, frozen=True, order=True):
    """A form of the atlas in the text, over the tokens ``[first, last)``."""

    span: Span
    form: str
    first: int
    last: int


def find_names(parsed: Parsed, atlas: Atlas) -> tuple[Hit, ...]:
    """Return the forms of the atlas in an article, in order, none overlapping, none in a dateline.

    1. All forms that are whole words, overlapping ones too; 2. only those that begin and end with a token;
    3. the longest from the left; 4. none within a dateline.
    """
    text = SURROGATE.sub(REPLACEMENT, parsed.article.text)
    starts = {token.span.start: index for index, token in enumerate(parsed.tokens)}
    ends = {token.span.end: index for index, token in enumerate(parsed.tokens)}
    hits = []
    for start, end, form in find_forms(text, atlas):
        if start in starts and end in ends:
            hits.append(Hit(Span(start, end), form, starts[start], ends[end] + 1))
    return tuple(_outside(_longest(hits), find_datelines(text)))


def find_forms(text: str, atlas: Atlas) -> list[tuple[int, int, str]]:
    """Return where forms of the atlas stand in a text as whole words, ``(start, end, form)``, overlapping ones too.

    >>> [form for _, _, form in find_forms("U.S.-backed Malians met in Mali.", Atlas.load())]
    ['U.S.', 'Malians', 'Mali']
    """
    automaton, forms = atlas.finder
    length = len(text)
    return [
        (start, end, forms[index])
        for index, start, end in automaton.find_matches_as_indexes(text, overlapping=True)
        if not (start and text[start - 1].isalnum()) and not (end < length and text[end].isalnum())
    ]


def _longest(hits: Sequence[Hit]) -> list[Hit]:
    chosen: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.span.start, -hit.span.end)):
        if not chosen or hit.span.start >= chosen[-1].span.end:
            chosen.append(hit)
    return chosen


def _outside(hits: Sequence[Hit], spans: Sequence[Span]) -> list[Hit]:
    return [hit for hit in hits if not any(span.covers(hit.span) for span in spans)]
