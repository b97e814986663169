"""Lookup: what a name means where it is read, over every place that binds it.

Owns names, bindings, imports and parameters. Flow is not followed: a name is all that its
bindings may make of it, in whatever order they stand.
"""

from __future__ import annotations

import ast
import sys

from tenon.semantics.definitions import (
    default_of,
    dotted_decorators,
    may_be_remade,
    overloads_of,
)
from tenon.semantics.inference import CIRCULAR, Inference
from tenon.semantics.scopes import Binding, FunctionNode, Scope, all_arguments
from tenon.semantics.sources import Module
from tenon.semantics.standard import STANDARD
from tenon.semantics.types import (
    NONE,
    ClassInfo,
    ClassObject,
    Function,
    Instance,
    ModuleValue,
    Type,
    TypeVariable,
    Unknown,
    parts_of,
    plain,
    union,
)

_VARIABLES = frozenset({"typing.TypeVar", "typing_extensions.TypeVar"})
_ALIASES = {
    "List": "builtins", "Dict": "builtins", "Set": "builtins", "FrozenSet": "builtins",
    "DefaultDict": "collections", "Counter": "collections", "Deque": "collections",
    "ChainMap": "collections", "OrderedDict": "collections",
}  # fmt: skip
"""Names that `typing` has for classes of other modules."""
_GROWING = frozenset({"str", "bytes", "list", "set", "dict", "tuple", "frozenset", "Path"})
"""Types that stay what they are when they are changed in place."""


_NO_MEMBER = "tenon_no_member_"
"""A name that only what may have any member seems to have."""


class Lookup(Inference):
    """Names."""

    def name(self, name: str, scope: Scope) -> Type:
        """What a name means where it is read in `scope`."""
        for each in scope.chain():
            bindings = each.bindings.get(name)
            if bindings:
                return self.bound(name, bindings, each)
            if each.kind == "module":
                return self._global(name, each)
        return Unknown(f"'{name}' is bound nowhere")

    def offered(self, path: str, scope: Scope) -> Type | None:
        """What the head of a dotted path, which nothing binds, will be: its import is made with
        the text that says it. None where something binds it, or no import would."""
        if scope.module is not self.home:
            return None
        found = self.names.unimported(path)
        if found is None:
            return None
        level = len(found.module) - len(found.module.lstrip("."))
        node = ast.ImportFrom(module=found.module[level:] or None, names=[], level=level)
        module = self.imported(scope.module, node)
        if module is None:
            return Unknown(f"module '{found.module}' was not resolved")
        if found.name:
            return self.module_attribute(module, found.name)
        top = found.module.partition(".")[0]
        whole = found.alias or top == found.module
        bound = module if whole else self.sources.module(top, scope.module)
        return ModuleValue(bound) if bound is not None else None

    def module_to_be(self, name: str, scope: Scope) -> Type | None:
        """The module that a name, which nothing binds, must be before a dot; None where it may be
        another too, or where its members are not known."""
        if scope.module is not self.home or not self.names.is_unimported(name):
            return None
        found = self.names.unimported(f"{name}.{_NO_MEMBER}")
        if found is None and name in STANDARD.offers:
            module = self.sources.module(name)
        elif found is not None and not found.name and name in (found.alias, found.module):
            module = self.sources.module(found.module, scope.module)
        else:
            return None
        return ModuleValue(module) if module is not None else None

    def receiver_to_be(self, name: str, scope: Scope) -> Type | None:
        """What a name, which nothing binds and no module has, must be before a dot: it is imported
        with whatever is asked of it."""
        if name in sys.stdlib_module_names or self.sources.find(name) is not None:
            return None
        return self.offered(f"{name}.{_NO_MEMBER}", scope)

    def _global(self, name: str, scope: Scope) -> Type:
        found = self.starred(name, scope)
        if found is not None:
            return found
        if scope.module.dynamic:
            return Unknown(f"module '{scope.module.name}' changes its own names")
        builtins = self.sources.module("builtins")
        if builtins is None or scope.module is builtins:
            return Unknown(f"'{name}' is bound nowhere")
        bindings = builtins.scope.bindings.get(name)
        if not bindings:
            return self.offered(name, scope) or Unknown(f"'{name}' is bound nowhere")
        return self.bound(name, bindings, builtins.scope)

    def starred(self, name: str, scope: Scope) -> Type | None:
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

    def bound(self, name: str, bindings: list[Binding], scope: Scope) -> Type:
        return self.memo(
            scope.module,
            ("bound", name, scope),
            lambda: self._bound_now(name, bindings, scope),
            CIRCULAR,
        )

    def _bound_now(self, name: str, bindings: list[Binding], scope: Scope) -> Type:
        annotated = [b for b in bindings if b.kind == "annotated"]
        if annotated:
            bindings = annotated
        defs = [b for b in bindings if b.kind == "def"]
        if defs and len(defs) == len(bindings):
            bindings = overloads_of(defs)
        bindings = [b for b in bindings if b.node not in self.awaiting] or bindings
        augmented = [b for b in bindings if b.kind == "augmented"]
        plain = [b for b in bindings if b.kind != "augmented"]
        found = union(self.binding(name, each, scope) for each in plain)
        if isinstance(found, Instance) and found.cls.full_name in _VARIABLES:
            return TypeVariable(name, bounded=any(_is_bounded(each.node) for each in plain))
        if all(
            isinstance(part, Instance) and part.cls.name in _GROWING for part in parts_of(found)
        ):
            return found
        for each in augmented:
            if not isinstance(each.node, ast.AugAssign) or isinstance(found, Unknown):
                return Unknown(f"'{name}' is changed in place")
            found = union((found, self.augmented(found, each.node, scope)))
        return found

    def binding(self, name: str, binding: Binding, scope: Scope) -> Type:
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
            alias = self._alias_of_builtin(name, node, scope)
            if alias is not None:
                return alias
            return self._part(plain(self.expression(node, scope)), binding)
        if kind == "for":
            # A comprehension's first iterable is evaluated around it.
            around = scope.parent if scope.kind == "comprehension" and scope.parent else scope
            if scope.kind == "comprehension" and node is not scope.node.generators[0].iter:
                around = scope
            assert isinstance(node, ast.expr)
            return self._part(self.elements(node, around), binding)
        if kind == "with":
            value = self.expression(node, scope)
            return self._part(self.call_method(value, "__enter__"), binding)
        if kind == "async with":
            value = self.expression(node, scope)
            return self._part(self.awaited(self.call_method(value, "__aenter__")), binding)
        if kind == "async for":
            value = self.call_method(self.expression(node, scope), "__aiter__")
            return self._part(self.awaited(self.call_method(value, "__anext__")), binding)
        if kind == "except":
            return self._caught(node, scope)
        return Unknown(f"'{name}' is bound in a way that is not followed")

    def _alias_of_builtin(self, name: str, node: ast.AST, scope: Scope) -> Type | None:
        """What `typing.List` and its like stand for; None for any other value."""
        if scope.module.name != "typing" or name not in _ALIASES or not isinstance(node, ast.Call):
            return None
        module = self.sources.module(_ALIASES[name])
        own = name if _ALIASES[name] == "collections" else name.lower()
        own = {"Deque": "deque", "DefaultDict": "defaultdict"}.get(name, own)
        return self.module_attribute(module, own) if module is not None else None

    def _part(self, value: Type, binding: Binding) -> Type:
        """What a name takes of a value that is unpacked."""
        if binding.path is None:
            made = self.builtin("list")
            return made
        for index in binding.path:
            value = plain(self.element(value, index))
        return value

    def _definition(self, node: ast.AST, scope: Scope) -> Type:
        return self.decorated(Function(node, scope))

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
            return self.passed_on(function, node, scope)
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
                if not may_be_remade(function) or node.arg == "self":
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
        caught = [self.expression(kind, scope) for kind in kinds]
        for each in caught:
            if isinstance(each, ClassObject) and has_subclasses(each.cls):
                return Unknown(f"a subclass of {each.cls.name} may have been caught")
        return union(self.made(each) for each in caught)


def _is_bounded(node: ast.AST) -> bool:
    """Whether a type variable, made by this call, stands for some types only."""
    return isinstance(node, ast.Call) and (
        len(node.args) > 1 or any(keyword.arg == "bound" for keyword in node.keywords)
    )


def has_subclasses(cls: ClassInfo) -> bool:
    """Whether its own module, not a stub, derives from it."""
    return not cls.module.is_stub and any(
        isinstance(base, ast.Name) and base.id == cls.name
        for statement in cls.module.classes
        for base in statement.bases
    )
