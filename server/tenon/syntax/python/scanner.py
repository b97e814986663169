"""Scanner: from text to the lexical state in which each physical line begins.

Knows strings, comments, brackets and joined lines, nothing of grammar. A state is a short
string, so that two scans can be compared: the open brackets, then the delimiter of an open
string, then a backslash where the line before ends in one. A logical line begins exactly
where the state is "". Never raises; what cannot be is noted in `errors` and passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

NONE = 0x7FFF
"""The width of a line on which no statement begins: blank, comment or continuation."""

TOO_WIDE = NONE - 1

MAX_DEPTH = 200
"""CPython's own limit on open brackets."""

_RUN = r"""(?:[^\n'"#()\[\]{}\\]++
|"(?!"")[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"
|'(?!'')[^'\\\n]*+(?:\\[^\n][^'\\\n]*+)*+'
|\([^\n'"#()\[\]{}\\]*+\)
|\[[^\n'"#()\[\]{}\\]*+\]
|\{[^\n'"#()\[\]{}\\]*+\})*+"""
"""What changes no state: whole runs at a time, since the loop round it is what costs."""

_CODE = re.compile(_RUN + r"(\#[^\n]*+)?+(\n)?+", re.VERBOSE)

_LINE = re.compile(
    r"([ \t\f]*+)(?:(?:\#[^\n]*+)?+(?:(\n)|\Z)|" + _RUN + r"(\#[^\n]*+)?+(\n)?+)", re.VERBOSE
)
"""A line from its beginning; group 2 only if no statement begins on it."""

_STRING_REST = {
    "'": re.compile(r"[^'\\\n]*+(?:\\[^\n][^'\\\n]*+)*+"),
    '"': re.compile(r'[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+'),
    "'''": re.compile(r"[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+", re.DOTALL),
    '"""': re.compile(r'[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+', re.DOTALL),
}
"""From inside a string to its delimiter, to the end of its line, or to the end."""

_HARD = re.compile(
    r"[ \t\f]*+(?:(?:assert|break|class|continue|def|del|elif|except|finally|global|import"
    r"|nonlocal|pass|raise|return|try|while|with)\b(?!\s*[=.,)])"
    r"|async[ \t]+(?:def|with)\b|from[ \t]+[\w.]+[ \t]+import\b|else[ \t]*:|@\w"
    r"|[^\W\d]\w*+(?:\.\w++|\[[^\]\n]*+\])++[ \t]*+(?:[-+*/%&|^]|//|\*\*|>>|<<)?=(?!=))"
)
"""Begins a statement and can stand nowhere inside brackets (`@` as an operator is written
with a space after it by everyone; nothing is assigned there but to a plain name)."""


def begins_statement(text: str, start: int, end: int | None = None) -> bool:
    """Whether what stands at `start`, the beginning of a line, can only begin a statement, as
    far as `end`."""
    return _HARD.match(text, start, len(text) if end is None else end) is not None


def string_end(text: str, start: int, quote: str) -> int | None:
    """Just past the delimiter of the string that is open at `start`; None if it has none."""
    end = _STRING_REST[quote].match(text, start).end()
    while text.startswith("\\\n", end):
        end = _STRING_REST[quote].match(text, end + 2).end()
    return end + len(quote) if text.startswith(quote, end) else None


OPENER = {")": "(", "]": "[", "}": "{"}


@dataclass(slots=True)
class Scan:
    """What one call of `scan` saw. Lines are those that begin after the first position."""

    starts: list[int] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    """Offsets, ascending: a closer without its opener, a string cut off by its line's end,
    a statement that begins while a bracket is open."""
    underflows: list[int] = field(default_factory=list)
    """Those of the errors that are a closer while no bracket is open."""
    state: str = ""
    """At the end; ends in "#" inside a comment."""
    end: int = 0
    comment: int = -1
    """Where the last comment begins, if the scan ended in or just after one."""


def width_of(indent: str) -> int:
    """Columns as CPython counts them: tabs to the next multiple of eight, a form feed resets."""
    if "\f" in indent:
        indent = indent[indent.rindex("\f") + 1 :]
    if "\t" in indent:
        indent = indent.expandtabs(8)
    return min(len(indent), TOO_WIDE)


def split_state(state: str) -> tuple[str, str, bool]:
    """A state's brackets, string delimiter, and whether the line before was joined."""
    joined = state.endswith("\\")
    if joined:
        state = state[:-1]
    brackets = state.rstrip("'\"")
    return brackets, state[len(brackets) :], joined


def scan(
    text: str,
    start: int,
    state: str,
    *,
    end: int | None = None,
    stop: int | None = None,
    at_line: bool = True,
    imposed: bool = False,
    patience: int | None = None,
) -> Scan:
    """Scan from `start`, where `state` holds, to `end`, or to the first line that begins at
    or after `stop`.

    `at_line` says that `start` is the beginning of a line, which is then the first recorded;
    `imposed`, that no keyword on it may contradict `state`.
    Gives up soon after more than `patience` errors. Linear in what it reads.
    """
    size = len(text) if end is None else end
    if stop is None:
        stop = size + 1
    if patience is None:
        patience = size
    given = start if imposed else -1
    result = Scan()
    starts, states, widths, errors = result.starts, result.states, result.widths, result.errors
    line, code = _LINE.match, _CODE.match
    brackets, quote, joined = split_state(state)
    pos = start
    comment = -1
    fresh = at_line

    while len(errors) <= patience:
        if quote:
            # Every line on which the string goes on begins in its state.
            if fresh:
                if pos >= stop:
                    break
                starts.append(pos)
                states.append(brackets + quote)
                widths.append(NONE)
                fresh = False
            begin = pos
            pos = _STRING_REST[quote].match(text, pos, size).end()
            if len(quote) == 3:
                at = text.find("\n", begin, pos)
                while 0 <= at:
                    if at + 1 >= stop:
                        break
                    starts.append(at + 1)
                    states.append(brackets + quote)
                    widths.append(NONE)
                    at = text.find("\n", at + 1, pos)
                if at >= 0:
                    pos = at + 1
                    break
                if pos >= size or text[pos] == "\\":
                    pos = size
                    break
                pos += 3
                quote = ""
                continue
            if pos >= size:
                break
            if text[pos] == quote:
                pos += 1
                quote = ""
                continue
            if text[pos] == "\\":
                pos += 1
                if pos < size and text[pos] == "\n":
                    pos += 1
                    fresh = True
                continue
            errors.append(pos)
            quote = ""
            continue

        if fresh:
            if pos >= stop:
                break
            fresh = False
            if brackets and not joined and pos != given and _HARD.match(text, pos, size):
                # The fault lies before this line, which is sound from its beginning.
                errors.append(pos - 1)
                brackets = ""
            starts.append(pos)
            states.append(brackets + "\\" if joined else brackets)
            if brackets or joined:
                widths.append(NONE)
                joined = False
                match = code(text, pos, size)
                comment = match.start(1)
                ended = match.end(2) >= 0
            else:
                match = line(text, pos, size)
                comment = -1
                if match.end(2) >= 0:
                    widths.append(NONE)
                    pos = match.end()
                    fresh = True
                    continue
                comment = match.start(3)
                indent_end = match.end(1)
                if match.end() == indent_end and indent_end >= size:
                    widths.append(NONE)
                elif comment == indent_end or text.startswith("#", indent_end, size):
                    widths.append(NONE)
                    comment = indent_end
                else:
                    widths.append(width_of(match.group(1)))
                ended = match.end(4) >= 0
        else:
            match = code(text, pos, size)
            comment = match.start(1)
            ended = match.end(2) >= 0
        pos = match.end()
        if ended:
            fresh = True
            continue
        if pos >= size:
            break
        char = text[pos]
        if char in "([{":
            if len(brackets) < MAX_DEPTH:
                brackets += char
            else:
                errors.append(pos)
            pos += 1
        elif char in ")]}":
            if brackets and brackets[-1] == OPENER[char]:
                brackets = brackets[:-1]
            else:
                errors.append(pos)
                if not brackets:
                    result.underflows.append(pos)
                at = brackets.rfind(OPENER[char])
                if at >= 0:
                    brackets = brackets[:at]
            pos += 1
        elif char in "'\"":
            quote = char * 3 if text.startswith(char * 3, pos, size) else char
            pos += len(quote)
        else:
            pos += 1
            if pos < size and text[pos] == "\n":
                pos += 1
                fresh = True
                joined = True
            elif pos < size:
                errors.append(pos)

    result.state = brackets + quote
    if joined and fresh:
        result.state += "\\"
    if comment >= 0 and not quote and not fresh:
        result.state += "#"
    result.comment = comment
    result.end = pos
    return result
