"""Nouns that say less than they mean: whose they are, and whom they point back to, told by what stands around."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from communique.actors import Atlas, find_cast, resolve_phrase
from communique.model import Parsed

Build = Callable[..., Parsed]

IN_BEIJING = """
In in IN 2 case
Beijing Beijing NNP 8 obl
, , , 2 punct
a a DT 7 det
Foreign foreign NNP 6 amod
Ministry ministry NNP 7 compound
spokeswoman spokeswoman NN 8 nsubj
refused refuse VBD 0 root
. . . 8 punct

She she PRP 2 nsubj
laughed laugh VBD 0 root
. . . 2 punct
"""
GEORGIAN_POLICE = """
Georgian georgian JJ 2 amod
police police NNS 3 nsubj
beat beat VBD 0 root
protesters protester NNS 3 obj
. . . 3 punct

Riot riot NN 2 compound
police police NNS 3 nsubj
fired fire VBD 0 root
gas gas NN 3 obj
in in IN 6 case
Georgia Georgia NNP 3 obl
. . . 3 punct

The the DT 3 det
Interior interior NNP 3 amod
Ministry ministry NNP 4 nsubj
denied deny VBD 0 root
it it PRP 4 obj
. . . 4 punct

European european JJ 2 amod
officials official NNS 3 nsubj
met meet VBD 0 root
. . . 3 punct

Diplomats diplomat NNS 2 nsubj
left leave VBD 0 root
. . . 2 punct
"""
RSF = """
The the DT 4 det
Rapid rapid NNP 4 compound
Support Support NNP 4 compound
Forces Forces NNPS 5 nsubj
accused accuse VBD 0 root
Sudan Sudan NNP 8 nmod:poss
's 's POS 6 case
army army NN 5 obj
. . . 5 punct

RSF RSF NNP 2 compound
gunners gunner NNS 3 nsubj
shelled shell VBD 0 root
its its PRP$ 5 nmod:poss
rival rival NN 3 obj
. . . 3 punct

The the DT 3 det
warring war VBG 3 amod
parties party NNS 4 nsubj
paused pause VBD 0 root
. . . 4 punct

Saudi Saudi NNP 2 compound
Arabia Arabia NNP 4 nsubj
had have VBD 4 aux
mediated mediate VBN 0 root
between between IN 8 case
the the DT 8 det
two two CD 8 nummod
sides side NNS 4 obl
. . . 4 punct
"""
RSF_ALONE = """
RSF RSF NNP 2 nsubj
protested protest VBD 0 root
. . . 2 punct
"""
APPOSED = """
Kaja Kaja NNP 9 nsubj
Kallas Kallas NNP 1 flat
, , , 7 punct
the the DT 7 det
country country NN 7 nmod:poss
's 's POS 5 case
president president NN 9 obl
, , , 7 punct
spoke speak VBD 0 root
. . . 9 punct

The the DT 5 det
former former JJ 5 amod
Estonian estonian JJ 5 amod
prime prime JJ 5 amod
minister minister NN 6 nsubj
smiled smile VBD 0 root
. . . 6 punct
"""
JAPANESE = """
Fumio Fumio NNP 7 nsubj
Kishida Kishida NNP 1 flat
, , , 6 punct
the the DT 6 det
Japanese japanese JJ 6 amod
premier premier NN 1 appos
spoke speak VBD 0 root
. . . 7 punct
"""
LEADERS = """
Borrell Borrell NNP 2 nsubj
met meet VBD 0 root
the the DT 4 det
leaders leader NNS 2 obj
of of IN 6 case
Serbia Serbia NNP 4 nmod
and and CC 8 cc
Kosovo Kosovo NNP 6 conj
. . . 2 punct

He he PRP 2 nsubj
told tell VBD 0 root
both both PRP 2 iobj
to to TO 5 mark
stop stop VB 2 ccomp
. . . 2 punct
"""
KOREA = """
North North NNP 2 compound
Korea Korea NNP 3 nsubj
fired fire VBD 0 root
. . . 3 punct

The the DT 2 det
North North NNP 3 nsubj
denied deny VBD 0 root
it it PRP 3 obj
. . . 3 punct

A a DT 6 det
senior senior JJ 6 amod
North North NNP 4 compound
Korean korean JJ 6 amod
army army NN 6 compound
official official NN 7 nsubj
threatened threaten VBD 0 root
more more JJR 7 obj
. . . 7 punct

The the DT 5 det
official official JJ 5 amod
KCNA KCNA NNP 5 compound
news news NN 5 compound
agency agency NN 6 nsubj
reported report VBD 0 root
. . . 6 punct

Seoul Seoul NNP 4 nmod:poss
's 's POS 1 case
Joint Joint NNP 4 amod
Chiefs chief NNPS 7 nsubj
of of IN 6 case
Staff Staff NNP 4 nmod
agreed agree VBD 0 root
. . . 7 punct
"""
POSSESSED = """
Qatar Qatar NNP 2 nsubj
closed close VBD 0 root
its its PRP$ 4 nmod:poss
embassy embassy NN 2 obj
in in IN 6 case
Khartoum Khartoum NNP 4 nmod
. . . 2 punct

Emmanuel Emmanuel NNP 3 nsubj
Macron Macron NNP 1 flat
praised praise VBD 0 root
his his PRP$ 5 nmod:poss
ministry ministry NN 3 obj
. . . 3 punct
"""
UNION = """
The the DT 3 det
African African NNP 3 amod
Union Union NNP 4 nsubj
met meet VBD 0 root
. . . 4 punct

A a DT 2 det
spokesman spokesman NN 6 nsubj
for for IN 5 case
the the DT 5 det
union union NN 2 nmod
spoke speak VBD 0 root
. . . 6 punct
"""
BLINKEN = """
Secretary secretary NNP 6 nsubj
of of IN 3 case
State state NNP 1 nmod
Antony Antony NNP 1 flat
Blinken Blinken NNP 1 flat
bombed bomb VBD 0 root
Ukrainian ukrainian JJ 8 amod
cities city NNS 6 obj
. . . 6 punct
"""
AGAIN = """
An a DT 3 det
EU EU NNP 3 compound
official official NN 4 nsubj
spoke speak VBD 0 root
. . . 4 punct

The the DT 2 det
official official NN 3 nsubj
left leave VBD 0 root
. . . 3 punct
"""
OPPONENTS = """
Viktor Viktor NNP 3 nsubj
Orban Orban NNP 1 flat
mocked mock VBD 0 root
his his PRP$ 5 nmod:poss
opponents opponent NNS 3 obj
. . . 3 punct
"""
JOINED = """
Egypt Egypt NNP 6 nsubj
, , , 3 punct
Jordan Jordan NNP 1 conj
and and CC 5 cc
Libya Libya NNP 1 conj
complained complain VBD 0 root
. . . 6 punct

They they PRP 2 nsubj
left leave VBD 0 root
. . . 2 punct
"""

ARMY = "nom:SDN:military"
PARTIES = ("grp:rsf-sudan", ARMY)
ROWS = [
    pytest.param(IN_BEIJING, None, "spokeswoman", ("nom:CHN:spokesperson",), id="a place at the head of the sentence"),
    pytest.param(IN_BEIJING, None, "She", ("nom:CHN:spokesperson",), id="she, of somebody without a name"),
    pytest.param(GEORGIAN_POLICE, None, "Riot police", ("nom:GEO:police",), id="the setting"),
    pytest.param(GEORGIAN_POLICE, None, "Ministry", ("nom:GEO:ministry",), id="the setting: a ministry"),
    pytest.param(GEORGIAN_POLICE, None, "protesters", ("nom:GEO:protesters",), id="the setting: protesters"),
    pytest.param(RSF, None, "gunners", ("grp:rsf-sudan",), id="an acronym is the body named in full before"),
    pytest.param(RSF_ALONE, None, "RSF", ("org:rsf",), id="an acronym alone is the atlas's"),
    pytest.param(RSF, None, "rival", (ARMY,), id="its rival"),
    pytest.param(RSF, None, "parties", PARTIES, id="the warring parties"),
    pytest.param(RSF, None, "sides", PARTIES, id="the two sides are not who mediates"),
    pytest.param(APPOSED, "2023-05-01", "president", ("per:kaja-kallas",), id="between commas, whatever the tree"),
    pytest.param(APPOSED, "2024-12-03", "minister", ("per:kaja-kallas",), id="who has been in office"),
    pytest.param(JAPANESE, "2023-05-01", "Fumio", ("per:fumio-kishida",), id="a name and its title are one"),
    pytest.param(JAPANESE, "2023-05-01", "premier", ("per:fumio-kishida",), id="a title after a name"),
    pytest.param(LEADERS, "2023-06-22", "leaders", ("per:aleksandar-vucic", "per:albin-kurti"), id="leaders of two"),
    pytest.param(LEADERS, "2023-06-22", "both", ("per:aleksandar-vucic", "per:albin-kurti"), id="both, told so"),
    pytest.param(KOREA, None, "North denied", ("PRK",), id="the North"),
    pytest.param(KOREA, None, "official threatened", ("nom:PRK:military-officials",), id="an army official"),
    pytest.param(KOREA, None, "agency", ("org:kcna",), id="a news agency by name"),
    pytest.param(KOREA, None, "Chiefs", ("org:jcs-korea",), id="joint chiefs of a capital"),
    pytest.param(POSSESSED, None, "embassy", ("nom:QAT:delegation",), id="its embassy is not where it stands"),
    pytest.param(POSSESSED, "2023-05-01", "ministry", ("nom:FRA:ministry",), id="his ministry"),
    pytest.param(UNION, None, "union", ("org:au",), id="the last word of a name"),
    pytest.param(UNION, None, "spokesman", ("nom:au:spokesperson",), id="a spokesman for whom a word points back to"),
    pytest.param(BLINKEN, "2023-05-01", "Secretary", ("per:antony-blinken",), id="secretary of state"),
    pytest.param(BLINKEN, "2023-05-01", "cities", ("UKR",), id="cities of a state"),
    pytest.param(AGAIN, None, "official left", ("nom:eu:officials",), id="the official, as before"),
    pytest.param(OPPONENTS, None, "opponents", ("nom:HUN:opposition",), id="his opponents"),
    pytest.param(JOINED, None, "Egypt", ("EGY", "JOR", "LBY"), id="three that are joined"),
    pytest.param(JOINED, None, "They", ("EGY", "JOR", "LBY"), id="they"),
]  # fmt: skip


def head(article: Parsed, words: str) -> int:
    """The token of the one word, or of the second of two words for a noun with another before it."""
    start = article.article.text.index(words)
    first = words.split()[0] if article.article.text[start:].startswith(words) else words
    found = words.split()[-1] if words == "Riot police" else first
    start = article.article.text.index(found, start)
    return next(i for i, token in enumerate(article.tokens) if token.span.start == start)


@pytest.mark.parametrize(("rows", "published", "words", "expected"), ROWS)
def test_what_stands_around_tells(
    parsed: Build, rows: str, published: str | None, words: str, expected: tuple[str, ...]
) -> None:
    article = parsed(rows, published=published)
    cast = find_cast(article, Atlas.load())
    assert resolve_phrase(article, cast, head(article, words)) == expected


@pytest.mark.parametrize("words", ["officials", "Diplomats"])
def test_who_may_be_of_many_states_has_no_country(parsed: Build, words: str) -> None:
    article = parsed(GEORGIAN_POLICE)
    cast = find_cast(article, Atlas.load())
    (found,) = resolve_phrase(article, cast, head(article, words))
    assert cast.entity(found).country is None


def test_sectors_of_an_army_official(parsed: Build) -> None:
    article = parsed(KOREA)
    cast = find_cast(article, Atlas.load())
    (found,) = resolve_phrase(article, cast, head(article, "official threatened"))
    assert cast.entity(found).sectors == ("MIL", "GOV")


TEXTS = [
    IN_BEIJING,
    GEORGIAN_POLICE,
    RSF,
    APPOSED,
    JAPANESE,
    LEADERS,
    KOREA,
    POSSESSED,
    UNION,
    BLINKEN,
    AGAIN,
    OPPONENTS,
    JOINED,
]


@pytest.mark.parametrize("rows", TEXTS)
def test_every_mention_has_its_entity_and_its_own_id(parsed: Build, rows: str) -> None:
    article = parsed(rows)
    cast = find_cast(article, Atlas.load())
    assert cast == find_cast(article, Atlas.load())
    assert len({mention.id for mention in cast.mentions}) == len(cast.mentions)
    assert all(cast.entity(mention.entity_id) for mention in cast.mentions if mention.entity_id)


@pytest.mark.parametrize("rows", ["\ud800 \ud800 NNP 0 root", "( ( -LRB- 0 root"])
def test_odd_text_has_an_empty_cast(parsed: Build, rows: str) -> None:
    assert not find_cast(parsed(rows), Atlas.load()).mentions
