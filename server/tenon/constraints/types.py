"""Types: what an expression is, and what its place asks it to be.

Owns the verdict of one domain, and the choice of what in a growing text can no longer change.
Knows no types: the analysis is handed a statement, closed so that it parses, and says what in
the settled part of it cannot be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from tenon.constraints.constraint import (
    ANYTHING,
    Domain,
    Evidence,
    Judgement,
    Sieve,
    Verdict,
    refused,
)
from tenon.constraints.elements import Ended, Slot, Slots
from tenon.constraints.escapes import unknown_escape
from tenon.constraints.literals import Literals, Misspelt
from tenon.constraints.phrases import Phrases, closers, ends_statement
from tenon.constraints.slots import SlotReader
from tenon.semantics.choices import PROBE, wanted_at
from tenon.semantics.faults import Fault, Phrase, first_fault
from tenon.semantics.inquiry import Inquiry, Place
from tenon.semantics.reach import Inhabitant, inhabitants
from tenon.semantics.types import shown

_OPEN = Judgement(verdict=Verdict.OPEN)
_IGNORED = re.compile(r"#.*\b(?:type|pyright|ty|mypy)\s*:\s*ignore\b")
_RUNS_ON = frozenset({"for", "in", "if", "async", "=", ":"})
"""Tokens that end an expression whose bracket or target says only later what it is."""
_UNREAD = frozenset({"pattern", "typeparams"})

_SHARE = 0.001
"""Seconds that one token may spend on a phrase; what they do not suffice for is asked again."""
_TIMES = 4
"""How often a phrase is asked about before it stays open."""
_KEPT = 16
"""How many misspelt strings are remembered."""
_SEARCHING = 0.05
"""Seconds that a search for suggestions may take."""


class Suggestions(NamedTuple):
    """What the search found for a place."""

    asked: str
    """Who asks for which type: "'greet' returns str"."""
    start: int
    """Where the expression begins, from the cursor on counted: what was typed of it is left out."""
    found: tuple[Inhabitant, ...]
    """The likeliest first."""


class Found(NamedTuple):
    at: int
    """Where what cannot stand begins, from the cursor on counted."""
    fault: Fault


class Types:
    """The types domain at one cursor."""

    domain = Domain.TYPES

    def __init__(
        self,
        inquiry: Inquiry | None,
        slots: SlotReader,
        before: str,
        rest: str,
        *,
        escaping: Callable[[], bool],
        held: bool = True,
        behind: bool = True,
    ) -> None:
        """`escaping` says whether the author's own strings hold escapes that Python has not;
        `held` and `behind`, whether his part of the statement is there to the last argument, on
        that side of the cursor."""
        self._inquiry = inquiry
        self._held, self._behind = held, behind
        self._before = before
        self._escaping = cache(escaping)
        self._slots = slots
        self._phrases = Phrases(before)
        self._literals = None if inquiry is None else Literals(inquiry, self._phrases, before)
        self._rest = rest
        self._ignored = bool(_IGNORED.search(rest.partition("\n")[0]))
        self._known: dict[Ended, Found | None] = {}
        self._asked: dict[Phrase, int] = {}
        """How often each phrase was asked about in vain."""
        self._late = False
        self._written: list[tuple[str, Misspelt]] = []
        """Texts that end in a string which was written wrong."""

    def judge(self, text: str) -> Judgement:
        if self._inquiry is None or self._ignored:
            return ANYTHING
        evidence = self.refusal(text)
        if evidence is not None:
            return refused(evidence)
        return ANYTHING if self._could_stand(self._slots.read(text), text) else _OPEN

    def refusal(self, text: str) -> Evidence | None:
        if self._inquiry is None or self._ignored:
            return None
        state = self._slots.read(text)
        found = self._first(state, text)
        if found is not None:
            return self._against(found.at, found.fault.reason, found.fault.allowed)
        misspelt = self._misspelt(state, text) or self._misescaped(state, text)
        if misspelt is not None:
            return self._against(misspelt.at, misspelt.reason, misspelt.allowed)
        return None

    def sieve(self, text: str) -> Sieve | None:
        return None

    def describe(self) -> Evidence:
        if self._inquiry is None:
            reason = "nothing was analysed"
        elif self._ignored:
            reason = "the author has the types of this statement ignored"
        else:
            reason = "each expression is compared with what its place asks, as soon as it has ended"
        return Evidence(domain=self.domain, verdict=Verdict.COMPLETE, reason=reason)

    def suggestions(
        self, text: str = "", *, limit: int = 20, seconds: float = _SEARCHING
    ) -> Suggestions | None:
        """Expressions that have the type which the place at the end of `text` asks for, where an
        expression is only beginning; None where nothing is asked, or it is not known."""
        state = self._slots.read(text)
        if not state.partial:
            # An `=` at the end is one only once something else follows.
            state = self._slots.read(text + " ")
        slot = state.innermost
        if self._inquiry is None or state.lost or state.quote or state.comment or slot.tokens:
            return None
        start = len(text) - len(state.partial)
        said = self._phrases.said(state.stack[0].at, start, text)
        earlier = self._phrases.earlier(state.ended, state.stack[0].at, text)
        if said is None or earlier is None or any(each.kind in _UNREAD for each in state.stack):
            return None
        source = f"{said.text} {PROBE}{closers(state.stack)}"

        def find(place: Place) -> Suggestions | None:
            wanted = wanted_at(place, source, earlier, said.indent)
            if wanted is None:
                return None
            expected, whose = wanted
            hint = whose.rstrip(":").rpartition(" ")[2] if whose.endswith(":") else ""
            found = inhabitants(place, expected, limit=limit, hint=hint)
            return Suggestions(f"{whose} {shown(expected)}", start, found)

        return self._inquiry.ask(("suggestions", source, earlier), find, seconds=seconds)

    def _against(self, at: int, reason: str, allowed: tuple[str, ...]) -> Evidence:
        return Evidence(
            domain=self.domain,
            verdict=Verdict.DEAD,
            reason=reason,
            at=max(at, 0),
            allowed=allowed,
        )

    def _misspelt(self, state: Slots, text: str) -> Misspelt | None:
        """The first string that was written wrong."""
        for beginning, misspelt in self._written:
            if text.startswith(beginning):
                return misspelt
        if self._literals is None or not (state.quote or state.previous == "''"):
            return None
        if not self._held and state.stack[0].at < 0:
            return None
        found = self._literals.misspelt(state, text)
        if found is not None:
            self._written = [*self._written[-_KEPT:], (text, found)]
        return found

    def _misescaped(self, state: Slots, text: str) -> Misspelt | None:
        """The first string with a backslash in it that means nothing."""
        at = state.escape
        if at is None and state.quote:
            place = unknown_escape((self._before + text)[len(self._before) + state.string :])
            at = None if place is None else state.string + place
        if at is None or at < 0 or self._escaping():
            return None
        return Misspelt(at, "Python knows no such escape", ())

    def _could_stand(self, state: Slots, text: str) -> bool:
        """Whether the text may end here, given what the author wrote behind the cursor."""
        if state.lost or not (self._held and self._behind):
            return True
        if state.quote and self._literals is not None and self._rest.startswith(state.quote):
            if not self._literals.may_end(state, text):
                return False
        closed = self._slots.closed(text, self._rest)
        ended = closed.ended
        while ended is not None and ended is not state.ended:
            if ends_statement(ended) and ended.slot.at < len(text):
                whole = text + self._rest
                return closed.lost or self._of_statement(ended, whole, len(text)) is None
            ended = ended.before
        return True

    # What was said so far.

    def _first(self, state: Slots, text: str) -> Found | None:
        """The first fault in what has ended; cheap where nothing has since it was asked last."""
        last = state.ended
        if last is None or last.at < 0 or state.lost:
            return None
        if last in self._known:
            return self._known[last]
        new: list[Ended] = []
        each: Ended | None = last
        while each is not None and each.at >= 0 and each not in self._known:
            new.append(each)
            each = each.before
        found = self._known.get(each) if each is not None else None
        self._late = False
        for each in reversed(new):
            if found is None and ends_statement(each):
                found = self._of_statement(each, text, None)
        if found is None and not ends_statement(last):
            found = self._of_running(last, state.stack, text)
        if found is not None or not self._late:
            self._known[last] = found
        return found

    def _of_statement(self, ended: Ended, text: str, author_from: int | None) -> Found | None:
        """The fault of a whole statement. From `author_from` on the text is the author's."""
        raw = self._phrases.said(ended.slot.at, ended.at, text)
        if raw is None or (ended.slot.at < 0 and not self._held):
            return None
        start, said, indent = raw
        finish = len(said) if author_from is None else author_from - start
        closing = ":" if ended.by == ":" else ""
        phrase = Phrase(
            said + closing,
            max(-start, 0),
            finish,
            ((0, len(said)),),
            indent,
            last=author_from is not None,
        )
        return self._ask(phrase, start, ended.slot.at, ended, text)

    def _of_running(self, ended: Ended, stack: tuple[Slot, ...], text: str) -> Found | None:
        """The fault of a statement that goes on, in those of its parts that have ended."""
        if ended.by in _RUNS_ON:
            return None
        open_slots = [slot for slot in stack if slot.at < ended.at]
        if not open_slots or any(slot.kind in _UNREAD for slot in open_slots):
            return None
        cut = ended.at + 1 if ended.by in ",)]}" else ended.at
        raw = self._phrases.said(open_slots[0].at, cut, text)
        if raw is None or (open_slots[0].at < 0 and not self._held):
            return None
        start, said, indent = raw
        # What stands where a comprehension may begin, may be bound by its `for` yet.
        limit = next((slot.at for slot in open_slots if _may_comprehend(slot)), cut)
        settled = cut if ended.by not in ")]}" else min(open_slots[-1].current, cut)
        spans = [(0, min(settled, limit) - start)]
        each: Ended | None = ended
        while each is not None and each.at >= settled:
            if each.closes and each.slot.at >= settled and each.at < limit:
                spans.append((each.slot.at + 1 - start, each.at - start))
            each = each.before
        spans = [span for span in spans if span[1] > span[0] and span[1] > -start]
        if not spans:
            return None
        whole = said + closers(tuple(open_slots))
        phrase = Phrase(whole, max(-start, 0), len(said), tuple(spans), indent, over=False)
        return self._ask(phrase, start, open_slots[0].at, ended, text)

    def _ask(
        self, phrase: Phrase, start: int, statement: int, ended: Ended, text: str
    ) -> Found | None:
        assert self._inquiry is not None
        if _IGNORED.search(phrase.text):
            return None
        earlier = self._phrases.earlier(ended.before, statement, text)
        if earlier is None:
            return None
        times = self._asked.get(phrase, 0)
        answer = self._inquiry.ask(
            ("fault", phrase, earlier, times),
            lambda place: (first_fault(place, phrase, earlier),),
            seconds=_SHARE,
        )
        if answer is None:
            # What was concluded so far is kept: the next time goes on from there.
            self._late = times < _TIMES
            self._asked[phrase] = min(times + 1, _TIMES)
            return None
        fault = answer[0]
        return None if fault is None else Found(start + fault.start, fault)


def _may_comprehend(slot: Slot) -> bool:
    """Whether the bracket holds but one element, which a `for` may follow."""
    return slot.kind in ("call", "display", "group") and not slot.done
