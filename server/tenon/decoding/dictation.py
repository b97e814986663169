"""Dictation: a text that another model says, taken down as far as it fits the hole.

Owns the reading of such a text, character by character, through the same grammar, constraints and
parser that hold this process's own model; where it goes wrong it is cut back to its longest
beginning that stands. Knows no engine: whoever hears the text brings it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tenon.constraints.constraint import Domain, Evidence, Verdict
from tenon.decoding.answer import Refusal, Stop
from tenon.decoding.closing import CLOSING_ENDINGS, ByHand
from tenon.decoding.hole import Hole
from tenon.decoding.matcher import Matcher
from tenon.decoding.vocabulary import Vocabulary

_LONGEST = 4000
"""Characters beyond which nobody reads an answer."""
_LAST_WORD = re.compile(r"\w*$")
_TRIES = 8
"""How many places where the text could end are put to the parser."""


@dataclass(slots=True)
class Dictation:
    """`take` what is said until it returns False, then ask for the `best` of it."""

    hole: Hole
    vocabulary: Vocabulary
    stop: Stop = Stop.MODEL
    text: str = ""
    """What was taken down, from the cursor on."""
    refused: list[Refusal] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)
    """Lengths at which what follows the cursor closes the text."""
    _matcher: Matcher | None = None

    def __post_init__(self) -> None:
        if self.hole.matcher is not None:
            self._matcher = self.hole.matcher.copy()
        self._note_end()

    def take(self, more: str) -> bool:
        """Take down `more`, which follows what was taken before; False once that is enough."""
        for character in more:
            if character == "\n" and self._ends_line():
                self.stop = Stop.LINE
                return False
            if len(self.text) >= _LONGEST:
                self.stop = Stop.LENGTH
                return False
            if not self._fits(character):
                self.stop = Stop.DEAD_END
                return False
            self.text += character
            self._note_end()
            if self.hole.policy.repeats_buffer(self.text):
                self._drop_last_line()
                self.stop = Stop.LINE
                return False
        return True

    def best(self, accepts: Callable[[str], bool], out_of_time: Callable[[], bool]) -> str | None:
        """The most of the text that can stand and that `accepts`; None where nothing can."""

        def stands(text: str) -> bool:
            return bool(text.strip()) and self._stands(text) and accepts(text)

        if stands(self.text) and len(self.text) in self._ends:
            return self.text
        if self._matcher is None:
            return None
        by_hand = ByHand(self.vocabulary, self.hole.closing, stands, out_of_time)
        whole = self.stop in (Stop.MODEL, Stop.LINE)
        closed = by_hand.closed(self._matcher, self.text) if whole else None
        if closed is not None:
            return closed
        for end in sorted(self._ends, reverse=True)[:_TRIES]:
            if self.text[:end].endswith("\n") and stands(self.text[:end].rstrip()):
                return self.text[:end].rstrip()
        assert self.hole.matcher is not None
        return by_hand.longest_beginning(
            self.hole.matcher.copy(),
            self.text,
            least=len(self.hole.forced),
            endings=CLOSING_ENDINGS,
        )

    def cut_short(self) -> None:
        """Time was up: the last word may be half of one."""
        self.stop = Stop.DEADLINE
        self._forget_from(len(self.text) - len(_LAST_WORD.search(self.text)[0]))

    def stands(self) -> bool:
        """Whether the text so far could be an answer."""
        return bool(self.text.strip()) and len(self.text) in self._ends and self._stands(self.text)

    def _fits(self, character: str) -> bool:
        if self.hole.confirm is None:
            return True
        tokens = self.vocabulary.tokens(character)
        if self._matcher is not None and self._matcher.longest_valid(tokens) < len(tokens):
            self._refuse(character, _cannot_stand(character))
            return False
        evidence = self.hole.constraint().refusal(self.text + character)
        if evidence is not None:
            self._refuse(character, evidence)
            if evidence.at is not None:
                self._forget_from(evidence.at)
            return False
        if self._matcher is not None:
            for token in tokens:
                self._matcher.accept(token)
        return True

    def _forget_from(self, at: int) -> None:
        """The text is wrong from character `at` on."""
        self.text = self.text[:at]
        self._ends = [end for end in self._ends if end <= at]
        if self.hole.matcher is not None:
            self._matcher = self.hole.matcher.copy()
            self._matcher.feed(self.text)

    def _drop_last_line(self) -> None:
        self._forget_from(self.text.rstrip("\n").rfind("\n") + 1)

    def _ends_line(self) -> bool:
        """Whether the answer ends at the line break that comes."""
        if self.hole.confirm is None:
            return self.hole.policy.ends_at_line_break(self.text)
        return (
            len(self.text) in self._ends
            and self.hole.policy.ends_at_line_break(self.text)
            and self._stands(self.text)
        )

    def _note_end(self) -> None:
        if self._matcher is None or self._matcher.closes(self.hole.closing):
            self._ends.append(len(self.text))

    def _stands(self, text: str) -> bool:
        confirm = self.hole.confirm
        if confirm is None:
            return True
        return self.hole.constraint().completes(text) and confirm(text)

    def _refuse(self, text: str, evidence: Evidence) -> None:
        self.refused.append(Refusal(at=len(self.text), text=text, evidence=evidence))


def _cannot_stand(character: str) -> Evidence:
    return Evidence(
        domain=Domain.SYNTAX, verdict=Verdict.DEAD, reason=f"{character!r} cannot stand here"
    )
