"""The command line: a shell over the library. Data on stdout, everything else on stderr.

Exit codes: 0 done; 1 done, but some sources failed, each named in one line; 2 bad call.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from communique.errors import CommuniqueError, ConfigError

if TYPE_CHECKING:
    from communique.actors import Atlas
    from communique.articles import Problem
    from communique.coder import Coder
    from communique.config import Settings
    from communique.model import Article, Report, Statement

DONE, SOME_FAILED, BAD_CALL = 0, 1, 2
#: Stands in for a date that is not given.
EARLIEST = "0001-01-01"
STATEMENT_KINDS = ("direct", "indirect", "mixed")
TRACEBACK_VARIABLE = "COMMUNIQUE_TRACEBACK"

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Communiqué reads the news and keeps the diplomatic record: who said what, who did what to whom.",
)

actors = typer.Typer(no_args_is_help=True, help="Who is who: look into the atlas of states, persons and bodies.")
app.add_typer(actors, name="actors")

#: Arguments and options that several commands have.
Sources = Annotated[
    list[str], typer.Argument(metavar="SOURCE...", help="Text or HTML files, folders, or - for standard input.")
]
Published = Annotated[
    str | None,
    typer.Option("--published", metavar="DATE", help="Date (YYYY-MM-DD) of sources that name none themselves."),
]
Config = Annotated[str | None, typer.Option("--config", metavar="FILE", help="A TOML file with settings of your own.")]
ActorFiles = Annotated[
    list[str] | None,
    typer.Option("--actors", metavar="FILE", help="Actors of your own: our CSV or a PETRARCH dictionary; repeatable."),
]
NoAtlas = Annotated[bool, typer.Option("--no-atlas", help="Leave out the built-in atlas: know your own actors only.")]


def main() -> None:
    """Run the command line; the console script ``communique``."""
    _make_output_safe()
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries log is not for a person
    try:
        app()
    except ConfigError as error:
        _warn(str(error))
        sys.exit(BAD_CALL)
    except CommuniqueError as error:
        _warn(str(error))
        sys.exit(SOME_FAILED)
    except Exception as error:  # the program's edge: a person gets a line, a developer the traceback on demand
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        _warn(f"internal error: {type(error).__name__}: {error} (set {TRACEBACK_VARIABLE}=1 to see where)")
        sys.exit(SOME_FAILED)


def _show_version(wanted: bool) -> None:
    if wanted:
        from communique import __version__

        typer.echo(f"communique {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


@app.command()
def code(
    sources: Sources,
    json: Annotated[bool, typer.Option("--json", help="Print one report a line, as JSON.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show for every sentence what was found, or why nothing was.")
    ] = False,
    published: Published = None,
    actors: ActorFiles = None,
    no_atlas: NoAtlas = False,
    config: Config = None,
) -> None:
    """Code articles and print who said what and who did what to whom; nothing is stored."""
    from communique.config import load_settings

    _check_date(published)
    settings = load_settings(config)
    show = _json_writer(explain) if json else _terminal_writer(settings, explain)
    failures = 0
    atlas = _load_atlas([*settings.actors.files, *(actors or ())], builtin=settings.actors.atlas and not no_atlas)
    for _, result in _code_all(_read(sources, settings, published), atlas):
        if isinstance(result, str):
            _warn(result)
            failures += 1
        else:
            show(result)
    raise typer.Exit(SOME_FAILED if failures else DONE)


@app.command()
def statements(
    sources: Sources,
    speaker: Annotated[
        str | None, typer.Option("--speaker", metavar="NAME", help="Only what NAME said; a state means all its people.")
    ] = None,
    about: Annotated[
        str | None, typer.Option("--about", metavar="NAME", help="Only what speaks of NAME; a state means all of it.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Only direct, indirect or mixed speech.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one statement a line, as JSON.")] = False,
    published: Published = None,
    actors: ActorFiles = None,
    no_atlas: NoAtlas = False,
    config: Config = None,
) -> None:
    """Print who said what: the statements of articles, chosen by speaker, by matter or by kind; nothing is stored."""
    from communique.actors import Atlas, selects
    from communique.config import load_settings

    _check_date(published)
    if kind not in (None, *STATEMENT_KINDS):
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(STATEMENT_KINDS)}", param_hint="--kind")
    settings = load_settings(config)
    atlas = _load_atlas([*settings.actors.files, *(actors or ())], builtin=settings.actors.atlas and not no_atlas)
    by, of = (selects(atlas or Atlas.load(), name) if name else None for name in (speaker, about))
    show = _statement_writer(settings, json=json)
    failures = 0
    for name, result in _code_all(_read(sources, settings, published), atlas):
        if isinstance(result, str):
            _warn(result)
            failures += 1
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


@actors.command("find")
def find_actor(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name as an article would write it.")],
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The date (YYYY-MM-DD) of the article; else the latest.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one entity a line, as JSON.")] = False,
    actors: ActorFiles = None,
    no_atlas: NoAtlas = False,
) -> None:
    """Show what a name resolves to at a date, and why."""
    import msgspec

    from communique.actors import Atlas, like, senses

    _check_date(on, "--on")
    atlas = _load_atlas(actors or (), builtin=not no_atlas) or Atlas.load()
    found = senses(atlas, name, on)
    if not found:
        offered = " or ".join(repr(form) for form in like(atlas, name))
        _warn(f"{name}: the atlas has no such name" + (f"; did you mean {offered}?" if offered else ""))
        raise typer.Exit(SOME_FAILED)
    for sense in found:
        if json:
            typer.echo(msgspec.json.encode(sense).decode())
            continue
        entity = sense.entity
        facts = " ".join(filter(None, (entity.kind, entity.country, *entity.sectors)))
        typer.echo(f"{entity.name}  ({entity.id})  {facts}\n    {sense.why}")


@actors.command("import")
def import_actors(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="PETRARCH or TABARI dictionaries, or our own CSV.")
    ],
    to: Annotated[
        str | None, typer.Option("--to", metavar="CSV", help="The file to write; without it to standard output.")
    ] = None,
) -> None:
    """Turn actor and agent dictionaries into one CSV file for --actors; each bad line is named, the rest is taken."""
    from communique.actors import read_actors, write_csv

    read = [read_actors(path) for path in files]
    rows = [row for file in read for row in file.rows]
    problems = [problem for file in read for problem in file.problems]
    for problem in problems:
        _warn(problem)
    written = write_csv(rows)
    if to is None:
        sys.stdout.buffer.write(written.encode())
    else:
        _write(to, written)
        names = sum(1 + len(row.forms) for row in rows)
        taken = f"{to}: {len(rows)} rows with {names} written forms"
        typer.echo(f"{taken}; {len(problems)} bad lines left out" if problems else taken)
    raise typer.Exit(SOME_FAILED if problems else DONE)


def _write(path: str, text: str) -> None:
    """Write a file whole or not at all."""
    from pathlib import Path

    try:
        Path(f"{path}.new").write_text(text, encoding="utf-8")
        Path(f"{path}.new").replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or 'can not be written'}") from error


def _load_atlas(files: Sequence[str], *, builtin: bool) -> Atlas | None:
    """Return the atlas with the files' actors, each bad line named; None stands for the built-in one alone."""
    if builtin and not files:
        return None
    from communique.actors import load_atlas

    atlas, problems = load_atlas(files, builtin=builtin)
    for problem in problems:
        _warn(problem)
    return atlas


def _code_all(
    items: Iterable[tuple[str, Article] | Problem], atlas: Atlas | None
) -> Iterator[tuple[str, Report | str]]:
    """Yield each source with its report, or with the line that says why there is none.

    The coder is made when the first article is there, so that bad sources are named at once.
    """
    from communique.articles import Problem

    coder: Coder | None = None
    for item in items:
        if isinstance(item, Problem):
            yield "", item.line
            continue
        name, article = item
        coder = coder or _make_coder(atlas)
        try:
            yield name, coder.code(article)
        except CommuniqueError as error:
            yield name, f"{name}: {error}"


def _make_coder(atlas: Atlas | None) -> Coder:
    from communique.coder import Coder

    return Coder(atlas=atlas)


def _read(sources: list[str], settings: Settings, published: str | None) -> Iterator[tuple[str, Article] | Problem]:
    from communique.articles import read_named

    return read_named(sources, settings=settings, published=published)


def _check_date(value: str | None, option: str = "--published") -> None:
    from datetime import datetime

    try:
        datetime.fromisoformat(value or EARLIEST)
    except ValueError as error:
        raise typer.BadParameter(f"{value!r} is not a date such as 2023-03-22", param_hint=option) from error


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


def _warn(line: str) -> None:
    """Print one line on stderr, whatever characters a file's name brings along."""
    safe = "".join(character if character.isprintable() else "?" for character in f"communique: {line}")
    typer.echo(safe.encode("utf-8", "replace").decode("utf-8"), err=True)


def _make_output_safe() -> None:
    """Let a terminal that lacks a character show "?" in its place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
