"""Index: what one statement reads, sets and asks about, gathered in a single walk.

Owns facts that follow from a node alone, whatever module it stands in; they are kept with the
node, so that a statement which did not change is not looked at again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

HOLE = "tenon_hole_"
"""The identifier that marks the cursor; glued to a word the cursor stands in."""

_T = TypeVar("_T")
_ASKING = ("is", "has", "_is", "_has")
_GUARDS = frozenset({"isinstance", "issubclass", "callable", "vars", "type"})
_BY_NAME = frozenset(
    {"hasattr", "getattr", "setattr", "delattr", "__setattr__", "__getattribute__"}
)
_TRICKS = frozenset({"exec", "globals", "locals", "vars", "__import__", "extend_path"})


@dataclass(slots=True)
class Index:
    """Of one statement with everything in it."""

    reads: dict[str, set[str]] = field(default_factory=dict)
    """Attributes read, by receiver text."""
    writes: dict[str, set[str]] = field(default_factory=dict)
    """Attributes set or deleted, by receiver text; "" for receivers that have none."""
    named: set[str] = field(default_factory=set)
    """Attributes named by a string: `hasattr(x, "name")`."""
    set_by_name: set[str] = field(default_factory=set)
    """Receivers whose attributes are set by a name that is computed."""
    guards: set[str] = field(default_factory=set)
    """Receivers whose type is asked about."""
    roots: set[str] = field(default_factory=set)
    """Every plain name."""
    tricks: set[str] = field(default_factory=set)
    """Calls that may change names behind Python's back."""
    declared: set[str] = field(default_factory=set)
    """Names in `global` statements."""
    mixed: set[str] = field(default_factory=set)
    """Classes that are combined with others in a list of bases."""
    makes_classes: bool = False
    """It calls `type` with bases, or the like."""
    walrus: bool = False

    def add(self, other: Index) -> None:
        for mine, others in ((self.reads, other.reads), (self.writes, other.writes)):
            for text, names in others.items():
                mine.setdefault(text, set()).update(names)
        for name in ("named", "set_by_name", "guards", "roots", "tricks", "declared", "mixed"):
            getattr(self, name).update(getattr(other, name))
        self.makes_classes = self.makes_classes or other.makes_classes
        self.walrus = self.walrus or other.walrus

    @property
    def stored(self) -> Iterator[str]:
        """Attributes set on anything but `self` and `cls`."""
        for text, names in self.writes.items():
            if text not in ("self", "cls"):
                yield from names


def once(node: ast.AST, key: str, find: Callable[[], _T]) -> _T:
    """What `find` returns, kept with `node`: for what follows from the node alone."""
    kept = node.__dict__
    key = f"tenon_{key}"
    if key not in kept:
        kept[key] = find()
    return kept[key]


def index_of(statement: ast.stmt) -> Index:
    return once(statement, "index", lambda: _index(statement))


def _index(statement: ast.stmt) -> Index:
    found = Index()
    if isinstance(statement, ast.ClassDef):
        for part in (*statement.decorator_list, *statement.bases, *statement.keywords):
            _walk(part, found)
        _class(statement, found)
        for inner in statement.body:
            found.add(index_of(inner))
    else:
        _walk(statement, found)
    return found


def _class(node: ast.ClassDef, found: Index) -> None:
    if len(node.bases) > 1:
        found.mixed.update(base.id for base in node.bases if isinstance(base, ast.Name))


def children(node: ast.AST) -> Iterator[ast.AST]:
    """Like `ast.iter_child_nodes`, without the contexts and operators; a good deal faster."""
    for name in node._fields:
        value = node.__dict__.get(name)
        if value is None:
            continue
        if value.__class__ is list:
            for item in value:
                if isinstance(item, ast.AST):
                    yield item
        elif isinstance(value, ast.AST) and value.__class__ not in _EMPTY:
            yield value


_EMPTY = frozenset({ast.Load, ast.Store, ast.Del, ast.Constant})


def _walk(root: ast.AST, found: Index) -> None:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        kind = node.__class__
        if kind is ast.Name:
            found.roots.add(node.id)  # type: ignore[attr-defined]
            continue
        if kind is ast.Attribute:
            _attribute(node, found)  # type: ignore[arg-type]
        elif kind is ast.Call:
            _call(node, found)  # type: ignore[arg-type]
        elif kind is ast.NamedExpr:
            found.walrus = True
        elif kind is ast.Global:
            found.declared.update(node.names)  # type: ignore[attr-defined]
        elif kind is ast.ClassDef:
            _class(node, found)  # type: ignore[arg-type]
        elif kind is ast.Match:
            text = receiver_text(node.subject)  # type: ignore[attr-defined]
            if text:
                found.guards.add(text)
        elif kind is ast.Compare:
            _compare(node, found)  # type: ignore[arg-type]
        waiting.extend(children(node))


def _attribute(node: ast.Attribute, found: Index) -> None:
    if HOLE in node.attr:
        return
    text = receiver_text(node.value)
    if not isinstance(node.ctx, ast.Load):
        found.writes.setdefault(text, set()).add(node.attr)
    elif text:
        found.reads.setdefault(text, set()).add(node.attr)
        if node.attr == "__dict__":
            found.set_by_name.add(text)
        elif node.attr == "modules" and text == "sys":
            found.tricks.add("sys.modules")


def _compare(node: ast.Compare, found: Index) -> None:
    """`type(x) is Y` and `x.__class__ is Y` ask what x is."""
    for side in (node.left, *node.comparators):
        if isinstance(side, ast.Call) and isinstance(side.func, ast.Name) and side.args:
            if side.func.id == "type":
                found.guards.add(receiver_text(side.args[0]))
        elif isinstance(side, ast.Attribute) and side.attr == "__class__":
            found.guards.add(receiver_text(side.value))


def _call(node: ast.Call, found: Index) -> None:
    function = node.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    if name in _TRICKS or name.startswith("lazy_"):
        found.tricks.add(name)
    if name == "new_class" or (name == "type" and len(node.args) > 1):
        found.makes_classes = True
    if not node.args:
        return
    text = receiver_text(node.args[0])
    if name in _BY_NAME:
        literal = node.args[1] if len(node.args) > 1 else None
        known = isinstance(literal, ast.Constant) and isinstance(literal.value, str)
        if known:
            found.named.add(literal.value)  # type: ignore[union-attr]
        elif name in ("setattr", "__setattr__"):
            found.set_by_name.add(text)
        if text and (text != "self" or (not known and name != "getattr")):
            found.guards.add(text)
    elif text and (name in _GUARDS - {"type"} or name.startswith(_ASKING)):
        found.guards.add(text)
        if name == "vars":
            found.set_by_name.add(text)


def receiver_text(node: ast.AST) -> str:
    """`a.b`, `f()`, `x[]`; "" for what has no such text. Arguments are left out."""
    if isinstance(node, ast.Name):
        return "" if HOLE in node.id else node.id
    if isinstance(node, ast.Attribute):
        inner = receiver_text(node.value)
        return f"{inner}.{node.attr}" if inner and HOLE not in node.attr else ""
    if isinstance(node, ast.Call):
        inner = receiver_text(node.func)
        return f"{inner}()" if inner else ""
    if isinstance(node, ast.Subscript):
        inner = receiver_text(node.value)
        return f"{inner}[]" if inner and not isinstance(node.slice, ast.Slice) else ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return "''"
    return ""
