"""Models with random weights, for tests in which a model's taste must not matter.

`random_model` writes a small GGUF in the shape llama.cpp calls qwen3, with the vocabulary of
another file: every well-formed output of such a model is the constraint's doing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import gguf_file
from gguf_file import Tensor

from tenon.engine.models import bundled

_NORMAL, _CONTROL = 1, 3
_MARKERS = {
    # The marker's key and the spellings known for it.
    "fim_pre": ("<|fim_prefix|>", "<fim_prefix>", "<fim-prefix>", "<｜fim▁begin｜>"),
    "fim_suf": ("<|fim_suffix|>", "<fim_suffix>", "<fim-suffix>", "<｜fim▁hole｜>"),
    "fim_mid": ("<|fim_middle|>", "<fim_middle>", "<fim-middle>", "<｜fim▁end｜>"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The smallest that still has more than one layer and more than one head."""

    layers: int = 2
    width: int = 64
    heads: int = 2
    feed_forward: int = 128
    context_length: int = 4096


def random_model(
    path: Path,
    *,
    vocab: Path | None = None,
    seed: int = 0,
    shape: Shape = Shape(),
    markers: bool = True,
    scale: float = 0.5,
) -> Path:
    """Write a model with random weights to `path` and return it.

    `vocab` is any GGUF with a vocabulary, the bundled model unless given; `markers=False`
    leaves the fill-in-the-middle tokens out. `scale` is the spread of the embeddings: the
    larger, the surer of itself the model is.
    """
    pairs, n_vocab = _vocabulary(vocab or bundled(), markers=markers)
    pairs |= _shape_pairs(shape)
    rng = np.random.default_rng(seed)
    tensors = [Tensor.of(*each) for each in _tensors(shape, n_vocab, rng, scale)]
    return gguf_file.write(path, pairs, tensors)


def _shape_pairs(shape: Shape) -> dict[str, bytes]:
    head = shape.width // shape.heads
    numbers = {
        "context_length": shape.context_length,
        "embedding_length": shape.width,
        "block_count": shape.layers,
        "feed_forward_length": shape.feed_forward,
        "attention.head_count": shape.heads,
        "attention.head_count_kv": shape.heads,
        "attention.key_length": head,
        "attention.value_length": head,
    }
    pairs = {f"qwen3.{key}": gguf_file.number(value) for key, value in numbers.items()}
    pairs["qwen3.attention.layer_norm_rms_epsilon"] = gguf_file.number(1e-6)
    pairs["qwen3.rope.freq_base"] = gguf_file.number(10000.0)
    pairs["general.architecture"] = gguf_file.text("qwen3")
    pairs["general.name"] = gguf_file.text("random")
    return pairs


def _tensors(
    shape: Shape, n_vocab: int, rng: np.random.Generator, scale: float
) -> Iterator[tuple[str, np.ndarray]]:
    width, inner, head = shape.width, shape.feed_forward, shape.width // shape.heads

    def matrix(rows: int, columns: int, spread: float | None = None) -> np.ndarray:
        values = rng.standard_normal((rows, columns), dtype=np.float32)
        return (values * (spread or columns**-0.5)).astype(np.float16)

    def ones(size: int) -> np.ndarray:
        return np.ones(size, dtype=np.float32)

    yield "token_embd.weight", matrix(n_vocab, width, scale)
    yield "output_norm.weight", ones(width)
    for layer in range(shape.layers):
        parts: dict[str, Callable[[], np.ndarray]] = {
            "attn_norm": lambda: ones(width),
            "ffn_norm": lambda: ones(width),
            "attn_q_norm": lambda: ones(head),
            "attn_k_norm": lambda: ones(head),
            "attn_q": lambda: matrix(width, width),
            "attn_k": lambda: matrix(width, width),
            "attn_v": lambda: matrix(width, width),
            "attn_output": lambda: matrix(width, width),
            "ffn_gate": lambda: matrix(inner, width),
            "ffn_up": lambda: matrix(inner, width),
            "ffn_down": lambda: matrix(width, inner),
        }
        for name, make in parts.items():
            yield f"blk.{layer}.{name}.weight", make()


def _vocabulary(path: Path, *, markers: bool) -> tuple[dict[str, bytes], int]:
    """The tokenizer's pairs of a GGUF, each value as the bytes it has there, and the number
    of tokens."""
    file = gguf_file.read(path)
    tokens = file.strings("tokenizer.ggml.tokens")
    pairs = {
        key: value
        for key, value in file.pairs.items()
        if key.startswith("tokenizer.") and "fim_" not in key
    }
    if not markers:
        pairs["tokenizer.ggml.tokens"] = gguf_file.strings(_renamed(tokens))
        return pairs, len(tokens)
    known = {token.decode("utf-8", errors="replace"): i for i, token in enumerate(tokens)}
    kinds = file.numbers("tokenizer.ggml.token_type").copy()
    spare = iter(_ordinary(kinds))
    for name, spellings in _MARKERS.items():
        token = next((known[spelling] for spelling in spellings if spelling in known), None)
        if token is None:
            # The vocabulary has no markers, and its rarest tokens serve.
            token = next(spare)
            kinds[token] = _CONTROL
        pairs[f"tokenizer.ggml.{name}_token_id"] = gguf_file.number(token)
    pairs["tokenizer.ggml.token_type"] = gguf_file.numbers(kinds)
    return pairs, len(tokens)


def _ordinary(kinds: NDArray[np.int32]) -> list[int]:
    """Tokens that are plain text, last first: the rarest."""
    return np.flatnonzero(kinds == _NORMAL)[::-1].tolist()


def _renamed(tokens: list[bytes]) -> list[bytes]:
    """The token list with the markers' names changed: llama.cpp finds them by name too."""
    spelt = {spelling.encode() for spellings in _MARKERS.values() for spelling in spellings}
    return [b"<|was " + token + b"|>" if token in spelt else token for token in tokens]
