"""Fit the frames of the lexicon to the parse."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from communique import codebook
from communique.events.lexicon import Frame, Lexicon, Matter, Part, Slot, Words
from communique.events.lexicon.frames import BARE, BELONGING, ENTITY, MATTER, MODIFIER
from communique.events.roles import NUMBER_TAG, Roles, joined
from communique.events.syntax import AGENT, COMMON_TAGS, Tree

CLASS_SIGN = "@"
#: Types whose recipient can be told by what is asked, refused, threatened or promised.
COMPLEMENT_SUBJECT_TYPES = frozenset(["REQUEST", "ACCUSE"])
COMPLEMENT_OBJECT_TYPES = frozenset(["AGREE", "THREATEN", "REJECT", "CONCEDE", "CONSULT"])
TOPIC_TYPES = frozenset(["REQUEST", "ACCUSE", "REJECT", "THREATEN", "SANCTION"])
OUTWARD_TYPES = frozenset(["SANCTION"])
BLAME_TYPES = frozenset(["ACCUSE"])
#: Prepositions behind which the complement of a promise or threat names the one it bears on.
COMPLEMENT_WORDS = frozenset(["to", "on", "with", "against", "for", "from", "into", "at"])
#: What is asked for somebody who is held by another.
ASKING_TYPES, FREEING = frozenset(["REQUEST"]), frozenset(["release", "freeing", "liberation", "freedom", "acquittal"])
#: Prepositions within an argument before whom the act bears on.
WITHIN_WORDS = frozenset(["from", "by", "against", "on", "with", "to"])
#: Who leads what is sent is not whom it is sent to.
LEADING = frozenset(["lead", "head", "chair", "command"])
#: The same where somebody is blamed: not those whom a deed was done to.
BLAMED_WORDS = frozenset(["by", "from"])
#: Where a deed without a doer may tell of the blow that it was done by.
STRIKING_TYPES, WITHIN_BLOW = frozenset(["ASSAULT"]), frozenset(["in", "during"])
#: Forces that are sent or withdrawn, and are whose they are.
FORCES = frozenset("troop soldier force peacekeeper contingent battalion personnel police".split())
CLAUSE_ROLES = frozenset(["do", "that"])
PARTICIPLE_TAG = "VBN"
ORDERING = frozenset(["order"])
#: Prepositions before talks that the subject of the clause takes part in.
BESIDE = frozenset(["in", "during", "after", "following", "at"])


class Match(msgspec.Struct, frozen=True):
    """A frame that fits: its trigger, who is who, and the tokens that its arguments take up."""

    frame: Frame
    trigger: int
    verb: int
    actors: tuple[str, ...]
    recipients: tuple[str, ...]
    actor_head: int | None
    recipient_head: int | None
    taken: tuple[int, ...]
    matter: Matter | None = None


class Filled(msgspec.Struct, frozen=True):
    """One slot with the tokens that fill it."""

    slot: Slot
    heads: tuple[int, ...]


class Matcher:
    """Finds the frames that fit a word in its sentence."""

    def __init__(self, tree: Tree, roles: Roles, lexicon: Lexicon, words: Words) -> None:
        self._tree, self._roles, self._lexicon, self._words = tree, roles, lexicon, words
        self._in_role: dict[tuple[str, int], Sequence[int]] = {}
        # a word's frames want the same things of the same words
        self._known_to_be: dict[tuple[str, int], bool] = {}

    def part(self, index: int) -> Part | None:
        """Return the part of speech that the lexicon would list the token under."""
        tree = self._tree
        if tree.is_verb(index):
            return None if tree.relation(index).startswith(("aux", "amod", "cop", "case")) else "verb"
        if tree.is_noun(index):
            return "noun" if tree.token(index).tag in COMMON_TAGS else None
        return "adjective" if tree.children(index, "cop") else None

    def known(self, index: int) -> bool:
        """Say whether the lexicon has the word at all."""
        part = self.part(index)
        return part is not None and bool(self._lexicon.frames(self._tree.lemma(index), part))

    def best(self, index: int) -> tuple[Match, ...]:
        """Return the frames that fit and ask for most; several where the lexicon is of two minds about the type."""
        found = self.fitting(index)
        by_type: dict[str, Match] = {}
        for match in found:
            if _strength(match) == _strength(found[0]):
                by_type.setdefault(match.frame.event, match)
        return tuple(by_type.values())

    def fitting(self, index: int) -> tuple[Match, ...]:
        """Return a match for each frame of a word that fits, those that ask for most first."""
        part = self.part(index)
        if part is None:
            return ()
        frames = self._lexicon.frames(self._tree.lemma(index), part)
        found = [
            self._match(frame, index, filled) for frame in frames if (filled := self._fill(frame, index)) is not None
        ]
        return tuple(sorted(found, key=_strength, reverse=True))

    # -- slots ---------------------------------------------------------------------------------------

    def _fill(self, frame: Frame, index: int) -> tuple[Filled, ...] | None:
        filled: list[Filled] = []
        for slot in frame.slots:
            heads = tuple(head for role in slot.roles for head in self._role(role, index) if self._fits(slot, head))
            if slot.use == "absent":
                if heads:
                    return None
            elif heads:
                filled.append(Filled(slot, heads))
            elif not slot.optional:
                return None
        return tuple(filled)

    def _role(self, role: str, index: int) -> Sequence[int]:
        """Return the words in a role beside a word; its frames ask for the same ones again and again."""
        if (role, index) not in self._in_role:
            self._in_role[role, index] = self._find_role(role, index)
        return self._in_role[role, index]

    def _find_role(self, role: str, index: int) -> Sequence[int]:
        tree = self._tree
        if role == "obj":
            return (tree.objects(index) or tree.free_relatives(index)) if tree.is_verb(index) else ()
        if role == "iobj":
            return tree.indirect_objects(index)
        if role == "subj":
            subject = self.doer(index)
            return () if subject is None else (subject,)
        if role in CLAUSE_ROLES:
            return tuple(found for found in tree.complements(index) if tree.is_infinitive(found) == (role == "do"))
        if role == "whom":
            clauses = [found for found in tree.complements(index) if not tree.is_infinitive(found)]
            return tuple(child for clause in clauses for child in tree.children(clause, "nsubj", "nsubj:pass"))
        if role == "comp":
            return tree.children(index, "xcomp") or (tree.children(index, "obj")[1:] if tree.is_verb(index) else ())
        if role == "poss":
            return tree.children(index, "nmod:poss") or tuple(self._owner_words(index))
        if role == "light":
            verb = self._light_verb(index)
            return () if verb is None else (verb,)
        if role.startswith("+"):
            particles = tree.children(index, "compound:prt", "advmod")
            return tuple(child for child in particles if tree.lemma(child) == role[1:])
        return self._behind(role, index) or tuple(child for child in tree.children(index) if tree.lemma(child) == role)

    def _owner_words(self, index: int) -> list[int]:
        return [child for child in self._tree.children(index, "amod", "compound") if self._roles.entities(child)]

    def _behind(self, word: str, index: int) -> tuple[int, ...]:
        tree = self._tree
        heads = [index]
        if tree.is_verb(index):
            heads += [head for head in tree.objects(index) if head != tree.subject(index)]
            # "its rejection and condemnation of", "restrictions imposed on"
            heads += [one for head in heads[1:] for one in tree.children(head, "conj", "acl") if self._adds(one)]
            parts = [head for head in heads[1:] if self._words.is_a(tree.lemma(head), "partitive")]
            heads += [noun for head in parts for found, noun in tree.obliques(head) if found == "of"]
        else:
            verb = self._light_verb(index)
            heads += [] if verb is None else [verb]
        return tuple(
            noun
            for head in heads
            for found, noun in tree.obliques(head)
            if (found == word or found.split()[-1] == word) and not self._is_time(noun)
        )

    def _adds(self, index: int) -> bool:
        """Say whether what stands behind a word stands behind the object that it is joined to, or is "imposed" as."""
        imposed = self._tree.token(index).tag == PARTICIPLE_TAG and self._words.is_a(self._tree.lemma(index), "light")
        return imposed or self._tree.is_noun(index)

    def _is_time(self, noun: int) -> bool:
        """Say whether a phrase only tells when or how long: not so "plead for time", "months of unrest"."""
        tree = self._tree
        wanted = tree.preposition(noun) == "for" and tree.lemma(noun) == "time" and len(tree.children(noun)) == 1
        filled = any(
            word == "of" and not self._words.is_a(tree.lemma(inner), "times") for word, inner in tree.obliques(noun)
        )
        return self._words.is_a(tree.lemma(noun), "times") and not wanted and not filled

    def _fits(self, slot: Slot, head: int) -> bool:
        if ENTITY in slot.wanted and "subj" in slot.roles and self._roles.actor(head):
            return True
        return not slot.wanted or any(self._is(wanted, head) for wanted in slot.wanted)

    def _is(self, wanted: str, head: int) -> bool:
        """Say whether a word is what a slot wants."""
        if (wanted, head) not in self._known_to_be:
            self._known_to_be[wanted, head] = self._find_out(wanted, head)
        return self._known_to_be[wanted, head]

    def _find_out(self, wanted: str, head: int) -> bool:
        if wanted == ENTITY:
            return bool(self._roles.entities(head, places=True))
        if wanted == BELONGING:
            return bool(self._roles.recipient(head))
        if wanted == MATTER:
            return self._words.matter(self._tree.lemma(head)) is not None
        if wanted == BARE:
            return self._tree.is_bare(head)
        if wanted.startswith(MODIFIER):
            return any(self._tree.lemma(child) == wanted[1:] for child in self._tree.children(head))
        nouns = [head, *self._tree.children(head, "conj")]
        if self._words.is_a(self._tree.lemma(head), "partitive") or self._tree.token(head).tag == NUMBER_TAG:
            nouns += [noun for word, noun in self._tree.obliques(head) if word == "of"]
        lemmas = [self._tree.lemma(noun) for noun in nouns]
        if wanted.startswith(CLASS_SIGN):
            return any(self._words.is_a(lemma, wanted[1:]) for lemma in lemmas)
        return wanted in lemmas

    # -- who -----------------------------------------------------------------------------------------

    def agentless(self, verb: int) -> bool:
        """Say whether nobody is said to do what a passive tells."""
        return self.doer(verb) is None

    def doer(self, verb: int) -> int | None:
        """Return who does what a verb tells: its subject, of a passive the phrase behind 'by'."""
        tree = self._tree
        if not tree.is_passive(verb):
            return tree.subject(verb)
        agents = [noun for word, noun in tree.obliques(verb) if word == AGENT]
        return agents[0] if agents else None

    def _light_verb(self, noun: int) -> int | None:
        """Return the light verb that the noun is the object, or passive subject, of."""
        tree = self._tree
        first = tree.first_of_joined(noun)
        head = tree.head(first)
        if head is None or not tree.is_verb(head):
            return None
        if tree.relation(first) in ("acl", "acl:relcl"):
            return None
        related = tree.relation(first) in ("obj", "nsubj:pass") and self._words.is_a(tree.lemma(head), "light")
        return head if related else self._light_participle(noun)

    def _light_participle(self, noun: int) -> int | None:
        for child in self._tree.children(noun, "acl", "acl:relcl"):
            if self._words.is_a(self._tree.lemma(child), "light"):
                return child
        return None

    def _match(self, frame: Frame, index: int, filled: tuple[Filled, ...]) -> Match:
        verb = index if frame.part != "noun" else self._light_verb(index)
        actors, actor_head = self._actors(frame, index, verb, filled)
        recipients, recipient_head = self._recipients(frame, index, filled)
        if any(part.slot.use == "actor" for part in filled):
            subject = self.doer(index)
            undergoing = () if subject is None else self._roles.actor(subject) or self._roles.owners(subject)
            recipients, recipient_head = undergoing, subject
        if frame.symmetric:
            both = [head for part in filled if part.slot.use == "both" for head in part.heads]
            if actors or frame.part == "noun":
                actors = joined([actors, *(self._roles.recipient(head) for head in both)])
            recipient_head = both[0] if both else recipient_head
        else:
            recipients = tuple(found for found in recipients if found not in actors)
        return Match(
            frame=frame,
            trigger=index,
            verb=index if verb is None else verb,
            actors=actors,
            recipients=() if frame.symmetric else recipients,
            actor_head=actor_head,
            recipient_head=recipient_head,
            taken=(*_taken(filled, verb), *self._blow(frame, index, actor_head)),
            matter=self._matter(index, filled) if frame.by_matter else None,
        )

    def _actors(
        self, frame: Frame, index: int, verb: int | None, filled: tuple[Filled, ...]
    ) -> tuple[tuple[str, ...], int | None]:
        givers = [head for part in filled if part.slot.use == "actor" for head in part.heads]
        if givers:
            return joined(self._roles.actor(head) for head in givers), givers[0]
        if frame.part == "noun":
            owners = self._roles.owners(index, compounds=not self._words.is_a(self._tree.lemma(index), "talks"))
            if owners and not frame.symmetric:
                return owners, index
            doer = None if verb is None else self._light_subject(index, verb)
            if doer is None and frame.symmetric:
                doer = self._who_is_at(index)
            return joined([owners, () if doer is None else self._roles.actor(doer)]), doer
        doer = self.doer(index) if frame.part == "verb" else self._tree.subject(index)
        if doer is None and frame.part == "verb":
            doer = self._who_orders(index)
        if doer is None and frame.part == "verb" and frame.event in STRIKING_TYPES:
            return self._strikers(index)
        return (() if doer is None else self._roles.actor(doer)), doer

    def _who_is_at(self, noun: int) -> int | None:
        """Return the subject of the verb beside which talks stand: "in a call with Modi, Zelensky asked"."""
        tree, verb = self._tree, self._tree.head(noun)
        beside = tree.relation(noun) == "obl" and tree.preposition(noun) in BESIDE
        return tree.subject(verb) if verb is not None and tree.is_verb(verb) and beside else None

    def _who_orders(self, verb: int) -> int | None:
        """Return who orders what is done to somebody: "a court ordered two activists held"."""
        tree, head = self._tree, self._tree.head(verb)
        if head is not None and tree.relation(head) == "obj" and tree.relation(verb) == "acl":
            head = tree.head(head)
        if head is None or tree.token(verb).tag != PARTICIPLE_TAG or tree.lemma(head) not in ORDERING or head > verb:
            return None
        # of two participles the last is what is ordered: "ordered the men arrested in May freed"
        beside = (*tree.children(tree.tokens[verb].head), *tree.children(head), *tree.children(verb))
        later = (child for child in beside if child > verb and tree.token(child).tag == PARTICIPLE_TAG)
        return None if any(later) else tree.subject(head)

    def _blow(self, frame: Frame, index: int, head: int | None) -> tuple[int, ...]:
        """Return the noun for a blow that has told who the actors are: it is no deed of its own then."""
        if head is None or frame.event not in STRIKING_TYPES or frame.part != "verb":
            return ()
        return (head,) if self.agentless(index) else ()

    def _strikers(self, verb: int) -> tuple[tuple[str, ...], int | None]:
        """Return whose blow it was that people died of: "were killed in an attack by the PKK", "in a PKK attack"."""
        for word, noun in self._tree.obliques(verb):
            if word in WITHIN_BLOW and self._words.is_a(self._tree.lemma(noun), "blows"):
                owners = self._roles.owners(noun)
                if owners:
                    return owners, noun
        return (), None

    def _light_subject(self, noun: int, verb: int) -> int | None:
        doer = self.doer(verb)
        return None if doer == noun else doer

    def _recipients(self, frame: Frame, index: int, filled: tuple[Filled, ...]) -> tuple[tuple[str, ...], int | None]:
        blame = frame.event in BLAME_TYPES
        for part in filled:
            if part.slot.use == "recipient":
                found = joined(self._roles.recipient(head, blame=blame) for head in part.heads)
                if found:
                    return found, part.heads[0]
        found, head = self._told_by_topic(frame, filled)
        if not found and not frame.symmetric:
            found, head = self._told_within(frame, index, filled)
        if not found and frame.event in ASKING_TYPES and self._tree.is_verb(index):
            # "urged NATO allies to send", whom nobody but the alliance's name tells
            asked = [head for head in self._tree.objects(index) if self._roles.actor(head)]
            found, head = (self._roles.actor(asked[0]), asked[0]) if asked else (found, head)
        if not found and codebook.requires_recipient(frame.event) and not frame.symmetric:
            return self._told_beside(index)
        return found, head

    def _told_within(self, frame: Frame, index: int, filled: tuple[Filled, ...]) -> tuple[tuple[str, ...], int | None]:
        """Return the entity that a phrase within an argument names: "rejected an appeal lodged by Rome"."""
        blame = frame.event in BLAME_TYPES
        heads = [head for part in filled for head in part.heads if "subj" not in part.slot.roles]
        heads = [head for head in heads if self._tree.is_noun(head)]
        heads += [other for head in heads for other in self._tree.children(head, "conj")]
        for head in heads:
            clauses = self._tree.children(head, "acl", "acl:relcl")
            clauses = tuple(clause for clause in clauses if self._tree.lemma(clause) not in LEADING)
            inner = [noun for clause in clauses for word, noun in self._tree.obliques(clause) if word == AGENT]
            words = BLAMED_WORDS if blame else WITHIN_WORDS
            inner += [noun for word, noun in self._tree.obliques(head) if word in words]
            if self._tree.is_verb(index) and not self._tree.is_passive(index):
                inner += [noun for word, noun in self._tree.obliques(index) if word == AGENT]  # the parser's "by"
            for noun in inner:
                found = self._roles.recipient(noun, blame=blame)
                if found and not self._is_own(noun):
                    return found, noun
        return (), None

    def _told_beside(self, index: int) -> tuple[tuple[str, ...], int | None]:
        """Return the entity behind a preposition beside the verb, for a type that cannot do without a recipient."""
        for word, noun in self._tree.obliques(index):
            if word in COMPLEMENT_WORDS and self._roles.entities(noun):
                return self._roles.entities(noun), noun
        return (), None

    def _told_by_topic(self, frame: Frame, filled: tuple[Filled, ...]) -> tuple[tuple[str, ...], int | None]:
        """Return the recipient that what is asked, refused, threatened or promised names."""
        for part in filled:
            clause = bool(CLAUSE_ROLES & set(part.slot.roles))
            for head in part.heads:
                if part.slot.use == "plain" and clause and self._tree.is_verb(head):
                    found = self._told_by_clause(frame.event, head)
                elif frame.event in ASKING_TYPES and (asked := self._asked_by_noun(head)) is not None:
                    found = (self._roles.actor(asked), asked)
                elif part.slot.use == "plain" and frame.event in TOPIC_TYPES and self._is_topic(frame, head):
                    if frame.event in ASKING_TYPES and self._tree.lemma(head) in FREEING:
                        continue  # who is to be freed is not who is asked
                    found = (self._roles.recipient(head, blame=frame.event in BLAME_TYPES), head)
                else:
                    continue
                if found[0]:
                    return found
        return (), None

    def _asked_by_noun(self, noun: int) -> int | None:
        """Return whose deed a noun asks for: "its demand that the United States ease sanctions"."""
        clauses = [clause for clause in self._tree.children(noun, "acl") if self._tree.is_noun(noun)]
        return next((child for clause in clauses for child in self._tree.children(clause, "nsubj")), None)

    def _is_topic(self, frame: Frame, head: int) -> bool:
        """Say whether a noun can tell whom the act bears on: a sanction does not bear on one's own ("its envoy")."""
        outward = frame.event in OUTWARD_TYPES and (self._is_own(head) or self._is_tool(head))
        return self._tree.is_noun(head) and not outward

    def _told_by_clause(self, event: str, clause: int) -> tuple[tuple[str, ...], int | None]:
        tree = self._tree
        if event in COMPLEMENT_SUBJECT_TYPES:
            own = tree.children(clause, "nsubj", "nsubj:pass")
            return (self._roles.actor(own[0]), own[0]) if own else ((), None)
        if event in COMPLEMENT_OBJECT_TYPES and tree.is_infinitive(clause):
            heads = [*tree.indirect_objects(clause), *tree.objects(clause)]
            heads += [noun for word, noun in tree.obliques(clause) if word in COMPLEMENT_WORDS]
            phrases = [phrase for head in tree.objects(clause) for phrase in tree.obliques(head)]
            heads += [noun for word, noun in phrases if word in COMPLEMENT_WORDS]
            for head in heads:
                found = self._roles.recipient(head)
                if found and not self._is_own(head) and not self._is_tool(head):
                    return found, head
            for inner in tree.children(clause, "xcomp"):
                return self._told_by_clause(event, inner)
        return (), None

    def _is_tool(self, noun: int) -> bool:
        """Say whether a noun is a weapon, machine or force of nobody: no party to a promise or sanction."""
        words, lemma = self._words, self._tree.lemma(noun)
        tool = lemma in FORCES or any(words.is_a(lemma, name) for name in ("weapons", "machines", "arms"))
        return tool and not self._roles.owners(noun)

    def _goals(self, head: int) -> tuple[int, ...]:
        """Return what a verb leads to ("return to talks"): it tells more than the verb."""
        return tuple(noun for word, noun in self._tree.obliques(head) if word == "to" and self._tree.is_verb(head))

    def _is_own(self, noun: int) -> bool:
        """Say whether a noun is somebody's own: "its troops"."""
        return any(self._tree.token(child).tag == "PRP$" for child in self._tree.children(noun, "nmod:poss"))

    def _matter(self, index: int, filled: tuple[Filled, ...]) -> Matter | None:
        """Return what the act is about: the first word of its arguments that tells a matter."""
        heads = [head for part in filled for head in part.heads if "subj" not in part.slot.roles]
        heads = [*self._tree.complements(index), *heads]
        heads = [found for head in heads for found in (*self._goals(head), head)]
        heads += [child for head in heads for child in self._tree.complements(head)]
        heads += [child for head in heads for child in self._tree.objects(head) if self._tree.is_verb(head)]
        passives = [clause for clause in self._tree.complements(index) if self._tree.is_passive(clause)]
        met = [noun for clause in passives for word, noun in self._tree.obliques(clause) if word == "with"]
        heads = [*met, *heads]
        for head in heads:
            matter = self._words.matter(self._tree.lemma(head))
            if matter is not None:
                return matter
        return None


def _strength(match: Match) -> tuple[int, bool, bool]:
    return match.frame.weight, bool(match.actors), bool(match.recipients)


def _taken(filled: tuple[Filled, ...], verb: int | None) -> tuple[int, ...]:
    """Return the tokens that the arguments take up, the subject and the light verb aside."""
    return tuple(head for part in filled for head in part.heads if head != verb and "subj" not in part.slot.roles)
