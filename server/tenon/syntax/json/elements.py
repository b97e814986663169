"""Where a JSON text's brackets open and close, and which elements may be left out.

Owns the lexical view of JSON. Knows no cursor roles and no parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LEXEME = re.compile(
    r"""
      (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<open_string>"(?:[^"\\\n]|\\.)*)
    | (?P<comment>//[^\n]*|/\*(?s:.*?)\*/)
    | (?P<open_comment>/\*(?s:.*))
    | (?P<mark>[{}\[\],:])
    | (?P<word>[^\s{}\[\],:"/]+|/)
    """,
    re.VERBOSE,
)

_STRING_REST = re.compile(r'(?:[^"\\\n]|\\.)*"')

CLOSER = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Lexeme:
    kind: str
    text: str
    start: int
    end: int


def lexemes(text: str, start: int = 0) -> Iterator[Lexeme]:
    """The lexemes of `text` from `start` on; an unfinished string or comment is the last one."""
    for match in _LEXEME.finditer(text, start):
        yield Lexeme(match.lastgroup or "word", match.group(), match.start(), match.end())


_FILLER = {"{": '"":0', "[": "0"}
"""What stands in for elements left out."""


@dataclass(slots=True)
class _Level:
    bracket: str
    """Empty for the text as a whole."""
    inside: int
    """The offset behind the bracket."""
    element: int
    """Where the element begins that is being written."""
    earlier: bool = False
    """Whether another one stands before it."""


_OWED = 4
"""Brackets that a completion may have to open, and one more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What stands before a hole, as far as it matters to what may follow."""

    text: str
    """The open brackets, each with the element being written; earlier ones are left out."""
    brackets: str
    """The open brackets, outermost first."""
    inside: str
    """"string" or "comment" where the hole is inside one, else empty."""


def before(prefix: str) -> Before | None:
    """None where a bracket closes that was never opened."""
    levels = [_Level("", 0, 0)]
    inside = ""
    for lexeme in lexemes(prefix):
        inside = _unfinished(lexeme, len(prefix))
        if lexeme.text in CLOSER:
            levels.append(_Level(lexeme.text, lexeme.end, lexeme.end))
        elif lexeme.text in ("}", "]"):
            if CLOSER.get(levels[-1].bracket) != lexeme.text:
                return None
            levels.pop()
        elif lexeme.text == ",":
            levels[-1].element, levels[-1].earlier = lexeme.end, True
    parts = []
    ends = [level.inside for level in levels[1:]] + [len(prefix)]
    for level, end in zip(levels, ends, strict=True):
        if level.earlier:
            parts.append(_FILLER.get(level.bracket, "") + ",")
        parts.append(prefix[level.element : end])
    brackets = "".join(level.bracket for level in levels)
    return Before(text="".join(parts), brackets=brackets, inside=inside)


def after(suffix: str, place: Before) -> str | None:
    """What stands behind a hole, later elements left out; None where it could close nothing.

    Brackets that are still open at the end, or that an outer one's closer passes over, are the
    completion's to close; those that are closed and nowhere opened are its to open.
    """
    owed = ""
    for _ in range(_OWED):
        closing, closer = _after(suffix, place, place.brackets + owed)
        if closing is not None:
            return closing
        owed = next(opener for opener in CLOSER if CLOSER[opener] == closer) + owed
    return None


def _after(suffix: str, place: Before, brackets: str) -> tuple[str | None, str]:
    """Likewise where `brackets` are open behind the hole; else None, and what closes none."""
    stack = list(brackets)
    start = _string_end(suffix) if place.inside == "string" else 0
    if place.inside == "comment":
        start = suffix.find("\n") if "\n" in suffix else len(suffix)
    out = [suffix[:start]]
    last = start
    skipped_from: int | None = None
    something = False
    for lexeme in lexemes(suffix, start):
        if lexeme.kind.endswith("comment"):
            continue
        closes = lexeme.text in ("}", "]")
        if closes and skipped_from is None and not "".join(out).strip():
            while stack and CLOSER[stack[-1]] != lexeme.text:
                stack.pop()
        if closes:
            if not stack or CLOSER[stack[-1]] != lexeme.text:
                return None, lexeme.text
            if skipped_from == len(stack):
                out.append(_FILLER[stack[-1]] if something else "")
                skipped_from, last = None, lexeme.start
            stack.pop()
        if skipped_from is None:
            out.append(suffix[last : lexeme.end])
            last = lexeme.end
            if lexeme.text == "," and stack:
                skipped_from, something = len(stack), False
        else:
            something = True
        if lexeme.text in CLOSER:
            stack.append(lexeme.text)
    if skipped_from is not None and something and len(stack) >= skipped_from:
        out.append(_FILLER[stack[skipped_from - 1]])
    return "".join(out), ""


def _unfinished(lexeme: Lexeme, end: int) -> str:
    """What the hole is inside of, if `lexeme` is the last before it."""
    if lexeme.kind == "open_string":
        return "string"
    if lexeme.kind == "open_comment" or (lexeme.text.startswith("//") and lexeme.end == end):
        return "comment"
    return ""


def _string_end(suffix: str) -> int:
    """Behind the quote that closes a string begun before; 0 where the line has none."""
    match = _STRING_REST.match(suffix)
    return match.end() if match else 0
