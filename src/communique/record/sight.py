"""One event as a person looks at it: its paragraph, who stands where in it, why, and where else it is reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from communique.model import Entity, Event, Mention, Report, Span, Statement
from communique.record.occurrences import NEAR_DAYS

if TYPE_CHECKING:
    from communique.record.store import Record


class Role(msgspec.Struct, frozen=True):
    """A stretch of the article's text and what it is for the event."""

    span: Span
    role: Literal["actor", "recipient", "trigger"]
    entity_id: str | None = None


class Copy(msgspec.Struct, frozen=True):
    """The same event in another article."""

    event_id: str
    article_id: str
    published: str | None
    publisher: str | None
    title: str | None
    url: str | None


class Sight(msgspec.Struct, frozen=True):
    """An event with all that a person needs to judge it; ``paragraph`` begins at ``start`` of the article's text."""

    event: Event
    article_id: str
    title: str | None
    published: str | None
    publisher: str | None
    url: str | None
    sources: tuple[str, ...]
    paragraph: str
    start: int
    roles: tuple[Role, ...]
    entities: tuple[Entity, ...]
    statement: Statement | None
    copies: tuple[Copy, ...]


class Alike(msgspec.Struct, frozen=True):
    """An article that tells some of the same events."""

    article_id: str
    events: int
    title: str | None
    published: str | None
    publisher: str | None


class Story(msgspec.Struct, frozen=True):
    """Where an article's story is told: sources that gave just this article, and articles with the same events."""

    sources: tuple[str, ...]
    alike: tuple[Alike, ...]


ALIKE = """
WITH own AS (SELECT event, status, day, actors, recipients FROM events WHERE article_id = $1 AND len(actors) > 0)
SELECT e.article_id, count(*) AS events, any_value(a.title), any_value(a.published), any_value(a.publisher)
FROM events e JOIN (SELECT DISTINCT * FROM own) o USING (event, status, day, actors, recipients)
JOIN articles a ON a.id = e.article_id WHERE e.article_id != $1
GROUP BY e.article_id ORDER BY events DESC, e.article_id LIMIT $2
"""


def story(record: Record, article_id: str, *, limit: int) -> Story:
    """Return where else an article's story is told; at most ``limit`` articles, those with most in common first.

    >>> from communique.record import Record
    >>> with Record.open(":memory:") as record:
    ...     story(record, "a1", limit=5)
    Story(sources=(), alike=())
    """
    sources = record.answer_sql("SELECT source FROM sources WHERE article_id = $1 ORDER BY source", (article_id,))
    alike = record.answer_sql(ALIKE, (article_id, limit))
    return Story(tuple(row[0] for row in sources.rows), tuple(Alike(*row) for row in alike.rows))


def sight_of(report: Report, event: Event, sources: Sequence[str], copies: Iterable[Sequence[Any]]) -> Sight:
    """Return the sight of an event of a report; ``copies`` are the rows that :func:`copies_question` gives."""
    article = report.article
    paragraph = _paragraph(article.text, _sentence(report, event))
    named = {*event.actors, *event.recipients}
    return Sight(
        event=event,
        article_id=article.id,
        title=article.title,
        published=article.published,
        publisher=article.publisher,
        url=article.url,
        sources=tuple(sources),
        paragraph=paragraph.of(article.text),
        start=paragraph.start,
        roles=_roles(report, event),
        entities=tuple(entity for entity in report.entities if entity.id in named),
        statement=next((one for one in report.statements if one.id == event.statement_id), None),
        copies=tuple(Copy(*row) for row in copies),
    )


def copies_question(event: Event) -> tuple[str, list[Any]]:
    """Return the question for the same event in other articles: same parties, type and status, a day apart at most."""
    return (
        "SELECT e.id, e.article_id, a.published, a.publisher, a.title, a.url "
        "FROM events e JOIN articles a ON a.id = e.article_id "
        "WHERE e.event = $1 AND e.status = $2 AND list_sort(e.actors) = $3 AND list_sort(e.recipients) = $4 "
        "AND abs(e.day - TRY_CAST($5 AS DATE)) <= $6 AND (e.place IS NULL OR $7 IS NULL OR lower(e.place) = lower($7)) "
        "AND e.id != $8 ORDER BY a.published, e.id",
        [
            event.event, event.status, sorted(event.actors), sorted(event.recipients), event.date, NEAR_DAYS,
            event.place if isinstance(event.place, str) else None, event.id,
        ],
    )  # fmt: skip


def _sentence(report: Report, event: Event) -> Span:
    inside = event.sentence < len(report.sentences)
    return report.sentences[event.sentence].span if inside else event.trigger


def _paragraph(text: str, sentence: Span) -> Span:
    """The lines that a sentence stands on."""
    end = text.find("\n", sentence.end)
    return Span(text.rfind("\n", 0, sentence.start) + 1, len(text) if end < 0 else end)


def _roles(report: Report, event: Event) -> tuple[Role, ...]:
    """The trigger, and the longest mentions of actors and recipients in its sentence; no two overlap."""
    sentence = _sentence(report, event)
    roles = [Role(event.trigger, "trigger")]
    mentions = [mention for mention in report.mentions if sentence.covers(mention.span)]
    for mention in sorted(mentions, key=lambda one: (one.span.start - one.span.end, one.span.start)):
        for role in _parts(mention, event):
            if not any(role.span.overlaps(taken.span) for taken in roles):
                roles.append(role)
    return tuple(sorted(roles, key=lambda role: role.span))


def _parts(mention: Mention, event: Event) -> Iterator[Role]:
    if mention.entity_id in event.actors:
        yield Role(mention.span, "actor", mention.entity_id)
    elif mention.entity_id in event.recipients:
        yield Role(mention.span, "recipient", mention.entity_id)
