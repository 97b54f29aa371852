"""The commands of the record, with a coder that gives the made-up report."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from communique import Coder, cli
from communique.cli import reading
from communique.errors import CommuniqueError
from communique.model import Article, Report
from communique.record import Record, Run

LONG = " ".join(f"The envoy of state {n} told the council that point {n * 3} was not met." for n in range(20))
Call = Callable[..., tuple[int, str, str]]


class CountingCoder:
    """Gives the report of the fixture with ids of the article's own, and counts."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.coded: list[str] = []

    def code(self, article: Article) -> Report:
        if "uncodable" in article.text:
            raise CommuniqueError("this can't be coded")
        self.coded.append(article.id)
        replace = msgspec.structs.replace
        events = tuple(replace(one, id=article.id) for one in self._report.events)
        return replace(self._report, article=article, events=events)


@pytest.fixture
def coder(report: Report) -> CountingCoder:
    return CountingCoder(report)


@pytest.fixture
def call(
    coder: CountingCoder, report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Call:  # fmt: skip
    monkeypatch.setattr(reading, "make_coder", lambda atlas: coder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / "in" / f"{number}.txt").write_text(f"{report.article.text} {number}", "utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["communique", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        out, err = capfdbinary.readouterr()
        return (code if isinstance(code, int) else 0), out.decode(), err.decode()

    return run


def test_record_codes_what_it_has_not(call: Call, coder: CountingCoder, tmp_path: Path) -> None:
    code, out, err = call("record", "in")
    assert (code, err) == (0, "")
    assert out.startswith("news.duckdb: 3 new, 0 replaced, 0 unchanged, 0 failed; ")
    assert len(coder.coded) == 3
    (tmp_path / "in" / "copy.txt").write_bytes((tmp_path / "in" / "0.txt").read_bytes())
    code, out, _ = call("record", "in")
    assert out == "news.duckdb: 0 new, 0 replaced, 3 unchanged, 0 failed; 0 rows written\n"
    assert len(coder.coded) == 3
    with Record.open("news.duckdb", read_only=True) as record:
        assert len(record.rows("sources").fetchall()) == 4
    assert call("record", "in", "--published", "2024-01-01")[1].startswith("news.duckdb: 0 new, 3 replaced")
    assert len(coder.coded) == 6  # a copy beside its like is not coded, but kept as one more source
    with Record.open("news.duckdb", read_only=True) as record:
        assert len(record.rows("sources").fetchall()) == 4


def test_a_copy_of_what_the_record_holds_is_one_more_source(call: Call, coder: CountingCoder, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(f"Talks in Klow\n\n{LONG}", "utf-8")
    (tmp_path / "two.txt").write_text(f"Klow holds talks\n\n{LONG} It rained.", "utf-8")
    assert call("record", "one.txt")[1].startswith("news.duckdb: 1 new")
    code, _out, err = call("record", "two.txt")
    assert (code, len(coder.coded)) == (0, 1)
    assert "two.txt" in err
    assert "one.txt" in err
    with Record.open("news.duckdb", read_only=True) as record:
        assert [source for source, *_ in record.rows("sources").order("source").fetchall()] == ["one.txt", "two.txt"]
    assert call("record", "two.txt", "--keep-copies")[1].startswith("news.duckdb: 1 new")


def test_watching_into_a_record(call: Call, coder: CountingCoder, tmp_path: Path) -> None:
    item = f"<item><title>Talks in Klow</title><guid>1</guid><description>{LONG}</description></item>"
    (tmp_path / "feed.xml").write_text(f'<rss version="2.0"><channel><title>F</title>{item}</channel></rss>', "utf-8")
    serve = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        feed = f"http://127.0.0.1:{server.server_port}/feed.xml"
        words = ("watch", feed, "--once", "-r", "w.duckdb", "--seen", str(tmp_path / "seen"), "--allow-private")
        assert call(*words)[:2] == (0, "")
        (tmp_path / "seen").unlink()
        assert call(*words)[0] == 0
        server.shutdown()
    assert len(coder.coded) == 1  # the second time it is a copy of what the record holds
    with Record.open("w.duckdb", read_only=True) as record:
        assert len(record.rows("articles").fetchall()) == 1


def test_bad_sources_are_named_and_kept(call: Call, tmp_path: Path) -> None:
    (tmp_path / "in" / "bad.txt").write_text("An uncodable text.", "utf-8")
    code, out, err = call("record", "in", "missing", "-r", "x.duckdb")
    assert code == 1
    assert out.startswith("x.duckdb: 3 new, 0 replaced, 0 unchanged, 2 failed; ")
    assert err.splitlines() == [
        "communique: in/bad.txt: this can't be coded",
        "communique: missing: no such file or folder",
    ]
    lines = call("problems", "-r", "x.duckdb", "--json", "--text", "such file")[1].splitlines()
    assert [json.loads(line)["source"] for line in lines] == ["missing"]


def test_forms(call: Call) -> None:
    call("record", "in", "--published", "2023-03-22")
    code, out, err = call("events", "--json", "--limit", "2")
    assert (code, err) == (0, "")
    assert [json.loads(line)["actors"] for line in out.splitlines()] == [["BOR"], ["BOR"]]
    assert call("events", "--csv")[1].count("\r\n") == 4
    assert "Borduria  REQUEST/change  → Syldavia" in call("events", "--table")[1]
    assert "Borduria → reporters [red]  told  mixed" in call("statements", "-r", "news.duckdb")[1]
    assert json.loads(call("entities", "--json", "--limit", "1")[1])["articles"] == 3
    assert call("articles", "--csv", "--until", "2023-03-21")[1].count("\n") == 1
    assert "one quotation mark is never closed" in call("problems")[1]
    assert call("sql", "SELECT count(*) AS n FROM events", "--csv")[1] == "n\r\n3\r\n"


def test_filters(call: Call) -> None:
    call("record", "in", "--published", "2023-03-22")
    for options, found in (
        (("--actor", "BOR", "--recipient", "SYL", "--event", "request", "--mode", "change", "--status", "asserted"), 3),
        (("--between", "SYL", "BOR", "--since", "2023-03-22", "--until", "2023-03-22"), 3),
        (("--actor", "SYL"), 0),
        (("--text", "explain", "--publisher", "nobody"), 0),
    ):
        code, out, err = call("events", "--json", *options)
        assert (code, len(out.splitlines()), err) == (0, found, "")
    assert (
        len(call("statements", "--json", "--speaker", "BOR", "--about", "SYL", "--kind", "mixed")[1].splitlines()) == 3
    )


def test_show(call: Call) -> None:
    call("record", "in", "--published", "2023-03-22")
    event = json.loads(call("events", "--json", "--limit", "1")[1])["id"]
    code, out, err = call("show", event)
    assert (code, err) == (0, "")
    assert "[REQUEST asked]" in out
    assert "why: lexicon: ask X to  confidence 93%" in out
    assert out.count("also in: ") == 2
    assert json.loads(call("show", event[:8], "--json")[1])["event"]["id"] == event
    assert call("show", "zz")[0] == 2


@pytest.mark.parametrize("form", ["plover", "icews", "phoenix", "gdelt", "polecat", "csv", "graphml", "gexf"])
def test_export(call: Call, tmp_path: Path, form: str) -> None:
    call("record", "in", "--published", "2023-03-22")
    assert call("export", form, "out") == (0, "out: 3 events\n", "")
    code, out, err = call("export", form, "-")
    assert (code, err) == (0, "")
    assert out.encode() == (tmp_path / "out").read_bytes()


def test_review_and_agreement(call: Call, tmp_path: Path) -> None:
    call("record", "in", "--published", "2023-03-22")
    code, out, err = call("review", "--to", "sample.csv", "--event", "REQUEST", "--size", "2")
    assert (code, err) == (0, "")
    assert out == "sample.csv: 2 rows; verdicts: right, wrong, changed, missing, none\n"
    heading, first, second = (tmp_path / "sample.csv").read_text("utf-8").splitlines()
    judged = "\n".join(
        (heading, first.replace(",,REQUEST", ",right,REQUEST"), second.replace(",,REQUEST", ",odd,REQUEST"))
    )
    (tmp_path / "judged.csv").write_text(judged, "utf-8")
    code, out, err = call("review", "--from", "judged.csv", "--coder", "Anna", "--on", "2024-05-01")
    assert (code, out) == (1, "news.duckdb: 1 verdicts of Anna kept, 1 problems\n")
    assert err.startswith("communique: judged.csv, line 3: the verdict 'odd' is none of right, ")
    code, out, err = call("agreement")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "1 sentences judged by Anna"
    assert json.loads(call("agreement", "--json")[1])["lines"][0]["precision"] == 1.0


@pytest.mark.parametrize(
    "arguments",
    [("review",), ("review", "--to", "a", "--from", "b"), ("review", "--from", "in/0.txt"),
     ("review", "--from", "missing.csv", "--coder", "A"),
     ("review", "--from", "in/0.txt", "--coder", "A", "--on", "x")],
)  # fmt: skip
def test_reviews_that_can_not_be(call: Call, arguments: tuple[str, ...]) -> None:
    call("record", "in")
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err


def test_the_order_reads_a_record(call: Call) -> None:
    call("record", "in", "--published", "2024-01-01")
    with Record.open("news.duckdb", read_only=True) as record:
        pairs = record.pairs().fetchall()
        dyads = record.rows("dyads_daily").project("sum(events)").fetchall()
    assert len(pairs) == dyads[0][0] > 0
    _, _, err = call("order", "tension", "--events", "news.duckdb")
    assert "(BOR, SYL)" in err  # read, and named as states that nobody knows


def test_pairs_of_organs_of_states(tmp_path: Path) -> None:
    text = (
        "France condemned Spain. Thousands of French farmers protested against Spain. French police arrested Spaniards."
    )
    run = Run.make(version="1", code="c", model="m", atlas="a", settings="{}")
    with Record.open(str(tmp_path / "a.duckdb")) as record:
        record.add([Coder().code(text, published="2024-01-01")], run=run)
        everybody = {row[3] for row in record.pairs().fetchall()}
        official = {row[3] for row in record.pairs(official=True).fetchall()}
        assert len(record.pairs(official=True, text=False).columns) == 6
    assert everybody >= {"ACCUSE", "PROTEST"}
    assert official == {"ACCUSE"}


def test_recover_codes_anew_what_is_only_text_and_names_what_is_lost(call: Call, coder: CountingCoder) -> None:
    assert call("record", "in")[0] == 0
    with Record.open("news.duckdb", read_only=True) as record:
        before = {report.article.id: report for report in record.reports()}
    one, other = sorted(before)[:2]
    with Record.open("news.duckdb") as record:  # as if the blocks with these rows could not be read
        record._connection.execute("DELETE FROM events WHERE article_id = ?", [one])
        record._connection.execute("DELETE FROM articles WHERE id = ?", [other])
    code, out, err = call("recover", "news.duckdb", "-r", "new.duckdb")
    assert (code, out) == (1, "new.duckdb: 1 articles saved, 1 coded anew from their text, 1 lost\n")
    assert err.startswith(f"communique: {other}: lost; it came from in/")
    assert len(coder.coded) == 4
    assert call("record", "in", "-r", "new.duckdb")[1].startswith("new.duckdb: 1 new, 0 replaced, 2 unchanged")
    with Record.open("new.duckdb", read_only=True) as record:
        assert {report.article.id: report for report in record.reports()} == before
    assert call("recover", "news.duckdb", "-r", "new.duckdb")[0] == 2


def test_verify(call: Call, coder: CountingCoder, report: Report) -> None:
    call("record", "in", "--published", "2023-03-22")
    assert call("verify", "--size", "2") == (0, "news.duckdb: 2 of 2 articles come out the same\n", "")
    coder._report = msgspec.structs.replace(report, events=())
    code, out, _ = call("verify")
    assert code == 1
    assert out.splitlines()[-1] == "news.duckdb: 0 of 3 articles come out the same"
    assert out.splitlines()[0].endswith(": events: 1 gone")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("events",), "communique: news.duckdb: there is no such record; make one with: communique record SOURCE..."),
        (("events", "-r", "in"), "communique: in: this is a folder, not a record"),
        (("events", "-r", "in/0.txt"), "communique: in/0.txt: this is not a record"),
        (("record", "in", "-r", "no/x.duckdb"), "communique: no/x.duckdb: its folder is not there"),
    ],
)
def test_bad_calls_are_one_line(call: Call, arguments: tuple[str, ...], line: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(line)
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("events", "--json", "--csv"),
        ("events", "--event", "NOTHING"),
        ("events", "--actor", "Nobody Anybody Knows"),
        ("events", "--since", "soon"),
        ("sql", "DELETE FROM events"),
        ("sql", "SELECT nothing"),
        ("export", "odd", "out"),
        ("export", "csv", "out", "--one-a-day"),
        ("statements", "in", "-r", "news.duckdb"),
        ("statements", "in", "--text", "x"),
        ("statements", "--kind", "loud"),
    ],
)
def test_what_can_not_be_done(call: Call, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    call("record", "in")
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert len(list(tmp_path.iterdir())) == 2


def test_a_record_that_is_open_elsewhere(call: Call, tmp_path: Path) -> None:
    call("record", "in")
    hold = "import duckdb, time; held = duckdb.connect('news.duckdb'); print(1, flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", hold], cwd=tmp_path, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        code, _, err = call("record", "in")
        assert code == 2
        assert err == (
            f"communique: news.duckdb: process {holder.pid} has this record open; try again when it is done\n"
        )
    finally:
        holder.kill()
        holder.wait()


#: CPU seconds for a question with a code; 0.5 on an idle machine.
SLOWEST_QUESTION = 2.5


def cpu_of_children() -> float:
    """CPU seconds of the processes that have been waited for: other work on the machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_questions_are_quick_and_load_no_model(call: Call, tmp_path: Path) -> None:
    call("record", "in")
    check = (
        "import sys; sys.argv = ['communique', 'events', '--actor', 'BOR', '--json']\n"
        "from communique.cli import app\n"
        "try: app()\n"
        "except SystemExit: pass\n"
        "heavy = ('onnxruntime', 'numpy', 'pyarrow', 'pandas', 'trafilatura', 'ahocorasick_rs')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    before = cpu_of_children()
    done = subprocess.run([sys.executable, "-c", check], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert cpu_of_children() - before < SLOWEST_QUESTION
    assert len(done.stdout.splitlines()) == 3
    assert done.stderr.strip() == "[]"
