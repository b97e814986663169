"""Faults: the first provable type error in a statement that was said a moment ago.

Owns the walk over the statement, which parts of it are settled, and which names mean something
else there than the buffer says. What is right, unknown, or not yet finished has no fault.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tenon.semantics.assignable import Assignability
from tenon.semantics.expected import Demand, Expectations, contents
from tenon.semantics.forms import annotations_of, misformed
from tenon.semantics.index import children
from tenon.semantics.inquiry import Place
from tenon.semantics.operators import Operators
from tenon.semantics.passing import refused_argument
from tenon.semantics.scopes import FunctionNode
from tenon.semantics.signatures import signatures
from tenon.semantics.statements import lines_before, statement_at
from tenon.semantics.types import (
    Callable,
    ClassObject,
    Function,
    Instance,
    Type,
    Unknown,
    parts_of,
    shown,
    union,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A statement, as far as it was said, and closed so that it parses."""

    text: str
    begin: int
    """Where the completion begins in it: what ends before is the author's."""
    end: int
    """Where it ends: what begins there or behind is the author's."""
    settled: tuple[tuple[int, int], ...]
    """What no more text can change, from … to."""
    indent: int | None = None
    """How far it is indented; None where it stands on the cursor's own line."""

_EXPECTS_ERROR = re.compile(r"\b(?:assertRaises\w*|raises|suppress)\s*\(")
"""A call whose arguments are meant to go wrong."""


@dataclass(frozen=True, slots=True)
class Fault:
    start: int
    """The first character of the phrase that cannot stand."""
    reason: str
    allowed: tuple[str, ...] = ()


def first_fault(place: Place, phrase: Phrase, earlier: tuple[str, ...]) -> Fault | None:
    """What is provably wrong in the settled part of `phrase`, which `earlier` statements of the
    same completion precede; None for nothing."""
    if "TypeError" in place.around.expected or _EXPECTS_ERROR.search(phrase.text):
        return None
    statement = statement_at(place, phrase.text, earlier, phrase.indent)
    if statement is None:
        return None
    generator = any("yield" in each for each in (*earlier, phrase.text))
    return _Search(place, phrase, generator).run(statement)


def _possible_targets(statement: ast.stmt) -> tuple[ast.AST, ...]:
    """What an `=` that is yet to come would set, rather than read."""
    if not isinstance(statement, ast.Expr):
        return ()
    value = statement.value
    places = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    return tuple(place for place in places if isinstance(place, ast.Subscript))


class _Search:
    def __init__(self, place: Place, phrase: Phrase, generator: bool) -> None:
        self._place = place
        self._prover = place.prover
        self._phrase = phrase
        self._offset = lines_before(phrase.text)
        self._starts = [0]
        for line in phrase.text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._lines = phrase.text.split("\n")
        self._assignability = Assignability(place.prover, place.membership)
        self._operators = Operators(place, self._assignability)
        self._expectations = Expectations(place, generator=generator)

    def run(self, statement: ast.stmt) -> Fault | None:
        for demand in self._expectations.of(statement):
            fault = self._refused(demand)
            if fault is not None:
                return fault
        for annotation in annotations_of(statement):
            for blamed, reason in misformed(self._prover, annotation, self._place.scope):
                if self._is_settled(blamed):
                    return self._fault(blamed, reason)
        targets = _possible_targets(statement)
        waiting: list[ast.AST] = [statement]
        while waiting:
            node = waiting.pop()
            self._prover.sources.check_time()
            fault = self._at(node) if node not in targets else None
            if fault is not None:
                return fault
            waiting.extend(reversed(list(self._parts(node))))
        return None

    @staticmethod
    def _parts(node: ast.AST) -> Iterator[ast.AST]:
        """What is evaluated when `node` is; annotations are not."""
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                yield node.value
        elif isinstance(node, FunctionNode):
            yield from node.decorator_list
            yield from node.args.defaults
            yield from (each for each in node.args.kw_defaults if each is not None)
        elif isinstance(node, ast.Lambda):
            yield node.body
        elif not isinstance(node, ast.Match):
            yield from children(node)

    def _at(self, node: ast.AST) -> Fault | None:
        if not isinstance(node, ast.expr | ast.stmt | ast.comprehension | ast.ExceptHandler):
            return None
        for blamed, reason in self._operators.of(node):
            whole = node if isinstance(node, ast.BinOp | ast.Compare | ast.UnaryOp) else blamed
            if isinstance(whole, ast.expr) and self._is_settled(whole):
                return self._fault(blamed, reason)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Yield):
            for demand in self._expectations.yielded(node):
                return self._refused(demand)
        return None

    def _call(self, node: ast.Call) -> Fault | None:
        if not any(map(self._is_settled, [*node.args, *(each.value for each in node.keywords)])):
            return None
        ways = signatures(self._prover, self._place.membership, node.func, self._place.scope).ways
        if not ways:
            return None
        wrong = refused_argument(
            self._prover,
            node,
            ways,
            self._is_finished,
            lambda each, expected: self._mismatch(each, expected) is not None,
        )
        if wrong is None or not self._is_settled(wrong[0]):
            return None
        argument, way, parameter, expected = wrong
        whose = f"{way.name} takes {parameter.name}:"
        return self._refused(Demand(argument, expected, whose))

    def _refused(self, demand: Demand) -> Fault | None:
        wrong = self._mismatch(demand.node, demand.expected)
        if wrong is None:
            return None
        node, value, expected = wrong
        if not self._is_settled(node) or not self._is_finished(demand.node):
            return None
        reason = f"{shown(value)} is not {shown(expected)}: {demand.whose} {shown(demand.expected)}"
        allowed = tuple(
            shown(part)
            for part in parts_of(demand.expected)
            if isinstance(part, Instance) and part.value is not None
        )
        return self._fault(node, reason, tuple(sorted(allowed)[:5]))

    # Values against what is expected of them.

    def _mismatch(self, node: ast.expr, expected: Type) -> tuple[ast.expr, Type, Type] | None:
        """The part of `node` that is not what is expected, with its type and what is expected."""
        if isinstance(expected, Unknown):
            return None
        if isinstance(node, ast.IfExp):
            return self._mismatch(node.body, expected) or self._mismatch(node.orelse, expected)
        if isinstance(node, ast.BoolOp):
            return self._mismatch(node.values[-1], expected)
        if isinstance(node, ast.NamedExpr):
            return self._mismatch(node.value, expected)
        value = self._value(node)
        if isinstance(value, Unknown):
            return None
        exact = isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict)
        if self._assignability.refutes(value, expected, exact=exact):
            return node, value, expected
        if self._is_made(node, value):
            others = [part for part in parts_of(expected) if getattr(part, "value", None) is None]
            if not others or self._assignability.refutes(value, union(others)):
                return node, value, expected
        for inner, wanted in contents(self._assignability, node, value, expected):
            wrong = self._mismatch(inner, wanted)
            if wrong is not None:
                return wrong
        return None

    def _value(self, node: ast.expr) -> Type:
        if isinstance(node, ast.Lambda):
            return Callable(Unknown("a lambda"))
        if isinstance(node, ast.GeneratorExp):
            made = self._prover.typing_class("Generator")
            late = any(each.is_async for each in node.generators)
            return Instance(made) if made and not late else Unknown("it may be asynchronous")
        if isinstance(node, ast.Attribute) and node.attr in ("__name__", "__qualname__"):
            return self._prover.builtin("str")
        return self._operators.type(node)

    def _is_made(self, node: ast.expr, value: Type) -> bool:
        """Whether `node` makes a value that nobody declares to be one of a few literals."""
        if not isinstance(value, Instance) or value.value is not None:
            return False
        if isinstance(node, ast.JoinedStr):
            return any(isinstance(part, ast.FormattedValue) for part in node.values)
        if isinstance(node, ast.BinOp):
            return not isinstance(node.left, ast.Constant | ast.BinOp)
        if isinstance(node, ast.Attribute):
            return node.attr in ("__name__", "__qualname__")
        if not isinstance(node, ast.Call):
            return False
        called = self._prover.expression(node.func, self._place.scope)
        return all(
            isinstance(part, ClassObject)
            or (isinstance(part, Function) and part.node.returns is not None)
            for part in parts_of(called)
        )

    # Where a node stands.

    def _fault(self, node: ast.expr, reason: str, allowed: tuple[str, ...] = ()) -> Fault:
        return Fault(self._extent(node)[0], reason, allowed)

    def _extent(self, node: ast.expr) -> tuple[int, int]:
        start = self._offset_of(node.lineno, node.col_offset)
        end = self._offset_of(node.end_lineno or node.lineno, node.end_col_offset or 0)
        # A generator that is the only argument takes the call's own brackets for itself.
        return (start + 1, end - 1) if isinstance(node, ast.GeneratorExp) else (start, end)

    def _offset_of(self, line: int, column: int) -> int:
        row = min(max(line - 1 - self._offset, 0), len(self._lines) - 1)
        text = self._lines[row]
        if not text.isascii():
            column = len(text.encode()[:column].decode(errors="ignore"))
        return self._starts[row] + column

    def _is_finished(self, node: ast.expr) -> bool:
        start, end = self._extent(node)
        return any(first <= start and end <= last for first, last in self._phrase.settled)

    def _is_settled(self, node: ast.expr) -> bool:
        """Whether nothing can change the node any more, and the completion said some of it."""
        start, end = self._extent(node)
        begin = self._phrase.begin
        if isinstance(node, ast.Constant) and start < begin:
            # A string, or a number, whose beginning only its author can explain.
            return False
        return self._is_finished(node) and end > begin and start < self._phrase.end
