"""Sentence in, whom its phrases stand for out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from communique.actors import Atlas, find_cast, resolve_phrase, resolve_span
from communique.model import Parsed, Span

Build = Callable[..., Parsed]

XI_VISITS = """
Chinese Chinese JJ 2 amod
President President NNP 3 nmod:desc
Xi Xi NNP 5 nsubj
Jinping Jinping NNP 3 flat
arrived arrive VBD 0 root
in in IN 7 case
Moscow Moscow NNP 5 obl
. . . 5 punct
"""
MOSCOW_SAID = """
Moscow Moscow NNP 2 nsubj
accused accuse VBD 0 root
the the DT 5 det
White White NNP 5 amod
House House NNP 2 obj
and and CC 7 cc
NATO NATO NNP 5 conj
of of IN 9 case
lying lie VBG 2 advcl
. . . 2 punct
"""
COUNTERPART = """
Sergei Sergei NNP 3 nsubj
Lavrov Lavrov NNP 1 flat
met meet VBD 0 root
his his PRP$ 6 nmod:poss
Chinese Chinese JJ 6 amod
counterpart counterpart NN 3 obj
. . . 3 punct
"""
LEADER = """
The the DT 3 det
Chinese Chinese JJ 3 amod
leader leader NN 4 nsubj
warned warn VBD 0 root
Ukraine Ukraine NNP 8 nmod:poss
's 's POS 5 case
foreign foreign JJ 8 amod
minister minister NN 4 obj
. . . 4 punct
"""
NOMINALS = """
Iranian iranian JJ 2 amod
banks bank NNS 3 nsubj
fund fund VBP 0 root
Russian russian JJ 5 amod
drones drone NNS 3 obj
and and CC 9 cc
the the DT 9 det
Syrian syrian JJ 9 amod
government government NN 5 conj
. . . 3 punct
"""
BOTH = """
Putin Putin NNP 4 nsubj
and and CC 3 cc
Xi Xi NNP 1 conj
met meet VBD 0 root
. . . 4 punct

Both both DT 2 det
leaders leader NNS 3 nsubj
smiled smile VBD 0 root
. . . 3 punct

Both both DT 2 det
nations nation NNS 3 nsubj
agreed agree VBD 0 root
. . . 3 punct
"""
SURNAME = """
Foreign foreign NNP 2 amod
Ministry Ministry NNP 3 compound
spokesman spokesman NN 4 nmod:desc
Li Li NNP 6 nsubj
Wen Wen NNP 4 flat
spoke speak VBD 0 root
in in IN 8 case
Beijing Beijing NNP 6 obl
. . . 6 punct

Wen Wen NNP 2 nsubj
left leave VBD 0 root
. . . 2 punct
"""
LATTER = """
Russia Russia NNP 2 nsubj
attacked attack VBD 0 root
Ukraine Ukraine NNP 2 obj
. . . 2 punct

The the DT 2 det
latter latter JJ 3 nsubj
resisted resist VBD 0 root
. . . 3 punct
"""
PRONOUN = """
Angela Angela NNP 3 nsubj
Merkel Merkel NNP 1 flat
visited visit VBD 0 root
China China NNP 3 obj
. . . 3 punct

She she PRP 2 nsubj
praised praise VBD 0 root
the the DT 4 det
country country NN 2 obj
. . . 2 punct
"""

ROWS = [
    pytest.param(XI_VISITS, "2023-03-20", "Xi", ("per:xi-jinping",), id="a title and a name are one person"),
    pytest.param(XI_VISITS, "2023-03-20", "Moscow", (), id="a capital that one arrives in is a place"),
    pytest.param(MOSCOW_SAID, None, "Moscow", ("RUS",), id="a capital that accuses is a state"),
    pytest.param(MOSCOW_SAID, None, "House", ("USA", "org:nato"), id="a seat stands for its state; conjuncts count"),
    pytest.param(COUNTERPART, "2023-09-01", "counterpart", ("per:wang-yi",), id="the like office of the country named"),
    pytest.param(COUNTERPART, "2023-03-01", "counterpart", ("per:qin-gang",), id="the like office at the date"),
    pytest.param(LEADER, "2023-03-01", "leader", ("per:xi-jinping",), id="the leader of a state"),
    pytest.param(LEADER, "2005-03-01", "leader", ("per:hu-jintao",), id="the leader of a state, earlier"),
    pytest.param(LEADER, "2023-03-01", "minister", ("per:dmytro-kuleba",), id="a possessive and a title of two words"),
    pytest.param(NOMINALS, None, "banks", ("nom:IRN:businesses",), id="banks of a country"),
    pytest.param(NOMINALS, None, "drones", ("nom:RUS:military", "SYR"), id="weapons are of the military"),
    pytest.param(BOTH, "2023-03-20", "Putin", ("per:vladimir-putin", "per:xi-jinping"), id="two bare family names"),
    pytest.param(BOTH, "2023-03-20", "leaders", ("per:vladimir-putin", "per:xi-jinping"), id="both leaders"),
    pytest.param(BOTH, "2023-03-20", "nations", ("RUS", "CHN"), id="both nations of two leaders"),
    pytest.param(LATTER, None, "latter", ("UKR",), id="the latter"),
    pytest.param(PRONOUN, "2020-01-01", "She", ("per:angela-merkel",), id="she"),
    pytest.param(PRONOUN, "2020-01-01", "country", ("CHN",), id="the country"),
]  # fmt: skip


def head(article: Parsed, form: str) -> int:
    return next(i for i, token in enumerate(article.tokens) if token.span.of(article.article.text) == form)


@pytest.mark.parametrize(("rows", "published", "form", "expected"), ROWS)
def test_resolve_phrase(parsed: Build, rows: str, published: str | None, form: str, expected: tuple[str, ...]) -> None:
    article = parsed(rows, published=published)
    cast = find_cast(article, Atlas.load())
    assert resolve_phrase(article, cast, head(article, form)) == expected


def test_unknown_person_has_country_and_sector_of_the_title_and_keeps_the_family_name(parsed: Build) -> None:
    article = parsed(SURNAME, names=(("Li Wen", "person"),))
    cast = find_cast(article, Atlas.load())
    (person,) = resolve_phrase(article, cast, head(article, "Li"))
    assert cast.entity(person).name == "Li Wen"
    assert cast.entity(person).sectors == ("GOV",)
    last = max(i for i, token in enumerate(article.tokens) if token.span.of(article.article.text) == "Wen")
    assert resolve_phrase(article, cast, last) == (person,)


def test_place_is_kept_as_a_mention(parsed: Build) -> None:
    article = parsed(XI_VISITS)
    cast = find_cast(article, Atlas.load())
    assert resolve_phrase(article, cast, head(article, "Moscow"), places=True) == ("RUS",)
    start = article.article.text.index("Moscow")
    assert resolve_span(article, cast, Span(start, start + len("Moscow"))) == ("RUS",)


TEXTS = [XI_VISITS, MOSCOW_SAID, COUNTERPART, LEADER, NOMINALS, BOTH, SURNAME, LATTER, PRONOUN]


@pytest.mark.parametrize("rows", TEXTS)
def test_cast_is_true_to_the_text_and_the_same_each_time(parsed: Build, rows: str) -> None:
    article = parsed(rows)
    cast = find_cast(article, Atlas.load())
    assert cast == find_cast(article, Atlas.load())
    ids = [mention.id for mention in cast.mentions]
    assert len(ids) == len(set(ids))
    for mention in cast.mentions:
        assert mention.span.covers(mention.head)
        assert mention.span.of(article.article.text).strip() == mention.span.of(article.article.text) != ""
        if mention.entity_id:
            assert cast.entity(mention.entity_id)
