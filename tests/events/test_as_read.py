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
    ("tens of thousands", "Tens of thousands marched in Warsaw against the government.",
     "PROTEST nom:POL:civilians > POL"),
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
    ("two sides before a noun", "UK and EU negotiators have agreed a landmark free trade agreement.",
     "AGREE nom:GBR:diplomat,nom:eu:diplomat >"),
    ("two owners", "Pakistan and Afghanistan's intelligence services have agreed to share information.",
     "AGREE nom:PAK:intelligence,nom:AFG:intelligence >"),
    ("a phrase behind joined nouns",
     "The OIC expressed its total rejection and strong condemnation of the Israeli Prime Minister's declaration.",
     "ACCUSE org:oic > per:benjamin-netanyahu"),
    ("imposed on", "Turkey has lifted restrictions imposed on former Prime Minister Ehud Olmert.",
     "CONCEDE TUR > per:ehud-olmert"),
    ("a number of a whole", "Iran freed 11 of its most prominent political prisoners on Wednesday.",
     "RETREAT IRN > nom:IRN:civilians"),
    ("whose talks", "The summit between the EU and Turkey failed to reach agreement on migration.",
     "REJECT org:eu,TUR >"),
    ("what is discussed is no party", "Erdogan discussed Libya with Donald Trump.",
     "CONSULT per:recep-tayyip-erdogan,per:donald-trump >"),
    ("joined parties", "India and Pakistan agreed to a cease-fire to end months of fighting in Kashmir.",
     "AGREE IND,PAK >"),
    ("it, of whose official speaks", "Ukraine's president said it would never recognise the annexation by Russia.",
     "REJECT UKR > RUS"),
    ("loyal to", "Forces loyal to Khalifa Haftar shelled Tripoli.", "ASSAULT nom:LBY:military > LBY"),
    ("a subject of the clause before",
     "President Gloria Macapagal Arroyo of the Philippines has pardoned former president Joseph Estrada, her spokesman "
     "said.", "CONCEDE per:gloria-macapagal-arroyo > per:joseph-estrada"),
    ("a dateline with a date", "Tehran, March 15, IRNA - Iran's parliament condemned Israel's attacks on Gaza.",
     "ACCUSE nom:IRN:parliament > ISR"),
    ("counterparts in their capitals",
     "President Joko Widodo spoke by telephone with his counterparts in Moscow and Kyiv.",
     "CONSULT per:joko-widodo,per:vladimir-putin,per:volodymyr-zelensky >"),
    ("an attack is no criticism", "Israel launched a furious attack on Gaza.", "ASSAULT ISR > PSE"),
    ("a participle that is no doing of the verb", "Biden welcomed the Americans released by Russia in Turkey.",
     "SUPPORT per:joe-biden > USA"),
    ("three seats", "Sergei Lavrov spoke with his counterparts in Israel, Egypt, and Qatar.",
     "CONSULT per:sergei-lavrov,per:israel-katz,per:sameh-shoukry,per:mohammed-bin-abdulrahman-al-thani >"),
    ("thanked for what they did", "Finland's president, Sauli Niinisto, thanked Turkey for dropping its objections.",
     "CONCEDE TUR >"),
    ("a participle that says what followed", "Iraq's parliament passed a bill, drawing criticism from Washington.",
     "ACCUSE USA >"),
    ("freed of whom", "The Malian army freed 12 villagers abducted by jihadists.",
     "RETREAT nom:MLI:military > nom:MLI:civilians"),
    ("a tariff is lifted", "Kosovo lifted a 100 percent tariff on Serbian goods.", "RETREAT XKX > SRB"),
    ("talks beside what is done", "In a phone call with Modi, Zelensky asked India to join the peace summit.",
     "CONSULT per:volodymyr-zelensky,per:narendra-modi >"),
    ("who orders it done", "A court in Yerevan ordered two activists held for two months on charges of plotting.",
     "COERCE nom:ARM:court > nom:ARM:protesters"),
    ("whose soldiers", "Uganda, whose soldiers are fighting alongside the government of South Sudan, rejected it.",
     "COOPERATE nom:UGA:military,SSD >"),
    ("who asks",
     "He received Sviatlana Tsikhanouskaya, the exiled Belarusian leader, who asked France to press for a ban.",
     "REQUEST per:sviatlana-tsikhanouskaya > FRA"),
    ("money is offered", "The United States offered $291 million to South Sudan.", "AGREE USA > SSD"),
    ("peacekeepers", "Azerbaijani troops participate in peacekeeping operations in Afghanistan and Iraq.",
     "AID nom:AZE:military > AFG,IRQ"),
    ("would not", "Turkey would not lift its veto until it saw deeds, its minister said.", "REJECT TUR >"),
    ("none of it", "Vladimir Putin would have none of it.", "REJECT per:vladimir-putin >"),
    ("on whom the verb before bears", "Germany expelled four Iranian diplomats and recalled its ambassador.",
     "SANCTION DEU > nom:IRN:diplomat"),
    ("a bare verb behind that", "Poland insisted that Belarus release the reporters.", "REQUEST POL > BLR"),
    ("time that is asked for", "Burundi's army chief pleaded for time.", "REQUEST nom:BDI:army-chief >"),
    ("months of unrest", "Serbia's prime minister quit after months of street protests.",
     "RETREAT per:milos-vucevic >"),
    ("a raid by the police", "Kenyan police raided the offices of Amnesty International.",
     "COERCE nom:KEN:police > org:amnesty"),
    ("youths", "Youths stoned riot police in Lima, Peru.", "PROTEST nom:PER:civilians > nom:PER:police"),
]  # fmt: skip

#: A sentence, and the type and status of an event in it.
STATUSES = [
    ("During talks with Antony Blinken in Riyadh, Prince Mohammed bin Salman called for an end to the siege.",
     "CONSULT asserted"),
    ("Police in Cairo did not open fire and left without arresting any of the protesters.", "COERCE negated"),
    ("Washington fell short of directly threatening Iran.", "THREATEN negated"),
    ("Minsk said that it would stop taking back migrants.", "RETREAT negated"),
    ("Not a week passed without Turkish troops shelling Kurdish villages in Syria.", "ASSAULT asserted"),
    ("The Saudi spokesman stopped short of accusing Iran of firing the missiles from its own soil.",
     "ACCUSE negated"),
    ("The envoy of Sudan opened with pleasantries and went on to accuse Eritrea of arming rebels.",
     "ACCUSE asserted"),
    ("Iraq's army has carried out air strikes against Islamic State since last year, the last a few days ago.",
     "ASSAULT asserted"),
    ("Turkey would not lift its veto if Sweden helped the PKK.", "REJECT negated"),
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


@pytest.mark.xfail(strict=True, reason="the parser hangs 'freed' from 'arrested', and the relation network is unsure")
def test_the_last_of_two_participles(coder: Coder) -> None:
    found = shown(coder, "A Russian court ordered the Americans arrested in May freed.")
    assert "RETREAT nom:RUS:court > USA" in found


def test_neither_does(coder: Coder) -> None:
    found = shown(coder, "Neither Egypt nor Sudan has accepted the Ethiopian proposal.")
    assert [line for line in found if line.startswith("AGREE")] == []


def test_what_a_noun_demands_is_not_done(coder: Coder) -> None:
    found = shown(coder, "North Korea has reiterated its demand that the United States ease sanctions.")
    assert [line for line in found if line.startswith("RETREAT")] == []


@pytest.mark.parametrize(("text", "told"), STATUSES)
def test_status(coder: Coder, text: str, told: str) -> None:
    report = coder.code(text, published="2024-06-14")
    assert told in [f"{event.event} {event.status}" for event in report.events]
