"""Membership: every member a type has, or the reason why the list cannot be complete.

Owns the proof of completeness. The causes for which a list of members is not the whole truth
are gathered here: dynamic lookup, unresolved bases, unknown decorators and metaclasses, names
set from outside, classes that are meant to be mixed into others.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tenon.semantics.decorators import added_names
from tenon.semantics.definitions import (
    answered_names,
    dotted_decorators,
    is_attrs,
    listed_names,
)
from tenon.semantics.facts import MemberSet, ModuleSet, Words
from tenon.semantics.index import index_of
from tenon.semantics.prover import Prover
from tenon.semantics.scopes import FunctionNode, all_arguments
from tenon.semantics.sources import ANYTHING_ELSE, Module
from tenon.semantics.types import (
    ClassInfo,
    ClassObject,
    Function,
    Instance,
    ModuleValue,
    NoneValue,
    Type,
    Unknown,
    parts_of,
)

_PLAIN_CLASS_DECORATORS = frozenset({
    "dataclass", "dataclasses.dataclass", "final", "typing.final", "t.final", "runtime_checkable",
    "typing.runtime_checkable", "t.runtime_checkable", "total_ordering", "deprecated",
    "functools.total_ordering", "unique", "enum.unique", "disjoint_base", "type_check_only",
    "dataclass_transform", "typing_extensions.final", "typing_extensions.runtime_checkable",
})  # fmt: skip
_PLAIN_METACLASSES = frozenset({"ABCMeta", "abc.ABCMeta", "EnumMeta", "EnumType", "type"})
_DYNAMIC_TRICKS = frozenset({"exec", "vars", "locals"})
_MODULE_NAMES = ("__name__", "__file__", "__doc__", "__dict__", "__path__", "__spec__")
_SLOTTED = frozenset({"builtins", "pathlib", "typing", "collections.abc", "os", "abc"})
"""Modules whose classes have no room for further attributes, exceptions apart."""
_FUNCTION_NAMES = frozenset({*dir(len), *dir(lambda: None), *dir([].append)})
_DECORATED_NAMES = frozenset({
    "cache_clear", "cache_info", "cache_parameters", "register", "dispatch", "registry",
})  # fmt: skip
"""Of what the decorators make of functions and methods that are taken for plain ones."""
_OF_DEFINITIONS = frozenset({
    "__name__", "__qualname__", "__mro__", "__bases__", "__base__", "__subclasses__", "__code__",
    "__globals__", "__closure__", "__defaults__", "__kwdefaults__", "__file__", "__path__",
    "__spec__", "__loader__", "__package__", "__version__",
})  # fmt: skip
"""What classes, functions and modules have, and their instances have not."""
_SHOWN_WHOLE = frozenset({"typing.NamedTuple", "typing.Generic", "typing.Protocol"})
"""Classes that have no source as such, and nothing that their stubs leave out."""
_HOLDING = frozenset({"builtins.type", "types.ModuleType"})
"""Classes whose instances are classes and modules: each has names of its own."""
_COPYING = frozenset({"update_wrapper", "functools.update_wrapper"})
"""What gives an instance the names of a function."""
_NONE = MemberSet(
    owner="None",
    words=Words(dir(None)),
    complete=True,
    reason="Python itself was asked",
    private=True,
    lacking=_OF_DEFINITIONS,
    fixed=True,
)
_LOOKUPS = ("__getattr__", "__getattribute__")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The members of one class or module with all it inherits."""

    names: frozenset[str]
    open_because: str = ""
    private: bool = True
    lacking: frozenset[str] = frozenset()
    fixed: bool = False


class Membership:
    """Members over one prover. One thread uses it."""

    def __init__(self, prover: Prover) -> None:
        self._prover = prover

    def of(self, value: Type) -> MemberSet:
        """The members of a value of type `value`."""
        if isinstance(value, Unknown):
            return MemberSet(owner="the receiver", reason=value.reason)
        names: set[str] = set()
        owners: list[str] = []
        private = fixed = True
        lacking = _OF_DEFINITIONS
        known = False
        for part in parts_of(value):
            if isinstance(part, NoneValue):
                owners.append("None")
                continue
            table = self._table(part)
            owner = _owner(part)
            if table.open_because:
                return MemberSet(owner=owner, reason=table.open_because)
            owners.append(owner)
            names |= table.names
            private = private and table.private
            lacking &= table.lacking
            fixed = fixed and table.fixed
            known = True
        if not known:
            return MemberSet(owner="None", reason="what is None now is often set later")
        owner = " | ".join(sorted(dict.fromkeys(owners)))
        return MemberSet(
            owner=owner,
            words=Words(names),
            complete=True,
            reason="every class and module they come from was read",
            private=private,
            lacking=lacking - names,
            fixed=fixed,
        )

    @staticmethod
    def of_none() -> MemberSet:
        """The members of None where it is written out."""
        return _NONE

    def _table(self, part: Type) -> _Table:
        if isinstance(part, ModuleValue):
            return self._kept(part.module, ("members",), lambda: self._module(part.module, 0))
        if isinstance(part, Instance):
            if any(each.full_name in _HOLDING for each, _ in self._prover.mro(part.cls) or ()):
                return _open(f"what is a {part.cls.name} has what it holds")
            key = ("members", part.cls)
            return self._kept(part.cls.module, key, lambda: self._instance(part.cls))
        if isinstance(part, ClassObject):
            key = ("class members", part.cls)
            return self._kept(part.cls.module, key, lambda: self._class_object(part.cls))
        if isinstance(part, Function):
            return self._function(part)
        return _Table(names=frozenset(), open_because="its type is not known")

    @staticmethod
    def _kept(module: Module, key: tuple[object, ...], find) -> _Table:  # type: ignore[no-untyped-def]
        table = module.memo.get(key)
        if table is None:
            table = module.memo[key] = find()
        assert isinstance(table, _Table)
        return table

    def _function(self, function: Function) -> _Table:
        """What a plain function or a method has: hardly ever is anything set on one."""
        module = function.scope.module
        if not module.is_stub and index_of(function.node).tricks:
            return _open("a function takes any attribute")
        names = set(_FUNCTION_NAMES)
        if function.node.decorator_list or not self._prover.sources.is_standard(module):
            names |= _DECORATED_NAMES
        if not module.is_stub:
            names |= module.stored
        return _Table(names=frozenset(names))

    # Modules.

    def _module(self, module: Module, depth: int) -> _Table:
        answered: frozenset[str] | None = frozenset()
        if "__getattr__" in module.scope.bindings:
            answered = answered_names(module)
            if answered is None:
                return _open(f"module '{module.name}' has a __getattr__")
        if module.dynamic:
            return _open(f"module '{module.name}' changes its own names")
        is_read = self._prover.sources.is_read(module)
        own = _shown(module) if is_read else module.scope.bindings
        names = {*own, *self._prover.sources.submodules(module), *_MODULE_NAMES}
        names |= answered
        names |= module.stored if not module.is_stub else self._prover.sources.undocumented(module)
        for star in module.scope.stars:
            inner = self._prover.imported(module, star)
            if inner is None or depth > 8:
                return _open(f"a star import of module '{module.name}' was not resolved")
            table = self._module(inner, depth + 1)
            if table.open_because:
                return table
            names |= _exports(inner, table)
        return _Table(names=frozenset(names), private=not module.is_stub or is_read)

    def exported(self, module: Module) -> frozenset[str] | None:
        """What a star import of `module` may bind; None where that is not known."""
        table = self._kept(module, ("members",), lambda: self._module(module, 0))
        return None if table.open_because else _exports(module, table)

    def offered(self, name: str, module: Module) -> ModuleSet:
        """What `module`, which an import calls `name`, offers to it."""
        table = self._table(ModuleValue(module))
        submodules = self._prover.sources.submodules(module)
        return ModuleSet(
            name=module.name,
            words=Words(table.names),
            complete=not table.open_because,
            submodules=Words(submodules),
            package=not module.moving
            and (module.directory is not None or self._prover.sources.is_standard(module)),
            built=module.path is not None
            and self._prover.sources.installed_in(module.path) is not None,
            private=table.private,
            reason=table.open_because or "the module and all its star imports were read",
        )

    # Classes.

    def _instance(self, cls: ClassInfo) -> _Table:
        mro = self._prover.mro(cls)
        if mro is None:
            return _open(f"a base of {cls.name} was not resolved")
        names: set[str] = set()
        listed: set[ClassInfo] = set()
        private = True
        if not cls.module.is_stub and _is_mixed(cls):
            return _open(f"{cls.name} is mixed into other classes, whose members it may use")
        for each, _ in mro:
            because = self._doubt(each)
            if because:
                return _open(because)
            names |= self._own(each)
            if not each.module.is_stub or each in listed:
                continue
            if self._own_words(each) is None and each.full_name not in _SHOWN_WHOLE:
                private = False
            else:
                # What is listed has what it inherits; the stubs' own bases are none of Python's.
                listed.update(base for base, _ in self._prover.mro(each) or ())
        for each, _ in mro:
            if each.module.is_stub:
                continue
            missing = sorted(self._reads(each) - names)
            if missing:
                return _open(f"{each.name} reads self.{missing[0]}, which another class gives it")
        fixed = all(
            (each.module.name in _SLOTTED or _has_slots(each)) and each.name != "BaseException"
            for each, _ in mro
        )
        copied = any(
            _COPYING & section.called for each, _ in mro for section in each.module.sections
        )
        lacking = frozenset() if copied else _OF_DEFINITIONS
        return _Table(names=frozenset(names), private=private, lacking=lacking, fixed=fixed)

    def _class_object(self, cls: ClassInfo) -> _Table:
        table = self._instance(cls)
        if table.open_because:
            return table
        names = set(table.names)
        private = table.private
        for metaclass in self._metaclasses(cls):
            mro = self._prover.mro(metaclass)
            if mro is None:
                return _open(f"a base of {metaclass.name} was not resolved")
            for each, _ in mro:
                if any(lookup in each.scope.bindings for lookup in _LOOKUPS) and (
                    each.full_name not in ("builtins.object", "builtins.type")
                ):
                    return _open(f"the metaclass {each.name} has a __getattr__")
                names |= set(each.scope.bindings)
                if each.module.is_stub:
                    own = self._own_words(each)
                    private = private and own is not None
                    names |= own or frozenset()
        return _Table(names=frozenset(names), private=private)

    def of_metaclass(self, cls: ClassInfo) -> frozenset[str] | None:
        """What Python finds where it looks on the type of the class object: `len(cls)` and the
        like ask for no member of the class itself. None where that is not all known."""
        if self._table(ClassObject(cls)).open_because:
            return None
        names: set[str] = set()
        for metaclass in self._metaclasses(cls):
            for each, _ in self._prover.mro(metaclass) or ():
                names |= set(each.scope.bindings)
        return frozenset(names)

    def _metaclasses(self, cls: ClassInfo) -> list[ClassInfo]:
        found = []
        for each, _ in self._prover.mro(cls) or ():
            for keyword in each.node.keywords:
                if keyword.arg == "metaclass":
                    value = self._prover.expression(keyword.value, each.scope.parent or each.scope)
                    if isinstance(value, ClassObject):
                        found.append(value.cls)
        base = self._prover.builtin("type")
        if isinstance(base, Instance):
            found.append(base.cls)
        # Stubs leave out that protocols and the collections' classes are abstract ones.
        stubs = any(
            each.module.is_stub and each.module.name != "builtins"
            for each, _ in self._prover.mro(cls) or ()
        )
        abstract = self._prover.sources.module("abc") if stubs else None
        if abstract is not None:
            value = self._prover.module_attribute(abstract, "ABCMeta")
            if isinstance(value, ClassObject):
                found.append(value.cls)
        return found

    def _doubt(self, cls: ClassInfo) -> str:
        """Why the class's own members cannot be listed; "" where they can."""
        if cls.full_name == "builtins.object":
            return ""
        for lookup in _LOOKUPS:
            if lookup in cls.scope.bindings and cls.full_name != "builtins.type":
                return f"{cls.name} has a {lookup}"
        if cls.module.is_stub:
            own = self._own_words(cls) or frozenset()
            return f"{cls.name} sets its own attributes by name" if ANYTHING_ELSE in own else ""
        for node, decorator in self._decorators(cls):
            if self._added(cls, node) is None:
                return f"the decorator {decorator or '?'} of {cls.name} may add members"
        for keyword in cls.node.keywords:
            if keyword.arg == "metaclass":
                if ast.unparse(keyword.value) not in _PLAIN_METACLASSES:
                    return f"the metaclass of {cls.name} may add members"
            elif keyword.arg is None:
                return f"{cls.name} takes keywords that are not known"
        index = index_of(cls.node)
        if index.set_by_name & {"self", "cls"} or index.tricks & _DYNAMIC_TRICKS:
            # What is set there is what another instance had.
            own = [index_of(each) for each in cls.node.body if not _restores(each)]
            if any(each.set_by_name & {"self", "cls"} or each.tricks & _DYNAMIC_TRICKS
                   for each in own):
                return f"{cls.name} sets its own attributes by name"
        return ""

    @staticmethod
    def _decorators(cls: ClassInfo) -> Iterator[tuple[ast.expr, str]]:
        """Those that are not known to add nothing."""
        names = dotted_decorators(cls.node)
        for node, decorator in zip(cls.node.decorator_list, names, strict=True):
            if decorator not in _PLAIN_CLASS_DECORATORS and not is_attrs(decorator, cls):
                yield node, decorator

    def _added(self, cls: ClassInfo, decorator: ast.expr) -> frozenset[str] | None:
        return self._prover.memo(
            cls.module,
            ("added", decorator),
            lambda: added_names(self._prover, decorator, cls.scope.parent or cls.scope),
            None,
        )

    def _own_words(self, cls: ClassInfo) -> frozenset[str] | None:
        """What the source of a standard class adds to its stub."""
        return self._prover.sources.own_words(cls.module, cls.name)

    def _own(self, cls: ClassInfo) -> frozenset[str]:
        key = ("own members", cls)
        found = cls.module.memo.get(key)
        if found is None:
            found = cls.module.memo[key] = self._own_now(cls)
        assert isinstance(found, frozenset)
        return found

    def _own_now(self, cls: ClassInfo) -> frozenset[str]:
        names = set(cls.scope.bindings)
        if cls.module.is_stub:
            return frozenset(names | (self._own_words(cls) or frozenset()))
        if any(each.name == "_TypedDict" for each, _ in self._prover.mro(cls) or ()):
            # Its fields are keys, not attributes.
            return frozenset()
        for decorator, _ in self._decorators(cls):
            names |= self._added(cls, decorator) or frozenset()
        names |= set(self._prover.stores(cls))
        names |= cls.module.stored
        names |= index_of(cls.node).named
        for binding in cls.scope.bindings.get("__slots__", ()):
            names |= {
                node.value
                for node in ast.walk(binding.node)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
        return frozenset(names)

    def _reads(self, cls: ClassInfo) -> frozenset[str]:
        """What the class's own methods ask of `self`; dunder names left out."""
        key = ("reads", cls)
        found = cls.module.memo.get(key)
        if found is None:
            found = cls.module.memo[key] = _reads(cls)
        assert isinstance(found, frozenset)
        return found


def _shown(module: Module) -> Iterator[str]:
    """What a stub shows of its module: what it imports for itself alone is none of it."""
    for name, bindings in module.scope.bindings.items():
        for each in bindings:
            if each.kind == "import":
                shown = getattr(each.node, "asname", None) == name
            elif each.kind == "from":
                shown = any(alias.asname == name for alias in getattr(each.node, "names", ()))
            else:
                shown = True
            if shown:
                yield name
                break


def _exports(module: Module, table: _Table) -> frozenset[str]:
    """What a star import of `module`, which has the members in `table`, takes of them."""
    listed = listed_names(module)
    if listed is not None:
        return listed
    return frozenset(name for name in table.names if not name.startswith("_"))


def _restores(statement: ast.stmt) -> bool:
    return isinstance(statement, FunctionNode) and statement.name == "__setstate__"


def _is_mixed(cls: ClassInfo) -> bool:
    return "mixin" in cls.name.lower() or cls.name in cls.module.mixed or cls.module.makes_classes


def _has_slots(cls: ClassInfo) -> bool:
    """Whether its instances have room for nothing but what it lists."""
    bindings = cls.scope.bindings.get("__slots__", ())
    return (
        len(bindings) == 1
        and isinstance(bindings[0].node, ast.Tuple | ast.List)
        and all(
            isinstance(name, ast.Constant) and name.value not in ("__dict__", "__weakref__")
            for name in bindings[0].node.elts
        )
    )


def _open(because: str) -> _Table:
    return _Table(names=frozenset(), open_because=because)


def _owner(part: Type) -> str:
    if isinstance(part, ModuleValue):
        return f"module '{part.module.name}'"
    if isinstance(part, ClassObject):
        return f"class {part.cls.name}"
    if isinstance(part, Instance):
        return part.cls.name
    if isinstance(part, Function):
        return f"{'method' if part.receiver is not None else 'function'} {part.node.name}"
    return "the receiver"


def _reads(cls: ClassInfo) -> frozenset[str]:
    found: set[str] = set()
    for method in cls.node.body:
        if not isinstance(method, FunctionNode):
            continue
        first = next(all_arguments(method.args), None)
        if first is None or "staticmethod" in dotted_decorators(method):
            continue
        found |= index_of(method).reads.get(first.arg, set())
    return frozenset(name for name in found if not name.startswith("__"))
