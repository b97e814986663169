"""From code to a GGUF that the product loads: small, but every step is the real one.

Needs the dependency group `training`, which is not installed with Tenon.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training's own packages are not installed")
pytest.importorskip("tokenizers", reason="training's own packages are not installed")
pytest.importorskip("gguf", reason="training's own packages are not installed")

import numpy as np  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402
from training import export, judge, sequences, start, tokenizer, train  # noqa: E402
from training.corpus import File  # noqa: E402
from training.model import SHAPES, Model, Shape  # noqa: E402
from training.optimiser import orthogonal, rate  # noqa: E402

from tenon.engine.llama import LlamaEngine  # noqa: E402
from tenon.text import CancelToken  # noqa: E402

SOURCES = sorted(Path(train.__file__).parents[1].rglob("*.py"))
FILES = [
    File(package="tenon", name=path.name, text=path.read_text("utf-8"), weight=1)
    for path in SOURCES
    if path.stat().st_size > 400
]
SHAPE = Shape(768, 64, 2, 2, 1, 128, 256, head=32)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer.train(FILES, size=SHAPE.vocabulary).save(str(path))
    return path


@pytest.fixture(scope="module")
def trained(learned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    speller = tokenizer.Speller.load(learned, window=SHAPE.context)
    for split in ("train", "held"):
        sequences.write(FILES, speller, out / split, seed=1, most_tokens=60_000)
    train.train(plan(out, tokens=60_000))
    return out


def plan(out: Path, *, tokens: float) -> train.Plan:
    return train.Plan(
        data=out / "train", held=out / "held", out=out, shape=SHAPE, tokens=tokens, batch=4,
        compiled=False,
    )  # fmt: skip


def test_a_speller_spells_as_the_tokenizer_decodes(learned: Path) -> None:
    speller = tokenizer.Speller.load(learned, window=256)
    text = "def größe(x):\n    return f'{x!r} → {x:>10}'\n"
    tokens = speller.tokenize(text.encode())
    assert b"".join(map(speller.token_bytes, tokens)).decode() == text


def test_rows_hold_whole_prompts_and_weigh_the_answer_most(learned: Path) -> None:
    speller = tokenizer.Speller.load(learned, window=256)
    fim, end = speller.info.fim, speller.info.end_token
    chance = random.Random(3)
    seen = 0
    for file in FILES * 3:
        made = sequences.example(file.text[:1500], speller, chance, room=257)
        if made is None or fim.middle not in made[0]:
            continue
        tokens, weights = made
        assert len(tokens) <= 257
        middle = tokens.index(fim.middle)
        assert tokens[0] == fim.prefix and tokens[-1] == end
        assert set(weights[middle + 1 :]) == {sequences.ANSWER_WEIGHT}
        assert max(weights[: middle + 1]) < sequences.ANSWER_WEIGHT
        seen += 1
    assert seen > 20
    for tokens, weights in sequences.packed(FILES, speller, seed=1):
        assert tokens.shape == weights.shape == (257,)


def test_training_learns_and_goes_on_from_its_checkpoint(trained: Path) -> None:
    fresh = train.held_out(Model(SHAPE), trained / "held", torch.device("cpu"))
    after = train.held_out(
        train.load(trained / train.CHECKPOINT), trained / "held", torch.device("cpu")
    )
    assert after < fresh - 0.5
    steps = (trained / "report.jsonl").read_text().count("\n")
    assert train.train(plan(trained, tokens=70_000)) < fresh
    kept = torch.load(trained / train.CHECKPOINT, weights_only=True)
    assert 60_000 < kept["progress"]["tokens"] < 80_000
    assert (trained / "report.jsonl").read_text().count("\n") > steps


def test_another_shape_does_not_go_on_from_the_checkpoint(trained: Path) -> None:
    from dataclasses import replace

    other = replace(plan(trained, tokens=1e9), shape=replace(SHAPE, layers=3))
    with pytest.raises(ValueError, match="another shape"):
        train.train(other)


def test_llama_computes_what_torch_computes(trained: Path, learned: Path, tmp_path: Path) -> None:
    full, small = tmp_path / "full.gguf", tmp_path / "small.gguf"
    export.write(trained / train.CHECKPOINT, learned, full, name="test")
    export.quantise(full, small, "Q8_0")
    assert small.stat().st_size < full.stat().st_size
    engine = LlamaEngine.open(full)
    try:
        model = train.load(trained / train.CHECKPOINT).eval()
        tokens = engine.tokenize(b"def total(values):\n    return sum(")
        assert tokens == Tokenizer.from_file(str(learned)).encode(
            "def total(values):\n    return sum("
        ).ids
        theirs = np.array(engine.prefill(tokens, CancelToken()))
        with torch.no_grad():
            ours = model.logits(torch.tensor([tokens]))[0, -1].numpy()
        assert np.abs(theirs - ours).max() < 2e-2
    finally:
        engine.close()
    judged = judge.judge(small, FILES, holes=10)
    assert judged.holes == 10 and 0 < judged.nats_a_character < 4


def test_a_gguf_is_a_beginning_with_the_same_weights(
    trained: Path, learned: Path, tmp_path: Path
) -> None:
    full = tmp_path / "full.gguf"
    export.write(trained / train.CHECKPOINT, learned, full, name="test")
    assert start.shape_of(full) == SHAPE
    begun = Model(SHAPE)
    start.weights(full, begun)
    kept = train.load(trained / train.CHECKPOINT).state_dict()
    assert all(torch.equal(tensor, kept[name]) for name, tensor in begun.state_dict().items())


def test_the_shape_that_ships_fits_its_bounds() -> None:
    # Q8_0 takes 34 bytes for 32 weights.
    assert SHAPES["small"].parameters * 34 / 32 < 63e6


def test_orthogonal_matrices_have_singular_values_near_one() -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonal(torch.randn(2, 48, 96)).float())
    assert 0.5 < values.min() and values.max() < 1.5


def test_the_rate_rises_holds_and_falls_to_nothing() -> None:
    assert rate(0.0) < 0.02 and rate(0.3) == 1.0 and rate(1.0) == 0.0
    assert rate(0.6) > rate(0.8) > rate(0.99)
