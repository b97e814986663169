"""Growing: what was read of a text serves every text that begins with it.

Owns the memory of readings at one cursor. States are values: whoever extends one leaves it as
it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

_State = TypeVar("_State")


class Growing(Generic[_State]):
    """Readings of completions, of which each mostly extends the one before."""

    def __init__(self, start: _State, *, kept: int = 8) -> None:
        self._kept = kept
        self._memo: dict[str, _State] = {"": start}

    def read(self, text: str, extend: Callable[[_State, str, int], _State]) -> _State:
        """The reading of the whole completion `text`; cheap where it extends an earlier one.

        `extend(state, text, known)` reads on in `text`, of which `state` holds the first `known`
        characters. It is not kept: a reader that held itself would outlive its answer, with all
        that the answer knew, until Python looked for cycles.
        """
        memo = self._memo
        found = memo.get(text)
        if found is not None:
            return found
        known = max(filter(text.startswith, memo), key=len)
        reading = extend(memo[known], text, len(known))
        if len(memo) > self._kept:
            # The text grows along one line of ancestors; siblings that were tried and the
            # oldest ancestors go first, the empty text stays.
            for key in [key for key in memo if key and not text.startswith(key)]:
                del memo[key]
            while len(memo) > self._kept:
                del memo[next(key for key in memo if key)]
        memo[text] = reading
        return reading
