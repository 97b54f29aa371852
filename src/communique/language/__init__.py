"""The language of an article in one pass: words, sentences, tags, dependencies, names, attributions.

The only user of onnxruntime. The weights lie in ``weights/`` beside this file; ``training/`` makes them.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from communique.language.decode import FoundAttribution, Reading, Scores, Vocabularies, WordRange, read_paragraph
from communique.language.files import NETWORK, RELATION, TABLE, TOKENIZER, VOCABULARIES, read_files
from communique.language.marked import Marked
from communique.language.pieces import Pieces, cut, mark
from communique.language.table import Table
from communique.language.words import find_datelines, find_paragraphs, find_words
from communique.model import Article, Attribution, Name, Parsed, Sentence, Span, Token

__all__ = ["NOTHING", "Language", "Marked", "find_datelines", "find_paragraphs", "find_words"]

#: Most words in one pass, as in training; a longer paragraph is cut, at a sentence end where one is plain.
LONGEST_PARAGRAPH = 220
#: A cut is sought in the last part of that many words.
SEEK_BACK = 80
#: Most pieces in the questions about one sentence that are asked at once: keeps memory flat.
PIECES_A_BATCH = 2048
#: onnxruntime's fused sum and norm takes several times as long as the two apart: 11 and 14 % of the networks.
SLOW_OPTIMIZERS = ["SkipLayerNormFusion"]
#: What the network gives.
READING = ("words", "arcs", "label_dep", "label_head", "points", "spans")
#: The answer that no event happens between the two that a relation is asked about.
NOTHING = "NONE"
SENTENCE_ENDS = frozenset([".", "!", "?", "…", "。"])


class Language:
    """The language model, loaded. Reading is pure: the same article gives the same ``Parsed`` anywhere.

    Paragraphs are read one by one: in a batch the numbers of one depend a little on the others, by the common scale
    of its activations in eight bits.

    >>> from communique.model import Article
    >>> parsed = Language.load().parse(Article(id="a", text="Putin met Xi. They talked."))
    >>> [token.tag for token in parsed.tokens if token.relation == "root"]
    ['VBD', 'VBD']
    """

    def __init__(
        self, session: Any, relation_session: Any, table: Table, tokenizer: Tokenizer, vocabularies: Vocabularies
    ) -> None:
        self._session, self._relation_session, self._table = session, relation_session, table
        self.tokenizer, self._vocabularies = tokenizer, vocabularies

    @staticmethod
    @functools.cache
    def load(threads: int = 1) -> Language:
        """Load the weights from the package; ``threads`` 0 uses all cores.

        Raises ``ModelError`` where a file is missing or damaged.
        """
        return Language.from_files(read_files(resources.files("communique.language") / "weights"), threads)

    @staticmethod
    def from_files(content: Mapping[str, bytes], threads: int = 1) -> Language:
        """Make a language model of its files' content, by name; without the relation network it only reads."""
        session, relation_session = (
            _session(content[name], threads) if name in content else None for name in (NETWORK, RELATION)
        )
        tokenizer = Tokenizer.from_str(content[TOKENIZER].decode("utf-8"))
        vocabularies = msgspec.json.decode(content[VOCABULARIES], type=Vocabularies)
        return Language(session, relation_session, Table.from_bytes(content[TABLE]), tokenizer, vocabularies)

    def parse(self, article: Article) -> Parsed:
        """Read one article: 1. cut it into paragraphs and words, 2. run each, 3. join the readings."""
        return _join(article, [(words, self._paragraph(article.text, words)) for words in _paragraphs(article.text)])

    def parse_all(self, articles: Iterable[Article]) -> Iterator[Parsed]:
        """Read articles as they come."""
        return map(self.parse, articles)

    def relations(self, marked: Sequence[Marked]) -> list[dict[str, float]]:
        """Return, for each sentence with two marked spans, the probability of each relation type.

        A second look, by a small network of its own over the word vectors of the large one: once for each question.
        """
        names = self._vocabularies.relations
        answers: list[dict[str, float]] = [{name: 1.0 / len(names) for name in names}] * len(marked)
        asked: dict[str, list[int]] = {}
        for number, question in enumerate(marked):
            asked.setdefault(question.text, []).append(number)
        for text, numbers in asked.items():
            words = find_words(text)[:LONGEST_PARAGRAPH]
            if not words:
                continue
            pieces = cut(self.tokenizer, text, words)
            vectors = self.vectors([pieces])
            at_once = max(1, PIECES_A_BATCH // len(pieces.ids))
            for first in range(0, len(numbers), at_once):
                batch = numbers[first : first + at_once]
                roles = [mark(pieces, words, marked[i].actor, marked[i].recipient) for i in batch]
                for number, row in zip(batch, self._ask(vectors, roles), strict=True):
                    answers[number] = {name: float(value) for name, value in zip(names, row, strict=True)}
        return answers

    def vectors(self, batch: Sequence[Pieces]) -> NDArray[np.float32]:
        """Return what the networks read: the word vectors of the pieces from the table, [batch, pieces, hidden]."""
        return self._table.of(_padded([pieces.ids for pieces in batch]))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a vector of length one for the meaning of each text, [texts, hidden]: the mean of its pieces' vectors.

        Each text is read by itself, so its vector does not depend on the others; of a long one the first paragraph's
        length counts. A text without words has a vector of zeros.
        """
        return np.array([self._meaning(text) for text in texts], dtype=np.float32)

    def _meaning(self, text: str) -> NDArray[np.float32]:
        words = find_words(text)[:LONGEST_PARAGRAPH] or [Span(0, 0)]
        inner: NDArray[np.float32] = self.vectors([cut(self.tokenizer, text, words)])[0][
            1:-1
        ]  # without [CLS] and [SEP]
        mean: NDArray[np.float32] = inner.sum(0)
        length = float(np.linalg.norm(mean))
        return mean / length if length and text.strip() else np.zeros_like(mean)

    def _ask(self, vectors: NDArray[np.float32], roles: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The probabilities [questions, types] of several questions about one sentence."""
        feed = {"vectors": vectors, "roles": np.array(roles, dtype=np.int64)}
        logits: NDArray[np.float32] = self._relation_session.run(None, feed)[0]
        weights = np.exp(logits - logits.max(1, keepdims=True))
        answer: NDArray[np.float32] = weights / weights.sum(1, keepdims=True)
        return answer

    def read(self, text: str, words: Sequence[Span], starts: Sequence[bool] | None = None) -> Reading:
        """Read one paragraph whose words, and if ``starts`` is given whose sentences too, are known already."""
        return self._paragraph(text, words, starts)

    def _paragraph(self, text: str, words: Sequence[Span], starts: Sequence[bool] | None = None) -> Reading:
        outputs = self.outputs(cut(self.tokenizer, text, words))
        scores = Scores(*(output[0] for output in outputs))
        return read_paragraph(text, words, self._vocabularies, scores, self._is_word, starts)

    def _is_word(self, lemma: str) -> bool:
        """Say whether the word-piece vocabulary, thirty thousand common words, has ``lemma`` whole."""
        return self.tokenizer.token_to_id(lemma) is not None

    def outputs(self, pieces: Pieces) -> list[NDArray[np.float32]]:
        """Return what the network gives for a paragraph, an array [1, ...] for each name in ``READING``."""
        rows = {"features": pieces.features, "first": pieces.first, "last": pieces.last}
        feed = {name: np.array([row], dtype=np.int64) for name, row in rows.items()}
        outputs: list[NDArray[np.float32]] = self._session.run(READING, feed | {"vectors": self.vectors([pieces])})
        return outputs


def _session(network: bytes, threads: int) -> Any:
    """Make an exported network ready to run."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        network, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOW_OPTIMIZERS
    )


def _padded(rows: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    table = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for index, row in enumerate(rows):
        table[index, : len(row)] = row
    return table


def _paragraphs(text: str) -> Iterator[tuple[Span, ...]]:
    """Yield the words of each paragraph, the dateline by itself, cut where there are more than one pass takes."""
    datelines = {line.start: line.end for line in find_datelines(text)}
    for paragraph in find_paragraphs(text):
        offset = paragraph.start
        words = tuple(Span(offset + word.start, offset + word.end) for word in find_words(paragraph.of(text)))
        sent = tuple(word for word in words if word.end <= datelines.get(offset, offset))
        if sent:
            yield sent
            words = words[len(sent) :]
        while len(words) > LONGEST_PARAGRAPH:
            at = _cut_at(text, words)
            yield words[:at]
            words = words[at:]
        if words:
            yield words


def _cut_at(text: str, words: Sequence[Span]) -> int:
    for index in range(LONGEST_PARAGRAPH - 1, LONGEST_PARAGRAPH - SEEK_BACK, -1):
        if words[index].of(text) in SENTENCE_ENDS:
            return index + 1
    return LONGEST_PARAGRAPH


def _join(article: Article, read: Sequence[tuple[tuple[Span, ...], Reading]]) -> Parsed:
    sentences: list[Sentence] = []
    tokens: list[Token] = []
    names: list[Name] = []
    attributions: list[Attribution] = []
    for words, reading in read:
        base = len(tokens)
        tokens += [
            Token(word, lemma, tag, base + head, relation)
            for word, lemma, tag, head, relation in zip(
                words, reading.lemmas, reading.tags, reading.heads, reading.relations, strict=True
            )
        ]
        bounds = [*(i for i, begun in enumerate(reading.starts) if begun), len(words)]
        for low, high in itertools.pairwise(bounds):
            span = Span(words[low].start, words[high - 1].end)
            sentences.append(Sentence(len(sentences), span, base + low, base + high))
        names += [Name(_span(words, found), kind) for found, kind in reading.names]  # type: ignore[arg-type]
        attributions += [_attribution(article.text, words, found) for found in reading.attributions]
    return Parsed(article, tuple(sentences), tuple(tokens), tuple(names), tuple(attributions))


def _span(words: Sequence[Span], found: WordRange) -> Span:
    return Span(words[found.first].start, words[found.last].end)


def _attribution(text: str, words: Sequence[Span], found: FoundAttribution) -> Attribution:
    """Turn word ranges into spans; the content is parted by its gap, or by the cue and speaker within it."""
    speaker = found.speaker
    content, gap = found.content, found.gap
    if gap is None:
        inner = [r for r in (found.cue, speaker) if r and content.first < r.first and r.last < content.last]
        if found.cue in inner:
            gap = WordRange(min(r.first for r in inner), max(r.last for r in inner))
    ranges = [content]
    if gap is not None:
        ranges = [WordRange(content.first, gap.first - 1), WordRange(gap.last + 1, content.last)]
    pieces = tuple(_span(words, r) for r in ranges if r.first <= r.last)
    return Attribution(_span(words, found.cue), _span(words, speaker) if speaker else None, pieces)
