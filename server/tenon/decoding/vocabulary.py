"""Vocabulary: a model's tokens as llguidance sees them. Built once a model, off the critical path.

Owns the tokenizer table. Knows no language and no constraint.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from llguidance import LLTokenizer
from numpy.typing import NDArray

# One slice for identifiers halves the mean mask on code against llguidance's defaults, which
# are made for JSON.
_SLICES = [r"[a-zA-Z0-9_]+"]


class Vocabulary:
    """Token ids and the bytes they stand for."""

    def __init__(self, handle: Any, *, end: int) -> None:
        """`handle` is llama.cpp's vocabulary pointer; `end` the token that ends a text."""
        # Deferred: importing this module must not load the native library.
        from llguidance.llamacpp import lltokenizer_from_vocab

        self.tokenizer: LLTokenizer = lltokenizer_from_vocab(
            handle, eos_token=end, slices=_SLICES
        )
        self.end = end
        self.beginning: dict[str, NDArray[np.bool_]] = {}
        """By character, which tokens begin with it, where that was asked."""
        self.is_bytes = False
        """Whether each token is one byte, and the token's id that byte."""

    @classmethod
    def of_bytes(cls) -> Vocabulary:
        """A vocabulary of single bytes: for checks that no model takes part in."""
        self = cls.__new__(cls)
        self.tokenizer = LLTokenizer("byte", slices=_SLICES)
        self.end = self.tokenizer.eos_token
        self.beginning = {}
        self.is_bytes = True
        return self

    @property
    def size(self) -> int:
        return self.tokenizer.vocab_size

    def tokens(self, text: str) -> list[int]:
        """Tokens that spell `text`; not necessarily those the model would have chosen."""
        return self.tokenizer.greedy_tokenize(text)

    def cuts(self, text: str) -> Iterator[int]:
        """How many characters of `text` are begun after each of its tokens."""
        begun = 0
        for token in self.tokens(text):
            spelt = self.tokenizer.decode_bytes([token])
            begun += sum(byte & 0xC0 != 0x80 for byte in spelt)
            yield begun

    def is_control(self, token: int) -> bool:
        """Whether a token stands for no text: an end, a fill-in-the-middle marker …"""
        return self.tokenizer.is_special_token(token)
