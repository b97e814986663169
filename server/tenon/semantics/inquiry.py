"""Inquiry: questions about text that was generated a moment ago, answered while decoding waits.

Owns how long a question may take and that each is asked but once. The analysis itself answers;
it is shared with the analysis thread under one lock, and whoever finds it busy goes without.
"""

from __future__ import annotations

import ast
import math
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from tenon.semantics.facts import MemberSet
from tenon.semantics.membership import Membership
from tenon.semantics.prover import Prover
from tenon.semantics.receivers import Surroundings
from tenon.semantics.scopes import Scope
from tenon.semantics.sources import OutOfTime
from tenon.semantics.types import Type, Unknown
from tenon.text import Deadline

_PATIENCE = 0.003
"""Seconds for one question, and as many for the lock: about what a token takes."""

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


class Inquiry:
    """Questions at one cursor. Any one thread may ask; none waits long for an answer."""

    def __init__(
        self,
        place: Place,
        lock: threading.RLock,
        receiver: Callable[[Place, str], MemberSet],
        *,
        patient: bool,
    ) -> None:
        self._place = place
        self._lock = lock
        self._receiver = receiver
        self.patient = patient
        """Whether time does not count, as where the rules themselves are measured."""
        self._known: dict[Hashable, object] = {}

    def ask(self, key: Hashable, find: Callable[[Place], _T]) -> _T | None:
        """What `find` says, asked once for each `key`; None where time did not suffice."""
        if key in self._known:
            return self._known[key]  # type: ignore[return-value]
        if not self._lock.acquire(timeout=-1 if self.patient else _PATIENCE):
            return None
        sources = self._place.prover.sources
        before = sources.deadline
        seconds = math.inf if self.patient else _PATIENCE
        sources.deadline = Deadline.after(seconds)
        found: _T | None = None
        try:
            found = find(self._place)
        except (OutOfTime, RecursionError):
            found = None
        finally:
            sources.deadline = before
            self._place.prover.busy.clear()
            self._lock.release()
        self._known[key] = found
        return found

    def members(self, receiver: str) -> MemberSet | None:
        """The members of a receiver, by its text with every call's arguments left out."""
        return self.ask(("members", receiver), lambda place: self._receiver(place, receiver))

    def type_of(self, expression: str) -> Type:
        """The type of a whole expression, read in the scope of the cursor."""

        def find(place: Place) -> Type:
            node = parsed(expression)
            if node is None:
                return Unknown("it was not understood")
            return place.prover.expression(node, place.scope)

        return self.ask(("type", expression), find) or Unknown("time was up")


@lru_cache(maxsize=4096)
def parsed(expression: str) -> ast.expr | None:
    """The tree of an expression, of which `[]` stands for any element; None where it has none."""
    try:
        return ast.parse(expression.replace("[]", "[0]"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
