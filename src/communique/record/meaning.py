"""Search by meaning: sentences whose vectors point where the question's does.

The vectors are those of the language model's own encoder, which was trained to read grammar and events, not to compare
sentences: it finds what is about the same matter in other words, but a question's exact sense ("illegal") weighs less
than its subject ("sanctions").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from communique.record.run import model_hash

if TYPE_CHECKING:
    from communique.record.store import Record

#: Sentences between two commits: some ten seconds on one core.
BATCH = 2_000
#: The largest value of a byte with a sign.
LARGEST = 127
#: Vectors that are compared at a time: 40 MB as floats.
COMPARED = 25_000


class Embedder(Protocol):
    """What turns texts into vectors of length one; ``communique.language.Language`` is one."""

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Return one row for each text."""


class Found(msgspec.Struct, frozen=True):
    """A sentence and how near it is to the question: 1 is the same direction, 0 is none."""

    similarity: float
    sentence: str
    article_id: str
    title: str | None
    published: str | None
    publisher: str | None
    url: str | None
    event_ids: tuple[str, ...]


UNREAD = """
SELECT s.article_id, s.span_start, s.span_end, substr(a.text, s.span_start + 1, s.span_end - s.span_start)
FROM sentences s JOIN articles a ON a.id = s.article_id
ANTI JOIN (FROM vectors WHERE model = $1) v
    ON v.article_id = s.article_id AND v.sentence_start = s.span_start AND v.sentence_end = s.span_end
LIMIT $2
"""


def index(record: Record, embedder: Embedder, *, model: str | None = None) -> int:
    """Make the vectors of sentences that have none yet, and return how many; what was made before a crash stays."""
    import pyarrow as pa

    model = model or model_hash()
    made = 0
    while rows := list(record.answer_sql(UNREAD, (model, BATCH)).rows):
        vectors = as_bytes(embedder.embed([row[3] for row in rows]))
        articles, starts, ends, _ = zip(*rows, strict=True)
        record.add_vectors(
            pa.table(
                {
                    "article_id": pa.array(articles, pa.string()),
                    "sentence_start": pa.array(starts, pa.int32()),
                    "sentence_end": pa.array(ends, pa.int32()),
                    "model": pa.array([model] * len(rows), pa.string()),
                    "vector": pa.array([vector.tobytes() for vector in vectors], pa.binary()),
                }
            )
        )
        made += len(rows)
    return made


def missing(record: Record, *, model: str | None = None) -> int:
    """Return how many sentences have no vector of the model that is installed."""
    counted = UNREAD.partition("FROM")
    sql = f"SELECT count(*) FROM{counted[2].partition('LIMIT')[0]}"
    return int(next(record.answer_sql(sql, (model or model_hash(),)).rows)[0])


NEAR = """
SELECT v.article_id, v.sentence_start, v.sentence_end, v.vector FROM vectors v WHERE v.model = $1
AND v.article_id IN (
    SELECT id FROM articles WHERE ($2 IS NULL OR day >= CAST($2 AS DATE)) AND ($3 IS NULL OR day <= CAST($3 AS DATE))
)
"""
SHOWN = """
SELECT substr(a.text, $2 + 1, $3 - $2), a.title, a.published, a.publisher, a.url,
    (SELECT list(id ORDER BY trigger_start) FROM events_now e
     WHERE e.article_id = a.id AND e.trigger_start >= $2 AND e.trigger_start < $3)
FROM articles a WHERE a.id = $1
"""


def search(
    record: Record, embedder: Embedder, question: str, *, limit: int = 10, since: str | None = None,
    until: str | None = None, model: str | None = None,
) -> tuple[Found, ...]:  # fmt: skip
    """Return the sentences nearest to a question, nearest first; ``since`` and ``until`` are days of articles.

    Similarity is the cosine of the angle between two vectors. A sentence that stands in several articles comes once.
    """
    wanted = embedder.embed([question])[0]
    table = record.sql(NEAR, (model or model_hash(), since, until)).to_arrow_table()
    if table.num_rows == 0:
        return ()
    likeness = np.concatenate([_compare(chunk, wanted) for chunk in table.column("vector").chunks if len(chunk)])
    found: dict[str, Found] = {}
    for place in np.argsort(-likeness, kind="stable"):
        row = [table.column(name)[int(place)].as_py() for name in ("article_id", "sentence_start", "sentence_end")]
        for text, title, published, publisher, url, events in record.answer_sql(SHOWN, row).rows:
            similarity = round(float(likeness[place]), 4)
            found.setdefault(
                text, Found(similarity, text, row[0], title, published, publisher, url, tuple(events or ()))
            )
        if len(found) >= limit:
            break
    return tuple(found.values())


def as_bytes(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return vectors with their largest part as 127; the direction stays, within half a step."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    scaled = vectors / np.where(largest == 0, 1, largest) * LARGEST
    rounded: NDArray[np.int8] = np.rint(scaled).astype(np.int8)
    return rounded


def _compare(chunk: object, wanted: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosine of each vector of an Arrow column of bytes with the wanted one, without a copy for each row."""
    offsets, data = _buffers(chunk)
    size = len(wanted)
    vectors = np.frombuffer(data, dtype=np.int8)[offsets[0] : offsets[-1]].reshape(-1, size)
    parts = []
    for start in range(0, len(vectors), COMPARED):
        some = vectors[start : start + COMPARED].astype(np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", some, some))
        parts.append(some @ wanted / np.where(lengths == 0, 1, lengths))
    joined: NDArray[np.float32] = np.concatenate(parts)
    return joined


def _buffers(chunk: object) -> tuple[NDArray[np.int32], memoryview]:
    """Where the values of an Arrow column of bytes begin and end, and the bytes."""
    import pyarrow as pa

    column = pa.array(chunk, pa.binary()) if not isinstance(chunk, pa.Array) else chunk.cast(pa.binary())
    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    return places, memoryview(data)
