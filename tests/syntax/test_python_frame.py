"""What fits a place: the frame says yes to what the buffer takes, and no to what it refuses."""

from __future__ import annotations

import pytest
from python_places import at, fits, frame_at

from tenon.syntax.python import parses

CASES = [
    # A plain place.
    ("<|>", ["", "x = 1", "def f():\n    pass", "# c"], ["def f():", "return", "x ="]),
    ("x = <|>", ["1", "(1,\n 2)", "1\ny = 2"], ["", "1 +", "(", '"']),
    ("x = <|>\ny = 2\n", ["1"], ["", "("]),
    ("f(<|>)\n", ["", "a, b=1"], [")", "a=1, b", "a, b)"]),
    ("f(a, <|>\n  b)\n", ["", "c,"], ["c", "c)"]),
    ("x = (1 +\n     <|>\n     )\n", ["2"], ["", "2)"]),
    # Half-written brackets and strings: the next line is no part of them.
    ("foo(<|>\ny = 2\nreturn_ = 3\ndef g():\n    pass\n", ["a)", "a,\n  b)"], ["a", ""]),
    ("def f():\n    foo(a, [<|>\n    return 1\n", ["b])"], ["b]", "b)"]),
    ("x = '<|>\ny = 1\n", ["a'"], ["a", 'a"']),
    ('def f():\n    """Doc <|>\n    import os\n    return 1\n', ['."""'], [".", '"""; )']),
    ("x = {<|>\n    'a': 1,\n}\n", ["", "'b': 2,"], ["3,", "'b': 2", "}"]),
    # What blocks owe.
    ("try:\n    <|>\nexcept E:\n    pass\n", ["x", "x\nexcept F:\n    y"], ["", "x\nfinally: y"]),
    ("try:\n    x\n<|>", ["except E:\n    y", "finally:\n    y"], ["", "y", "else:\n    y"]),
    ("try:\n    x\nexcept E:\n    <|>", ["y", "y\nelse:\n    z"], ["", "y\nelif z:\n    z"]),
    ("try:\n    x\nexcept:\n    y\n<|>", ["", "else:\n    z"], ["except E:\n    z"]),
    ("if a:\n    b\n<|>", ["else:\n    c", "elif d:\n    c", "c", ""], ["except E:\n    c"]),
    ("if a:\n    b\n<|>\nelse:\n    c\n", ["elif d:\n    e", ""], ["else:\n    e", "x"]),
    ("for a in b:\n    c\n<|>", ["else:\n    d"], ["elif a:\n    d"]),
    ("while a:\n    c\nelse:\n    <|>\n", ["pass"], ["break", ""]),
    ("@a\n<|>", ["def f(): pass", "@b\nclass C: pass"], ["", "x = 1"]),
    ("@<|>\ndef f():\n    pass\n", ["a", "a(1)"], ["", "a\nx"]),
    ("match a:\n    case <|>:\n        b\n", ["1", "[x, *_]"], ["", "1 +"]),
    ("match a:\n    case <|>:\n        b\n    case 2:\n        c\n", ["1"], ["_", "x"]),
    ("match a:\n    <|>\n    case 2:\n        c\n", ["case 1:\n        d", ""], ["x", "else: x"]),
    # What encloses decides what is legal.
    ("def f():\n    <|>", ["return 1", "yield 2"], ["await x", "break"]),
    ("async def f():\n    <|>", ["await x", "async with a: pass"], ["continue"]),
    ("class A:\n    <|>", ["x = 1"], ["return 1", "yield x"]),
    ("for a in b:\n    if c:\n        <|>", ["break", "continue"], ["return"]),
    ("def f():\n    for a in b:\n        def g():\n            <|>", ["return"], ["break"]),
    ("try:\n    x\nexcept* E:\n    <|>", ["y"], ["return", "break"]),
    (
        "def f():\n    count = 0\n    def g():\n        <|>\n",
        ["nonlocal count", "return count"],
        ["nonlocal missing"],
    ),
    # Bodies that stand below already.
    ("if x<|>:\n    y\n", ["", " and z"], [": pass\nif z: w\n  "]),
    ("if x<|>\n    y\n", [":"], ["", ": pass"]),
    ("def f():\n<|>\n    return 1\n", ["", "    x = 2"], ["x = 2"]),
    ("def f():\n    <|>\nx = 1\n", ["pass"], ["", "x ="]),
    ("def f():\n    a\n<|>\n    return 1\n", ["", "    b", "    # c"], ["b", "class A:"]),
    ("for a in b<|>:\n    break\n", [".c"], [": pass\nif c"]),
    ("x = 1 + \\\n    <|>\ny\n", ["2"], ["", "2 +"]),
    ("if a and <|>\n        b == c:\n    d\n", ["\\"], ["", "e"]),
    # The top of the file.
    ('"""Doc."""\n<|>\nx = 1\n', ["from __future__ import annotations"], ["import"]),
    ("import os\n<|>", ["import sys"], ["from __future__ import annotations"]),
    ("<|>\nfrom __future__ import annotations\n", ["", '"""Doc."""'], ["x = 1"]),
    # Deeper and shallower than what is typed.
    ("class A:\n    def f(self):\n        x\n<|>", ["        y", "    def g(self): pass", "z"], []),
    ("class A:\n    def f(self):\n        x\n<|>", [], ["      y", "            y", "else: pass"]),
    ("if a:\n  if b:\n  \tc\n  \t<|>", ["d"], ["return", "  d"]),
]


@pytest.mark.parametrize(("marked", "accepted", "refused"), CASES)
def test_the_frame_takes_what_fits_and_refuses_what_does_not(
    marked: str, accepted: list[str], refused: list[str]
) -> None:
    assert [text for text in accepted if not fits(marked, text)] == []
    assert [text for text in refused if fits(marked, text)] == []


@pytest.mark.parametrize(("marked", "accepted", "refused"), CASES)
def test_the_frame_says_what_the_whole_buffer_says(
    marked: str, accepted: list[str], refused: list[str]
) -> None:
    """The cases themselves hold in the buffer, so that no case asks for what is not Python."""
    prefix, _, suffix = marked.partition("<|>")
    for text in [*accepted, *refused]:
        assert parses(prefix + text + suffix) == fits(marked, text), text


FAULTS = ["def broken(:\n    pass\n", "x = (1\n", "x = 'a\n", "if x\n    y\n", "  z\n", "a b\n"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_elsewhere_in_the_file_does_not_matter(fault: str) -> None:
    place = "def f(a):\n    if a:\n        return <|>\n    return 2\n"
    for marked in (
        f"import os\n{fault}\n\n{place}\n\ndef g():\n    pass\n",
        f"import os\n\n{place}\n\ndef g():\n    pass\n{fault}\ndef h():\n    pass\n",
    ):
        assert fits(marked, "a + 1"), marked
        assert not fits(marked, "a +"), marked


def test_what_a_keyword_looks_like_at_the_cursor_does_not_end_a_bracket() -> None:
    assert fits("f(\n    class<|>\n)\n", "_=1")
    assert not frame_at("f(\n    return<|>\nx\n").opening.startswith("    return")


def test_a_statement_after_an_unclosed_bracket_stands_for_itself() -> None:
    frame = frame_at("foo(1,\nx = 2\ny = <|>\nz = 3\n\ndef g():\n    pass\n")
    assert parses(frame.opening + "1" + frame.closing)
    assert not frame.sound


@pytest.mark.parametrize(
    ("marked", "indents", "unit"),
    [
        ("<|>", ("",), "    "),
        ("if a:\n  <|>", ("", "  "), "  "),
        ("if a:\n\tif b:\n\t\t<|>", ("", "\t", "\t\t"), "\t"),
        ("class A:\n   def f(self):\n       x\n<|>", ("", "   ", "       "), "    "),
        ("def f():\n<|>\n     x\n", ("", "     "), "     "),
        ("x = 1\n<|>\nif a:\n  b\n", ("",), "  "),
        ("def f():\n    if a:\n        b\n    c<|>", ("", "    "), "    "),
    ],
)
def test_the_indentation_is_the_buffers_own(
    marked: str, indents: tuple[str, ...], unit: str
) -> None:
    frame = frame_at(marked)
    assert (frame.indents, frame.unit) == (indents, unit)


def test_enclosing_blocks_are_told_by_their_headers_outermost_first() -> None:
    blocks = at(
        "class A(B):\n    async def f(\n        self, x\n    ):\n        if x:  # why\n            <|>"
    ).enclosing
    assert [(block.kind, block.indent, block.header) for block in blocks] == [
        ("class", "", "class A(B):"),
        ("def", "    ", "async def f( self, x ):"),
        ("if", "        ", "if x:"),
    ]


@pytest.mark.parametrize(
    "marked",
    [
        "x = {\n" + "".join(f"    'k{n}': [{n}, 'v'],\n" for n in range(5000)) + "    <|>\n}\n",
        "x = {\n<|>\n" + "".join(f"    'k{n}': [{n}, 'v'],\n" for n in range(5000)) + "}\n",
        "f(" + ", ".join(f"a{n}" for n in range(5000)) + ", <|>)\n",
        "class A:\n    '''" + "A long story.\n    " * 5000 + "<|>" + "goes on\n" * 5000 + "'''\n",
        "x = '" + "a" * 100_000 + "'.join(<|>)\n",
        "if a:\n    b\n" + "elif c:\n    d\n" * 300 + "<|>" + "elif e:\n    f\n" * 300,
    ],
    ids=["dict-after", "dict-before", "call", "docstring", "string", "elif"],
)
def test_a_frame_stays_small_however_long_the_statement(marked: str) -> None:
    frame = frame_at(marked)
    assert len(frame.opening) + len(frame.closing) < 9000
    prefix, _, suffix = marked.partition("<|>")
    assert parses(prefix + suffix) == parses(frame.opening + frame.closing)


def test_a_long_dict_is_still_a_dict() -> None:
    body = "".join(f"    'k{n}': [{n}, 'v'],\n" for n in range(2000))
    marked = "x = {\n" + body + "    <|>\n" + body + "}\n"
    assert fits(marked, "'a': 1,") and not fits(marked, "'a',") and not fits(marked, "'a': 1")


def test_the_statement_is_the_real_text_before_the_cursor() -> None:
    frame = frame_at("if a:\n    foo(1,\n        <|>)\n")
    assert frame.opening[len(frame.opening) - frame.statement :] == "    foo(1,\n        "
