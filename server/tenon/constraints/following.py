"""Following: constraints for what a completion says next, made when a part of it stood.

Owns which constraints judge which text, and where in the whole text a refusal is. What was said
before the later ones were made is theirs to build upon and no longer theirs to judge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tenon.constraints.constraint import AllOf, Judgement


def _heedless(text: str) -> None:
    pass


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
        return Judgement(
            verdict=judgement.verdict,
            evidence=tuple(
                each if each.at is None else replace(each, at=each.at + len(self.said))
                for each in judgement.evidence
            ),
        )
