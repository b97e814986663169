"""Loose words: what a text that could not be parsed may bind.

Owns the reading of lines that make no tree. A word in them counts as bound, wherever it stands,
save for the variables of a comprehension that the cursor is not in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_BINDABLE = re.compile(r"(?<![\w.])(?<!\.[ \t])(?!\d|(?i:[rbuft]{1,2})['\"])\w+")
"""An identifier that may be a name: none that follows a dot, and no prefix of a string."""
_KEYWORD = re.compile(r"\s*=(?!=)")
_HALF = re.compile(r"[^\W\d]\w*\Z")
_IMPORTING = re.compile(r"\s*(?:from|import)\b")
_IMPORT = re.compile(r"\bimport\s")
_HEAD = re.compile(r"\s*(?:async\s+)?(?:def|class)\s+\w+\Z")
_DEFINING = re.compile(r"\b(?:def|lambda)\b")
_TOKEN = re.compile(
    r"\"\"\"|'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|#[^\n]*"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<for>\bfor\b)(?P<targets>[\w\s,()*]*?)\bin\b"
)


def words(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(word for line in lines for word in _BINDABLE.findall(line))


def words_around(lines: Iterable[str], statement: str) -> frozenset[str]:
    """The same, of other lines of `statement` than the cursor's, which stand in its brackets: what
    an argument is named by there is no name."""
    if _DEFINING.search(statement):
        return words(lines)
    return frozenset(
        match.group()
        for line in lines
        for match in _BINDABLE.finditer(line)
        if not _KEYWORD.match(line, match.end())
    )


def binding_words(before: str, after: str) -> frozenset[str]:
    """Words of a line, parted by the cursor, that stand where it would bind them if it is an import;
    of the head of a definition, the one that ends at the cursor."""
    half = _HALF.search(before)
    begun = frozenset({half.group()}) if half is not None else frozenset()
    if _HEAD.match(before):
        return begun
    if not _IMPORTING.match(before):
        return frozenset()
    behind = after.partition("#")[0]
    if _IMPORT.search(before):
        return begun | words([behind])
    return words([_IMPORT.split(behind)[-1]])


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
