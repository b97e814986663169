"""Statements: the tree of what was said a moment ago, to be read where it was said.

Owns how a statement that goes on, or a header without its body, is parsed, and which names and
receivers mean something else by then than the buffer says: those are made unknown.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from tenon.semantics.index import index_of, receiver_text
from tenon.semantics.inquiry import Place
from tenon.semantics.scopes import FunctionNode, Scope, all_arguments

_VEIL = "tenon_unknown_"
_LOAD = ast.Load()
_WORD = re.compile(r"\s*(@|\w*)")
_HEADERS = frozenset({"if", "elif", "while", "for", "with", "def", "class", "async", "except"})
_UNREAD = frozenset({
    "else", "finally", "try", "case", "match", "lambda", "del", "global", "nonlocal", "import",
    "from",
})  # fmt: skip


def statement_at(
    place: Place, text: str, earlier: tuple[str, ...], indent: int | None
) -> ast.stmt | None:
    """The tree of a statement, with all that may have changed by then made unknown; None where
    it was not understood, or stands outside of the definition that the cursor is in."""
    parsed = parsed_statement(text)
    if parsed is None:
        return None
    column = getattr(place.scope.node, "col_offset", -1)
    if indent is not None and indent <= column:
        return None
    veiled = place.around.index.guards | _undeclared(place)
    for each in (*earlier, text):
        veiled |= changed_by(each)
    if not any(each.partition(".")[0].rstrip("()[]") in text for each in veiled):
        return parsed
    # The tree is shared: what is veiled is a copy.
    made = _Veil(frozenset(veiled)).visit(_copy(parsed))
    assert isinstance(made, ast.stmt)
    return made


def _undeclared(place: Place) -> set[str]:
    """The functions round the cursor of which only the body, unfinished as it is, says what they
    return; by the names they are called by."""
    found: set[str] = set()
    scope: Scope | None = place.scope
    while scope is not None:
        if isinstance(scope.node, FunctionNode) and scope.node.returns is None:
            name = scope.node.name
            found |= {name, f"self.{name}", f"cls.{name}"}
        scope = scope.parent
    return found


@lru_cache(maxsize=512)
def parsed_statement(text: str) -> ast.stmt | None:
    """The tree of one statement or header."""
    match = _WORD.match(text)
    word = match.group(1) if match else ""
    if word in _UNREAD:
        return None
    whole = text
    if word == "elif":
        whole = "if  " + text[4:]
    elif word == "except":
        whole = "try: pass\n" + text
    if word in _HEADERS:
        whole += " pass" if text.rstrip().endswith(":") else ": pass"
    elif word == "@":
        whole += "\ndef tenon_(): pass"
    try:
        body = ast.parse(whole).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if len(body) != 1:
        return None
    for node in ast.walk(body[0]):
        if isinstance(node, ast.JoinedStr):
            # What stands in a string is finished when the string is; its own places are not sure.
            for inner in ast.walk(node):
                ast.copy_location(inner, node)
    return body[0]


@lru_cache(maxsize=512)
def changed_by(text: str) -> frozenset[str]:
    """Receiver texts that a statement binds anew, sets, or asks what they are."""
    statement = parsed_statement(text)
    if statement is None:
        return frozenset(re.findall(r"[^\W\d]\w*", text))
    found = set(index_of(statement).guards)
    for node in ast.walk(statement):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            if not isinstance(node.ctx, ast.Load):
                found.add(receiver_text(node))
        elif isinstance(node, FunctionNode | ast.Lambda):
            found |= {each.arg for each in all_arguments(node.args)}
            found.add(getattr(node, "name", ""))
        elif isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
    return frozenset(found - {""})


def lines_before(text: str) -> int:
    """How many lines are put before the statement to parse it."""
    match = _WORD.match(text)
    return 1 if match is not None and match.group(1) == "except" else 0


class _Veil(ast.NodeTransformer):
    """Puts a name that nobody knows where what is read may have changed."""

    def __init__(self, veiled: frozenset[str]) -> None:
        self._veiled = veiled

    def visit(self, node: ast.AST) -> ast.AST:
        if (
            isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
            and isinstance(getattr(node, "ctx", _LOAD), ast.Load)
            and receiver_text(node) in self._veiled
        ):
            return ast.copy_location(ast.Name(id=_VEIL, ctx=_LOAD), node)
        return self.generic_visit(node)


def _copy(node: ast.AST) -> ast.AST:
    """A copy of the tree, without what was concluded from it."""
    made = type(node).__new__(type(node))
    for name, value in node.__dict__.items():
        if name.startswith("tenon_"):
            continue
        if isinstance(value, ast.AST):
            value = _copy(value)
        elif isinstance(value, list):
            value = [_copy(each) if isinstance(each, ast.AST) else each for each in value]
        setattr(made, name, value)
    return made
