"""Elements: the values that a reading of slots is made of.

Owns what a slot, an element and an ended expression are. Offsets count from the cursor on; the
author's part is negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple


class Element(NamedTuple):
    """One element of a slot, from the cursor on counted: the author's part is negative."""

    at: int
    """Where it begins, its keyword or star counted."""
    start: int
    """Where its value begins."""
    end: int
    text: str
    """The value's source text; "" for one that runs and has said nothing."""
    keyword: str
    """`name` in `name=value`; "" without one."""
    star: str
    """"*" or "**" before the value, else ""."""
    opaque: bool
    """A lambda, a `yield` or a comprehension stands in it, at its own level."""


class Slot(NamedTuple):
    """A place of expressions: a bracket, or the statement itself."""

    opener: str
    """"(", "[", "{"; "" for the statement."""
    kind: str
    """"statement", "call", "subscript", "display" (`[` and `{`), "group" (`(` that calls
    nothing), "parameters", "bases", "typeparams", "pattern"."""
    head: str
    """Of a call or a subscript, the text of what is called or subscripted; of a statement, what
    it says before the running element: `return`, `x: int =`, `for x in`."""
    word: str
    """What governs the running element. In a statement its keyword (`return`, `in`, `from` …),
    "=" or "+=" after which a value stands, ":" for an annotation, "->", "@". In a bracket "",
    ":" (a dictionary's value, a part of a slice, a parameter's annotation), "=" (a parameter's
    default), "yield", or the clause of a comprehension, "for", "in", "if"."""
    depth: int
    """How many brackets it stands in."""
    base: int
    """Where its head begins; for a bracket without one, where the bracket stands."""
    at: int
    """Where the bracket stands; for a statement where it begins."""
    done: tuple[Element, ...]
    """The finished elements: those that a comma, or the bracket's end, finished."""
    element: int
    """Where the running element begins, its keyword or star counted."""
    current: int
    """Where the running element's value begins: before its first token, spaces counted."""
    keyword: str
    """The running element's keyword; a parameter's name in "parameters"."""
    star: str
    """The running element's star."""
    tokens: int
    """How much of the running value was said: 0 nothing, 1 one token, 2 more."""
    first: str
    """The first token of the running value; "''" for a string, "0" for a number."""
    opaque: bool
    """A lambda or a `yield` stands in the running element, at its own level."""
    comprehension: bool
    """A `for` was read: the running element is a comprehension."""


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """An expression that ended, or a bracket that closed with nothing in it."""

    slot: Slot
    """As it was then; `done` holds the element if a comma or the bracket's end finished it."""
    element: Element | None
    """None where nothing stood before the token that ended it."""
    by: str
    """The token: ",", ")", "]", "}", ":", "=", "newline", ";", "for", "as", "from" …"""
    at: int
    """Where that token stands."""
    closes: bool
    """The slot itself is over."""
    before: Ended | None
    """What ended before it."""


@dataclass(slots=True)
class Slots:
    """What was read so far. Never changed once `SlotReader` has returned it."""

    end: int
    """Where the settled part of the text ends; `tail` begins there."""
    tail: str
    stack: tuple[Slot, ...]
    """The statement, then the open brackets, innermost last."""
    previous: str = ""
    """The last token; "" at the start of a statement."""
    primary: int | None = None
    """Where the operand begins that the last token may end: `a.b(c)` from `a` on."""
    ended: Ended | None = None
    """The last expression that ended, and those before it."""
    lost: bool = False
    """The text is not understood here: nothing may be concluded from what is read after."""
    quote: str = ""
    """The quotes of the string that is open here."""
    comment: bool = False
    string: int = 0
    """Where the string that was read last begins."""
    escape: int | None = None
    """Where the first escape in a string that has ended stands which Python does not know."""
    lambdas: tuple[int, ...] = ()
    """How many slots were open at each `lambda` whose colon is to come."""

    @property
    def innermost(self) -> Slot:
        return self.stack[-1]

    @property
    def partial(self) -> str:
        """The identifier that the text ends in the middle of, or ""."""
        return self.tail if self.tail.isidentifier() and not self.quote else ""

    def copy(self) -> Slots:
        return Slots(*_FIELDS(self))


_FIELDS = attrgetter(*Slots.__slots__)
