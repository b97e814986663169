"""Decoding: the token loop. Proposes in the model's order, checks, accepts, keeps checkpoints.

Owns the order of the checks and the search for the next token. Knows engines, matchers and
constraints only by their contracts; knows nothing of any language or protocol.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tenon.constraints.constraint import AllOf, Domain, Evidence, Judgement, Verdict
from tenon.decoding.answer import Checkpoint, Refusal, Stop
from tenon.decoding.candidates import Logits, probability, waves
from tenon.decoding.closing import ByHand
from tenon.decoding.matcher import Matcher
from tenon.decoding.policy import StopPolicy
from tenon.decoding.trail import Trail
from tenon.decoding.vocabulary import Vocabulary
from tenon.engine.engine import Engine
from tenon.text import CancelToken, Deadline

_MAX_REFUSALS = 32
_GRACE = 0.03
"""Seconds past the deadline in which what there is may still be closed and confirmed."""
_LAST_TRIES = 3
"""How many checkpoints are put to the parser even when time is up."""
_UNHEARD_ENDS = 6
"""How often the model may want to end where the text cannot, before the answer is cut short."""
_CUT_SHORT = (Stop.DEADLINE, Stop.LENGTH, Stop.DEAD_END)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """What an answer must fit, in the decoder's terms."""

    matcher: Matcher | None
    """Stands at the end of what is before the cursor, less `must`; None where no grammar
    applies: then `confirm` judges alone."""
    closing: list[int]
    """Tokens of what follows the cursor."""
    confirm: Callable[[str], bool] | None
    """Whether the language's own parser takes the text; None listens to the model alone."""
    constraint: Callable[[], AllOf]
    """The constraints known by now; asked once a token, since facts may arrive late."""
    policy: StopPolicy
    must: bytes = b""
    """What the answer begins with: the healed end of the prefix, then any forced text."""
    healed: int = 0
    """How many bytes of `must` already stand in the buffer."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """What was said from character `at` on cannot be right."""

    at: int


@dataclass(slots=True)
class Decoding:
    """One answer in the making. Iterate it for growing checkpoints, then read its fields."""

    engine: Engine
    vocabulary: Vocabulary
    hole: Hole
    max_tokens: int
    deadline: Deadline
    cancel: CancelToken
    stop: Stop = Stop.MODEL
    checkpoints: list[Checkpoint] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    constraint_us: list[float] = field(default_factory=list)
    _bytes: bytearray = field(default_factory=bytearray)
    _trail: Trail = field(default_factory=Trail)
    _standing: int = 0
    """Tokens the matcher has consumed."""
    _said: int = 0
    """Tokens said in all, those taken back included."""
    _unheard_ends: int = 0
    _begun_again: bool = False
    _spent: float = 0.0
    _offered: AllOf = AllOf(())
    _held: AllOf = AllOf(())
    _healer: Matcher | None = None
    _start: Matcher | None = None
    """Stands at the cursor, for going back to."""

    def run(self, prompt: Sequence[int], logits: Logits) -> Iterator[Checkpoint]:
        """Decode after `prompt` from the `logits` it left; yields each checkpoint as it is
        reached.

        Raises `Cancelled`. A checkpoint is yielded once its stop probability is known; whether
        it `stands` is still to be asked.
        """
        self._start = self._after_healed()
        self._healer = self._new_healer()
        reached = self._checkpoint()
        while True:
            self.cancel.check()
            if reached is not None:
                reached.stop_probability = probability(logits, self.engine.info.end_tokens)
                yield reached
            self._spent = 0.0
            choice: int | Stop | _Fault
            if self._said >= self.max_tokens or self.deadline.passed:
                choice = Stop.DEADLINE if self.deadline.passed else Stop.LENGTH
            else:
                choice = self._choose(logits, reached)
            if isinstance(choice, _Fault) and not self._trail.retreat(choice.at):
                choice = Stop.DEAD_END
            if choice in _CUT_SHORT:
                self.stop = choice
                if not self._starts_over():
                    return
                choice = _Fault(0)
            if isinstance(choice, _Fault):
                self._go_back()
                reached = self._checkpoint()
                logits = self.engine.prefill([*prompt, *self._trail.tokens], self.cancel)
                continue
            if isinstance(choice, Stop):
                self.stop = choice
                return
            ended = self._line_end_inside(choice)
            if ended is not None:
                ended.stop_probability, ended.final = 1.0, True
                self.checkpoints.append(ended)
                self.stop = Stop.LINE
                yield ended
                return
            self._accept(choice)
            if self.hole.policy.repeats_buffer(self.text):
                self.stop = Stop.LINE
                self._forget_repeated()
                return
            reached = self._checkpoint()
            self.constraint_us.append(self._spent * 1e6)
            logits = self.engine.step([choice], self.cancel)

    @property
    def tokens(self) -> int:
        """Tokens in the answer so far."""
        return len(self._trail.tokens)

    @property
    def text(self) -> str:
        """The answer so far, from the cursor on."""
        return self._text_with(b"")

    def best(self, accepts: Callable[[str], bool]) -> Checkpoint | None:
        """The checkpoint to answer with: where the decoding ended, else where the model was
        likeliest to; the first in that order that says something and that `accepts`."""
        ranked = sorted(
            enumerate(self.checkpoints),
            key=lambda pair: (pair[1].final, pair[1].stop_probability, pair[0]),
            reverse=True,
        )
        for tried, (_, checkpoint) in enumerate(ranked):
            if tried >= _LAST_TRIES and self._out_of_time:
                return None
            if checkpoint.final and not checkpoint.text.strip():
                return None
            if checkpoint.text.strip() and self.stands(checkpoint) and accepts(checkpoint.text):
                return checkpoint
        return None

    # -- choosing --------------------------------------------------------------------------

    def _choose(self, logits: Logits, reached: Checkpoint | None) -> int | Stop | _Fault:
        """The model's best token that is allowed; or that it ends here, or has gone wrong."""
        rejected: set[int] = set()
        wanted = True
        ends = self.engine.info.end_tokens
        for candidates in waves(
            logits, ends=ends, breaks_line=self._breaks_line, mask=self._mask
        ):
            for token in candidates:
                if token in rejected or self._trail.bars(token):
                    continue
                rejected.add(token)
                answer = self._consider(token, reached, wanted=wanted)
                wanted = False
                if answer in (Stop.MODEL, Stop.LINE) and reached is not None:
                    reached.final = True
                if answer is True:
                    return token
                if answer is not False:
                    return answer
        return _Fault(-1)

    def _breaks_line(self, token: int) -> bool:
        return self.engine.token_bytes(token)[:1] == b"\n"

    def _mask(self) -> NDArray[np.bool_] | None:
        guides = [guide for guide in (self._healer, self.hole.matcher) if guide is not None]
        if not guides:
            return None
        started = time.perf_counter()
        mask = guides[0].mask()
        for guide in guides[1:]:
            mask = mask & guide.mask()
        self._spent += time.perf_counter() - started
        return mask

    def _consider(
        self, token: int, reached: Checkpoint | None, *, wanted: bool
    ) -> bool | Stop | _Fault:
        """True to take `token`, False to pass it over, a `Stop` to end here instead, a `_Fault`
        where the first choice shows that the answer has gone wrong before.

        `wanted` marks the model's first choice: refusing it is worth reporting.
        """
        if token in self.engine.info.end_tokens:
            if self.hole.confirm is None or (reached is not None and self.stands(reached)):
                return Stop.MODEL
            if wanted:
                fault = self._fault_at_end()
                if fault is not None:
                    return fault
                self._refuse("", _evidence(len(self.text), "the text cannot end here"))
                self._unheard_ends += 1
                if self._closed_by_hand():
                    return Stop.MODEL
                if self._unheard_ends > _UNHEARD_ENDS:
                    return Stop.DEAD_END
            return False
        if self.vocabulary.is_control(token):
            return False
        started = time.perf_counter()
        try:
            if self._healer is not None and not self._healer.allows(token):
                return False
            piece = self.engine.token_bytes(token)
            if self._breaks_line(token) and self._may_end_line(reached):
                return Stop.LINE
            if self._wanders(piece):
                return False
            if self.hole.matcher is not None and not self.hole.matcher.allows(token):
                if wanted:
                    shown = piece.decode("utf-8", errors="replace")
                    self._refuse(shown, _evidence(len(self.text), _cannot_stand(shown)))
                return False
            judgement = self._judge(piece)
            if judgement.verdict is Verdict.DEAD:
                if wanted:
                    evidence = judgement.evidence[-1]
                    self._refuse(piece.decode("utf-8", errors="replace"), evidence)
                    return self._fault_at(evidence) or False
                return False
            return True
        finally:
            self._spent += time.perf_counter() - started

    def _wanders(self, piece: bytes) -> bool:
        """Whether the model is only putting off what the place asks for."""
        if self.hole.confirm is None or self._unhealed > len(piece):
            return False
        policy, owing = self.hole.policy, self._unheard_ends > 0
        if policy.wanders(self._text_with(piece)):
            return True
        begun = policy.comment_begun(piece.decode("utf-8", errors="ignore"), owing=owing)
        if begun is None or self.hole.matcher is None:
            return False
        # Within a string the marker begins no comment, and no line ends there.
        line_end = self.vocabulary.tokens(begun + "\n")
        return self.hole.matcher.longest_valid(line_end) == len(line_end)

    def _constraint(self) -> AllOf:
        """The constraints to hold the answer to: what comes late counts from here on, but only
        if what has been said already could still be right by it."""
        latest = self.hole.constraint()
        if latest is not self._offered:
            self._offered = latest
            if not self.text or latest.judge(self.text).verdict is not Verdict.DEAD:
                self._held = latest
        return self._held

    def _judge(self, piece: bytes) -> Judgement:
        if self.hole.confirm is None or len(self._bytes) + len(piece) <= self.hole.healed:
            return Judgement(verdict=Verdict.COMPLETE)
        return self._constraint().judge(self._text_with(piece))

    def _may_end_line(self, reached: Checkpoint | None) -> bool:
        if self.hole.confirm is None:
            return self.hole.policy.ends_at_line_break(self.text)
        return (
            reached is not None
            and self.hole.policy.ends_at_line_break(reached.text)
            and self.stands(reached)
        )

    def _line_end_inside(self, token: int) -> Checkpoint | None:
        """The checkpoint in the middle of a token that holds the line break the answer ends at."""
        piece = self.engine.token_bytes(token)
        head, line_break, _ = piece.partition(b"\n")
        if not line_break or not head or len(self._bytes) + len(head) < len(self.hole.must):
            return None
        text = self._text_with(head)
        if not self.hole.policy.ends_at_line_break(text):
            return None
        started = time.perf_counter()
        stands = self._closes(head) and self._could_stand(text)
        self._spent += time.perf_counter() - started
        return Checkpoint(text=text, stands=True) if stands else None

    def _fault_at_end(self) -> _Fault | None:
        """Where a last word that may not end here begins: the model thinks it whole."""
        if len(self._bytes) < len(self.hole.must) or not self.text:
            return None
        judgement = self._constraint().judge(self.text + "\n")
        if judgement.verdict is not Verdict.DEAD:
            return None
        fault = self._fault_at(judgement.evidence[-1])
        if fault is not None:
            self._refuse("", judgement.evidence[-1])
        return fault

    def _fault_at(self, evidence: Evidence) -> _Fault | None:
        """A fault in what has been said already, once there is no doubt of it."""
        at = evidence.at
        if at is None or at >= len(self.text) or not self._trail.doubts(at):
            return None
        return _Fault(at)

    def _go_back(self) -> None:
        """Bring everything back to where the trail has gone back to."""
        kept = self._trail.tokens
        if self.hole.matcher is not None:
            self.hole.matcher.rollback(self._standing - len(kept))
        self._standing = len(kept)
        self._bytes = bytearray(b"".join(map(self.engine.token_bytes, kept)))
        self._healer = self._new_healer()
        if self._healer is not None:
            for token in kept:
                self._healer.accept(token)
        text = self.text
        self.checkpoints = [each for each in self.checkpoints if text.startswith(each.text)]

    # -- accepting -------------------------------------------------------------------------

    def _accept(self, token: int) -> None:
        started = time.perf_counter()
        self._trail.add(token, length=len(self.text))
        self._said += 1
        self._bytes += self.engine.token_bytes(token)
        if self.hole.matcher is not None:
            self.hole.matcher.accept(token)
        self._standing += 1
        if self._healer is not None:
            if len(self._bytes) >= len(self.hole.must):
                self._healer = None
            else:
                self._healer.accept(token)
        self._spent += time.perf_counter() - started

    def _new_healer(self) -> Matcher | None:
        """Holds the answer to what it must begin with, from the start."""
        if not self.hole.must or len(self._bytes) >= len(self.hole.must):
            return None
        return Matcher.from_literal_start(self.vocabulary, self.hole.must.decode("utf-8"))

    def _checkpoint(self) -> Checkpoint | None:
        """Keep the text so far if what follows the cursor closes it."""
        if len(self._bytes) < len(self.hole.must):
            return None
        started = time.perf_counter()
        closes = self._closes(b"")
        self._spent += time.perf_counter() - started
        if not closes:
            return None
        checkpoint = Checkpoint(text=self.text)
        self.checkpoints.append(checkpoint)
        return checkpoint

    def stands(self, checkpoint: Checkpoint) -> bool:
        """Whether parser and constraints agree that the checkpoint could stand as it is.

        Asked only where it matters, for it is dearer than the grammar; asked once.
        """
        if checkpoint.stands is None:
            started = time.perf_counter()
            checkpoint.stands = self._could_stand(checkpoint.text)
            self._spent += time.perf_counter() - started
        return checkpoint.stands

    def _could_stand(self, text: str) -> bool:
        confirm = self.hole.confirm
        if confirm is None:
            return True
        # A name or a member half written is open: more could follow, but it may not end there.
        return self._constraint().judge(text).verdict is Verdict.COMPLETE and confirm(text)

    def _after_healed(self) -> Matcher | None:
        if self.hole.matcher is None:
            return None
        start = self.hole.matcher.copy()
        return start if start.feed(self.hole.must[: self.hole.healed].decode("utf-8")) else None

    def _salvage(self) -> None:
        """Cut short with nothing that could stand: keep the longest beginning that can."""
        started = time.perf_counter()
        if self._start is not None and not self._has_something():
            least = len(self.hole.must[self.hole.healed :].decode("utf-8"))
            by_hand, text = self._by_hand(), self.text
            line = text.partition("\n")[0]
            # What rambles on was best at its start: the first line before the whole.
            for beginning in (line, text) if len(line) >= least else (text,):
                kept = by_hand.longest_beginning(self._start.copy(), beginning, least=least)
                if self._keep_closed(kept):
                    break
        self._spent += time.perf_counter() - started

    def _starts_over(self) -> bool:
        """Cut short: keep what can be kept; where that is nothing, begin once more, otherwise."""
        self._salvage()
        again = self._trail.tokens and not self._begun_again and not self.deadline.passed
        if self._has_something() or self.hole.confirm is None or not again:
            return False
        self._begun_again = True
        self._trail.start_over()
        self._said = self._unheard_ends = 0
        return True

    def _closed_by_hand(self) -> bool:
        """Close what the model left open, so that an answer it thinks whole can stand."""
        if self.hole.matcher is None or len(self._bytes) < len(self.hole.must):
            return False
        started = time.perf_counter()
        closed = self._keep_closed(self._by_hand().closed(self.hole.matcher, self.text))
        self._spent += time.perf_counter() - started
        return closed

    def _by_hand(self) -> ByHand:
        return ByHand(
            self.vocabulary, self.hole.closing, self._could_stand, lambda: self._out_of_time
        )

    def _keep_closed(self, text: str | None) -> bool:
        if text is not None:
            self.checkpoints.append(Checkpoint(text=text, final=True, stands=True))
        return text is not None

    def _has_something(self) -> bool:
        """Whether any checkpoint says something and stands."""
        return any(each.text.strip() and self.stands(each) for each in self.checkpoints)

    def _closes(self, piece: bytes) -> bool:
        if self.hole.matcher is None:
            return True
        between = self.vocabulary.tokens(piece.decode("utf-8", errors="replace")) if piece else []
        return self.hole.matcher.closes(between + self.hole.closing)

    def _forget_repeated(self) -> None:
        """Drop the checkpoints that hold the repeated line, or a part of it."""
        lines = self.text.rstrip("\n").split("\n")
        kept = "\n".join(lines[:-1])
        self.checkpoints = [each for each in self.checkpoints if len(each.text) <= len(kept)]
        for checkpoint in self.checkpoints:
            if checkpoint.text.rstrip() == kept.rstrip():
                checkpoint.final = True

    def _text_with(self, piece: bytes) -> str:
        whole = bytes(self._bytes[self.hole.healed :]) + piece[max(0, self._unhealed) :]
        return whole.decode("utf-8", errors="ignore")

    @property
    def _out_of_time(self) -> bool:
        return self.deadline.remaining < -_GRACE

    @property
    def _unhealed(self) -> int:
        """How many bytes of the next piece still stand in the buffer already."""
        return self.hole.healed - len(self._bytes)

    def _refuse(self, text: str, evidence: Evidence) -> None:
        if len(self.refused) < _MAX_REFUSALS:
            self.refused.append(Refusal(at=len(self.text), text=text, evidence=evidence))


def _evidence(at: int, reason: str) -> Evidence:
    return Evidence(domain=Domain.SYNTAX, verdict=Verdict.DEAD, reason=reason, at=at)


def _cannot_stand(text: str) -> str:
    return f"{text!r} cannot stand here"
