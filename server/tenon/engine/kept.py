"""Kept: states of the KV cache laid aside in memory, for prompts that may come again.

Owns the copies, their account and the budget; the oldest unused one goes first. A state is found
by its tokens alone: which document they came from is nobody's business here. Knows llama.cpp's
state calls and nothing of prompts.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenon.engine.library import library

_SEQUENCE = 0
_UINT8 = ctypes.POINTER(ctypes.c_uint8)
_ALONE = {"flags": mmap.MAP_PRIVATE} if hasattr(mmap, "MAP_PRIVATE") else {}
"""No other process sees the memory; Windows has no such word, and means it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    tokens: tuple[int, ...]
    data: NDArray[np.uint8]


class Kept:
    """At most `memory` bytes of states, least recently laid aside first."""

    def __init__(self, context: Any, *, memory: int) -> None:
        self._native = library()
        self._context = context
        self._states: list[State] = []
        self.memory = memory

    @property
    def held(self) -> int:
        """Bytes taken now."""
        return sum(state.data.nbytes for state in self._states)

    def __len__(self) -> int:
        return len(self._states)

    def nearest(self, tokens: Sequence[int]) -> tuple[State | None, int]:
        """The state that shares the longest beginning with `tokens`, and its length."""
        best, longest = None, 0
        for state in self._states:
            shared = common(state.tokens, tokens)
            if shared > longest:
                best, longest = state, shared
        return best, longest

    def lay_aside(self, tokens: Sequence[int]) -> None:
        """Copy what the cache holds, `tokens`; nothing where it is larger than the budget."""
        size = self._native.llama_state_seq_get_size(self._context, _SEQUENCE)
        if not 0 < size <= self.memory:
            return
        data = _pages(size)
        at = ctypes.cast(data.ctypes.data, _UINT8)
        if self._native.llama_state_seq_get_data(self._context, at, size, _SEQUENCE) != size:
            return
        while self._states and self.held + size > self.memory:
            del self._states[0]
        self._states.append(State(tokens=tuple(tokens), data=data))

    def take_back(self, state: State) -> tuple[int, ...]:
        """Copy `state` into the cache, which must be empty, and give up the copy; its tokens,
        none where llama.cpp does not take it."""
        self._states.remove(state)
        at, size = ctypes.cast(state.data.ctypes.data, _UINT8), state.data.nbytes
        if self._native.llama_state_seq_set_data(self._context, at, size, _SEQUENCE) == 0:
            self._native.llama_memory_clear(self._native.llama_get_memory(self._context), False)
            return ()
        return state.tokens

    def clear(self) -> None:
        self._states.clear()


def _pages(size: int) -> NDArray[np.uint8]:
    """Memory that the system has back the moment it is given up. On the heap, states of all sizes
    that come and go would leave it in pieces."""
    return np.frombuffer(mmap.mmap(-1, size, **_ALONE), dtype=np.uint8)


def common(old: Sequence[int], new: Sequence[int]) -> int:
    """Length of the longest common prefix."""
    return next(
        (index for index, (one, other) in enumerate(zip(old, new, strict=False)) if one != other),
        min(len(old), len(new)),
    )
