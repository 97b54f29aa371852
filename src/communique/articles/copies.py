"""Copies: articles that were read already, word for word or nearly so (syndicated, shortened, with a new headline)."""

from __future__ import annotations

import hashlib
import re
import zlib
from array import array
from collections.abc import Iterable
from typing import Any

import msgspec

from communique.model import Article

#: Words in a run. Two reports of one event share many single words and names, but few runs of five.
RUN_WORDS = 5
#: Runs below which only texts that are the same word for word are copies: short notices are all alike.
FEWEST_RUNS = 20
#: Smallest hashes of runs that are kept of an article: the Jaccard index of two articles is exact where both have no
#: more runs than this, and has a standard error of 3 % otherwise (bottom-k sketch, Beyer et al. 2007).
KEPT_RUNS = 256
#: A run's hash is its CRC-32, in an order that has nothing to do with the words (Knuth's multiplier, 2**32 / phi).
SPREAD, MOST = 2_654_435_761, 0xFFFFFFFF
#: MinHash in 64 bands of 2: two articles with a third of their runs in common (one is the first third of the other)
#: meet in a band at 99.9 %, those with a hundredth, as reports of one matter have, at 0.6 %. What meets is verified.
PERMUTATIONS, BANDS, SEED = 128, 64, 22
#: A text of which so much stands in an earlier one is cut from it. The other way round it has something to add.
CONTAINED = 0.9

WORD = re.compile(r"\w+")


class Likeness(msgspec.Struct, frozen=True):
    """The first article that one is a copy of: its id, its source, and how much they have in common (0 to 1)."""

    id: str
    source: str
    share: float


class _Sketch(msgspec.Struct, frozen=True):
    """What is kept of an article: how many runs it has, and the smallest hashes of them in order."""

    runs: int
    smallest: array[int]


class Copies:
    """The articles read so far. Memory is about 2 kB for each.

    >>> from communique.articles import article_from_text
    >>> copies = Copies(likeness=0.6)
    >>> first = article_from_text("Talks end\\n\\nThe talks in Klow ended.")
    >>> copies.find(first), copies.add(first, "a.txt"), copies.find(first).source
    (None, None, 'a.txt')
    """

    def __init__(self, *, likeness: float, known: Iterable[tuple[Article, str]] = ()) -> None:
        """Start with the articles that are ``known``, each with its source: those of a record, for instance."""
        self._likeness = likeness
        self._exact: dict[bytes, int] = {}
        self._sketches: list[_Sketch] = []
        self._owners: list[tuple[str, str]] = []
        self._index: Any = None
        self._last: tuple[str, bytes, list[str], _Sketch, Any] | None = None
        for article, source in known:
            self.add(article, source)

    def find(self, article: Article) -> Likeness | None:
        """Return the earlier article that this one is a copy of, if any; the first of those that are most alike."""
        digest, runs, sketch, minhash = self._look(article)
        if (place := self._exact.get(digest)) is not None:
            return Likeness(*self._owners[place], 1.0)
        if len(runs) < FEWEST_RUNS or self._index is None:
            return None
        best: tuple[float, int] | None = None
        for place in self._index.query(minhash):
            jaccard, contained = _compare(sketch, self._sketches[place])
            if (jaccard >= self._likeness or contained >= CONTAINED) and (best is None or (jaccard, -place) > best):
                best = (jaccard, -place)
        return Likeness(*self._owners[-best[1]], round(best[0], 2)) if best else None

    def add(self, article: Article, source: str) -> None:
        """Remember an article."""
        digest, runs, sketch, minhash = self._look(article)
        place = len(self._owners)
        self._exact.setdefault(digest, place)
        self._owners.append((article.id, source))
        self._sketches.append(sketch)
        if len(runs) >= FEWEST_RUNS:
            if self._index is None:
                self._index = _make_index(self._likeness)
            self._index.insert(place, minhash)

    def _look(self, article: Article) -> tuple[bytes, list[str], _Sketch, Any]:
        """Return what articles are compared by. Who adds an article has mostly just looked for it."""
        if self._last is None or self._last[0] != article.id:
            words = [word.lower() for word in WORD.findall(_body(article))]
            digest = hashlib.blake2b(" ".join(words).encode(), digest_size=16).digest()
            runs = sorted({" ".join(words[at : at + RUN_WORDS]) for at in range(len(words) - RUN_WORDS + 1)})
            self._last = (article.id, digest, runs, _sketch(runs), _minhash(runs) if len(runs) >= FEWEST_RUNS else None)
        return self._last[1:]


def _body(article: Article) -> str:
    """Return the text below the headline, which copies change first."""
    first, _, rest = article.text.partition("\n")
    return rest if rest.strip() and article.title and first.strip() == article.title else article.text


def _sketch(runs: list[str]) -> _Sketch:
    hashes = {(zlib.crc32(run.encode()) * SPREAD) & MOST for run in runs}
    return _Sketch(len(runs), array("I", sorted(hashes)[:KEPT_RUNS]))


def _minhash(runs: list[str]) -> Any:
    from rensa import RMinHash

    minhash = RMinHash(PERMUTATIONS, SEED)
    minhash.update(runs)
    return minhash


def _make_index(likeness: float) -> Any:
    from rensa import RMinHashLSH

    return RMinHashLSH(likeness, PERMUTATIONS, BANDS)


def _compare(new: _Sketch, old: _Sketch) -> tuple[float, float]:
    """Return the Jaccard index J of two articles, and how much of the new one stands in the old.

    J = |A and B| / |A or B|, over the smallest hashes of both together; |A and B| = J (|A| + |B|) / (1 + J).
    """
    both = sorted({*new.smallest, *old.smallest})[:KEPT_RUNS]
    common = {*new.smallest} & {*old.smallest}
    jaccard = sum(one in common for one in both) / len(both) if both else 0.0
    return jaccard, jaccard * (new.runs + old.runs) / (1 + jaccard) / max(new.runs, 1)
