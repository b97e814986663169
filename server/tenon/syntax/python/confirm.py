"""Confirm: the last word on an answer, by compiling the buffer itself.

A frame knows what matters near the cursor; only the whole buffer knows the rest, such as a name
declared global further down. Where the buffer is broken elsewhere, or long, what decides is the
largest block round the cursor that is sound without the edited statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from tenon.syntax.context import CursorContext
from tenon.syntax.python.binding import waits_for_binding
from tenon.syntax.python.blocks import Rows
from tenon.syntax.python.extent import Extent
from tenon.syntax.python.lines import StateNames
from tenon.syntax.python.parse import judge_for, parses
from tenon.syntax.python.scanner import NONE, width_of

_LINES = 3000
"""Lines compiled at most: some tens of milliseconds."""
_BLOCKS = 3
"""Blocks within the top-level statement that are asked."""
_FUNCTIONS = ("def _():", "async def _():")
"""Headers of bodies that return, yield or wait."""
_HEADERS = ("if 0:", *_FUNCTIONS, "while 0:", "def _(", "async def _(", "class _(")
_DECORATED = re.compile(r"^@[^\n]*\s*\Z", re.MULTILINE)
"""Ends a part at the top level; what is decorated stands behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A part of the buffer, in which the edited statement stands from `first` to `after`."""

    text: str
    start: int
    end: int
    first: int
    after: int
    lead: str
    """What must stand before it, where it is indented."""
    width: int
    """Of the block's header: what is no deeper stands outside of it."""
    alone: bool = True
    """Whether no function stands round it, whose names it may speak of."""

    @property
    def lines(self) -> int:
        return self.text.count("\n", self.start, self.end)

    def filled(self, cursor: int, completion: str) -> str:
        text = self.text
        return self.lead + text[self.start : cursor] + completion + text[cursor : self.end]

    def without(self, stand_in: str) -> str:
        text = self.text
        return self.lead + text[self.start : self.first] + stand_in + text[self.after : self.end]


def confirms(context: CursorContext, completion: str, extent: Extent, names: StateNames) -> bool:
    """Whether the buffer compiles with `completion` in it. Where it does not, but neither does
    it with a plain stand-in for the edited statement, smaller parts are asked, and the frame."""
    cursor, frame = len(context.prefix), context.frame
    parts = [part for part in _parts(extent, names) if part.lines <= _LINES]
    if parts and parses(parts[0].filled(cursor, completion)):
        return True
    if frame is None:
        return False
    framed = frame.opening + completion + frame.closing
    if not parses(framed):
        # What shows newer syntax than the interpreter's compiles nowhere.
        return judge_for(context)(framed)
    stand_ins = _stand_ins(extent, names)
    typed = context.prefix[extent.above.start(extent.first) :]
    width = _least_width(typed, completion)
    for part in parts:
        if part.width >= width:
            continue
        filled = part.filled(cursor, completion)
        if parses(filled) or (_DECORATED.search(filled) and parses(filled + "def _(): pass\n")):
            return True
        if any(parses(part.without(stand_in)) for stand_in in stand_ins):
            return False
        if part.alone and waits_for_binding(
            filled, partial(part.filled, cursor), context.prefix
        ):
            return False
    return True


def binding_wanted(
    context: CursorContext, extent: Extent, names: StateNames
) -> Callable[[str], bool] | None:
    """Whether a completion gives a name that a `nonlocal` speaks of its binding; None where there
    is no such name that could be bound at the cursor."""
    stand_in = _stand_ins(extent, names)[0]
    wanted = None
    for part in islice(_parts(extent, names), 1, None):
        filled = partial(part.filled, len(context.prefix))
        text = part.without(stand_in)
        if part.lines > _LINES or not waits_for_binding(text, filled, context.prefix):
            break
        # The smallest part that shows it is asked of every text that could stand.
        wanted = _parsing(filled)
    return wanted


def _parsing(filled: Callable[[str], str]) -> Callable[[str], bool]:
    return lambda completion: parses(filled(completion))


def _parts(extent: Extent, names: StateNames) -> Iterator[_Part]:
    """The buffer, then ever smaller parts of it round the cursor."""
    above, below = extent.above, extent.below
    first, after = above.start(extent.first), below.start(extent.after)
    rows, text = Rows(above, names), above.text

    def part(start: int, end: int) -> _Part:
        return _Part(text=text, start=start, end=end, first=first, after=after, lead="", width=-1)

    yield part(0, len(text))
    yield part(*_top_level(extent, names))
    path = rows.path(above.statement_before(extent.first))
    scopes = [row for row in path if rows.width(row) and rows.kind(row).endswith(("def", "class"))]
    functions = [rows.width(row) for row in path if rows.kind(row).endswith("def")]
    for row in scopes[:_BLOCKS]:
        width = rows.width(row)
        end = below.statement_from(extent.after, at_most=width)
        yield replace(
            part(above.start(row), below.start(end)),
            lead="if 0:\n",
            width=width,
            alone=min(functions, default=width) >= width,
        )


def _least_width(typed: str, completion: str) -> int:
    """Of the statement that is `typed` and completed, and of those that the completion begins,
    though some of its lines may only go on with one."""
    begun = (typed + completion).strip("\n").split("\n", 1)[:1]
    lines = [line for line in [*begun, *completion.split("\n")[1:]] if line.strip()]
    return min((width_of(line[: len(line) - len(line.lstrip())]) for line in lines), default=NONE)


def _top_level(extent: Extent, names: StateNames) -> tuple[int, int]:
    """Where the top-level statements round the cursor begin and end."""
    above, below = extent.above, extent.below
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


def _stand_ins(extent: Extent, names: StateNames) -> tuple[str, ...]:
    """Plain statements for the edited one, with one of which a sound buffer stays sound."""
    lines, below = extent.above, extent.below
    rows, first = Rows(lines, names), extent.first
    before, after = lines.statement_before(first), below.statement_from(extent.after)
    blank = int(lines.widths[first]) == NONE
    lead = lines.indent(first)
    width = rows.width(before) if blank and before >= 0 else width_of(lead)
    deeper = after < len(below.starts) and int(below.widths[after]) > width
    if blank:
        waiting = before >= 0 and rows.is_open(before)
        if deeper and not waiting:
            # A header is gone, or the line of it that opened its bracket.
            return ("\n", *(f"{lead}{header}\n" for header in _HEADERS))
        return (lead + "pass\n" if waiting and not deeper else "\n",)
    if rows.kind(first) == "@":
        return (lead + "@_\n",)
    if before >= 0 and rows.kind(before) == "@":
        headers: tuple[str, ...] = _FUNCTIONS if deeper else _FUNCTIONS[:1]
    elif rows.is_clause(first):
        headers = (rows.clause(first, "").rstrip(),)
    else:
        headers = _HEADERS if deeper else ("",)
    return tuple(
        lead + (header if deeper else f"{header} pass".strip()) + "\n" for header in headers
    )
