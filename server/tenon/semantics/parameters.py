"""Parameters: what one signature takes, read off a definition alone."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum, auto

from tenon.semantics.definitions import default_of
from tenon.semantics.scopes import FunctionNode, Scope
from tenon.semantics.types import Function


class Kind(Enum):
    POSITIONAL = auto()
    """By position only."""
    EITHER = auto()
    REST = auto()
    """`*args`"""
    KEYWORD = auto()
    """By keyword only."""
    REST_KEYWORDS = auto()
    """`**kwargs`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    kind: Kind
    required: bool = False
    annotation: ast.expr | None = None
    scope: Scope | None = None
    """Where the annotation is evaluated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One way to call something. Complete: it takes what its parameters take, and no more."""

    name: str
    """As an author would say it: "run()"."""
    parameters: tuple[Parameter, ...]
    """In order; what is bound already, such as `self`, is left out."""
    function: Function | None = None
    """What defines it, with what it is bound to; None where its parameters are a class's fields."""
    positional: tuple[Parameter, ...] = field(init=False, repr=False, compare=False)
    """What can be given by position, `*args` not counted."""
    keywords: tuple[Parameter, ...] = field(init=False, repr=False, compare=False)
    """What can be given by keyword, `**kwargs` not counted."""

    def __post_init__(self) -> None:
        # Each argument of every candidate is asked for among them.
        by_place, by_name = (Kind.POSITIONAL, Kind.EITHER), (Kind.EITHER, Kind.KEYWORD)
        own = self.parameters
        object.__setattr__(self, "positional", tuple(p for p in own if p.kind in by_place))
        object.__setattr__(self, "keywords", tuple(p for p in own if p.kind in by_name))

    def rest(self, kind: Kind) -> Parameter | None:
        """The parameter of the kind `REST` or `REST_KEYWORDS`, where there is one."""
        return next((p for p in self.parameters if p.kind is kind), None)


def parameters_of(node: FunctionNode | ast.Lambda, scope: Scope) -> tuple[Parameter, ...]:
    """All parameters of a definition that stands in `scope`, in order."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    only = len(arguments.posonlyargs)
    if not only and scope.module.is_stub:
        only = _old_style(positional, method=scope.kind == "class")
    found = [
        _parameter(arguments, each, Kind.POSITIONAL if index < only else Kind.EITHER, scope)
        for index, each in enumerate(positional)
    ]
    if arguments.vararg is not None:
        found.append(_parameter(arguments, arguments.vararg, Kind.REST, scope))
    found += [_parameter(arguments, each, Kind.KEYWORD, scope) for each in arguments.kwonlyargs]
    if arguments.kwarg is not None:
        found.append(_parameter(arguments, arguments.kwarg, Kind.REST_KEYWORDS, scope))
    return tuple(found)


def _parameter(arguments: ast.arguments, each: ast.arg, kind: Kind, scope: Scope) -> Parameter:
    required = kind not in (Kind.REST, Kind.REST_KEYWORDS) and default_of(arguments, each) is None
    return Parameter(
        name=each.arg, kind=kind, required=required, annotation=each.annotation, scope=scope
    )


def _old_style(positional: list[ast.arg], *, method: bool) -> int:
    """How many are positional only because their names begin with two underscores (PEP 484)."""
    count = 0
    for index, each in enumerate(positional):
        if each.arg.startswith("__") and not each.arg.endswith("__"):
            count = index + 1
        elif not (method and index == 0):
            break
    return count
