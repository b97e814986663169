"""A buffer that may be broken, as a syntax tree with a mark where the cursor is.

Owns the repair: what does not parse is cut down, statement by statement, until the rest does.
What was cut is not lost: its identifiers are reported as `loose`, and count as bound anywhere.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from tenon.semantics.index import HOLE, children
from tenon.semantics.outline import Outline
from tenon.semantics.scopes import covers

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_IMPORT = re.compile(r"\s*(?:from|import)\b")
_HEADER = re.compile(
    r"(?:async[ \t]+)?(if|elif|while|for|with|try|except|finally|else|def|class|match|case)\b"
)
_STUBS = {
    "elif": "elif {}:",
    "else": "else:",
    "try": "try:",
    "except": "except {}:",
    "finally": "finally:",
    "while": "while {}:",
    "for": "for _ in {}:",
    "with": "with {}:",
    "def": "def tenon_stub_(_a={}, *_b, **_c):",
    "class": "class tenon_stub_({}):",
    "match": "match {}:",
    "case": "case _ if {}:",
}
_REPAIRS = 8
_SIMPLE_COMPOUND = ("else", "try", "finally")


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffer:
    text: str
    """As the author has it, without the mark."""
    tree: ast.Module
    hole: ast.AST | None
    """The node that carries the mark; None where it was lost in a cut."""
    loose: frozenset[str]
    """Identifiers in what had to be cut."""
    imports_whole: bool
    """No import but one at the cursor had to be cut: what else it would bind is not known."""


def read_buffer(prefix: str, suffix: str, outline: Outline) -> Buffer | None:
    """The tree of `prefix + mark + suffix`, repaired where needed; None where nothing helps."""
    text = prefix + suffix
    marked = prefix + HOLE + suffix
    tree = _parse(marked, outline)
    if tree is not None:
        hole = find_hole(tree, prefix.count("\n") + 1)
        if hole is not None:
            return Buffer(text=text, tree=tree, hole=hole, loose=frozenset(), imports_whole=True)
        # The mark fell into a string or a comment.
        tree = _parse(text, outline)
        if tree is not None:
            return Buffer(text=text, tree=tree, hole=None, loose=frozenset(), imports_whole=True)
    lines = text.split("\n")
    row = prefix.count("\n")
    best: Buffer | None = None
    for first, last in _extents(lines, row, len(prefix) - prefix.rfind("\n") - 1):
        best = _repaired(text, lines, first, last, outline)
        if best is not None:
            return best
    return None


def find_hole(tree: ast.AST, line: int) -> ast.AST | None:
    """The node with the mark, which stands on `line` (1-based) of what was parsed."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            marked = node.id
        elif isinstance(node, ast.Attribute):
            marked = node.attr
        elif isinstance(node, ast.arg | ast.keyword):
            marked = node.arg or ""
        else:
            marked = ""
        if HOLE in marked:
            return node
        for child in children(node):
            if covers(child, line):
                waiting.append(child)
    return None


def _parse(text: str, outline: Outline) -> ast.Module | None:
    try:
        return outline.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _extents(lines: list[str], row: int, column: int) -> list[tuple[int, int]]:
    """Candidate first and last lines of the statement at the cursor, best first."""
    first = row
    depth = 0
    for index in range(row, max(row - 60, -1), -1):
        line = lines[index][:column] if index == row else lines[index]
        code = _without_strings(line)
        depth += sum(code.count(c) for c in ")]}") - sum(code.count(c) for c in "([{")
        if depth < 0:
            first, depth = index, 0
    last = row
    depth = 0
    for index in range(first, min(first + 60, len(lines))):
        code = _without_strings(lines[index])
        depth += sum(code.count(c) for c in "([{") - sum(code.count(c) for c in ")]}")
        if index >= row and depth <= 0 and not lines[index].endswith("\\"):
            last = index
            break
    candidates = [(row, row), (first, last), (first, row), (row, last)]
    return list(dict.fromkeys(candidates))


def _without_strings(line: str) -> str:
    line = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", "''", line)
    return line.partition("#")[0]


def _repaired(
    text: str, lines: list[str], first: int, last: int, outline: Outline
) -> Buffer | None:
    lines = list(lines)
    cut: list[str] = []
    _cut(lines, first, last, HOLE, cut)
    imports_whole = True
    for _ in range(_REPAIRS):
        try:
            tree = outline.parse("\n".join(lines))
        except SyntaxError as error:
            row = (error.lineno or 0) - 1
            if not 0 <= row < len(lines) or first <= row <= last:
                return None
            if lines[row].strip() in ("", "pass"):
                return None
            imports_whole = imports_whole and not _IMPORT.match(lines[row])
            _cut(lines, row, row, "None", cut)
            continue
        except (ValueError, RecursionError, MemoryError):
            return None
        loose = frozenset(word for line in cut for word in _IDENTIFIER.findall(line))
        hole = find_hole(tree, first + 1)
        return Buffer(
            text=text, tree=tree, hole=hole, loose=loose, imports_whole=imports_whole
        )
    return None


def _cut(lines: list[str], first: int, last: int, mark: str, cut: list[str]) -> None:
    """Put a stub with `mark` where lines `first` to `last` stand; line numbers stay."""
    cut.extend(lines[first : last + 1])
    line = lines[first]
    body = line.lstrip(" \t")
    indent = line[: len(line) - len(body)]
    follows = next((other for other in lines[last + 1 : last + 40] if other.strip()), "")
    deeper = len(follows) - len(follows.lstrip(" \t")) > len(indent)
    header = _HEADER.match(body)
    keyword = header.group(1) if header else ""
    if keyword in ("elif", "else", "except", "finally", "try", "case") or deeper:
        stub = _STUBS.get(keyword, "if {}:").format(mark)
        if not deeper:
            stub += " " + mark
    else:
        stub = mark
    if not body and mark == "None":
        return
    lines[first] = indent + stub
    for index in range(first + 1, last + 1):
        lines[index] = ""
