"""Drafts: what is foreseen saves batches, and never changes an answer."""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models import random_model

from tenon.constraints.constraint import AllOf
from tenon.constraints.grammar import python_grammar
from tenon.decoding.decoder import Decoding
from tenon.decoding.drafts import Account, Ahead
from tenon.decoding.foresight import Texts
from tenon.decoding.hole import Hole
from tenon.decoding.matcher import Matcher
from tenon.decoding.policy import StopPolicy
from tenon.decoding.vocabulary import Vocabulary
from tenon.engine.llama import LlamaEngine
from tenon.engine.models import bundled
from tenon.text import Cancelled, CancelToken, Deadline

NEVER = Deadline(at=math.inf)
SOURCE = Path(argparse.__file__).read_text(encoding="utf-8")


LONGEST = 5
"""Tokens of a draft in these tests."""


class Eager(Account):
    """Believes in every draft, so that what a test sees does not depend on the machine."""

    def pays(self) -> bool:
        return True

    def length(self, sureness: int, most: int) -> int:
        return min(most, LONGEST)


@pytest.fixture(scope="session")
def engine() -> Iterator[LlamaEngine]:
    """The bundled model, which keeps no states: a prompt is computed in the same batches always,
    for batches of dozens round otherwise than small ones."""
    engine = LlamaEngine.open(bundled(), memory=0)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def random_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEngine]:
    path = random_model(tmp_path_factory.mktemp("models") / "random.gguf", scale=0.1)
    engine = LlamaEngine.open(path, memory=0)
    yield engine
    engine.close()


Fill = Callable[..., tuple[str, list[int]]]


@pytest.fixture
def fill(vocabulary: Vocabulary) -> Fill:
    """Fill the statement that `before` ends in; returns the answer's text and tokens."""
    grammar = python_grammar(("",), "    ")

    def run(
        engine: LlamaEngine,
        before: str,
        *,
        texts: Texts = Texts(),
        account: Account | None,
        constrained: bool = True,
        markers: bool = True,
        cancel: CancelToken | None = None,
    ) -> tuple[str, list[int]]:
        matcher = Matcher.from_lark(vocabulary, grammar) if constrained else None
        if matcher is not None:
            assert matcher.feed(before.rpartition("\n")[2])
        hole = Hole(
            matcher=matcher,
            closing=vocabulary.tokens("\n") if constrained else [],
            confirm=(lambda text: True) if constrained else None,
            constraint=lambda: AllOf(()),
            policy=StopPolicy(block=True),
        )
        fim = engine.info.fim
        prompt = [fim.prefix, *engine.tokenize(before.encode())[-200:]]
        if markers:
            prompt += [fim.suffix, fim.middle]
        cancel = cancel or CancelToken()
        engine.rollback(engine.n_tokens)
        decoding = Decoding(
            engine, vocabulary, hole, 24, NEVER, cancel, account=account, texts=texts
        )
        for _ in decoding.run(prompt, engine.prefill(prompt, cancel)):
            pass
        return decoding.text, list(decoding._said.tokens)

    return run


def places(count: int, seed: int) -> Sequence[tuple[str, Texts]]:
    """Beginnings of simple statements in real code, with the texts around them."""
    rng = random.Random(seed)
    lines = SOURCE.split("\n")
    whole = [
        (at, line)
        for at, line in enumerate(lines)
        if line.startswith("    ") and line.rstrip().endswith(")") and " = " in line
    ]
    found = []
    for at, line in rng.sample(whole, count):
        begun = line.lstrip()[: rng.randrange(3, 12)]
        start = "\n".join(lines[:at]) + "\n"
        found.append(
            (start + begun, Texts(before=start + begun, after="\n".join(lines[at + 1 :])))
        )
    return found


@pytest.mark.parametrize("constrained", [True, False])
def test_an_answer_with_drafts_is_the_answer_without(fill, engine, constrained) -> None:
    account = Eager()
    for before, texts in places(12, seed=1):
        plain = fill(engine, before, account=None, constrained=constrained)
        drafted = fill(engine, before, texts=texts, account=account, constrained=constrained)
        assert plain == drafted
    assert 0 < account.accepted < account.proposed


def test_nor_do_drafts_change_what_a_random_model_says(fill, random_engine) -> None:
    """Nothing it says stands anywhere: half of the drafts are its own answer, half a false one."""
    account = Eager()
    for number, (before, _) in enumerate(places(12, seed=2)):
        text, tokens = fill(random_engine, before, account=None, markers=False)
        recent = before[-60:] + (text if number % 2 else text[:4] + " + zip(a, b)" + text[4:])
        texts = Texts(before=before, recent=(recent,))
        assert (text, tokens) == fill(
            random_engine, before, texts=texts, account=account, markers=False
        )
    assert 0 < account.accepted < account.proposed


def test_a_draft_that_always_comes_true_spares_most_batches(fill, engine) -> None:
    before = SOURCE[: SOURCE.index("self._add_action(") + 4]
    text, tokens = fill(engine, before, account=None, constrained=False)
    assert len(tokens) > 4
    account = Eager()
    texts = Texts(before=before, recent=(before[-60:] + text + "    " * 9,))
    assert fill(engine, before, texts=texts, account=account, constrained=False)[1] == tokens
    assert account.accepted >= len(tokens) - 1 - account.batches
    assert account.batches <= math.ceil(len(tokens) / (1 + LONGEST))


def test_what_the_grammar_refuses_is_not_drafted(fill, engine, monkeypatch) -> None:
    evaluated: list[bytes] = []
    step_each = engine.step_each

    def seen(tokens: Sequence[int], cancel: CancelToken) -> object:
        evaluated.append(b"".join(map(engine.token_bytes, tokens)))
        return step_each(tokens, cancel)

    monkeypatch.setattr(engine, "step_each", seen)
    first = engine.token_bytes(fill(engine, "x = [7", account=None)[1][0]).decode()
    texts = Texts(before="x = [7", recent=(f"x = [7{first} )))) ) ) ) )",))
    fill(engine, "x = [7", texts=texts, account=Eager())
    assert not any(b"))" in each for each in evaluated)


def after(engine: LlamaEngine, tokens: list[int]) -> NDArray[np.float32]:
    """The logits after `tokens`, all but the first few said one by one."""
    engine.rollback(engine.n_tokens)
    engine.prefill(tokens[:48], CancelToken())
    for token in tokens[48:-1]:
        engine.step([token], CancelToken())
    return engine.step(tokens[-1:], CancelToken()).copy()


def test_what_is_not_said_after_all_leaves_the_engine_again(engine) -> None:
    tokens = engine.tokenize(SOURCE[:800].encode())[:101]
    expected = after(engine, tokens)
    after(engine, tokens[:99])
    ahead = Ahead(engine, Eager())
    ahead.say(tokens[99], lambda worth: (tokens[:4], 50), CancelToken())
    assert engine.n_tokens == 104
    actual = ahead.say(tokens[100], lambda worth: ((), 0), CancelToken())
    assert engine.n_tokens == 101
    assert np.abs(expected - actual).max() < 0.01


def test_cancelling_inside_a_batch_of_drafts_leaves_the_engine_sound(engine) -> None:
    tokens = engine.tokenize(SOURCE[:800].encode())[:60]
    expected = after(engine, tokens)
    after(engine, tokens[:50])
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        Ahead(engine, Eager()).say(tokens[50], lambda worth: (tokens[51:55], 50), cancel)
    assert np.abs(expected - after(engine, tokens)).max() < 0.01


def booked(account: Account, *, further: float) -> Account:
    for _ in range(20):
        account.book(1, 0.010)
        account.book(3, 0.010 * (1 + 2 * further))
    return account


def test_drafts_are_long_where_batches_are_cheap_and_none_where_they_are_dear() -> None:
    cheap, dear = booked(Account(), further=0.05), booked(Account(), further=1.0)
    assert cheap.pays()
    assert cheap.length(80, 6) > 3
    assert not dear.pays()
    assert dear.length(80, 6) == 0


def test_a_source_that_keeps_failing_is_no_longer_believed() -> None:
    account = booked(Account(), further=0.4)
    assert account.length(80, 6) > 0
    for _ in range(60):
        account.learn(80, came=False)
    assert account.length(80, 6) == 0


def test_drafts_that_lose_are_tried_again_after_a_while() -> None:
    account = booked(Account(), further=1.0)
    assert any(account.pays() and account.length(80, 6) for _ in range(200))
