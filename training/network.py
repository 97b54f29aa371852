"""The network: MiniLM, read once, and a head for each layer of the language; and a small one for relations.

Word vectors are the mean of a word's first and last piece. From them, linear heads give sentence
starts, tags, lemma scripts, names and cue words; a biaffine head gives dependencies [1] with labels
scored at low rank, so that the caller can pick heads by a tree algorithm first; and biaffine pointers
give, for each cue word, where its cue, its speaker, its content and the gap in its content start and
end. Cue, speaker and content also have a score for each pair of a start and an end, so that the two
ends of a span are chosen together.

The relation between two marked spans is a second look at the sentences that have such a pair, by MiniLM as it
was over the same word vectors, with the roles put in before its upper layers: what a verb means is lost in the large
network's layers while they learn how words hang together.

[1] Dozat and Manning, "Deep Biaffine Attention for Neural Dependency Parsing", 2017.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from communique.language.decode import LABEL_RANK, SPANS
from communique.language.pieces import FEATURES, ROLES


@dataclass(frozen=True)
class Shape:
    """The sizes of an encoder; ``buckets`` of how far pieces are apart are told to its attention, where it has any."""

    hidden: int
    layers: int
    inner: int
    eps: float
    buckets: int = 0


#: What is shipped, and what may teach it.
MINILM, MPNET = Shape(384, 6, 1536, 1e-12), Shape(768, 12, 3072, 1e-5, buckets=32)
ATTENTION_HEADS, POSITIONS, VOCABULARY = 12, 512, 30522
#: How many of MiniLM's layers the relation network runs before the roles are put in.
LOWER = 4
#: From this distance on, pieces are equally far apart for the attention of an encoder with buckets.
FAR = 128
ARC, POINTER, INSIDE = 256, 64, 192
#: The parts that are an encoder's; the rest are heads.
ENCODER = ("words", "positions", "norm", "near", "layers")
#: In the heads Dozat and Manning have 0.33; 0.2 is what was used where teachers were.
DROPOUT, HEAD_DROPOUT = 0.1, 0.2


class Drop(nn.Module):
    """Dropout with one mask for all positions of a paragraph (Gal and Ghahramani, 2016): cheap, and firmer."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """[batch, positions, width] to the same."""
        if not self.training:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[-1], device=x.device) > self.share
        return x * (kept / (1.0 - self.share)).to(x.dtype)


class Layer(nn.Module):
    """One transformer layer, post-norm, as BERT has it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.hidden = hidden = shape.hidden
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.out = nn.Linear(hidden, hidden)
        self.norm1 = nn.LayerNorm(hidden, eps=shape.eps)
        self.up = nn.Linear(hidden, shape.inner)
        self.down = nn.Linear(shape.inner, hidden)
        self.norm2 = nn.LayerNorm(hidden, eps=shape.eps)
        self.drop = Drop(DROPOUT)

    def forward(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """[batch, pieces, hidden] to the same; ``bias`` on attention shuts out padding, where there is any."""
        q, k, v = self.qkv(x).split(self.hidden, -1)
        mixed = Unpadded.apply(q, k, v) if bias is None else attend(q, k, v, bias)
        x = self.norm1(x + self.drop(self.out(mixed)))
        return self.norm2(x + self.drop(self.down(functional.gelu(self.up(x)))))


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | float) -> Tensor:
    """Attention of several heads, [batch, pieces, hidden] all."""
    heads = [t.view(t.shape[0], -1, ATTENTION_HEADS, t.shape[-1] // ATTENTION_HEADS).transpose(1, 2) for t in (q, k, v)]
    scores = heads[0] @ heads[1].transpose(-1, -2) / math.sqrt(heads[0].shape[-1]) + bias
    return (torch.softmax(scores, -1) @ heads[2]).transpose(1, 2).reshape(q.shape)


class Unpadded(torch.autograd.Function):
    """Attention without padding; exported as the one kernel that onnxruntime has for it, in the place of eleven."""

    @staticmethod
    def forward(_: Any, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """What it computes."""
        return attend(q, k, v, 0.0)

    @staticmethod
    def symbolic(graph: Any, *qkv: Any) -> Any:
        """What is exported."""
        out = graph.op("com.microsoft::MultiHeadAttention", *qkv, num_heads_i=ATTENTION_HEADS)
        return out.setType(qkv[0].type())


class Encoder(nn.Module):
    """Pieces to a vector each: the table of word vectors, what lower-casing lost, and the layers."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.hidden = shape.hidden
        self.words = nn.Embedding(VOCABULARY, shape.hidden)
        self.positions = nn.Embedding(POSITIONS, shape.hidden)
        self.kinds = nn.Embedding(FEATURES, shape.hidden)
        self.norm = nn.LayerNorm(shape.hidden, eps=shape.eps)
        self.near = nn.Embedding(shape.buckets, ATTENTION_HEADS) if shape.buckets else None
        self.drop = Drop(DROPOUT)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        nn.init.zeros_(self.kinds.weight)

    def load_encoder(self, state: Mapping[str, Tensor]) -> None:
        """Take the encoder as ``training.pretrained`` gives it; its word vectors stay as they are."""
        missing, unknown = self.load_state_dict(dict(state), strict=False)
        assert not unknown
        assert not any(name.startswith(ENCODER) for name in missing)
        self.words.weight.requires_grad_(False)

    def encode(self, vectors: Tensor, features: Tensor, mask: Tensor | None) -> Tensor:
        """Run the layers: vectors from the table [batch, pieces, hidden], the rest [batch, pieces], to the same."""
        at = torch.arange(features.shape[1], device=features.device)
        x = self.drop(self.norm(vectors + self.positions(at) + self.kinds(features)))
        bias = padding_bias(mask, x)
        if self.near is not None:
            bias = (0.0 if bias is None else bias) + self.near(buckets(at[None, :] - at[:, None])).permute(2, 0, 1)
        for layer in self.layers:
            x = layer(x, bias)
        return x


class Network(Encoder):
    """See the module's docstring. ``sizes`` gives the number of classes of each word head, in order."""

    def __init__(self, sizes: dict[str, int], labels: int, pointers: int, shape: Shape = MINILM) -> None:
        super().__init__(shape)
        self.sizes, self.labels, self.pointers = sizes, labels, pointers
        hidden = shape.hidden
        self.head_drop = Drop(HEAD_DROPOUT)
        self.word_heads = nn.Linear(hidden, sum(sizes.values()))
        self.arc_dep, self.arc_head = self._hidden(ARC), self._hidden(ARC)
        self.arc_bilinear = nn.Linear(ARC, ARC)
        self.root = nn.Parameter(torch.zeros(ARC))
        self.head_bias = nn.Linear(ARC, 1)
        self.label_dep, self.label_head = (
            nn.Sequential(self._hidden(ARC), nn.Linear(ARC, labels * (LABEL_RANK + 1))) for _ in range(2)
        )
        self.attribution = self._hidden(hidden)
        self.query, self.key = (nn.Linear(hidden, pointers * POINTER) for _ in range(2))
        self.nowhere = nn.Linear(hidden, pointers)
        self.span_start, self.span_end = (nn.Linear(hidden, len(SPANS) * POINTER) for _ in range(2))

    def _hidden(self, width: int) -> nn.Sequential:
        return nn.Sequential(nn.Linear(self.hidden, width), nn.GELU(), Drop(HEAD_DROPOUT))

    def read(self, ids: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        """Read a batch of pieces: ``forward`` with the vectors of ``ids`` [batch, pieces]."""
        return self(self.words(ids), *rest)  # type: ignore[no-any-return]

    def forward(
        self, vectors: Tensor, features: Tensor, mask: Tensor | None, first: Tensor, last: Tensor
    ) -> tuple[Tensor, ...]:
        """Read a batch; without a ``mask`` nothing in it is padding.

        ``vectors`` of the pieces, from the table: [batch, pieces, hidden]; ``features``, ``mask``: [batch, pieces];
        ``first``, ``last``: [batch, words]. Returns word logits [b, w, classes], arcs [b, w, w + 1] (0 is the root),
        label halves [b, w, labels * (rank + 1)] twice, pointers [b, pointers, w, w + 1] (0 is nowhere) and span scores
        [b, spans, w, w] from start to end.
        """
        x = self.encode(vectors, features, mask)
        word = self.head_drop((_pick(x, first) + _pick(x, last)) * 0.5)
        dep, head = self.arc_dep(word), self.arc_head(word)
        heads = torch.cat([self.root.to(head.dtype).expand(word.shape[0], 1, ARC), head], 1)
        arcs = self.arc_bilinear(dep) @ heads.transpose(1, 2) / math.sqrt(ARC) + self.head_bias(heads).transpose(1, 2)
        told = self.attribution(word)
        points = _products(self.query(told), self.key(told), self.pointers)
        points = torch.cat([self.nowhere(told).transpose(1, 2)[..., None], points], -1)
        spans = _products(self.span_start(told), self.span_end(told), len(SPANS))
        return self.word_heads(word), arcs, self.label_dep(word), self.label_head(word), points, spans


class RelationNetwork(nn.Module):
    """Types the relation between two marked spans, from the word vectors of the network.

    ``lower`` reads the sentence once and knows no roles; ``upper`` reads it once for each pair of spans.
    """

    def __init__(self, relations: int) -> None:
        super().__init__()
        self.positions = nn.Embedding(POSITIONS, MINILM.hidden)
        self.norm = nn.LayerNorm(MINILM.hidden, eps=MINILM.eps)
        self.lower, self.upper = (
            nn.ModuleList(Layer(MINILM) for _ in range(n)) for n in (LOWER, MINILM.layers - LOWER)
        )
        self.roles = nn.Embedding(len(ROLES), MINILM.hidden)
        self.answer = nn.Sequential(nn.Linear(4 * MINILM.hidden, INSIDE), nn.GELU(), nn.Linear(INSIDE, relations))
        self.drop = nn.Dropout(HEAD_DROPOUT)
        nn.init.normal_(self.roles.weight, std=0.02)

    def forward(self, vectors: Tensor, roles: Tensor) -> Tensor:
        """One sentence: ``vectors`` [1, pieces, hidden], ``roles`` [pairs, pieces] to [pairs, relations]."""
        return self.ask(self.read(vectors), roles)

    def read(self, vectors: Tensor, mask: Tensor | None = None) -> Tensor:
        """Run the lower layers: [batch, pieces, hidden] to the same."""
        x = self.norm(vectors + self.positions(torch.arange(vectors.shape[1], device=vectors.device)))
        bias = padding_bias(mask, x)
        for layer in self.lower:
            x = layer(x, bias)
        return x

    def ask(self, x: Tensor, roles: Tensor, mask: Tensor | None = None) -> Tensor:
        """Run the upper layers on what the lower ones gave, with the roles put in."""
        x = x + self.roles(roles)
        bias = padding_bias(mask, x)
        for layer in self.upper:
            x = layer(x, bias)
        answer: Tensor = self.answer(self.drop(_around(x, roles, mask)))
        return answer


class RelationTeacher(Encoder):
    """Types the relation between two marked spans with the whole of a larger encoder; it only teaches."""

    def __init__(self, relations: int) -> None:
        super().__init__(MPNET)
        self.roles = nn.Embedding(len(ROLES), MPNET.hidden)
        self.answer = nn.Sequential(nn.Linear(4 * MPNET.hidden, INSIDE), nn.GELU(), nn.Linear(INSIDE, relations))
        self.head_drop = nn.Dropout(HEAD_DROPOUT)
        nn.init.normal_(self.roles.weight, std=0.02)

    def forward(self, ids: Tensor, features: Tensor, roles: Tensor, mask: Tensor) -> Tensor:
        """All [questions, pieces], to [questions, relations]."""
        x = self.encode(self.words(ids) + self.roles(roles), features, mask)
        answer: Tensor = self.answer(self.head_drop(_around(x, roles, mask)))
        return answer


def _around(x: Tensor, roles: Tensor, mask: Tensor | None) -> Tensor:
    """What an answer is read off: the first piece, and the means of all, of the actor's and of the recipient's."""
    whole = x.mean(1) if mask is None else _mean(x, mask)
    return torch.cat([x[:, 0], whole, _mean(x, roles == 1), _mean(x, roles == 2)], -1)


def padding_bias(mask: Tensor | None, like: Tensor) -> Tensor | None:
    """[batch, pieces] of 1 and 0 to what is added to attention scores; without a mask nothing is."""
    return None if mask is None else ((1.0 - mask.to(like.dtype)) * -10000.0)[:, None, None, :]


def buckets(distance: Tensor) -> Tensor:
    """How far a piece is from another, to one of 32 buckets, as T5 and MPNet have them: 16 a side, the first 8 exact.

    >>> buckets(torch.tensor([0, -3, 3, 500])).tolist()
    [0, 3, 19, 31]
    """
    half = MPNET.buckets // 2
    exact = half // 2
    away = distance.abs()
    wide = torch.log(away.clamp(min=1).float() / exact) / math.log(FAR / exact) * (half - exact)
    wide = (exact + wide.long()).clamp(max=half - 1)
    return torch.where(away < exact, away, wide) + (distance > 0) * half


def _pick(x: Tensor, index: Tensor) -> Tensor:
    return torch.gather(x, 1, index[..., None].expand(-1, -1, x.shape[-1]))


def _products(left: Tensor, right: Tensor, tables: int) -> Tensor:
    """Two [batch, words, tables * POINTER] to [batch, tables, words, words]."""
    q, k = (x.view(x.shape[0], -1, tables, POINTER).transpose(1, 2) for x in (left, right))
    return q @ k.transpose(-1, -2) / math.sqrt(POINTER)


def _mean(x: Tensor, chosen: Tensor) -> Tensor:
    weights = chosen.to(x.dtype)
    return (x * weights[..., None]).sum(1) / weights.sum(1, keepdim=True).clamp(min=1.0)
