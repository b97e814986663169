"""Index: what one statement reads, sets and asks about, gathered in a single walk.

Owns facts that follow from a node alone, whatever module it stands in; they are kept with the
node, so that a statement which did not change is not looked at again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

HOLE = "tenon_hole_"
"""The identifier that marks the cursor; glued to a word the cursor stands in."""

_T = TypeVar("_T")
_ASKING = ("is", "has", "_is", "_has")
_GUARDS = frozenset({"isinstance", "issubclass", "callable", "vars", "type"})
_BY_NAME = frozenset(
    {"hasattr", "getattr", "setattr", "delattr", "__setattr__", "__getattribute__"}
)
_TRICKS = frozenset({"exec", "globals", "locals", "vars", "__import__", "extend_path"})
_LOOKS = frozenset({"get", "keys", "values", "items", "copy"})
"""Methods that only read a mapping."""
_LOOKERS = frozenset({"eval", "len", "dict", "list", "tuple", "set", "sorted", "repr", "str"})
"""Functions that only read the mappings they are given."""


_SETS = (
    "named", "set_by_name", "guards", "veiled", "roots", "tricks", "declared", "patched", "mixed",
)  # fmt: skip
_TABLES = ("reads", "writes", "classes", "calls")
_NO_NAMES: frozenset[str] = frozenset()
_NOTHING: dict[str, Any] = {}
"""Of every index that has none; nothing is put in it."""


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
    veiled: set[str] = field(default_factory=set)
    """Those of them of which the question does not say what they may be."""
    classes: dict[str, list[ast.expr]] = field(default_factory=dict)
    """The classes in `isinstance(x, …)` and the like, by receiver text."""
    roots: set[str] = field(default_factory=set)
    """Every plain name."""
    tricks: set[str] = field(default_factory=set)
    """Calls that may change names behind Python's back."""
    declared: set[str] = field(default_factory=set)
    """Names in `global` statements, and those that a loop sets in `globals()`."""
    calls: dict[str, list[ast.Call]] = field(default_factory=dict)
    """By the text of what is called."""
    patched: set[str] = field(default_factory=set)
    """The last names of what tests put something else in the place of."""
    mixed: set[str] = field(default_factory=set)
    """Classes that are combined with others in a list of bases."""
    makes_classes: bool = False
    """It calls `type` with bases, or the like."""
    walrus: bool = False

    def add(self, other: Index) -> None:
        for mine, others in ((self.reads, other.reads), (self.writes, other.writes)):
            for text, names in others.items():
                mine.setdefault(text, set()).update(names)
        for text, classes in other.classes.items():
            self.classes.setdefault(text, []).extend(classes)
        for text, calls in other.calls.items():
            self.calls.setdefault(text, []).extend(calls)
        for name in _SETS:
            getattr(self, name).update(getattr(other, name))
        self.makes_classes = self.makes_classes or other.makes_classes
        self.walrus = self.walrus or other.walrus

    def packed(self) -> Index:
        """The same for good: what is empty takes no room, and nothing is added any more."""
        for name in _TABLES:
            if not getattr(self, name):
                setattr(self, name, _NOTHING)
        for name in _SETS:
            if not getattr(self, name):
                setattr(self, name, _NO_NAMES)
        return self

    def ask(self, text: str, *classes: ast.expr) -> None:
        """Note that the receiver's type is asked about: whether it is one of `classes`, or
        something that these do not say."""
        if not text:
            return
        self.guards.add(text)
        if classes:
            self.classes.setdefault(text, []).extend(classes)
        else:
            self.veiled.add(text)

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
    return once(statement, "index", lambda: _index(statement).packed())


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
    read: set[int] = set()
    """Namespaces, by the identity of their nodes, that are looked at and not changed."""
    while waiting:
        node = waiting.pop()
        kind = node.__class__
        if kind is ast.Name:
            found.roots.add(node.id)  # type: ignore[attr-defined]
            continue
        if kind in _LOOKING:
            read.update(id(each) for each in _only_read(node))
        if kind is ast.Attribute:
            _attribute(node, found, read)  # type: ignore[arg-type]
        elif kind is ast.Call:
            _call(node, found, read)  # type: ignore[arg-type]
        elif kind is ast.NamedExpr:
            found.walrus = True
        elif kind is ast.Global:
            found.declared.update(node.names)  # type: ignore[attr-defined]
        elif kind is ast.ClassDef:
            _class(node, found)  # type: ignore[arg-type]
        elif kind is ast.Match:
            found.ask(receiver_text(node.subject))  # type: ignore[attr-defined]
        elif kind is ast.Compare:
            _compare(node, found)  # type: ignore[arg-type]
        elif kind is ast.For:
            for each, names in _set_one_by_one(node):  # type: ignore[arg-type]
                read.add(id(each))
                found.declared.update(names)
        waiting.extend(children(node))


_LOOKING = frozenset({
    ast.Subscript, ast.Attribute, ast.Compare, ast.Call, ast.keyword, ast.For, ast.comprehension,
})  # fmt: skip


def _only_read(node: ast.AST) -> Iterator[ast.AST]:
    """What stands directly in `node` and, if it is a mapping, is only read by it."""
    if isinstance(node, ast.Subscript):
        # `sys.modules[__name__]` is the module itself, and what is done to it is not seen.
        own = isinstance(node.slice, ast.Name) and node.slice.id == "__name__"
        if isinstance(node.ctx, ast.Load) and not own:
            yield node.value
    elif isinstance(node, ast.Attribute):
        if node.attr in _LOOKS:
            yield node.value
    elif isinstance(node, ast.Compare):
        yield node.left
        yield from node.comparators
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in _LOOKERS:
            yield from node.args
    elif isinstance(node, ast.keyword):
        if node.arg is None:
            yield node.value
    elif isinstance(node, ast.For | ast.comprehension):
        yield node.iter


def _set_one_by_one(loop: ast.For) -> Iterator[tuple[ast.expr, list[str]]]:
    """Where a loop over strings that are written down sets `globals()[…]` for each: the call, and
    those names."""
    if not isinstance(loop.target, ast.Name) or not isinstance(loop.iter, ast.List | ast.Tuple):
        return
    names = [getattr(each, "value", None) for each in loop.iter.elts]
    if not all(isinstance(name, str) for name in names):
        return
    for statement in loop.body:
        for node in ast.walk(statement):
            if (
                isinstance(node, ast.Subscript)
                and receiver_text(node.slice) == loop.target.id
                and receiver_text(node.value) == "globals()"
            ):
                yield node.value, [str(name) for name in names]


def _attribute(node: ast.Attribute, found: Index, read: set[int]) -> None:
    if HOLE in node.attr:
        return
    text = receiver_text(node.value)
    if not isinstance(node.ctx, ast.Load):
        found.writes.setdefault(text, set()).add(node.attr)
    elif text:
        found.reads.setdefault(text, set()).add(node.attr)
        if id(node) in read:
            return
        if node.attr == "__dict__":
            found.set_by_name.add(text)
        elif node.attr == "modules" and text == "sys":
            found.tricks.add("sys.modules")


def _compare(node: ast.Compare, found: Index) -> None:
    """`type(x) is Y` and `x.__class__ is Y` ask what x is."""
    sides = (node.left, *node.comparators)
    for side, other in zip(sides, reversed(sides), strict=True):
        asked = [other] if len(sides) == 2 and isinstance(other, ast.Name | ast.Attribute) else []
        if isinstance(side, ast.Call) and isinstance(side.func, ast.Name) and side.args:
            if side.func.id == "type":
                found.ask(receiver_text(side.args[0]), *asked)
        elif isinstance(side, ast.Attribute) and side.attr == "__class__":
            found.ask(receiver_text(side.value), *asked)


def _call(node: ast.Call, found: Index, read: set[int]) -> None:
    function = node.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    called = receiver_text(function)
    if called:
        found.calls.setdefault(called, []).append(node)
    if "patch" in called:
        found.patched.update(
            each.value.rpartition(".")[2]
            for each in node.args
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        )
    if (name in _TRICKS and id(node) not in read) or name.startswith("lazy_"):
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
        if text != "self" or (not known and name != "getattr"):
            found.ask(text)
    elif text and name == "isinstance" and len(node.args) == 2:
        found.ask(text, node.args[1])
    elif text and (name in _GUARDS - {"type"} or name.startswith(_ASKING)):
        found.ask(text)
        if name == "vars" and id(node) not in read:
            found.set_by_name.add(text)


def asks(function: str) -> bool:
    """Whether a function of this name is one that finds out what its first argument is or has."""
    return function in _GUARDS | _BY_NAME or function.startswith(_ASKING)


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
