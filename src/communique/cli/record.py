"""``communique record`` and the commands that ask the record."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from communique.cli.app import DONE, SOME_FAILED, app, check_date, warn
from communique.cli.reading import (
    ActorFiles,
    ArticleOptions,
    Config,
    Jobs,
    NoAtlas,
    Published,
    actor_sources,
    code_all,
    load_atlas,
    read,
    with_article_options,
)
from communique.errors import SourceError, SourceNotFound

if TYPE_CHECKING:
    from communique.articles import Copies, Problem
    from communique.config import Settings
    from communique.model import Article
    from communique.record import Added, Answer, Record, Run
    from communique.record.queries import Asked, Kind

DEFAULT_RECORD = "news.duckdb"
#: Articles that are coded between two commits: at most so many are coded again after a crash, some ten seconds.
BATCH = 50
#: Articles of a record, the newest, that new ones are compared with to find copies: about a second at the start.
COMPARED = 2_000
#: Rows that a table shows when no limit is given; JSON and CSV have all.
TABLE_ROWS = 50
#: What a table shows of each kind of row.
SHOWN: dict[Kind, tuple[str, ...]] = {
    "events": (
        "date",
        "actor_names",
        "event",
        "modes",
        "recipient_names",
        "status",
        "sentence_text",
        "publisher",
        "id",
    ),
    "statements": ("published", "speaker_names", "addressee_names", "kind", "quote", "publisher", "id"),
    "entities": ("id", "name", "kind", "country", "sectors", "articles", "first_day", "last_day"),
    "articles": ("published", "publisher", "title", "characters", "sources", "id"),
    "problems": ("line", "title"),
}

EXPORTS = (
    "plover", "polecat", "icews", "phoenix", "gdelt", "csv", "parquet", "graphml", "gexf", "brat", "label-studio",
    "training",
)  # fmt: skip

COUNTED = {"brat": "articles", "label-studio": "articles", "training": "sentences"}

RecordFile = Annotated[str, typer.Option("--record", "-r", metavar="FILE", help="The record to use.")]
Json = Annotated[bool, typer.Option("--json", help="Print one row a line, as JSON.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV that is safe to open in a spreadsheet.")]
AsTable = Annotated[bool, typer.Option("--table", help="Print a table for a person; so it is unless asked otherwise.")]
Since = Annotated[str | None, typer.Option("--since", metavar="DATE", help="From this day on (YYYY-MM-DD).")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Up to and with this day.")]
Publisher = Annotated[str | None, typer.Option("--publisher", metavar="NAME", help="Only from this publisher.")]
TextWords = Annotated[
    str | None,
    typer.Option(
        "--text", metavar="WORDS", help='Only with all of these words; "words in quotation marks" as they are.'
    ),
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=0, help="No more than N rows.")]
Actor = Annotated[
    str | None,
    typer.Option("--actor", metavar="WHO", help="Done by WHO: a name, a code; a state means all its people."),
]
Recipient = Annotated[str | None, typer.Option("--recipient", metavar="WHO", help="Done to WHO.")]
Between = Annotated[
    tuple[str, str] | None, typer.Option("--between", metavar="WHO WHO", help="From one to the other, either way.")
]
EventTypes = Annotated[
    list[str] | None, typer.Option("--event", metavar="TYPE", help="Of this PLOVER type; repeatable.")
]
Modes = Annotated[list[str] | None, typer.Option("--mode", metavar="MODE", help="Done so; repeatable.")]
Statuses = Annotated[
    list[str] | None,
    typer.Option("--status", help="asserted, negated, future, hypothetical or historical; repeatable."),
]
Kinds = Annotated[list[str] | None, typer.Option("--kind", metavar="KIND", help="Of this kind; repeatable.")]


@app.command("record")
@with_article_options
def add(
    articles: ArticleOptions,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE...]", help="Files, folders, patterns, web addresses, or - for standard input."),
    ] = None,
    coded_at: Annotated[
        str | None,
        typer.Option("--from", metavar="OUTPUT", help="Put in what communique scale wrote here; no sources then."),
    ] = None,
    record: RecordFile = DEFAULT_RECORD,
    keep_runs: Annotated[
        bool, typer.Option("--keep-runs", help="Keep the rows of an earlier run, in the schema past.")
    ] = False,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0, help="Wait while somebody else has the record open.")
    ] = 0.0,
    published: Published = None,
    actors: ActorFiles = None,
    no_atlas: NoAtlas = False,
    jobs: Jobs = 1,
    config: Config = None,
) -> None:
    """Code articles into a record; what it has already is not coded again, and a killed call goes on where it was."""
    if coded_at is not None and not sources:
        _add_coded(coded_at, record, keep_runs=keep_runs, wait=wait)
    if coded_at is not None or not sources:
        raise typer.BadParameter("name either sources, or with --from what communique scale wrote")
    from communique.articles import Meter
    from communique.cli.progress import follow
    from communique.config import load_settings
    from communique.record import Added, Record, current_run

    check_date(published)
    settings = articles.over(load_settings(config))
    own = actor_sources(settings, actors, no_atlas)
    run = current_run(settings, actor_files=own.files, builtin_atlas=own.builtin)
    atlas = load_atlas(*own)
    added = Added()
    with Record.open(record, wait=wait) as opened:
        seen: dict[str, str] = {}
        meter = Meter()
        copies = copies_of(opened, settings)
        unknown = _unknown(opened, run, read(sources, settings, published, meter, copies), seen)
        coded = follow(code_all(unknown, atlas, actors=own, jobs=jobs), sources, meter)
        while batch := list(islice(_named(coded, seen), BATCH)):
            added += opened.add(batch, run=run, keep_runs=keep_runs, again=_taken(seen))
        added += opened.add([], run=run, again=_taken(seen))
    _end(record, added)


def _add_coded(place: str, path: str, *, keep_runs: bool, wait: float) -> NoReturn:
    """Put what ``communique scale`` wrote into a record, shard by shard; damaged ones are named and left out."""
    from communique.record import Added, Record
    from communique.scale import Finished, Store

    added = Added()
    store = Store(place)
    notes = list(store.notes())
    if not notes:
        raise SourceNotFound(place, "communique scale has finished nothing here")
    damaged = 0
    with Record.open(path, wait=wait) as opened:
        for note in notes:
            try:
                if not isinstance(note, Finished):
                    raise note
                rows = store.rows(note)
            except SourceError as error:
                damaged += 1
                warn(str(error))
                continue
            added += opened.add_rows(rows, run=note.run, keep_runs=keep_runs)
    _end(path, added, damaged=damaged)


def _end(path: str, added: Added, *, damaged: int = 0) -> NoReturn:
    """Say what was added, and leave."""
    typer.echo(
        f"{path}: {added.new} new, {added.replaced} replaced, {added.unchanged} unchanged, {added.failed} failed; "
        f"{added.rows} rows written"
    )
    raise typer.Exit(SOME_FAILED if added.failed or damaged else DONE)


def copies_of(record: Record, settings: Settings) -> Copies:
    """Return what copies are found by: the newest articles of the record, and later what is read."""
    from communique.articles import Copies

    known = () if settings.articles.keep_copies else record.newest(COMPARED)
    return Copies(likeness=settings.articles.copy_likeness, known=known)


def _unknown(
    record: Record, run: Run, items: Iterator[tuple[str, Article] | Problem], seen: dict[str, str]
) -> Iterator[tuple[str, Article] | Problem]:
    """Yield what there is to code, and put the sources of known articles into ``seen``."""
    from communique.articles import Problem

    passed: set[str] = set()
    while chunk := list(islice(_itself(items, passed), BATCH)):
        known = record.known((item[1] for item in chunk if not isinstance(item, Problem)), run=run)
        for item in chunk:
            if not isinstance(item, Problem) and item[1].id in known:
                seen[item[0]] = item[1].id
            else:
                yield item


def _itself(
    items: Iterator[tuple[str, Article] | Problem], passed: set[str]
) -> Iterator[tuple[str, Article] | Problem]:
    """Pass items on; an article that the record has, and that was not read before, is itself and no copy."""
    from communique.articles import Copy, Problem

    for item in items:
        if isinstance(item, Copy) and item.copy_of == item.article.id and item.article.id not in passed:
            passed.add(item.article.id)
            yield item.source, item.article
            continue
        if not isinstance(item, Problem):
            passed.add(item[1].id)
        yield item


def _named(coded: Iterable[tuple[str, Any]], seen: dict[str, str]) -> Iterator[Any]:
    """Yield reports with their sources, and what failed; a copy's source goes into ``seen``. Problems are named."""
    from communique.articles import Copy, Problem
    from communique.record import Coded

    for source, result in coded:
        if isinstance(result, Problem):
            warn(result.line)
            if isinstance(result, Copy):
                seen[source] = result.copy_of
            elif result.failed:
                yield result
        else:
            yield Coded(result, source)


def _taken(seen: dict[str, str]) -> dict[str, str]:
    """Return what was seen so far, and forget it."""
    taken = dict(seen)
    seen.clear()
    return taken


@app.command()
def events(
    record: RecordFile = DEFAULT_RECORD,
    actor: Actor = None,
    recipient: Recipient = None,
    between: Between = None,
    event: EventTypes = None,
    mode: Modes = None,
    status: Statuses = None,
    since: Since = None,
    until: Until = None,
    publisher: Publisher = None,
    text: TextWords = None,
    limit: Limit = None,
    json: Json = False,
    csv: Csv = False,
    table: AsTable = False,
) -> None:
    """Show the events of a record, newest first."""
    asked: Asked = {
        "actor": actor, "recipient": recipient, "between": between, "event": event or (), "mode": mode or (),
        "status": status or (), "since": since, "until": until, "publisher": publisher, "text": text, "limit": limit,
    }  # fmt: skip
    ask(record, "events", asked, json=json, csv=csv, table=table)


@app.command()
def entities(
    record: RecordFile = DEFAULT_RECORD,
    named: Annotated[
        str | None, typer.Option("--named", metavar="WHO", help="Called so; a state means all its people.")
    ] = None,
    kind: Kinds = None,
    since: Since = None,
    until: Until = None,
    publisher: Publisher = None,
    text: TextWords = None,
    limit: Limit = None,
    json: Json = False,
    csv: Csv = False,
    table: AsTable = False,
) -> None:
    """Show who is in a record, those in most articles first."""
    asked: Asked = {
        "named": named, "kind": kind or (), "since": since, "until": until, "publisher": publisher, "text": text,
        "limit": limit,
    }  # fmt: skip
    ask(record, "entities", asked, json=json, csv=csv, table=table)


@app.command()
def articles(
    record: RecordFile = DEFAULT_RECORD,
    since: Since = None,
    until: Until = None,
    publisher: Publisher = None,
    text: TextWords = None,
    limit: Limit = None,
    json: Json = False,
    csv: Csv = False,
    table: AsTable = False,
) -> None:
    """Show the articles of a record, newest first."""
    asked: Asked = {"since": since, "until": until, "publisher": publisher, "text": text, "limit": limit}
    ask(record, "articles", asked, json=json, csv=csv, table=table)


@app.command()
def problems(
    record: RecordFile = DEFAULT_RECORD,
    text: TextWords = None,
    limit: Limit = None,
    json: Json = False,
    csv: Csv = False,
    table: AsTable = False,
) -> None:
    """Show what went wrong: sources that could not be read, and what is odd in articles."""
    ask(record, "problems", {"text": text, "limit": limit}, json=json, csv=csv, table=table)


@app.command()
def sql(
    question: Annotated[str, typer.Argument(metavar="SQL", help="One question; the record can't be changed by it.")],
    record: RecordFile = DEFAULT_RECORD,
    json: Json = False,
    csv: Csv = False,
    table: AsTable = False,
) -> None:
    """Ask a record in SQL: its tables, and the views events_flat, statements_flat and dyads_daily."""
    from communique.record import Record

    check_form(json, csv, table)
    with Record.open(record, read_only=True, confined=True) as opened:
        show(opened.answer_sql(question), None, json=json, csv=csv)


@app.command("show")
def show_event(
    event_id: Annotated[str, typer.Argument(metavar="EVENT_ID", help="An event's id, or how it begins.")],
    record: RecordFile = DEFAULT_RECORD,
    json: Json = False,
) -> None:
    """Show one event: its paragraph with the roles marked, why it was coded so, and where else it is reported."""
    from communique.record import Record

    with Record.open(record, read_only=True) as opened:
        sight = opened.sight(event_id)
    if json:
        import msgspec

        write([msgspec.json.encode(sight), b"\n"])
        return
    from rich.console import Console

    from communique.cli.sight import sight_view

    Console(highlight=False, emoji=False, markup=False).print(sight_view(sight))


@app.command("export")
def export_events(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(EXPORTS)}.")],
    out: Annotated[str, typer.Argument(metavar="OUT", help="The file, - for standard output; brat: a folder.")],
    record: RecordFile = DEFAULT_RECORD,
    one_a_day: Annotated[
        bool, typer.Option("--one-a-day", help="One record for each day, source, target and code (Phoenix's rule).")
    ] = False,
    occurrences: Annotated[
        bool, typer.Option("--occurrences", help="Count reports of one event in several articles once.")
    ] = False,
    actor: Actor = None,
    recipient: Recipient = None,
    between: Between = None,
    event: EventTypes = None,
    mode: Modes = None,
    status: Statuses = None,
    since: Since = None,
    until: Until = None,
    publisher: Publisher = None,
    text: TextWords = None,
    limit: Limit = None,
) -> None:
    """Write a record's events as other tools read them; brat and label-studio get whole articles, training what people
    have judged.

    Formats that can't say whether an event took place hold asserted events only, unless --status is given.
    """
    from communique.record import FORMATS, Record, export

    found = next((one for one in FORMATS if one == form), None)
    if found is None:
        raise typer.BadParameter(f"{form!r} is none of {', '.join(FORMATS)}", param_hint="FORMAT")
    asked: Asked = {
        "actor": actor, "recipient": recipient, "between": between, "event": event or (), "mode": mode or (),
        "status": status or (), "since": since, "until": until, "publisher": publisher, "text": text, "limit": limit,
    }  # fmt: skip
    with Record.open(record, read_only=True) as opened:
        file = sys.stdout.buffer if out == "-" else out
        count = export(opened, found, file, asked, one_a_day=one_a_day, occurrences=occurrences)
    if out != "-":
        typer.echo(f"{out}: {count} {COUNTED.get(form, 'events')}")


@app.command("recover")
def recover_record(
    damaged: Annotated[str, typer.Argument(metavar="FILE", help="A record that is damaged; it is only read.")],
    record: Annotated[str, typer.Option("--record", "-r", metavar="NEW", help="The new record with what is saved.")],
) -> None:
    """Save what can be read of a damaged record: articles as they were coded, those that are only text coded anew.

    What is lost is named, with its sources, so that it can be recorded again.
    """
    from communique.cli.reading import make_coder
    from communique.config import load_settings
    from communique.record import Coded, Record, current_run
    from communique.record.recover import recover

    found = recover(damaged, record)
    texts = [one for one in found.torn if one.article is not None]
    lost = [one for one in found.torn if one.article is None]
    coder = make_coder(None) if texts else None
    with Record.open(record) as opened:
        run = current_run(load_settings())
        for one in texts:
            assert coder is not None
            assert one.article is not None
            report = Coded(coder.code(one.article), next(iter(one.sources), None))
            opened.add([report], run=run, again=dict.fromkeys(one.sources[1:], one.article_id))
    for one in lost:
        warn(f"{one.article_id}: lost; it came from {', '.join(one.sources) or 'a source that is lost, too'}")
    for table, rows in found.unread.items():
        warn(f"{damaged}: up to {rows} rows of {table} can't be read")
    typer.echo(f"{record}: {found.saved} articles saved, {len(texts)} coded anew from their text, {len(lost)} lost")
    raise typer.Exit(SOME_FAILED if lost or found.unread else DONE)


@app.command("index")
def index_meaning(record: RecordFile = DEFAULT_RECORD) -> None:
    """Prepare a record for search by meaning: read the sentences that are new since the last time."""
    from communique.language import Language
    from communique.record import Record
    from communique.record.meaning import index

    with Record.open(record) as opened:
        count = index(opened, Language.load())
    typer.echo(f"{record}: {count} sentences read")


@app.command("search")
def search_meaning(
    question: Annotated[str, typer.Argument(metavar="WORDS", help="What to look for, in words of your own.")],
    record: RecordFile = DEFAULT_RECORD,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="No more than N sentences.")] = 10,
    json: Json = False,
) -> None:
    """Show the sentences that are nearest in meaning; communique index comes first. For exact words: --text."""
    from communique.language import Language
    from communique.record import Record
    from communique.record.meaning import missing, search

    check_date(since, "--since")
    check_date(until, "--until")
    with Record.open(record, read_only=True) as opened:
        if unread := missing(opened):
            warn(f"{record}: {unread} sentences are not searched yet; run: communique index -r {record}")
        found = search(opened, Language.load(), question, limit=limit, since=since, until=until)
    if json:
        import msgspec

        write(msgspec.json.encode(one) + b"\n" for one in found)
        return
    for one in found:
        head = " · ".join(part for part in (one.published, one.publisher, one.title) if part)
        typer.echo(f"{one.similarity:.2f}  {' '.join(one.sentence.split())}\n      {head or one.article_id}")


def ask(path: str, kind: Kind, asked: Asked, *, json: bool, csv: bool, table: bool) -> None:
    """Put a question to the record at ``path`` and print the answer."""
    from communique.record import Record

    check_form(json, csv, table)
    if not (json or csv) and asked.get("limit") is None:
        asked = {**asked, "limit": TABLE_ROWS}
    with Record.open(path, read_only=True) as opened:
        show(opened.answer(kind, asked), kind, json=json, csv=csv)


def check_form(json: bool, csv: bool, table: bool) -> None:
    """Refuse two forms at a time."""
    if json + csv + table > 1:
        raise typer.BadParameter("only one of --json, --csv and --table can be given")


def show(answer: Answer, kind: Kind | None, *, json: bool, csv: bool) -> None:
    """Print an answer in the form that is wanted; ``kind`` says how it looks to a person."""
    from communique.render.rows import csv_lines, json_lines, rows_table

    if json or csv:
        write((json_lines if json else csv_lines)(answer.columns, answer.rows))
        return
    from rich.console import Console

    console = Console(highlight=False, emoji=False, markup=False)
    if kind in ("events", "statements"):
        from communique.cli.answers import event_lines, statement_lines

        lines = event_lines if kind == "events" else statement_lines
        for row in answer.rows:
            console.print(lines(dict(zip(answer.columns, row, strict=True))))
        return
    columns = SHOWN[kind] if kind else answer.columns
    places = [answer.columns.index(column) for column in columns]
    rows = [[row[place] for place in places] for row in answer.rows]
    console.print(rows_table(columns, rows))


def write(lines: Iterable[bytes]) -> None:
    """Write bytes to standard output."""
    for line in lines:
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
