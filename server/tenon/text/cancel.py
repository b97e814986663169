"""Deadline and CancelToken: handed down through every layer, looked at once a token.

They live in the lowest layer because every layer above takes them. The clock is injected,
so a test decides what time it is.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

Clock = Callable[[], float]
"""Monotonic seconds, as `time.monotonic` gives them."""


class Cancelled(Exception):
    """Raised inside a step whose `CancelToken` was cancelled; never crosses the service."""


class CancelToken:
    """A one-way switch, set by any thread, read by the one that works."""

    __slots__ = ("_cancelled", "_lock", "_stop", "superseded")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._stop: Callable[[], None] | None = None
        self.superseded = False
        """True when a newer request for the same document was the reason."""

    def cancel(self, *, superseded: bool = False) -> None:
        with self._lock:
            if self._cancelled:
                return
            self.superseded = superseded
            self._cancelled = True
            if self._stop is not None:
                self._stop()

    @contextmanager
    def until(self, deadline: Deadline) -> Iterator[CancelToken]:
        """A token that is set with this one, and once the deadline is passed on the clock of the
        machine. For work that looks at nothing else."""
        either = CancelToken()
        seconds = min(max(deadline.remaining, 0.0), threading.TIMEOUT_MAX)
        timer = threading.Timer(seconds, either.cancel)
        timer.daemon = True
        timer.start()
        try:
            with self.stopping(either.cancel):
                yield either
        finally:
            timer.cancel()

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """While inside, `cancel` also calls `stop`, on the thread that cancels, at most once
        and never after. For work that cannot look at the token itself; one at a time."""
        with self._lock:
            self._stop = stop
            if self._cancelled:
                stop()
        try:
            yield
        finally:
            with self._lock:
                self._stop = None

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def check(self) -> None:
        """Raise `Cancelled` if the switch is set."""
        if self._cancelled:
            raise Cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A point on the clock, in its seconds; `at=inf` never comes."""

    at: float
    clock: Clock = time.monotonic

    @classmethod
    def after(cls, seconds: float, *, clock: Clock = time.monotonic) -> Deadline:
        return cls(at=clock() + seconds, clock=clock)

    def ending_with(self, cancel: CancelToken) -> Deadline:
        """The same, and passed once `cancel` is: for work that looks at its deadline alone."""
        clock = self.clock
        return Deadline(at=self.at, clock=lambda: math.inf if cancel.cancelled else clock())

    @property
    def remaining(self) -> float:
        """Seconds left; negative once passed."""
        return self.at - self.clock()

    @property
    def passed(self) -> bool:
        return self.remaining <= 0
