"""Prover: the type of an expression, where the text proves it.

Owns inference. It follows only what leaves no doubt: definitions, imports, annotations,
constructors, literals. Whatever it does not understand makes the whole answer `Unknown`:
a union of what is known and what is not is not known. It reads sources and runs nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from tenon.semantics.index import children, once
from tenon.semantics.scopes import Binding, FunctionNode, Scope, all_arguments
from tenon.semantics.sources import Module, Sources
from tenon.semantics.types import (
    NONE,
    ClassInfo,
    ClassObject,
    Function,
    Instance,
    ModuleValue,
    NoneValue,
    Type,
    TypeVariable,
    Unknown,
    grounded,
    parts_of,
    substitute,
    union,
)

_TYPING = frozenset({"typing", "typing_extensions", "_typeshed"})
_TRANSPARENT = frozenset({"ClassVar", "Final", "Annotated", "Required", "NotRequired", "ReadOnly"})
_PLAIN_DECORATORS = frozenset({"staticmethod", "classmethod", "abstractmethod", "overload",
    "override", "final", "deprecated", "abc.abstractmethod", "typing.overload", "t.overload",
    "typing.final", "t.final", "type_check_only", "typing.override", "typing_extensions.override",
    "abstractclassmethod", "functools.wraps"})  # fmt: skip
_PROPERTIES = frozenset({"property", "cached_property", "functools.cached_property",
    "abstractproperty", "abc.abstractproperty", "types.DynamicClassAttribute",
    "DynamicClassAttribute", "_magic_enum_property"})  # fmt: skip
_DISPLAYS: dict[type[ast.AST], str] = {
    ast.List: "list", ast.ListComp: "list", ast.Set: "set", ast.SetComp: "set",
    ast.Dict: "dict", ast.DictComp: "dict", ast.Tuple: "tuple", ast.JoinedStr: "str",
}  # fmt: skip
_GROWING = frozenset({"str", "bytes", "list", "set", "dict", "tuple", "frozenset", "Path"})
_DEPTH = 100
_VARIABLES = frozenset({"typing.TypeVar", "typing_extensions.TypeVar"})

_T = TypeVar("_T")


_CIRCULAR = Unknown("it is defined in terms of itself")


class Prover:
    """Types over one set of sources. One thread uses it."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._epoch = sources.epoch
        self._passing: dict[object, object] = {}
        """Conclusions of this analysis alone."""
        self._busy: set[tuple[object, ...]] = set()
        self._cycles = 0
        self._ticks = 0

    def refresh(self) -> None:
        """A new analysis: forget what was concluded if a file has changed since."""
        self._passing.clear()
        self._busy.clear()
        if self._epoch != self.sources.epoch:
            self._epoch = self.sources.epoch
            self.sources.forget_conclusions()

    # Names and bindings.

    def name(self, name: str, scope: Scope) -> Type:
        """What a name means where it is read in `scope`."""
        for each in scope.chain():
            bindings = each.bindings.get(name)
            if bindings:
                return self._bound(name, bindings, each)
            if each.kind == "module":
                return self._global(name, each)
        return Unknown(f"'{name}' is bound nowhere")

    def _global(self, name: str, scope: Scope) -> Type:
        found = self._starred(name, scope)
        if found is not None:
            return found
        if scope.module.dynamic:
            return Unknown(f"module '{scope.module.name}' changes its own names")
        builtins = self.sources.module("builtins")
        if builtins is None or scope.module is builtins:
            return Unknown(f"'{name}' is bound nowhere")
        bindings = builtins.scope.bindings.get(name)
        if not bindings:
            return Unknown(f"'{name}' is bound nowhere")
        return self._bound(name, bindings, builtins.scope)

    def _starred(self, name: str, scope: Scope) -> Type | None:
        scope.bindings  # noqa: B018  (collects the star imports)
        for star in scope.stars:
            module = self.imported(scope.module, star)
            if module is None:
                return Unknown("a star import was not resolved")
            found = self.module_attribute(module, name, submodules=False)
            if not isinstance(found, Unknown):
                return found
            if module.dynamic or name in module.scope.bindings:
                return found
        return None

    def _bound(self, name: str, bindings: list[Binding], scope: Scope) -> Type:
        return self._memo(
            scope.module,
            ("bound", name, scope),
            lambda: self._bound_now(name, bindings, scope),
            _CIRCULAR,
        )

    def _bound_now(self, name: str, bindings: list[Binding], scope: Scope) -> Type:
        annotated = [b for b in bindings if b.kind == "annotated"]
        if annotated:
            bindings = annotated
        defs = [b for b in bindings if b.kind == "def"]
        if defs and len(defs) == len(bindings):
            overloads = [b for b in defs if "overload" in dotted_decorators(b.node)]
            bindings = overloads or bindings
        augmented = [b for b in bindings if b.kind == "augmented"]
        plain = [b for b in bindings if b.kind != "augmented"]
        found = union(self._binding(name, each, scope) for each in plain)
        if isinstance(found, Instance) and found.cls.full_name in _VARIABLES:
            return TypeVariable(name)
        if augmented and not all(
            isinstance(part, Instance) and part.cls.name in _GROWING for part in parts_of(found)
        ):
            return Unknown(f"'{name}' is changed in place")
        return found

    def _binding(self, name: str, binding: Binding, scope: Scope) -> Type:
        kind, node = binding.kind, binding.node
        if kind == "class":
            return ClassObject(self.class_info(node, scope))
        if kind == "def":
            return self._definition(node, scope)
        if kind == "import":
            return self._import(node, scope)
        if kind == "from":
            return self._from(name, node, scope)
        if kind == "annotated":
            assert isinstance(node, ast.AnnAssign)
            return self.annotation(node.annotation, scope)
        if kind == "param":
            return self._parameter(node, scope)
        if kind == "assign":
            if not binding.whole:
                return Unknown(f"'{name}' is unpacked")
            return self.expression(node, scope)
        if kind == "for":
            # A comprehension's first iterable is evaluated around it.
            around = scope.parent if scope.kind == "comprehension" and scope.parent else scope
            if scope.kind == "comprehension" and node is not scope.node.generators[0].iter:
                around = scope
            if not binding.whole:
                return Unknown(f"'{name}' is unpacked")
            return self.iterated(self.expression(node, around))
        if kind == "with" and binding.whole:
            value = self.expression(node, scope)
            return self._call_method(value, "__enter__")
        if kind == "except":
            return self._caught(node, scope)
        return Unknown(f"'{name}' is bound in a way that is not followed")

    def _definition(self, node: ast.AST, scope: Scope) -> Type:
        for decorator in dotted_decorators(node):
            if decorator not in _PLAIN_DECORATORS and decorator not in _PROPERTIES:
                if not decorator.endswith((".setter", ".getter", ".deleter")):
                    return Unknown(f"the decorator {decorator or '?'} may change it")
        return Function(node, scope)

    def _import(self, node: ast.AST, scope: Scope) -> Type:
        assert isinstance(node, ast.alias)
        name = node.name if node.asname else node.name.partition(".")[0]
        module = self.sources.module(name, scope.module)
        return ModuleValue(module) if module else Unknown(f"module '{name}' was not resolved")

    def _from(self, name: str, node: ast.AST, scope: Scope) -> Type:
        assert isinstance(node, ast.ImportFrom)
        module = self.imported(scope.module, node)
        base = self.relative(scope.module, node)
        found: Type = Unknown(f"module '{base}' was not resolved")
        for alias in node.names:
            if (alias.asname or alias.name) != name:
                continue
            if module is not None and module is not scope.module:
                found = self.module_attribute(module, alias.name)
            elif base is not None:
                inner = self.sources.module(f"{base}.{alias.name}".strip("."), scope.module)
                if inner is not None:
                    found = ModuleValue(inner)
        return found

    def relative(self, module: Module, node: ast.ImportFrom) -> str | None:
        """The absolute name of the module an import names, or None beyond the top."""
        if not node.level:
            return node.module
        parts = module.package.split(".") if module.package else []
        if node.level - 1 > len(parts) or (not parts and not module.package):
            return None
        base = parts[: len(parts) - (node.level - 1)]
        return ".".join((*base, *(node.module or "").split("."))).rstrip(".")

    def imported(self, module: Module, node: ast.ImportFrom) -> Module | None:
        name = self.relative(module, node)
        return self.sources.module(name, module) if name else None

    def _parameter(self, node: ast.AST, scope: Scope) -> Type:
        assert isinstance(node, ast.arg)
        function = scope.node
        if isinstance(function, ast.Lambda):
            return Unknown(f"the parameter '{node.arg}' is not annotated")
        assert isinstance(function, FunctionNode)
        arguments = function.args
        if node is arguments.vararg:
            return self.builtin("tuple")
        if node is arguments.kwarg:
            return self.builtin("dict")
        owner = scope.parent
        if owner is not None and owner.kind == "class" and node.annotation is None:
            first = next(all_arguments(arguments), None)
            decorators = dotted_decorators(function)
            if node is first and "staticmethod" not in decorators:
                info = self.class_info(owner.node, owner.parent)
                implicit = function.name in ("__new__", "__init_subclass__", "__class_getitem__")
                if "classmethod" in decorators or implicit:
                    return ClassObject(info)
                if not set(decorators) - _PLAIN_DECORATORS - _PROPERTIES or node.arg == "self":
                    return Instance(info)
                return Unknown("a decorator may change what the method is bound to")
        if node.annotation is None:
            return Unknown(f"the parameter '{node.arg}' is not annotated")
        found = self.annotation(node.annotation, scope.parent or scope)
        default = default_of(arguments, node)
        if isinstance(default, ast.Constant) and default.value is None:
            return union((found, NONE))
        return found

    def _caught(self, node: ast.AST, scope: Scope) -> Type:
        assert isinstance(node, ast.ExceptHandler)
        if node.type is None:
            return Unknown("a bare except catches anything")
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        return union(self._made(self.expression(kind, scope)) for kind in kinds)

    # Expressions.

    def expression(self, node: ast.AST, scope: Scope) -> Type:
        """The type of `node` evaluated in `scope`, whatever path leads there."""
        self._ticks += 1
        if self._ticks % 64 == 0:
            self.sources.check_time()
        key = ("expression", node, scope)
        if key in self._busy or len(self._busy) > _DEPTH:
            self._cycles += 1
            return _CIRCULAR
        self._busy.add(key)
        try:
            return grounded(self._expression(node, scope))
        finally:
            self._busy.discard(key)

    def _expression(self, node: ast.AST, scope: Scope) -> Type:
        if isinstance(node, ast.Name):
            return self.name(node.id, scope)
        if isinstance(node, ast.Attribute):
            return self.attribute(self.expression(node.value, scope), node.attr)
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        if isinstance(node, ast.Constant):
            value = node.value
            if value is None:
                return NONE
            return self.builtin(type(value).__name__)
        if isinstance(node, ast.Tuple | ast.List | ast.Set) and node.elts:
            return self._display(node, scope)
        for kind, name in _DISPLAYS.items():
            if isinstance(node, kind):
                return self.builtin(name)
        if isinstance(node, ast.IfExp):
            return union((self.expression(node.body, scope), self.expression(node.orelse, scope)))
        if isinstance(node, ast.BoolOp):
            return union(self.expression(value, scope) for value in node.values)
        if isinstance(node, ast.NamedExpr):
            return self.expression(node.value, scope)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.builtin("bool")
        if isinstance(node, ast.Compare):
            plain = (ast.Is, ast.IsNot, ast.In, ast.NotIn)
            if all(isinstance(op, plain) for op in node.ops):
                return self.builtin("bool")
            return Unknown("a comparison may return anything")
        if isinstance(node, ast.BinOp):
            return self._operation(node, scope)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, scope)
        if isinstance(node, ast.Await):
            value = self.expression(node.value, scope)
            return self._awaited(value)
        return Unknown(f"a {type(node).__name__} is not followed")

    def _display(self, node: ast.Tuple | ast.List | ast.Set, scope: Scope) -> Type:
        made = self.builtin(_DISPLAYS[type(node)])
        if not isinstance(made, Instance) or len(node.elts) > 8 or isinstance(node, ast.List):
            # A list grows: what was put in later is not seen here.
            return made
        items = union(self.expression(element, scope) for element in node.elts)
        return made if isinstance(items, Unknown) else Instance(made.cls, (items,))

    def _operation(self, node: ast.BinOp, scope: Scope) -> Type:
        left = self.expression(node.left, scope)
        if not isinstance(left, Instance):
            return Unknown("the left operand is not known")
        if left.cls.name == "str" and isinstance(node.op, ast.Mod):
            return self.builtin("str")
        right = self.expression(node.right, scope)
        if isinstance(right, Instance) and right.cls is left.cls and isinstance(node.op, ast.Add):
            if left.cls.name in ("str", "bytes"):
                return Instance(left.cls)
        if isinstance(node.op, ast.Div) and left.cls.module.name.startswith("pathlib"):
            return Instance(left.cls)
        return Unknown("the operator may return anything")

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Type:
        value = self.expression(node.value, scope)
        if isinstance(value, ClassObject):
            argument = node.slice
            items = argument.elts if isinstance(argument, ast.Tuple) else [argument]
            return ClassObject(value.cls, tuple(self.annotation(item, scope) for item in items))
        if isinstance(value, Instance):
            if value.cls.name in ("str", "bytes") and value.cls.module.name == "builtins":
                return value if value.cls.name == "str" else Unknown("bytes give numbers")
            if value.cls.name in ("list", "tuple") and isinstance(node.slice, ast.Slice):
                return value
            if value.cls.name == "list" and value.args:
                return value.args[0]
            if value.cls.name == "tuple" and value.args:
                return value.args[0]
            if value.cls.name in ("dict", "defaultdict", "OrderedDict") and len(value.args) == 2:
                return value.args[1]
        return Unknown("the element's type is not known")

    def _call(self, node: ast.Call, scope: Scope) -> Type:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            info = self.enclosing_class(scope)
            return Instance(info) if info else Unknown("super() outside a class")
        return self.called(self.expression(node.func, scope), node)

    def called(self, value: Type, node: ast.Call | None = None) -> Type:
        """What calling `value` returns, with whatever arguments."""
        return union(self._called(part, node) for part in parts_of(value))

    def _called(self, value: Type, node: ast.Call | None) -> Type:
        if isinstance(value, ClassObject):
            if value.cls.full_name == "builtins.type":
                return Unknown("type() may return any class")
            return self._made(value)
        if isinstance(value, Function):
            return self._returned(value)
        if isinstance(value, Instance):
            call = self.attribute(value, "__call__")
            if isinstance(call, Function):
                return self._returned(call)
        return Unknown("what is called is not known")

    def _made(self, value: Type) -> Type:
        """An instance of a class object."""
        if not isinstance(value, ClassObject):
            return Unknown("the class is not known")
        if not value.cls.module.is_stub:
            for cls, _ in self.mro(value.cls) or ():
                if cls.module.is_stub:
                    continue
                if "__new__" in cls.scope.bindings:
                    return Unknown(f"{cls.name} decides itself what it makes")
                if cls.node.keywords:
                    return Unknown(f"the metaclass of {cls.name} decides what it makes")
        return Instance(value.cls, value.args)

    def _returned(self, function: Function) -> Type:
        node = function.node
        if node.returns is None:
            return Unknown(f"{node.name} does not say what it returns")
        found = self.annotation(node.returns, function.scope, receiver=function.receiver)
        mapping = self._receiver_mapping(function)
        if mapping:
            found = substitute(found, mapping)
        found = grounded(found)
        if isinstance(node, ast.AsyncFunctionDef):
            coroutine = self.typing_class("Coroutine")
            if coroutine is None or isinstance(found, Unknown):
                return Unknown(f"{node.name} is awaited")
            return Instance(coroutine, (NONE, NONE, found))
        return found

    def _receiver_mapping(self, function: Function) -> dict[str, Type]:
        receiver = function.receiver
        owner = function.scope
        if not isinstance(receiver, Instance | ClassObject) or owner.kind != "class":
            return {}
        for cls, mapping in self.mro(receiver.cls, receiver.args) or ():
            if cls.node is owner.node:
                return mapping
        return {}

    def _awaited(self, value: Type) -> Type:
        if isinstance(value, Instance) and value.cls.name == "Coroutine" and len(value.args) == 3:
            return value.args[2]
        return Unknown("what is awaited is not known")

    def _call_method(self, value: Type, name: str) -> Type:
        return self.called(self.attribute(value, name))

    def iterated(self, value: Type) -> Type:
        """What `for x in value` gives x."""
        found = []
        for part in parts_of(value):
            if isinstance(part, ClassObject):
                if self.is_enum(part.cls):
                    found.append(Instance(part.cls))
                    continue
                return Unknown("a class is iterated")
            if not isinstance(part, Instance):
                return Unknown("what is iterated is not known")
            if part.cls.full_name == "builtins.str":
                found.append(part)
                continue
            iterator = self._call_method(part, "__iter__")
            found.append(grounded(self._call_method(iterator, "__next__")))
        return union(found)

    # Classes.

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
        parameters = self._parameters(cls, bases)
        mapping = dict(zip(parameters, args, strict=False)) if args else {}
        if any(each is cls for each, _ in found):
            return True
        found.append((cls, mapping))
        for base in bases:
            inner = tuple(
                substitute(arg, mapping) if mapping else arg for arg in base.args
            )
            if not self._linearise(base.cls, inner, found, depth + 1):
                return False
        return True

    def _parameters(self, cls: ClassInfo, bases: Iterable[ClassObject]) -> tuple[str, ...]:
        explicit = getattr(cls.node, "type_params", ())
        if explicit:
            return tuple(parameter.name for parameter in explicit)
        names: dict[str, None] = {}
        for expression in cls.node.bases:
            if isinstance(expression, ast.Subscript):
                head = _dotted(expression.value).rpartition(".")[2]
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
        return self._memo(cls.module, ("bases", cls), lambda: self._bases_now(cls), None)

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

    # Attributes.

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
            # What has arguments may outlive neither them nor this analysis.
            return self._memo(
                value.cls.module,
                ("attribute", value, name),
                lambda: self._class_attribute(value, name),
                _CIRCULAR,
                kept=self._passing if value.args else None,
            )
        return Unknown(f"what has '{name}' is not known")

    def _class_attribute(self, value: Instance | ClassObject, name: str) -> Type:
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
            return self._bound(name, annotated, cls.scope)
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
            found.append(self._binding(name, binding, cls.scope))
        for statement, scope in stored:
            if not isinstance(statement, ast.Assign):
                return Unknown(f"'{name}' is set in a way that is not followed")
            if not any(_sets(target, name) for target in statement.targets):
                return Unknown(f"'{name}' is unpacked")
            found.append(self.expression(statement.value, scope))
        if any(isinstance(each, NoneValue) for each in found):
            return Unknown(f"'{name}' is born None")
        return union(found)

    def _method(
        self, value: Instance | ClassObject, bindings: list[Binding], cls: ClassInfo
    ) -> Type:
        overloads = [b for b in bindings if "overload" in dotted_decorators(b.node)]
        found = []
        for binding in overloads or bindings:
            node = binding.node
            if not isinstance(node, FunctionNode):
                return Unknown("it is defined in several ways")
            decorators = dotted_decorators(node)
            if any(decorator.endswith((".setter", ".deleter", ".getter")) for decorator in decorators):
                continue
            if any(decorator in _PROPERTIES for decorator in decorators):
                if isinstance(value, ClassObject):
                    return Unknown("a property of the class object")
                found.append(self._returned(Function(node, cls.scope, value)))
                continue
            for decorator in decorators:
                if decorator not in _PLAIN_DECORATORS:
                    return Unknown(f"the decorator {decorator} may change it")
            bound: Type = value
            if isinstance(value, Instance) and "classmethod" in decorators:
                bound = ClassObject(value.cls, value.args)
            found.append(Function(node, cls.scope, bound))
        return union(found)

    def stores(self, cls: ClassInfo) -> dict[str, list[tuple[ast.stmt, Scope]]]:
        """Statements in the class's own methods that set `self.<name>`, with their scope."""
        return self._memo(cls.module, ("stores", cls), lambda: _stores(cls), {})

    def module_attribute(self, module: Module, name: str, *, submodules: bool = True) -> Type:
        key = ("module attribute", name, submodules)
        return self._memo(module, key, lambda: self._module_attribute(module, name, submodules), _CIRCULAR)

    def _module_attribute(self, module: Module, name: str, submodules: bool) -> Type:
        if module.dynamic:
            return Unknown(f"module '{module.name}' changes its own names")
        bindings = module.scope.bindings.get(name)
        if bindings:
            return self._bound(name, bindings, module.scope)
        found = self._starred(name, module.scope)
        if found is not None:
            return found
        if submodules and module.directory is not None:
            inner = self.sources.module(f"{module.name}.{name}", module)
            if inner is not None:
                return ModuleValue(inner)
        return Unknown(f"module '{module.name}' has no '{name}' that is known")

    # Annotations.

    def annotation(self, node: ast.AST, scope: Scope, *, receiver: Type | None = None) -> Type:
        """The type that an annotation declares."""
        if isinstance(node, ast.Constant):
            if node.value is None:
                return NONE
            if isinstance(node.value, str):
                inner = once(node, "quoted", partial(_quoted, node.value))
                if inner is not None:
                    return self.annotation(inner, scope, receiver=receiver)
            return Unknown("an annotation was not understood")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return union(
                self.annotation(side, scope, receiver=receiver) for side in (node.left, node.right)
            )
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
        if special is not None and special not in ("NamedTuple", "TypedDict", "Protocol"):
            return Unknown(f"{special} may be anything")
        value = self.expression_or_variable(node, scope)
        if isinstance(value, TypeVariable | Unknown):
            return value
        return self._declared(value)

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
            found.append(Instance(part.cls, part.args))
            # PEP 484: an int may stand where a float is declared.
            if part.cls.full_name in ("builtins.float", "builtins.complex"):
                found += [each for each in (self.builtin("int"), self.builtin("float"))]
            if part.cls.full_name == "builtins.bytes":
                found += [self.builtin("bytearray"), self.builtin("memoryview")]
        return union(found)

    def _subscripted(self, node: ast.Subscript, scope: Scope, receiver: Type | None) -> Type:
        special = self.special(node.value, scope)
        if special is None and _dotted(node.value) == "type":
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
            return union(
                self._expression(item, scope)
                if isinstance(item, ast.Constant)
                else Unknown("a literal of an enum")
                for item in items
            )
        if special == "Type":
            inner = self.annotation(items[0], scope, receiver=receiver)
            if isinstance(inner, Instance):
                return ClassObject(inner.cls, inner.args)
            return Unknown("a class that is not known")
        if special is not None:
            return Unknown(f"{special} may be anything")
        value = self.expression_or_variable(node.value, scope)
        if not isinstance(value, ClassObject):
            return Unknown("a generic that was not resolved")
        if value.cls.full_name == "builtins.tuple":
            kept = [i for i in items if not (isinstance(i, ast.Constant) and i.value is Ellipsis)]
            if any(isinstance(item, ast.Tuple | ast.Starred) for item in kept):
                return Instance(value.cls)
            inner = union(self.annotation(i, scope, receiver=receiver) for i in kept)
            return Instance(value.cls, (inner,))
        return Instance(value.cls, tuple(each()))

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
            if isinstance(value, ModuleValue) and value.module.name in _TYPING:
                return node.attr if _is_special(value.module, node.attr) else None
            return None
        if not isinstance(node, ast.Name):
            return None
        for each in scope.chain():
            bindings = each.bindings.get(node.id)
            if not bindings:
                continue
            for binding in bindings:
                if binding.kind == "from" and isinstance(binding.node, ast.ImportFrom):
                    if binding.node.module in _TYPING and not binding.node.level:
                        original = next(
                            (a.name for a in binding.node.names if (a.asname or a.name) == node.id),
                            node.id,
                        )
                        module = self.sources.module(binding.node.module or "")
                        if module is not None and _is_special(module, original):
                            return original
            if each.kind == "module" and each.module.name in _TYPING:
                return node.id if _is_special(each.module, node.id) else None
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

    def _memo(
        self,
        module: Module,
        key: tuple[object, ...],
        find: Callable[[], _T],
        circular: _T,
        *,
        kept: dict[object, object] | None = None,
    ) -> _T:
        """What `find` returns, kept with `module`; `circular` where it leads back to itself."""
        memo = module.memo if kept is None else kept
        if key in memo:
            return memo[key]  # type: ignore[return-value]
        busy = (id(module), *key)
        if busy in self._busy or len(self._busy) > _DEPTH:
            self._cycles += 1
            return circular
        cycles = self._cycles
        self._busy.add(busy)
        try:
            found = find()
        finally:
            self._busy.discard(busy)
        # What was found on the way round a circle depends on where the circle was entered.
        if cycles == self._cycles or not self._busy:
            memo[key] = found
        return found


def _quoted(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def default_of(arguments: ast.arguments, argument: ast.arg) -> ast.expr | None:
    positional = [*arguments.posonlyargs, *arguments.args]
    if argument in positional:
        index = positional.index(argument) - (len(positional) - len(arguments.defaults))
        return arguments.defaults[index] if index >= 0 else None
    if argument in arguments.kwonlyargs:
        return arguments.kw_defaults[arguments.kwonlyargs.index(argument)]
    return None


def dotted_decorators(node: ast.AST) -> list[str]:
    found = []
    for decorator in getattr(node, "decorator_list", ()):
        found.append(_dotted(decorator.func if isinstance(decorator, ast.Call) else decorator))
    return found


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""


def _sets(target: ast.AST, name: str) -> bool:
    return isinstance(target, ast.Attribute) and target.attr == name


def _is_special(module: Module, name: str) -> bool:
    """Whether a typing name is not simply a class or an alias of one."""
    if name in ("Generic", "Protocol", "TypedDict", "Any", "Self", "Type", "Never", "NoReturn"):
        return True
    bindings = module.scope.bindings.get(name, [])
    return any(
        binding.kind == "annotated"
        and isinstance(binding.node, ast.AnnAssign)
        and _dotted(binding.node.annotation) in ("_SpecialForm", "object")
        for binding in bindings
    )


def _stores(cls: ClassInfo) -> dict[str, list[tuple[ast.stmt, Scope]]]:
    found: dict[str, list[tuple[ast.stmt, Scope]]] = {}
    for method in cls.node.body:
        for name, statement, path in once(method, "stores", partial(_stores_in, method)):
            scope = cls.scope
            for function in path:
                scope = scope.child(function)
            found.setdefault(name, []).append((statement, scope))
    return found


def _stores_in(root: ast.stmt) -> list[tuple[str, ast.stmt, tuple[ast.AST, ...]]]:
    """What a statement of a class's body sets on `self`: name, statement, functions around it."""
    found: list[tuple[str, ast.stmt, tuple[ast.AST, ...]]] = []
    start = (root, (), frozenset({"self", "cls"}))
    waiting: list[tuple[ast.AST, tuple[ast.AST, ...], frozenset[str]]] = [start]
    while waiting:
        node, path, names = waiting.pop()
        if isinstance(node, ast.ClassDef):
            continue
        if isinstance(node, FunctionNode):
            path = (*path, node)
            first = next(all_arguments(node.args), None)
            if first is not None:
                names |= {first.arg}
        elif isinstance(node, ast.stmt):
            for target in _targets(node):
                if isinstance(target.value, ast.Name) and target.value.id in names:
                    found.append((target.attr, node, path))
        waiting.extend(
            (child, path, names)
            for child in children(node)
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
        )
    return found


def _targets(statement: ast.stmt) -> Iterable[ast.Attribute]:
    """Attributes that `statement` itself sets or deletes."""
    places: list[ast.AST] = []
    for name in ("targets", "target", "items"):
        value = getattr(statement, name, None)
        if isinstance(value, list):
            places += [getattr(item, "optional_vars", item) for item in value]
        elif value is not None:
            places.append(value)
    for place in places:
        if place is not None:
            for node in ast.walk(place):
                if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                    yield node
