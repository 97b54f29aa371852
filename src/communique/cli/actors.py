"""``communique actors``: who is who."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from communique.cli.app import DONE, SOME_FAILED, app, check_date, warn
from communique.cli.reading import ActorFiles, NoAtlas, load_atlas
from communique.errors import ConfigError

actors = typer.Typer(no_args_is_help=True, help="Who is who: look into the atlas of states, persons and bodies.")
app.add_typer(actors, name="actors")


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

    check_date(on, "--on")
    atlas = load_atlas(actors or (), builtin=not no_atlas) or Atlas.load()
    found = senses(atlas, name, on)
    if not found:
        offered = " or ".join(repr(form) for form in like(atlas, name))
        warn(f"{name}: the atlas has no such name" + (f"; did you mean {offered}?" if offered else ""))
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
        warn(problem)
    written = write_csv(rows)
    if to is None:
        sys.stdout.buffer.write(written.encode())
    else:
        write(to, written)
        names = sum(1 + len(row.forms) for row in rows)
        taken = f"{to}: {len(rows)} rows with {names} written forms"
        typer.echo(f"{taken}; {len(problems)} bad lines left out" if problems else taken)
    raise typer.Exit(SOME_FAILED if problems else DONE)


def write(path: str, text: str) -> None:
    """Write a file whole or not at all."""
    from pathlib import Path

    new = Path(f"{path}.new")
    try:
        new.unlink(missing_ok=True)  # of a killed run; "x" follows no link that comes between
        with new.open("x", encoding="utf-8") as file:
            file.write(text)
        new.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or 'can not be written'}") from error
