"""Expected: the type that a place of a statement asks for, where it is declared.

Owns the ways in which Python code says what it wants: annotations of variables, attributes,
parameters and results. What the author does not declare is expected of no one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tenon.semantics.definitions import default_of, dotted, may_be_remade, yields
from tenon.semantics.inquiry import Place
from tenon.semantics.prover import Prover
from tenon.semantics.scopes import FunctionNode, Scope, holds
from tenon.semantics.types import (
    NONE,
    ClassObject,
    Function,
    Instance,
    Type,
    Unknown,
    parts_of,
    union,
)
from tenon.semantics.witness import definitions_at

_NOTHING: Type = Unknown("nothing is declared here")
_YIELDING = frozenset({"Generator", "Iterator", "Iterable", "AsyncGenerator", "AsyncIterator",
    "AsyncIterable"})  # fmt: skip


_PLAIN = frozenset({"builtins", "typing"})
"""Modules whose classes are no marks for a missing value."""
_MADE = (ast.Compare, ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.Lambda)
"""Expressions that make a value of their own, and are no mark for a missing one."""


_READING = (ast.Name, ast.Attribute, ast.Subscript, ast.Compare, ast.BinOp)
"""Expressions that only read, and do not call what might never return."""


class Absent(ast.Constant):
    """The None that comes of a `return` or a `yield` that gives nothing. It has no end of its own:
    as long as the statement goes on, a value may follow."""


@dataclass(frozen=True, slots=True)
class Demand:
    """An expression, and what its place asks of it."""

    node: ast.expr
    expected: Type
    whose: str
    """Who asks, to be put before the type: "'greet' returns"."""
    strict: bool = True
    """Whether a number may not stand where a truth value is declared."""
    passed: bool = False
    """Whether it is an argument, or the default of one: `...` stands for neither."""
    asker: ast.expr | None = None
    """What makes it asked for, where it stands in the same statement: an annotation, a target."""


def wanted(prover: Prover, node: ast.expr, scope: Scope, receiver: Type | None = None) -> Type:
    """What an annotation lets stand in its place; a class object where a class is meant."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return union(wanted(prover, side, scope, receiver) for side in (node.left, node.right))
    if isinstance(node, ast.Subscript):
        special = prover.special(node.value, scope)
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if special in ("Optional", "Union"):
            found = union(wanted(prover, item, scope, receiver) for item in items)
            return union((found, NONE)) if special == "Optional" else found
        if special == "Type" or dotted(node.value) == "type":
            return _classes(prover.annotation(items[0], scope, receiver=receiver))
    if prover.special(node, scope) == "Type" or dotted(node) == "type":
        return prover.builtin("type")
    return prover.annotation(node, scope, receiver=receiver)


def _classes(found: Type) -> Type:
    """The class objects of what may be an instance of `found`."""
    return union(
        ClassObject(part.cls) if isinstance(part, Instance) else _NOTHING
        for part in parts_of(found)
    )


class Expectations:
    """What is declared around one place."""

    def __init__(self, place: Place, *, generator: bool = False) -> None:
        """`generator`: the function round the place yields, though the buffer does not say so."""
        self._place = place
        self._generator = generator
        self._prover = place.prover

    def of(self, statement: ast.stmt) -> Iterator[Demand]:
        """What `statement`, said at the place, asks of the expressions it is made of."""
        if isinstance(statement, ast.Return):
            yield from self._returned(statement.value or _absent(statement))
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            yield from self._annotated(statement)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                for demand in self._assigned(target, statement.value):
                    yield replace(demand, asker=target)
        elif isinstance(statement, FunctionNode):
            yield from self._defaults(statement)

    def left(self, statement: ast.stmt, before: Iterable[ast.stmt | None]) -> Iterator[Demand]:
        """What the function asks of its end, where `statement`, behind those `before` it, is the
        last of its body and none of them is a way out."""
        around, hole = self.function(), self._place.hole
        behind = [each for each in before if not isinstance(each, FunctionNode)]
        if around is None or hole is None or not all(map(_goes_on, (*behind, statement))):
            return
        body = [each for each in around[0].body if not _is_text(each)]
        alone = len(body) == 1 and not hasattr(body[0], "body") and not hasattr(body[0], "cases")
        if alone and holds(body[0], hole):
            yield from self._returned(_absent(statement))

    def function(self) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, Scope] | None:
        """The function that the place is in, and the scope it is defined in."""
        scope: Scope | None = self._place.scope
        while scope is not None and scope.kind == "comprehension":
            scope = scope.parent
        if scope is None or scope.parent is None or not isinstance(scope.node, FunctionNode):
            return None
        return scope.node, scope.parent

    def returned(self) -> tuple[Type, str] | None:
        """What a call of the function round the place gives, and who says so; None where nothing
        is declared, or a decorator may make something else of it."""
        around = self.function()
        if around is None or around[0].returns is None:
            return None
        function, scope = around
        if may_be_remade(function):
            return None
        demand = self._demand(function.returns, function.returns, scope, f"'{function.name}'")
        return demand.expected, demand.whose

    def yielded(self, node: ast.Yield | ast.YieldFrom) -> Iterator[Demand]:
        """What the function wants its `yield` to give; of `yield from`, each time."""
        around = self.function()
        if around is None:
            return
        function, scope = around
        declared = function.returns
        if not isinstance(declared, ast.Subscript) or _name_of(declared) not in _YIELDING:
            return
        items = declared.slice
        item = items.elts[0] if isinstance(items, ast.Tuple) and items.elts else items
        value = node.value or _absent(node)
        yield self._demand(value, item, scope, f"'{function.name}' yields")

    def _demand(
        self, node: ast.expr, annotation: ast.expr, scope: Scope, whose: str, *, none: bool = False
    ) -> Demand:
        owner = scope.node if scope.kind == "class" else None
        receiver = Instance(self._prover.class_info(owner, scope.parent)) if owner else None
        expected = wanted(self._prover, annotation, scope, receiver)
        if none:
            expected = union((expected, NONE))
        return Demand(node, expected, whose)

    def _returned(self, value: ast.expr) -> Iterator[Demand]:
        around = self.function()
        if around is None:
            return
        function, scope = around
        if function.returns is None or self._generator or yields(function):
            return
        if _name_of(function.returns) in _YIELDING and isinstance(value, ast.Constant):
            # The `yield` that makes it a generator may be yet to come.
            return
        yield self._demand(value, function.returns, scope, f"'{function.name}' returns")

    def _annotated(self, node: ast.AnnAssign) -> Iterator[Demand]:
        assert node.value is not None
        name = ast.unparse(node.target)
        scope = self._place.scope
        if scope.kind == "class" and not _is_literal(node.value):
            # Fields: what makes them knows more than their type.
            return
        none = scope.kind == "class"
        demand = self._demand(node.value, node.annotation, scope, f"'{name}' is", none=none)
        yield replace(demand, asker=node.annotation)

    def _assigned(self, target: ast.expr, value: ast.expr) -> Iterator[Demand]:
        if isinstance(target, ast.Name):
            scope = self._place.scope
            if scope.kind == "comprehension":
                return
            for binding in scope.bindings.get(target.id, ()):
                node = binding.node
                if binding.kind == "annotated" and isinstance(node, ast.AnnAssign):
                    yield self._demand(value, node.annotation, scope, f"'{target.id}' is")
                    return
                if binding.kind == "param" and isinstance(node, ast.arg):
                    yield from self._parameter(node, value)
                    return
        elif isinstance(target, ast.Attribute):
            yield from self._stored(target, value)

    def _parameter(self, node: ast.arg, value: ast.expr) -> Iterator[Demand]:
        """What a parameter that is set anew was declared as; with `*` it is something else."""
        scope = self._place.scope
        if node.annotation is None or scope.parent is None or scope.kind != "function":
            return
        arguments = scope.node.args  # type: ignore[attr-defined]
        if node is not arguments.vararg and node is not arguments.kwarg:
            default = default_of(arguments, node)
            none = isinstance(default, ast.Constant) and default.value is None
            whose = f"'{node.arg}' is"
            yield self._demand(value, node.annotation, scope.parent, whose, none=none)

    def _stored(self, target: ast.Attribute, value: ast.expr) -> Iterator[Demand]:
        owner = self._prover.expression(target.value, self._place.scope)
        if not isinstance(owner, Instance):
            return
        for cls, _ in self._prover.mro(owner.cls) or ():
            if cls.module.is_stub:
                return
            stored = self._prover.stores(cls).get(target.attr, ())
            declared = [
                (binding.node, cls.scope)
                for binding in cls.scope.bindings.get(target.attr, ())
                if binding.kind == "annotated"
            ] + [each for each in stored if isinstance(each[0], ast.AnnAssign)]
            for node, scope in declared:
                assert isinstance(node, ast.AnnAssign)
                whose = f"'{ast.unparse(target)}' is"
                demand = self._demand(value, node.annotation, scope, whose)
                if not any(self._is_descriptor(part) for part in parts_of(demand.expected)):
                    yield demand
                return
            if stored or target.attr in cls.scope.bindings:
                return

    def _is_descriptor(self, part: Type) -> bool:
        return isinstance(part, Instance) and any(
            name in each.scope.bindings
            for each, _ in self._prover.mro(part.cls) or ()
            for name in ("__get__", "__set__")
        )

    def _defaults(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Demand]:
        arguments = node.args
        places = [*arguments.posonlyargs, *arguments.args]
        given = list(zip(reversed(places), reversed(arguments.defaults), strict=False))
        given += [
            (argument, default)
            for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        ]
        for argument, default in given:
            if argument.annotation is not None and self._is_plain(default):
                whose = f"'{node.name}' takes {argument.arg}:"
                scope = self._place.scope
                none = self._implies_none(argument.annotation)
                demand = self._demand(default, argument.annotation, scope, whose, none=none)
                yield replace(demand, asker=argument.annotation, passed=self._has_body())

    def _has_body(self) -> bool:
        """Whether the function whose header the place is in does something with what it is
        given."""
        for definition in definitions_at(self._place):
            return not getattr(definition, "decorator_list", ()) and not all(
                isinstance(each, ast.Pass | ast.Raise) or _is_text(each)
                for each in getattr(definition, "body", ())
            )
        return False

    def _implies_none(self, annotation: ast.expr) -> bool:
        """Whether None may be the default though no more than the type is declared: who does so
        has done it before, and not of Python's own types alone."""
        scope = self._place.scope
        plain = self._prover.expression(annotation, scope)
        return not (
            isinstance(plain, ClassObject)
            and plain.cls.module.name == "builtins"
            and not any(section.implies_none for section in scope.module.sections)
        )

    def _is_plain(self, default: ast.expr) -> bool:
        """Whether a default is a value, and no mark that says that none was given."""
        if _is_literal(default) or isinstance(default, _MADE):
            return True
        if isinstance(default, ast.Call):
            # What one of Python's own classes makes; an `object()` may well be a mark.
            return isinstance(default.func, ast.Name) and self._is_plain(default.func)
        return isinstance(default, ast.Name | ast.Attribute) and all(
            isinstance(part, Function)
            or (isinstance(part, ClassObject) and part.cls.module.name in _PLAIN)
            for part in parts_of(self._prover.expression(default, self._place.scope))
        )


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _goes_on(statement: ast.stmt | None) -> bool:
    """Whether what stands behind the statement is reached: what is called may raise, and what says
    nothing stands for a body that is yet to be written."""
    if isinstance(statement, ast.Expr):
        value = statement.value
        if isinstance(value, ast.Constant):
            return isinstance(value.value, int | float)
        return isinstance(value, _READING) and "NotImplemented" not in dotted(value)
    return isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign)


def _absent(statement: ast.stmt | ast.expr) -> Absent:
    return ast.copy_location(Absent(value=None), statement)


def _name_of(annotation: ast.expr) -> str:
    """The bare name of an annotation, whatever it was imported from and is given."""
    plain = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return dotted(plain).rpartition(".")[2]


def _is_literal(node: ast.expr) -> bool:
    return isinstance(
        node, ast.Constant | ast.JoinedStr | ast.List | ast.Dict | ast.Tuple | ast.Set
    )
