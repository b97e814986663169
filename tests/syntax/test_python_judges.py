"""What parses, by which judge, and when the whole buffer takes an answer."""

from __future__ import annotations

import sys
import time

import pytest
from python_places import SYNTAX, at

from tenon.syntax.python import judge_for, parses

OLDER = pytest.mark.skipif(sys.version_info >= (3, 12), reason="the interpreter knows this syntax")


@pytest.mark.parametrize("text", ["", "x = 1", "def f():\n    return\n", "x: int\n", "# \ud7ff\n"])
def test_python_parses(text: str) -> None:
    assert parses(text)


@pytest.mark.parametrize(
    "text",
    [
        "x =",
        "return",
        "x = '\0'",
        "\0",
        "x = '\ud800'",
        "(" * 300,
        "-" * 100_000 + "1",
        "f(a=1, 2)",
    ],
)
def test_what_is_not_python_is_refused_without_raising(text: str) -> None:
    assert not parses(text)


def test_nothing_is_executed_and_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert parses("print('seen'); x = 1 is 1; '\\d'; raise SystemExit\n")
    assert capsys.readouterr() == ("", "")


@OLDER
@pytest.mark.parametrize(
    ("marked", "completion"),
    [
        ("def f[T](a: T) -> <|>:\n    pass\n", "T"),
        ("class A[T]<|>:\n    pass\n", "(B)"),
        ("type X = <|>\n", "int"),
        ('x = f"{d["a"]} {<|>}"\n', "y"),
        ("try:\n    x\nexcept A, B<|>:\n    y\n", ", C"),
    ],
)
def test_newer_syntax_round_the_cursor_calls_for_a_second_judge(
    marked: str, completion: str
) -> None:
    context = at(marked)
    frame = context.frame
    assert frame is not None
    filled = frame.opening + completion + frame.closing
    assert not parses(filled)
    assert judge_for(context)(filled)
    assert not judge_for(context)(frame.opening + completion + " ) (" + frame.closing)


@OLDER
def test_without_newer_syntax_the_interpreter_alone_judges() -> None:
    context = at("x = 1\n<|>\n")
    assert not judge_for(context)("type X = int\n")


@OLDER
@pytest.mark.parametrize(
    "before", ["('t', '", "('\\t', '", '(open(a, "rt"), "', "('f', '{b}', '"], ids=repr
)
def test_a_letter_in_a_string_shows_no_newer_syntax(before: str) -> None:
    context = at(f"x = {before}\\u01<|>\ny = 1\n")
    frame = context.frame
    assert frame is not None
    closing = before.rpartition(" ")[2] + ")"
    assert not judge_for(context)(frame.opening + closing + frame.closing)
    assert judge_for(context)(frame.opening + "23" + closing + frame.closing)


@pytest.mark.parametrize(
    ("marked", "accepted", "refused"),
    [
        ("x = <|>\ny = 2\n", "1", "1 +"),
        ("def f():\n    x = 1\n    <|>\n", "return x", "global x"),
        # Broken elsewhere: the frame decides.
        ("def broken(:\n    pass\n\ndef f():\n    return <|>\n", "1", "1 +"),
        ("x = <|>\n\nif a\n    b\n", "1", "1 +"),
        ("if <|>:\n    y = 1\n\nz = = 2\n", "x", "x x"),
        ("try:\n    <|>\nexcept E:\n    x\n\nz = = 2\n", "y", "y\nelse: z"),
        # What is decorated stands behind the block that is asked.
        ("z = = 2\n\nx = 1\n<|>a\ndef f():\n    pass\n", "@", "return "),
        (
            "class A:\n    z = = 2\n\n    def f(a):\n        b\n\n    <|>c\n    def g(): pass\n",
            "@",
            "return ",
        ),
    ],
)
def test_an_answer_is_confirmed_unless_the_fault_is_its_own(
    marked: str, accepted: str, refused: str
) -> None:
    assert SYNTAX.confirms(at(marked), accepted)
    assert not SYNTAX.confirms(at(marked), refused)


def test_confirming_in_a_very_long_buffer_takes_a_moment() -> None:
    body = "".join(
        f"def f{n}(a):\n    if a:\n        return {n}\n    return a\n\n" for n in range(6000)
    )
    marked = body + "def g(a):\n    return <|>\n\n" + body
    context = at(marked)
    begin = time.process_time()
    assert SYNTAX.confirms(context, "a")
    assert not SYNTAX.confirms(context, "a +")
    assert time.process_time() - begin < 0.5
