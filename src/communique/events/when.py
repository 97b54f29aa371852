"""When an act took place: a small grammar of dates, and the clause that each date belongs to.

1. The rules of ``_RULES`` find the dates of a sentence, the fuller first. 2. What stands behind "until", "by" or
"after" is no date of the act itself and is dropped. 3. Each date belongs to the words above it in the parse up to the
first verb; "Monday's", "of 1962" and "the 2015 deal" belong to their noun alone. 4. An act has the dates of its own
clause; without any, those of the verb that it is joined to, that it completes ("began shelling on Monday"), or that it
tells the outcome of. It has none of the clause that only reports it, nor of one that it reports.
5. Of several the most precise counts, then the nearest.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

import msgspec

from communique.events.syntax import DEEPEST_CHAIN, Tree
from communique.model import DatePrecision, Sentence, Span

ISO_DATE_LENGTH = len("2012-05-07")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = tuple(name.lower() for name in calendar.month_name[1:])
#: A month is known by its first letters, written out or not.
MONTH_LETTERS = 3
DAYS_OF_WEEK, MONTHS_OF_YEAR, YEARS_OF_DECADE, SATURDAY = len(WEEKDAYS), len(MONTHS), 10, WEEKDAYS.index("saturday")
NUMBERS: Mapping[str, int] = {
    word: number
    for number, words in enumerate(
        "_ a/an/one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
    for word in words.split("/")
}
DAYS_AGO: Mapping[str, int] = {"today": 0, "tonight": 0, "overnight": 0, "yesterday": 1, "tomorrow": -1}
#: How many units "last", "this" and "next" go forward.
STEPS: Mapping[str, int] = {"last": -1, "previous": -1, "this": 0, "next": 1, "coming": 1}
DAY, WEEK, MONTH, YEAR = "day", "week", "month", "year"
#: The finest first.
PRECISIONS: tuple[DatePrecision, ...] = ("day", "week", "month", "year", "decade", "article")
AHEAD_WORDS = frozenset(["after", "later", "next", "following"])

#: Words before a date that make it an end, or a mark to reckon from, not the date of the act.
NO_DATES = re.compile(
    r"\b(?:by|until|till|before|after|ahead of|prior to|to|than|for|through|marking)(?: the)?\s*$", re.I
)
#: Relations that tie a date to its noun alone.
ATTRIBUTIVE = frozenset(["nmod:poss", "compound", "amod", "nummod", "det", "nmod:desc", "flat"])
TIME_NOUNS = frozenset(
    "morning noon afternoon evening night midnight dawn dusk day week weekend month year hour start end beginning "
    "middle course summer".split()
)
#: Relations of a noun that tells an act to the verb whose clause it shares.
NOUN_TO_VERB = frozenset(["nsubj", "nsubj:pass", "obj"])
#: Relations at which a clause begins.
CLAUSES = frozenset(["root", "ccomp", "advcl", "acl", "acl:relcl", "parataxis", "xcomp", "csubj"])
#: Verbs whose participle tells the occasion on which the main act took place ("Meeting in Brussels on Monday, ...").
OCCASIONS = frozenset("speak meet gather talk address sit rally appear convene assemble".split())
OCCASION_NOUNS = frozenset(
    "speech address meeting summit rally interview debate ceremony session hearing conference statement visit trip "
    "talk forum event attack raid battle clash protest vote letter report article".split()
)
OCCASION_WORDS = frozenset(["in", "at", "during"])
#: Prepositions before another happening: its date is its own ("sanctions following the invasion in 2014").
APART = frozenset(["after", "before", "following", "amid", "despite", "until", "over", "about", "because of"])
#: Conjunctions of clauses that tell what happens at the time of the main clause.
MEANWHILE = frozenset(["as", "when", "while"])
SUBJECTS = ("nsubj", "nsubj:pass", "csubj")


class Moment(msgspec.Struct, frozen=True):
    """The first day of a stretch of time, and how long that is."""

    date: str | None
    precision: DatePrecision | None


class Clock(msgspec.Struct, frozen=True):
    """What dates are reckoned from: the article's day, whether the act lies ahead, the day told before."""

    written: date | None
    ahead: bool
    anchor: date | None = None

    def nearest(self, candidates: list[date], today: date) -> date:
        """Return the latest of the dates up to today, or where the act lies ahead the first from today on."""
        fitting = [day for day in candidates if (day >= today if self.ahead else day <= today)]
        return (min(fitting) if self.ahead else max(fitting)) if fitting else candidates[0]


Found = tuple[date, DatePrecision] | None
Rule = Callable[[re.Match[str], Clock], Found]


class Expression(msgspec.Struct, frozen=True):
    """A date in a sentence: its characters, the words it belongs to, and how it is reckoned."""

    span: Span
    match: re.Match[str]
    rule: Rule
    owners: tuple[int, ...]
    first: int

    def at(self, clock: Clock) -> Found:
        """Return the day and its precision."""
        try:
            return self.rule(self.match, clock)
        except (ValueError, OverflowError):
            # No such day: "31 June", a year before the calendar.
            return None


class TimeFinder:
    """Finds when acts took place in one parsed article."""

    def __init__(self, tree: Tree) -> None:
        """Note the article's own date."""
        self._tree = tree
        self._published = tree.parsed.article.published
        self._written = _day(self._published)
        self._known: dict[int, tuple[Expression, ...]] = {}

    def moment(self, trigger: int, *, ahead: bool) -> Moment:
        """Return when the act of a trigger took or takes place; the article's date where no date is told."""
        sentence = self._tree.sentence(trigger)
        told = [found for expression in self._of(trigger, sentence)
                if (found := self._read(expression, sentence, ahead=ahead))]  # fmt: skip
        if told:
            first, precision = min(told, key=lambda found: PRECISIONS.index(found[1]))
            return Moment(first.isoformat(), precision)
        day = self._published[:ISO_DATE_LENGTH] if self._published else None
        return Moment(day, "article" if day else None)

    def _read(self, expression: Expression, sentence: Sentence, *, ahead: bool) -> Found:
        earlier = [other for other in self._expressions(sentence) if other.span < expression.span]
        plain = Clock(self._written, ahead)
        anchors = [found[0] for other in earlier if (found := other.at(plain)) and found[1] == "day"]
        found = expression.at(Clock(self._written, ahead, anchors[-1] if anchors else None))
        return None if found is not None and self._is_impossible(found, ahead=ahead) else found

    def _is_impossible(self, found: tuple[date, DatePrecision], *, ahead: bool) -> bool:
        """Say whether what lies ahead would be past, or what is past ahead: a date that belongs to something else."""
        if self._written is None:
            return False
        return _after(found) <= self._written if ahead else found[0] > self._written

    # -- the clause ----------------------------------------------------------------------------------

    def _of(self, trigger: int, sentence: Sentence) -> list[Expression]:
        """Return the dates of an act, the nearest first."""
        expressions = self._expressions(sentence)
        found = self._clause(trigger, expressions, 0) if expressions else []
        return sorted(found, key=lambda expression: abs(expression.first - trigger))

    def _clause(self, index: int, expressions: tuple[Expression, ...], depth: int) -> list[Expression]:
        tree = self._tree
        own = [expression for expression in expressions if index in expression.owners]
        if own or depth > DEEPEST_CHAIN:
            return own
        for child in tree.children(index, "advcl"):
            if tree.lemma(child) in OCCASIONS and is_bare_participle(tree, child):
                own += [expression for expression in expressions if child in expression.owners]
        own = own or self._misplaced(index, expressions)
        if own:
            return own
        head = governing(tree, index, meanwhile=True)
        if head is None:
            return self._of_last(index, expressions)
        shared = self._clause(head, expressions, depth + 1)
        if tree.relation(index) == "conj":
            # "began it in 1970 and carried it on": only what stands before both verbs is told of both.
            shared = [expression for expression in shared if expression.first < head]
        return shared or self._of_last(index, expressions)

    def _misplaced(self, index: int, expressions: tuple[Expression, ...]) -> list[Expression]:
        """Return past dates within an infinitive: they date the verb above it ("refused to answer last year").

        Not where the verb has an object: that may have done it then ("urged Iran to resume talks it left in 2009").
        """
        if self._tree.children(index, "obj", "iobj"):
            return []
        found = [one for clause in self._tree.children(index, "xcomp") if self._tree.is_infinitive(clause)
                 for one in expressions if clause in one.owners]  # fmt: skip
        written = self._written
        ahead = [(one, one.at(Clock(written, ahead=True, anchor=written))) for one in found]
        return [one for one, told in ahead if told is not None and written is not None and _after(told) <= written]

    def _of_last(self, index: int, expressions: tuple[Expression, ...]) -> list[Expression]:
        """Return the dates of the last verb joined to this one under the same subject ("raided X and bombed Y on")."""
        tree = self._tree
        joined = [child for child in tree.children(index, "conj") if tree.is_verb(child) and tree.is_verb(index)]
        if not joined or any(tree.children(child, *SUBJECTS) for child in joined):
            return []
        return [found for found in expressions if joined[-1] in found.owners and found.first > joined[-1]]

    # -- the dates of a sentence ---------------------------------------------------------------------

    def _expressions(self, sentence: Sentence) -> tuple[Expression, ...]:
        if sentence.index not in self._known:
            self._known[sentence.index] = tuple(self._find(sentence))
        return self._known[sentence.index]

    def _find(self, sentence: Sentence) -> Iterator[Expression]:
        text = sentence.span.of(self._tree.parsed.article.text)
        taken: list[Span] = []
        for pattern, rule in _RULES:
            for match in pattern.finditer(text):
                span = Span(match.start() + sentence.span.start, match.end() + sentence.span.start)
                if any(span.overlaps(other) for other in taken):
                    continue
                taken.append(span)
                if not NO_DATES.search(text[: match.start()]):
                    yield from self._tied(span, match, rule, sentence)

    def _tied(self, span: Span, match: re.Match[str], rule: Rule, sentence: Sentence) -> Iterator[Expression]:
        tree = self._tree
        inside = [i for i in range(sentence.first, sentence.last) if span.overlaps(tree.token(i).span)]
        outer = [i for i in inside if tree.token(i).head not in inside or tree.head(i) is None]
        outer = [i for i in outer if tree.relation(i) not in ("case", "punct")] or outer
        if not outer:
            return
        last = outer[-1]
        if tree.head(last) is None:
            yield Expression(span, match, rule, (last,), inside[0])
            return
        if "bare" in match.groupdict() and not self._is_attribute(last):
            return
        yield Expression(span, match, rule, tuple(self._owners(last)), inside[0])

    def _is_attribute(self, index: int) -> bool:
        """Say whether a lone year or month stands before its noun: "a 2015 deal", not "2000 troops"."""
        tree = self._tree
        return tree.relation(index) in ATTRIBUTIVE and tree.token(tree.token(index).head).tag == "NN"

    def _owners(self, index: int) -> Iterator[int]:
        """Yield the words that a date belongs to: of an attribute its noun, else all up to the first verb."""
        tree, current = self._tree, self._tree.token(index).head
        alone = tree.relation(index) in ATTRIBUTIVE or tree.preposition(index) == "of"
        yield current
        if alone and tree.lemma(current) not in TIME_NOUNS and not self._is_occasion(current):
            return
        for _ in range(DEEPEST_CHAIN):
            if tree.is_verb(current) or tree.relation(current) in CLAUSES or tree.head(current) is None:
                return
            if tree.preposition(current) in APART:
                return
            current = tree.token(current).head
            yield current

    def _is_occasion(self, noun: int) -> bool:
        """Say whether a phrase tells on which occasion something happened: "in an August speech"."""
        tree = self._tree
        return tree.lemma(noun) in OCCASION_NOUNS and tree.preposition(noun) in OCCASION_WORDS


def governing(tree: Tree, index: int, *, meanwhile: bool = False) -> int | None:
    """Return the word in whose clause an act without a date or place of its own shares, None where it shares in none.

    A noun: the verb that it is subject or object of, unless that reports. A verb: what it is joined to, under the same
    subject; what it completes without changing its time ("began shelling"); what it tells the outcome of ("attacked
    on Monday, killing five"); ``meanwhile`` also what goes on at the same time ("blasted him on Monday as he spoke").
    """
    head, relation = tree.head(index), tree.relation(index)
    if head is None:
        return None
    if tree.is_noun(index):
        shares = tree.is_verb(head) and relation in NOUN_TO_VERB
        shares = shares and not tree.words.is_a(tree.lemma(head), "verbs_of_saying")
        return head if shares or (relation == "conj" and tree.is_noun(head)) else None
    if relation == "conj":
        return None if tree.children(index, *SUBJECTS) else head
    if relation in ("xcomp", "ccomp") and tree.is_infinitive(index):
        return head if tree.lemma(head) in tree.words.status["transparent"] else None
    same_time = meanwhile and any(tree.lemma(mark) in MEANWHILE for mark in tree.children(index, "mark", "advmod"))
    return head if relation == "advcl" and (same_time or is_bare_participle(tree, index)) else None


def is_bare_participle(tree: Tree, index: int) -> bool:
    """Say whether a clause is a participle with neither subject nor conjunction ("killing five")."""
    return tree.token(index).tag == "VBG" and not tree.children(index, "mark", "case", *SUBJECTS)


def _day(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published[:ISO_DATE_LENGTH]) if published else None
    except ValueError:
        return None


# -- the grammar -------------------------------------------------------------------------------------

_MONTH = (
    r"(?P<month>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|March|Mar\.|April|Apr\.|May|June|July|August|Aug\.|Sept(?:ember|\.)?"
    r"|Sep\.|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_PLAIN_MONTH = "(?P<month>January|February|April|June|July|August|September|October|November|December)"
_WEEKDAY = r"(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_RANGE = r"(?:\s?(?:-|–|to|and)\s?[0-3]?\d(?:st|nd|rd|th)?)?"
_YEAR = r"(?P<year>(?:1[5-9]|20)\d\d)"
_PART = r"(?:(?:early|late|mid|middle of|end of|beginning of|start of)[ -])?"
_NUMBER = rf"(?P<number>\d{{1,4}}|{'|'.join(NUMBERS)})"
_UNIT = r"(?P<unit>day|week|month|year|decade)s?"
_STEP = r"(?P<step>last|previous|this|next|coming)"
_SEASON = r"(?:spring|summer|autumn|fall|winter|(?:first|second|third|fourth|last) quarter|(?:first|second) half)"
_IN = r"\b(?i:in|since|during|from|of|throughout|last|around)\s(?:the\s)?"
_END = r"(?=\s*(?:[,.;:)”\"]|$|and\b))"


def _absolute(match: re.Match[str], clock: Clock) -> Found:
    year, month, day = (int(match[name]) for name in ("year", "number", "day"))
    return date(year, month, day), "day"


def _month_number(match: re.Match[str]) -> int:
    letters = match["month"][:MONTH_LETTERS].lower()
    return next(number for number, name in enumerate(MONTHS, 1) if name.startswith(letters))


def _day_of_month(match: re.Match[str], clock: Clock) -> Found:
    month, day, year = _month_number(match), int(match["day"]), match["year"]
    if year:
        return date(int(year), month, day), "day"
    written = clock.written
    if written is None:
        return None
    # A leap day is in one year of four: the others have no such date.
    years = [each for each in (written.year, written.year - 1, written.year + 1)
             if day <= calendar.monthrange(each, month)[1]]  # fmt: skip
    return (clock.nearest([date(each, month, day) for each in years], written), "day") if years else None


def _month_of_year(match: re.Match[str], clock: Clock) -> Found:
    return date(int(match["year"]), _month_number(match), 1), "month"


def _month(match: re.Match[str], clock: Clock) -> Found:
    written, month = clock.written, _month_number(match)
    if written is None:
        return None
    step = (match.groupdict().get("step") or "").lower()
    here = written.replace(day=1)
    candidates = [date(year, month, 1) for year in (written.year, written.year - 1, written.year + 1)]
    if step == "this":
        return candidates[0], "month"
    ahead = STEPS[step] > 0 if step else clock.ahead
    others = [day for day in candidates if day != here or not step]
    return Clock(written, ahead).nearest(others, here), "month"


def _weekday(match: re.Match[str], clock: Clock) -> Found:
    written = clock.written
    if written is None:
        return None
    step = (match["step"] or "").lower()
    behind = (written.weekday() - WEEKDAYS.index(match["weekday"].lower())) % DAYS_OF_WEEK
    if step == "this":
        return written - timedelta(written.weekday() - WEEKDAYS.index(match["weekday"].lower())), "day"
    if STEPS.get(step, 0) > 0 or (not step and clock.ahead and behind):
        return written + timedelta(DAYS_OF_WEEK - behind), "day"
    return written - timedelta(behind or (DAYS_OF_WEEK if step else 0)), "day"


def _named_day(match: re.Match[str], clock: Clock) -> Found:
    ago = DAYS_AGO.get(match["name"].lower(), 0)
    return (clock.written - timedelta(ago), "day") if clock.written else None


def _night(match: re.Match[str], clock: Clock) -> Found:
    return (clock.written - timedelta(1), "day") if clock.written else None


def _weekend(match: re.Match[str], clock: Clock) -> Found:
    if clock.written is None:
        return None
    step = (match.groupdict().get("step") or "").lower()
    since = (clock.written.weekday() - SATURDAY) % DAYS_OF_WEEK
    ahead = STEPS[step] > 0 if step else clock.ahead
    return clock.written + timedelta(DAYS_OF_WEEK - since if ahead else -since), "week"


def _count(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word.lower()]


def _ago(match: re.Match[str], clock: Clock) -> Found:
    return _moved(clock.written, match["unit"], -_count(match["number"]))


def _ahead(match: re.Match[str], clock: Clock) -> Found:
    return _moved(clock.written, match["unit"], _count(match["number"])) if clock.ahead else None


def _from_anchor(match: re.Match[str], clock: Clock) -> Found:
    later = bool(AHEAD_WORDS & set(match[0].lower().split()))
    # "A week earlier" without a date before it is most often reckoned from now, "a week later" never.
    start = clock.anchor or (None if later else clock.written)
    count = _count(match["number"]) if match["number"] else 1
    return _moved(start, match["unit"], count if later else -count)


def _step(match: re.Match[str], clock: Clock) -> Found:
    return _moved(clock.written, match["unit"], STEPS[match["step"].lower()])


def _season(match: re.Match[str], clock: Clock) -> Found:
    return _moved(clock.written, YEAR, STEPS[match["step"].lower()])


def _after(found: tuple[date, DatePrecision]) -> date:
    """Return the first day behind a stretch of time."""
    try:
        behind = _moved(found[0], found[1], 1)
    except (ValueError, OverflowError):
        # The calendar ends with the year 9999, which feeds write where they know no date.
        behind = None
    return date.max if behind is None else behind[0]


def _moved(start: date | None, unit: str, count: int) -> Found:
    """Return the first day of the unit that lies ``count`` units off."""
    unit = unit.lower()
    if start is None:
        return None
    if unit == DAY:
        return start + timedelta(count), "day"
    if unit == WEEK:
        return start - timedelta(start.weekday()) + timedelta(count * DAYS_OF_WEEK), "week"
    if unit == MONTH:
        months = start.year * MONTHS_OF_YEAR + start.month - 1 + count
        return date(months // MONTHS_OF_YEAR, months % MONTHS_OF_YEAR + 1, 1), "month"
    if unit == YEAR:
        return date(start.year + count, 1, 1), "year"
    return date((start.year // YEARS_OF_DECADE + count) * YEARS_OF_DECADE, 1, 1), "decade"


def _year(match: re.Match[str], clock: Clock) -> Found:
    return date(int(match["year"]), 1, 1), "year"


def _decade(match: re.Match[str], clock: Clock) -> Found:
    return date(int(match["year"]), 1, 1), "decade"


def _ordinal(match: re.Match[str], clock: Clock) -> Found:
    written, day = clock.written, int(match["day"])
    if written is None:
        return None
    months = [_moved(written, MONTH, count) for count in (0, -1, 1)]
    fitting = [month[0].replace(day=day) for month in months
               if month and day <= calendar.monthrange(month[0].year, month[0].month)[1]]  # fmt: skip
    return (clock.nearest(fitting, written), "day") if fitting else None


def _rule(pattern: str, rule: Rule) -> tuple[re.Pattern[str], Rule]:
    return re.compile(pattern), rule


#: The grammar: what is written, and how it is reckoned; what an earlier rule has read is not read again. Months and
#: weekdays count only with a capital, "May" and "March" only beside a day, a year or a word such as "in".
_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = (
    _rule(rf"\b{_YEAR}-(?P<number>[01]\d)-(?P<day>[0-3]\d)\b", _absolute),
    _rule(rf"\b(?:{_WEEKDAY},?\s)?{_MONTH}\s{_DAY}{_RANGE}(?![\d:%])(?:,?\s{_YEAR}\b)?", _day_of_month),
    _rule(rf"\b(?:{_WEEKDAY},?\s)?{_DAY}{_RANGE}\s(?:of\s)?{_MONTH}\b(?:,?\s{_YEAR}\b)?", _day_of_month),
    _rule(rf"\b{_MONTH}(?:,|\sof)?\s{_YEAR}\b", _month_of_year),
    _rule(rf"\b{_SEASON}\s(?:of\s)?{_YEAR}\b", _year),
    _rule(rf"\b(?i:(?P<step>last|this|next))\s{_MONTH}\b", _month),
    _rule(rf"{_IN}(?i:{_PART}){_MONTH}(?!\s?\d)\b", _month),
    _rule(rf"\b(?i:early|late|mid)[ -]{_MONTH}(?!\s?\d)\b", _month),
    _rule(rf"\b(?P<bare>{_PLAIN_MONTH})\b", _month),
    _rule(rf"\b(?i:on the) {_DAY}{_END}", _ordinal),
    _rule(rf"\b(?:(?i:{_STEP})\s)?{_WEEKDAY}\b", _weekday),
    _rule(r"\b(?i:last) (?i:night|evening)\b", _night),
    _rule(rf"\b(?:(?i:{_STEP}) |(?i:the ))(?i:weekend)\b", _weekend),
    _rule(rf"\b(?!this day)(?i:{_STEP}) (?i:{_UNIT})\b", _step),
    _rule(rf"\b(?i:{_STEP}) (?i:{_SEASON})\b", _season),
    _rule(rf"\b(?i:{_NUMBER}) (?i:{_UNIT}) (?i:ago)\b", _ago),
    _rule(rf"\b(?i:{_NUMBER}) (?i:{_UNIT}) (?i:earlier|later)\b(?! than)", _from_anchor),
    _rule(rf"\b(?i:{_NUMBER}|the) (?i:{_UNIT}) (?i:before|after){_END}", _from_anchor),
    _rule(r"\b(?i:the (?P<number>(?!))?(?:previous|next|following) (?P<unit>day|week|month|year))\b", _from_anchor),
    _rule(rf"(?<!time )\b(?i:in) (?i:{_NUMBER}) (?i:(?P<unit>day|week|month)s?)\b(?!['’])", _ahead),
    _rule(
        r"\b(?P<name>(?i:today|tonight|overnight|yesterday|tomorrow|this (?:morning|afternoon|evening)))\b", _named_day
    ),
    _rule(rf"(?<![\d,.$€£-])\b(?i:{_PART})(?P<year>(?:1[5-9]|20)\d0)s\b", _decade),
    _rule(rf"{_IN}(?i:{_PART}){_YEAR}\b(?![,.]?\d|\s[a-z]+s\b|%)", _year),
    _rule(rf"(?<![\d,.$€£-])\b(?P<bare>{_YEAR})\b(?![,.]?\d|%)", _year),
)
