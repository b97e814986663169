"""Flow: which blocks a growing text opens and leaves, and what its statements begin with.

Owns the lexical reading of statements and their indentation. A frame's opening is read like the
text itself, so that the author's blocks and the completion's are told by the same rules. What
stands before offset 0 is the author's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from tenon.constraints.growing import Growing
from tenon.constraints.state import KEYWORDS
from tenon.constraints.tokens import Scan, goes_on

_HEADERS = frozenset("if elif else for while try except finally with def class".split())
_EXITS = frozenset({"return", "raise", "yield", "assert", "while"})
"""With one of these in it, a function may well end otherwise than by falling off its end."""
_TERMINATORS = frozenset({"return", "raise", "break", "continue"})
_TAB = 8


class Block(NamedTuple):
    """A compound statement whose body a line stands in."""

    kind: str
    """The keyword it begins with; "async def" and the like with theirs."""
    indent: int
    at: int
    """Where its header begins."""
    colon: int
    """Where its header ends."""
    inline: bool
    """Its body is on the line of its header."""
    exits: bool
    """It holds a `return`, `raise`, `yield`, `assert` or `while`, or is decorated."""
    says: bool
    """It holds a statement that does something: no docstring, `pass` or `...`."""


class Fault(NamedTuple):
    reason: str
    at: int


@dataclass(slots=True)
class Flow:
    """What was read so far. Never changed once `FlowReader` has returned it."""

    end: int
    tail: str
    blocks: tuple[Block, ...] = ()
    first: str = ""
    """The first token of the running statement; "" where none has begun."""
    at: int = 0
    """Where the running statement begins."""
    indent: int = 0
    header: str = ""
    """The running statement's keyword, if its colon is still to come."""
    previous: str = ""
    brackets: str = ""
    """The open ones, innermost last."""
    lambdas: int = 0
    """Those at no bracket whose colon is to come."""
    behind: tuple[str, int] | None = None
    """A statement that ends its block was the last: its keyword and indentation."""
    decorated: bool = False
    """The statement before, at this indentation, was a decorator."""
    quote: str = ""
    comment: bool = False
    fault: Fault | None = None

    def copy(self) -> Flow:
        return Flow(*_FIELDS(self))

    @property
    def partial(self) -> str:
        """The word that the text ends in, where it is the first of a statement."""
        return self.tail if not self.first and self.tail.isidentifier() else ""


_FIELDS = attrgetter(*Flow.__slots__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is judged while reading; each answers with a reason, or "" where nothing is wrong."""

    word: Callable[[Flow, str], str]
    """A keyword is read."""
    first: Callable[[Flow, str], str]
    """A statement begins with this token, at the flow's indentation."""
    left: Callable[[Block, str], str]
    """A block is left whose header begins and ends so."""
    entered: Callable[[Flow, str, str], str]
    """The flow's running statement is a header, which says so much and ends here, behind so much
    of the completion."""


class FlowReader:
    """Reads completions at one cursor, after `opening`: the blocks round it, and its statement."""

    def __init__(self, opening: str, rules: Rules) -> None:
        self._opening = opening
        self._rules = rules
        start = Flow(end=-len(opening), tail="")
        self.start = self._extend(start, "", 0)
        self._read = Growing(self.start)

    def read(self, text: str) -> Flow:
        return self._read.read(text, self._extend)

    def _extend(self, reading: Flow, text: str, known: int) -> Flow:
        if reading.fault is not None:
            return reading
        state = reading.copy()
        if not state.quote and goes_on(state.tail, text[known:]):
            state.tail += text[known:]
            return state
        origin = len(self._opening)
        whole = self._opening + text
        place = state.end
        scan = Scan(whole[origin + place :], state.quote, comment=state.comment)
        for kind, token, start, _ in scan:
            at = place + start
            if kind == "newline":
                if not state.brackets:
                    self._line_ends(state, at)
                continue
            if kind in ("closed", "broken"):
                continue
            if not state.first:
                self._begins(state, token if kind != "string" else "''", at, whole)
            if kind == "name" and token in KEYWORDS and state.previous != ".":
                self._keyword(state, token, at)
            elif kind == "op":
                self._operator(state, token, at, whole)
            state.previous = token
            if state.fault is not None:
                return state
        state.quote, state.comment = scan.quote, scan.comment
        state.end = place + scan.place
        state.tail = scan.text[scan.place :]
        return state

    def _begins(self, state: Flow, token: str, at: int, whole: str) -> None:
        """A statement begins with `token`."""
        origin = len(self._opening)
        line = whole.rfind("\n", 0, origin + at) + 1
        lead = whole[line : origin + at]
        if not (state.blocks and state.blocks[-1].inline) and not lead.strip():
            state.indent = width(lead)
        judged = at >= 0
        while state.blocks and not state.blocks[-1].inline:
            block = state.blocks[-1]
            if block.indent < state.indent:
                break
            if judged and state.fault is None:
                header = whole[origin + block.at : origin + block.colon]
                reason = self._rules.left(block, header)
                state.fault = Fault(reason, at) if reason else None
            state.blocks = state.blocks[:-1]
        if judged and state.fault is None:
            reason = self._rules.first(state, token)
            state.fault = Fault(reason, at) if reason else None
        if token not in ("''", "pass", "."):
            self._mark(state, says=True)
        state.behind = None
        state.first, state.at = token, at
        state.header = token if token in _HEADERS else ""

    def _keyword(self, state: Flow, token: str, at: int) -> None:
        if at >= 0:
            reason = self._rules.word(state, token)
            if reason:
                state.fault = Fault(reason, at)
                return
        if token in _EXITS:
            self._mark(state, exits=True)
        if token == "lambda" and not state.brackets:
            state.lambdas += 1
        elif state.first == "async" and token in ("def", "for", "with") and not state.header:
            state.header = f"async {token}"

    def _operator(self, state: Flow, token: str, at: int, whole: str) -> None:
        if token in "([{":
            state.brackets += token
        elif token in ")]}":
            state.brackets = state.brackets[:-1]
        elif state.brackets:
            return
        elif token == ":":
            if state.lambdas:
                state.lambdas -= 1
            elif state.header:
                if state.at >= 0:
                    origin = len(self._opening)
                    header = whole[origin + state.at : origin + at]
                    said = whole[origin : origin + state.at]
                    reason = self._rules.entered(state, header, said)
                    state.fault = Fault(reason, state.at) if reason else None
                exits = state.header.endswith("def") and state.decorated
                block = Block(state.header, state.indent, state.at, at, True, exits, False)
                state.blocks = (*state.blocks, block)
                state.header = ""
                state.first = ""
                state.lambdas = 0
        elif token == ";":
            state.first = ""

    def _line_ends(self, state: Flow, at: int) -> None:
        inline = bool(state.blocks) and state.blocks[-1].inline
        if not state.previous:
            return
        state.behind = None
        state.decorated = state.first == "@"
        if inline and state.previous == ":" and not state.first:
            # A header whose body follows.
            state.blocks = (*state.blocks[:-1], state.blocks[-1]._replace(inline=False))
        elif inline:
            state.blocks = state.blocks[:-1]
        elif state.first in _TERMINATORS and at >= 0:
            state.behind = (state.first, state.indent)
        state.first = state.header = state.previous = ""
        state.lambdas = 0

    @staticmethod
    def _mark(state: Flow, **fields: bool) -> None:
        """Every block round the place has it."""
        if state.blocks:
            state.blocks = tuple(block._replace(**fields) for block in state.blocks)


def width(lead: str) -> int:
    """How far a line is indented by `lead`."""
    return len(lead.expandtabs(_TAB))
