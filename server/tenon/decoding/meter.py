"""Meter: what the constraints cost, token by token."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType


def never() -> float:
    """How long was waited where nobody waits."""
    return 0.0


class Meter:
    """Time spent inside `with meter:`, where a block within a block counts once.

    What was waited there for the analysis, in all so far, says `waited`: it counts as no cost.
    """

    __slots__ = ("_depth", "_spent", "_started", "_waited", "per_token_us")

    def __init__(self, waited: Callable[[], float] = never) -> None:
        self._waited = waited
        self.per_token_us: list[float] = []
        self._spent = 0.0
        self._started = 0.0
        self._depth = 0

    def begin_token(self) -> None:
        self._spent = 0.0

    def book_token(self) -> None:
        """A token was taken: what was spent since it began was its cost."""
        self.per_token_us.append(self._spent * 1e6)

    def __enter__(self) -> None:
        if self._depth == 0:
            self._started = time.perf_counter() - self._waited()
        self._depth += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._spent += time.perf_counter() - self._waited() - self._started
