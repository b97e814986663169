"""Loose words: what a text that could not be parsed may bind.

Owns the reading of lines that make no tree. A word in them counts as bound, wherever it stands,
save for the variables of a comprehension that the cursor is not in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_TOKEN = re.compile(
    r"\"\"\"|'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|#[^\n]*"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<for>\bfor\b)(?P<targets>[\w\s,()*]*?)\bin\b"
)


def words(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(word for line in lines for word in _IDENTIFIER.findall(line))


def comprehended(before: str, after: str) -> frozenset[str]:
    """The words of a statement, parted by the cursor, that only its comprehensions bind, the
    cursor in none of them."""
    text = before + after
    closed = [
        (start, end, targets)
        for start, end, targets in _comprehensions(text)
        if not start < len(before) <= end
    ]
    kept = text
    for start, end, _ in closed:
        kept = kept[:start] + " " * (end - start) + kept[end:]
    inner = frozenset().union(*(targets for _, _, targets in closed))
    return inner - words([kept])


def _comprehensions(text: str) -> Iterable[tuple[int, int, frozenset[str]]]:
    """Brackets with a `for` in them: where they begin and end, and what it binds."""
    opened: list[tuple[int, set[str]]] = []
    for match in _TOKEN.finditer(text):
        if match["open"]:
            opened.append((match.start(), set()))
        elif match["for"] and opened:
            opened[-1][1].update(_IDENTIFIER.findall(match["targets"]))
        elif match["close"] and opened:
            start, targets = opened.pop()
            if targets:
                yield start, match.end(), frozenset(targets)
        elif match.group() in ('"""', "'''"):
            # What is prose and what is code cannot be told any more.
            return
