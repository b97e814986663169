"""Choosing: the next token, the model's best that is allowed, or the end, or a step back.

Owns the order of the checks on a token, cheapest first, and the report of what was refused.
Moves nothing: what is chosen, the token loop carries out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tenon.constraints.constraint import Domain, Evidence, Verdict
from tenon.decoding.answer import Checkpoint, Refusal, Stop
from tenon.decoding.candidates import Logits, best, best_of, probability, waves
from tenon.decoding.checkpoints import Checkpoints
from tenon.decoding.judging import Judging
from tenon.decoding.matcher import Matcher
from tenon.decoding.meter import Meter
from tenon.decoding.relaxing import Relaxing
from tenon.decoding.said import Said
from tenon.decoding.sifting import Sifting

_MAX_REFUSALS = 32
_UNHEARD_ENDS = 6
"""How often the model may want to end where the text cannot, before the answer is cut short."""
_SIFTED_FROM = 2
"""Refusals by the domains from which on candidates for the same token are sifted."""
_LOOKED_AT = 64
"""Candidates among which several are looked for."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What was said from character `at` on cannot be right."""

    at: int


Choice = int | Stop | Fault
"""A token to say, an end, or how far to go back."""


@dataclass(slots=True)
class Choosing:
    said: Said
    judging: Judging
    checkpoints: Checkpoints
    meter: Meter
    relaxing: Relaxing = field(default_factory=Relaxing)
    refused: list[Refusal] = field(default_factory=list)
    _sifting: Sifting = field(init=False)
    _unheard_ends: int = 0
    _against: dict[int, Evidence] = field(default_factory=dict)
    """By token, what the domains have against it as the next one."""
    _blamed: dict[int, Evidence] = field(default_factory=dict)
    """By character, what has been found wrong with what began there."""

    def __post_init__(self) -> None:
        self._sifting = Sifting(self.said, self.judging)

    def next(self, logits: Logits, reached: Checkpoint | None) -> Choice:
        """The best choice by `logits`; `reached` is the checkpoint at the end of the text."""
        while True:
            self._clear()
            choice = self._best(logits, reached)
            gives_way = None if isinstance(choice, Stop) else self._gives_way(logits, choice)
            if gives_way is None:
                return choice
            at = gives_way.at
            if at is not None and at < len(self.said.text) and self.said.trail.may_retreat:
                # Another word may be found where this one began, and nothing need give way.
                self._blamed[at] = gives_way
                return Fault(at)
            self.relaxing.give_way(gives_way)
            self.judging.without(self.relaxing.domains)
            self.said.trail.forgive()

    def _gives_way(self, logits: Logits, choice: int | Fault) -> Evidence | None:
        """The domain that leaves the model too little to say, by what it has refused."""
        refusals = {each.domain: each for each in self._against.values()}
        tried = self.said.trail.tried
        blamed = self._blamed.get(len(self.said.text)) if tried else None
        if blamed is not None:
            refusals.setdefault(blamed.domain, blamed)
        if not refusals:
            return None
        refused, sifted = tried.union(self._against), self._sifting.refused
        if isinstance(choice, int):
            # None of those is likelier than the first of all; that bounds what is left from
            # below, at a hundredth of the cost of telling it.
            share = float(np.exp(logits[choice] - logits.max()))
            bound = share / (share + len(refused) + len(sifted))
            if self.relaxing.too_little(bound, refusals) is None:
                return None
        if sifted:
            left = 1.0 - probability(logits, refused.union(sifted))
            if self.relaxing.too_little(left, refusals) is None:
                return None
            refused = refused.union(filter(self.said.fits, sifted))
        return self.relaxing.too_little(1.0 - probability(logits, refused), refusals)

    def _best(self, logits: Logits, reached: Checkpoint | None) -> Choice:
        rejected: set[int] = set()
        wanted = True
        ends = self.said.engine.info.end_tokens
        healing = not self.said.spelled()
        candidates = waves(
            logits,
            ends=ends,
            line_breaks=self._line_breaks,
            masks=self._masks(),
            spells=self._spells,
        )
        for wave in candidates:
            with self.meter:
                for token in wave:
                    if token in rejected or self.said.trail.bars(token):
                        continue
                    rejected.add(token)
                    answer: bool | Stop | Fault
                    if token in ends:
                        answer = self._end(reached, wanted=wanted)
                    elif healing and not self.said.heals(token):
                        # Hundreds may be passed over before the one that is to be said.
                        answer = False
                    elif self._is_sifted(token):
                        answer = False
                    else:
                        answer = self._consider(token, reached, wanted=wanted)
                    wanted = False
                    if answer in (Stop.MODEL, Stop.LINE) and reached is not None:
                        reached.final = True
                    if answer is True:
                        return token
                    if answer is not False:
                        return answer
        return Fault(-1)

    def several(self, logits: Logits, count: int) -> list[int]:
        """The best `count` tokens that may be said next, fewer where there are no more."""
        looked_at = max(_LOOKED_AT, 2 * count)
        found: list[int] = []
        with self.meter:
            if self.said.spelled():
                candidates = best(logits, looked_at)
            else:
                # What must be said first may be nothing the model thinks of.
                candidates = best_of(logits, self.said.mask(), looked_at)
            self._clear()
            for token in candidates:
                if token in self.said.engine.info.end_tokens or self._is_sifted(token):
                    continue
                if self._consider(token, None, wanted=False) is True:
                    found.append(token)
                    if len(found) == count:
                        break
        return found

    def line_breaks(self, logits: Logits) -> list[int]:
        """The likeliest tokens that begin a new line."""
        return [token for token in best(logits, _LOOKED_AT) if self._breaks_line(token)]

    def start_over(self) -> None:
        """The answer begins again: what was wanted in vain counts no more."""
        self._unheard_ends = 0

    def _clear(self) -> None:
        """Another token is to be chosen."""
        self._against.clear()
        self._sifting.start_over()

    def _is_sifted(self, token: int) -> bool:
        return len(self._against) >= _SIFTED_FROM and self._sifting.refuses(token)

    def _line_breaks(self) -> NDArray[np.bool_]:
        return Matcher.beginning(self.said.vocabulary, "\n")

    def _masks(self) -> Iterator[NDArray[np.bool_]]:
        for mask in (self.said.healing_mask, self.said.mask):
            with self.meter:
                allowed = mask()
            if allowed is not None:
                yield allowed

    def _spells(self) -> Callable[[int], bool] | None:
        with self.meter:
            return self.said.spells()

    def _breaks_line(self, token: int) -> bool:
        return self.said.engine.token_bytes(token)[:1] == b"\n"

    def _end(self, reached: Checkpoint | None, *, wanted: bool) -> bool | Stop | Fault:
        """What comes of the model's wish to end here; as for `_consider`."""
        text = self.said.text
        if not wanted and not text.strip():
            # Nothing at all is an answer only if it is what the model would have said.
            return False
        if text.strip() and not self.judging.listens:
            if not self.said.hole.policy.says_something(text):
                return Fault(0)
        if self.judging.listens or (reached is not None and self.judging.stands(reached)):
            return Stop.MODEL
        if wanted:
            if self.checkpoints.says_the_rest_too():
                return Stop.MODEL
            fault = self._fault_at_end()
            if fault is not None:
                return fault
            self._refuse("", _cannot(len(text), "the text cannot end here"))
            self._unheard_ends += 1
            if self.checkpoints.close_by_hand():
                return Stop.MODEL
            if self._unheard_ends > _UNHEARD_ENDS:
                return Stop.DEAD_END
        return False

    def _consider(
        self, token: int, reached: Checkpoint | None, *, wanted: bool
    ) -> bool | Stop | Fault:
        """True to take `token`, False to pass it over, a `Stop` to end here instead, a `Fault`
        where the first choice shows that the answer has gone wrong before.

        `wanted` marks the model's first choice: refusing it is worth reporting.
        """
        if self.said.vocabulary.is_control(token) or not self.said.heals(token):
            return False
        piece = self.said.engine.token_bytes(token)
        if self._breaks_line(token):
            if self._may_end_line(reached) or (wanted and self.checkpoints.says_the_rest_too()):
                return Stop.LINE
        fits = self.said.fits(token)
        if (fits or wanted) and self._wanders(piece):
            return False
        if not fits:
            if wanted:
                shown = piece.decode("utf-8", errors="replace")
                self._refuse(shown, _cannot(len(self.said.text), f"{shown!r} cannot stand here"))
            return False
        evidence = self.judging.refusal_with(piece)
        if evidence is None:
            return True
        self._against[token] = evidence
        if len(self._against) > _SIFTED_FROM:
            self._sifting.learn(token)
        if wanted:
            self._refuse(piece.decode("utf-8", errors="replace"), evidence)
            return self._fault_at(evidence) or False
        return False

    def _wanders(self, piece: bytes) -> bool:
        """Whether the model is only putting off what the place asks for."""
        if piece.isalnum() or self.judging.listens or self.said.unhealed > len(piece):
            return False
        policy, owing = self.said.hole.policy, self._unheard_ends > 0
        if policy.wanders(self.said.text_with(piece)):
            return True
        standing, new = piece[: max(0, self.said.unhealed)], piece[max(0, self.said.unhealed) :]
        begun = policy.comment_begun(new.decode("utf-8", errors="ignore"), owing=owing)
        if begun is None or self.said.hole.matcher is None:
            return False
        # Within a string the marker begins no comment, and no line ends there.
        return self.said.could_follow(standing.decode("utf-8", errors="ignore") + begun + "\n")

    def _may_end_line(self, reached: Checkpoint | None) -> bool:
        policy = self.said.hole.policy
        if self.judging.listens:
            return policy.ends_at_line_break(self.said.text)
        return (
            reached is not None
            and policy.ends_at_line_break(reached.text)
            and self.judging.stands(reached)
        )

    def _fault_at_end(self) -> Fault | None:
        """Where a last word that may not end here begins: the model thinks it whole."""
        text = self.said.text
        if not self.said.spelled() or not text:
            return None
        evidence = self.judging.refusal(text + "\n")
        if evidence is None:
            return None
        fault = self._fault_at(evidence)
        if fault is not None:
            self._refuse("", evidence)
        return fault

    def _fault_at(self, evidence: Evidence) -> Fault | None:
        """A fault in what has been said already, once there is no doubt of it."""
        at = evidence.at
        if at is None or at >= len(self.said.text) or not self.said.trail.doubts(at):
            return None
        self._blamed[at] = evidence
        return Fault(at)

    def _refuse(self, text: str, evidence: Evidence) -> None:
        if len(self.refused) < _MAX_REFUSALS:
            self.refused.append(Refusal(at=len(self.said.text), text=text, evidence=evidence))


def _cannot(at: int, reason: str) -> Evidence:
    return Evidence(domain=Domain.SYNTAX, verdict=Verdict.DEAD, reason=reason, at=at)
