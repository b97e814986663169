"""Protocols: what a class asks of others that need not derive from it.

Owns which members a protocol asks for, and whether a class can answer for its instances.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from tenon.semantics.prover import Prover
from tenon.semantics.scopes import Binding
from tenon.semantics.types import ClassInfo

_HELD_BY_NO_ONE = frozenset({"__slots__", "__doc__", "__module__", "__dict__", "__weakref__",
    "__hash__", "__orig_bases__", "__parameters__", "__class_getitem__", "__match_args__",
    "__init_subclass__", "__subclasshook__", "__init__", "__new__"})  # fmt: skip
"""Names in a protocol's body that ask nothing of what implements it."""


def asked_by(prover: Prover, protocol: ClassInfo) -> set[str]:
    """The members that it asks for; none where a base of it is not known."""
    asked = {
        name
        for each, _ in prover.mro(protocol) or ()
        if each.full_name != "builtins.object" and prover.is_protocol(each)
        for name in each.scope.bindings
    }
    return asked - _HELD_BY_NO_ONE


def needs_an_instance(prover: Prover, cls: ClassInfo, protocol: ClassInfo) -> bool:
    """Whether a method of the class could not do without an instance, where the protocol calls it
    with none: the class itself was given in place of an instance."""
    for name, bindings in protocol.scope.bindings.items():
        asked = _plain_method(bindings)
        given = _plain_method(_bindings_of(prover, cls, name))
        if asked is None or given is None or name.startswith("__") or asked.args.vararg is not None:
            continue
        places = [*given.args.posonlyargs, *given.args.args]
        passed = len([*asked.args.posonlyargs, *asked.args.args]) - 1
        if len(places) - len(given.args.defaults) > passed:
            return True
    return False


def _bindings_of(prover: Prover, cls: ClassInfo, name: str) -> Sequence[Binding]:
    for each, _ in prover.mro(cls) or ():
        if name in each.scope.bindings:
            return each.scope.bindings[name]
    return ()


def _plain_method(bindings: Sequence[Binding]) -> ast.FunctionDef | None:
    """The one definition of a method without decorators."""
    node = bindings[0].node if len(bindings) == 1 else None
    return node if isinstance(node, ast.FunctionDef) and not node.decorator_list else None
