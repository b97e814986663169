"""Definitions: decorators, defaults, and what methods set, read off a node alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import partial

from tenon.semantics.index import children, once
from tenon.semantics.scopes import Binding, FunctionNode, Scope, all_arguments
from tenon.semantics.sources import Module
from tenon.semantics.types import ClassInfo

PLAIN_DECORATORS = frozenset({"staticmethod", "classmethod", "abstractmethod", "overload",
    "override", "final", "deprecated", "abc.abstractmethod", "typing.overload", "t.overload",
    "typing.final", "t.final", "type_check_only", "typing.override", "typing_extensions.override",
    "abstractclassmethod", "functools.wraps"})  # fmt: skip
PROPERTIES = frozenset({"property", "cached_property", "functools.cached_property",
    "abstractproperty", "abc.abstractproperty", "types.DynamicClassAttribute",
    "DynamicClassAttribute", "_magic_enum_property"})  # fmt: skip


_DISPLAYS = (ast.Dict, ast.Set, ast.List, ast.Tuple)
_ATTRS = frozenset({"attr", "attrs"})
_ATTRS_DECORATORS = frozenset({
    "s", "attrs", "attributes", "dataclass", "define", "mutable", "frozen",
})  # fmt: skip


def is_attrs(decorator: str, cls: ClassInfo) -> bool:
    """Whether it is one of attrs' own decorators, which add nothing that has a plain name."""
    root, _, last = decorator.rpartition(".")
    bindings = cls.module.scope.bindings.get(root or last, ())
    if any(
        keyword.arg in ("these", None)
        for each in cls.node.decorator_list
        if isinstance(each, ast.Call)
        for keyword in each.keywords
    ):
        return False
    for binding in bindings:
        node = binding.node
        if root and not (isinstance(node, ast.alias) and node.name in _ATTRS):
            return False
        if not root and not (
            isinstance(node, ast.ImportFrom) and node.module in _ATTRS and not node.level
        ):
            return False
    return bool(bindings) and last in _ATTRS_DECORATORS


def listed_names(module: Module) -> frozenset[str] | None:
    """What the module lists in `__all__`, where it does so once and for all; None otherwise."""
    bindings = module.scope.bindings.get("__all__", ())
    if len(bindings) != 1 or bindings[0].kind not in ("assign", "annotated"):
        return None
    node = bindings[0].node
    node = node.value if isinstance(node, ast.AnnAssign) else node
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    named = [
        each.value
        for each in node.elts
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    changed = any(
        text.startswith("__all__.") for section in module.sections for text in section.called
    )
    return frozenset(named) if len(named) == len(node.elts) and not changed else None


def answered_names(module: Module) -> frozenset[str] | None:
    """A few more than the names that the module's `__getattr__` answers; None where there may be
    others: it must ask for one name after the other, and raise at its end."""
    bindings = module.scope.bindings["__getattr__"]
    node = bindings[0].node
    if len(bindings) != 1 or not isinstance(node, ast.FunctionDef) or not node.args.args:
        return None
    asked = node.args.args[0].arg
    *asking, last = node.body
    if not _raises(last):
        return None
    for statement in asking:
        plain = isinstance(statement, ast.Import | ast.ImportFrom) or (
            isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        )
        if not plain and not _only_asks(statement, asked, module):
            return None
    return frozenset(
        each.value
        for statement in module.tree.body
        for each in ast.walk(statement)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
        if each.value.isidentifier()
    )


def _only_asks(statement: ast.stmt, name: str, module: Module) -> bool:
    """Whether `statement` answers nothing but names that it asks for, one after the other."""
    if not isinstance(statement, ast.If):
        return False
    if not _raises(statement.body[-1]) and not _asks(statement.test, name, module):
        return False
    return all(_only_asks(each, name, module) for each in statement.orelse)


def _raises(statement: ast.stmt) -> bool:
    """Whether it says that there is no such attribute."""
    return isinstance(statement, ast.Raise) and statement.exc is not None and any(
        isinstance(each, ast.Name) and each.id == "AttributeError"
        for each in ast.walk(statement.exc)
    )


def _asks(test: ast.expr, name: str, module: Module) -> bool:
    """Whether `test` asks if `name` is one of some strings that stand in the module."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    if not isinstance(test.left, ast.Name) or test.left.id != name:
        return False
    among = test.comparators[0]
    if isinstance(test.ops[0], ast.Eq):
        return isinstance(among, ast.Constant)
    if not isinstance(test.ops[0], ast.In):
        return False
    if not isinstance(among, ast.Name):
        return isinstance(among, _DISPLAYS)
    values = [
        binding.node.value if isinstance(binding.node, ast.AnnAssign) else binding.node
        for binding in module.scope.bindings.get(among.id, ())
    ]
    return bool(values) and all(isinstance(value, _DISPLAYS) for value in values)


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
        found.append(dotted(decorator.func if isinstance(decorator, ast.Call) else decorator))
    return found


def may_be_remade(node: ast.AST) -> bool:
    """Whether a decorator may make of it what is no longer called, or gives, as it says."""
    return bool(set(dotted_decorators(node)) - PLAIN_DECORATORS - PROPERTIES)


def overloads_of(bindings: list[Binding]) -> list[Binding]:
    """Those that say how a function is called: its overloads, where it has any."""
    return [b for b in bindings if "overload" in dotted_decorators(b.node)] or bindings


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def sets(target: ast.AST, name: str) -> bool:
    return isinstance(target, ast.Attribute) and target.attr == name


def stores_in_class(node: ast.ClassDef, body: Scope) -> dict[str, list[tuple[ast.stmt, Scope]]]:
    """Statements of the class's own methods that set `self.<name>`, each with its scope."""
    found: dict[str, list[tuple[ast.stmt, Scope]]] = {}
    for method in node.body:
        for name, statement, path in once(method, "stores", partial(_stores_in, method)):
            scope = body.child(method) if isinstance(method, FunctionNode) else body
            for function in path:
                scope = scope.child(function)
            found.setdefault(name, []).append((statement, scope))
    return found


def _stores_in(root: ast.stmt) -> list[tuple[str, ast.stmt, tuple[ast.AST, ...]]]:
    """What a statement of a class's body sets on `self`: name, statement, functions between the
    two. Kept with `root`, and so without it: a node that leads to itself outlives its tree."""
    found: list[tuple[str, ast.stmt, tuple[ast.AST, ...]]] = []
    start = (root, (), frozenset({"self", "cls"}))
    waiting: list[tuple[ast.AST, tuple[ast.AST, ...], frozenset[str]]] = [start]
    while waiting:
        node, path, names = waiting.pop()
        if isinstance(node, ast.ClassDef):
            continue
        if isinstance(node, FunctionNode):
            if node is not root:
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


def yields(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it is a generator: what it returns is not what calling it gives."""

    def find() -> bool:
        waiting: list[ast.AST] = list(function.body)
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Yield | ast.YieldFrom):
                return True
            if not isinstance(node, FunctionNode | ast.ClassDef | ast.Lambda):
                waiting.extend(children(node))
        return False

    return once(function, "yields", find)
