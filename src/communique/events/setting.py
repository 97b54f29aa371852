"""When, where and in what matter: the plain words of an event's own sentence."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from communique.events.lexicon import Words
from communique.events.syntax import Tree
from communique.model import Sentence

ISO_DATE_LENGTH = 10
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS_OF_WEEK = len(WEEKDAYS)
DAYS_AGO = {"today": 0, "yesterday": 1, "tomorrow": -1}
TIME_RELATIONS = frozenset(
    ["obl", "obl:unmarked", "obl:tmod", "obl:npmod", "advmod", "nmod", "nmod:unmarked", "nmod:tmod"]
)
PLACE_WORDS = frozenset(["in", "at", "near", "outside", "across", "inside"])
#: Words before a weekday that say that another week is meant.
OTHER_WEEK = frozenset(["next", "last"])


def contexts_of(tree: Tree, sentence: Sentence, words: Words) -> tuple[str, ...]:
    """Return the PLOVER contexts whose words stand in the sentence, in the codebook's order."""
    lemmas = [tree.lemma(index) for index in range(sentence.first, sentence.last)]
    found = set(lemmas) | {f"{first} {second}" for first, second in pairwise(lemmas)}
    return tuple(name for name, wanted in words.contexts.items() if wanted & found)


def date_of(tree: Tree, trigger: int, published: str | None) -> str | None:
    """Return the day of the event: told by 'yesterday' or a past weekday in its clause, else the article's."""
    if published is None:
        return None
    day = published[:ISO_DATE_LENGTH]
    try:
        written = date.fromisoformat(day)
    except ValueError:
        return day
    for child in tree.children(trigger):
        if tree.relation(child) in TIME_RELATIONS:
            told = _told_day(tree, child, written)
            if told is not None:
                return told.isoformat()
    return day


def _told_day(tree: Tree, child: int, written: date) -> date | None:
    word = tree.text(child)
    if word in DAYS_AGO:
        return written - timedelta(days=DAYS_AGO[word])
    if word not in WEEKDAYS or any(tree.lemma(other) in OTHER_WEEK for other in tree.children(child)):
        return None
    return written - timedelta(days=(written.weekday() - WEEKDAYS.index(word)) % DAYS_OF_WEEK)


def place_of(tree: Tree, trigger: int) -> str | None:
    """Return the place name that stands behind 'in', 'at' or 'near' in the clause, as written."""
    places = [name.span for name in tree.parsed.names if name.kind == "place"]
    heads = [trigger, *tree.children(trigger, "obj")]
    for head in heads:
        for word, noun in tree.obliques(head):
            if word in PLACE_WORDS:
                for span in places:
                    if span.covers(tree.token(noun).span):
                        return span.of(tree.parsed.article.text)
    return None
