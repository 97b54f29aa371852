"""What can be saved of a damaged record: every article whose rows can all be read and are true to its digest.

DuckDB keeps a checksum of each block of a file and gives out nothing of one that is damaged. So each table is copied
stretch by stretch, the stretches that can't be read are halved until only rows of a damaged block are left out, and
then each article is put together and compared with the digest that was made of it when it was coded.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import msgspec

from communique.errors import RecordError
from communique.model import Article
from communique.record.rows import Coded, stamp
from communique.record.store import CODED_TABLES, Record

#: Rows of one vector of DuckDB's: with fewer at a time no more of a damaged block would come out.
FEWEST_ROWS = 2_048
#: What is copied: the machine's rows, those of earlier runs, and what people and the index of meaning added.
TABLES = ("runs", *CODED_TABLES, *(f"past.{table}" for table in CODED_TABLES), "corrections",
          "statement_corrections", "vectors")  # fmt: skip


class Torn(msgspec.Struct, frozen=True):
    """An article whose coding could not be saved, and its sources as far as they are known.

    ``article`` is None where its text could not be read either: then it is lost, and to be read from its sources anew.
    """

    article_id: str
    sources: tuple[str, ...]
    article: Article | None


class Recovered(msgspec.Struct, frozen=True):
    """What came of it: articles saved, articles that are not whole, and by table the rows that could not be read."""

    saved: int
    torn: tuple[Torn, ...]
    unread: dict[str, int]


def recover(damaged: str | Path, new: str | Path) -> Recovered:
    """Save what can be read of a damaged record in a new one.

    1. copy each table, but for the rows in damaged blocks;
    2. take out what belongs to no article, and articles that differ from their digest: where their text is whole, they
       can be coded anew.

    The damaged file is only read. Raises ``RecordError`` where the new one is there already, and where the damage is in
    the list of tables, so that nothing can be read.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with Record.open(folder / "a.duckdb"):
    ...     pass
    >>> recover(folder / "a.duckdb", folder / "b.duckdb")
    Recovered(saved=0, torn=(), unread={})
    """
    if Path(new).exists():
        raise RecordError(str(new), "this is there already; what is saved goes into a new record")
    if not Path(damaged).is_file():
        raise RecordError(str(damaged), "there is no such record")
    Record.open(new).close()
    unread = _copy(str(damaged), str(new))
    with Record.open(new) as record:
        torn = _sort_out(record)
        saved = record.sql("SELECT count(*) FROM articles").fetchall()[0][0]
    return Recovered(saved, torn, unread)


def _copy(damaged: str, new: str) -> dict[str, int]:
    """Copy all rows that can be read; return how many could not be, by table."""
    try:
        with duckdb.connect(new) as connection:
            connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
            quoted = damaged.replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' AS damaged (READ_ONLY)")
            there = connection.execute(
                "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = 'damaged'"
            ).fetchall()
            names = [name for name in TABLES if (_full(name),) in there]
            found = {name: _copy_table(connection, name) for name in names}
    except duckdb.Error as error:
        Path(new).unlink(missing_ok=True)
        reason = " ".join(str(error).split())
        raise RecordError(
            damaged, f"damaged where its tables are listed; go back to a copy of it ({reason})"
        ) from error
    return {name: rows for name, rows in found.items() if rows}


def _full(name: str) -> str:
    return name if "." in name else f"main.{name}"


def _copy_table(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """Copy one table by stretches of rows; return the number of rows left out."""
    count = connection.execute(f"SELECT coalesce(max(rowid) + 1, 0) FROM damaged.{_full(name)}").fetchall()[0][0]
    left_out, stretches = 0, [(0, count)]
    while stretches:
        start, end = stretches.pop()
        try:
            connection.execute(
                f"INSERT INTO {name} BY NAME SELECT * FROM damaged.{_full(name)} WHERE rowid >= ? AND rowid < ?",
                [start, end],
            )
        except duckdb.Error:
            if end - start <= FEWEST_ROWS:
                left_out += end - start
                continue
            middle = start + max((end - start) // (2 * FEWEST_ROWS), 1) * FEWEST_ROWS
            stretches += [(middle, end), (start, middle)]
    return left_out


def _sort_out(record: Record) -> tuple[Torn, ...]:
    """Take out all that is not whole, and return whose it is."""
    orphans = {row[0] for table in CODED_TABLES[1:] for row in record.sql(_ORPHANS.format(table=table)).fetchall()}
    rows = record.sql("SELECT id, article_digest, report_digest FROM articles").fetchall()
    digests = {key: (of_article, of_report) for key, of_article, of_report in rows}
    broken: dict[str, Article | None] = dict.fromkeys(sorted(orphans))
    for report in record.reports():
        key, stamped = report.article.id, stamp(Coded(report))
        if stamped.report_digest != digests[key][1]:
            broken[key] = report.article if stamped.article_digest == digests[key][0] else None
    sources: dict[str, list[str]] = {key: [] for key in broken}
    for source, key in record.sql("SELECT source, article_id FROM sources ORDER BY source").fetchall():
        if key in sources:
            sources[key].append(source)
    record.remove(broken)
    return tuple(Torn(key, tuple(sources[key]), article) for key, article in broken.items())


_ORPHANS = """
SELECT DISTINCT article_id FROM {table}
WHERE article_id IS NOT NULL AND article_id NOT IN (SELECT id FROM articles)
"""
