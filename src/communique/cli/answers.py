"""Events and statements of a record as a person reads them: what was done in one line, the words below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from communique.render.rows import one_line

WHO, WHAT, WORDS, SMALL = "bold magenta", "bold yellow", "green", "dim"
NOBODY = "–"
#: Characters of a quotation or sentence that are shown.
LONGEST = 220


def event_lines(row: Mapping[str, Any]) -> Text:
    """Who did what to whom, when, and the sentence that says so."""
    text = Text(f"{row['date'] or 'undated'}  ", SMALL).append(_names(row["actor_names"]), WHO)
    text.append(f"  {'/'.join((row['event'], *row['modes']))}  ", WHAT).append(
        f"→ {_names(row['recipient_names'])}", WHO
    )
    text.append(f"  {row['status']}  {row['id']}\n", SMALL)
    return text.append(_words(row["sentence_text"] or row["trigger_words"])).append(_from(row), SMALL)


def statement_lines(row: Mapping[str, Any]) -> Text:
    """Who said what to whom, and where it stands."""
    day = (row["published"] or "undated").partition("T")[0]
    speaker = _names(row["speaker_names"]) if row["speaker_names"] else f"“{one_line(row['speaker_words'])}”"
    text = Text(f"{day}  ", SMALL).append(speaker, WHO)
    if row["addressee_names"]:
        text.append(f" → {_names(row['addressee_names'])}", WHO)
    text.append(f"  {one_line(row['cue_words'] or NOBODY)}  {row['kind']}  {row['id']}\n", SMALL)
    return text.append(_words(row["quote"]), WORDS).append(_from(row), SMALL)


def _names(names: Sequence[str | None]) -> str:
    return ", ".join(name or "?" for name in names) or NOBODY


def _words(words: str) -> str:
    line = one_line(words)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


def _from(row: Mapping[str, Any]) -> str:
    parts = (row["publisher"], row["title"])
    return "".join(f" · {one_line(part)}" for part in parts if part) + "\n"
