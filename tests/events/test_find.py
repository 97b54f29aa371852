"""Sentence in, events out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from communique.actors import Atlas, find_cast
from communique.events import Relations, find_events
from communique.events.merging import event_id
from communique.language import NOTHING, Marked
from communique.model import Event, Note, Parsed, Span, Statement

CASES = {
    "active": (
        "Russia/NNP/2/nsubj accused/VBD/0/root/accuse Ukraine/NNP/2/obj of/IN/5/mark shelling/VBG/2/advcl/shell "
        "Belgorod/NNP/5/obj ././2/punct",
        ["ACCUSE allege 1123 RUS>UKR asserted", "-ASSAULT"],
    ),
    "passive with agent": (
        "Syria/NNP/3/nsubj:pass was/VBD/3/aux:pass/be condemned/VBN/0/root/condemn by/IN/5/case "
        "Turkey/NNP/3/obl:agent ././3/punct",
        ["ACCUSE disapprove 111 TUR>SYR asserted"],
    ),
    "passive without an actor is not coded": (
        "Syria/NNP/3/nsubj:pass was/VBD/3/aux:pass/be condemned/VBN/0/root/condemn ././3/punct",
        ["note: condemn: ACCUSE without an actor"],
    ),
    "control: the pressing is only asked for": (
        "Washington/NNP/2/nsubj urged/VBD/0/root/urge Beijing/NNP/2/obj to/TO/5/mark press/VB/2/xcomp Moscow/NNP/5/obj "
        "to/TO/8/mark talk/VB/5/xcomp ././2/punct",
        ["REQUEST * * USA>CHN asserted", "REQUEST * * CHN>RUS hypothetical"],
    ),
    "joined verbs share the subject": (
        "Iran/NNP/2/nsubj condemned/VBD/0/root/condemn Israel/NNP/2/obj and/CC/5/cc praised/VBD/2/conj/praise "
        "Qatar/NNP/5/obj ././2/punct",
        ["ACCUSE disapprove 111 IRN>ISR asserted", "SUPPORT - 051 IRN>QAT asserted"],
    ),
    "joined actors and recipients are one event": (
        "France/NNP/4/nsubj and/CC/3/cc Germany/NNP/1/conj condemned/VBD/0/root/condemn Iran/NNP/4/obj and/CC/7/cc "
        "Syria/NNP/5/conj ././4/punct",
        ["ACCUSE disapprove 111 FRA,DEU>IRN,SYR asserted"],
    ),
    "relative clause": (
        "Iran/NNP/5/nsubj ,/,/4/punct which/WDT/4/nsubj criticised/VBD/1/acl:relcl/criticise denied/VBD/0/root/deny "
        "the/DT/7/det claim/NN/5/obj ././5/punct",
        ["REJECT - 120 IRN> asserted"],
    ),
    "relative clause with object": (
        "Turkey/NNP/6/nsubj ,/,/4/punct which/WDT/4/nsubj criticised/VBD/1/acl:relcl/criticise Israel/NNP/4/obj "
        "apologised/VBD/0/root/apologise ././6/punct",
        ["ACCUSE disapprove 111 TUR>ISR asserted", "CONCEDE - 055 TUR> asserted"],
    ),
    "participle": (
        "Japan/NNP/2/nsubj replied/VBD/0/root/reply ,/,/4/punct accusing/VBG/2/advcl/accuse China/NNP/4/obj "
        "././2/punct",
        ["ACCUSE allege 112 JPN>CHN asserted"],
    ),
    "possessor of the object": (
        "Poland/NNP/2/nsubj condemned/VBD/0/root/condemn Russia/NNP/5/nmod:poss 's/POS/3/case invasion/NN/2/obj "
        "of/IN/7/case Ukraine/NNP/5/nmod ././2/punct",
        ["ACCUSE disapprove 111 POL>RUS asserted", "-ASSAULT"],
    ),
    "once again is now": (
        "China/NNP/4/nsubj once/RB/3/advmod again/RB/4/advmod condemned/VBD/0/root/condemn Japan/NNP/4/obj ././4/punct",
        ["ACCUSE disapprove 111 CHN>JPN asserted"],
    ),
    "once alone is long ago": (
        "China/NNP/3/nsubj once/RB/3/advmod condemned/VBD/0/root/condemn Japan/NNP/3/obj ././3/punct",
        ["ACCUSE disapprove 111 CHN>JPN historical"],
    ),
    "a body named before the noun for it": (
        "The/DT/3/det Hezbollah/NNP/3/compound organisation/NN/4/nsubj attacked/VBD/0/root/attack Israel/NNP/4/obj "
        "././4/punct",
        ["ASSAULT - 190 grp:hezbollah>ISR asserted"],
    ),
    "recipient behind a preposition": (
        "Washington/NNP/2/nsubj imposed/VBD/0/root/impose sanctions/NNS/2/obj/sanction on/IN/6/case Iranian/JJ/6/amod "
        "banks/NNS/3/nmod/bank ././2/punct",
        ["SANCTION discontinue 163 USA>*IRN* asserted"],
    ),
    "light verb, all parties are actors": (
        "China/NNP/2/nsubj held/VBD/0/root/hold talks/NNS/2/obj/talk with/IN/5/case Brazil/NNP/3/nmod ././2/punct",
        ["CONSULT - * CHN,BRA> asserted"],
    ),
    "visit: the host is recipient": (
        "Macron/NNP/2/nsubj paid/VBD/0/root/pay a/DT/4/det visit/NN/2/obj to/IN/6/case Egypt/NNP/4/nmod ././2/punct",
        ["CONSULT visit 042 per:emmanuel-macron>EGY asserted"],
    ),
    "host: roles turned": (
        "Egypt/NNP/2/nsubj hosted/VBD/0/root/host Macron/NNP/2/obj ././2/punct",
        ["CONSULT visit 043 per:emmanuel-macron>EGY asserted"],
    ),
    "nominal strikes": (
        "Russian/JJ/3/amod drone/NN/3/compound strikes/NNS/6/nsubj/strike on/IN/5/case Kyiv/NNP/3/nmod "
        "continued/VBD/0/root/continue ././6/punct",
        ["ASSAULT drone 195 RUS>UKR asserted"],
    ),
    "nominal talks": (
        "Talks/NNS/5/nsubj/talk between/IN/3/case India/NNP/1/nmod and/CC/5/cc China/NNP/3/conj "
        "resumed/VBD/0/root/resume ././6/punct".replace("Talks/NNS/5", "Talks/NNS/6").replace("and/CC/5", "and/CC/5"),
        ["CONSULT - 046 IND,CHN> asserted"],
    ),
    "possessor of a nominal": (
        "Ankara/NNP/3/nmod:poss 's/POS/1/case rejection/NN/7/nsubj of/IN/6/case the/DT/6/det proposal/NN/3/nmod "
        "angered/VBD/0/root/anger Greece/NNP/7/obj ././7/punct",
        ["REJECT * * TUR> asserted"],
    ),
    "a verb and its noun are one act": (
        "Israel/NNP/2/nsubj launched/VBD/0/root/launch an/DT/4/det attack/NN/2/obj on/IN/6/case "
        "Syria/NNP/4/nmod ././2/punct",
        ["ASSAULT - 190 ISR>SYR asserted", "=1"],
    ),
    "refusal is an event of its own": (
        "Iran/NNP/2/nsubj refused/VBD/0/root/refuse to/TO/4/mark meet/VB/2/xcomp Israel/NNP/4/obj ././2/punct",
        ["REJECT meet 125 IRN>ISR asserted", "=1"],
    ),
    "negated": (
        "Iran/NNP/4/nsubj did/VBD/4/aux/do not/RB/4/advmod attack/VB/0/root Israel/NNP/4/obj ././4/punct",
        ["ASSAULT - 190 IRN>ISR negated"],
    ),
    "a future visit is AGREE": (
        "Macron/NNP/3/nsubj will/MD/3/aux visit/VB/0/root Egypt/NNP/3/obj ././3/punct",
        ["AGREE - 036 per:emmanuel-macron>EGY asserted"],
    ),
    "an announced withdrawal is CONCEDE": (
        "Russia/NNP/3/nsubj will/MD/3/aux withdraw/VB/0/root its/PRP$/5/nmod:poss troops/NNS/3/obj/troop "
        "from/IN/7/case "
        "Syria/NNP/3/obl ././3/punct",
        ["CONCEDE - 035 RUS>SYR asserted"],
    ),
    "a blow announced is THREATEN": (
        "Iran/NNP/3/nsubj will/MD/3/aux attack/VB/0/root Israel/NNP/3/obj ././3/punct",
        ["THREATEN violence 138 IRN>ISR asserted"],
    ),
    "will not is a refusal": (
        "Iran/NNP/4/nsubj will/MD/4/aux not/RB/4/advmod meet/VB/0/root Israel/NNP/4/obj ././4/punct",
        ["REJECT meet 125 IRN,ISR> asserted"],
    ),
    "agreeing to withdraw is AGREE": (
        "Russia/NNP/2/nsubj agreed/VBD/0/root/agree to/TO/4/mark withdraw/VB/2/xcomp its/PRP$/6/nmod:poss "
        "troops/NNS/4/obj/troop from/IN/8/case Syria/NNP/4/obl ././2/punct",
        ["AGREE - 0356 RUS>SYR asserted", "=1"],
    ),
    "hypothetical": (
        "Iran/NNP/3/nsubj could/MD/3/aux attack/VB/0/root Israel/NNP/3/obj ././3/punct",
        ["ASSAULT - 190 IRN>ISR hypothetical"],
    ),
    "historical by year": (
        "Iraq/NNP/2/nsubj invaded/VBD/0/root/invade Kuwait/NNP/2/obj in/IN/5/case 1990/CD/2/obl ././2/punct",
        ["ASSAULT - 190 IRQ>KWT historical"],
    ),
    "historical by decade": (
        "Iraq/NNP/2/nsubj attacked/VBD/0/root/attack Jordan/NNP/2/obj "
        "in/IN/6/case the/DT/6/det 1990s/NNS/2/obl ././2/punct",
        ["ASSAULT - 190 IRQ>JOR historical"],
    ),
    "not by this decade": (
        "Libya/NNP/2/nsubj attacked/VBD/0/root/attack Egypt/NNP/2/obj "
        "in/IN/6/case the/DT/6/det 2020s/NNS/2/obl ././2/punct",
        ["ASSAULT - 190 LBY>EGY asserted"],
    ),
    "a headline's infinitive before who says so": (
        "Iran/NNP/3/nsubj to/TO/3/mark attack/VB/6/ccomp Israel/NNP/3/obj ,/,/6/punct "
        "say/VBP/0/root sources/NNS/6/nsubj",
        ["ASSAULT - 190 IRN>ISR future"],
    ),
    "threat": (
        "Iran/NNP/2/nsubj threatened/VBD/0/root/threaten to/TO/4/mark attack/VB/2/xcomp Israel/NNP/4/obj ././2/punct",
        ["THREATEN violence 138 IRN>ISR asserted", "=1"],
    ),
    "appeal for a ceasefire": (
        "Egypt/NNP/2/nsubj called/VBD/0/root/call on/IN/4/case Israel/NNP/2/obl to/TO/6/mark "
        "withdraw/VB/2/xcomp ././2/punct",
        ["REQUEST yield 0256 EGY>ISR asserted", "RETREAT * * ISR> hypothetical"],
    ),
    "demand in a clause": (
        "Ukraine/NNP/2/nsubj demanded/VBD/0/root/demand that/IN/5/mark Russia/NNP/5/nsubj release/VB/2/ccomp "
        "prisoners/NNS/5/obj/prisoner ././2/punct",
        ["REQUEST yield 1053 UKR>RUS asserted"],
    ),
    "pledged aid": (
        "Japan/NNP/2/nsubj promised/VBD/0/root/promise to/TO/4/mark provide/VB/2/xcomp aid/NN/4/obj to/IN/7/case "
        "Nepal/NNP/4/obl ././2/punct",
        ["AGREE - 033 JPN>NPL asserted", "=1"],
    ),
    "aid": (
        "Japan/NNP/2/nsubj sent/VBD/0/root/send medicine/NN/2/obj to/IN/5/case Nepal/NNP/2/obl ././2/punct",
        ["AID - 073 JPN>NPL asserted"],
    ),
    "COERCE by the police": (
        "Iranian/JJ/2/amod police/NNS/3/nsubj arrested/VBD/0/root/arrest protesters/NNS/3/obj/protester ././3/punct",
        ["COERCE arrest 173 *IRN*>* asserted"],
    ),
    "reported future": (
        "Russia/NNP/2/nsubj announced/VBD/0/root/announce it/PRP/5/nsubj would/MD/5/aux sanction/VB/2/ccomp "
        "Japan/NNP/5/obj ././2/punct",
        ["THREATEN * * *>JPN asserted"],
    ),
    "a demand in a said clause": (
        "Kyiv/NNP/2/nsubj said/VBD/0/root/say that/IN/6/mark Russia/NNP/6/nsubj must/MD/6/aux withdraw/VB/2/ccomp "
        "././2/punct",
        ["REQUEST yield 1056 UKR>RUS asserted"],
    ),
    "called names": (
        "Iran/NNP/2/nsubj called/VBD/0/root/call Israel/NNP/2/obj an/DT/5/det aggressor/NN/2/xcomp ././2/punct",
        ["ACCUSE disapprove 111 IRN>ISR asserted"],
    ),
    "accused of: the accused is the one who does it": (
        "Iran/NNP/3/nsubj:pass was/VBD/3/aux:pass/be accused/VBN/0/root/accuse by/IN/5/case Israel/NNP/3/obl:agent "
        "of/IN/7/mark arming/VBG/3/advcl/arm Hamas/NNP/7/obj ././3/punct",
        ["ACCUSE allege 112 ISR>IRN asserted", "=1"],
    ),
    "sport": (
        "Brazil/NNP/2/nsubj beat/VBD/0/root Germany/NNP/2/obj in/IN/7/case the/DT/7/det cup/NN/7/compound "
        "semifinal/NN/2/obl ././2/punct",
        ["-ASSAULT", "=0"],
    ),
    "nothing there": (
        "It/PRP/3/nsubj was/VBD/3/cop/be late/RB/0/root ././3/punct",
        ["=0", "note: no word of the lexicon"],
    ),
    "the object tied to the infinitive is the governing verb's": (
        "Guterres/NNP/2/nsubj urged/VBD/0/root/urge Iran/NNP/5/obj to/TO/5/mark halt/VB/2/xcomp "
        "strikes/NNS/5/obj/strike "
        "././2/punct",
        ["REQUEST yield * *>IRN asserted"],
    ),
    "a plural pronoun stands for the pair before it": (
        "Kyiv/NNP/2/nsubj thanked/VBD/0/root/thank London/NNP/2/obj and/CC/5/cc Washington/NNP/3/conj and/CC/7/cc "
        "asked/VBD/2/conj/ask them/PRP/7/iobj to/TO/10/mark help/VB/7/xcomp ././2/punct",
        ["REQUEST * * UKR>GBR,USA asserted", "SUPPORT - 051 UKR>GBR,USA asserted"],
    ),
    "an arrest whose doer is not told": (
        "Iranian/JJ/2/amod diplomats/NNS/4/nsubj:pass/diplomat were/VBD/4/aux:pass/be arrested/VBN/0/root/arrest "
        "././4/punct",
        ["COERCE arrest 173 >*IRN* asserted"],
    ),
    "the nearer of two subjects": (
        "Before/IN/3/mark Xi/NNP/6/nsubj left/VBD/6/advcl/leave ,/,/3/punct Putin/NNP/6/nsubj "
        "accepted/VBD/0/root/accept "
        "an/DT/8/det invitation/NN/6/obj to/IN/10/case China/NNP/8/nmod ././6/punct",
        ["AGREE - * per:vladimir-putin>CHN asserted"],
    ),
    "what came of a blow is no second blow": (
        "Russia/NNP/2/nsubj struck/VBD/0/root/strike a/DT/4/det school/NN/2/obj in/IN/6/case "
        "Kyiv/NNP/4/nmod ,/,/8/punct "
        "killing/VBG/2/advcl/kill people/NNS/8/obj ././2/punct",
        ["ASSAULT - * RUS>*UKR* asserted", "=1"],
    ),
    "a day behind 'on' is nobody": (
        "Britain/NNP/2/nsubj imposed/VBD/0/root/impose sanctions/NNS/2/obj/sanction on/IN/5/case "
        "Thursday/NNP/2/obl on/IN/7/case "
        "Iran/NNP/2/obl ././2/punct",
        ["SANCTION discontinue 163 GBR>IRN asserted"],
    ),
    "due to meet: not yet": (
        "The/DT/2/det Council/NNP/6/nsubj was/VBD/4/cop/be due/JJ/6/case to/TO/6/mark meet/VB/0/root with/IN/8/case "
        "Iran/NNP/6/obl ././6/punct",
        ["-CONSULT"],
    ),
    "whether it happens is open": (
        "France/NNP/2/nsubj asked/VBD/0/root/ask whether/IN/5/advmod Russia/NNP/5/nsubj attacked/VBD/2/ccomp/attack "
        "Ukraine/NNP/5/obj ././2/punct",
        ["ASSAULT - 190 RUS>UKR hypothetical"],
    ),
    "a day of long ago before 'when'": (
        "France/NNP/2/nsubj recalled/VBD/0/root/recall 1989/CD/2/obj ,/,/7/punct when/WRB/7/advmod China/NNP/7/nsubj "
        "attacked/VBD/2/ccomp/attack Vietnam/NNP/7/obj ././2/punct",
        ["ASSAULT - 190 CHN>VNM historical"],
    ),
    "refusing one thing and denying another are two acts": (
        "China/NNP/2/nsubj refused/VBD/0/root/refuse talks/NNS/2/obj/talk and/CC/5/cc "
        "denied/VBD/2/conj/deny it/PRP/5/obj "
        "././2/punct",
        ["REJECT * * CHN> asserted", "=2"],
    ),
    "an object behind the second of joined verbs is its own": (
        "Israel/NNP/2/nsubj arrested/VBD/0/root/arrest Iran/NNP/7/nmod:poss 's/POS/3/case envoy/NN/2/obj and/CC/7/cc "
        "attacked/VBD/2/conj/attack Syria/NNP/2/obj ././2/punct",
        ["ASSAULT - 190 ISR>SYR asserted"],
    ),
    "two parties' exercise is COOPERATE": (
        "China/NNP/4/nsubj and/CC/3/cc Russia/NNP/1/conj extended/VBD/0/root/extend the/DT/6/det exercise/NN/4/obj "
        "././4/punct",
        ["COOPERATE - * CHN,RUS> asserted", "-MOBILIZE"],
    ),
    "to take somebody's side": (
        "Russia/NNP/2/nsubj took/VBD/0/root/take Serbia/NNP/5/nmod:poss 's/POS/3/case side/NN/2/obj ././2/punct",
        ["SUPPORT - 051 RUS>SRB asserted"],
    ),
    "done without is not refused": (
        "France/NNP/2/nsubj stopped/VBD/0/root/stop short/RB/2/advmod of/IN/5/case "
        "sanctions/NNS/2/obl/sanction ././2/punct",
        ["=0"],
    ),
    "troops sent to a place are not sent against it": (
        "France/NNP/2/nsubj sent/VBD/0/root/send troops/NNS/2/obj/troop to/IN/5/case Kosovo/NNP/2/obl ././2/punct",
        ["MOBILIZE troops 154 FRA> asserted"],
    ),
    "a bare noun tied as a clause is the object": (
        "France/NNP/2/nsubj condemned/VBD/0/root/condemn Iran/NNP/5/nmod:poss 's/POS/3/case "
        "violations/NNS/2/ccomp/violation ././2/punct",
        ["ACCUSE disapprove 111 FRA>IRN asserted"],
    ),
    "a boycott announced is THREATEN": (
        "Russia/NNP/3/nsubj will/MD/3/aux boycott/VB/0/root/boycott the/DT/5/det vote/NN/3/obj ././3/punct",
        ["THREATEN restrict 13* RUS>* asserted"],
    ),
    "who agrees to strike threatens nobody": (
        "Russia/NNP/2/nsubj agreed/VBD/0/root/agree to/TO/4/mark strike/VB/2/xcomp/strike Iran/NNP/4/obj ././2/punct",
        ["AGREE - 030 RUS>IRN asserted"],
    ),
    "rounds of exercises are exercises": (
        "Russia/NNP/4/nsubj and/CC/3/cc China/NNP/1/conj began/VBD/0/root/begin a/DT/6/det round/NN/4/obj of/IN/8/case "
        "exercises/NNS/6/nmod/exercise ././4/punct",
        ["COOPERATE - 062 RUS,CHN> asserted"],
    ),
    "states that nobody names act": (
        "Arab/JJ/2/amod states/NNS/3/nsubj/state condemned/VBD/0/root/condemn Iran/NNP/3/obj ././3/punct",
        ["ACCUSE disapprove 111 nom:*>IRN asserted"],
    ),
    "a preposition behind its noun is not the noun's": (
        "France/NNP/2/nsubj condemned/VBD/0/root/condemn Iranian/JJ/4/amod attacks/NNS/2/obj/attack on/IN/4/case "
        "Israel/NNP/2/obl ././2/punct",
        ["ACCUSE disapprove 111 FRA>IRN asserted"],
    ),
}


def silent(questions: Sequence[Marked]) -> list[dict[str, float]]:
    return [{} for _ in questions]


Code = Callable[..., tuple[tuple[Event, ...], tuple[Note, ...]]]
Parse = Callable[[str], Parsed]


@pytest.fixture
def code(parse: Parse) -> Code:
    def run(
        written: str, relations: Relations = silent, statements: tuple[Statement, ...] = ()
    ) -> tuple[tuple[Event, ...], tuple[Note, ...]]:
        parsed = parse(written)
        events, notes = find_events(parsed, find_cast(parsed, Atlas.load()), statements, relations)
        assert all(not set(event.actors) & set(event.recipients) for event in events)
        return events, notes

    return run


@pytest.mark.parametrize(("written", "expected"), CASES.values(), ids=list(CASES))
def test_sentences(code: Code, written: str, expected: list[str]) -> None:
    events, notes = code(written)
    for line in expected:
        assert _holds(line, events, notes), (line, events, notes)


def _holds(line: str, events: tuple[Event, ...], notes: tuple[Note, ...]) -> bool:
    if line.startswith("note: "):
        return any(note.why.startswith(line.removeprefix("note: ")) for note in notes)
    if line.startswith("-"):
        return all(event.event != line[1:] for event in events)
    if line.startswith("="):
        return len(events) == int(line[1:])
    return any(_is(line, event) for event in events)


def _is(line: str, event: Event) -> bool:
    kind, modes, cameo, parties, status = line.split()
    actors, recipients = parties.split(">")
    seen = (
        (kind, event.event),
        (modes, ",".join(event.modes) or "-"),
        (cameo, event.cameo),
        (actors, ",".join(event.actors)),
        (recipients, ",".join(event.recipients)),
        (status, event.status),
    )
    return all(_fits(wanted, got) for wanted, got in seen)


def _fits(wanted: str, got: str) -> bool:
    return wanted.strip("*") in got if "*" in wanted else wanted == got


UNKNOWN = "Russia/NNP/2/nsubj sabotaged/VBD/0/root/sabotage Ukraine/NNP/2/obj ././2/punct"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"ASSAULT": 0.97, "ACCUSE": 0.03}, "ASSAULT - 190 RUS>UKR asserted"),
        ({"YIELD": 0.97}, "CONCEDE - 080 RUS>UKR asserted"),
        ({"ASSAULT": 0.45, "ACCUSE": 0.4}, "=0"),
    ],
)
def test_the_model_decides_where_the_lexicon_is_silent(code: Code, answer: dict[str, float], expected: str) -> None:
    events, notes = code(UNKNOWN, lambda questions: [answer for _ in questions])
    assert _holds(expected, events, notes)
    assert all("model: " in event.why for event in events)
    assert events or any("model unsure" in note.why for note in notes)


def test_a_negated_verb_that_the_model_calls_a_refusal_is_one(code: Code) -> None:
    refused = "Russia/NNP/3/nsubj not/RB/3/advmod sabotaged/VBD/0/root/sabotage Ukraine/NNP/3/obj ././3/punct"
    events, notes = code(refused, lambda questions: [{"REJECT": 0.97} for _ in questions])
    assert _holds("REJECT - 120 RUS>UKR asserted", events, notes)


def test_the_model_sees_the_two_parties_marked(code: Code) -> None:
    seen: list[Marked] = []

    def relations(questions: Sequence[Marked]) -> list[dict[str, float]]:
        seen.extend(questions)
        return [{"ACCUSE": 0.9} for _ in questions]

    events, _ = code(CASES["active"][0], relations)
    asked = [(marked.actor.of(marked.text), marked.recipient.of(marked.text)) for marked in seen]
    assert asked == [("Russia", "Ukraine")]
    assert events[0].confidence > code(CASES["active"][0], lambda qs: [{"ACCUSE": 0.1} for _ in qs])[0][0].confidence


ROW = (
    "The/DT/2/det row/NN/0/root of/IN/4/case Russia/NNP/2/nmod with/IN/6/case Ukraine/NNP/2/nmod "
    "deepened/VBD/2/dep/deepen ././2/punct"
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"ACCUSE": 0.6, NOTHING: 0.1}, "ACCUSE - 110 RUS>UKR asserted"),
        ({"ACCUSE": 0.4, NOTHING: 0.1}, "=0"),
        ({NOTHING: 0.9}, "=0"),
    ],
)
def test_the_model_is_asked_about_any_two_parties(code: Code, answer: dict[str, float], expected: str) -> None:
    def relations(questions: Sequence[Marked]) -> list[dict[str, float]]:
        return [answer if one.actor.start < one.recipient.start else {NOTHING: 1.0} for one in questions]

    events, notes = code(ROW, relations)
    assert _holds(expected, events, notes)
    assert all(event.why.startswith("model: ") for event in events)


@pytest.mark.parametrize(("share", "recipients"), [(0.9, ("UKR",)), (0.5, ())])
def test_the_model_completes_an_act_of_one_party(
    code: Code, parse: Parse, share: float, recipients: tuple[str, ...]
) -> None:
    written = (
        "Russia/NNP/2/nsubj mobilized/VBD/0/root/mobilize its/PRP$/4/nmod:poss troops/NNS/2/obj/troop "
        "before/IN/6/case Ukraine/NNP/2/obl ././2/punct"
    )
    events, _ = code(written, lambda questions: [{"MOBILIZE": share} for _ in questions])
    assert [(event.event, event.recipients) for event in events] == [("MOBILIZE", recipients)]
    article_id = parse(written).article.id
    assert [event.id for event in events] == [event_id(article_id, events[0].trigger, "MOBILIZE", ("RUS",), recipients)]


def test_an_event_is_linked_with_the_statement_that_performs_or_reports_it(code: Code, parse: Parse) -> None:
    written = CASES["active"][0]
    text = parse(written).article.text
    cue = text.index("accused")
    performed = Statement("s1", 0, "indirect", ("RUS",), (), (), Span(cue, cue + 7), (Span(cue + 8, len(text)),))
    events, _ = code(written, silent, (performed,))
    assert [event.statement_id for event in events] == ["s1"]
    reported = Statement("s2", 0, "indirect", ("CHN",), (), (), None, (Span(0, len(text)),))
    events, _ = code(written, silent, (reported,))
    assert [event.statement_id for event in events] == ["s2"]


def test_a_forecast_by_another_is_no_promise(code: Code, parse: Parse) -> None:
    written = CASES["a blow announced is THREATEN"][0]
    text = parse(written).article.text
    forecast = Statement("s1", 0, "indirect", ("USA",), (), (), None, (Span(0, len(text)),))
    events, _ = code(written, silent, (forecast,))
    assert [(event.event, event.status) for event in events] == [("ASSAULT", "future")]


def test_first_person_in_a_quote_is_the_speaker(code: Code, parse: Parse) -> None:
    written = "We/PRP/2/nsubj condemn/VBP/0/root Iran/NNP/2/obj ././2/punct"
    quote = Statement("s1", 0, "direct", ("FRA",), (), (), None, (Span(0, len(parse(written).article.text)),))
    events, _ = code(written, silent, (quote,))
    assert [event.actors for event in events] == [("FRA",)]


def test_the_same_text_gives_the_same_ids(code: Code) -> None:
    first, second = code(CASES["active"][0])[0], code(CASES["active"][0])[0]
    assert [event.id for event in first] == [event.id for event in second]


def test_every_sentence_without_an_event_has_a_note(parse: Parse) -> None:
    written = " | ".join(case[0] for case in CASES.values())
    parsed = parse(written)
    events, notes = find_events(parsed, find_cast(parsed, Atlas.load()), (), silent)
    told = {event.sentence for event in events} | {note.sentence for note in notes}
    assert told == {sentence.index for sentence in parsed.sentences}


def test_a_sentence_of_thousands_of_joined_verbs_neither_recurses_nor_hangs(parse: Parse) -> None:
    chain = [f"attacked/VBN/{place}/conj/attack" for place in range(2, 3000)]
    parsed = parse(" ".join(["Iran/NNP/2/nsubj", "attacked/VBD/0/root/attack", *chain]))
    events, notes = find_events(parsed, find_cast(parsed, Atlas.load()), (), silent)
    assert len(events) <= 1 < len(notes)
