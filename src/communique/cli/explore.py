"""``communique explore``: the record in a browser."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from communique.cli.app import app
from communique.cli.record import DEFAULT_RECORD, RecordFile
from communique.errors import RecordBusy

LOOPBACK = "127.0.0.1"
PORT = 8321
#: Bytes of chance in a token.
TOKEN_BYTES = 24


@app.command()
def explore(
    record: RecordFile = DEFAULT_RECORD,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="The port; 0 takes any that is free.")
    ] = PORT,
    host: Annotated[
        str,
        typer.Option(
            "--host", metavar="ADDRESS", help="The address to serve; any but this machine's own asks for a token."
        ),
    ] = LOOPBACK,
    review: Annotated[
        str | None,
        typer.Option("--review", metavar="NAME", help="Let NAME judge events and statements; nothing else is written."),
    ] = None,
) -> None:
    """Show a record in a browser, on this machine alone. Ctrl-C ends it."""
    import secrets

    from communique.explore import create_app, is_loopback, listen, serve
    from communique.record.following import Follower

    if review is not None and not review.strip():
        raise typer.BadParameter("whose verdicts are these?", param_hint="--review")
    follower = Follower(record)
    with suppress(RecordBusy), follower.reading():
        pass  # a file that is missing or is no record is told now, not in the browser
    token = None if is_loopback(host) else secrets.token_urlsafe(TOKEN_BYTES)
    try:
        listening = listen(host, port)  # before anything is said of it
    except OSError as error:
        reason = error.strerror or "it can not be served"
        raise typer.BadParameter(f"{host}:{port}: {reason}; try --port 0", param_hint="--host/--port") from error
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listening.getsockname()[1]}/"
    typer.echo(f"{address}?token={token}" if token else address)
    application = create_app(record, reviewer=review, hosts=[host], token=token, follower=follower)
    with suppress(KeyboardInterrupt):  # that is how it ends
        serve(application, listening)
