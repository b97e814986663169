"""Bridging: a search for the likeliest text that fits, where saying on came to nothing.

A model that does not read what stands behind the cursor says what it likes and may never get
there. Here several beginnings are followed by turns, the likeliest first, and every token is
tried against what follows. Owns the order of the search; what may be said is for others to say.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tenon.decoding.candidates import Logits
from tenon.decoding.choosing import Choosing
from tenon.decoding.closing import CLOSING_ENDINGS, OPENING_ENDINGS
from tenon.decoding.judging import Judging
from tenon.decoding.said import Said
from tenon.text import CancelToken, Deadline

_EVALUATIONS = 64
"""How often the model is asked, in all."""
_WIDTH = 10
"""How many tokens are followed from each place."""
_WIDTH_AT_FIRST = 24
"""And from the start."""
_WIDTH_AT_LAST = 256
"""How many are tried there as the one word that is wanted."""
_DEPTH = 24
"""Tokens of the longest text looked at."""
_TURN = 0.4
"""By how much less likely a beginning counts for each turn it has had."""
_QUOTES = ('"', "'")
_GOES_ON = (":", ",", "(", "[", "{")
"""Ends of lines that are followed by more of what they begin."""

Evaluate = Callable[[Sequence[int]], Logits]
"""The logits after an answer of these tokens; the array is valid until the next call."""


@dataclass(frozen=True, slots=True)
class Bridging:
    said: Said
    judging: Judging
    choosing: Choosing
    deadline: Deadline
    cancel: CancelToken

    def search(self, evaluate: Evaluate) -> str | None:
        """The first text found that could stand; None where the search is over without one.

        Whether the model would end there is asked only where nothing follows on the line: what
        it does not read it cannot wait for.
        """
        open_end = not self.said.hole.policy.rest_of_line
        open_ways = _Ways(lead=2 if self.said.hole.must else 1)
        for turn in range(_EVALUATIONS):
            self.cancel.check()
            if turn == _EVALUATIONS // 2 and not open_end:
                # What is likely has failed: perhaps one unlikely word is all that is wanted.
                self.said.say_instead(())
                found = self._bridged(self._tokens(_log_softmax(evaluate(())), _WIDTH_AT_LAST))
                if found is not None:
                    return found
            way = open_ways.pop()
            if way is None or self.deadline.passed:
                return None
            self.said.say_instead(way.tokens)
            if way.ends:
                if self.judging.could_stand(self.said.text):
                    return self.said.text
                continue
            chances = _log_softmax(evaluate(way.tokens))
            tokens = self._tokens(chances, _WIDTH if way.tokens else _WIDTH_AT_FIRST)
            if not open_end:
                found = self._bridged(tokens)
                if found is not None:
                    return found
            elif self._says(self.said.text) and self.said.spelled() and self.said.closes():
                open_ways.push(way.ending(self._chance_of_end(chances)))
            if turn > _EVALUATIONS // 2:
                found = self._closed(tokens)
                if found is not None:
                    return found
            if len(way.tokens) < _DEPTH:
                for token in tokens:
                    open_ways.push(way.with_token(token, float(chances[token])))
        return None

    def _tokens(self, chances: Logits, count: int) -> list[int]:
        return [token for token in self.choosing.several(chances, count) if self._stays(token)]

    def _bridged(self, tokens: list[int]) -> str | None:
        """The text so far and one token more, if what follows the cursor closes that."""
        for token in tokens:
            piece = self.said.engine.token_bytes(token)
            if self.deadline.passed:
                return None
            if not self.said.spelled(piece):
                continue
            for blank in (b"", b" "):
                text = self.said.text_with(piece + blank)
                fits = self._says(text) and self.said.closes(piece + blank)
                if fits and self.judging.could_stand(text):
                    return text
        return None

    def _closed(self, tokens: list[int]) -> str | None:
        """The text so far with its brackets closed by hand, where no word is half said."""
        text = self.said.text
        goes_on = self.said.engine.token_bytes(tokens[0])[:1] if tokens else b""
        word_ends = not text[-1:].isalnum() or not (goes_on.isalnum() or goes_on == b"_")
        if not self.said.spelled() or not word_ends:
            return None
        comments = self.said.hole.policy.comments_for_prose
        for ending in (*comments, *CLOSING_ENDINGS, *OPENING_ENDINGS):
            if ending[:1] in _QUOTES and text.endswith(_QUOTES):
                # An empty string is nothing the model has said.
                continue
            fits = self._says(text + ending) and self.said.closes(ending.encode())
            if fits and self.judging.could_stand(text + ending):
                return text + ending
        return None

    def _says(self, text: str) -> bool:
        return self.said.hole.policy.says_something(text)

    def _stays(self, token: int) -> bool:
        """Whether `token` keeps to the line, or leaves it for what that line has begun."""
        head, line_break, _ = self.said.engine.token_bytes(token).partition(b"\n")
        if not line_break:
            return True
        line = self.said.text_with(head).rpartition("\n")[2].strip()
        return not self.said.hole.policy.rest_of_line and line.endswith(_GOES_ON)

    def _chance_of_end(self, chances: Logits) -> float:
        """The log of the model's probability that the line ends here."""
        ends = [*self.said.engine.info.end_tokens, *self.choosing.line_breaks(chances)]
        return float(np.logaddexp.reduce(chances[ends]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """A beginning that may be followed."""

    tokens: tuple[int, ...] = ()
    cost: float = 0.0
    """What its tokens are unlikely by, as a sum of logarithms."""
    ends: bool = False
    """Whether it goes no further."""

    def with_token(self, token: int, chance: float) -> _Way:
        return _Way(tokens=(*self.tokens, token), cost=self.cost - chance)

    def ending(self, chance: float) -> _Way:
        return _Way(tokens=self.tokens, cost=self.cost - chance, ends=True)


class _Ways:
    """The ways still open. Those that begin alike wait in one line, the likeliest for its
    length first, and the lines take turns: a likely beginning that leads nowhere, such as a
    `return` outside of functions, must not eat up the search."""

    def __init__(self, *, lead: int) -> None:
        self._lead = lead
        self._lines: dict[tuple[int, ...], list[tuple[float, int, _Way]]] = {}
        self._turns: dict[tuple[int, ...], float] = {}
        """By beginning: how unlikely it is, and more for each of its turns."""
        self._count = 0
        self.push(_Way())

    def push(self, way: _Way) -> None:
        begins = way.tokens[: self._lead]
        self._turns.setdefault(begins, way.cost)
        self._count += 1
        score = way.cost / (len(way.tokens) + way.ends or 1)
        heapq.heappush(self._lines.setdefault(begins, []), (score, self._count, way))

    def pop(self) -> _Way | None:
        waiting = [begins for begins, line in self._lines.items() if line]
        if not waiting:
            return None
        begins = min(waiting, key=self._turns.__getitem__)
        self._turns[begins] += _TURN
        return heapq.heappop(self._lines[begins])[2]


def _log_softmax(logits: Logits) -> Logits:
    top = logits.max()
    return logits - (top + np.log(np.exp(logits - top).sum()))
