"""Inference: what the parts of the prover share, and what they ask of one another.

Owns the memory of conclusions and the guard against going round in circles. Everything that is
not understood makes a whole answer `Unknown`: a union of what is known and what is not is not
known.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeVar

from tenon.semantics.facts import NameSet
from tenon.semantics.scopes import Binding, Scope
from tenon.semantics.sources import Module, Sources
from tenon.semantics.types import ClassInfo, ClassObject, Function, Type, Unknown

DEPTH = 100
"""Steps of inference that may stand upon one another."""
CIRCULAR: Type = Unknown("it is defined in terms of itself")

_T = TypeVar("_T")


class Inference:
    """State, and the questions; each part answers some of them."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._epoch = sources.epoch
        self.passing: dict[object, object] = {}
        """Conclusions of this analysis alone."""
        self.busy: set[tuple[object, ...]] = set()
        self.cycles = 0
        self.ticks = 0
        self.home: Module | None = None
        """The buffer's module, whose names may be imported yet."""
        self.names = NameSet()
        """What may be read at the cursor in it."""
        self.awaiting: frozenset[ast.AST] = frozenset()
        """What runs in it only once the statement at the cursor has."""

    def refresh(self) -> None:
        """A new analysis: forget what was concluded if a file has changed since."""
        self.passing.clear()
        self.busy.clear()
        if self._epoch != self.sources.epoch:
            self._epoch = self.sources.epoch
            self.sources.forget_conclusions()

    def memo(
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
        if busy in self.busy or len(self.busy) > DEPTH:
            self.cycles += 1
            return circular
        cycles = self.cycles
        self.busy.add(busy)
        try:
            found = find()
        finally:
            self.busy.discard(busy)
        # What was found on the way round a circle depends on where the circle was entered.
        if cycles == self.cycles or not self.busy:
            memo[key] = found
        return found

    # The questions. `Prover` puts the parts together that answer them.

    def name(self, name: str, scope: Scope) -> Type:
        raise NotImplementedError

    def offered(self, path: str, scope: Scope) -> Type | None:
        raise NotImplementedError

    def module_to_be(self, name: str, scope: Scope) -> Type | None:
        raise NotImplementedError

    def bound(self, name: str, bindings: list[Binding], scope: Scope) -> Type:
        raise NotImplementedError

    def binding(self, name: str, binding: Binding, scope: Scope) -> Type:
        raise NotImplementedError

    def starred(self, name: str, scope: Scope) -> Type | None:
        raise NotImplementedError

    def imported(self, module: Module, node: ast.ImportFrom) -> Module | None:
        raise NotImplementedError

    def expression(self, node: ast.AST, scope: Scope) -> Type:
        raise NotImplementedError

    def called(
        self, value: Type, node: ast.Call | None = None, scope: Scope | None = None
    ) -> Type:
        raise NotImplementedError

    def augmented(self, value: Type, node: ast.AugAssign, scope: Scope) -> Type:
        raise NotImplementedError

    def passed_on(self, function: ast.Lambda, node: ast.arg, scope: Scope) -> Type:
        raise NotImplementedError

    def takes(self, declared: Type, given: Type) -> bool | None:
        raise NotImplementedError

    def element(self, value: Type, index: object) -> Type:
        raise NotImplementedError

    def elements(self, node: ast.expr, scope: Scope) -> Type:
        raise NotImplementedError

    def parameters(self, cls: ClassInfo) -> tuple[str, ...]:
        raise NotImplementedError

    def receiver_mapping(self, function: Function) -> dict[str, Type]:
        raise NotImplementedError

    def awaited(self, value: Type) -> Type:
        raise NotImplementedError

    def call_method(self, value: Type, name: str) -> Type:
        raise NotImplementedError

    def made(
        self, value: Type, node: ast.Call | None = None, scope: Scope | None = None
    ) -> Type:
        raise NotImplementedError

    def alias(self, node: ast.AST, scope: Scope) -> tuple[ast.expr, Scope] | None:
        raise NotImplementedError

    def decorated(self, function: Function) -> Type:
        raise NotImplementedError

    def returned(
        self, function: Function, call: ast.Call | None = None, scope: Scope | None = None
    ) -> Type:
        raise NotImplementedError

    def iterated(self, value: Type) -> Type:
        raise NotImplementedError

    def class_info(self, node: ast.AST, scope: Scope | None) -> ClassInfo:
        raise NotImplementedError

    def enclosing_class(self, scope: Scope) -> ClassInfo | None:
        raise NotImplementedError

    def mro(
        self, cls: ClassInfo, args: tuple[Type, ...] = ()
    ) -> list[tuple[ClassInfo, dict[str, Type]]] | None:
        raise NotImplementedError

    def bases(self, cls: ClassInfo) -> list[ClassObject] | None:
        raise NotImplementedError

    def is_protocol(self, cls: ClassInfo) -> bool:
        raise NotImplementedError

    def is_enum(self, cls: ClassInfo) -> bool:
        raise NotImplementedError

    def attribute(self, value: Type, name: str) -> Type:
        raise NotImplementedError

    def module_attribute(self, module: Module, name: str, *, submodules: bool = True) -> Type:
        raise NotImplementedError

    def annotation(self, node: ast.AST, scope: Scope, *, receiver: Type | None = None) -> Type:
        raise NotImplementedError

    def special(self, node: ast.AST, scope: Scope) -> str | None:
        raise NotImplementedError

    def builtin(self, name: str) -> Type:
        raise NotImplementedError

    def typing_class(self, name: str) -> ClassInfo | None:
        raise NotImplementedError
