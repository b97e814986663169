"""Frame: the small module that stands in for the buffer round a place.

Owns what of the text before the cursor is kept. Knows no parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tenon.syntax.context import Frame, Role
from tenon.syntax.typescript.levels import Before, Level, outside
from tenon.syntax.typescript.rest import rest, shortened
from tenon.syntax.typescript.scan import CLOSER

_LONG = 1_500
_CONTINUED = re.compile(r"\s*(?:[\w$]+\s*:\s*)?(?:if|else|try|do|for|while|catch|finally)\b")
_CASE = re.compile(r"\s*(?:case|default)\b")
_MEMBER = re.compile(r"(?:(?<![\d.])\.|(?<=\w)\.|\?\.)\s*[\w$#]*\Z")
_CALL = re.compile(r"(?:([\w$]+)|[)\]>])\s*\Z")
_NO_CALL = frozenset("if for while switch catch return typeof with await in of void".split())


def framed(prefix: str, suffix: str, before: Before, parses: Callable[[str], bool]) -> Frame:
    """`parses` says whether the statement before, which might be gone on with, is whole."""
    levels = before.levels
    opening = _opening(prefix, before, soft=True)
    if levels[-1].soft:
        closers = "".join(CLOSER[level.bracket] for level in levels[:0:-1])
        # A choice may still want its other half.
        if not any(parses(opening + more + closers) for more in ("", ": 0")):
            opening = _opening(prefix, before, soft=False)
    last = levels[-1]
    since = last.since if last.statements else last.at
    heads = [prefix[level.since : level.since + 80].lstrip()[:1] for level in levels]
    closing = rest(suffix, levels, before.inside, prefix[since:], heads)
    unit = _unit(prefix)
    indent = " " * (last.indent if last.bracket else 0)
    if unit == "\t":
        indent = indent.replace(" ", "\t")
    depth = indent + unit if last.bracket else ""
    return Frame(
        opening=opening,
        closing=closing,
        indents=("", depth) if depth else ("",),
        unit=unit,
        statement=_common_end(opening, prefix, len(prefix) - since),
    )


def _opening(prefix: str, before: Before, *, soft: bool) -> str:
    levels = before.levels
    ends = [level.at - len(level.bracket) for level in levels[1:]] + [len(prefix)]
    parts = []
    for level, end in zip(levels, ends, strict=True):
        known = min(end, before.begun)
        parts.append(level.bracket + _kept(prefix, level, end, known, soft=soft))
    return "".join(parts)


def role(prefix: str, before: Before) -> Role:
    if before.inside in ('"', "'", "`"):
        return Role.STRING
    if before.inside in ("//", "/*"):
        return Role.COMMENT
    last = before.levels[-1]
    line = prefix[-300:]
    if _MEMBER.search(line) and not line.endswith("..."):
        return Role.ATTRIBUTE
    if last.statements and not outside(prefix, last.since, len(prefix), last.groups).strip():
        return Role.STATEMENT
    if last.bracket == "(":
        called = _CALL.search(prefix[max(0, last.at - 101) : last.at - 1])
        if called is not None and called[1] not in _NO_CALL:
            return Role.ARGUMENT
    return Role.OPERAND


def _kept(prefix: str, level: Level, end: int, known: int, *, soft: bool) -> str:
    """The text of one level: its statement, or its elements from the one being written on.
    Behind `known` stands a string or comment that is not over."""
    if level.statements:
        start = level.since
        kept = shortened(prefix, start, end, level.groups)
        earlier = outside(prefix, level.before, start, level.groups)
        if (level.soft and soft) or _CONTINUED.match(earlier):
            kept = shortened(prefix, level.before, start, level.groups) + kept
        if level.switch and not _CASE.match(kept):
            kept = "case 0: " + kept
        return kept
    start = level.at
    if level.bracket == "{" or (level.bracket in ("(", "[") and end - start > _LONG):
        start = _element(prefix, level, known)
    lead = "_," if start > level.at and level.bracket != "{" else ""
    return lead + shortened(prefix, start, end, level.groups)


def _element(prefix: str, level: Level, end: int) -> int:
    """Where the element being written begins."""
    if level.semicolon:
        return level.semicolon
    own = outside(prefix, level.at, end, level.groups)
    start = 0
    signs = 0
    last = 0
    for match in re.finditer(",", own):
        element = own[last : match.start()]
        element = element.replace("=>", "").replace("<=", "").replace(">=", "")
        signs += element.count("<") - element.count(">")
        last = match.end()
        if signs == 0:
            start = match.end()
    return level.at + start


def _unit(prefix: str) -> str:
    match = re.search(r"[{(\[]\n(\t| +)\S", prefix[:20_000])
    if match is None:
        return "  "
    return "\t" if match[1] == "\t" else match[1][:8]


def _common_end(one: str, other: str, most: int) -> int:
    most = min(len(one), len(other), most)
    if most <= 0:
        return 0
    if one.endswith(other[-most:]):
        return most
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[-middle:] == other[-middle:]:
            low = middle
        else:
            high = middle - 1
    return low
