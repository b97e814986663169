"""Decoding: the token loop. Chooses, accepts, keeps checkpoints, goes back, until an end.

Owns the loop alone: which token is chosen, what has been said, and where it could end stand in
modules of their own. Knows engines only by their contract; knows nothing of any language.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tenon.constraints.constraint import Domain, Evidence
from tenon.decoding.answer import Checkpoint, Refusal, Stop
from tenon.decoding.candidates import Logits, probability
from tenon.decoding.bridging import Bridging
from tenon.decoding.checkpoints import Checkpoints
from tenon.decoding.choosing import Choice, Choosing, Fault
from tenon.decoding.drafts import Account, Ahead
from tenon.decoding.filling import Filling
from tenon.decoding.foresight import Foresight, Texts
from tenon.decoding.closing import CLOSING_ENDINGS, OPENING_ENDINGS
from tenon.decoding.hole import Hole
from tenon.decoding.judging import Judging
from tenon.decoding.meter import Meter
from tenon.decoding.relaxing import Relaxing
from tenon.decoding.said import Said
from tenon.decoding.stock import Stock
from tenon.decoding.vocabulary import Vocabulary
from tenon.engine.engine import Engine
from tenon.engine.fim import utf8
from tenon.text import CancelToken, Deadline

_SEARCH_SHARE = 0.4
"""What part of the time is kept for a search, where saying on comes to nothing."""
_FILLING_SHARE = 0.15
"""And what part of it all for the last of them."""
_LEAST = 1e-9
"""No token's probability counts for less."""
_WEIGHED = 12
"""Tokens of a text, from its start, by which its likelihood is told."""
_WAITING = frozenset({Domain.NAMES, Domain.MEMBERS})
"""Domains that ask for what lines below read."""
_CUT_SHORT = (Stop.DEADLINE, Stop.LENGTH, Stop.DEAD_END)


class Decoding:
    """One answer in the making. Iterate `run` for growing checkpoints, then read the rest."""

    def __init__(
        self,
        engine: Engine,
        vocabulary: Vocabulary,
        hole: Hole,
        max_tokens: int,
        deadline: Deadline,
        cancel: CancelToken,
        *,
        account: Account | None = None,
        texts: Texts = Texts(),
        apart_from: Sequence[Decoding] | None = None,
        relaxing: Relaxing | None = None,
    ) -> None:
        """With an `account`, tokens are drafted from `texts` where that pays.

        Given other answers to be `apart_from`, none or some, this one begins otherwise, and what
        the model thinks of it is kept in `likelihood`.
        """
        self.hole = hole
        self.stop = Stop.MODEL
        self.over = False
        """Nothing would come of going on."""
        self._engine = engine
        self._max_tokens = max_tokens
        self._deadline = deadline
        self._cancel = cancel
        self._meter = Meter(hole.waited)
        self._said = Said(engine, vocabulary, hole)
        self._judging = Judging(self._said, self._meter)
        self._checkpoints = Checkpoints(self._said, self._judging, deadline, self._meter)
        self._choosing = Choosing(
            self._said,
            self._judging,
            self._checkpoints,
            self._meter,
            relaxing or Relaxing(),
        )
        self._bridging = self._bridging_until(deadline, cancel)
        self._ahead = Ahead(engine, account)
        self._foresight = Foresight(self._said, self._judging, texts)
        self._texts = texts
        self._spoken = 0
        """Tokens said in all, those taken back included."""
        self._begun_again = False
        self._weights: list[float] | None = None if apart_from is None else []
        for other in apart_from or ():
            branch = other.branch()
            if branch is not None:
                self._said.trail.bar(*branch)
        self._reserve = _SEARCH_SHARE * deadline.remaining

    def run(self, prompt: Sequence[int], logits: Logits) -> Iterator[Checkpoint]:
        """Decode after `prompt` from the `logits` it left; yields each checkpoint as it is
        reached.

        Raises `Cancelled`. A checkpoint is yielded once its stop probability is known; whether
        it `stands` is still to be asked.
        """
        reached = self._checkpoints.reach()
        while True:
            self._cancel.check()
            if reached is not None:
                reached.stop_probability = probability(logits, self._engine.info.end_tokens)
                yield reached
            self._meter.begin_token()
            choice = self._next(logits, reached)
            if choice in _CUT_SHORT:
                choice = self._last_resort(prompt, choice)
            if isinstance(choice, Stop):
                self._end(choice)
                return
            if isinstance(choice, Fault):
                self._ahead.forget()
                self._said.follow_trail()
                self._checkpoints.follow_said()
                if self._weights is not None:
                    del self._weights[self.tokens :]
                reached = self._checkpoints.reach()
                logits = self._engine.prefill([*prompt, *self._said.tokens], self._cancel)
                continue
            ended = self._checkpoints.end_within(choice)
            if ended is not None:
                self._end(Stop.LINE)
                yield ended
                return
            if self._weights is not None:
                self._weights.append(math.log(max(probability(logits, [choice]), _LEAST)))
            with self._meter:
                self._said.accept(choice)
            self._spoken += 1
            if self.hole.policy.repeats_buffer(self.text):
                self._checkpoints.forget_repeated()
                kept = self._judging.listens or self._checkpoints.has_something()
                self._end(Stop.LINE if kept else self._last_resort(prompt, Stop.DEAD_END))
                return
            reached = self._checkpoints.reach()
            self._meter.book_token()
            logits = self._ahead.say(choice, self._foresight, self._cancel)

    def go_on(
        self, prompt: Sequence[int], deadline: Deadline, cancel: CancelToken
    ) -> Iterator[Checkpoint]:
        """As `run`, from where time was up or the request was taken back, for another one."""
        self._deadline, self._cancel = deadline, cancel
        self._reserve = _SEARCH_SHARE * deadline.remaining
        self._bridging = self._bridging_until(deadline, cancel)
        self._checkpoints.go_on(deadline)
        self._ahead.forget()
        return self.run(prompt, self._engine.prefill([*prompt, *self._said.tokens], cancel))

    def branch(self) -> tuple[int, int] | None:
        """The first token that says more than what stands in the buffer, and its place."""
        length = 0
        for place, token in enumerate(self._said.tokens):
            length += len(self._engine.token_bytes(token))
            if length > len(self.hole.must):
                return place, token
        return None

    @property
    def likelihood(self) -> float:
        """The logarithm of the model's own probability, the mean over the tokens; minus infinity
        for what it did not say of itself."""
        if not self._weights or self.stop in (Stop.BRIDGED, Stop.FILLED):
            return -math.inf
        return sum(self._weights) / len(self._weights)

    def could_begin(self, text: str) -> bool:
        """Whether an answer that begins with `text` may come of this."""
        return (not self.over and self.text.startswith(text)) or any(
            len(each.text) > len(text) and each.text.startswith(text)
            for each in self._checkpoints.kept
        )

    @property
    def tokens(self) -> int:
        """Tokens in the answer so far."""
        return len(self._said.tokens)

    @property
    def text(self) -> str:
        """The answer so far, from the cursor on."""
        return self._said.text

    @property
    def checkpoints(self) -> list[Checkpoint]:
        return self._checkpoints.kept

    @property
    def refused(self) -> list[Refusal]:
        """What the model wanted to say and was not allowed to, the first few."""
        return self._choosing.refused

    @property
    def given_way(self) -> list[Evidence]:
        """The domains that the model's certainty has overruled, and what they held against it."""
        return self._choosing.relaxing.given_way

    @property
    def drafted(self) -> int:
        """Tokens that were evaluated ahead of their choice."""
        return self._ahead.drafted

    @property
    def drafts_taken(self) -> int:
        """How many of them were then chosen."""
        return self._ahead.taken

    @property
    def constraint_us(self) -> list[float]:
        """Microseconds spent in constraints, token by token."""
        return self._meter.per_token_us

    def stands(self, checkpoint: Checkpoint) -> bool:
        """Whether parser and constraints agree that the checkpoint could stand as it is."""
        return self._judging.stands(checkpoint)

    def best(self, accepts: Callable[[str], bool]) -> Checkpoint | None:
        """The checkpoint to answer with, if any is one that says something and `accepts`."""
        return self._checkpoints.best(accepts)

    def _bridging_until(self, deadline: Deadline, cancel: CancelToken) -> Bridging:
        kept = _FILLING_SHARE * deadline.remaining
        sooner = deadline if math.isinf(kept) else replace(deadline, at=deadline.at - kept)
        return Bridging(self._said, self._judging, self._choosing, sooner, cancel)

    def _end(self, stop: Stop) -> None:
        self.stop = stop
        self.over = stop is not Stop.DEADLINE
        self._ahead.forget()

    def _next(self, logits: Logits, reached: Checkpoint | None) -> Choice:
        """A token to say, an end, or a fault from which the trail has gone back already."""
        choice: Choice
        if self._deadline.passed or self._comes_to_nothing():
            choice = Stop.DEADLINE
        elif self._spoken >= self._max_tokens or self._said.trail.goes_round:
            choice = Stop.LENGTH
        else:
            choice = self._choosing.next(logits, reached)
        if isinstance(choice, Fault) and not self._said.trail.retreat(choice.at):
            choice = Stop.DEAD_END
        if choice in _CUT_SHORT and choice is not Stop.DEADLINE and self._starts_over():
            return Fault(0)
        return choice

    def _comes_to_nothing(self) -> bool:
        """Whether so little time is left, and nothing to show, that it goes to the search."""
        if self._judging.listens or self._deadline.remaining >= self._reserve:
            return False
        return not self._checkpoints.has_something()

    def _starts_over(self) -> bool:
        """Whether what was cut short with nothing to keep begins once more, otherwise."""
        again = self._said.tokens and not self._begun_again
        if self._judging.listens or not again or self._checkpoints.salvage(CLOSING_ENDINGS):
            return False
        self._begun_again = True
        self._said.trail.start_over()
        self._choosing.start_over()
        self._spoken = 0
        return True

    def _last_resort(self, prompt: Sequence[int], stop: Stop) -> Stop:
        """Why the decoding ends that was cut short at `stop`: with nothing to keep, something
        that fits is looked for first."""
        checkpoints = self._checkpoints
        if self._judging.listens or checkpoints.salvage(CLOSING_ENDINGS):
            return stop
        rambling = self._said.tokens
        found = self._bridging.search(
            lambda said: self._engine.prefill([*prompt, *said], self._cancel)
        )
        if found is not None:
            checkpoints.end_with(found)
            return Stop.BRIDGED
        self._said.say_instead(rambling)
        if checkpoints.salvage(OPENING_ENDINGS):
            return stop
        filling = Filling(
            said=self._said,
            judging=self._judging,
            stock=Stock(
                before=self._texts.before,
                after=self._texts.after,
                rest=self.hole.rest,
                pieces=self.hole.pieces,
                policy=self.hole.policy,
            ),
            deadline=self._deadline,
            cancel=self._cancel,
        )
        with self._meter:
            fills = filling.search()
        for fill in fills:
            checkpoints.end_with(fill, self._likely(prompt, fill))
        if fills:
            return Stop.FILLED
        self._settle_for_less()
        return stop

    def _settle_for_less(self) -> None:
        """Keep what could stand but for what names and members still wait for, such as a name that
        lines below read: nothing was found that has it, and none of it was refused."""
        self._judging.settle(_WAITING)
        self._checkpoints.ask_again()
        if self._checkpoints.salvage(CLOSING_ENDINGS):
            for domain in sorted(_WAITING):
                self._choosing.relaxing.settle(domain)

    def _likely(self, prompt: Sequence[int], text: str) -> float:
        """The model's own probability of a token of `text`, as the answer: their mean."""
        if self._deadline.passed:
            return 0.0
        healed = self.hole.must[: self.hole.healed]
        tokens = self._engine.tokenize(healed + utf8(text))[:_WEIGHED]
        first = probability(self._engine.prefill(prompt, self._cancel), tokens[:1])
        rest = self._engine.step_each(tokens[:-1], self._cancel) if len(tokens) > 1 else ()
        chances = [first, *(probability(row, [next_]) for row, next_ in zip(rest, tokens[1:]))]
        return math.exp(sum(math.log(max(chance, _LEAST)) for chance in chances) / len(chances))
