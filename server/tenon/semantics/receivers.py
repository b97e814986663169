"""What the buffer around the cursor says about receivers: reads, writes, guards.

Owns the author's own text as a witness. What is read or written there exists, and what is
guarded (`isinstance`, `hasattr`, `except AttributeError` …) is not what it was declared as.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from tenon.semantics.index import Index, children, index_of
from tenon.semantics.scopes import FunctionNode, Scope, covers

_NO_CONDITIONS = frozenset({"__name__", "TYPE_CHECKING"})
_MEANT_TO_FAIL = re.compile(r"\b(?:assertRaises\w*|raises)\s*\(")
"""A call whose arguments are meant to go wrong."""
_PART_END = re.compile(r"[.(\[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Of the top-level definition or statement that the cursor is in."""

    index: Index
    near: Index
    """Of the function alone that the cursor is in, for what has a meaning only there."""
    expected: frozenset[str]
    """Exceptions that are caught round the cursor."""
    conditional: bool
    """Whether the cursor stands in a block that runs under some condition, or where a failure is
    met. Being the program, or being checked for types, is no condition."""
    tops: tuple[ast.stmt, ...]
    """The definition or statement itself."""

    def expects(self, error: str, statement: str = "") -> bool:
        """Whether the author has `error` met on purpose, round the cursor or in `statement`."""
        return error in self.expected or _MEANT_TO_FAIL.search(statement) is not None

    def about(self, receiver: str, scope: Scope) -> Index:
        """Where `receiver` is spoken of: a variable of the function nowhere else."""
        root = _PART_END.split(receiver, maxsplit=1)[0]
        if root in ("self", "cls"):
            return self.index
        for each in scope.chain():
            if root in each.bindings:
                return self.index if each.kind in ("module", "class") else self.near
        return self.index

    def guarded(self, receiver: str) -> str:
        """The part of `receiver` that a guard asks about; "" where none does."""
        for end in [match.start() for match in _PART_END.finditer(receiver)] + [len(receiver)]:
            if receiver[:end] in self.index.guards:
                return receiver[:end]
        return ""


def surroundings(nearby: list[ast.stmt], line: int) -> Surroundings:
    """What stands around `line`, among the module's statements that may reach over it and that
    count lines as it does."""
    tops = [node for node in nearby if covers(node, line)]
    index = Index()
    for top in tops:
        index.add(index_of(top))
    near: Index | None = None
    expected: set[str] = set()
    conditional = False
    waiting: list[ast.AST] = list(tops)
    while waiting:
        node = waiting.pop()
        if near is None and isinstance(node, FunctionNode):
            near = index_of(node)
        if isinstance(node, ast.If) and not _words(node.test) & _NO_CONDITIONS:
            conditional = True
        if isinstance(node, ast.Try | ast.TryStar):
            conditional = True
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
    return Surroundings(
        index=index,
        near=near or index,
        expected=frozenset(expected),
        conditional=conditional,
        tops=tuple(tops),
    )


def _words(node: ast.AST) -> set[str]:
    return _names(node) | {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
