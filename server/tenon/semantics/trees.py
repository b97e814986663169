"""Trees: how a syntax tree is read, and what it keeps of itself afterwards.

Where one thread begins a tree while another is at one, CPython miscounts how deep it is in it, and
gives it up with a `SystemError`: so none is let in, and what was given up is read once more.

Of a file that nobody edits no column is ever asked for, and a line number is said many times. To
leave out the one and to keep the other once makes a tree two fifths smaller.
"""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator

_COLUMNS = frozenset({"col_offset", "end_col_offset"})
_TRIES = 5
"""How often a tree is read before it counts as one that cannot be."""
_AT_ONCE = 2_000
"""Nodes: about two milliseconds."""


def module_tree(text: str) -> ast.Module:
    """As `ast.parse`, and raises what that does: `SyntaxError`, `ValueError`, `RecursionError`,
    `MemoryError`."""
    tree = _tree(text, "exec")
    assert isinstance(tree, ast.Module)
    return tree


def expression_tree(text: str) -> ast.expr:
    """The same for a text that is one expression."""
    tree = _tree(text, "eval")
    assert isinstance(tree, ast.Expression)
    return tree.body


def _tree(text: str, mode: str) -> ast.AST:
    for _ in range(_TRIES):
        # Only what the collector runs lets another thread in while a tree is made.
        collecting = gc.isenabled()
        gc.disable()
        try:
            return ast.parse(text, mode=mode)
        except SystemError:
            continue
        finally:
            if collecting:
                gc.enable()
    raise MemoryError("the tree could not be read to its end")


def slimmed(tree: ast.Module) -> Iterator[None]:
    """Make `tree` smaller, a little at each step; nobody may read it meanwhile."""
    waiting: list[ast.AST] = list(tree.body)
    numbers: dict[int, int] = {}
    count = 0
    while waiting:
        kept = waiting.pop().__dict__
        fewer = {}
        for name, value in kept.items():
            kind = value.__class__
            if kind is int:
                if name in _COLUMNS:
                    continue
                value = numbers.setdefault(value, value)
            elif kind is list:
                waiting.extend(each for each in value if isinstance(each, ast.AST))
            elif isinstance(value, ast.AST) and value.__dict__:
                waiting.append(value)
            fewer[name] = value
        if len(fewer) < len(kept):
            # A table grows with its entries but never shrinks with them.
            kept.clear()
            kept.update(fewer)
        count += 1
        if count % _AT_ONCE == 0:
            yield
