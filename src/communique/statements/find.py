"""From attributions in the parse to statements with speakers, addressees, kind, topic and channel."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Sequence
from importlib import resources

from communique.actors import Cast, resolve_phrase, resolve_span
from communique.model import Attribution, Parsed, Span, Statement, StatementKind, content_id
from communique.statements.quotes import find_quotes

#: A quotation without a cue is a statement of its own from this many words on; shorter ones are words so called.
LEAST_QUOTED_WORDS = 5
#: Relations from a cue verb to the one that is told.
ADDRESSEE_RELATIONS = frozenset(["obj", "iobj", "obl", "nsubj:pass"])
#: Prepositions before an addressee.
ADDRESSEE_PREPOSITIONS = frozenset(["to"])
#: Cue verbs whose object is the addressee, not the matter.
TELLING = frozenset(
    ["tell", "inform", "assure", "remind", "warn", "notify", "ask", "urge", "advise", "promise", "reassure", "brief"]
)
#: What may stand at the edges of content and is no part of it.
EDGES = " \t\u00a0,;:—–-"


def find_statements(parsed: Parsed, cast: Cast) -> tuple[Statement, ...]:
    """Return the statements of an article in reading order.

    1. One statement for each attribution that the model saw. 2. A quotation without a cue goes to whoever
    spoke last, when that was a quotation in the same paragraph or the one before. 3. Order and drop doubles.
    """
    quotes = find_quotes(parsed.article.text)
    cued = [_statement(parsed, cast, quotes, found) for found in parsed.attributions]
    cued = [statement for statement in cued if statement.content]
    followed = _follow(parsed, cast, quotes, cued)
    return _in_order([*cued, *followed])


def _statement(parsed: Parsed, cast: Cast, quotes: Sequence[Span], found: Attribution) -> Statement:
    text = parsed.article.text
    content = tuple(trimmed for piece in found.content if (trimmed := _trim(text, piece)).start < trimmed.end)
    verb = _token_in(parsed, found.cue)
    speaker = found.speaker
    if speaker is None and verb is not None:
        speaker = _subject_span(parsed, verb)
    speakers = resolve_span(parsed, cast, speaker) if speaker is not None else ()
    addressees = _addressees(parsed, cast, verb, found, speakers) if verb is not None else ()
    return _make(parsed, cast, quotes, content, found.cue, speaker, speakers, addressees)


def _make(
    parsed: Parsed,
    cast: Cast,
    quotes: Sequence[Span],
    content: tuple[Span, ...],
    cue: Span | None,
    speaker: Span | None,
    speakers: tuple[str, ...],
    addressees: tuple[str, ...],
) -> Statement:
    kind = _kind(parsed.article.text, content, quotes)
    sentence = _sentence_of(parsed, (cue or content[0]).start) if cue or content else 0
    spans = [f"{span.start}-{span.end}" for span in (*content, *([cue] if cue else []))]
    return Statement(
        id=content_id("statement", parsed.article.id, *spans, kind),
        sentence=sentence,
        kind=kind,
        speakers=speakers,
        speaker_spans=(speaker,) if speaker else (),
        addressees=addressees,
        cue=cue,
        content=content,
        about=_about(cast, content, speakers),
        channel=_channel(parsed, sentence, content),
    )


def _trim(text: str, span: Span) -> Span:
    """Take blanks and the comma before a cue off the edges, and a full stop that no sentence of the content owns."""
    start, end = span.start, span.end
    while start < end and text[start] in EDGES:
        start += 1
    while end > start and text[end - 1] in EDGES:
        end -= 1
    return Span(start, end)


def _kind(text: str, content: Sequence[Span], quotes: Sequence[Span]) -> StatementKind:
    """Direct when all words of the content are quoted, indirect when none is, mixed between."""
    letters = quoted = 0
    for piece in content:
        for index in range(piece.start, piece.end):
            if text[index].isalnum():
                letters += 1
                quoted += any(quote.start <= index < quote.end for quote in quotes)
    if not quoted:
        return "indirect"
    return "direct" if quoted == letters else "mixed"


def _token_in(parsed: Parsed, span: Span) -> int | None:
    """The head of a cue: its word that hangs from outside it, verbs before others."""
    inside = [index for index, token in enumerate(parsed.tokens) if span.covers(token.span)]
    outer = [i for i in inside if parsed.tokens[i].head == i or parsed.tokens[i].head not in inside]
    verbs = [i for i in outer if parsed.tokens[i].tag.startswith("VB")]
    return next(iter([*verbs, *outer]), None)


def _subject_span(parsed: Parsed, verb: int) -> Span | None:
    for index, token in enumerate(parsed.tokens):
        if token.head == verb and token.relation == "nsubj" and index != verb:
            return token.span
    return None


def _addressees(
    parsed: Parsed, cast: Cast, verb: int, found: Attribution, speakers: tuple[str, ...]
) -> tuple[str, ...]:
    taken = [*found.content, *([found.speaker] if found.speaker else [])]
    found_ids: list[str] = []
    for index, token in enumerate(parsed.tokens):
        if token.head != verb or token.relation not in ADDRESSEE_RELATIONS:
            continue
        if any(span.covers(token.span) for span in taken) or not _is_addressee(parsed, verb, index):
            continue
        found_ids += [one for one in resolve_phrase(parsed, cast, index) if one not in speakers]
    return tuple(dict.fromkeys(found_ids))


def _is_addressee(parsed: Parsed, verb: int, index: int) -> bool:
    if parsed.tokens[index].relation in ("obj", "iobj", "nsubj:pass"):
        return parsed.tokens[verb].lemma in TELLING
    return any(
        token.head == index and token.relation == "case" and token.lemma in ADDRESSEE_PREPOSITIONS
        for token in parsed.tokens[max(0, index - len(TELLING)) : index]
    )


def _about(cast: Cast, content: Sequence[Span], speakers: Sequence[str]) -> tuple[str, ...]:
    ids = [mention.entity_id for piece in content for mention in cast.at(piece)]
    return tuple(dict.fromkeys(one for one in ids if one and one not in speakers))


@functools.cache
def _channels() -> tuple[tuple[str, re.Pattern[str]], ...]:
    path = resources.files("communique.statements") / "channels.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))["channels"]
    return tuple(
        (name, re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, phrases)) + r")(?!\w)", re.IGNORECASE))
        for name, phrases in table.items()
    )


def _channel(parsed: Parsed, sentence: int, content: Sequence[Span]) -> str | None:
    """The first channel that the sentence names outside the content."""
    if not parsed.sentences:
        return None
    span = parsed.sentences[sentence].span
    letters = list(parsed.article.text[span.start : span.end])
    for piece in content:
        for index in range(max(piece.start, span.start), min(piece.end, span.end)):
            letters[index - span.start] = "\n"
    outside = "".join(letters)
    return next((name for name, pattern in _channels() if pattern.search(outside)), None)


def _follow(parsed: Parsed, cast: Cast, quotes: Sequence[Span], cued: Sequence[Statement]) -> Iterator[Statement]:
    """Yield a statement for each long quotation that no attribution touches, spoken by whoever spoke last."""
    text = parsed.article.text
    known = sorted(cued, key=lambda statement: statement.content[0].start)
    for quote in quotes:
        if len(quote.of(text).split()) < LEAST_QUOTED_WORDS:
            continue
        if any(piece.overlaps(quote) for statement in known for piece in statement.content):
            continue
        before = [s for s in known if s.content[-1].end <= quote.start and s.speaker_spans]
        if not before or before[-1].kind == "indirect" or _paragraphs_between(text, before[-1], quote) > 1:
            continue
        last = before[-1]
        made = _make(parsed, cast, quotes, (quote,), None, last.speaker_spans[0], last.speakers, ())
        known = sorted([*known, made], key=lambda statement: statement.content[0].start)
        yield made


def _paragraphs_between(text: str, statement: Statement, quote: Span) -> int:
    return len(re.findall(r"\n+", text[statement.content[-1].end : quote.start]))


def _sentence_of(parsed: Parsed, position: int) -> int:
    for sentence in parsed.sentences:
        if position < sentence.span.end:
            return sentence.index
    return max(0, len(parsed.sentences) - 1)


def _in_order(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    unique = {statement.id: statement for statement in statements}
    return tuple(sorted(unique.values(), key=lambda s: (s.content[0].start, s.cue.start if s.cue else 0)))
