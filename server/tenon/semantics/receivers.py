"""What the buffer around the cursor says about receivers: reads, writes, guards.

Owns the author's own text as a witness. What is read or written there exists, and what is
guarded (`isinstance`, `hasattr`, `except AttributeError` …) is not what it was declared as.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from tenon.semantics.buffer import HOLE
from tenon.semantics.scopes import covers
from tenon.semantics.sources import Module

_NARROWING = re.compile(
    r"^(?:isinstance|issubclass|hasattr|getattr|setattr|delattr|callable|vars|is_?\w+|has_?\w+"
    r"|_is_?\w+|_has_?\w+|type)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Of the top-level definition or statement that the cursor is in."""

    reads: dict[str, set[str]]
    """Attributes read, by receiver text; in the order of their nearness to nothing."""
    written: dict[str, frozenset[str]]
    """Attributes set or deleted, by receiver text."""
    named: frozenset[str]
    """Attributes named as strings: `hasattr(x, "name")`."""
    guards: frozenset[str]
    """Receivers whose type is asked about."""
    expected: frozenset[str]
    """Exceptions that are caught round the cursor."""
    roots: frozenset[str]

    def guarded(self, receiver: str) -> str:
        """The part of `receiver` that a guard asks about; "" where none does."""
        for end in [match.start() for match in re.finditer(r"[.(\[]", receiver)] + [len(receiver)]:
            if receiver[:end] in self.guards:
                return receiver[:end]
        return ""


def surroundings(module: Module, line: int) -> Surroundings:
    reads: dict[str, set[str]] = {}
    written: dict[str, set[str]] = {}
    named: set[str] = set()
    guards: set[str] = set()
    expected: set[str] = set()
    roots: set[str] = set()
    tops = [node for node in module.tree.body if covers(node, line)]
    for node in (inner for top in tops for inner in ast.walk(top)):
        if isinstance(node, ast.Attribute):
            text = receiver_text(node.value)
            if text and HOLE not in node.attr:
                if isinstance(node.ctx, ast.Load):
                    reads.setdefault(text, set()).add(node.attr)
                else:
                    written.setdefault(text, set()).add(node.attr)
        elif isinstance(node, ast.Name):
            roots.add(node.id)
        elif isinstance(node, ast.Call):
            _call(node, guards, named)
        elif isinstance(node, ast.Match):
            text = receiver_text(node.subject)
            if text:
                guards.add(text)
        elif isinstance(node, ast.Try | ast.TryStar):
            if node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0):
                for handler in node.handlers:
                    if handler.type is not None:
                        expected |= {
                            inner.id for inner in ast.walk(handler.type) if isinstance(inner, ast.Name)
                        }
        elif isinstance(node, ast.With):
            # contextlib.suppress(AttributeError)
            for item in node.items:
                if isinstance(item.context_expr, ast.Call) and covers(node, line):
                    expected |= {
                        inner.id
                        for argument in item.context_expr.args
                        for inner in ast.walk(argument)
                        if isinstance(inner, ast.Name) and inner.id.endswith("Error")
                    }
    return Surroundings(
        reads=reads,
        written={text: frozenset(names) for text, names in written.items()},
        named=frozenset(named),
        guards=frozenset(guards),
        expected=frozenset(expected),
        roots=frozenset(roots),
    )


def _call(node: ast.Call, guards: set[str], named: set[str]) -> None:
    function = node.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    if not node.args or not _NARROWING.match(name):
        return
    text = receiver_text(node.args[0])
    literal = node.args[1] if len(node.args) > 1 else None
    if name in ("hasattr", "getattr", "setattr", "delattr") and isinstance(literal, ast.Constant):
        named.add(str(literal.value))
        if text == "self":
            return
    if text == "self" and name in ("getattr", "type", "vars"):
        return
    if text:
        guards.add(text)


def receiver_text(node: ast.AST) -> str:
    """`a.b`, `f()`, `x[]`; "" for what has no such text. Arguments are left out."""
    if isinstance(node, ast.Name):
        return "" if HOLE in node.id else node.id
    if isinstance(node, ast.Attribute):
        inner = receiver_text(node.value)
        return f"{inner}.{node.attr}" if inner and HOLE not in node.attr else ""
    if isinstance(node, ast.Call):
        inner = receiver_text(node.func)
        return f"{inner}()" if inner else ""
    if isinstance(node, ast.Subscript):
        inner = receiver_text(node.value)
        return f"{inner}[]" if inner and not isinstance(node.slice, ast.Slice) else ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return "''"
    return ""
