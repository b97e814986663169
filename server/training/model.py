"""Model: the Qwen3 shape, as llama.cpp computes it, in torch.

Owns the network alone. Every choice here must be one that `export` can write and llama.cpp
runs: grouped queries, normed queries and keys, rotary positions by halves, a gated
feed-forward, one matrix for embedding and output.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Shape:
    vocabulary: int
    width: int
    layers: int
    heads: int
    key_heads: int
    feed_forward: int
    context: int
    head: int = 64
    rope_base: float = 10_000.0
    epsilon: float = 1e-6

    @property
    def parameters(self) -> int:
        """Numbers to learn."""
        attention = self.width * self.head * (2 * self.heads + 2 * self.key_heads)
        norms = 2 * self.width + 2 * self.head
        layer = attention + 3 * self.width * self.feed_forward + norms
        return self.vocabulary * self.width + self.layers * layer + self.width


SHAPES = {
    "tiny": Shape(8192, 320, 8, 5, 1, 896, 1024),
    "small": Shape(16384, 640, 11, 10, 2, 1728, 2048),
}
"""`small` is what fits 64 MB on disk and 100 tokens a second on two cores."""


def _norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    return F.rms_norm(x, (x.size(-1),), weight, epsilon)


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        keys = shape.key_heads * shape.head
        self.attention_norm = nn.Parameter(torch.ones(shape.width))
        self.query_norm = nn.Parameter(torch.ones(shape.head))
        self.key_norm = nn.Parameter(torch.ones(shape.head))
        self.feed_norm = nn.Parameter(torch.ones(shape.width))
        self.query = nn.Linear(shape.width, shape.heads * shape.head, bias=False)
        self.key = nn.Linear(shape.width, keys, bias=False)
        self.value = nn.Linear(shape.width, keys, bias=False)
        self.attended = nn.Linear(shape.heads * shape.head, shape.width, bias=False)
        self.gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        shape = self.shape
        batch, length, _ = x.shape
        h = _norm(x, self.attention_norm, shape.epsilon)
        query = self.query(h).view(batch, length, shape.heads, shape.head)
        key = self.key(h).view(batch, length, shape.key_heads, shape.head)
        value = self.value(h).view(batch, length, shape.key_heads, shape.head)
        query = _rotate(_norm(query, self.query_norm, shape.epsilon), cos, sin)
        key = _rotate(_norm(key, self.key_norm, shape.epsilon), cos, sin)
        group = shape.heads // shape.key_heads
        key, value = (each.repeat_interleave(group, 2) for each in (key, value))
        seen = F.scaled_dot_product_attention(
            query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), is_causal=True
        )
        x = x + self.attended(seen.transpose(1, 2).reshape(batch, length, -1))
        h = _norm(x, self.feed_norm, shape.epsilon)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, -1)
    turned = torch.cat((first * cos - second * sin, second * cos + first * sin), -1)
    return turned.to(x.dtype)


class Model(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.Parameter(torch.ones(shape.width))
        nn.init.normal_(self.embedding.weight, std=0.02)
        for name, parameter in self.layers.named_parameters():
            if parameter.dim() == 2:
                # Residual branches begin small, the deeper the network the smaller.
                into = name.endswith(("attended.weight", "down.weight"))
                scale = 1 / math.sqrt(2 * shape.layers) if into else 1.0
                nn.init.normal_(parameter, std=0.02 * scale)
        steps = shape.rope_base ** (-torch.arange(0, shape.head, 2).float() / shape.head)
        angles = torch.outer(torch.arange(shape.context).float(), steps)
        self.register_buffer("cos", angles.cos()[None, :, None], persistent=False)
        self.register_buffer("sin", angles.sin()[None, :, None], persistent=False)

    def logits(self, tokens: Tensor) -> Tensor:
        """(batch, length) to (batch, length, vocabulary)."""
        length = tokens.size(1)
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x, self.cos[:, :length], self.sin[:, :length])
        return F.linear(_norm(x, self.norm, self.shape.epsilon), self.embedding.weight)

    def forward(self, tokens: Tensor, weights: Tensor) -> Tensor:
        """The loss in nats a token, weighted. Both arguments are (batch, length + 1)."""
        logits = self.logits(tokens[:, :-1]).float()
        each = F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten(), reduction="none")
        counts = weights[:, 1:].flatten().float()
        return (each * counts).sum() / counts.sum().clamp(min=1)
