"""What compiles is more than what parses: errors of meaning that only the compiler sees.

Each place is asked twice: in a sound buffer, and in one that is broken in a statement elsewhere.
"""

from __future__ import annotations

from textwrap import indent

import pytest
from python_places import SYNTAX, at

from tenon.syntax.python import parses

KINDS = [
    ("def f():\n    x = 1\n    <|>\n", "y = x", "global x"),
    ("def f():\n    <|>\n    global x\n", "y = 1", "x = 1"),
    ("def f():\n    <|>\n    global x\n", "y = 1", "print(x)"),
    ("def f(a):\n    <|>\n", "global b", "global a"),
    ("def f():\n    a = 1\n    def g(b):\n        <|>\n", "nonlocal a", "nonlocal b"),
    ("def f():\n    a = 1\n    def g():\n        <|>\n", "nonlocal a", "nonlocal c"),
    ("class A:\n    <|>\n", "x = 1", "return 1"),
    ("class A:\n    <|>\n", "x = 1", "yield 1"),
    ("def f():\n    <|>\n", "return", "break"),
    ("for x in y:\n    def f():\n        <|>\n", "return", "continue"),
    ("def f():\n    <|>\n", "return x", "await x"),
    ("def f():\n    <|>\n", "for x in y: pass", "async for x in y: pass"),
    ("async def f():\n    yield 1\n    <|>\n", "return", "return 1"),
    ("async def f():\n    <|>\n", "yield 1", "yield from x"),
    ("async def f():\n    <|>\n    yield 1\n", "return", "return 1"),
    ("def f(a, <|>): pass\n", "b", "a"),
    ("def f(a, <|>): pass\n", "*, b", "*"),
    ("x = lambda a, <|>: 1\n", "b", "a"),
    ("f(a=1, <|>)\n", "b=1", "a=1"),
    ("f(a=1, <|>)\n", "**b", "b"),
    ("f(<|> = 1)\n", "b", "b.c"),
    ("<|> = x\n", "*a, b", "*a, *b"),
    ("<|> = x\n", "[*a]", "*a"),
    ("<|> = 1\n", "x", "None"),
    ("del <|>\n", "x", "f()"),
    ("import a\n<|>\n", "import b", "from __future__ import annotations"),
    ("from __future__ import <|>\n", "annotations", "no_such_feature"),
    ("def f():\n    <|>\n", "import x", "from x import *"),
    ("match x:\n    case <|>:\n        pass\n", "[a, b]", "[a, a]"),
    ("match x:\n    case <|>:\n        pass\n", "[a] | (a, 1)", "[a] | [b]"),
    ("match x:\n    case <|>:\n        pass\n    case 2:\n        pass\n", "1", "_"),
    ("x = [<|> for a in b]\n", "a", "(yield)"),
    ("x = [a for a in b if (<|> := 1)]\n", "c", "a"),
    ("class A:\n    x = [1 for a in b if <|>]\n", "a", "(c := 1)"),
    ("try:\n    x\nexcept <|>:\n    pass\nexcept B:\n    pass\n", "A", ""),
    ("try:\n    x\nexcept* <|>:\n    pass\n", "A", ""),
    ("while x:\n    try:\n        y\n    except* A:\n        <|>\n", "pass", "continue"),
    ("x: <|> = 1\n", "int", "(yield)"),
    ("def f():\n    <|>: int = 1\n    global y\n", "x", "y"),
    ("with a as <|>: pass\n", "b", "b()"),
    ("f'{<|>}'\n", "a", "a!x"),
    ("<|>:\n    return 1\n", "def f(a, b)", "def f(a, a)"),
    ("<|>:\n    await x\n", "async def f()", "def f()"),
    ("def f():\n    <|>:\n        x\n        continue\n", "for x in y", "if y"),
]
FAR = "def broken()\n    pass\n\n\n"
WAITING = """
def f():
    <|>
    def g():
        nonlocal seen
        seen = 1
    return g
"""


@pytest.mark.parametrize(
    ("marked", "accepted", "refused"),
    [
        *KINDS,
        # What comes before an import from __future__ decides on it.
        *((FAR + kind[0], *kind[1:]) for kind in KINDS if "__future__" not in "".join(kind)),
    ],
)
def test_an_answer_that_does_not_compile_where_it_stands_is_not_confirmed(
    marked: str, accepted: str, refused: str
) -> None:
    prefix, _, suffix = marked.removeprefix(FAR).partition("<|>")
    assert parses(prefix + accepted + suffix) and not parses(prefix + refused + suffix)
    assert SYNTAX.confirms(at(marked), accepted)
    assert not SYNTAX.confirms(at(marked), refused)


def test_in_a_broken_class_the_cursors_own_method_is_asked() -> None:
    marked = (
        "class A:\n    def f(self):\n        x = = 1\n\n"
        "    def g(self):\n        <|>\n        global y\n"
    )
    assert SYNTAX.confirms(at(marked), "x = 1")
    assert not SYNTAX.confirms(at(marked), "y = 1")


def test_in_a_broken_class_a_method_that_waits_for_a_name_is_given_it() -> None:
    marked = (
        "class A:\n    def f(self):\n        x = = 1\n\n    def g(self):\n        <|>\n"
        "        def h():\n            nonlocal done\n            done = True\n"
    )
    assert SYNTAX.confirms(at(marked), "done = False")
    assert not SYNTAX.confirms(at(marked), "x = 1")


def test_a_header_and_a_bracket_that_meet_at_the_cursor_are_no_type_parameters() -> None:
    marked = "def f<|>[int, str]):\n    return a\n"
    assert SYNTAX.confirms(at(marked), "(a: dict")
    assert not SYNTAX.confirms(at(marked), "(a, a: dict")


@pytest.mark.parametrize("before", ["", FAR], ids=["sound", "broken"])
@pytest.mark.parametrize(
    ("hole", "accepted", "refused"),
    [
        ("<|>", "seen = 0", "other = 0"),
        ("<|>", "for seen in []: pass", "pass"),
        ("<|>", "import seen", "# seen"),
        ("<|>", "with a as (b, seen): pass", "seen.x = 1"),
        ("se<|>", "en = 0", "t = 0"),
        ("seen <|>", "= 0", "# = 0"),
        ("for <|> in x: pass", "a, seen", "a"),
        ("import <|>", "seen", "os"),
    ],
)
def test_where_a_nested_function_waits_for_a_name_the_answer_binds_it(
    hole: str, accepted: str, refused: str, before: str
) -> None:
    context = at(before + WAITING.replace("<|>", hole))
    judge, frame = SYNTAX.judge(context), context.frame
    for text, right in ((accepted, True), (refused, False)):
        assert SYNTAX.confirms(context, text) is right
        assert judge(frame.opening + text + frame.closing) is right


def test_where_it_waits_for_several_names_the_answer_binds_them_all() -> None:
    context = at(WAITING.replace("nonlocal seen", "nonlocal seen, heard"))
    assert SYNTAX.confirms(context, "seen, heard = 0, 1")
    assert not SYNTAX.confirms(context, "seen = 0")


@pytest.mark.parametrize(
    "marked",
    [
        # Nothing that stands at the cursor could bind it.
        WAITING.replace("<|>", "print(a.<|>)"),
        WAITING.replace("<|>", "pass") + "\n\ndef h():\n    x = <|>\n",
        WAITING.replace("<|>", "pass").replace("seen = 1", "x = <|>"),
        # It is bound, further out.
        "def e():\n    seen = 0\n" + indent(WAITING, "    "),
        # It may be bound further out, in what is broken.
        "def e():\n    seen = = 0\n" + indent(WAITING, "    "),
    ],
)
def test_other_places_keep_their_answers(marked: str) -> None:
    assert marked.count("<|>") == 1
    assert SYNTAX.confirms(at(marked), "x")


def test_syntax_newer_than_the_interpreter_is_confirmed_by_the_second_judge() -> None:
    marked = "x = 1\ntype A[T] = <|>\n"
    assert SYNTAX.confirms(at(marked), "list[T]")
    assert not SYNTAX.confirms(at(marked), "list[T")
