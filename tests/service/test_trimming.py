"""Trimming: what was freed goes back to the system, every so many requests."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pytest

from tenon.service.trimming import Trimming

PIECE, PIECES = 60_000, 2_000
"""Too small for pages of their own: 120 MB in all."""


def resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no such call")
def test_what_is_freed_between_things_that_live_on_goes_back() -> None:
    malloc, free = ctypes.CDLL(None).malloc, ctypes.CDLL(None).free
    malloc.restype, free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    pieces = [malloc(PIECE) for _ in range(PIECES)]
    for piece in pieces:
        ctypes.memset(piece, 1, PIECE)
    # Every tenth lives on, so that the heap cannot shrink from its end.
    for piece in (piece for at, piece in enumerate(pieces) if at % 10):
        free(piece)
    held = resident()
    Trimming().trim()
    assert resident() < held - PIECE * PIECES / 2
    for piece in pieces[::10]:
        free(piece)


def test_it_is_due_once_in_so_many_requests() -> None:
    trimming = Trimming()
    due = [trimming.due() for _ in range(1_000)]
    assert sum(due) == (4 if sys.platform.startswith("linux") else 0)
    assert not any(due[:200])
