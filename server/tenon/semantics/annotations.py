"""Annotations: the type that one declares, with the special forms of `typing`."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import partial

from tenon.semantics.definitions import dotted
from tenon.semantics.index import once
from tenon.semantics.inference import CIRCULAR, Inference
from tenon.semantics.scopes import Binding, Scope
from tenon.semantics.sources import Module
from tenon.semantics.trees import expression_tree
from tenon.semantics.types import (
    NONE,
    Callable,
    ClassInfo,
    ClassObject,
    Instance,
    ModuleValue,
    NoneValue,
    Type,
    TypeVariable,
    Unknown,
    parts_of,
    substitute,
    union,
)

_TYPING = frozenset({"typing", "typing_extensions", "_typeshed"})
_ABSTRACT = frozenset({"collections.abc", "_collections_abc"})
_MAYBE = frozenset({"Any", "MaybeNone"})
_HOPS = 8
"""How many imports an alias is followed through."""
_FORMS = frozenset({"Any", "Protocol", "Generic", "TypeVar", "ParamSpec", "NewType"})
_TRANSPARENT = frozenset({"ClassVar", "Final", "Annotated", "Required", "NotRequired", "ReadOnly"})
"""Forms that mean what their first argument means."""


class Annotations(Inference):
    """Annotations."""

    def annotation(self, node: ast.AST, scope: Scope, *, receiver: Type | None = None) -> Type:
        """The type that an annotation declares."""
        self.ticks += 1
        if self.ticks % 16 == 0:
            self.sources.check_time()
        if isinstance(node, ast.Constant):
            if node.value is None:
                return NONE
            if isinstance(node.value, str):
                inner = quoted(node)
                if inner is not None:
                    return self.annotation(inner, scope, receiver=receiver)
            return Unknown("an annotation was not understood")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides: list[ast.expr] = [node.left, node.right]
            if scope.module.is_stub and dotted(node.right) in _MAYBE:
                # "The Any trick": usually the one, at times None, and nobody wants to be warned.
                sides = [node.left, ast.Constant(None)]
            return union(self.annotation(side, scope, receiver=receiver) for side in sides)
        if isinstance(node, ast.Subscript):
            return self._subscripted(node, scope, receiver)
        if not isinstance(node, ast.Name | ast.Attribute):
            return Unknown("an annotation was not understood")
        special = self.special(node, scope)
        if special == "Self":
            if isinstance(receiver, ClassObject):
                return Instance(receiver.cls, receiver.args)
            if isinstance(receiver, Instance):
                return receiver
            info = self.enclosing_class(scope)
            return Instance(info) if info else Unknown("Self outside a class")
        if special == "LiteralString":
            return self.builtin("str")
        if special == "Callable":
            return Callable(Unknown("what it returns is not declared"))
        if special == "Tuple":
            return self.builtin("tuple")
        if special is not None and special not in ("NamedTuple", "TypedDict", "Protocol"):
            return Unknown(f"{special} may be anything")
        alias = self.alias(node, scope)
        if alias is not None:
            return self._aliased(*alias)
        value = self.expression_or_variable(node, scope)
        if isinstance(value, TypeVariable | Unknown):
            return value
        return self._declared(value)

    def alias(self, node: ast.AST, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The annotation that a name stands for, and where it is written: `Path = str | None`."""
        if isinstance(node, ast.Attribute):
            value = self.expression(node.value, scope)
            if not isinstance(value, ModuleValue):
                return None
            return self._alias(node.attr, (value.module.scope,))
        return self._alias(node.id, scope.chain()) if isinstance(node, ast.Name) else None

    def _aliased(self, node: ast.expr, scope: Scope) -> Type:
        key = ("aliased", node)
        return self.memo(scope.module, key, lambda: self.annotation(node, scope), CIRCULAR)

    def _alias(
        self, name: str, scopes: Iterable[Scope], depth: int = 0
    ) -> tuple[ast.expr, Scope] | None:
        found = next(((s, s.bindings[name]) for s in scopes if name in s.bindings), None)
        if found is None or depth > _HOPS:
            return None
        scope, (binding, *others) = found
        if others:
            return self._several(found[1], scope)
        node = binding.node
        if binding.kind == "from" and isinstance(node, ast.ImportFrom):
            module = self.imported(scope.module, node)
            names = [each.name for each in node.names if (each.asname or each.name) == name]
            if module is None or len(names) != 1:
                return None
            return self._alias(names[0], (module.scope,), depth + 1)
        if binding.kind == "annotated" and isinstance(node, ast.AnnAssign):
            declared = self.special(node.annotation, scope) == "TypeAlias"
            return (node.value, scope) if declared and node.value is not None else None
        if binding.kind == "assign" and isinstance(node, ast.Subscript | ast.BinOp):
            return (node, scope) if binding.whole else None
        if type(node).__name__ == "TypeAlias" and not getattr(node, "type_params", ()):
            return node.value, scope  # type: ignore[attr-defined]
        return None

    def _several(self, bindings: list[Binding], scope: Scope) -> tuple[ast.expr, Scope] | None:
        """Aliases of one name, such as for several Pythons, as the union of them all."""
        values = [
            binding.node.value
            for binding in bindings
            if isinstance(binding.node, ast.AnnAssign)
            and binding.node.value is not None
            and self.special(binding.node.annotation, scope) == "TypeAlias"
        ]
        if len(values) < len(bindings):
            return None

        def united() -> ast.expr:
            whole = values[0]
            for each in values[1:]:
                whole = ast.BinOp(whole, ast.BitOr(), each)
            return whole

        return once(bindings[0].node, "united", united), scope

    def _declared(self, value: Type) -> Type:
        """An annotation's value, a class object or an alias of a union, as the type it means."""
        found: list[Type] = []
        for part in parts_of(value):
            if isinstance(part, NoneValue):
                found.append(NONE)
                continue
            if not isinstance(part, ClassObject):
                return Unknown("an annotation is not a class")
            if part.cls.full_name == "builtins.object":
                return Unknown("it is declared as object")
            if part.cls.module.name in _TYPING and part.cls.name in _FORMS:
                # It came by way of a star import, or of another module.
                return Unknown(f"{part.cls.name} may be anything")
            found.append(Instance(part.cls, part.args))
            # PEP 484: an int may stand where a float is declared.
            if part.cls.full_name in ("builtins.float", "builtins.complex"):
                found += [each for each in (self.builtin("int"), self.builtin("float"))]
            if part.cls.full_name == "builtins.bytes":
                found += [self.builtin("bytearray"), self.builtin("memoryview")]
        return union(found)

    def _subscripted(self, node: ast.Subscript, scope: Scope, receiver: Type | None) -> Type:
        special = self.special(node.value, scope)
        if special is None and dotted(node.value) == "type":
            special = "Type"
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]

        def each() -> Iterable[Type]:
            return (self.annotation(item, scope, receiver=receiver) for item in items)

        if special == "Optional":
            return union((*each(), NONE))
        if special == "Union":
            return union(each())
        if special in _TRANSPARENT:
            return self.annotation(items[0], scope, receiver=receiver)
        if special == "Literal":
            return union(self._literal(item, scope) for item in items)
        if special == "Callable":
            returned = self.annotation(items[-1], scope, receiver=receiver)
            return Callable(returned, _count_of(items[0]) if len(items) == 2 else None)
        if special in ("TypeIs", "TypeGuard"):
            return self.builtin("bool")
        if special == "Type":
            # Such as what `namedtuple` returns, declared as a class of tuples.
            return Unknown("any subclass may stand there, one made at run time too")
        if special == "Tuple":
            return self._tuple(items, scope, receiver)
        if special is not None:
            return Unknown(f"{special} may be anything")
        alias = self.alias(node.value, scope)
        if alias is not None:
            return self._specialised(*alias, items, tuple(each()))
        value = self.expression_or_variable(node.value, scope)
        if not isinstance(value, ClassObject):
            return Unknown("a generic that was not resolved")
        if value.cls.full_name == "builtins.tuple":
            return self._tuple(items, scope, receiver)
        return Instance(value.cls, tuple(each()))

    def _tuple(self, items: list[ast.expr], scope: Scope, receiver: Type | None) -> Type:
        """`tuple[…]`, by whatever name."""
        made = self.builtin("tuple")
        kept = [i for i in items if not (isinstance(i, ast.Constant) and i.value is Ellipsis)]
        starred = any(isinstance(item, ast.Tuple | ast.Starred) for item in kept)
        if starred or not isinstance(made, Instance):
            return made
        places = tuple(self.annotation(i, scope, receiver=receiver) for i in kept)
        return Instance(
            made.cls, (union(places),), items=places if len(kept) == len(items) else ()
        )

    def _specialised(
        self, node: ast.expr, scope: Scope, items: list[ast.expr], given: tuple[Type, ...]
    ) -> Type:
        """What an alias means, its type variables being `given`, in their order."""
        named = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
        named.sort(key=lambda each: (each.lineno, each.col_offset))
        names = dict.fromkeys(each.id for each in named)
        free = [name for name in names if self.name(name, scope) == TypeVariable(name)]
        if len(free) != len(items):
            return Unknown("an alias takes other arguments than it is given")
        return substitute(self._aliased(node, scope), dict(zip(free, given, strict=True)))

    def _literal(self, node: ast.expr, scope: Scope) -> Type:
        """What stands in `Literal[…]`; of an enum's members it is only known whose they are."""
        found = self.expression(node, scope)
        if isinstance(node, ast.Constant):
            return found
        if isinstance(found, Instance) and self.is_enum(found.cls):
            return found
        return Unknown("a literal that was not understood")

    def expression_or_variable(self, node: ast.AST, scope: Scope) -> Type:
        """Like `expression`, but a type variable is itself, not unknown."""
        if isinstance(node, ast.Name):
            found = self.name(node.id, scope)
            if isinstance(found, TypeVariable):
                return found
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.annotation(node, scope)
        return self.expression(node, scope)

    def special(self, node: ast.AST, scope: Scope) -> str | None:
        """The name of a typing special form that `node` refers to, however it was imported."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            value = self.name(node.value.id, scope)
            if isinstance(value, ModuleValue) and value.module.name in _ABSTRACT:
                return "Callable" if node.attr == "Callable" else None
            if isinstance(value, ModuleValue) and value.module.name in _TYPING:
                return node.attr if is_special(value.module, node.attr) else None
            return None
        if not isinstance(node, ast.Name):
            return None
        for each in scope.chain():
            bindings = each.bindings.get(node.id)
            if not bindings:
                continue
            for binding in bindings:
                if binding.kind == "from" and isinstance(binding.node, ast.ImportFrom):
                    if binding.node.module in _ABSTRACT and not binding.node.level:
                        if any(
                            each.name == "Callable" and (each.asname or each.name) == node.id
                            for each in binding.node.names
                        ):
                            return "Callable"
                    if binding.node.module in _TYPING and not binding.node.level:
                        original = next(
                            (a.name for a in binding.node.names if (a.asname or a.name) == node.id),
                            node.id,
                        )
                        module = self.sources.module(binding.node.module or "")
                        if module is not None and is_special(module, original):
                            return original
            if each.kind == "module" and each.module.name in _TYPING:
                return node.id if is_special(each.module, node.id) else None
            return None
        return None

    def builtin(self, name: str) -> Type:
        module = self.sources.module("builtins")
        bindings = module.scope.bindings.get(name) if module else None
        if module is None or not bindings or bindings[0].kind != "class":
            return Unknown(f"'{name}' is no builtin class")
        return Instance(self.class_info(bindings[0].node, module.scope))

    def typing_class(self, name: str) -> ClassInfo | None:
        module = self.sources.module("typing")
        bindings = module.scope.bindings.get(name) if module else None
        if module is None or not bindings or bindings[0].kind != "class":
            return None
        return self.class_info(bindings[0].node, module.scope)


def _count_of(taken: ast.expr) -> int | None:
    """How many parameters `Callable[taken, …]` declares; None where that is open."""
    if not isinstance(taken, ast.List):
        return None
    plain = (ast.Name, ast.Attribute, ast.Constant, ast.BinOp)
    generic = any(
        isinstance(each, ast.Subscript) and dotted(each.value).rpartition(".")[2] == "Unpack"
        for each in taken.elts
    )
    known = all(isinstance(each, (*plain, ast.Subscript)) for each in taken.elts)
    return len(taken.elts) if known and not generic else None


def quoted(node: ast.Constant) -> ast.expr | None:
    """The expression that a string holds; None where it holds none."""
    return once(node, "quoted", partial(_quoted, str(node.value)))


def _quoted(text: str) -> ast.expr | None:
    try:
        return expression_tree(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def is_special(module: Module, name: str) -> bool:
    """Whether a typing name is not simply a class or an alias of one."""
    if name in ("Generic", "Protocol", "TypedDict", "Any", "Self", "Type", "Never", "NoReturn"):
        return True
    bindings = module.scope.bindings.get(name, [])
    return any(
        binding.kind == "annotated"
        and isinstance(binding.node, ast.AnnAssign)
        and dotted(binding.node.annotation) in ("_SpecialForm", "object")
        for binding in bindings
    )
