"""Receivers whose type follows from calls, loops, unpacking and what the code asks of them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tenon.text import Deadline
from workspace import Workspace

HEADER = """\
import asyncio, collections, contextlib, functools, itertools, logging, os, re, subprocess, sys
from pathlib import Path
from typing import Deque, Dict, Iterator, List, Optional


class Leaf:
    size = 1


class Tree:
    leaf: Leaf
    leaves: list[Leaf]
    by_name: dict[str, Leaf]
    pairs: list[tuple[str, Leaf]]

    def itself(self):
        return self

    def made(self):
        if self.leaves:
            return self.leaves[0]
        return Leaf()

    async def later(self) -> Leaf: ...

    async def __aenter__(self) -> Leaf: ...

    def __aiter__(self): return self

    async def __anext__(self) -> Leaf: ...


class Oak(Tree):
    acorn = 1


@contextlib.contextmanager
def lent() -> Iterator[Leaf]: ...


@functools.lru_cache(maxsize=None)
def kept() -> Leaf: ...


"""

LEAF = [
    "for _, x in enumerate(tree.leaves): x.<|>",
    "for x, _ in zip(tree.leaves, names): x.<|>",
    "for x in reversed(tree.leaves): x.<|>",
    "for x in sorted(tree.leaves, key=lambda leaf: leaf.size): x.<|>",
    "for _, x in tree.by_name.items(): x.<|>",
    "for i, (_, x) in enumerate(tree.pairs): x.<|>",
    "for x in list(tree.leaves): x.<|>",
    "for x in [leaf for leaf in tree.leaves]: x.<|>",
    "for x in (leaf for _, leaf in tree.pairs): x.<|>",
    "for x in map(Leaf, names): x.<|>",
    "_, x = tree.pairs[0]\n    x.<|>",
    "x, *rest = tree.leaves\n    x.<|>",
    "max(tree.leaves, key=lambda x: x.<|>)",
    "tree.leaves.sort(key=lambda x: x.<|>)",
    "list(filter(lambda x: x.<|>, tree.leaves))",
    "x, y = Leaf(), 1\n    x.<|>",
    "x = max(tree.leaves, key=lambda leaf: leaf.size)\n    x.<|>",
    "x = tree.by_name.get('a') or tree.leaf\n    x.<|>",
    "x = tree.by_name.get('a')\n    x.<|>",
    "x = tree.by_name.setdefault('a', Leaf())\n    x.<|>",
    "x = tree.leaves.pop()\n    x.<|>",
    "x = tree.pairs[0][1]\n    x.<|>",
    "x = tree.made()\n    x.<|>",
    "x = tree.itself().leaf\n    x.<|>",
    "x = kept()\n    x.<|>",
    "with lent() as x: x.<|>",
    "async def f():\n        x = await tree.later()\n        x.<|>",
    "async def f():\n        async with tree as x: x.<|>",
    "async def f():\n        async for x in tree: x.<|>",
    "def f(xs: List[Leaf]):\n        for x in xs: x.<|>",
    "def f(xs: Dict[str, List[Leaf]]):\n        for x in xs['a']: x.<|>",
    "def f(xs: Deque[Leaf]):\n        x = xs[0]\n        x.<|>",
    "def f(x: Optional[Leaf]):\n        if x is not None: x.<|>",
    "def f(x: Leaf):\n        if isinstance(x, Leaf): x.<|>",
]


@pytest.mark.parametrize("body", LEAF)
def test_what_is_a_leaf_has_the_members_of_one(workspace: Workspace, body: str) -> None:
    source = f"{HEADER}def use(tree: Tree, names: list[str]):\n    {body}\n"
    known = workspace.facts(source).receiver("x")
    assert known is not None and known.complete, known and known.reason
    assert "size" in known.words
    assert "leaf" not in known.words


OF_THE_STANDARD_LIBRARY = [
    ("re.match('a', 'b')", "group", "gruop"),
    ("re.match('a', 'b').group(1)", "upper", "group"),
    ("re.match('a', 'b').groups()[0]", "upper", "group"),
    ("open('x', 'rb').read()", "hex", "encode"),
    ("open('x').readline()", "encode", "hex"),
    ("subprocess.run(['x'], text=True).stdout", "encode", "hex"),
    ("os.environ['a']", "upper", "get"),
    ("os.environ.get('a', 'b')", "upper", "get"),
    ("os.path.split('a')[1]", "upper", "parent"),
    ("os.path.join('a', 'b')", "upper", "parent"),
    ("logging.getLogger('x')", "debug", "dbug"),
    ("sys.stdout", "write", "wrte"),
    ("Path('a').parent.joinpath('b')", "stem", "upper"),
    ("Path('a').open('w')", "write", "stem"),
    ("' '.join(['a']).split()[0]", "upper", "append"),
    ("'a'.partition('b')[2]", "upper", "count_"),
    ("next(iter(Path().iterdir()))", "stem", "upper"),
    ("collections.deque([1])", "appendleft", "apendleft"),
]


@pytest.mark.parametrize(("value", "has", "lacks"), OF_THE_STANDARD_LIBRARY)
def test_what_the_standard_library_returns_is_known(
    workspace: Workspace, value: str, has: str, lacks: str
) -> None:
    known = workspace.facts(f"{HEADER}x = {value}\nx.<|>\n").receiver("x")
    assert known is not None and known.complete, known and known.reason
    assert has in known.words
    assert lacks not in known.words


def test_a_method_that_returns_self_returns_what_it_was_called_on(workspace: Workspace) -> None:
    known = workspace.facts(f"{HEADER}x = Oak().itself()\nx.<|>\n").receiver("x")
    assert known.complete and "acorn" in known.words


def test_what_isinstance_asks_for_counts_as_well(workspace: Workspace) -> None:
    body = "def f(x: Leaf):\n    if isinstance(x, (Tree, str)): x.<|>\n"
    known = workspace.facts(HEADER + body).receiver("x")
    assert known.complete
    assert {"size", "leaves", "upper"} <= known.words.names
    assert "acorn" not in known.words


def test_a_question_in_another_function_is_about_another_variable(workspace: Workspace) -> None:
    body = (
        "class A:\n    def g(self, x):\n        if callable(x): x.y\n"
        "    def f(self, x: Leaf):\n        x.<|>\n"
    )
    known = workspace.facts(HEADER + body).receiver("x")
    assert known.complete and "size" in known.words


OPEN = [
    "f = lambda x: x.<|>",
    "sorted(tree.leaves, key=lambda x, y=1: x.<|>)",
    "x = []\nx.append(Leaf())\nx = x[0]\nx.<|>",
    "def made(y): return y\nx = made(Leaf())\nx.<|>",
    "def made(): raise NotImplementedError\nx = made()\nx.<|>",
    "def made():\n    yield Leaf()\nx = made()\nx.<|>",
    "def made():\n    return made()\nx = made()\nx.<|>",
    "def made(n):\n    if n: return Leaf()\n    return unheard()\nx = made(1)\nx.<|>",
    "x, y = unheard()\nx.<|>",
    "for x in unheard(): x.<|>",
    "def f(x: Leaf):\n    if isinstance(x, unheard): x.<|>",
    "def f(x: Leaf):\n    if isinstance(x, Tree) and callable(x): x.<|>",
    "class Text(str):\n    def __new__(cls):\n        x = str.__new__(cls, 'a')\n        x.<|>",
    "class A:\n    def f(self): ...\n    g = f\nx = A().g\nx.<|>",
]


@pytest.mark.parametrize("body", OPEN)
def test_what_does_not_follow_stands_open(workspace: Workspace, body: str) -> None:
    known = workspace.facts(f"{HEADER}{body}\n").receiver("x")
    assert known is None or not known.complete


@pytest.mark.parametrize(
    ("receiver", "source", "has"),
    [
        ("x[]", "x = [('a', Leaf())]\ny = ('a', Leaf())\n<|>", "size upper"),
        ("y[]", "y = ('a', Leaf())\n<|>", "size upper"),
    ],
)
def test_any_element_of_a_tuple_is_all_of_them(
    workspace: Workspace, receiver: str, source: str, has: str
) -> None:
    known = workspace.facts(HEADER + source).receiver(receiver)
    assert not known.complete or set(has.split()) <= known.words.names


def test_private_members_of_a_standard_class_are_known_by_its_source(workspace: Workspace) -> None:
    facts = workspace.facts("import argparse\np = argparse.ArgumentParser()\np.<|>\n")
    known = facts.receiver("p")
    assert known.complete and known.private
    assert {"_actions", "_get_formatter", "prog"} <= known.words.names
    assert "_actionz" not in known.words


def test_private_members_of_python_s_own_classes_are_known(workspace: Workspace) -> None:
    source = "class Name(str):\n    pass\nname = Name()\nname.<|>\n"
    known = workspace.facts(source).receiver("name")
    assert known is not None and known.complete and known.private


def test_a_module_that_is_not_imported_has_what_its_import_would_bring(
    workspace: Workspace,
) -> None:
    known = workspace.facts("textwrap.<|>\n").receiver("textwrap")
    assert known is not None and known.complete
    assert "dedent" in known.words and "randint" not in known.words
    # The class may be meant, or the module of that name.
    either = workspace.facts("datetime.<|>\n").receiver("datetime")
    assert either is None or not either.complete


def test_namespaces_that_are_only_looked_at_do_not_make_a_module_dynamic(
    workspace: Workspace,
) -> None:
    workspace.write(
        "plain.py",
        "import sys\nfound = globals().get('x')\ny = [k for k in vars()]\n"
        "z = sys.modules['os']\nw = eval('1', globals())\nif 'x' in globals(): pass\n",
    )
    workspace.write("tricky.py", "globals()['x'] = 1\n")
    workspace.write("own.py", "import sys\nsys.modules[__name__].x = 1\n")
    source = "import plain, tricky, own\n<|>\n"
    assert workspace.facts(source).receiver("plain").complete
    assert not workspace.facts(source).receiver("tricky").complete
    assert not workspace.facts(source).receiver("own").complete


def test_a_getattr_that_answers_some_names_leaves_the_others_unanswered(
    workspace: Workspace,
) -> None:
    body = "    if name == 'old':\n        return 1\n    if name in _MOVED:\n        return 2\n"
    end = "    raise AttributeError(name)\n"
    workspace.write("some.py", f"_MOVED = {{'moved': 1}}\ndef __getattr__(name):\n{body}{end}")
    workspace.write("any.py", f"def __getattr__(name):\n    x = find(name)\n{end}")
    source = "import some, any\n<|>\n"
    known = workspace.facts(source).receiver("some")
    assert known.complete
    assert {"old", "moved"} <= known.words.names
    assert not workspace.facts(source).receiver("any").complete


def test_a_class_that_attrs_makes_has_what_its_text_says(workspace: Workspace) -> None:
    workspace.write("attr/__init__.py", "def s(**k): ...\ndef ib(): ...\n")
    source = "import attr\n@attr.s\nclass A:\n    x = attr.ib()\na = A()\na.<|>\n"
    assert workspace.facts(source).receiver("a").complete
    source = "import other as attr\n@attr.s\nclass A:\n    x = 1\na = A()\na.<|>\n"
    assert not workspace.facts(source).receiver("a").complete


def test_a_folder_in_a_package_is_one_without_a_file_that_says_so(workspace: Workspace) -> None:
    workspace.write("pack/__init__.py", "")
    workspace.write("pack/inner/base.py", "class Base:\n    here = 1\n")
    source = "from .base import Base\nclass A(Base): pass\na = A()\na.<|>\n"
    known = workspace.facts(source, name="pack/inner/edited.py").receiver("a")
    assert known.complete and "here" in known.words


def test_what_time_did_not_suffice_for_is_found_out_later(workspace: Workspace) -> None:
    workspace.write("large.py", "class Large:\n    here = 1\n" + "x = 1\n" * 2000)
    source = "import large\ny = ''\nlater = large.Large()\ny.<|>\n"
    facts = workspace.facts(source, deadline=Deadline.after(0.5))
    while not workspace.analyser.look_ahead(0.05):
        pass
    known = facts.receiver("later")
    assert known is not None and known.complete and "here" in known.words


def test_nothing_is_kept_of_a_document_that_was_closed(workspace: Workspace) -> None:
    document, context = workspace.context("x = ''\nx.<|>\n")
    first = workspace.analyser.analyse(document, context, Deadline(at=math.inf))
    assert workspace.analyser.analyse(document, context, Deadline(at=math.inf)) is first
    workspace.analyser.forget(document.uri)
    assert workspace.analyser.analyse(document, context, Deadline(at=math.inf)) is not first


def test_the_workspace_needs_not_exist(tmp_path: Path) -> None:
    assert Workspace(tmp_path / "nowhere").facts("x = ''\nx.<|>\n").receiver("x").complete


FUNCTIONS = [
    ("import re\nre.compile.<|>\n", "re.compile", "compile"),
    ("max.<|>\n", "max", "max"),
    ("def f(): pass\nf.short = 1\nf.<|>\n", "f", "longer"),
    ("class A:\n    def f(self): self.f.<|>\n", "self.f", "f"),
]


@pytest.mark.parametrize(("source", "text", "lacks"), FUNCTIONS)
def test_a_function_has_nothing_but_what_is_set_on_it(
    workspace: Workspace, source: str, text: str, lacks: str
) -> None:
    known = workspace.facts(source).receiver(text)
    assert known.complete, known.reason
    assert lacks not in known.words
    assert "__name__" in known.words
    assert ("short" in known.words) is ("short" in source)


def test_where_functions_are_replaced_they_may_have_anything(workspace: Workspace) -> None:
    source = "from unittest import mock\ndef f(): pass\nf.<|>\n"
    assert not workspace.facts(source).receiver("f").complete


def test_a_standard_class_that_sets_its_members_by_name_stands_open(workspace: Workspace) -> None:
    source = "from multiprocessing.managers import BaseManager\nx = BaseManager()\nx.<|>\n"
    assert not workspace.facts(source).receiver("x").complete


def test_a_bounded_type_variable_is_not_whatever_is_given(workspace: Workspace) -> None:
    known = workspace.facts("import ast\nx = ast.parse('1')\nx.<|>\n").receiver("x")
    assert known is None or not known.complete or "body" in known.words
