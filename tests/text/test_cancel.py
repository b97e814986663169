"""Deadlines and cancelling, told by an injected clock."""

from __future__ import annotations

import pytest

from tenon.text import Cancelled, CancelToken, Deadline


def test_a_deadline_passes_when_its_clock_reaches_it() -> None:
    now = [10.0]
    deadline = Deadline.after(2.0, clock=lambda: now[0])
    assert (deadline.remaining, deadline.passed) == (2.0, False)
    now[0] = 12.0
    assert deadline.passed
    now[0] = 13.5
    assert deadline.remaining == -1.5


def test_a_deadline_at_infinity_never_passes() -> None:
    assert not Deadline(at=float("inf")).passed


def test_a_cancelled_token_raises_wherever_it_is_looked_at() -> None:
    token = CancelToken()
    token.check()
    token.cancel()
    assert token.cancelled
    with pytest.raises(Cancelled):
        token.check()


def test_the_first_reason_for_cancelling_stays() -> None:
    token = CancelToken()
    token.cancel()
    token.cancel(superseded=True)
    assert not token.superseded
    other = CancelToken()
    other.cancel(superseded=True)
    assert other.superseded


def test_cancelling_calls_what_must_be_stopped_once_and_not_afterwards() -> None:
    token, calls = CancelToken(), []
    with token.stopping(lambda: calls.append("first")):
        pass
    with token.stopping(lambda: calls.append("second")):
        token.cancel()
        token.cancel()
    assert calls == ["second"]
    with token.stopping(lambda: calls.append("third")):
        assert calls == ["second", "third"]


def test_a_deadline_ends_with_what_it_is_given():
    cancel = CancelToken()
    deadline = Deadline.after(2.0, clock=lambda: 100.0).ending_with(cancel)
    assert deadline.remaining == 2.0
    cancel.cancel()
    assert deadline.passed
