"""Judging: what an answer brings into its file, by every judge that was called.

Owns which texts are judged, and that each is judged once. Knows neither how an answer was made
nor how the numbers are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tenon.evaluation.diagnostics import Diagnostic, Introduced, Lines, introduced
from tenon.evaluation.holes import Hole
from tenon.evaluation.judges import Judge
from tenon.semantics.facts import Import
from tenon.service.imports import with_imports


def accepted(hole: Hole, answer: str, imports: Sequence[Import]) -> str:
    """The author's file once `answer` was accepted, with the imports that come with it."""
    text = hole.filled(answer)
    return with_imports(text.replace("\r\n", "\n"), imports) if imports else text


class Judging:
    """Not thread safe. Keeps what was said of one file, so holes should come file by file."""

    def __init__(self, judges: Sequence[Judge]) -> None:
        self._judges = judges
        self._uri = ""
        self._kept: dict[tuple[str, str], tuple[Diagnostic, ...]] = {}

    def introduced(
        self, hole: Hole, answer: str, imports: Sequence[Import] = ()
    ) -> tuple[Introduced, ...]:
        """What `answer` brings in, and the imports that accepting it adds; the file is the
        author's own, undamaged, round the hole. `answer` need not parse there: what a judge
        then guesses is what the editor shows.

        Raises `JudgeError`.
        """
        if hole.source.uri != self._uri:
            self._forget()
            self._uri = hole.source.uri
        text = accepted(hole, answer, imports)
        before = hole.intact[0]
        lines = Lines.of(before, answer)
        added = text.count("\n") - before.count("\n") - (answer + hole.intact[1]).count("\n")
        return tuple(
            found
            for judge in self._judges
            for found in introduced(
                self._check(judge, text),
                self._check(judge, hole.filled(hole.expected)),
                self._empty(judge, hole),
                answer=lines.moved(added),
                author=Lines.of(before, hole.expected),
            )
        )

    def _empty(self, judge: Judge, hole: Hole) -> Callable[[], Sequence[Diagnostic]]:
        return lambda: self._check(judge, hole.filled(""))

    def _check(self, judge: Judge, text: str) -> tuple[Diagnostic, ...]:
        key = (judge.name, text)
        if key not in self._kept:
            self._kept[key] = judge.check(self._uri, text)
        return self._kept[key]

    def _forget(self) -> None:
        self._kept.clear()
        for judge in self._judges if self._uri else ():
            judge.forget(self._uri)
