"""Reaching: which names of a function may have been bound by the time its flow is at a line.

Owns the order of statements: what a branch binds that the line is not in, and what is bound only
on ways that end elsewhere, has not happened there. Errs towards "may have been bound".
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from copy import copy
from typing import TypeVar

from tenon.semantics.scopes import FunctionNode, bindings_of, covers, holds

_Names = frozenset[str]
_NONE: _Names = frozenset()


def bound_before(body: list[ast.stmt], line: int, hole: ast.AST | None) -> _Names | None:
    """What statements of `body` may have bound when its flow comes to `line`, where `hole` is;
    None where no flow comes there, or the line is in none of them."""
    return _Reaching(line, hole).within(body, _NONE)


class _Reaching:
    def __init__(self, line: int, hole: ast.AST | None) -> None:
        self._line = line
        self._hole = hole

    def within(self, body: Iterable[ast.stmt], bound: _Names) -> _Names | None:
        """What may be bound at the line, which one of the statements reaches over."""
        live: _Names | None = bound
        for statement in body:
            if live is None:
                return None
            if covers(statement, self._line):
                return self._inside(statement, live)
            live = _behind(statement, live)
        return None

    def _inside(self, statement: ast.stmt, live: _Names) -> _Names | None:
        if isinstance(statement, FunctionNode | ast.ClassDef):
            return live
        if isinstance(statement, ast.For | ast.AsyncFor) and self._holds(statement.iter):
            return live
        if isinstance(statement, ast.For | ast.AsyncFor | ast.While):
            # It may come round again.
            around = live | _bound_in(statement)
            return self._branch(around, statement.body, statement.orelse)
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            held = statement.value is not None and self._holds(statement.value)
            return live | (_walruses_of(statement) if held else _bound_in(statement))
        around = live | _bound_by_header(statement)
        if isinstance(statement, ast.If):
            return self._branch(around, statement.body, statement.orelse)
        if isinstance(statement, ast.With | ast.AsyncWith):
            for index, item in enumerate(statement.items):
                if self._holds(item.context_expr):
                    header = _without_blocks(statement)
                    walruses = _walruses_of(header)
                    header.items = header.items[:index]
                    return live | _bound_in(header) | walruses
            return self._branch(around, statement.body)
        if isinstance(statement, ast.Try | ast.TryStar):
            tried = around | _tried(statement.body)
            for handler in statement.handlers:
                if covers(handler, self._line):
                    caught = tried | {handler.name} if handler.name else tried
                    return self._branch(caught, handler.body)
            found = self._branch(None, statement.body, live=live)
            if found is not None:
                return found
            passed = around | _bound_by(statement.body)
            return self._branch(live | _bound_in(statement), statement.orelse, live=passed)
        if isinstance(statement, ast.Match):
            return self._branch(around, *(case.body for case in statement.cases))
        return live | _bound_in(statement)

    def _branch(
        self, otherwise: _Names | None, *bodies: list[ast.stmt], live: _Names | None = None
    ) -> _Names | None:
        """What may be bound at the line, where it is in one of `bodies`."""
        for body in bodies:
            if any(covers(statement, self._line) for statement in body):
                return self.within(body, (otherwise or _NONE) if live is None else live)
        return otherwise

    def _holds(self, node: ast.AST) -> bool:
        return holds(node, self._hole)


def _behind(statement: ast.stmt, live: _Names) -> _Names | None:
    """What may be bound once `statement` is done; None where nothing comes behind it."""
    if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
        return None
    if isinstance(statement, ast.If):
        around = live | _bound_by_header(statement)
        ways = [_through(body, around) for body in (statement.body, statement.orelse)]
        return _met(ways)
    if isinstance(statement, ast.Try | ast.TryStar):
        return _behind_try(statement, live)
    return live | _bound_in(statement)


def _behind_try(statement: ast.Try, live: _Names) -> _Names | None:
    tried = live | _tried(statement.body)
    through = _through(statement.body, live)
    ways = [None if through is None else _through(statement.orelse, through)]
    # What a handler calls the exception by is gone behind it.
    ways += [_through(handler.body, tried) for handler in statement.handlers]
    met = _met(ways)
    return None if met is None else _through(statement.finalbody, met)


def _tried(body: list[ast.stmt]) -> _Names:
    """What may be bound where something in `body` failed: if it is the last, that bound nothing."""
    last = body[-1]
    if isinstance(last, ast.Import | ast.ImportFrom):
        fails = len(last.names) == 1
    else:
        fails = isinstance(last, ast.Assign) and all(map(_is_plain, last.targets))
    return _bound_by(body[:-1]) | (_walruses_of(last) if fails else _bound_in(last))


def _is_plain(target: ast.expr) -> bool:
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    return all(isinstance(part, ast.Name) for part in parts)


def _met(ways: Iterable[_Names | None]) -> _Names | None:
    """Where several ways go on as one."""
    reached = [way for way in ways if way is not None]
    return _NONE.union(*reached) if reached else None


def _through(body: list[ast.stmt], live: _Names) -> _Names | None:
    for statement in body:
        found = _behind(statement, live)
        if found is None:
            return None
        live = found
    return live


def _bound_by(body: list[ast.stmt]) -> _Names:
    """What may be bound behind `body`. What handlers call their exceptions by is not."""
    names = bindings_of(body, walruses=True).names
    return frozenset(
        name for name, bindings in names.items() if any(each.kind != "except" for each in bindings)
    )


def _bound_in(statement: ast.stmt) -> _Names:
    return _bound_by([statement])


def _bound_by_header(statement: ast.stmt) -> _Names:
    """What `statement` binds outside its blocks."""
    return _bound_in(_without_blocks(statement))


_Node = TypeVar("_Node", bound=ast.AST)


def _without_blocks(node: _Node) -> _Node:
    node = copy(node)
    for field in ("body", "orelse", "finalbody"):
        if hasattr(node, field):
            setattr(node, field, [])
    for field in ("handlers", "cases"):
        if hasattr(node, field):
            setattr(node, field, [_without_blocks(each) for each in getattr(node, field)])
    return node


def _walruses_of(statement: ast.stmt) -> _Names:
    return frozenset(
        each.target.id for each in ast.walk(statement) if isinstance(each, ast.NamedExpr)
    )
