"""The network: MiniLM, read once, and a head for each layer of the language.

Word vectors are the mean of a word's first and last piece. From them, linear heads give sentence
starts, tags, lemma scripts, names and cues; a biaffine head gives dependencies (Dozat and Manning,
"Deep Biaffine Attention for Neural Dependency Parsing", 2017) with labels scored at low rank, so that
the caller can pick heads by a tree algorithm first; and six more biaffine pointers give, for each cue
word, where its speaker, its content and the gap in its content start and end. The relation head reads
the first piece and the means of the marked actor and recipient.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from communique.language.decode import LABEL_RANK
from communique.language.pieces import FEATURES, ROLE_STEP

HIDDEN, LAYERS, ATTENTION_HEADS, INNER, POSITIONS, VOCABULARY = 384, 6, 12, 1536, 512, 30522
ARC, POINTER = 192, 64
DROPOUT = 0.1
HEAD_DROPOUT = 0.25


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
        self.drop = nn.Dropout(DROPOUT)

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

    def __init__(self, sizes: dict[str, int], labels: int, pointers: int, relations: int) -> None:
        super().__init__()
        self.sizes, self.labels, self.pointers = sizes, labels, pointers
        self.words = nn.Embedding(VOCABULARY, HIDDEN)
        self.positions = nn.Embedding(POSITIONS, HIDDEN)
        self.kinds = nn.Embedding(FEATURES, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.drop = nn.Dropout(DROPOUT)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.word_heads = nn.Linear(HIDDEN, sum(sizes.values()))
        self.arc_dep, self.arc_head = nn.Linear(HIDDEN, ARC), nn.Linear(HIDDEN, ARC)
        self.arc_bilinear = nn.Linear(ARC, ARC)
        self.root = nn.Parameter(torch.zeros(ARC))
        self.head_bias = nn.Linear(ARC, 1)
        self.label_dep = nn.Sequential(nn.Linear(HIDDEN, ARC), nn.GELU(), nn.Linear(ARC, labels * (LABEL_RANK + 1)))
        self.label_head = nn.Sequential(nn.Linear(HIDDEN, ARC), nn.GELU(), nn.Linear(ARC, labels * (LABEL_RANK + 1)))
        self.query, self.key = nn.Linear(HIDDEN, pointers * POINTER), nn.Linear(HIDDEN, pointers * POINTER)
        self.nowhere = nn.Linear(HIDDEN, pointers)
        self.relation = nn.Sequential(
            nn.Linear(3 * HIDDEN, HIDDEN), nn.GELU(), nn.Dropout(HEAD_DROPOUT), nn.Linear(HIDDEN, relations)
        )
        self.head_drop = nn.Dropout(HEAD_DROPOUT)
        nn.init.zeros_(self.kinds.weight)

    def load_minilm(self, path: Path) -> None:
        """Take the encoder's weights from a MiniLM-L6 safetensors file."""
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

    def forward(self, ids: Tensor, features: Tensor, mask: Tensor, first: Tensor, last: Tensor) -> tuple[Tensor, ...]:
        """Read a batch.

        ``ids``, ``features``, ``mask``: [batch, pieces]; ``first``, ``last``: [batch, words]. Returns word logits
        [b, w, classes], arcs [b, w, w + 1] (0 is the root), label halves [b, w, labels * (rank + 1)] twice, pointers
        [b, pointers, w, w + 1] (0 is nowhere), relation logits [b, relations].
        """
        x = self.words(ids) + self.positions.weight[: ids.shape[1]] + self.kinds(features)
        x = self.drop(self.norm(x))
        bias = ((1.0 - mask.to(x.dtype)) * -10000.0)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, bias)
        word = (_pick(x, first) + _pick(x, last)) * 0.5
        word = self.head_drop(word)
        batch, count, _ = word.shape
        dep, head = functional.gelu(self.arc_dep(word)), functional.gelu(self.arc_head(word))
        root = self.root.expand(batch, 1, ARC)
        heads = torch.cat([root, head], 1)
        arcs = self.arc_bilinear(dep) @ heads.transpose(1, 2) / math.sqrt(ARC) + self.head_bias(heads).transpose(1, 2)
        q = self.query(word).view(batch, count, self.pointers, POINTER).transpose(1, 2)
        k = self.key(word).view(batch, count, self.pointers, POINTER).transpose(1, 2)
        points = q @ k.transpose(-1, -2) / math.sqrt(POINTER)
        points = torch.cat([self.nowhere(word).transpose(1, 2)[..., None], points], -1)
        actor = ((features >= ROLE_STEP) & (features < 2 * ROLE_STEP)).to(x.dtype)
        recipient = (features >= 2 * ROLE_STEP).to(x.dtype)
        pair = torch.cat([x[:, 0], _mean(x, actor), _mean(x, recipient)], -1)
        return (
            self.word_heads(word),
            arcs,
            self.label_dep(word),
            self.label_head(word),
            points,
            self.relation(self.head_drop(pair)),
        )


def _copy(module: nn.Module, state: dict[str, Tensor], name: str) -> None:
    module.weight.copy_(state[name + ".weight"])  # type: ignore[operator, union-attr]
    module.bias.copy_(state[name + ".bias"])  # type: ignore[operator, union-attr]


def _pick(x: Tensor, index: Tensor) -> Tensor:
    return torch.gather(x, 1, index[..., None].expand(-1, -1, HIDDEN))


def _mean(x: Tensor, weights: Tensor) -> Tensor:
    total = (x * weights[..., None]).sum(1)
    return total / weights.sum(1, keepdim=True).clamp(min=1.0)
