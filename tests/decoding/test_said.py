"""What has been said: bytes, matcher and healer move together, forward and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.constraints.constraint import AllOf
from tenon.decoding.hole import Hole
from tenon.decoding.matcher import Matcher
from tenon.decoding.policy import StopPolicy
from tenon.decoding.said import Said

ANY = "start: /(.|\\n)*/\n"


def said(engine, vocabulary, *, must: bytes = b"") -> Said:
    hole = Hole(
        matcher=Matcher.from_lark(vocabulary, ANY),
        closing=[],
        confirm=lambda text: True,
        constraint=lambda: AllOf(()),
        policy=StopPolicy(block=False),
        must=must,
        healed=len(must),
    )
    return Said(engine, vocabulary, hole)


@settings(max_examples=30, deadline=None)
@given(words=st.lists(st.sampled_from(["a", "é", "b(", " c", "\n", "🙂", "x.y"]), max_size=6))
def test_saying_something_else_leaves_no_trace_of_what_was_said(engine, vocabulary, words) -> None:
    tokens = [token for word in words for token in engine.tokenize(word.encode())]
    fresh, used = said(engine, vocabulary), said(engine, vocabulary)
    for token in engine.tokenize(b"self.value = [1, 2"):
        used.accept(token)
    fresh.say_instead(tokens)
    used.say_instead(tokens)
    assert fresh.text == used.text == "".join(words)
    mask, other = fresh.mask(), used.mask()
    assert mask is not None and other is not None and np.array_equal(mask, other)


def test_a_healed_word_is_asked_for_again_after_going_back(engine, vocabulary) -> None:
    answer = said(engine, vocabulary, must=b" retur")
    wrong, right = engine.tokenize(b" import")[0], engine.tokenize(b" return")[0]
    for _ in range(2):
        assert not answer.heals(wrong)
        assert answer.heals(right)
        answer.accept(right)
        assert answer.spelled() and answer.text == "n"
        assert answer.heals(wrong), "all is said that must be"
        answer.say_instead(())


@pytest.mark.parametrize(("must", "heals"), [(b" for", False), (b"  ", True), (b" =", True)])
def test_the_blank_before_a_word_is_not_said_alone(engine, vocabulary, must, heals) -> None:
    (blank,) = engine.tokenize(b" ")
    assert engine.token_bytes(blank) == b" "
    assert said(engine, vocabulary, must=must).heals(blank) is heals
