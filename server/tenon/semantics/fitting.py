"""Fitting: of what might stand at a place, which is what the rest of the statement asks for.

Owns the order of three: what provably fits, what is not known to, and what provably cannot stand.
Asks of each value what a declared type asks, and what the operator beside it does.
"""

from __future__ import annotations

import ast
from enum import IntEnum

from tenon.semantics.assignable import Assignability
from tenon.semantics.choices import PROBE, wanted_at
from tenon.semantics.index import children
from tenon.semantics.inquiry import Place
from tenon.semantics.operators import Operators
from tenon.semantics.statements import scopes_in, statement_at
from tenon.semantics.types import NONE, Type, Unknown, parts_of


class Fit(IntEnum):
    FITS = 0
    MAY = 1
    FAILS = 2


class Fitting:
    """The place of the probe in the statement `text`. One thread uses it."""

    def __init__(
        self, place: Place, text: str, earlier: tuple[str, ...], indent: int | None
    ) -> None:
        self._assignability = Assignability(place.prover, place.membership)
        asked = wanted_at(place, text, earlier, indent)
        self._wanted: Type = Unknown("nothing is declared here") if asked is None else asked[0]
        self._place = place
        self._around: ast.AST | None = None
        """What the probe is a part of."""
        statement = statement_at(place, text, earlier, indent)
        if statement is not None and asked is None:
            self._scopes = scopes_in(statement, place.scope)
            self._around = _around_probe(statement)

    def of(self, value: Type) -> Fit:
        if any(isinstance(part, Unknown) for part in parts_of(value)):
            return Fit.MAY
        if not any(isinstance(part, Unknown) for part in parts_of(self._wanted)):
            if value != NONE and self._assignability.proves(value, self._wanted):
                return Fit.FITS
            return Fit.FAILS if self._assignability.refutes(value, self._wanted) else Fit.MAY
        if self._around is None:
            return Fit.MAY
        operators = Operators(self._place, self._assignability, self._scopes, {PROBE: value})
        if next(operators.of(self._around), None) is not None:
            return Fit.FAILS
        return Fit.FITS if value != NONE and operators.decides(self._around) else Fit.MAY


def _around_probe(statement: ast.stmt) -> ast.AST | None:
    """The node that says what is done with the probe."""
    waiting: list[tuple[ast.AST, ast.AST]] = [(statement, statement)]
    while waiting:
        node, around = waiting.pop()
        if isinstance(node, ast.Name) and node.id == PROBE:
            return around
        inner = around if isinstance(node, ast.withitem) else node
        waiting.extend((child, inner) for child in children(node))
    return None
