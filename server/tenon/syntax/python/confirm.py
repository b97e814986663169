"""Confirm: the last word on an answer, by compiling the buffer itself.

A frame knows what matters near the cursor; only the whole buffer knows the rest, such as a name
declared global further down. Bounded: of a long buffer only the top-level statement is compiled.
"""

from __future__ import annotations

from tenon.syntax.context import CursorContext
from tenon.syntax.python.blocks import Rows
from tenon.syntax.python.extent import Extent
from tenon.syntax.python.lines import StateNames
from tenon.syntax.python.parse import judge_for, parses
from tenon.syntax.python.scanner import NONE, width_of

_LINES = 3000
"""Lines compiled at most: some tens of milliseconds."""


def confirms(context: CursorContext, completion: str, extent: Extent, names: StateNames) -> bool:
    """Whether the buffer compiles with `completion` in it. Where it does not, but neither does
    it with a plain stand-in for the edited statement, the frame decides."""
    prefix, suffix = context.prefix, context.suffix
    frame = context.frame
    start, end = _region(extent, names)
    whole = prefix[start:] + completion + suffix[: end - len(prefix)]
    if whole.count("\n") <= _LINES and parses(whole):
        return True
    if frame is None or not judge_for(context)(frame.opening + completion + frame.closing):
        return False
    if whole.count("\n") > _LINES:
        return True
    text = extent.above.text
    first, after = extent.above.start(extent.first), extent.below.start(extent.after)
    return not parses(text[start:first] + _stand_in(extent, names) + text[after:end])


def _region(extent: Extent, names: StateNames) -> tuple[int, int]:
    """The whole buffer, or where it is long its top-level statements round the cursor."""
    above, below = extent.above, extent.below
    if len(above.starts) <= _LINES:
        return 0, len(above.text)
    rows = Rows(above, names)
    row = above.statement_before(extent.first + 1, at_most=0)
    while row > 0 and (rows.is_clause(row) or _decorated(rows, row)):
        row = rows.sibling_before(row)
    after = Rows(below, names)
    end = below.statement_from(extent.after, at_most=0)
    while end < after.count and after.is_clause(end):
        end = below.statement_from(end + 1, at_most=0)
    return above.start(max(row, 0)), below.start(end)


def _decorated(rows: Rows, row: int) -> bool:
    before = rows.sibling_before(row)
    return before >= 0 and rows.kind(before) == "@"


def _stand_in(extent: Extent, names: StateNames) -> str:
    """A plain statement for the edited one, with which a sound buffer stays sound."""
    lines, below = extent.above, extent.below
    rows, first = Rows(lines, names), extent.first
    before, after = lines.statement_before(first), below.statement_from(extent.after)
    blank = int(lines.widths[first]) == NONE
    lead = lines.indent(first)
    width = rows.width(before) if blank and before >= 0 else width_of(lead)
    deeper = after < len(below.starts) and int(below.widths[after]) > width
    if blank:
        waiting = before >= 0 and rows.is_open(before)
        return lead + "pass\n" if waiting and not deeper else "\n"
    if rows.kind(first) == "@":
        return lead + "@_\n"
    if before >= 0 and rows.kind(before) == "@":
        header = "def _():"
    elif rows.is_clause(first):
        header = rows.clause(first, "").rstrip()
    else:
        header = "if 0:" if deeper else ""
    return lead + (header if deeper else f"{header} pass".strip()) + "\n"
