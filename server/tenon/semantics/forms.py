"""Forms: annotations that are no types, by their shape or because a class takes no arguments.

Owns what may not be written where a type is declared. A call, a name, a string may all make a type
somewhere; only what never does is complained of.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tenon.semantics.operators import Complaint
from tenon.semantics.prover import Prover
from tenon.semantics.scopes import FunctionNode, Scope, all_arguments
from tenon.semantics.types import ClassInfo, ClassObject

_OPEN = frozenset({"Literal", "Annotated"})
"""Forms that take values of any kind."""


def annotations_of(statement: ast.stmt) -> Iterator[ast.expr]:
    """The annotations that `statement` itself makes."""
    if isinstance(statement, ast.AnnAssign):
        yield statement.annotation
    elif isinstance(statement, FunctionNode):
        for argument in all_arguments(statement.args):
            if argument.annotation is not None:
                yield argument.annotation
        if statement.returns is not None:
            yield statement.returns


def misformed(prover: Prover, node: ast.expr, scope: Scope) -> Iterator[Complaint]:
    """What in the annotation `node` cannot be a type."""
    if isinstance(node, ast.Compare | ast.BoolOp | ast.Lambda | ast.Dict | ast.JoinedStr):
        yield node, "a type is declared here, and this makes a value"
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
        yield node, f"{node.value!r} is a value, and no type"
    elif isinstance(node, ast.BinOp):
        yield from misformed(prover, node.left, scope)
        yield from misformed(prover, node.right, scope)
    elif isinstance(node, ast.Subscript) and prover.special(node.value, scope) not in _OPEN:
        found = prover.expression(node.value, scope)
        if isinstance(found, ClassObject) and _takes_nothing(prover, found.cls):
            yield node, f"{found.cls.name} takes no type arguments"
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for item in items:
            if isinstance(item, ast.Compare | ast.BoolOp):
                yield item, "a type is declared here, and this makes a value"


def _takes_nothing(prover: Prover, cls: ClassInfo) -> bool:
    """Whether nothing makes the class generic, nor lets it be subscripted some other way."""
    mro = prover.mro(cls)
    return (
        cls.full_name != "builtins.type"
        and mro is not None
        and all(
            not each.node.keywords
            and not getattr(each.node, "type_params", ())
            and not any(isinstance(base, ast.Subscript) for base in each.node.bases)
            and "__class_getitem__" not in each.scope.bindings
            and (each.module.is_stub or not each.node.decorator_list)
            for each, _ in mro
        )
    )
