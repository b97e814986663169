"""Drafts: tokens foreseen, evaluated in one batch with the token just chosen, used if they come.

A draft decides nothing. The token loop chooses by the logits after each token as it always does;
where its choice is the token foreseen, the logits after that one are there already, and where it
is not, the engine takes the rest back. So the answer is the same with drafts and without, but for
the rounding of batches on hardware that rounds them otherwise.

Owns the batch that has been evaluated ahead, and the account of whether drafts pay on this
machine. Where drafts come from is `foresight.py`'s business.

Where no draft is worth its batch, one token is still evaluated ahead: the model's first choice,
in the time in which it is judged (`beside.py`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

from tenon.decoding.beside import Beside
from tenon.decoding.candidates import Logits
from tenon.decoding.foresight import Foreseen
from tenon.engine.engine import Engine
from tenon.text import Cancelled, CancelToken

_Result = TypeVar("_Result")

_LONGEST = 6
"""Tokens of a draft."""
_REMEMBERED = 15
"""Batches whose cost is remembered: the median of so many shrugs off a busy moment."""
_TRIALS = 3
"""Batches after which their cost is taken for known."""
_DOUBT = 8.0
"""As many trials the first guess at a source counts for."""
_FORGETTING = 0.98
"""What a trial still counts for after one more: a source may be good in one file alone."""
_LOOK_AGAIN = 64
"""Drafts not worth their batch, after which one is tried all the same: times change."""
_MARGIN = 1.05
"""How much faster, at least, a draft must promise to be."""
_BESIDE = 1.25
"""How much faster a small model speaks whose tokens are judged while it computes."""


@dataclass(slots=True)
class Account:
    """What batches cost and how often drafts come true; one a model, learning as it goes."""

    proposed: int = 0
    accepted: int = 0
    """Tokens, since the model was loaded."""
    batches: int = 0
    _alone: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    """Seconds of a single token's step, the last few."""
    _more: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    """What each further token of a batch cost, in single steps, the last few."""
    _further: float = 0.0
    _trials: dict[int, list[float]] = field(default_factory=dict)
    """By sureness, how many drafted tokens came true and how many did not."""
    _declined: int = 0
    _turns: dict[bool, deque[float]] = field(
        default_factory=lambda: {way: deque(maxlen=_REMEMBERED) for way in (True, False)}
    )
    """Seconds in which a token was judged and evaluated, the last few: beside each other, or one
    after the other."""
    _asked: int = 0

    def beside_pays(self) -> bool:
        """Whether a token is to be judged while it is evaluated. On a busy machine to wait for
        another thread may cost more; now and then the way that loses is tried again."""
        beside, alone = self._turns[True], self._turns[False]
        if min(len(beside), len(alone)) < _TRIALS:
            return len(beside) <= len(alone)
        self._asked += 1
        wins = median(beside) <= median(alone)
        return wins if self._asked % _LOOK_AGAIN else not wins

    def book_turn(self, seconds: float, *, beside: bool) -> None:
        """A token that might have been judged either way took so long."""
        self._turns[beside].append(seconds)

    def pays(self, *, else_: float = 1.0) -> bool:
        """Whether it is worth looking for a draft: the surest one could gain something over what
        is done `else_`, or it is time to look again."""
        if not self._alone:
            return False
        if (1 + _LONGEST) / (1 + _LONGEST * self._further) > _MARGIN * else_:
            return True
        self._declined += 1
        return self._declined >= _LOOK_AGAIN

    def length(self, sureness: int, most: int) -> int:
        """How many tokens of a draft are worth evaluating ahead; none where drafts lose."""
        most = min(most, _LONGEST)
        if len(self._more) < _TRIALS or self._declined >= _LOOK_AGAIN:
            self._declined = 0
            return min(most, 2)
        came = self._chance(sureness)
        best, length = _MARGIN, 0
        spoken = chance = 1.0
        for count in range(1, most + 1):
            chance *= came
            spoken += chance
            gain = spoken / (1 + count * self._further)
            if gain > best:
                best, length = gain, count
        self._declined += not length
        return length

    def book(self, tokens: int, seconds: float) -> None:
        """A batch of so many tokens took so long."""
        if tokens == 1:
            self._alone.append(seconds)
            return
        self.batches += 1
        self.proposed += tokens - 1
        if self._alone:
            alone = median(self._alone)
            self._more.append((seconds / alone - 1) / (tokens - 1))
            self._further = max(median(self._more), 0.0)

    def learn(self, sureness: int, *, came: bool) -> None:
        """A drafted token was the one chosen, or was not."""
        self.accepted += came
        trials = self._trials.setdefault(sureness, [0.0, 0.0])
        trials[0] = trials[0] * _FORGETTING + came
        trials[1] = trials[1] * _FORGETTING + (not came)

    def _chance(self, sureness: int) -> float:
        came, failed = self._trials.get(sureness, (0.0, 0.0))
        return (came + _DOUBT * sureness / 100) / (came + failed + _DOUBT)


@dataclass(slots=True)
class Ahead:
    """The engine, read a few tokens ahead of what has been said."""

    engine: Engine
    account: Account | None
    """None evaluates token by token."""
    beside: Beside | None = None
    """None judges a token before it is evaluated, on the same thread."""
    drafted: int = 0
    """Tokens evaluated before they were chosen, for this answer."""
    taken: int = 0
    """How many of them were chosen then."""
    _foreseen: list[tuple[int, Logits]] = field(default_factory=list)
    """Tokens the engine holds beyond what has been said, the next one first, each with the
    logits after it."""
    _sureness: int = 0
    _guessed: tuple[int, Logits] | None = None
    """A token evaluated while it was judged, and the logits after it."""
    _way: bool | None = None
    """Whether the token in hand is judged beside; None where that was no question."""
    _drafting: bool | None = None
    """Whether a draft is to be looked for before the next evaluation, once that was asked."""
    _evaluating: CancelToken = field(default_factory=CancelToken)

    def may_guess(self) -> bool:
        """Whether the next token may be evaluated while it is judged."""
        self._way = None
        if self.beside is None or self._foreseen or not self.engine.info.rewinds:
            return False
        self._drafting = self.account is not None and self.account.pays(else_=_BESIDE)
        return not self._drafting

    def wants_guess(self) -> bool:
        """Whether that is quicker than to evaluate it when it has been judged."""
        self._way = self.account is None or self.account.beside_pays()
        return self._way

    def book_turn(self, seconds: float) -> None:
        """From the last logits to these it took so long."""
        if self.account is not None and self._way is not None:
            self.account.book_turn(seconds, beside=self._way)

    def meanwhile(
        self, guess: int, logits: Logits, work: Callable[[Logits], _Result], cancel: CancelToken
    ) -> _Result:
        """What `work` makes of `logits`, while `guess` is evaluated: should `say` be called with
        it next, the logits after it are there. Only if it `may_guess`.

        `work` runs on another thread, and may call `mistaken`. What it has done stands where the
        request was taken back meanwhile: it is for `say` to raise `Cancelled`.
        """
        assert self.beside is not None
        evaluating = self._evaluating = CancelToken()
        held = self.engine.n_tokens
        started = time.perf_counter()
        self.beside.begin(work, logits)
        try:
            with cancel.stopping(evaluating.cancel):
                self._guessed = guess, self.engine.step([guess], evaluating)
            if self.account is not None:
                self.account.book(1, time.perf_counter() - started)
        except Cancelled:
            self.engine.rollback(self.engine.n_tokens - held)
        finally:
            result: _Result = self.beside.result()
        return result

    def mistaken(self) -> None:
        """Another token than the one guessed is said, or none: to evaluate it is in vain."""
        self._evaluating.cancel()

    def say(self, token: int, foreseen: Foreseen, cancel: CancelToken) -> Logits:
        """The logits after `token`, which is said now.

        `foreseen` is asked what may come after it only if something must be evaluated.
        """
        if self._guessed is not None:
            expected, logits = self._guessed
            self._guessed = None
            if expected == token:
                return logits
            self.engine.rollback(1)
        if self._foreseen:
            expected, logits = self._foreseen[0]
            if expected == token:
                del self._foreseen[0]
                self.taken += 1
                self._learn(came=True)
                return logits
            self.engine.rollback(len(self._foreseen))
            self.forget()
        return self._evaluate(token, foreseen, cancel)

    def forget(self) -> None:
        """The answer ends, or goes on elsewhere: what was foreseen did not come."""
        self._guessed = None
        if self._foreseen:
            self._foreseen.clear()
            self._learn(came=False)

    def _learn(self, *, came: bool) -> None:
        if self.account is not None:
            self.account.learn(self._sureness, came=came)

    def _evaluate(self, token: int, foreseen: Foreseen, cancel: CancelToken) -> Logits:
        account = self.account
        draft: Sequence[int] = ()
        drafting, self._drafting = self._drafting, None
        if account is not None and self.engine.info.rewinds:
            if account.pays() if drafting is None else drafting:
                draft, self._sureness = foreseen(account.length)
        started = time.perf_counter()
        if draft:
            first, *rest = self.engine.step_each([token, *draft], cancel)
            self.drafted += len(draft)
            self._foreseen.extend(zip(draft, rest, strict=True))
        else:
            first = self.engine.step([token], cancel)
        if account is not None:
            account.book(1 + len(draft), time.perf_counter() - started)
        return first
