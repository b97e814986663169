"""Phrases: the statements of a growing text, cut so that the analysis can read them.

Owns where a statement begins, which ones came before it, and the brackets that close what is still
open. Knows what the reading of slots says, and nothing of types.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tenon.constraints.elements import Ended, Slot

_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_MARGIN = re.compile(r"(?:[ \t\f]*(?:#[^\n]*)?\n)*[ \t\f]*")
"""Empty lines, comments and indentation before a statement."""
_SCOPES = re.compile(r"\s*(?:@|class\b|(?:async[ \t]+)?def\b)")


class Said(NamedTuple):
    """A statement's own text."""

    at: int
    """Where it begins, from the cursor on counted; the author's part is negative."""
    text: str
    indent: int | None
    """How far it is indented; None where it does not begin a line of the completion."""


class Phrases:
    """Statements of completions at one cursor. `before` is the author's part of the first."""

    def __init__(self, before: str) -> None:
        self._before = before

    def said(self, at: int, end: int, text: str) -> Said | None:
        """What the statement that begins at `at` says up to `end`; None for nothing."""
        origin = len(self._before)
        whole = self._before + text
        margin = _MARGIN.match(whole, origin + at, origin + end)
        assert margin is not None  # it matches the empty text
        said = whole[margin.end() : origin + end].rstrip()
        if not said:
            return None
        line = whole.rfind("\n", 0, margin.end()) + 1
        begins = line >= origin and line > 0 and not whole[line : margin.end()].strip()
        return Said(margin.end() - origin, said, margin.end() - line if begins else None)

    def earlier(self, ended: Ended | None, at: int, text: str) -> tuple[str, ...] | None:
        """The statements that were said before the one at `at`, by what has `ended`; None where
        one of them opens a scope: names mean something else in it."""
        found: list[str] = []
        each = ended
        while each is not None:
            if ends_statement(each) and each.slot.at < at:
                said = self.said(each.slot.at, each.at, text)
                if said is not None:
                    if _SCOPES.match(said.text):
                        if each.at >= 0 or each.by != ":":
                            return None
                        # The author's own header: the cursor should stand in its scope.
                        return (*found, said.text + ":")
                    found.append(said.text + (":" if each.by == ":" else ""))
            each = each.before
        return tuple(found)


def ends_statement(ended: Ended) -> bool:
    return ended.closes and ended.slot.kind == "statement"


def closers(slots: tuple[Slot, ...]) -> str:
    """The brackets that close what is open, the statement first."""
    return "".join(_CLOSERS[slot.opener] for slot in reversed(slots[1:]))
