"""Keys: which strings a mapping provably has, and no others.

Owns two proofs: the fields of a TypedDict, and a dictionary that is written down once with all its
keys and is only ever read. What is passed on, kept elsewhere or changed is not known.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import partial

from tenon.semantics.index import children, once
from tenon.semantics.prover import Prover
from tenon.semantics.scopes import Scope
from tenon.semantics.types import Instance, Unknown, parts_of

_READING = frozenset({"get", "items", "keys", "values", "copy"})
_ASKING = frozenset({"len", "sorted", "list", "tuple", "set", "max", "min", "iter", "print", "any",
    "all", "sum", "enumerate", "str", "repr", "bool"})  # fmt: skip
"""Functions that change nothing of what they are given."""


MISSING = frozenset({"KeyError", "LookupError", "Exception", "BaseException"})
"""Exceptions that an author catches where a key may be missing."""


@dataclass(frozen=True, slots=True)
class Keys:
    words: frozenset[str]
    owner: str
    """As an author would say it: "Movie", "'COLOURS'"."""
    declared: bool
    """By a class: an unknown key may not be set either, and every key is written as it is."""


def known_keys(prover: Prover, node: ast.expr, scope: Scope) -> Keys | None:
    """The keys of what `node` means in `scope`; None where they are not all known."""
    found = prover.expression(node, scope)
    words: set[str] = set()
    owners: list[str] = []
    for part in parts_of(found):
        mro = prover.mro(part.cls) if isinstance(part, Instance) else None
        if mro is None or all(cls.name != "_TypedDict" for cls, _ in mro):
            break
        for cls, _ in mro:
            if not cls.module.is_stub:
                words.update(cls.scope.bindings)
        assert isinstance(part, Instance)
        owners.append(part.cls.name)
    else:
        if not isinstance(found, Unknown) and owners:
            return Keys(frozenset(words), " | ".join(sorted(owners)), declared=True)
    return _displayed(node.id, scope) if isinstance(node, ast.Name) else None


def _displayed(name: str, scope: Scope) -> Keys | None:
    for each in scope.chain():
        bindings = each.bindings.get(name)
        if not bindings:
            continue
        display = bindings[0].node
        if len(bindings) != 1 or bindings[0].kind != "assign" or not bindings[0].whole:
            return None
        if not isinstance(display, ast.Dict) or not display.keys or each.kind == "class":
            return None
        words = [key.value for key in display.keys if isinstance(key, ast.Constant)]
        texts = frozenset(word for word in words if isinstance(word, str))
        if len(words) != len(display.keys) or len(texts) != len(set(words)):
            return None
        return None if _escapes(name, each) else Keys(texts, f"'{name}'", declared=False)
    return None


def _escapes(name: str, scope: Scope) -> bool:
    """Whether anything is done of a variable of `scope` but reading an element."""
    # Statement by statement: of a module one is edited at a time.
    parts = scope.node.body if isinstance(scope.node, ast.Module) else (scope.node,)
    return any(name in once(part, "escaped", partial(_escaped, part)) for part in parts)


def _escaped(root: ast.AST) -> frozenset[str]:
    """Names of which something is done, anywhere in `root`, but reading an element."""
    found: set[str] = set()
    waiting: list[tuple[ast.AST, ast.AST]] = [(root, root)]
    while waiting:
        node, parent = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if not _reads(node, parent):
                found.add(node.id)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            found.add(node.id)
        waiting.extend((child, node) for child in children(node))
    return frozenset(found)


def _reads(node: ast.Name, parent: ast.AST) -> bool:
    if isinstance(parent, ast.Subscript):
        return parent.value is not node or isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Attribute):
        return parent.attr in _READING
    if isinstance(parent, ast.Call):
        return isinstance(parent.func, ast.Name) and (
            parent.func is node or parent.func.id in _ASKING
        )
    return isinstance(parent, ast.Compare | ast.For | ast.comprehension | ast.If | ast.Dict)
