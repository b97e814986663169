"""Lines: the lexical state and indentation of every physical line, kept while a buffer is edited.

A table is immutable once made; an edit makes the next one from it, scanning only from the
changed line until the states agree again. Knows nothing of statements or grammar.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from tenon.syntax.python.scanner import NONE, Scan, scan

_BUFFERS = 8
"""Buffers whose tables are kept; an editor has few open near each other in time."""

_STATES = 10_000
"""Distinct states remembered before all is forgotten: only hostile text has so many."""

_INDENT = re.compile(r"[ \t\f]*+")

_STRIDE = 64
"""Lines scanned past an edit before looking whether the states agree again; doubled each time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """Parallel arrays, one entry a physical line."""

    text: str
    starts: np.ndarray
    """int64, the offset at which each line begins."""
    widths: np.ndarray
    """int16, the columns of its indentation where a statement begins on the line, else `NONE`."""
    states: np.ndarray
    """int32, the `StateNames` number of the state in which it begins; 0 is a logical line's."""
    errors: np.ndarray
    """int64, offsets of lexical errors, ascending."""
    unclosed: bool
    """Whether the text ends inside a bracket or a string."""

    def line_at(self, offset: int) -> int:
        return int(np.searchsorted(self.starts, offset, side="right")) - 1

    def start(self, line: int) -> int:
        """Of `line`; the text's length for the line after the last."""
        return int(self.starts[line]) if line < len(self.starts) else len(self.text)

    def indent(self, line: int) -> str:
        return _INDENT.match(self.text, self.start(line)).group()

    def logical_start(self, line: int) -> int:
        """The line on which the logical line of `line` begins."""
        found = np.flatnonzero(self.states[: line + 1] == 0)
        return int(found[-1]) if len(found) else 0

    def next_logical(self, line: int) -> int:
        """The first line after `line` on which a logical line begins, else their number."""
        return _first(self.states, line + 1, lambda part: part == 0)

    def statement_before(self, line: int, *, at_most: int = NONE - 1) -> int:
        """The last line before `line` on which a statement begins, no wider than `at_most`;
        -1 where there is none."""
        low = line
        while low > 0:
            high, low = low, max(0, low - 2048)
            found = np.flatnonzero(self.widths[low:high] <= at_most)
            if len(found):
                return low + int(found[-1])
        return -1

    def statement_from(self, line: int, *, at_most: int = NONE - 1) -> int:
        """The first line from `line` on likewise, else the number of lines."""
        return _first(self.widths, line, lambda part: part <= at_most)

    def statements(self, start: int, end: int, *, at_most: int) -> list[int]:
        """The first `at_most` lines from `start` to `end` on which a statement begins."""
        found: list[int] = []
        while start < end and len(found) < at_most:
            stop = min(end, start + 1024)
            part = np.flatnonzero(self.widths[start:stop] != NONE)[: at_most - len(found)]
            found += (part + start).tolist()
            start = stop
        return found

    def error_from(self, offset: int) -> int:
        """The first lexical error at or after `offset`: the last character if the text ends
        in an open bracket or string, past the text's end where there is none."""
        at = int(np.searchsorted(self.errors, offset))
        if at < len(self.errors):
            return int(self.errors[at])
        return len(self.text) - 1 if self.unclosed else len(self.text) + 1

    def faulty(self, start: int, end: int) -> bool:
        """Whether there is an error between two offsets, an open end apart."""
        return bool(np.searchsorted(self.errors, start) < np.searchsorted(self.errors, end))


def _first(values: np.ndarray, start: int, test) -> int:
    high = max(start, 0)
    while high < len(values):
        low, high = high, high + 2048
        found = np.flatnonzero(test(values[low:high]))
        if len(found):
            return low + int(found[0])
    return len(values)


_EMPTY = Lines(
    text="",
    starts=np.zeros(1, np.int64),
    widths=np.full(1, NONE, np.int16),
    states=np.zeros(1, np.int32),
    errors=np.zeros(0, np.int64),
    unclosed=False,
)


class StateNames:
    """Numbers for states, so that they can be compared in bulk. 0 is "" always."""

    def __init__(self) -> None:
        self._numbers = {"": 0}
        self._names = [""]

    def number(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self._names)
            self._names.append(name)
        return number

    def name(self, number: int) -> str:
        return self._names[number]

    def __len__(self) -> int:
        return len(self._names)


class LineCache:
    """The tables of the buffers last seen. For one thread."""

    def __init__(self) -> None:
        self.names = StateNames()
        self._tables: OrderedDict[str, Lines] = OrderedDict()

    def lines(self, uri: str, text: str) -> Lines:
        """The table of `text`, made from the buffer's former one where there is one."""
        if len(self.names) > _STATES:
            self.names = StateNames()
            self._tables.clear()
        old = self._tables.pop(uri, _EMPTY)
        new = old if old.text == text else self._rescan(old, text)
        self._tables[uri] = new
        while len(self._tables) > _BUFFERS:
            self._tables.popitem(last=False)
        return new

    def lines_of(self, text: str) -> Lines:
        """The table of `text`, whichever buffer it is from."""
        for lines in self._tables.values():
            if lines.text == text:
                return lines
        return self._rescan(_EMPTY, text)

    def overlay(self, lines: Lines, line: int, state: str, *, limit: int) -> Lines:
        """`lines` as if `line` began in `state`, scanned no further than some `limit` lines:
        what lies beyond is cut off unless the states agree before."""
        return self._continue(lines, lines.text, line, state, line + 1, 0, line + limit)

    def forget(self, uri: str) -> None:
        self._tables.pop(uri, None)

    def _rescan(self, old: Lines, text: str) -> Lines:
        same = _common_prefix(old.text, text)
        tail = _common_suffix(old.text, text, min(len(old.text), len(text)) - same)
        # A newline just typed belongs to the line it ends: begin one line before the change.
        line = max(old.line_at(same) - 1, 0)
        state = self.names.name(int(old.states[line]))
        # From here on every line of the old text begins in the new one too.
        join = int(np.searchsorted(old.starts, len(old.text) - tail + 1))
        return self._continue(
            old, text, line, state, max(join, line + 1), len(text) - len(old.text), None
        )

    def _continue(
        self,
        old: Lines,
        text: str,
        line: int,
        state: str,
        join: int,
        shift: int,
        limit: int | None,
    ) -> Lines:
        """Scan `text` from `line` of `old`, which begins in `state`, until a line of `old` not
        before `join` is met in the state it had; the rest is taken over, moved by `shift`."""
        start, count = int(old.starts[line]), len(old.starts)
        parts: list[Scan] = []
        pos, stride, agreed = start, _STRIDE, False
        while True:
            last = join >= count
            stop = None if last else int(old.starts[join]) + shift
            parts.append(scan(text, pos, state, stop=stop, imposed=pos == start))
            pos, state = parts[-1].end, parts[-1].state
            if last:
                break
            if self.names.number(state) == int(old.states[join]):
                agreed = True
                break
            if limit is not None and join >= limit:
                break
            join = min(join + stride, count)
            stride *= 2
        starts = [old.starts[:line], *(np.array(part.starts, np.int64) for part in parts)]
        widths = [old.widths[:line], *(np.array(part.widths, np.int16) for part in parts)]
        states = [old.states[:line], *(self._numbers(part) for part in parts)]
        errors = [old.errors[: np.searchsorted(old.errors, start)]]
        errors += [np.array(part.errors, np.int64) for part in parts]
        if agreed:
            starts.append(old.starts[join:] + shift)
            widths.append(old.widths[join:])
            states.append(old.states[join:])
            errors.append(old.errors[np.searchsorted(old.errors, int(old.starts[join])) :] + shift)
        return Lines(
            text=text,
            starts=np.concatenate(starts),
            widths=np.concatenate(widths),
            states=np.concatenate(states),
            errors=np.concatenate(errors),
            unclosed=old.unclosed if agreed else last and bool(state.rstrip("#")),
        )

    def _numbers(self, part: Scan) -> np.ndarray:
        number = self.names.number
        return np.array([number(state) for state in part.states], np.int32)


def _common_prefix(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _common_suffix(one: str, other: str, at_most: int) -> int:
    low, high = 0, at_most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
