"""Statements: the tree of what was said a moment ago, to be read where it was said.

Owns how a statement that goes on, or a header without its body, is parsed, and which names and
receivers mean something else by then than the buffer says: those are made unknown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from functools import lru_cache

from tenon.semantics.index import children, index_of, receiver_text
from tenon.semantics.inquiry import Place
from tenon.semantics.scopes import COMPREHENSIONS, FunctionNode, Scope, all_arguments
from tenon.semantics.trees import module_tree

_VEIL = "tenon_unknown_"
_LOAD = ast.Load()
_WORD = re.compile(r"\s*(@|\w*)")
_NAME = re.compile(r"[^\W\d]\w*")
_FORMATTED = re.compile(r"[fF][rR]?[\"']")
_RECEIVERS = frozenset({ast.Name, ast.Attribute, ast.Call, ast.Subscript})
_HEADERS = frozenset({"if", "elif", "while", "for", "with", "def", "class", "async", "except"})
_UNREAD = frozenset({
    "else", "finally", "try", "case", "match", "lambda", "global", "nonlocal", "import",
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
    guards = place.around.index.guards
    veiled = guards | _undeclared(place)
    for each in earlier:
        header = parsed_statement(each)
        if isinstance(header, FunctionNode | ast.ClassDef):
            if not _is_header_of(header, place.scope):
                return None
            continue
        veiled |= changed_by(each)
    own = changed_by(text)
    veiled |= own - _read_first(parsed)
    words = _words(text)
    if text.isascii():
        veiled = {each for each in veiled if _made_of(each, words)}
    if not veiled:
        return parsed
    veil = _Veil(guards | index_of(parsed).guards)
    if not veil.hides(parsed, veiled):
        return parsed
    # The tree is shared: what is veiled is a copy.
    made = veil.over(parsed, veiled)
    assert isinstance(made, ast.stmt)
    return made


def scopes_in(statement: ast.stmt, scope: Scope) -> dict[ast.AST, Scope]:
    """The scopes of what stands in the comprehensions of a statement that is read in `scope`."""
    found: dict[ast.AST, Scope] = {}
    waiting: list[tuple[ast.AST, Scope]] = [(statement, scope)]
    while waiting:
        node, around = waiting.pop()
        if around is not scope:
            found[node] = around
        if isinstance(node, COMPREHENSIONS):
            inner = around.child(node)
            waiting.extend((each, inner) for each in _evaluated_in(node))
            waiting.append((node.generators[0].iter, around))
            found.update((each, inner) for each in node.generators)
        else:
            waiting.extend((each, around) for each in children(node))
    return found


def _evaluated_in(node: ast.expr) -> Iterator[ast.expr]:
    """What of a comprehension sees the names that it binds: all but what it goes over first."""
    if isinstance(node, ast.DictComp):
        yield node.key
        yield node.value
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        yield node.elt
    for index, generator in enumerate(getattr(node, "generators", ())):
        yield generator.target
        yield from generator.ifs
        if index:
            yield generator.iter


def _is_header_of(header: ast.stmt, scope: Scope) -> bool:
    """Whether the header on the cursor's line opened the scope that the cursor is in."""
    node = scope.node
    return (
        isinstance(header, FunctionNode)
        and isinstance(node, FunctionNode)
        and node.name == header.name
        and ast.unparse(node.args) == ast.unparse(header.args)
    )


def _read_first(statement: ast.stmt) -> set[str]:
    """What the statement reads before it sets or changes it, and binds in no other way."""
    if isinstance(statement, ast.AugAssign):
        targets = {receiver_text(statement.target)}
    elif isinstance(statement, ast.Assign):
        targets = {each.id for each in statement.targets if isinstance(each, ast.Name)}
    else:
        return set()
    return targets - changed_by(ast.unparse(statement.value))


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
        body = module_tree(whole).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if len(body) != 1:
        return None
    for node in ast.walk(body[0]) if _FORMATTED.search(text) else ():
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
        return _words(text)
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


def _words(text: str) -> frozenset[str]:
    return frozenset(_NAME.findall(text))


def _made_of(receiver: str, words: frozenset[str]) -> bool:
    """Whether a text of no more than these `words` may hold the receiver."""
    return receiver in words or words.issuperset(_NAME.findall(receiver))


def _is_read(node: ast.AST) -> bool:
    return node.__class__ in _RECEIVERS and isinstance(getattr(node, "ctx", _LOAD), ast.Load)


class _Veil:
    """What reads the names and receivers that are veiled, and a copy without them. What a
    comprehension binds for itself it knows, unless one of the `guards` asks about it."""

    def __init__(self, guards: Set[str]) -> None:
        self._guards = guards

    def hides(self, root: ast.AST, veiled: Set[str]) -> bool:
        waiting = [(root, veiled)]
        while waiting:
            node, hidden = waiting.pop()
            if _is_read(node) and receiver_text(node) in hidden:
                return True
            if isinstance(node, COMPREHENSIONS):
                inner = self._inside(node, hidden)
                waiting.extend((each, inner) for each in _evaluated_in(node))
                waiting.append((node.generators[0].iter, hidden))
            else:
                waiting.extend((each, hidden) for each in children(node))
        return False

    def over(self, node: ast.AST, veiled: Set[str]) -> ast.AST:
        """A copy of the tree, without what was concluded from it, and with a name that nobody
        knows where what is read may have changed."""
        if _is_read(node) and receiver_text(node) in veiled:
            return ast.copy_location(ast.Name(id=_VEIL, ctx=_LOAD), node)
        inner = self._inside(node, veiled) if isinstance(node, COMPREHENSIONS) else veiled
        made = self._copied(node, inner)
        if isinstance(node, COMPREHENSIONS):
            first = made.generators[0]  # type: ignore[attr-defined]
            first.iter = self.over(node.generators[0].iter, veiled)
        return made

    def _copied(self, node: ast.AST, veiled: Set[str]) -> ast.AST:
        made: ast.AST = node.__class__.__new__(node.__class__)
        fields = made.__dict__
        for name, value in node.__dict__.items():
            if name.startswith("tenon_"):
                continue
            if value.__class__ is list:
                value = [
                    self.over(each, veiled) if isinstance(each, ast.AST) else each for each in value
                ]
            elif isinstance(value, ast.AST):
                value = self.over(value, veiled)
            fields[name] = value
        return made

    def _inside(self, node: ast.AST, veiled: Set[str]) -> Set[str]:
        bound = {
            each.id
            for generator in getattr(node, "generators", ())
            for each in ast.walk(generator.target)
            if isinstance(each, ast.Name)
        }
        return veiled - (bound - self._guards)
