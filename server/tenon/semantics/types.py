"""Type: a small closed union. What is not proven is `Unknown`, and says why.

Owns the vocabulary of values. A type never says less than may be there: it is a union over
every binding that could reach the place, or it is unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

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
    value: str | bytes | int | None = None
    """What a literal says, and `Literal` declares; None where it may be any of its class."""
    items: tuple[Type, ...] = ()
    """Of a tuple, what stands at each place; () where that is not known."""


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
class Callable:
    """Something that can be called, of which no more is known than what it returns."""

    returned: Type
    given: int | None = None
    """How many arguments it is called with, by position; None where that is not declared."""


@dataclass(frozen=True, slots=True)
class TypeVariable:
    name: str
    bounded: bool = field(default=False, compare=False)
    """It does not stand for any type."""


@dataclass(frozen=True, slots=True)
class Union:
    parts: frozenset[Type]


Type = (
    Unknown
    | NoneValue
    | Instance
    | ClassObject
    | ModuleValue
    | Function
    | Callable
    | TypeVariable
    | Union
)

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
    if len(parts) > 24 and sum(getattr(part, "value", None) is None for part in parts) > 24:
        return Unknown("it may be too many things")
    return Union(frozenset(parts))


def parts_of(each: Type) -> Iterable[Type]:
    return each.parts if isinstance(each, Union) else (each,)


def substitute(each: Type, mapping: dict[str, Type]) -> Type:
    """Type variables replaced; one that `mapping` lacks stays."""
    if isinstance(each, TypeVariable):
        return mapping.get(each.name, each)
    if isinstance(each, Instance) and (each.args or each.items):
        return Instance(
            each.cls,
            tuple(substitute(arg, mapping) for arg in each.args),
            items=tuple(substitute(item, mapping) for item in each.items),
        )
    if isinstance(each, Callable):
        return Callable(substitute(each.returned, mapping), each.given)
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


def plain(each: Type) -> Type:
    """Any value of the same class, where a literal was meant."""
    if isinstance(each, Instance) and each.value is not None:
        return Instance(each.cls, each.args)
    if isinstance(each, Union):
        return union(plain(part) for part in each.parts)
    return each


def shown(each: Type) -> str:
    """A type as an author would write it."""
    if isinstance(each, Union):
        names = sorted(shown(part) for part in each.parts if not isinstance(part, NoneValue))
        none = ["None"] if NONE in each.parts else []
        return " | ".join([*dict.fromkeys(names), *none])
    if isinstance(each, Instance):
        if each.value is not None:
            return repr(each.value) if each.cls.name != "bool" else str(bool(each.value))
        if each.args and not any(isinstance(arg, Unknown) for arg in each.args):
            return f"{each.cls.name}[{', '.join(map(shown, each.args))}]"
        return each.cls.name
    if isinstance(each, ClassObject):
        return f"class {each.cls.name}"
    if isinstance(each, ModuleValue):
        return f"module '{each.module.name}'"
    if isinstance(each, Function):
        return f"{'method' if each.receiver is not None else 'function'} {each.node.name}"
    if isinstance(each, Callable):
        return "Callable"
    if isinstance(each, TypeVariable):
        return each.name
    return "None" if isinstance(each, NoneValue) else "Any"
