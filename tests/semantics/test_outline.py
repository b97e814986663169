"""A buffer's tree is put together from pieces: it says what a parse of the whole would say, and an
edit costs what it touches."""

from __future__ import annotations

import argparse
import ast
import gc
import random
import statistics
import textwrap
import time
from pathlib import Path

import pytest

from tenon.semantics.outline import Outline, Outlines
from tenon.semantics.scopes import covers
from tenon.semantics.trees import slimmed
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document
from workspace import Workspace

UNIT = """
class Thing{n}:
    def __init__(self, name: str, size: int = {n}) -> None:
        self.name = name
        self.size = size
        self.items: list[str] = []

    def grow(self, by: int) -> int:
        for index in range(by):
            self.items.append(str(index))
        return self.size + helper{n}(by)


def helper{n}(value: int) -> int:
    return value * {n}
"""
LONG = "class Long:\n" + "".join(
    f"    def m{n}(self):\n        return {n}\n\n" for n in range(40)
)
PUT = ["x", "\n", "(", ")", '"""', "'", "\\", "#", "else:\n", "    ", "\nx = 1\n", "\n@overload\n"]


def edits(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    lines = text.split("\n")
    row, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    return [
        text[:at] + chance.choice(PUT) + text[at:],
        text[:at] + text[at + chance.randrange(40) :],
        "\n".join(lines[:row] + lines[row + chance.randrange(1, 6) :]),
        "\n".join(lines[:row] + lines[other : other + chance.randrange(1, 9)] + lines[row:]),
        "\n".join([*lines[:row], "y = 2", *lines[row:]]),
    ][chance.randrange(5)]


def dumped(body: list[ast.stmt]) -> list[str]:
    return [ast.dump(statement) for statement in body]


@pytest.mark.parametrize("path", [textwrap.__file__, __file__])
def test_any_edit_reads_like_the_whole_text(path: str) -> None:
    chance = random.Random(path.rpartition("/")[2])
    outline, text = Outline(), Path(path).read_text("utf-8")
    understood = 0
    for _ in range(25):
        edited = edits(text, chance)
        try:
            whole = ast.parse(edited).body
        except SyntaxError:
            with pytest.raises(SyntaxError):
                outline.parse(edited)
            continue
        parsed = outline.parse(edited)
        assert dumped(parsed.tree.body) == dumped(whole)
        row = chance.randrange(edited.count("\n") + 1)
        tops, line = parsed.at(row)
        assert dumped([top for top in tops if covers(top, line)]) == dumped(
            [top for top in whole if covers(top, row + 1)]
        )
        text, understood = edited, understood + 1
    assert understood > 3


def test_a_line_more_leaves_every_other_statement_the_object_it_was() -> None:
    outline = Outline()
    text = "".join(UNIT.format(n=n) for n in range(30))
    before = outline.parse(text).tree.body
    place = text.index("self.items.append", len(text) // 2)
    after = outline.parse(text[:place] + "pass\n            " + text[place:]).tree.body
    assert sum(one is not other for one, other in zip(before, after, strict=True)) == 1


def test_an_edit_in_a_long_class_leaves_its_other_members_the_objects_they_were() -> None:
    outline = Outline()
    before = outline.parse(LONG).tree.body[0]
    after = outline.parse(LONG.replace("return 20", "return 20 + x")).tree.body[0]
    assert isinstance(before, ast.ClassDef) and isinstance(after, ast.ClassDef)
    changed = [one is not other for one, other in zip(before.body, after.body, strict=True)]
    assert sum(changed) <= 2
    assert after.body[30].lineno == ast.parse(LONG).body[0].body[30].lineno  # type: ignore[attr-defined]


def test_overloads_count_their_lines_from_the_same_beginning() -> None:
    source = textwrap.dedent("""
        @overload
        def f(a: int) -> int: ...
        @overload
        def f(a: str) -> str: ...
        def f(a): return a
        x = 1
    """)
    body = Outline().parse(source).tree.body
    assert [each.lineno for each in body] == [3, 5, 6, 1]


def test_an_error_is_said_to_be_on_the_line_where_it_is() -> None:
    outline = Outline()
    text = "".join(UNIT.format(n=n) for n in range(10)) + LONG
    outline.parse(text)
    for wrong in ("return 30", "return value * 5"):
        row = text[: text.index(wrong)].count("\n") + 1
        with pytest.raises(SyntaxError) as raised:
            outline.parse(text.replace(wrong, "return = 1"))
        assert raised.value.lineno == row


def test_what_is_kept_of_closed_and_of_many_buffers_is_bounded() -> None:
    outlines = Outlines()
    text = "".join(UNIT.format(n=n) for n in range(500))
    for number in range(30):
        outlines.of(f"file:///{number}.py").parse(text)
    assert outlines.size < 1_000_000 + len(text)
    outlines.forget("file:///29.py")
    assert outlines.size < 1_000_000


def test_a_slimmed_tree_says_what_it_said() -> None:
    text = Path(argparse.__file__).read_text("utf-8")
    slim, plain = ast.parse(text), ast.parse(text)
    for _ in slimmed(slim):
        pass
    assert ast.dump(slim) == ast.dump(plain)
    for one, other in zip(ast.walk(slim), ast.walk(plain), strict=True):
        assert getattr(one, "lineno", 0) == getattr(other, "lineno", 0)


def test_a_question_about_classes_that_have_changed_since_stands_open(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, library="class A:\n    def old(self): ...\n")
    source = "from library import A\na = A()\nb = A()\n<|>\n"
    held = workspace.facts(source)
    workspace.write("library.py", "class A:\n    def new(self): ...\n    def newer(self): ...\n")
    members = workspace.facts(source + "\n").inquiry.members("a")  # type: ignore[union-attr]
    assert members is not None and "new" in members.words
    assert held.inquiry is not None and held.inquiry.members("b") is None


def typing_in(workspace: Workspace, units: int, keys: int) -> list[float]:
    """Seconds of processor time that each key costs, in the middle of a long buffer."""
    text = "".join(UNIT.format(n=n) for n in range(units))
    place = text.index("self.items.append", len(text) // 2)
    syntax, spent = PythonSyntax(), []
    for key in range(keys):
        typed = f"self.items{key} = va"
        document = Document(
            uri=(workspace.root / f"of{units}.py").as_uri(),
            version=key,
            text=f"{text[:place]}{typed}\n            {text[place:]}",
        )
        began = time.thread_time()
        context = syntax.context(document, place + len(typed))
        facts = workspace.analyser.analyse(document, context, Deadline.after(60))
        spent.append(time.thread_time() - began)
        assert facts.names.complete
    return spent[3:]


def test_what_was_known_of_an_older_text_does_not_wait_for_the_collector(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    typing_in(workspace, 30, 20)
    gc.collect()
    gc.disable()
    try:
        typing_in(workspace, 30, 23)
        assert gc.collect() < 23 * 300
    finally:
        gc.enable()


@pytest.mark.slow
def test_a_key_costs_much_the_same_in_twenty_thousand_lines_as_in_five_hundred(
    tmp_path: Path,
) -> None:
    workspace = Workspace(tmp_path)
    short, long = (statistics.median(typing_in(workspace, units, 20)) for units in (28, 1120))
    assert long < 2 * short
