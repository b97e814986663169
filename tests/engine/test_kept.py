"""States laid aside: switching between documents costs a copy, and never a wrong logit."""

from __future__ import annotations

import gc
import mmap
import random
import threading
import time
import weakref
from pathlib import Path

import pytest

from test_llama import assert_same, fresh

from tenon.engine.engine import EngineError
from tenon.engine.kept import common
from tenon.engine.llama import LlamaEngine
from tenon.text import Cancelled, CancelToken

SOURCES = [Path(module.__file__).read_bytes()[:6000] for module in (threading, random, pytest)]


def test_what_two_sequences_share_is_their_longest_beginning() -> None:
    assert common([1, 2, 3], (1, 2, 4)) == 2
    assert common([], (1,)) == 0
    assert common([1, 2], (1, 2, 3)) == 2
    assert common((5,), [1]) == 0


def test_coming_back_to_a_document_gives_the_logits_of_a_fresh_engine(small: Path) -> None:
    engine = LlamaEngine.open(small)
    places = [engine.tokenize(source)[:300] for source in SOURCES]
    rng = random.Random(4)
    for _ in range(12):
        tokens = rng.choice(places)[: rng.randrange(100, 300)]
        assert_same(fresh(tokens, small), engine.prefill(tokens, CancelToken()))
        engine.step(tokens[:5], CancelToken())
    assert len(engine.kept) >= 2
    engine.close()


def test_coming_back_to_a_document_does_not_compute_it_again(slow: Path) -> None:
    engine = LlamaEngine.open(slow, context_length=1024)
    one, other = (engine.tokenize(source)[:500] for source in SOURCES[:2])
    started = time.perf_counter()
    engine.prefill(one, CancelToken())
    first = time.perf_counter() - started
    engine.prefill(other, CancelToken())
    started = time.perf_counter()
    engine.prefill(one, CancelToken())
    assert time.perf_counter() - started < first / 5
    engine.close()


def test_the_oldest_state_makes_room_within_the_budget(small: Path) -> None:
    engine = LlamaEngine.open(small, memory=1 << 30)
    places = [engine.tokenize(source)[:200] for source in SOURCES]
    for tokens in places:
        engine.prefill(tokens, CancelToken())
    size = engine.kept.held // 2
    assert len(engine.kept) == 2
    engine.close()

    engine = LlamaEngine.open(small, memory=int(size * 1.5))
    for tokens in places:
        engine.prefill(tokens, CancelToken())
        assert engine.kept.held <= engine.kept.memory
    assert len(engine.kept) == 1
    assert engine.kept.nearest(places[1])[1] == len(places[1])
    assert engine.kept.nearest(places[0])[1] < len(places[0])
    engine.close()


def test_without_memory_nothing_is_kept(small: Path) -> None:
    engine = LlamaEngine.open(small, memory=0)
    one, other = (engine.tokenize(source)[:200] for source in SOURCES[:2])
    engine.prefill(one, CancelToken())
    assert_same(fresh(other, small), engine.prefill(other, CancelToken()))
    assert (len(engine.kept), engine.kept.held) == (0, 0)
    engine.close()


def test_typing_on_in_one_document_lays_nothing_aside(small: Path) -> None:
    engine = LlamaEngine.open(small)
    tokens = engine.tokenize(SOURCES[0])[:400]
    for length in range(200, 400, 20):
        engine.prefill(tokens[:length] + tokens[:3], CancelToken())
    assert len(engine.kept) == 0
    engine.close()


def test_cancelled_while_another_document_is_read_both_stay_sound(slow: Path) -> None:
    engine = LlamaEngine.open(slow, context_length=1024)
    one, other = (engine.tokenize(source)[:500] for source in SOURCES[:2])
    engine.prefill(one, CancelToken())
    cancel = CancelToken()
    threading.Timer(0.05, cancel.cancel).start()
    with pytest.raises(Cancelled):
        engine.prefill(other, cancel)
    assert_same(fresh(one, slow), engine.prefill(one, CancelToken()))
    assert_same(fresh(other, slow), engine.prefill(other, CancelToken()))
    engine.close()


def test_logits_after_each_token_are_those_of_single_steps(small: Path) -> None:
    engine = LlamaEngine.open(small)
    tokens = engine.tokenize(SOURCES[0])[:60]
    engine.prefill(tokens[:50], CancelToken())
    alone = [engine.step([token], CancelToken()).copy() for token in tokens[50:]]
    engine.rollback(10)
    rows = engine.step_each(tokens[50:], CancelToken())
    assert len(rows) == 10
    for expected, actual in zip(alone, rows, strict=True):
        assert_same(expected, actual)
    engine.rollback(7)
    assert_same(alone[3], engine.step([tokens[53]], CancelToken()))
    engine.close()


def test_logits_after_too_many_tokens_at_once_are_refused(small: Path) -> None:
    engine = LlamaEngine.open(small)
    with pytest.raises(EngineError, match="17 logits"):
        engine.step_each([5] * 17, CancelToken())
    engine.close()


def test_what_a_state_takes_goes_back_to_the_system_when_it_is_given_up(small: Path) -> None:
    engine = LlamaEngine.open(small)
    engine.prefill(engine.tokenize(SOURCES[0])[:200], CancelToken())
    engine.prefill(engine.tokenize(SOURCES[1])[:200], CancelToken())
    state, _ = engine.kept.nearest(engine.tokenize(SOURCES[0])[:200])
    assert state is not None
    pages = weakref.ref(state.data.base.obj)
    del state
    assert isinstance(pages(), mmap.mmap)
    gc.disable()
    try:
        engine.kept.clear()
        assert pages() is None
    finally:
        gc.enable()
    engine.close()
