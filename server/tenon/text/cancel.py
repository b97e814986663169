"""Deadline and CancelToken: handed down through every layer, looked at once a token.

They live in the lowest layer because every layer above takes them. The clock is injected,
so a test decides what time it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]
"""Monotonic seconds, as `time.monotonic` gives them."""


class Cancelled(Exception):
    """Raised inside a step whose `CancelToken` was cancelled; never crosses the service."""


class CancelToken:
    """A one-way switch, set by any thread, read by the one that works."""

    __slots__ = ("_event", "superseded")

    def __init__(self) -> None:
        self._event = threading.Event()
        self.superseded = False
        """True when a newer request for the same document was the reason."""

    def cancel(self, *, superseded: bool = False) -> None:
        if not self._event.is_set():
            self.superseded = superseded
            self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if the switch is set."""
        if self._event.is_set():
            raise Cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A point on the clock, in its seconds; `at=inf` never comes."""

    at: float
    clock: Clock = time.monotonic

    @classmethod
    def after(cls, seconds: float, *, clock: Clock = time.monotonic) -> Deadline:
        return cls(at=clock() + seconds, clock=clock)

    @property
    def remaining(self) -> float:
        """Seconds left; negative once passed."""
        return self.at - self.clock()

    @property
    def passed(self) -> bool:
        return self.remaining <= 0
