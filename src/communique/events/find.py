"""From the parse to the events of an article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import msgspec

from communique import codebook
from communique.actors import Cast
from communique.events import confidence
from communique.events.coding import REFUSING, Code, Coding, plain
from communique.events.confidence import Evidence
from communique.events.drafts import SPEAKING_TYPES, Draft, Drafts
from communique.events.lexicon import Lexicon, Words
from communique.events.match import Matcher
from communique.events.merging import event_id, told_once, with_parties
from communique.events.pairs import Answer, Pair, Pairs, Relations
from communique.events.parties import Parties, is_verbal
from communique.events.roles import Roles
from communique.events.setting import contexts_by_sentence
from communique.events.status import StatusFinder
from communique.events.syntax import Tree
from communique.events.tolls import HARMING_TYPES, NO_TOLL, TollFinder
from communique.events.when import TimeFinder
from communique.events.where import PlaceFinder
from communique.language import NOTHING, Marked
from communique.model import Event, Note, Parsed, Span, Statement, Status

#: From this probability on the model's type is taken (docs/decisions/0005): for a verb that the lexicon does not have,
#: for two parties of a sentence that tells nothing else, and of one that does; and for whom a frame's act bears on.
OF_VERB, OF_SILENT_SENTENCE, OF_TELLING_SENTENCE, OF_FRAME = 0.6, 0.6, 0.95, 0.6
#: The same for a verb that has but one party.
OF_MATTER = 0.85
#: Types whose other party the model may tell. What words of blame, praise and demand are about is seldom their party.
COMPLETED_TYPES = frozenset(
    "AGREE CONSULT COOPERATE AID CONCEDE RETREAT SANCTION PROTEST MOBILIZE COERCE ASSAULT".split()
)
#: From this probability of nothing on, the model overrules the lexicon.
VETO = 0.9
#: The relation model has one label for CONCEDE and RETREAT.
MODEL_LABELS: Mapping[str, str] = {"CONCEDE": "YIELD", "RETREAT": "YIELD"}
YIELDING, RETREATING = "YIELD", "RETREAT"
TYPES_OF_LABEL: Mapping[str, str] = {YIELDING: "CONCEDE"}
#: Classes of words, one of which tells that something yielded is a retreat, no concession.
YIELDED = ("troops", "captives", "ceasefire", "territory", "arms", "yielding")

Answers = Mapping[Marked, Answer]


def find_events(
    parsed: Parsed, cast: Cast, statements: Sequence[Statement], relations: Relations
) -> tuple[tuple[Event, ...], tuple[Note, ...]]:
    """Return the events of an article, and for each sentence without one the reason.

    1. frames are fitted to verbs, then to nouns that no verb has taken, and the status is read; 2. the model is asked
    at once about actor and recipient of every frame, about verbs that the lexicon does not have, and about any two
    parties of a sentence; 3. events are made, the same act told twice in a sentence once; 4. sentences left without
    an event get a note.
    """
    return _Finder(parsed, cast, statements, relations).run()


class _Finder:
    def __init__(self, parsed: Parsed, cast: Cast, statements: Sequence[Statement], relations: Relations) -> None:
        self._parsed, self._relations = parsed, relations
        self._words = words = Words.load()
        self._tree = Tree(parsed, words)
        roles, self._parties = Roles(self._tree, cast, statements), Parties(cast.entities)
        matcher = Matcher(self._tree, roles, Lexicon.load(), words)
        self._status = StatusFinder(self._tree, words, parsed.article.published)
        self._coding = Coding(self._tree, words, self._status, self._parties, statements)
        self._drafts = Drafts(self._tree, words, roles, matcher, self._status, self._coding, self._parties)
        self._pairs = Pairs(self._tree, roles, self._parties)
        self._doer = matcher.doer
        self._times, self._places = TimeFinder(self._tree), PlaceFinder(self._tree, cast)
        self._tolls, self._at = TollFinder(self._tree), {token.span.start: i for i, token in enumerate(parsed.tokens)}
        self._contexts = contexts_by_sentence(self._tree, words)

    def run(self) -> tuple[tuple[Event, ...], tuple[Note, ...]]:
        drafts = self._drafts.all()
        marked = [self._marked(draft) for draft in drafts]
        firsts = {
            sentence.index: pair
            for sentence in self._parsed.sentences
            if (pair := self._pairs.first(sentence.index)) is not None
        }
        told = {draft.sentence for draft, one in zip(drafts, marked, strict=True) if one is not None}
        unknown = list(self._unknown(firsts.keys() | told))
        answers = self._ask([*marked, *(pair.marked for pair in (*unknown, *firsts.values()))])
        answered = [(draft, None if one is None else answers[one]) for draft, one in zip(drafts, marked, strict=True)]
        events = [
            self._completed(self._event(draft, answer), draft, firsts.get(draft.sentence), answers)
            for draft, answer in answered
            if not self._is_vetoed(draft, answer)
        ]
        events += self._by_verbs(unknown, answers, events)
        events += self._by_parties(firsts.values(), answers, events)
        kept = list(self._once(sorted(events, key=lambda event: (event.sentence, event.trigger))))
        found = told_once(self._with_tolls(kept), self._tree, self._parties)
        return found, tuple(self._all_notes(kept))

    def _unknown(self, asked: Set[int]) -> Iterator[Pair]:
        """Yield the verbs that no frame takes, with their parties; with one where the sentence is asked about anyway.

        The model reads a sentence once for all the questions about it, which is most of what they cost.
        """
        for sentence, verb in self._drafts.unknown():
            pair = self._pairs.of_verb(sentence, verb, self._doer(verb))
            if pair is not None and (pair.recipients or sentence in asked):
                yield pair

    # -- 2: the model --------------------------------------------------------------------------------

    def _ask(self, marked: Iterable[Marked | None]) -> Answers:
        """Ask the model everything in one go, each question once."""
        questions = list(dict.fromkeys(question for question in marked if question is not None))
        return dict(zip(questions, self._relations(questions), strict=True)) if questions else {}

    def _marked(self, draft: Draft) -> Marked | None:
        match = draft.matches[0]
        return self._pairs.marked(draft.sentence, match.actor_head, match.recipient_head)

    def _is_vetoed(self, draft: Draft, answer: Answer | None) -> bool:
        """Say whether the model is sure that nothing happens between the two whom a frame of deeds has found.

        Words of deeds are those of games and figures of speech; words of speech are seldom anything else.
        """
        match = draft.matches[0]
        if is_verbal(match.frame.event) or answer is None or answer.get(NOTHING, 0.0) < VETO:
            return False
        why = f"{self._tree.lemma(match.trigger)}: {match.frame.event}, but nothing to the model"
        self._drafts.leave(match.trigger, draft.sentence, why)
        return True

    # -- 3: events -----------------------------------------------------------------------------------

    def _event(self, draft: Draft, answer: Answer | None) -> Event:
        match = draft.matches[0]
        if answer is not None:
            match = max(draft.matches, key=lambda found: answer.get(_label(found.frame.event), 0.0))
        code, status = self._coding.coded(match, draft.status)
        why = f"lexicon: {code.event} {match.frame.line}"
        if len(draft.matches) > 1 and answer is not None:
            why += f"; model chose among {', '.join(found.frame.event for found in draft.matches)}"
        agreed = None if answer is None else answer.get(_label(code.event), 0.0)
        nothing = None if answer is None else answer.get(NOTHING, 0.0)
        if agreed is not None:
            why += f"; model: {agreed:.2f}"
        evidence = Evidence(True, agreed, nothing, match.frame.weight, bool(match.recipients), is_verbal(code.event))
        return self._make(code, match.actors, match.recipients, match.trigger, draft.sentence, status, evidence, why)

    def _completed(self, event: Event, draft: Draft, pair: Pair | None, answers: Answers) -> Event:
        """Return an event of one party with the other of its sentence's first pair, where the model is sure of it."""
        match = draft.matches[0]
        if event.event not in COMPLETED_TYPES or event.recipients or len(event.actors) != 1:
            return event
        agreed = 0.0 if pair is None else answers[pair.marked].get(_label(event.event), 0.0)
        fits = (
            pair is not None
            and set(pair.actors) & set(event.actors)
            and agreed >= OF_FRAME
            and any(self._parties.is_identified(party) for party in pair.recipients)
            and self._pairs.is_within(pair, match.trigger)
        )
        if pair is None or not fits:
            return event
        added = tuple(party for party in pair.recipients if party not in event.actors)
        event = msgspec.structs.replace(event, why=f"{event.why}; the other party by the model: {agreed:.2f}")
        if match.frame.symmetric:
            return with_parties(self._parsed.article.id, event, (*event.actors, *added), event.recipients)
        return with_parties(self._parsed.article.id, event, event.actors, added)

    def _by_verbs(self, pairs: Sequence[Pair], answers: Answers, events: Sequence[Event]) -> Iterator[Event]:
        """Yield what the model tells of verbs that the lexicon does not have."""
        told = {(event.sentence, one, two) for event in events for one in event.actors for two in event.recipients}
        for pair in pairs:
            label, probability = _best(answers[pair.marked])
            word = self._tree.lemma(pair.trigger)
            if label == NOTHING:
                why = f"{word}: not in the lexicon, nothing to the model"
            elif (
                _tells_of(events, pair, _type(label))
                or told.intersection(_triples(pair))
                or not (pair.recipients or self._stands_alone(pair, label, events))
            ):
                continue
            elif probability < (OF_VERB if pair.recipients else OF_MATTER) or self._is_game(pair, label):
                why = f"{word}: not in the lexicon, model unsure ({label} {probability:.2f})"
            else:
                yield self._by_model(pair, answers)
                continue
            self._drafts.leave(pair.trigger, pair.sentence, why)

    def _stands_alone(self, pair: Pair, label: str, events: Sequence[Event]) -> bool:
        """Say whether an act of one party can be told without another, and has not been told of it."""
        kind = _type(label)
        told = (event for event in events if event.sentence == pair.sentence and event.event == kind)
        again = any(set(event.actors) & set(pair.actors) for event in told)
        return not again and not codebook.requires_recipient(kind)

    def _by_parties(self, pairs: Iterable[Pair], answers: Answers, events: Sequence[Event]) -> Iterator[Event]:
        """Yield what the model is sure of between two parties of a sentence of whom no event tells yet."""
        telling = {event.sentence for event in events if event.status == "asserted"}
        together = {
            (event.sentence, one, two)
            for event in events
            if event.status == "asserted"
            for one in (*event.actors, *event.recipients)
            for two in (*event.actors, *event.recipients)
        }
        for pair in pairs:
            label, probability = _best(answers[pair.marked])
            wanted = OF_TELLING_SENTENCE if pair.sentence in telling else OF_SILENT_SENTENCE
            if label == NOTHING or probability < wanted or self._is_game(pair, label):
                continue
            if _tells_of(events, pair, _type(label)) or together.intersection(_triples(pair)):
                continue
            if self._is_politics(pair, label):
                yield self._by_model(pair, answers)

    def _is_game(self, pair: Pair, label: str) -> bool:
        return self._drafts.is_game(_type(label), pair.sentence, (*pair.actors, *pair.recipients))

    def _is_politics(self, pair: Pair, label: str) -> bool:
        return any(self._parties.is_political(party, _type(label)) for party in (*pair.actors, *pair.recipients))

    def _by_model(self, pair: Pair, answers: Answers) -> Event:
        answer = answers[pair.marked]
        label, probability = _best(answer)
        event = RETREATING if label == YIELDING and self._is_retreat(pair) else _type(label)
        status = self._status.of_word(pair.trigger)
        if event == REFUSING and status == "negated" and self._is_refusal(pair):
            status = "asserted"
        recipients = tuple(found for found in pair.recipients if found not in pair.actors)
        why = f"model: {event} {probability:.2f} for {self._tree.lemma(pair.trigger)}"
        evidence = Evidence(False, probability, answer.get(NOTHING, 0.0), 0, bool(recipients), is_verbal(event))
        return self._make(plain(event), pair.actors, recipients, pair.trigger, pair.sentence, status, evidence, why)

    def _is_refusal(self, pair: Pair) -> bool:
        """Say whether a negation is a refusal: of one party only where it will not or would not, and without an if."""
        if not pair.recipients:
            return self._status.is_unwilling(pair.trigger)
        return not self._status.is_conditional(pair.trigger)

    def _is_retreat(self, pair: Pair) -> bool:
        """Say whether what is yielded is what PLOVER calls a retreat: troops, captives, land, arms."""
        around = (pair.trigger, pair.bearing, *self._tree.children(pair.trigger), *self._tree.children(pair.bearing))
        lemmas = {self._tree.lemma(index) for index in around}
        return any(self._words.is_a(lemma, name) for lemma in lemmas for name in YIELDED)

    def _make(
        self,
        code: Code,
        actors: tuple[str, ...],
        recipients: tuple[str, ...],
        trigger: int,
        sentence: int,
        status: Status,
        evidence: Evidence,
        why: str,
    ) -> Event:
        span, event = self._tree.token(trigger).span, code.event
        moment = self._times.moment(trigger, ahead=self._status.is_ahead(trigger))
        return Event(
            id=event_id(self._parsed.article.id, span, event, actors, recipients),
            sentence=sentence,
            event=event,
            modes=code.modes,
            contexts=self._contexts[sentence],
            cameo=code.cameo,
            score=codebook.score(event, code.modes),
            quad=codebook.quad(event),
            actors=actors,
            recipients=recipients,
            trigger=span,
            status=status,
            statement_id=self._coding.statement(span),
            date=moment.date,
            date_precision=moment.precision,
            place=self._places.place(trigger, event, code.modes),
            confidence=round(confidence.estimate(evidence), 4),
            why=why,
        )

    def _with_tolls(self, events: Sequence[Event]) -> Iterator[Event]:
        """Yield the events with the numbers of people that their sentences tell."""
        for event in events:
            trigger = self._at[event.trigger.start]
            others = (other for other in events if other.sentence == event.sentence and other.id != event.id)
            rivals = [self._at[other.trigger.start] for other in others if other.event in HARMING_TYPES]
            toll = self._tolls.toll(trigger, event.event, rivals) if event.event in HARMING_TYPES else NO_TOLL
            yield msgspec.structs.replace(event, **msgspec.structs.asdict(toll)) if toll != NO_TOLL else event

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
        found = self._at[span.start]
        return found if self._tree.is_verb(found) else None

    # -- 4: notes ------------------------------------------------------------------------------------

    def _all_notes(self, events: Sequence[Event]) -> Iterator[Note]:
        coded = {event.sentence for event in events}
        noted = {note.sentence for note in self._drafts.notes}
        for sentence in self._parsed.sentences:
            if sentence.index not in coded | noted:
                yield Note(sentence.index, sentence.span, "no word of the lexicon in the sentence")
        yield from sorted(self._drafts.notes, key=lambda note: (note.sentence, note.span))


def _label(event: str) -> str:
    return MODEL_LABELS.get(event, event)


def _type(label: str) -> str:
    return TYPES_OF_LABEL.get(label, label)


def _best(answer: Answer) -> tuple[str, float]:
    """Return the likeliest label and its probability."""
    return max(answer.items(), key=lambda item: item[1], default=(NOTHING, 1.0))


def _triples(pair: Pair) -> Iterator[tuple[int, str, str]]:
    """Yield the sentence with each actor and each recipient."""
    return ((pair.sentence, one, two) for one in pair.actors for two in pair.recipients)


def _tells_of(events: Sequence[Event], pair: Pair, kind: str) -> bool:
    """Say whether the sentence has told such an act already: upon one of the recipients, or by two of the actors."""
    told = (event for event in events if event.sentence == pair.sentence and event.status == "asserted")
    alike = [event for event in told if event.event == kind]
    borne = any(set(event.recipients or event.actors) & set(pair.recipients) for event in alike)
    return borne or any(len(set(event.actors) & set(pair.actors)) > 1 for event in alike)


def _same_act(event: Event, other: Event) -> bool:
    if (event.sentence, event.event) != (other.sentence, other.event) or event.trigger == other.trigger:
        return event.trigger == other.trigger
    actors = set(event.actors) <= set(other.actors) or set(other.actors) <= set(event.actors)
    recipients = set(event.recipients) <= set(other.recipients) or set(other.recipients) <= set(event.recipients)
    return actors and recipients


def _fullness(event: Event) -> tuple[bool, int]:
    return event.status == "asserted", len(event.recipients) + len(event.actors)
