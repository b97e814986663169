"""Scan: brackets, and what hides them: strings, templates, comments, regular expressions.

Owns the lexical view of TypeScript. Knows no statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CLOSER = {"{": "}", "(": ")", "[": "]", "${": "}", "`": "`"}
"""A template's quotes and its `${` are brackets like others."""

_COMMENT = r"//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/"
_STRING = r"""\"(?:[^"\\\n]|\\[\s\S])*+\"|'(?:[^'\\\n]|\\[\s\S])*+'"""
GAP = rf"(?:\s++|{_COMMENT})*+"
"""White space and comments, as part of a pattern."""
HIDDEN = re.compile(rf"{_COMMENT}|{_STRING}")

_PLAIN = re.compile(rf"(?:[^\"'`/{{}}()\[\];]++|{_STRING}|{_COMMENT})*+")
_TEMPLATE = re.compile(r"(?:[^`\\$]++|\\[\s\S]|\$(?!\{))*+")
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*+\])++(/?)")
_OPERAND_END = re.compile(r"(?:([\w$]+)|[)\]}\"'`]|\+\+|--)\s*\Z")
_BEFORE_REGEX = frozenset(
    "await case delete do else extends in instanceof new of return throw typeof void yield".split()
)

Event = tuple[str, int, int]
"""A bracket or semicolon and its extent; or '"', "'", "/*", "//", "/" and the extent of what the
text's end, or for strings the line's, leaves unfinished."""


def walk(text: str, start: int, stack: list[str], base: int = 0) -> Iterator[Event]:
    """The events of `text` from `start` on. `stack` is kept at the brackets open behind each
    event; those under `base` were open before and are given up to any closer that none opened
    from `start` on answers to."""
    position, end = start, len(text)
    while position < end:
        if stack and stack[-1] == "`":
            position = _TEMPLATE.match(text, position).end()
            if position >= end or text[position] == "\\":
                return
            sign = "`" if text[position] == "`" else "${"
            if sign == "`":
                stack.pop()
            else:
                stack.append(sign)
            yield sign, position, position + len(sign)
            position += len(sign)
            continue
        position = _PLAIN.match(text, position).end()
        if position >= end:
            # A comment that runs up to the end is not over while its line is not.
            line = text.rfind("\n", start, end) + 1
            yield from _comment_at_end(text, max(line, start))
            return
        sign, after = text[position], position + 1
        if sign == "/":
            if text.startswith("/*", position):
                yield "/*", position, end
                return
            after, unfinished = _behind_slash(text, position)
            if unfinished:
                yield "/", position, after
        else:
            if sign in "{([`":
                stack.append(sign)
            elif sign in "})]":
                _close(stack, sign, base)
            elif sign != ";":
                line = text.find("\n", position)
                after = end if line < 0 else line
            yield sign, position, after
        position = after


def _close(stack: list[str], sign: str, base: int) -> None:
    """Take the bracket that `sign` closes off the stack, with unclosed ones above it."""
    floor = min(base, len(stack))
    reach = range(len(stack) - 1, -1, -1)
    for index in reach:
        if CLOSER[stack[index]] == sign:
            if sign != "}" and index < len(stack) - 2 and index < floor:
                return
            if sign != "}" and any(open_ == "`" for open_ in stack[index:]):
                return
            del stack[index:]
            return
        if stack[index] == "`":
            return


def _comment_at_end(text: str, line: int) -> Iterator[Event]:
    for match in HIDDEN.finditer(text, line):
        if match.end() == len(text) and match.group().startswith("//"):
            yield "//", match.start(), match.end()


def _behind_slash(text: str, position: int) -> tuple[int, bool]:
    """Where the regular expression that begins here ends, or behind the sign of a division; and
    whether the text ends within the expression."""
    before = _OPERAND_END.search(text, max(0, position - 40), position)
    if before is not None and before[1] not in _BEFORE_REGEX:
        return position + 1, False
    match = _REGEX.match(text, position)
    if match is None:
        return position + 1, False
    return match.end(), not match[1] and match.end() == len(text)
