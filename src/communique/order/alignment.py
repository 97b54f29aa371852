"""How like two states act towards all others, and how they act towards each other.

Measures, each from -1 (opposed) to 1 (as one), of a pair i, j:

- ``direct``: their own tie x_ij, the shrunk mean score of what they do to each other, over ten.
- ``profile``: weighted correlation over third states h of x_ih and x_jh: the same friends and the same foes.
- ``similarity``: weighted S-score [1], 1 - 2 sum_h w_h |x_ih - x_jh| / (2 sum_h w_h), corrected for chance agreement as
  kappa is [2].
- ``attention``: cosine of the shares of their dealings that each third state gets, over what its size lets expect.
- ``reach``: signed communicability [3], ties through third states counted, shorter ways more: a friend of a friend, a
  foe's foe.
- ``blend``: mean of the ranks of those in ``BLENDED``, from -1 to 1 within a period.

References:

1. Signorino, C. S. & Ritter, J. M. (1999). Tau-b or not tau-b: Measuring the similarity of foreign policy positions.
   International Studies Quarterly 43(1), 115-144.
2. Häge, F. M. (2011). Choice or circumstance? Adjusting measures of foreign policy similarity for chance agreement.
   Political Analysis 19(3), 287-305.
3. Estrada, E. & Benzi, M. (2014). Walk-based measure of balance in signed networks: Detecting lack of balance in social
   networks. Physical Review E 90, 042802.
4. Efron, B. & Morris, C. (1975). Data analysis using Stein's estimator and its generalizations. Journal of the American
   Statistical Association 70(350), 311-319.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from communique.errors import DataError
from communique.order.tables import SCALE, Array, Coded, Period, Table, as_kind, code, names, starts

Measure = Literal["direct", "profile", "similarity", "attention", "reach", "blend"]
MEASURES: tuple[Measure, ...] = ("direct", "profile", "similarity", "attention", "reach", "blend")
BLENDED: tuple[Measure, ...] = ("direct", "profile", "attention")
#: The measure that does best on years held back: docs/methods/validity.md.
DEFAULT: Measure = "blend"
#: Years after which an event counts half, for ``alignment``; with it the default measure does best on years held back.
HALF_LIFE = 3.0
#: Events of the world's mean mixed into each tie; ``evidence`` = n / (n + PRIOR).
PRIOR = 3.0
#: How fast longer ways lose weight in ``reach``: the largest eigenvalue of the scaled ties becomes this.
REACH = 1.0
DAYS_IN_YEAR = 365.25
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Ties:
    """The ties of one period, each a symmetric matrix over ``states``.

    ``tie`` is the shrunk mean score over ten, above what is usual in the world; ``weight`` the events behind it;
    ``net`` the sum of scores over ten, friendly above 0, hostile below; ``error`` the standard error of that sum.
    """

    period: np.datetime64
    states: tuple[str, ...]
    tie: Array
    weight: Array
    net: Array
    error: Array


def ties(
    events: Any,
    *,
    period: Period = "year",
    half_life: float | None = None,
    states: Sequence[str] | None = None,
    prior: float = PRIOR,
) -> Iterator[Ties]:
    """Yield the ties of each period that has events.

    A tie is the mean score of a pair drawn towards no tie by ``prior`` events more of the usual score m [4]:
    x = (sum - n m) / (n + prior) / 10; m is the mean over all events of the period, so that what is usual between any
    two states (talks, mostly) does not make them friends. With ``half_life`` (years) earlier events count,
    too, half as much for each half-life that they lie before the period's end.
    """
    coded = code(events)
    if states is not None:
        coded = _among(coded, states)
    start = starts(coded.day, period)
    for each in np.unique(start):
        if half_life is None:
            now = coded.take(start == each)
            weight = np.ones(len(now))
        else:
            now = coded.take(start <= each)
            end = coded.day[start == each].max()
            weight = 0.5 ** ((end - now.day).astype(np.float64) / DAYS_IN_YEAR / half_life)
        yield _ties(each, now, weight, prior)


def _among(coded: Coded, states: Sequence[str]) -> Coded:
    """Only the events among the given states, with just those states."""
    wanted = tuple(sorted(set(states)))
    place = np.array([wanted.index(name) if name in wanted else -1 for name in coded.states], np.int32)
    kept = (place[coded.actor] >= 0) & (place[coded.recipient] >= 0)
    few = coded.take(kept)
    return Coded(
        wanted, few.types, few.day, place[few.actor], place[few.recipient], few.score, few.quad, few.event, few.row
    )


def _ties(period: np.datetime64, now: Coded, weight: Array, prior: float) -> Ties:
    size = len(now.states)
    key = now.actor.astype(np.int64) * size + now.recipient

    def both_ways(values: Array) -> Array:
        one_way = np.bincount(key, values, size * size).reshape(size, size)
        return np.asarray(one_way + one_way.T, np.float64)

    count, total = both_ways(weight), both_ways(weight * now.score)
    usual = float(total.sum() / max(count.sum(), TINY))
    error = np.sqrt(both_ways((weight * now.score) ** 2))
    return Ties(
        period, now.states, (total - usual * count) / (count + prior) / SCALE, count, total / SCALE, error / SCALE
    )


def matrices(tie: Ties, measures: Sequence[Measure] = MEASURES) -> dict[Measure, Array]:
    """Return each measure as a symmetric matrix over the states; what can't be told is NaN."""
    found: dict[Measure, Array] = {}
    for measure in measures:
        if measure == "direct":
            found[measure] = np.where(tie.weight > 0, tie.tie, np.nan)
        elif measure == "profile":
            found[measure] = _profile(tie)
        elif measure == "similarity":
            found[measure] = _similarity(tie)
        elif measure == "attention":
            found[measure] = _attention(tie)
        elif measure == "reach":
            found[measure] = _reach(tie)
        elif measure == "blend":
            parts = matrices(tie, BLENDED)
            found[measure] = _blend(list(parts.values()))
        else:
            raise DataError(f"{measure!r} is no measure: {', '.join(MEASURES)}")
    return found


def _evidence(weight: Array) -> Array:
    return np.asarray(weight / (weight + PRIOR), np.float64)


def _profile(tie: Ties) -> Array:
    """Correlation of rows about the world's usual tie (0), each third state weighted by the evidence that both have of
    it.

    The two states themselves are no third states. A figure over one or two thin third states is drawn towards none.
    """
    x, e = tie.tie, np.sqrt(_evidence(tie.weight))
    y = e * x
    together, total = y @ y.T, e @ e.T  # over all h; h = i and h = j add nothing, for nobody has a tie with itself
    size = x**2 * e
    scale = np.sqrt((size @ e.T) * (e @ size.T))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = together / scale * total / (total + 1.0)
    return _symmetric(np.where(scale > TINY, value, np.nan))


def _similarity(tie: Ties) -> Array:
    """The S-score, weighted by how much all states deal with each third one, corrected for chance."""
    size = len(tie.states)
    x, w = tie.tie, tie.weight.sum(1)
    result = np.full((size, size), np.nan)
    spread = np.empty((size, size))
    for i in range(size):
        apart = np.abs(x[i][None, :] - x) * w
        apart[:, i] = 0.0
        apart[np.arange(size), np.arange(size)] = 0.0
        spread[i] = apart.sum(1)
    active = tie.weight.sum(1) > 0
    usual = np.outer(spread.mean(1), spread.mean(1)) / max(float(spread.mean()), TINY)
    with np.errstate(invalid="ignore", divide="ignore"):
        result = np.where(np.outer(active, active), (usual - spread) / np.maximum(usual, TINY), np.nan)
    return _symmetric(np.clip(result, -1.0, 1.0))


def _attention(tie: Ties) -> Array:
    """Cosine of what rows get beyond what the sizes of both sides let expect, in square roots of counts."""
    n = tie.weight
    total = float(n.sum())
    if total <= 0:
        return np.full(n.shape, np.nan)
    expected = np.outer(n.sum(1), n.sum(0)) / total
    beyond = np.sqrt(n) - np.sqrt(expected)
    np.fill_diagonal(beyond, 0.0)
    norm = np.sqrt((beyond**2).sum(1))
    cosine = beyond @ beyond.T / np.maximum(np.outer(norm, norm), TINY)
    active = n.sum(1) > 0
    return _symmetric(np.where(np.outer(active, active), cosine, np.nan))


def _reach(tie: Ties) -> Array:
    """Communicability of signed ties scaled by the strengths of both ends, as a cosine: exp(S)_ij / sqrt(exp(S)_ii
    exp(S)_jj).
    """
    a = tie.tie * np.sqrt(_evidence(tie.weight))
    strength = np.abs(a).sum(1)
    scaled = a / np.sqrt(np.maximum(np.outer(strength, strength), TINY))
    scaled = (scaled + scaled.T) / 2
    values, vectors = np.linalg.eigh(scaled)
    top = max(float(np.abs(values).max()) if len(values) else 0.0, TINY)
    spread = (vectors * np.exp(values * REACH / top)) @ vectors.T
    own = np.sqrt(np.maximum(np.diag(spread), TINY))
    active = strength > 0
    return _symmetric(np.where(np.outer(active, active), spread / np.outer(own, own), np.nan))


def _blend(parts: Sequence[Array]) -> Array:
    """Mean rank over the measures that can tell, from -1 to 1."""
    ranked = np.stack([_rank(part) for part in parts])
    told = np.isfinite(ranked).sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(told > 0, np.nansum(ranked, 0) / np.maximum(told, 1), np.nan)


def _rank(matrix: Array) -> Array:
    """The rank of each pair, from -1 to 1; ties share theirs."""
    upper = np.triu_indices(len(matrix), 1)
    values = matrix[upper]
    told = np.isfinite(values)
    result = np.full(matrix.shape, np.nan)
    if not told.any():
        return result
    _, inverse, counts = np.unique(values[told], return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - counts / 2)[inverse] / told.sum() * 2 - 1
    placed = np.full(len(values), np.nan)
    placed[told] = rank
    result[upper] = placed
    result.T[upper] = placed
    return result


def _symmetric(matrix: Array) -> Array:
    result = (matrix + matrix.T) / 2
    np.fill_diagonal(result, np.nan)
    return result


def alignment(
    events: Table,
    *,
    period: Period = "year",
    states: Sequence[str] | None = None,
    half_life: float | None = HALF_LIFE,
    measures: Sequence[Measure] = MEASURES,
) -> Table:
    """Return how aligned each two states are in each period; the measures are those at the top of this module.

    Columns: ``period``, ``a``, ``b``, ``events`` (between the two; decayed unless ``half_life`` is None), each measure
    (empty where it can't be told), ``alignment`` (the default measure's value, where it was asked for), ``evidence`` =
    n / (n + k) of the pair's own tie, from 0 to 1.

    Raises ``DataError`` where a measure is not known.

    >>> import pyarrow as pa
    >>> pairs = [("USA", "GBR", 5), ("USA", "RUS", -5), ("GBR", "RUS", -5), ("RUS", "BLR", 5), ("USA", "BLR", -5),
    ...          ("GBR", "BLR", -5)]
    >>> events = pa.table({"date": ["2014-03-01"] * 60, "actor": [p[0] for p in pairs] * 10,
    ...                    "recipient": [p[1] for p in pairs] * 10, "score": [float(p[2]) for p in pairs] * 10})
    >>> ranked = sorted(alignment(events).to_pylist(), key=lambda row: row["profile"])
    >>> {(row["a"], row["b"]) for row in ranked[-2:]} == {("BLR", "RUS"), ("GBR", "USA")}
    True
    """
    columns: dict[str, list[Array]] = {name: [] for name in ("period", "a", "b", "events", *measures, "evidence")}
    coded = code(events)
    listed = coded.states if states is None else tuple(sorted(set(states)))
    for tie in ties(coded, period=period, half_life=half_life, states=states):
        found = matrices(tie, measures)
        upper = np.triu_indices(len(tie.states), 1)
        seen = np.any([np.isfinite(matrix[upper]) for matrix in found.values()], axis=0)
        a, b = upper[0][seen], upper[1][seen]
        weight = tie.weight[a, b]
        values = [np.full(len(a), tie.period, "M8[D]"), a, b, weight, *(found[each][a, b] for each in measures),
                  _evidence(weight)]  # fmt: skip
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    joined = {name: np.concatenate(parts) if parts else np.zeros(0) for name, parts in columns.items()}
    joined["period"] = joined["period"].astype("M8[D]")
    result: dict[str, Any] = {**joined, "a": names(listed, joined["a"]), "b": names(listed, joined["b"])}
    if DEFAULT in measures:
        result["alignment"] = joined[DEFAULT]
    return as_kind(result, events)


def graph(events: Any, *, period: Period = "all", measure: Measure = "direct") -> Any:
    """Return the last period's states as a networkx graph; each tie has ``weight`` (-1 to 1), ``sign`` and ``events``.

    >>> import pyarrow as pa
    >>> events = pa.table({"date": ["2014-03-01"], "actor": ["RUS"], "recipient": ["UKR"], "score": [-7.0]})
    >>> graph(events).number_of_edges()
    1
    """
    import networkx as nx

    network = nx.Graph()
    last = None
    for last in ties(events, period=period):  # noqa: B007 - the last one is wanted
        pass
    if last is None:
        return network
    matrix = matrices(last, [measure])[measure]
    network.add_nodes_from(name for index, name in enumerate(last.states) if last.weight[index].sum() > 0)
    for i, j in zip(*np.triu_indices(len(last.states), 1), strict=True):
        value = float(matrix[i, j])
        if np.isfinite(value):
            network.add_edge(last.states[i], last.states[j], weight=value, sign=int(np.sign(value)),
                             events=float(last.weight[i, j]))  # fmt: skip
    return network
