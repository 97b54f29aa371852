"""``communique code`` and ``communique statements``: articles to what was said and done; nothing is stored."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli.app import DONE, SOME_FAILED, app, check_date, warn
from communique.cli.reading import (
    ActorFiles,
    ArticleOptions,
    Config,
    Jobs,
    MaybeSources,
    NoAtlas,
    Published,
    Sources,
    actor_sources,
    code_sources,
    load_atlas,
    with_article_options,
)
from communique.cli.record import DEFAULT_RECORD, Csv, Limit, Publisher, Since, TextWords, Until, ask

if TYPE_CHECKING:
    from communique.config import Settings
    from communique.model import Report, Statement
    from communique.record.queries import Asked

STATEMENT_KINDS = ("direct", "indirect", "mixed")


@app.command()
@with_article_options
def code(
    sources: Sources,
    articles: ArticleOptions,
    json: Annotated[bool, typer.Option("--json", help="Print one report a line, as JSON.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show for every sentence what was found, or why nothing was.")
    ] = False,
    published: Published = None,
    actors: ActorFiles = None,
    no_atlas: NoAtlas = False,
    jobs: Jobs = 1,
    config: Config = None,
) -> None:
    """Code articles and print who said what and who did what to whom; nothing is stored."""
    from communique.articles import Problem
    from communique.config import load_settings

    check_date(published)
    settings = articles.over(load_settings(config))
    show = _json_writer(explain) if json else _terminal_writer(settings, explain)
    failures = 0
    own = actor_sources(settings, actors, no_atlas)
    atlas = load_atlas(*own)
    for _, result in code_sources(sources, settings, published, atlas, actors=own, jobs=jobs):
        if isinstance(result, Problem):
            warn(result.line)
            failures += result.failed
        else:
            show(result)
    raise typer.Exit(SOME_FAILED if failures else DONE)


@app.command()
@with_article_options
def statements(
    articles: ArticleOptions,
    sources: MaybeSources = None,
    record: Annotated[
        str | None, typer.Option("--record", "-r", metavar="FILE", help="Ask this record; no sources then.")
    ] = None,
    speaker: Annotated[
        str | None, typer.Option("--speaker", metavar="NAME", help="Only what NAME said; a state means all its people.")
    ] = None,
    about: Annotated[
        str | None, typer.Option("--about", metavar="NAME", help="Only what speaks of NAME; a state means all of it.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Only direct, indirect or mixed speech.")
    ] = None,
    since: Since = None,
    until: Until = None,
    publisher: Publisher = None,
    text: TextWords = None,
    limit: Limit = None,
    json: Annotated[bool, typer.Option("--json", help="Print one statement a line, as JSON.")] = False,
    csv: Csv = False,
    published: Published = None,
    actors: ActorFiles = None,
    no_atlas: NoAtlas = False,
    jobs: Jobs = 1,
    config: Config = None,
) -> None:
    """Print who said what, in sources (nothing is stored) or in a record, chosen by speaker, by matter or by kind.

    Dates, publisher, words, limit and CSV are for a record.
    """
    from communique.actors import Atlas, selects
    from communique.articles import Problem
    from communique.config import load_settings

    check_date(published)
    for_records: Asked = {"since": since, "until": until, "publisher": publisher, "text": text, "limit": limit}
    if not sources:
        asked: Asked = {**for_records, "speaker": speaker, "about": about, "kind": kind or ()}
        ask(record or DEFAULT_RECORD, "statements", asked, json=json, csv=csv, table=False)
        return
    if record or csv or any(value is not None for value in for_records.values()):
        raise typer.BadParameter("--record, --csv, dates, publisher, words and limit are for a record, without sources")
    if kind not in (None, *STATEMENT_KINDS):
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(STATEMENT_KINDS)}", param_hint="--kind")
    settings = articles.over(load_settings(config))
    own = actor_sources(settings, actors, no_atlas)
    atlas = load_atlas(*own)
    by, of = (selects(atlas or Atlas.load(), name) if name else None for name in (speaker, about))
    show = _statement_writer(settings, json=json)
    failures = 0
    for name, result in code_sources(sources, settings, published, atlas, actors=own, jobs=jobs):
        if isinstance(result, Problem):
            warn(result.line)
            failures += result.failed
            continue
        entities = {entity.id: entity for entity in result.entities}
        chosen = [
            statement
            for statement in result.statements
            if kind in (None, statement.kind)
            and (by is None or any(by(entities[one]) for one in statement.speakers))
            and (of is None or any(of(entities[one]) for one in statement.about))
        ]
        if chosen:
            show(name, result, chosen)
    raise typer.Exit(SOME_FAILED if failures else DONE)


def _json_writer(explain: bool) -> Callable[[Report], None]:
    from communique.render import report_to_json

    def write(report: Report) -> None:
        sys.stdout.buffer.write(report_to_json(report, explain=explain) + b"\n")
        sys.stdout.buffer.flush()

    return write


def _terminal_writer(settings: Settings, explain: bool) -> Callable[[Report], None]:
    from rich.console import Console

    from communique.render.terminal import ReportView

    console = Console(highlight=False, emoji=False, markup=False)

    def write(report: Report) -> None:
        console.print(ReportView(report, settings.terminal, explain=explain))

    return write


def _statement_writer(settings: Settings, *, json: bool) -> Callable[[str, Report, Sequence[Statement]], None]:
    from communique.render import statement_to_json

    if json:

        def write_json(source: str, report: Report, chosen: Sequence[Statement]) -> None:
            for statement in chosen:
                sys.stdout.buffer.write(statement_to_json(report, statement, source) + b"\n")
            sys.stdout.buffer.flush()

        return write_json

    from rich.console import Console

    from communique.render.terminal import ReportView

    console = Console(highlight=False, emoji=False, markup=False)

    def write(source: str, report: Report, chosen: Sequence[Statement]) -> None:
        console.print(ReportView(report, settings.terminal).statements({statement.id for statement in chosen}))

    return write
