"""Blocs: who stands with whom, found with friendly and hostile ties; and how well-balanced the whole is.

References:

1. Gómez, S., Jensen, P. & Arenas, A. (2009). Analysis of community structure in networks of correlated data. Physical
   Review E 80, 016114.
2. Blondel, V. D., Guillaume, J.-L., Lambiotte, R. & Lefebvre, E. (2008). Fast unfolding of communities in large
   networks. Journal of Statistical Mechanics, P10008.
3. Lancichinetti, A. & Fortunato, S. (2012). Consensus clustering in complex networks. Scientific Reports 2, 336.
4. Hubert, L. & Arabie, P. (1985). Comparing partitions. Journal of Classification 2, 193-218.
5. Cartwright, D. & Harary, F. (1956). Structural balance: A generalization of Heider's theory. Psychological Review
   63(5), 277-293.
6. Davis, J. A. (1967). Clustering and structural balance in graphs. Human Relations 20(2), 181-187.
7. Aref, S. & Wilson, M. C. (2019). Balance and frustration in signed networks. Journal of Complex Networks 7(2),
   163-189.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from communique.order.alignment import Ties, ties
from communique.order.tables import Array, Period, Table, as_kind, code

#: Runs of the search from different orders, each on events drawn anew; figures hardly move beyond twenty.
RUNS, SEED = 24, 1
#: Share of runs in which a state must be with its bloc to be of its core, and below which it stands between blocs.
CORE, BETWEEN = 0.9, 0.6
#: Made-up worlds without blocs: more modular than all nineteen is unlikely by chance at one in twenty.
WORLDS = 19
#: Searches over what the runs agree on, of which the best is taken.
LAST_SEARCHES = 6
#: Events (decayed) with other states below which a state is given no bloc: it would be with whomever it met last.
LEAST_EVENTS = 5.0
#: Gains below this are rounding errors.
LEAST_GAIN = 1e-10
#: Most sweeps over all states before a search gives up; a search needs about five.
SWEEPS = 50
#: Shuffles of the signs that say how much balance chance gives.
SHUFFLES = 99


@dataclass(frozen=True, eq=False)
class Partition:
    """The blocs of one period: ``bloc`` has each state's number (0 the largest; -1: no ties), ``modularity`` is signed
    [1].

    ``membership`` is the share of runs in which a state was with the most of its bloc; ``next_bloc`` the other bloc
    that it was with most, -1 where none; ``stability`` the mean adjusted Rand index [4] of pairs of runs; ``chance``
    the highest modularity of ``WORLDS`` worlds without blocs: below it the states are one bloc.
    """

    ties: Ties
    bloc: Array
    membership: Array
    next_bloc: Array
    modularity: float
    stability: float
    chance: float


def signed_modularity(tie: Array, bloc: Array) -> float:
    """Return the signed modularity of a partition [1], from -1 to 1.

    Q = sum_ij (w_ij - (p_i p_j / 2p - q_i q_j / 2q)) [c_i = c_j] / (2p + 2q), where p and q are friendly and hostile
    strength: friendly ties within, and hostile ones between, beyond what the strengths of states let expect.

    >>> tie = np.array([[0, 1, -1], [1, 0, -1], [-1, -1, 0.0]])
    >>> round(signed_modularity(tie, np.array([0, 0, 1])), 3)
    0.333
    """
    gain, scale = _gain(tie)
    same = bloc[:, None] == bloc[None, :]
    return float((gain * same).sum() / scale) if scale else 0.0


def _gain(tie: Array) -> tuple[Array, float]:
    friendly, hostile = np.maximum(tie, 0.0), np.maximum(-tie, 0.0)
    p, q = friendly.sum(1), hostile.sum(1)
    expected = np.zeros_like(tie)
    if p.sum() > 0:
        expected = expected + np.outer(p, p) / p.sum()
    if q.sum() > 0:
        expected = expected - np.outer(q, q) / q.sum()
    return tie - expected, float(p.sum() + q.sum())


def partition(tie: Array, random: np.random.Generator) -> Array:
    """Return the partition with the highest signed modularity that the Louvain search [2] finds from one random
    order.
    """
    gain, _ = _gain(tie)
    active = np.abs(tie).sum(1) > 0
    label = np.arange(len(tie))
    current = gain
    while True:
        moved = _move(current, random)
        kinds, moved = np.unique(moved, return_inverse=True)
        label = moved[label]
        if len(kinds) == len(current):
            break
        member = np.zeros((len(current), len(kinds)))
        member[np.arange(len(current)), moved] = 1.0
        current = member.T @ current @ member
    return np.where(active, label, -1)


def _move(gain: Array, random: np.random.Generator) -> Array:
    """Move single nodes to the neighbouring bloc that gains most, until none gains."""
    size = len(gain)
    label = np.arange(size)
    member = np.eye(size)
    for _ in range(SWEEPS):
        moved = False
        for node in random.permutation(size):
            own = label[node]
            value = gain[node] @ member
            value[own] -= gain[node, node]
            best = int(value.argmax())
            if value[best] > value[own] + LEAST_GAIN:
                member[node, own], member[node, best] = 0.0, 1.0
                label[node] = best
                moved = True
        if not moved:
            break
    return label


def rand_index(left: Array, right: Array) -> float:
    """Return the adjusted Rand index [4] of two partitions: 1 the same, about 0 as alike as by chance.

    >>> rand_index(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    """
    table = np.zeros((int(left.max(initial=0)) + 1, int(right.max(initial=0)) + 1))
    np.add.at(table, (left, right), 1)

    def pairs(counts: Array) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, a, b = pairs(table), pairs(table.sum(1)), pairs(table.sum(0))
    whole = pairs(np.array([len(left)]))
    expected = a * b / whole if whole else 0.0
    most = (a + b) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def find_blocs(tie: Ties, *, runs: int = RUNS, least: float = LEAST_EVENTS, seed: int = SEED) -> Partition:
    """Return the blocs that many runs agree on.

    1. Leave out states with fewer than ``least`` events. 2. For each run draw the ties as they could have come out and
       search.
    3. Search once more, over the share of runs in which each two states were together [3]. 4. Number the blocs by size;
       work out stability and membership. 5. Where worlds without blocs are as modular by chance, all states are one
       bloc.
    """
    size = len(tie.states)
    known = np.flatnonzero((tie.weight.sum(1) >= least) & (np.abs(tie.net).sum(1) > 0))
    random = np.random.default_rng(seed)
    nobody = Partition(tie, np.full(size, -1), np.full(size, np.nan), np.full(size, -1), 0.0, 1.0, 0.0)
    if not len(known):
        return nobody
    inner = np.ix_(known, known)
    net, error = tie.net[inner], tie.error[inner]
    found = np.array([partition(_redrawn(net, error, random), random) for _ in range(runs)])
    together = np.mean([(run[:, None] == run[None, :]) & (run >= 0)[:, None] for run in found], axis=0)
    np.fill_diagonal(together, 0.0)
    last = max(
        (partition(together, random) for _ in range(LAST_SEARCHES)), key=lambda run: signed_modularity(together, run)
    )
    alone = last < 0
    last[alone] = last.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    agreed = _by_size(last, tie.weight[inner].sum(1))
    stability = float(np.mean([rand_index(found[i] + 1, found[i - 1] + 1) for i in range(runs)]))
    modularity = signed_modularity(net, agreed)
    chance = _by_chance(tie, known, random)
    bloc, membership, next_bloc = nobody.bloc.copy(), nobody.membership.copy(), nobody.next_bloc.copy()
    bloc[known], membership[known] = agreed, 1.0
    if modularity > chance:
        membership[known], next_bloc[known] = _membership(together, agreed)
    else:
        bloc[known] = 0
    return Partition(tie, bloc, membership, next_bloc, modularity, stability, chance)


def _by_chance(tie: Ties, known: Array, random: np.random.Generator) -> float:
    """The highest modularity found in worlds where events fall on pairs by the sizes of their states alone.

    Each pair has a Poisson number of events, as many as the product of its states' events over all lets expect, and a
    sum of scores with the world's mean and spread.
    """
    inner = np.ix_(known, known)
    weight, net, error = tie.weight[inner], tie.net[inner], tie.error[inner]
    total = float(weight.sum())
    if total <= 0:
        return 0.0
    expected = np.triu(np.outer(weight.sum(1), weight.sum(1)) / total, 1)
    expected *= total / 2 / max(float(expected.sum()), 1e-12)
    mean = float(net.sum()) / total
    spread = np.sqrt(max(float((error**2).sum()) / total - mean**2, 0.0))
    found = 0.0
    for _ in range(WORLDS):
        count = random.poisson(expected)
        drawn = mean * count + spread * np.sqrt(count) * random.normal(size=count.shape)
        drawn = drawn + drawn.T
        found = max(found, signed_modularity(drawn, partition(drawn, random)))
    return found


def _redrawn(net: Array, error: Array, random: np.random.Generator) -> Array:
    """The sums of scores as they could have come out: a parametric bootstrap, each sum with its own standard error."""
    noise = np.triu(random.normal(size=net.shape), 1)
    return np.asarray(net + (noise + noise.T) * error, np.float64)


def _by_size(label: Array, weight: Array) -> Array:
    """Blocs numbered by how many states they have, then by how much these deal."""
    kinds = np.unique(label)
    order = sorted(
        kinds, key=lambda kind: (-int((label == kind).sum()), -float(weight[label == kind].sum()), int(kind))
    )
    place = {kind: index for index, kind in enumerate(order)}
    return np.array([place[kind] for kind in label], np.int64)


def _membership(together: Array, bloc: Array) -> tuple[Array, Array]:
    """How surely each state is of its bloc, and the other bloc it was with most (-1: none).

    By the mean share of runs in which it was with the members of a bloc: its own over its own and the next one's.
    """
    member = np.eye(int(bloc.max(initial=-1)) + 1)[bloc]
    others = member.sum(0)[None, :] - member
    share = together @ member / np.maximum(others, 1.0)
    rows = np.arange(len(bloc))
    own = share[rows, bloc]
    share[rows, bloc] = -1.0
    following = share.argmax(1) if share.shape[1] else np.zeros(len(bloc), int)
    rival = np.maximum(share[rows, following], 0.0)
    # A state by itself is sure of that as far as it was with nobody else.
    single = others[rows, bloc] == 0
    own = np.where(single, 1.0 - rival, own)
    return own / np.maximum(own + rival, 1e-9), np.where(rival > 0, following, -1)


def partitions(
    events: Any,
    *,
    period: Period = "year",
    half_life: float | None = None,
    runs: int = RUNS,
    least: float = LEAST_EVENTS,
    seed: int = SEED,
) -> list[Partition]:
    """Return the blocs of each period that has events."""
    every = ties(code(events), period=period, half_life=half_life)
    return [find_blocs(tie, runs=runs, least=least, seed=seed + number) for number, tie in enumerate(every)]


def blocs(
    events: Table,
    *,
    period: Period = "year",
    half_life: float | None = None,
    runs: int = RUNS,
    least: float = LEAST_EVENTS,
    seed: int = SEED,
) -> Table:
    """Return each state's bloc in each period: signed communities that many runs on redrawn events agree on.

    The tie of two states is the sum of their scores, so friendly above 0 and hostile below; states with fewer than
    ``least`` events have no bloc.

    Columns: ``period``, ``state``, ``bloc`` (1 is the largest), ``membership`` (0 to 1), ``role``: "core" from ``CORE``
    on, "between" below ``BETWEEN``, else "member"; ``next_bloc``; ``inside`` and ``outside``, the sum of the state's
    scores over ten with its bloc and with all others; ``stability`` (adjusted Rand index of the runs) and
    ``modularity`` of the period, and ``chance``, the modularity that a world without blocs reaches: not above it, all
    states are one bloc.

    >>> import pyarrow as pa
    >>> pairs = [("USA", "GBR", 5), ("USA", "RUS", -5), ("GBR", "RUS", -5), ("RUS", "BLR", 5), ("USA", "BLR", -5),
    ...          ("GBR", "BLR", -5)]
    >>> events = pa.table({"date": ["2014-03-01"] * 60, "actor": [p[0] for p in pairs] * 10,
    ...                    "recipient": [p[1] for p in pairs] * 10, "score": [float(p[2]) for p in pairs] * 10})
    >>> sides = {row["state"]: row["bloc"] for row in blocs(events).to_pylist()}
    >>> sides["USA"] == sides["GBR"], sides["USA"] == sides["RUS"]
    (True, False)
    """
    import pyarrow as pa

    kinds = {"period": pa.date32(), "state": pa.string(), "bloc": pa.int32(), "membership": pa.float64(),
             "role": pa.string(), "next_bloc": pa.int32(), "inside": pa.float64(), "outside": pa.float64(),
             "stability": pa.float64(), "modularity": pa.float64(), "chance": pa.float64()}  # fmt: skip
    rows = [row for found in partitions(events, period=period, half_life=half_life, runs=runs, least=least, seed=seed)
            for row in _rows(found)]  # fmt: skip
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    return as_kind(
        {name: pa.array(column, kind) for (name, kind), column in zip(kinds.items(), columns, strict=True)}, events
    )


def role(membership: float) -> str:
    """Return what a state is in its bloc, by how surely it is of it."""
    return "core" if membership >= CORE else "between" if membership < BETWEEN else "member"


def _rows(found: Partition) -> list[tuple[Any, ...]]:
    rows = []
    for index in np.flatnonzero(found.bloc >= 0):
        same = found.bloc == found.bloc[index]
        tie, sure = found.ties.net[index], float(found.membership[index])
        near = int(found.next_bloc[index])
        rows.append((found.ties.period.item(), found.ties.states[index], int(found.bloc[index]) + 1, sure, role(sure),
                     None if near < 0 else near + 1, float(tie[same].sum()), float(tie[~same].sum()), found.stability,
                     found.modularity, found.chance))  # fmt: skip
    return rows


def balance(events: Table, *, period: Period = "year", half_life: float | None = None, seed: int = SEED) -> Table:
    """Return how balanced the whole is in each period: are the friends of friends friends, and their foes foes [5]?

    Columns: ``period``; ``triads``, the number of three states that all have ties; ``balanced``, the share of them
    whose signs multiply to plus; ``expected``, that share when the same signs are dealt out at random (mean of
    ``SHUFFLES``), and ``p``, the share of deals that are as balanced; ``weak``, the share that is balanced for more
    than two sides, where three foes are balanced too [6]; ``frustration``, the least share of ties that must change
    sign for two sides without a tie amiss [7], as found by search, so an upper bound. A period without a triad has
    empty shares.

    >>> import pyarrow as pa
    >>> events = pa.table({"date": ["2014-03-01"] * 3, "actor": ["A", "B", "C"], "recipient": ["B", "C", "A"],
    ...                    "score": [5.0, -6.0, -6.0]})
    >>> balance(events).to_pylist()[0]["balanced"]
    1.0
    """
    rows: dict[str, list[Any]] = {
        name: [] for name in ("period", "triads", "balanced", "expected", "p", "weak", "frustration")
    }
    for number, tie in enumerate(ties(code(events), period=period, half_life=half_life)):
        random = np.random.default_rng([seed, number])
        for name, value in zip(rows, (tie.period.item(), *_balance(np.sign(tie.net), random)), strict=True):
            rows[name].append(value)
    return as_kind(_columns(rows), events)


def _columns(rows: dict[str, list[Any]]) -> dict[str, Any]:
    import pyarrow as pa

    kinds = {"period": pa.date32(), "triads": pa.int64()}
    return {name: pa.array(values, kinds.get(name, pa.float64())) for name, values in rows.items()}


def _balance(sign: Array, random: np.random.Generator) -> tuple[Any, ...]:
    triads, balanced, weak = triad_shares(sign)
    frustrated = frustration(sign, random)
    if not triads:
        return 0, None, None, None, None, frustrated
    upper = np.triu_indices(len(sign), 1)
    there = sign[upper] != 0
    dealt = []
    for _ in range(SHUFFLES):
        values = sign[upper].copy()
        values[there] = random.permutation(values[there])
        mixed = np.zeros_like(sign)
        mixed[upper] = values
        dealt.append(triad_shares(mixed + mixed.T)[1])
    as_much = sum(share >= balanced for share in dealt)
    return triads, balanced, float(np.mean(dealt)), (as_much + 1) / (SHUFFLES + 1), weak, frustrated


def triad_shares(sign: Array) -> tuple[int, float, float]:
    """Return the number of triads, the share that is balanced, and the share that is weakly balanced.

    By traces: tr(|A|^3) / 6 triads, of which (tr(|A|^3) + tr(A^3)) / 12 are balanced; three foes are -tr(N^3) / 6, N
    the hostile part.

    >>> triad_shares(np.array([[0, -1, -1], [-1, 0, -1], [-1, -1, 0.0]]))
    (1, 0.0, 1.0)
    """
    there = np.abs(sign)
    whole = float(((there @ there) * there).sum())
    if whole <= 0:
        return 0, 0.0, 0.0
    signed = float(((sign @ sign) * sign).sum())
    hostile = np.maximum(-sign, 0.0)
    foes = float(((hostile @ hostile) * hostile).sum())
    balanced = (whole + signed) / 2
    return round(whole / 6), balanced / whole, (balanced + foes) / whole


def frustration(sign: Array, random: np.random.Generator, *, starts: int = RUNS) -> float | None:
    """Return the least share of ties found amiss when all states take one of two sides [7]; None without ties.

    >>> frustration(np.array([[0, 1, 1], [1, 0, -1], [1, -1, 0.0]]), np.random.default_rng(1))
    0.3333333333333333
    """
    count = float(np.abs(sign).sum()) / 2
    if count <= 0:
        return None
    return min(_amiss(sign, random) for _ in range(starts)) / count


def _amiss(sign: Array, random: np.random.Generator) -> float:
    """Ties amiss after single states have changed sides until none gains."""
    side = random.choice([-1.0, 1.0], len(sign))
    pull = sign @ side
    while True:
        gain = -side * pull
        worst = int(gain.argmax())
        if gain[worst] <= 0:
            break
        side[worst] = -side[worst]
        pull = pull + 2 * sign[:, worst] * side[worst]
    count = float(np.abs(sign).sum()) / 2
    return (count - float(side @ pull) / 2) / 2
