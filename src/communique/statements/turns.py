"""Who speaks, by where words stand: behind a name and a colon, or before a dash and a name.

Headlines ("Kremlin: no talks before May"), transcripts, whose turns run over paragraphs, and what is signed: quotations
("“...” ― Name") and posts ("... — Name (@handle)"). Asks the text alone; who the names stand for is found elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from communique.language import find_paragraphs
from communique.model import Span

#: The fewest words of what is said behind a name that heads a line.
LEAST_HEADED_WORDS = 3
#: A transcript has as many speakers, and one of them speaks as often; a turn has at most so many paragraphs.
LEAST_SPEAKERS, LEAST_TURNS, MOST_PARAGRAPHS = 2, 2, 12
COLON = ":"
#: Before a colon in capitals, and nobody who speaks.
NOTICES = frozenset(
    "UPDATE UPDATED CORRECTION CLARIFICATION EXCLUSIVE BREAKING WATCH READ RELATED VIDEO PHOTO PHOTOS LISTEN LIVE NOTE "
    "SOURCE SOURCES WARNING OPINION ANALYSIS".split()
)
_OPENING = '"“„«'
#: A name in capitals before a colon, behind an opening mark or none: "PENCE: ", "\"SECRETARY BLINKEN: ", "Q: ".
_CAPITALS = r"(?:[^\W\d_a-z](?:[^\W\d_a-z]|[.'’-]){0,30})"
_LABEL = re.compile(rf"[\"“„«]?(?P<name>{_CAPITALS}(?: {_CAPITALS}){{0,4}}):\s")
#: A name behind a dash, alone on the rest of its paragraph but for what he is, or with his account's name.
_NAME = r"[^\W\d_a-z][\w.'’-]{0,30}(?: (?:[^\W\d_a-z][\w.'’-]{0,30}|d[aeiou]|v[ao]n|bin|al|el)){0,5}"
_SIGNED = re.compile(rf"\s{{0,3}}(?P<dash>[―—–]|--)\s{{0,3}}(?P<name>{_NAME})\s{{0,3}}(?:$|[,(])")
_POSTED = re.compile(r"\s(?P<dash>[―—–]|--)\s(?P<name>[^—―–()@]{1,60}?) \(@\w{1,30}\)")
#: The most words of a signature with what its person is.
MOST_SIGNED_WORDS = 14


class Turn(NamedTuple):
    """What somebody says: the speaker's name, the colon or dash, the words, a span for each paragraph.

    ``verbatim`` is false for headlines, which tell in the writer's words.
    """

    speaker: Span
    cue: Span
    content: tuple[Span, ...]
    verbatim: bool = True


def find_headlines(text: str, names: Mapping[int, Span]) -> Iterator[Turn]:
    """Yield each paragraph that begins with a name, of those that ``names`` has by where they begin, and a colon."""
    for paragraph in find_paragraphs(text):
        name = names.get(paragraph.start)
        if name is None or text[name.end : name.end + 1] != COLON:
            continue
        content = Span(name.end + 1, paragraph.end)
        if len(content.of(text).split()) >= LEAST_HEADED_WORDS:
            yield Turn(name, Span(name.end, name.end + 1), (content,), verbatim=False)


def find_transcript(text: str, names: Mapping[int, Span]) -> tuple[Turn, ...]:
    """Return the turns of a transcript: paragraphs that begin with a name and a colon, and those up to the next.

    The name is one of ``names``, by where they begin, or stands in capitals. One speaker alone, or several with a turn
    each, is no transcript. A turn goes on to the next one, if that is near; where its paragraphs begin with an opening
    mark, while they do.

    >>> text = "TAPPER: Why?\\nFALLIN: I say so.\\nTAPPER: I see."
    >>> [turn.speaker.of(text) for turn in find_transcript(text, {})]
    ['TAPPER', 'FALLIN', 'TAPPER']
    """
    paragraphs = find_paragraphs(text)
    labels = {index: name for index, one in enumerate(paragraphs) if (name := _label(text, one, names))}
    spoken = Counter(name.of(text).split()[-1].casefold() for name in labels.values())
    if len(spoken) < LEAST_SPEAKERS or max(spoken.values()) < LEAST_TURNS:
        return ()
    turns = []
    for (index, name), following in zip_longest(labels.items(), [*labels][1:]):
        last = _last_paragraph(text, paragraphs, index, following)
        spans = (Span(name.end + 1, paragraphs[index].end), *paragraphs[index + 1 : last + 1])
        turns.append(Turn(name, Span(name.end, name.end + 1), spans))
    return tuple(turns)


def _label(text: str, paragraph: Span, names: Mapping[int, Span]) -> Span | None:
    """Return the name before a colon with which a paragraph begins, behind an opening mark or none."""
    name = names.get(paragraph.start)
    if name is not None and text[name.end : name.end + 1] == COLON:
        return name
    match = _LABEL.match(text, paragraph.start, paragraph.end)
    return Span(*match.span("name")) if match and match["name"].split()[0] not in NOTICES else None


def _last_paragraph(text: str, paragraphs: Sequence[Span], index: int, following: int | None) -> int:
    """Return the index of the last paragraph of the turn that begins at ``index``."""
    far = following is None or following - index > MOST_PARAGRAPHS
    if text[paragraphs[index].start] not in _OPENING:
        return index if far or following is None else following - 1
    last = index
    end = min(len(paragraphs), index + MOST_PARAGRAPHS) if following is None else following
    while last + 1 < end and text[paragraphs[last + 1].start] in _OPENING:
        last += 1
    return last


def find_signed(text: str, quotes: Sequence[Span]) -> Iterator[Turn]:
    """Yield quotations that begin a paragraph and have a name behind a dash, then posts with an account's name."""
    for paragraph in find_paragraphs(text):
        inside = [quote for quote in quotes if paragraph.covers(quote)]
        if inside and inside[0].start == paragraph.start:
            signed = _SIGNED.match(text, inside[-1].end, paragraph.end)
            rest = text[inside[-1].end : paragraph.end]
            if signed and len(rest.split()) <= MOST_SIGNED_WORDS:
                yield Turn(Span(*signed.span("name")), Span(*signed.span("dash")), tuple(inside))
                continue
        posted = _POSTED.search(text, paragraph.start, paragraph.end)
        if posted:
            content = Span(paragraph.start, posted.start())
            yield Turn(Span(*posted.span("name")), Span(*posted.span("dash")), (content,))
