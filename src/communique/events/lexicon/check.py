"""A linter for the lexicon: what contradicts, what is there twice, what names a class that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from communique.events.lexicon.frames import Frame, Lexicon
from communique.events.lexicon.words import Words

CLASS_SIGN = "@"


def check_lexicon() -> Iterator[str]:
    """Yield a line for each thing that is wrong.

    Two frames of one word with the same arguments contradict where they tell two types, modes or codes, and are
    one too many where they tell the same. (Where two types are meant to stand side by side, for the relation model
    to decide, their arguments differ.)
    """
    seen: dict[tuple[object, ...], Frame] = {}
    classes = Words.load().classes
    for frame in Lexicon.load():
        for slot in frame.slots:
            for wanted in slot.wanted:
                if wanted.startswith(CLASS_SIGN) and wanted[1:] not in classes:
                    yield f"{frame.event}: {frame.line}: there is no class {wanted}"
        key = (frame.lemma, frame.part, frozenset(frame.slots))
        other = seen.setdefault(key, frame)
        if other is frame:
            continue
        told, also = ((one.event, one.modes, one.cameo, one.by_matter) for one in (other, frame))
        what = "is there twice" if told == also else f"contradicts itself: {other.event} and {frame.event}"
        yield f"{frame.event}: {frame.line}: {what}"
