"""Split text into syntactic words with their offsets, in the manner of the English Web Treebank.

Rules only, no model: word ends are plain in English, and a rule gives the same offsets for ever.
The model decides sentence ends afterwards, because those are not plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from communique.model import Span

#: Abbreviations that keep their full stop. Lower case here; matched in any case but for those in
#: ``CASED_ABBREVIATIONS``, which are words of their own in lower case ("sat.", "sun.", "no.").
ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof rev hon st sr jr gen col lt maj capt cmdr sgt cpl pvt adm gov sen rep reps sens
    supt insp pres dept dist assn univ inc ltd co corp bros vs etc al approx est fig figs vol ed eds
    jan feb apr aug sept oct nov dec tues wed thurs ave blvd mt ft sq messrs mme mlle gens op cf ph""".split()
)
CASED_ABBREVIATIONS = frozenset(
    ["No", "Nos", "Jun", "Jul", "Mon", "Fri", "Mar", "Sat", "Sun", "Art", "Sec", "Minn", "Calif"]
)

#: Hyphenated words that stay whole in the treebank: a bound prefix is not a word.
BOUND_PREFIXES = frozenset(
    """anti co de e ex inter intra mega micro mid mini multi neo non pan para post pre pro proto pseudo
    re self semi sub super trans tri ultra un uni bi""".split()
)
#: Written as one, read as two: where the second word begins.
FUSED = {
    "cannot": 3, "gonna": 3, "gotta": 3, "wanna": 3, "gimme": 3, "lemme": 3, "dunno": 2, "kinda": 4,
    "dont": 2, "cant": 2, "wont": 2, "didnt": 3, "doesnt": 4, "isnt": 2, "wasnt": 3, "wouldnt": 5,
    "couldnt": 5, "shouldnt": 6, "havent": 4, "hasnt": 3, "arent": 3, "werent": 4, "aint": 2,
    "im": 1, "ive": 1, "youre": 3, "theyre": 4, "thats": 4, "whats": 4, "hes": 2, "shes": 3, "theres": 5,
    "'tis": 2, "’tis": 2, "'twas": 2, "’twas": 2,
}  # fmt: skip
APOSTROPHES = "'’`´ʼ"

#: Units written on to their number; the treebank parts them ("10pm", "5km").
UNITS = "am|pm|km|kg|mm|cm|mph|m|k|bn|tn|mb|gb|lbs?|ft|hrs?|mins?|yrs?|x|c|f|g"

#: A line at least so long, with no sentence's end at its end, was wrapped: the paragraph goes on in the next line.
#: Wrapped texts have 60 to 80 characters a line; headlines and datelines that stand alone are mostly shorter.
WRAPPED_LINE = 50
LINE_ENDS = ".!?…:;\"”»’'*)]"

#: "MOSCOW (Reuters) -", "KYIV, Ukraine (AP) —", "BEIJING, March 22 (Xinhua) --", "PARIS —", "Tehran, March 15, IRNA -":
#: whence the text was sent.
DATELINE = re.compile(
    r"^[ \t]*(?:[^\W\d_][^\n()—–]{1,60}?\((?:[A-Z][\w .&/-]*)\)[ \t]*[-—–]+"
    r"|[A-Z][\w .'’-]{1,30}, (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d{1,2},(?: \d{4},)?"
    r" [A-Z]{2,8} (?:—|–|--|-(?=\s))"
    r"|[A-Z][A-Z .'’-]+(?:,[^\n()—–.]{1,40})?[ \t]*(?:—|–|--|-(?=\s))(?=\s*[^\sa-z]))",
    re.MULTILINE,
)

_LINE = re.compile(r"[^\n]+")
_CLITIC = re.compile(rf"(?i)(?<=\w)(?:(?=n[{APOSTROPHES}]t$)|(?=[{APOSTROPHES}](?:s|m|d|re|ve|ll)$))")
_TOKEN = re.compile(
    rf"""
    (?P<url>(?:https?://|www\.)[^\s<>"“”]*[\w/=&#-] | [\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}}
        | [A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}}){{0,8}}
          \.(?:com|org|net|gov|edu|co\.uk|info|eu|ru|cn)\b(?:/[^\s<>"“”]*[\w/])?)
  | (?P<dotted>(?:[A-Za-z]\.){{2,}}(?:[A-Za-z](?![\w]))?)
  | (?P<emoticon>[:;=8][-~]?[)(DPp/\\|](?![\w]))
  | (?P<phone>(?<!\w)\d{{3}}-\d{{3}}-\d{{4}}(?!\w))
  | (?P<number>(?<![^\W_])\d++(?:[.,:/]\d++)*+(?:st|nd|rd|th|s)?(?![^\W\d_]))
  | (?P<digits>(?<![^\W_])\d++(?:[.,:]\d++)*+(?=(?i:{UNITS})(?![^\W_])))
  | (?P<word>(?:[^\W_]|[\u0300-\u036f\u00ad])+(?:[{APOSTROPHES}&](?:[^\W_]|[\u0300-\u036f])+)*
        (?:(?<=\w)[{APOSTROPHES}](?=\s|$))?)
  | (?P<dots>\.{{2,}}|…+)
  | (?P<rule>-{{2,}}|={{2,}}|_{{2,}}|\*{{2,}}|~{{2,}}|\#{{2,}}|[!?]{{2,}}|<+-+|-+>+|<<+|>>+|\.\?)
  | (?P<clitic>(?<=\w)[{APOSTROPHES}](?:s|m|d|re|ve|ll|t)\b)
  | (?P<other>``|''|\S)
    """,
    re.VERBOSE,
)


def find_words(text: str) -> tuple[Span, ...]:
    """Return the spans of the words of ``text``, in order, none overlapping, none with a blank in it.

    Every character that is not white space lies in exactly one word.

    >>> [span.of("U.S.-backed rebels don't.") for span in find_words("U.S.-backed rebels don't.")]
    ['U.S.', '-', 'backed', 'rebels', 'do', "n't", '.']
    """
    return tuple(_words(text))


def find_paragraphs(text: str) -> tuple[Span, ...]:
    """Return the paragraphs of ``text``: lines, with the lines of a hard-wrapped paragraph joined.

    >>> text = "A title\\n\\nThis is a long line of a text that was wrapped at some width by\\nits editor."
    >>> len(find_paragraphs(text))
    2
    """
    found: list[Span] = []
    wrapped = False
    for match in _LINE.finditer(text):
        line = match.group().rstrip()
        if not line.strip():
            wrapped = False
            continue
        span = Span(match.start(), match.start() + len(line))
        if wrapped and text[found[-1].end : span.start].count("\n") == 1:
            found[-1] = Span(found[-1].start, span.end)
        else:
            found.append(span)
        wrapped = len(line) >= WRAPPED_LINE and line[-1] not in LINE_ENDS
    return tuple(found)


def find_datelines(text: str) -> tuple[Span, ...]:
    """Return where the text says where and through whom it was sent: no part of the sentence behind it.

    >>> [span.of("MOSCOW (Reuters) - Russia said") for span in find_datelines("MOSCOW (Reuters) - Russia said")]
    ['MOSCOW (Reuters) -']
    """
    return tuple(Span(*match.span()) for match in DATELINE.finditer(text))


def _words(text: str) -> Iterator[Span]:
    position, end = 0, len(text)
    while position < end:
        match = _TOKEN.search(text, position)
        if match is None:
            return
        start, stop = match.span()
        if match.lastgroup == "word":
            stop = _with_full_stop(text, start, stop)
            stop = _with_bound_prefix(text, start, stop)
            yield from _parts(text, start, stop)
        else:
            yield Span(start, stop)
        position = stop


def _with_full_stop(text: str, start: int, stop: int) -> int:
    """Take in the full stop of an abbreviation ("Mr.") or an initial ("J.")."""
    if text[stop : stop + 1] != "." or text[stop : stop + 2] == "..":
        return stop
    word = text[start:stop]
    initial = len(word) == 1 and word.isalpha() and word.isupper() and word != "I"
    known = (word.lower() in ABBREVIATIONS and word != word.lower()) or word in CASED_ABBREVIATIONS
    lower = word in ("vs", "etc", "al", "inc", "ltd", "corp", "approx")
    return stop + 1 if initial or known or lower else stop


def _with_bound_prefix(text: str, start: int, stop: int) -> int:
    """Take in the rest of a word whose first part is a bound prefix ("anti-war", "co-operate")."""
    if text[start:stop].lower() not in BOUND_PREFIXES:
        return stop
    rest = re.compile(r"-[^\W\d_]+").match(text, stop)
    return rest.end() if rest else stop


def _parts(text: str, start: int, stop: int) -> Iterator[Span]:
    """Part a written word from its clitics ("don't", "Russia's") and fused seconds ("cannot")."""
    word = text[start:stop]
    if (cut := FUSED.get(word.lower())) is not None:
        yield Span(start, start + cut)
        yield Span(start + cut, stop)
        return
    if word[-1] in APOSTROPHES:
        if len(word) > 1 and word[-2] in "sSxXzZ":
            yield Span(start, stop - 1)
            yield Span(stop - 1, stop)
        elif len(word) > 1:
            yield from _parts(text, start, stop - 1)
            yield Span(stop - 1, stop)
        return
    match = _CLITIC.search(word)
    if match and match.start() > 0:
        yield Span(start, start + match.start())
        yield Span(start + match.start(), stop)
        return
    yield Span(start, stop)
