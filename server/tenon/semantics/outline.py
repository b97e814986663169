"""Outline: a buffer's syntax tree put together from pieces that are parsed once.

Owns the cutting of a text into its top-level statements, and of long classes into their
members. While an author types, one piece changes; the nodes of all the others are the very
objects they were, and what was concluded from them alone stays true (`index.once`).
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import OrderedDict

_KEPT = 1_000_000
"""Characters of pieces that are kept."""
_LONG_CLASS = 40
"""Lines from which a class is cut into its members."""
_CONTINUES = re.compile(r"[ \t]*(?:(?:else|elif|except|finally|case)\b|[)\]}#\\]|$)")
_QUOTES = re.compile(r"\"\"\"|'''")
_DEFINITION = re.compile(r"[ \t]*(?:async[ \t]+)?(?:def|class)\b")


class Outline:
    """Parses buffers; keeps the pieces. For one thread."""

    def __init__(self) -> None:
        self._pieces: OrderedDict[tuple[int, str, str], list[ast.stmt]] = OrderedDict()
        self._kept = 0

    def forget(self) -> None:
        """Drop every piece: a document was closed, and which were its own is not known."""
        self._pieces.clear()
        self._kept = 0

    def parse(self, text: str) -> ast.Module:
        """The tree, with the line numbers of `text`. Raises `SyntaxError` like `ast.parse`."""
        lines = text.split("\n")
        body: list[ast.stmt] = []
        try:
            for first, last in _segments(lines, 0, len(lines), ""):
                body.extend(self._piece(lines, first, last, ""))
        except _MisreadError:
            return _parse(text)
        return ast.Module(body=body, type_ignores=[])

    def _piece(self, lines: list[str], first: int, last: int, indent: str) -> list[ast.stmt]:
        text = "\n".join(lines[first:last])
        key = (first, indent, text)
        known = self._pieces.get(key)
        if known is not None:
            self._pieces.move_to_end(key)
            return known
        found = None
        if not indent and last - first >= _LONG_CLASS and lines[first].startswith(("class ", "@")):
            found = self._class(lines, first, last)
        if found is None:
            found = _parse_at(text, first, indent)
        self._pieces[key] = found
        self._kept += len(text)
        while self._kept > _KEPT:
            (_, _, old), _nodes = self._pieces.popitem(last=False)
            self._kept -= len(old)
        return found

    def _class(self, lines: list[str], first: int, last: int) -> list[ast.stmt] | None:
        """A class from its header and its members; None where it is not so simple."""
        start = _body_start(lines, first, last)
        if start is None:
            return None
        indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
        header = "\n".join(lines[first:start])
        try:
            made = _parse_at(f"{header}\n{indent}pass", first, "")
            body: list[ast.stmt] = []
            for low, high in _segments(lines, start, last, indent):
                body.extend(self._piece(lines, low, high, indent))
        except (SyntaxError, _MisreadError):
            return None
        if len(made) != 1 or not isinstance(made[0], ast.ClassDef) or not body:
            return None
        made[0].body = body
        made[0].end_lineno = body[-1].end_lineno
        return made


class _MisreadError(Exception):
    """The text is laid out in a way that the cutting does not understand."""


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _parse_at(text: str, line: int, indent: str) -> list[ast.stmt]:
    """Statements whose first line is `line` (0-based); indented ones stand in a block."""
    if not indent:
        return _parse("\n" * line + text).body
    block = _parse("\n" * (line - 1) + "if 1:\n" + text).body
    if len(block) != 1 or not isinstance(block[0], ast.If):
        raise _MisreadError
    return block[0].body


def _segments(lines: list[str], first: int, last: int, indent: str) -> list[tuple[int, int]]:
    """Where each statement at exactly `indent` begins and ends; decorators stay with theirs."""
    width = len(indent)
    starts: list[int] = []
    quote = ""
    decorated = False
    for row in range(first, last):
        line = lines[row]
        inside = bool(quote)
        if '"""' in line or "'''" in line:
            quote = _quote_after(line, quote)
        if (
            inside
            or not line
            or line[width : width + 1] in ("", " ", "\t")
            or (not line.startswith(indent) or _CONTINUES.match(line))
        ):
            if not inside and line.strip() and not line.startswith(indent):
                if not line.lstrip().startswith(("#", ")", "]", "}")) and indent:
                    raise _MisreadError
            continue
        if not decorated:
            starts.append(row)
        decorated = line[width] == "@" or (decorated and not _DEFINITION.match(line))
    if not starts:
        return [(first, last)] if any(line.strip() for line in lines[first:last]) else []
    starts[0] = first
    return list(zip(starts, [*starts[1:], last], strict=True))


def _quote_after(line: str, quote: str) -> str:
    """The triple quotes that are open after `line`; comments and plain strings are guessed at."""
    for match in _QUOTES.finditer(line):
        if quote:
            if match.group() == quote:
                quote = ""
        elif "#" not in line[: match.start()]:
            quote = match.group()
    return quote


def _body_start(lines: list[str], first: int, last: int) -> int | None:
    """The first line of a class's body that is a statement; None for a body on the header."""
    depth = 0
    headed = False
    for row in range(first, last):
        line = lines[row]
        code = line.partition("#")[0]
        if headed and not depth and line[:1] in (" ", "\t") and line.strip():
            if not line.lstrip().startswith("#"):
                return row
            continue
        headed = headed or line.startswith("class ")
        depth += sum(code.count(c) for c in "([{") - sum(code.count(c) for c in ")]}")
        if headed and not depth and code.strip() and not code.rstrip().endswith((":", "\\")):
            return None
    return None
