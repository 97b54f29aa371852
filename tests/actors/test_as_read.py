"""Who is meant, on text as the language model reads it: classes of error that were mended once."""

from __future__ import annotations

import pytest

from communique.actors import Atlas, find_cast
from communique.articles import article_from_text
from communique.language import Language

CASES = [
    # what, date, text, the marked words, whom they mean (an entity's name, or None)
    ("people at large", "2015-01-01", "Hundreds of Swedes mourned in the square.", "Swedes", "people of Sweden"),
    ("a people that votes", "2014-02-10", "The Danes voted on the treaty.", "Danes", "people of Denmark"),
    ("a people that is its state", "2014-02-10", "The Danes rejected the treaty.", "The Danes", "Denmark"),
    ("a given name", "2020-07-20", "Aid worker Chad Miller defended the plan.", "Chad Miller", "Chad Miller"),
    ("a family name", "2005-07-01", "Susan Jordan was fined. Jordan paid at once.", "Jordan", "Susan Jordan"),
    ("driven out", "2021-10-26", "Sudan's ousted prime minister returned.", "ousted prime minister", "Abdalla Hamdok"),
    (
        "the police are many",
        "2018-04-21",
        "Nicaraguan police left. Later they fired shots.",
        "they",
        "Nicaragua police",
    ),
    ("rain", "2014-07-02", "Ukraine ended the truce. It rained in Kyiv.", "It", None),
    (
        "neighbours",
        "2008-07-21",
        "Cambodia and Thailand sent men. The neighbours quarrelled.",
        "neighbours",
        "Cambodia",
    ),
    (
        "of its time",
        None,
        "President George H. W. Bush spoke. France's president left.",
        "president",
        "François Mitterrand",
    ),
    (
        "of one of two",
        None,
        "President Barack Obama spoke. His French counterpart left.",
        "counterpart",
        "president of France",
    ),
    ("a dateline alone", "2012-09-18", "PRETORIA - Police left the hostels.", "Police", "South Africa police"),
    ("a dateline of a city", "2012-05-03", "KARACHI, May 3 - Police left the hostels.", "Police", "Pakistan police"),
    (
        "an item of a column",
        "2005-04-27",
        "NEPAL: Police shot two men.\n\nLOMÉ: The army left.\n\nQUITO: Teachers sang.",
        "Teachers",
        "Ecuador students",
    ),
    (
        "named one by one",
        "1993-02-19",
        "Two more ministers, Giovanni Goria of finance and Francesco De Lorenzo of health, resigned in Rome.",
        "more ministers",
        "Giovanni Goria",
    ),
    ("unions", "2023-01-20", "Unions called a strike in Peru.", "Unions", "Peru workers"),
    ("whose city", "2024-05-20", "Russia left. Police held 40 students in Tbilisi.", "Police", "Georgia police"),
    (
        "government forces",
        "2024-05-20",
        "On Monday government forces killed two men in Sudan.",
        "forces",
        "Sudan military",
    ),
    ("states together", "2024-05-20", "Arab states condemned Israel.", "Arab states", "Arab states"),
    ("states that point back", "2024-05-20", "The states condemned Israel.", "The states", None),
    (
        "named between commas",
        "2022-12-15",
        "Ana Gervasi wrote to her Mexican counterpart, Marcelo Ebrard, that it was over.",
        "counterpart",
        "Marcelo Ebrard",
    ),
    (
        "one of a nation",
        "2018-04-14",
        "Vassily Nebenzia spoke to Haley. “You wanted a pretext,” the Russian said.",
        "the Russian",
        "Vassily Nebenzia",
    ),
    ("a whole nation", "2018-04-14", "Xi Jinping spoke. The Chinese will not wait.", "Chinese", "China"),
    ("of a nation", "2018-04-14", "Vassily Nebenzia spoke. The Russian side left.", "Russian", "Russia"),
    ("sides by adjective", "2020-06-07", "Indian and Chinese officers met. Both sides agreed.", "sides", "India"),
]


@pytest.mark.parametrize(("what", "date", "text", "words", "name"), CASES)
def test_who_is_meant(what: str, date: str | None, text: str, words: str, name: str | None) -> None:
    parsed = Language.load().parse(article_from_text(text, published=date))
    cast = find_cast(parsed, Atlas.load())
    at = text.rindex(words)
    found = [
        cast.entity(mention.entity_id).name
        for mention in cast.mentions
        if mention.entity_id and mention.span.start <= at and at + len(words) <= mention.span.end
    ]
    assert (name in found) if name else not found, (what, found)


@pytest.mark.parametrize("text", ["Visitors toured the Kremlin.", "He stood an hour from Washington."])
def test_sights_and_distances_are_places(text: str) -> None:
    cast = find_cast(Language.load().parse(article_from_text(text)), Atlas.load())
    assert {mention.id for mention in cast.mentions if mention.kind == "name"} <= cast.places


@pytest.mark.parametrize(
    ("text", "words", "ids"),
    [
        ("French and German troops left.", "troops", ["nom:FRA:military", "nom:DEU:military"]),
        ("Officials from Iran and Oman met.", "Officials", ["nom:IRN:officials", "nom:OMN:officials"]),
        ("The governments of Kenya and Uganda met.", "governments", ["KEN", "UGA"]),
        ("The leaders of Russia and Turkey met.", "leaders", ["per:vladimir-putin", "per:recep-tayyip-erdogan"]),
        ("Soldiers of Russia attacked Ukraine.", "Soldiers", ["nom:RUS:military"]),
    ],
)
def test_a_plural_is_of_each_of_its_states(text: str, words: str, ids: list[str]) -> None:
    cast = find_cast(Language.load().parse(article_from_text(text, published="2019-10-22")), Atlas.load())
    found = [mention.entity_id for mention in cast.mentions if mention.head.of(text) == words]
    assert found == ids


def cities(text: str) -> list[tuple[str, str | None, bool]]:
    cast = find_cast(Language.load().parse(article_from_text(text, published="2023-05-01")), Atlas.load())
    return [(one.span.of(text), one.entity_id, one.id in cast.places) for one in cast.mentions if one.kind == "name"]


def test_a_city_is_a_place_of_its_state() -> None:
    found = cities("Ukrainian forces left Lyman, and Russia shelled Kharkiv.")
    assert ("Kharkiv", "UKR", True) in found
    assert ("Lahore", "PAK", True) in cities("Police in Lahore arrested 20 men.")
    assert ("Kherson", "UKR", True) in cities("Russia withdrew its forces from Kherson.")  # one country alone has it


def test_who_acts_is_no_city_and_seats_of_many_states_tell_no_country() -> None:
    assert ("Austin", "USA", True) not in cities("Lloyd Austin left Kyiv. Russia criticised Austin.")
    assert all(name != "Geneva" for name, _, _ in cities("The envoys met in Geneva."))
    assert ("Florence", "ITA", True) not in cities("Florence said that it was over.")


def test_a_city_is_nothing_to_point_back_to() -> None:
    text = "Israel left southern Lebanon in May. In Chicago a diplomat said that its withdrawal was complete."
    cast = find_cast(Language.load().parse(article_from_text(text, published="2000-06-13")), Atlas.load())
    assert [one.entity_id for one in cast.mentions if one.span.of(text) == "its"] == ["ISR"]
