"""Following: constraints for what a completion says next, made when a part of it stood.

Owns which constraints judge which text, and where in the whole text a refusal is. What was said
before the later ones were made is theirs to build upon and no longer theirs to judge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tenon.constraints.constraint import AllOf, Evidence, Judgement, Sieve
from tenon.constraints.names import Names


def _heedless(text: str) -> None:
    pass


def stands(first: AllOf, said: str) -> bool:
    """Whether later constraints may take over behind `said`: they do not know of what waits in
    it for what follows."""
    for each in first.constraints:
        if isinstance(each, Names):
            if each.waits(said):
                return False
            if each.ended(said):
                # What stands behind the cursor does not count: with half a word glued to it,
                # hardly anything could end here.
                return True
    return first.completes(said)


@dataclass(frozen=True, slots=True)
class Followed(AllOf):
    """The constraints at the cursor, and later ones for texts that begin with `said`."""

    said: str = ""
    later: AllOf | None = None
    heard: Callable[[str], None] = _heedless
    """Told of every text before it is judged."""

    def judge(self, text: str) -> Judgement:
        self.heard(text)
        if self.later is None or not text.startswith(self.said):
            return AllOf.judge(self, text)
        judgement = self.later.judge(text[len(self.said) :])
        evidence = tuple(map(self._in_whole, judgement.evidence))
        return Judgement(verdict=judgement.verdict, evidence=evidence)

    def completes(self, text: str) -> bool:
        self.heard(text)
        if self.later is None or not text.startswith(self.said):
            return AllOf.completes(self, text)
        return self.later.completes(text[len(self.said) :])

    def refusal(self, text: str) -> Evidence | None:
        self.heard(text)
        if self.later is None or not text.startswith(self.said):
            return AllOf.refusal(self, text)
        evidence = self.later.refusal(text[len(self.said) :])
        return None if evidence is None else self._in_whole(evidence)

    def sieve(self, text: str) -> Sieve | None:
        if self.later is None or not text.startswith(self.said):
            return AllOf.sieve(self, text)
        return self.later.sieve(text[len(self.said) :])

    def _in_whole(self, evidence: Evidence) -> Evidence:
        """`evidence` of a later constraint, with its place in the whole text."""
        if evidence.at is None:
            return evidence
        return replace(evidence, at=evidence.at + len(self.said))
