"""The bundled model in the shape of a larger one: its words at the larger one's cost.

Speed hangs on a model's shape alone, but what is decoded hangs on what the model says: random
weights say nothing an author would, and their answers end in searches. `graft` sets a model into
a larger shape so that it computes what it did, each number where it was, and zeros round it:

- Wider: further hidden dimensions hold zeros. RMS norms then divide by a mean over more of them,
  which their weights make good.
- More heads, layers and inner dimensions: zeros write nothing to the residual stream.
- Longer heads: pair j of a rotary embedding turns at the speed of pair k·j in a head k times as
  long, so it moves there. Scores shrink with the root of the length; the queries make that good.
- More words: the output is the embedding itself, so one spare dimension holds a constant that
  every old word brings in and no layer touches, and against which the new words' rows stand.
  None of them is ever the likeliest, nor is made by the merges, which are the old ones: text is
  cut as it was. But masks and sorts have them to deal with.

Weights stay Q8_0, block by block: no number is rounded anew.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import gguf_file
from gguf_file import BLOCK, BLOCK_BYTES, Q8_0, File, Tensor

from tenon.engine.models import bundled

_NORMAL = 1
_CONSTANT = 1e-3
"""What every old word brings in: too small to count in a norm's mean."""
_LOUDNESS = 4e3
"""How much the last norm makes of it."""
_AGAINST = -1e3
"""What new words make of that: a logit hundreds below the others."""
_PARTS = 1021
"""How many different logits they have."""
_MADE_FROM = slice(300, 1300)
"""Old words of which new ones are made, by number: letters and blanks come before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    layers: int
    width: int
    heads: int
    key_heads: int
    head: int
    feed_forward: int
    words: int


def graft(path: Path, shape: Shape, *, vocab: Path | None = None, name: str = "grafted") -> Path:
    """Write the bundled model in `shape` to `path` and return it.

    Further words are those of `vocab`, a GGUF with a large vocabulary; without one, they are made
    of two old ones each.
    """
    small = gguf_file.read(bundled())
    old = _shape_of(small)
    assert "output.weight" not in small.tensors, "the output must be the embedding"
    _expect_room(old, shape)
    pairs = small.pairs | _shape_pairs(small, old, shape) | _vocabulary(small, shape.words, vocab)
    pairs["general.name"] = gguf_file.text(name)
    tensors = [*_ends(small, old, shape), *_layers(small, old, shape)]
    return gguf_file.write(path, pairs, tensors)


def _shape_of(small: File) -> Shape:
    def number(key: str) -> int:
        return int(small.number(f"qwen3.{key}"))

    return Shape(
        layers=number("block_count"),
        width=number("embedding_length"),
        heads=number("attention.head_count"),
        key_heads=number("attention.head_count_kv"),
        head=number("attention.key_length"),
        feed_forward=number("feed_forward_length"),
        words=len(small.numbers("tokenizer.ggml.token_type")),
    )


def _expect_room(old: Shape, new: Shape) -> None:
    assert new.width >= old.width + BLOCK, "a block of its own for the spare dimension"
    assert new.layers >= old.layers and new.feed_forward >= old.feed_forward
    assert new.key_heads >= old.key_heads and new.words >= old.words
    assert new.heads // new.key_heads >= old.heads // old.key_heads
    assert new.head % old.head == 0


def _shape_pairs(small: File, old: Shape, new: Shape) -> dict[str, bytes]:
    values = {
        "embedding_length": new.width,
        "block_count": new.layers,
        "feed_forward_length": new.feed_forward,
        "attention.head_count": new.heads,
        "attention.head_count_kv": new.key_heads,
        "attention.key_length": new.head,
        "attention.value_length": new.head,
        "vocab_size": new.words,
        "attention.layer_norm_rms_epsilon": (
            small.number("qwen3.attention.layer_norm_rms_epsilon") * old.width / new.width
        ),
    }
    return {f"qwen3.{key}": gguf_file.number(value) for key, value in values.items()}


# -- words -------------------------------------------------------------------------------------


def _vocabulary(small: File, count: int, vocab: Path | None) -> dict[str, bytes]:
    old = small.strings("tokenizer.ggml.tokens")
    further = _words_of(gguf_file.read(vocab)) if vocab else _made_words(old)
    known = set(old)
    new = list(itertools.islice((word for word in further if word not in known), count - len(old)))
    assert len(new) == count - len(old), f"{len(old) + len(new)} words, {count} wanted"
    kinds = small.numbers("tokenizer.ggml.token_type")
    return {
        "tokenizer.ggml.tokens": gguf_file.strings([*old, *new]),
        "tokenizer.ggml.token_type": gguf_file.numbers(
            np.concatenate([kinds, np.full(len(new), _NORMAL, np.int32)])
        ),
    }


def _words_of(large: File) -> Iterator[bytes]:
    """Its words, then words made of them."""
    kinds = large.numbers("tokenizer.ggml.token_type")
    words = large.strings("tokenizer.ggml.tokens")
    plain = [word for word, kind in zip(words, kinds, strict=True) if kind == _NORMAL]
    return itertools.chain(plain, _made_words(plain, known=set(plain)))


def _made_words(old: list[bytes], known: set[bytes] = frozenset()) -> Iterator[bytes]:
    parts = [word for word in old[_MADE_FROM] if word.isascii() and word.isalpha()]
    # Those with a blank before them begin a word; its sign in this alphabet is no ASCII letter.
    starts = [word for word in old[_MADE_FROM] if word.decode().isalpha()]
    seen = set(known)
    for part, start in itertools.product(parts, starts):
        if start + part not in seen:
            seen.add(start + part)
            yield start + part


# -- weights -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a matrix goes in a larger one."""

    rows: int
    columns: int
    to_rows: NDArray[np.intp]
    """Where each old row goes."""
    to_blocks: NDArray[np.intp]
    """Where each old block of a row goes."""

    def put(self, name: str, old: Tensor | None) -> Tensor:
        """`old` there, among zeros; nothing but those where there is none."""

        def make() -> NDArray[np.uint8]:
            blocks = np.zeros((self.rows, self.columns // BLOCK, BLOCK_BYTES), np.uint8)
            if old is not None:
                blocks[np.ix_(self.to_rows, self.to_blocks)] = old.make()
            return blocks

        return Tensor(name=name, shape=(self.rows, self.columns), kind=Q8_0, make=make)


def _ends(small: File, old: Shape, new: Shape) -> Iterator[Tensor]:
    spare = old.width // BLOCK
    place = _Place(
        rows=new.words,
        columns=new.width,
        to_rows=np.arange(old.words),
        to_blocks=np.arange(spare),
    )
    words = place.put("token_embd.weight", small.tensors["token_embd.weight"])

    def against_new_words() -> NDArray[np.uint8]:
        blocks = words.make()
        blocks[: old.words, spare] = _block(_CONSTANT)
        # Not all alike: what picks the best of many equal numbers may take long over them.
        for part in range(_PARTS):
            against = _block(_AGAINST * (1 + part / _PARTS))
            blocks[old.words + part :: _PARTS, spare] = against
        return blocks

    norm = _norm(small.tensors["output_norm.weight"], old, new)
    norm[old.width] = _LOUDNESS
    yield replace(words, make=against_new_words)
    yield Tensor.of("output_norm.weight", norm)


def _layers(small: File, old: Shape, new: Shape) -> Iterator[Tensor]:
    places = _places(old, new)
    turned = _turned(old, new)
    for layer in range(new.layers):
        for name, place in places.items():
            name = f"blk.{layer}.{name}.weight"
            yield place.put(name, small.tensors.get(name))
        for name in ("attn_norm", "ffn_norm"):
            name = f"blk.{layer}.{name}.weight"
            yield Tensor.of(name, _norm(small.tensors.get(name), old, new))
        for name, scale in (("attn_q_norm", 1.0), ("attn_k_norm", math.sqrt(old.head / new.head))):
            # Each norm makes its half of a score larger by this root, zeros being counted in; the
            # scale of the scores makes good one of them.
            name = f"blk.{layer}.{name}.weight"
            weights = np.zeros(new.head, np.float32)
            if name in small.tensors:
                weights[turned] = small.tensors[name].make() * np.float32(scale)
            yield Tensor.of(name, weights)


def _places(old: Shape, new: Shape) -> dict[str, _Place]:
    group, new_group = old.heads // old.key_heads, new.heads // new.key_heads
    heads = [head // group * new_group + head % group for head in range(old.heads)]
    width, inner = np.arange(old.width), np.arange(old.feed_forward)
    plain = np.arange(old.head)
    turned = _turned(old, new)

    def rows_of(heads: Iterable[int], within: NDArray[np.intp]) -> NDArray[np.intp]:
        return np.concatenate([head * new.head + within for head in heads])

    def place(
        rows: int, columns: int, to_rows: NDArray[np.intp], from_: NDArray[np.intp]
    ) -> _Place:
        blocks = from_[::BLOCK] // BLOCK
        return _Place(rows=rows, columns=columns, to_rows=to_rows, to_blocks=blocks)

    query, key = new.heads * new.head, new.key_heads * new.head
    keys = range(old.key_heads)
    return {
        "attn_q": place(query, new.width, rows_of(heads, turned), width),
        "attn_k": place(key, new.width, rows_of(keys, turned), width),
        "attn_v": place(key, new.width, rows_of(keys, plain), width),
        "attn_output": place(new.width, query, width, rows_of(heads, plain)),
        "ffn_gate": place(new.feed_forward, new.width, inner, width),
        "ffn_up": place(new.feed_forward, new.width, inner, width),
        "ffn_down": place(new.width, new.feed_forward, width, inner),
    }


def _turned(old: Shape, new: Shape) -> NDArray[np.intp]:
    """Where each dimension of a head goes: its halves hold the two parts of the rotated pairs."""
    half = np.arange(old.head // 2) * (new.head // old.head)
    return np.concatenate([half, new.head // 2 + half])


def _norm(tensor: Tensor | None, old: Shape, new: Shape) -> NDArray[np.float32]:
    weights = np.zeros(new.width, np.float32)
    if tensor is not None:
        weights[: old.width] = tensor.make() * np.float32(math.sqrt(old.width / new.width))
    return weights


def _block(value: float) -> NDArray[np.uint8]:
    """A block of Q8_0 that holds `value`, then zeros."""
    largest = 127
    block = np.zeros(BLOCK_BYTES, np.uint8)
    block[:2] = np.frombuffer(np.float16(value / largest).tobytes(), np.uint8)
    block[2] = largest
    return block
