"""One real model for all tests of the token loop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tenon.decoding.vocabulary import Vocabulary
from tenon.engine.llama import LlamaEngine
from tenon.engine.models import bundled


@pytest.fixture(scope="session")
def engine() -> Iterator[LlamaEngine]:
    engine = LlamaEngine.open(bundled())
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def vocabulary(engine: LlamaEngine) -> Vocabulary:
    return Vocabulary(engine.vocab_handle, end=engine.info.end_token)
