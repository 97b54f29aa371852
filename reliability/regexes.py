"""Every regular expression of the package against inputs that are made to be slow for it.

Of each pattern the characters that it speaks of are taken, and an example of what it matches. Runs of those, alone and
in pairs, behind each beginning of the example, are what makes a pattern slow that looks at one character many times.
Each is searched through at two lengths: eight times the length may take eight times as long, not sixty-four times.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import itertools
import pkgutil
import re
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from re import _constants as sre
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import msgspec

import communique

#: Lengths of the inputs; how many times longer the second may take (eight is linear), and seconds from which it counts.
SHORT, LONG, GROWTH, COUNTED = 500, 4_000, 20.0, 0.005
#: Seconds for the short length under which the long one can't come to what counts: sixty-four times is the square.
LOOKED_AT = COUNTED / 80
#: Seconds after which one search is stopped.
STOPPED = 4
#: Characters and beginnings that are tried of each pattern.
MOST_CHARACTERS, MOST_BEGINNINGS = 10, 6
CALLS = frozenset("compile match search fullmatch sub subn split findall finditer".split())
#: Those that look at the beginning of a text alone.
ANCHORED = frozenset(("match", "fullmatch"))
#: What stands for the classes of characters.
CATEGORIES = {
    sre.CATEGORY_SPACE: " \n\t", sre.CATEGORY_WORD: "a1", sre.CATEGORY_DIGIT: "1", sre.CATEGORY_NOT_SPACE: "a.",
    sre.CATEGORY_NOT_WORD: " .", sre.CATEGORY_NOT_DIGIT: "a ",
}  # fmt: skip
#: What no pattern wants at the end.
END = "\x01"


class Slow(msgspec.Struct, frozen=True):
    """A pattern that takes more than linear time, on what, and how long at both lengths, in seconds."""

    place: str
    pattern: str
    attack: str
    short: float
    long: float


class Place(msgspec.Struct, frozen=True):
    """A pattern, where it is, and whether it is only looked for at the beginning of a text."""

    name: str
    pattern: re.Pattern[Any]
    anchored: bool


def patterns() -> list[Place]:
    """Return all patterns of the package: those of its modules, and those written in calls."""
    modules = [importlib.import_module(one.name) for one in pkgutil.walk_packages(communique.__path__, "communique.")]
    trees = {one.__name__: ast.parse(Path(one.__file__ or "").read_text("utf-8")) for one in modules}
    used = _methods(trees.values())
    found: dict[tuple[Any, int], Place] = {}
    for module in modules:
        named = [(name, one) for name, value in vars(module).items() for one in _within(value, 0)]
        places = [
            Place(f"{module.__name__}.{name}", one, used.get(name, set(CALLS)) <= ANCHORED) for name, one in named
        ]
        for place in (*places, *_written(module.__name__, trees[module.__name__])):
            found.setdefault((place.pattern.pattern, place.pattern.flags), place)
    return list(found.values())


def _methods(trees: Iterable[ast.AST]) -> dict[str, set[str]]:
    """By which methods each name is used as a pattern: ``NAME.search(...)``."""
    used: dict[str, set[str]] = {}
    for node in itertools.chain.from_iterable(map(ast.walk, trees)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in CALLS:
            used.setdefault(node.value.id, set()).add(node.attr)
    return used


def _within(value: Any, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and isinstance(value, dict):
        yield from itertools.chain.from_iterable(_within(one, depth + 1) for one in (*value, *value.values()))
    elif depth < 3 and isinstance(value, list | tuple | set | frozenset):
        yield from itertools.chain.from_iterable(_within(one, depth + 1) for one in value)
    elif depth < 3 and isinstance(value, msgspec.Struct):
        yield from _within(msgspec.structs.astuple(value), depth + 1)


def _written(module: str, tree: ast.AST) -> Iterator[Place]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and (node.func.value.id, node.func.attr in CALLS) == ("re", True)
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            with suppress(re.error):
                pattern = re.compile(node.args[0].value)
                yield Place(f"{module}:{node.lineno}", pattern, node.func.attr in ANCHORED)


def slow(place: Place) -> Slow | None:
    """Return the worst that was found for a pattern, None where it takes linear time."""
    worst: Slow | None = None
    for attack in attacks(place.pattern):
        short = _time(place, attack, SHORT)
        if short < LOOKED_AT:
            continue
        shown = f"{attack[0]!r} + {attack[1]!r} * n"
        if short >= STOPPED:
            return Slow(place.name, str(place.pattern.pattern)[:70], shown, short, short)
        long = _time(place, attack, LONG)
        if long > COUNTED and long > GROWTH * short:  # once more, since machines are busy
            short, long = max(short, _time(place, attack, SHORT)), min(long, _time(place, attack, LONG))
            if long > COUNTED and long > GROWTH * short and (worst is None or long > worst.long):
                worst = Slow(place.name, str(place.pattern.pattern)[:70], shown, short, long)
                if long >= STOPPED:
                    break
    return worst


def _time(place: Place, attack: tuple[str, str], length: int) -> float:
    """Return the seconds that all matches in an attack take to find."""
    begin, pump = attack
    text = begin + pump * (length // len(pump)) + END
    data: Any = text.encode("utf-8") if isinstance(place.pattern.pattern, bytes) else text
    started = time.process_time()
    signal.setitimer(signal.ITIMER_REAL, STOPPED)
    try:
        if place.anchored:
            place.pattern.match(data)
        else:
            for _ in place.pattern.finditer(data):
                pass
    except TimeoutError:
        return float(STOPPED)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return time.process_time() - started


def _stop(*_: object) -> None:
    raise TimeoutError


def attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str]]:
    """Yield beginnings and what is to be repeated behind them."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, str) else pattern.flags
    tree = _parser.parse(source, flags)
    characters = list(dict.fromkeys(itertools.chain.from_iterable(_characters(tree))))[:MOST_CHARACTERS]
    example = _example(tree)
    starts = sorted({len(example) * n // MOST_BEGINNINGS for n in range(MOST_BEGINNINGS)} | {0})
    pumps = [*characters, *map("".join, itertools.permutations(characters, 2)), example or "a"]
    for start in starts:
        for pump in pumps if start == 0 else [*characters, example[start:] or "a"]:
            yield example[:start], pump
        for extra in characters[:4] if start == 0 else ():
            yield extra, example or "a"


def _characters(tree: Iterable[Any]) -> Iterator[str]:
    """Yield the characters that a parsed pattern speaks of, one or two for a class."""
    for operator, argument in tree:
        if operator in (sre.LITERAL, sre.NOT_LITERAL):
            yield chr(argument) if operator is sre.LITERAL else "ab"
        elif operator is sre.ANY:
            yield "a"
        elif operator is sre.IN:
            yield from (chr(one[0] if kind is sre.RANGE else one) for kind, one in argument
                        if kind in (sre.RANGE, sre.LITERAL))  # fmt: skip
            yield from (CATEGORIES.get(one, "a") for kind, one in argument if kind is sre.CATEGORY)
        else:
            for part in _parts(operator, argument):
                yield from _characters(part)


def _parts(operator: Any, argument: Any) -> Iterable[Any]:
    if operator is sre.BRANCH:
        return tuple(argument[1])
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return (argument[2],)
    if operator in (sre.SUBPATTERN, sre.ASSERT, sre.ASSERT_NOT):
        return (argument[-1],)
    if operator is sre.ATOMIC_GROUP:
        return (argument,)
    return ()


def _example(tree: Iterable[Any]) -> str:
    """Return something like what a parsed pattern matches: the first branch of each, repeated twice where it may be."""
    made = []
    for operator, argument in tree:
        if operator is sre.LITERAL:
            made.append(chr(argument))
        elif operator in (sre.ANY, sre.NOT_LITERAL, sre.IN):
            made.append(next(_characters([(operator, argument)]), "a")[:1])
        elif operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, inner = argument
            made.append(_example(inner) * max(least, min(2, int(most))))
        elif operator in (sre.SUBPATTERN, sre.ATOMIC_GROUP, sre.BRANCH):
            made.append(_example(next(iter(_parts(operator, argument)), ())))
    return "".join(made)[:200]


def main() -> int:
    """Try all patterns; name those that are slow and return 1, or say how many were tried."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    signal.signal(signal.SIGALRM, _stop)
    places = patterns()
    found, tried = 0, 0
    for place in places:
        tried += sum(1 for _ in attacks(place.pattern))
        if (one := slow(place)) is not None:
            found += 1
            print(f"{one.place}: {one.short:.3f} s, {one.long:.3f} s\n    {one.pattern}\n    {one.attack}", flush=True)
    print(f"{len(places)} patterns, {tried:,} inputs at two lengths, {found} of more than linear time")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
