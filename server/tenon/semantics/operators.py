"""Operators: what Python's own syntax asks of the values it is used with.

Owns the protocol behind each operator and statement: which method answers `+`, what can be
iterated, awaited, entered, raised, subscripted. Refuses only where every way provably fails.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from tenon.semantics.assignable import Assignability
from tenon.semantics.expected import wanted
from tenon.semantics.inquiry import Place
from tenon.semantics.keys import MISSING, known_keys
from tenon.semantics.scopes import Scope
from tenon.semantics.trees import expression_tree
from tenon.semantics.types import (
    NONE,
    ClassObject,
    Function,
    Instance,
    ModuleValue,
    NoneValue,
    Type,
    TypeVariable,
    Unknown,
    parts_of,
    shown,
    substitute,
)

Complaint = tuple[ast.expr, str]
"""The expression that cannot stand there, and why."""

_BINARY: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "add"), ast.Sub: ("-", "sub"), ast.Mult: ("*", "mul"),
    ast.Div: ("/", "truediv"), ast.FloorDiv: ("//", "floordiv"), ast.Mod: ("%", "mod"),
    ast.Pow: ("**", "pow"), ast.LShift: ("<<", "lshift"), ast.RShift: (">>", "rshift"),
    ast.BitAnd: ("&", "and"), ast.BitOr: ("|", "or"), ast.BitXor: ("^", "xor"),
    ast.MatMult: ("@", "matmul"),
}  # fmt: skip
_ORDERS: dict[type[ast.cmpop], tuple[str, str, str]] = {
    ast.Lt: ("<", "__lt__", "__gt__"), ast.Gt: (">", "__gt__", "__lt__"),
    ast.LtE: ("<=", "__le__", "__ge__"), ast.GtE: (">=", "__ge__", "__le__"),
}  # fmt: skip
_HOLDING = frozenset({ast.In, ast.NotIn})
_UNARY: dict[type[ast.unaryop], tuple[str, str]] = {
    ast.USub: ("-", "__neg__"), ast.UAdd: ("+", "__pos__"), ast.Invert: ("~", "__invert__"),
}  # fmt: skip
_MAKING = (ast.Constant, ast.Call, ast.Await)
"""Expressions that give what they give anew each time."""
_NUMERIC_FORMATS = frozenset("bcdoxXneEfFgG%")


class Operators:
    """Complaints about one expression or statement. One thread uses it."""

    def __init__(
        self,
        place: Place,
        assignability: Assignability,
        scopes: Mapping[ast.AST, Scope],
        given: Mapping[str, Type] | None = None,
    ) -> None:
        """`scopes` are those of nodes that are not evaluated in the scope of the place itself;
        `given` says what names are that stand in the statement alone."""
        self._prover = place.prover
        self._assignability = assignability
        self._scope = place.scope
        self._scopes = scopes
        self._given = given or {}
        self._may_miss = bool(MISSING & place.around.expected)

    def of(self, node: ast.AST) -> Iterator[Complaint]:
        """What is wrong with `node` itself, of which the parts are looked at on their own."""
        if isinstance(node, ast.BinOp):
            yield from self._binary(node, node.left, node.op, node.right)
        elif isinstance(node, ast.AugAssign):
            yield from self._binary(node, node.target, node.op, node.value)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from self._unequal(target, node.value)
            if isinstance(node.targets[0], ast.Name):
                # What stands behind a name was to be read, when its author came to it.
                for target in node.targets[1:]:
                    yield from self._unknown_key(target)
        elif isinstance(node, ast.Compare):
            left = node.left
            for operator, right in zip(node.ops, node.comparators, strict=True):
                yield from self._comparison(left, operator, right)
                left = right
        elif isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
            sign, method = _UNARY[type(node.op)]
            yield from self._needs(node.operand, f"operand of '{sign}'", method)
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Store):
            yield from self._subscript(node)
        elif isinstance(node, ast.Starred) and isinstance(node.ctx, ast.Load):
            yield from self._iterated(node.value, "")
        elif isinstance(node, ast.YieldFrom):
            yield from self._iterated(node.value, "")
        elif isinstance(node, ast.Call):
            yield from self._unpacked(node)
        elif isinstance(node, ast.Await):
            yield from self._needs(node.value, "value to await", "__await__")
        elif isinstance(node, ast.For | ast.comprehension):
            asynchronous = getattr(node, "is_async", 0)
            yield from self._iterated(node.iter, "__aiter__" if asynchronous else "")
            yield from self._scattered(node.target, node.iter)
        elif isinstance(node, ast.AsyncFor):
            yield from self._iterated(node.iter, "__aiter__")
        elif isinstance(node, ast.With | ast.AsyncWith):
            method = "__enter__" if isinstance(node, ast.With) else "__aenter__"
            for item in node.items:
                yield from self._needs(item.context_expr, "context manager", method)
        elif isinstance(node, ast.Raise) and node.exc is not None:
            yield from self._exception(node.exc)
            if node.cause is not None and not _is_none(node.cause):
                yield from self._exception(node.cause)
        elif isinstance(node, ast.ExceptHandler) and node.type is not None:
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            for kind in kinds:
                yield from self._exception(kind, caught=True)
        elif isinstance(node, ast.FormattedValue):
            yield from self._formatted(node)
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            yield from self._decided(node.test)

    def decides(self, node: ast.AST) -> bool:
        """Whether `node` asks something of each of its operands, and all of them are known."""
        asked: list[ast.expr] = []
        if isinstance(node, ast.BinOp):
            asked = [node.left, node.right]
        elif isinstance(node, ast.AugAssign):
            asked = [_read(node.target), node.value]
        elif isinstance(node, ast.Compare):
            if all(type(each) in _ORDERS or type(each) in _HOLDING for each in node.ops):
                asked = [node.left, *node.comparators]
        elif isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
            asked = [node.operand]
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            asked = [node.iter]
        elif isinstance(node, ast.With | ast.AsyncWith):
            asked = [item.context_expr for item in node.items]
        elif isinstance(node, ast.Await | ast.YieldFrom | ast.Starred):
            asked = [node.value]
        return bool(asked) and not any(isinstance(self.type(each), Unknown) for each in asked)

    def scope_of(self, node: ast.AST) -> Scope:
        return self._scopes.get(node, self._scope)

    def type(self, node: ast.expr) -> Type:
        """The type of `node`. None that is not written as such is often something else by then."""
        scope = self.scope_of(node)
        if isinstance(node, ast.Name):
            if node.id in self._given:
                return self._given[node.id]
            if self._prover.name(node.id, scope) == TypeVariable(node.id):
                made = self._prover.typing_class("TypeVar")
                return Instance(made) if made is not None else Unknown("there is no TypeVar")
        found = self._prover.expression(node, scope)
        if isinstance(found, NoneValue) and not isinstance(node, _MAKING):
            return Unknown("what is None now is often set later")
        return found

    def _needs(self, node: ast.expr, what: str, *methods: str) -> Iterator[Complaint]:
        value = self.type(node)
        placeholder = isinstance(node, ast.Constant) and node.value is Ellipsis
        if placeholder or self._assignability.lacks(value, *methods):
            yield node, f"{shown(value)} is no {what}: it has no {methods[0]}"

    def _decided(self, node: ast.expr) -> Iterator[Complaint]:
        """A condition that is no question."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and node.value:
            yield node, f"{node.value!r} is always true"
        elif isinstance(node, ast.Call) and self.type(node) == NONE:
            made = parts_of(self._prover.expression(node.func, self.scope_of(node)))
            if all(isinstance(each, Function) and each.scope.module.is_stub for each in made):
                yield node, "None, which this gives, is never true"

    def _iterated(self, node: ast.expr, method: str) -> Iterator[Complaint]:
        if method:
            yield from self._needs(node, "asynchronous iterable", method)
        else:
            yield from self._needs(node, "iterable", "__iter__", "__getitem__")

    def _scattered(self, target: ast.expr, iterable: ast.expr) -> Iterator[Complaint]:
        """What a loop over a display puts into several names."""
        if isinstance(target, ast.Tuple | ast.List) and isinstance(iterable, ast.Tuple | ast.List):
            for element in iterable.elts:
                if not isinstance(element, ast.Starred):
                    yield from self._iterated(element, "")

    @staticmethod
    def _unequal(target: ast.expr, value: ast.expr) -> Iterator[Complaint]:
        """What is written down for several names, and is another number of values."""
        if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            starred = any(isinstance(each, ast.Starred) for each in (*target.elts, *value.elts))
            if not starred and len(target.elts) != len(value.elts):
                yield value, f"these are {len(value.elts)} values for {len(target.elts)} names"

    def _unpacked(self, node: ast.Call) -> Iterator[Complaint]:
        for keyword in node.keywords:
            if keyword.arg is None:
                yield from self._needs(keyword.value, "mapping", "keys")

    def _exception(self, node: ast.expr, *, caught: bool = False) -> Iterator[Complaint]:
        value = self.type(node)
        if isinstance(value, Unknown):
            return
        if all(self._is_no_exception(part, caught=caught) for part in parts_of(value)):
            yield node, f"{shown(value)} is no exception"

    def _is_no_exception(self, part: Type, *, caught: bool) -> bool:
        if isinstance(part, NoneValue | ModuleValue | Function):
            return True
        if isinstance(part, Instance) and part.cls.module.name == "builtins":
            if caught or part.cls.full_name in ("builtins.str", "builtins.int"):
                return part.cls.name not in ("type", "tuple", "object")
        if not isinstance(part, ClassObject) and (caught or not isinstance(part, Instance)):
            return False
        if part.cls.full_name in ("builtins.type", "builtins.object"):
            return False
        mro = self._prover.mro(part.cls)
        return mro is not None and all(each.name != "BaseException" for each, _ in mro)

    def _binary(
        self, node: ast.AST, left: ast.expr, operator: ast.operator, right: ast.expr
    ) -> Iterator[Complaint]:
        sign, name = _BINARY[type(operator)]
        ways = [f"__{name}__"]
        first: Type
        if isinstance(node, ast.AugAssign):
            ways.append(f"__i{name}__")
            target = self._prover.expression(_read(left), self._scope)
            first = Unknown("") if isinstance(target, NoneValue) else target
        else:
            first = self.type(left)
        if isinstance(first, Unknown):
            return
        if sign == "%" and any(_is_text(part) for part in parts_of(first)):
            return
        second = self.type(right)
        if self._fails(first, second, ways, f"__r{name}__"):
            yield right, f"'{sign}' does not take {shown(first)} and {shown(second)}"

    def _fails(self, left: Type, right: Type, ways: list[str], reflected: str) -> bool:
        """Whether no way is left to combine the two, whatever they are of their parts."""
        return all(
            self._is_value(first)
            and self._is_value(second)
            and all(self._rejects(first, way, second) for way in ways)
            and self._rejects(second, reflected, first)
            for first in parts_of(left)
            for second in parts_of(right)
        )

    @staticmethod
    def _is_value(part: Type) -> bool:
        return isinstance(part, Instance | NoneValue | Function | ModuleValue | ClassObject)

    def _rejects(self, owner: Type, method: str, argument: Type) -> bool:
        """Whether `owner.method(argument)` provably fails, or there is no such method."""
        if self._assignability.lacks(owner, method):
            return True
        if not isinstance(owner, Instance):
            return False
        found = self._prover.attribute(owner, method)
        return not isinstance(found, Unknown) and all(
            isinstance(part, Function) and self._refuses_argument(part, argument)
            for part in parts_of(found)
        )

    def _refuses_argument(self, function: Function, argument: Type) -> bool:
        arguments = function.node.args
        places = [*arguments.posonlyargs, *arguments.args]
        if len(places) < 2 or places[1].annotation is None:
            return False
        expected = wanted(
            self._prover, places[1].annotation, function.scope, receiver=function.receiver
        )
        meant = substitute(expected, self._prover.receiver_mapping(function))
        return self._assignability.refutes(argument, meant)

    def _comparison(
        self, left: ast.expr, operator: ast.cmpop, right: ast.expr
    ) -> Iterator[Complaint]:
        if isinstance(operator, ast.In | ast.NotIn):
            second = self.type(right)
            if isinstance(second, Unknown):
                return
            if self._assignability.lacks(second, "__contains__", "__iter__", "__getitem__"):
                yield right, f"nothing is in {shown(second)}: it has no __contains__"
                return
            first = self.type(left)
            if not isinstance(first, Unknown) and all(
                _is_text(part) and self._rejects(part, "__contains__", first)
                for part in parts_of(second)
            ):
                yield right, f"{shown(first)} is never in {shown(second)}"
        elif type(operator) in _ORDERS:
            sign, method, reflected = _ORDERS[type(operator)]
            first, second = self.type(left), self.type(right)
            if isinstance(first, Unknown) or isinstance(second, Unknown):
                return
            if self._fails(first, second, [method], reflected):
                yield right, f"'{sign}' does not compare {shown(first)} and {shown(second)}"

    def _subscript(self, node: ast.Subscript) -> Iterator[Complaint]:
        value = self.type(node.value)
        if isinstance(value, Unknown | ClassObject) or NONE in parts_of(value):
            return
        if any(isinstance(part, ClassObject) for part in parts_of(value)):
            return
        method = "__getitem__" if isinstance(node.ctx, ast.Load) else "__delitem__"
        if self._assignability.lacks(value, method):
            what = "to ask for" if method == "__getitem__" else "to delete"
            yield node.value, f"{shown(value)} has no elements {what}"
            return
        if isinstance(node.slice, ast.Slice) and all(map(_is_sequence, parts_of(value))):
            yield from self._bounds(node.slice)
            return
        missing = next(self._unknown_key(node), None)
        if missing is not None:
            yield missing
            return
        index = self._index(node.slice)
        if not isinstance(index, Unknown) and all(
            self._rejects(part, method, index) for part in parts_of(value)
        ):
            yield node.slice, f"{shown(index)} is no index of {shown(value)}"

    def _unknown_key(self, node: ast.expr) -> Iterator[Complaint]:
        """A key that a mapping provably has not."""
        if self._may_miss or not isinstance(node, ast.Subscript):
            return
        index = self._index(node.slice)
        word = index.value if isinstance(index, Instance) else None
        keys = known_keys(self._prover, node.value, self.scope_of(node))
        if keys is not None and isinstance(word, str) and word not in keys.words:
            yield node.slice, f"{keys.owner} has no key {word!r}"

    def _index(self, node: ast.expr) -> Type:
        return self._prover.builtin("slice") if isinstance(node, ast.Slice) else self.type(node)

    def _bounds(self, node: ast.Slice) -> Iterator[Complaint]:
        for bound in (node.lower, node.upper, node.step):
            if bound is not None and not _is_none(bound):
                yield from self._needs(bound, "bound of a slice", "__index__")

    def _formatted(self, node: ast.FormattedValue) -> Iterator[Complaint]:
        specification = node.format_spec
        if node.conversion != -1 or not isinstance(specification, ast.JoinedStr):
            return
        last = specification.values[-1] if specification.values else None
        written = last.value if isinstance(last, ast.Constant) else ""
        if not isinstance(written, str) or not written or written[-1] not in _NUMERIC_FORMATS:
            return
        value = self.type(node.value)
        if all(
            isinstance(part, Instance) and part.cls.full_name == "builtins.str"
            for part in parts_of(value)
        ):
            yield node.value, f"{shown(value)} is no number to be formatted as {written!r}"


def _is_text(part: Type) -> bool:
    return isinstance(part, Instance) and part.cls.full_name in (
        "builtins.str", "builtins.bytes", "builtins.bytearray",
    )  # fmt: skip


def _is_sequence(part: Type) -> bool:
    """Whether it is one of Python's own, whose slices have whole numbers for bounds."""
    return isinstance(part, Instance) and part.cls.full_name in (
        "builtins.list", "builtins.tuple", "builtins.str", "builtins.bytes",
    )  # fmt: skip


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _read(node: ast.expr) -> ast.expr:
    """A target as it is read."""
    return ast.copy_location(expression_tree(ast.unparse(node)), node)
