"""Trail: the tokens of an answer, and where to go back to when what was said proves wrong.

A name shows itself to be none only at its end, by when its tokens stand. Owns the choice of how
far to go back and what not to say again there; knows no model and no constraint.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

_RETREATS = 10
"""How often an answer may go back, in all."""
_ROUND = 16
"""Tokens of the longest round that is seen for one."""
_ROUNDS = 4
"""How often the same must be said to be going round."""
_LEAST_ROUNDS = 12
"""Tokens that those rounds have at least: shorter ones, such as zeros in a row, are no rambling."""


@dataclass(slots=True)
class Trail:
    tokens: list[int] = field(default_factory=list)
    _lengths: list[int] = field(default_factory=list)
    """How many characters the answer had before each token."""
    _barred: dict[int, set[int]] = field(default_factory=dict)
    """By place, the tokens that have led nowhere from there."""
    _shut: dict[int, set[int]] = field(default_factory=dict)
    """By place, the tokens that are not to be said there whatever comes of them."""
    _left: int = _RETREATS
    _fault: int | None = None
    _place: int = 0
    _doubted: set[int] = field(default_factory=set)

    def add(self, token: int, *, length: int) -> None:
        """Say `token`, the answer having had `length` characters before it."""
        self.tokens.append(token)
        self._lengths.append(length)

    def bars(self, token: int) -> bool:
        """Whether `token` is not to be said here: it led nowhere, or another answer has it."""
        place = len(self.tokens)
        return token in self._barred.get(place, ()) or token in self._shut.get(place, ())

    @property
    def tried(self) -> frozenset[int]:
        """The tokens that led nowhere from here."""
        return frozenset(self._barred.get(len(self.tokens), ()))

    def forgive(self) -> None:
        """What led nowhere from here may be said again: what refused it has given way."""
        self._barred.pop(len(self.tokens), None)

    @property
    def may_retreat(self) -> bool:
        """Whether `retreat` would go back."""
        return bool(self.tokens) and self._left > 0

    def bar(self, place: int, token: int) -> None:
        """Never say `token` as the one at `place`: another answer has said it."""
        self._shut.setdefault(place, set()).add(token)

    def doubts(self, at: int) -> bool:
        """Whether what begins at character `at` has been found wanting before: once may only
        mean that the word is not yet whole."""
        doubted = at in self._doubted
        self._doubted.add(at)
        return doubted

    def retreat(self, at: int) -> bool:
        """Go back, since what begins at character `at` cannot be right; False if there have
        been enough of that.

        The first time only the last token is taken back: a name may have been right up to it.
        Each further time for the same fault takes back one more, until the name's first token.
        """
        if not self.may_retreat:
            return False
        first = max(bisect_right(self._lengths, at) - 1, 0)
        place = self._place - 1 if at == self._fault else len(self.tokens) - 1
        place = min(max(place, first), len(self.tokens) - 1)
        self._fault, self._place = at, place
        self._left -= 1
        barred = self.tokens[place]
        del self.tokens[place:], self._lengths[place:]
        for kept in (self._barred, self._shut):
            for later in [key for key in kept if key > place]:
                del kept[later]
        self._barred.setdefault(place, set()).add(barred)
        return True

    @property
    def goes_round(self) -> bool:
        """Whether the same few tokens have been said again and again."""
        tokens = self.tokens
        return any(
            tokens[-length:] * (_ROUNDS - 1) == tokens[-length * _ROUNDS : -length]
            for length in range(1, min(_ROUND, len(tokens) // _ROUNDS) + 1)
            if length * _ROUNDS >= _LEAST_ROUNDS and tokens[-1] == tokens[-1 - length]
        )

    def start_over(self) -> None:
        """Go back to the first token of the answer, and bar it."""
        place = max(bisect_right(self._lengths, 0) - 1, 0)
        barred = self.tokens[place]
        del self.tokens[place:], self._lengths[place:]
        self._barred = {}
        self._shut = {place: {barred}}
