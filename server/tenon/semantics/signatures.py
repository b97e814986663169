"""Signatures: how a callee may be called, where every way is proven.

Owns the way from what is called to the definitions behind it: names, attributes, `super()`,
`functools.partial`, values with a `__call__`. A call is right if one of the ways takes it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from tenon.semantics.definitions import dotted
from tenon.semantics.membership import Membership
from tenon.semantics.parameters import Kind, Parameter, Signature
from tenon.semantics.prover import Prover
from tenon.semantics.scopes import FunctionNode, Scope
from tenon.semantics.types import (
    ClassObject,
    Function,
    Instance,
    ModuleValue,
    NoneValue,
    Type,
    Unknown,
    parts_of,
)
from tenon.semantics.ways import UnprovenError, Ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """All the ways to call one thing."""

    ways: tuple[Signature, ...] = ()
    """() where they are not all known."""
    reason: str = ""
    """Why they are not."""
    uncallable: str = ""
    """What is called, where it is proven that it cannot be: "str"."""


class _UncallableError(Exception):
    """It cannot be called."""


def signatures(
    prover: Prover, membership: Membership, node: ast.expr, scope: Scope
) -> Signatures:
    """The ways to call what `node`, read in `scope`, means."""
    try:
        ways = _Signer(prover, membership).callee(node, scope)
    except _UncallableError as uncallable:
        return Signatures(reason="it cannot be called", uncallable=str(uncallable))
    except UnprovenError as unproven:
        return Signatures(reason=str(unproven))
    return Signatures(ways=tuple(ways)) if ways else Signatures(reason="nothing is called")


class _Signer(Ways):
    def __init__(self, prover: Prover, membership: Membership) -> None:
        super().__init__(prover)
        self._membership = membership

    def callee(self, node: ast.expr, scope: Scope) -> list[Signature]:
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Call) and _is_super(node.value):
                return self._of_super(node.value, node.attr, scope)
            path = dotted(node) if isinstance(node.value, ast.Name) else ""
            receiver = self.prover.offered(path, scope) or self.prover.expression(
                node.value, scope
            )
            bound = any(isinstance(part, Instance) for part in parts_of(receiver))
            value = self.prover.attribute(receiver, node.attr)
            if isinstance(value, Unknown):
                value = self._decorated(receiver, node.attr) or value
            if bound and any(
                isinstance(part, Function) and part.receiver is None for part in parts_of(value)
            ):
                raise UnprovenError(f"'{node.attr}' may be bound to what has it")
            return self._value(value)
        value = self.prover.expression(node, scope)
        if isinstance(node, ast.Name) and (isinstance(value, Unknown) or _is_partial(value)):
            found = self._named(node.id, scope)
            if found is not None:
                return found
        if isinstance(node, ast.Call | ast.Constant) and isinstance(value, NoneValue):
            raise _UncallableError("None")
        return self._value(value)

    def _of_super(self, call: ast.Call, name: str, scope: Scope) -> list[Signature]:
        info = self.prover.enclosing_class(scope)
        named = call.args[0] if call.args else None
        if info is None or (
            named is not None and not (isinstance(named, ast.Name) and named.id == info.name)
        ):
            raise UnprovenError("it is not known which class's bases are meant")
        return self.inherited(name, info)

    # Names that the prover itself makes nothing of.

    def _named(self, name: str, scope: Scope) -> list[Signature] | None:
        """Of a decorated function, or a `partial`, that one definition gives the name."""
        for each in scope.chain():
            bindings = each.bindings.get(name)
            if not bindings:
                continue
            if len(bindings) != 1:
                return None
            binding = bindings[0]
            if binding.kind == "def" and isinstance(binding.node, FunctionNode):
                return self.function(Function(binding.node, each))
            if binding.kind == "assign" and binding.whole and isinstance(binding.node, ast.Call):
                return self._partial(binding.node, each, name)
            if binding.kind == "from" and isinstance(binding.node, ast.ImportFrom):
                module = self.prover.imported(each.module, binding.node)
                original = next(
                    (a.name for a in binding.node.names if (a.asname or a.name) == name), ""
                )
                if module is None or module.scope is each or module.dynamic:
                    return None
                return self._named(original, module.scope)
            return None
        return None

    def _decorated(self, receiver: Type, name: str) -> Type | None:
        """A method that the prover does not follow because of its decorator."""
        parts = [part for part in parts_of(receiver) if not isinstance(part, NoneValue)]
        if len(parts) != 1 or not isinstance(parts[0], Instance | ClassObject):
            return None
        value = parts[0]
        for cls, _ in self.prover.mro(value.cls) or ():
            bindings = cls.scope.bindings.get(name)
            if not cls.module.is_stub and self.prover.stores(cls).get(name):
                return None
            if not bindings:
                continue
            node = bindings[0].node
            if len(bindings) != 1 or not isinstance(node, FunctionNode):
                return None
            return Function(node, cls.scope, value)
        return None

    def _partial(self, call: ast.Call, scope: Scope, name: str) -> list[Signature] | None:
        """Of `partial(function, …)`: what is left of the function's parameters."""
        maker = self.prover.expression(call.func, scope)
        if not isinstance(maker, ClassObject) or not _is_partial(Instance(maker.cls)):
            return None
        if not call.args or any(isinstance(each, ast.Starred) for each in call.args):
            return None
        given = {keyword.arg for keyword in call.keywords}
        if None in given:
            return None
        return [
            left_over(each, len(call.args) - 1, frozenset(str(each) for each in given), f"{name}()")
            for each in self.callee(call.args[0], scope)
        ]

    # Values.

    def _value(self, value: Type) -> list[Signature]:
        if isinstance(value, Unknown):
            raise UnprovenError(value.reason)
        if isinstance(value, ModuleValue):
            raise _UncallableError(f"module '{value.module.name}'")
        found: list[Signature] = []
        for part in parts_of(value):
            if isinstance(part, NoneValue):
                continue
            if isinstance(part, Function):
                found += self.function(part)
            elif isinstance(part, ClassObject):
                found += self.class_object(part)
            elif isinstance(part, Instance):
                members = self._membership.of(part)
                if members.complete and "__call__" not in members.words and part == value:
                    raise _UncallableError(part.cls.name)
                call = self.prover.attribute(part, "__call__")
                if not all(
                    isinstance(each, Function) and each.receiver is not None
                    for each in parts_of(call)
                ):
                    raise UnprovenError(f"how a {part.cls.name} is called is not known")
                found += self._value(call)
            else:
                raise UnprovenError("what is called is not known")
        return found


def left_over(
    signature: Signature, positional: int, keywords: frozenset[str], name: str
) -> Signature:
    """What `partial` leaves of a signature, given so many arguments and these keywords."""
    found: list[Parameter] = []
    behind = False
    for index, each in enumerate(signature.parameters):
        if each.kind in (Kind.POSITIONAL, Kind.EITHER) and index < positional:
            continue
        if each.name in keywords and each.kind in (Kind.EITHER, Kind.KEYWORD):
            behind = True
            found.append(replace(each, kind=Kind.KEYWORD, required=False))
        elif behind and each.kind is Kind.EITHER:
            found.append(replace(each, kind=Kind.KEYWORD))
        elif behind and each.kind is Kind.REST:
            continue
        else:
            found.append(each)
    return replace(signature, name=name, parameters=tuple(found))


def _is_super(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "super" and len(call.args) in (0, 2)


def _is_partial(value: Type) -> bool:
    return isinstance(value, Instance) and value.cls.full_name == "functools.partial"
