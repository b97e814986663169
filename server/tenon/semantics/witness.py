"""Witness: what the author's own lines ask of what a statement at the cursor would bind.

Owns two judgements. A name that this statement alone binds, in plain sight of all that reads it,
must have what the lines around it read of it; one that is bound twice, asked what it is, or given
to an inner scope under its own name is not judged. And a function's header gives its body the
names that nothing else does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from tenon.semantics.descent import provable
from tenon.semantics.index import HOLE, Index, index_of
from tenon.semantics.inquiry import Place
from tenon.semantics.scopes import FunctionNode, all_arguments, covers
from tenon.semantics.trees import module_tree
from tenon.semantics.types import Type

_APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Try)
_BINDS = re.compile(
    r"(?:[ \t\f]*+(?:#[^\n]*+)?\n)*+\s*+"
    r"(?:@|async\b|def\b|except\b|[(\s]*+[^\W\d]\w*+[)\s\\]*+=(?!=))"
)
"""What a definition begins with, and a statement that binds one name."""
_CAUGHT = re.compile(r"\s*except\b[^\n]*\bas\s+(\w+)\s*:")
_LINES = 12
"""Lines of a statement that is still looked at."""


def contradicted(place: Place, text: str) -> str:
    """What the author's lines read, as `name.member`, of what `statement` binds and what it binds
    has not, or the name that they read and it leaves unbound; "" where there is nothing.
    What counts of `text` is the statement that it begins with, or the header."""
    if "AttributeError" in place.around.expected or _BINDS.match(text) is None:
        return ""
    caught = _CAUGHT.match(text)
    if caught is not None:
        return next(_left_uncaught(place, caught[1]), "")
    body = _around(place)
    parsed, more = _parsed(text)
    if isinstance(parsed, FunctionNode):
        unbound = next(_left_unbound(place, parsed), "")
        if unbound:
            return unbound
    for name, value, among in _bound(place, parsed):
        nodes = among.body if among is not None else body
        if nodes is None:
            continue
        if _is_bound_again(nodes, name, place):
            nodes = _until_bound(place, name) if among is None else []
        if re.search(rf"\b{name}\b\s*(?:[^\w\s.(\[]|in\b)|\b(?:as|for)\s+{name}\b", more):
            # What follows may bind it again.
            continue
        index = Index()
        for node in nodes:
            index.add(index_of(node))
        missing = _missing(place, index, name, value)
        if missing:
            return f"{name}.{missing}"
    return ""


def _left_unbound(
    place: Place, header: ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterator[str]:
    """The names that the body below the header reads and nothing binds. What is called, or is
    written as classes and constants are, may be still to come in the module."""
    names = place.names
    if not names.complete:
        return
    given = {argument.arg for argument in all_arguments(header.args)}
    for definition in definitions_at(place):
        bound = {name for node in ast.walk(definition) for name in _binds(node)}
        for statement in definition.body:
            index = index_of(statement)
            for name in sorted(index.roots - given - bound - index.calls.keys()):
                if HOLE not in name and not (
                    name != name.lower()
                    or (name in names.words and name not in names.held)
                    or name in names.later
                    or name in names.importable
                    or name in names.imports.words
                ):
                    yield name


def _left_uncaught(place: Place, name: str) -> Iterator[str]:
    """The names that the body of the handler at the cursor reads, and that handlers alone bind,
    none of those round it, where this one binds `name`."""
    line = getattr(place.hole, "lineno", None)
    if line is None or not isinstance(place.scope.node, FunctionNode):
        return
    handlers = [
        node
        for node in ast.walk(place.scope.node)
        if isinstance(node, ast.ExceptHandler) and covers(node, line)
    ]
    here = [each for each in handlers if each.lineno == line]
    for handler in here:
        around = {name, *(each.name for each in handlers if each is not handler)}
        bound = {each for node in handler.body for inner in ast.walk(node) for each in _binds(inner)}
        for read in sorted(frozenset().union(*(index_of(each).roots for each in handler.body))):
            bindings = place.scope.bindings.get(read, ())
            if read in around or read in bound or not bindings:
                continue
            if all(each.kind == "except" for each in bindings):
                yield read


def _binds(node: ast.AST) -> Sequence[str]:
    """The names that the node itself binds, in whatever scope."""
    if isinstance(node, ast.Name):
        return () if isinstance(node.ctx, ast.Load) else (node.id,)
    if isinstance(node, ast.arg):
        return (node.arg,)
    if isinstance(node, ast.alias):
        return (node.asname or node.name.partition(".")[0],)
    if isinstance(node, ast.Global | ast.Nonlocal):
        return node.names
    name = node.rest if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
    return (name,) if isinstance(name, str) else ()


def _missing(place: Place, index: Index, name: str, value: Type) -> str:
    if name in index.guards or name in index.set_by_name:
        return ""
    known = place.membership.of(value)
    if not known.complete:
        return ""
    given = index.named.union(index.writes.get(name, ()))
    for member in sorted(index.reads.get(name, ())):
        private = member.startswith("_") and (member.startswith("__") or not known.private)
        if private or member in known.words or member in given:
            continue
        # Authors declare a base and mean what derives from it.
        meant = provable(place, value)
        return "" if meant is None or member in meant else member
    return ""


def _parsed(text: str) -> tuple[ast.stmt | None, str]:
    """The statement or header that `text` begins with, and what follows it."""
    lines = text.strip().split("\n")
    for end in range(1, min(len(lines), _LINES) + 1):
        head = "\n".join(lines[:end])
        try:
            body = module_tree(f"{head} pass" if head.endswith(":") else head).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return (body[0] if len(body) == 1 else None), "\n".join(lines[end:])
    return None, ""


def _bound(
    place: Place, statement: ast.stmt | None
) -> Iterator[tuple[str, Type, ast.FunctionDef | ast.AsyncFunctionDef | ast.If | None]]:
    """The names that `statement` binds, what to, and the definition they are bound in, where
    that is not the one round the cursor."""
    prover, scope = place.prover, place.scope
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        if len(statement.targets) == 1 and scope.kind in ("function", "module"):
            yield statement.targets[0].id, prover.expression(statement.value, scope), None
    elif isinstance(statement, FunctionNode):
        definition = next((each for each in definitions_at(place)), None)
        for argument in all_arguments(statement.args):
            if definition is not None and argument.annotation is not None:
                special = argument in (statement.args.vararg, statement.args.kwarg)
                if not special:
                    yield argument.arg, prover.annotation(argument.annotation, scope), definition


def definitions_at(place: Place) -> Iterator[ast.stmt]:
    """The definition in whose header the cursor is."""
    line = getattr(place.hole, "lineno", None)
    waiting: list[ast.AST] = list(place.around.tops)
    while waiting and line is not None:
        node = waiting.pop()
        if isinstance(node, FunctionNode) and node.lineno <= line < node.body[0].lineno:
            yield node
        elif isinstance(node, ast.If) and node.test is place.hole:
            # No header stands there yet, but the body.
            yield node
        waiting.extend(
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.stmt) and covers(child, line)
        )


def _around(place: Place) -> list[ast.stmt] | None:
    """The statements that may read what is bound at the cursor."""
    scope = place.scope
    if scope.kind == "module":
        body = scope.module.tree.body
        return [each for each in body if not isinstance(each, FunctionNode | ast.ClassDef)]
    return [scope.node] if isinstance(scope.node, FunctionNode) else None


def _until_bound(place: Place, name: str) -> list[ast.stmt]:
    """The statements behind the cursor's in its own block, as far as none binds `name` anew: what
    they read of it is what the statement at the cursor gives it. What runs later, or may fail, is
    left out."""
    found: list[ast.stmt] = []
    if not isinstance(place.scope.node, FunctionNode) or name in place.scope.module.declared:
        return found
    for statement in _behind(place.scope.node.body, getattr(place.hole, "lineno", 0)):
        inner = list(ast.walk(statement))
        if any(name in _binds(node) for node in inner):
            break
        if not any(isinstance(node, _APART) for node in inner):
            found.append(statement)
    return found


def _behind(body: list[ast.stmt], line: int) -> list[ast.stmt]:
    """What follows the innermost statement over `line` in its own block."""
    for index, statement in enumerate(body):
        if covers(statement, line):
            blocks = [getattr(statement, field, []) for field in ("body", "orelse", "finalbody")]
            blocks += [each.body for each in getattr(statement, "handlers", ())]
            blocks += [each.body for each in getattr(statement, "cases", ())]
            inner = (block for block in blocks if any(covers(each, line) for each in block))
            return next((_behind(block, line) for block in inner), body[index + 1 :])
    return []


def _is_bound_again(nodes: list[ast.stmt], name: str, place: Place) -> bool:
    """Whether anything but the statement at the cursor binds the name there, in any scope."""
    line = getattr(place.hole, "lineno", None)
    return any(
        name in _binds(node) and getattr(node, "lineno", None) != line
        for top in nodes
        for node in ast.walk(top)
    )
