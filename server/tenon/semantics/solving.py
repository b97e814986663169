"""Solving: what the arguments of a call say about the definition that is called.

Owns the choice among overloads by the types of arguments, and what type variables mean there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import partial

from tenon.semantics.definitions import dotted
from tenon.semantics.index import children, once
from tenon.semantics.inference import Inference
from tenon.semantics.overloads import fits, pairs
from tenon.semantics.scopes import COMPREHENSIONS, FunctionNode, Scope
from tenon.semantics.types import (
    ClassInfo,
    ClassObject,
    Function,
    Instance,
    NoneValue,
    Type,
    TypeVariable,
    Unknown,
    grounded,
    parts_of,
    plain,
    substitute,
    union,
)


class Solving(Inference):
    """Overloads and type variables."""

    def chosen(
        self, functions: list[Function], node: ast.Call, scope: Scope
    ) -> list[Function]:
        """The overloads that may be meant: up to the first that is meant for certain."""
        found: list[Function] = []
        for function in sorted(functions, key=lambda each: each.node.lineno):
            applies = self._applies(function, node, scope) if fits(function, node) else False
            if applies is not False:
                found.append(function)
            if applies:
                break
        return found or functions

    def _applies(self, function: Function, node: ast.Call, scope: Scope) -> bool | None:
        """Whether the arguments are of the declared types; None where that is not certain."""
        certain: bool | None = True
        for parameter, argument in pairs(function, node):
            declared: Type = Unknown("it is not declared")
            given = self.expression(argument, scope)
            if parameter.annotation is not None:
                if self._fits_whatever(parameter.annotation, given, function.scope):
                    continue
                declared = self.annotation(parameter.annotation, function.scope)
            for part in parts_of(given):
                taken = self.takes(declared, part)
                if taken is False:
                    return False
                certain = certain and taken
        if any(isinstance(each, ast.Starred) for each in node.args):
            return None
        return None if any(each.arg is None for each in node.keywords) else certain

    def _fits_whatever(self, node: ast.expr, given: Type, home: Scope) -> bool:
        """Whether the annotation lets stand anything at all, or any class, where one is given."""
        if isinstance(node, ast.Subscript):
            of_classes = dotted(node.value) == "type" or self.special(node.value, home) == "Type"
            return (
                of_classes
                and isinstance(given, ClassObject)
                and isinstance(self.annotation(node.slice, home), TypeVariable)
            )
        if self.special(node, home) == "Any":
            return True
        return dotted(node) == "object" and home.module.is_stub

    def takes(self, declared: Type, given: Type) -> bool | None:
        """Whether one of the declared types is what is given; None where it may be."""
        if isinstance(given, Unknown):
            return None
        found: bool | None = False
        for part in parts_of(declared):
            if isinstance(part, TypeVariable) and part.bounded:
                found = None
                continue
            if isinstance(part, NoneValue | TypeVariable) and (
                isinstance(part, TypeVariable) or isinstance(given, NoneValue)
            ):
                return True
            if isinstance(part, NoneValue):
                continue
            if not isinstance(part, Instance) or self.is_protocol(part.cls):
                found = None
            elif isinstance(given, Instance):
                if any(each is part.cls for each, _ in self.mro(given.cls) or ()):
                    if part.value is None or part.value == given.value:
                        return True
                    if given.value is None:
                        found = None
                elif self.mro(given.cls) is None:
                    found = None
        return found

    def passed_on(self, function: ast.Lambda, node: ast.arg, scope: Scope) -> Type:
        """What a lambda gets for its parameter from the call that it is an argument of."""
        unknown = Unknown(f"the parameter '{node.arg}' is not annotated")
        around = scope.parent
        if around is None or node not in function.args.args or function.args.defaults:
            return unknown
        call = once(around.node, "lambdas", partial(_calls_with_lambdas, around.node)).get(function)
        if call is None:
            return unknown
        place = function.args.args.index(node)
        found: list[Type] = []
        for way in self._ways(self.expression(call.func, around)):
            if way is None:
                return unknown
            if fits(way, call):
                given = self._given_to(way, call, function, place, around)
                if given is not None:
                    found.append(given)
        return union(found) if found else unknown

    @staticmethod
    def _ways(called: Type) -> Iterable[Function | None]:
        """The functions that run when `called` is called; None where one is not known."""
        for part in parts_of(called):
            if isinstance(part, ClassObject):
                makers = [
                    binding.node
                    for name in ("__new__", "__init__")
                    for binding in part.cls.scope.bindings.get(name, ())
                ]
                for node in makers or [None]:
                    known = isinstance(node, FunctionNode)
                    yield Function(node, part.cls.scope, part) if known else None
            else:
                yield part if isinstance(part, Function) else None

    def _given_to(
        self, way: Function, call: ast.Call, function: ast.Lambda, place: int, scope: Scope
    ) -> Type | None:
        """What `way` gives the lambda at `place`; None where it takes no function there."""
        unknown = Unknown("what the function is given is not declared")
        declared = next(
            (each.annotation for each, given in pairs(way, call) if given is function), None
        )
        if isinstance(declared, ast.Constant) and declared.value is None:
            return None
        for side in _united(declared):
            if not isinstance(side, ast.Subscript):
                continue
            if self.special(side.value, way.scope) != "Callable":
                continue
            taken = side.slice.elts[0] if isinstance(side.slice, ast.Tuple) else None
            if not isinstance(taken, ast.List) or place >= len(taken.elts):
                return unknown
            meant = self.annotation(taken.elts[place], way.scope, receiver=way.receiver)
            meant = substitute(meant, self.receiver_mapping(way))
            return grounded(substitute(meant, self.solved(way, call, scope)))
        return unknown

    def solved(self, function: Function, call: ast.Call, scope: Scope) -> dict[str, Type]:
        """What the function's type variables mean, as far as the arguments tell."""
        found: dict[str, Type] = {}
        for parameter, argument in pairs(function, call):
            if parameter.annotation is not None and not isinstance(argument, ast.Starred):
                value = self._argument(argument, scope)
                self.match(parameter.annotation, value, function.scope, found)
        return found

    def _argument(self, node: ast.expr, scope: Scope) -> Type:
        """Like `expression`, but what is only passed on cannot grow: its elements count."""
        if isinstance(node, (*COMPREHENSIONS, ast.List, ast.Set)):
            inner = self.elements(node, scope)
            made = self.builtin("list")
            if isinstance(made, Instance) and not isinstance(inner, Unknown):
                return Instance(made.cls, (inner,))
        return plain(self.expression(node, scope))

    def match(self, node: ast.AST, value: Type, home: Scope, found: dict[str, Type]) -> None:
        """Note in `found` what type variables in the annotation `node` mean for `value`."""
        if isinstance(node, ast.Name):
            variable = self.name(node.id, home)
            if isinstance(variable, TypeVariable):
                known = found.get(variable.name)
                found[variable.name] = value if known is None else union((known, value))
        elif isinstance(node, ast.BinOp):
            for side in (node.left, node.right):
                self.match(side, value, home, found)
        elif isinstance(node, ast.Subscript):
            self._match_generic(node, value, home, found)

    def _match_generic(
        self, node: ast.Subscript, value: Type, home: Scope, found: dict[str, Type]
    ) -> None:
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        special = self.special(node.value, home)
        if special in ("Optional", "Union"):
            for item in items:
                self.match(item, value, home, found)
            return
        if special == "Type" or dotted(node.value) == "type":
            self.match(items[0], union(self.made(part) for part in parts_of(value)), home, found)
            return
        if special == "Callable":
            self.match(items[-1], self.called(value), home, found)
            return
        alias = self.alias(node.value, home)
        if alias is not None:
            meant, around = alias
            inner: dict[str, Type] = {}
            self.match(meant, value, around, inner)
            names = dict.fromkeys(each.id for each in names_in(meant) if each.id in inner)
            for item, name in zip(items, names, strict=False):
                self.match(item, inner[name], home, found)
            return
        declared = self.expression(node.value, home)
        if not isinstance(declared, ClassObject):
            return
        for part in parts_of(value):
            arguments = self._arguments_as(part, declared.cls)
            if arguments is None and self.is_protocol(declared.cls):
                arguments = self._structurally(part, declared.cls)
            for item, argument in zip(items, arguments or (), strict=False):
                self.match(item, argument, home, found)

    def _arguments_as(self, value: Type, cls: ClassInfo) -> tuple[Type, ...] | None:
        """The type arguments of `value`, seen as an instance of its base `cls`."""
        if not isinstance(value, Instance):
            return None
        for each, mapping in self.mro(value.cls, value.args) or ():
            if each is cls:
                unknown = Unknown("nothing tells the type argument")
                return tuple(mapping.get(name, unknown) for name in self.parameters(cls))
        return None

    def _structurally(self, value: Type, cls: ClassInfo) -> tuple[Type, ...] | None:
        """The type arguments of a protocol that `value` follows, from what its methods return."""
        found: dict[str, Type] = {}
        for name, bindings in cls.scope.bindings.items():
            node = bindings[0].node
            if isinstance(node, FunctionNode) and node.returns is not None:
                returned = self.call_method(value, name)
                if isinstance(returned, Unknown):
                    return None
                self.match(node.returns, returned, cls.scope, found)
        parameters = self.parameters(cls)
        if any(name not in found for name in parameters):
            return None
        return tuple(found[name] for name in parameters)

    def is_protocol(self, cls: ClassInfo) -> bool:
        around = cls.scope.parent or cls.scope
        return any(
            self.special(base.value if isinstance(base, ast.Subscript) else base, around)
            == "Protocol"
            for base in cls.node.bases
        )


def _calls_with_lambdas(root: ast.AST) -> dict[ast.Lambda, ast.Call]:
    """The calls in `root` that lambdas are arguments of."""
    found: dict[ast.Lambda, ast.Call] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            for each in (*node.args, *(keyword.value for keyword in node.keywords)):
                if isinstance(each, ast.Lambda):
                    found[each] = node
        waiting.extend(children(node))
    return found


def _united(node: ast.expr | None) -> Iterable[ast.expr]:
    """The sides of `X | None`."""
    if isinstance(node, ast.BinOp):
        yield from _united(node.left)
        yield from _united(node.right)
    elif node is not None:
        yield node


def names_in(node: ast.AST) -> Iterable[ast.Name]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Name))
