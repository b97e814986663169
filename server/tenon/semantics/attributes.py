"""Attributes: the type of what stands after a dot, on instances, classes and modules."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from tenon.semantics.definitions import (
    PROPERTIES,
    dotted_decorators,
    overloads_of,
    sets,
    stores_in_class,
)
from tenon.semantics.inference import CIRCULAR, Inference
from tenon.semantics.scopes import Binding, FunctionNode, Scope
from tenon.semantics.sources import Module
from tenon.semantics.types import (
    ClassInfo,
    ClassObject,
    Function,
    Instance,
    ModuleValue,
    NoneValue,
    Type,
    Unknown,
    parts_of,
    plain,
    substitute,
    union,
)


class Attributes(Inference):
    """Attributes."""

    def attribute(self, value: Type, name: str) -> Type:
        """The type of `value.name`."""
        found = []
        for part in parts_of(value):
            if isinstance(part, NoneValue):
                continue
            found.append(self._attribute(part, name))
        return union(found)

    def _attribute(self, value: Type, name: str) -> Type:
        if isinstance(value, ModuleValue):
            return self.module_attribute(value.module, name)
        if isinstance(value, Instance | ClassObject):
            value = plain(value)
            assert isinstance(value, Instance | ClassObject)
            # What has arguments may outlive neither them nor this analysis.
            return self.memo(
                value.cls.module,
                ("attribute", value, name),
                lambda: self._class_attribute(value, name),
                CIRCULAR,
                kept=self.passing if value.args else None,
            )
        if isinstance(value, Function) and name.startswith("__"):
            return self._function_attribute(name)
        return Unknown(f"what has '{name}' is not known")

    def _function_attribute(self, name: str) -> Type:
        """What every function has, and every method: other names may be set on it."""
        types = self.sources.module("types")
        found = [] if types is None else [
            self.attribute(self.made(self.module_attribute(types, kind)), name)
            for kind in ("FunctionType", "MethodType")
        ]
        return union(found)

    def _class_attribute(self, value: Instance | ClassObject, name: str) -> Type:
        own = isinstance(value, Instance) and name not in value.cls.module.stored
        if name == "__class__" and own:
            return ClassObject(value.cls, value.args)
        for cls, mapping in self.mro(value.cls, value.args) or ():
            bindings = cls.scope.bindings.get(name)
            stored = () if cls.module.is_stub else self.stores(cls).get(name, ())
            if not bindings and not stored:
                continue
            found = self._member(value, name, bindings or [], stored, cls)
            found = substitute(found, mapping) if mapping else found
            for part in parts_of(found):
                if isinstance(part, Instance) and self._is_descriptor(part.cls):
                    return Unknown(f"'{name}' is a descriptor")
            return found
        return Unknown(f"{value.cls.name} has no member '{name}' that is known")

    def _is_descriptor(self, cls: ClassInfo) -> bool:
        return any("__get__" in each.scope.bindings for each, _ in self.mro(cls) or ())

    def _member(
        self,
        value: Instance | ClassObject,
        name: str,
        bindings: list[Binding],
        stored: Iterable[tuple[ast.stmt, Scope]],
        cls: ClassInfo,
    ) -> Type:
        annotated = [b for b in bindings if b.kind == "annotated"]
        if annotated:
            return self.bound(name, annotated, cls.scope)
        for statement, scope in stored:
            if isinstance(statement, ast.AnnAssign):
                return self.annotation(statement.annotation, scope)
        if name in cls.module.stored:
            return Unknown(f"'{name}' is set from outside its class")
        if bindings and bindings[0].kind == "def" and not stored:
            return self._method(value, bindings, cls)
        if bindings and self.is_enum(cls) and not stored:
            return Instance(cls)
        found = []
        for binding in bindings:
            if binding.kind == "assign" and isinstance(binding.node, ast.Call):
                return Unknown(f"'{name}' may be a descriptor")
            given = self.binding(name, binding, cls.scope)
            if any(isinstance(part, Function) for part in parts_of(given)):
                return Unknown(f"'{name}' may be a method by another name")
            found.append(given)
        for statement, scope in stored:
            if not isinstance(statement, ast.Assign):
                return Unknown(f"'{name}' is set in a way that is not followed")
            if not any(sets(target, name) for target in statement.targets):
                return Unknown(f"'{name}' is unpacked")
            found.append(plain(self.expression(statement.value, scope)))
        if any(isinstance(each, NoneValue) for each in found):
            return Unknown(f"'{name}' is born None")
        return union(found)

    def _method(
        self, value: Instance | ClassObject, bindings: list[Binding], cls: ClassInfo
    ) -> Type:
        found = []
        for binding in overloads_of(bindings):
            node = binding.node
            if not isinstance(node, FunctionNode):
                return Unknown("it is defined in several ways")
            decorators = dotted_decorators(node)
            if any(
                decorator.endswith((".setter", ".deleter", ".getter")) for decorator in decorators
            ):
                continue
            if any(decorator in PROPERTIES for decorator in decorators):
                if isinstance(value, ClassObject):
                    return Unknown("a property of the class object")
                found.append(self.returned(Function(node, cls.scope, value)))
                continue
            bound: Type = value
            if isinstance(value, Instance) and "classmethod" in decorators:
                bound = ClassObject(value.cls, value.args)
            found.append(self.decorated(Function(node, cls.scope, bound)))
        return union(found)

    def stores(self, cls: ClassInfo) -> dict[str, list[tuple[ast.stmt, Scope]]]:
        """Statements in the class's own methods that set `self.<name>`, with their scope."""
        return self.memo(
            cls.module, ("stores", cls), lambda: stores_in_class(cls.node, cls.scope), {}
        )

    def module_attribute(self, module: Module, name: str, *, submodules: bool = True) -> Type:
        key = ("module attribute", name, submodules)
        return self.memo(
            module, key, lambda: self._module_attribute(module, name, submodules), CIRCULAR
        )

    def _module_name(self, module: Module, name: str) -> Type | None:
        """What the module's own text makes of the name; None where it does not bind it."""
        if module.dynamic:
            return Unknown(f"module '{module.name}' changes its own names")
        bindings = module.scope.bindings.get(name)
        if bindings:
            return self.bound(name, bindings, module.scope)
        return self.starred(name, module.scope)

    def _module_attribute(self, module: Module, name: str, submodules: bool) -> Type:
        found = self._module_name(module, name)
        if isinstance(found, Unknown):
            stub = self.sources.beside(module)
            shown = stub.scope.bindings.get(name) if stub is not None else None
            if stub is not None and shown:
                return self.bound(name, shown, stub.scope)
        if found is not None:
            return found
        if submodules and module.directory is not None:
            inner = self.sources.module(f"{module.name}.{name}", module)
            if inner is not None:
                return ModuleValue(inner)
        return Unknown(f"module '{module.name}' has no '{name}' that is known")
