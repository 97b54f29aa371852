"""Search by meaning: sentences whose vectors point where the question's does.

The vectors are those of the language model's own encoder, which was trained to read grammar and events, not to compare
sentences: it finds what is about the same matter in other words, but a question's exact sense ("illegal") weighs less
than its subject ("sanctions").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from communique.record.run import model_hash

if TYPE_CHECKING:
    import pyarrow as pa

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
    model = model or model_hash()
    made = 0
    while rows := list(record.answer_sql(UNREAD, (model, BATCH)).rows):
        vectors = embedder.embed([row[3] for row in rows])
        record.add_vectors(vector_table([row[:3] for row in rows], vectors, model))
        made += len(rows)
    return made


def is_prepared(record: Record, *, model: str | None = None) -> bool:
    """Say whether any sentence has a vector of the model that is installed."""
    found = record.answer_sql("FROM vectors SELECT 1 WHERE model = $1 LIMIT 1", (model or model_hash(),))
    return next(found.rows, None) is not None


def missing(record: Record, *, model: str | None = None) -> int:
    """Return how many sentences have no vector of the model that is installed."""
    counted = UNREAD.partition("FROM")
    sql = f"SELECT count(*) FROM{counted[2].partition('LIMIT')[0]}"
    return int(next(record.answer_sql(sql, (model or model_hash(),)).rows)[0])


NEAR = """
SELECT v.article_id, v.sentence_start, v.sentence_end, v.vector, v.length FROM vectors v WHERE v.model = $1
AND v.article_id IN (
    SELECT id FROM articles WHERE ($2 IS NULL OR day >= CAST($2 AS DATE)) AND ($3 IS NULL OR day <= CAST($3 AS DATE))
)
"""
SHOWN = """
WITH near AS (SELECT unnest($1) AS place, unnest($2) AS article_id, unnest($3) AS first, unnest($4) AS last),
told AS (
    SELECT near.place, list(e.id ORDER BY e.trigger_start) AS ids
    FROM near JOIN events_now e ON e.article_id = near.article_id
    WHERE e.trigger_start >= near.first AND e.trigger_start < near.last GROUP BY near.place
)
SELECT substr(a.text, near.first + 1, near.last - near.first), near.place,
    a.id, a.title, a.published, a.publisher, a.url, told.ids
FROM near JOIN articles a ON a.id = near.article_id LEFT JOIN told ON told.place = near.place
ORDER BY near.place
"""
#: Sentences that are looked at for each one that is wanted, as copies of an article say the same.
COPIES = 4


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
    lengths = table.column("length").to_numpy()
    likeness = _products(table, wanted) / np.where(lengths == 0, 1, lengths)
    order = np.argsort(-likeness, kind="stable")
    found: tuple[Found, ...] = ()
    looked_at = limit * COPIES
    while True:
        found = _shown(record, table, likeness, order[:looked_at])[:limit]
        if len(found) == limit or looked_at >= len(order):
            return found
        looked_at *= COPIES


def _shown(
    record: Record, table: pa.Table, likeness: NDArray[np.floating[Any]], order: NDArray[np.int64]
) -> tuple[Found, ...]:
    """The sentences at these places of the table, each once."""
    near = table.select(["article_id", "sentence_start", "sentence_end"]).take(order)
    keys = [near.column(name).to_pylist() for name in near.column_names]
    found: dict[str, Found] = {}
    for row in record.answer_sql(SHOWN, (list(range(len(order))), *keys)).rows:
        text, place, article_id, title, published, publisher, url, events = row
        near_by = round(float(likeness[order[place]]), 4)
        one = Found(near_by, text, article_id, title, published, publisher, url, tuple(events or ()))
        found.setdefault(text, one)
    return tuple(found.values())


def as_bytes(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return vectors with their largest part as 127; the direction stays, within half a step."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    scaled = vectors / np.where(largest == 0, 1, largest) * LARGEST
    rounded: NDArray[np.int8] = np.rint(scaled).astype(np.int8)
    return rounded


def _products(table: pa.Table, wanted: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inner product of each vector with the wanted one, without a copy for each row."""
    parts = []
    for chunk in table.column("vector").chunks:
        offsets, data = _buffers(chunk)
        vectors = np.frombuffer(data, dtype=np.int8)[offsets[0] : offsets[-1]].reshape(-1, len(wanted))
        for start in range(0, len(vectors), COMPARED):
            parts.append(vectors[start : start + COMPARED].astype(np.float32) @ wanted)
    joined: NDArray[np.float32] = np.concatenate(parts)
    return joined


def vector_table(keys: Sequence[tuple[str, int, int]], vectors: NDArray[np.float32], model: str) -> pa.Table:
    """Return the rows of the table ``vectors`` for sentences (article, start, end)."""
    import pyarrow as pa

    articles, starts, ends = zip(*keys, strict=True)
    kept = as_bytes(vectors)
    return pa.table(
        {
            "article_id": pa.array(articles, pa.string()),
            "sentence_start": pa.array(starts, pa.int32()),
            "sentence_end": pa.array(ends, pa.int32()),
            "model": pa.array([model] * len(keys), pa.string()),
            "vector": pa.array([vector.tobytes() for vector in kept], pa.binary()),
            "length": pa.array(np.linalg.norm(kept.astype(np.float32), axis=1), pa.float32()),
        }
    )


def _buffers(chunk: object) -> tuple[NDArray[np.int32], memoryview]:
    """Where the values of an Arrow column of bytes begin and end, and the bytes."""
    import pyarrow as pa

    column = pa.array(chunk, pa.binary()) if not isinstance(chunk, pa.Array) else chunk.cast(pa.binary())
    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    return places, memoryview(data)
