"""Beside: what is judged while the model computes is judged as it would be alone."""

from __future__ import annotations

import contextlib
import threading
import time

import numpy as np
import pytest

from tenon.decoding.beside import Beside
from tenon.decoding.drafts import Ahead
from tenon.engine.llama import LlamaEngine
from tenon.text import Cancelled, CancelToken

TEXT = b"def add(one, other):\n    return one + other\n\n\ndef total(items):\n    "


@pytest.fixture
def beside():
    made = Beside()
    yield made
    made.close()


@pytest.fixture
def ahead(engine: LlamaEngine, beside: Beside) -> Ahead:
    return Ahead(engine, None, beside)


def foreseen(worth):
    return (), 0


def test_work_is_done_on_another_thread_and_its_fault_raised_on_this_one(beside) -> None:
    logits = np.arange(3, dtype=np.float32)
    beside.begin(lambda _: threading.get_ident(), logits)
    assert beside.result() != threading.get_ident()
    beside.begin(lambda _: 1 / 0, logits)
    with pytest.raises(ZeroDivisionError):
        beside.result()
    beside.begin(lambda copy: copy.copy(), logits)
    logits[0] = 7
    assert list(beside.result()) == [0, 1, 2]


def test_a_token_guessed_right_is_not_evaluated_again(engine, ahead) -> None:
    *said, guess, other = engine.tokenize(TEXT)
    logits = engine.prefill(said, CancelToken())
    before = logits.copy()
    expected = engine.step([guess], CancelToken()).copy()
    logits = engine.prefill(said, CancelToken())
    assert ahead.may_guess()
    judged = ahead.meanwhile(guess, logits, lambda logits: logits.copy(), CancelToken())
    assert np.array_equal(judged, before)
    steps = engine.n_tokens
    assert np.array_equal(ahead.say(guess, foreseen, CancelToken()), expected)
    assert engine.n_tokens == steps == len(said) + 1


def test_a_token_guessed_wrong_leaves_no_trace(engine, ahead) -> None:
    *said, guess, other = engine.tokenize(TEXT)
    engine.prefill(said, CancelToken())
    expected = engine.step([other], CancelToken()).copy()
    for stops in (True, False):
        logits = engine.prefill(said, CancelToken())
        work = (lambda _: ahead.mistaken()) if stops else (lambda _: None)
        ahead.meanwhile(guess, logits, work, CancelToken())
        actual = ahead.say(other, foreseen, CancelToken())
        assert engine.n_tokens == len(said) + 1
        assert np.abs(actual - expected).max() < 0.01


def test_a_cancelled_request_waits_for_what_is_judged_beside_it(engine, ahead) -> None:
    tokens = engine.tokenize(TEXT)
    logits = engine.prefill(tokens, CancelToken())
    before = logits.copy()
    cancel, done = CancelToken(), []

    def work(logits) -> None:
        cancel.cancel()
        time.sleep(0.02)
        done.append(True)

    ahead.meanwhile(tokens[0], logits, work, cancel)
    assert done
    # Where the model was quicker, what follows the token is there.
    with contextlib.suppress(Cancelled):
        ahead.say(tokens[0], foreseen, cancel)
    assert engine.n_tokens - len(tokens) in (0, 1)
    assert np.abs(engine.prefill(tokens, CancelToken()) - before).max() < 0.01


def test_what_work_raises_is_raised_once_the_engine_is_done(engine, ahead) -> None:
    tokens = engine.tokenize(TEXT)
    logits = engine.prefill(tokens, CancelToken())
    with pytest.raises(ZeroDivisionError):
        ahead.meanwhile(tokens[0], logits, lambda _: 1 / 0, CancelToken())
    ahead.forget()
    assert engine.prefill(tokens, CancelToken()) is not None
