"""The order: how the powers align. Pure functions, tables in, tables out.

Each takes an event table (Arrow, pandas or polars; columns date, actor, recipient, score, and event and quad where
known) and returns a table of the same kind. ``read_events`` reads one from a file of ICEWS, Phoenix, GDELT, POLECAT or
our own.

>>> import pyarrow as pa
>>> events = pa.table({"date": ["2014-03-01"], "actor": ["RUS"], "recipient": ["UKR"], "score": [-7.0]})
>>> dyads(events, period="year").to_pylist()[0]["mean"]
-7.0
"""

from communique.order.alignment import Ties, alignment, graph, ties
from communique.order.blocs import balance, blocs
from communique.order.changes import change_points, changes
from communique.order.dyads import between, dyads, reciprocity, tension
from communique.order.poles import leaders, poles, switches
from communique.order.reading import Reading, Resolver, read_events
from communique.order.stance import as_events, stance

__all__ = [
    "Reading",
    "Resolver",
    "Ties",
    "alignment",
    "as_events",
    "balance",
    "between",
    "blocs",
    "change_points",
    "changes",
    "dyads",
    "graph",
    "leaders",
    "poles",
    "read_events",
    "reciprocity",
    "stance",
    "switches",
    "tension",
    "ties",
]
