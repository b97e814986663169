"""Order: what of the buffer cannot have run when the statement at the cursor runs first.

Owns one question about the text round the hole; follows no flow beyond it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from tenon.semantics.index import children
from tenon.semantics.scopes import FunctionNode, Scope, covers, holds, own_expressions, statements


def awaiting(
    tops: Iterable[ast.stmt], hole: ast.AST | None, scope: Scope
) -> frozenset[ast.AST]:
    """What binds or changes names in `scope`, that of the cursor, and runs only when the statement
    that holds `hole` has been evaluated: itself, and what stands in the block that it opens. What
    such a name is there at first, it is without them. By the nodes that explain the bindings."""
    line = getattr(hole, "lineno", None)
    if hole is None or line is None:
        return frozenset()
    waiting: list[ast.AST] = [top for top in tops if covers(top, line)]
    while waiting:
        statement = waiting.pop()
        if any(holds(each, hole) for each in _evaluated(statement)):
            inner = [statement, *statements(getattr(statement, "body", ()))]
            found = {each for each in inner if isinstance(each, ast.AugAssign)}
            if scope.kind == "function":
                # What a module binds, other modules may bind too.
                found |= {
                    each.value
                    for each in inner
                    if isinstance(each, ast.Assign) and all(map(_is_name, each.targets))
                }
            return frozenset(found)
        waiting.extend(
            child
            for child in children(statement)
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
            and covers(child, line)
        )
    return frozenset()


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def _evaluated(statement: ast.AST) -> Iterable[ast.AST]:
    if isinstance(statement, ast.With | ast.AsyncWith):
        return statement.items
    if not isinstance(statement, ast.stmt) or isinstance(statement, FunctionNode | ast.ClassDef):
        return ()
    return own_expressions(statement)
