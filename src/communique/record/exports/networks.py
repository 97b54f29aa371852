"""Who does what to whom as a network: GraphML and GEXF, a node for each party, a tie for each direction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

import msgspec

from communique.record.exports.source import Coding, Party, pairs
from communique.render.rows import one_line

Kind = Literal["string", "long", "double"]
NODE_FIELDS: tuple[tuple[str, Kind], ...] = (
    ("name", "string"), ("kind", "string"), ("country", "string"), ("sectors", "string"),
)  # fmt: skip
#: ``weight`` is the number of events; ``sign`` that of the net score, so that signed measures can multiply the two.
TIE_FIELDS: tuple[tuple[str, Kind], ...] = (
    ("weight", "long"), ("net_score", "double"), ("mean_score", "double"), ("sign", "long"),
    ("cooperation", "long"), ("conflict", "long"),
)  # fmt: skip


class Tie(msgspec.Struct, frozen=True):
    """What one party did to another, taken together."""

    actor: str
    recipient: str
    scores: tuple[float, ...]

    def values(self) -> tuple[object, ...]:
        """Return the values of ``TIE_FIELDS``."""
        net = sum(self.scores)
        return (
            len(self.scores), round(net, 4), round(net / len(self.scores), 4), (net > 0) - (net < 0),
            sum(score > 0 for score in self.scores), sum(score < 0 for score in self.scores),
        )  # fmt: skip


class Network(msgspec.Struct, frozen=True):
    """Nodes by id, and ties."""

    nodes: dict[str, Party]
    ties: tuple[Tie, ...]


def network(found: Iterable[Coding]) -> Network:
    """Return the network of events; what has no other side makes no tie."""
    nodes: dict[str, Party] = {}
    scores: dict[tuple[str, str], list[float]] = defaultdict(list)
    for pair in pairs(found, both=True):
        assert pair.actor is not None
        assert pair.recipient is not None
        for party in (pair.actor, pair.recipient):
            nodes.setdefault(party.id, party)
        scores[pair.actor.id, pair.recipient.id].append(pair.coding.score)
    ties = tuple(Tie(*ends, tuple(all_of)) for ends, all_of in sorted(scores.items()))
    return Network(dict(sorted(nodes.items())), ties)


def graphml(made: Network) -> Iterator[bytes]:
    """Yield a GraphML file."""
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for place, fields in (("node", NODE_FIELDS), ("edge", TIE_FIELDS)):
        for name, kind in fields:
            yield f'<key id="{place}_{name}" for="{place}" attr.name="{name}" attr.type="{kind}"/>\n'.encode()
    yield b'<graph edgedefault="directed">\n'
    for key, party in made.nodes.items():
        values = _data("node", NODE_FIELDS, _node_values(party))
        yield f"<node id={_quoted(key)}>{values}</node>\n".encode()
    for tie in made.ties:
        values = _data("edge", TIE_FIELDS, tie.values())
        yield f"<edge source={_quoted(tie.actor)} target={_quoted(tie.recipient)}>{values}</edge>\n".encode()
    yield b"</graph>\n</graphml>\n"


def gexf(made: Network) -> Iterator[bytes]:
    """Yield a GEXF 1.3 file, Gephi's."""
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
    yield b'<graph defaultedgetype="directed">\n'
    for place, fields in (("node", NODE_FIELDS), ("edge", TIE_FIELDS)):
        named = "".join(f'<attribute id="{name}" title="{name}" type="{kind}"/>' for name, kind in fields)
        yield f'<attributes class="{place}">{named}</attributes>\n'.encode()
    yield b"<nodes>\n"
    for key, party in made.nodes.items():
        values = _attributes(NODE_FIELDS, _node_values(party))
        yield f"<node id={_quoted(key)} label={_quoted(party.name)}>{values}</node>\n".encode()
    yield b"</nodes>\n<edges>\n"
    for count, tie in enumerate(made.ties):
        ends = f"source={_quoted(tie.actor)} target={_quoted(tie.recipient)}"
        values = _attributes(TIE_FIELDS, tie.values())
        yield f'<edge id="{count}" {ends} weight="{len(tie.scores)}">{values}</edge>\n'.encode()
    yield b"</edges>\n</graph>\n</gexf>\n"


def _quoted(value: object) -> str:
    """A value as an attribute: on one line, nothing in it that XML does not have."""
    return quoteattr(one_line(str(value)))


def _node_values(party: Party) -> tuple[object, ...]:
    return (party.name, party.kind, party.country or "", " ".join(party.sectors))


def _data(place: str, fields: Iterable[tuple[str, Kind]], values: Iterable[object]) -> str:
    named = zip(fields, values, strict=True)
    return "".join(f'<data key="{place}_{name}">{escape(one_line(str(value)))}</data>' for (name, _), value in named)


def _attributes(fields: Iterable[tuple[str, Kind]], values: Iterable[object]) -> str:
    named = zip(fields, values, strict=True)
    inner = "".join(f'<attvalue for="{name}" value={_quoted(value)}/>' for (name, _), value in named)
    return f"<attvalues>{inner}</attvalues>"
