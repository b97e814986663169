"""Choices: the few strings that may stand at a place, where there are but few.

Owns the question what a place asks of an expression that is only just beginning. Answers with a
finite set or not at all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tenon.semantics.assignable import Assignability
from tenon.semantics.contents import contents
from tenon.semantics.expected import Expectations
from tenon.semantics.inquiry import Place
from tenon.semantics.keys import MISSING, known_keys
from tenon.semantics.passing import asked, passed
from tenon.semantics.signatures import signatures
from tenon.semantics.statements import statement_at
from tenon.semantics.types import Instance, NoneValue, Type, Unknown, parts_of, union

PROBE = "tenon_probe_"
"""The name that stands where the question is asked."""


@dataclass(frozen=True, slots=True)
class Choice:
    words: tuple[str, ...]
    whose: str
    """Who asks, as an author would say it."""
    written: bool
    """Every one is written as it is; else it may be put together from pieces."""


def wanted_at(
    place: Place, text: str, earlier: tuple[str, ...], indent: int | None
) -> tuple[Type, str] | None:
    """What the place of the probe in the statement `text` asks, and who asks it."""
    statement = statement_at(place, text, earlier, indent)
    return None if statement is None else _Finder(place).wanted(statement)


def choice_at(
    place: Place, text: str, earlier: tuple[str, ...], indent: int | None
) -> Choice | None:
    """The strings that may stand at the probe in `text`; None where any may."""
    statement = statement_at(place, text, earlier, indent)
    if statement is None:
        return None
    finder = _Finder(place)
    keyed = finder.keys(statement)
    if keyed is not None:
        return keyed
    found = finder.wanted(statement)
    if found is None:
        return None
    wanted, whose = found
    words: set[str] = set()
    for part in parts_of(wanted):
        if isinstance(part, Instance) and isinstance(part.value, str):
            words.add(part.value)
        elif not isinstance(part, NoneValue):
            return None
    return Choice(tuple(sorted(words)), whose, written=True) if words else None


class _Finder:
    def __init__(self, place: Place) -> None:
        self._place = place
        self._prover = place.prover
        self._assignability = Assignability(place.prover, place.membership)
        self._expectations = Expectations(place)

    def wanted(self, statement: ast.stmt) -> tuple[Type, str] | None:
        for node, expected, whose in self._demands(statement):
            found = self._within(node, expected)
            if found is not None:
                return found, whose
        return None

    def keys(self, statement: ast.stmt) -> Choice | None:
        """The keys of the mapping whose subscript the probe is."""
        if MISSING & self._place.around.expected:
            return None
        for node in ast.walk(statement):
            if isinstance(node, ast.Subscript) and _is_probe(node.slice):
                found = known_keys(self._prover, node.value, self._place.scope)
                if found is None or not (found.declared or _is_read(node, statement)):
                    return None
                whose = f"{found.owner} has the key"
                return Choice(tuple(sorted(found.words)), whose, found.declared)
        return None

    def _demands(self, statement: ast.stmt) -> Iterator[tuple[ast.expr, Type, str]]:
        for demand in self._expectations.of(statement):
            yield demand.node, demand.expected, demand.whose
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                yield from self._arguments(node)
            elif isinstance(node, ast.Yield):
                for demand in self._expectations.yielded(node):
                    yield demand.node, demand.expected, demand.whose

    def _arguments(self, call: ast.Call) -> Iterator[tuple[ast.expr, Type, str]]:
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        argument = next((each for each in arguments if _holds_probe(each)), None)
        if argument is None:
            return
        asks: list[Type] = []
        whose = ""
        for way in signatures(
            self._prover, self._place.membership, call.func, self._place.scope
        ).ways:
            for given, parameter in passed(call, way) or ():
                if given is argument:
                    asks.append(asked(self._prover, way, parameter))
                    whose = f"{way.name} takes {parameter.name}:"
        if asks:
            yield argument, union(asks), whose

    def _within(self, node: ast.expr, expected: Type) -> Type | None:
        """What is expected of the probe where `node` is to be `expected`."""
        if _is_probe(node):
            return expected
        if isinstance(expected, Unknown):
            return None
        inner: list[tuple[ast.expr, Type]] = []
        if isinstance(node, ast.IfExp):
            inner = [(node.body, expected), (node.orelse, expected)]
        elif isinstance(node, ast.BoolOp):
            inner = [(node.values[-1], expected)]
        elif isinstance(node, ast.NamedExpr):
            inner = [(node.value, expected)]
        elif isinstance(node, ast.List | ast.Set | ast.Tuple | ast.Dict):
            value = self._prover.expression(node, self._place.scope)
            inner = list(contents(self._prover, self._assignability, node, value, expected))
        for each, wanted in inner:
            found = self._within(each, wanted)
            if found is not None:
                return found
        return None


def _is_read(node: ast.Subscript, statement: ast.stmt) -> bool:
    """Whether the element is asked for, and may not turn out to be set."""
    if not isinstance(node.ctx, ast.Load):
        return False
    if not isinstance(statement, ast.Expr):
        return True
    value = statement.value
    return value is not node and not isinstance(value, ast.Tuple | ast.List)


def _is_probe(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == PROBE


def _holds_probe(node: ast.AST) -> bool:
    return any(_is_probe(each) for each in ast.walk(node))
