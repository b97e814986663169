"""Lines and their lexical states: as CPython's tokenizer has them, and the same after any edit."""

from __future__ import annotations

import io
import random
import sysconfig
import tokenize
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.syntax.python.lines import LineCache, Lines
from tenon.syntax.python.scanner import NONE, scan, width_of

STDLIB = Path(sysconfig.get_paths()["stdlib"])
MODULES = ["argparse", "ast", "calendar", "dataclasses", "enum", "inspect", "textwrap", "typing"]
PIECES = [
    "(",
    ")",
    "[",
    "}",
    '"',
    '"""',
    "'",
    "'''",
    "\\\n",
    "\n",
    "\n    ",
    "x = 1",
    "#",
    "def f():",
]


def statements(text: str) -> dict[int, int]:
    """Line → column of every statement's first token, by the standard library's tokenizer."""
    quiet = {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    found, fresh = {}, True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE:
            fresh = True
        elif token.type not in quiet and fresh:
            found[token.start[0] - 1] = token.start[1]
            fresh = False
    return found


def picture(cache: LineCache, lines: Lines) -> tuple:
    return (
        lines.starts.tolist(),
        lines.widths.tolist(),
        [cache.names.name(number) for number in lines.states.tolist()],
        lines.errors.tolist(),
        lines.unclosed,
    )


@pytest.mark.parametrize("name", MODULES)
def test_statements_begin_where_the_tokenizer_says(name: str) -> None:
    text = (STDLIB / f"{name}.py").read_text("utf-8")
    lines = LineCache().lines("a", text)
    begins = {row: int(width) for row, width in enumerate(lines.widths) if width != NONE}
    assert begins == statements(text)
    assert lines.errors.tolist() == [] and not lines.unclosed
    assert len(lines.starts) == text.count("\n") + 1


@pytest.mark.parametrize("name", MODULES[:4])
def test_after_any_edits_the_table_is_that_of_a_fresh_scan(name: str) -> None:
    text = (STDLIB / f"{name}.py").read_text("utf-8")[:20_000]
    chance, cache = random.Random(name), LineCache()
    for _ in range(40):
        fresh = LineCache()
        assert picture(cache, cache.lines("a", text)) == picture(fresh, fresh.lines("a", text))
        low = chance.randrange(len(text) + 1)
        high = min(len(text), low + chance.choice([0, 0, 1, 5, 60]))
        text = text[:low] + chance.choice(PIECES) + text[high:]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=20), st.data())
def test_edits_of_broken_text_too_equal_a_fresh_scan(
    pieces: list[str], data: st.DataObject
) -> None:
    cache, text = LineCache(), "".join(pieces)
    cache.lines("a", text)
    for _ in range(3):
        low = data.draw(st.integers(0, len(text)))
        high = data.draw(st.integers(low, min(len(text), low + 5)))
        text = text[:low] + data.draw(st.sampled_from(PIECES)) + text[high:]
        fresh = LineCache()
        assert picture(cache, cache.lines("a", text)) == picture(fresh, fresh.lines("a", text))


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("x = (1, [", "(["),
        ("x = 'a", "'"),
        ('x = """a\nb', '"""'),
        ("f('''a''', \"", '("'),
        ("x = 1 # (", "#"),
        ("x = '\\'", "'"),
        ("x = ''", ""),
        ("'a\\\nb", "'"),
        ("x = 'a\n", ""),
        ("(\ndef f", ""),
        ("(\nfor x in", "("),
    ],
)
def test_the_state_at_the_end_of_a_text(text: str, state: str) -> None:
    assert scan(text, 0, "").state == state


def test_a_line_after_a_backslash_begins_in_a_state_of_its_own() -> None:
    assert scan("x \\\n  y\n", 0, "").states == ["", "\\", ""]


@pytest.mark.parametrize(
    ("indent", "width"), [("", 0), ("    ", 4), ("\t", 8), ("  \t ", 9), ("    \f  ", 2)]
)
def test_indentation_is_counted_as_the_interpreter_counts(indent: str, width: int) -> None:
    assert width_of(indent) == width


def test_only_some_buffers_are_kept() -> None:
    cache = LineCache()
    for number in range(50):
        cache.lines(f"file:///{number}.py", "x = 1\n")
    assert len(cache._tables) <= 8


def test_brackets_without_end_cost_no_memory_without_end() -> None:
    state = scan("(\n" * 50_000, 0, "").state
    assert len(state) == 200
