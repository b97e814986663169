"""Reading a completion as it grows: what names it reads and binds, what members it asks for.

Owns the small state machine over Python's tokens that names and members stand on. It knows no
types and no scopes: two oracles say which names and members exist, and the machine decides
whether an unknown one is really *read*, or may still turn out to be introduced (an assignment
target, a comprehension's variable before its `for`, a keyword argument, a walrus …).

Everything here errs towards "may still be introduced". States are values: reading on never
changes the state it started from, so texts that share a beginning share the work.
"""

from __future__ import annotations

import re

from tenon.constraints.growing import Growing
from tenon.constraints.naming import Naming
from tenon.constraints.signs import Signs
from tenon.constraints.state import Oracles, Reading, guard_levels, shadow_levels
from tenon.constraints.tokens import Scan, goes_on

_FIRST_WORD = re.compile(r"[ \t]*(?:\.[ \t]*)?(?=[^\W\d])")


def first_word(rest: str) -> int | None:
    """Where the first word of `rest` begins, if nothing but a dot stands before it."""
    match = _FIRST_WORD.match(rest)
    return match.end() if match is not None else None


def may_belong(rest: str) -> bool:
    """Whether what ends a text may be half of a word, or a word of `rest` belong to what ends."""
    return rest[:1].isalnum() or first_word(rest) is not None


class Reader(Naming, Signs):
    """Reads completions at one cursor. `before` is the author's part of the statement.

    What the author wrote is never refused: every identifier in `before` counts as known, save
    for a word right at the cursor, which may be half of one.
    """

    def __init__(self, before: str, oracles: Oracles) -> None:
        super().__init__(oracles)
        self._start = self._extend(Reading(end=-len(before)), before)
        self._said = True
        self._read = Growing(self._start)
        self._closed: tuple[str, str, Reading] | None = None

    @property
    def start(self) -> Reading:
        return self._start

    def read(self, text: str) -> Reading:
        """The reading of the whole completion `text`; cheap where it extends an earlier one."""
        return self._read.read(
            text, lambda reading, text, known: self._extend(reading, text[known:])
        )

    def may_be_bound_anew(self, reading: Reading, chain: str) -> tuple[int, ...]:
        """The brackets of `reading`, counted from the outermost, in which a `for` may still come
        that gives the receiver another meaning."""
        return shadow_levels(reading, chain, self._oracles)

    def may_be_proved(self, reading: Reading, chain: str, member: str) -> bool:
        """Whether an `if` may follow that shows the receiver to have a member that begins so."""
        return bool(guard_levels(reading, chain, member, self._oracles))

    def closed(self, text: str, rest: str) -> Reading:
        """The reading of `text` and then the statement's own rest, which is the author's.

        Names in `rest` are known, save for its first word: what that one is depends on the text.
        What `rest` shows about pending ones counts.
        """
        kept = self._closed
        if kept is None or kept[0] != text or kept[1] != rest:
            kept = self._closed = text, rest, self._close_with(text, rest)
        return kept[2]

    def _close_with(self, text: str, rest: str) -> Reading:
        reading = self.read(text)
        state = reading.copy()
        state.author_from = len(text)
        state.author_word = len(text) + (first_word(rest) or 0)
        state.author_depth = len(state.brackets)
        for line in rest.splitlines(keepends=True) or [""]:
            state = self._extend(state, line)
            if not (state.brackets or state.quote or state.levels or state.tail):
                break
        else:
            state = self._extend(state, "\n")
        return state

    def _extend(self, reading: Reading, more: str) -> Reading:
        if reading.lost:
            return reading
        state = reading.copy()
        text = state.tail + more
        if not state.quote and goes_on(state.tail, more):
            state.tail = text
            return state
        origin = state.end
        scan = Scan(text, state.quote, comment=state.comment, levels=state.levels)
        for kind, token, start, _ in scan:
            state.quote = scan.quote
            if kind == "name":
                self._name(state, token, origin + start)
            elif kind == "op":
                self._operator(state, token)
            elif kind == "newline":
                if not state.brackets:
                    self._statement_ends(state)
                    state.followed = self._said
            elif kind == "string":
                state.literal = not token.rstrip("'\"").lower().strip("ru")
                state.origin = origin + start
                self._operand(state)
            elif kind == "number":
                self._operand(state)
                state.chain = "0" if token.isdecimal() else None
                state.origin = origin + start
                self._advance(state, "0")
            elif kind == "field":
                self._field_opens(state)
            elif kind == "filled":
                self._close(state)
                state.literal = False
            else:
                self._string_closed(state, closed=kind == "closed")
        if scan.lost:
            state.lost = True
            state.pending = ()
            state.chain = None
            state.tail = state.previous = ""
            return state
        state.quote, state.comment = scan.quote, scan.comment
        state.levels = scan.levels or ()
        state.end = origin + scan.place
        state.tail = text[scan.place :]
        return state
