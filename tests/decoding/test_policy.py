"""Where an answer ends, and where it only wanders."""

from __future__ import annotations

import pytest

from tenon.decoding.policy import StopPolicy
from tenon.syntax.python import PythonSyntax
from tenon.text import Document


def at(marked: str, *, single: bool = False) -> StopPolicy:
    before, cursor, after = marked.partition("<|>")
    assert cursor
    document = Document(uri="file:///a.py", version=1, text=before + after)
    return StopPolicy.at(PythonSyntax().context(document, len(before)), single=single)


@pytest.mark.parametrize(
    ("marked", "text", "ends"),
    [
        ("x = <|>\n", "1", True),
        ("x = <|>\n", "", False),
        ("def f():\n    <|>\n", "return 1", False),
        ("def f():\n    <|>\n", "return 1\n", True),
        ("def f():\n    return <|>\n", "1", True),
        ("<|>\nx = 1\n", "if y:\n    z()", False),
    ],
)
def test_a_line_is_finished_and_a_block_may_go_on(marked, text, ends) -> None:
    assert at(marked).ends_at_line_break(text) is ends


def test_a_header_may_grow_its_body() -> None:
    policy = at("if x<|>\ny = 1\n")
    assert not policy.ends_at_line_break(":\n    return")
    assert policy.ends_at_line_break(" = 1")


def test_single_lines_are_a_setting() -> None:
    assert not at("def f():\n    <|>\n").ends_at_line_break("return 1")
    assert at("def f():\n    <|>\n", single=True).ends_at_line_break("return 1")


def test_an_answer_does_not_repeat_the_line_behind_the_cursor() -> None:
    policy = at("def f():\n    <|>\n\n    return total\n")
    assert policy.repeats_buffer("x = 1\n    return total\n")
    assert not policy.repeats_buffer("x = 1\n    return totals\n")
    assert not policy.repeats_buffer("return total"), "a single line is an answer of its own"


@pytest.mark.parametrize(
    ("marked", "text", "wanders"),
    [
        ("def f():\n    <|>\n", "  ", True),
        ("def f():\n    <|>\n", "x", False),
        ("def f():\n<|>\n", "    x", False),
        ("def f():\n<|>\n", "         x", True),
        ("x = f(<|>)\n", "a  ", False),
        ("x = f(<|>)\n", "a" + " " * 40, True),
        ("x = 'a<|>'\n", "  b", False),
        ("                if x:<|>\n", "\n" + " " * 20, False),
        ("                if x<|>\n", ":\n" + " " * 19, False),
        ("if x<|>\n", ":\n" + " " * 20, True),
        ("if x<|>\n", ":\n    \t ", True),
        ("x = function(<|>\n", "one,\n" + " " * 3, False),
    ],
)
def test_blanks_lead_nowhere(marked, text, wanders) -> None:
    assert at(marked).wanders(text) is wanders


def test_a_comment_may_not_swallow_the_rest_of_the_line() -> None:
    assert at("f(<|>)\n").comment_begun("a  # b", owing=False) == "a  #"
    assert at("f(<|>  # b\n").comment_begun("a  # b", owing=False) is None
    assert at("f(<|>\n").comment_begun(" # b", owing=False) is None
    assert at("f(<|>\n").comment_begun(" # b", owing=True) == " #"


@pytest.mark.parametrize(
    ("rest", "swallowed"),
    [
        ("LETTER U WITH DIAERESIS", True),
        ("s properties.", True),
        ("tests:", False),
        ("x in tests if y", False),
        ("not x and y:", False),
        ("const x = 1", False),
        ("f('some words of a string')", False),
        ("total  # some words of a comment", False),
    ],
)
def test_a_comment_may_swallow_what_is_no_code(rest: str, swallowed: bool) -> None:
    policy = at(f"x<|> {rest}\n")
    assert (policy.comment_begun(" # b", owing=False) is None) is swallowed
    assert bool(policy.comments_for_prose) is swallowed


@pytest.mark.parametrize(
    ("marked", "text", "says"),
    [
        ("<|>\n", '""', False),
        ("<|>\n", "...", True),
        ("<|>\n", "  ", False),
        ("if x:<|>\n", " ()", False),
        ("if x:<|>\n", " pass", True),
        ("f<|>\n", "()", True),
        ("f(<|>\n", ")", True),
        ("f(<|>)\n", '""', True),
        ("f(\n    <|>\n)\n", "()", True),
    ],
)
def test_signs_alone_are_no_statement(marked: str, text: str, says: bool) -> None:
    assert at(marked).says_something(text) is says
