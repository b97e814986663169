"""What the buffer around the cursor says about receivers: reads, writes, guards.

Owns the author's own text as a witness. What is read or written there exists, and what is
guarded (`isinstance`, `hasattr`, `except AttributeError` …) is not what it was declared as.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from tenon.semantics.index import Index, children, index_of
from tenon.semantics.scopes import covers
from tenon.semantics.sources import Module

_PART_END = re.compile(r"[.(\[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Of the top-level definition or statement that the cursor is in."""

    index: Index
    expected: frozenset[str]
    """Exceptions that are caught round the cursor."""

    def guarded(self, receiver: str) -> str:
        """The part of `receiver` that a guard asks about; "" where none does."""
        for end in [match.start() for match in _PART_END.finditer(receiver)] + [len(receiver)]:
            if receiver[:end] in self.index.guards:
                return receiver[:end]
        return ""


def surroundings(module: Module, line: int) -> Surroundings:
    """What stands around `line` (1-based)."""
    tops = [node for node in module.tree.body if covers(node, line)]
    index = Index()
    for top in tops:
        index.add(index_of(top))
    expected: set[str] = set()
    waiting: list[ast.AST] = list(tops)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Try | ast.TryStar):
            if node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0):
                for handler in node.handlers:
                    if handler.type is not None:
                        expected |= _names(handler.type)
        elif isinstance(node, ast.With):
            # contextlib.suppress(AttributeError)
            for item in node.items:
                if isinstance(item.context_expr, ast.Call):
                    for argument in item.context_expr.args:
                        expected |= {name for name in _names(argument) if name.endswith("Error")}
        waiting.extend(
            child
            for child in children(node)
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
            and covers(child, line)
        )
    return Surroundings(index=index, expected=frozenset(expected))


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
