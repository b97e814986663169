"""Checkpoints: where the text so far could end, how it is made to, and which one is the answer.

Owns what is kept and what is dropped again. The token loop says when to look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tenon.decoding.answer import Checkpoint
from tenon.decoding.closing import ByHand
from tenon.decoding.judging import Judging
from tenon.decoding.meter import Meter
from tenon.decoding.said import Said
from tenon.text import Deadline

_GRACE = 0.03
"""Seconds past the deadline in which what there is may still be closed and confirmed."""
_LAST_TRIES = 3
"""How many checkpoints are put to the parser even when time is up."""


@dataclass(slots=True)
class Checkpoints:
    said: Said
    judging: Judging
    deadline: Deadline
    meter: Meter
    kept: list[Checkpoint] = field(default_factory=list)

    def reach(self) -> Checkpoint | None:
        """Keep the text so far if what follows the cursor closes it."""
        if not self.said.spelled():
            return None
        with self.meter:
            closes = self.said.closes()
        if not closes:
            return None
        checkpoint = Checkpoint(text=self.said.text)
        self.kept.append(checkpoint)
        return checkpoint

    def end_within(self, token: int) -> Checkpoint | None:
        """Keep the text up to the middle of `token`, if the answer ends at a line break there."""
        head, line_break, _ = self.said.engine.token_bytes(token).partition(b"\n")
        if not line_break or not head or not self.said.spelled(head):
            return None
        text = self.said.text_with(head)
        if not self.said.hole.policy.ends_at_line_break(text):
            return None
        with self.meter:
            stands = self.said.closes(head) and self.judging.could_stand(text)
        if not stands:
            return None
        checkpoint = Checkpoint(text=text, stop_probability=1.0, final=True, stands=True)
        self.kept.append(checkpoint)
        return checkpoint

    def says_the_rest_too(self) -> bool:
        """Whether the text goes on from a checkpoint with what stands behind the cursor on its line,
        and no further. Then the answer ended there, and the model has read on to the line's end."""
        text, rest = self.said.text.rstrip(), self.said.hole.policy.rest_of_line
        if not rest or not text.endswith(rest):
            return False
        says, answer = self.said.hole.policy.says_something, text[: -len(rest)].rstrip()
        for checkpoint in self.kept:
            if checkpoint.text.rstrip() == answer and says(answer):
                if self.judging.stands(checkpoint):
                    checkpoint.final = True
                    return True
        return False

    def close_by_hand(self) -> bool:
        """Close what the model left open, so that an answer it thinks whole can stand."""
        matcher = self.said.hole.matcher
        if matcher is None or not self.said.spelled():
            return False
        with self.meter:
            return self._keep(self._by_hand().closed(matcher, self.said.text))

    def end_with(self, text: str, probability: float = 0.0) -> None:
        """Keep `text`, known to stand, as where the decoding ended; of several the likeliest."""
        self.kept.append(
            Checkpoint(text=text, stop_probability=probability, final=True, stands=True)
        )

    def salvage(self, endings: Sequence[str]) -> bool:
        """Cut short with nothing that could stand: keep the longest beginning that can, with
        one of `endings` behind it. Whether there is something now."""
        if self.has_something():
            return True
        start = self.said.start()
        if start is None:
            return False
        least = len(self.said.hole.forced)
        by_hand, text = self._by_hand(), self.said.text
        line = text.partition("\n")[0]
        # What rambles on was best at its start: the first line before the whole.
        beginnings = [line] if len(line) >= least else []
        if not beginnings or not self.said.hole.policy.rest_of_line:
            beginnings.append(text)
        with self.meter:
            for beginning in beginnings:
                if self._keep(
                    by_hand.longest_beginning(
                        start.copy(), beginning, least=least, endings=endings
                    )
                ):
                    return True
        return False

    def has_something(self) -> bool:
        """Whether any checkpoint says something and stands."""
        says = self.said.hole.policy.says_something
        return any(says(each.text) and self.judging.stands(each) for each in self.kept)

    def ask_again(self) -> None:
        """Less is asked of a text from here on: what could not stand may."""
        for checkpoint in self.kept:
            checkpoint.stands = checkpoint.stands or None

    def go_on(self, deadline: Deadline) -> None:
        """Time was up, and now there is more: what was kept as an end for want of time is none,
        and where the text stands will be reached again."""
        text = self.said.text
        self.deadline = deadline
        self.kept = [each for each in self.kept if not each.final and each.text != text]

    def follow_said(self) -> None:
        """Drop what no longer is a beginning of the text so far."""
        text = self.said.text
        self.kept = [each for each in self.kept if text.startswith(each.text)]

    def forget_repeated(self) -> None:
        """The last line repeats the buffer: drop what holds it, or a part of it."""
        lines = self.said.text.rstrip("\n").split("\n")
        kept = "\n".join(lines[:-1])
        self.kept = [each for each in self.kept if len(each.text) <= len(kept)]
        for checkpoint in self.kept:
            if checkpoint.text.rstrip() == kept.rstrip():
                checkpoint.final = True

    def best(self, accepts: Callable[[str], bool]) -> Checkpoint | None:
        """The checkpoint to answer with: where the decoding ended, else where the model was
        likeliest to; the first in that order that says something and that `accepts`."""
        ranked = sorted(
            enumerate(self.kept),
            key=lambda pair: (pair[1].final, pair[1].stop_probability, pair[0]),
            reverse=True,
        )
        for tried, (_, checkpoint) in enumerate(ranked):
            if tried >= _LAST_TRIES and self._out_of_time():
                return None
            if checkpoint.final and not checkpoint.text.strip():
                return None
            says = self.said.hole.policy.says_something(checkpoint.text)
            if says and self.judging.stands(checkpoint) and accepts(checkpoint.text):
                return checkpoint
        return None

    def _keep(self, text: str | None) -> bool:
        if text is not None:
            self.end_with(text)
        return text is not None

    def _could_answer(self, text: str) -> bool:
        return self.said.hole.policy.says_something(text) and self.judging.could_stand(text)

    def _by_hand(self) -> ByHand:
        return ByHand(
            self.said.vocabulary,
            self.said.hole.closing,
            self._could_answer,
            self._out_of_time,
        )

    def _out_of_time(self) -> bool:
        return self.deadline.remaining < -_GRACE
