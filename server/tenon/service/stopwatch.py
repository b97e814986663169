"""Stopwatch: what one request has cost so far, by stage."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tenon.service.request import Timings


class Stopwatch:
    """Laps of one request, by stage."""

    def __init__(self, started: float) -> None:
        self._started = self._last = started
        self._stages: dict[str, float] = {}
        self._reused = self._computed = 0

    def lap(self, stage: str) -> None:
        """Book the time since the last lap on `stage`."""
        now = time.perf_counter()
        self._stages[stage] = self._stages.get(stage, 0.0) + (now - self._last) * 1e3
        self._last = now

    def read(self, tokens: int, *, reused: int) -> None:
        """A prompt of so many tokens was read, of which so many were in the cache, or more."""
        reused = min(reused, tokens)
        self._reused += reused
        self._computed += tokens - reused

    def timings(self, constraint_us: Sequence[float]) -> Timings:
        stages = self._stages
        return Timings(
            queue=stages.get("queue", 0.0),
            analysis=stages.get("analysis", 0.0),
            prefill=stages.get("prefill", 0.0),
            decode=stages.get("decode", 0.0),
            constraint=sum(constraint_us) / 1e3,
            total=(self._last - self._started) * 1e3,
            constraint_us=tuple(constraint_us),
            prompt_reused=self._reused,
            prompt_computed=self._computed,
        )
