"""Going back: one token at first, more each time the same thing proves wrong, and not for ever."""

from __future__ import annotations

from tenon.decoding.trail import Trail


def said(*tokens: tuple[int, int]) -> Trail:
    """A trail of (token, characters before it)."""
    trail = Trail()
    for token, length in tokens:
        trail.add(token, length=length)
    return trail


def test_the_first_step_back_takes_one_token_and_bars_it_there() -> None:
    trail = said((1, 0), (2, 3), (3, 5))
    assert trail.retreat(3)
    assert trail.tokens == [1, 2]
    assert trail.bars(3)
    assert not trail.bars(2)


def test_the_same_fault_again_goes_back_further_but_not_beyond_its_start() -> None:
    trail = said((1, 0), (2, 3), (3, 5))
    assert trail.retreat(3)
    trail.add(4, length=5)
    assert trail.retreat(3)
    assert trail.tokens == [1]
    assert trail.bars(2)
    trail.add(5, length=3)
    assert trail.retreat(3)
    assert trail.tokens == [1], "the fault begins behind the first token"
    assert trail.bars(2) and trail.bars(5)


def test_what_was_barred_further_on_is_forgotten_when_going_back_before_it() -> None:
    trail = said((1, 0), (2, 3))
    assert trail.retreat(0)
    assert trail.retreat(0)
    trail.add(7, length=0)
    assert not trail.bars(2)


def test_there_is_an_end_to_going_back() -> None:
    trail = Trail()
    times = 0
    while True:
        trail.add(times, length=0)
        if not trail.retreat(0):
            break
        times += 1
    assert 1 < times < 50


def test_an_empty_trail_has_nowhere_to_go_back_to() -> None:
    assert not Trail().retreat(-1)


def test_a_first_doubt_is_not_yet_a_fault() -> None:
    trail = Trail()
    assert not trail.doubts(4)
    assert trail.doubts(4)
    assert not trail.doubts(5)


def test_saying_the_same_again_and_again_is_going_round() -> None:
    rounds = [(token, 0) for token in (1, 2, 3) * 4]
    assert said(*rounds).goes_round
    assert not said(*rounds[:-1]).goes_round
    assert not said(*rounds[:6], (9, 0), *rounds[6:]).goes_round


def test_a_few_zeros_in_a_row_are_no_going_round() -> None:
    assert not said(*[(0, 0)] * 11).goes_round
    assert said(*[(0, 0)] * 12).goes_round
