"""Engine: the contract a model keeps towards the token loop.

Knows tokens and logits; knows nothing of languages, constraints or the protocol. One thread
uses an engine at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tenon.text import CancelToken


class EngineError(Exception):
    """A model that cannot be used. The message names the file and the reason, for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FimTokens:
    """Ids of the fill-in-the-middle markers, from the model's own vocabulary."""

    prefix: int
    suffix: int
    middle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    path: str
    name: str
    n_vocab: int
    context_length: int
    """Tokens the engine was opened with: prompt and answer together."""
    trained_window: int
    """Tokens of prompt the model was trained to read; prompts beyond it lose quality."""
    suffix_lines: int | None
    """Lines after the cursor's own that are worth its while; None for all that fit."""
    fim: FimTokens
    end_token: int
    """The one that ends a text, among `end_tokens`."""
    end_tokens: frozenset[int]
    """Tokens by which the model says it has finished."""
    begin_token: int | None = None
    """The token every prompt must begin with, where the model was trained so."""
    rewinds: bool = True
    """The last tokens of its context can be taken back; a recurrent model's cannot."""


class Engine(Protocol):
    info: ModelInfo
    reused: int
    """How many tokens of the last prefill the cache held already."""

    @property
    def vocab_handle(self) -> Any:
        """llama.cpp's vocabulary pointer, from which `decoding` builds its tokenizer table."""
        ...

    def tokenize(self, text: bytes) -> list[int]:
        """Plain text, no special tokens added or parsed."""
        ...

    def token_bytes(self, token: int) -> bytes:
        """The bytes a token stands for; b"" for control tokens."""
        ...

    def prefill(self, tokens: Sequence[int], cancel: CancelToken) -> NDArray[np.float32]:
        """Make `tokens` the whole context and return the logits after the last one.

        Reuses the longest prefix shared with what the cache already holds. Raises `Cancelled`
        soon after `cancel` is set, also in the middle of a batch; the cache is then still
        consistent. The array is a view of shape (n_vocab,), valid until the next call.
        """
        ...

    def step(self, tokens: Sequence[int], cancel: CancelToken) -> NDArray[np.float32]:
        """Append `tokens` to the context; the logits after the last one, as for `prefill`."""
        ...

    def step_each(
        self, tokens: Sequence[int], cancel: CancelToken
    ) -> Sequence[NDArray[np.float32]]:
        """Append a few `tokens` (16 at most) in one batch; the logits after each of them, as
        views that are valid until the next call."""
        ...

    def rollback(self, count: int) -> None:
        """Forget the last `count` tokens of the context; the next `step` goes on from there.
        Only where the model `rewinds`."""
        ...

    def close(self) -> None: ...
