"""Shards on a local Ray cluster, with workers killed on the way: what comes out is what one process would make."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reliability.quick import Quick
from reliability.spoilt import KINDS, damaged_shards, spoilt

from communique import cli
from communique.articles import Copy, Problem, read_named
from communique.coder import Coder
from communique.config import load_settings
from communique.errors import CommuniqueError, ConfigError, SourceDamaged, SourceNotFound
from communique.model import Article, Report
from communique.record import Coded, Record, Run, current_run
from communique.record.store import CODED_TABLES
from communique.scale import Failed, Finished, Plan, Store, code_shard, find_shards, scale, write_manifest
from communique.workers import Workers

SETTINGS = load_settings()
RUN = current_run(SETTINGS)
TEXTS = (
    "Russia condemned the United States on Tuesday.",
    "Xi Jinping met Vladimir Putin in Moscow.",
    "“We will not yield,” said the French president, Emmanuel Macron.",
    "It rained all day.",
)
SPOILT = 12
POISON = "This article kills whoever reads it."
SHARDS, ARTICLES = 5, 4


class Hunted:
    """The coder, with a hunter: of some articles the whole worker dies the first time, of one its process dies always.

    ``kills`` is a folder with a file for each article that a worker still has to die of, by its id.
    """

    def __init__(self, kills: str) -> None:
        self._kills = Path(kills)
        self._coder = Coder()

    def code(self, article: Article) -> Report:
        kill = self._kills / article.id
        if kill.exists():
            kill.unlink()
            os.kill(os.getppid(), signal.SIGKILL)
        if POISON in article.text:
            os.kill(os.getpid(), signal.SIGKILL)
        return self._coder.code(article)


def broken() -> Coder:
    raise CommuniqueError("no model here")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parquet shards, one of them poisoned and one with a copy, a WARC shard, a damaged one and what is none."""
    folder = tmp_path_factory.mktemp("in")
    (folder / "deep").mkdir()
    for shard in range(SHARDS):
        texts = [
            f"{TEXTS[(shard + row) % len(TEXTS)]} That was day {shard * ARTICLES + row}." for row in range(ARTICLES)
        ]
        texts += [POISON] if shard == 1 else [texts[0]] if shard == 2 else []
        table = pa.table({"text": texts, "date": ["2023-03-22"] * len(texts)})
        pq.write_table(table, folder / "deep" / f"part-{shard}.parquet")
    page = f"<html><body><article><h1>Talks</h1><p>{' '.join(TEXTS)}</p></article></body></html>"
    body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page}".encode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/a\r\n"
        f"Content-Type: application/http\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    (folder / "crawl.warc").write_bytes(head.encode() + body + b"\r\n\r\n")
    (folder / "damaged.parquet").write_bytes((folder / "deep" / "part-0.parquet").read_bytes()[:200])
    (folder / "_SUCCESS").touch()
    return folder


@pytest.fixture(scope="module")
def expected(place: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows that one process makes of the same files."""
    coder = Coder()
    with Record.open(":memory:") as record:
        for shard in find_shards(str(place)):
            coded: list[Coded | Problem] = []
            again: dict[str, str] = {}
            for item in read_named([shard.source], settings=SETTINGS):
                if isinstance(item, Copy):
                    again[item.source] = item.copy_of
                elif isinstance(item, Problem):
                    coded += [item] if item.failed else []
                elif POISON in item[1].text:
                    line = f"{item[0]}: the process that coded it died 2 times"
                    coded.append(Problem(item[0], line, "can't be coded"))
                else:
                    coded.append(Coded(coder.code(item[1]), item[0]))
            record.add(coded, run=RUN, again=again)
        return rows_of(record)


def rows_of(record: Record) -> dict[str, list[tuple[object, ...]]]:
    return {name: record.sql(f"FROM {name} ORDER BY ALL").fetchall() for name in CODED_TABLES}


def plan(output: Path | str, make: Callable[[], object], run: Run = RUN) -> Plan:
    return Plan(str(output), SETTINGS, run, make, partial(current_run, SETTINGS))  # type: ignore[arg-type]


def load(output: Path) -> dict[str, list[tuple[object, ...]]]:
    store = Store(str(output))
    with Record.open(":memory:") as record:
        for shard in store.finished():
            record.add_rows(store.rows(shard), run=shard.run)
        return rows_of(record)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    path = os.environ.get("PYTHONPATH", "")
    here = {"env_vars": {"PYTHONPATH": f"{Path(__file__).parents[2]}{os.pathsep}{path}"}}
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env=here)
    yield
    ray.shutdown()


@pytest.mark.usefixtures("cluster")
def test_killed_workers_lose_and_double_nothing(
    place: Path, tmp_path: Path, expected: dict[str, list[tuple[object, ...]]]
) -> None:
    kills, output = tmp_path / "kills", tmp_path / "out"
    kills.mkdir()
    seed = random.SystemRandom().randrange(10_000)
    hunted = random.Random(seed).sample([row[0] for row in expected["articles"]], 2)
    for article_id in hunted:
        (kills / str(article_id)).touch()
    made = plan(output, partial(Hunted, str(kills)))
    first = scale(str(place), made, workers=2)
    before = [next(first) for _ in range(3)]
    first.close()  # what was at work is lost with its worker
    notes = {path: path.stat().st_mtime_ns for path in (output / "_done").iterdir()}
    (output / "_tmp" / "half-written").write_bytes(b"PAR1")
    done = [*scale(str(place), made, workers=2)]
    assert all(isinstance(one, Finished) for one in before + done), f"seed {seed}"
    assert sorted(one.shard.name for one in done) == [shard.name for shard in find_shards(str(place))]
    assert all(path.stat().st_mtime_ns == at for path, at in notes.items()), "a finished shard was done again"
    assert not list(kills.iterdir()), f"not everybody was killed (seed {seed})"
    assert load(output) == expected, f"seed {seed}"
    manifest = write_manifest(str(output), RUN, find_shards(str(place)), [])
    assert {name: len(expected[name]) for name in CODED_TABLES if name != "problems"} == {
        name: rows for name, rows in manifest.rows.items() if name != "problems"
    }
    assert (manifest.articles, manifest.failed) == (len(expected["articles"]), len(expected["problems"]))
    assert not (output / "_tmp").exists()


@pytest.mark.usefixtures("cluster")
def test_one_and_two_workers_give_the_same_bytes(place: Path, tmp_path: Path) -> None:
    written = []
    for workers in (1, 2):
        output = tmp_path / str(workers)
        done = list(scale(str(place / "deep"), plan(output, Coder), workers=workers))
        assert all(isinstance(one, Finished) for one in done)
        written.append({path.relative_to(output): path.read_bytes() for path in output.rglob("*.parquet")})
    assert len(written[0]) == SHARDS * len(CODED_TABLES)
    assert written[0] == written[1]


@pytest.mark.usefixtures("cluster")
def test_what_would_go_wrong_everywhere_is_told_once(place: Path, tmp_path: Path) -> None:
    with pytest.raises(CommuniqueError, match="no model here"):
        list(scale(str(place), plan(tmp_path / "out", broken), workers=1))


@pytest.mark.usefixtures("cluster")
def test_command(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    source, output, record = str(place / "deep" / "part-0.parquet"), str(tmp_path / "out"), str(tmp_path / "a.duckdb")

    def run(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["communique", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return (ended.value.code or 0, *capfd.readouterr())

    code, out, _ = run("scale", source, output, "--workers", "1")
    assert (code, out.startswith(f"{output}: 1 of 1 shards, {ARTICLES} articles")) == (0, True)
    assert run("record", "--from", output, "-r", record)[:2] == (
        0, f"{record}: {ARTICLES} new, 0 replaced, 0 unchanged, 0 failed; {manifest_rows(output)} rows written\n"
    )  # fmt: skip
    assert " 0 new, 0 replaced, 4 unchanged" in run("record", "--from", output, "-r", record)[1]
    damaged = next(Path(output, "events").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    code, out, err = run("record", "--from", output, "-r", record)
    (note,) = Path(output, "_done").iterdir()
    assert (code, f"not what was written; delete _done/{note.name} and run" in " ".join(err.split())) == (1, True)
    assert " 0 new, 0 replaced, 0 unchanged" in out
    note.unlink()  # what the line says
    assert run("scale", source, output, "--workers", "1")[0] == 0
    assert " 4 unchanged" in run("record", "--from", output, "-r", record)[1]
    for wrong in (["record", "-r", record], ["record", source, "--from", output, "-r", record]):
        assert run(*wrong)[0] == 2
    code, _, err = run("record", "--from", str(tmp_path / "nothing"), "-r", record)
    assert (code, len(err.splitlines())) == (1, 1)


def manifest_rows(output: str) -> int:
    manifest = msgspec.json.decode(Path(output, "manifest.json").read_bytes())
    return sum(manifest["rows"].values())


def test_another_program_on_the_cluster_is_refused() -> None:
    other = Run.make(version="0", code="", model="", atlas="", settings="{}")
    plan("out", Coder).check()
    with pytest.raises(ConfigError, match="another Communiqué"):
        plan("out", Coder, other).check()


def test_a_shard_from_elsewhere_keeps_its_name(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where files are not on this machine, a copy is read; rows and problems speak of the file itself."""
    monkeypatch.setattr(Store, "is_local", False, raising=False)
    address = f"file://{place}"
    found = [shard for shard in find_shards(address) if shard.name in ("damaged.parquet", "deep/part-3.parquet")]
    store = Store(f"file://{tmp_path}/out")
    with Workers(Coder, 1) as workers:
        for shard in found:
            code_shard(shard, address, plan(f"file://{tmp_path}/out", Coder), workers)
    damaged, whole = (store.rows(one) for one in store.finished())
    assert [row.startswith(f"{address}/damaged.parquet: ") for row in damaged["problems"]["line"].to_pylist()] == [True]
    assert whole["sources"]["source"].to_pylist()[0].startswith(f"{address}/deep/part-3.parquet, row ")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: find_shards("nowhere/at all"), SourceNotFound),
        (lambda: find_shards("nosuchscheme://bucket/a"), ConfigError),
    ],
)
def test_places_that_are_none(call: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        call()


def test_an_empty_folder_holds_no_shards(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound):
        find_shards(str(tmp_path))


def test_rows_that_are_not_what_was_written(tmp_path: Path, place: Path) -> None:
    (shard,) = find_shards(str(place / "deep" / "part-4.parquet"))
    with Workers(Coder, 1) as workers:
        finished = code_shard(shard, str(place), plan(tmp_path, Coder), workers)
    (tmp_path / "events" / f"{shard.key}.parquet").write_bytes(b"")
    with pytest.raises(SourceDamaged):
        Store(str(tmp_path)).rows(finished)


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:-9], lambda raw: b"\xff" + raw[1:], lambda raw: b"", lambda raw: b"[]"]
)
def test_a_damaged_note_is_named_and_its_shard_done_again(
    place: Path, tmp_path: Path, damage: Callable[[bytes], bytes], capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    shards = find_shards(str(place / "deep"))[:2]
    with Workers(Quick, 1) as workers:
        made = [code_shard(shard, str(place / "deep"), plan(tmp_path, Quick), workers) for shard in shards]
    note = tmp_path / "_done" / f"{made[0].shard.key}.json"
    note.write_bytes(damage(note.read_bytes()))
    assert list(Store(str(tmp_path)).finished()) == made[1:]
    monkeypatch.setattr(
        sys, "argv", ["communique", "record", "--from", str(tmp_path), "-r", str(tmp_path / "a.duckdb")]
    )
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capfd.readouterr()
    assert (ended.value.code, f": {made[1].articles} new" in out) == (1, True)  # the rest is there
    assert f"{note.name}: this note of a finished shard can't be read" in " ".join(err.split())


def test_damaged_shards_end_well(tmp_path: Path) -> None:
    """The same cases each time; ``make faults`` tries them by the hundred."""
    told = damaged_shards(tmp_path, SPOILT, random.Random(1))
    assert sum(told.values()) == SPOILT * len(KINDS)
    assert not [name for name in told if "without a word" in name and not name.startswith("warc:")]  # it has no sums


def test_damaged_output_is_told_by_every_byte(place: Path, tmp_path: Path) -> None:
    chance = random.Random(1)
    (shard,) = find_shards(str(place / "deep" / "part-4.parquet"))
    with Workers(Quick, 1) as workers:
        made = code_shard(shard, str(place), plan(tmp_path, Quick), workers)
    for path in sorted(tmp_path.rglob("*.parquet")):
        raw = path.read_bytes()
        for _ in range(10):
            path.write_bytes(spoilt(raw, chance))
            with pytest.raises(SourceDamaged):
                Store(str(tmp_path)).rows(made)
        path.write_bytes(raw)
    assert Store(str(tmp_path)).rows(made)["articles"].num_rows == ARTICLES


def test_a_shard_that_failed_is_listed(tmp_path: Path, place: Path) -> None:
    (shard,) = find_shards(str(place / "deep" / "part-4.parquet"))
    manifest = write_manifest(str(tmp_path), RUN, [shard], [Failed(shard, "part-4: no")])
    assert (manifest.shards, [one.line for one in manifest.lost]) == ([], ["part-4: no"])
