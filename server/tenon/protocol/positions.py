"""Positions: a line's columns between code points and the client's units.

Owns the three encodings of LSP 3.18 and nothing else; everything above the wire counts code
points. Every conversion looks at one line only.
"""

from __future__ import annotations

from enum import StrEnum


class Encoding(StrEnum):
    """What the client counts a `character` in."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


def to_column(line: str, units: int, encoding: Encoding) -> int:
    """Units from the start of `line` to code points.

    Out of range is clamped; a position inside a character is that character's start.
    """
    if units <= 0:
        return 0
    if encoding is Encoding.UTF32 or line.isascii():
        return min(units, len(line))
    if encoding is Encoding.UTF8:
        return len(line.encode()[:units].decode(errors="ignore"))
    return len(line.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore"))


def to_units(line: str, column: int, encoding: Encoding) -> int:
    """Code points from the start of `line` to the client's units."""
    before = line[:column]
    if encoding is Encoding.UTF32 or before.isascii():
        return len(before)
    if encoding is Encoding.UTF8:
        return len(before.encode())
    return len(before.encode("utf-16-le")) // 2
