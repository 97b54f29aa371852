"""From a frame that fits to PLOVER's type and modes and CAMEO's code, its matter and its time taken into account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from communique import codebook
from communique.events.lexicon import Matter, Words
from communique.events.match import Match
from communique.events.parties import Parties
from communique.events.status import StatusFinder
from communique.events.syntax import Tree
from communique.model import Span, Statement, Status

#: What a future act of the type is coded as (PLOVER manual), with the CAMEO code of promising it.
FUTURE_TYPES: Mapping[str, tuple[str, str]] = {
    "CONSULT": ("AGREE", "036"),
    "SUPPORT": ("AGREE", "032"),
    "COOPERATE": ("AGREE", "031"),
    "AID": ("AGREE", "033"),
    "AGREE": ("AGREE", "030"),
    "RETREAT": ("CONCEDE", "035"),
    "CONCEDE": ("CONCEDE", "035"),
    "PROTEST": ("THREATEN", "133"),
    "SANCTION": ("THREATEN", "131"),
    "COERCE": ("THREATEN", "132"),
    "MOBILIZE": ("THREATEN", "138"),
    "ASSAULT": ("THREATEN", "138"),
}
#: What "will not" of the type refuses: the mode of REJECT.
REFUSALS: Mapping[str, str] = {
    "AID": "assist",
    "COOPERATE": "assist",
    "SUPPORT": "assist",
    "CONSULT": "meet",
    "RETREAT": "yield",
    "CONCEDE": "yield",
    "AGREE": "yield",
}
#: The type that says no itself.
REFUSING = "REJECT"
#: The mode of THREATEN that a future act of the type or mode stands for.
THREAT_MODES: Mapping[str, str] = {
    "ASSAULT": "violence",
    "MOBILIZE": "violence",
    "arrest": "arrest",
    "deport": "expel",
    "expel": "expel",
    "discontinue": "restrict",
    "withdraw": "relations",
    "seize": "territory",
    "boycott": "restrict",
    "strike": "restrict",
    "restrict": "restrict",
    "curfew": "restrict",
    "martial-law": "restrict",
}
#: Words that threaten nobody, whatever is agreed or offered.
WILLING_WORDS = frozenset("agree consent accept offer volunteer ready willing prepared".split())
#: What several parties hold together is COOPERATE, where one party alone would MOBILIZE.
JOINT_ACTS, JOINT_WORDS = {"MOBILIZE": ("COOPERATE", "062")}, "exercise"
#: Types whose mode the instrument tells, and the words before an instrument.
MEANS_TYPES = frozenset(["ASSAULT"])
MEANS_WORDS = frozenset(["with", "by", "in", "using"])
#: CAMEO roots of an appeal and a demand: both are REQUEST, with the same endings.
ROOT_LENGTH = 2


class Code(msgspec.Struct, frozen=True):
    """PLOVER's type and modes and CAMEO's code."""

    event: str
    modes: tuple[str, ...]
    cameo: str


def plain(event: str, modes: tuple[str, ...] = ()) -> Code:
    """Return the code of a type of which nothing more is known than its modes.

    >>> plain("REJECT", ("meet",)).event
    'REJECT'
    """
    return Code(event, modes, codebook.cameo(event, modes) if modes else codebook.cameo(event))


def code(match: Match) -> Code:
    """Return what a match is coded as, the matter of the act taken into account."""
    frame, matter = match.frame, match.matter
    if matter is None:
        return Code(frame.event, frame.modes, frame.cameo)
    if frame.event == "THREATEN":
        return _threat(matter)
    if frame.event == "AGREE":
        event = matter.pledge or "AGREE"
        if event == "THREATEN" and frame.lemma in WILLING_WORDS:
            return Code("AGREE", (), frame.cameo)
        if event == "THREATEN":
            return _threat(matter)
        return Code(event, (), _with_ending("03", matter.endings.get("AGREE"), frame.cameo))
    mode = (matter.mode,) if matter.mode else ()
    return Code(
        frame.event, mode, _with_ending(frame.cameo[:ROOT_LENGTH], matter.endings.get(frame.event), frame.cameo)
    )


def promised(found: Code) -> Code:
    """Return what a future act is coded as: a promise, a concession announced, or a threat.

    >>> promised(plain("SANCTION")).event, promised(plain("AID")).cameo
    ('THREATEN', '033')
    """
    event, general = FUTURE_TYPES[found.event]
    if event == found.event:
        return msgspec.structs.replace(found, modes=())
    mode = next((THREAT_MODES[word] for word in (found.event, *found.modes) if word in THREAT_MODES), None)
    if event != "THREATEN" or mode is None:
        return Code(event, (), general)
    return plain(event, (mode,))


def _threat(matter: Matter) -> Code:
    modes = (matter.threat,) if matter.threat else ()
    return Code("THREATEN", modes, codebook.cameo("THREATEN", modes))


def _with_ending(root: str, ending: str | None, general: str) -> str:
    return root + ending if ending else general


class Coding:
    """Codes the matches of one article."""

    def __init__(
        self, tree: Tree, words: Words, status: StatusFinder, parties: Parties, statements: Sequence[Statement]
    ) -> None:
        self._tree, self._words, self._status = tree, words, status
        self._parties, self._statements = parties, statements

    def coded(self, match: Match, status: Status) -> tuple[Code, Status]:
        """Return code and status: joint acts, weapons, refusals and promises have codes of their own."""
        found = code(match)
        if found.event in JOINT_ACTS and self._is_joint(match):
            event, cameo = JOINT_ACTS[found.event]
            found = Code(event, (), cameo)
        if found.event in MEANS_TYPES and not found.modes and (modes := self._means(match)):
            found = plain(found.event, modes)
        if status == "negated" and found.event == REFUSING and match.frame.is_negative:
            return found, "asserted"
        if status == "negated" and found.event in REFUSALS and self._is_refused(match):
            return plain("REJECT", (REFUSALS[found.event],)), "asserted"
        if status == "future" and self._is_undertaken(found.event, match):
            return promised(found), "asserted"
        return found, status

    def final_type(self, match: Match) -> str:
        """Return the type that the match comes out as: a willed future act is a promise."""
        event = match.frame.event
        verb = match.frame.part == "verb" and self._status.of_verb(match.trigger) == "future"
        return FUTURE_TYPES[event][0] if verb and self._is_undertaken(event, match) else event

    def statement(self, trigger: Span) -> str | None:
        """Return the statement that performs the event, else the innermost one that reports it."""
        for statement in self._statements:
            if statement.cue is not None and statement.cue.overlaps(trigger):
                return statement.id
        around = [
            (content.end - content.start, statement.id)
            for statement in self._statements
            for content in statement.content
            if content.covers(trigger)
        ]
        return min(around)[1] if around else None

    def _is_joint(self, match: Match) -> bool:
        """Say whether several parties hold an exercise."""
        wholes = [noun for index in match.taken for word, noun in self._tree.obliques(index) if word == "of"]
        words = (self._tree.lemma(index) for index in (match.trigger, *match.taken, *wholes))
        return len(match.actors) > 1 and any(self._words.is_a(word, JOINT_WORDS) for word in words)

    def _is_undertaken(self, event: str, match: Match) -> bool:
        """Say whether a future act is the actors' own promise, or, said with 'will', their threat."""
        future = FUTURE_TYPES.get(event, (None, ""))[0]
        if future is None or self._foretold_by_another(match):
            return False
        return future != "THREATEN" or self._status.is_willed(match.verb)

    def _is_refused(self, match: Match) -> bool:
        """Say whether the actors themselves will not do it."""
        return self._status.is_unwilling(match.verb) and not self._foretold_by_another(match)

    def _foretold_by_another(self, match: Match) -> bool:
        """Say whether somebody else says that the actors will do it: a forecast, neither promise nor threat."""
        statement_id = self.statement(self._tree.token(match.trigger).span)
        speakers = next((found.speakers for found in self._statements if found.id == statement_id), ())
        countries = self._parties.countries(match.actors)
        speakers = tuple(speaker for speaker in speakers if not self._parties.is_press(speaker))
        ours = any(speaker in match.actors or self._parties.country(speaker) in countries for speaker in speakers)
        return bool(speakers) and not ours

    def _means(self, match: Match) -> tuple[str, ...]:
        """Return the mode that the instrument tells: beside the noun, as subject, or behind 'with'."""
        tree = self._tree
        heads = [match.trigger] if match.frame.part == "noun" else []
        heads += [noun for word, noun in tree.obliques(match.trigger) if word in MEANS_WORDS]
        heads += [head for head in match.taken if tree.is_noun(head) and head != match.recipient_head]
        subject = tree.subject(match.trigger) if match.frame.part == "verb" else None
        heads += [] if subject is None else [subject]
        lemmas = {tree.lemma(index) for head in heads for index in (head, *tree.children(head, "compound", "amod"))}
        found = [mode for mode, words in self._words.means.items() if words & lemmas]
        return tuple(found[:1])
