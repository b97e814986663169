"""LlamaEngine against a fresh one: whatever the cache went through, the logits are the same."""

from __future__ import annotations

import logging
import random
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tenon.engine.engine import EngineError
from tenon.engine.llama import LlamaEngine
from tenon.text import Cancelled, CancelToken

SOURCE = Path(threading.__file__).read_bytes()[:8000]
TOLERANCE = 0.02
"""Root mean square, of the logits' own spread. Batches of another size round otherwise, by
0.002 of it; one token more or less in the cache makes 0.1 and more."""


def fresh(tokens: list[int], path: Path) -> np.ndarray:
    """The logits after `tokens` from an engine that never saw anything else."""
    engine = LlamaEngine.open(path)
    logits = engine.prefill(tokens, CancelToken()).copy()
    engine.close()
    return logits


def distance(expected: np.ndarray, actual: np.ndarray) -> float:
    return float(np.sqrt(np.mean((expected - actual) ** 2)) / expected.std())


def assert_same(expected: np.ndarray, actual: np.ndarray) -> None:
    assert distance(expected, actual) < TOLERANCE


def test_reused_prefixes_give_the_logits_of_a_fresh_engine(
    random_engine: LlamaEngine, small: Path
) -> None:
    tokens = random_engine.tokenize(SOURCE)[:400]
    rng = random.Random(3)
    for _ in range(8):
        keep = rng.randrange(len(tokens))
        changed = tokens[:keep] + tokens[keep + 1 : keep + 1 + rng.randrange(60)]
        if changed:
            assert_same(fresh(changed, small), random_engine.prefill(changed, CancelToken()))


def test_asking_for_what_the_cache_holds_already_gives_the_same_logits(
    random_engine: LlamaEngine,
    small: Path,
) -> None:
    tokens = random_engine.tokenize(SOURCE)[:100]
    first = random_engine.prefill(tokens, CancelToken()).copy()
    assert_same(first, random_engine.prefill(tokens, CancelToken()))
    assert_same(fresh(tokens[:50], small), random_engine.prefill(tokens[:50], CancelToken()))


def test_a_reused_prefix_is_not_computed_again(slow: Path) -> None:
    engine = LlamaEngine.open(slow, context_length=1024)
    tokens = engine.tokenize(SOURCE)[:600]
    started = time.perf_counter()
    engine.prefill(tokens[:-1], CancelToken())
    whole = time.perf_counter() - started
    started = time.perf_counter()
    engine.prefill(tokens, CancelToken())
    assert time.perf_counter() - started < whole / 5
    engine.close()


def test_steps_one_by_one_give_what_a_prefill_gives(
    random_engine: LlamaEngine, small: Path
) -> None:
    tokens = random_engine.tokenize(SOURCE)[:60]
    random_engine.prefill(tokens[:40], CancelToken())
    for token in tokens[40:55]:
        random_engine.step([token], CancelToken())
    assert_same(fresh(tokens, small), random_engine.step(tokens[55:], CancelToken()))


def test_after_a_rollback_the_next_step_goes_on_from_there(
    random_engine: LlamaEngine, small: Path
) -> None:
    tokens = random_engine.tokenize(SOURCE)[:60]
    random_engine.prefill(tokens[:50], CancelToken())
    random_engine.step(random_engine.tokenize(b"elsewhere entirely"), CancelToken())
    random_engine.rollback(random_engine.n_tokens - 45)
    assert random_engine.n_tokens == 45
    assert_same(fresh(tokens, small), random_engine.step(tokens[45:], CancelToken()))


def test_a_rollback_of_everything_leaves_an_engine_as_new(
    random_engine: LlamaEngine, small: Path
) -> None:
    tokens = random_engine.tokenize(SOURCE)[:30]
    random_engine.prefill(tokens, CancelToken())
    random_engine.rollback(10_000)
    assert random_engine.n_tokens == 0
    assert_same(fresh(tokens, small), random_engine.prefill(tokens, CancelToken()))


def test_cancelling_ends_a_long_prefill_soon_and_leaves_the_cache_sound(
    slow: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = LlamaEngine.open(slow, context_length=4096)
    caplog.clear()
    caplog.set_level(logging.INFO, logger="tenon.llama")
    tokens = (engine.tokenize(SOURCE) * 3)[:3000]
    started = time.perf_counter()
    engine.prefill(tokens[:256], CancelToken())
    some = time.perf_counter() - started

    waits = []
    for attempt in range(3):
        engine.rollback(engine.n_tokens)
        cancel = CancelToken()
        asked: list[float] = []

        def stop(cancel: CancelToken = cancel, asked: list[float] = asked) -> None:
            asked.append(time.perf_counter())
            cancel.cancel()

        threading.Timer(some * (1.5 + attempt), stop).start()
        with pytest.raises(Cancelled):
            engine.prefill(tokens, cancel)
        waits.append(time.perf_counter() - asked[0])
        assert engine.n_tokens < 3000
    # 10 ms on a machine of its own; the bound leaves room for a busy one.
    assert min(waits) < 0.1

    after = tokens[:700]
    assert_same(fresh(after, slow), engine.prefill(after, CancelToken()))
    engine.close()
    assert not [each for each in caplog.records if each.levelno >= logging.INFO]


def test_a_prompt_that_is_broken_off_again_and_again_is_read_at_last(slow: Path) -> None:
    engine, other = (LlamaEngine.open(slow, context_length=4096) for _ in range(2))
    tokens = engine.tokenize(SOURCE)[:500]
    held = [0]
    while held[-1] < len(tokens) and len(held) < 60:
        # What half of that takes which llama.cpp reads at a stretch, as busy as the machine is.
        other.rollback(other.n_tokens)
        started = time.perf_counter()
        other.prefill(tokens[:64], CancelToken())
        cancel = CancelToken()
        threading.Timer(time.perf_counter() - started, cancel.cancel).start()
        with suppress(Cancelled):
            engine.prefill(tokens, cancel)
        held.append(engine.n_tokens)
    assert held == sorted(held)
    assert held[-1] == len(tokens), held
    assert_same(fresh(tokens, slow), engine.prefill(tokens, CancelToken()))
    engine.close()
    other.close()


def test_a_token_cancelled_before_is_seen_before_anything_is_computed(
    random_engine: LlamaEngine,
    small: Path,
) -> None:
    tokens = random_engine.tokenize(SOURCE)[:80]
    random_engine.prefill(tokens, CancelToken())
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        random_engine.prefill(tokens[:40] + tokens[:20], cancel)
    with pytest.raises(Cancelled):
        random_engine.step([5], cancel)
    assert random_engine.n_tokens == 80
    assert_same(fresh(tokens, small), random_engine.prefill(tokens, CancelToken()))


def test_other_threads_run_while_the_model_computes(slow: Path) -> None:
    engine = LlamaEngine.open(slow, context_length=1024)
    tokens = engine.tokenize(SOURCE)[:600]
    done, ticks = threading.Event(), []

    def work() -> None:
        engine.prefill(tokens, CancelToken())
        done.set()

    worker = threading.Thread(target=work)
    worker.start()
    while not done.wait(0.005):
        ticks.append(time.perf_counter())
    worker.join()
    assert len(ticks) > 10
    engine.close()


def test_logits_are_read_where_llama_cpp_keeps_them(engine: LlamaEngine) -> None:
    tokens = engine.tokenize(SOURCE)[:20]
    first = engine.prefill(tokens, CancelToken())
    second = engine.step([tokens[0]], CancelToken())
    assert first.shape == second.shape == (engine.info.n_vocab,)
    assert first.dtype == np.float32
    assert np.shares_memory(first, second)


def test_more_tokens_than_the_context_holds_are_refused_with_the_numbers(
    engine: LlamaEngine,
) -> None:
    size = engine.info.context_length
    with pytest.raises(EngineError, match=rf"{size + 1} tokens.*{size}"):
        engine.prefill([5] * (size + 1), CancelToken())
    engine.prefill([5] * size, CancelToken())
    with pytest.raises(EngineError, match="do not fit"):
        engine.step([5], CancelToken())


def test_a_context_longer_than_the_model_was_made_for_is_cut(small: Path) -> None:
    engine = LlamaEngine.open(small, context_length=100_000)
    assert engine.info.context_length == 4096
    engine.close()


def test_no_tokens_at_all_is_an_error(engine: LlamaEngine) -> None:
    with pytest.raises(EngineError, match="no tokens"):
        engine.prefill([], CancelToken())


def test_a_closed_engine_says_so(small: Path) -> None:
    engine = LlamaEngine.open(small)
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        engine.prefill([1], CancelToken())


def test_two_engines_do_not_disturb_each_other(engine: LlamaEngine, small: Path) -> None:
    tokens = engine.tokenize(SOURCE)[:50]
    expected = engine.prefill(tokens, CancelToken()).copy()
    other = LlamaEngine.open(small)
    other.prefill(tokens[:30], CancelToken())
    other.close()
    assert_same(expected, engine.prefill(tokens, CancelToken()))


@given(text=st.text())
def test_the_bytes_of_tokens_joined_are_the_text(engine: LlamaEngine, text: str) -> None:
    encoded = text.encode("utf-8", errors="replace")
    assert encoded == b"".join(map(engine.token_bytes, engine.tokenize(encoded)))


@given(junk=st.binary(max_size=200))
@example(junk=b"\xf4\x90\x80\x80")
@example(junk=b"\xed\xa0\x80\xff")
def test_bytes_that_are_no_text_are_cut_into_tokens_without_harm(
    engine: LlamaEngine, junk: bytes
) -> None:
    """Code points beyond the last one made llama.cpp end the process."""
    tokens = engine.tokenize(junk)
    read = b"".join(map(engine.token_bytes, tokens)).decode()
    assert read == junk.decode(errors="replace")


def test_markers_in_plain_text_stay_plain_text(engine: LlamaEngine) -> None:
    tokens = engine.tokenize(b"<|fim_prefix|><|endoftext|>")
    assert not engine.info.end_tokens & set(tokens)


def test_control_tokens_stand_for_no_bytes(engine: LlamaEngine) -> None:
    assert {engine.token_bytes(token) for token in engine.info.end_tokens} == {b""}
    fim = engine.info.fim
    assert len({fim.prefix, fim.suffix, fim.middle}) == 3


def test_every_ending_of_the_bundled_model_is_known(engine: LlamaEngine) -> None:
    """End of text, padding, repository and file separators, and the three markers."""
    assert engine.info.end_tokens == frozenset(range(7))
    assert engine.info.trained_window == 512
    assert engine.info.context_length == 1024
    assert engine.info.begin_token is None


def test_the_tolerance_would_notice_one_missing_token(
    random_engine: LlamaEngine, small: Path
) -> None:
    tokens = random_engine.tokenize(SOURCE)[:120]
    whole = fresh(tokens, small)
    for missing in (0, 5, 60, 110, 118):
        other = random_engine.prefill(tokens[:missing] + tokens[missing + 1 :], CancelToken())
        assert distance(whole, other) > 2 * TOLERANCE
