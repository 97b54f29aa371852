"""The record in the forms that other tools read: ``export``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, TypeVar, get_args

from communique.errors import RecordError
from communique.record.exports import marked, networks, older, plover, training
from communique.record.exports.cameo import one_a_day
from communique.record.exports.source import Coding, codings, pairs
from communique.record.queries import Asked
from communique.render.rows import csv_lines

if TYPE_CHECKING:
    from communique.record.store import Record

Format = Literal[
    "plover", "polecat", "icews", "phoenix", "gdelt", "csv", "parquet", "graphml", "gexf", "brat", "label-studio",
    "training",
]  # fmt: skip
FORMATS: tuple[Format, ...] = get_args(Format)
#: Formats with one record for an actor and a recipient, which the one-a-day rule is made for.
DYADIC = ("polecat", "icews", "phoenix", "gdelt")
#: Formats that events can be counted once in.
COUNTED = ("plover", *DYADIC, "graphml", "gexf")
#: A file's name, or a file that is open for writing bytes.
Out = str | IO[bytes]
T = TypeVar("T")


def export(
    record: Record,
    form: Format,
    out: Out,
    asked: Asked | None = None,
    *,
    one_a_day: bool = False,
    occurrences: bool = False,
) -> int:
    """Write the events that are asked for to ``out``: a file's name, an open binary file, for brat a folder's name.

    Return how many events or articles went in. ``one_a_day`` keeps one record for each day, source, target and full
    code (Phoenix's rule); ``occurrences`` counts reports of one event in several articles once. Formats that can't say
    whether an event took place hold asserted events only, unless ``asked`` names a status. A named file is written
    whole or not at all. Raises ``RecordError`` for a form that does not know an option, and for a file that can't be
    written.
    """
    asked = asked or {}
    if one_a_day and form not in DYADIC:
        raise RecordError(_name(out), f"one a day is for {', '.join(DYADIC)}, not for {form}")
    if occurrences and form not in COUNTED:
        raise RecordError(_name(out), f"occurrences can be counted in {', '.join(COUNTED)}, not in {form}")
    if form in ("brat", "label-studio"):
        return _articles(record, form, out, asked)
    if form == "parquet":
        return _parquet(record, out, asked)
    counter = _Counter()
    if form == "training":
        write_file(out, counter.of(training.lines(record)))
    elif form == "csv":
        answer = record.answer("events", asked)
        write_file(out, csv_lines(answer.columns, counter.of(answer.rows)))
    else:
        found = counter.of(codings(record, asked, count_once=occurrences, story=form == "polecat"))
        write_file(out, _lines(form, found, one_a_day))
    return counter.count


class _Counter:
    """Counts what goes by."""

    def __init__(self) -> None:
        self.count = 0

    def of(self, items: Iterable[T]) -> Iterator[T]:
        for item in items:
            self.count += 1
            yield item


def _lines(form: Format, found: Iterable[Coding], merge: bool) -> Iterator[bytes]:
    if form == "plover":
        return plover.lines(found)
    if form in ("graphml", "gexf"):
        made = networks.network(found)
        return networks.graphml(made) if form == "graphml" else networks.gexf(made)
    chosen = _older(form)
    return older.lines(chosen, one_a_day(pairs(found, both=chosen.both), merge=merge))


def _older(form: Format) -> older.Format:
    if form in ("phoenix", "gdelt"):
        return older.PHOENIX if form == "phoenix" else older.GDELT
    from communique.actors import Atlas

    states = Atlas.load().entities.values()
    names = {one.country or one.id: one.name for one in states if one.kind == "state" and one.id == one.country}
    return older.icews(names) if form == "icews" else older.polecat(names)


def _articles(record: Record, form: Format, out: Out, asked: Asked) -> int:
    """Whole articles: those that the filters of articles leave."""
    answer = record.answer("articles", asked)
    asked_for = [row[0] for row in answer.rows]
    found = {report.article.id: report for report in record.reports(asked_for)}
    reports = [found[key] for key in asked_for]  # in the order of the answer, not in that of recording
    if form == "label-studio":
        write_file(out, [marked.label_studio(reports)])
        if isinstance(out, str):
            write_file(f"{os.path.splitext(out)[0]}.xml", [marked.label_studio_settings().encode()])
        return len(reports)
    if not isinstance(out, str):
        raise RecordError(_name(out), "brat needs a folder")
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(out, error.strerror or "can not be made") from error
    write_file(str(Path(out, "annotation.conf")), [marked.brat_settings().encode()])
    for report in reports:
        made = marked.brat(report)
        write_file(str(Path(out, f"{made.name}.txt")), [made.text.encode()])
        write_file(str(Path(out, f"{made.name}.ann")), [made.marks.encode()])
    return len(reports)


def _parquet(record: Record, out: Out, asked: Asked) -> int:
    if not isinstance(out, str):
        raise RecordError(_name(out), "parquet needs a file")
    table = record.events(**asked).to_arrow_table()
    import pyarrow.parquet

    with _new_file(out) as file:
        pyarrow.parquet.write_table(table, file)
    return int(table.num_rows)


def write_file(out: Out, lines: Iterable[bytes]) -> None:
    """Write a named file whole or not at all; what is open is just written to."""
    if not isinstance(out, str):
        out.writelines(lines)
        return
    with _new_file(out) as file:
        file.writelines(lines)


@contextmanager
def _new_file(out: str) -> Iterator[IO[bytes]]:
    """Give a file that takes the place of ``out`` once it is whole; never one that somebody else has put there."""
    new = Path(f"{out}.new")
    try:
        new.unlink(missing_ok=True)  # of a killed run; "x" follows no link that comes between
        with new.open("xb") as file:
            yield file
        new.replace(out)
    except OSError as error:
        raise RecordError(out, error.strerror or "can not be written") from error


def _name(out: Out) -> str:
    return out if isinstance(out, str) else "standard output"
