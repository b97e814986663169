"""Start: the weights of a GGUF model as the beginning of a training.

The way back from llama.cpp's tensors; `export` is the way there.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import torch
from gguf import quants

from training.model import Model, Shape
from training.tensors import names


def shape_of(path: Path) -> Shape:
    """The shape of a model that `export` has written, or one like it."""
    fields = gguf.GGUFReader(str(path)).fields

    def number(key: str) -> int:
        return int(fields[f"qwen3.{key}"].contents())

    return Shape(
        vocabulary=len(fields["tokenizer.ggml.tokens"].data),
        width=number("embedding_length"),
        layers=number("block_count"),
        heads=number("attention.head_count"),
        key_heads=number("attention.head_count_kv"),
        feed_forward=number("feed_forward_length"),
        context=number("context_length"),
        head=number("attention.key_length"),
    )


def weights(path: Path, model: Model) -> None:
    """Copy the weights of the GGUF file at `path` into `model`, which has its shape."""
    tensors = {
        tensor.name: torch.from_numpy(
            quants.dequantize(tensor.data, tensor.tensor_type).copy()
        ).float()
        for tensor in gguf.GGUFReader(str(path)).tensors
    }
    named = names(model.shape.layers)
    model.load_state_dict({ours: tensors[theirs] for ours, theirs in named.items()})
