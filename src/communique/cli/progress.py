"""Long work: where it is, how fast, how long still, and what came of it. All on stderr."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import typer

if TYPE_CHECKING:
    from communique.articles import Meter, Problem
    from communique.model import Report

Result = TypeVar("Result", bound="tuple[str, Report | Problem]")

#: Seconds between two looks at a terminal's last line, and between two lines in a file.
EVERY, EVERY_IN_FILE = 0.5, 60.0
#: Seconds before progress shows at all, and articles from which a summary follows: shorter work speaks for itself.
QUIET, SUMMED_UP = 2.0, 25
FAILED, NOTICE = "failed", "notice"
ERASE = "\r\033[K"
MINUTE, HOUR, PERCENT = 60, 3600, 100


def follow(results: Iterable[Result], sources: Sequence[str], meter: Meter) -> Iterator[Result]:
    """Pass results on as they come; show on stderr how far the work is, and in the end what came of it."""
    tally: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    started = shown = time.monotonic()
    line_shown = False
    total = _Total(sources)
    on_terminal = sys.stderr.isatty()
    for result in results:
        outcome = _outcome(result[1])
        tally[outcome] += 1
        if outcome == FAILED:
            reasons[getattr(result[1], "reason", "")] += 1
        now = time.monotonic()
        if line_shown:
            sys.stderr.write(ERASE)
            line_shown = False
        yield result
        if now - started > QUIET and now - shown > (EVERY if on_terminal else EVERY_IN_FILE):
            line = _line(tally, now - started, meter.position(), total.bytes())
            sys.stderr.write(line if on_terminal else f"communique: {line}\n")
            sys.stderr.flush()
            shown, line_shown = now, on_terminal
    if line_shown:
        sys.stderr.write(ERASE)
    if sum(tally.values()) - tally[NOTICE] >= SUMMED_UP:
        typer.echo(f"communique: {summary(tally, reasons, time.monotonic() - started)}", err=True)


def _outcome(result: Report | Problem) -> str:
    from communique.articles import Copy, Notice, OtherLanguage, Problem

    kinds = ((Notice, NOTICE), (Copy, "copies"), (OtherLanguage, "other languages"), (Problem, FAILED))
    return next((name for kind, name in kinds if isinstance(result, kind)), "coded")


def summary(tally: Counter[str], reasons: Counter[str], seconds: float) -> str:
    """Return in one line what came of the work.

    >>> summary(Counter({"coded": 40, "copies": 2, "failed": 1}), Counter(empty=1), 10)
    '43 articles in 10 s: 40 coded, 2 copies, 1 failed (1 empty)'
    """
    parts = [f"{tally[name]:,} {name}" for name in ("coded", "copies", "other languages", FAILED) if tally[name]]
    if reasons:
        parts[-1] += f" ({', '.join(f'{count:,} {reason}' for reason, count in reasons.most_common())})"
    return f"{sum(tally.values()) - tally[NOTICE]:,} articles in {duration(seconds)}: {', '.join(parts)}"


def _line(tally: Counter[str], seconds: float, done: int, total: int | None) -> str:
    articles = sum(tally.values()) - tally[NOTICE]
    parts = [f"{articles:,} articles", f"{articles / seconds:.1f} a second"]
    if total and 0 < done <= total:
        parts.append(f"{done * PERCENT // total} %")
        parts.append(f"{duration(seconds * (total - done) / done)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return seconds as a person says them.

    >>> duration(8.2), duration(95), duration(7300)
    ('8 s', '1 min 35 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"


class _Total:
    """The bytes of all files that are to be read; only counted when somebody looks."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = sources
        self._bytes: int | None = None
        self._counted = False

    def bytes(self) -> int | None:
        """Return the bytes, or None when that can't be known (standard input, web addresses)."""
        if not self._counted:
            from communique.articles import size_of

            sizes = [size_of(source) for source in self._sources]
            self._bytes = None if None in sizes else sum(size or 0 for size in sizes)
            self._counted = True
        return self._bytes
