"""Calls: what a call returns.

Owns what a class object makes, what decorators make of a function, and what a function without
a declaration returns.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from tenon.semantics.definitions import (
    PLAIN_DECORATORS,
    PROPERTIES,
    dotted,
    dotted_decorators,
    yields,
)
from tenon.semantics.index import once
from tenon.semantics.inference import CIRCULAR
from tenon.semantics.overloads import generic, overloads, positional_of
from tenon.semantics.scopes import FunctionNode, Scope, statements
from tenon.semantics.solving import Solving, names_in
from tenon.semantics.types import (
    NONE,
    Callable,
    ClassInfo,
    ClassObject,
    Function,
    Instance,
    NoneValue,
    Type,
    TypeVariable,
    Unknown,
    grounded,
    parts_of,
    plain,
    substitute,
    union,
)

_GROWING = frozenset({
    "list", "set", "dict", "bytearray", "defaultdict", "deque", "OrderedDict", "Counter",
    "ChainMap", "UserDict", "UserList",
})  # fmt: skip
"""Containers of which it is not known what will be put in later."""
COPIES = frozenset({"list", "tuple", "set", "frozenset", "deque"})
"""Classes whose instances hold what they were made of."""
_RETURNS = 12
"""Return statements beyond which a function is not followed."""
_DISPLAYED = 24
_ASYNCHRONOUS = frozenset({"AsyncIterator", "AsyncIterable", "AsyncGenerator"})
_ACCESSORS = (".setter", ".getter", ".deleter")
_ABSTRACT = frozenset({"abstractmethod", "abc.abstractmethod"})


class Calls(Solving):
    """Calls."""

    def called(
        self, value: Type, node: ast.Call | None = None, scope: Scope | None = None
    ) -> Type:
        """What calling `value` returns: by `node` in `scope`, or with whatever arguments."""
        parts = list(parts_of(value))
        if node is not None and scope is not None and node.args and all(map(_is_cast, parts)):
            return self.annotation(node.args[0], scope)
        if node is None or scope is None or not overloads(parts):
            return union(self._called(part, node, scope) for part in parts)
        chosen = self.chosen([part for part in parts if isinstance(part, Function)], node, scope)
        found = [self._declared_return(each, node, scope) for each in chosen]
        # What the arguments leave open is an overload that they do not fit.
        return union(map(grounded, [each for each in found if not generic(each)] or found))

    def _called(self, value: Type, node: ast.Call | None, scope: Scope | None) -> Type:
        if isinstance(value, ClassObject):
            if value.cls.full_name == "builtins.type":
                return Unknown("type() may return any class")
            return self.made(value, node, scope)
        if isinstance(value, Function):
            return self.returned(value, node, scope)
        if isinstance(value, Callable):
            return grounded(value.returned)
        if isinstance(value, Instance):
            call = self.attribute(value, "__call__")
            if all(isinstance(part, Function) for part in parts_of(call)):
                return self.called(call, node, scope)
        return Unknown("what is called is not known")

    def call_method(self, value: Type, name: str) -> Type:
        return self.called(self.attribute(value, name))

    def made(
        self, value: Type, node: ast.Call | None = None, scope: Scope | None = None
    ) -> Type:
        """An instance of a class object."""
        if not isinstance(value, ClassObject):
            return Unknown("the class is not known")
        if not value.cls.module.is_stub:
            for cls, _ in self.mro(value.cls) or ():
                if cls.module.is_stub:
                    continue
                if not self._makes_its_own(cls):
                    return Unknown(f"{cls.name} decides itself what it makes")
                if cls.node.keywords:
                    return Unknown(f"the metaclass of {cls.name} decides what it makes")
        if node is not None and scope is not None and not value.args:
            found = self._made_of(value, node, scope)
            if found is not None:
                return found
        return Instance(value.cls, value.args)

    def _makes_its_own(self, cls: ClassInfo) -> bool:
        """Whether nothing but instances of the class comes of calling it, as it says itself."""
        return all(
            isinstance(binding.node, FunctionNode)
            and binding.node.returns is not None
            and self.special(binding.node.returns, cls.scope) == "Self"
            for binding in cls.scope.bindings.get("__new__", ())
        )

    def _made_of(self, value: ClassObject, node: ast.Call, scope: Scope) -> Type | None:
        """An instance whose type arguments the call's arguments tell; None where they do not."""
        cls = value.cls
        if cls.name in _GROWING or not (node.args or node.keywords):
            return None
        parameters = self.parameters(cls)
        if not parameters:
            return None
        for name in ("__new__", "__init__"):
            makers = [
                Function(binding.node, cls.scope, value)
                for binding in cls.scope.bindings.get(name, ())
                if isinstance(binding.node, FunctionNode)
            ]
            found: list[Type] = []
            for maker in self.chosen(makers, node, scope):
                solved = self.solved(maker, node, scope)
                declared = maker.node.returns
                if name == "__new__" and declared is not None and dotted(declared) != "Self":
                    made = substitute(self.annotation(declared, cls.scope), solved)
                else:
                    free = tuple(solved.get(each, TypeVariable(each)) for each in parameters)
                    made = Instance(cls, free)
                if not generic(made):
                    found.append(made)
            if found:
                return union(found)
        return None

    def instances(self, node: ast.expr, scope: Scope) -> Type:
        """What `isinstance(x, node)` asks for."""
        if isinstance(node, ast.Tuple):
            return union(self.instances(each, scope) for each in node.elts)
        if isinstance(node, ast.BinOp):
            return union(self.instances(each, scope) for each in (node.left, node.right))
        value = self.expression(node, scope)
        if isinstance(value, NoneValue):
            return value
        return union(
            Instance(part.cls) if isinstance(part, ClassObject) else Unknown("a class is not known")
            for part in parts_of(value)
        )

    def returned(
        self, function: Function, call: ast.Call | None = None, scope: Scope | None = None
    ) -> Type:
        return grounded(self._declared_return(function, call, scope))

    def _declared_return(
        self, function: Function, call: ast.Call | None, scope: Scope | None
    ) -> Type:
        """What the function returns, with type variables in it that nothing solves."""
        node = function.node
        if node.name == "__new__":
            return Unknown("__new__ makes what its first argument says")
        if node.returns is None:
            return self._inferred(function)
        found = self.annotation(node.returns, function.scope, receiver=function.receiver)
        mapping = self.receiver_mapping(function)
        if mapping:
            found = substitute(found, mapping)
        if call is not None and scope is not None and generic(found):
            found = substitute(found, self.solved(function, call, scope))
        return self._awaitable(found, node)

    def _awaitable(self, found: Type, node: ast.AST) -> Type:
        if not isinstance(node, ast.AsyncFunctionDef):
            return found
        if any(isinstance(p, Instance) and p.cls.name in _ASYNCHRONOUS for p in parts_of(found)):
            # With a `yield` in it, calling it gives what it declares, and nothing to await.
            return found if yields(node) else Unknown("it may be a generator, or return one")
        coroutine = self.typing_class("Coroutine")
        if coroutine is None or isinstance(found, Unknown):
            return Unknown("what is awaited is not known")
        return Instance(coroutine, (NONE, NONE, found))

    def receiver_mapping(self, function: Function) -> dict[str, Type]:
        receiver = function.receiver
        owner = function.scope
        if not isinstance(receiver, Instance | ClassObject) or owner.kind != "class":
            return {}
        for cls, mapping in self.mro(receiver.cls, receiver.args) or ():
            if cls.node is owner.node:
                return mapping
        return {}

    # Functions that do not say what they return.

    def _inferred(self, function: Function) -> Type:
        node, around = function.node, function.scope
        if around.module.is_stub:
            return Unknown(f"{node.name} does not say what it returns")
        found = self.memo(
            around.module,
            ("inferred", node),
            lambda: self._inferred_now(node, around),
            CIRCULAR,
        )
        owner = around.node
        receiver = function.receiver
        if isinstance(receiver, Instance) and isinstance(owner, ast.ClassDef):
            # `return self` returns what the method was called on.
            found = union(
                receiver if isinstance(part, Instance) and part.cls.node is owner else part
                for part in parts_of(found)
            )
        return found

    def _inferred_now(self, node: ast.AST, around: Scope) -> Type:
        assert isinstance(node, FunctionNode)
        unknown = Unknown(f"{node.name} does not say what it returns")
        returns = once(node, "returns", partial(_returns, node))
        if returns is None or _ABSTRACT & set(dotted_decorators(node)):
            return unknown
        if around.kind == "class" and all(map(_says_nothing, node.body)):
            # A subclass is to say it.
            return unknown
        scope = around.child(node)
        filled = once(node, "filled", partial(_filled, node))
        values: list[Type] = []
        for each in returns:
            value = NONE if each is None else plain(self.expression(each, scope))
            if isinstance(value, Instance) and isinstance(each, ast.Name) and each.id in filled:
                # What it was made to hold is not all that it holds by then.
                value = Instance(value.cls)
            values.append(value)
        return self._awaitable(union(values), node)

    def decorated(self, function: Function) -> Type:
        """What the decorators of a function make of it."""
        value: Type = function
        for decorator in reversed(function.node.decorator_list):
            called = isinstance(decorator, ast.Call)
            maker = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = dotted(maker)
            if name in PLAIN_DECORATORS or name in PROPERTIES or name.endswith(_ACCESSORS):
                continue
            ways = list(parts_of(self.expression(maker, function.scope)))
            if all(isinstance(way, Function) and _caches(way) for way in ways):
                continue
            unknown = Unknown(f"the decorator {name or '?'} may change it")
            value = unknown if called else self._applied(ways, value) or unknown
        return value

    def _applied(self, ways: list[Type], value: Type) -> Type | None:
        """What a decorator makes of `value`, by the way to call it that fits first."""
        for way in ways:
            if not isinstance(way, Function) or way.node.returns is None:
                return None
            parameters = positional_of(way)
            found: dict[str, Type] = {}
            if parameters and parameters[0].annotation is not None:
                self.match(parameters[0].annotation, value, way.scope, found)
            made = substitute(self.annotation(way.node.returns, way.scope), found)
            if not isinstance(made, Unknown) and not generic(made):
                return made
        return None

    def elements(self, node: ast.expr, scope: Scope) -> Type:
        """What iterating over `node`, there and then, gives."""
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return plain(self.expression(node.elt, scope.child(node)))
        if isinstance(node, ast.List | ast.Tuple | ast.Set) and 0 < len(node.elts) <= _DISPLAYED:
            return plain(union(self.expression(each, scope) for each in node.elts))
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            made = self.expression(node.func, scope)
            if isinstance(made, ClassObject) and made.cls.name in COPIES:
                return self.elements(node.args[0], scope)
        return self.iterated(self.expression(node, scope))


def _is_cast(way: Type) -> bool:
    """Whether calling it gives what its first argument declares, whatever is given."""
    return (
        isinstance(way, Function)
        and way.node.name == "cast"
        and way.scope.module.name in ("typing", "typing_extensions")
    )


def _caches(way: Function) -> bool:
    return way.scope.module.name == "functools" and way.node.name in ("cache", "lru_cache")


def _returns(node: ast.AST) -> list[ast.expr | None] | None:
    """What a function returns, None for nothing; None where it yields, or leaves it to others."""
    assert isinstance(node, FunctionNode)
    found: list[ast.expr | None] = []
    for statement in statements(node.body):
        if isinstance(statement, ast.Return):
            found.append(statement.value)
        elif isinstance(statement, ast.Raise) and statement.exc is not None:
            if "NotImplementedError" in {n.id for n in names_in(statement.exc)}:
                return None
        elif any(isinstance(each, ast.Yield | ast.YieldFrom) for each in _own_nodes(statement)):
            return None
    return found or [None] if len(found) <= _RETURNS else None


def _filled(node: ast.AST) -> frozenset[str]:
    """The names of which the function sets elements."""
    return frozenset(
        each.value.id
        for each in ast.walk(node)
        if isinstance(each, ast.Subscript)
        and isinstance(each.ctx, ast.Store)
        and isinstance(each.value, ast.Name)
    )


def _says_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """Nodes of the statement's own expressions."""
    if isinstance(statement, FunctionNode | ast.ClassDef):
        return
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from ast.walk(child)
