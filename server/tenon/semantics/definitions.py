"""Definitions: decorators, defaults, and what methods set, read off a node alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import partial

from tenon.semantics.index import children, once
from tenon.semantics.scopes import FunctionNode, Scope, all_arguments

PLAIN_DECORATORS = frozenset({"staticmethod", "classmethod", "abstractmethod", "overload",
    "override", "final", "deprecated", "abc.abstractmethod", "typing.overload", "t.overload",
    "typing.final", "t.final", "type_check_only", "typing.override", "typing_extensions.override",
    "abstractclassmethod", "functools.wraps"})  # fmt: skip
PROPERTIES = frozenset({"property", "cached_property", "functools.cached_property",
    "abstractproperty", "abc.abstractproperty", "types.DynamicClassAttribute",
    "DynamicClassAttribute", "_magic_enum_property"})  # fmt: skip


def default_of(arguments: ast.arguments, argument: ast.arg) -> ast.expr | None:
    positional = [*arguments.posonlyargs, *arguments.args]
    if argument in positional:
        index = positional.index(argument) - (len(positional) - len(arguments.defaults))
        return arguments.defaults[index] if index >= 0 else None
    if argument in arguments.kwonlyargs:
        return arguments.kw_defaults[arguments.kwonlyargs.index(argument)]
    return None


def dotted_decorators(node: ast.AST) -> list[str]:
    found = []
    for decorator in getattr(node, "decorator_list", ()):
        found.append(dotted(decorator.func if isinstance(decorator, ast.Call) else decorator))
    return found


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def sets(target: ast.AST, name: str) -> bool:
    return isinstance(target, ast.Attribute) and target.attr == name


def stores_in_class(node: ast.ClassDef, body: Scope) -> dict[str, list[tuple[ast.stmt, Scope]]]:
    """Statements of the class's own methods that set `self.<name>`, each with its scope."""
    found: dict[str, list[tuple[ast.stmt, Scope]]] = {}
    for method in node.body:
        for name, statement, path in once(method, "stores", partial(_stores_in, method)):
            scope = body
            for function in path:
                scope = scope.child(function)
            found.setdefault(name, []).append((statement, scope))
    return found


def _stores_in(root: ast.stmt) -> list[tuple[str, ast.stmt, tuple[ast.AST, ...]]]:
    """What a statement of a class's body sets on `self`: name, statement, functions around it."""
    found: list[tuple[str, ast.stmt, tuple[ast.AST, ...]]] = []
    start = (root, (), frozenset({"self", "cls"}))
    waiting: list[tuple[ast.AST, tuple[ast.AST, ...], frozenset[str]]] = [start]
    while waiting:
        node, path, names = waiting.pop()
        if isinstance(node, ast.ClassDef):
            continue
        if isinstance(node, FunctionNode):
            path = (*path, node)
            first = next(all_arguments(node.args), None)
            if first is not None:
                names |= {first.arg}
        elif isinstance(node, ast.stmt):
            for target in _targets(node):
                if isinstance(target.value, ast.Name) and target.value.id in names:
                    found.append((target.attr, node, path))
        waiting.extend(
            (child, path, names)
            for child in children(node)
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
        )
    return found


def _targets(statement: ast.stmt) -> Iterable[ast.Attribute]:
    """Attributes that `statement` itself sets or deletes."""
    places: list[ast.AST] = []
    for name in ("targets", "target", "items"):
        value = getattr(statement, name, None)
        if isinstance(value, list):
            places += [getattr(item, "optional_vars", item) for item in value]
        elif value is not None:
            places.append(value)
    for place in places:
        if place is not None:
            for node in ast.walk(place):
                if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                    yield node
