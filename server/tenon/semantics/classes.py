"""Classes: their definitions, bases and type variables, each exactly once for one text."""

from __future__ import annotations

import ast
from tenon.semantics.definitions import dotted
from tenon.semantics.inference import Inference
from tenon.semantics.scopes import Scope
from tenon.semantics.types import (
    ClassInfo,
    ClassObject,
    Instance,
    Type,
    TypeVariable,
    parts_of,
    substitute,
)


class Classes(Inference):
    """Classes and their bases."""

    def class_info(self, node: ast.AST, scope: Scope | None) -> ClassInfo:
        assert isinstance(node, ast.ClassDef) and scope is not None
        memo = scope.module.memo
        info = memo.get(("class", node))
        if info is None:
            info = memo[("class", node)] = ClassInfo(node, scope.child(node))
        assert isinstance(info, ClassInfo)
        return info

    def enclosing_class(self, scope: Scope) -> ClassInfo | None:
        each: Scope | None = scope
        while each is not None:
            if each.kind == "class":
                return self.class_info(each.node, each.parent)
            each = each.parent
        return None

    def mro(
        self, cls: ClassInfo, args: tuple[Type, ...] = ()
    ) -> list[tuple[ClassInfo, dict[str, Type]]] | None:
        """The class and all its bases, each with what its type variables mean; None where a
        base is not resolved. Depth first: what comes first wins, near enough to Python's."""
        if args:
            return self._mro_now(cls, args)
        return self.memo(cls.module, ("mro", cls), lambda: self._mro_now(cls, ()), None)

    def _mro_now(
        self, cls: ClassInfo, args: tuple[Type, ...]
    ) -> list[tuple[ClassInfo, dict[str, Type]]] | None:
        found: list[tuple[ClassInfo, dict[str, Type]]] = []
        if not self._linearise(cls, args, found, 0):
            return None
        base = self.sources.module("builtins")
        if base is not None:
            node = base.scope.bindings.get("object")
            if node and all(each.full_name != "builtins.object" for each, _ in found):
                found.append((self.class_info(node[0].node, base.scope), {}))
        return found

    def _linearise(
        self,
        cls: ClassInfo,
        args: tuple[Type, ...],
        found: list[tuple[ClassInfo, dict[str, Type]]],
        depth: int,
    ) -> bool:
        if depth > 20:
            return False
        bases = self.bases(cls)
        if bases is None:
            return False
        parameters = self.parameters(cls)
        mapping = dict(zip(parameters, args, strict=False)) if args else {}
        if any(each is cls for each, _ in found):
            return True
        found.append((cls, mapping))
        for base in bases:
            inner = tuple(substitute(arg, mapping) if mapping else arg for arg in base.args)
            if not self._linearise(base.cls, inner, found, depth + 1):
                return False
        return True

    def parameters(self, cls: ClassInfo) -> tuple[str, ...]:
        """The names of its type variables, in order."""
        return self.memo(cls.module, ("parameters", cls), lambda: self._parameters(cls), ())

    def _parameters(self, cls: ClassInfo) -> tuple[str, ...]:
        explicit = getattr(cls.node, "type_params", ())
        if explicit:
            return tuple(parameter.name for parameter in explicit)
        names: dict[str, None] = {}
        for expression in cls.node.bases:
            if isinstance(expression, ast.Subscript):
                head = dotted(expression.value).rpartition(".")[2]
                inner: dict[str, None] = {}
                for node in ast.walk(expression.slice):
                    if isinstance(node, ast.Name) and isinstance(
                        self.name(node.id, cls.scope.parent or cls.scope), TypeVariable
                    ):
                        inner[node.id] = None
                if head in ("Generic", "Protocol"):
                    return tuple(inner)
                names |= inner
        return tuple(names)

    def bases(self, cls: ClassInfo) -> list[ClassObject] | None:
        """The resolved bases; None where one is not, or where something may add to the class."""
        return self.memo(cls.module, ("bases", cls), lambda: self._bases_now(cls), None)

    def _bases_now(self, cls: ClassInfo) -> list[ClassObject] | None:
        around = cls.scope.parent or cls.scope
        found: list[ClassObject] = []
        for expression in cls.node.bases:
            if isinstance(expression, ast.Starred):
                return None
            plain = expression.value if isinstance(expression, ast.Subscript) else expression
            special = self.special(plain, around)
            if special in ("Generic", "Protocol"):
                continue
            if special == "TypedDict":
                base = self.typing_class("_TypedDict")
                dictionary = self.builtin("dict")
                if base is None or not isinstance(dictionary, Instance):
                    return None
                found += [ClassObject(base), ClassObject(dictionary.cls)]
                continue
            value = self.expression(expression, around)
            for part in parts_of(value):
                if not isinstance(part, ClassObject) or part.cls is cls:
                    return None
                found.append(part)
        return found

    def is_enum(self, cls: ClassInfo) -> bool:
        return any(each.full_name == "enum.Enum" for each, _ in self.mro(cls) or ())
