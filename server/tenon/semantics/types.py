"""Type: a small closed union. What is not proven is `Unknown`, and says why.

Owns the vocabulary of values. A type never says less than may be there: it is a union over
every binding that could reach the place, or it is unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from tenon.semantics.scopes import FunctionNode, Scope
from tenon.semantics.sources import Module


@dataclass(frozen=True, slots=True, eq=False)
class ClassInfo:
    """A class definition. One object for each definition of one text, so identity compares."""

    node: ast.ClassDef
    scope: Scope
    """The scope its body opens."""

    @property
    def module(self) -> Module:
        return self.scope.module

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def full_name(self) -> str:
        return f"{self.module.name}.{self.node.name}"


@dataclass(frozen=True, slots=True)
class Unknown:
    reason: str


@dataclass(frozen=True, slots=True)
class NoneValue:
    """The value `None`."""


@dataclass(frozen=True, slots=True)
class Instance:
    cls: ClassInfo
    args: tuple[Type, ...] = ()
    """Type arguments; () where they are not known."""


@dataclass(frozen=True, slots=True)
class ClassObject:
    cls: ClassInfo
    args: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleValue:
    module: Module


@dataclass(frozen=True, slots=True)
class Function:
    node: FunctionNode
    scope: Scope
    """The scope the definition stands in."""
    receiver: Type | None = None
    """What a method is bound to."""


@dataclass(frozen=True, slots=True)
class TypeVariable:
    name: str


@dataclass(frozen=True, slots=True)
class Union:
    parts: frozenset[Type]


Type = Unknown | NoneValue | Instance | ClassObject | ModuleValue | Function | TypeVariable | Union

NONE = NoneValue()


def union(types: Iterable[Type]) -> Type:
    """The union; unknown where a part is unknown or nothing is given."""
    parts: set[Type] = set()
    for each in types:
        if isinstance(each, Unknown):
            return each
        if isinstance(each, Union):
            parts |= each.parts
        else:
            parts.add(each)
    if not parts:
        return Unknown("nothing binds it")
    if len(parts) == 1:
        return next(iter(parts))
    if len(parts) > 24:
        return Unknown("it may be too many things")
    return Union(frozenset(parts))


def parts_of(each: Type) -> Iterable[Type]:
    return each.parts if isinstance(each, Union) else (each,)


def substitute(each: Type, mapping: dict[str, Type]) -> Type:
    """Type variables replaced; one that `mapping` lacks stays."""
    if isinstance(each, TypeVariable):
        return mapping.get(each.name, each)
    if isinstance(each, Instance) and each.args:
        return Instance(each.cls, tuple(substitute(arg, mapping) for arg in each.args))
    if isinstance(each, ClassObject) and each.args:
        return ClassObject(each.cls, tuple(substitute(arg, mapping) for arg in each.args))
    if isinstance(each, Union):
        return union(substitute(part, mapping) for part in each.parts)
    return each


def grounded(each: Type) -> Type:
    """Without free type variables: what depends on one is unknown."""
    if isinstance(each, TypeVariable):
        return Unknown(f"the type variable {each.name} is not known here")
    if isinstance(each, Union):
        return union(grounded(part) for part in each.parts)
    return each
