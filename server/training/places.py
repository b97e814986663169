"""Places: where a cursor stands in real code, and what of the text is then still to be said.

Owns the mix of places. Knows text alone. Where a cursor stands most often weighs most: at the
end of a line, after a dot, inside a call.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from enum import StrEnum

_BOUNDARY = re.compile(r"(?<=\w)(?=\W)|(?<=\W)(?=\w)|(?<=\W)(?=\W)")
_AFTER_DOT = re.compile(r"(?<=\w\.)(?=\w)")
_IN_CALL = re.compile(r"(?<=[(,])\s*(?=\S)")
_AFTER_OPERATOR = re.compile(r"(?<=[=<>+\-*/%|&] )(?=\S)|(?<=return )(?=\S)|(?<=in )(?=\S)")
_IN_WORD = re.compile(r"(?<=\w)(?=\w)")
_MOST_LINES = 8


class Extent(StrEnum):
    """How far the missing text goes."""

    LINE = "line"
    """To the end of the cursor's line."""
    PART = "part"
    """To a place further on in the line."""
    BLOCK = "block"
    """To the end of the lines that are indented as deep."""


@dataclass(frozen=True, slots=True)
class Cut:
    before: str
    middle: str
    after: str


_COLUMNS = (
    (_AFTER_DOT, 20), (_IN_CALL, 15), (_AFTER_OPERATOR, 15), (_BOUNDARY, 15), (_IN_WORD, 12),
    (None, 23),
)  # fmt: skip
"""Where in the line, with weights; None is where its text begins."""
_EXTENTS = ((Extent.LINE, 64), (Extent.BLOCK, 18), (Extent.PART, 18))


def cut(text: str, chance: random.Random) -> Cut | None:
    """A place in `text` and what is missing there; None where luck found none.

    `text` is a window of whole lines. The place lies more often in its later part, where most
    of what a cursor has before it is seen.
    """
    lines = text.splitlines(keepends=True)
    row = _row(lines, chance)
    if row is None:
        return None
    line = lines[row].rstrip("\n")
    column = _column(line, chance)
    before = "".join(lines[:row]) + line[:column]
    extent = chance.choices([each for each, _ in _EXTENTS], [w for _, w in _EXTENTS])[0]
    middle = line[column:]
    after = lines[row][len(line) :] + "".join(lines[row + 1 :])
    if extent is Extent.PART and middle:
        stop = _stop(line, column, chance)
        middle, after = line[column:stop], line[stop:] + after
    elif extent is Extent.BLOCK:
        block = "".join(lines[row : _block_end(lines, row, chance)]).rstrip("\n")
        if block[column:].strip():
            middle, after = block[column:], "".join(lines[row:])[len(block) :]
    return Cut(before=before, middle=middle, after=after) if middle.strip() else None


def _row(lines: list[str], chance: random.Random) -> int | None:
    for _ in range(8):
        row = min(int(len(lines) * chance.betavariate(2.5, 1.2)), len(lines) - 1)
        stripped = lines[row].strip()
        if stripped and not (stripped.startswith("#") and chance.random() < 0.7):
            return row
    return None


def _column(line: str, chance: random.Random) -> int:
    indent = len(line) - len(line.lstrip())
    pattern = chance.choices([each for each, _ in _COLUMNS], [w for _, w in _COLUMNS])[0]
    if pattern is None:
        return indent
    found = [match.end() for match in pattern.finditer(line) if match.end() >= indent]
    return chance.choice(found) if found else indent


def _stop(line: str, column: int, chance: random.Random) -> int:
    ends = [match.end() for match in _BOUNDARY.finditer(line) if match.end() > column]
    return chance.choice(ends) if ends else len(line)


def _block_end(lines: list[str], row: int, chance: random.Random) -> int:
    """The line after the block that begins at `row`, at most so many lines on."""
    indent = len(lines[row]) - len(lines[row].lstrip())
    last = row + 1
    most = chance.randint(1, _MOST_LINES)
    while last < len(lines) and last - row < most:
        line = lines[last]
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            break
        last += 1
    return last
