"""Extent: where the cursor's logical line begins and ends, in text that may be half written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from keyword import iskeyword

from tenon.syntax.python.blocks import Rows
from tenon.syntax.python.lines import LineCache, Lines
from tenon.syntax.python.plausible import are_code, has_anchor, run_of_code
from tenon.syntax.python.readings import OVERLAY, best_reading
from tenon.syntax.python.scanner import begins_statement, scan, split_state, width_of

_LOOK_BACK = 50
"""Lines before the cursor searched for the statement at which lexing starts anew."""

_FEW = 2
"""Statements that must follow one that is taken out of a string."""

_LOOK_ON = 8
"""Lines of code after a bracket's beginning searched likewise."""

_STATEMENT_LIKE = re.compile(
    r"([ \t]*+)(?:(?:if|for|else|match|case|async)\b[^#]*:|(?:yield|await|print)\b"
    r"|[^\W\d][\w.]*+(?:\[[^\]\n]*+\])?[ \t]*+(?:[-+*/%@&|^]|//|\*\*|>>|<<)?=(?!=)"
    r"|[^\W\d][\w.]*+\((?:[^\n]*\)|[\[{(]*+)[ \t]*+(?:\#|$))",
    re.MULTILINE,
)
"""Looks like a whole statement, though it could stand inside brackets too."""

_LINE_OF_CODE = re.compile(r"^[ \t\f]*+(?![\s#])[^\n]++", re.MULTILINE)

_OPERAND = re.compile(
    r"[ \t\f]*+(?!(?:and|or|not|in|is|if|else|for|as|async|from)\b)[^\W\d]\w*+(?=[^\w\"'])"
)
"""A line that begins with an operand, more than half written; no string."""

_WORD = 60
"""Characters at the end of a line in which its last word is looked for."""

_LAST_WORD = re.compile(r"(?:([^\W\d]\w*)|[\w)\]}\"'])[ \t]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    first: int
    """The line on which the cursor's logical line begins."""
    line: int
    """The cursor's line."""
    after: int
    """The first line after the cursor's logical line."""
    state: str
    """The lexical state at the cursor; "#" at its end inside a comment."""
    above: Lines
    """Good for the lines before `after`."""
    below: Lines
    """Good for the lines from `after` on."""
    exact: bool
    """Whether `above` is right about the lines between the cursor and `after` too."""
    worth: tuple[tuple[bool, int, bool, bool], int]
    """How well what is after the cursor fits: its reading's worth, then the offset of the first
    lexical error."""
    sound: bool


def extent(cache: LineCache, lines: Lines, offset: int) -> Extent:
    line = lines.line_at(offset)
    found = _extent(cache, _unbroken(cache, lines, line, offset), line, offset)
    if found.first == line:
        return found
    brackets, quote, _ = split_state(found.state.rstrip("#"))
    restart = None
    if brackets:
        restart = _restart(cache, lines, found, offset, quote)
    if restart is not None:
        quote = ""
    elif len(quote) == 3 and found.worth[1] <= len(lines.text):
        restart = _anchor_before(lines, found.first, line, offset)
    if restart is None:
        return found
    anew = _extent(cache, cache.overlay(lines, restart, "", limit=OVERLAY), line, offset)
    if len(quote) == 3:
        better, worse = anew.worth, found.worth
        dedented = int(anew.above.widths[restart]) < int(lines.widths[found.first])
        # A second guess, where what stands at the cursor opens a string too, is no evidence.
        guessed = found.exact and not anew.exact
        if better < worse or (better == worse and (guessed or not dedented)):
            return found
        if guessed and anew.after == found.after:
            # That would be the same string, ended above the cursor and begun anew at it.
            return found
        rows = Rows(anew.above, cache.names)
        if not are_code(rows, restart, anew.first) or run_of_code(
            Rows(anew.below, cache.names), anew.after
        ) < _FEW:
            return found
    return replace(anew, sound=False)


def _extent(cache: LineCache, lines: Lines, line: int, offset: int) -> Extent:
    start = lines.start(line)
    state = cache.names.name(int(lines.states[line]))
    if offset > start:
        state = scan(lines.text, start, state, end=offset, at_line=False).state
    reading = best_reading(cache, lines, offset, line, state.rstrip("#"))
    first = lines.logical_start(line)
    return Extent(
        first=first,
        line=line,
        after=reading.after,
        state=state,
        above=lines,
        below=reading.lines,
        worth=(reading.worth, reading.error),
        exact=reading.plain and reading.clean,
        sound=reading.clean and not lines.faulty(lines.start(first), offset),
    )


def _unbroken(cache: LineCache, lines: Lines, line: int, offset: int) -> Lines:
    """`lines`, but where what touches the cursor or follows it ended the brackets before it (a
    keyword may be the rest or the beginning of a name, a target that of an argument), they go
    on."""
    start = lines.start(line)
    if line == 0 or int(lines.states[line]) or start - 1 != lines.error_from(start - 1):
        return lines
    typed = lines.text[start:offset].lstrip(" \t\f")
    if typed and not typed.isidentifier() and begins_statement(lines.text, start, offset):
        return lines
    before = cache.names.name(int(lines.states[line - 1]))
    state = scan(lines.text, lines.start(line - 1), before, stop=start).state
    return cache.overlay(lines, line, state, limit=OVERLAY)


def _restart(
    cache: LineCache, lines: Lines, found: Extent, offset: int, quote: str
) -> int | None:
    """The first line after the one whose bracket was left open, up to the cursor's, that begins
    a statement no deeper: surely, or, where the text behind the cursor does not fit either, by
    its looks."""
    width = int(lines.widths[found.first])
    before, seen = found.first, 0
    at, end = lines.start(found.first + 1), lines.start(max(found.line - _LOOK_BACK, 0))
    while code := _LINE_OF_CODE.search(lines.text, at, offset):
        number = lines.line_at(code.start())
        _, inside, joined = split_state(cache.names.name(int(lines.states[number])))
        if not inside and not joined and width_of(lines.indent(number)) <= width and (
            (not found.exact and _STATEMENT_LIKE.match(lines.text, code.start(), offset))
            or _begins_anew(lines, before, number, offset)
        ):
            return number
        at, seen = code.end(), seen + 1
        if not inside:
            before = number
        if seen >= _LOOK_ON and at < end:
            at = end
    lead, start = lines.indent(found.line), lines.start(found.line)
    if not quote and not found.exact and width_of(lead) <= width and _cannot_go_on(lines, before):
        # What stands on the cursor's line is a comment, or the beginning of a word.
        typed = lines.text[start + len(lead) : offset]
        if typed[:1] == "#" or typed.isidentifier() or lines.faulty(lines.start(before), start):
            return found.line
    return None


def _begins_anew(lines: Lines, before: int, line: int, offset: int) -> bool:
    """Whether the code on `line` cannot go on with that on the line `before`: it begins with
    an operand, and the other ends with one, or in the middle of a string."""
    if not _OPERAND.match(lines.text, lines.start(line), offset):
        return False
    return _cannot_go_on(lines, before)


def _cannot_go_on(lines: Lines, line: int) -> bool:
    """Whether the line ends with an operand, or in the middle of a string."""
    begin, end = lines.start(line), lines.start(line + 1)
    if lines.faulty(begin, end):
        return True
    code, comment, _ = lines.text[begin : end - 1].partition("#")
    if comment and ("'" in code or '"' in code):
        return False
    last = _LAST_WORD.search(code[-_WORD:])
    return last is not None and (last[1] is None or not iskeyword(last[1]))


def _anchor_before(lines: Lines, first: int, line: int, offset: int) -> int | None:
    """The first line after `first`, up to the cursor's, that is surely code though the text
    before it says that it stands in a string."""
    for number in range(max(first + 1, line - _LOOK_BACK), line + 1):
        begin = lines.start(number)
        if has_anchor(lines, begin - 1, min(lines.start(number + 1), offset)):
            return number
    return None
