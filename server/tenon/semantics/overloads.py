"""Overloads: of the ways to call one function, those that a call's arguments fit.

Owns how many and which arguments a definition takes. Knows no types beyond what a part is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tenon.semantics.definitions import dotted_decorators
from tenon.semantics.types import (
    Callable,
    ClassObject,
    Function,
    Instance,
    Type,
    TypeVariable,
    parts_of,
)


def generic(each: Type) -> bool:
    """Whether a type variable is free in it."""
    if isinstance(each, TypeVariable):
        return True
    if isinstance(each, Instance | ClassObject):
        items = each.items if isinstance(each, Instance) else ()
        return any(generic(arg) for arg in (*each.args, *items))
    if isinstance(each, Callable):
        return generic(each.returned)
    return any(generic(part) for part in parts_of(each) if part is not each)


def overloads(parts: Sequence[Type]) -> bool:
    """Whether these are ways to call one function."""
    functions = [part for part in parts if isinstance(part, Function)]
    names = {(part.node.name, part.scope) for part in functions}
    return 1 < len(functions) == len(parts) and len(names) == 1


def positional_of(function: Function) -> list[ast.arg]:
    arguments = function.node.args
    found = [*arguments.posonlyargs, *arguments.args]
    static = "staticmethod" in dotted_decorators(function.node)
    return found[1:] if function.receiver is not None and not static else found


def fits(function: Function, node: ast.Call) -> bool:
    if any(isinstance(each, ast.Starred) for each in node.args):
        return True
    if any(each.arg is None for each in node.keywords):
        return True
    arguments = function.node.args
    positional = positional_of(function)
    if len(node.args) > len(positional) and arguments.vararg is None:
        return False
    given = {each.arg for each in node.keywords}
    by_name = {each.arg for each in (*arguments.args, *arguments.kwonlyargs)}
    if given - by_name and arguments.kwarg is None:
        return False
    required = positional[: len(positional) - len(arguments.defaults)]
    if any(each.arg not in given for each in required[len(node.args) :]):
        return False
    return all(
        each.arg in given or default is not None
        for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    )


def pairs(function: Function, call: ast.Call) -> Iterator[tuple[ast.arg, ast.expr]]:
    """Parameters with the arguments they get."""
    arguments = function.node.args
    positional = positional_of(function)
    for index, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            break
        if index < len(positional):
            yield positional[index], argument
        elif arguments.vararg is not None:
            yield arguments.vararg, argument
    named = {each.arg: each for each in (*positional, *arguments.kwonlyargs)}
    for keyword in call.keywords:
        if keyword.arg in named:
            yield named[keyword.arg], keyword.value
