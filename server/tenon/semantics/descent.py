"""Descent: what a receiver may turn out to have, once the text asks what it is.

Owns which classes are in sight, and which of them a value may belong to besides its own. A guard
stands behind what it guards in `x.more if isinstance(x, Sub) else None`: until it can no longer
come, what any of these has may be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from tenon.semantics.facts import Words
from tenon.semantics.inquiry import Place
from tenon.semantics.sources import Module
from tenon.semantics.types import (
    ClassInfo,
    ClassObject,
    Instance,
    ModuleValue,
    Type,
    parts_of,
)

_ABSTRACT = frozenset({"typing", "collections.abc", "_collections_abc", "_typeshed", "os", "abc"})
"""Modules whose classes others are instances of without deriving from them."""


def provable(place: Place, value: Type) -> Words | None:
    """The members of the classes in sight that a value of type `value` may be an instance of.
    None where one of these may have any member."""
    names: set[str] = set()
    for part in parts_of(value):
        if not isinstance(part, Instance | ClassObject):
            continue
        for cls in set(_in_sight(place, part.cls)):
            if cls is part.cls:
                continue
            made = Instance(cls) if isinstance(part, Instance) else ClassObject(cls)
            members = place.membership.of(made)
            if not members.complete:
                return None
            names |= members.words.names
    return Words(names)


def _takes_any(place: Place, declared: ClassInfo) -> bool:
    """Whether instances of classes that do not name `declared` may be its instances."""
    return (
        declared.full_name == "builtins.object"
        or declared.module.name in _ABSTRACT
        or place.prover.is_protocol(declared)
    )


def _may_be(place: Place, declared: ClassInfo, cls: ClassInfo) -> bool:
    if _takes_any(place, declared):
        return True
    return any(each is declared for each, _ in place.prover.mro(cls) or ())


def _in_sight(place: Place, declared: ClassInfo) -> Iterator[ClassInfo]:
    """The classes that a text at `place` can name with what is imported, those beside `declared`,
    and Python's own, as far as a value of `declared` may be an instance of them."""
    prover = place.prover
    modules = [declared.module, prover.sources.module("builtins")]
    for scope in place.scope.chain():
        for name, bindings in scope.bindings.items():
            if bindings[0].kind not in ("class", "from", "import"):
                continue
            for part in parts_of(prover.name(name, scope)):
                if isinstance(part, ClassObject):
                    if _may_be(place, declared, part.cls):
                        yield part.cls
                elif isinstance(part, ModuleValue):
                    modules.append(part.module)
    for module in dict.fromkeys(modules):
        if module is not None:
            yield from _descending(place, declared, module)


def _descending(place: Place, declared: ClassInfo, module: Module) -> tuple[ClassInfo, ...]:
    """Those of the classes of `module`."""
    prover, own = place.prover, not declared.module.is_stub
    if own and module.is_stub and not prover.is_protocol(declared):
        # No library derives from the author's classes.
        return ()
    if own and module is not declared.module:
        # Kept with a module that outlives it, the class would be too.
        return _of(place, declared, module)
    return prover.memo(
        module, ("descending", declared), lambda: _of(place, declared, module), ()
    )


def _of(place: Place, declared: ClassInfo, module: Module) -> tuple[ClassInfo, ...]:
    unnamed = _takes_any(place, declared)
    infos = (
        place.prover.class_info(node, module.scope)
        for node in module.classes
        if node.bases or unnamed
    )
    return tuple(cls for cls in infos if _may_be(place, declared, cls))
