"""The Python grammar, case by case: what it takes, and where what it refuses dies."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from itertools import chain, pairwise

import pytest
from grammar_cases import ACCEPTED, ACCEPTED_SINCE, HOLES, REFUSED, UNFINISHED
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.constraints.grammar import python_grammar
from tenon.decoding.matcher import Matcher
from tenon.decoding.vocabulary import Vocabulary
from tenon.engine.llama import LlamaEngine
from tenon.engine.models import bundled

FOUR = ("", "    ", "        ")
PYTHON = [*chain(*ACCEPTED.values())]
EVERYTHING = [*PYTHON, *chain(*ACCEPTED_SINCE.values())]


def matcher(
    vocabulary: Vocabulary, *, indents: tuple[str, ...] = FOUR, unit: str = "    "
) -> Matcher:
    return Matcher.from_lark(vocabulary, python_grammar(indents, unit))


def dies_at(start: Matcher, text: str) -> int | None:
    """The first character of `text` that is refused, None where all is taken."""
    probe = start.copy()
    return next((i for i, character in enumerate(text) if not probe.feed(character)), None)


def takes(start: Matcher, text: str) -> bool:
    """Whether `text` is a whole module."""
    probe = start.copy()
    return probe.feed(text) and probe.closes([])


def fits(start: Matcher, vocabulary: Vocabulary, before: str, after: str) -> bool:
    """Whether `after` closes what `before` began."""
    probe = start.copy()
    return probe.feed(before) and probe.closes(vocabulary.tokens(after))


def python_compiles(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "case", "exec", dont_inherit=True)
        except SyntaxError:
            return False
    return True


@pytest.fixture(scope="module")
def vocabulary() -> Iterator[Vocabulary]:
    engine = LlamaEngine.open(bundled())
    yield Vocabulary(engine.vocab_handle, end=min(engine.info.end_tokens))
    engine.close()


@pytest.fixture(scope="module")
def start(vocabulary: Vocabulary) -> Matcher:
    return matcher(vocabulary)


@pytest.mark.parametrize("text", EVERYTHING)
def test_takes_what_python_takes(start: Matcher, text: str) -> None:
    assert dies_at(start, text) is None
    assert takes(start, text)


@pytest.mark.parametrize("text", PYTHON)
def test_the_cases_are_python(text: str) -> None:
    assert python_compiles(text)


@pytest.mark.parametrize(
    ("version", "text"),
    [(version, text) for version, texts in ACCEPTED_SINCE.items() for text in texts],
)
def test_the_newer_cases_are_python_since_their_version(
    version: tuple[int, int], text: str
) -> None:
    assert python_compiles(text) == (sys.version_info >= version)


@pytest.mark.parametrize("marked", [*chain(*REFUSED.values())])
def test_refuses_at_the_character_that_cannot_be_mended(start: Matcher, marked: str) -> None:
    before, _, after = marked.partition("✖")
    text = before + after
    died = dies_at(start, text)
    assert died is not None, "all of it was taken"
    assert f"{text[:died]}✖{text[died:]}" == marked
    assert not python_compiles(text)


@pytest.mark.parametrize("text", UNFINISHED)
def test_leaves_unfinished_text_alive_and_open(start: Matcher, text: str) -> None:
    assert dies_at(start, text) is None
    assert not takes(start, text)
    assert not python_compiles(text)


@pytest.mark.parametrize(("before", "completion", "after", "expected"), HOLES)
def test_a_completion_fits_if_and_only_if_the_whole_is_python(
    start: Matcher,
    vocabulary: Vocabulary,
    before: str,
    completion: str,
    after: str,
    expected: bool,
) -> None:
    assert fits(start, vocabulary, before + completion, after) == expected
    assert python_compiles(before + completion + after) == expected


@pytest.mark.parametrize("text", EVERYTHING)
def test_every_suffix_closes_its_prefix_wherever_the_cut(
    start: Matcher, vocabulary: Vocabulary, text: str
) -> None:
    """Inside a word, a string, a bracket, an f-string field, on an empty indented line."""
    cuts = range(len(text) + 1)
    assert [cut for cut in cuts if not fits(start, vocabulary, text[:cut], text[cut:])] == []


@given(text=st.sampled_from(EVERYTHING), data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_split_into_tokens_gives_one_verdict(
    start: Matcher, text: str, data: st.DataObject
) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8).map(sorted))
    probe = start.copy()
    for a, b in pairwise([0, *cuts, len(text)]):
        assert probe.feed(text[a:b])
    assert probe.closes([])


@given(text=st.sampled_from(EVERYTHING), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_roll_back_restores_what_was_possible(
    start: Matcher, vocabulary: Vocabulary, text: str, data: st.DataObject
) -> None:
    tokens = vocabulary.tokens(text)
    cut = data.draw(st.integers(0, len(tokens)))
    probe = start.copy()
    for token in tokens:
        probe.accept(token)
    probe.rollback(len(tokens) - cut)
    assert probe.closes(tokens[cut:])


@pytest.mark.parametrize(
    ("indents", "unit", "text"),
    [
        (("", "\t"), "\t", "if x:\n\ty\n\tif z:\n\t\ta\n"),
        (("",), "  ", "if x:\n  if y:\n    z\nelse:\n  a\n"),
        (("", "   ", "   \t"), " ", "if x:\n   if y:\n   \tif z:\n   \t a\n   b\n"),
        (("", "        "), "  ", "class A:\n        def f():\n          pass\n        x = 1\n"),
    ],
)
def test_blocks_stand_at_the_widths_of_the_buffer(
    vocabulary: Vocabulary, indents: tuple[str, ...], unit: str, text: str
) -> None:
    own = matcher(vocabulary, indents=indents, unit=unit)
    assert takes(own, text)
    assert not takes(own, text.replace(indents[1] if len(indents) > 1 else unit, " " * 5))


def test_six_levels_below_the_buffer_may_be_opened_and_no_more(vocabulary: Vocabulary) -> None:
    own = matcher(vocabulary, indents=("", "    "), unit="  ")

    def nested(levels: int) -> str:
        widths = ["", *("    " + "  " * level for level in range(levels))]
        return "".join(f"{width}if x:\n" for width in widths) + "    " + "  " * levels + "y\n"

    assert takes(own, nested(6))
    assert not takes(own, nested(7))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "x = " + "a, " * 2000 + "b\n",
        "x = (" + "'a'\n" * 2000 + ")\n",
        "x = [" + "1, " * 5000 + "]\n",
        "f(" + "a=1, " * 2000 + ")\n",
        "if a: pass\n" + "elif b: pass\n" * 800,
        "match x:\n" + "    case 1: pass\n" * 800,
        "x = f'" + "{a}b" * 2000 + "'\n",
    ],
    ids=["tuple", "strings", "list", "call", "elif", "case", "fields"],
)
def test_a_long_run_costs_no_more_a_piece_than_a_short_one(start: Matcher, text: str) -> None:
    """A list whose pieces each complete all that came before takes minutes at this length."""
    assert takes(start, text)


@pytest.mark.parametrize(
    ("indents", "unit"), [((), "  "), (("  ",), "  "), (("", "x"), "  "), (("",), ""), (("",), "a")]
)
def test_what_cannot_be_an_indentation_is_an_error(indents: tuple[str, ...], unit: str) -> None:
    with pytest.raises(ValueError, match="not the indentation"):
        python_grammar(indents, unit)
