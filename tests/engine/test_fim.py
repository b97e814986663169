"""The prompt: what the model reads of the buffer, and what is left out of it to be healed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.engine.fim import Prompt, build_prompt, prompt_budget, suffix_budget
from tenon.engine.kept import common
from tenon.engine.llama import LlamaEngine
from tenon.engine.probe import Speed

SOURCE = Path(argparse.__file__).read_text(encoding="utf-8")
LINES = st.lists(st.text(alphabet="abc_ .=()'\té漢\U0001f600\x00", max_size=60), max_size=80)
CODE = st.tuples(LINES.map("\n".join), LINES.map("\n".join))


@pytest.fixture(scope="module")
def engine(engine: LlamaEngine) -> Iterator[LlamaEngine]:
    """The bundled model as one that reads all of the suffix that fits."""
    info = engine.info
    engine.info = replace(info, suffix_lines=None)
    yield engine
    engine.info = info


class Chopped:
    """An engine whose tokens are pieces of equal length, so that one may hold half a
    character, or a line end and what follows it, as tokens of some vocabularies do."""

    def __init__(self, engine: LlamaEngine, size: int) -> None:
        self.info = engine.info
        self._size = size
        self._pieces: list[bytes] = [b""] * 10

    def tokenize(self, text: bytes) -> list[int]:
        pieces = [text[at : at + self._size] for at in range(0, len(text), self._size)]
        first = len(self._pieces)
        self._pieces += pieces
        return list(range(first, first + len(pieces)))

    def token_bytes(self, token: int) -> bytes:
        return self._pieces[token]


def parts(engine: LlamaEngine | Chopped, prompt: Prompt) -> SimpleNamespace:
    """The prompt's text: what it says before the cursor, healing included, and after it."""
    fim = engine.info.fim
    tokens = list(prompt.tokens)
    middle = tokens.index(fim.suffix)
    assert tokens[0] == fim.prefix
    assert tokens[-1] == fim.middle
    before, after = tokens[1:middle], tokens[middle + 1 : -1]
    return SimpleNamespace(
        before=b"".join(map(engine.token_bytes, before)) + prompt.heal,
        after=b"".join(map(engine.token_bytes, after)),
        n_before=len(before),
        n_after=len(after),
    )


def at(code: str) -> tuple[str, str]:
    """The buffer before and after its one cursor mark."""
    before, mark, after = code.partition("<|>")
    assert mark
    assert "<|>" not in after
    return before, after


@given(code=CODE, budget=st.integers(16, 300))
@settings(max_examples=200, deadline=None)
def test_the_prompt_is_the_text_around_the_cursor(
    engine: LlamaEngine, code: tuple[str, str], budget: int
) -> None:
    """It ends before the cursor and begins after it, healing included, within the budget,
    cut only between characters; and at line starts, unless one line is too long."""
    for reader in (engine, Chopped(engine, 3), Chopped(engine, 5)):
        prefix, suffix = code
        prompt = build_prompt(reader, prefix, suffix, budget=budget)
        read = parts(reader, prompt)
        before, after = read.before.decode(), read.after.decode()
        assert len(prompt.tokens) <= budget
        assert prefix.endswith(before)
        assert suffix.startswith(after)

        start = len(prefix) - len(before)
        line = prefix.rfind("\n") + 1
        assert start == 0 or prefix[start - 1] == "\n" or start > line
        if start > line:
            assert len(reader.tokenize(prefix[line:].encode())) > budget * 3 // 4 - 8
        if after not in ("", suffix):
            assert after.endswith("\n") or "\n" not in after


@given(code=CODE)
@settings(deadline=None)
def test_healing_stays_on_the_cursors_line_and_between_characters(
    engine: LlamaEngine, code: tuple[str, str]
) -> None:
    for reader in (engine, Chopped(engine, 3), Chopped(engine, 7)):
        prefix, suffix = code
        heal = build_prompt(reader, prefix, suffix).heal
        line = prefix[prefix.rfind("\n") + 1 :]
        assert line.endswith(heal.decode())
        assert bool(heal) == bool(line.strip(" \t")), "indentation alone is read as it is"


@pytest.mark.parametrize(
    ("code", "heal"),
    [
        ("<|>", ""),
        ("import os\n<|>", ""),
        ("x = <|>", " "),
        ("return <|>", " "),
        ("def f():\n    <|>", ""),
        ("import o<|>", " o"),
        ("for i in ran<|>ge(3):", " ran"),
        ("self.prefe<|>", ".prefe"),
        ("print(<|>)", "("),
        ("x = '\U0001f600<|>'", "\U0001f600"),
    ],
)
def test_what_the_cursor_touches_is_healed(engine: LlamaEngine, code: str, heal: str) -> None:
    assert heal == build_prompt(engine, *at(code)).heal.decode()


def test_a_long_word_is_healed_in_part(engine: LlamaEngine) -> None:
    prefix = "the_name_of_a_variable_that_never_seems_to_end"
    prompt = build_prompt(engine, prefix, "")
    assert prefix.endswith(prompt.heal.decode())
    assert 0 < len(prompt.heal) <= 24


def test_a_token_that_spans_a_line_end_is_cut_at_it(engine: LlamaEngine) -> None:
    reader = Chopped(engine, 7)
    prompt = build_prompt(reader, "if x:\nz", "")
    assert prompt.heal == b"z"
    assert parts(reader, prompt).before == b"if x:\nz"


def test_a_buffer_that_fits_is_read_whole(engine: LlamaEngine) -> None:
    prefix, suffix = SOURCE[:500], SOURCE[500:700]
    read = parts(engine, build_prompt(engine, prefix, suffix))
    assert (read.before.decode(), read.after.decode()) == (prefix, suffix)


def test_about_three_quarters_of_the_window_stand_before_the_cursor(
    engine: LlamaEngine,
) -> None:
    """Measured at many places of a long file: the parts the model was trained with."""
    assert prompt_budget(engine.info) == 448
    for offset in range(10_000, 60_000, 997):
        read = parts(engine, build_prompt(engine, SOURCE[:offset], SOURCE[offset:]))
        assert 150 < read.n_before <= 445
        assert 60 < read.n_after <= 111
        assert read.n_before + read.n_after <= 445


def test_typing_leaves_most_of_the_prompt_in_the_cache(engine: LlamaEngine) -> None:
    """From key to key all but the end of the prefix stays the same; where the window must
    move, it moves by many lines at once and then rests."""
    moved, last = [], None
    for offset in range(20_000, 20_800):
        tokens = build_prompt(engine, SOURCE[:offset], SOURCE[20_800:]).tokens
        middle = tokens.index(engine.info.fim.suffix)
        if last is not None:
            same = next(
                (i for i, (old, new) in enumerate(zip(last, tokens)) if old != new), len(last)
            )
            moved.append(middle - same > 8)
        last = tokens
    assert sum(moved) <= 4


def test_a_key_at_the_end_of_a_long_file_makes_the_model_read_a_few_tokens(
    engine: LlamaEngine,
) -> None:
    start = SOURCE.index("\n", len(SOURCE) * 7 // 8)
    assert SOURCE.count("\n", 0, start) > 2000
    before, anew = build_prompt(engine, SOURCE[:start], "").tokens, []
    for end in range(start + 1, start + 400):
        tokens = build_prompt(engine, SOURCE[:end], "").tokens
        anew.append(len(tokens) - min(common(before, tokens), len(tokens) - 1))
        before = tokens
    assert sorted(anew)[len(anew) * 95 // 100] <= 5
    assert sum(each > len(before) / 2 for each in anew) <= 2


def test_a_slow_model_reads_less(engine: LlamaEngine) -> None:
    """Two seconds' worth where nothing is in the cache, and a tenth of one at each key."""
    info = replace(engine.info, trained_window=4096, context_length=4096)
    quick = Speed(prefill_tokens_per_s=5000, decode_tokens_per_s=500)
    slow = Speed(prefill_tokens_per_s=400, decode_tokens_per_s=40)
    slowest = Speed(prefill_tokens_per_s=20, decode_tokens_per_s=2)
    assert prompt_budget(info, quick) == prompt_budget(info) == 3584
    assert [prompt_budget(info, speed) for speed in (slow, slowest)] == [800, 256]
    assert [suffix_budget(1000, speed) for speed in (quick, slow, slowest)] == [250, 40, 32]


@pytest.mark.parametrize(
    "line",
    [
        "x = '" + "a" * 20_000,
        "漢" * 5_000,
        "\U0001f600" * 3_000,
        " " * 9_000,
        "\t" * 9_000,
        "0, " * 4_000,
    ],
    ids=["word", "wide", "emoji", "blanks", "tabs", "list"],
)
def test_a_line_longer_than_the_window_is_cut_within(engine: LlamaEngine, line: str) -> None:
    budget = prompt_budget(engine.info)
    prompt = build_prompt(engine, "import os\n" + line, line + "\n")
    read = parts(engine, prompt)
    assert len(prompt.tokens) <= budget
    assert read.before
    assert line.endswith(read.before.decode())
    assert line.startswith(read.after.decode())


def test_a_lone_surrogate_harms_nothing(engine: LlamaEngine) -> None:
    read = parts(engine, build_prompt(engine, "x = '\ud83d", "'\udc00\n"))
    assert read.before == b"x = '?"
    assert read.after == b"'?\n"


def test_a_model_trained_with_a_beginning_token_gets_it_first(engine: LlamaEngine) -> None:
    reader = Chopped(engine, 4)
    reader.info = replace(engine.info, begin_token=6)
    prompt = build_prompt(reader, "a\n" * 500, "b\n" * 500, budget=100)
    assert prompt.tokens[:2] == (6, engine.info.fim.prefix)
    assert len(prompt.tokens) <= 100


def test_a_budget_too_small_for_any_prompt_is_an_error(engine: LlamaEngine) -> None:
    with pytest.raises(ValueError, match="4"):
        build_prompt(engine, "x", "y", budget=4)


def test_the_size_of_the_buffer_does_not_matter(engine: LlamaEngine) -> None:
    """A file of 20,000 lines asks the tokenizer for no more than the window."""
    seen: list[int] = []

    class Counting(Chopped):
        def tokenize(self, text: bytes) -> list[int]:
            seen.append(len(text))
            return engine.tokenize(text)

        def token_bytes(self, token: int) -> bytes:
            return engine.token_bytes(token)

    build_prompt(Counting(engine, 1), SOURCE * 8, SOURCE * 8)
    assert sum(seen) < 12_000


def test_without_healing_the_prompt_holds_the_prefix_to_its_end(engine: LlamaEngine) -> None:
    prompt = build_prompt(engine, "import o", "\n", healing=False)
    assert prompt.heal == b""
    assert parts(engine, prompt).before == b"import o"


@pytest.mark.parametrize(
    ("lines", "after"), [(0, " + 1"), (1, " + 1\ny = 2"), (None, " + 1\ny = 2\nz = 3\n")]
)
def test_a_model_reads_as_many_lines_behind_the_cursor_as_do_it_good(
    engine: LlamaEngine, lines: int | None, after: str
) -> None:
    whole = engine.info
    try:
        engine.info = replace(whole, suffix_lines=lines)
        prompt = build_prompt(engine, "x = a", " + 1\ny = 2\nz = 3\n")
    finally:
        engine.info = whole
    assert after == parts(engine, prompt).after.decode()
