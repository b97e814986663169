"""Reach: expressions that have the expected type, built from what is in scope.

Owns a search that is bounded in depth and in time: names, their members, elements and calls, the
arguments that such calls take, conversions, members of enums and literals. It proposes only what
provably fits; what it does not find may exist all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tenon.semantics.assignable import Assignability
from tenon.semantics.index import HOLE
from tenon.semantics.inquiry import Place
from tenon.semantics.parameters import Kind, Signature
from tenon.semantics.passing import asked
from tenon.semantics.scopes import Binding
from tenon.semantics.signatures import signatures
from tenon.semantics.sources import OutOfTime
from tenon.semantics.trees import expression_tree
from tenon.semantics.types import (
    NONE,
    ClassObject,
    Function,
    Instance,
    ModuleValue,
    NoneValue,
    Type,
    Unknown,
    parts_of,
    shown,
)

_NAMES = 48
"""Names that are looked at, the nearest first."""
_MEMBERS = 64
"""Members of one name that are looked at."""
_ARGUMENTS = 2
"""Required arguments that a proposed call may have."""
_CONVERSIONS = {"str": ("str",), "int": ("len", "int"), "float": ("float",), "list": ("list", "sorted"),
    "set": ("set",), "tuple": ("tuple",), "bytes": ("bytes",)}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Inhabitant:
    """An expression that has the expected type."""

    rank: int
    """The likelier the smaller."""
    text: str
    type: str


def inhabitants(
    place: Place, expected: Type, *, limit: int = 20, hint: str = ""
) -> tuple[Inhabitant, ...]:
    """Expressions that are `expected` at `place`, the likeliest first.

    `hint` is what the place calls it, such as a parameter's name. Out of time, those found so far.
    """
    if isinstance(expected, Unknown) or any(isinstance(p, Unknown) for p in parts_of(expected)):
        return ()
    best: dict[str, Inhabitant] = {}
    try:
        for rank, text, found in _Search(place, expected).run():
            if hint and text.replace("()", "").rpartition(".")[2] == hint:
                rank -= 20
            made = Inhabitant(rank, text, shown(found))
            if text not in best or made < best[text]:
                best[text] = made
    except (OutOfTime, RecursionError):
        pass
    return tuple(sorted(best.values())[:limit])


_Proposal = tuple[int, str, Type]


class _Search:
    def __init__(self, place: Place, expected: Type) -> None:
        self._place = place
        self._prover = place.prover
        self._expected = expected
        self._assignability = Assignability(place.prover, place.membership)
        self._names = list(self._visible())[:_NAMES]

    def run(self) -> Iterator[_Proposal]:
        yield from self._literals()
        for rank, name, value in self._names:
            if self._fits(value):
                yield rank, name, value
        for rank, name, value in self._names:
            yield from self._elements(rank, name, value)
            if isinstance(value, ClassObject):
                yield from self._of_class(rank, name, value)
            elif isinstance(value, Function):
                yield from self._calls(rank + 10, name)
        for rank, name, value in self._names:
            if isinstance(value, Instance) and not value.cls.module.is_stub:
                yield from self._members(rank + 10, name, value)
            elif isinstance(value, ModuleValue):
                reads = self._place.around.index.reads.get(name, set())
                yield from self._members(rank + 20, name, value, sorted(reads))
        yield from self._conversions()
        for rank, name, value in self._names:
            if isinstance(value, Instance) and value.cls.module.is_stub and not self._fits(value):
                yield from self._members(rank + 30, name, value)

    def _fits(self, value: Type) -> bool:
        none = isinstance(value, NoneValue)
        return not none and self._assignability.proves(value, self._expected)

    # Names.

    def _visible(self) -> Iterator[_Proposal]:
        """The names in scope that are bound before the cursor, with what they are."""
        line = getattr(self._place.hole, "lineno", None)
        for distance, scope in enumerate(self._place.scope.chain()):
            self._prover.sources.check_time()
            for order, (name, bindings) in enumerate(scope.bindings.items()):
                if HOLE in name or (name.startswith("_") and scope.kind == "module"):
                    continue
                if scope.kind != "module" and not _is_bound_before(bindings, line):
                    continue
                if all(getattr(each.node, "module", "") == "__future__" for each in bindings):
                    continue
                value = self._prover.name(name, self._place.scope)
                if not isinstance(value, Unknown | NoneValue):
                    yield distance * 40 + min(order, 9), name, value

    def _literals(self) -> Iterator[_Proposal]:
        for part in parts_of(self._expected):
            if isinstance(part, Instance) and part.value is not None:
                yield 5, shown(part), part
            elif isinstance(part, Instance) and part.cls.full_name == "builtins.bool":
                yield 41, "True", part
                yield 42, "False", part
            elif isinstance(part, NoneValue):
                yield 45, "None", NONE

    # One step further.

    def _elements(self, rank: int, name: str, value: Type) -> Iterator[_Proposal]:
        if not isinstance(value, Instance) or value.cls.full_name not in (
            "builtins.list", "builtins.tuple", "builtins.dict",
        ):  # fmt: skip
            return
        if value.cls.name != "dict":
            held = self._prover.iterated(value)
            if self._fits(held):
                yield rank + 8, f"{name}[0]", held
        elif len(value.args) == 2 and self._fits(value.args[1]):
            for _, key, inner in self._names:
                if self._assignability.proves(inner, value.args[0]):
                    yield rank + 8, f"{name}[{key}]", value.args[1]
                    break

    def _of_class(self, rank: int, name: str, value: ClassObject) -> Iterator[_Proposal]:
        made = self._prover.made(value)
        if not self._fits(made):
            return
        if self._prover.is_enum(value.cls):
            for order, (member, bindings) in enumerate(value.cls.scope.bindings.items()):
                if bindings[0].kind == "assign" and not member.startswith("_"):
                    yield 6 + order, f"{name}.{member}", made
            return
        yield from self._calls(rank % 40 + 12, name)

    def _members(
        self, rank: int, name: str, value: Type, members: list[str] | None = None
    ) -> Iterator[_Proposal]:
        if members is None:
            own = name == "self"
            words = self._place.membership.of(value).words.ordered
            members = [w for w in words if not w.startswith("__" if own else "_")][:_MEMBERS]
        for member in members:
            self._prover.sources.check_time()
            found = self._prover.attribute(value, member)
            if isinstance(found, Unknown):
                continue
            if self._fits(found):
                yield rank, f"{name}.{member}", found
            elif any(isinstance(part, Function) for part in parts_of(found)):
                yield from self._calls(rank + 5, f"{name}.{member}")

    def _calls(self, rank: int, callee: str) -> Iterator[_Proposal]:
        """Calls of `callee` whose required arguments are at hand."""
        node = expression_tree(callee)
        value = self._prover.expression(node, self._place.scope)
        returned = self._prover.called(value)
        if not self._fits(returned):
            return
        membership, scope = self._place.membership, self._place.scope
        for way in signatures(self._prover, membership, node, scope).ways:
            arguments = self._arguments(way)
            if arguments is not None:
                yield rank + 3 * len(arguments), f"{callee}({', '.join(arguments)})", returned
                return

    def _arguments(self, way: Signature) -> list[str] | None:
        required = [each for each in way.parameters if each.required]
        if len(required) > _ARGUMENTS:
            return None
        found: list[str] = []
        for parameter in required:
            wanted = asked(self._prover, way, parameter)
            fitting = [
                (name != parameter.name, rank, name)
                for rank, name, value in self._names
                if name not in found and self._assignability.proves(value, wanted)
            ]
            if isinstance(wanted, Unknown) or not fitting:
                return None
            name = min(fitting)[2]
            keyword = parameter.kind is Kind.KEYWORD
            found.append(f"{parameter.name}={name}" if keyword else name)
        return found

    def _conversions(self) -> Iterator[_Proposal]:
        for part in parts_of(self._expected):
            if not isinstance(part, Instance) or part.value is not None:
                continue
            for function in _CONVERSIONS.get(part.cls.name, ()):
                for rank, name, value in self._names:
                    if rank >= 40 or not isinstance(value, Instance) or self._fits(value):
                        continue
                    if name != "self" and self._takes(function, value, part):
                        yield rank + 16, f"{function}({name})", part
                    for member, held in self._fields(name, value):
                        if not self._fits(held) and self._takes(function, held, part):
                            yield rank + 22, f"{function}({name}.{member})", part

    def _fields(self, name: str, value: Instance) -> Iterator[tuple[str, Instance]]:
        """What instances of the author's own classes hold."""
        if value.cls.module.is_stub:
            return
        for member in self._place.membership.of(value).words.ordered[:_MEMBERS]:
            if member.startswith("__" if name == "self" else "_"):
                continue
            self._prover.sources.check_time()
            held = self._prover.attribute(value, member)
            if isinstance(held, Instance):
                yield member, held

    def _takes(self, function: str, value: Instance, wanted: Instance) -> bool:
        if function == "str":
            return value.cls.name in ("int", "float", "Path", "bool", "Decimal", "UUID")
        if function in ("int", "float"):
            return value.cls.name in ("str", "float", "int")
        if function == "len":
            return not self._assignability.lacks(value, "__len__") and value.cls.module.is_stub
        if function == "bytes":
            return value.cls.name in ("bytearray", "memoryview")
        held = self._prover.iterated(value)
        return not isinstance(held, Unknown) and all(
            self._assignability.proves(held, each) for each in wanted.args
        )


def _is_bound_before(bindings: list[Binding], line: int | None) -> bool:
    return line is None or any(
        binding.kind == "param" or getattr(binding.node, "lineno", 0) < line for binding in bindings
    )
