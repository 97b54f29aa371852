"""One event for a person at a terminal; it reads without colour too."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from communique.record.sight import Sight
from communique.render.rows import one_line

STYLES = {"actor": "bold magenta", "recipient": "bold cyan", "trigger": "bold yellow"}
NOBODY = "–"


def sight_view(sight: Sight) -> Group:
    """Return the heading, the paragraph with ``[actor ...]`` and the like in it, the coding, and the copies."""
    parts = (sight.title or "Untitled", sight.publisher, sight.published)
    heading = Text(" · ".join(part for part in parts if part), style="bold")
    return Group(Rule(heading, style="dim", align="left"), Padding(_paragraph(sight), (1, 0)), *_lines(sight))


def _paragraph(sight: Sight) -> Text:
    text, done = Text(), 0
    for role in sight.roles:
        start, end = role.span.start - sight.start, role.span.end - sight.start
        label = sight.event.event if role.role == "trigger" else role.role
        text.append(sight.paragraph[done:start]).append(f"[{label} ", "dim")
        text.append(sight.paragraph[start:end], STYLES[role.role]).append("]", "dim")
        done = end
    return text.append(sight.paragraph[done:])


def _lines(sight: Sight) -> Iterator[RenderableType]:
    event = sight.event
    yield _line(
        "event", "/".join((event.event, *event.modes)), f"{event.status}, CAMEO {event.cameo}, score {event.score:g}"
    )
    yield _line("actors", _who(sight, event.actors))
    yield _line("recipients", _who(sight, event.recipients))
    yield _line("when, where", ", ".join(str(part) for part in (event.date, event.place) if part) or NOBODY)
    if event.contexts:
        yield _line("about", ", ".join(event.contexts))
    if sight.statement is not None:
        yield _line("said by", _who(sight, sight.statement.speakers))
    yield _line("why", event.why, f"confidence {event.confidence:.0%}")
    yield _line("ids", f"event {event.id}, article {sight.article_id}")
    for source in (*((sight.url,) if sight.url else ()), *sight.sources):
        yield _line("source", one_line(source))
    for copy in sight.copies:
        parts = (copy.published, copy.publisher, copy.title, copy.event_id)
        yield _line("also in", " · ".join(one_line(part) for part in parts if part))


def _line(label: str, words: str, more: str = "") -> Text:
    return Text(f"{label}: ", "dim").append(words, "default").append(f"  {more}" if more else "", "dim")


def _who(sight: Sight, ids: tuple[str, ...]) -> str:
    names = {entity.id: f"{entity.name} ({entity.id})" for entity in sight.entities}
    return ", ".join(names.get(one, one) for one in ids) or NOBODY
