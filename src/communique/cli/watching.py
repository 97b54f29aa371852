"""``communique watch``: feeds over time."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli.app import DONE, SOME_FAILED, app, warn
from communique.cli.reading import (
    ActorFiles,
    ArticleOptions,
    Config,
    NoAtlas,
    actor_sources,
    code_all,
    load_atlas,
    with_article_options,
)

if TYPE_CHECKING:
    from communique.articles import Copies, Problem, Watch
    from communique.cli.reading import ActorSources
    from communique.config import Settings
    from communique.model import Article, Report

#: Seconds between two looks at the feeds. Most news feeds change a few times an hour.
EVERY = 900
#: Seconds to wait while somebody else has the record open.
PATIENCE = 60.0
SEEN_FILE = "seen"


@app.command()
@with_article_options
def watch(
    feeds: Annotated[list[str], typer.Argument(metavar="FEED...", help="Web addresses of RSS or Atom feeds.")],
    articles: ArticleOptions,
    once: Annotated[bool, typer.Option("--once", help="Look once and end, as cron wants it.")] = False,
    every: Annotated[
        float, typer.Option("--every", metavar="SECONDS", min=1, help="Seconds between two looks.")
    ] = EVERY,
    seen: Annotated[
        str | None, typer.Option("--seen", metavar="FILE", help="Where what was handled is kept; else in the cache.")
    ] = None,
    record: Annotated[
        str | None,
        typer.Option("--record", "-r", metavar="FILE", help="Keep what is new in this record, print nothing."),
    ] = None,
    actors: ActorFiles = None,
    no_atlas: NoAtlas = False,
    config: Config = None,
) -> None:
    """Look at feeds again and again, code what is new, and print or record it. Ctrl-C ends it."""
    from communique.articles import Problem, Seen, Watch
    from communique.articles.fetch import cache_folder
    from communique.config import load_settings

    settings = articles.over(load_settings(config))
    own = actor_sources(settings, actors, no_atlas)
    atlas = load_atlas(*own)
    keep, copies = _recorder(record, settings, own) if record else (_print, None)
    handled = Seen(Path(seen) if seen else cache_folder() / SEEN_FILE)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    failures = 0
    try:
        with Watch(feeds, settings=settings, seen=handled, copies=copies) as watching:
            for source, result in code_all(_looks(watching, None if once else every), atlas):
                if isinstance(result, Problem):
                    warn(result.line)
                    failures += result.failed
                keep(source, result)
    except KeyboardInterrupt:
        raise typer.Exit(DONE) from None
    raise typer.Exit(SOME_FAILED if failures else DONE)


def _print(source: str, result: Report | Problem) -> None:
    from communique.model import Report
    from communique.render import report_to_json

    if isinstance(result, Report):
        sys.stdout.buffer.write(report_to_json(result) + b"\n")
        sys.stdout.buffer.flush()


def _recorder(
    path: str, settings: Settings, own: ActorSources
) -> tuple[Callable[[str, Report | Problem], None], Copies]:
    """Return what puts a result into the record, and the copies that it knows.

    The record is open only for a moment each time, so that it can be asked between.
    """
    from communique.articles import Copy, Problem
    from communique.cli.record import copies_of
    from communique.record import Coded, Record, current_run

    run = current_run(settings, actor_files=own.files, builtin_atlas=own.builtin)
    with Record.open(path, wait=PATIENCE) as opened:
        copies = copies_of(opened, settings)

    def keep(source: str, result: Report | Problem) -> None:
        again = {source: result.copy_of} if isinstance(result, Copy) else None
        if isinstance(result, Problem):
            batch: list[Coded | Problem] = [result] if result.failed else []
        else:
            batch = [Coded(result, source)]
        if not batch and not again:
            return
        with Record.open(path, wait=PATIENCE) as opened:
            opened.add(batch, run=run, again=again)

    return keep, copies


def _looks(watching: Watch, every: float | None) -> Iterator[tuple[str, Article] | Problem]:
    """Yield what is new, look after look, with a pause between; without one, look once."""
    while True:
        yield from watching.look()
        if every is None:
            return
        time.sleep(every)
