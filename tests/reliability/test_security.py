"""The threats of docs/security.md, a test or more for each that is not tested beside the code it is about."""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import re
import socket
import tarfile
import tomllib
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import msgspec
import pytest
from reliability.hostile import Server
from tests.record.conftest import FIRST
from tests.reliability.conftest import Impatient

import communique
from communique.articles import Problem, read_named
from communique.articles import fetch as fetching
from communique.articles.fetch import Fetcher
from communique.config import load_settings
from communique.errors import QueryError, SourceError
from communique.model import Report
from communique.order.charts import Picture, page, svg
from communique.record import FORMATS, Coded, Record, export
from communique.record.queries import FILTERS, Kind
from communique.record.review import sample
from communique.render.rows import FORMULA_STARTS, csv_lines, rows_table

ROOT = Path(__file__).parents[2]
SOURCES = sorted(Path(communique.__file__).parent.rglob("*.py"))
#: What strangers may write anywhere: markup, formulas, SQL, paths, controls, the ends of everything.
NASTY = (
    "<script>alert(1)</script>", "\"><img src=x onerror='alert(1)'>", "]]><a/>", "&lt;&#x3c;", "=HYPERLINK(\"x\")",
    "@SUM(1)", "-1+1", "+1", "\t=1", "'; DROP TABLE events; --", "\" OR 1=1 --", "../../../etc/passwd", "$1 ? %s {0}",
    "a\tb\r\nc\vd\fe\x00f\x1bg\u2028h\x85i\ufffe", "\u202egnp.exe", "[red]x[/red]", "\x1b[31mred\x1b[0m",
    "\\\"'`${7*7}{{7*7}}",
)  # fmt: skip


def nasty_report(report: Report, words: str, number: int) -> Report:
    """The report with ``words`` in every field that strangers fill."""
    replace = msgspec.structs.replace
    article = replace(
        report.article, id=f"{report.article.id}-{number}", title=words, publisher=words, author=words, url=words,
        text=f"{report.article.text} {words}", language=words, reader=words,
    )  # fmt: skip
    return replace(
        report, article=article, problems=(words,),
        entities=tuple(
            replace(one, id=f"{one.id}{number}", name=f"{words}{one.name}", sectors=(words,)) for one in report.entities
        ),
        events=tuple(
            replace(one, id=f"{number:016x}", why=words, statement_id=None, actors=(f"BOR{number}",),
                    recipients=(f"SYL{number}",))
            for one in report.events
        ),
        statements=tuple(replace(one, id=f"st{number}", channel=words) for one in report.statements),
        mentions=tuple(replace(one, id=f"m{number}") for one in report.mentions),
    )  # fmt: skip


@pytest.fixture
def record(report: Report) -> Iterator[Record]:
    with Record.open(":memory:") as opened:
        made = [Coded(nasty_report(report, words, number), words) for number, words in enumerate(NASTY)]
        opened.add(made, run=FIRST)
        yield opened


class Tags(HTMLParser):
    """Collects what a browser would take for elements and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(name for name, _ in attrs)}


def written(record: Record, form: str, folder: Path) -> bytes:
    if form in ("parquet", "brat"):
        export(record, form, str(folder / "out"))  # type: ignore[arg-type]
        return b""
    file = io.BytesIO()
    export(record, form, file)  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize("form", FORMATS)
def test_markup_in_every_field_of_every_export(record: Record, form: str, tmp_path: Path) -> None:
    made = written(record, form, tmp_path)
    if form in ("graphml", "gexf"):
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(made).iter()}
        assert tags.isdisjoint({"script", "img", "a"})
    elif form in ("plover", "training"):
        assert all(json.loads(line) for line in made.splitlines())
    elif form == "label-studio":
        assert len(json.loads(made)) == len(NASTY)
    elif form == "csv":
        rows = list(csv.reader(io.StringIO(made.decode(), newline="")))
        assert len(rows) == len(NASTY) + 1 == len(made.decode().split("\r\n")) - 1
        assert not [cell for row in rows for cell in row if cell.startswith(FORMULA_STARTS) and not is_number(cell)]
    elif form == "brat":
        outside = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != tmp_path / "out"]
        assert not outside
    elif form != "parquet":
        lines = made.decode().split("\n")[:-1]
        assert {line.count("\t") for line in lines} == {lines[0].count("\t")}
        assert len(made.decode().splitlines()) == len(lines)


def is_number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None


def test_formulas_in_every_csv(record: Record) -> None:
    for kind in FILTERS:
        answer = record.answer(kind, {})
        for line in csv.reader(io.StringIO(b"".join(csv_lines(answer.columns, answer.rows)).decode(), newline="")):
            assert not [cell for cell in line if cell.startswith(FORMULA_STARTS) and not is_number(cell)]
    for line in csv.reader(io.StringIO(sample(record, size=99).decode(), newline="")):
        assert not [cell for cell in line if cell.startswith(FORMULA_STARTS) and not is_number(cell)]


@pytest.mark.parametrize("words", NASTY)
def test_markup_in_pictures(words: str) -> None:
    picture = Picture(words, 100, 100, ())
    for made in (svg(picture), page(picture)):
        tags = Tags()
        tags.feed(made)
        assert tags.seen.isdisjoint({"script", "img", "a", "onerror", "onload"})


def test_no_escape_of_a_terminal_gets_out(record: Record) -> None:
    from rich.console import Console

    for kind in FILTERS:
        answer = record.answer(kind, {})
        out = io.StringIO()
        Console(file=out, force_terminal=False, width=200).print(rows_table(answer.columns, list(answer.rows)))
        assert "\x1b" not in out.getvalue()
        assert "\x00" not in out.getvalue()


@pytest.mark.parametrize("words", NASTY)
def test_sql_in_every_filter(record: Record, words: str) -> None:
    before = record.sql("SELECT count(*) FROM events").fetchall()
    for kind, filters in FILTERS.items():
        for name in (*filters, "text"):
            ask(record, kind, name, words)
    assert record.sql("SELECT count(*) FROM events").fetchall() == before


def ask(record: Record, kind: Kind, name: str, words: str) -> None:
    """Ask, and let a word that is none be refused: by us, in our words, never by DuckDB."""
    value = (words, words) if name == "between" else words
    try:
        list(record.answer(kind, {name: value}).rows)  # type: ignore[misc]
    except QueryError as error:
        if "Error:" in str(error):
            raise


@pytest.mark.parametrize(
    "table", ["events; DROP TABLE events", 'x" AS y', "past.events, read_text('/etc/passwd')", "", "a.b.c"]
)
def test_sql_in_a_tables_name(record: Record, table: str) -> None:
    with pytest.raises(QueryError, match="is no table or view of a record"):
        record.rows(table)


QUESTIONS = (
    "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "COPY (SELECT 1) TO '{folder}/x'",
    "ATTACH '{folder}/y.duckdb'", "INSTALL httpfs", "LOAD httpfs", "SELECT * FROM read_csv('http://127.0.0.1:9/x')",
    "SET enable_external_access = true", "EXPORT DATABASE '{folder}/z'",
    "PRAGMA database_list; SELECT * FROM glob('/*')",
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("read_only", [True, False])
def test_questions_reach_no_file_and_no_network(tmp_path: Path, question: str, read_only: bool) -> None:
    with Record.open(tmp_path / "a.duckdb"):
        pass
    with Record.open(tmp_path / "a.duckdb", read_only=read_only) as record, pytest.raises(QueryError):
        list(record.answer_sql(question.format(folder=tmp_path)).rows)
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith(".wal")] == ["a.duckdb"]


def test_a_record_that_somebody_else_made_reads_no_file(tmp_path: Path) -> None:
    path, secret = tmp_path / "theirs.duckdb", tmp_path / "secret.txt"
    secret.write_text("secret")
    with Record.open(path):
        pass
    with duckdb.connect(str(path)) as theirs:
        theirs.execute("DROP VIEW events_flat")
        theirs.execute(f"CREATE VIEW events_flat AS SELECT content AS event_id FROM read_text('{secret}')")
    with Record.open(path, read_only=True) as record, pytest.raises(QueryError):
        record.rows("events_flat").fetchall()


def test_ids_of_a_record_name_no_file_outside(report: Report, tmp_path: Path) -> None:
    evil = msgspec.structs.replace(report, article=msgspec.structs.replace(report.article, id="../../evil"))
    with Record.open(":memory:") as record:
        record.add([evil], run=FIRST)
        export(record, "brat", str(tmp_path / "a" / "b" / "out"))
    assert {path.parent for path in tmp_path.rglob("*.txt")} == {tmp_path / "a" / "b" / "out"}


def test_nothing_is_written_through_a_link(report: Report, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("precious")
    with Record.open(":memory:") as record:
        record.add([report], run=FIRST)
        for form in ("csv", "plover", "parquet"):
            out = tmp_path / f"out.{form}"
            Path(f"{out}.new").symlink_to(mine)
            export(record, form, str(out))  # type: ignore[arg-type]
            assert not out.is_symlink()
    assert mine.read_text() == "precious"


PATHS = ("../../evil", "/etc/evil", "..\\..\\evil", "C:\\evil", "a/../../evil", "~/evil", "a\nb", "x" * 300)
ARTICLE = b"Talks end\n\nBorduria met Syldavia in Klow on Monday, officials said, and the talks ended without a result."


def archives() -> Iterator[tuple[str, bytes]]:
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as file:
        for name in PATHS:
            file.writestr(name, ARTICLE)
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16  # a symbolic link
        file.writestr(link, "/etc/passwd")
    with tarfile.open(fileobj=tarred, mode="w") as file:
        for name in PATHS:
            member = tarfile.TarInfo(name)
            member.size = len(ARTICLE)
            file.addfile(member, io.BytesIO(ARTICLE))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            member = tarfile.TarInfo("link")
            member.type, member.linkname = kind, "/etc/passwd"
            file.addfile(member)
    yield "zip", zipped.getvalue()
    yield "tar", tarred.getvalue()


@pytest.mark.parametrize(("form", "raw"), [*archives()], ids=["zip", "tar"])
def test_paths_in_archives_lead_nowhere(form: str, raw: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    (inside / f"a.{form}").write_bytes(raw)
    monkeypatch.chdir(inside)
    found = list(read_named([f"a.{form}"], settings=load_settings()))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"a.{form}"]
    texts = [item.line if isinstance(item, Problem) else item[1].text for item in found]
    assert not any("root:" in text for text in texts)
    assert all(item.line.isprintable() for item in found if isinstance(item, Problem))


def test_a_name_that_changes_between_check_and_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch, impatient: Impatient
) -> None:
    """DNS rebinding: the first answer may be fetched from, each later one is this machine's own address."""
    server.put("/secret", b"secret")
    answers: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        answers.append("203.0.113.7" if not answers else "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers[-1], port))]

    connected: list[str] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        connected.append(address[0])
        raise OSError("nobody there")

    monkeypatch.setattr(fetching.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(fetching, "is_private", lambda address: address == "127.0.0.1")
    with pytest.raises(SourceError):
        Fetcher(impatient(robots=False).articles).get(f"http://rebind.example:{server.port}/secret")
    assert connected == ["203.0.113.7"]
    with pytest.raises(SourceError, match="is a private address"):
        Fetcher(impatient(robots=False).articles).get(f"http://rebind.example:{server.port}/secret")
    assert connected == ["203.0.113.7"]
    assert not server.asked


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/secret", "http://localhost:{port}/secret", "http://[::1]:{port}/secret",
     "http://0x7f000001:{port}/secret", "//127.0.0.1:{port}/secret", "file:///etc/passwd", "ftp://127.0.0.1/x",
     "gopher://127.0.0.1:{port}/_x", "http://user@127.0.0.1:{port}/secret", "\\\\127.0.0.1\\x", "http://127.1:{port}/secret"],
)  # fmt: skip
def test_a_redirect_into_this_machine(
    server: Server, monkeypatch: pytest.MonkeyPatch, target: str, impatient: Impatient
) -> None:
    """A page of the outside world (which stands on another address of this machine) leads to this machine."""
    server.put("/secret", b"secret")
    location = target.format(port=server.port)
    server.raw(
        "/out", f"HTTP/1.1 302 x\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    )
    found, private = socket.getaddrinfo, fetching.is_private
    monkeypatch.setattr(
        fetching.socket, "getaddrinfo",
        lambda host, *rest, **more: found("127.0.0.2" if host == "news.example" else host, *rest, **more),
    )  # fmt: skip
    monkeypatch.setattr(fetching, "is_private", lambda address: address != "127.0.0.2" and private(address))
    with Server(host="127.0.0.2", port=server.port) as outside:
        outside.raw("/out", server.pages["/out"])
        with pytest.raises(SourceError):
            Fetcher(impatient(robots=False).articles).get(f"http://news.example:{server.port}/out")
        assert outside.asked["/out"] == 1
    assert server.asked["/secret"] == 0


#: What runs what it reads, or reads what runs.
FORBIDDEN_MODULES = frozenset(
    "pickle cPickle dill cloudpickle joblib marshal shelve subprocess ctypes code codeop pty telnetlib ftplib".split()
)
FORBIDDEN_CALLS = frozenset(("eval", "exec", "compile", "__import__"))
FORBIDDEN_METHODS = frozenset(
    ("system", "popen", "mktemp", "extractall", "extract", "read_pickle", "to_pickle", "unsafe_load")
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_no_pickle_and_nothing_that_runs_data(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert not {name.name.partition(".")[0] for name in node.names} & FORBIDDEN_MODULES
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] not in FORBIDDEN_MODULES
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in FORBIDDEN_CALLS
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in FORBIDDEN_METHODS
            assert not any(word.arg in ("allow_pickle", "shell") for word in node.keywords)


def test_every_dependency_is_locked_by_its_hash() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    files = [
        (one["name"], file)
        for one in locked
        for file in (
            *one.get("wheels", ()),
            one.get("sdist"),
        )
        if file
    ]
    assert len(files) > 100
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]) for _, file in files)


@pytest.mark.skipif(os.name == "nt", reason="no such file")
def test_a_dictionary_of_strangers_is_only_text(tmp_path: Path) -> None:
    from communique.actors import load_atlas

    rows = "".join(f'x{number},"{words}",organisation,"{words}"\n'.replace('""', '"') for number, words in enumerate(
        one for one in NASTY if '"' not in one and "\n" not in one and "\x00" not in one))  # fmt: skip
    (tmp_path / "a.csv").write_text(f"id,name,kind,forms\n{rows}", "utf-8", newline="")
    atlas, problems = load_atlas([tmp_path / "a.csv"], builtin=False)
    assert all(problem.count("\n") == 0 for problem in problems)
    assert "<script>alert(1)</script>" in atlas.forms


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "security.md").read_text("utf-8"))
    assert len(named) > 20
    missing = [f"{file}::{name}" for file, name in named if f"def {name}(" not in (ROOT / file).read_text("utf-8")]
    assert missing == []
