"""What counts as parsing, as exact and as kept."""

from __future__ import annotations

import pytest

from tenon.evaluation.holes import Hole, Kind, Place, Source
from tenon.evaluation.judge import compiles, first_line, judge, kept


def hole(before: str, expected: str, after: str, intact: tuple[str, str] | None = None) -> Hole:
    return Hole(
        source=Source(name="sample.py", uri="file:///sample.py", load=lambda: None),
        kind=Kind.LINE_END,
        place=Place.BOUNDARY,
        before=before,
        after=after,
        expected=expected,
        intact=intact or (before, after),
    )


@pytest.mark.parametrize(
    "text", ["x = 1\n", "", "async def f():\n    return await g()\n", "x = '\\d'\n"]
)
def test_what_python_compiles_compiles(text: str) -> None:
    assert compiles(text)


@pytest.mark.parametrize(
    "text",
    ["x = (\n", "return 1\n", "f() = 1\n", "x = '\0'\n", "  x = 1\n", "def f(a, a): pass\n"],
)
def test_what_python_refuses_does_not_compile(text: str) -> None:
    assert not compiles(text)


def test_a_nesting_too_deep_for_the_compiler_is_refused_not_fatal() -> None:
    assert not compiles("x = " + "(" * 5000 + ")" * 5000)


def test_an_answer_is_judged_in_the_undamaged_file() -> None:
    damaged = hole("def f(:\n\n\n\nx = ", "1", "\n", ("def f():\n    pass\n\n\nx = ", "\n"))
    assert judge(damaged, "2").parses
    assert not judge(damaged, "2)").parses


@pytest.mark.parametrize(
    ("answer", "expected", "exact"),
    [
        ("foo(bar)", "foo(bar)  ", True),
        ("foo(bar)\nmore", "foo(bar)", True),
        ("\n    return 1", "\n    return 1\n    x", True),
        ("foo(baz)", "foo(bar)", False),
        ("return 1", "    return 1", False),
        ("", "x", False),
    ],
)
def test_exact_means_the_first_line_as_the_author_wrote_it(
    answer: str, expected: str, exact: bool
) -> None:
    assert judge(hole("", expected, ""), answer).exact is exact


@pytest.mark.parametrize(
    ("answer", "expected", "share"),
    [
        ("abcd", "abcd", 1.0),
        ("abcd and more", "abcd", 1.0),
        ("abXX", "abcd", 0.5),
        ("xabcd", "abcd", 0.0),
        ("", "abcd", 0.0),
        ("a\r\nb", "a\nb", 1.0),
    ],
)
def test_kept_is_the_common_prefix_over_the_author_s_length(
    answer: str, expected: str, share: float
) -> None:
    assert kept(answer, expected) == share


def test_the_first_line_is_the_first_that_says_something() -> None:
    assert first_line("\n  \n    x = 1  \n    y\n") == "    x = 1"
    assert first_line(" \n") == ""
