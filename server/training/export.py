"""Export: from a checkpoint to a GGUF file, quantised by llama.cpp itself.

Owns the names that llama.cpp gives to tensors and metadata.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import gguf
import torch

from training.tensors import names
from training.tokenizer import END, MIDDLE, PRE_TOKENIZER, PREFIX, SPECIAL, SUFFIX
from training.train import load

_MARKERS = {
    "fim_pre": PREFIX,
    "fim_suf": SUFFIX,
    "fim_mid": MIDDLE,
    "fim_pad": "<|fim_pad|>",
    "fim_rep": "<|repo_name|>",
    "fim_sep": "<|file_sep|>",
}


def write(checkpoint: Path, tokenizer: Path, out: Path, *, name: str) -> None:
    """Write the model at full precision (32 bits) to `out`."""
    model = load(checkpoint)
    shape, tensors = model.shape, model.state_dict()
    writer = gguf.GGUFWriter(str(out), "qwen3")
    writer.add_name(name)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_rope_freq_base(shape.rope_base)
    _vocabulary(writer, tokenizer)
    for ours, theirs in names(shape.layers).items():
        _add(writer, theirs, tensors[ours])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def quantise(source: Path, out: Path, kind: str) -> None:
    """Write `source` to `out` in one of llama.cpp's types: "Q8_0", "Q6_K", "Q5_K_M", "F16" …"""
    from tenon.engine.library import library

    native = library()
    wanted = getattr(native, f"LLAMA_FTYPE_MOSTLY_{kind}", None)
    if wanted is None:
        raise ValueError(f"llama.cpp has no type called {kind!r}")
    parameters = native.llama_model_quantize_default_params()
    parameters.ftype = wanted
    if native.llama_model_quantize(os.fsencode(source), os.fsencode(out), parameters):
        raise RuntimeError(f"{source}: llama.cpp could not quantise it to {kind}")


def _vocabulary(writer: gguf.GGUFWriter, path: Path) -> None:
    described = json.loads(path.read_text(encoding="utf-8"))
    numbers: dict[str, int] = described["model"]["vocab"]
    tokens = sorted(numbers, key=numbers.__getitem__)
    merges = described["model"]["merges"]
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRE_TOKENIZER)
    writer.add_token_list(tokens)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_token_types([control if token in SPECIAL else normal for token in tokens])
    writer.add_token_merges([each if isinstance(each, str) else " ".join(each) for each in merges])
    writer.add_eos_token_id(numbers[END])
    writer.add_bos_token_id(numbers[END])
    writer.add_pad_token_id(numbers["<|fim_pad|>"])
    writer.add_add_bos_token(False)
    for key, marker in _MARKERS.items():
        writer.add_uint32(f"tokenizer.ggml.{key}_token_id", numbers[marker])


def _add(writer: gguf.GGUFWriter, name: str, tensor: torch.Tensor) -> None:
    writer.add_tensor(name, tensor.float().numpy())
