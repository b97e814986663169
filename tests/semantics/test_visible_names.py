"""Which names exist at a cursor, and when that cannot be said."""

from __future__ import annotations

import pytest
from tenon.constraints.constraint import Domain, Verdict
from workspace import Workspace

VISIBLE = [
    # (source, visible, not visible)
    ("x = 1\ndef f(a, *b, c=1, **d):\n    <|>\n    later = 2\n", "x f a b c d", "g later"),
    ("def f():\n    inner = 1\n<|>", "f", "inner"),
    ("class A:\n    x = 1\n    def f(self):\n        <|>", "A self", "x f"),
    ("class A:\n    x = 1\n    <|>", "A x", "self"),
    ("def f():\n    def g():\n        nonlocal z\n        <|>\n    z = 1\n", "f g z", "h"),
    ("def f():\n    global made\n    made = 1\n<|>", "made", "other"),
    ("import os.path as p, sys\nfrom a import b as c\n<|>", "p sys c", "a b"),
    ("for i, (j, *k) in []:\n    pass\nwith a as (m, n): pass\n<|>", "i j k m n", "o"),
    ("try:\n    pass\nexcept E as e:\n    <|>", "e", "f"),
    (
        "match x:\n    case A(y=z, w=[p, *q]) | {'k': r, **s} as t:\n        <|>",
        "z p q r s t",
        "y w",
    ),
    ("if (n := 1) and [m := 2 for _ in ()]:\n    <|>", "n m", "o"),
    ("[<|> for x, y in z]", "x y", "z"),
    ("lambda a, b=1: <|>", "a b", "c"),
    ("x = [i for i in ()]\n<|>", "x", "i"),
    ("<|>", "print __name__ __file__ ValueError WindowsError", "nothing"),
    ("x = 'a <|> b'\ny = 1", "x y", "a b"),
    ("def f(a):\n    '''doc <|>'''\n", "f a", "doc"),
    ("y = 2\ndef f(x=<|>): inner = 1\n", "y", "inner"),
    ("y = 2\ndef f(x=<|>): inner = 1\n", "y", "f"),
    ("y = 2\ndef f(x: <|>): ...\n", "y", "f"),
    ("def f(): ...\ndef f(x=<|>): ...\n", "f", "x"),
    ("class A:\n    def int(self) -> <|>: ...\n", "int A", "B"),
    ("class A(<|>): ...\n", "int", "A"),
    ("names: <|> = []\n", "int", "names"),
    ("class A:\n    int: <|> = 0\n    x: int = 0\n", "int", "y"),
    ("def f():\n    with open('x') as a, open(<|>) as b:\n        pass\n", "a", "b"),
    ("async def f():\n    async for x in <|>:\n        pass\n", "f", "x"),
    ("x = 1\n<|>", "x", "display"),
    ("# %%\nx = 1\n<|>", "x display", "y"),
]


@pytest.mark.parametrize(("source", "visible", "hidden"), VISIBLE)
def test_a_name_exists_where_python_would_find_it(
    workspace: Workspace, source: str, visible: str, hidden: str
) -> None:
    names = workspace.facts(source).names
    assert names.complete, names.reason
    assert set(visible.split()) <= names.words.names
    assert not set(hidden.split()) & names.words.names


BROKEN = [
    "x = 1\ndef f(a):\n    y = foo(a, <|>\n\ndef g(): pass\n",
    "x = 1\ndef f(a):\n    y = [\n    <|>\n\ndef g(): pass\n",
    "x = 1\ndef f(a):\n    y = 1\n    if <|>\n\ndef g(): pass\n",
    "x = 1\ndef f(a):\n    y = 1\n    for <|>\n        pass\n\ndef g(): pass\n",
    "x = 1\ndef f(a):\n    y = 1\n    try:\n        pass\n    except <|>\n\ndef g(): pass\n",
    "x = 1\ndef f(a):\n    y = 1\n    return <|> +\ndef broken(:\n    pass\n\ndef g(): pass\n",
    "x = 1\ndef f(a):\n    y = 1\n    with open('f') as <|>\ndef g(): pass\n",
    "x = 1\ndef f(a):\n    y = 1\n    <|>\n    if y:\n\ndef g(): pass\n",
    "x = 1\ndef f(a):\n    y = 1\n    y.<|>\n\nclass B(:\n    def h(self): pass\ndef g(): pass",
]


@pytest.mark.parametrize("source", BROKEN)
def test_a_broken_buffer_still_shows_its_names(workspace: Workspace, source: str) -> None:
    names = workspace.facts(source).names
    assert names.complete, names.reason
    assert {"x", "f", "a", "g"} <= names.words.names
    assert "y" in names.words.names | names.ahead.names


OPEN = [
    "from nowhere import *\n<|>",
    "exec('x = 1')\n<|>",
    "globals()['x'] = 1\n<|>",
    "import builtins\nbuiltins.x = 1\n<|>",
    "try:\n    <|>\nexcept NameError:\n    pass\n",
    "def f():\n    globals().update(x=1)\n<|>",
]


@pytest.mark.parametrize("source", OPEN)
def test_names_that_no_scope_shows_leave_the_domain_open(workspace: Workspace, source: str) -> None:
    names = workspace.facts(source).names
    assert not names.complete
    assert names.reason


@pytest.mark.parametrize("line", ["from os import (path,", "from os imp", "import os."])
def test_where_an_import_is_half_written_whatever_the_buffer_speaks_of_may_exist(
    workspace: Workspace, line: str
) -> None:
    source = f"{line}\n\ndef f():\n    return spoken.of\n\ndef g():\n    <|>\n"
    names = workspace.facts(source).names
    assert names.complete
    assert {"spoken", "os", "f"} <= names.words.names
    assert "unspoken" not in names.words


def test_the_word_at_the_cursor_is_none_that_a_broken_line_binds(workspace: Workspace) -> None:
    names = workspace.facts("def f(a):\n    return (a, hal<|>f_word other\n").names
    assert names.complete
    assert "a" in names.words
    assert not {"hal", "half_word"} & names.words.names
    assert {"f_word", "other"} <= names.behind.names


def test_what_the_buffer_binds_elsewhere_is_not_known_by_the_line_alone(
    workspace: Workspace,
) -> None:
    names = workspace.facts("other = 1\nx = (<|> other\n").names
    assert "other" in names.words
    assert "other" not in names.behind


@pytest.mark.parametrize(
    "source", ["<|> sys\n\nprint(1)\n", "@known\n@sup<|>press)\ndef f(): pass\n"]
)
def test_the_line_at_the_cursor_may_begin_with_anything(workspace: Workspace, source: str) -> None:
    assert workspace.facts(source).names.complete


def test_a_star_import_that_is_resolved_brings_its_names(workspace: Workspace) -> None:
    workspace.write("other.py", "from os.path import *\nshared = 1\n")
    names = workspace.facts("from other import *\n<|>").names
    assert names.complete
    assert {"shared", "join"} <= names.words.names


def test_a_package_sees_the_submodules_it_imports_from(workspace: Workspace) -> None:
    workspace.write("pack/inner.py", "x = 1\n")
    names = workspace.facts("from .inner import *\n<|>", "pack/__init__.py").names
    assert {"inner", "x"} <= names.words.names


def test_a_module_that_could_be_imported_is_a_receiver(workspace: Workspace) -> None:
    workspace.write("mine.py", "x = 1\n")
    assert workspace.refused_at(Domain.NAMES, "x = 1 + <|>", "mine.x\n") is None
    assert workspace.refused_at(Domain.NAMES, "x = 1 + <|>", "json.dumps(1)\n") is None
    assert workspace.refused_at(Domain.NAMES, "x = 1 + <|>", "mine\n") == 5


def test_the_whole_way_from_a_buffer_to_a_refusal(workspace: Workspace) -> None:
    source = "def area(width, height):\n    return width * <|>\n"
    assert workspace.refused_at(Domain.NAMES, source, "heigth") == 5
    assert workspace.refused_at(Domain.NAMES, source, "height") is None


BOUND_LATER = [
    ("def f():\n    print(<|>)\n    x = 1\n", "x", False),
    ("x = 2\ndef f():\n    print(<|>)\n    x = 1\n", "x", False),
    ("def f():\n    if 1:\n        <|>\n    else:\n        x = 1\n", "x", False),
    ("def f():\n    <|>\n    def x(): pass\n", "x", False),
    ("def f():\n    for i in g():\n        print(<|>)\n        x = 1\n", "x", True),
    ("def f():\n    while 1:\n        if 1:\n            <|>\n        x = 1\n", "x", True),
    ("def f():\n    x = (\n        <|>,\n        1)\n", "x", False),
    ("def f():\n    x = g(<|>)\n", "x", False),
    ("def f():\n    x: int = <|>\n    x = 1\n", "x", False),
    ("def f():\n    x, (y, *z) = <|>\n", "z", False),
    ("def f():\n    for x in <|>:\n        y = x\n", "x", False),
    ("def f():\n    for x in <|>:\n        y = x\n", "y", False),
    ("def f():\n    for x in <|>:\n        y = x\n    return x\n", "x", False),
    ("def f():\n    for x in g():\n        y = <|>\n", "y", True),
    ("def f():\n    for x in g(): y = <|>\n", "y", True),
    ("def f():\n    while g():\n        for x in <|>:\n            pass\n", "x", True),
    ("def f():\n    x = 1\n    for x in <|>:\n        pass\n", "x", True),
    ("def f(x):\n    x = <|>\n", "x", True),
    ("def f():\n    x += <|>\n", "x", True),
    ("def f():\n    x = (x := 1) + <|>\n", "x", True),
    ("def f():\n    x = (\n        <|>\n        if (y := 1) else 2)\n", "y", True),
    (
        "def f():\n    for x in (\n        <|>\n        if (y := 1) else 2):\n        pass\n",
        "y",
        True,
    ),
    ("def f():\n    global x\n    x = <|>\n", "x", True),
    ("x = <|>\n", "x", True),
    ("def f():\n    try:\n        x = 1\n    finally:\n        <|>\n", "x", True),
    ("def f(x):\n    <|>\n    x = 1\n", "x", True),
    ("def f():\n    g(lambda: <|>)\n    x = 1\n", "x", True),
    ("def f():\n    def g():\n        return <|>\n    x = 1\n", "x", True),
    ("def f():\n    global x\n    <|>\n    x = 1\n", "x", True),
    ("print(<|>)\nx = 1\n", "x", True),
    ("def f():\n    x = g(\n    y = 1\n    print(<|>)\n    x = 1\n", "x", True),
]


@pytest.mark.parametrize(("source", "name", "known"), BOUND_LATER)
def test_a_name_that_the_function_binds_only_later_is_none_yet(
    workspace: Workspace, source: str, name: str, known: bool
) -> None:
    assert (name in workspace.facts(source).names.words) is known


def test_what_is_called_later_may_read_what_is_bound_later(workspace: Workspace) -> None:
    source = "def f(g):\n    <|>\n    answer = 1\n"
    assert workspace.refused_at(Domain.NAMES, source, "g(lambda: answer)\n") is None
    inner = "def h():\n        return answer\n"
    assert workspace.refused_at(Domain.NAMES, source, inner) is None
    assert workspace.refused_at(Domain.NAMES, source, "g(answer)\n") is not None


def test_what_a_statement_binds_last_is_not_read_in_it(workspace: Workspace) -> None:
    for statement in ("value = g(<|>)", "value: int = <|>", "for value in <|>:\n        pass"):
        source = f"def f(g):\n    {statement}\n"
        assert workspace.refused_at(Domain.NAMES, source, "value, ") is not None
        assert workspace.refused_at(Domain.NAMES, source, "g(lambda: value)") is None
        assert workspace.refused_at(Domain.NAMES, source, "[value for value in g]") is None
        assert workspace.refused_at(Domain.NAMES, source, "g)\n    print(value)") is None
        assert workspace.refused_at(Domain.NAMES, source, "g:\n        print(value)") is None
    source = "def f(g):\n    value = value + <|>\n"
    assert workspace.refused_at(Domain.NAMES, source, "value") is None
    assert workspace.refused_at(Domain.NAMES, "<|>\n", "for value in value:") is not None


BEYOND = [
    # (source, text, whether it could stand): what a name is bound for, and no further
    ("def f(r, q):\n    x = <|>\n", "[a for a in r] + a", False),
    ("def f(r, q):\n    x = <|>\n", "[a for a in r] + [a for a in q]", True),
    ("def f(r, a):\n    x = <|>\n", "[a for a in r] + a", True),
    ("def f(r, q):\n    x = <|>\n", "[(a, b) for a in r for b in a if b] + b", False),
    ("def f(r, q):\n    x = <|>\n", "[b for (a, b) in r if (c := a)] + [c]", True),
    ("def f(r, q):\n    x = [a for a in r] + <|>\n", "a", False),
    ("def f(r):\n    x = {a: [b for b in a] for a in <|>\n", "r if a}", True),
    ("def f(r):\n    x = {a: [b for b in a] for a in <|>\n", "r if b}", False),
    ("def f(r):\n    x = f(a for a in <|>) + r\n", "r", True),
    ("def f(r):\n    x = lambda a: <|>\n", "[a for a in a] + a", True),
    ("def lift(basket: <|>): pass\n", "basket", False),
    ("def repeat(text: str, times: int = <|>): pass\n", "text", False),
    ("<|>\n", "def f(a, b=a): return a", False),
    ("<|>\n", "def f(a, b: int = 1) -> a: return a", False),
    ("<|>\n", "def f(a, b=1): return a + b", True),
    ("<|>\n", "def f[T](a: T, b=1): return a + b", True),
    ("<|>\n", "def f(a, b=lambda a: a): return a + b", True),
    ("def connect(host, port): pass\nconnect('a', port=<|>)\n", "port", False),
    ("def connect(host, port): pass\nport = 1\nconnect('a', port=<|>)\n", "port", True),
    ("def f(port): print(port, connect(port=<|>))\n", "port", True),
    ("x = 1 <|>\n", "and\u05c4", False),
    ("x = 1 <|>\n", "and 1", True),
    ("x\u05c4 = 1\ny = <|>\n", "x\u05c4", True),
]


@pytest.mark.parametrize(("source", "text", "stands"), BEYOND)
def test_a_name_is_known_as_far_as_it_is_bound(
    workspace: Workspace, source: str, text: str, stands: bool
) -> None:
    verdict = workspace.constraint(Domain.NAMES, source).judge(text).verdict
    assert (verdict is Verdict.COMPLETE) is stands


ENTRIES = """
def f(r, q):
    s = {
        "a": [k.lower() for (k, v) in r],
        "<|>
        "server": q,
    }
"""


def test_a_broken_statement_binds_for_its_comprehensions_what_no_other_part_may_read(
    workspace: Workspace,
) -> None:
    assert workspace.refused_at(Domain.NAMES, ENTRIES, 'headers": k,') is not None
    assert workspace.refused_at(Domain.NAMES, ENTRIES, 'headers": q,') is None
    assert workspace.refused_at(Domain.NAMES, ENTRIES, 'headers": [v for v in r],') is None
    within = ENTRIES.replace('"a": [k.lower()', '"a": [(<|>').replace('        "<|>\n', "")
    assert workspace.refused_at(Domain.NAMES, within, "k)") is None


def test_words_behind_the_cursor_that_nothing_binds_are_no_names(workspace: Workspace) -> None:
    source = "def f(int):\n    x = <|>pe: ignore[no-redef]\n"
    judge = workspace.constraint(Domain.NAMES, source).judge
    assert judge("int  # ty").verdict is Verdict.COMPLETE
    assert judge("int if ty").verdict is not Verdict.COMPLETE


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("x = [a ", "for a in ()]\n"),
        ("x = [a.b ", "for a in ()]\n"),
        ("x = {a: b ", "for a, b in ()}\n"),
        ("[a for", " a in ()]\n"),
    ],
)
def test_a_comprehension_binds_what_its_author_began_with_in_a_line_that_is_broken(
    workspace: Workspace, before: str, text: str
) -> None:
    assert workspace.refused_at(Domain.NAMES, f"{before}<|>\ny = 1\n", text) is None
