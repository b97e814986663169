"""Any text at all gives a context, in bounded time; what is half written stays usable."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.syntax.python import PythonSyntax
from tenon.text import Document

PIECES = st.sampled_from(
    [*"()[]{}\"'\\:=.,@#*", '"""', "'''", "\n", "\n    ", "\n\t", "\f", "\0", "\ud800", "\r", "é"]
    + ["def f", "class A", "if x", "else:", "try:", "except:", "match x:", "case 1:", "lambda"]
    + ["return", "async ", "from __future__ import a", "global x", 'f"', "\\\n", " ", "x", "1"]
)


def context(text: str, offset: int):
    return PythonSyntax().context(Document(uri="a", version=1, text=text), offset)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join), st.integers(-2, 80))
def test_any_text_and_any_offset_give_a_frame_and_a_verdict(text: str, offset: int) -> None:
    syntax = PythonSyntax()
    found = syntax.context(Document(uri="a", version=1, text=text), offset)
    frame = found.frame
    assert found.prefix + found.suffix == text
    assert len(found.prefix) == min(max(offset, 0), len(text))
    assert frame.indents[0] == "" and frame.unit.strip(" \t\f") == "" != frame.unit
    assert 0 <= frame.statement <= len(frame.opening)
    assert syntax.judge(found)(frame.opening + "x" + frame.closing) in (True, False)
    assert syntax.confirms(found, "x") in (True, False)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.integers(0, 60))
def test_text_that_is_no_python_at_all_does_not_raise(text: str, offset: int) -> None:
    context(text, offset)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "(\n" * 20_000,
        "'" * 100_001,
        '"""\n' * 20_001,
        "x = 1\n" * 20_000,
        "\\\n" * 20_000,
        " " * 200_000 + "x",
        "a," * 200_000,
        "@a\n" * 5_000,
        "".join(" " * n + "if x:\n" for n in range(300)),
        "elif x: y\n" * 5_000,
        "x = '" + "\\" * 100_001,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_hostile_text_takes_no_more_than_a_second(text: str) -> None:
    begin = time.process_time()
    for offset in (0, len(text) // 2, len(text)):
        context(text, offset)
    assert time.process_time() - begin < 3


def test_the_same_buffer_gives_the_same_context_whatever_was_asked_before() -> None:
    syntax = PythonSyntax()
    text = 'def f():\n    """Doc."""\n    x = (1,\n    2)\n    return x\n'
    for offset in range(len(text)):
        broken = text[:offset] + '"' + text[offset:]
        syntax.context(Document(uri="a", version=1, text=broken), offset)
        seen = syntax.context(Document(uri="a", version=2, text=text), offset)
        assert seen == context(text, offset)


def test_typing_in_a_long_buffer_costs_about_what_it_costs_in_a_short_one() -> None:
    """Processor time of one context after an edit, the least of several."""
    unit = "class A:\n    def f(self, a):\n        if a:\n            return [a, 'b']\n        return a\n\n\n"

    def cost(text: str) -> float:
        syntax, least = PythonSyntax(), 1.0
        place = text.index("return a\n", len(text) // 2) + len("return a")
        syntax.context(Document(uri="a", version=0, text=text), place)
        for version, char in enumerate(".value_of_it"):
            text = text[:place] + char + text[place:]
            place += 1
            document = Document(uri="a", version=version, text=text)
            begin = time.process_time()
            syntax.context(document, place)
            least = min(least, time.process_time() - begin)
        return least

    assert cost(unit * 3000) < 0.005 + cost(unit * 70)
