"""Escapes: backslashes in strings that mean nothing to Python, of which it warns.

Owns which escapes there are. Who has written such a string in the same file may write another.
"""

from __future__ import annotations

import re

_LITERAL = re.compile(
    r"#[^\n]*"
    r"|([A-Za-z]{0,2})(\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''"
    r"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')",
    re.DOTALL,
)
_PREFIX = re.compile(r"[A-Za-z]*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_KNOWN = frozenset("\n\\'\"abfnrtv01234567xNuU")
_OF_TEXT = frozenset("NuU")
"""Those that bytes have not."""


def unknown_escape(literal: str) -> int | None:
    """Where in a string, which may not have ended yet, the first escape stands that there is
    none; None for a raw string, and where the fields of a formatted one may hold anything."""
    if "\\" not in literal:
        return None
    match = _PREFIX.match(literal)
    prefix = match.group().lower() if match is not None else ""
    if "r" in prefix or (set(prefix) & {"f", "t"} and "{" in literal):
        return None
    known = _KNOWN - _OF_TEXT if "b" in prefix else _KNOWN
    for escape in _ESCAPE.finditer(literal):
        if escape.group(1) not in known:
            return escape.start()
    return None


def has_unknown_escapes(text: str) -> bool:
    """Whether a string in `text` holds one."""
    return "\\" in text and any(
        match.group(2) is not None and unknown_escape(match.group()) is not None
        for match in _LITERAL.finditer(text)
    )
