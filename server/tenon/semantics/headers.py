"""Headers: what a header at the cursor says its function returns, against the author's own body.

Owns the reading of a body that is there already. One that may be anything, or that others are to
write, contradicts no header.
"""

from __future__ import annotations

import ast

from tenon.semantics.assignable import Assignability
from tenon.semantics.definitions import may_be_remade
from tenon.semantics.expected import wanted
from tenon.semantics.index import HOLE, index_of, receiver_text
from tenon.semantics.inquiry import Place
from tenon.semantics.mismatch import Mismatches
from tenon.semantics.operators import Operators
from tenon.semantics.scopes import FunctionNode, statements
from tenon.semantics.statements import scopes_in
from tenon.semantics.types import NONE, Type, Unknown, shown
from tenon.semantics.witness import definitions_at

_YIELDS = (ast.Yield, ast.YieldFrom)
_MADE = {ast.FunctionDef: "GeneratorType", ast.AsyncFunctionDef: "AsyncGeneratorType"}
_ENDS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete)
"""Last statements behind which a function returns nothing, for certain."""


def against_body(place: Place, header: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """What the body below the header returns that the header does not let it; "" for nothing."""
    definition = next(definitions_at(place), None)
    if header.returns is None or not isinstance(definition, FunctionNode):
        return ""
    expected = wanted(place.prover, header.returns, place.scope)
    if isinstance(expected, Unknown):
        return ""
    own = list(statements(definition.body))
    body = [each for each in own if not isinstance(each, FunctionNode | ast.ClassDef)]
    if any(isinstance(node, _YIELDS) for each in body for node in _nodes(each)):
        return _generating(place, header, expected)
    returns = [each for each in body if isinstance(each, ast.Return) and each.value is not None]
    for each in returns:
        wrong = _returned(place, definition, each, expected)
        if wrong:
            return wrong
    leaves = any(isinstance(each, ast.Raise | ast.While | ast.Try | ast.With) for each in body)
    nothing = not returns and not leaves and isinstance(definition.body[-1], _ENDS)
    if nothing and _assignability(place).refutes(NONE, expected):
        return f"'{header.name}' returns nothing, which is not {shown(expected)}"
    return ""


def _nodes(statement: ast.stmt) -> list[ast.AST]:
    return [
        node
        for child in ast.iter_child_nodes(statement)
        if isinstance(child, ast.expr)
        for node in ast.walk(child)
    ]


def _assignability(place: Place) -> Assignability:
    return Assignability(place.prover, place.membership)


def _generating(
    place: Place, header: ast.FunctionDef | ast.AsyncFunctionDef, expected: Type
) -> str:
    if may_be_remade(header):
        return ""
    if not _assignability(place).refutes_generators(expected, _MADE[type(header)]):
        return ""
    return f"what yields is no {shown(expected)}"


def _returned(
    place: Place,
    definition: ast.FunctionDef | ast.AsyncFunctionDef,
    statement: ast.Return,
    expected: Type,
) -> str:
    assert statement.value is not None
    guards = index_of(definition).guards
    for node in ast.walk(statement.value):
        if receiver_text(node) in guards or HOLE in getattr(node, "id", ""):
            return ""
    inner = place.scope.child(definition)
    scopes = {node: inner for node in ast.walk(statement)} | scopes_in(statement, inner)
    assignability = _assignability(place)
    operators = Operators(place, assignability, scopes)
    wrong = Mismatches(place, assignability, operators, over=True).mismatch(
        statement.value, expected
    )
    if wrong is None:
        return ""
    _, value, meant = wrong
    return f"below, {shown(value)} is returned, which is not {shown(meant)}"
