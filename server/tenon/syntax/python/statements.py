"""Statements: what the top level of a text imports and binds, whether or not the rest parses.

Owns the reading of import statements from logical lines. What stands inside definitions is left
out; what stands under an `if` or a `try` is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tenon.syntax.python.scanner import NONE, scan

_COMMENT = re.compile(r"#[^\n]*|\\(?=\n)")
_FROM = re.compile(r"from\s*(\.*\s*[\w.]*)\s*\bimport\b\s*(\()?")
_PLAIN = re.compile(r"import\s+")
_ITEM = re.compile(r"([^\W\d][\w.]*)(?:\s+as\s+([^\W\d]\w*))?")
_BRANCH = re.compile(r"(?:if|elif|else|try|except|finally|with)\b")
_DEFINES = re.compile(r"(?:(?:async\s+)?def|class)\s+(\w+)|([^\W\d]\w*)\s*(?::[^=\n]*)?=(?!=)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    name: str
    alias: str
    start: int
    end: int
    """In the whole text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement at the top level, or under an `if` or `try` there."""

    start: int
    end: int
    """Past its last line's end."""
    code: str
    """From start to end, with comments and joined lines blanked."""
    nested: bool
    module: str = ""
    items: tuple[Item, ...] = ()
    is_from: bool = False

    @property
    def is_import(self) -> bool:
        return bool(self.items) or self.is_from

    @property
    def is_future(self) -> bool:
        return self.module == "__future__"


def statements_of(text: str) -> list[Statement]:
    """In order; those inside definitions are left out."""
    found: list[Statement] = []
    seen = scan(text, 0, "")
    logical = [
        (start, width)
        for start, state, width in zip(seen.starts, seen.states, seen.widths, strict=True)
        if not state
    ]
    branch = False
    for index, (start, width) in enumerate(logical):
        if width == NONE:
            continue
        end = logical[index + 1][0] if index + 1 < len(logical) else len(text)
        if not width:
            branch = _BRANCH.match(text, start) is not None
        elif not branch:
            continue
        found.append(_statement(text, start, end, nested=width > 0))
    return found


def _statement(text: str, start: int, end: int, *, nested: bool) -> Statement:
    code = _COMMENT.sub(lambda match: " " * len(match.group()), text[start:end])
    begin = len(code) - len(code.lstrip())
    head = _FROM.match(code, begin)
    plain = _PLAIN.match(code, begin) if head is None else None
    found = head or plain
    if found is None:
        return Statement(start=start, end=end, code=code, nested=nested)
    items = [
        Item(
            name=match.group(1), alias=match.group(2) or "",
            start=start + match.start(), end=start + match.end(),
        )
        for match in _ITEM.finditer(code.partition(";")[0], found.end())
    ]  # fmt: skip
    module = re.sub(r"\s", "", head.group(1)) if head is not None else ""
    if plain is not None and items:
        module = items[0].name
    return Statement(
        start=start, end=end, code=code, nested=nested, module=module, items=tuple(items),
        is_from=head is not None,
    )  # fmt: skip


def bound_by(statements: Iterable[Statement]) -> set[str]:
    names: set[str] = set()
    for each in statements:
        for item in each.items:
            names.add(item.alias or (item.name if each.is_from else item.name.partition(".")[0]))
        if not each.is_import:
            match = _DEFINES.match(each.code.lstrip())
            if match is not None:
                names.add(match.group(1) or match.group(2))
    return names
