"""What the lexicon makes of a text: the frames of its words, which of them fit, and who would be who."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from communique.actors import Cast
from communique.events.lexicon import Frame, Lexicon, Words
from communique.events.match import Matcher
from communique.events.roles import Roles
from communique.events.status import StatusFinder
from communique.events.syntax import Tree
from communique.model import Parsed, Span, Statement, Status


class Trial(msgspec.Struct, frozen=True):
    """A word of the lexicon in a text: the frames that fit, strongest first, and the others.

    ``actors`` and ``recipients`` are entity ids, as the strongest frame has them; ``status`` is that of the word.
    """

    span: Span
    fitting: tuple[str, ...]
    others: tuple[str, ...]
    actors: tuple[str, ...]
    recipients: tuple[str, ...]
    status: Status


def try_lexicon(parsed: Parsed, cast: Cast, statements: Sequence[Statement]) -> Iterator[Trial]:
    """Yield a trial for each word of a text that the lexicon has, in reading order."""
    words, lexicon = Words.load(), Lexicon.load()
    tree = Tree(parsed, words)
    matcher = Matcher(tree, Roles(tree, cast, statements), lexicon, words)
    status = StatusFinder(tree, words, parsed.article.published)
    for index, token in enumerate(parsed.tokens):
        part = matcher.part(index)
        if part is None or not matcher.known(index):
            continue
        found = matcher.fitting(index)
        fit = [match.frame for match in found]
        verb = found[0].verb if found else None
        yield Trial(
            token.span,
            tuple(map(shown, fit)),
            tuple(shown(frame) for frame in lexicon.frames(tree.lemma(index), part) if frame not in fit),
            found[0].actors if found else (),
            found[0].recipients if found else (),
            status.of_noun(index, verb) if part == "noun" else status.of_verb(index),
        )


def shown(frame: Frame) -> str:
    """Return a frame on one line: type, modes and CAMEO code, then the word and its arguments."""
    return f"{'/'.join((frame.event, *frame.modes))} {frame.cameo}: {frame.line}"
