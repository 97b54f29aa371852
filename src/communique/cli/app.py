"""The application that the commands belong to: how it starts and ends, what it says when something is wrong.

Exit codes: 0 done; 1 done, but some sources failed, each named in one line; 2 bad call.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from typing import Annotated

import typer

from communique.errors import CommuniqueError, ConfigError, RecordError

DONE, SOME_FAILED, BAD_CALL = 0, 1, 2
#: Stands in for a date that is not given.
EARLIEST = "0001-01-01"
TRACEBACK_VARIABLE = "COMMUNIQUE_TRACEBACK"

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Communiqué reads the news and keeps the diplomatic record: who said what, who did what to whom.",
)


def main() -> None:
    """Run the command line; the console script ``communique``."""
    make_output_safe()
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries log is not for a person
    try:
        app()
    except (ConfigError, RecordError) as error:
        warn(str(error))
        sys.exit(BAD_CALL)
    except CommuniqueError as error:
        warn(str(error))
        sys.exit(SOME_FAILED)
    except MemoryError:
        warn("there is not enough memory; what was done before is kept")
        sys.exit(SOME_FAILED)
    except Exception as error:  # the program's edge: a person gets a line, a developer the traceback on demand
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        warn(f"internal error: {type(error).__name__}: {error} (set {TRACEBACK_VARIABLE}=1 to see where)")
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


def check_date(value: str | None, option: str = "--published") -> None:
    """Refuse what is no date, in the words of the option that it was given for."""
    from datetime import datetime

    try:
        datetime.fromisoformat(value or EARLIEST)
    except ValueError as error:
        raise typer.BadParameter(f"{value!r} is not a date such as 2023-03-22", param_hint=option) from error


def warn(line: str) -> None:
    """Print one line on stderr, whatever characters a file's name brings along."""
    safe = "".join(character if character.isprintable() else "?" for character in f"communique: {line}")
    typer.echo(safe.encode("utf-8", "replace").decode("utf-8"), err=True)


def make_output_safe() -> None:
    """Let a terminal that lacks a character show "?" in its place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
