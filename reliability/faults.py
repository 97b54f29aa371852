"""``make faults``: what happens when things go wrong, tried with the program itself, over and over, at random.

========= ============================================================================================================
kills     ``record`` and ``watch`` are killed (SIGKILL) at random moments and started again until they are done
disk      the disk is full (a small tmpfs), and has room again
memory    the program gets less and less memory (RLIMIT_AS)
network   a server stalls, resets, lies about lengths, sends garbage; and is well again
flips     bits flip in the file of a record
clocks    the clock is years off, and time zones differ
shards    what ``scale`` reads is cut short, or has bits flipped
scale     its workers, and the processes beside them that hold the model, are killed at random moments, or all of it
========= ============================================================================================================

Afterwards nothing may be lost or doubled: the record is to hold what it holds when nothing goes wrong, or what is
damaged is named and the rest there. Each trial prints a line; the exit code is 1 when one failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from communique.errors import RecordError
from communique.record import Record
from communique.record.recover import recover
from reliability.hostile import Server, feed, item
from reliability.spoilt import damaged_shards

PROGRAM = (sys.executable, "-c", "from communique.cli import main; main()")
#: The same with a coder that loads nothing and says something of each sentence: for trials by the hundred.
QUICK = (sys.executable, "-m", "reliability.quick")
#: Articles of a trial: several batches of the program's.
ARTICLES, ITEMS = 130, 12
#: How long one call may take before it counts as hanging, in seconds.
HANGING = 300
#: Shards of a trial of ``scale``, articles in each, the share of kills of all processes, calls that a round may take.
SCALED_SHARDS, SCALED_ARTICLES, ALL_AT_ONCE, MOST_CALLS = 6, 15, 0.2, 10
STATES = ("Russia", "China", "France", "Japan", "Iran", "Israel", "Turkey", "India", "Brazil", "Egypt")
ACTS = ("condemned", "praised", "met with", "signed an agreement with", "rejected the demand of", "criticized")
#: What a record holds, in an order that does not depend on when it was put in.
CONTENT = ("SELECT id, article_digest, report_digest FROM articles ORDER BY ALL",
           "SELECT source, article_id FROM sources ORDER BY ALL", "SELECT id, article_id FROM events ORDER BY ALL",
           "SELECT article_id, number FROM sentences ORDER BY ALL", "SELECT id FROM mentions ORDER BY ALL",
           "SELECT id, article_id FROM entities ORDER BY ALL")  # fmt: skip
#: Ways in which a call that meets a fault may end: as always, or with a clear line.
DONE, SOME_FAILED, BAD_CALL = 0, 1, 2


class Failed(Exception):  # noqa: N818 - a finding, not an error of ours
    """A trial that went wrong."""


def text(number: int) -> str:
    """Return a made-up article."""
    chance = random.Random(number)
    one, other = chance.sample(STATES, 2)
    return (
        f"Talks of round {number}\n\n{one} {chance.choice(ACTS)} {other} on Monday, an aide said in note {number}.\n"
        f"\n“We will not yield in matter {chance.random()},” the minister told reporters of paper {number}.\n"
    )


def call(
    *arguments: str, program: Sequence[str] = PROGRAM, memory: int | None = None, **environment: str
) -> subprocess.Popen[str]:
    """Start the program."""
    limit = None if memory is None else lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    return subprocess.Popen(
        [*program, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limit,
        env={**os.environ, **environment},
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the program; return its exit code and its stderr. Raise Failed when it hangs or breaks."""
    try:
        _, err = process.communicate(timeout=HANGING)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Failed(f"hangs: {process.args}") from None
    if "Traceback" in err or "internal error" in err:
        raise Failed(f"no clear line: {err[-500:]}")
    return process.returncode, err


def content(path: Path) -> list[list[tuple[object, ...]]]:
    """Return what a record holds, when it was coded left out."""
    with Record.open(path, read_only=True) as record:
        held = [record.sql(question).fetchall() for question in CONTENT]
    for rows in (held[0], held[2]):
        if len({row[0] for row in rows}) != len(rows):
            raise Failed(f"{path}: something is there twice")
    return held


def check_whole(path: Path) -> None:
    """Raise Failed unless each article of a record has all its rows."""
    if not path.exists():
        return
    try:
        with Record.open(path, read_only=True) as record:
            from communique.record.rows import Coded, stamp

            digests = dict(record.sql("SELECT id, report_digest FROM articles").fetchall())
            for report in record.reports():
                if stamp(Coded(report)).report_digest != digests[report.article.id]:
                    raise Failed(f"{path}: {report.article.id} is not as it was coded")
    except RecordError as error:
        if "there is nothing in this record yet" not in str(error):
            raise


def same(path: Path, quiet: Path) -> None:
    """Raise Failed unless two records hold the same."""
    if content(path) != content(quiet):
        raise Failed(f"{path}: not what the undisturbed record holds")


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder for one trial."""
    made = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def articles(place: Path, count: int = ARTICLES) -> Path:
    """Write made-up articles and return their folder."""
    inside = place / "in"
    inside.mkdir()
    for number in range(count):
        (inside / f"{number:03}.txt").write_text(text(number), "utf-8")
    return inside


def recording(place: Path, record: Path) -> tuple[str, ...]:
    """Return the words of the call that records the articles of a folder."""
    return ("record", str(place / "in"), "-r", str(record), "--published", "2023-03-22")


def kills(times: int, chance: random.Random) -> None:
    """Kill ``record`` half of the times, and ``watch`` the other half; a tenth of them with the real coder."""
    real = max(times // 20, 1)
    for program, count, name in ((QUICK, times // 2 - real, "a stand-in for the coder"), (PROGRAM, real, "the coder")):
        for what, trial in (("record", _kill_record), ("watch", _kill_watch)):
            with folder() as place:
                killed, rounds = trial(place, program, count, chance)
            print(
                f"kills: {what} with {name} killed {killed} times in {rounds} rounds; each ended with the undisturbed "
                "record", flush=True,
            )  # fmt: skip


def _kill_record(place: Path, program: Sequence[str], times: int, chance: random.Random) -> tuple[int, int]:
    articles(place)
    quiet = place / "quiet.duckdb"
    started = time.monotonic()
    ended(call(*recording(place, quiet), program=program))
    lasts = time.monotonic() - started
    return _killed(place, quiet, lambda path: call(*recording(place, path), program=program), times, lasts, chance)


def _kill_watch(place: Path, program: Sequence[str], times: int, chance: random.Random) -> tuple[int, int]:
    with Server() as server:
        server.put("/feed", feed([item(number, text(number)) for number in range(ITEMS)]))
        quiet = place / "quiet.duckdb"

        def watching(path: Path) -> tuple[str, ...]:
            return ("watch", f"{server.url}/feed", "--once", "--allow-private", "-r", str(path),
                    "--seen", f"{path}.seen", "--config", str(place / "settings"))  # fmt: skip

        (place / "settings").write_text('[articles.fetch]\ncache = "off"\ninterval = 0.0\n', "utf-8")
        started = time.monotonic()
        ended(call(*watching(quiet), program=program))
        lasts = time.monotonic() - started
        return _killed(place, quiet, lambda path: call(*watching(path), program=program), times, lasts, chance)


def _killed(
    place: Path,
    quiet: Path,
    start: Callable[[Path], subprocess.Popen[str]],
    times: int,
    lasts: float,
    chance: random.Random,
) -> tuple[int, int]:
    """Kill and start again until done, with a new record each round; return kills and rounds."""
    killed = rounds = 0
    while killed < times:
        path = place / f"{rounds}.duckdb"
        rounds += 1
        while True:
            process = start(path)
            try:
                process.wait(chance.uniform(0.05, 1.0) * lasts if killed < times else HANGING)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                killed += 1
                check_whole(path)
                continue
            code, err = ended(process)
            if code != DONE:
                raise Failed(f"ended with {code}: {err[-300:]}")
            same(path, quiet)
            break
    return killed, rounds


def disk(times: int, chance: random.Random) -> None:
    """Fill a small disk; afterwards give it room. With the stand-in for the coder."""
    with folder() as place:
        articles(place)
        quiet = place / "quiet.duckdb"
        ended(call(*recording(place, quiet), program=QUICK))
        small = place / "small"
        small.mkdir()
        told: Counter[int] = Counter()
        for _ in range(times):
            room = chance.randrange(16_000, quiet.stat().st_size)
            done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}", "none", small], check=False)
            if done.returncode:
                print("disk: left out, a tmpfs can't be mounted here")
                return
            try:
                record = small / "a.duckdb"
                code, err = ended(call(*recording(place, record), program=QUICK))
                told[code] += 1
                if code == BAD_CALL and not err.splitlines()[-1].startswith(f"communique: {record}: "):
                    raise Failed(f"the record is not named: {err[-300:]}")
                check_whole(record)
                subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
                if ended(call(*recording(place, record), program=QUICK))[0] != DONE:
                    raise Failed("does not go on where there is room")
                same(record, quiet)
            finally:
                subprocess.run(["umount", small], check=False)
        print(f"disk: full {told[BAD_CALL]} times and named, {told[DONE]} times large enough; then the whole record")


def memory(times: int, chance: random.Random) -> None:
    """Take memory away."""
    with folder() as place:
        articles(place)
        ended(call(*recording(place, place / "quiet.duckdb")))
        codes: Counter[int] = Counter()
        for number in range(times):
            record = place / f"{number}.duckdb"
            process = call(*recording(place, record), memory=chance.randrange(300_000_000, 2_600_000_000))
            try:
                process.communicate(timeout=HANGING)
            except subprocess.TimeoutExpired:
                process.kill()
                raise Failed("hangs without memory") from None
            codes[process.returncode] += 1
            check_whole(record)
            if ended(call(*recording(place, record)))[0] != DONE:
                raise Failed("does not go on where there is memory")
            same(record, place / "quiet.duckdb")
        ends = ", ".join(f"{count} with {code}" for code, count in sorted(codes.items()))
        print(f"memory: {times} limits, ended {ends}; then the whole record")


def network(times: int, chance: random.Random) -> None:
    """Watch feeds of a server that misbehaves at random, look after look, until it is well again."""
    with folder() as place, Server() as server:
        settings = place / "settings"
        settings.write_text(
            '[articles.fetch]\ncache = "off"\ninterval = 0.0\ntimeout = 0.5\nmax_time = 1.0\nretries = 0\n', "utf-8"
        )
        feeds = [f"{server.url}/{number}" for number in range(4)]
        for number, address in enumerate(feeds):
            numbers = range(number * 10, number * 10 + 3)
            server.put(f"/{number}", feed([item(one, "A teaser.", f"{address}-{one}") for one in numbers]))
            for one in numbers:
                server.put(f"/{number}-{one}", page(text(one)))
        record, seen = place / "a.duckdb", place / "seen"
        words = ("watch", *feeds, "--once", "--allow-private", "-r", str(record), "--seen", str(seen), "--config",
                 str(settings))  # fmt: skip
        met: Counter[str] = Counter()
        for _ in range(times):
            server.misbehave(chance, share=0.5)
            code, err = ended(call(*words))
            if code not in (DONE, SOME_FAILED):
                raise Failed(f"ended with {code}: {err[-300:]}")
            check_whole(record)
            met.update(server.met)
        server.well()
        seen.unlink()  # what was given up after three tries is asked for again
        if ended(call(*words))[0] != DONE:
            raise Failed("does not go on when the server is well")
        held = len(content(record)[0])
        if held != 12:
            raise Failed(f"{held} of 12 articles are there")
        told = ", ".join(f"{count} {name}" for name, count in sorted(met.items()))
        print(f"network: {sum(met.values())} bad answers in {times} looks ({told}); all 12 articles once in the end")


def page(words: str) -> bytes:
    """Return a web page of a text."""
    title, _, body = words.partition("\n\n")
    paragraphs = "".join(f"<p>{part}</p>" for part in body.split("\n\n"))
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{paragraphs}</body></html>".encode()


def flips(times: int, chance: random.Random) -> None:
    """Flip a bit of the file, and recover what is there."""
    with folder() as place:
        articles(place)
        whole = place / "whole.duckdb"
        ended(call(*recording(place, whole), program=QUICK))
        raw, told = whole.read_bytes(), Counter[str]()
        with Record.open(whole, read_only=True) as record:
            before = {report.article.id: report for report in record.reports()}
        for _ in range(times):
            damaged, new = place / "damaged.duckdb", place / "new.duckdb"
            new.unlink(missing_ok=True)
            broken = bytearray(raw)
            broken[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            damaged.write_bytes(broken)
            try:
                found = recover(damaged, new)
            except RecordError as error:
                if "damaged where its tables are listed" not in str(error):
                    raise
                told["files that can't be opened, named"] += 1
                continue
            with Record.open(new, read_only=True) as record:
                saved = {report.article.id: report for report in record.reports()}
            torn = {one.article_id: one.article for one in found.torn}
            wrong = any(saved[key] != before[key] for key in saved) or saved.keys() | torn.keys() != before.keys()
            if wrong or len(saved) != found.saved:
                raise Failed("what was saved is not what was there, or something is missing without a word")
            told["articles saved as they were"] += len(saved)
            told["articles with their text, to be coded anew"] += sum(one is not None for one in torn.values())
            told["articles lost and named"] += sum(one is None for one in torn.values())
        counts = ", ".join(f"{count} {name}" for name, count in sorted(told.items()))
        print(f"flips: {times} of {len(before)} articles each: {counts}")


def clocks(times: int, chance: random.Random) -> None:
    """Record in time zones of all kinds, and again: the same record."""
    with folder() as place:
        articles(place, 20)
        ended(call(*recording(place, place / "quiet.duckdb")))
        zones = ("Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "America/St_Johns", "UTC0", "XYZ-3:17", "")
        for zone in zones:
            record = place / f"{zone.replace('/', '-')}.duckdb"
            if ended(call(*recording(place, record), TZ=zone))[0] != DONE:
                raise Failed(f"time zone {zone}")
            same(record, place / "quiet.duckdb")
        print(f"clocks: the same record in {len(zones)} time zones")


def shards(times: int, chance: random.Random) -> None:
    """Damage shards of each kind, and code them."""
    with folder() as place:
        try:
            came = damaged_shards(place, times, chance)
        except AssertionError as error:
            raise Failed(f"rows and note differ: {error}") from error
        # A WARC file that is cut between two records is whole; nothing tells that there were more.
        if silent := [name for name in came if "changed texts, without" in name and not name.startswith("warc:")]:
            raise Failed(f"what has sums is changed without a word: {silent}")
        print(f"shards: {times} of each kind: " + ", ".join(f"{count} {name}" for name, count in sorted(came.items())))


#: How those processes of a cluster on this machine are called that are killed one by one.
WORKERS = ("ray::_Coder", "multiprocessing.spawn")


def scale(times: int, chance: random.Random) -> None:
    """Kill a worker, a process with a model, or everything, until done; the files must be those of a quiet run."""
    with folder() as place:
        inside = place / "in"
        inside.mkdir()
        for number in range(SCALED_SHARDS):
            rows = [json.dumps({"text": text(one)}) for one in range(number * 100, number * 100 + SCALED_ARTICLES)]
            (inside / f"{number}.jsonl").write_text("\n".join(rows), "utf-8")
        ended(call("scale", str(inside), str(place / "quiet"), "--workers", "2"))
        quiet = _scaled(place / "quiet")
        killed: Counter[str] = Counter()
        rounds = calls = 0
        while killed.total() < times:
            output = place / f"out-{rounds}"
            rounds += 1
            while not (output / "manifest.json").exists() or _scaled(output) != quiet:
                calls += 1
                if calls > MOST_CALLS * rounds:
                    raise Failed("does not end with what an undisturbed run gives")
                process = call("scale", str(inside), str(output), "--workers", "2")
                while process.poll() is None:
                    time.sleep(chance.uniform(0.5, 6.0))
                    if killed.total() < times:
                        killed.update(_kill_one(process, chance))
                _, err = process.communicate()
                if "Traceback" in err or "internal error" in err:
                    raise Failed(f"no clear line: {err[-500:]}")
        told = ", ".join(f"{count} {name}" for name, count in sorted(killed.items()))
        print(f"scale: killed {told} in {rounds} rounds, {calls} calls; each round ended with a quiet run's bytes")


def _kill_one(process: subprocess.Popen[str], chance: random.Random) -> list[str]:
    """Kill one of the workers, or now and then all that belongs to the call; return what was killed."""
    own = _below(process.pid)
    victims = [(pid, name) for pid, name in own for known in WORKERS if known in name]
    if not victims:
        return []
    if chance.random() < ALL_AT_ONCE:
        process.send_signal(signal.SIGKILL)
        for pid, _ in own:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return ["of all at once"]
    pid, name = chance.choice(victims)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return ["workers" if WORKERS[0] in name else "processes with a model"]
    return []


def _below(pid: int) -> list[tuple[int, str]]:
    """The processes that come of one, and how they are called."""
    children: dict[int, list[int]] = {}
    names: dict[int, str] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.name))
            names[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    found: list[tuple[int, str]] = []
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            found.append((child, names.get(child, "")))
            waiting.append(child)
    return found


def _scaled(output: Path) -> dict[str, bytes]:
    """The files of rows, by their names."""
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*.parquet")}


TRIALS: dict[str, tuple[Callable[[int, random.Random], None], int]] = {
    "kills": (kills, 200),
    "disk": (disk, 20),
    "memory": (memory, 10),
    "network": (network, 20),
    "flips": (flips, 200),
    "clocks": (clocks, 1),
    "shards": (shards, 500),
    "scale": (scale, 20),
}


def main() -> int:
    """Run the trials that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trials", nargs="*", help=f"of {', '.join(TRIALS)}; all without any")
    parser.add_argument("--times", type=int, help="how often, instead of the usual number")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    failed = 0
    for name in arguments.trials or TRIALS:
        trial, usual = TRIALS[name]
        try:
            trial(arguments.times or usual, random.Random(arguments.seed))
        except (Failed, RecordError, duckdb.Error) as error:
            failed += 1
            print(f"{name}: FAILED: {error}")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
