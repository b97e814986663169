"""Scope: what the statements of a region ask of the function round them, and which names it binds.

A completion may put a new header above statements that follow the cursor, so the frame says what
those statements need to stand in; and a `nonlocal` needs a name that an outer function binds.
Both are read off the beginnings of lines: what is not surely so is left out.
"""

from __future__ import annotations

import re

from tenon.syntax.python.blocks import Rows

_ROWS = 300
"""Statements of a region that are looked at."""

_LOOP_WORDS = ("break", "continue")

_NAMES = 40
"""Names of a function that are carried into the frame."""

_ASKS = re.compile(
    r"[ \t\f]*+(?:(?P<scope>(?:async[ \t]+)?def\b|class\b)"
    r"|(?P<loop>(?:async[ \t]+)?(?:for|while)\b)"
    r"|(?P<ask>return|break|continue|yield|await|async(?=[ \t]+with\b))\b"
    r"|(?:if|elif|else|with|try|except|finally)\b[^'\"\n]*:[ \t]*(?P<tail>return|break|continue)\b"
    r"|[\w., \t()\[\]*]+=[ \t]*(?P<value>await|yield)\b)"
)

_AWAITS = re.compile(r"[^'\"#\n]*?\bawait[ \t]+[\w.]+[(\[]")
"""A line that waits for a call, before any string or comment; could hardly be prose."""

_BINDS = re.compile(
    r"[ \t\f]*+(?:(?P<scope>(?:async[ \t]+)?def|class)[ \t]+(?P<name>\w+)"
    r"|(?P<declared>(?:global|nonlocal)\b)[ \t]*(?P<names>[\w, \t]+)"
    r"|(?:async[ \t]+)?for[ \t]+(?P<target>\w+(?:[ \t]*,[ \t]*\w+)*)[ \t]+in\b"
    r"|(?:with|except|import|from)\b.*\bas[ \t]+(?P<alias>\w+)"
    r"|(?:from\b.*\b)?import[ \t]+(?P<imported>\w+(?:[ \t]*,[ \t]*\w+)*)"
    r"|(?P<assigned>\w+(?:[ \t]*[,=][ \t]*\w+)*)[ \t]*(?:=(?!=)|:))"
)

_NESTED = re.compile(r"(?<!^)\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|'[^'\n]*'|\"[^\"\n]*\"|#[^\n]*")

_PARAMETER = re.compile(r"[(,]\s*\*{0,2}([^\W\d]\w*)")

_WORDS = frozenset(
    "False None True and as assert async await break class continue def del elif else except"
    " finally for from global if import in is lambda nonlocal not or pass raise return try while"
    " with yield __debug__".split()
)


def needs(rows: Rows, row: int, end: int) -> list[str]:
    """The shortest statements that stand where those from `row` to `end` (lines) stand, and
    nowhere else: "return" in a function, "break" in a loop …; "pass" anywhere. Where one of
    them is half written, what it may have swallowed counts for nothing, and of the rest no more
    than a line that says "break" or "continue" or waits for a call, which could hardly be prose."""
    text, lines = rows.lines.text, rows.lines
    faulty = lines.faulty(lines.start(row), lines.start(end))
    found: set[str] = set()
    inner_scope = inner_loop = half_written = before = None
    for one in lines.statements(row, end, at_most=_ROWS):
        width = rows.width(one)
        if half_written is not None and width > half_written:
            continue
        half_written, last, before = None, before, one
        if last is not None and width > rows.width(last) and not rows.ends_in_colon(last):
            # Its header is half written, and may say anything.
            half_written = rows.width(last)
            continue
        if faulty and lines.faulty(lines.start(one), rows.end(one) + 1):
            half_written = width
            continue
        if inner_scope is not None:
            if width > inner_scope:
                continue
            inner_scope = None
        if inner_loop is not None and width <= inner_loop:
            inner_loop = None
        start = lines.start(one)
        asks = _ASKS.match(text, start)
        if (asks is None or not asks["scope"]) and _AWAITS.match(text, start):
            found.add("await")
        if asks is None:
            continue
        if asks["scope"]:
            inner_scope = width
        elif asks["loop"]:
            if inner_loop is None:
                inner_loop = width
            if asks["loop"].startswith("async"):
                found.add("await")
        else:
            word = asks["ask"] or asks["tail"] or asks["value"]
            if faulty and text[start : rows.end(one)].strip() not in _LOOP_WORDS:
                continue
            if word == "async":
                word = "await"
            if word in _LOOP_WORDS:
                if inner_loop is None:
                    found.add("break")
            else:
                found.add(word)
    said = []
    if "yield" in found:
        said.append("yield")
    if "await" in found:
        said.append("await 0")
    if "return" in found and not said:
        said.append("return")
    if "break" in found:
        said.append("break")
    return said or ["pass"]


def bound_names(rows: Rows, header: int, end: int) -> list[str]:
    """Names that the function at `header` surely binds before line `end`, parameters first."""
    text, lines = rows.lines.text, rows.lines
    start = lines.start(header)
    parameters = _parameters(text[start : min(rows.end(header), start + 1000)])
    body = lines.statement_from(header + 1)
    return _bound(rows, lines.statements(body, end, at_most=_ROWS), parameters)


def names_below(rows: Rows, start: int, width: int) -> list[str]:
    """Names that a function whose header is `width` wide surely binds from line `start` on,
    where that line may be deep in functions inside it."""
    lines = rows.lines
    end = lines.statement_from(start, at_most=width)
    statements = lines.statements(start, end, at_most=_ROWS)
    level = min(map(rows.width, statements), default=0)
    begin = next((at for at, one in enumerate(statements) if rows.width(one) == level), 0)
    return _bound(rows, statements[begin:], [])


def _bound(rows: Rows, statements: list[int], names: list[str]) -> list[str]:
    """`names`, and those that the statements surely bind, nested scopes left out."""
    bound = dict.fromkeys(names)
    declared: set[str] = set()
    inner_scope = None
    for one in statements:
        width = rows.width(one)
        if inner_scope is not None:
            if width > inner_scope:
                continue
            inner_scope = None
        binds = _BINDS.match(rows.lines.text, rows.lines.start(one))
        if binds is None:
            continue
        if binds["scope"]:
            inner_scope = width
            bound[binds["name"]] = None
        elif binds["declared"]:
            declared.update(_split(binds["names"]))
        else:
            found = binds["target"] or binds["alias"] or binds["imported"] or binds["assigned"]
            bound.update(dict.fromkeys(_split(found or "")))
    kept = [name for name in bound if name not in declared and name not in _WORDS]
    return [name for name in kept if name.isidentifier()][:_NAMES]


def _parameters(header: str) -> list[str]:
    """The names in a header's outermost parentheses, what is nested in them left out."""
    listed = header[header.find("(") : max(header.rfind(")"), 0)]
    found = 1
    while found:
        listed, found = _NESTED.subn("", listed)
    return _PARAMETER.findall(listed)


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.replace("=", ",").split(",") if name.strip()]
