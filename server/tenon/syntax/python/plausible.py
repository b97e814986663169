"""Plausible: whether lines that a reading calls code are code, told by the compiler.

A wrong reading of quotes turns prose into statements and statements into strings; prose hardly
ever parses. So a few statements behind a place are evidence of how the text before them is meant,
however far away the next lexical error is.
"""

from __future__ import annotations

import ast
import re
from keyword import iskeyword

from tenon.syntax.python.blocks import Rows
from tenon.syntax.python.lines import Lines
from tenon.syntax.python.parse import compiles
from tenon.syntax.python.scanner import NONE

MOST = 4
"""Statements that are as good as any number of them."""

_LOOKED_AT = 8
"""Statements tried at most, for `MOST` of them."""

_LONG = 1000
"""Characters of a statement above which it says nothing."""

_LINES = 50
"""Lines in which the last statements are looked for."""

_WORD = re.compile(r"(?:async[ \t]+)?([^\W\d]\w*|@)?")

_ANCHOR = re.compile(
    r"^[ \t]*+(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*[(\[]|class[ \t]+\w+[ \t]*[:(\[]|@[\w.]+(?:$|\()"
    r"|import[ \t]+[\w.]+(?:$|,|[ \t]+as\b)|from[ \t]+[\w.]+[ \t]+import\b"
    r"|(?:if|elif|for|while|with|except)\b[^#\n]*:[ \t]*$|(?:else|try|finally):"
    r"|(?:return|raise|yield|assert|del)[ \t]+(?:not[ \t]+)?[\w.]+(?:$|[(\[])|(?:return|pass)$)",
    re.MULTILINE,
)
"""A line that is surely code, and surely the beginning of a statement: no prose, no argument."""


_SWAPPED = re.compile(r"[rRuU]?(?:\"\"\"|''')\W")
"""Begins a string that does not begin with a word, as docstrings do; a string's end, perhaps."""

_TRIPLE = re.compile("\"\"\"|'''")

_OPERAND = re.compile(
    r"[ \t]*+(?!(?:and|or|not|in|is|if|else|for|as|async)\b|[rRbBuUfF]{1,2}[\"'])\w"
)

_BEFORE = {
    **dict.fromkeys(["elif", "else"], "if 0: pass\n"),
    **dict.fromkeys(["except", "finally"], "try: pass\n"),
    "case": "match 0:\n case 0: pass\n ",
}
_BODY = {
    **dict.fromkeys("if elif else for while with except finally def class".split(), "\n pass"),
    "try": "\n pass\nfinally: pass",
    "match": "\n case 0: pass",
    "case": "\n  pass",
    "@": "\ndef _(): pass",
}


def follows_a_string(text: str, end: int) -> bool:
    """Whether what stands at `end` can follow a string that ends there."""
    return _OPERAND.match(text, end) is None


def is_anchor(lines: Lines, line: int) -> bool:
    """Whether `line` is surely code, and surely the beginning of a statement."""
    return _ANCHOR.match(lines.text, lines.start(line)) is not None


def has_anchor(lines: Lines, start: int, end: int) -> bool:
    """Whether a line that begins between `start` and `end` is surely code."""
    begin = lines.text.find("\n", start, end)
    return begin >= 0 and _ANCHOR.search(lines.text, begin + 1, end) is not None


def run_of_code(rows: Rows, row: int, *, most: int = MOST) -> int:
    """How many statements from `row` on parse one by one, up to `most`; a single one with a
    lexical error of its own, and what could as well be prose, neither count nor end the run; code
    between two strings, if they are read the other way round, does, and so does what stands
    deeper than a statement that has no body."""
    lines, found, excused = rows.lines, 0, False
    deepest = NONE
    for _ in range(_LOOKED_AT * most // MOST):
        row = lines.statement_from(row)
        if row >= rows.count:
            return most
        if rows.width(row) > deepest:
            break
        start, end = lines.start(row), rows.end(row)
        code = _code(rows, row)
        faulty = lines.faulty(start, end + 1)
        if lines.error_from(start) <= end:
            # A bracket open at the text's end is as good a fault as any, a string is not.
            faulty = faulty or _TRIPLE.search(code) is None
        # A word alone may be the beginning of a header's keyword.
        open_ended = faulty or code.isidentifier() or rows.ends_in_colon(row)
        deepest = NONE if open_ended else rows.width(row)
        if faulty:
            if excused:
                break
            excused = True
        elif _SWAPPED.match(code) and has_anchor(lines, start, end):
            break
        elif end - start <= _LONG:
            if not _is_statement(code):
                break
            if not rows.is_string(row):
                found += not code.isidentifier() or iskeyword(code)
        if found == most:
            break
        row = lines.next_logical(row)
    return found


def are_code(rows: Rows, start: int, end: int) -> bool:
    """Whether the last statements between the lines `start` and `end` parse one by one."""
    last = rows.lines.statements(max(start, end - _LINES), end, at_most=_LINES)[-MOST:]
    return all(_is_statement(code) for row in last if len(code := _code(rows, row)) <= _LONG)


def _code(rows: Rows, row: int) -> str:
    return rows.lines.text[rows.lines.start(row) + len(rows.indent(row)) : rows.end(row)]


def _is_statement(code: str) -> bool:
    word = _WORD.match(code)[1] or ""
    lead, body = _BEFORE.get(word, ""), _BODY.get(word, "")
    if body and compiles(lead + code + body, flags=ast.PyCF_ONLY_AST):
        return True
    return compiles(lead + code, flags=ast.PyCF_ONLY_AST)
