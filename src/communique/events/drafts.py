"""From the parse to drafts of events: frames that fit, with parties that make an event of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from communique import codebook
from communique.events.coding import Coding
from communique.events.lexicon import Words
from communique.events.match import Match, Matcher
from communique.events.parties import Parties, is_verbal
from communique.events.roles import Roles
from communique.events.status import StatusFinder
from communique.events.syntax import Tree
from communique.model import Note, Status

#: Warnings: a threat only where the danger is the warner's own deed.
WARNING_TYPES, CAUTIONING = frozenset(["THREATEN"]), frozenset(["warn", "warning", "caution"])
#: What may keep a frame from being an event though the model can still tell one.
NO_ACTOR, NO_RECIPIENT = "without an actor that is an entity", "needs a recipient"
COMPLETED_BY_MODEL = frozenset([NO_ACTOR, NO_RECIPIENT])
#: Where the blow stands that people died of.
WITHIN = frozenset(["in", "during", "by", "from"])
#: Acts that say what they are about: a verb in their content tells no second event.
SPEAKING_TYPES = frozenset(["AGREE", "REJECT", "THREATEN", "CONCEDE", "ACCUSE"])
#: Types whose gerund behind one of these words is a charge, not a second event ("accused of shelling").
CHARGE_TYPES = frozenset(["ACCUSE"])
CHARGE_MARKS = frozenset(["of", "for", "with"])
#: Relations that lead from a word inside such content up to the word that the act has taken.
CONTENT_RELATIONS = frozenset(["acl", "xcomp", "obj", "nmod", "conj"])
#: Types that are told without their actor where the passive leaves it out ("were arrested"), and protests as nouns.
ACTORLESS_TYPES, ACTORLESS_NOUNS = frozenset(["ASSAULT", "COERCE"]), frozenset(["PROTEST"])
NOBODY_NAMED = frozenset(["whoever", "somebody", "someone"])
#: Beside a verb: "stopped short of sanctions" tells none.
FALLING_SHORT = "short"
#: Symmetric types that PLOVER wants a recipient for: they need two parties.
TWO_PARTY_TYPES = frozenset(found.name for found in codebook.types() if found.recipient_required)
#: Types whose words also tell games and markets.
CONTEST_TYPES = frozenset(
    ["ASSAULT", "RETREAT", "CONCEDE", "MOBILIZE", "CONSULT", "SUPPORT", "AGREE", "THREATEN", "COOPERATE"]
)
#: Words of games in one sentence, and in the whole article, from which it is about a game.
SPORT_IN_SENTENCE, SPORT_IN_ARTICLE = 2, 6
#: Types that talking to the press is not.
MEETING_TYPES = frozenset(["CONSULT"])
#: Types that the questions of the press are not.
ASKING_TYPES = frozenset(["REQUEST"])


class Draft(msgspec.Struct, frozen=True):
    """An event before the model has been asked: the frames that fit, and everything that the sentence tells."""

    matches: tuple[Match, ...]
    status: Status
    sentence: int


class Drafts:
    """The drafts of one article; ``notes`` tells of the words of the lexicon that made none."""

    def __init__(
        self,
        tree: Tree,
        words: Words,
        roles: Roles,
        matcher: Matcher,
        status: StatusFinder,
        coding: Coding,
        parties: Parties,
    ) -> None:
        self._tree, self._words, self._roles, self._matcher = tree, words, roles, matcher
        self._status, self._coding, self._parties = status, coding, parties
        self._sport = self._count_sport(range(len(tree.parsed.tokens))) >= SPORT_IN_ARTICLE
        self._taken: dict[int, Match] = {}
        self._coded: dict[int, Match] = {}
        self._refused: set[int] = set()
        self.notes: list[Note] = []

    def all(self) -> list[Draft]:
        """Return the drafts: those of verbs, then those of nouns that no verb has taken."""
        return [*self._drafts(nouns=False), *self._drafts(nouns=True)]

    def unknown(self) -> Iterator[tuple[int, int]]:
        """Yield sentence and verb where no frame takes a finite verb; to be called after ``all``."""
        silent = self._words.status["silent_verbs"]
        for sentence in self._tree.parsed.sentences:
            for verb in range(sentence.first, sentence.last):
                if self._matcher.part(verb) != "verb" or verb in self._coded or not self._tree.is_finite(verb):
                    continue
                if self._tree.lemma(verb) in silent or verb in self._refused or self.taker(verb) is not None:
                    continue
                if self._tree.has_child(verb, FALLING_SHORT):
                    continue
                yield sentence.index, verb

    def _drafts(self, *, nouns: bool) -> Iterator[Draft]:
        for sentence in self._tree.parsed.sentences:
            for index in range(sentence.first, sentence.last):
                if self._tree.is_noun(index) != nouns or not self._matcher.known(index):
                    continue
                draft = self._draft(index, sentence.index)
                if draft is not None:
                    yield draft

    def _draft(self, index: int, sentence: int) -> Draft | None:
        word = self._tree.lemma(index)
        taker = self.taker(index)
        if taker is not None:
            self.leave(index, sentence, f"{word}: told by {self._tree.lemma(taker.trigger)}")
            return None
        found = self._matcher.best(index)
        if not found:
            if not self._words.is_a(word, "verbs_of_saying"):
                self.leave(index, sentence, f"{word}: in the lexicon, but no frame fits")
            return None
        found = tuple(self._placed(match) for match in found)
        usable = [(match, self._lacks(match, sentence)) for match in found]
        matches = tuple(match for match, lack in usable if lack is None)
        if not matches:
            self.leave(index, sentence, f"{word}: {found[0].frame.event} {usable[0][1]}")
            if usable[0][1] not in COMPLETED_BY_MODEL:
                self._refused.add(index)
            return None
        first = matches[0]
        if self._is_result(first):
            self.leave(index, sentence, f"{word}: the outcome of {self._tree.lemma(self._tree.token(index).head)}")
            return None
        self._coded[index] = first
        noun = first.frame.part == "noun"
        status = self._status.of_noun(index, first.verb) if noun else self._status.of_verb(index)
        for head in (*first.taken, *self._charges(first)):
            for other in (head, *self._tree.children(head, "conj")):
                self._taken.setdefault(other, first)
        return Draft(matches, status, sentence)

    def _is_result(self, match: Match) -> bool:
        """Say whether a participle tells only what came of an act of its own type ("struck a school, killing ten")."""
        token = self._tree.token(match.trigger)
        participle = token.relation == "advcl" and token.tag == "VBG"
        told = self._coded.get(token.head)
        if not participle or told is None or told.frame.event != match.frame.event:
            return False
        return match.frame.event in ACTORLESS_TYPES and (bool(told.recipients) or not match.recipients)

    def _placed(self, match: Match) -> Match:
        """Return a match whose recipients are not merely "people" or "somebody", where the country is plain.

        Vague recipients give way to the country of the place told in the clause; verbal acts go without them.
        """
        if not match.recipients and codebook.requires_recipient(match.frame.event) and not match.frame.symmetric:
            if shared := self._shared(match):
                return msgspec.structs.replace(match, recipients=shared)
            place = tuple(found for found in self._scene(match.trigger) if found not in match.actors)
            return msgspec.structs.replace(match, recipients=place)
        vague = (self._parties.is_vague(party) or self._parties.is_nobody(party) for party in match.recipients)
        if match.frame.symmetric or not all(vague):
            return match
        material = not is_verbal(match.frame.event)
        if not material and any(self._parties.is_nobody(party) for party in match.recipients):
            match = msgspec.structs.replace(match, recipients=())
        place = self._scene(match.trigger) if match.frame.event in ACTORLESS_TYPES else ()
        place = tuple(found for found in place if found not in match.actors)
        if place:
            return msgspec.structs.replace(match, recipients=place)
        return match if material else msgspec.structs.replace(match, recipients=())

    def _shared(self, match: Match) -> tuple[str, ...]:
        """Return upon whom the verb bears that this is joined to: "expelled envoys of Iran and recalled its own"."""
        first = self._tree.first_of_joined(match.verb)
        told = self._coded.get(first) if first != match.verb else None
        alike = told is not None and set(told.actors) == set(match.actors)
        return told.recipients if told is not None and alike and told.frame.event == match.frame.event else ()

    def _scene(self, trigger: int) -> tuple[str, ...]:
        """Return the state where an act takes place: told in its clause, or in the one that it is joined to."""
        joined = self._tree.relation(trigger) == "conj"
        return self._roles.scene(trigger) or (self._roles.scene(self._tree.token(trigger).head) if joined else ())

    def _charges(self, match: Match) -> tuple[int, ...]:
        """Return the clauses that say what somebody is accused of."""
        tree = self._tree
        clauses = tree.children(match.trigger, "advcl", "xcomp") if match.frame.event in CHARGE_TYPES else ()
        return tuple(
            clause
            for clause in clauses
            if any(tree.lemma(mark) in CHARGE_MARKS for mark in tree.children(clause, "mark", "case"))
        )

    def taker(self, index: int) -> Match | None:
        """Return the act that a word belongs to: as its argument, or by standing in what it speaks of."""
        taker = self._taken.get(index)
        if taker is not None and (self._tree.is_noun(index) or taker.frame.event in SPEAKING_TYPES):
            return taker
        current = index
        while self._tree.relation(current) in CONTENT_RELATIONS and self._tree.head(current) is not None:
            current = self._tree.token(current).head
            taker = self._taken.get(current)
            if taker is not None and taker.frame.event in SPEAKING_TYPES:
                return taker
        return None

    def _lacks(self, match: Match, sentence: int) -> str | None:
        """Return what keeps a match that fits from being an event, None when nothing does."""
        frame = match.frame
        if not match.actors and not self._goes_without(match):
            return NO_ACTOR
        if codebook.requires_recipient(self._coding.final_type(match)) and not match.recipients and not frame.symmetric:
            return NO_RECIPIENT
        if frame.event in TWO_PARTY_TYPES and frame.symmetric and len(match.actors) == 1:
            return "needs a second party"
        if frame.symmetric and frame.part == "noun" and match.verb == match.trigger and len(match.actors) == 1:
            return "needs a second party"
        if (
            frame.event in ASKING_TYPES
            and match.actors
            and all(self._parties.is_press(party) for party in match.actors)
        ):
            return "of the press"
        if frame.event in MEETING_TYPES and any(
            self._parties.is_press(party) for party in (*match.actors, *match.recipients)
        ):
            return "with the press"
        if self.is_game(frame.event, sentence, (*match.actors, *match.recipients)):
            return "in talk of a game"
        if frame.event in WARNING_TYPES and frame.lemma in CAUTIONING and self._is_caution(match):
            return "a caution, not a threat"
        if self._is_of_nature(match):
            return "by a force of nature"
        political = any(self._parties.is_political(one, frame.event) for one in (*match.actors, *match.recipients))
        if not political and not self._is_told_on(match):
            return "among parties without country or office"
        return None

    def _is_told_on(self, match: Match) -> bool:
        """Say whether a blow was told before that this is more of: "The bombing killed 30", "30 died in the strike"."""
        if match.frame.part != "verb" or all(one.frame.event != match.frame.event for one in self._coded.values()):
            return False
        subject = self._tree.subject(match.trigger)
        nouns = [noun for word, noun in self._tree.obliques(match.trigger) if word in WITHIN]
        return any(self._tree.points_back(noun) for noun in (*nouns, *([] if subject is None else [subject])))

    def _goes_without(self, match: Match) -> bool:
        """Say whether an act stands without its actor: a passive of force, protests as a noun; somebody bears it."""
        frame = match.frame
        if frame.part == "noun":
            return frame.event in ACTORLESS_NOUNS and bool(match.recipients)
        subject = self._tree.subject(match.trigger)
        passive = self._tree.is_passive(match.trigger) and self._matcher.agentless(match.trigger)
        nobody = subject is not None and (self._tree.lemma(subject) in NOBODY_NAMED or self._tree.points_back(subject))
        return (passive or nobody) and frame.event in ACTORLESS_TYPES and bool(match.recipients)

    def leave(self, index: int, sentence: int, why: str) -> None:
        """Note why a word tells no event."""
        self.notes.append(Note(sentence, self._tree.token(index).span, why))

    def _count_sport(self, tokens: range) -> int:
        return len({self._tree.lemma(index) for index in tokens} & self._words.trivia["sport"])

    def is_game(self, event: str, sentence: int, parties: Sequence[str]) -> bool:
        """Say whether a sentence tells of a game: by its words, fewer where none but whole states play."""
        if event not in CONTEST_TYPES:
            return False
        found = self._tree.parsed.sentences[sentence]
        tokens = range(found.first, found.last)
        if self._sport or self._count_sport(tokens) >= SPORT_IN_SENTENCE:
            return True
        teams = all(self._parties.is_team(party) for party in parties)
        return teams and any(self._tree.lemma(index) in self._words.trivia["play"] for index in tokens)

    def _is_caution(self, match: Match) -> bool:
        """Say whether a warning tells of what others, or things, would do: no threat of the one who warns."""
        tree = self._tree
        ours = {self._parties.country(party) for party in match.actors} - {None}
        for clause in tree.complements(match.trigger):
            subjects = tree.children(clause, "nsubj", "nsubj:pass")
            doers = [party for subject in subjects for party in self._roles.actor(subject)]
            if subjects:
                return not any(party in match.actors or self._parties.country(party) in ours for party in doers)
        neutral = all(self._parties.is_neutral(party) for party in match.actors)
        return bool(match.actors) and neutral

    def _is_of_nature(self, match: Match) -> bool:
        """Say whether no party does it but weather or the earth: "Typhoon Haiyan struck the Philippines"."""
        doer = self._matcher.doer(match.verb) if match.frame.part == "verb" else None
        words = {self._tree.lemma(index) for index in (doer, *self._tree.children(doer))} if doer is not None else set()
        return bool(words & self._words.trivia["nature"])
