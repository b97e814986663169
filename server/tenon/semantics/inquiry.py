"""Inquiry: questions about text that was generated a moment ago, answered while decoding waits.

Owns how long a question may take and that each is asked but once. The analysis itself answers;
it is shared with the analysis thread under one lock, and whoever finds it busy goes without.
"""

from __future__ import annotations

import ast
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TypeVar

from tenon.semantics.facts import MemberSet, ModuleSet, NameSet, Words
from tenon.semantics.membership import Membership
from tenon.semantics.prover import Prover
from tenon.semantics.receivers import Surroundings
from tenon.semantics.scopes import Scope
from tenon.semantics.sources import OutOfTime
from tenon.semantics.trees import expression_tree
from tenon.text import Deadline

_PATIENCE = 0.003
"""Seconds for one question, and as many for the lock: about what a token takes."""

_RESPITE = 0.05
"""Seconds until a question for which time did not suffice is tried again."""
_TRIES = 8

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the questions are asked: the analysis, and the scope that the cursor is in."""

    prover: Prover
    membership: Membership
    scope: Scope
    around: Surroundings
    """What the buffer says round the cursor."""
    hole: ast.AST | None
    """The node in the buffer's tree that the cursor makes, with all that encloses it in
    `scope.module.tree`; None where it made none."""
    cut: str = ""
    """What of the buffer could not be read."""
    replaced: bool = False
    """Whether functions may have been replaced by other things, as in tests."""
    names: NameSet = NameSet()
    """What may be read at the cursor."""
    awaiting: frozenset[ast.AST] = frozenset()
    """What runs only once the statement at the cursor has."""

    def enter(self) -> None:
        """What the prover is asked from here on is asked at this place: another analysis may have
        taken it elsewhere."""
        prover = self.prover
        prover.home, prover.names, prover.awaiting = self.scope.module, self.names, self.awaiting

    def __del__(self) -> None:
        # With the place goes the last who may ask about the buffer as it was.
        self.scope.module.release()


class Inquiry:
    """Questions at one cursor. Any one thread may ask; none waits long for an answer."""

    def __init__(
        self,
        place: Place,
        lock: threading.RLock,
        receiver: Callable[[Place, str], MemberSet],
        module: Callable[[Place, str], ModuleSet | None],
        provable: Callable[[Place, str], Words | None],
        *,
        patient: bool,
        reads: bool = False,
        likely: Iterable[str] = (),
        proved: Mapping[str, Words | None] = MappingProxyType({}),
    ) -> None:
        self._place = place
        self._lock = lock
        self._receiver = receiver
        self._module = module
        self._provable = provable
        self.patient = patient
        """Whether time does not count, as where the rules themselves are measured."""
        self._reads = reads or patient
        self._known: dict[Hashable, object] = {
            ("provable", receiver): words for receiver, words in proved.items()
        }
        self._missed: dict[Hashable, float] = {}
        """When time did not suffice for a question."""
        self._busy = -math.inf
        """When the lock was waited for in vain."""
        self._likely = deque(likely)
        self._tries = 0
        self._epoch = place.prover.sources.epoch

    def ask(
        self, key: Hashable, find: Callable[[Place], _T], *, seconds: float = _PATIENCE
    ) -> _T | None:
        """What `find` says, asked once for each `key`; None where `seconds` did not suffice."""
        if key in self._known:
            return self._known[key]  # type: ignore[return-value]
        if time.monotonic() < self._missed.get(key, 0.0) + _RESPITE:
            return None
        if not self._taken(seconds):
            return None
        try:
            if self._stale:
                return None
            self._known[key] = found = self._within(find, seconds, reading=self._reads)
        except OutOfTime:
            self._missed[key] = time.monotonic()
            return None
        finally:
            self._lock.release()
        return found

    def _taken(self, seconds: float) -> bool:
        """Whether the lock was had in time. One short wait in vain is enough for a while: a token
        that has many questions would wait for each."""
        if self.patient:
            return self._lock.acquire()
        hurried = seconds <= _PATIENCE
        now = time.monotonic()
        if self._lock.acquire(timeout=0 if hurried and now < self._busy + _RESPITE else seconds):
            return True
        if now >= self._busy + _RESPITE:
            self._busy = now
        return False

    @property
    def _stale(self) -> bool:
        """Whether a file has changed or was let go since: classes that were concluded then and
        those that would be now are no longer the same."""
        return self._epoch != self._place.prover.sources.epoch

    def look_ahead(self, seconds: float) -> bool:
        """Find out about receivers that are likely to be asked for; True once that is done."""
        deadline = Deadline.after(seconds)
        if self._stale:
            self._likely.clear()
        while self._likely and not deadline.passed:
            text = self._likely[0]
            if not self._lock.acquire(timeout=seconds):
                return False
            try:
                self._known["members", text] = self._within(
                    partial(self._asked, text), seconds, reading=True
                )
            except OutOfTime:
                # What was read meanwhile is kept: the next attempt comes further.
                self._tries += 1
                if self._tries < _TRIES:
                    return False
            finally:
                self._lock.release()
            self._tries = 0
            self._likely.popleft()
        return not self._likely

    def _asked(self, receiver: str, place: Place) -> MemberSet:
        return self._receiver(place, receiver)

    def _within(self, find: Callable[[Place], _T], seconds: float, *, reading: bool) -> _T | None:
        """What `find` says; None where it goes too deep. Raises `OutOfTime`."""
        sources = self._place.prover.sources
        before = sources.deadline, sources.reading
        sources.deadline = Deadline.after(math.inf if self.patient else seconds)
        sources.reading = reading
        self._place.enter()
        try:
            return find(self._place)
        except RecursionError:
            return None
        finally:
            sources.deadline, sources.reading = before
            self._place.prover.busy.clear()

    def reading(self) -> Inquiry:
        """The same questions for the analysis thread, which may read more files for them."""
        return self._again(patient=self.patient)

    def patiently(self) -> Inquiry:
        """The same questions for someone who waits: time does not count."""
        return self._again(patient=True)

    def _again(self, *, patient: bool) -> Inquiry:
        return Inquiry(
            self._place,
            self._lock,
            self._receiver,
            self._module,
            self._provable,
            patient=patient,
            reads=True,
        )

    def members(self, receiver: str) -> MemberSet | None:
        """The members of a receiver, by its text with every call's arguments left out."""
        return self.ask(("members", receiver), partial(self._asked, receiver))

    def provable(self, receiver: str) -> Words | None:
        """What a receiver may turn out to have besides, once the text asks what it is."""
        return self.ask(("provable", receiver), lambda place: self._provable(place, receiver))

    def module(self, name: str) -> ModuleSet | None:
        """What a module offers to an import that calls it `name`: `os.path`, `..sibling`."""
        return self.ask(("module", name), lambda place: self._module(place, name))


@lru_cache(maxsize=4096)
def parsed(expression: str) -> ast.expr | None:
    """The tree of an expression, of which `[]` stands for any element; None where it has none."""
    try:
        return expression_tree(expression.replace("[]", "[tenon_any_]"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
