"""Assignable: whether a value provably may not stand where a type is expected.

Owns the comparison of two types. It answers "refuted" or nothing at all: what is not known, what
may be more than it was declared as, and what only looks like something else are never refuted.
"""

from __future__ import annotations

from tenon.semantics.arguments import Argument, first_fault
from tenon.semantics.definitions import dotted_decorators
from tenon.semantics.membership import Membership
from tenon.semantics.protocols import asked_by, needs_an_instance
from tenon.semantics.prover import Prover
from tenon.semantics.types import (
    NONE,
    Callable,
    ClassInfo,
    ClassObject,
    Function,
    Instance,
    ModuleValue,
    NoneValue,
    Type,
    TypeVariable,
    Unknown,
    parts_of,
)
from tenon.semantics.ways import UnprovenError, Ways

_VARIABLE = (Unknown, TypeVariable)
_PLACEHOLDERS = frozenset({"ellipsis", "EllipsisType", "NotImplementedType", "_NotImplementedType"})
"""Classes of `...` and `NotImplemented`, which stand for a value that is not there."""
_TOWER = {"float": ("int", "bool"), "complex": ("int", "bool", "float"),
    "bytes": ("bytearray", "memoryview")}  # fmt: skip
_PLAIN_METACLASSES = frozenset({"ABCMeta", "abc.ABCMeta"})
_ELEMENTS = frozenset({
    "list", "set", "frozenset", "tuple", "dict", "deque", "Iterable", "Iterator", "Collection",
    "Sequence", "MutableSequence", "AbstractSet", "MutableSet", "Mapping", "MutableMapping",
})  # fmt: skip
"""Containers of which every type argument says what is in them."""
_KNOWN_DECORATORS = frozenset({"dataclass", "final", "runtime_checkable", "total_ordering"})
_MADE_BY_DECORATORS = frozenset({"__init__", "__repr__", "__eq__", "__hash__", "__lt__", "__le__",
    "__gt__", "__ge__", "__setattr__", "__delattr__", "__match_args__", "__replace__",
    "__dataclass_fields__", "__dataclass_params__", "__getstate__", "__setstate__"})  # fmt: skip
"""Methods that one of these decorators makes."""


class Assignability:
    """Comparisons over one prover. One thread uses it."""

    def __init__(self, prover: Prover, membership: Membership) -> None:
        self._prover = prover
        self._membership = membership

    def refutes_generators(self, expected: Type, *kinds: str) -> bool:
        """Whether what a function that yields gives, of these classes of `types`, is provably no
        `expected`."""
        types = self._prover.sources.module("types")
        if types is None or NONE in parts_of(expected):
            return False
        return all(
            self.refutes(
                self._prover.made(self._prover.module_attribute(types, kind)), expected, exact=True
            )
            for kind in kinds
        )

    def refutes(self, value: Type, expected: Type, *, exact: bool = False) -> bool:
        """Whether nothing that `value` may be is an `expected`.

        `exact`: it is of the very class that it says, and of no subclass, as what is displayed.
        """
        return all(
            self._refutes(each, wanted, exact)
            for each in parts_of(value)
            for wanted in parts_of(expected)
        )

    def proves(self, value: Type, expected: Type) -> bool:
        """Whether all that `value` may be surely is an `expected`."""
        return all(
            any(self._proves(each, wanted) for wanted in parts_of(expected))
            for each in parts_of(value)
        )

    def lacks(self, value: Type, *names: str) -> bool:
        """Whether `value`, whatever it is of its parts, provably has none of the members."""
        return all(self._lacks_all(each, names) for each in parts_of(value))

    def _proves(self, value: Type, expected: Type) -> bool:
        if isinstance(value, _VARIABLE) or isinstance(expected, _VARIABLE):
            return False
        if isinstance(expected, NoneValue) or isinstance(value, NoneValue):
            return isinstance(expected, NoneValue) and isinstance(value, NoneValue)
        if isinstance(expected, Callable):
            return isinstance(value, Function | Callable | ClassObject)
        if isinstance(expected, ClassObject) and isinstance(value, ClassObject):
            return expected.cls in {each for each, _ in self._prover.mro(value.cls) or ()}
        if not isinstance(value, Instance) or not isinstance(expected, Instance):
            return False
        if expected.value is not None:
            return value.value == expected.value and value.cls is expected.cls
        for cls, mapping in self._prover.mro(value.cls, value.args) or ():
            if cls is expected.cls:
                held = value.args if value.cls is cls else tuple(mapping.values())
                return not expected.args or (
                    len(held) == len(expected.args) and all(map(self.proves, held, expected.args))
                )
        return False

    def _refutes(self, value: Type, expected: Type, exact: bool) -> bool:
        if isinstance(value, _VARIABLE) or isinstance(expected, _VARIABLE):
            return False
        if isinstance(value, Instance) and self._is_anything(value.cls):
            return False
        if isinstance(expected, NoneValue):
            return not isinstance(value, NoneValue)
        if isinstance(expected, Callable):
            return (
                not self._may_be_called(value)
                or self._gives_another(value, expected)
                or self._takes_another(value, expected)
            )
        if isinstance(expected, ClassObject):
            return self._refutes_class(value, expected.cls)
        if not isinstance(expected, Instance) or expected.cls.full_name == "builtins.object":
            return False
        if isinstance(value, Instance):
            return self._refutes_instance(value, expected, exact)
        return self._refutes_other(value, expected.cls, exact)

    @staticmethod
    def _is_anything(kind: ClassInfo) -> bool:
        """An object, or a class made at run time, or a mark where nothing stands."""
        return kind.full_name in ("builtins.object", "builtins.type") or kind.name in _PLACEHOLDERS

    def _refutes_class(self, value: Type, wanted: ClassInfo) -> bool:
        """Where the class `wanted` itself, or a subclass, is expected."""
        if isinstance(value, ClassObject):
            known = self._bases(value.cls)
            if known is None or wanted.name in known or self._prover.is_protocol(wanted):
                return False
            above = self._bases(wanted)
            return above is not None and value.cls.name not in above
        if isinstance(value, Instance):
            if value.items and all(isinstance(each, ClassObject) for each in value.items):
                # Who asks whether something is of a class asks about several in the same way.
                return False
            known = self._bases(value.cls)
            return known is not None and not known & {"type", "GenericAlias"}
        return isinstance(value, NoneValue | ModuleValue | Function)

    def _refutes_other(self, value: Type, wanted: ClassInfo, exact: bool) -> bool:
        """None, a module, a class or a function, where an instance of `wanted` is expected."""
        known = self._bases(wanted)
        if known is None or wanted.full_name == "types.NoneType":
            return False
        if self._prover.is_protocol(wanted):
            # What is declared to be callable may be any object that can be called.
            return (exact or not isinstance(value, Callable)) and (
                self._lacks_protocol(value, wanted) or self._misses_an_instance(value, wanted)
            )
        if isinstance(value, NoneValue):
            return True
        if isinstance(value, ModuleValue):
            return "ModuleType" not in known
        if isinstance(value, ClassObject):
            # No class of classes derives from one of Python's own.
            plain = wanted.module.name == "builtins" or self._has_plain_metaclass(value.cls)
            return "type" not in known and plain
        if isinstance(value, Function | Callable):
            return wanted.module.name not in ("types", "functools") and (
                "__call__" not in self._own(wanted) and wanted.name != "function"
            )
        return False

    def _refutes_instance(self, value: Instance, expected: Instance, exact: bool) -> bool:
        cls, wanted = value.cls, expected.cls
        known = self._bases(cls)
        if known is None or wanted.module.name == "numbers":
            return False
        if cls.name in _TOWER.get(wanted.name, ()):
            return False
        if wanted.name in known:
            if expected.value is not None and value.value is not None and cls is wanted:
                return value.value != expected.value
            return self._refutes_arguments(value, expected)
        if self._prover.is_protocol(wanted):
            return self._lacks_protocol(value, wanted)
        above = self._bases(wanted)
        if above is None or self._has_own_metaclass(wanted):
            return False
        if self._prover.is_protocol(cls):
            # Whatever has the members may stand behind a protocol.
            return wanted.module.is_stub and self._lacks_protocol(Instance(wanted), cls)
        if cls.name in above:
            # What is declared as a base may be more than that, save a literal; but numbers have
            # long served as truth values.
            if value.value is not None:
                return wanted.full_name != "builtins.bool"
            return exact and "_TypedDict" not in above
        return not ("_TypedDict" in above and known & {"dict", "Mapping", "_TypedDict"})

    def _refutes_arguments(self, value: Instance, expected: Instance) -> bool:
        if value.items and expected.items and value.cls is expected.cls:
            return len(value.items) != len(expected.items) or any(
                map(self.refutes, value.items, expected.items)
            )
        if expected.cls.name not in _ELEMENTS or not expected.args:
            return False
        held: tuple[Type, ...] = ()
        if value.cls is expected.cls:
            held = value.args
        else:
            for cls, mapping in self._prover.mro(value.cls, value.args) or ():
                if cls is expected.cls:
                    held = tuple(mapping.values())
        return len(held) == len(expected.args) and any(
            self.refutes(mine, other) for mine, other in zip(held, expected.args, strict=True)
        )

    # What a class has and is.

    def _bases(self, cls: ClassInfo) -> frozenset[str] | None:
        """The bare names of the class and all its bases; None where one is not resolved.

        Names, for the same class may have been read twice: from the buffer and from its file.
        """

        def find() -> frozenset[str] | None:
            mro = self._prover.mro(cls)
            return None if mro is None else frozenset(each.name for each, _ in mro)

        return self._prover.memo(cls.module, ("base names", cls), find, None)

    def _own(self, cls: ClassInfo) -> set[str]:
        return {name for each, _ in self._prover.mro(cls) or () for name in each.scope.bindings}

    def _has_plain_metaclass(self, cls: ClassInfo) -> bool:
        mro = self._prover.mro(cls)
        return mro is not None and not any(self._metaclass(each) for each, _ in mro)

    def _has_own_metaclass(self, cls: ClassInfo) -> bool:
        """Whether the author's own metaclass may call anything an instance."""
        return any(
            self._metaclass(each) and not each.module.is_stub
            for each, _ in self._prover.mro(cls) or ()
        )

    @staticmethod
    def _metaclass(kind: ClassInfo) -> bool:
        for keyword in kind.node.keywords:
            if keyword.arg in (None, "metaclass"):
                name = getattr(keyword.value, "attr", getattr(keyword.value, "id", ""))
                if name not in _PLAIN_METACLASSES:
                    return True
        return False

    def _lacks_protocol(self, value: Type, wanted: ClassInfo) -> bool:
        asked = asked_by(self._prover, wanted)
        if not self._lacks_all(value, ("__getitem__",)):
            # Elements that can be asked for by number can be iterated.
            asked -= {"__iter__", "__reversed__", "__contains__"}
        return any(self._lacks_all(value, (name,)) for name in sorted(asked))

    def _misses_an_instance(self, value: Type, wanted: ClassInfo) -> bool:
        return (
            isinstance(value, ClassObject)
            and self._has_plain_metaclass(value.cls)
            and needs_an_instance(self._prover, value.cls, wanted)
        )

    def _lacks_all(self, value: Type, names: tuple[str, ...]) -> bool:
        if isinstance(value, NoneValue):
            none = self._prover.sources.module("types")
            found = self._prover.module_attribute(none, "NoneType") if none else Unknown("")
            value = Instance(found.cls) if isinstance(found, ClassObject) else Unknown("")
        if isinstance(value, Function | Callable):
            return not any(name in _OF_FUNCTIONS for name in names)
        if isinstance(value, Instance) and self._is_anything(value.cls):
            return False
        if isinstance(value, Instance | ClassObject) and self._may_be_given(value.cls, names):
            return False
        if isinstance(value, ClassObject) and all(map(_is_dunder, names)):
            asked = self._membership.of_metaclass(value.cls)
            return asked is not None and not asked & set(names)
        known = self._membership.of(value)
        if not known.complete:
            return False
        if isinstance(value, Instance) and _ORDERS.issuperset(names):
            # Every object seems to have these, and answers with none of them.
            return self._own(value.cls).isdisjoint(names)
        return not any(name in known.words for name in names)

    def _may_be_given(self, cls: ClassInfo, names: tuple[str, ...]) -> bool:
        """Whether something else than the class's own text may give it one of the methods."""
        return any(
            not each.module.is_stub
            and each.node.decorator_list
            and (
                not _MADE_BY_DECORATORS.isdisjoint(names)
                or any(
                    name.rpartition(".")[2] not in _KNOWN_DECORATORS
                    for name in dotted_decorators(each.node)
                )
            )
            for each, _ in self._prover.mro(cls) or ()
        )

    def _gives_another(self, value: Type, expected: Callable) -> bool:
        """Whether what calling a class or a function gives is not what is to be given; where
        nothing is to be given, hardly anybody minds what a function does give."""
        none = isinstance(expected.returned, NoneValue)
        if not isinstance(value, ClassObject) and (none or not isinstance(value, Function)):
            return False
        return self.refutes(self._prover.called(value), expected.returned)

    def _takes_another(self, value: Type, expected: Callable) -> bool:
        """Whether a function provably cannot be called with as many arguments as it will be."""
        if not isinstance(value, Function) or expected.given is None:
            return False
        try:
            ways = Ways(self._prover).function(value)
        except UnprovenError:
            return False
        return bool(first_fault(ways, [Argument()] * expected.given, whole=True))

    def _may_be_called(self, value: Type) -> bool:
        if isinstance(value, NoneValue | ModuleValue):
            return False
        return not isinstance(value, Instance) or not self._lacks_all(value, ("__call__",))


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _a_function() -> None:
    """Has what every function has."""


_ORDERS = frozenset({"__lt__", "__le__", "__gt__", "__ge__"})
_OF_FUNCTIONS = frozenset(dir(_a_function)) - _ORDERS
