"""Faults: the first provable type error in a statement that was said a moment ago.

Owns the walk over the statement, which parts of it are settled, and which names mean something
else there than the buffer says. What is right, unknown, or not yet finished has no fault.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tenon.semantics.arguments import Argument
from tenon.semantics.arguments import fault as refused
from tenon.semantics.assignable import Assignability
from tenon.semantics.definitions import dotted
from tenon.semantics.expected import Absent, Demand, Expectations
from tenon.semantics.forms import annotations_of, misformed, types_in
from tenon.semantics.headers import against_body
from tenon.semantics.index import children
from tenon.semantics.inquiry import Place
from tenon.semantics.mismatch import Mismatches
from tenon.semantics.operators import Operators
from tenon.semantics.parameters import Parameter
from tenon.semantics.passing import refused_argument
from tenon.semantics.scopes import FunctionNode
from tenon.semantics.signatures import signatures
from tenon.semantics.statements import lines_before, parsed_statement, scopes_in, statement_at
from tenon.semantics.types import Instance, NoneValue, Type, parts_of, shown


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
    over: bool = True
    """Whether the statement has ended: a tuple without brackets can no longer grow."""
    last: bool = False
    """Whether the completion says nothing behind it."""


_QUOTES = re.compile(r"[rRuUbB]{0,2}(?:\"\"\"|'''|\"|')")
_STRING = re.compile(r"[rRuU]?(?:\"\"\".*?\"\"\"|'''.*?'''|\"[^\"]*\"|'[^']*')", re.DOTALL)
"""One string, and not several that stand together."""
_PLAIN = frozenset({"builtins.str", "builtins.int", "builtins.float", "builtins.bool"})


@dataclass(frozen=True, slots=True)
class Fault:
    start: int
    """The first character of the phrase that cannot stand."""
    reason: str
    allowed: tuple[str, ...] = ()


def first_fault(place: Place, phrase: Phrase, earlier: tuple[str, ...]) -> Fault | None:
    """What is provably wrong in the settled part of `phrase`, which `earlier` statements of the
    same completion precede; None for nothing."""
    if place.around.expects("TypeError", phrase.text):
        return None
    statement = statement_at(place, phrase.text, earlier, phrase.indent)
    if statement is None:
        return None
    generator = any("yield" in each for each in (*earlier, phrase.text))
    search = _Search(place, phrase, statement, generator)
    return search.run() or (search.left(map(parsed_statement, earlier)) if phrase.last else None)


def _possible_targets(statement: ast.stmt) -> tuple[ast.AST, ...]:
    """What an `=` that is yet to come would set, rather than read."""
    if not isinstance(statement, ast.Expr):
        return ()
    value = statement.value
    places = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    return tuple(place for place in places if isinstance(place, ast.Subscript))


def _is_strict(parameter: Parameter) -> bool:
    """Whether who calls and who declares are of one kind. Stubs declare truth values where much
    code has long passed numbers."""
    return parameter.scope is not None and not parameter.scope.module.is_stub


def _is_number_for_truth(node: ast.expr, expected: Type) -> bool:
    return (
        isinstance(node, ast.Constant)
        and type(node.value) is int
        and all(
            isinstance(part, Instance) and part.cls.full_name == "builtins.bool"
            for part in parts_of(expected)
        )
    )


def _is_nothing(node: ast.expr, expected: Type) -> bool:
    """Whether `...` is passed for a plain value, which it cannot stand for where it is used."""
    return (
        isinstance(node, ast.Constant)
        and node.value is Ellipsis
        and all(
            isinstance(part, NoneValue)
            or (isinstance(part, Instance) and part.cls.full_name in _PLAIN)
            for part in parts_of(expected)
        )
    )


def _is_exact(part: Type) -> bool:
    """Whether it is hardly more than it is declared as: an author may ask one of his own classes,
    or a library's, for what only a class derived from it has."""
    return not isinstance(part, Instance) or part.cls.module.name == "builtins"


def _argument(node: ast.expr | ast.keyword) -> Argument:
    if isinstance(node, ast.keyword):
        return Argument(keyword=node.arg or "", star="" if node.arg else "**")
    return Argument(star="*" if isinstance(node, ast.Starred) else "")


class _Search:
    def __init__(
        self, place: Place, phrase: Phrase, statement: ast.stmt, generator: bool
    ) -> None:
        self._place = place
        self._statement = statement
        self._prover = place.prover
        self._phrase = phrase
        self._offset = lines_before(phrase.text)
        self._starts = [0]
        for line in phrase.text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._lines = phrase.text.split("\n")
        self._assignability = Assignability(place.prover, place.membership)
        self._inner = scopes_in(statement, place.scope)
        self._operators = Operators(place, self._assignability, self._inner)
        self._expectations = Expectations(place, generator=generator)
        self._mismatches = Mismatches(
            place, self._assignability, self._operators, over=phrase.over
        )

    def run(self) -> Fault | None:
        statement = self._statement
        for demand in self._expectations.of(statement):
            fault = self._refused(demand)
            if fault is not None:
                return fault
        for annotation in annotations_of(self._prover, statement, self._place.scope):
            fault = self._misformed(annotation)
            if fault is not None:
                return fault
        if isinstance(statement, FunctionNode) and statement.returns is not None:
            if self._is_settled(statement.returns):
                reason = against_body(self._place, statement)
                if reason:
                    return self._fault(statement.returns, reason)
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

    def left(self, before: Iterable[ast.stmt | None]) -> Fault | None:
        """What is wrong with a function that ends here."""
        for demand in self._expectations.left(self._statement, before):
            return self._refused(demand)
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
        if isinstance(node, ast.Assign) and not self._phrase.over:
            # A tuple without brackets may still grow, and so may the targets.
            return None
        if not isinstance(node, ast.expr | ast.stmt | ast.comprehension | ast.ExceptHandler):
            return None
        for blamed, reason in self._operators.of(node):
            whole = node if isinstance(node, ast.BinOp | ast.Compare | ast.UnaryOp) else blamed
            if isinstance(whole, ast.expr) and self._is_settled(whole):
                return self._fault(blamed, reason)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Attribute):
            return self._member(node)
        if isinstance(node, ast.Yield | ast.YieldFrom) and self._is_settled(node):
            reason = self._ungenerated()
            if reason:
                return self._fault(node, reason)
        if isinstance(node, ast.Yield):
            for demand in self._expectations.yielded(node):
                return self._refused(demand)
        if isinstance(node, ast.YieldFrom):
            for demand in self._expectations.yielded(node):
                return self._yielded_from(demand)
        return None

    def _ungenerated(self) -> str:
        """Why the function round the place is no generator; "" where it may be one."""
        declared = self._expectations.returned()
        if declared is None:
            return ""
        expected, whose = declared
        kinds = "GeneratorType", "AsyncGeneratorType"
        if not self._assignability.refutes_generators(expected, *kinds):
            return ""
        return f"{whose} returns {shown(expected)}, and no generator"

    def _misformed(self, annotation: ast.expr) -> Fault | None:
        if getattr(self._statement, "type_params", ()):
            # They are names of its own.
            return None
        for blamed, reason in misformed(self._prover, annotation, self._place.scope):
            if self._is_settled(blamed):
                return self._fault(blamed, reason)
        for node in ast.walk(annotation):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                start, end = self._extent(node)
                if not _STRING.fullmatch(self._phrase.text[start:end]) and self._is_settled(node):
                    return self._fault(node, "strings that stand together are no type")
        return None

    def _call(self, node: ast.Call) -> Fault | None:
        scope = self._operators.scope_of(node)
        for annotation in types_in(self._prover, node, scope):
            fault = self._misformed(annotation)
            if fault is not None:
                return fault
        if not any(map(self._is_settled, [*node.args, *(each.value for each in node.keywords)])):
            return None
        ways = signatures(self._prover, self._place.membership, node.func, scope).ways
        if self._is_finished(node):
            given = tuple(map(_argument, [*node.args, *node.keywords]))
            ways = tuple(way for way in ways if not refused(way, given, whole=True)) or ways
        if not ways:
            return None
        wrong = refused_argument(
            self._prover,
            node,
            ways,
            self._is_finished,
            self._refutes,
        )
        if wrong is None or not self._is_settled(wrong[0]):
            return None
        argument, way, parameter, expected = wrong
        whose = f"{way.name} takes {parameter.name}:"
        return self._refused(Demand(argument, expected, whose, _is_strict(parameter), passed=True))

    def _member(self, node: ast.Attribute) -> Fault | None:
        """What the author asks a member of, where that was said for it, and what is asked of a
        comprehension's own names: those two nobody else knows."""
        theirs = self._extent(node)[1] - len(node.attr) >= self._phrase.end
        if not theirs and node not in self._inner:
            return None
        if not self._is_settled(node.value) or not self._is_finished(node):
            return None
        if not isinstance(node.ctx, ast.Load):
            return None
        value = self._operators.type(node.value)
        cast = isinstance(node.value, ast.Call) and dotted(node.value.func).endswith("cast")
        if theirs and not cast and not all(map(_is_exact, parts_of(value))):
            return None
        if not self._assignability.lacks(value, node.attr):
            return None
        if node.attr.startswith("_"):
            # Python gives more names of its own, and stubs tell less, than any set holds.
            known = self._place.membership.of(value)
            if not known.private or (node.attr.endswith("__") and node.attr.strip("_")):
                return None
        return self._fault(node.value, f"{shown(value)} has no member '{node.attr}'")

    def _yielded_from(self, demand: Demand) -> Fault | None:
        given = self._prover.elements(demand.node, self._operators.scope_of(demand.node))
        if not self._is_settled(demand.node) or not self._assignability.refutes(
            given, demand.expected
        ):
            return None
        reason = f"{shown(given)} is not {shown(demand.expected)}: {demand.whose} it"
        return self._fault(demand.node, reason)

    def _refutes(self, node: ast.expr, expected: Type, parameter: Parameter) -> bool:
        if _is_strict(parameter) and _is_number_for_truth(node, expected):
            return True
        return _is_nothing(node, expected) or (
            self._mismatches.mismatch(node, expected) is not None
        )

    def _refused(self, demand: Demand) -> Fault | None:
        wrong = self._mismatches.mismatch(demand.node, demand.expected)
        truth = demand.strict and _is_number_for_truth(demand.node, demand.expected)
        if truth or (demand.passed and _is_nothing(demand.node, demand.expected)):
            value = self._mismatches.value(demand.node)
            wrong = demand.node, value, demand.expected
        if wrong is None:
            return None
        node, value, expected = wrong
        if not self._is_finished(demand.node):
            return None
        if demand.asker is not None and self._is_settled(demand.asker):
            # Whichever of the two the author wrote: the other does not go with it.
            node = node if self._is_settled(node) else demand.asker
        if not self._is_settled(node):
            return None
        reason = f"{shown(value)} is not {shown(expected)}: {demand.whose} {shown(demand.expected)}"
        allowed = tuple(
            shown(part)
            for part in parts_of(demand.expected)
            if isinstance(part, Instance) and part.value is not None
        )
        return self._fault(node, reason, tuple(sorted(allowed)[:5]))

    # Where a node stands.

    def _fault(self, node: ast.expr, reason: str, allowed: tuple[str, ...] = ()) -> Fault:
        return Fault(self._extent(node)[0], reason, allowed)

    def _extent(self, node: ast.expr) -> tuple[int, int]:
        start = self._offset_of(node.lineno, node.col_offset)
        end = self._offset_of(node.end_lineno or node.lineno, node.end_col_offset or 0)
        if isinstance(node, Absent):
            return start, len(self._phrase.text)
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
        if isinstance(node, Absent):
            # A space behind the author's `return` shows that something was to follow.
            word = self._offset_of(node.end_lineno or node.lineno, node.end_col_offset or 0)
            return self._is_finished(node) and (end > begin or begin > word)
        if isinstance(node, ast.Constant) and start < begin:
            # A string, or a number, whose beginning only its author can explain.
            if not _QUOTES.fullmatch(self._phrase.text[start:begin]):
                return False
        return self._is_finished(node) and end > begin and start < self._phrase.end
