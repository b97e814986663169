"""Candidates: logits turned into tokens worth trying, and into the probability of an end.

Numbers alone; knows no grammar and no text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]

_FEW, _MANY = 32, 512
"""How many candidates are tried before a whole mask is computed, and how many of its own."""
_STRIDE = 16
"""One logit in so many is looked at for a bound below which none of the best lies."""


def best(logits: Logits, count: int) -> list[int]:
    """The `count` best tokens, best first."""
    count = min(count, logits.size)
    sample = logits[::_STRIDE]
    rank = 2 * count // _STRIDE + 8
    if rank < sample.size:
        # Whatever is not below the sample's so-manieth best, the best are among: to sort a few
        # hundred takes a hundredth of the time that a large vocabulary does.
        least = np.partition(sample, sample.size - rank)[sample.size - rank]
        tokens = np.flatnonzero(logits >= least)
        if tokens.size >= count:
            return _in_order(logits, tokens, count)
    return _in_order(logits, np.arange(logits.size), count)


def _in_order(logits: Logits, tokens: NDArray[np.intp], count: int) -> list[int]:
    ordered: list[int] = tokens[np.argsort(-logits[tokens])[:count]].tolist()
    return ordered


def best_of(logits: Logits, allowed: NDArray[np.bool_] | None, count: int) -> list[int]:
    """The `count` best of the tokens that are `allowed`, best first; None allows them all."""
    if allowed is None:
        return best(logits, count)
    return _in_order(logits, np.flatnonzero(allowed[: logits.size]), count)


def waves(
    logits: Logits,
    *,
    ends: frozenset[int],
    line_breaks: Callable[[], NDArray[np.bool_]],
    masks: Iterable[NDArray[np.bool_]],
    spells: Callable[[], Callable[[int], bool] | None],
) -> Iterator[list[int]]:
    """Candidates best first, in ever larger lists: nearly always the first one is it.

    `masks`, asked only when a few have failed, say of each token whether it may be allowed, the
    cheaper one first. They leave out tokens that split a forced spelling: which those are is told
    by what `spells` returns, None where nothing is forced.
    """
    first = int(logits.argmax())
    yield [first]
    if first in ends:
        # It wants to end where it cannot: a header wants its body, which begins on a new line
        # and not behind the colon.
        breaks = line_breaks()
        yield [token for token in best(logits, _MANY) if breaks[token]]
    yield best(logits, _FEW)
    forced = spells()
    if forced is not None:
        yield [token for token in best(logits, _MANY) if forced(token)]
    for allowed in masks:
        yield best_of(logits, allowed, _MANY)


def probability(logits: Logits, tokens: Iterable[int]) -> float:
    """How likely the next token is one of `tokens`."""
    top = logits.max()
    total = float(np.exp(logits - top).sum())
    return sum(float(np.exp(logits[token] - top)) for token in tokens) / total
