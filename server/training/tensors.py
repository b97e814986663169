"""Tensors: what llama.cpp calls the weights of `model`, for the ways there and back."""

from __future__ import annotations

_LAYER = {
    "attention_norm": "attn_norm",
    "feed_norm": "ffn_norm",
    "query_norm": "attn_q_norm",
    "key_norm": "attn_k_norm",
    "query.weight": "attn_q",
    "key.weight": "attn_k",
    "value.weight": "attn_v",
    "attended.weight": "attn_output",
    "gate.weight": "ffn_gate",
    "up.weight": "ffn_up",
    "down.weight": "ffn_down",
}
"""Ours and llama.cpp's, in each layer."""


def names(layers: int) -> dict[str, str]:
    """Ours and llama.cpp's, of a whole model."""
    found = {"embedding.weight": "token_embd.weight", "norm": "output_norm.weight"}
    for layer in range(layers):
        for ours, theirs in _LAYER.items():
            found[f"layers.{layer}.{ours}"] = f"blk.{layer}.{theirs}.weight"
    return found
