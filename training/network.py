"""The network: MiniLM, read once, and a head for each layer of the language; and a small one for relations.

Word vectors are the mean of a word's first and last piece. From them, linear heads give sentence
starts, tags, lemma scripts, names and cue words; a biaffine head gives dependencies [1] with labels
scored at low rank, so that the caller can pick heads by a tree algorithm first; and biaffine pointers
give, for each cue word, where its cue, its speaker, its content and the gap in its content start and
end. Cue, speaker and content also have a score for each pair of a start and an end, so that the two
ends of a span are chosen together.

The relation between two marked spans is a second look at the sentences that have such a pair, by MiniLM as it
was over the same word vectors, with the roles put in before its upper layers, which alone are trained: what a
verb means is lost in the large network's layers while they learn how words hang together.

[1] Dozat and Manning, "Deep Biaffine Attention for Neural Dependency Parsing", 2017.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from communique.language.decode import LABEL_RANK, SPANS
from communique.language.pieces import FEATURES, ROLES

HIDDEN, ATTENTION_HEADS, INNER, POSITIONS, VOCABULARY = 384, 12, 1536, 512, 30522
#: Layers of MiniLM, and how many of them the relation network keeps as they are.
LAYERS, LOWER = 6, 4
ARC, POINTER, INSIDE = 256, 64, 192
#: 0.33 in the heads is Dozat and Manning's.
DROPOUT, HEAD_DROPOUT = 0.1, 0.33


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

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.norm1 = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.up = nn.Linear(HIDDEN, INNER)
        self.down = nn.Linear(INNER, HIDDEN)
        self.norm2 = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.drop = Drop(DROPOUT)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """[batch, pieces, hidden] to the same; ``bias`` shuts out padding."""
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, ATTENTION_HEADS, -1).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) / math.sqrt(HIDDEN // ATTENTION_HEADS) + bias
        mixed = (torch.softmax(scores, -1) @ v).transpose(1, 2).reshape(batch, length, HIDDEN)
        x = self.norm1(x + self.drop(self.out(mixed)))
        return self.norm2(x + self.drop(self.down(functional.gelu(self.up(x)))))


class Network(nn.Module):
    """See the module's docstring. ``sizes`` gives the number of classes of each word head, in order."""

    def __init__(self, sizes: dict[str, int], labels: int, pointers: int) -> None:
        super().__init__()
        self.sizes, self.labels, self.pointers = sizes, labels, pointers
        self.words = nn.Embedding(VOCABULARY, HIDDEN)
        self.positions = nn.Embedding(POSITIONS, HIDDEN)
        self.kinds = nn.Embedding(FEATURES, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.drop, self.head_drop = Drop(DROPOUT), Drop(HEAD_DROPOUT)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.word_heads = nn.Linear(HIDDEN, sum(sizes.values()))
        self.arc_dep, self.arc_head = self._hidden(ARC), self._hidden(ARC)
        self.arc_bilinear = nn.Linear(ARC, ARC)
        self.root = nn.Parameter(torch.zeros(ARC))
        self.head_bias = nn.Linear(ARC, 1)
        self.label_dep, self.label_head = (
            nn.Sequential(self._hidden(ARC), nn.Linear(ARC, labels * (LABEL_RANK + 1))) for _ in range(2)
        )
        self.attribution = self._hidden(HIDDEN)
        self.query, self.key = nn.Linear(HIDDEN, pointers * POINTER), nn.Linear(HIDDEN, pointers * POINTER)
        self.nowhere = nn.Linear(HIDDEN, pointers)
        self.span_start, self.span_end = (nn.Linear(HIDDEN, len(SPANS) * POINTER) for _ in range(2))
        nn.init.zeros_(self.kinds.weight)

    @staticmethod
    def _hidden(width: int) -> nn.Sequential:
        return nn.Sequential(nn.Linear(HIDDEN, width), nn.GELU(), Drop(HEAD_DROPOUT))

    def load_minilm(self, path: Path) -> None:
        """Take the encoder's weights from a MiniLM-L6 safetensors file; its word vectors stay as they are."""
        state = load_file(path)
        state = {k.removeprefix("bert."): v for k, v in state.items()}
        with torch.no_grad():
            self.words.weight.copy_(state["embeddings.word_embeddings.weight"])
            kind = state["embeddings.token_type_embeddings.weight"][0]
            self.positions.weight.copy_(state["embeddings.position_embeddings.weight"] + kind)
            _copy(self.norm, state, "embeddings.LayerNorm")
            for i, layer in enumerate(self.layers):
                base = f"encoder.layer.{i}."
                for part in ("weight", "bias"):
                    qkv = [state[f"{base}attention.self.{n}.{part}"] for n in ("query", "key", "value")]
                    getattr(layer.qkv, part).copy_(torch.cat(qkv))
                _copy(layer.out, state, base + "attention.output.dense")
                _copy(layer.norm1, state, base + "attention.output.LayerNorm")
                _copy(layer.up, state, base + "intermediate.dense")
                _copy(layer.down, state, base + "output.dense")
                _copy(layer.norm2, state, base + "output.LayerNorm")
        self.words.weight.requires_grad_(False)

    def forward(self, ids: Tensor, features: Tensor, mask: Tensor, first: Tensor, last: Tensor) -> tuple[Tensor, ...]:
        """Read a batch.

        ``ids``, ``features``, ``mask``: [batch, pieces]; ``first``, ``last``: [batch, words]. Returns word logits
        [b, w, classes], arcs [b, w, w + 1] (0 is the root), label halves [b, w, labels * (rank + 1)] twice, pointers
        [b, pointers, w, w + 1] (0 is nowhere), span scores [b, spans, w, w] from start to end, and the word vectors
        from the table [b, pieces, hidden].
        """
        vectors = self.words(ids)
        x = vectors + self.positions(torch.arange(ids.shape[1], device=ids.device)) + self.kinds(features)
        x = self.drop(self.norm(x))
        bias = padding_bias(mask, x)
        for layer in self.layers:
            x = layer(x, bias)
        word = self.head_drop((_pick(x, first) + _pick(x, last)) * 0.5)
        dep, head = self.arc_dep(word), self.arc_head(word)
        heads = torch.cat([self.root.to(head.dtype).expand(word.shape[0], 1, ARC), head], 1)
        arcs = self.arc_bilinear(dep) @ heads.transpose(1, 2) / math.sqrt(ARC) + self.head_bias(heads).transpose(1, 2)
        told = self.attribution(word)
        points = _products(self.query(told), self.key(told), self.pointers)
        points = torch.cat([self.nowhere(told).transpose(1, 2)[..., None], points], -1)
        spans = _products(self.span_start(told), self.span_end(told), len(SPANS))
        return self.word_heads(word), arcs, self.label_dep(word), self.label_head(word), points, spans, vectors


class RelationNetwork(nn.Module):
    """Types the relation between two marked spans, from the word vectors of the network.

    ``lower`` stays as MiniLM has it, reads the sentence once and knows no roles; ``upper`` is trained, and reads it
    once for each pair of spans.
    """

    def __init__(self, relations: int) -> None:
        super().__init__()
        self.positions = nn.Embedding(POSITIONS, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.lower, self.upper = (nn.ModuleList(Layer() for _ in range(n)) for n in (LOWER, LAYERS - LOWER))
        self.roles = nn.Embedding(len(ROLES), HIDDEN)
        self.answer = nn.Sequential(nn.Linear(4 * HIDDEN, INSIDE), nn.GELU(), nn.Linear(INSIDE, relations))
        self.drop = nn.Dropout(HEAD_DROPOUT)
        nn.init.normal_(self.roles.weight, std=0.02)

    def forward(self, vectors: Tensor, roles: Tensor, mask: Tensor) -> Tensor:
        """``vectors`` [1, pieces, hidden], ``roles`` [pairs, pieces], ``mask`` [1, pieces] to [pairs, relations]."""
        return self.ask(self.read(vectors, mask), roles, mask)

    def read(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """Run the lower layers: [batch, pieces, hidden] to the same."""
        x = self.norm(vectors + self.positions(torch.arange(vectors.shape[1], device=vectors.device)))
        bias = padding_bias(mask, x)
        for layer in self.lower:
            x = layer(x, bias)
        return x

    def ask(self, x: Tensor, roles: Tensor, mask: Tensor) -> Tensor:
        """Run the upper layers on what the lower ones gave, with the roles put in."""
        x = x + self.roles(roles)
        bias = padding_bias(mask, x)
        for layer in self.upper:
            x = layer(x, bias)
        parts = [x[:, 0], _mean(x, mask), _mean(x, roles == 1), _mean(x, roles == 2)]
        answer: Tensor = self.answer(self.drop(torch.cat(parts, -1)))
        return answer


def padding_bias(mask: Tensor, like: Tensor) -> Tensor:
    """[batch, pieces] of 1 and 0 to what is added to attention scores."""
    return ((1.0 - mask.to(like.dtype)) * -10000.0)[:, None, None, :]


def _copy(module: nn.Module, state: dict[str, Tensor], name: str) -> None:
    module.weight.copy_(state[name + ".weight"])  # type: ignore[operator, union-attr]
    module.bias.copy_(state[name + ".bias"])  # type: ignore[operator, union-attr]


def _pick(x: Tensor, index: Tensor) -> Tensor:
    return torch.gather(x, 1, index[..., None].expand(-1, -1, HIDDEN))


def _products(left: Tensor, right: Tensor, tables: int) -> Tensor:
    """Two [batch, words, tables * POINTER] to [batch, tables, words, words]."""
    q, k = (x.view(*x.shape[:2], tables, POINTER).transpose(1, 2) for x in (left, right))
    return q @ k.transpose(-1, -2) / math.sqrt(POINTER)


def _mean(x: Tensor, chosen: Tensor) -> Tensor:
    weights = chosen.to(x.dtype)
    return (x * weights[..., None]).sum(1) / weights.sum(1, keepdim=True).clamp(min=1.0)
