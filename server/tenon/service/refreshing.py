"""Refreshing: the facts known by now, and those that the answer itself brings about.

Owns when the analysis is asked again while an answer is being said: once for every line that
stands, never more than one at a time. Knows no thread: whoever asks gets a future.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from tenon.constraints.constraint import AllOf
from tenon.constraints.following import Followed

_NO_FACTS = AllOf(())

Behind = Callable[[str], "Future[AllOf | None]"]
"""Starts the analysis of the place behind a text that has been said; None in the future where
the place is no start of a statement."""


class Refreshing:
    """The constraints known by now: none until the first analysis is through.

    Decoding never waits for it, unless it is `patient`, as where the model itself is measured.
    """

    __slots__ = ("_asked", "_behind", "_coming", "_facts", "_first", "_known", "_patient")

    def __init__(self, facts: Future[AllOf], behind: Behind, *, patient: bool) -> None:
        self._facts: Future[AllOf] | None = facts
        self._behind = behind
        self._patient = patient
        self._first = self._known = _NO_FACTS
        self._asked = ""
        self._coming: Future[AllOf | None] | None = None

    def __call__(self) -> AllOf:
        if self._facts is not None:
            if self._facts.done():
                self._first, self._facts = self._facts.result(), None
                self._known = Followed(self._first.constraints, heard=self._heard)
        elif self._coming is not None and self._coming.done():
            later, self._coming = self._coming.result(), None
            if later is not None:
                self._known = Followed(
                    self._first.constraints, said=self._asked, later=later, heard=self._heard
                )
        return self._known

    def _heard(self, text: str) -> None:
        """Ask again if `text` has a further line: what is tried behind a line break shows that
        the line before it stands."""
        place = text.rfind("\n") + 1
        line = text[place:]
        if not place or self._coming is not None or not line.strip():
            return
        said = text[: len(text) - len(line.lstrip())]
        if said == self._asked:
            return
        self._asked = said
        self._coming = self._behind(said)
        if self._patient:
            self._coming.exception()
