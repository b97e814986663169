from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models import Shape, random_model

from tenon.engine.llama import LlamaEngine
from tenon.engine.models import bundled


@pytest.fixture(scope="session")
def engine() -> Iterator[LlamaEngine]:
    """The bundled model, shared: each test brings its own context by `prefill`."""
    engine = LlamaEngine.open(bundled())
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound file with random weights, to be damaged."""
    return random_model(tmp_path_factory.mktemp("models") / "small.gguf")


@pytest.fixture(scope="session")
def random_engine(small: Path) -> Iterator[LlamaEngine]:
    """Random weights, in 16-bit floats: rounding hardly shows, a wrong token does."""
    engine = LlamaEngine.open(small)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose prefill of 3,000 tokens takes seconds."""
    shape = Shape(layers=4, width=512, heads=8, feed_forward=1536)
    return random_model(tmp_path_factory.mktemp("models") / "slow.gguf", shape=shape)
