"""Mismatch: an expression against what its place expects, part by part.

Owns what may stand for what: arms of conditionals, contents of displays, copies, the literals that
a declaration names. Says which part is wrong, and nothing of whether it can change yet.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tenon.semantics.arguments import Argument, fault
from tenon.semantics.assignable import Assignability
from tenon.semantics.calls import COPIES
from tenon.semantics.contents import contents, declared_keys
from tenon.semantics.inquiry import Place
from tenon.semantics.operators import Operators
from tenon.semantics.parameters import Signature, parameters_of
from tenon.semantics.types import (
    Callable,
    ClassObject,
    Function,
    Instance,
    Type,
    Unknown,
    parts_of,
    union,
)

Wrong = tuple[ast.expr, Type, Type]
"""A part of an expression, what it is, and what is expected of it."""
_DISPLAYS = (
    ast.Tuple, ast.List, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp,
)  # fmt: skip


class Mismatches:
    """Of one statement. `over`: it has ended, and a tuple without brackets can no longer grow."""

    def __init__(
        self, place: Place, assignability: Assignability, operators: Operators, *, over: bool
    ) -> None:
        self._prover = place.prover
        self._assignability = assignability
        self._operators = operators
        self._over = over

    def mismatch(self, node: ast.expr, expected: Type) -> Wrong | None:
        """The part of `node` that is not what is expected, with its type and what is expected."""
        if isinstance(expected, Unknown):
            return None
        if isinstance(node, ast.IfExp):
            return self.mismatch(node.body, expected) or self.mismatch(node.orelse, expected)
        if isinstance(node, ast.BoolOp):
            return self.mismatch(node.values[-1], expected)
        if isinstance(node, ast.NamedExpr):
            return self.mismatch(node.value, expected)
        value = self.value(node)
        if isinstance(value, Unknown):
            return None
        if _asks_type(node) and any(
            isinstance(part, Instance) and self._prover.is_protocol(part.cls)
            for part in parts_of(expected)
        ):
            # Of some class or other it is not known what it has.
            return None
        exact = isinstance(node, (*_DISPLAYS, ast.Lambda))
        if self._assignability.refutes(value, expected, exact=exact):
            return node, value, expected
        if isinstance(node, ast.Lambda) and self._takes_another(node, expected):
            return node, value, expected
        if isinstance(node, ast.Tuple) and not self._may_grow(node):
            if self._miscounted(node, value, expected):
                return node, value, expected
        if isinstance(node, ast.Dict):
            wrong = self._miskeyed(node, value, expected)
            if wrong is not None:
                return wrong
        if self._is_made(node, value):
            others = [part for part in parts_of(expected) if getattr(part, "value", None) is None]
            if not others or self._assignability.refutes(value, union(others)):
                return node, value, expected
        for inner, wanted in contents(self._prover, self._assignability, node, value, expected):
            wrong = self.mismatch(inner, wanted)
            if wrong is not None:
                return wrong
        return self._miscopied(node, value, expected)

    def _miscounted(self, node: ast.Tuple, value: Type, expected: Type) -> bool:
        """Whether every tuple that may stand there has another number of places."""
        if any(isinstance(each, ast.Starred) for each in node.elts):
            return False
        plain = Instance(value.cls) if isinstance(value, Instance) else value
        takers = [
            part for part in parts_of(expected) if not self._assignability.refutes(plain, part)
        ]
        return bool(takers) and all(
            isinstance(part, Instance) and 0 < len(part.items) != len(node.elts) for part in takers
        )

    def _takes_another(self, node: ast.Lambda, expected: Type) -> bool:
        """Whether nothing that may stand there is called with as many arguments as it takes."""
        scope = self._operators.scope_of(node)
        way = Signature(name="the lambda", parameters=parameters_of(node, scope))
        return all(
            isinstance(part, Callable)
            and part.given is not None
            and bool(fault(way, [Argument()] * part.given, whole=True))
            for part in parts_of(expected)
            if not self._assignability.refutes(Callable(Unknown("a lambda")), part, exact=True)
        )

    def _miskeyed(self, node: ast.Dict, value: Type, expected: Type) -> Wrong | None:
        """A key that the expected TypedDict has not; the display, where it lacks one."""
        fields = declared_keys(self._prover, expected)
        if fields is None or not all(isinstance(key, ast.Constant) for key in node.keys):
            return None
        for key in node.keys:
            if isinstance(key, ast.Constant) and key.value not in fields:
                return key, self.value(key), expected
        given = {key.value for key in node.keys if isinstance(key, ast.Constant)}
        lacking = any(each.required and each.name not in given for each in fields.values())
        return (node, value, expected) if lacking else None

    def _miscopied(self, node: ast.expr, value: Type, expected: Type) -> Wrong | None:
        """A copy of something that holds nothing of what the expected container is to hold."""
        if not isinstance(node, ast.Call | ast.BinOp) or not isinstance(value, Instance):
            return None
        takers = [
            part
            for part in parts_of(expected)
            if not self._assignability.refutes(Instance(value.cls), part)
        ]
        if value.args or not all(
            isinstance(part, Instance) and part.cls.name in COPIES and len(part.args) == 1
            for part in takers
        ):
            return None
        held = union(part.args[0] for part in takers if isinstance(part, Instance))
        for inner in self._copied(node):
            if self._assignability.refutes(inner, held):
                return node, value, expected
        return None

    def _copied(self, node: ast.expr) -> Iterator[Type]:
        """What stands in a new container because it stood in others."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            yield from self._copied(node.left)
            yield from self._copied(node.right)
        elif isinstance(node, ast.Call) and len(node.args) == 1:
            made = self._prover.expression(node.func, self._operators.scope_of(node))
            if isinstance(made, ClassObject) and made.cls.name in COPIES:
                yield self._prover.elements(node, self._operators.scope_of(node))
        elif isinstance(node, ast.List | ast.ListComp) and getattr(node, "elts", (node,)):
            yield self._prover.elements(node, self._operators.scope_of(node))

    def _may_grow(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Tuple)
            and not self._over
            and bool(node.elts)
            and node.elts[0].col_offset == node.col_offset
        )

    def value(self, node: ast.expr) -> Type:
        if self._may_grow(node):
            return self._prover.builtin("tuple")
        if isinstance(node, ast.Lambda):
            return Callable(Unknown("a lambda"))
        if _asks_type(node) and isinstance(self._operators.type(node), Unknown):
            # It is some class or other.
            made = self._prover.builtin("object")
            return ClassObject(made.cls) if isinstance(made, Instance) else made
        if isinstance(node, ast.GeneratorExp):
            made = self._prover.typing_class("Generator")
            late = any(each.is_async for each in node.generators)
            return Instance(made) if made and not late else Unknown("it may be asynchronous")
        if isinstance(node, ast.Attribute) and node.attr in ("__name__", "__qualname__"):
            return self._prover.builtin("str")
        return self._operators.type(node)

    def _is_made(self, node: ast.expr, value: Type) -> bool:
        """Whether `node` makes a value that nobody declares to be one of a few literals."""
        if not isinstance(value, Instance) or value.value is not None:
            return False
        if isinstance(node, ast.JoinedStr):
            return any(isinstance(part, ast.FormattedValue) for part in node.values)
        if isinstance(node, ast.BinOp):
            return not isinstance(node.left, ast.Constant | ast.BinOp)
        if isinstance(node, ast.Attribute):
            return node.attr in ("__name__", "__qualname__")
        if not isinstance(node, ast.Call):
            return False
        called = self._prover.expression(node.func, self._operators.scope_of(node))
        return all(
            isinstance(part, ClassObject)
            or (isinstance(part, Function) and part.node.returns is not None)
            for part in parts_of(called)
        )


def _asks_type(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "type"
        and len(node.args) == 1
        and not node.keywords
    )
