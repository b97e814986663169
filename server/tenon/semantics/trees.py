"""Trees: what a syntax tree keeps of itself once it has been read.

Of a file that nobody edits no column is ever asked for, and a line number is said many times. To
leave out the one and to keep the other once makes a tree two fifths smaller.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_COLUMNS = frozenset({"col_offset", "end_col_offset"})
_AT_ONCE = 2_000
"""Nodes: about two milliseconds."""


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
