"""Did it happen? Asserted, negated, future, hypothetical or historical, from the clause and what governs it."""

from __future__ import annotations

import re

from communique.events.lexicon import Words
from communique.events.syntax import DEEPEST_CHAIN, Tree
from communique.model import Status

GOVERNED = frozenset(["xcomp", "ccomp", "advcl", "acl", "csubj", "acl:relcl"])
CLAUSE_ENDS = frozenset(["ccomp", "advcl", "acl:relcl", "parataxis"])
#: A year, or a decade, which is past when its last year is.
YEAR = re.compile(r"((?:19|20)\d\d)(s)?")
YEAR_LENGTH, OF_DECADE = 4, 9
#: Forms that put an infinitive in the future, and the word before a clause that leaves its truth open.
SCHEDULING, WHETHER = frozenset(["is", "are", "was", "were"]), "whether"
#: "has yet to".
YET = "yet"
REPEATING = frozenset(["again", "more"])
#: The word that ties a clause to the date right before it, and how many words that date may lie back.
WHEN, DATE_REACH = "when", 3
#: The words behind which a clause tells of the time of the clause above it, or of a time before.
AT_THAT_TIME = frozenset([WHEN, "after", "as", "while", "once"])
#: Words for nobody, determiners for none; what is done "instead of" or "rather than" something leaves that undone.
NOBODY, NO_DETERMINERS = frozenset(["nobody", "none", "nothing", "neither"]), frozenset(["no", "neither"])
SUBSTITUTING, SUBSTITUTED = frozenset(["instead", "rather"]), frozenset(["of", "than"])
#: Tags of the present, in which news tells what is scheduled.
PRESENT = frozenset(["VBZ", "VBP"])
OUGHT = frozenset(["should", "ought"])
#: Prepositions before what has happened, whatever the verb: "called for calm during talks with".
FACTUAL_WORDS = frozenset(["during", "after", "following"])
ERA_WORDS = frozenset(["during", "under", "in", "throughout", "before", "through"])
BACKSHIFTED, CONDITION = frozenset(["would", "'d", "’d"]), "if"
RECENT_UNITS = frozenset("minute hour day night week".split())
#: Before what is not done after all, and before what is done without fail where the clause above is denied.
SHORT, OF, WITHOUT = "short", "of", "without"


class StatusFinder:
    """Reads the status of a verb, or of a noun through its verb."""

    def __init__(self, tree: Tree, words: Words, published: str | None) -> None:
        self._tree, self._words, self._published = tree, words, published

    def of_verb(self, verb: int, depth: int = 0) -> Status:
        """Return the status of what a verb tells.

        1. negation in the clause; 2. auxiliaries; 3. conditions; 4. the governing word; 5. the time told.
        """
        if depth > DEEPEST_CHAIN:
            return "asserted"
        if self._regretted(verb):
            return "asserted"
        if self._negated(verb):
            return "negated"
        return (
            self._by_word_before(verb)
            or self._by_auxiliary(verb)
            or self._by_governor(verb, depth)
            or self._by_time(verb)
            or "asserted"
        )

    def of_word(self, index: int) -> Status:
        """Return the status of what a verb, or any other word, tells."""
        return self.of_verb(index) if self._tree.is_verb(index) else self.of_noun(index, None)

    def of_noun(self, noun: int, verb: int | None) -> Status:
        """Return the status of what a noun tells, standing under ``verb``."""
        if any(self._is(child, "negators") for child in self._tree.children(noun, "det", "advmod")):
            return "negated"
        if any(self._is(child, "hypothetical_adjectives") for child in self._tree.children(noun, "amod")):
            return "hypothetical"
        if verb is not None and verb != noun:
            return self.of_verb(verb)
        head = self._tree.head(noun)
        while head is not None and not self._tree.is_verb(head) and not self._tree.children(head, "cop"):
            head = self._tree.head(head)
        if head is None:
            return self._by_time(noun) or "asserted"
        beside = self._tree.preposition(noun) in FACTUAL_WORDS
        if self._tree.relation(noun) in ("obj", "obl", "nmod") and self._is(head, "nonfactual_objects") and not beside:
            return "hypothetical"
        if self._tree.relation(noun) == "obj" and self._is(head, "negative_governors"):
            return "negated"
        factual = self._tree.relation(noun) not in ("nsubj", "nsubj:pass", "obj")
        return self._by_time(noun) or ("asserted" if factual else self.of_verb(head))

    def _is_reported_future(self, verb: int, auxiliary: int) -> bool:
        """Say whether 'would' is 'will' in reported speech: "announced that it would withdraw"."""
        tree, head = self._tree, self._tree.head(verb)
        if tree.lemma(auxiliary) not in BACKSHIFTED or tree.relation(verb) != "ccomp" or head is None:
            return False
        marks = [mark for child in tree.children(verb, "advcl") for mark in tree.children(child, "mark")]
        conditional = any(self._is(mark, "hypothetical_marks") for mark in marks)
        return not conditional and self._words.is_a(tree.lemma(head), "verbs_of_saying")

    def is_willed(self, verb: int) -> bool:
        """Say whether the verb stands under 'will' or 'shall'."""
        return self._by_auxiliary(verb) == "future"

    def is_unwilling(self, verb: int) -> bool:
        """Say whether a verb that is denied stands under "will", or under "would" without a condition."""
        helping = {self._tree.text(aux) for aux in self._tree.children(verb, "aux")}
        backshifted = bool(helping & BACKSHIFTED) and "have" not in helping
        return self.is_willed(verb) or (backshifted and not self.is_conditional(verb))

    def is_conditional(self, verb: int) -> bool:
        """Say whether a clause with "if" hangs from a verb."""
        tree = self._tree
        clauses = tree.children(verb, "advcl")
        return any(tree.text(mark) == CONDITION for clause in clauses for mark in tree.children(clause, "mark"))

    def is_ahead(self, index: int) -> bool:
        """Say whether an act is told as lying ahead, so that "on Friday" is the next one: "will meet", "meets"."""
        tree = self._tree
        if not tree.is_verb(index):
            head = tree.head(index)
            if head is None or not tree.is_verb(head):
                return False
            scheduled = tree.is_passive(head) and self._is(head, "future_governors")
            return scheduled or self.is_ahead(head)
        if self.of_verb(index) == "historical" or any(tree.lemma(aux) == "have" for aux in tree.children(index, "aux")):
            return False
        bare = tree.token(index).tag in PRESENT and not tree.children(index, "aux")
        to_do = tree.relation(index) == "acl" and any(tree.text(mark) == "to" for mark in tree.children(index))
        return bare or to_do or self.is_willed(index) or self.of_verb(index) in ("future", "hypothetical")

    def _is(self, index: int, name: str) -> bool:
        found = self._words.status[name]
        return self._tree.lemma(index) in found or self._tree.text(index) in found

    def _negated(self, verb: int) -> bool:
        tree = self._tree
        children = tree.children(verb, "advmod", "det", "cc", "cc:preconj", "mark", "aux", "case")
        if any(self._is(child, "negators") and not self._denies_nothing(child, verb) for child in children):
            return True
        if any(tree.text(child) == OF and child and tree.text(child - 1) == SHORT for child in tree.children(verb)):
            return True
        if any(tree.text(child) in SUBSTITUTING and self._follows(child) in SUBSTITUTED for child in children):
            return True
        nouns = tree.children(verb, "nsubj", "nsubj:pass", "obj")
        nouns += tuple(noun for _, noun in tree.obliques(verb) if self._is(noun, "times_of_denial"))
        determiners = [child for noun in nouns for child in tree.children(noun, "det", "cc:preconj", "cc")]
        none = any(tree.text(noun) in NOBODY for noun in nouns)
        return none or any(tree.lemma(child) in NO_DETERMINERS for child in determiners)

    def _denies_nothing(self, negator: int, verb: int) -> bool:
        """Say whether a negator denies nothing: in "not only", in "hardly a night passed without police arresting"."""
        tree, head = self._tree, self._tree.head(verb)
        if tree.text(negator) != WITHOUT or head is None:
            return self._follows(negator) == "only"
        denied = [index for index in tree.below(head) if index < negator and self._is(index, "negators")]
        # only the verb above stands between the two: no other is what is denied
        return any(all(i == head or not tree.is_verb(i) for i in range(index, negator)) for index in denied)

    def _follows(self, index: int) -> str:
        return self._tree.text(index + 1) if index + 1 < len(self._tree.tokens) else ""

    def _regretted(self, verb: int) -> bool:
        """Say whether a deed is told by saying that it should not have been: "should never have invaded"."""
        auxiliaries = {self._tree.lemma(child) for child in self._tree.children(verb, "aux")}
        return bool(auxiliaries & OUGHT) and "have" in auxiliaries and self._negated(verb)

    def _by_word_before(self, verb: int) -> Status | None:
        """Return what the words right before the clause say: "was due to meet", "has yet to meet", "whether he met"."""
        tree = self._tree
        subjects = tree.children(verb, "nsubj", "nsubj:pass")
        start = tree.parsed.article.text[: tree.phrase(subjects[0]).start] if subjects else ""
        if start.split()[-1:] == [WHETHER]:
            return "hypothetical"
        to = verb - 2 if tree.text(verb - 1) == "be" else verb - 1
        if to <= tree.sentence(verb).first or tree.text(to) != "to":
            return None
        if tree.text(to - 1) == YET:
            return "negated"
        scheduled = tree.text(to - 1) in SCHEDULING or self._is(to - 1, "scheduled_words")
        return "future" if scheduled else None

    def _by_auxiliary(self, verb: int, depth: int = 0) -> Status | None:
        tree = self._tree
        for child in tree.children(verb, "aux", "mark"):
            if self._is(child, "hypothetical_marks") and tree.relation(child) == "mark":
                return "hypothetical"
            if tree.relation(child) != "aux":
                continue
            if self._is(child, "future_auxiliaries"):
                return "future"
            if self._is(child, "hypothetical_auxiliaries"):
                return "future" if self._is_reported_future(verb, child) else "hypothetical"
        head = tree.head(verb)
        bare = not tree.children(verb, "aux") and tree.token(verb).tag in ("VB", "VBN")
        shared = bare and tree.relation(verb) == "conj"
        return self._by_auxiliary(head, depth + 1) if shared and head is not None and depth < DEEPEST_CHAIN else None

    def _by_governor(self, verb: int, depth: int) -> Status | None:
        tree = self._tree
        head, relation = tree.head(verb), tree.relation(verb)
        if head is None or depth > DEEPEST_CHAIN:
            return None
        if relation == "conj":
            same = tree.token(head).tag == tree.token(verb).tag and not tree.children(verb, "nsubj", "aux", "mark")
            return self._by_governor(head, depth + 1) if same else None
        if relation not in GOVERNED or (relation == "acl:relcl" and not self._has_that(verb)):
            return None
        bare = tree.is_infinitive(verb)
        if not bare:
            return self._by_clause_governor(verb, head, relation)
        if relation == "ccomp" and head > verb and tree.children(verb, "nsubj"):
            return "future"  # a headline: "Kyiv to declare martial law, sources say"
        if relation == "advcl":
            goes_on = verb > 2 and tree.lemma(verb - 3) == "go" and self._follows(verb - 3) == "on"
            return "hypothetical" if tree.token(verb).tag == "VB" and not goes_on else None
        if relation == "acl" and tree.token(verb).tag != "VB":
            return None
        return self._by_bare_governor(verb, head, depth)

    def _by_clause_governor(self, verb: int, head: int, relation: str) -> Status | None:
        if relation in ("acl", "acl:relcl") and self._tree.is_noun(head) and not self._tree.children(verb, "aux"):
            # "its demand that the United States ease sanctions"
            return "hypothetical" if self._is(head, "hypothetical_governors") and self._has_that(verb) else None
        if relation != "ccomp":
            return None
        if self._is(head, "negative_governors"):
            return None if self._negated(head) else "negated"
        if self._is(head, "assertive_governors") and self._is_indicative(verb):
            return None
        return "hypothetical" if self._is(head, "hypothetical_governors") else None

    def _has_that(self, verb: int) -> bool:
        return any(self._tree.lemma(mark) == "that" for mark in self._tree.children(verb, "mark"))

    def _is_indicative(self, verb: int) -> bool:
        """Say whether a clause tells what is so ("insisted that it did"), not what should be ("that it do")."""
        return self._tree.token(verb).tag != "VB" or bool(self._tree.children(verb, "aux"))

    def _by_bare_governor(self, verb: int, head: int, depth: int) -> Status | None:
        short = any(self._tree.text(child) == SHORT for child in self._tree.children(head))
        stops = self._tree.lemma(head) == "stop" and (short or self._tree.token(verb).tag == "VBG")
        if self._is(head, "negative_governors") or stops:
            return None if self._negated(head) else "negated"
        goes_on = self._tree.lemma(head) == "go" and self._follows(head) == "on"
        if (self._is(head, "transparent") or goes_on) and self._tree.is_verb(head):
            found = self.of_verb(head, depth + 1)
            return None if found == "asserted" else found
        if self._is(head, "future_governors") or self._is(head, "future_nouns"):
            return "future"
        if self._is(head, "hypothetical_governors") or self._tree.token(verb).tag == "VB":
            return "hypothetical"
        return None

    def _by_time(self, index: int) -> Status | None:
        tree = self._tree
        inside = self._clause(index)
        if any(self._is(child, "historical_words") and not self._is_near(child) for child in inside):
            return "historical"
        if any(self._is_era(child) for child in inside):
            return "historical"
        if self._published is None:
            return None
        inside = [*inside, *self._before_when(index)]
        dated = filter(None, map(YEAR.fullmatch, map(tree.text, inside)))
        years = [int(found[1]) + (OF_DECADE if found[2] else 0) for found in dated]
        if years:
            return "historical" if max(years) < int(self._published[:YEAR_LENGTH]) else None
        head = tree.head(index)
        shares = tree.relation(index) == "conj" or (
            tree.relation(index) == "advcl"
            and any(tree.text(m) in AT_THAT_TIME for m in tree.children(index, "mark", "advmod"))
        )
        return self._by_time(head) if shares and head is not None and tree.is_verb(head) and head < index else None

    def _is_near(self, index: int) -> bool:
        """Say whether "once" or "ago" tells of no former time: "once again", "at once", "three days ago"."""
        before = index > 0 and (self._tree.text(index - 1) == "at" or self._tree.lemma(index - 1) in RECENT_UNITS)
        return before or self._follows(index) in REPEATING

    def _is_era(self, index: int) -> bool:
        """Say whether a word names a time gone by behind a preposition ("during the Cold War", "under apartheid")."""
        tree = self._tree
        name = f"{tree.text(index - 1)} {tree.text(index)}" if index else ""
        known = self._words.status["historical_eras"]
        return (name in known or tree.text(index) in known) and tree.preposition(index) in ERA_WORDS

    def _before_when(self, verb: int) -> range:
        """Return the words of the date that a 'when' clause tells of ("1989, when troops killed")."""
        whens = [child for child in self._tree.children(verb, "advmod", "mark") if self._tree.text(child) == WHEN]
        return range(max(0, whens[0] - DATE_REACH), whens[0]) if whens else range(0)

    def _clause(self, index: int) -> list[int]:
        tree = self._tree
        found, waiting = [], [index]
        while waiting:
            current = waiting.pop()
            found.append(current)
            waiting += [child for child in tree.children(current) if tree.relation(child) not in CLAUSE_ENDS]
        return found
