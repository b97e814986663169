"""Frame: the small module that stands in for the buffer round the cursor.

Above the cursor's logical line stand the headers that enclose it and whatever could still be
continued there; below it what the blocks owe or are followed by: for each indentation at which
the buffer goes on, the first statement, or clause with those after it. Nothing else in the
buffer can change whether a text parses between the two.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenon.syntax.context import Block, Frame
from tenon.syntax.python.blocks import Rows
from tenon.syntax.python.elide import elide_after, elide_before
from tenon.syntax.python.extent import Extent
from tenon.syntax.python.indentation import unit
from tenon.syntax.python.lines import StateNames
from tenon.syntax.python.scanner import width_of
from tenon.syntax.python.scope import bound_names, names_below
from tenon.syntax.python.staircase import FUTURE, goes_on, staircase


@dataclass(frozen=True, slots=True, kw_only=True)
class Framed:
    frame: Frame
    enclosing: tuple[Block, ...]


def framed(extent: Extent, offset: int, names: StateNames) -> Framed:
    lines = extent.above
    rows, below = Rows(lines, names), Rows(extent.below, names)
    start = lines.start(extent.first)
    typed = lines.text[start:offset]
    indent = typed[: len(typed) - len(typed.lstrip(" \t\f"))]
    width = width_of(indent)
    # Until something stands on the line, a completion may go deeper than what is typed.
    fixed = len(indent) < len(typed) and typed[len(indent)] != "#"

    before = lines.statement_before(extent.first)
    path = rows.path(before)
    if fixed:
        path = [row for row in path if rows.width(row) <= width]
    innermost = rows.width(path[-1]) if path else 0
    waiting = bool(path) and (innermost < width if fixed else rows.is_open(path[-1]))
    opening, indents, sound = _opening(rows, below, path, waiting, extent)
    if fixed and waiting and path[-1] != before:
        # The statement stands between two levels of indentation.
        sound = False

    after = below.lines.statement_from(extent.after)
    if extent.state == "#" and after < below.count and _is_in_error(below, after):
        # Nothing that a comment says can mend it, and so nothing may be held to it.
        after = below.lines.statement_from(after + 1)
    deeper = after < below.count and below.width(after) > max(width, innermost)
    header = fixed and _is_header(rows, extent, offset)
    if (fixed or waiting or not path) and width > width_of(indents[-1]):
        indents.append(indent)
    if deeper and below.width(after) > width_of(indents[-1]):
        # What dedents to a level that nothing has opened was no body: the row before it goes on
        # with the statement at the cursor, and this is the body.
        body = below.lines.statement_from(after + 1)
        if not goes_on(below, after):
            body = below.lines.statement_from(body, at_most=below.width(after) - 1)
        if _width(below, body) <= max(width, innermost):
            body = after
        indents.append(below.indent(body))
    closing = elide_after(extent, offset, names)
    if fixed:
        unexpected = deeper and not header
    else:
        unexpected = (deeper and not waiting) or 0 < width < _width(below, after)
    steps = staircase(below, after, unexpected=unexpected)
    if steps and not closing.endswith("\n"):
        closing += "\n"
    real = elide_before(extent, offset, names)
    return Framed(
        frame=Frame(
            opening=opening + real,
            closing=closing + steps,
            indents=tuple(indents),
            unit=unit(lines, extent.line, indents),
            statement=len(real),
            sound=sound and extent.sound,
        ),
        enclosing=tuple(rows.block(row) for row in path if rows.width(row) < width),
    )


def _opening(
    rows: Rows, below: Rows, path: list[int], waiting: bool, extent: Extent
) -> tuple[str, list[str], bool]:
    """The rows of `path` in short, their indentations, and whether the blocks are sound. The
    last row is a header that waits for its body if `waiting`, else a statement that is over."""
    said: list[str] = []
    indents, sound = [""], True
    inner = 0
    for row in reversed(path):
        if rows.kind(row).endswith(("def", "class")):
            inner = rows.width(row)
            break
    for row in path:
        lead = rows.indent(row)
        if row != path[-1] or waiting:
            bound: list[str] = []
            if rows.kind(row).endswith("def"):
                bound = bound_names(rows, row, extent.first)
                if rows.width(row) < inner:
                    more = names_below(below, extent.after, rows.width(row))
                    bound += [name for name in more if name not in bound]
            wanted, known = rows.opened(row, bound)
            sound = sound and known
        elif not lead and rows.is_future(row):
            wanted = [FUTURE]
        elif not lead and rows.is_string(row) and rows.lines.statement_before(row) < 0:
            wanted = ['""']
        else:
            wanted = rows.closed(row)
        said += [lead + line + "\n" for line in wanted]
        if lead != indents[-1]:
            indents.append(lead)
    return "".join(said), indents, sound


def _is_in_error(rows: Rows, row: int) -> bool:
    return rows.lines.error_from(rows.lines.start(row)) <= rows.end(row)


def _width(rows: Rows, row: int) -> int:
    return rows.width(row) if row < rows.count else 0


def _is_header(rows: Rows, extent: Extent, offset: int) -> bool:
    """Whether the cursor's statement, as it stands, ends in a colon."""
    code = rows.lines.text[offset : extent.below.start(extent.after)].rstrip()
    if "#" in code:
        return rows.ends_in_colon(extent.first)
    return (code or rows.lines.text[:offset].rstrip(" \t")[-1:]).endswith(":")
