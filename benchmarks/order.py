"""The order against the world: ``make bench-order``. Prints Markdown; ``--write`` renews docs/methods/validity.md.

1. How many actors of ICEWS become states. 2. Each measure of alignment against how near two states' ideal points in the
UN General Assembly are, by year, with a permutation test and baselines. 3. What everybody knows. 4. Speed and memory.
"""

from __future__ import annotations

import os

# Matrices are small, and threads of a busy machine wait for each other; before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import csv
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from communique.order import read_events, tension, ties
from communique.order.alignment import DAYS_IN_YEAR, MEASURES, matrices
from communique.order.blocs import find_blocs
from communique.order.dyads import rank_correlation
from communique.order.tables import QUADS, Coded, code
from training import data

EVENTS, POINTS = data.DATA / "icews/events_2005_2015.tsv", data.DATA / "un/ideal_points.csv"
PAGE = Path(__file__).parents[1] / "docs/methods/validity.md"
BEGIN, END = "<!-- figures: make bench-order -->", "<!-- end of figures -->"
#: Session 1 of the General Assembly was in 1946; the states that are compared; years to choose by, and years held back.
YEAR_ZERO, STATES = 1945, 60
CHOSEN_BY, HELD_BACK = range(2005, 2013), range(2013, 2016)
HALF_LIVES = (None, 3.0)
BASELINES = ("net cooperation", "mean Goldstein")
PERMUTATIONS, SEED = 499, 1
#: Who is read, by whether only organs of states are; alignment is told of the first unless all are asked for.
READINGS = {True: "Organs of states alone", False: "All actors"}
#: Pairs with fewer events (without neutral ones) are not ranked in the checks of known history.
LEAST_EVENTS = 10
TENSE = (("ISR", "PSE"), ("RUS", "UKR"), ("KOR", "PRK"), ("IND", "PAK"), ("IRN", "ISR"))
SPEED = """
import os, resource, time
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np, pyarrow as pa
from communique.order import dyads
random, events, states = np.random.default_rng(0), 10_000_000, 200
share = 1 / np.arange(1, states + 1)
codes = pa.array([f"S{i:03}" for i in range(states)])
def party():
    index = random.choice(states, events, p=share / share.sum()).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(index), codes).cast(pa.string())
days = pa.array(random.integers(11000, 11000 + 20 * 365, events).astype(np.int32)).cast(pa.date32())
score = random.choice([-9, -5, -2, 0, 2.5, 5, 9.5], events)
table = pa.table({"date": days, "actor": party(), "recipient": party(), "score": score})
began = time.perf_counter()
rows = dyads(table).num_rows
print(rows, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


def ideal_points() -> dict[tuple[int, str], float]:
    """Return the ideal point of each state in each year."""
    with POINTS.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["ideal_point"]]
    return {(int(row["session"]) + YEAR_ZERO, row["iso3"]): float(row["ideal_point"]) for row in rows}


def most_active(coded: Coded, points: Mapping[tuple[int, str], float]) -> list[str]:
    """Return the states with most events among those that have ideal points."""
    size = len(coded.states)
    counts = np.bincount(coded.actor, minlength=size) + np.bincount(coded.recipient, minlength=size)
    voting = {state for _, state in points}
    ranked = [coded.states[index] for index in np.argsort(-counts, kind="stable")]
    return [state for state in ranked if state in voting][:STATES]


def measured(coded: Coded, chosen: Sequence[str], half_life: float | None) -> Iterator[tuple[int, dict[str, Any], Any]]:
    """Yield each year with the matrices of all measures and baselines, and which pairs have events of their own."""
    for tie in ties(coded, period="year", half_life=half_life):
        year = int(str(tie.period)[:4])
        found: dict[str, Any] = dict(matrices(tie))
        found |= baselines(coded, year, half_life)
        index = np.array([tie.states.index(state) for state in chosen])
        inner = np.ix_(index, index)
        yield year, {name: matrix[inner] for name, matrix in found.items()}, tie.weight[inner] > 0


def baselines(coded: Coded, year: int, half_life: float | None) -> dict[str, Any]:
    """Return what anybody would try first: cooperative minus hostile events, and the mean score; decayed likewise."""
    until = np.datetime64(f"{year}-12-31")
    since = np.datetime64(f"{year}-01-01") if half_life is None else coded.day.min()
    now = coded.take((coded.day <= until) & (coded.day >= since))
    years = (until - now.day).astype(float) / DAYS_IN_YEAR
    weight = np.ones(len(now)) if half_life is None else 0.5 ** (years / half_life)
    size = len(coded.states)
    key = now.actor.astype(np.int64) * size + now.recipient

    def both(values: Any) -> Any:
        one_way = np.bincount(key, values, size * size).reshape(size, size)
        return one_way + one_way.T

    sign = np.array([0, 1, 1, -1, -1])[now.quad]
    count = both(weight)
    with np.errstate(invalid="ignore"):
        mean = both(weight * now.score) / count
    return dict(zip(BASELINES, (both(weight * sign), mean), strict=True))


def closeness(year: int, chosen: Sequence[str], points: Mapping[tuple[int, str], float]) -> Any:
    """Return minus the distance of ideal points; NaN for a state that did not vote."""
    own = np.array([points.get((year, state), np.nan) for state in chosen])
    return -np.abs(own[:, None] - own[None, :])


def spearman(matrix: Any, near: Any, kept: Any) -> float:
    """Rank correlation over pairs; a pair about which a measure says nothing stands in the middle."""
    upper = np.triu_indices(len(near), 1)
    values, other, kept = matrix[upper], near[upper], kept[upper] & np.isfinite(near[upper])
    values = np.where(np.isfinite(values), values, np.nanmedian(values))
    return rank_correlation(values[kept], other[kept]) or 0.0


def validity(coded: Coded, points: Mapping[tuple[int, str], float]) -> Iterator[str]:
    """Yield the tables of correlations as lines of Markdown."""
    chosen = most_active(coded, points)
    random = np.random.default_rng(SEED)
    years = [*CHOSEN_BY, *HELD_BACK]
    best: dict[tuple[str, float | None], float] = {}
    for half_life in HALF_LIVES:
        every = list(measured(coded, chosen, half_life))
        near = {year: closeness(year, chosen, points) for year in years}
        title = (
            "each year by itself" if half_life is None else f"earlier years too, half as much after {half_life:g} years"
        )
        yield f"\n**{title[0].upper()}{title[1:]}**\n"
        yield f"| measure | {' | '.join(map(str, years))} | 2005-12 | held back 2013-15 | p | pairs with events |"
        yield "|---|" + "---|" * (len(years) + 4)
        for name in (*MEASURES, *BASELINES):
            whole = np.ones((STATES, STATES), bool)
            by_year = {year: spearman(found[name], near[year], whole) for year, found, _ in every}
            tied = np.mean([spearman(found[name], near[year], there) for year, found, there in every])
            first, last = (float(np.mean([by_year[year] for year in span])) for span in (CHOSEN_BY, HELD_BACK))
            p = permuted(
                {year: found[name] for year, found, _ in every}, near, float(np.mean(list(by_year.values()))), random
            )
            if name in MEASURES:
                best[name, half_life] = first
            cells = " | ".join(f"{by_year[year]:.2f}" for year in years)
            yield f"| {name} | {cells} | **{first:.3f}** | {last:.3f} | {p:.3f} | {tied:.3f} |"
    for half_life in HALF_LIVES:
        name = max((key for key in best if key[1] == half_life), key=lambda key: best[key])[0]
        yield f"\nBest on 2005-12 with {'no memory' if half_life is None else f'half-life {half_life:g}'}: **{name}**."


def permuted(found: Mapping[int, Any], near: Mapping[int, Any], mean: Any, random: np.random.Generator) -> float:
    """Share of shuffles of the states' names (the same in all years) whose mean correlation is as high."""
    upper = np.triu_indices(STATES, 1)
    ranks = {}
    for year, matrix in found.items():
        values = matrix[upper]
        ranked = np.zeros((STATES, STATES))
        ranked[upper] = _standard(np.where(np.isfinite(values), values, np.nanmedian(values)))
        ranks[year] = ranked + ranked.T
    as_high = 0
    for _ in range(PERMUTATIONS):
        order = random.permutation(STATES)
        total = 0.0
        for year, ranked in ranks.items():
            other = near[year][np.ix_(order, order)][upper]
            kept = np.isfinite(other)
            total += float(np.corrcoef(ranked[upper][kept], other[kept])[0, 1])
        as_high += total / len(ranks) >= mean
    return (as_high + 1) / (PERMUTATIONS + 1)


def _standard(values: Any) -> Any:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def history() -> Iterator[str]:
    """Yield the checks of what everybody knows, over all actors and over states' own organs alone."""
    for official, title in READINGS.items():
        table = read_events(EVENTS, official=official).table
        coded = code(table)
        yield f"\n**{title}**"
        yield from _tense(table, coded)
        yield from _closest(coded)
        yield "\nRussia and Ukraine, mean score (events): " + "; ".join(_course(coded, "RUS", "UKR")) + "."


def _told(coded: Coded) -> dict[tuple[str, str], int]:
    """Events of each pair, neutral ones left out."""
    telling = coded.take(coded.quad != QUADS.index("neutral"))
    size = len(coded.states)
    low, high = np.minimum(telling.actor, telling.recipient), np.maximum(telling.actor, telling.recipient)
    counts = np.bincount(low.astype(np.int64) * size + high, minlength=size * size)
    return {(coded.states[k // size], coded.states[k % size]): int(counts[k]) for k in np.flatnonzero(counts)}


def _tense(table: Any, coded: Coded) -> Iterator[str]:
    rows, told = tension(table).to_pylist(), _told(coded)
    ranked = [row for row in rows if told.get((row["a"], row["b"]), 0) >= LEAST_EVENTS]
    place = {(row["a"], row["b"]): index + 1 for index, row in enumerate(ranked)}
    tense = {(row["a"], row["b"]): row["tension"] for row in rows}
    yield f"\nTension, ranked among the {len(ranked)} pairs with {LEAST_EVENTS} telling events or more:\n"
    yield "| pair | telling events | tension | rank |\n|---|---|---|---|"
    for pair in TENSE:
        yield f"| {'-'.join(pair)} | {told.get(pair, 0)} | {tense.get(pair, 0):.3f} | {place.get(pair, '-')} |"


def _closest(coded: Coded) -> Iterator[str]:
    told = _told(coded)
    (tie,) = ties(coded, period="all")
    found = matrices(tie)
    usa = tie.states.index("USA")
    enough = [
        i for i, name in enumerate(tie.states) if told.get((min("USA", name), max("USA", name)), 0) >= LEAST_EVENTS
    ]
    yield f"\nThe United States' closest of {len(enough)} states with so many events, 2005-2015 as one period:\n"
    yield "| measure | closest | GBR's place |\n|---|---|---|"
    for name, matrix in found.items():
        order = sorted(enough, key=lambda i: -np.nan_to_num(matrix[usa, i], nan=-np.inf))
        names = [tie.states[i] for i in order]
        yield f"| {name} | {', '.join(names[:6])} | {names.index('GBR') + 1} |"


def _course(coded: Coded, a: str, b: str) -> Iterator[str]:
    one, other = coded.state(a), coded.state(b)
    own = coded.take(
        ((coded.actor == one) & (coded.recipient == other)) | ((coded.actor == other) & (coded.recipient == one))
    )
    years = own.day.astype("M8[Y]")
    for year in np.unique(years):
        score = own.score[years == year]
        yield f"{year} {score.mean():+.1f} ({len(score)})"


def speed() -> Iterator[str]:
    """Yield the marks of speed and memory."""
    done = subprocess.run([sys.executable, "-c", SPEED], capture_output=True, text=True, check=True)
    rows, seconds, gigabytes = done.stdout.split()
    yield f"\n- ten million events of 200 states over 20 years to {rows} directed monthly dyads:"
    yield f"  {float(seconds):.1f} s (mark: 20), {float(gigabytes):.1f} GB at most, the table included (mark: 4)"
    random = np.random.default_rng(SEED)
    states = [f"S{i:03}" for i in range(200)]
    actor, recipient = random.integers(0, 200, (2, 200_000))
    friendly = (actor % 4 == recipient % 4) != (random.random(200_000) < 0.2)
    score = np.where(friendly, 4.0, -5.0) + random.normal(0, 2, 200_000)
    columns = {"date": ["2010-01-01"] * 200_000, "actor": [states[i] for i in actor],
               "recipient": [states[i] for i in recipient], "score": score}  # fmt: skip
    import pyarrow as pa

    (tie,) = ties(pa.table(columns))
    began = time.perf_counter()
    found = find_blocs(tie)
    took = time.perf_counter() - began
    yield f"- blocs of 200 states, four planted: {took:.1f} s (mark: 2), {found.bloc.max() + 1} found, "
    yield f"  stability {found.stability:.2f}"


def figures() -> Iterator[str]:
    """Yield all figures as Markdown."""
    began = time.perf_counter()
    reading = read_events(EVENTS)
    took = time.perf_counter() - began
    yield f"\n{reading.rows} rows read and resolved in {took:.1f} s. Of {reading.actors} actors that name a country,"
    yield f"a state or a person, {reading.resolved} became states: **{reading.share:.1%}** (mark: 95 %)."
    yield f"{reading.table.num_rows} rows are between two states."
    points = ideal_points()
    for official, title in READINGS.items():
        yield f"\n### Alignment against the General Assembly: {title.lower()}"
        yield from validity(code(read_events(EVENTS, official=official).table), points)
    yield "\n### Known history"
    yield from history()
    yield "\n### Speed"
    yield from speed()


def main() -> None:
    """Print the figures, and write them into the page where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/methods/validity.md")
    arguments = parser.parse_args()
    if not EVENTS.exists() or not POINTS.exists():
        sys.exit(f"{EVENTS.parent.parent}: the data is not there; set COMMUNIQUE_DATA")
    lines = []
    for line in figures():
        print(line, flush=True)
        lines.append(line)
    if arguments.write:
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
