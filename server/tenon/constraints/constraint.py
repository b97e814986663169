"""Constraint: what may stand at the cursor, judged on text.

Owns the verdict lattice and how constraints combine. Knows nothing of tokens, models or the
protocol: a constraint is tested with strings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol


class Domain(StrEnum):
    """Each narrows; none invents. In the order in which they are asked, cheapest first."""

    SYNTAX = "syntax"
    NAMES = "names"
    MEMBERS = "members"
    IMPORTS = "imports"
    CALLS = "calls"
    TYPES = "types"
    CONTROL_FLOW = "control flow"
    RULES = "rules"


class Verdict(IntEnum):
    """Of a completion so far. Ordered, so that `min` combines."""

    DEAD = 0
    """No continuation can become valid. Never said on incomplete knowledge."""
    OPEN = 1
    """Some continuation may; the text alone is not one that could stand."""
    COMPLETE = 2
    """The text could stand as it is, and may go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a domain said what it said, in words an author understands."""

    domain: Domain
    verdict: Verdict
    reason: str
    """One sentence without its full stop: "Path has no member 'exsts'"."""
    at: int | None = None
    """For DEAD: the first character of the text (0-based) that cannot be mended."""
    allowed: tuple[str, ...] = ()
    """Up to a few examples of what may stand there instead, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    """Only what narrowed or refused; a domain with nothing to say is absent."""

    def __and__(self, other: Judgement) -> Judgement:
        return Judgement(
            verdict=min(self.verdict, other.verdict), evidence=self.evidence + other.evidence
        )


ANYTHING = Judgement(verdict=Verdict.COMPLETE)


def refused(evidence: Evidence) -> Judgement:
    """DEAD, for this reason."""
    return Judgement(verdict=Verdict.DEAD, evidence=(evidence,))


Sieve = Callable[[str], bool]
"""Of letters, digits and underscores said behind a text: True only where `refusal` would refuse
the text with them, False where that is still to be asked."""


class Constraint(Protocol):
    """One domain at one cursor.

    Contract, the prefix property: if `judge(text)` is DEAD then `judge(text + more)` is DEAD
    for every `more`; and DEAD is said only when no `more` could make a text that the domain
    allows. `judge` is called with texts that mostly extend the one before, from one thread,
    and never raises on any text.
    """

    domain: Domain

    def judge(self, text: str) -> Judgement:
        """The verdict on `text`, the completion from the cursor on ("\\n" line ends)."""
        ...

    def refusal(self, text: str) -> Evidence | None:
        """Why `judge` calls `text` DEAD; None where it does not.

        What a token costs: whether the text could end where it is, is not asked.
        """
        ...

    def sieve(self, text: str) -> Sieve | None:
        """What tells at a glance which words are refused behind `text`; None where nothing
        does."""
        ...

    def describe(self) -> Evidence:
        """What this domain knows here before a word is said, for `explain`."""
        ...


@dataclass(frozen=True, slots=True)
class AllOf:
    """Constraints combined: the strictest verdict, all the evidence."""

    constraints: tuple[Constraint, ...]

    def judge(self, text: str) -> Judgement:
        judgement = ANYTHING
        for constraint in self.constraints:
            judgement &= constraint.judge(text)
            if judgement.verdict is Verdict.DEAD:
                break
        return judgement

    def completes(self, text: str) -> bool:
        """Whether `judge` would call `text` COMPLETE; the first domain that does not is the last
        that is asked."""
        return all(
            constraint.judge(text).verdict is Verdict.COMPLETE for constraint in self.constraints
        )

    def refusal(self, text: str) -> Evidence | None:
        for constraint in self.constraints:
            evidence = constraint.refusal(text)
            if evidence is not None:
                return evidence
        return None

    def sieve(self, text: str) -> Sieve | None:
        sieves = [each.sieve(text) for each in self.constraints]
        telling = [sieve for sieve in sieves if sieve is not None]
        if len(telling) < 2:
            return telling[0] if telling else None
        return lambda letters: any(sieve(letters) for sieve in telling)

    def describe(self) -> tuple[Evidence, ...]:
        """What each domain knows here."""
        return tuple(constraint.describe() for constraint in self.constraints)
