"""Models with random weights, for tests in which a model's taste must not matter.

`random_model` writes a small GGUF in the shape llama.cpp calls qwen3, with the vocabulary of
another file: every well-formed output of such a model is the constraint's doing.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tenon.engine.models import bundled

_U32, _F32, _STRING, _ARRAY = 4, 6, 8, 9
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_ALIGNMENT = 32
_FLOAT16 = 1
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
    tensors = list(_tensors(shape, n_vocab, rng, scale))
    path.write_bytes(_gguf(pairs, tensors))
    return path


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
    pairs = {f"qwen3.{key}": struct.pack("<II", _U32, value) for key, value in numbers.items()}
    pairs["qwen3.attention.layer_norm_rms_epsilon"] = struct.pack("<If", _F32, 1e-6)
    pairs["qwen3.rope.freq_base"] = struct.pack("<If", _F32, 10000.0)
    pairs["general.architecture"] = struct.pack("<I", _STRING) + _string("qwen3")
    pairs["general.name"] = struct.pack("<I", _STRING) + _string("random")
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


def _gguf(pairs: dict[str, bytes], tensors: list[tuple[str, np.ndarray]]) -> bytes:
    head = bytearray(struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(pairs)))
    for key, value in pairs.items():
        head += _string(key) + value
    data = bytearray()
    for name, array in tensors:
        head += _string(name) + struct.pack("<I", array.ndim)
        head += struct.pack(f"<{array.ndim}Q", *reversed(array.shape))
        head += struct.pack("<IQ", _FLOAT16 if array.dtype == np.float16 else 0, len(data))
        data += array.tobytes()
        data += bytes(-len(data) % _ALIGNMENT)
    head += bytes(-len(head) % _ALIGNMENT)
    return bytes(head + data)


def _string(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _vocabulary(path: Path, *, markers: bool) -> tuple[dict[str, bytes], int]:
    """The tokenizer's pairs of a GGUF, each value as the bytes it has there, and the number
    of tokens."""
    data = path.read_bytes()
    _, _, _, n_pairs = struct.unpack_from("<4sIQQ", data)
    at, pairs, tokens = 24, {}, []
    for _ in range(n_pairs):
        (size,) = struct.unpack_from("<Q", data, at)
        key = data[at + 8 : at + 8 + size].decode()
        start = at + 8 + size
        strings, at = _skip(data, start, keep=key == "tokenizer.ggml.tokens")
        tokens = strings or tokens
        if key.startswith("tokenizer.") and "fim_" not in key:
            pairs[key] = data[start:at]
    if not markers:
        pairs["tokenizer.ggml.tokens"] = _renamed(tokens)
        return pairs, len(tokens)
    known = {token.decode("utf-8", errors="replace"): i for i, token in enumerate(tokens)}
    spare = iter(_ordinary(pairs["tokenizer.ggml.token_type"]))
    for name, spellings in _MARKERS.items():
        token = next((known[spelling] for spelling in spellings if spelling in known), None)
        if token is None:
            token = next(spare)
            pairs["tokenizer.ggml.token_type"] = _as_control(
                pairs["tokenizer.ggml.token_type"], token
            )
        pairs[f"tokenizer.ggml.{name}_token_id"] = struct.pack("<II", _U32, token)
    return pairs, len(tokens)


def _ordinary(types: bytes) -> list[int]:
    """Tokens that are plain text, last first: the rarest."""
    kinds = np.frombuffer(types, dtype="<i4", offset=16)
    return np.flatnonzero(kinds == _NORMAL)[::-1].tolist()


def _as_control(types: bytes, token: int) -> bytes:
    """The array of token types (its 16 bytes of header included), one of them made a control
    token's: the vocabulary has no markers, and its rarest tokens serve."""
    at = 16 + 4 * token
    return types[:at] + struct.pack("<i", _CONTROL) + types[at + 4 :]


def _renamed(tokens: list[bytes]) -> bytes:
    """The token list with the markers' names changed: llama.cpp finds them by name too."""
    spelt = {spelling.encode() for spellings in _MARKERS.values() for spelling in spellings}
    names = [b"<|was " + token + b"|>" if token in spelt else token for token in tokens]
    body = b"".join(struct.pack("<Q", len(name)) + name for name in names)
    return struct.pack("<IIQ", _ARRAY, _STRING, len(names)) + body


def _skip(data: bytes, at: int, *, keep: bool) -> tuple[list[bytes], int]:
    """Past the value at `at`; its strings too, if it is an array of them to keep."""
    (kind,) = struct.unpack_from("<I", data, at)
    at += 4
    count = 1
    if kind == _ARRAY:
        kind, count = struct.unpack_from("<IQ", data, at)
        at += 12
    if kind != _STRING:
        return [], at + count * _SIZES[kind]
    strings = []
    for _ in range(count):
        (size,) = struct.unpack_from("<Q", data, at)
        if keep:
            strings.append(data[at + 8 : at + 8 + size])
        at += 8 + size
    return strings, at
