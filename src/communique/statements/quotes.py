"""Where the text stands between quotation marks, however the marks are drawn or forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from communique.language import find_paragraphs
from communique.model import Span

#: An opening mark and the marks that close it. A straight mark closes itself.
CLOSERS = {"“": "”", "„": "“”", "«": "»", "「": "」", "『": "』", '"': '"', "‟": "”"}
#: Marks that may be missing at a paragraph's end, when the quotation goes on in the next one.
_OPENERS = "".join(CLOSERS)


def find_quotes(text: str) -> tuple[Span, ...]:
    """Return the quotations of ``text``, marks included, in order; none runs over a paragraph's end.

    A mark that is never closed quotes up to the end of its paragraph when it opens the paragraph (the
    quotation goes on in the next paragraph), and nothing otherwise.

    >>> [span.of('He said "no" and “yes”.') for span in find_quotes('He said "no" and “yes”.')]
    ['"no"', '“yes”']
    """
    return tuple(quote for part in find_paragraphs(text) for quote in _in_paragraph(text, part.start, part.end))


def _in_paragraph(text: str, start: int, end: int) -> Iterator[Span]:
    position = start
    while position < end:
        mark = text[position]
        if mark not in _OPENERS or (mark == '"' and not _opens(text, position, start)):
            position += 1
            continue
        closing = _closing(text, position, end)
        if closing is None:
            if not text[start:position].strip():
                yield Span(position, end)
                return
            position += 1
            continue
        yield Span(position, closing + 1)
        position = closing + 1


def _opens(text: str, position: int, start: int) -> bool:
    """A straight mark opens after a blank, a bracket or a dash, or at the start of the line."""
    return position == start or not (text[position - 1].isalnum() or text[position - 1] in ".,!?;:…")


def _closing(text: str, position: int, end: int) -> int | None:
    closers = CLOSERS[text[position]]
    depth = 0
    for index in range(position + 1, end):
        character = text[index]
        if character in closers:
            if depth == 0:
                return index
            depth -= 1
        elif character == text[position]:
            depth += 1
    return None
