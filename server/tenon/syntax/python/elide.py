"""Elide: a very long statement, cut down to what still matters at the cursor.

Inside a bracket that spans many lines the elements between the first and the one at the cursor
are left out, whole lines at a time by the line table; what is long even then is shortened by its
tokens: closed brackets to their first element, strings to nothing. What is kept is real text in
real order, so the compiler sees the same kind of thing: a dict stays a dict, a target a target.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from tenon.syntax.python.extent import Extent
from tenon.syntax.python.lines import Lines, StateNames
from tenon.syntax.python.scanner import OPENER, scan, split_state

_BUDGET = 2000
"""Characters on each side of the cursor that are kept without thought."""

_ELEMENT = 400
"""Characters of a whole element that is kept for what it says of its bracket."""

_TRIES = 64
"""Line boundaries looked at from each end of a long bracket."""

_STRING_LINES = 4
"""Lines of a long string kept next to the cursor."""

_MOST = 200_000
"""Characters above which a statement is not looked at token by token."""

_TOKEN = re.compile(
    r"(?P<string>(?:\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*+'''"
    r"|\"(?!\"\")(?:[^\"\\\n]|\\.)*+\"|'(?!'')(?:[^'\\\n]|\\.)*+'))"
    r"|(?P<comment>\#[^\n]*+)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)|(?P<broken>['\"])",
    re.DOTALL,
)


def elide_before(extent: Extent, offset: int, names: StateNames) -> str:
    """The statement up to the cursor."""
    lines = extent.above
    start = lines.start(extent.first)
    if offset - start <= _BUDGET:
        return lines.text[start:offset]
    cuts: list[tuple[int, int]] = []
    if extent.line > extent.first:
        begins = _Begins(lines, names, extent.first, extent.line + 1)
        depths, pure = begins.depths, begins.pure
        last = extent.line - extent.first
        for level in range(1, int(depths[last]) + 1):
            opener = _last(~begins.alike(last, level))
            deeper = depths[: last + 1] <= level
            inner = _last(deeper) if level < int(depths[last]) else last
            low, high = extent.first + opener, extent.first + inner
            marks = _boundaries(lines, low, high, pure[opener:] & (depths[opener:] == level))
            cuts += _cuts(lines, marks, ends_with_element=lines.text[_tail(lines, low)] == "(")
        if not pure[last]:
            quote = _last(pure)
            low, high = extent.first + quote + 2, extent.line - _STRING_LINES
            if low < high:
                cuts.append((lines.start(low), lines.start(high)))
    return _shorten(_without(lines.text, start, offset, cuts))


def elide_after(extent: Extent, offset: int, names: StateNames) -> str:
    """The rest of the statement from the cursor."""
    lines = extent.above
    text, end = lines.text, extent.below.start(extent.after)
    if end - offset <= _BUDGET:
        return text[offset:end]
    first, after = extent.line + 1, extent.after
    if not extent.exact:
        seen = _inferred(text, offset, end, names)
        if seen is None:
            return text[offset:end]
        lines, first, after = seen, 0, len(seen.starts)
    cuts: list[tuple[int, int]] = []
    if first < after:
        begins = _Begins(lines, names, first, after)
        depths, pure = begins.depths, begins.pure
        begin = 0
        if not pure[0]:
            begin = _first(pure)
            low, high = first + _STRING_LINES, first + begin - 1
            if low < high:
                cuts.append((lines.start(low), lines.start(high)))
        for level in range(int(depths[0]), 0, -1):
            begin = max(begin, _first(depths <= level))
            stop = max(begin, _first(~begins.alike(0, level)))
            low, high = first + begin - 1, first + stop - 1
            marks = _boundaries(lines, low, high, pure[begin:] & (depths[begin:] == level), shift=1)
            cuts += _cuts(lines, marks, ends_with_element=False)
            begin = stop
    return _without(lines.text, offset, end, cuts)


def _inferred(text: str, offset: int, end: int, names: StateNames) -> Lines | None:
    """The lines after `offset`, in the brackets that are closed before `end` and never opened."""
    closers = scan(text, offset, "", end=end, at_line=False).underflows
    state = "".join(OPENER[text[at]] for at in reversed(closers))
    part = scan(text, offset, state, end=end - 1, at_line=False)
    if part.errors or part.state or not part.starts:
        return None
    return Lines(
        text=text,
        starts=np.array(part.starts, np.int64),
        widths=np.array(part.widths, np.int16),
        states=np.array([names.number(one) for one in part.states], np.int32),
        errors=np.zeros(0, np.int64),
        unclosed=False,
    )


class _Begins:
    """The states in which the lines from `low` to `high` begin."""

    def __init__(self, lines: Lines, names: StateNames, low: int, high: int) -> None:
        numbers, self._which = np.unique(lines.states[low:high], return_inverse=True)
        states = [split_state(names.name(int(number))) for number in numbers]
        self._brackets = [brackets for brackets, _, _ in states]
        self.depths = np.array([len(one) for one in self._brackets])[self._which]
        """How many brackets are open."""
        self.pure = np.array([not quote and not joined for _, quote, joined in states])[self._which]
        """Whether in code, and not after a backslash."""

    def alike(self, line: int, level: int) -> np.ndarray:
        """Which lines begin in the same outermost `level` brackets as `line` does."""
        wanted = self._brackets[self._which[line]][:level]
        return np.array([one[:level] == wanted for one in self._brackets])[self._which]


def _first(mask: np.ndarray) -> int:
    found = np.flatnonzero(mask)
    return int(found[0]) if len(found) else len(mask)


def _last(mask: np.ndarray) -> int:
    found = np.flatnonzero(mask)
    return int(found[-1]) if len(found) else 0


def _tail(lines: Lines, line: int) -> int:
    """The last character of `line` that is no space."""
    text, start = lines.text, lines.start(line)
    at = max(lines.start(line + 1) - 1, start)
    while at > start and text[at] in " \t\n\r":
        at -= 1
    return min(at, len(text) - 1)


def _boundaries(
    lines: Lines, low: int, high: int, mask: np.ndarray, *, shift: int = 0
) -> list[int]:
    """Lines after `low` up to `high` that begin an element, by `mask` from line `low + shift`
    on: some from each end."""
    found = np.flatnonzero(mask[: max(high - low + 1 - shift, 0)]) + low + shift
    found = found[found > low]
    if len(found) > 2 * _TRIES:
        found = np.concatenate([found[:_TRIES], found[-_TRIES:]])
    text = lines.text
    opener = low + 1 if shift == 0 else -1
    return [
        int(line)
        for line in found
        if text[_tail(lines, int(line) - 1)] == ","
        or (line == opener and text[_tail(lines, low)] in "([{")
    ]


def _cuts(lines: Lines, marks: list[int], *, ends_with_element: bool) -> list[tuple[int, int]]:
    """What to leave out between the first mark and the last, one whole element kept."""
    if len(marks) < 3:
        return []
    begin, end = lines.start(marks[0]), lines.start(marks[-1])
    pairs = [(lines.start(one), lines.start(other)) for one, other in pairwise(marks)]
    kept = pairs[-1] if ends_with_element else min(pairs, key=lambda pair: pair[1] - pair[0])
    if kept[1] - kept[0] > _ELEMENT:
        return [(begin, end)]
    return [(begin, kept[0]), (kept[1], end)]


def _without(text: str, start: int, end: int, cuts: list[tuple[int, int]]) -> str:
    kept, at = [], start
    for low, high in sorted(cuts):
        if low >= at:
            kept.append(text[at:low])
            at = max(at, high)
    return "".join([*kept, text[at:end]])


def _shorten(code: str) -> str:
    """`code`, from the beginning of a statement, with what is long and closed made short."""
    if len(code) <= 2 * _BUDGET or len(code) > _MOST:
        return code
    cuts: list[tuple[int, int]] = []
    stack: list[list[int]] = []
    for token in _TOKEN.finditer(code):
        kind, at = token.lastgroup, token.start()
        if kind == "open":
            stack.append([at, -1, -1])
        elif kind == "comma":
            if stack:
                if stack[-1][1] < 0:
                    stack[-1][1] = at + 1
                stack[-1][2] = at + 1
        elif kind == "close":
            if not stack:
                return code
            opener, first, _ = stack.pop()
            if first >= 0 and at - opener > _ELEMENT:
                cuts = [cut for cut in cuts if cut[0] < opener or cut[1] <= first]
                cuts.append((first, at))
        elif kind == "string":
            if token.end() - at > _ELEMENT:
                size = 3 if token.group()[:3] in ('"""', "'''") else 1
                cuts.append((at + size, token.end() - size))
        elif kind == "broken":
            break
    for _, first, last in stack:
        if last > first >= 0:
            cuts = [cut for cut in cuts if cut[1] <= first or cut[0] >= last]
            cuts.append((first, last))
    return _without(code, 0, len(code), cuts)
