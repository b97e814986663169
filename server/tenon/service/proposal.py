"""Proposal: a text that may stand at the cursor, and the cursor that it is found for.

Owns the values that what is proposed is made of. Which there are is found elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tenon.constraints.elements import Slots
from tenon.constraints.literals import Literals
from tenon.constraints.phrases import Phrases
from tenon.constraints.slots import SlotReader
from tenon.semantics.inquiry import Inquiry
from tenon.text import Deadline

_LEAST = 0.002
"""Seconds below which no search is begun."""


class Kind(StrEnum):
    """What a proposal is, as an editor shows it by a sign."""

    VARIABLE = "variable"
    FIELD = "field"
    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    CONSTRUCTOR = "constructor"
    MODULE = "module"
    ENUM_MEMBER = "enum member"
    VALUE = "value"
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A text that may stand at the cursor, in place of what has been typed of it."""

    text: str
    kind: Kind
    type: str
    """What it is; "" where that was not found out in time."""
    because: str
    """Who asks for it, or whose it is: "'greet' returns str", "Path"."""
    expected: bool
    """Whether the place asks for what it is."""
    typed: int
    """Characters before the cursor that it replaces, all on the cursor's line."""


class Cursor:
    """The author's part of a statement, and what may be asked about its end."""

    def __init__(self, inquiry: Inquiry, before: str, rest: str, deadline: Deadline) -> None:
        self.inquiry = inquiry
        self.before = before
        self.rest = rest
        self.slots = SlotReader(before)
        self.phrases = Phrases(before)
        self.state: Slots = self.slots.read("")
        self.literals = Literals(inquiry, self.phrases, before)
        self._deadline = deadline

    @property
    def seconds(self) -> float:
        """What a search may take."""
        return max(self._deadline.remaining, _LEAST)

    @property
    def in_string(self) -> bool:
        # Quotes at the very end could be the first of three: one letter settles that.
        return bool(self.slots.read("x").quote)

    @property
    def late(self) -> bool:
        return self._deadline.remaining < _LEAST
