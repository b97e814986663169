"""The author's own line is a witness: for what it holds before the cursor, and what it is left to
bind behind it."""

from __future__ import annotations

import pytest
from tenon.constraints.constraint import Domain, Verdict
from workspace import Workspace

AHEAD = [
    # (source, text, whether it could stand): what the line holds is no name for that alone
    ("def f(a):\n    (x, y) <|>\n", "= a[y]", False),
    ("def f(a):\n    (x, y) <|>\n", "= a\n    print(y)", True),
    ("def f(a):\n    (x, y) <|>\n", "= a, lambda: y", True),
    ("def f(a):\n    x: int <|>\n", "= x", False),
    ("def f(a):\n    for x <|>\n", "in x:\n        pass", False),
    ("def f(a):\n    for x <|>\n", "in a:\n        print(x)", True),
    ("def f(a):\n    a(port=1, host=<|> 2)\n", "port if a else", False),
    ("def f(a):\n    a.port(host=<|> 2)\n", "port if a else", False),
    ("def f(a):\n    a('port', <|> 2)\n", "port if a else", False),
    ("def f(a):\n    a(unheard, <|> 2)\n", "unheard if a else", True),
    ("def f(a):\n    a(f'x', host=<|> 2)\n", "f if a else", True),
    ("def g(a):\n    a(f'x', host=<|> 2)\n", "f if a else", False),
    ("def g(a):\n    a(\n        <|> 2,\n        port=a,\n    )\n", "port if a else", False),
    ("def g(a):\n    a(\n        <|> 2,\n        b.port,\n    )\n", "port if a else", False),
    ("def g(a):\n    a(\n        <|> 2,\n        port == a,\n    )\n", "port if a else", True),
]


@pytest.mark.parametrize(("source", "text", "stands"), AHEAD)
def test_what_stands_before_the_cursor_counts_as_the_line_takes_it(
    workspace: Workspace, source: str, text: str, stands: bool
) -> None:
    verdict = workspace.constraint(Domain.NAMES, source).judge(text).verdict
    assert (verdict is Verdict.COMPLETE) is stands


BEHIND = [
    ("<|> annotations\n", "def f(annotations: print(annotations)):", False),
    ("<|> annotations\n", "from __future__ import", True),
    ("def f(a):\n    return [<|> for x in a]\n", "x, x", True),
    ("def f(a):\n    <|> + x\n", "y = x", False),
    ("def f(a):\n    <|> x = 1\n", "a;", True),
    ("def f(a):\n    a = 1,<|>x\n    x = 2\n", "a, ", False),
]


@pytest.mark.parametrize(("source", "text", "stands"), BEHIND)
def test_what_only_the_rest_of_the_line_could_bind_must_be_bound_by_it(
    workspace: Workspace, source: str, text: str, stands: bool
) -> None:
    verdict = workspace.constraint(Domain.NAMES, source).judge(text).verdict
    assert (verdict is Verdict.COMPLETE) is stands


AWAITED = [
    ("from os.pa<|>port join\n\ndef f(): return join(1)\n", "th import name#", False),
    ("from os.pa<|>port join\n\ndef f(): return join(1)\n", "th im", True),
    ("from os.pa<|>port join\n\ndef f(join): return join(1)\n", "th import name#", True),
    ("from os.pa<|>port join\njoin = 1\n\ndef f(): return join(1)\n", "th import name#", True),
    ("from os.path import join<|>\n\nprint(join)\n", "ed", False),
    ("from os.path import join<|>\n\nprint(join)\n", ", split", True),
    ("from os.path import <|> join  # tags\nprint(join, tags)\n", "split,", True),
    ("from os.path import <|> join\nprint(join)\n", "split #", False),
    ("try:\n    from os.path import <|> join\nexcept E:\n    join = 1\nprint(join)\n", "split #",
     True),
    ("def join<|>\n\nprint(join)\n", "ed(): pass", False),
    ("def join<|>\n\nprint(join)\n", "(): pass", True),
    ("class A:\n    def join<|>\n    def f(self): return self.join()\n", "ed(self): ...", False),
    ("class A:\n    def join<|>\n    def f(self): return self.join()\n", "(self): ...", True),
    ("class A:\n    def join<|>(self): ...\n    def f(self): return self.join()\n", "ed", False),
    ("class A(B):\n    def join<|>\n    def f(self): return self.join()\n", "ed(self): ...", True),
    ("class MixinA:\n    def join<|>\n    def f(self): return self.join()\n", "ed(self): ...",
     True),
    ("if <|>print(tags):\n    pass\nprint(tags)\n", "not ", True),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text", "stands"), AWAITED)
def test_a_line_that_holds_what_others_read_is_left_to_bind_it(
    workspace: Workspace, source: str, text: str, stands: bool
) -> None:
    verdict = workspace.constraint(Domain.NAMES, source).judge(text).verdict
    assert (verdict is Verdict.COMPLETE) is stands


CAUGHT = "def f(a):\n    try:\n        a()\n    except {}\n        print(e, exc)\n"
HANDLERS = [
    ("E as e<|>", ":", True),
    ("E as e<|>", "xc:", False),
    ("E as <|>", "other:", False),
    ("E as <|>", "e:", True),
]


@pytest.mark.parametrize(("header", "text", "stands"), HANDLERS)
def test_a_handler_binds_what_its_body_reads_and_handlers_alone_bind(
    workspace: Workspace, header: str, text: str, stands: bool
) -> None:
    more = "    try:\n        a()\n    except E as e:\n        print(e)\n"
    source = CAUGHT.format(header).replace(", exc", "") + more
    judge = workspace.constraint(Domain.MEMBERS, source).judge
    assert (judge(text).verdict is Verdict.COMPLETE) is stands
    within = source.replace("def f(a):", "def f(a, e):")
    assert workspace.constraint(Domain.MEMBERS, within).judge(text).verdict is Verdict.COMPLETE


BEGUN = [("= 1", True), (", y = a, a", True),
         ("== 1", False), ("+= 1", False), (", y = 1, 2", True), ("(1)", True),
         (".y == 1", True), (": int", True), ("[0] + 1", True)]  # fmt: skip


@pytest.mark.parametrize(("text", "stands"), BEGUN)
def test_a_name_that_the_author_began_a_statement_with_and_nobody_knows_is_new(
    workspace: Workspace, text: str, stands: bool
) -> None:
    judge = workspace.constraint(Domain.NAMES, "def f(a):\n    x <|> \n    a = (\n").judge
    assert (judge(text).verdict is Verdict.COMPLETE) is stands


BROKEN = [
    ("x = [a <|>\n", "for a in ()]"),
    ("x = [a for<|>\n", " a in ()]"),
    ("x = [a, <|>\n", "1 + 2 for a in ()]"),
    ("[a <|>\n", "for a in ()]"),
    ("(a, <|>\n", "b) = 1, 2"),
    ("for a <|>\n", "in ():\n    pass"),
    ("x = unheard <|>\n", "or 1"),
]


@pytest.mark.parametrize(("source", "text"), BROKEN)
@pytest.mark.parametrize("rest", ["", "def (\n", "[[\n", "x = 'a\n"])
def test_a_comprehension_or_target_that_the_author_began_may_go_on(
    workspace: Workspace, source: str, text: str, rest: str
) -> None:
    broken = source.replace("<|>", f"<|>\n{rest}")
    assert workspace.refused_at(Domain.NAMES, broken, text) is None
    assert workspace.refused_at(Domain.NAMES, broken, f"{text}\nprint(1)\n") is None


def test_a_soft_keyword_is_no_name_that_a_statement_begins_with(workspace: Workspace) -> None:
    source = "def f(a):\n    match <|> \n        case 1:\n            pass\n"
    assert workspace.refused_at(Domain.NAMES, source, "-a:") is None
    assert workspace.refused_at(Domain.NAMES, source, "*a, a:") is None


def test_a_broken_line_of_a_long_table_does_not_hide_the_file(workspace: Workspace) -> None:
    rows = "".join(f'    "k{number}": call(1),\n' for number in range(70))
    source = f'known = 1\nTABLE = {{\n{rows}    "<|>, italic=True),\n{rows}}}\n'
    names = workspace.facts(source).names
    assert names.complete
    assert {"known", "TABLE"} <= names.words.names


@pytest.mark.parametrize("line", ["from django.translation import gettext_la", "import gettext."])
def test_where_translations_are_made_their_customary_names_may_exist(
    workspace: Workspace, line: str
) -> None:
    source = f"{line}\nclass A:\n    name = <|>\n"
    assert workspace.refused_at(Domain.NAMES, source, "_('a')") is None
    assert workspace.refused_at(Domain.NAMES, "class A:\n    name = <|>\n", "_('a')") is not None


def test_what_a_function_binds_on_other_ways_is_not_imported(workspace: Workspace) -> None:
    source = "def f(a):\n    if a:\n        Path = 1\n        return\n    <|>\n"
    assert workspace.refused_at(Domain.NAMES, source, "Path('a')") is not None
    assert workspace.refused_at(Domain.NAMES, source.replace("Path", "q"), "Path('a')") is None


def test_prose_before_the_cursor_asks_for_no_import(workspace: Workspace) -> None:
    for source in ('"""edited.<|>"""\n', "# edited.<|>\n"):
        judge = workspace.constraint(Domain.IMPORTS, source).judge
        assert judge("nothing").verdict is Verdict.COMPLETE


def test_what_could_be_imported_may_be_the_variable_of_a_comprehension(
    workspace: Workspace,
) -> None:
    source = "def f(a):\n    return <|>\n"
    text = "[deepcopy.nothing() for deepcopy in a]"
    assert workspace.refused_at(Domain.MEMBERS, source, text) is None
    assert workspace.refused_at(Domain.MEMBERS, source, "deepcopy.nothing()") is not None
