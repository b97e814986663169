"""Refreshing: the facts known by now, and those that the answer itself brings about.

Owns when the analysis is asked again while an answer is being said: once for every line that
stands, never more than one at a time. Knows no thread: whoever asks gets a future.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future

from tenon.constraints.constraint import AllOf
from tenon.constraints.following import Followed, stands

_NO_FACTS = AllOf(())

Behind = Callable[[str], "Future[AllOf | None]"]
"""Starts the analysis of the place behind a text that has been said; None in the future where
the place is no start of a statement."""


class Refreshing:
    """The constraints known by now: none until the first analysis is through.

    Decoding never waits for it, unless it is `patient`, as where the model itself is measured.
    """

    __slots__ = ("_ear", "_facts", "_first", "_known")

    def __init__(self, facts: Future[AllOf], behind: Behind, *, patient: bool) -> None:
        self._facts: Future[AllOf] | None = facts
        self._ear = _Ear(behind, patient=patient)
        self._first = self._known = _NO_FACTS

    def __call__(self) -> AllOf:
        ear = self._ear
        if self._facts is not None:
            if self._facts.done():
                self._first, self._facts = self._facts.result(), None
                self._known = Followed(self._first.constraints, heard=ear.hear)
        elif ear.coming is not None and ear.coming.done():
            later, ear.coming = ear.coming.result(), None
            if later is not None and stands(self._first, ear.asked):
                self._known = Followed(
                    self._first.constraints, said=ear.asked, later=later, heard=ear.hear
                )
        return self._known

    def waited(self) -> float:
        """Seconds for which the analysis was waited for, where `patient`."""
        return self._ear.waited


class _Ear:
    """Listens to what is said. The constraints hold it and it holds none of them: all that an
    answer knew goes with the answer, and need not wait for Python to look for cycles."""

    __slots__ = ("_behind", "_patient", "asked", "coming", "waited")

    def __init__(self, behind: Behind, *, patient: bool) -> None:
        self._behind = behind
        self._patient = patient
        self.asked = ""
        self.waited = 0.0
        self.coming: Future[AllOf | None] | None = None

    def hear(self, text: str) -> None:
        """Ask again if `text` has a further line: what is tried behind a line break shows that
        the line before it stands."""
        place = text.rfind("\n") + 1
        line = text[place:]
        if not place or self.coming is not None or not line.strip():
            return
        said = text[: len(text) - len(line.lstrip())]
        if said == self.asked:
            return
        self.asked = said
        self.coming = self._behind(said)
        if self._patient:
            started = time.perf_counter()
            self.coming.exception()
            self.waited += time.perf_counter() - started
