"""``communique watch``: feeds over time."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli.app import DONE, SOME_FAILED, app, warn
from communique.cli.reading import (
    ActorFiles,
    ArticleOptions,
    Config,
    NoAtlas,
    code_all,
    load_atlas,
    with_article_options,
)

if TYPE_CHECKING:
    from communique.articles import Problem, Watch
    from communique.model import Article

#: Seconds between two looks at the feeds. Most news feeds change a few times an hour.
EVERY = 900
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
    actors: ActorFiles = None,
    no_atlas: NoAtlas = False,
    config: Config = None,
) -> None:
    """Look at feeds again and again, code what is new, and print one report a line, as JSON. Ctrl-C ends it."""
    from communique.articles import Problem, Seen, Watch
    from communique.articles.fetch import cache_folder
    from communique.config import load_settings
    from communique.render import report_to_json

    settings = articles.over(load_settings(config))
    atlas = load_atlas([*settings.actors.files, *(actors or ())], builtin=settings.actors.atlas and not no_atlas)
    handled = Seen(Path(seen) if seen else cache_folder() / SEEN_FILE)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    failures = 0
    try:
        with Watch(feeds, settings=settings, seen=handled) as watching:
            for _, result in code_all(_looks(watching, None if once else every), atlas):
                if isinstance(result, Problem):
                    warn(result.line)
                    failures += result.failed
                    continue
                sys.stdout.buffer.write(report_to_json(result) + b"\n")
                sys.stdout.buffer.flush()
    except KeyboardInterrupt:
        raise typer.Exit(DONE) from None
    raise typer.Exit(SOME_FAILED if failures else DONE)


def _looks(watching: Watch, every: float | None) -> Iterator[tuple[str, Article] | Problem]:
    """Yield what is new, look after look, with a pause between; without one, look once."""
    while True:
        yield from watching.look()
        if every is None:
            return
        time.sleep(every)
