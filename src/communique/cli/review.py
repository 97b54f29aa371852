"""``communique review``, ``agreement`` and ``verify``: the record against people, and against itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli.app import DONE, SOME_FAILED, app, check_date, warn
from communique.cli.reading import ActorFiles, Config, NoAtlas, actor_sources, load_atlas
from communique.cli.record import (
    DEFAULT_RECORD,
    Actor,
    EventTypes,
    Json,
    Publisher,
    Recipient,
    RecordFile,
    Since,
    Statuses,
    TextWords,
    Until,
    write,
)
from communique.errors import ConfigError

if TYPE_CHECKING:
    from communique.model import Report
    from communique.record.queries import Asked

#: Articles that are coded anew when no number is given: half a minute.
VERIFIED = 20
NONE = "–"


@app.command()
def review(
    record: RecordFile = DEFAULT_RECORD,
    to: Annotated[
        str | None, typer.Option("--to", metavar="CSV", help="Write a sample of sentences, to be judged by hand.")
    ] = None,
    back: Annotated[
        str | None,
        typer.Option("--from", metavar="FILE", help="Read verdicts back: such a CSV file, or JSON of Label Studio."),
    ] = None,
    coder: Annotated[str | None, typer.Option("--coder", metavar="NAME", help="Whose verdicts they are.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="When they were given (YYYY-MM-DD); else today.")
    ] = None,
    size: Annotated[int, typer.Option("--size", metavar="N", min=1, help="Sentences in the sample.")] = 50,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another number draws other sentences.")] = 1,
    actor: Actor = None,
    recipient: Recipient = None,
    event: EventTypes = None,
    status: Statuses = None,
    since: Since = None,
    until: Until = None,
    publisher: Publisher = None,
    text: TextWords = None,
) -> None:
    """Have people judge a sample: write it with --to, read it back with --from and --coder; their word counts then.

    Without filters the sample is of all sentences, so that what was missed can be seen; with them, of those that have
    such events.
    """
    if (to is None) == (back is None):
        raise typer.BadParameter("give either --to or --from")
    if to is not None:
        asked: Asked = {
            "actor": actor, "recipient": recipient, "event": event or (), "status": status or (), "since": since,
            "until": until, "publisher": publisher, "text": text,
        }  # fmt: skip
        given: Asked = {key: value for key, value in asked.items() if value not in (None, ())}  # type: ignore[assignment]
        _write_sample(record, to, given, size, seed)
    if back is not None:
        if not coder:
            raise typer.BadParameter("whose verdicts are these?", param_hint="--coder")
        check_date(on, "--on")
        _read_back(record, back, coder, date.fromisoformat(on) if on else date.today())


def _write_sample(path: str, to: str, asked: Asked, size: int, seed: int) -> None:
    from communique.record import Record
    from communique.record.exports import write_file
    from communique.record.review import sample

    with Record.open(path, read_only=True) as opened:
        made = sample(opened, asked, size=size, seed=seed)
    write_file(to, [made])
    rows = len(made.splitlines()) - 1
    typer.echo(f"{to}: {rows} rows; verdicts: right, wrong, changed, missing, none")


def _read_back(path: str, name: str, coder: str, on: date) -> None:
    from communique.record import Record
    from communique.record.label_studio import read_label_studio
    from communique.record.review import read_back

    read = read_label_studio if name.endswith(".json") else read_back
    try:
        text = Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{name}: {getattr(error, 'strerror', None) or 'this is not a text file in UTF-8'}"
        ) from error
    with Record.open(path) as opened:
        found = read(opened, text, coder=coder, on=on, source=name)
        kept = opened.correct(found.corrections)
    for problem in found.problems:
        warn(problem)
    typer.echo(f"{path}: {kept} verdicts of {coder} kept, {len(found.problems)} problems")
    raise typer.Exit(SOME_FAILED if found.problems else DONE)


@app.command()
def agreement(record: RecordFile = DEFAULT_RECORD, json: Json = False) -> None:
    """Show how far machine and people agree, and people with each other, by type: Krippendorff's alpha and more."""
    from communique.record import Record
    from communique.record.agreement import agreement as compare

    with Record.open(record, read_only=True) as opened:
        found = compare(opened)
    if json:
        import msgspec

        write([msgspec.json.encode(found), b"\n"])
        return
    from rich.console import Console

    from communique.render.rows import rows_table

    columns = ("type", "machine", "people", "both", "precision", "recall", "F1", "alpha", "alpha of people")
    rows = [
        (line.type, line.machine, line.people, line.found,
         *(NONE if value is None else f"{value:.2f}" for value in
           (line.precision, line.recall, line.f1, line.alpha, line.alpha_people)))
        for line in found.lines
    ]  # fmt: skip
    typer.echo(f"{found.sentences} sentences judged by {', '.join(found.coders) or 'nobody'}")
    Console(highlight=False, emoji=False, markup=False).print(rows_table(columns, rows))


@app.command()
def verify(
    record: RecordFile = DEFAULT_RECORD,
    size: Annotated[int, typer.Option("--size", metavar="N", min=1, help="Articles to code anew.")] = VERIFIED,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another number draws other articles.")] = 1,
    actors: ActorFiles = None,
    no_atlas: NoAtlas = False,
    config: Config = None,
) -> None:
    """Code a sample of the articles anew and say whether the record would come out the same; exit code 1 if not."""
    from communique.cli import reading
    from communique.config import load_settings
    from communique.record import Record, current_run
    from communique.record.verify import compare, drawn

    settings = load_settings(config)
    own = actor_sources(settings, actors, no_atlas)
    run = current_run(settings, actor_files=own.files, builtin_atlas=own.builtin)
    with Record.open(record, read_only=True) as opened:
        sample = drawn(opened, size=size, seed=seed)
    coder = reading.make_coder(load_atlas(*own))
    differing = 0
    for old in sample:
        new: Report = coder.code(old.report.article)
        found = compare(old.report, new)
        other = "" if old.run == run.id else f" (coded by run {old.run}; this would be {run.id})"
        if found:
            differing += 1
            typer.echo(f"{old.report.article.id}: {'; '.join(found)}{other}")
    typer.echo(f"{record}: {len(sample) - differing} of {len(sample)} articles come out the same")
    raise typer.Exit(SOME_FAILED if differing else DONE)
