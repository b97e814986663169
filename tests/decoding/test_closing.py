"""Closing by hand: the fewest signs that let a text stand."""

from __future__ import annotations

import pytest

from tenon.decoding.closing import ByHand
from tenon.decoding.matcher import Matcher

CALLS = r"""
start: call
call: "print(" value ")"
value: STRING | call | "[" value "]"
STRING: /"[^"\n]*"/ | /'[^'\n]*'/
"""


class Counted(Matcher):
    """A matcher, and how often it was asked what fits."""

    __slots__ = ("probes",)

    def longest_valid(self, tokens: list[int]) -> int:
        self.probes += 1
        return super().longest_valid(tokens)


def closed(vocabulary, text: str) -> tuple[str | None, int]:
    plain = Matcher.from_lark(vocabulary, CALLS)
    assert plain.feed(text)
    matcher = Counted(vocabulary, plain._matcher)
    matcher.probes = 0
    by_hand = ByHand(vocabulary, [], lambda text: True, lambda: False)
    return by_hand.closed(matcher, text), matcher.probes


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ('print("abc', 'print("abc")'),
        ("print('abc", "print('abc')"),
        ('print(["abc', 'print(["abc"])'),
        ('print(["abc"', 'print(["abc"])'),
        ('print("it\'s', 'print("it\'s")'),
        ('print([print("a', None),
        ("print(", None),
    ],
)
def test_what_is_open_is_closed_with_few_probes(vocabulary, text, whole) -> None:
    found, probes = closed(vocabulary, text)
    assert found == whole
    assert probes <= 70
