"""Passing: which parameter each argument of a call goes to, and what it asks.

Owns the matching of arguments with the ways to call something. A call is wrong only where every
way refuses one of the arguments; arguments that no way has a place for are not its business.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from tenon.semantics.definitions import default_of, dotted
from tenon.semantics.expected import wanted
from tenon.semantics.parameters import Kind, Parameter, Signature
from tenon.semantics.prover import Prover
from tenon.semantics.scopes import all_arguments
from tenon.semantics.types import (
    NONE,
    Instance,
    Type,
    Unknown,
    parts_of,
    substitute,
    union,
)

_NOTHING: Type = Unknown("nothing is declared here")
_MISTAKEN = frozenset({"codecs", "_codecs"})
"""Modules whose stubs ask for less than what their functions take."""
_WHOLE = {Kind.REST: ("tuple", "list"), Kind.REST_KEYWORDS: ("dict",)}
"""What authors declare of `*args` and `**kwargs` who think of them as a whole."""
Given = tuple[ast.expr, Parameter]
"""An argument, and the parameter it goes to."""


def passed(call: ast.Call, way: Signature) -> list[Given] | None:
    """Each argument with its parameter; None where one has no place in this way to call."""
    found: list[Given] = []
    positional, rest = way.positional, way.rest(Kind.REST)
    for index, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            break
        if index < len(positional):
            found.append((argument, positional[index]))
        elif rest is not None:
            found.append((argument, rest))
        else:
            return None
    names = {parameter.name: parameter for parameter in way.keywords}
    others = way.rest(Kind.REST_KEYWORDS)
    for keyword in call.keywords:
        if keyword.arg is None:
            continue
        parameter = names.get(keyword.arg, others)
        if parameter is None:
            return None
        found.append((keyword.value, parameter))
    return found


def asked(prover: Prover, way: Signature, parameter: Parameter) -> Type:
    """What a parameter takes; None too where that is what it is without an argument."""
    if parameter.annotation is None or parameter.scope is None:
        return _NOTHING
    if parameter.scope.module.name in _MISTAKEN:
        return _NOTHING
    if dotted(parameter.annotation).rpartition(".")[2].lower() in _WHOLE.get(parameter.kind, ()):
        return _NOTHING
    function = way.function
    receiver = function.receiver if function is not None else None
    found = wanted(prover, parameter.annotation, parameter.scope, receiver)
    if function is not None:
        mapping = prover.receiver_mapping(function)
        found = substitute(found, mapping) if mapping else found
        for each in all_arguments(function.node.args):
            default = default_of(function.node.args, each) if each.arg == parameter.name else None
            if isinstance(default, ast.Constant) and default.value is None:
                return union((found, NONE))
    elif any(_is_field_of_its_own(prover, part) for part in parts_of(found)):
        return _NOTHING
    return found


def _is_field_of_its_own(prover: Prover, part: Type) -> bool:
    """Whether a field is declared as what stands for another value: a descriptor, `InitVar`."""
    return isinstance(part, Instance) and (
        part.cls.name == "InitVar"
        or any("__get__" in each.scope.bindings for each, _ in prover.mro(part.cls) or ())
    )


def refused_argument(
    prover: Prover,
    call: ast.Call,
    ways: tuple[Signature, ...],
    settled: Callable[[ast.expr], bool],
    refutes: Callable[[ast.expr, Type, Parameter], bool],
) -> tuple[ast.expr, Signature, Parameter, Type] | None:
    """The argument that is wrong in every way to call, with what the last way asks of it."""
    wrong: list[list[tuple[ast.expr, Signature, Parameter, Type]]] = []
    for way in ways:
        given = passed(call, way)
        if given is None:
            continue
        refused: list[tuple[ast.expr, Signature, Parameter, Type]] = []
        for argument, parameter in given:
            if not settled(argument):
                continue
            expected = asked(prover, way, parameter)
            if not isinstance(expected, Unknown) and refutes(argument, expected, parameter):
                refused.append((argument, way, parameter, expected))
        if not refused:
            return None
        wrong.append(refused)
    if not wrong:
        return None
    everywhere = set.intersection(*({each[0] for each in refused} for refused in wrong))
    for each in wrong[-1]:
        if each[0] in everywhere:
            return each
    return max((each for refused in wrong for each in refused), key=_position)


def _position(each: tuple[ast.expr, Signature, Parameter, Type]) -> tuple[int, int]:
    return each[0].lineno, each[0].col_offset
