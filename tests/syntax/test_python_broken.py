"""What the author wrote fits its hole though another statement of the file is half written, and
where the text before or after the cursor can be read in more than one way."""

from __future__ import annotations

import pytest
from python_places import fits, frame_at

from tenon.syntax.python.blocks import Rows
from tenon.syntax.python.lines import LineCache
from tenon.syntax.python.plausible import MOST, are_code, follows_a_string, run_of_code

CODE = "a = f(1)\nb.c = 2\nif a:\n    return b\n"
AFTER = "\n\ndef later(a):\n" + "".join(f"    a.b{n}({n})\n" for n in range(9))

BEFORE = [
    # The line before ends with an operand: what follows is a statement of its own.
    ("check(a, b\ncheck(<|>)\n", "c, d"),
    ("check(a, b\n\n# why\ndelete(1)\nx<|>y = 1\n", ".z"),
    ("x = f(r\n" + "# comment\n" * 60 + "tests = [\n    (1, <|>),\n]\n", "2"),
    ("x = f(r\ny.update({\n" + "    1: 2,\n" * 70 + "    3: <|>,\n})\n", "4"),
    # A string cut off inside a bracket.
    ("x = ['a', 'b\n\ncheck(x, y)\ndef f(<|>):\n    pass\n", "a"),
    ("x = ['a', 'b\n# a <|>\ny = 1\n\ndef f():\n    pass\n", "comment"),
    ("x = ['a', 'b\n\nD = re.compile(r'''\n(<|>)\n''')\n\ndef f():\n    pass\n", "a+"),
    # The cursor in a string of the statement that follows.
    ("check(a,\ncheck(b)\ncheck('<|>)\n\ndef f():\n    pass\n", "c'"),
    # Nothing but a plain name is assigned inside brackets, and no `else` stands there alone.
    ("if a:\n    log(b\nelse:\n    c\nx = <|>\n", "1"),
    ("x = f(1\ny.z = 2\nw = <|>\n", "3"),
]


@pytest.mark.parametrize(("marked", "text"), BEFORE)
def test_a_statement_left_half_written_above_does_not_reach_the_cursor(
    marked: str, text: str
) -> None:
    assert fits(marked, text)
    assert not fits(marked, text + "\n)))) = '''")


AROUND = [
    # The quotes below would fit otherwise, but what stands between is code, or is not.
    (
        "def f():\n    x.<|>\n"
        + "    if a:\n        return 1\n" * 70
        + "    s = '''\nimport a\nx = 1\ny = 2\nz = 3\n'''\n"
        + "    y = g(1)\n" * 700,
        "z = 1",
    ),
    ('def f():\n    """Doc <|>\n    x = 1\n    y.z(x)\n    return x\n', 'ument."""'),
    ('def f():\n    "<|>\n\n    The doc of it.\n    """\n    x = 1\n', '""Some.'),
    ('"""Doc<|>\n\nimport os\n\nx = 1\n', '."""'),
    # An opening bracket is missing before the cursor.
    ("x = 1\nself<|>\n        ('a', 'b'),\n        ('c', 'd'))\ny = 1\n", ".f("),
    # A header whose body stands below already; the first statement of it is long.
    (
        "class A:\n    @b\n    <|>\n        # c\n        for d in (\n"
        + "            ['-e', 'f'],\n" * 40
        + "        ):\n            g(d)\n\n    def h(self):\n        pass\n",
        "def i(self):",
    ),
    # A string whose lines each look like a statement, but which no program puts so.
    (
        'x = [\n    [], [],\n    ""<|>\n'
        + "m.py\na/b.py\n          from .b import y, z\n" * 2
        + '"""]\n\n'
        + CODE,
        '"\\',
    ),
    # An example in a docstring, as deep as no code round it is.
    (
        'class A:\n    """A mock.\n\n    For example:\n    ---\nfrom a import b\nimport c\n\n'
        "class B(d):\n\n    @classmeth<|>\n    def e(cls):\n        b.c = cls\n    ---\n"
        "    For 'ask' functions, call the method.\n    See b.\n    \"\"\"\n    f = g(0)\n",
        "od is there",
    ),
    # A long table of strings, and the cursor in a comment of it.
    ("x = (\n" + "    'a' # b\n" * 9 + "    'c' # <|>e\n" + "    'a' # b\n" * 9 + ")\n", "d"),
    # The brackets round a string that was cut off go on.
    ("x = {\n    'a': ('b'\n          '<|>\n          'd'),\n    'e': 'f',\n}\n", "c'"),
]


@pytest.mark.parametrize(("marked", "text"), AROUND)
@pytest.mark.parametrize("damage", ["    a.b(\n", "    a.b('c\n"], ids=["bracket", "string"])
def test_a_statement_left_half_written_below_does_not_change_how_the_text_is_read(
    marked: str, text: str, damage: str
) -> None:
    assert fits(marked + AFTER + damage + AFTER, text)


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("def f():\n    if a == <|>\n            and b:\n        y\n        return 1\n", "1 \\"),
        ("def f():\n    with a(<|>\n            b as c:\n        y\n    z\n", "1) as d, \\"),
        ("if a == 0<|>\n   or b == 0:\n    y()\nz\n", " \\"),
    ],
)
def test_what_a_backslash_goes_on_with_is_no_block(marked: str, text: str) -> None:
    assert fits(marked, text)
    assert frame_at(marked).indents[-1].count(" ") % 4 == 0


def test_a_nonlocal_name_may_be_bound_below_the_function_that_declares_it() -> None:
    marked = (
        "def f():\n    def g():\n        <|>\n\n    with a:\n        def h():\n"
        "            other = 1\n        seen = None\n"
    )
    assert fits(marked, "nonlocal seen")
    assert not fits(marked, "nonlocal other")


@pytest.mark.parametrize(
    ("marked", "text", "other"),
    [
        ("while<|> a:\n    b\n    c[\n    continue\nd\n", " not", "s: e\nif"),
        # What the half-written line swallows may be the loop's header.
        ("if<|> a:\n    b(\n    for c in d:\n        break\ne\n", " not", " not not not ) ("),
    ],
)
def test_a_loop_stays_one_though_a_statement_of_its_body_is_half_written(
    marked: str, text: str, other: str
) -> None:
    assert fits(marked, text)
    assert not fits(marked, other)


def test_quotes_are_found_again_though_the_last_statement_is_half_written() -> None:
    assert fits('"<|>\n\nfour parts:\n\nthis -- That.\n"""\n\nx = ["a", \n', '""Of it.')


def test_an_assignment_that_the_cursor_stands_in_does_not_end_a_bracket() -> None:
    assert fits("class A(b.B,\n        c.D<|> = e\nx = 1\n", "):\n    y")
    assert fits("class A(b.B,\n        c.D<|>\nx = 1\n", "): pass")


def rows_of(text: str) -> Rows:
    cache = LineCache()
    return Rows(cache.lines("a", text), cache.names)


def test_code_is_told_from_prose_by_the_compiler() -> None:
    assert run_of_code(rows_of(CODE), 0) == MOST
    assert run_of_code(rows_of("The frame says\nwhat fits the place.\n" + CODE), 0) == 0
    assert run_of_code(rows_of("word\nother\n" + CODE), 0) == MOST
    assert are_code(rows_of(CODE), 0, 4) and not are_code(rows_of(CODE + "a b\n"), 0, 5)


def test_what_is_deeper_than_a_statement_without_a_body_ends_a_run_of_code() -> None:
    assert run_of_code(rows_of("m.py\na / b\n    import c\n" + CODE), 0) == 2
    assert run_of_code(rows_of("whil\n    import c\n" + CODE), 0) == MOST
    assert run_of_code(rows_of("if x: # why\n    import c\n" + CODE), 0) == MOST


def test_strings_alone_are_no_evidence_of_code() -> None:
    table = "    'a'\n    'b'\n    'c'\n    'd'\n    'e'\n"
    assert run_of_code(rows_of(table + "a b\n"), 0) == 0
    assert run_of_code(rows_of("x = 1\n" + table.replace("    ", "")), 0) == MOST


def test_code_that_would_be_a_string_ends_a_run_of_code() -> None:
    turned = 'x = 1\n"""\n    def f(a):\n        return a\n"""\n'
    assert run_of_code(rows_of(turned + "y = 2\nz = 3\nw = 4\na b\n"), 0) == 1


def test_one_damaged_statement_does_not_end_a_run_of_code_but_a_second_does() -> None:
    assert run_of_code(rows_of("x = 'a\n" + CODE), 0) == MOST
    assert run_of_code(rows_of("x = 'a\ny = 'b\n" + CODE), 0) == 0


@pytest.mark.parametrize(
    ("text", "can"), [(" + x", True), (".y", True), (" if x", True), (" f'a'", True), (" x", False)]
)
def test_no_operand_follows_a_string(text: str, can: bool) -> None:
    assert follows_a_string(text, 0) is can



def test_an_escape_half_written_at_the_end_of_a_line_does_not_join_the_next() -> None:
    """Only a long literal shows it: a short one is read in every way there is."""
    element = "     'e\\n'\n     \"it's\\n\",\n 'f': 'g\\n'\n"
    assert fits("x = {'a':\n     'b\\<|>\n     'c d '\n" + element * 1200 + "}\n", "n'")


DAMAGED_BODY = (
    "<|>x,\n        y=1,\n) -> None:\n    a = 1\n    async def g():\n        b.c(\n"
    "        assert d\n    while a:\n        e, _ = await h.i(a)\n    return e\n\n"
)


def test_a_body_that_waits_wants_a_coroutine_though_it_is_damaged_further_down() -> None:
    assert fits(DAMAGED_BODY, "async def f(")
    assert not fits(DAMAGED_BODY, "def f(")
    nested = "<|>:\n    a = 1\n    async d\n        await b(a)\n    return a\n"
    assert fits(nested, "def f()") and fits(nested, "async def f()")


def test_a_string_is_not_taken_to_end_above_the_cursor_and_to_begin_anew_at_it() -> None:
    marked = (
        'def f():\n    """Of it.\n\n    def g(x):\n        with h() as i:\n            i<|>c += 2\n'
        '            # why\n        return +s  # back\n\n    def g(x)\n    """\n    return 1\n\n\n'
        'def k():\n    """Its k."""\n' + AFTER * 300 + "    return a.b(name, valu\n" + AFTER
    )
    assert fits(marked, ".pre")
    assert not fits(marked, '"""')


def test_a_string_that_holds_code_does_not_begin_at_the_cursor_for_an_error_far_below() -> None:
    texts = (
        "    def check(self):\n        code = dedent('''\n            import a\n"
        "            b = a.c(1)\n"
        "            d = b\n            e(d)\n            ''')\n        if code:\n"
        "            return self.run(code)\n        return None\n\n"
    )
    marked = (
        "class A:\n    def f(self):\n        with g() as h:\n            f<|> i:\n"
        "                print(j, file=h)\n\n        k = l(h)\n        self.m(k)\n\n"
        + texts * 9
        + "    def n(self):\n        self.o('p', q\n        self.r(1)\n\n    # Not '\''.\n"
        + texts
    ).replace("'\''", "\'\'\'")
    assert fits(marked, "or j in")
    assert not fits(marked, "'''")


def test_a_table_opened_below_a_line_that_was_never_closed_is_a_statement_of_its_own() -> None:
    rows = "    0x01: 0x02,     #  LATIN A\n"
    marked = "x = f(range(\ny.update({\n" + rows * 60 + "    0x46: 0x00<|>TAL B\n"
    marked += rows * 9 + "})\n"
    assert fits(marked, "46,     #  LATIN CAPI")


def test_two_operands_in_a_row_end_a_call_that_a_bracket_behind_the_cursor_would_close() -> None:
    marked = "try:\n    f = open(a.b\n    c = f.d()\n    g.h(c, s + b'')\n"
    marked += "    g.h<|>, s)\n    c = 1\n"
    assert fits(marked + "finally:\n    pass\n", "(c")
    assert not fits(marked + "finally:\n    pass\n", "x")


def test_a_body_that_a_backslash_swallows_half_of_is_refused() -> None:
    marked = "class A:\n    def f(a)<|>\n        b.c()\n        d.e()\n"
    assert fits(marked, ":")
    assert not fits(marked, ":\\")


def test_of_two_readings_worth_the_same_the_one_that_stays_sound_longer_is_taken() -> None:
    marked = (
        "def f(self):\n    for a, b i<|>\n        ('c', 'd'),\n        ('e', 'f'),\n"
        "        ('g', 'h'),\n        ):\n        with i(j=a):\n            k(b)\n"
        "            l(b)\n            m(b)\n            n(b)\n"
        + AFTER
        + "    o.p('q'\n    r.s(1)\n"
    )
    assert fits(marked + AFTER, "n (")


@pytest.mark.parametrize("below", ['"\n', "'it\n"])
def test_a_comment_is_not_held_to_what_is_in_error_below_it(below: str) -> None:
    assert fits(f"# Copyright (c) Twis<|> Laboratories.\n\n\n{below}", "ted")
