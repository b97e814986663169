"""A grafted model says what the bundled one says, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grafted import Shape, graft

from tenon.engine.llama import LlamaEngine
from tenon.text import CancelToken

SHAPE = Shape(
    layers=10, width=448, heads=14, key_heads=2, head=128, feed_forward=1024, words=20_000
)
"""Larger in every way, and small enough for a test."""
CODE = b"def total(items):\n    result = 0\n    for item in items:\n        result += item."
TOLERANCE = 0.05
"""Of a logit's spread: the kernels sum longer rows in another order."""


@pytest.fixture(scope="module")
def grafted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEngine]:
    engine = LlamaEngine.open(graft(tmp_path_factory.mktemp("grafted") / "model.gguf", SHAPE))
    yield engine
    engine.close()


def test_text_is_cut_into_the_same_words(engine: LlamaEngine, grafted: LlamaEngine) -> None:
    source = Path(__file__).read_bytes()
    assert engine.tokenize(source) == grafted.tokenize(source)
    assert grafted.info.n_vocab == SHAPE.words
    assert grafted.info.fim == engine.info.fim
    assert len({grafted.token_bytes(token) for token in range(8_000, 20_000)}) == 12_000


def test_it_says_what_the_bundled_model_says(engine: LlamaEngine, grafted: LlamaEngine) -> None:
    fim, cancel = engine.info.fim, CancelToken()
    tokens = [fim.prefix, *engine.tokenize(CODE), fim.suffix, fim.middle]
    expected, actual = (each.prefill(tokens, cancel) for each in (engine, grafted))
    for _ in range(40):
        old = actual[: expected.size]
        assert np.sqrt(np.mean((expected - old) ** 2)) < TOLERANCE * expected.std()
        assert actual[expected.size :].max() < old.min() - 50
        chosen = int(expected.argmax())
        assert chosen == int(actual.argmax())
        expected, actual = (each.step([chosen], cancel) for each in (engine, grafted))
