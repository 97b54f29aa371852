"""``make audit``: each locked dependency against the faults that PyPI lists for it.

PyPI tells the known faults of a release in its JSON; a mirror may have that for the newest release alone, and then an
older one that is locked has no answer, which is said. The exit code is 1 where a fault is known.
"""

from __future__ import annotations

import json
import sys
import tomllib
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

LOCK = Path(__file__).parents[1] / "uv.lock"
INDEX = "https://pypi.org/pypi"
AT_ONCE, PATIENCE = 8, 60.0


class Answer(NamedTuple):
    """What is known of a release: its faults, or None where the index has no answer."""

    name: str
    version: str
    faults: tuple[str, ...] | None


def locked(lock: str) -> list[tuple[str, str]]:
    """Return name and version of each package of a lock file that comes from an index.

    >>> locked('[[package]]\\nname = "a"\\nversion = "1"\\nsource = { registry = "x" }')
    [('a', '1')]
    """
    packages = tomllib.loads(lock)["package"]
    return [(one["name"], one["version"]) for one in packages if "registry" in one["source"]]


def read(address: str) -> dict[str, Any] | None:
    """Return the JSON at an address; None where there is none."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return dict(json.load(answer))
    except (urllib.error.URLError, TimeoutError, json.JSONDecodeError):
        return None


def ask(name: str, version: str) -> Answer:
    """Ask for a release, and for the newest one where that has no answer."""
    told = read(f"{INDEX}/{name}/{version}/json") or read(f"{INDEX}/{name}/json")
    if told is None or told["info"]["version"] != version:
        return Answer(name, version, None)
    known = (fault for fault in told["vulnerabilities"] if not fault.get("withdrawn"))
    return Answer(name, version, tuple(f"{fault['id']} {fault['link'] or ''}".strip() for fault in known))


def main() -> None:
    """Ask about all, print what is known."""
    packages = locked(LOCK.read_text("utf-8"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda one: ask(*one), packages))
    faulty = [answer for answer in answers if answer.faults]
    unknown = [answer for answer in answers if answer.faults is None]
    for answer in faulty:
        print(f"{answer.name} {answer.version}: {', '.join(answer.faults or ())}")
    for answer in unknown:
        print(f"{answer.name} {answer.version}: no answer for this release")
    print(
        f"{len(answers)} locked, {len(answers) - len(faulty) - len(unknown)} without a known fault, {len(faulty)} with"
    )
    sys.exit(1 if faulty else 0)


if __name__ == "__main__":
    main()
