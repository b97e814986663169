"""Preparing: in idle time, what may be asked for next.

An answer that time cut short is made to its end, and where none had come of it at all, whoever
asked can be told that there is one by now. Once the author has stopped to look at a suggestion, the
one that would follow its acceptance is made. Owns what is prepared and in which order; a keystroke
takes the engine back at once.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

from tenon.service.answering import Answering
from tenon.service.request import Nothing, Outcome, Request, Suggestion
from tenon.text import Cancelled, CancelToken, Deadline, Edit, Span
from tenon.text.cancel import Clock

_PAUSE = 0.25
"""Seconds without a keystroke after which the author is looking rather than typing."""
_TIME = 5.0
"""Seconds that may be spent on what nobody has asked for."""


@dataclass(frozen=True, slots=True)
class Preparing:
    answering: Answering
    clock: Clock = time.monotonic

    def after(self, request: Request, outcome: Outcome, cancel: CancelToken) -> bool:
        """Prepare for what may follow `outcome`, until `cancel`; whether there is an answer by now
        where there was none."""
        try:
            if isinstance(outcome, Nothing) and outcome.cut_short:
                return self._make_whole(request, cancel)
            finished = self.answering.finish(request, self._until(cancel), cancel)
            if not finished and isinstance(outcome, Suggestion):
                self._accept(request, outcome, cancel)
        except Cancelled:
            pass
        return False

    def _make_whole(self, request: Request, cancel: CancelToken) -> bool:
        again = replace(request, deadline=self._until(cancel), cancel=cancel, candidates=1)
        outcome = self.answering.answer(again, time.perf_counter(), None)
        return isinstance(outcome, Suggestion) and not cancel.cancelled

    def _accept(self, request: Request, outcome: Suggestion, cancel: CancelToken) -> None:
        typing = threading.Event()
        with cancel.stopping(typing.set):
            typing.wait(_PAUSE)
        cancel.check()
        at = Span(start=outcome.offset, end=outcome.offset)
        document = request.document
        accepted = replace(
            request,
            document=document.apply([Edit(span=at, text=outcome.text)], version=document.version),
            offset=outcome.offset + len(outcome.text),
            deadline=self._until(cancel),
            cancel=cancel,
            forced="",
        )
        self.answering.answer(accepted, time.perf_counter(), None)

    def _until(self, cancel: CancelToken) -> Deadline:
        """Time enough, and none any more once a key is pressed."""
        return Deadline.after(_TIME, clock=self.clock).ending_with(cancel)
