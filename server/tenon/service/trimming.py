"""Trimming: memory that was freed in pieces goes back to the system, now and then.

The C library keeps what is freed between things that live on, and the model, the grammar and the
analysis free all day: in ten thousand requests that came to a third of its heap. Owns when it is
asked to give it back, which takes a few milliseconds. Where the library has no such call, nothing
is done.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

_EVERY = 250
"""Requests between two trims."""


class Trimming:
    """Counts the requests of one service."""

    def __init__(self) -> None:
        self._trim = _malloc_trim()
        self._requests = 0

    def due(self) -> bool:
        """Whether to `trim` once nothing else is to be done; asked once a request."""
        self._requests += 1
        return self._trim is not None and self._requests % _EVERY == 0

    def trim(self) -> None:
        """Give back what is free. On any thread; others that allocate wait for it."""
        if self._trim is not None:
            self._trim(0)


def _malloc_trim() -> Callable[[int], int] | None:
    """The GNU C library's own call."""
    if not sys.platform.startswith("linux"):
        return None
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return trim
