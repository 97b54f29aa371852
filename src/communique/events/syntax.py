"""The parse as questions that the frames ask: who is the subject, what is the object, what stands behind 'on'."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from communique.events.lexicon import Words, base_form
from communique.model import Parsed, Sentence, Span, Token

VERB_TAGS = frozenset(["VB", "VBD", "VBG", "VBN", "VBP", "VBZ"])
#: Tags of verbs that need a subject of their own.
FINITE_TAGS = frozenset(["VBD", "VBP", "VBZ"])
NOUN_TAGS = frozenset(["NN", "NNS", "NNP", "NNPS"])
COMMON_TAGS = frozenset(["NN", "NNS"])
#: Tags of forms that cannot be their own lemma.
INFLECTED_TAGS = frozenset(["VBD", "VBG", "VBN", "VBZ", "NNS"])
SUBJECTS = frozenset(["nsubj", "csubj"])
PASSIVE_SUBJECTS = frozenset(["nsubj:pass", "csubj:pass"])
#: Relations under which a parser may put a relative clause.
STRAY_RELATIVES = frozenset(["advcl", "ccomp", "acl", "parataxis", "conj"])
STRAY_PHRASES, PHRASE_TAGS = frozenset(["obj", "ccomp", "xcomp"]), NOUN_TAGS | {"PRP"}
PHRASES = frozenset(["obl", "nmod", "advcl", "acl"])
#: Relations by which a parser may tie the object of a governing verb to the infinitive behind it.
PULLED = ("obj", "nsubj", "iobj")
OBLIQUES = frozenset(["obl", "obl:agent", "nmod", "obl:arg", "advcl"])
COMPLEMENTS = frozenset(["xcomp", "ccomp", "advcl"])
RELATIVE_TAGS, WHOSE_TAG = frozenset(["WDT", "WP"]), "WP$"
RELATIVE_WORDS = frozenset(["who", "which", "that", "whom"])
FREE_RELATIVES = frozenset(["whoever", "whatever", "whichever"])
PHRASE_ENDS = frozenset(["acl", "acl:relcl", "appos", "punct", "cc", "conj", "parataxis", "case"])
AGENT, AGENT_RELATION = "by", "obl:agent"
DEFINITE = frozenset(["the", "that", "this", "those", "these"])
#: How many governing clauses are followed: no real sentence has more, and a broken one must not recurse for ever.
DEEPEST_CHAIN = 40
#: Verb and preposition before the one who is to do it.
CALLED_ON = frozenset([("call", "on"), ("call", "upon"), ("appeal", "to"), ("plead", "with")])
#: Words that put the governing verb's object in charge of the gerund ("accused Iran of arming", "thanked Oslo for").
OBJECT_CONTROL_MARKS = frozenset(["of", "from", "into", "for"])

#: Before what somebody else plans: "demonstrated against a plan to".
OTHERS_PLANS = frozenset(["against", "over", "about", "at"])
BORDERS, WITH = frozenset(["border", "frontier", "boundary"]), "with"


class Tree:
    """Questions to one parsed article; every answer is an index into ``parsed.tokens``."""

    def __init__(self, parsed: Parsed, words: Words) -> None:
        self.parsed = parsed
        self.words = words
        self.tokens = parsed.tokens
        self._children, self._relations = parsed.children, [token.relation for token in parsed.tokens]
        self._objects: dict[int, tuple[int, ...]] = {}

    @cached_property
    def _lemmas(self) -> tuple[str, ...]:
        text = self.parsed.article.text
        return tuple(
            base_form(token.span.of(text), token.lemma, inflected=token.tag in INFLECTED_TAGS)
            if token.tag in VERB_TAGS or token.tag in COMMON_TAGS
            else token.lemma.lower()
            for token in self.tokens
        )

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        text = self.parsed.article.text
        return tuple(token.span.of(text).lower() for token in self.tokens)

    def token(self, index: int) -> Token:
        """Return the token."""
        return self.tokens[index]

    def lemma(self, index: int) -> str:
        """Return the base form in lower case, as the lexicon spells it."""
        return self._lemmas[index]

    def text(self, index: int) -> str:
        """Return the word as written, in lower case."""
        return self._texts[index]

    def children(self, index: int, *relations: str) -> tuple[int, ...]:
        """Return the dependents, all or those in one of the relations."""
        found, kinds = self._children[index], self._relations
        return tuple([child for child in found if kinds[child] in relations]) if relations and found else found

    def head(self, index: int) -> int | None:
        """Return the head, None for a root."""
        head = self.tokens[index].head
        return None if head == index else head

    def above(self, index: int) -> list[int]:
        """Return a token and all that govern it, nearest first."""
        found = [index]
        while (head := self.head(found[-1])) is not None and head not in found:
            found.append(head)
        return found

    def relation(self, index: int) -> str:
        """Return the relation to the head."""
        return self._relations[index]

    def is_verb(self, index: int) -> bool:
        """Say whether the token is tagged as a verb."""
        return self.tokens[index].tag in VERB_TAGS

    def is_finite(self, index: int) -> bool:
        """Say whether a verb has a tense, its own or that of an auxiliary."""
        return self.tokens[index].tag in FINITE_TAGS or bool(self.children(index, "aux", "aux:pass"))

    def is_noun(self, index: int) -> bool:
        """Say whether the token is tagged as a noun."""
        return self.tokens[index].tag in NOUN_TAGS

    def has_child(self, index: int, lemma: str) -> bool:
        """Say whether a dependent has that lemma."""
        return any(self.lemma(child) == lemma for child in self.children(index))

    def first_of_joined(self, index: int) -> int:
        """Return the first conjunct of the coordination that the token stands in."""
        while self.relation(index) == "conj" and self.head(index) is not None:
            index = self.tokens[index].head
        return index

    # -- clauses -------------------------------------------------------------------------------------

    def is_passive(self, verb: int, depth: int = 0) -> bool:
        """Say whether a verb is passive: by auxiliary or subject, as a bare participle, or joined to a passive."""
        if self.tokens[verb].tag not in ("VBN", "VBD"):
            return False
        if self.children(verb, "aux:pass", *PASSIVE_SUBJECTS):
            return True
        if self.tokens[verb].tag == "VBD" or self.children(verb, "aux", "nsubj"):
            return False
        relation = self.relation(verb)
        if relation in ("acl", "advcl", "amod"):
            return not self.children(verb, "obj") or bool(self.children(verb, "obl:agent"))
        if relation == "conj":
            known = depth < DEEPEST_CHAIN and self.is_passive(self.tokens[verb].head, depth + 1)
            return known and not self.children(verb, "obj")
        return relation == "root" and not self.children(verb, "obj", "nsubj")

    def subject(self, verb: int, depth: int = 0) -> int | None:
        """Return the grammatical subject, looked for in the governing clauses too.

        1. the verb's own; 2. the noun that a relative or participial clause modifies; 3. the subject shared
        with the first of joined verbs; 4. the controller of an infinitive; 5. the subject of the main clause.
        """
        if depth > DEEPEST_CHAIN:
            return None
        own = self._own_subjects(verb)
        head = self.head(verb)
        if own:
            return self._antecedent(own[0], verb)
        if head is None:
            return None
        relation = self.relation(verb)
        if relation in ("acl", "acl:relcl"):
            return self._subject_of_modifier(verb, head, depth)
        if relation == "conj":
            return self.subject(head, depth + 1)
        if relation in COMPLEMENTS and (self.is_verb(head) or self.children(head, "cop", *SUBJECTS)):
            return self._controller(verb, head, depth)
        return None

    def _own_subjects(self, verb: int) -> tuple[int, ...]:
        """Return the verb's own subjects, the likeliest first: of two phrases that are no pair the nearer before it."""
        own = self.children(verb, *SUBJECTS, *PASSIVE_SUBJECTS)
        raised = self._pulled_objects(self.tokens[verb].head)
        own = tuple(child for child in own if child not in raised) or self._headline_subject(verb)
        own = own or self._strayed_subject(verb)
        before = [child for child in own if child < verb]
        return (before[-1], *before[:-1]) if len(before) > 1 else own

    def _headline_subject(self, verb: int) -> tuple[int, ...]:
        """Return the name right before a finite verb that a parser took for a noun's part ("Riyadh hosts Xi")."""
        before = [child for child in self.children(verb, "compound", "nmod:desc") if child == verb - 1]
        finite = self.tokens[verb].tag in FINITE_TAGS
        return tuple(child for child in before if finite and self.tokens[child].tag == "NNP")

    def _strayed_subject(self, verb: int) -> tuple[int, ...]:
        """Return the subject that a parser hung from the verb of saying behind: "Oslo has done so, its envoy said"."""
        saying = self.tokens[verb].head
        if self.relation(verb) != "ccomp" or saying < verb:
            return ()
        subjects = self.children(saying, *SUBJECTS)
        return subjects[:1] if len(subjects) > 1 and subjects[0] < verb < subjects[1] else ()

    def _antecedent(self, subject: int, verb: int) -> int:
        if self.lemma(subject) in FREE_RELATIVES:
            return subject
        relative = self.tokens[subject].tag in RELATIVE_TAGS
        if self.relation(verb) == "acl:relcl" and (relative or self.lemma(subject) in RELATIVE_WORDS):
            return self.tokens[verb].head
        before = subject - 2 if subject > 1 and self.tokens[subject - 1].relation == "punct" else subject - 1
        stray = relative and self.relation(verb) in STRAY_RELATIVES and before >= 0 and self.is_noun(before)
        return self._phrase_head(before) if stray else subject

    def _phrase_head(self, index: int) -> int:
        """Return the head of the name or compound that a noun ends."""
        while self.relation(index) in ("flat", "compound") and self.head(index) is not None:
            index = self.tokens[index].head
        return index

    def _subject_of_modifier(self, verb: int, noun: int, depth: int) -> int | None:
        if not self._marked_to(verb):
            return noun
        governor, owners = self.head(noun), self._owners_of_plan(noun)
        if owners or governor is None or not self.is_verb(governor) or self.preposition(noun) in OTHERS_PLANS:
            return owners[0] if owners else None
        return self.subject(governor, depth + 1)

    def _owners_of_plan(self, noun: int) -> tuple[int, ...]:
        """Return whose plan it is to do something: "a U.S. decision to return refugees", "Iran's threat to close"."""
        named = (child for child in self.children(noun, "compound") if self.tokens[child].tag == "NNP")
        return self.children(noun, "nmod:poss") or tuple(named)

    def _controller(self, verb: int, governor: int, depth: int) -> int | None:
        if self.relation(verb) == "ccomp" and not self._marked_to(verb):
            return None
        if self.relation(verb) == "advcl" and self.tokens[verb].tag in FINITE_TAGS:
            return None
        objects = self.children(governor, "obj", "iobj") or self._pulled_objects(governor)
        objective = self.relation(verb) != "advcl" or self._marked_to(verb)
        controls = objective and not self.words.is_a(self.lemma(governor), "subject_control")
        told = self.relation(verb) in ("xcomp", "ccomp") or self.words.is_a(self.lemma(governor), "object_control")
        if objects and controls and told:
            return objects[0]
        if objects and any(self.lemma(mark) in OBJECT_CONTROL_MARKS for mark in self.children(verb, "mark", "case")):
            return objects[0]
        called = [noun for word, noun in self.obliques(governor) if (self.lemma(governor), word) in CALLED_ON]
        if called:
            return called[0]
        return self.subject(governor, depth + 1)

    def _marked_to(self, verb: int) -> bool:
        return any(self.lemma(child) == "to" for child in self.children(verb, "mark", "aux", "case"))

    def objects(self, verb: int) -> tuple[int, ...]:
        """Return the direct object: of a passive its subject, of a relative clause the noun it modifies."""
        if verb not in self._objects:
            self._objects[verb] = self._find_objects(verb)
        return self._objects[verb]

    def _find_objects(self, verb: int) -> tuple[int, ...]:
        own = self.children(verb, "obj")
        if self.is_passive(verb):
            if own:
                return own
            subject = self.subject(verb)
            return () if subject is None else (subject,)
        own = tuple(child for child in own if self.preposition(child) is None and not self._is_possessor(child))
        own = self._without_next(self._behind_subject(own, verb), verb) or self._from_joined(verb)
        own = own or self.children(verb, "iobj") or self._pulled_objects(verb) or self._bare_nouns(verb)
        if own:
            return tuple(self._relative_object(index, verb) for index in own)
        timed = self.words.is_a(self.lemma(self.tokens[verb].head), "times")
        if self.relation(verb) == "acl:relcl" and self.children(verb, *SUBJECTS) and not timed:
            subject = self.children(verb, *SUBJECTS)[0]
            alone = len(self.children(verb, *SUBJECTS)) == 1
            whose = alone and any(self.tokens[child].tag == WHOSE_TAG for child in self.children(subject))
            if self.lemma(subject) not in RELATIVE_WORDS and not whose:
                return (self.tokens[verb].head,)
        verbs = [child for child in self.children(verb, "conj") if self.is_verb(child)]
        joined = [child for child in verbs if self._bare_pair(verb, child)]
        return self.children(joined[0], "obj") if joined else ()

    def free_relatives(self, verb: int) -> tuple[int, ...]:
        """Return clauses with 'what' that stand as the object: "condemned what he called a blow"."""
        clauses = self.children(verb, "ccomp", "obj")
        return tuple(c for c in clauses if any(self.tokens[child].tag == "WP" for child in self.children(c)))

    def _pulled_objects(self, verb: int) -> tuple[int, ...]:
        """Return what stands between a verb and its infinitive ('asked X to do'): the verb's object."""
        for clause in self.children(verb, *COMPLEMENTS) if self.is_verb(verb) else ():
            marks = [mark for mark in self.children(clause, "mark", "aux") if self.lemma(mark) == "to"]
            between = range(verb + 1, marks[0]) if marks else range(0)
            found = [child for child in self.children(clause, *PULLED) if child in between]
            found += [child for child in self.children(verb, "nsubj") if child in between]
            if found:
                return tuple(sorted(found))
        return ()

    def _bare_nouns(self, verb: int) -> tuple[int, ...]:
        """Return common nouns behind a verb that are tied to it as clauses, but are none: its objects."""
        nouns = [child for child in self.children(verb, "ccomp", "xcomp") if self.is_noun(child) and child > verb]
        clausal = ("cop", "mark", *SUBJECTS, *PASSIVE_SUBJECTS)
        return tuple(noun for noun in nouns if self.preposition(noun) is None and not self.children(noun, *clausal))

    def _is_possessor(self, noun: int) -> bool:
        return any(self.tokens[case].tag == "POS" for case in self.children(noun, "case"))

    def _behind_subject(self, objects: tuple[int, ...], verb: int) -> tuple[int, ...]:
        """Return the objects of a joined verb without those before its own subject: they belong to the first verb."""
        subjects = self.children(verb, *SUBJECTS) if self.relation(verb) == "conj" else ()
        return tuple(child for child in objects if not subjects or child > subjects[0])

    def _without_next(self, objects: tuple[int, ...], verb: int) -> tuple[int, ...]:
        """Return the objects without those behind a joined verb that has none itself ("seized X and beat Y")."""
        verbs = [child for child in self.children(verb, "conj") if self.is_verb(child)]
        if not verbs or not any(child < verbs[0] for child in objects):
            return objects
        return tuple(child for child in objects if child < verbs[0])

    def _from_joined(self, verb: int) -> tuple[int, ...]:
        """Return an object that the parser has tied to the other of two joined verbs."""
        head = self.head(verb)
        if self.relation(verb) == "conj" and head is not None and self.is_verb(head):
            found = self.children(head, "obj")
            if any(child < verb for child in found):
                return tuple(child for child in found if child > verb)
        for other in self.children(verb, "conj"):
            subjects = self.children(other, *SUBJECTS)
            if subjects and self.is_verb(other):
                return tuple(child for child in self.children(other, "obj") if verb < child < subjects[0])
        return ()

    def _bare_pair(self, verb: int, other: int) -> bool:
        """Say whether two joined verbs share the object of the second ('shelled and bombed the city')."""
        between = set(range(verb + 1, other))
        return all(self.relation(index) in ("cc", "punct", "advmod") for index in between)

    def _relative_object(self, index: int, verb: int) -> int:
        if self.relation(verb) in ("acl:relcl", "acl") and self.lemma(index) in RELATIVE_WORDS:
            return self.tokens[verb].head
        return index

    def indirect_objects(self, verb: int) -> tuple[int, ...]:
        """Return the indirect object; of a passive that keeps its object, the subject."""
        own = self.children(verb, "iobj") or self._given(verb)
        pair = tuple(child for child in self.children(verb, "obj") if child > verb)
        if not own and len(pair) > 1 and not self.is_passive(verb) and not self._is_possessor(pair[0]):
            return pair[:1]
        if own or not (self.is_passive(verb) and self.children(verb, "obj")):
            return own
        subject = self.subject(verb)
        return () if subject is None else (subject,)

    def _given(self, verb: int) -> tuple[int, ...]:
        """Return the name right behind a verb of giving that the parser took for a part of what is given."""
        after = verb + 1
        if not self.words.is_a(self.lemma(verb), "giving") or after >= len(self.tokens):
            return ()
        token = self.tokens[after]
        part = token.relation in ("compound", "amod") and token.tag == "NNP" and self.relation(token.head) == "obj"
        return (after,) if part and self.tokens[token.head].head == verb else ()

    def points_back(self, noun: int) -> bool:
        """Say whether a noun is for a blow that was told before: "the attack", "that bombing"."""
        definite = any(self.text(child) in DEFINITE for child in self.children(noun, "det"))
        return definite and self.words.is_a(self.lemma(noun), "attack")

    def preposition(self, noun: int) -> str | None:
        """Return the preposition of a phrase, 'because of' in one."""
        for case in self.children(noun, "case"):
            if self.tokens[case].tag == "POS" or case > noun:
                continue
            fixed = [self.lemma(child) for child in self.children(case, "fixed")]
            return " ".join([self.lemma(case), *fixed])
        stray = [case for number in self.children(noun, "nummod") for case in self.children(number, "case")]
        return self.lemma(stray[0]) if stray else None

    def obliques(self, head: int) -> Iterator[tuple[str, int]]:
        """Yield preposition and noun of every prepositional phrase of a verb or noun."""
        for child in self.children(head):
            if self.relation(child).split(":")[0] in PHRASES or self._is_stray_phrase(child):
                agent = AGENT if self.relation(child) == AGENT_RELATION and self.is_noun(child) else None
                word = self.preposition(child) or self._mark_word(child) or agent
                if word:
                    yield word, child
                    others = self.children(child, "conj")
                    yield from ((word, other) for other in others if self.preposition(other) in (None, word))
        yield from self._shared_with(head)

    def _shared_with(self, head: int) -> Iterator[tuple[str, int]]:
        """Yield the other side of a border, where the parser hung it from the verb: "sent to its border with Chad"."""
        if self.lemma(head) in BORDERS and head + 1 < len(self.tokens) and self.text(head + 1) == WITH:
            other = self.head(head + 1)
            if other is not None and other > head and self.head(other) != head:
                yield WITH, other

    def _is_stray_phrase(self, child: int) -> bool:
        """Say whether a prepositional phrase is tied by a relation that has no preposition: a slip of the parser."""
        return self.relation(child) in STRAY_PHRASES and self.tokens[child].tag in PHRASE_TAGS

    def _mark_word(self, child: int) -> str | None:
        marks = [self.lemma(mark) for mark in self.children(child, "mark")]
        return marks[0] if marks and marks[0] != "to" else None

    def complements(self, head: int) -> tuple[int, ...]:
        """Return the infinitives, gerunds and clauses that complete a verb, noun or adjective."""
        found = [child for child in self.children(head, "xcomp", "ccomp", "acl") if self._is_clause(child)]
        found += [child for child in self.children(head, "advcl") if self._marked_to(child)]
        return tuple(found)

    def _is_clause(self, index: int) -> bool:
        return self.is_verb(index) or bool(self.children(index, "cop"))

    def is_infinitive(self, index: int) -> bool:
        """Say whether a clause is 'to do', or 'doing'."""
        bare = self.tokens[index].tag in ("VBG", "VB") and not self.children(index, *SUBJECTS)
        return self._marked_to(index) or bare

    def is_bare(self, index: int) -> bool:
        """Say whether a clause is told by a bare verb: "that he step down", "that it be restored"."""
        helping = self.children(index, "aux", "aux:pass", "cop")
        return not self._marked_to(index) and (
            [self.tokens[one].tag for one in helping] == ["VB"] if helping else self.tokens[index].tag == "VB"
        )

    # -- stretches of text ---------------------------------------------------------------------------

    def phrase(self, head: int) -> Span:
        """Return the characters of a noun phrase, without its clauses, appositions and preposition."""
        inside = [head]
        for child in self.children(head):
            if self.relation(child) not in PHRASE_ENDS:
                inside += self.below(child)
        spans = [self.tokens[index].span for index in inside]
        return Span(min(span.start for span in spans), max(span.end for span in spans))

    def below(self, index: int) -> list[int]:
        """Return a token and all that it governs."""
        found, waiting = [], [index]
        while waiting:
            current = waiting.pop()
            found.append(current)
            waiting += self.children(current)
        return found

    def sentence(self, index: int) -> Sentence:
        """Return the sentence that the token stands in."""
        return next(found for found in self.parsed.sentences if found.first <= index < found.last)
