"""From the parse to the events of an article."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from communique import codebook
from communique.actors import Cast
from communique.events import confidence
from communique.events.confidence import Evidence
from communique.events.lexicon import Lexicon, Matter, Words
from communique.events.match import Match, Matcher
from communique.events.roles import Roles
from communique.events.setting import contexts_by_sentence
from communique.events.status import StatusFinder
from communique.events.syntax import Tree
from communique.events.when import TimeFinder
from communique.events.where import PlaceFinder
from communique.language import NOTHING, Marked
from communique.model import ID_LENGTH, Event, Note, Parsed, Span, Statement, Status, content_id

Relations = Callable[[Sequence[Marked]], list[dict[str, float]]]

#: A model's type for a verb that the lexicon does not have is taken from this probability on (docs/decisions/0005).
MODEL_THRESHOLD = 0.5
#: Warnings: a threat only where the danger is the warner's own deed; bodies whose warnings are advice.
WARNING_TYPES, CAUTIONING = frozenset(["THREATEN"]), frozenset(["warn", "warning", "caution"])
NEUTRAL_SECTORS = frozenset(["UNO", "NGO", "MED", "IGO"])
#: From this probability of nothing on, the model overrules the lexicon.
VETO = 0.9
#: What may keep a frame from being an event though the model can still tell one.
NO_ACTOR, NO_RECIPIENT = "without an actor that is an entity", "needs a recipient"
COMPLETED_BY_MODEL = frozenset([NO_ACTOR, NO_RECIPIENT])
#: Prepositions behind which stands whom a verb bears on that the lexicon does not have.
BEARING_WORDS = frozenset("to on with against for from into at over toward towards of".split())
#: The relation model has one label for CONCEDE and RETREAT.
MODEL_LABELS: Mapping[str, str] = {"CONCEDE": "YIELD", "RETREAT": "YIELD"}
TYPES_OF_LABEL: Mapping[str, str] = {"YIELD": "CONCEDE"}
#: What a future act of the type is coded as (PLOVER manual), with the CAMEO code of promising it.
FUTURE_TYPES: Mapping[str, tuple[str, str]] = {
    "CONSULT": ("AGREE", "036"),
    "SUPPORT": ("AGREE", "032"),
    "COOPERATE": ("AGREE", "031"),
    "AID": ("AGREE", "033"),
    "AGREE": ("AGREE", "030"),
    "RETREAT": ("CONCEDE", "035"),
    "CONCEDE": ("CONCEDE", "035"),
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
}
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
    "restrict": "restrict",
    "curfew": "restrict",
    "martial-law": "restrict",
}
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
#: What several parties hold together is COOPERATE, where one party alone would MOBILIZE.
JOINT_ACTS, JOINT_WORDS = {"MOBILIZE": ("COOPERATE", "062")}, "exercise"
#: Symmetric types that PLOVER wants a recipient for: they need two parties.
TWO_PARTY_TYPES = frozenset(found.name for found in codebook.types() if found.recipient_required)
#: Types whose words also tell games and markets.
CONTEST_TYPES = frozenset(
    ["ASSAULT", "RETREAT", "CONCEDE", "MOBILIZE", "CONSULT", "SUPPORT", "AGREE", "THREATEN", "COOPERATE"]
)
#: Words of games in one sentence, and in the whole article, from which it is about a game.
SPORT_IN_SENTENCE, SPORT_IN_ARTICLE = 2, 6
#: Kinds of those whom teams are called after: between them one plain word of play is enough.
TEAM_KINDS = frozenset(["state", "population"])
#: Types whose mode the instrument tells, and the words before an instrument.
MEANS_TYPES = frozenset(["ASSAULT"])
MEANS_WORDS = frozenset(["with", "by", "in", "using"])
#: Sectors that make a nameless party without a country a political one.
POLITICAL_SECTORS = frozenset(
    [
        "GOV",
        "MIL",
        "JUD",
        "LEG",
        "COP",
        "SPY",
        "PTY",
        "OPP",
        "REB",
        "UAF",
        "LAB",
        "PRM",
        "REF",
        "IGO",
        "UNO",
        "EUR",
        "NGO",
        "ISM",
        "IMG",
    ]
)
#: Types that talking to the press is not.
MEETING_TYPES, PRESS = frozenset(["CONSULT"]), "JRN"
#: Types that the questions of the press are not.
ASKING_TYPES = frozenset(["REQUEST"])
#: Those whose words alone are an event.
SPEAKING_SECTORS = frozenset(["GOV", "MIL", "JUD", "LEG", "PTY", "OPP", "REB", "UAF", "IGO", "UNO", "EUR", "LAB"])
VERBAL = "verbal"
#: Sectors of organisations whose doings are business or news, unless a political party is on the other side.
PRIVATE_SECTORS = frozenset(["AGR", "BUS", "EDU", "JRN", "MED", "MNC"])
NAMELESS_PREFIX = "nom:"
#: Sectors that tell nothing about a party whose country is unknown.
UNIDENTIFIED = "UNK"
VAGUE_SECTORS = frozenset(["CVL", UNIDENTIFIED])
#: The id of somebody whom the atlas does not have.
UNKNOWN_ID = re.compile(rf"[a-z]+:[0-9a-f]{{{ID_LENGTH}}}")
#: CAMEO roots of an appeal and a demand: both are REQUEST, with the same endings.
ROOT_LENGTH = 2


class Draft(msgspec.Struct, frozen=True):
    """An event before the model has been asked: the frames that fit, and everything that the sentence tells."""

    matches: tuple[Match, ...]
    status: Status
    sentence: int


def find_events(
    parsed: Parsed, cast: Cast, statements: Sequence[Statement], relations: Relations
) -> tuple[tuple[Event, ...], tuple[Note, ...]]:
    """Return the events of an article, and for each sentence without one the reason.

    1. frames are fitted to verbs, then to nouns that no verb has taken; 2. the status is read; 3. the model is asked
    about every pair of actor and recipient at once, and about verbs that the lexicon does not have; 4. events are made,
    the same act told twice in a sentence once; 5. sentences left without an event get a note.
    """
    return _Finder(parsed, cast, statements, relations).run()


class _Finder:
    def __init__(self, parsed: Parsed, cast: Cast, statements: Sequence[Statement], relations: Relations) -> None:
        self._parsed, self._cast, self._statements, self._relations = parsed, cast, statements, relations
        self._entities = {entity.id: entity for entity in cast.entities}
        self._words = Words.load()
        self._tree = Tree(parsed, self._words)
        self._roles = Roles(self._tree, cast, statements)
        self._matcher = Matcher(self._tree, self._roles, Lexicon.load(), self._words)
        self._status = StatusFinder(self._tree, self._words, parsed.article.published)
        self._times, self._places = TimeFinder(self._tree), PlaceFinder(self._tree, cast)
        self._sport = self._count_sport(range(len(parsed.tokens))) >= SPORT_IN_ARTICLE
        self._contexts = contexts_by_sentence(self._tree, self._words)
        self._notes: list[Note] = []
        self._taken: dict[int, Match] = {}
        self._coded: dict[int, Match] = {}
        self._refused: set[int] = set()

    def run(self) -> tuple[tuple[Event, ...], tuple[Note, ...]]:
        drafts = [*self._drafts(nouns=False), *self._drafts(nouns=True)]
        unknown = list(self._unknown({draft.matches[0].trigger for draft in drafts}))
        answers = self._ask(drafts, unknown)
        drafts = [draft for draft in drafts if not self._is_vetoed(draft, answers)]
        events = [self._event(draft, answers) for draft in drafts]
        pairs = {(event.sentence, one, two) for event in events for one in event.actors for two in event.recipients}
        events += self._by_model(unknown, answers, pairs)
        kept = tuple(self._once(sorted(events, key=lambda event: (event.sentence, event.trigger))))
        return kept, tuple(self._all_notes(kept))

    # -- 1, 2: frames and status ---------------------------------------------------------------------

    def _drafts(self, *, nouns: bool) -> Iterator[Draft]:
        for sentence in self._parsed.sentences:
            for index in range(sentence.first, sentence.last):
                if self._tree.is_noun(index) != nouns or not self._matcher.known(index):
                    continue
                draft = self._draft(index, sentence.index)
                if draft is not None:
                    yield draft

    def _draft(self, index: int, sentence: int) -> Draft | None:
        word = self._tree.lemma(index)
        taker = self._taker(index)
        if taker is not None:
            self._leave(index, sentence, f"{word}: told by {self._tree.lemma(taker.trigger)}")
            return None
        found = self._matcher.best(index)
        if not found:
            if not self._words.is_a(word, "verbs_of_saying"):
                self._leave(index, sentence, f"{word}: in the lexicon, but no frame fits")
            return None
        found = tuple(self._placed(match) for match in found)
        usable = [(match, self._lacks(match, sentence)) for match in found]
        matches = tuple(match for match, lack in usable if lack is None)
        if not matches:
            self._leave(index, sentence, f"{word}: {found[0].frame.event} {usable[0][1]}")
            if usable[0][1] not in COMPLETED_BY_MODEL:
                self._refused.add(index)
            return None
        first = matches[0]
        if self._is_result(first):
            self._leave(index, sentence, f"{word}: the outcome of {self._tree.lemma(self._tree.token(index).head)}")
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
            place = tuple(found for found in self._scene(match.trigger) if found not in match.actors)
            return msgspec.structs.replace(match, recipients=place)
        vague = (self._is_vague(party) or self._is_nobody(party) for party in match.recipients)
        if match.frame.symmetric or not all(vague):
            return match
        material = not codebook.quad(match.frame.event).startswith(VERBAL)
        if not material and any(self._is_nobody(party) for party in match.recipients):
            match = msgspec.structs.replace(match, recipients=())
        place = self._scene(match.trigger) if match.frame.event in ACTORLESS_TYPES else ()
        place = tuple(found for found in place if found not in match.actors)
        if place:
            return msgspec.structs.replace(match, recipients=place)
        return match if material else msgspec.structs.replace(match, recipients=())

    def _scene(self, trigger: int) -> tuple[str, ...]:
        """Return the state where an act takes place: told in its clause, or in the one that it is joined to."""
        joined = self._tree.relation(trigger) == "conj"
        return self._roles.scene(trigger) or (self._roles.scene(self._tree.token(trigger).head) if joined else ())

    def _is_vague(self, party: str) -> bool:
        entity = self._entities.get(party)
        if entity is None or entity.country is not None or not party.startswith(NAMELESS_PREFIX):
            return False
        return set(entity.sectors) <= VAGUE_SECTORS

    def _is_nobody(self, party: str) -> bool:
        entity = self._entities.get(party)
        return entity is not None and party.startswith(NAMELESS_PREFIX) and set(entity.sectors) == {UNIDENTIFIED}

    def _charges(self, match: Match) -> tuple[int, ...]:
        """Return the clauses that say what somebody is accused of."""
        tree = self._tree
        clauses = tree.children(match.trigger, "advcl", "xcomp") if match.frame.event in CHARGE_TYPES else ()
        return tuple(
            clause
            for clause in clauses
            if any(tree.lemma(mark) in CHARGE_MARKS for mark in tree.children(clause, "mark", "case"))
        )

    def _taker(self, index: int) -> Match | None:
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
        if codebook.requires_recipient(self._final_type(match)) and not match.recipients and not frame.symmetric:
            return NO_RECIPIENT
        if frame.event in TWO_PARTY_TYPES and frame.symmetric and len(match.actors) == 1:
            return "needs a second party"
        if frame.symmetric and frame.part == "noun" and match.verb == match.trigger and len(match.actors) == 1:
            return "needs a second party"
        if frame.event in ASKING_TYPES and match.actors and all(self._is_press(party) for party in match.actors):
            return "of the press"
        if frame.event in MEETING_TYPES and any(self._is_press(party) for party in (*match.actors, *match.recipients)):
            return "with the press"
        if self._is_game(frame.event, sentence, (*match.actors, *match.recipients)):
            return "in talk of a game"
        if frame.event in WARNING_TYPES and frame.lemma in CAUTIONING and self._is_caution(match):
            return "a caution, not a threat"
        if self._is_of_nature(match):
            return "by a force of nature"
        if not any(self._is_political(party, frame.event) for party in (*match.actors, *match.recipients)):
            return "among parties without country or office"
        return None

    def _goes_without(self, match: Match) -> bool:
        """Say whether an act stands without its actor: a passive of force, protests as a noun; somebody bears it."""
        frame = match.frame
        if frame.part == "noun":
            return frame.event in ACTORLESS_NOUNS and bool(match.recipients)
        subject = self._tree.subject(match.trigger)
        passive = self._tree.is_passive(match.trigger) and self._matcher.agentless(match.trigger)
        nobody = subject is not None and self._tree.lemma(subject) in NOBODY_NAMED
        return (passive or nobody) and frame.event in ACTORLESS_TYPES and bool(match.recipients)

    def _leave(self, index: int, sentence: int, why: str) -> None:
        self._notes.append(Note(sentence, self._tree.token(index).span, why))

    def _final_type(self, match: Match) -> str:
        """Return the type that the match comes out as: a willed future act is a promise."""
        event = match.frame.event
        verb = match.frame.part == "verb" and self._status.of_verb(match.trigger) == "future"
        return FUTURE_TYPES[event][0] if verb and self._is_undertaken(event, match) else event

    def _is_press(self, party: str) -> bool:
        entity = self._entities.get(party)
        return entity is not None and PRESS in entity.sectors

    def _is_political(self, party: str, event: str) -> bool:
        entity = self._entities.get(party)
        if entity is None:
            return True
        if entity.kind == "organisation" and entity.sectors and set(entity.sectors) <= PRIVATE_SECTORS:
            return False
        named = not party.startswith(NAMELESS_PREFIX) and UNKNOWN_ID.fullmatch(party) is None
        if named or entity.country is not None:
            return True
        wanted = SPEAKING_SECTORS if codebook.quad(event).startswith(VERBAL) else POLITICAL_SECTORS
        return bool(wanted & set(entity.sectors))

    def _count_sport(self, tokens: range) -> int:
        return len({self._tree.lemma(index) for index in tokens} & self._words.trivia["sport"])

    def _is_game(self, event: str, sentence: int, parties: Sequence[str]) -> bool:
        """Say whether a sentence tells of a game: by its words, fewer where none but whole states play."""
        if event not in CONTEST_TYPES:
            return False
        found = self._parsed.sentences[sentence]
        tokens = range(found.first, found.last)
        if self._sport or self._count_sport(tokens) >= SPORT_IN_SENTENCE:
            return True
        teams = all(self._entities[party].kind in TEAM_KINDS for party in parties)
        return teams and any(self._tree.lemma(index) in self._words.trivia["play"] for index in tokens)

    def _is_caution(self, match: Match) -> bool:
        """Say whether a warning tells of what others, or things, would do: no threat of the one who warns."""
        tree = self._tree
        ours = {self._country(party) for party in match.actors} - {None}
        for clause in tree.complements(match.trigger):
            subjects = tree.children(clause, "nsubj", "nsubj:pass")
            doers = [party for subject in subjects for party in self._roles.actor(subject)]
            if subjects:
                return not any(party in match.actors or self._country(party) in ours for party in doers)
        neutral = all(NEUTRAL_SECTORS.intersection(self._entities[party].sectors) for party in match.actors)
        return bool(match.actors) and neutral

    def _is_of_nature(self, match: Match) -> bool:
        """Say whether no party does it but weather or the earth: "Typhoon Haiyan struck the Philippines"."""
        doer = self._matcher.doer(match.verb) if match.frame.part == "verb" else None
        words = {self._tree.lemma(index) for index in (doer, *self._tree.children(doer))} if doer is not None else set()
        return bool(words & self._words.trivia["nature"])

    # -- 3: the model --------------------------------------------------------------------------------

    def _unknown(self, coded: set[int]) -> Iterator[tuple[int, int, int, int]]:
        """Yield sentence, verb, doer and other where a verb that no frame takes stands between two entities.

        The other is the first that names somebody else: the object, or what stands behind a preposition beside the
        verb or its object.
        """
        silent = self._words.status["silent_verbs"]
        for sentence in self._parsed.sentences:
            for verb in range(sentence.first, sentence.last):
                if self._matcher.part(verb) != "verb" or verb in coded or self._tree.lemma(verb) in silent:
                    continue
                if not self._tree.is_finite(verb):
                    continue
                if self._taker(verb) is not None or verb in self._refused:
                    continue
                doer = self._matcher.doer(verb)
                actors = self._roles.actor(doer) if doer is not None else ()
                if doer is None or not actors or not self._in_sentence(doer, sentence.index):
                    continue
                for other in self._others(verb):
                    found = self._roles.recipient(other)
                    if found and not set(found) & set(actors) and self._in_sentence(other, sentence.index):
                        yield sentence.index, verb, doer, other
                        break

    def _others(self, verb: int) -> Iterator[int]:
        """Yield the phrases that can tell whom a verb bears on, the likeliest first."""
        tree = self._tree
        objects = [head for head in (*tree.indirect_objects(verb), *tree.objects(verb)) if tree.subject(verb) != head
                   or tree.is_passive(verb)]  # fmt: skip
        yield from objects
        for head in (verb, *objects):
            yield from (noun for word, noun in tree.obliques(head) if word in BEARING_WORDS)
        for clause in tree.complements(verb):
            yield from tree.objects(clause) if tree.is_infinitive(clause) else ()

    def _in_sentence(self, index: int, sentence: int) -> bool:
        found = self._parsed.sentences[sentence]
        return found.first <= index < found.last

    def _marked(self, sentence: int, actor: int | None, recipient: int | None) -> Marked | None:
        if actor is None or recipient is None:
            return None
        around = self._parsed.sentences[sentence].span
        spans = [self._tree.phrase(actor), self._tree.phrase(recipient)]
        if spans[0].overlaps(spans[1]) or not all(around.covers(span) for span in spans):
            return None
        first, second = (Span(span.start - around.start, span.end - around.start) for span in spans)
        return Marked(around.of(self._parsed.article.text), first, second)

    def _ask(self, drafts: list[Draft], unknown: list[tuple[int, int, int, int]]) -> dict[int, dict[str, float]]:
        """Ask the model about all pairs in one go; the answers are keyed by trigger."""
        questions: dict[int, Marked] = {}
        for draft in drafts:
            match = draft.matches[0]
            marked = self._marked(draft.sentence, match.actor_head, match.recipient_head)
            if marked is not None:
                questions[match.trigger] = marked
        for sentence, verb, subject, other in unknown:
            marked = self._marked(sentence, subject, other)
            if marked is not None:
                questions[verb] = marked
        if not questions:
            return {}
        return dict(zip(questions, self._relations(list(questions.values())), strict=True))

    # -- 4: events -----------------------------------------------------------------------------------

    def _is_vetoed(self, draft: Draft, answers: Mapping[int, dict[str, float]]) -> bool:
        """Say whether the model is sure that nothing happens between the two whom a frame of deeds has found.

        Words of deeds are those of games and figures of speech; words of speech are seldom anything else.
        """
        trigger = draft.matches[0].trigger
        if codebook.quad(draft.matches[0].frame.event).startswith(VERBAL):
            return False
        nothing = answers.get(trigger, {}).get(NOTHING, 0.0)
        if nothing < VETO:
            return False
        word = self._tree.lemma(trigger)
        self._leave(trigger, draft.sentence, f"{word}: {draft.matches[0].frame.event}, but nothing to the model")
        return True

    def _event(self, draft: Draft, answers: Mapping[int, dict[str, float]]) -> Event:
        answer = answers.get(draft.matches[0].trigger)
        match = draft.matches[0]
        if answer is not None:
            match = max(draft.matches, key=lambda found: answer.get(_label(found.frame.event), 0.0))
        event, modes, cameo = _code(match)
        if event in JOINT_ACTS and self._is_joint(match):
            (event, cameo), modes = JOINT_ACTS[event], ()
        if event in MEANS_TYPES and not modes:
            modes = self._means(match)
            cameo = codebook.cameo(event, modes) if modes else cameo
        status = draft.status
        if status == "negated" and event in REFUSALS and self._is_refused(match):
            event, modes = "REJECT", (REFUSALS[event],)
            cameo, status = codebook.cameo(event, modes), "asserted"
        if status == "future" and self._is_undertaken(event, match):
            event, modes, cameo = _promised(event, modes, cameo)
            status = "asserted"
        why = f"lexicon: {event} {match.frame.line}"
        if len(draft.matches) > 1 and answer is not None:
            why += f"; model chose among {', '.join(found.frame.event for found in draft.matches)}"
        agreed = None if answer is None else answer.get(_label(event), 0.0)
        nothing = None if answer is None else answer.get(NOTHING, 0.0)
        if agreed is not None:
            why += f"; model: {agreed:.2f}"
        verbal = codebook.quad(event).startswith(VERBAL)
        evidence = Evidence(True, agreed, nothing, match.frame.weight, bool(match.recipients), verbal)
        code = (event, modes, cameo)
        return self._make(code, match.actors, match.recipients, match.trigger, draft.sentence, status, evidence, why)

    def _is_joint(self, match: Match) -> bool:
        """Say whether several parties hold an exercise."""
        words = (self._tree.lemma(index) for index in (match.trigger, *match.taken))
        return len(match.actors) > 1 and any(self._words.is_a(word, JOINT_WORDS) for word in words)

    def _is_undertaken(self, event: str, match: Match) -> bool:
        """Say whether a future act is the actors' own promise, or, said with 'will', their threat."""
        promised = FUTURE_TYPES.get(event, (None, ""))[0]
        if promised is None or self._foretold_by_another(match):
            return False
        return promised != "THREATEN" or self._status.is_willed(match.verb)

    def _is_refused(self, match: Match) -> bool:
        """Say whether the actors themselves will not do it."""
        return self._status.is_willed(match.verb) and not self._foretold_by_another(match)

    def _foretold_by_another(self, match: Match) -> bool:
        """Say whether somebody else says that the actors will do it: a forecast, neither promise nor threat."""
        statement_id = self._statement(self._tree.token(match.trigger).span)
        speakers = next((found.speakers for found in self._statements if found.id == statement_id), ())
        countries = {self._country(party) for party in match.actors} - {None}
        speakers = tuple(speaker for speaker in speakers if not self._is_press(speaker))
        ours = any(speaker in match.actors or self._country(speaker) in countries for speaker in speakers)
        return bool(speakers) and not ours

    def _country(self, party: str) -> str | None:
        entity = self._entities.get(party)
        return None if entity is None else entity.country

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

    def _by_model(
        self,
        unknown: list[tuple[int, int, int, int]],
        answers: Mapping[int, dict[str, float]],
        pairs: set[tuple[int, str, str]],
    ) -> Iterator[Event]:
        for sentence, verb, subject, other in unknown:
            answer = answers.get(verb)
            if not answer:
                continue
            label, probability = max(answer.items(), key=lambda item: item[1])
            if label == NOTHING:
                self._leave(verb, sentence, f"{self._tree.lemma(verb)}: not in the lexicon, nothing to the model")
                continue
            actors = self._roles.actor(subject)
            recipients = tuple(found for found in self._roles.recipient(other) if found not in actors)
            if any((sentence, actor, recipient) in pairs for actor in actors for recipient in recipients):
                continue
            event = TYPES_OF_LABEL.get(label, label)
            word = self._tree.lemma(verb)
            if probability < MODEL_THRESHOLD or self._is_game(event, sentence, (*actors, *recipients)):
                self._leave(verb, sentence, f"{word}: not in the lexicon, model unsure ({label} {probability:.2f})")
                continue
            status = self._status.of_verb(verb)
            if event == "REJECT" and status == "negated":
                status = "asserted"  # "will not accept": the type itself says no
            why = f"model: {event} {probability:.2f} for {word}"
            code = (event, (), codebook.cameo(event))
            verbal = codebook.quad(event).startswith(VERBAL)
            evidence = Evidence(False, probability, answer.get(NOTHING, 0.0), 0, bool(recipients), verbal)
            yield self._make(code, actors, recipients, verb, sentence, status, evidence, why)

    def _make(
        self,
        code: tuple[str, tuple[str, ...], str],
        actors: tuple[str, ...],
        recipients: tuple[str, ...],
        trigger: int,
        sentence: int,
        status: Status,
        evidence: Evidence,
        why: str,
    ) -> Event:
        event, modes, cameo = code
        span = self._tree.token(trigger).span
        moment = self._times.moment(trigger, ahead=self._status.is_ahead(trigger))
        return Event(
            id=content_id(self._parsed.article.id, span.start, span.end, event, ",".join(actors), ",".join(recipients)),
            sentence=sentence,
            event=event,
            modes=modes,
            contexts=self._contexts[sentence],
            cameo=cameo,
            score=codebook.score(event, modes),
            quad=codebook.quad(event),
            actors=actors,
            recipients=recipients,
            trigger=span,
            status=status,
            statement_id=self._statement(span),
            date=moment.date,
            date_precision=moment.precision,
            place=self._places.place(trigger, event, modes),
            confidence=round(confidence.estimate(evidence), 4),
            why=why,
        )

    def _statement(self, trigger: Span) -> str | None:
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

    def _once(self, events: list[Event]) -> Iterator[Event]:
        """Yield each act once: of two in a sentence with one type and compatible parties the fuller one."""
        kept: list[Event] = []
        for event in events:
            same = (
                place for place, other in enumerate(kept) if _same_act(event, other) and not self._are_two(event, other)
            )
            twin = next(same, None)
            if twin is None:
                kept.append(event)
            elif _fullness(event) > _fullness(kept[twin]):
                kept[twin] = event
        yield from kept

    def _are_two(self, event: Event, other: Event) -> bool:
        """Say whether two verbs with words of their own tell the acts: refusing this and denying that are two."""
        verbs = [self._verb_at(one.trigger) for one in (event, other)]
        if verbs[0] is None or verbs[1] is None or event.event not in SPEAKING_TYPES:
            return False
        return self._tree.lemma(verbs[0]) != self._tree.lemma(verbs[1])

    def _verb_at(self, span: Span) -> int | None:
        found = next((i for i, token in enumerate(self._parsed.tokens) if token.span == span), None)
        return found if found is not None and self._tree.is_verb(found) else None

    # -- 5: notes ------------------------------------------------------------------------------------

    def _all_notes(self, events: Sequence[Event]) -> Iterator[Note]:
        coded = {event.sentence for event in events}
        noted = {note.sentence for note in self._notes}
        for sentence in self._parsed.sentences:
            if sentence.index not in coded | noted:
                yield Note(sentence.index, sentence.span, "no word of the lexicon in the sentence")
        yield from sorted(self._notes, key=lambda note: (note.sentence, note.span))


def _promised(event: str, modes: tuple[str, ...], cameo: str) -> tuple[str, tuple[str, ...], str]:
    """Return what a future act is coded as: a promise, a concession announced, or a threat."""
    promised, general = FUTURE_TYPES[event]
    if promised == event:
        return event, (), cameo
    mode = next((THREAT_MODES[word] for word in (event, *modes) if word in THREAT_MODES), None)
    if promised != "THREATEN" or mode is None:
        return promised, (), general
    return promised, (mode,), codebook.cameo(promised, (mode,))


def _label(event: str) -> str:
    return MODEL_LABELS.get(event, event)


def _code(match: Match) -> tuple[str, tuple[str, ...], str]:
    """Return type, modes and CAMEO code of a match, the matter of the act taken into account."""
    frame, matter = match.frame, match.matter
    if matter is None:
        return frame.event, frame.modes, frame.cameo
    if frame.event == "AGREE":
        event = matter.pledge or "AGREE"
        if event == "THREATEN":
            return _threat(matter)
        return event, (), _with_ending("03", matter.endings.get("AGREE"), frame.cameo)
    if frame.event == "THREATEN":
        return _threat(matter)
    mode = (matter.mode,) if matter.mode else ()
    return frame.event, mode, _with_ending(frame.cameo[:ROOT_LENGTH], matter.endings.get(frame.event), frame.cameo)


def _threat(matter: Matter) -> tuple[str, tuple[str, ...], str]:
    modes = (matter.threat,) if matter.threat else ()
    return "THREATEN", modes, codebook.cameo("THREATEN", modes)


def _with_ending(root: str, ending: str | None, general: str) -> str:
    return root + ending if ending else general


def _same_act(event: Event, other: Event) -> bool:
    if (event.sentence, event.event) != (other.sentence, other.event) or event.trigger == other.trigger:
        return event.trigger == other.trigger
    actors = set(event.actors) <= set(other.actors) or set(other.actors) <= set(event.actors)
    recipients = set(event.recipients) <= set(other.recipients) or set(other.recipients) <= set(event.recipients)
    return actors and recipients


def _fullness(event: Event) -> tuple[bool, int, int]:
    return event.status == "asserted", len(event.recipients), len(event.actors)
