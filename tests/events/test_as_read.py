"""Events on text as the language model reads it: who did what to whom; classes of error that were mended once."""

from __future__ import annotations

import pytest

from communique import Coder

#: What, the sentence, and an asserted event that must be found: type, actors and recipients by id.
CASES = [
    ("of each state", "Turkish and Syrian officials met in Moscow.", "CONSULT nom:TUR:officials,nom:SYR:officials >"),
    ("a claim by", "The White House dismissed the claim by Moscow.", "REJECT USA > RUS"),
    (
        "a noun's demand",
        "North Korea has reiterated its demand that the United States ease sanctions.",
        "REQUEST PRK > USA",
    ),
    (
        "positions of",
        "Syria threatened to shell positions of Hezbollah in Lebanon.",
        "THREATEN SYR > grp:hezbollah",
    ),
    ("a border with", "Belarus deployed troops along its border with Ukraine.", "MOBILIZE BLR > UKR"),
    ("a border with, of the verb", "Belarus deployed troops to its border with Ukraine.", "MOBILIZE BLR > UKR"),
    (
        "allies are asked",
        "Zelensky urged NATO allies to send more air defence systems.",
        "REQUEST per:volodymyr-zelensky > org:nato",
    ),
    ("tens of thousands", "Tens of thousands marched in Warsaw against the state.", "PROTEST nom:POL:civilians > POL"),
    (
        "a particle that is a preposition",
        "Zimbabwe's opposition leader called on South Africa to press President Robert Mugabe to step down.",
        "REQUEST nom:ZWE:opposition-leader > ZAF",
    ),
    (
        "somebody else's plan",
        "Cuban exiles in Miami demonstrated against a U.S. decision to return refugees to Cuba.",
        "PROTEST nom:CUB:opposition > USA",
    ),
    ("whose attack", "Three Turkish soldiers were killed in a PKK attack in northern Iraq.",
     "ASSAULT grp:pkk > nom:TUR:military"),
    ("whose proposal", "Sudan accepted the Ethiopian proposal.", "AGREE SDN > ETH"),
    ("whose invitation", "Russia accepted China's invitation.", "AGREE RUS > CHN"),
    ("no auxiliary", "North Korea's launch drew condemnation from Tokyo and Seoul.", "ACCUSE JPN,KOR > PRK"),
    ("strikes", "The Saudi-led coalition halted its air strikes in Yemen.", "RETREAT org:saudi-led-coalition > YEM"),
    ("a city is taken", "Syrian rebels seized Aleppo in a surprise offensive.", "COERCE nom:SYR:rebels > SYR"),
    ("a city is shelled", "Russia shelled Kharkiv.", "ASSAULT RUS > UKR"),
    ("crossings", "Finland closed its border crossings with Russia.", "SANCTION FIN > RUS"),
    ("a bill for aid", "The U.S. Senate passed a $95 billion aid package for Ukraine.", "AGREE org:us-senate > UKR"),
    ("a line across", "Chinese and Indian soldiers pulled back from a disputed area.",
     "RETREAT nom:CHN:military,nom:IND:military >"),
]  # fmt: skip


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder()


def shown(coder: Coder, text: str) -> list[str]:
    events = coder.code(text, published="2024-06-14").events
    return [
        f"{event.event} {','.join(event.actors)} > {','.join(event.recipients)}".rstrip()
        for event in events
        if event.status == "asserted"
    ]


@pytest.mark.parametrize(("what", "text", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_who_did_what_to_whom(coder: Coder, what: str, text: str, wanted: str) -> None:
    assert wanted in shown(coder, text), what


def test_neither_does(coder: Coder) -> None:
    assert shown(coder, "Neither Egypt nor Sudan has accepted the Ethiopian proposal.") == []


def test_what_a_noun_demands_is_not_done(coder: Coder) -> None:
    found = shown(coder, "North Korea has reiterated its demand that the United States ease sanctions.")
    assert [line for line in found if line.startswith("RETREAT")] == []
