"""Rows of an answer as JSON lines, CSV, or a table for a person."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from rich.table import Table
from rich.text import Text

#: Between the words of a list in one cell.
AND = "; "
#: A cell that begins so is a formula to a spreadsheet (OWASP, "CSV Injection"); the mark before it makes it a text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
TEXT_MARK = "'"
#: What no file in XML may hold and no terminal should get: controls, changes of direction, halves of characters.
COMMANDS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
#: Characters of one cell that a table shows.
LONGEST_CELL = 300
#: Cells of a column that are never longer than a date or a kind are not broken.
UNBROKEN = 12
ELLIPSIS = "…"


def json_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield each row as one line of JSON, dates as ISO 8601.

    >>> from datetime import date
    >>> list(json_lines(["day"], [[date(2023, 3, 22)]]))
    [b'{"day":"2023-03-22"}\\n']
    """
    for row in rows:
        yield msgspec.json.encode(dict(zip(columns, row, strict=True)), enc_hook=str) + b"\n"


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield a heading and each row as CSV that no spreadsheet takes for a formula; no row has a line break in it.

    >>> list(csv_lines(["a", "b"], [["=1+1", ["x", "y"]]]))
    [b'a,b\\r\\n', b"'=1+1,x; y\\r\\n"]
    """
    yield _csv_line(columns)
    for row in rows:
        yield _csv_line([cell(value) for value in row])


def _csv_line(values: Sequence[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue().encode()


def cell(value: Any) -> str:
    """Return a value as the text of a spreadsheet's cell: on one line, a list as words, no formula.

    >>> cell(["a", None, "b"]), cell(-1.5), cell("-1.5"), cell("two\\nlines")
    ('a; b', '-1.5', "'-1.5", 'two lines')
    """
    text = _plain(value)
    return f"{TEXT_MARK}{text}" if text.startswith(FORMULA_STARTS) and not isinstance(value, int | float) else text


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return AND.join(_plain(item) for item in value if item is not None)
    if isinstance(value, dict):
        return msgspec.json.encode(value, enc_hook=str).decode()
    return one_line(str(value))


def one_line(text: str) -> str:
    r"""Return ``text`` without line breaks and tabs, which would break a row, and without what commands a terminal.

    >>> one_line("a\tb\r\n c"), one_line("\x1b[31mred")
    ('a b c', '[31mred')
    """
    return " ".join((text if text.isprintable() else COMMANDS.sub("", text)).split())


def rows_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Return a table that fits any width."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    cells = [[_cut(_plain(value)) for value in row] for row in rows]
    for place, column in enumerate(columns):
        short = all(len(row[place]) <= UNBROKEN for row in cells)  # dates, codes and counts stay in one line
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=short)
    for row in cells:
        table.add_row(*map(Text, row))
    return table


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1].rstrip()}{ELLIPSIS}"
