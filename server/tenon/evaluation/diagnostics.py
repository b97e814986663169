"""Diagnostics: what a judge says of a file, and which of it a completion brought in. Pure.

Knows nothing of the judges themselves nor of how a number is shown.

What a completion *introduces* is what stands in the file with the answer and not in the file as
the author had it: what the editor shows once the answer is accepted, errors of syntax among it
and all that a judge makes of the text behind them. The author's text is the measure rather than
the hole left empty, because a file with a hole in it seldom parses, and what a judge says of such
a file is mostly about the hole. The empty hole is asked one thing only: what shows in lines the
answer does not touch, and showed there before anything was inserted, is *unmended*, not
introduced: the author's text bound a name, say, that is read further down, and the answer binds
another. It is counted apart. Where nothing was offered nothing is introduced, for the same
reason: what the editor shows then is the hole, and stood there before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong, as the domains would say it."""

    NAME = "unresolved_name"
    ATTRIBUTE = "unknown_attribute"
    IMPORT = "bad_import"
    ARGUMENT = "bad_argument"
    """The call does not have the shape of what is called: too many, too few, unknown keyword."""
    TYPE = "type_mismatch"
    """An argument's type among them."""
    SYNTAX = "syntax"
    """The text is no program."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    judge: str
    code: str
    message: str
    fault: Fault
    line: int
    """0-based, as `column` is."""
    column: int

    @property
    def gist(self) -> tuple[str, str]:
        """What makes two of them the same thing said twice: details may quote other lines."""
        return self.code, self.message.partition("\n")[0]


class Found(StrEnum):
    """Where an introduced diagnostic shows."""

    ANSWER = "answer"
    """In a line that the answer wrote, or wrote a part of."""
    ELSEWHERE = "elsewhere"
    """In another line, which was well before."""
    UNMENDED = "unmended"
    """In another line, where it stood before anything was inserted; not counted as introduced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    diagnostic: Diagnostic
    found: Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The lines, 0-based and inclusive, that a text fills once it stands in a file."""

    first: int
    last: int

    @classmethod
    def of(cls, before: str, text: str) -> Lines:
        first = before.count("\n")
        return cls(first=first, last=first + text.count("\n"))

    def moved(self, count: int) -> Lines:
        """The same lines once `count` new ones stand above them."""
        return Lines(first=self.first + count, last=self.last + count)

    def __contains__(self, line: int) -> bool:
        return self.first <= line <= self.last


def introduced(
    answered: Sequence[Diagnostic],
    authored: Sequence[Diagnostic],
    empty: Callable[[], Sequence[Diagnostic]],
    *,
    answer: Lines,
    author: Lines,
) -> tuple[Introduced, ...]:
    """What `answered` has beyond `authored`, in the order in which it stands.

    `empty` gives the diagnostics of the file with the hole left empty; it is called only where
    something new shows in a line that the answer does not touch.
    """
    new = _beyond(answered, authored, answer, author)
    away = [found for found in new if found.line not in answer]
    left = away and _beyond(away, empty(), answer, Lines(first=author.first, last=author.first))
    return tuple(
        Introduced(
            diagnostic=found,
            found=(
                Found.ANSWER
                if found.line in answer
                else Found.ELSEWHERE if found in left else Found.UNMENDED
            ),
        )
        for found in new
    )


def _beyond(
    found: Sequence[Diagnostic], known: Iterable[Diagnostic], here: Lines, there: Lines
) -> list[Diagnostic]:
    """What of `found` is not in `known`: matched at its own line first, outside the two texts;
    then wherever it may have moved to, what stands in the text itself before all else."""
    shift = here.last - there.last

    def placed(diagnostic: Diagnostic, lines: Lines, moved: int) -> tuple[object, ...]:
        line = diagnostic.line + (moved if diagnostic.line > lines.last else 0)
        return (None if diagnostic.line in lines else line, *diagnostic.gist)

    at_place = Counter(placed(diagnostic, there, shift) for diagnostic in known)
    strayed: list[Diagnostic] = []
    for diagnostic in sorted(found, key=lambda diagnostic: diagnostic.line not in here):
        key = placed(diagnostic, here, 0)
        if at_place[key]:
            at_place[key] -= 1
        else:
            strayed.append(diagnostic)
    anywhere: Counter[tuple[object, ...]] = Counter()
    for key, count in at_place.items():
        anywhere[key[1:]] += count
    new = []
    for diagnostic in strayed:
        if anywhere[diagnostic.gist]:
            anywhere[diagnostic.gist] -= 1
        else:
            new.append(diagnostic)
    return sorted(new, key=lambda diagnostic: (diagnostic.line, diagnostic.column))
