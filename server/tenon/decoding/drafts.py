"""Drafts: tokens foreseen, evaluated in one batch with the token just chosen, used if they come.

A draft decides nothing. The token loop chooses by the logits after each token as it always does;
where its choice is the token foreseen, the logits after that one are there already, and where it
is not, the engine takes the rest back. So the answer is the same with drafts and without, but for
the rounding of batches on hardware that rounds them otherwise.

Owns the batch that has been evaluated ahead, and the account of whether drafts pay on this
machine. Where drafts come from is `foresight.py`'s business.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from tenon.decoding.candidates import Logits
from tenon.decoding.foresight import Foreseen
from tenon.engine.engine import Engine
from tenon.text import CancelToken

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

    def pays(self) -> bool:
        """Whether it is worth looking for a draft: the surest one could gain something, or it
        is time to look again."""
        if not self._alone:
            return False
        if (1 + _LONGEST) / (1 + _LONGEST * self._further) > _MARGIN:
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
    drafted: int = 0
    """Tokens evaluated before they were chosen, for this answer."""
    taken: int = 0
    """How many of them were chosen then."""
    _foreseen: list[tuple[int, Logits]] = field(default_factory=list)
    """Tokens the engine holds beyond what has been said, the next one first, each with the
    logits after it."""
    _sureness: int = 0

    def say(self, token: int, foreseen: Foreseen, cancel: CancelToken) -> Logits:
        """The logits after `token`, which is said now.

        `foreseen` is asked what may come after it only if something must be evaluated.
        """
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
        if self._foreseen:
            self._foreseen.clear()
            self._learn(came=False)

    def _learn(self, *, came: bool) -> None:
        if self.account is not None:
            self.account.learn(self._sureness, came=came)

    def _evaluate(self, token: int, foreseen: Foreseen, cancel: CancelToken) -> Logits:
        account = self.account
        draft: Sequence[int] = ()
        if account is not None and self.engine.info.rewinds and account.pays():
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
