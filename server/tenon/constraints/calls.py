"""Calls: what is called is given what it takes, and all that it needs.

Owns the verdict of one domain. Which ways there are to call something is known by its
`Signatures`; which arguments a text gives is read off its slots.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tenon.constraints.callees import Callees, arguments
from tenon.constraints.constraint import (
    ANYTHING,
    Domain,
    Evidence,
    Judgement,
    Sieve,
    Verdict,
    refused,
)
from tenon.constraints.elements import Element, Ended, Slot, Slots
from tenon.constraints.names import nearest
from tenon.constraints.slots import SlotReader
from tenon.constraints.state import KEYWORDS
from tenon.semantics.arguments import Argument, first_fault, keywords_left
from tenon.semantics.facts import Words
from tenon.semantics.parameters import Kind, Signature

_CALLED = re.compile(r"[\w.]*[ \t]*\(")
"""The author's rest goes on with arguments for what the text says."""
_OPEN = Judgement(verdict=Verdict.OPEN)
_BEGINS_VALUE = "-+\"'"
"""What a value may begin with among the tokens that can still change, names and numbers apart."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one call's callee."""

    ways: tuple[Signature, ...]
    skipped: int = 0
    """How many of the first arguments are not the callee's: the function in `partial`."""
    later: bool = False
    """What is missing may be given later, as to a `partial`."""

    def given(self, elements: Sequence[Element]) -> list[Argument]:
        return arguments(elements[self.skipped :])

    def fault(self, arguments: Sequence[Argument], *, whole: bool = False) -> str:
        return first_fault(self.ways, arguments, whole=whole and not self.later)


@dataclass(frozen=True, slots=True)
class _Fault:
    reason: str
    at: int
    allowed: tuple[str, ...] = ()


class _Found(NamedTuple):
    """What was found wrong in a text, up to one of the places where something ended."""

    fault: _Fault | None = None
    waiting: tuple[tuple[_Fault, frozenset[int]], ...] = ()
    """Faults only if no `for` comes any more in these brackets."""


_NOTHING = _Found()


class Calls:
    """The calls domain at one cursor."""

    domain = Domain.CALLS

    def __init__(
        self, callees: Callees, slots: SlotReader, rest: str, *, before: bool, behind: bool
    ) -> None:
        """`before` and `behind` say whether the author's part of the statement is there to the
        last argument on that side of the cursor."""
        self._callees = callees
        self._slots = slots
        self._rest = rest
        self._before, self._behind = before, behind
        self._judged: dict[Ended, _Found] = {}
        self._trusted: dict[int, bool] = {}
        self._calls_on = _CALLED.match(rest) is not None
        innermost = slots.start.innermost
        self._own = innermost.at if innermost.kind == "call" else None
        """The author's call among whose arguments the cursor stands."""

    def judge(self, text: str) -> Judgement:
        evidence = self.refusal(text)
        if evidence is not None:
            return refused(evidence)
        state = self._slots.read(text)
        if (
            self._calls_on
            or self._found(state.ended, text).waiting
            or any(
                slot.kind == "call" and self._callee(slot, text) is not None
                for slot in state.stack
            )
        ):
            return ANYTHING if self._could_stand(state, text) else _OPEN
        return ANYTHING

    def refusal(self, text: str) -> Evidence | None:
        state = self._slots.read(text)
        fault = self._found(state.ended, text).fault
        for slot in state.stack:
            if fault is None and slot.kind == "call" and not self._callees.of(slot, text).levels:
                fault = self._uncallable(slot, text)
                callee = self._callee(slot, text) if fault is None else None
                if callee is not None:
                    reason, allowed = self._running_fault(slot, callee, state)
                    if reason:
                        fault = _Fault(reason, _begin(slot.element, text), allowed)
        if fault is None:
            return None
        return Evidence(
            domain=self.domain,
            verdict=Verdict.DEAD,
            reason=fault.reason,
            at=fault.at,
            allowed=fault.allowed[:5],
        )

    def sieve(self, text: str) -> Sieve | None:
        return None

    def describe(self) -> Evidence:
        slot = self._slots.start.innermost
        if slot.kind != "call":
            reason = "the cursor stands in no call; each is looked up as it is made"
            return Evidence(domain=self.domain, verdict=Verdict.COMPLETE, reason=reason)
        callee = self._callee(slot, "")
        if callee is None:
            because = self._callees.of(slot, "").signatures.reason
            because = because or "the author's arguments are others"
            reason = f"how {slot.head} is called is not known: {because}"
            return Evidence(domain=self.domain, verdict=Verdict.COMPLETE, reason=reason)
        first = callee.ways[0]
        named = ", ".join(parameter.name for parameter in first.parameters) or "nothing"
        more = f", or in {len(callee.ways) - 1} other ways" if len(callee.ways) > 1 else ""
        return Evidence(
            domain=self.domain,
            verdict=Verdict.OPEN,
            reason=f"{first.name} takes {named}{more}",
            allowed=keywords_left(callee.ways, callee.given(slot.done))[:5],
        )

    # What is known of a call.

    def _callee(self, slot: Slot, text: str) -> _Known | None:
        """What is called; None where that is not known, or the author's own arguments show that
        it is not what it seems."""
        ways = self._callees.of(slot, text).signatures.ways
        if not ways:
            return None
        callee = _Known(ways)
        if _is_partial(ways[0]):
            first = slot.done[0] if slot.done else None
            if first is None or first.star or first.keyword:
                return None
            function = self._callees.of(slot._replace(head=first.text), text)
            if not function.signatures.ways or function.levels:
                return None
            callee = _Known(function.signatures.ways, skipped=1, later=True)
        if slot.at < 0 and not (self._before and self._is_trusted(slot.at, callee)):
            return None
        return callee

    def _is_trusted(self, at: int, callee: _Known) -> bool:
        """Whether what the author gives to the call at `at` is what the callee takes."""
        known = self._trusted.get(at)
        if known is None:
            start = self._slots.start
            mine = next((slot for slot in start.stack if slot.at == at and slot.opener), None)
            known = mine is not None and self._fits(mine, callee, start)
            self._trusted[at] = known
        return known

    def _fits(self, slot: Slot, callee: _Known, start: Slots) -> bool:
        given = callee.given(slot.done) + self._given_behind(slot.at)
        running, _ = self._running_fault(slot, callee, start)
        if slot is start.innermost and start.tail == "=" and slot.tokens == 1:
            given.append(Argument(slot.first))
        return not running and not callee.fault(given)

    def _given_behind(self, at: int) -> list[Argument]:
        """The arguments behind the cursor of the author's call at `at`."""
        if not self._behind:
            return []
        ended = self._slots.closed("", self._rest).ended
        while ended is not None and not (ended.closes and ended.slot.at == at):
            ended = ended.before
        if ended is None:
            return []
        return arguments(element for element in ended.slot.done if element.at > 0)

    # What is wrong with a text.

    def _found(self, ended: Ended | None, text: str) -> _Found:
        """What is wrong in all that ended in `text`. What the author ended is not judged."""
        unjudged: list[Ended] = []
        while ended is not None and ended.at >= 0 and ended not in self._judged:
            unjudged.append(ended)
            ended = ended.before
        found = _NOTHING if ended is None else self._judged.get(ended, _NOTHING)
        for each in reversed(unjudged):
            fault = None
            if found.fault is None:
                fault = self._fault_of(each, text, whole=each.closes)
            found = self._judged[each] = self._after(found, each, fault, text)
        return found

    def _after(self, found: _Found, ended: Ended, fault: _Fault | None, text: str) -> _Found:
        """What is found once `ended` has ended, in which `fault` is wrong."""
        if found.fault is not None or (fault is None and not found.waiting):
            return found
        slot = ended.slot
        waiting = list(found.waiting)
        if fault is not None:
            waiting.append((fault, self._callees.of(slot, text).levels))
        if slot.opener:
            if ended.by in ("for", "async"):
                waiting = [each for each in waiting if slot.depth not in each[1]]
            elif ended.closes or ended.by == ",":
                waiting = [(each, levels - {slot.depth}) for each, levels in waiting]
        certain = next((each for each, levels in waiting if not levels), None)
        return _Found(certain, tuple(waiting))

    def _fault_of(self, ended: Ended, text: str, *, whole: bool) -> _Fault | None:
        slot = ended.slot
        if slot.kind != "call" or not (ended.closes or ended.by == ","):
            return None
        uncallable = self._uncallable(slot, text)
        if uncallable is not None:
            return uncallable
        callee = self._callee(slot, text)
        if callee is None:
            return None
        given = callee.given(slot.done)
        reason = callee.fault(given)
        if reason:
            place = ended.element.at if ended.element is not None else ended.at
            return _Fault(reason, max(place, 0), self._instead(callee, given))
        reason = callee.fault(given, whole=whole)
        return _Fault(reason, ended.at, keywords_left(callee.ways, given)) if reason else None

    def _uncallable(self, slot: Slot, text: str) -> _Fault | None:
        if slot.at < 0:
            return None
        owner = self._callees.of(slot, text).signatures.uncallable
        return _Fault(f"{owner} cannot be called", slot.at) if owner else None

    def _running_fault(
        self, slot: Slot, callee: _Known, state: Slots
    ) -> tuple[str, tuple[str, ...]]:
        """What is wrong with the running argument of `slot`, whatever follows, and what might
        stand in its place; "" for nothing."""
        given = callee.given(slot.done)
        if len(slot.done) < callee.skipped:
            return "", ()
        tail = state.tail if slot is state.stack[-1] else None
        if slot.star or slot.keyword:
            reason = callee.fault([*given, Argument(slot.keyword, slot.star)])
        elif slot.tokens == 0 and tail is not None:
            reason = self._begun_fault(callee, given, tail, state.partial)
        else:
            reason = callee.fault([*given, Argument()])
            if reason and slot.tokens == 1 and tail in ("", "=", "\\"):
                # A name, and perhaps `=` is still to come.
                named = slot.first
                if named.isidentifier() and named not in KEYWORDS and state.previous == named:
                    wrong = callee.fault([*given, Argument(named)])
                    reason = wrong if tail == "=" or not wrong else reason
        return reason, self._instead(callee, [*given, Argument(slot.keyword)]) if reason else ()

    def _begun_fault(
        self, callee: _Known, given: list[Argument], tail: str, part: str
    ) -> str:
        """What is wrong with an argument of which only `tail` is said, perhaps `part` of a name."""
        if not (part or tail[:1].isalnum() or tail[:1] in _BEGINS_VALUE) or not tail:
            return ""
        reason = callee.fault([*given, Argument()])
        if not reason or not part:
            return reason
        if self._begins_keyword(callee, given, part):
            return ""
        if given and given[-1].keyword:
            return f"no parameter left of {callee.ways[0].name} begins with '{part}'"
        return reason

    def _begins_keyword(self, callee: _Known, given: list[Argument], part: str) -> bool:
        if any(name.startswith(part) for name in keywords_left(callee.ways, given)):
            return True
        fresh = part + "_"
        while any(argument.keyword == fresh for argument in given):
            fresh += "_"
        return not part.isascii() or any(
            way.rest(Kind.REST_KEYWORDS) is not None
            and not first_fault((way,), [*given, Argument(fresh)], whole=False)
            for way in callee.ways
        )

    @staticmethod
    def _instead(callee: _Known, given: list[Argument]) -> tuple[str, ...]:
        """Keywords that may stand where the last of `given` cannot, the most alike first."""
        left = keywords_left(callee.ways, given[:-1])
        wrong = given[-1].keyword if given else ""
        return nearest(wrong, Words(left)) if wrong else left[:5]

    def _could_stand(self, state: Slots, text: str) -> bool:
        """Whether the text may end here, given what the author wrote behind the cursor."""
        found = self._found(state.ended, text)
        watched = None
        if not found.waiting:
            watched = {slot.at for slot in state.stack if slot.at == self._own or slot.element >= 0}
        behind: list[Ended] = []
        closed = self._slots.closed(text, self._rest, watched)
        # What the author calls is what the text has said; the call may reach over many lines.
        if any(
            slot.kind == "call"
            and slot.base < len(text) <= slot.at
            and self._uncallable(slot, text)
            and not self._callees.of(slot, text).levels
            for slot in closed.stack
        ):
            return False
        ended = closed.ended
        while ended is not None and ended is not state.ended:
            behind.append(ended)
            ended = ended.before
        for each in reversed(behind):
            slot = each.slot
            fault = None
            # What the author's own bracket calls may be what the text has just said.
            known = slot.at >= 0 or self._behind
            if known and (slot.at < len(text) or (slot.base < len(text) and text)):
                mine = slot.at >= 0 or slot.at == self._own
                fault = self._fault_of(each, text, whole=each.closes and mine)
            found = self._after(found, each, fault, text)
        return found.fault is None


def _is_partial(way: Signature) -> bool:
    function = way.function
    return (
        function is not None
        and way.name == "partial()"
        and function.scope.module.name == "functools"
    )


def _begin(place: int, text: str) -> int:
    """Where in `text` the first word from `place` on begins."""
    place = max(place, 0)
    return len(text) - len(text[place:].lstrip())
