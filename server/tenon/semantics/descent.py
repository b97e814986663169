"""Descent: what a receiver may turn out to have, once the text asks what it is.

Owns which classes are in sight, and which of them a value may belong to besides its own. A guard
stands behind what it guards in `x.more if isinstance(x, Sub) else None`: until it can no longer
come, what any of these has may be asked for. A class that derives from another says its name, or
one that stands for it: so they are found by the names of their bases, however many others there
are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import islice

from tenon.semantics.facts import Words
from tenon.semantics.inquiry import Place
from tenon.semantics.sections import base_text
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
_MOST = 40
"""Classes of the buffer among which a value may be of any: what more of them have is not looked
for, since that is done again for every key."""


def provable(place: Place, value: Type) -> Words | None:
    """The members of the classes in sight that a value of type `value` may be an instance of.
    None where one of these may have any member."""
    names: set[str] = set()
    for part in parts_of(value):
        if isinstance(part, Instance | ClassObject):
            words = _besides(place, part)
            if words is None:
                return None
            names |= words
    return Words(names)


def _besides(place: Place, part: Instance | ClassObject) -> frozenset[str] | None:
    near, modules = _in_sight(place)
    builtins = place.prover.sources.module("builtins")
    beside = [cls for cls in near if _may_be(place, part.cls, cls)]
    found = [_members(place, part, beside)]
    for module in dict.fromkeys((place.scope.module, part.cls.module, builtins, *modules)):
        if module is not None:
            found.append(_of_module(place, part, module))
    return frozenset().union(*found) if None not in found else None


def _members(
    place: Place, part: Instance | ClassObject, classes: Iterable[ClassInfo]
) -> frozenset[str] | None:
    """What any of them has; None where that is not known of one."""
    names: set[str] = set()
    for cls in classes:
        made = Instance(cls) if isinstance(part, Instance) else ClassObject(cls)
        members = place.membership.of(made)
        if not members.complete:
            return None
        names |= members.words.names
    return frozenset(names)


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


def _in_sight(place: Place) -> tuple[tuple[ClassInfo, ...], tuple[Module, ...]]:
    """The classes and modules that a text at `place` can name, the module's own classes apart."""
    return place.prover.memo(
        place.scope.module,
        ("in sight", place.scope),
        lambda: _in_sight_now(place),
        ((), ()),
    )


def _in_sight_now(place: Place) -> tuple[tuple[ClassInfo, ...], tuple[Module, ...]]:
    classes: dict[ClassInfo, None] = {}
    modules: dict[Module, None] = {}
    for scope in place.scope.chain():
        names: Iterable[str]
        if scope.kind == "module":
            names = (name for section in scope.module.sections for name in section.brought)
        else:
            names = (
                name
                for name, bindings in scope.bindings.items()
                if bindings[0].kind in ("class", "from", "import")
            )
        for name in names:
            for part in parts_of(place.prover.name(name, scope)):
                if isinstance(part, ClassObject):
                    classes[part.cls] = None
                elif isinstance(part, ModuleValue):
                    modules[part.module] = None
    return tuple(classes), tuple(modules)


def _of_module(
    place: Place, part: Instance | ClassObject, module: Module
) -> frozenset[str] | None:
    """What those of the classes of `module` have that a value of `part` may be of."""
    declared, home = part.cls, place.scope.module

    def find() -> frozenset[str] | None:
        classes = list(islice(_of(place, declared, module), _MOST + 1 if module is home else None))
        if module is home and len(classes) > _MOST:
            return None
        return _members(place, part, classes)

    if _takes_any(place, declared):
        return place.prover.memo(module, ("members of any", type(part)), find, None)
    own = not declared.module.is_stub
    if own and (module.is_stub or (declared.module is home and module is not home)):
        # No library derives from the author's classes, and no other module from the buffer's.
        return frozenset()
    if own and module not in (declared.module, home):
        # Kept with a module that outlives it, the class would be too.
        return find()
    return place.prover.memo(module, ("members descending", declared, type(part)), find, None)


def _of(place: Place, declared: ClassInfo, module: Module) -> Iterator[ClassInfo]:
    """The classes of `module` whose instances may be of `declared`."""
    prover, any_of_them = place.prover, _takes_any(place, declared)
    if any_of_them:
        waiting = [text for section in module.sections for text in section.deriving]
    else:
        waiting = [text for text, cls in _named(place, module) if _may_be(place, declared, cls)]
        if declared.module is module:
            waiting.append(declared.name)
    texts, seen = set(waiting), set[ast.ClassDef]()
    while waiting:
        text = waiting.pop()
        for section in module.sections:
            for node in section.deriving.get(text, ()):
                if node in seen:
                    continue
                seen.add(node)
                cls = prover.class_info(node, module.scope)
                if any_of_them or _may_be(place, declared, cls):
                    yield cls
                    if node.name not in texts:
                        texts.add(node.name)
                        waiting.append(node.name)


def _named(place: Place, module: Module) -> tuple[tuple[str, ClassInfo], ...]:
    """What classes of `module` derive from that is none of them, as they call it, and which class
    that is: one from elsewhere, or one of them by another name."""
    return place.prover.memo(
        module, ("named in bases",), lambda: tuple(_named_now(place, module)), ()
    )


def _named_now(place: Place, module: Module) -> Iterator[tuple[str, ClassInfo]]:
    prover, scope = place.prover, module.scope
    saying: dict[str, ast.ClassDef] = {}
    for section in module.sections:
        for text, (node, *_) in section.deriving.items():
            saying.setdefault(text, node)
    for text, node in saying.items():
        bindings = scope.bindings.get(text, ())
        if bindings and all(each.kind == "class" for each in bindings):
            continue
        for base in node.bases:
            if base_text(base) == text:
                if prover.special(base, scope) == "TypedDict":
                    # What it stands for is said by no name.
                    values = prover.bases(prover.class_info(node, scope)) or ()
                else:
                    values = parts_of(prover.expression(base, scope))
                for each in values:
                    if isinstance(each, ClassObject):
                        yield text, each.cls
