"""Sentences that people have judged, as data to learn from: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from communique.record.store import Record

#: The last judge of a sentence counts, as in the view events_now.
JUDGED = """
WITH judged AS (
    SELECT article_id, sentence_start, sentence_end, max_by(coder, (coded_on, coder)) AS coder
    FROM corrections GROUP BY article_id, sentence_start, sentence_end
)
SELECT c.article_id, c.sentence_start, c.sentence_end, any_value(c.sentence_text), c.coder, max(c.coded_on)::VARCHAR,
    list(struct_pack(
        event := c.event, modes := c.modes, contexts := c.contexts, cameo := c.cameo, status := c.status,
        actors := c.actor_names, recipients := c.recipient_names, date := c.date, place := c.place,
        trigger := struct_pack(
            "start" := c.trigger_start - c.sentence_start, "end" := c.trigger_end - c.sentence_start,
            "text" := c.trigger_words
        ), verdict := c.verdict
    ) ORDER BY c.trigger_start, c.id) FILTER (c.verdict IN ('right', 'changed', 'missing'))
FROM corrections c JOIN judged USING (article_id, sentence_start, sentence_end, coder)
GROUP BY c.article_id, c.sentence_start, c.sentence_end, c.coder ORDER BY ALL
"""


class Row(msgspec.Struct, frozen=True):
    """One judged sentence; places of triggers are in ``text``; no events means that there are none."""

    article_id: str
    start: int
    end: int
    text: str
    coder: str
    coded_on: str
    events: tuple[dict[str, object], ...]


def lines(record: Record) -> Iterator[bytes]:
    """Yield each judged sentence as a line."""
    for article_id, start, end, text, coder, coded_on, events in record.answer_sql(JUDGED).rows:
        yield msgspec.json.encode(Row(article_id, start, end, text, coder, coded_on, tuple(events or ()))) + b"\n"
