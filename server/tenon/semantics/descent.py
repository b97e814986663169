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
        for cls in set(_in_sight(place, part.cls.module)):
            if cls is part.cls or not _may_be(place, part.cls, cls):
                continue
            made = Instance(cls) if isinstance(part, Instance) else ClassObject(cls)
            members = place.membership.of(made)
            if not members.complete:
                return None
            names |= members.words.names
    return Words(names)


def _may_be(place: Place, declared: ClassInfo, cls: ClassInfo) -> bool:
    prover = place.prover
    if (
        declared.full_name == "builtins.object"
        or declared.module.name in _ABSTRACT
        or prover.is_protocol(declared)
    ):
        return True
    return any(each is declared for each, _ in prover.mro(cls) or ())


def _in_sight(place: Place, home: Module) -> Iterator[ClassInfo]:
    """The classes that a text at `place` can name with what is imported, those of `home`, and
    Python's own."""
    prover = place.prover
    modules = [home, prover.sources.module("builtins")]
    for scope in place.scope.chain():
        for name, bindings in scope.bindings.items():
            if bindings[0].kind not in ("class", "from", "import"):
                continue
            for part in parts_of(prover.name(name, scope)):
                if isinstance(part, ClassObject):
                    yield part.cls
                elif isinstance(part, ModuleValue):
                    modules.append(part.module)
    for module in modules:
        if module is not None:
            for node in module.classes:
                yield prover.class_info(node, module.scope)
