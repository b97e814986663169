"""Readings: how the text behind the cursor may be lexed, where the plain way leads into an error.

The plain reading goes on in the state in which the text before the cursor ends. Others suppose
that a half-written bracket or string ends with the cursor's line, or that what stood at the
cursor opened or closed one. Each says where the cursor's logical line would end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tenon.syntax.python.blocks import HEADERS, Rows
from tenon.syntax.python.lines import LineCache, Lines
from tenon.syntax.python.plausible import MOST, follows_a_string, has_anchor, is_anchor, run_of_code
from tenon.syntax.python.scanner import NONE, begins_statement, scan, split_state, string_end

_WINDOW = 300
"""Lines after the cursor searched for one that surely begins a statement."""

_LONG_WINDOW = 2400
"""Lines searched where there is none: a long literal."""

_JUDGED = 600
"""Lines after the cursor's statement by which a reading is judged."""

_NEAR = 4
"""An error within so many lines of a sound logical line still speaks against its reading."""

_FAR = 30
"""Lines that look like code which a string holds now and then."""

_TOO_FAR = 100
"""Lines that look like code which no string holds if code stands at the cursor."""

OVERLAY = 3000
"""Lines lexed anew at most where the table's states were refused; what follows counts as
the text's end."""

_LONG_RUN = 40
"""Statements by which two readings are compared that are code, as far as a few of them tell."""

_ESCAPES = 40
"""Backslashes before the cursor that are counted."""

_ESCAPED_LINE_END = re.compile(r"(?<!\\)(?:\\\\)*+\\\n")

_HEADER = re.compile(rf"[ \t\f]*+(?:async[ \t]+)?(?:{'|'.join(sorted(HEADERS))})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    after: int
    """The first line after the cursor's logical line."""
    error: int
    """The offset of the first error after the cursor; past the text's end where there is none."""
    clean: bool
    """Whether that lies behind the logical line."""
    lines: Lines
    """Good from line `after` on."""
    plain: bool = False
    """Whether it is how the text lexes as it stands."""
    worth: tuple[bool, int, bool, bool] = (True, MOST, True, True)
    """Whether it is clean, how much code follows (the want of errors is worth two statements),
    whether the code is no deeper than the cursor's statement, and whether no error follows."""


def best_reading(cache: LineCache, lines: Lines, offset: int, line: int, state: str) -> Reading:
    """The reading of the text behind `offset`, on `line`, that stays sound longest; `state` is
    the lexical state at the cursor."""
    brackets, quote, _ = split_state(state)
    after = lines.next_logical(line)
    start = lines.start(after)
    error = lines.error_from(offset)
    plain = Reading(after=after, error=error, clean=error >= start, lines=lines, plain=True)
    size = len(lines.text)
    if error > size:
        return plain
    code = _code(cache, lines, offset, offset)
    readings = [plain, code]
    if len(quote) == 1:
        # The string was cut off at its line's end; the brackets round it go on.
        behind = lines.error_from(lines.start(line + 1))
        readings.insert(1, replace(plain, error=behind, clean=behind >= start, plain=False))
        escaped = _ESCAPED_LINE_END.search(lines.text, max(offset - _ESCAPES, 0), offset + 1)
        if escaped and line + 1 < len(lines.starts):
            readings.append(_after_string(cache, lines, line + 1, brackets))
    swallowing: list[tuple[Reading, int]] = []
    swallows = len(quote) == 3 and has_anchor(lines, offset, start)
    for mark in ("'", '"', "'''", '"""'):
        end = string_end(lines.text, offset, mark)
        if end is not None and follows_a_string(lines.text, end):
            reading = _code(cache, lines, offset, end)
            if not has_anchor(lines, offset, end):
                readings.append(reading)
            elif lines.line_at(end) <= line + _FAR or _explains_all(cache, lines, reading):
                swallowing.append((reading, end))
    if line + 1 < len(lines.starts):
        readings.append(_from_line(cache, lines, line + 1, None))
    runs: dict[tuple[int, int], int] = {}

    def run(reading: Reading) -> int:
        key = (reading.after, reading.error)
        if key not in runs:
            runs[key] = run_of_code(Rows(reading.lines, cache.names), reading.after)
        return runs[key] if reading.clean else 0

    def worth(reading: Reading) -> tuple[bool, int, bool, bool]:
        row, seen = reading.lines.statement_from(reading.after), reading.lines
        deeper = row < len(seen.starts) and int(seen.widths[row]) > width
        if deeper and lines.text[offset : seen.start(reading.after)].rstrip()[-1:] == ":":
            # The keyword of the header is what is missing.
            deeper = False
        free = reading.error > size
        return reading.clean, min(run(reading) + 2 * free, MOST), not deeper, free

    first = lines.logical_start(line)
    width = int(lines.widths[first])
    if _HEADER.match(lines.text, lines.start(first)):
        width = NONE
    surely = any(run(reading) == MOST for reading in readings)
    swallowed = [
        reading
        for reading, end in swallowing
        if not surely or (reading.error > size and lines.line_at(end) <= line + _TOO_FAR)
    ]
    # Of two that are worth the same, the one that stays sound longer.
    readings.sort(key=lambda reading: -reading.error)
    best = max(readings + swallowed, key=worth)
    if surely and best in swallowed:
        # Code as well, if less of it: the strings that follow are turned inside out, and with
        # them goes the error that spoke for this reading.
        other = max(readings, key=worth)
        if _long_run(cache, other) > _long_run(cache, best):
            best = other
    if best.error <= size and not run(best):
        # No reading explains the error: it is another's, if sound code precedes it.
        local = ([] if swallows else [plain]) + ([] if quote else [code])
        best = next((reading for reading in local if _stands(reading)), best)
    best = replace(best, worth=worth(best))
    if best.lines is not lines:
        return replace(best, lines=cache.overlay(lines, best.after, "", limit=OVERLAY))
    return best


def _long_run(cache: LineCache, reading: Reading) -> int:
    return run_of_code(Rows(reading.lines, cache.names), reading.after, most=_LONG_RUN)


def _after_string(cache: LineCache, lines: Lines, line: int, brackets: str) -> Reading:
    """The reading in which a string has ended before `line`, inside `brackets`: its last escape
    is only half written, and no line is to be joined."""
    anew = cache.overlay(lines, line, brackets, limit=OVERLAY)
    after = anew.next_logical(line - 1)
    error = anew.error_from(lines.start(line))
    clean = error >= (anew.start(after) if after < len(anew.starts) else len(lines.text))
    return Reading(after=after, error=error, clean=clean, lines=anew)


def _explains_all(cache: LineCache, lines: Lines, reading: Reading) -> bool:
    """Whether the reading leads into no error up to the text's end, as far as is looked."""
    if reading.error <= len(lines.text):
        return False
    if len(reading.lines.starts) < len(lines.starts):
        seen = cache.overlay(lines, reading.after, "", limit=OVERLAY)
        return len(seen.starts) == len(lines.starts) and seen.error_from(
            lines.start(reading.after)
        ) > len(lines.text)
    return True


def _stands(reading: Reading) -> bool:
    """Whether the error is far from the logical line, or code surely stands between them."""
    lines, error = reading.lines, reading.error
    if not reading.clean:
        return False
    return error > lines.start(reading.after + _NEAR) or _code_between(lines, reading.after, error)


def _code_between(lines: Lines, line: int, error: int) -> bool:
    """Whether a statement that is surely code begins between `line` and `error`."""
    stop = min(lines.line_at(error), line + _WINDOW)
    return any(
        is_anchor(lines, row)
        for row in lines.statements(line, stop, at_most=_WINDOW)
    )


def _code(cache: LineCache, lines: Lines, offset: int, start: int) -> Reading:
    """The reading in which code goes on at `start` inside brackets of which nothing is known
    but what closes them: up to the last closer that has no opener after `start`."""
    text = lines.text
    line, window = lines.line_at(start), _WINDOW
    while True:
        stop = lines.start(line + window) if line + window < len(lines.starts) else None
        part = scan(text, start, "", stop=stop, at_line=False, patience=100)
        begins = [at for at, state in zip(part.starts, part.states, strict=True) if not state]
        anchor = next((at for at in begins if begins_statement(text, at)), None)
        if anchor is not None or stop is None or part.end < stop or window == _LONG_WINDOW:
            break
        window = _LONG_WINDOW
    if anchor is None:
        anchor = len(text) + 1
    closers = [at for at in part.underflows if at < anchor]
    last = closers[-1] if closers else start
    error = next((at for at in part.errors if at not in closers and at < anchor), None)
    after = next((at for at in begins if at > last), None)
    if after is not None:
        return _from_line(cache, lines, lines.line_at(after), error)
    # The logical line ends with the text, or nowhere.
    if error is None:
        error = part.end if part.state.rstrip("#") else len(text) + 1
    return Reading(after=len(lines.starts), error=error, clean=error > len(text), lines=lines)


def _from_line(cache: LineCache, lines: Lines, after: int, error: int | None) -> Reading:
    """The reading in which a logical line begins at `after`; `error` is the first before it."""
    start = lines.start(after)
    known = lines if int(lines.states[after]) == 0 else None
    if known is None:
        known = cache.overlay(lines, after, "", limit=_JUDGED)
    if error is None or error >= start:
        error = known.error_from(start)
    return Reading(after=after, error=error, clean=error >= start, lines=known)
