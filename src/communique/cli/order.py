"""``communique order``: how the powers align, from an event table."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from communique.cli.app import SOME_FAILED, app, check_date, warn
from communique.errors import ConfigError

if TYPE_CHECKING:
    from communique.actors import Atlas

#: What numpy's linear algebra asks for its number of threads; a busy machine is ten times faster with one.
THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
#: What is shown of a number, and of a text.
DECIMALS, TEXT_WIDTH = 2, 60
#: Periods that a sparkline shows at most, the last ones; names in a list.
SPARKS, LISTED, CHANGES, NAMED = 60, 12, 8, 3
#: Resamples of the interval of a chart, and of a table.
RESAMPLES = 1000
#: Pairs that ``order map`` lists, and states that a map and a matrix name.
CLOSEST = 20
#: States whose pairs are listed: as many as the measures were checked on; of states seldom seen little is known.
ACTIVE = 60

order = typer.Typer(no_args_is_help=True, help="How the powers align: pairs of states, blocs, poles, tension.")
app.add_typer(order, name="order")


@order.callback()
def _quick() -> None:
    """Keep numpy to one thread, before it is loaded: matrices are small, and threads would wait for each other."""
    for variable in THREADS:
        os.environ.setdefault(variable, "1")


#: Short heads, for a terminal of 80 columns: verbal and material, cooperation and conflict.
HEADS = {
    "verbal_cooperation": "v.coop",
    "material_cooperation": "m.coop",
    "verbal_conflict": "v.conf",
    "material_conflict": "m.conf",
}
#: Below this p an answer in kind is told as one.
SURE = 0.05
#: A DuckDB file begins with a checksum of eight bytes and these.
CHECKSUM, RECORD_MAGIC = bytes(8), b"DUCK"

Events = Annotated[
    list[str],
    typer.Option("--events", "-e", metavar="FILE",
                 help="A record, or a table of ICEWS, Phoenix, GDELT, POLECAT or our own (CSV, TSV, Parquet, JSON)."),
]  # fmt: skip
Since = Annotated[str | None, typer.Option("--since", metavar="DATE", help="Leave out events before this day.")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Leave out events from this day on.")]
By = Annotated[
    Literal["day", "week", "month", "year"], typer.Option("--by", metavar="PERIOD", help="day, week, month or year.")
]
HalfLife = Annotated[
    float | None,
    typer.Option("--half-life", metavar="YEARS", min=0.01, help="Let earlier events count, too, half after YEARS."),
]
#: The default of ``alignment``; not imported, because numpy would come with it.
MEMORY = 3.0
OFFICIAL_HELP = "Leave out citizens, firms, media and rebels, where the table tells."
Official = Annotated[bool, typer.Option("--official", help=OFFICIAL_HELP)]
#: How states align is told by their organs (docs/methods/validity.md), how tense a pair is by all its people.
EVERYBODY_HELP = "Count citizens, firms, media and rebels, too, not organs of states alone."
Everybody = Annotated[bool, typer.Option("--everybody", help=EVERYBODY_HELP)]
Json = Annotated[bool, typer.Option("--json", help="Print one row a line, as JSON.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Plot = Annotated[str | None, typer.Option("--plot", metavar="FILE", help="Draw it, too: .svg, .html or .png.")]


@order.command("dyad")
def dyad(
    a: Annotated[str, typer.Argument(metavar="STATE", help="A state: name, code, capital or adjective.")],
    b: Annotated[str, typer.Argument(metavar="STATE", help="The other state.")],
    events: Events,
    by: By = "month",
    since: Since = None,
    until: Until = None,
    official: Official = False,
    directed: Annotated[bool, typer.Option("--directed", help="Tell apart who did it.")] = False,
    types: Annotated[bool, typer.Option("--types", help="Count each type of event, too.")] = False,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """Show what two states do to each other over time, when that changed, and whether they answer in kind."""
    from communique.order import between, changes, dyads, reciprocity

    whole = _load(events, since, until, official)
    one, other = _state(a), _state(b)
    table = between(whole, one, other)
    pair = (one, other)
    rows = dyads(whole, period=by, directed=directed, by_type=types, resamples=RESAMPLES, pair=pair).to_pylist()
    symmetric = rows
    if directed:
        symmetric = dyads(whole, period=by, directed=False, resamples=RESAMPLES, pair=pair).to_pylist()
    turns = changes(table, one, other, period=by).to_pylist()
    if plot:
        from communique.order.charts import dyad_chart, save

        save(
            dyad_chart(f"{one} and {other}, by {by}", symmetric, _largest(table, by), [row["period"] for row in turns]),
            plot,
        )
    if _machine(rows, json=json, csv=csv):
        return
    known = () if directed else ("a", "b")
    _show(
        rows[-SPARKS:],
        drop=(*known, *(() if types else ("net", "neutral", "balance", "tension"))),
    )
    _sparks(f"{one} and {other}", symmetric, by)
    for row in turns[-CHANGES:]:
        typer.echo(f"change {row['period']}: mean {row['before']:+.1f} to {row['after']:+.1f}")
        for line in row["makers"]:
            typer.echo(f"    {line}")
    answers = [row for row in reciprocity(table, one, other, period=by).to_pylist() if row["answer"] is not None]
    for actor in (one, other):
        own = [row for row in answers if row["actor"] == actor]
        if own:
            best = min(own, key=lambda row: (row["p"], -abs(row["answer"])))
            kind = "in kind" if best["answer"] > 0 else "with the opposite"
            p = min(1.0, best["p"] * len(own))  # the best of so many lags
            seen = f"answers {kind}" if p < SURE else f"is not surely seen to answer; at best {kind}"
            typer.echo(f"{actor} {seen} after {best['lag']} {by}s: {best['answer']:+.2f} (p {p:.2f})")
    if sum(row["events"] for row in symmetric) and all(row["few"] for row in symmetric):
        warn(f"{one} and {other}: few events in every {by}; try a longer --by")


@order.command("tension")
def tense(
    events: Events,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="How many pairs.")] = 20,
    by: By = "year",
    since: Since = None,
    until: Until = None,
    official: Official = False,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """List the tensest pairs of states, each with its course over time."""
    from communique.order import tension
    from communique.order.charts import bar_chart, save, sparkline

    table = _load(events, since, until, official)
    rows = tension(table, top=top).drop_columns("period").to_pylist()
    course = _courses(tension(table, period=by).to_pylist(), "tension")
    if plot:
        few = {True: " (few)", False: ""}
        bars = [(f"{row['a']} {row['b']}", row["tension"], f"{row['events']} events{few[row['few']]}") for row in rows]
        save(bar_chart("The tensest pairs of states", bars, label="tension, 0 to 1"), plot)
    if _machine(rows, json=json, csv=csv):
        return
    top_value = max((value for row in rows for value in course[row["a"], row["b"]] if value is not None), default=1.0)
    _show([{**row, "course": sparkline(course[row["a"], row["b"]][-SPARKS:], low=0.0, high=top_value)} for row in rows])


@order.command("map")
def map_states(
    events: Events,
    by: By = "year",
    since: Since = None,
    until: Until = None,
    everybody: Everybody = False,
    half_life: HalfLife = MEMORY,
    state: Annotated[str | None, typer.Option("--state", metavar="STATE", help="Only pairs with this state.")] = None,
    states: Annotated[
        int, typer.Option("--states", metavar="N", min=2, help="Only pairs of the N states with most events.")
    ] = ACTIVE,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="How many pairs.")] = CLOSEST,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """List the most aligned pairs of states of the last period; draw the states as a map, near where alike."""
    from communique.order import alignment

    table = _load(events, since, until, not everybody)
    wanted = _state(state) if state else None
    if plot:
        _plot_map(table, by, half_life, plot)
    rows = alignment(table, period=by, half_life=half_life).to_pylist()
    active = {*_most_active(table, states), *filter(None, [wanted])}
    rows = [
        row for row in rows if {row["a"], row["b"]} <= active and (wanted is None or wanted in (row["a"], row["b"]))
    ]
    if _machine(rows, json=json, csv=csv):
        return
    last = [row for row in rows if row["period"] == rows[-1]["period"] and row["alignment"] is not None]
    _show(sorted(last, key=lambda row: (-row["alignment"], row["a"], row["b"]))[:top], drop=("blend",))


@order.command("blocs")
def show_blocs(
    events: Events,
    by: By = "year",
    since: Since = None,
    until: Until = None,
    everybody: Everybody = False,
    half_life: HalfLife = None,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """Show who stands with whom in the last period, how surely, and how balanced the whole is over time."""
    from communique.order import balance, blocs
    from communique.order.charts import sparkline

    table = _load(events, since, until, not everybody)
    rows = blocs(table, period=by, half_life=half_life).to_pylist()
    if plot:
        _plot_blocs(table, by, half_life, plot)
    if _machine(rows, json=json, csv=csv):
        return
    last = [row for row in rows if row["period"] == rows[-1]["period"]] if rows else []
    if not last:
        warn("no state has enough events in any period: try a longer --by or --half-life")
        return
    typer.echo(f"{last[0]['period']}: modularity {last[0]['modularity']:.2f} (by chance {last[0]['chance']:.2f}), "
               f"stability {last[0]['stability']:.2f}")  # fmt: skip
    for number in sorted({row["bloc"] for row in last}):
        own = sorted((row for row in last if row["bloc"] == number), key=lambda row: (-row["inside"], row["state"]))
        typer.echo(f"bloc {number}: {len(own)} states")
        for kind in ("core", "member", "between"):
            states = [row["state"] for row in own if row["role"] == kind]
            if states:
                typer.echo(f"    {kind}: {_list(states)}")
    balanced = balance(table, period=by, half_life=half_life).to_pylist()
    told = [row for row in balanced if row["balanced"] is not None]
    if told:
        course = sparkline([row["balanced"] for row in balanced][-SPARKS:])
        typer.echo(f"balanced triads: {course}  {told[-1]['balanced']:.0%} "
                   f"(by chance {told[-1]['expected']:.0%}); ties amiss {told[-1]['frustration']:.0%}")  # fmt: skip


@order.command("poles")
def show_poles(
    events: Events,
    by: By = "year",
    since: Since = None,
    until: Until = None,
    everybody: Everybody = False,
    half_life: HalfLife = None,
    json: Json = False,
    csv: Csv = False,
    plot: Plot = None,
) -> None:
    """Show how many poles the world has over time, how far apart, who leads them and who changed sides."""
    from communique.order import poles, switches
    from communique.order.charts import lines_chart, save, sparkline

    table = _load(events, since, until, not everybody)
    rows = poles(table, period=by, half_life=half_life).to_pylist()
    if plot:
        days = [row["period"] for row in rows]
        series = {
            "effective number of poles": "poles",
            "distance between poles, in score": "distance",
            "modularity": "modularity",
        }
        save(
            lines_chart("Polarity", days, {label: [row[name] for row in rows] for label, name in series.items()}), plot
        )
    if _machine(rows, json=json, csv=csv):
        return
    _show(rows[-SPARKS:])
    for name in ("poles", "distance"):
        typer.echo(f"{name:9} {sparkline([row[name] for row in rows][-SPARKS:])}")
    turned = switches(table, period=by, half_life=half_life).to_pylist()
    for row in turned[-LISTED:]:
        typer.echo(
            f"{row['period']} {row['state']} left the pole of {row['left_leader']} for that of {row['joined_leader']}"
        )


@order.command("stance")
def show_stance(
    statements: Annotated[
        str,
        typer.Option("--statements", metavar="FILE", help="CSV, TSV or Parquet with date, speaker, about and score."),
    ],
    by: By = "year",
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Show who defends and who denounces whom, over statements."""
    from communique.order import stance
    from communique.order.reading import read_columns

    rows = stance(read_columns(statements), period=by).to_pylist()
    if not _machine(rows, json=json, csv=csv):
        _show(rows)


def _load(paths: Sequence[str], since: str | None, until: str | None, official: bool) -> Any:
    """Read event tables into one; say on stderr what was left out."""
    import pyarrow as pa

    check_date(since, "--since")
    check_date(until, "--until")
    tables = []
    for path in paths:
        reading = _read(path, official)
        for problem in reading.problems:
            warn(problem)
        if reading.actors > reading.resolved:
            missed = reading.actors - reading.resolved
            names = ", ".join(name for name, _ in reading.unknown[:NAMED]) + (
                ", ..." if len(reading.unknown) > NAMED else ""
            )
            warn(f"{path}: {missed} of {reading.actors} actors are no states that are known ({names})")
        tables.append(reading.table)
    table = pa.concat_tables(tables).unify_dictionaries()
    return _within(table, since, until)


def _is_record(path: str) -> bool:
    """Say whether a file is a DuckDB database, by its head."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(CHECKSUM) + len(RECORD_MAGIC)).endswith(RECORD_MAGIC)
    except OSError:
        return False


def _read(path: str, official: bool) -> Any:
    from communique.order import read_events

    if not _is_record(path):
        return read_events(path, atlas=_atlas(), official=official)
    from communique.record import Record

    with Record.open(path, read_only=True) as record:
        return read_events(record.pairs(official=official).to_arrow_table(), atlas=_atlas())


def _within(table: Any, since: str | None, until: str | None) -> Any:
    from datetime import date

    import pyarrow.compute as pc

    if since:
        table = table.filter(pc.greater_equal(table["date"], date.fromisoformat(since[:10])))
    if until:
        table = table.filter(pc.less(table["date"], date.fromisoformat(until[:10])))
    if not table.num_rows:
        warn("there is no event between two states")
        raise typer.Exit(SOME_FAILED)
    return table


def _atlas() -> Atlas:
    from communique.actors import Atlas

    return Atlas.load()


def _state(name: str) -> str:
    """The code of the state that a person means by a name."""
    from communique.actors import like
    from communique.order import Resolver

    found = Resolver(_atlas()).state(name)
    if found is None:
        offered = " or ".join(repr(form) for form in like(_atlas(), name))
        raise ConfigError(f"{name}: no state is known by that name" + (f"; did you mean {offered}?" if offered else ""))
    return found


def _largest(table: Any, by: Any) -> list[tuple[Any, float, str]]:
    """The largest event of each of the periods in which most was done, for good or ill, with what is said of it."""
    import numpy as np

    from communique.order.charts import TOLD
    from communique.order.tables import starts

    rows = table.to_pylist()
    periods: dict[Any, list[dict[str, Any]]] = {}
    for row, start in zip(rows, starts(np.array([row["date"] for row in rows], "M8[D]"), by).tolist(), strict=True):
        periods.setdefault(start, []).append(row)
    net = {start: sum(row["score"] for row in own) for start, own in periods.items()}
    told = sorted(periods, key=lambda start: (-abs(net[start]), start))[:TOLD]
    largest = (max(periods[start], key=lambda row: row["score"] * (1 if net[start] > 0 else -1)) for start in told)
    return [(row["date"], row["score"], f"{row['actor']} > {row['recipient']}: {_text(row)}") for row in largest]


def _text(row: Mapping[str, Any]) -> str:
    return str(row["text"] or row["event"] or row["quad"])


def _most_active(table: Any, most: int) -> list[str]:
    """The states with most events."""
    import numpy as np

    from communique.order.tables import code

    coded = code(table)
    size = len(coded.states)
    count = np.bincount(coded.actor, minlength=size) + np.bincount(coded.recipient, minlength=size)
    return [coded.states[index] for index in np.argsort(-count, kind="stable")[:most]]


def _courses(rows: Sequence[Mapping[str, Any]], name: str) -> dict[tuple[str, str], list[float | None]]:
    """The values of each pair over all periods."""
    periods = sorted({row["period"] for row in rows})
    place = {period: index for index, period in enumerate(periods)}
    courses: dict[tuple[str, str], list[float | None]] = {}
    for row in rows:
        courses.setdefault((row["a"], row["b"]), [None] * len(periods))[place[row["period"]]] = row[name]
    return courses


def _sparks(title: str, rows: Sequence[Mapping[str, Any]], by: str) -> None:
    from communique.order.charts import sparkline

    shown = rows[-SPARKS:]
    typer.echo(f"{title}, {shown[0]['period']} to {shown[-1]['period']}, {sum(row['events'] for row in rows)} events")
    typer.echo(f"mean score {sparkline([row['mean'] for row in shown])}")
    typer.echo(f"events     {sparkline([float(row['events']) for row in shown])}")


def _plot_map(table: Any, by: Any, half_life: float | None, path: str) -> None:
    import numpy as np

    from communique.order.alignment import DEFAULT, matrices
    from communique.order.blocs import partitions
    from communique.order.charts import NAMED, map_chart, places, save

    found = partitions(table, period=by, half_life=half_life)[-1]
    chosen = _heaviest(found, NAMED)
    matrix = matrices(found.ties, [DEFAULT])[DEFAULT]
    tie = found.ties.net[np.ix_(chosen, chosen)]
    names = [found.ties.states[i] for i in chosen]
    title = f"Who is aligned with whom, {by} from {found.ties.period}"
    weights = found.ties.weight.sum(1)[chosen]
    save(map_chart(title, names, places(found.ties, matrix, chosen), weights, found.bloc[chosen].tolist(), tie), path)


def _plot_blocs(table: Any, by: Any, half_life: float | None, path: str) -> None:
    import numpy as np

    from communique.order.blocs import partitions
    from communique.order.charts import IN_MATRIX, matrix_chart, save

    found = partitions(table, period=by, half_life=half_life)[-1]
    chosen = sorted(_heaviest(found, IN_MATRIX), key=lambda i: (int(found.bloc[i]), -float(found.ties.weight[i].sum())))
    tie = found.ties.net[np.ix_(chosen, chosen)]
    names = [found.ties.states[i] for i in chosen]
    save(matrix_chart(f"Blocs, {by} from {found.ties.period}", names, tie, found.bloc[chosen].tolist()), path)


def _heaviest(found: Any, most: int) -> list[int]:
    """The states with a bloc that have most events."""
    weight = found.ties.weight.sum(1)
    return [int(i) for i in (-weight).argsort(kind="stable") if found.bloc[i] >= 0][:most]


def _machine(rows: Sequence[Mapping[str, Any]], *, json: bool, csv: bool) -> bool:
    """Print rows as JSON lines or CSV where asked to."""
    if json and csv:
        raise typer.BadParameter("give one of --json and --csv")
    if json:
        import msgspec

        for row in rows:
            sys.stdout.buffer.write(msgspec.json.encode(row) + b"\n")
    if csv:
        _write_csv(rows)
    sys.stdout.flush()
    return json or csv


def _write_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    import csv as writer

    if rows:
        out = writer.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows({name: ";".join(v) if isinstance(v, list) else v for name, v in row.items()} for row in rows)


def _show(rows: Sequence[Mapping[str, Any]], drop: Sequence[str] = ()) -> None:
    """Print rows as a table that fits its widest cells."""
    if not rows:
        return
    names = [name for name in rows[0] if name not in drop]
    cells = [[_cell(row[name]) for name in names] for row in rows]
    heads = [HEADS.get(name, name.replace("_", " ")) for name in names]
    widths = [max(len(line[i]) for line in (heads, *cells)) for i in range(len(names))]
    right = [isinstance(rows[0][name], (int, float)) and not isinstance(rows[0][name], bool) for name in names]
    for line in (heads, *cells):
        typer.echo("  ".join(_aligned(line, widths, right)).rstrip())


def _aligned(line: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterator[str]:
    for cell, width, numeric in zip(line, widths, right, strict=True):
        place: Callable[[int], str] = cell.rjust if numeric else cell.ljust
        yield place(width)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "few" if value else ""
    if isinstance(value, float):
        return f"{value:.{DECIMALS}f}"
    if isinstance(value, list):
        return _list([str(each) for each in value])
    return str(value)[:TEXT_WIDTH]


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
