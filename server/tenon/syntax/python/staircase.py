"""Staircase: what follows the cursor's statement, cut down to one step for each indentation.

Of the lines below, only the first at each new, lower indentation can matter to a text above
them: whether it is a clause, what it asks of the blocks it stands in, and where it stands.
"""

from __future__ import annotations

import re

from tenon.syntax.python.blocks import Rows
from tenon.syntax.python.scope import needs

FUTURE = "from __future__ import annotations"

_VERBATIM = 500
"""Characters of a statement after the cursor that may be taken over as they are."""

_CONTINUES = frozenset(["", "if", "else", "for"])
"""Kinds of row that may also go on with an expression."""

_OPERATOR = re.compile(
    r"[ \t\f]*+(?:(?:and|or|is|in)\b|[-+*/%.,)&|^<>=\"'\]}]|[fFrRbBuU]{1,2}[\"'])"
)
"""Begins the rest of a statement rather than a statement of its own, strings apart."""


def goes_on(rows: Rows, row: int) -> bool:
    """Whether the row begins with what only the rest of a statement can begin with."""
    return _OPERATOR.match(rows.lines.text, rows.lines.start(row)) is not None


def staircase(rows: Rows, row: int, *, unexpected: bool) -> str:
    """The lines that stand for those from `row` on. `unexpected` says that no header before the
    cursor explains the row's indentation: a header, or a backslash at the end of a line, is
    then what is missing, and the row is kept as it is to fit both."""
    lines = rows.lines
    said: list[str] = []
    while row < rows.count:
        lead, width = rows.indent(row), rows.width(row)
        lower = lines.statement_from(row + 1, at_most=width - 1)
        kind = rows.kind(row)
        if not lead and (top := _at_top(rows, row)):
            said += top
        elif (unexpected and kind in _CONTINUES) or goes_on(rows, row):
            said.append(_verbatim(rows, row))
            body, sibling = lines.statement_from(row + 1), rows.sibling_after(row)
            if body < rows.count and rows.ends_in_colon(row) and rows.width(body) >= width:
                if rows.width(body) > width:
                    said += [rows.indent(body) + one for one in needs(rows, body, lower)]
                else:
                    lower = body
            elif sibling >= 0:
                # What goes on with the statement at the cursor is followed by nothing as deep.
                alone = goes_on(rows, row)
                asked = needs(rows, sibling, lower)
                said += [lead + one for one in asked if not alone or one != "pass"]
        elif rows.is_clause(row):
            said += [lead + clause for clause in _clauses(rows, row)]
        else:
            asked = needs(rows, row, lower)
            if kind.endswith(("def", "class", "@")):
                said.append(lead + "def _(): pass")
                asked = [one for one in asked if one != "pass"]
            said += [lead + one for one in asked]
        if width == 0:
            break
        row, unexpected = lower, False
    return "".join(line + "\n" for line in said)


def _clauses(rows: Rows, row: int) -> list[str]:
    """The clause and those of the same statement after it, repetition left out."""
    found: list[str] = []
    width = rows.width(row)
    for one in rows.clauses_from(row):
        end = rows.lines.statement_from(one + 1, at_most=width)
        clause = rows.clause(one, "; ".join(needs(rows, one + 1, end)))
        if not found or found[-1] != clause:
            found.append(clause)
    return found


def _verbatim(rows: Rows, row: int) -> str:
    start, end = rows.lines.start(row), rows.end(row)
    if end - start <= _VERBATIM:
        return rows.lines.text[start:end]
    return rows.indent(row) + ("if 0:" if rows.ends_in_colon(row) else "pass")


def _at_top(rows: Rows, row: int) -> list[str]:
    """Imports from `__future__`, which nothing but the docstring may come before."""
    if rows.is_future(row):
        return [FUTURE]
    after = rows.sibling_after(row)
    return ['""', FUTURE] if rows.is_string(row) and after >= 0 and rows.is_future(after) else []
