"""``make fuzz``: each target for a while, from the kept corpus, with atheris (libFuzzer) looking for new paths.

What a run finds of new paths stays in ``.fuzz/`` and the next one goes on from there; so do the inputs that broke
something, by target and kind of fault (``.fuzz/found``), and the counts (``.fuzz/runs.tsv``). A fault that is mended
leaves its input in ``reliability/corpus``, which ``tests/reliability/test_fuzz.py`` runs on every machine.
"""

from __future__ import annotations

import argparse
import csv
import re
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

WORK, CORPUS = Path(".fuzz"), Path(__file__).parent / "corpus"
FOUND, RUNS = WORK / "found", WORK / "runs.tsv"
#: Bytes of an input at most, unless a target's kept inputs are longer: short ones go through faster.
LONGEST = 4096
#: Seconds that one input may take, and memory in MB, before it counts as a fault.
SLOWEST, MEMORY = 30, 3000
EXECUTED = re.compile(r"stat::number_of_executed_units:\s+(\d+)|^#(\d+)\s", re.MULTILINE)
#: Lines of a traceback that say which fault it is: the innermost of ours.
OURS = ("communique", "reliability")


def main() -> int:
    """Run the targets that are named, or all; return 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", help="their names; all without any")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each target")
    arguments, flags = parser.parse_known_args()
    if flags[:1] == ["--inside"]:
        return inside(arguments.targets[0], flags[1:])
    from reliability.targets import TARGETS

    FOUND.mkdir(parents=True, exist_ok=True)
    before = set(FOUND.iterdir())
    for name in arguments.targets or TARGETS:
        seconds, executed = run(name, arguments.seconds)
        with RUNS.open("a", encoding="utf-8") as file:
            file.write(f"{name}\t{executed}\t{seconds:.1f}\n")
        print(f"{name:14} {executed:>10,} executions in {seconds:6.1f} s", flush=True)
    print(f"{sum(totals().values()):,} executions so far, all targets and runs together")
    new = sorted(set(FOUND.iterdir()) - before)
    for path in new:
        if path.suffix != ".txt":
            print(f"found: {path}")
    return 1 if new else 0


def totals() -> Counter[str]:
    """Return the executions of all runs by target."""
    counts: Counter[str] = Counter()
    with RUNS.open(encoding="utf-8") as file:
        for name, executed, _ in csv.reader(file, delimiter="\t"):
            counts[name] += int(executed)
    return counts


def run(name: str, seconds: float) -> tuple[float, int]:
    """Run one target in processes of its own, a new one after each that dies; return seconds and executions."""
    new, kept = WORK / "corpus" / name, CORPUS / name
    new.mkdir(parents=True, exist_ok=True)
    longest = max(LONGEST, *(path.stat().st_size for path in kept.iterdir()))
    started, executed = time.monotonic(), 0
    while (left := seconds - (time.monotonic() - started)) > 1:
        done = subprocess.run(
            [sys.executable, "-m", "reliability.fuzz", name, "--inside", f"-max_total_time={int(left)}",
             f"-timeout={SLOWEST}", f"-rss_limit_mb={MEMORY}", f"-max_len={longest}", "-print_final_stats=1",
             f"-artifact_prefix={FOUND / name}-", str(new), str(kept)],
            capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        counted = EXECUTED.findall(done.stderr)
        if not counted:
            raise SystemExit(f"{name}: the fuzzer did not start:\n{done.stderr[-2000:]}")
        executed += max(int(total or seen) for total, seen in counted)
    return time.monotonic() - started, executed


def inside(name: str, flags: Sequence[str]) -> int:
    """Hand a target to libFuzzer; each kind of fault is kept once, and the fuzzing goes on."""
    import atheris

    with atheris.instrument_imports(include=["communique"]):
        from reliability.targets import TARGETS
    target = TARGETS[name]

    def tried(data: bytes) -> None:
        try:
            target(data)
        except Exception as error:
            keep(name, data, error)

    atheris.Setup([name, *flags], tried)
    atheris.Fuzz()
    return 0


def keep(name: str, data: bytes, error: Exception) -> None:
    """Write down an input that broke something, unless one that did it at the same place is there."""
    frames = traceback.extract_tb(error.__traceback__)
    place = next(frame for frame in reversed(frames) if any(one in frame.filename for one in OURS))
    path = FOUND / f"{name}-{type(error).__name__}-{Path(place.filename).stem}-{place.lineno}"
    if not path.exists():
        path.write_bytes(data)
        path.with_suffix(".txt").write_text("".join(traceback.format_exception(error)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
