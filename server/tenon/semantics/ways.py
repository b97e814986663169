"""Ways: how functions, methods and classes may be called, each by its own definition.

Owns the way from a definition to its parameters: what is bound already, what decorators and
metaclasses leave of it, which of a class's bases constructs it. Overloads are all given.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from tenon.semantics.definitions import dotted, dotted_decorators, overloads_of
from tenon.semantics.fields import (
    dataclass_decorator,
    dataclass_parameters,
    generates_init,
    named_fields,
    typed_keys,
)
from tenon.semantics.parameters import Kind, Parameter, Signature, parameters_of
from tenon.semantics.prover import Prover
from tenon.semantics.scopes import Binding, FunctionNode
from tenon.semantics.types import ClassInfo, ClassObject, Function, Instance

_KEEPING = frozenset({
    "staticmethod", "classmethod", "overload", "typing.overload", "t.overload", "override",
    "typing.override", "typing_extensions.override", "final", "typing.final", "t.final",
    "deprecated", "typing_extensions.deprecated", "warnings.deprecated", "type_check_only",
    "functools.wraps", "wraps", "contextmanager", "contextlib.contextmanager",
    "asynccontextmanager", "contextlib.asynccontextmanager", "lru_cache", "functools.lru_cache",
    "cache", "functools.cache",
})  # fmt: skip
"""Decorators that leave a function's parameters as they are."""
_ABSTRACT = frozenset({
    "abstractmethod", "abc.abstractmethod", "abstractclassmethod", "abc.abstractclassmethod",
})  # fmt: skip
_PLAIN_CLASS = frozenset({
    "final", "typing.final", "t.final", "runtime_checkable", "typing.runtime_checkable",
    "t.runtime_checkable", "total_ordering", "functools.total_ordering", "deprecated",
    "typing_extensions.final", "typing_extensions.runtime_checkable", "disjoint_base",
    "type_check_only", "typing_extensions.deprecated", "warnings.deprecated",
})  # fmt: skip
_PLAIN_METACLASSES = frozenset({"ABCMeta", "abc.ABCMeta", "type"})
_WITHOUT_CONSTRUCTOR = frozenset({"builtins.object", "abc.ABC", "typing.Protocol"})
_OF_EVERY_OBJECT = frozenset({
    "__setattr__", "__delattr__", "__getattribute__", "__format__", "__reduce_ex__",
})  # fmt: skip
"""Methods of `object` that take the same wherever they are defined."""
_IMPLICIT = frozenset({"__init_subclass__", "__class_getitem__"})


class UnprovenError(Exception):
    """The ways to call something are not all known."""


class Ways:
    """Over one prover. Raises `UnprovenError` where not every way is known."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover

    def function(self, function: Function, name: str = "") -> list[Signature]:
        """Of a function or method, as `name` if that is given."""
        node = function.node
        decorators = dotted_decorators(node)
        for decorator in decorators:
            if decorator not in _KEEPING | _ABSTRACT:
                raise UnprovenError(f"the decorator {decorator or '?'} may change its parameters")
        method = function.receiver is not None
        if method and not function.scope.module.is_stub and _is_stub_body(node):
            raise UnprovenError(f"{node.name} is meant to be defined otherwise by others")
        parameters = parameters_of(node, function.scope)
        bound = method and (
            isinstance(function.receiver, Instance)
            or "classmethod" in decorators
            or node.name in _IMPLICIT
        )
        if bound and "staticmethod" not in decorators and node.name != "__new__":
            parameters = _without_first(parameters)
        found = [
            Signature(name=name or f"{node.name}()", parameters=parameters, function=function)
        ]
        if isinstance(function.receiver, Instance):
            found += self._overridden(function.receiver.cls, node.name)
        return found

    def _overridden(self, cls: ClassInfo, name: str) -> list[Signature]:
        """Of the same method in the subclasses that the class's own module holds."""
        found: list[Signature] = []
        if cls.module.is_stub or name.startswith("__"):
            return found
        for statement in cls.module.classes:
            if statement is cls.node:
                continue
            if cls.name not in {dotted(_generic(base)) for base in statement.bases}:
                continue
            info = self.prover.class_info(statement, cls.module.scope)
            bindings = info.scope.bindings.get(name, ())
            for binding in bindings:
                if not isinstance(binding.node, FunctionNode):
                    raise UnprovenError(f"{info.name} defines {name} in another way")
                found += self.function(Function(binding.node, info.scope, Instance(info)))
            if not bindings:
                found += self._overridden(info, name)
        return found

    # Classes.

    def class_object(self, value: ClassObject) -> list[Signature]:
        """Of a class, by what constructs its instances."""
        cls = value.cls
        mro = [each for each, _ in self.prover.mro(cls) or ()]
        if not mro:
            raise UnprovenError(f"a base of {cls.name} was not resolved")
        name = f"{cls.name}()"
        if cls.full_name in ("builtins.type", "builtins.object", "builtins.super"):
            raise UnprovenError(f"{cls.name} is called in several ways")
        if any(each.name == "_TypedDict" for each in mro):
            return [Signature(name=name, parameters=typed_keys(mro))]
        for each in mro:
            self._check_class(each)
        if not cls.module.is_stub and (cls.name in cls.module.mixed or "mixin" in cls.name.lower()):
            raise UnprovenError(f"{cls.name} is mixed into other classes")
        for index, each in enumerate(mro):
            if each.full_name == "builtins.object":
                break
            found: list[Signature] = []
            for method in ("__init__", "__new__"):
                bindings = each.scope.bindings.get(method)
                if bindings:
                    found += self._constructor(value, bindings, each, name)
            if found:
                return found
            generated = generates_init(self.prover, each)
            if isinstance(generated, str):
                raise UnprovenError(generated)
            if generated:
                parameters = dataclass_parameters(self.prover, each, mro[index:])
                if isinstance(parameters, str):
                    raise UnprovenError(parameters)
                return [Signature(name=name, parameters=parameters)]
            if index + 1 < len(mro) and mro[index + 1].full_name == "typing.NamedTuple":
                return [Signature(name=name, parameters=named_fields(each))]
        for each in mro:
            if each.module.is_stub and each.full_name not in _WITHOUT_CONSTRUCTOR:
                raise UnprovenError(f"the stub of {each.name} shows no constructor")
        return [Signature(name=name, parameters=())]

    def _check_class(self, cls: ClassInfo) -> None:
        """Raise where something but its constructor decides how the class is called."""
        for keyword in cls.node.keywords:
            if keyword.arg is None or (
                keyword.arg == "metaclass" and dotted(keyword.value) not in _PLAIN_METACLASSES
            ):
                raise UnprovenError(f"the metaclass of {cls.name} decides how it is called")
        makes = dataclass_decorator(self.prover, cls)
        for node, decorator in zip(
            cls.node.decorator_list, dotted_decorators(cls.node), strict=True
        ):
            if node is not makes and decorator not in _PLAIN_CLASS:
                raise UnprovenError(f"the decorator {decorator or '?'} may change {cls.name}")
        if {"__init__", "__new__"} & (cls.module.stored if not cls.module.is_stub else set()):
            raise UnprovenError(f"a constructor is set from outside {cls.name}")

    def _constructor(
        self, value: ClassObject, bindings: list[Binding], cls: ClassInfo, name: str
    ) -> list[Signature]:
        found: list[Signature] = []
        for binding in overloads_of(bindings):
            node = binding.node
            if not isinstance(node, FunctionNode):
                raise UnprovenError(f"{cls.name} has a constructor that is no plain method")
            for each in self.function(Function(node, cls.scope), name):
                bound = Function(node, cls.scope, Instance(value.cls, value.args))
                parameters = _without_first(each.parameters)
                found.append(replace(each, parameters=parameters, function=bound))
        return found

    def inherited(self, name: str, info: ClassInfo) -> list[Signature]:
        """Of `super().name` in a class: what the bases have, where no other can stand between."""
        mro = [each for each, _ in self.prover.mro(info) or ()]
        if not mro:
            raise UnprovenError("the bases were not resolved")
        if info.name in info.module.mixed or "mixin" in info.name.lower():
            raise UnprovenError(f"{info.name} is mixed into other classes")
        if any(len(each.node.bases) > 1 for each in mro if not each.module.is_stub):
            raise UnprovenError("it depends on the class which of the bases comes next")
        for index, each in enumerate(mro[1:], 1):
            if each.full_name == "builtins.object" and name not in _OF_EVERY_OBJECT:
                break
            bindings = each.scope.bindings.get(name)
            self._check_class(each)
            if bindings:
                return self._of_base(bindings, each, Instance(info), name)
            if name == "__init__" and generates_init(self.prover, each) is True:
                parameters = dataclass_parameters(self.prover, each, mro[index:])
                if not isinstance(parameters, str):
                    return [Signature(name=f"{each.name}()", parameters=parameters)]
            if each.module.is_stub or name in self.prover.stores(each):
                break
        raise UnprovenError(f"no base is known to define {name}")

    def _of_base(
        self, bindings: list[Binding], cls: ClassInfo, receiver: Instance, name: str
    ) -> list[Signature]:
        found: list[Signature] = []
        for binding in overloads_of(bindings):
            node = binding.node
            if not isinstance(node, FunctionNode):
                raise UnprovenError(f"{name} is not defined in the usual way")
            said = f"{cls.name}.{name}()"
            found += [
                replace(
                    each,
                    parameters=each.parameters
                    if "staticmethod" in dotted_decorators(node) or name == "__new__"
                    else _without_first(each.parameters),
                    function=Function(node, cls.scope, receiver),
                )
                for each in self.function(Function(node, cls.scope), said)
            ]
        return found


def _without_first(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """What is left when the first is bound."""
    if parameters and parameters[0].kind in (Kind.POSITIONAL, Kind.EITHER):
        return parameters[1:]
    if parameters and parameters[0].kind is Kind.REST:
        return parameters
    raise UnprovenError("a method takes nothing to be bound to")


def _generic(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def _is_stub_body(node: FunctionNode) -> bool:
    """Whether a method says nothing, or only that others are to say it."""
    if set(dotted_decorators(node)) & _ABSTRACT:
        return True
    for statement in node.body:
        if isinstance(statement, ast.Pass):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.Raise) and statement.exc is not None:
            raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
            if dotted(raised) in ("NotImplementedError", "AbstractMethodError"):
                continue
        return False
    return True
