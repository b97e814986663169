"""Literals: a string that is being written must become one of those that may stand there.

Owns the comparison down to the character: `Literal` types, keys of typed dictionaries, keys of
dictionaries that are written down. Where any string may stand it says nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tenon.constraints.elements import Slots
from tenon.constraints.phrases import Phrases, closers
from tenon.constraints.slots import SlotReader
from tenon.semantics.choices import PROBE, Choice, choice_at
from tenon.semantics.inquiry import Inquiry

_QUOTED = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')")
_PUT_TOGETHER = re.compile(r"[%{]|^\W*$")
"""What begins a string that `%`, `format` or `join` make the real one of."""
_UNREAD = frozenset({"pattern", "typeparams"})
_EXAMPLES = 5
_LETTER = "x"
_PATIENCE = 0.003
"""Seconds for a question that one token asks."""


class Misspelt(NamedTuple):
    at: int
    """Where the string begins."""
    reason: str
    allowed: tuple[str, ...]


class Begun(NamedTuple):
    """The strings that may stand where one is begun, or is about to be."""

    at: int
    """Where the words begin, from the cursor on counted: behind the quotes that are there."""
    quote: str
    """The quotes that are there; "" for none."""
    words: tuple[str, ...]
    whose: str
    """Who asks, as an author would say it."""


class Literals:
    """The string at the end of a text. For one cursor."""

    def __init__(self, inquiry: Inquiry, phrases: Phrases, before: str) -> None:
        self._inquiry = inquiry
        self._phrases = phrases
        self._before = before

    def misspelt(self, state: Slots, text: str) -> Misspelt | None:
        """The string that `text` ends in, or with, if no string that may stand there begins so;
        None for anything else."""
        asked = self._asked(state, text)
        if asked is None or _begins(asked[0], asked[1]):
            return None
        choice, part = asked
        if not choice.written and _PUT_TOGETHER.search(part):
            return None
        words = sorted(choice.words, key=lambda word: (-_alike(word, part), word))
        shown = tuple(repr(word) for word in words[:_EXAMPLES])
        reason = f"{part!r} begins nothing that may stand here: {choice.whose} {shown[0]}"
        if len(words) > 1:
            reason += " or another"
        return Misspelt(state.string, reason, shown)

    def may_end(self, state: Slots, text: str) -> bool:
        """Whether the string that is open at the end of `text` may be closed there."""
        asked = self._asked(state, text)
        return asked is None or not asked[0].written or asked[1] in asked[0].words

    def begun(self, slots: SlotReader, *, seconds: float) -> Begun | None:
        """What may be written into the string that is open at the cursor."""
        # Quotes at the very end could be the first of three: one letter settles that.
        state = slots.read(_LETTER)
        asked = self._asked(state, _LETTER, seconds) if state.quote else None
        if asked is None:
            return None
        choice, part = asked
        return Begun(len(_LETTER) - len(part), state.quote, choice.words, choice.whose)

    def beginning(self, state: Slots, *, seconds: float) -> Begun | None:
        """The strings that may stand at the cursor, where an operand begins."""
        choice = self._choice(state, "", 0, seconds)
        return None if choice is None else Begun(0, "", choice.words, choice.whose)

    def _asked(
        self, state: Slots, text: str, seconds: float = _PATIENCE
    ) -> tuple[Choice, str] | None:
        """What may stand where the last string stands, and what has been written of it; None
        where anything may, or where its author began what we do not know of."""
        if state.lost or (not state.quote and (state.previous != "''" or state.tail)):
            return None
        whole = self._before + text
        origin = len(self._before)
        begun = _QUOTED.match(whole, origin + state.string)
        if begun is None or (state.quote and begun.group(1) != state.quote):
            return None
        part = whole[begun.end() :]
        if not state.quote:
            part = part.rstrip().removesuffix(begun.group(1))
        own = part[: max(origin - begun.end(), 0)]
        if "\\" in part:
            return None
        choice = self._choice(state, text, state.string, seconds)
        return None if choice is None or not _begins(choice, own) else (choice, part)

    def _choice(self, state: Slots, text: str, at: int, seconds: float) -> Choice | None:
        if any(slot.kind in _UNREAD for slot in state.stack) or state.innermost.opaque:
            return None
        said = self._phrases.said(state.stack[0].at, at, text)
        if said is None:
            return None
        earlier = self._phrases.earlier(state.ended, state.stack[0].at, text)
        if earlier is None:
            return None
        source = f"{said.text} {PROBE}{closers(state.stack)}"
        return self._inquiry.ask(
            ("choice", source, earlier),
            lambda place: choice_at(place, source, earlier, said.indent),
            seconds=seconds,
        )


def _begins(choice: Choice, part: str) -> bool:
    return any(word.startswith(part) for word in choice.words)


def _alike(word: str, part: str) -> int:
    """How many characters they have in common from the first on."""
    length = 0
    while length < min(len(word), len(part)) and word[length] == part[length]:
        length += 1
    return length
