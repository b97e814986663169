"""Beside: a second thread, on which a token is chosen while the model computes on the caller's.

The model lets go of the interpreter for as long as it computes, and what it computes next is
nearly always what follows its own first choice. Owns the thread, and the copy of the logits that
it chooses by: the model writes the next ones in their place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any

import numpy as np

from tenon.decoding.candidates import Logits


class Beside:
    """Work for one caller, one piece at a time. The thread starts with the first."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._copy: Logits | None = None

    def begin(self, work: Callable[[Logits], Any], logits: Logits) -> None:
        """Do `work` on a copy of `logits`; the next call must be `result`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="tenon-beside", daemon=True)
            self._thread.start()
        if self._copy is None:
            self._copy = np.empty_like(logits)
        np.copyto(self._copy, logits)
        self._work.put(partial(work, self._copy))

    def result(self) -> Any:
        """What came of the work begun: its result, or what it raised is raised here."""
        result, error = self._done.get()
        if error is not None:
            raise error
        return result

    def close(self) -> None:
        """End the thread. Idempotent; nothing may be begun after."""
        if self._thread is not None:
            self._work.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            work = self._work.get()
            if work is None:
                return
            try:
                done = (work(), None)
            except BaseException as error:
                done = (None, error)
            # What an answer knew must not be held by a thread that waits for the next one.
            del work
            self._done.put(done)
            del done
