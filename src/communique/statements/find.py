"""From attributions in the parse to statements with speakers, addressees, kind, topic and channel."""

from __future__ import annotations

import functools
import re
import tomllib
from bisect import bisect_left
from collections.abc import Sequence

from communique.actors import Cast, resolve_phrase, resolve_span
from communique.model import Attribution, Parsed, Span, Statement, StatementKind, content_id
from communique.resources import read_text
from communique.statements.quotes import find_quotes
from communique.statements.turns import Turn, find_headlines, find_signed, find_transcript

#: A quotation without a cue is a statement of its own from this many words on; shorter ones are words so called.
LEAST_QUOTED_WORDS = 5
#: Relations from a verb of telling to the one that is told.
TOLD_RELATIONS = frozenset(["obj", "iobj", "nsubj:pass"])
#: Prepositions before an addressee.
ADDRESSEE_PREPOSITIONS = frozenset(["to"])
#: Cue verbs whose object is the addressee, not the matter.
TELLING = frozenset(
    "tell inform assure remind warn notify ask urge advise promise reassure brief order instruct command implore beg "
    "beseech press encourage threaten congratulate exhort admonish caution request invite direct persuade".split()
)
#: Verbs with an addressee behind "on", and those whose that-clause has the addressee as its subject.
CALLING, CALLING_PREPOSITIONS = frozenset(["call", "prevail"]), frozenset(["on", "upon"])
DEMANDING = frozenset(["demand", "insist", "propose", "request", "recommend", "suggest"])
#: Relations of a clause to the verb that it completes, and the word before an infinitive.
CLAUSES, INFINITIVE_TAG = frozenset(["ccomp", "xcomp", "advcl"]), "TO"
#: Tags of a verb in what is demanded, and relations of the one asked to the infinitive behind.
BARE_TAGS, ASKED_RELATIONS = frozenset(["VB", "VBP"]), frozenset(["nsubj", "nsubj:pass", "obj", "iobj"])
#: A verb of these relations has the subject of the verb it hangs from; how far that is followed.
SHARES_SUBJECT = frozenset(["conj", "xcomp", "advcl"])
MOST_JOINED = 4
#: Tags of finite verbs: only these end content when they are joined to the cue.
FINITE = frozenset(["VBD", "VBZ", "VBP"])
#: Tags of "who" and "which".
RELATIVE_TAGS = frozenset(["WP", "WDT"])
#: Two statements of one speaker are one when more than this share of their characters is common.
SAME_CONTENT = 0.6
#: What may stand at the edges of content and is no part of it.
EDGES = " \t\u00a0,;:—–-"


def find_statements(parsed: Parsed, cast: Cast) -> tuple[Statement, ...]:
    """Return the statements of an article in reading order.

    1. One statement for each attribution that the model saw, and for what has a speaker by where it stands (turns.py).
    2. A quotation without a cue goes on with the statement right before it, or is a new one of whoever spoke last.
    3. Order.
    """
    quotes = find_quotes(parsed.article.text)
    tree = _Tree(parsed)
    cued = [_statement(parsed, cast, quotes, tree, found) for found in parsed.attributions]
    cued = [statement for statement in cued if statement.content]
    return _in_order(_follow(parsed, cast, quotes, _without_doubles(_placed(parsed, cast, quotes, cued))))


class _Tree:
    """The parse of an article with its children and word positions at hand."""

    def __init__(self, parsed: Parsed) -> None:
        self.tokens = parsed.tokens
        self.children: dict[int, list[int]] = {}
        for index, token in enumerate(parsed.tokens):
            if token.head != index:
                self.children.setdefault(token.head, []).append(index)
        self._starts = [token.span.start for token in parsed.tokens]

    def inside(self, span: Span) -> range:
        """Token indices within ``span``."""
        return range(bisect_left(self._starts, span.start), bisect_left(self._starts, span.end))

    def first_below(self, index: int) -> int:
        """The first token of the phrase headed by ``index``."""
        return min([index, *(self.first_below(child) for child in self.children.get(index, ()))])

    def head_of(self, span: Span) -> int | None:
        """The head of a span: its word that hangs from outside it, verbs before others."""
        inside = self.inside(span)
        outer = [i for i in inside if self.tokens[i].head == i or self.tokens[i].head not in inside]
        verbs = [i for i in outer if self.tokens[i].tag.startswith("VB")]
        return next(iter([*verbs, *outer]), None)

    def subject_of(self, verb: int) -> int | None:
        """The subject that hangs from a verb itself."""
        return next((i for i in self.children.get(verb, ()) if self.tokens[i].relation.startswith("nsubj")), None)

    def subject(self, verb: int) -> int | None:
        """The subject of a verb, its own or that of the verb it is joined to."""
        for _ in range(MOST_JOINED):
            own = [i for i in self.children.get(verb, ()) if self.tokens[i].relation == "nsubj"]
            if own:
                return own[0]
            if self.tokens[verb].relation not in SHARES_SUBJECT:
                return None
            verb = self.tokens[verb].head
        return None


def _statement(parsed: Parsed, cast: Cast, quotes: Sequence[Span], tree: _Tree, found: Attribution) -> Statement:
    text = parsed.article.text
    verb = tree.head_of(found.cue)
    pieces = _without_joined(quotes, tree, verb, found.content)
    trimmed = (_trim(text, piece) for piece in pieces)
    content = tuple(piece for piece in trimmed if any(map(str.isalnum, piece.of(text))))
    speaker = found.speaker
    speakers = resolve_span(parsed, cast, speaker) if speaker is not None else ()
    if speaker is not None and not speakers:
        speakers = _antecedents(parsed, cast, tree, speaker)
    subject = tree.subject(verb) if speaker is None and verb is not None else None
    if subject is not None and not any(piece.covers(tree.tokens[subject].span) for piece in content):
        speaker = tree.tokens[subject].span
        speakers = resolve_phrase(parsed, cast, subject)
    addressees = _addressees(parsed, cast, tree, verb, found, speakers) if verb is not None else ()
    return _make(parsed, cast, quotes, content, found.cue, speaker, speakers, addressees)


def _antecedents(parsed: Parsed, cast: Cast, tree: _Tree, speaker: Span) -> tuple[str, ...]:
    """Whom the relative pronoun stands for that is a clause's subject: "Haley, who accused"."""
    head = tree.head_of(speaker)
    if head is None or tree.tokens[head].tag not in RELATIVE_TAGS:
        return ()
    verb = tree.tokens[head].head
    noun = tree.tokens[verb].head
    return resolve_phrase(parsed, cast, noun) if tree.tokens[verb].relation == "acl:relcl" else ()


def _placed(parsed: Parsed, cast: Cast, quotes: Sequence[Span], cued: Sequence[Statement]) -> list[Statement]:
    """Add what has a speaker by where it stands; what the model saw goes first, but for the colons of a transcript."""
    text = parsed.article.text
    names = {mention.span.start: mention.span for mention in reversed(cast.mentions) if mention.entity_id}
    turns = find_transcript(text, names)
    colons = {turn.cue.start for turn in turns}
    known = [statement for statement in cued if statement.cue is None or statement.cue.start not in colons]
    taken = [piece for statement in known for piece in statement.content]
    taken += [span for turn in turns for span in turn.content]
    others = [
        turn
        for turn in (*find_headlines(text, names), *find_signed(text, quotes))
        if not any(piece.overlaps(span) for piece in taken for span in turn.content)
    ]
    return [*known, *(_spoken(parsed, cast, quotes, turn) for turn in (*turns, *others))]


def _spoken(parsed: Parsed, cast: Cast, quotes: Sequence[Span], turn: Turn) -> Statement:
    content = tuple(_trim(parsed.article.text, span) for span in turn.content)
    speakers = resolve_span(parsed, cast, turn.speaker) or _namesakes(cast, turn.speaker.of(parsed.article.text))
    return _make(parsed, cast, content if turn.verbatim else quotes, content, turn.cue, turn.speaker, speakers, ())


def _namesakes(cast: Cast, label: str) -> tuple[str, ...]:
    """Return the one person of the article whose name ends as a label in capitals does ("SECRETARY BLINKEN")."""
    last = label.split()[-1].casefold()
    found = [one.id for one in cast.entities if one.kind == "person" and one.name.casefold().split()[-1] == last]
    return tuple(found) if len(found) == 1 else ()


def _without_joined(
    quotes: Sequence[Span], tree: _Tree, verb: int | None, content: tuple[Span, ...]
) -> tuple[Span, ...]:
    """Cut content where it runs on into the next verb joined to the cue ("condemned X and urged Y")."""
    if verb is None or len(content) != 1:
        return content
    stop = _joined_verb(tree, verb, content[0]) or _next_act(tree, verb, content[0])
    if stop is None or any(quote.start < stop < quote.end for quote in quotes):
        return content
    return (Span(content[0].start, stop),)


def _joined_verb(tree: _Tree, verb: int, piece: Span) -> int | None:
    """Where a finite verb joined to the cue begins within ``piece``."""
    for joined in tree.children.get(verb, ()):
        token = tree.tokens[joined]
        if token.relation == "conj" and token.tag in FINITE and token.tag == tree.tokens[verb].tag:
            first = tree.tokens[tree.first_below(joined)].span.start
            if piece.start < first < piece.end and token.span.start > tree.tokens[verb].span.end:
                return first
    return None


def _next_act(tree: _Tree, verb: int, piece: Span) -> int | None:
    """Where a verb like the cue follows "and" after a thing, not a clause, that the cue is about.

    In "accused it of firing and suspended purchases" the parser may have joined the second verb to one within.
    """
    inside = tree.inside(piece)
    for index in inside:
        token = tree.tokens[index]
        if token.tag not in FINITE or index - 1 not in inside:
            continue
        joined = tree.tokens[index - 1].relation == "cc" and token.relation == "conj"
        joined = joined and tree.tokens[token.head].relation != "acl:relcl"
        if joined and token.tag == tree.tokens[verb].tag and tree.subject_of(index) is None:
            return tree.tokens[index - 1].span.start
        if tree.tokens[index].relation not in ("acl", "acl:relcl", "amod"):
            return None  # a clause: the "and" may be within it
    return None


def _without_doubles(statements: Sequence[Statement]) -> list[Statement]:
    """Of statements of one speaker with nearly the same content, keep the first ("refused to say whether")."""
    kept: list[Statement] = []
    for statement in statements:
        if not any(one.speakers == statement.speakers and _alike(one, statement) for one in kept):
            kept.append(statement)
    return kept


def _alike(one: Statement, other: Statement) -> bool:
    first = {i for piece in one.content for i in range(piece.start, piece.end)}
    second = {i for piece in other.content for i in range(piece.start, piece.end)}
    return len(first & second) > SAME_CONTENT * len(first | second)


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
    """Take blanks, commas and dashes off the edges."""
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
        near = [quote for quote in quotes if quote.overlaps(piece)]
        for index in range(piece.start, piece.end):
            if text[index].isalnum():
                letters += 1
                quoted += any(quote.start <= index < quote.end for quote in near)
    if not quoted:
        return "indirect"
    return "direct" if quoted == letters else "mixed"


def _addressees(
    parsed: Parsed, cast: Cast, tree: _Tree, verb: int, found: Attribution, speakers: tuple[str, ...]
) -> tuple[str, ...]:
    """Return who is told: the object of a verb of telling, also where the content begins with it ("urged X to act")."""
    heads = [index for index in tree.children.get(verb, ()) if _is_addressee(tree, verb, index)]
    heads = [index for index in heads if not found.speaker or not found.speaker.covers(tree.tokens[index].span)]
    heads = [index for index in heads if _is_outside(tree, found.content, index)] or _asked(tree, verb)
    ids = (one for index in heads for one in resolve_phrase(parsed, cast, index, places=True) if one not in speakers)
    return tuple(dict.fromkeys(ids))


def _is_outside(tree: _Tree, content: Sequence[Span], index: int) -> bool:
    """Say whether a phrase is no part of the content, unless as its beginning."""
    first, head = tree.tokens[tree.first_below(index)].span.start, tree.tokens[index].span
    return all(first <= span.start <= head.start or not span.covers(head) for span in content)


def _asked(tree: _Tree, verb: int) -> list[int]:
    """Return whom a clause is asked of: "urged Beijing to listen", "demanded that allies end the drills"."""
    lemma = tree.tokens[verb].lemma
    for clause in tree.children.get(verb, ()):
        if tree.tokens[clause].relation not in CLAUSES:
            continue
        below = tree.children.get(clause, ())
        to = next((child for child in below if tree.tokens[child].tag == INFINITIVE_TAG), None)
        if to is not None and lemma in TELLING:  # a parser may take the one asked for the object of what is asked
            before = [child for child in below if child < to and tree.tokens[child].relation in ASKED_RELATIONS]
            if before:
                return before[:1]
        subject = tree.subject_of(clause)
        if subject is not None and lemma in DEMANDING and tree.tokens[clause].tag in BARE_TAGS:
            return [subject]
    return []


def _is_addressee(tree: _Tree, verb: int, index: int) -> bool:
    relation, lemma = tree.tokens[index].relation, tree.tokens[verb].lemma
    if relation in TOLD_RELATIONS:
        return lemma in TELLING
    wanted = CALLING_PREPOSITIONS if lemma in CALLING else ADDRESSEE_PREPOSITIONS
    return relation == "obl" and any(
        tree.tokens[child].relation == "case" and tree.tokens[child].lemma in wanted
        for child in tree.children.get(index, ())
        if child < index
    )


def _about(cast: Cast, content: Sequence[Span], speakers: Sequence[str]) -> tuple[str, ...]:
    ids = [mention.entity_id for piece in content for mention in cast.at(piece)]
    return tuple(dict.fromkeys(one for one in ids if one and one not in speakers))


@functools.cache
def _channels() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = tomllib.loads(read_text("statements/channels.toml"))["channels"]
    return tuple(
        (
            name,
            re.compile(
                r"(?<!\w)(?:"
                + "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in phrases)
                + r")(?!\w)",
                re.IGNORECASE,
            ),
        )
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
            letters[index - span.start] = "\0"
    outside = "".join(letters)
    return next((name for name, pattern in _channels() if pattern.search(outside)), None)


def _follow(parsed: Parsed, cast: Cast, quotes: Sequence[Span], cued: Sequence[Statement]) -> list[Statement]:
    """Give each long quotation that no attribution touches to whoever spoke last.

    It goes on with the last statement when only blanks or the rest of the cue's sentence lie between; otherwise
    it is a statement of its own, if it is near enough.
    """
    known = sorted(cued, key=lambda statement: statement.content[0].start)
    for quote in quotes:
        if len(quote.of(parsed.article.text).split()) < LEAST_QUOTED_WORDS:
            continue
        if any(piece.overlaps(quote) for statement in known for piece in statement.content):
            continue
        before = [s for s in known if s.content[-1].end <= quote.start and s.speaker_spans]
        if not before or before[-1].kind == "indirect":
            continue
        last = before[-1]
        if _goes_on(parsed, last, quote):
            content = (*last.content, quote)
            known.remove(last)
            cue, speaker, told = last.cue, last.speaker_spans[0], last.addressees
            known.append(_make(parsed, cast, quotes, content, cue, speaker, last.speakers, told))
        elif _paragraphs_between(parsed.article.text, last, quote) <= 1:
            known.append(_make(parsed, cast, quotes, (quote,), None, last.speaker_spans[0], last.speakers, ()))
        known.sort(key=lambda statement: statement.content[0].start)
    return known


def _goes_on(parsed: Parsed, statement: Statement, quote: Span) -> bool:
    """Say whether nothing but the cue's own sentence stands between the statement and the quotation."""
    between = Span(statement.content[-1].end, quote.start)
    if not between.of(parsed.article.text).strip(EDGES + "\n."):
        return True
    if statement.cue is None or not between.covers(statement.cue):
        return False
    rest = parsed.article.text[max(between.start, statement.cue.end) : between.end]
    return len(re.findall(r"[.!?](?:\s|$)", rest)) <= 1


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
