"""Candidates: logits turned into tokens worth trying, and into the probability of an end.

Numbers alone; knows no grammar and no text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]

_FEW, _MANY = 32, 512
"""How many candidates are tried one by one before a whole mask is computed."""


def best(logits: Logits, count: int) -> list[int]:
    """The `count` best tokens, best first."""
    count = min(count, logits.size)
    top = np.argpartition(logits, logits.size - count)[-count:]
    return [int(token) for token in top[np.argsort(logits[top])[::-1]]]


def waves(
    logits: Logits,
    *,
    ends: frozenset[int],
    breaks_line: Callable[[int], bool],
    mask: Callable[[], NDArray[np.bool_] | None],
) -> Iterator[list[int]]:
    """Candidates best first, in ever larger lists: nearly always the first one is it.

    `mask`, asked only when all else failed, says of each token whether it is allowed.
    """
    first = int(logits.argmax())
    yield [first]
    if first in ends:
        # It wants to end where it cannot: a header wants its body, which begins on a new line
        # and not behind the colon.
        yield [token for token in best(logits, _MANY) if breaks_line(token)]
    for count in (_FEW, _MANY):
        yield best(logits, count)
    allowed = mask()
    if allowed is not None:
        tokens = np.flatnonzero(allowed[: logits.size])
        yield [int(token) for token in tokens[np.argsort(logits[tokens])[::-1][:_MANY]]]


def probability(logits: Logits, tokens: Iterable[int]) -> float:
    """How likely the next token is one of `tokens`."""
    top = logits.max()
    total = float(np.exp(logits - top).sum())
    return sum(float(np.exp(logits[token] - top)) for token in tokens) / total
