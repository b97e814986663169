"""Pieces: the short texts of a language from which one that fits a hole can be put together.

Each language brings its own; how they are combined, and what fits, is for others to say.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """In each list the likeliest first. Where a piece ends or begins with a word, whoever puts it
    beside another keeps the two apart."""

    endings: tuple[str, ...] = ()
    """What finishes something, or is whole by itself."""
    of_names: tuple[str, ...] = ("{}",)
    """Likewise, with a slot for a name that stands nearby."""
    links: tuple[str, ...] = ()
    """What stands between two things, or begins one that goes on."""
    beginnings: tuple[str, ...] = ()
    """What may stand before the rest of something."""
    words: tuple[str, ...] = ()
    """Words that may stand half written round a cursor, besides those in the lists above."""
