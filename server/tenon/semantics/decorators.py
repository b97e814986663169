"""Decorators: what one that a class wears adds to it, where its own text says so.

Owns the proof that a decorator gives back the class that it was given, and which names it sets.
"""

from __future__ import annotations

import ast

from tenon.semantics.index import index_of
from tenon.semantics.prover import Prover
from tenon.semantics.scopes import FunctionNode, Scope, all_arguments, statements
from tenon.semantics.types import Function, Type, parts_of

_CLASSES = frozenset({"type", "Type"})
_LOOKING = frozenset({
    "hasattr", "getattr", "setattr", "isinstance", "issubclass", "callable", "repr", "str", "id",
    "vars", "dir", "print", "type", "super", "delattr",
})  # fmt: skip
"""Functions that set nothing on what they are given but what their arguments say."""
_DEPTH = 3


def added_names(prover: Prover, decorator: ast.expr, scope: Scope) -> frozenset[str] | None:
    """The attributes that a class decorator sets; None where that is not known, or where it may
    put something else in the place of the class."""
    called = isinstance(decorator, ast.Call)
    value = prover.expression(decorator.func if called else decorator, scope)
    nodes = _definitions(value)
    if not any(_gives_back(node, called=called) for node, _ in nodes):
        return None
    return _set_by(prover, nodes, _DEPTH)


def _definitions(value: Type) -> list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, Scope]]:
    """Every definition of a function, its overloads and what they announce; empty for what is no
    plain function."""
    found = []
    for part in parts_of(value):
        if not isinstance(part, Function) or part.receiver is not None:
            return []
        for binding in part.scope.bindings.get(part.node.name, ()):
            if not isinstance(binding.node, FunctionNode):
                return []
            if (binding.node, part.scope) not in found:
                found.append((binding.node, part.scope))
    return found


def _set_by(
    prover: Prover,
    nodes: list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, Scope]],
    depth: int,
) -> frozenset[str] | None:
    found: set[str] = set()
    for node, scope in nodes:
        index = index_of(node)
        if index.set_by_name or index.tricks:
            return None
        found |= index.named.union(*index.writes.values())
        first = next(all_arguments(node.args), None)
        for name, calls in index.calls.items():
            handed = first is not None and any(
                isinstance(each, ast.Name) and each.id == first.arg
                for call in calls
                for each in (*call.args, *(keyword.value for keyword in call.keywords))
            )
            if not handed or name in _LOOKING:
                continue
            inner = _definitions(prover.expression(calls[0].func, scope.child(node)))
            more = _set_by(prover, inner, depth - 1) if inner and depth else None
            if more is None:
                return None
            found |= more
    return frozenset(found)


def _gives_back(node: ast.FunctionDef | ast.AsyncFunctionDef, *, called: bool) -> bool:
    first = next(all_arguments(node.args), None)
    announced = _speaks_of_a_class(node.returns)
    if called:
        return announced and "Callable" in ast.unparse(node.returns or node)
    if first is None:
        return False
    if announced and _speaks_of_a_class(first.annotation):
        return True
    returns = [each for each in statements(node.body) if isinstance(each, ast.Return)]
    return bool(returns) and all(
        isinstance(each.value, ast.Name) and each.value.id == first.arg for each in returns
    )


def _speaks_of_a_class(annotation: ast.expr | None) -> bool:
    """Whether it says that a class is given, by a variable or as it is: `type[T]`."""
    return annotation is not None and any(
        isinstance(each, ast.Subscript)
        and isinstance(each.slice, ast.Name)
        and ast.unparse(each.value).rpartition(".")[2] in _CLASSES
        for each in ast.walk(annotation)
    )
