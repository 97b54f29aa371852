"""The command line, with a coder that gives the made-up report: what goes where, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from communique import cli
from communique.cli import reading
from communique.cli.app import TRACEBACK_VARIABLE
from communique.errors import CommuniqueError
from communique.model import Article, Report

#: ``--help`` takes about 0.3 s on an idle core; the design allows 0.5 s, and busy machines need room.
SLOWEST_HELP = 2.0


class FakeCoder:
    """Gives the report of the fixture, with the article that was read."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def code(self, article: Article) -> Report:
        if "uncodable" in article.text:
            raise CommuniqueError("this can't be coded")
        if "defect" in article.text:
            raise ZeroDivisionError("a defect")
        return msgspec.structs.replace(self._report, article=article)


@pytest.fixture
def call(report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(reading, "make_coder", lambda atlas: FakeCoder(report))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "talks.txt").write_text(report.article.text, "utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["communique", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        out, err = capfdbinary.readouterr()
        return (code if isinstance(code, int) else 0), out.decode(), err.decode()

    return run


def test_json_is_one_report_a_line(call, report: Report) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("code", "--json", "--published", "2023-03-22", "talks.txt", "talks.txt", "--keep-copies")
    assert (code, err) == (0, "")
    first, second = out.splitlines()
    assert first == second
    values = json.loads(first)
    assert values["article"]["text"] == report.article.text
    assert values["article"]["published"] == "2023-03-22"
    assert "notes" not in values
    assert "notes" in json.loads(call("code", "--json", "--explain", "talks.txt")[1])


def test_terminal(call) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("code", "talks.txt")
    assert (code, err) == (0, "")
    assert "Statements (1)" in out
    assert "Events (1)" in out
    assert "Sentences" not in out
    assert "Sentences (4)" in call("code", "--explain", "talks.txt")[1]


def test_bad_sources_are_named_and_the_rest_is_coded(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "no.txt").write_bytes(b"An uncodable text.")
    code, out, err = call("code", "--json", "empty.txt", "missing", "no.txt", "new\nline", "talks.txt")
    assert code == 1
    assert len(out.splitlines()) == 1
    assert err.splitlines() == [
        "communique: empty.txt: there is no text in it",
        "communique: missing: no such file or folder",
        "communique: no.txt: this can't be coded",
        "communique: new?line: no such file or folder",
    ]


def test_copies_are_named_and_no_failure(call) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("code", "--json", "talks.txt", "talks.txt")
    assert (code, len(out.splitlines())) == (0, 1)
    assert err == "communique: talks.txt: a copy of talks.txt (100% alike), not coded again\n"


def test_columns_are_chosen_or_guessed_aloud(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.csv").write_text("id,body,note\n1,The talks ended.,A note of some length.\n", "utf-8")
    code, out, err = call("code", "--json", "a.csv")
    assert (code, json.loads(out)["article"]["text"]) == (0, "The talks ended.")
    assert err == "communique: a.csv: took text from 'body' (options such as --text-column choose other columns)\n"
    code, out, err = call("code", "--json", "a.csv", "--text-column", "note")
    assert (code, json.loads(out)["article"]["text"], err) == (0, "A note of some length.", "")
    code, out, err = call("code", "--json", "a.csv", "--text-column", "nothing")
    assert (code, out) == (1, "")
    assert "this table has no column 'nothing'; it has: id, body, note" in err


FRENCH = "Le ministre a déclaré lundi que les négociations se poursuivront à Genève malgré le désaccord des parties."


def test_long_work_is_summed_up(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = [f"The talks on point {n} of the plan ended." for n in range(30)] + [FRENCH]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": row}) + "\n" for row in rows), "utf-8")
    code, out, err = call("code", "--json", "a.jsonl", "a.jsonl", "nothing")
    assert (code, len(out.splitlines())) == (1, 30)
    assert err.splitlines()[-1].endswith(" s: 30 coded, 30 copies, 2 other languages, 1 failed (1 not found)")


@pytest.mark.parametrize(
    "arguments",
    [("code",), ("code", "--no-such-option", "x"), ("nothing",), ("code", "--published", "Tuesday", "talks.txt"),
     ("code", "--config", "missing.toml", "talks.txt")],
)  # fmt: skip
def test_bad_call(call, arguments: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err
    assert "Traceback" not in err


def test_a_defect_is_one_line(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "defect.txt").write_text("A defect.", "utf-8")
    monkeypatch.delenv(TRACEBACK_VARIABLE, raising=False)
    code, _, err = call("code", "defect.txt")
    assert code == 1
    assert len(err.splitlines()) == 1
    assert "ZeroDivisionError" in err


def run_program(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from communique.cli import main; main()", *arguments]
    return subprocess.run(program, capture_output=True, text=True, timeout=60, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_help_is_quick_and_loads_no_model() -> None:
    started = time.perf_counter()
    assert run_program("--help").returncode == 0
    assert time.perf_counter() - started < SLOWEST_HELP
    check = (
        "import sys, communique.cli; "
        "print([m for m in ('onnxruntime', 'numpy', 'trafilatura', 'msgspec') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_version() -> None:
    assert run_program("--version").stdout.startswith("communique 0.")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_closed_pipe_is_quiet(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    program = [sys.executable, "-c", "from communique.cli import main; main()", "--help"]
    done = subprocess.run(program, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(write)
    assert "Traceback" not in done.stderr
    assert done.stderr == ""


def test_actors_find_tells_namesakes_apart_by_date(call) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("actors", "find", "Bush", "--on", "1991-01-17")
    assert (code, err) == (0, "")
    assert out.startswith("George H.W. Bush  (per:george-h-w-bush)  person USA GOV\n")
    assert "president of United States since 1989-01-20" in out


def test_actors_find_as_json(call) -> None:  # type: ignore[no-untyped-def]
    _, out, _ = call("actors", "find", "--json", "Kremlin")
    assert json.loads(out)["entity"]["id"] == "RUS"


def test_actors_find_offers_what_is_like_it(call) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("actors", "find", "Kremlim")
    assert (code, out) == (1, "")
    assert err == "communique: Kremlim: the atlas has no such name; did you mean 'Kremlin'?\n"


def test_actors_find_refuses_what_is_no_date(call) -> None:  # type: ignore[no-untyped-def]
    code, _, err = call("actors", "find", "Putin", "--on", "yesterday")
    assert code == 2
    assert "--on" in err


DICTIONARY = "FREEDONIAN_GUARD_\n+FREEDONIAN_LANCERS_\n\t[FRAMIL >20010101]\nSYLVANIA_ [FRA\n"


def test_actors_import_names_bad_lines_and_writes_the_rest(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "old.txt").write_text(DICTIONARY, encoding="utf-8")
    code, out, err = call("actors", "import", "old.txt", "--to", "new.csv")
    assert (code, out) == (1, "new.csv: 1 rows with 4 written forms; 1 bad lines left out\n")
    assert err == "communique: old.txt, line 4: a bracket is not closed\n"
    code, out, err = call("actors", "find", "Freedonian Lancers", "--actors", "new.csv", "--on", "2002-01-01")
    assert (code, err) == (0, "")
    assert "FRA MIL" in out
    assert "from 2001-01-01" in out


def test_actors_import_to_standard_output(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "mine.csv").write_text("name\nFreedonia\n", encoding="utf-8")
    code, out, _ = call("actors", "import", "mine.csv")
    assert code == 0
    assert out.splitlines()[1].endswith(",Freedonia,organisation,,,,,,")


def test_a_missing_file_of_actors_is_a_bad_call(call) -> None:  # type: ignore[no-untyped-def]
    code, _, err = call("code", "-", "--actors", "none.csv")
    assert (code, err) == (2, "communique: none.csv: No such file or directory\n")


def test_without_the_atlas_only_your_own_are_known(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "mine.csv").write_text("name,kind,country\nFreedonia,state,FRE\n", encoding="utf-8")
    assert call("actors", "find", "France", "--actors", "mine.csv", "--no-atlas")[0] == 1
    assert call("actors", "find", "Freedonia", "--actors", "mine.csv", "--no-atlas")[0] == 0


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), 1),
        (("--speaker", "borduria"), 1),
        (("--about", "SYL"), 1),
        (("--speaker", "France"), 0),
        (("--kind", "direct"), 0),
    ],
)
def test_statements_are_chosen(call, tmp_path: Path, options: tuple[str, ...], found: int) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.txt").write_text("Text", encoding="utf-8")
    code, out, err = call("statements", "a.txt", "--json", *options)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == found


def test_statements_of_no_kind_are_a_bad_call(call) -> None:  # type: ignore[no-untyped-def]
    code, _, err = call("statements", "-", "--kind", "loud")
    assert code == 2
    assert "'loud' is none of direct, indirect, mixed" in err


def test_watching_once_names_feeds_that_fail(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("watch", "http://127.0.0.1:9/feed", "file:///etc/passwd", "--once", "--seen", "seen")
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "communique: http://127.0.0.1:9/feed: 127.0.0.1 is a private address; --allow-private lets it be fetched",
        "communique: file:///etc/passwd: only http:// and https:// addresses are fetched",
    ]


def test_watching_stops_cleanly(tmp_path: Path) -> None:
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a shell's "&" turns it off
    run = f"{heard}; from communique.cli import main; main()"
    program = [sys.executable, "-c", run, "watch", "file:///x", "--seen", "seen"]
    with subprocess.Popen(program, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        running.stderr.readline()  # it has looked
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (0, "")
