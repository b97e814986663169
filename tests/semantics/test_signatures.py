"""Signatures: the parameters of what is called are read off its source, or not known at all."""

from __future__ import annotations

import ast
import inspect
import math
import sys
from types import ModuleType

import pytest
from tenon.semantics.callees import callee_signatures
from tenon.semantics.parameters import Kind, Signature
from tenon.semantics.signatures import Signatures
from tenon.text import Deadline
from workspace import Workspace

SHOWN = {Kind.REST: "*", Kind.REST_KEYWORDS: "**"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("signatures"))


def known(workspace: Workspace, source: str, callee: str) -> Signatures:
    facts = workspace.facts(source + "<|>\n", deadline=Deadline(at=math.inf))
    assert facts.inquiry is not None
    node = ast.parse(callee, mode="eval").body
    found = facts.inquiry.ask(callee, lambda place: callee_signatures(place, node))
    assert found is not None
    return found


def shown(signature: Signature) -> str:
    """A signature in the manner of `inspect`, every default as `...`."""
    parts: list[str] = []
    for index, each in enumerate(signature.parameters):
        before = [p.kind for p in signature.parameters[:index]]
        if Kind.POSITIONAL in before[-1:] and each.kind is not Kind.POSITIONAL:
            parts.append("/")
        if each.kind is Kind.KEYWORD and not {Kind.REST, Kind.KEYWORD} & set(before):
            parts.append("*")
        optional = not each.required and each.kind not in SHOWN
        parts.append(SHOWN.get(each.kind, "") + each.name + ("=..." if optional else ""))
    if signature.parameters and signature.parameters[-1].kind is Kind.POSITIONAL:
        parts.append("/")
    return f"({', '.join(parts)})"


WAYS = [
    # (source, callee, its signatures)
    ("def f(a, /, b, *c, d, e=1, **g): ...\n", "f", ["(a, /, b, *c, d, e=..., **g)"]),
    ("async def f(a): ...\n", "f", ["(a)"]),
    ("class A:\n    def f(self, a): return a\n", "A().f", ["(a)"]),
    ("class A:\n    def f(self, a): return a\n", "A.f", ["(self, a)"]),
    ("class A:\n    def f(*args, a): return a\n", "A().f", ["(*args, a)"]),
    ("class A:\n    @classmethod\n    def f(cls, a): return a\n", "A.f", ["(a)"]),
    ("class A:\n    @staticmethod\n    def f(a): return a\n", "A().f", ["(a)"]),
    ("class A:\n    def __init__(self, a): ...\n", "A", ["(a)"]),
    ("class A:\n    def __new__(cls, a): ...\n", "A", ["(a)"]),
    ("class A:\n    def __init__(self, a): ...\nclass B(A): pass\n", "B", ["(a)"]),
    ("class A:\n    def __call__(self, a): return a\n", "A()", ["(a)"]),
    ("class A: pass\n", "A", ["()"]),
    ("class A(Exception): pass\n", "A", ["(*args)", "(*args, **kwds)"]),
    ("class A(str):\n    def __init__(self, a): ...\n", "A", ["(a)"]),
    ("if x:\n    def f(a): ...\nelse:\n    def f(b): ...\n", "f", ["(a)", "(b)"]),
    ("class A:\n    def f(self, a): return a\nclass B(A):\n    def f(self, a, b): return a\n",
        "A().f", ["(a)", "(a, b)"]),
    ("from typing import NamedTuple\nclass A(NamedTuple):\n    a: int\n    b: int = 1\n", "A",
        ["(a, b=...)"]),
    ("from typing import NamedTuple\nclass A(NamedTuple):\n    a: int\nclass B(A): pass\n", "B",
        ["(a)"]),
    ("from typing import TypedDict\nclass A(TypedDict):\n    a: int\n", "A",
        ["(mapping=..., /, *, a=...)"]),
    ("from functools import partial\ndef f(a, b, *, c): ...\ng = partial(f, 1)\n", "g",
        ["(b, *, c)"]),
    ("from functools import partial\ndef f(a, b, *, c): ...\ng = partial(f, b=1)\n", "g",
        ["(a, *, b=..., c)"]),
    ("from contextlib import contextmanager\n@contextmanager\ndef f(a): yield\n", "f", ["(a)"]),
    ("from functools import lru_cache\nclass A:\n    @lru_cache\n    def f(self, a): return a\n",
        "A().f", ["(a)"]),
    ("from pathlib import Path\n", "Path().joinpath", ["(*other)"]),
    ("", "len", ["(obj, /)"]),
    ("", "'a'.join", ["(iterable, /)"]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "callee", "expected"), WAYS)
def test_every_way_to_call_it_is_known(
    workspace: Workspace, source: str, callee: str, expected: list[str]
) -> None:
    found = sorted({shown(way) for way in known(workspace, source, callee).ways})
    if callee in ("Path().joinpath", "len", "'a'.join"):
        # The stubs name what is positional only as they like.
        assert len(found) == 1
    else:
        assert found == expected


UNKNOWN = [
    # (source, callee, a word of the reason)
    ("@outside\ndef f(a): ...\n", "f", "decorator"),
    ("from missing import f\n", "f", "resolved"),
    ("def f(g): ...\n", "g", "bound nowhere"),
    ("class A(missing.B):\n    def __init__(self): ...\n", "A", "base"),
    ("class A(metaclass=M): pass\n", "A", "metaclass"),
    ("@outside\nclass A: pass\n", "A", "decorator"),
    ("import attr\n@attr.s\nclass A:\n    x = attr.ib()\n", "A", "decorator"),
    ("from enum import Enum\nclass A(Enum):\n    x = 1\n", "A", "metaclass"),
    ("from collections import namedtuple\nA = namedtuple('A', 'a b')\n", "A", ""),
    ("class A:\n    f = print\n", "A().f", ""),
    ("class A:\n    def f(self): raise NotImplementedError\n", "A().f", "others"),
    ("class A:\n    @property\n    def f(self): return print\n", "A().f", ""),
    ("def f(a): ...\nf(1, 2)\n", "f", "itself calls"),
    ("import mod\nmod.f = 1\ndef f(a): ...\n", "f", "anew"),
    ("def f(a): ...\nif callable(f):\n    pass\n", "f", ""),
    ("def f(a): ...\ndef test(m):\n    m.patch('mod.f')\n", "f", "anew"),
    ("class AMixin:\n    def __init__(self): ...\n", "AMixin", "mixed"),
    ("class A:\n    pass\ndef f(x: type[A]): ...\n", "type", "several ways"),
    ("from dataclasses import dataclass\n@dataclass(**o)\nclass A:\n    x: int\n", "A", "computed"),
]


@pytest.mark.parametrize(("source", "callee", "word"), UNKNOWN)
def test_what_is_not_proven_is_not_known_and_says_why(
    workspace: Workspace, source: str, callee: str, word: str
) -> None:
    found = known(workspace, source, callee)
    if source.startswith("def f(a): ...\nif callable"):
        # A guard counts where it stands: in the definition round the cursor.
        assert found.ways
        return
    assert found.ways == ()
    assert found.reason and word in found.reason


@pytest.mark.parametrize(
    ("source", "callee", "owner"),
    [
        ("", "'a'", "str"),
        ("import os\n", "os", "module 'os'"),
        ("class A: pass\na = A()\n", "a", "A"),
        ("", "print()", "None"),
    ],
)
def test_what_cannot_be_called_is_known_too(
    workspace: Workspace, source: str, callee: str, owner: str
) -> None:
    assert known(workspace, source, callee).uncallable == owner


DATACLASSES = '''\
from __future__ import annotations
import dataclasses
from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import ClassVar
@dataclass
class A:
    a: int
    b: int = 0
    c: ClassVar[int] = 1
    e: list = field(default_factory=list)
    f: int = dataclasses.field(init=False)
    g: InitVar[int] = 2
@dataclasses.dataclass(frozen=True, eq=False)
class B:
    a: int
    _: KW_ONLY
    b: int
    c: int = field(kw_only=False, default=1)
@dataclass(kw_only=True)
class C(A):
    b: int
    h: int = field(default=1)
    i: int = field(kw_only=False, default=1)
class D(C):
    j: int
@dataclass
class E(D):
    k: int = 1
    a: str = "a"
@dataclass(init=False)
class F:
    a: int
@dataclass
class G(F):
    b: int
@dataclass
class H:
    a: int
    def __init__(self, b): pass
@dataclass
class I(H):
    c: int = 1
'''


@pytest.mark.parametrize("name", list("ABCDEGHI"))
def test_a_dataclass_takes_what_the_standard_library_makes_it_take(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    module = ModuleType("made")
    monkeypatch.setitem(sys.modules, "made", module)
    exec(compile(DATACLASSES, "made", "exec"), module.__dict__)
    made = getattr(module, name)
    expected = [
        parameter.replace(
            annotation=inspect.Parameter.empty,
            default=inspect.Parameter.empty if parameter.default is parameter.empty else ...,
        )
        for parameter in inspect.signature(made).parameters.values()
    ]
    text = str(inspect.Signature(expected)).replace("Ellipsis", "...")
    (way,) = known(workspace, DATACLASSES, name).ways
    assert shown(way) == text


def test_super_means_the_base_where_no_other_class_can_stand_between(workspace: Workspace) -> None:
    base = "class A:\n    def __init__(self, a): ...\n"
    method = "    def __init__(self):\n        "
    source = base + "class B(A):\n" + method
    assert [shown(w) for w in known(workspace, source, "super().__init__").ways] == ["(a)"]
    source = base + "class C: pass\nclass B(A, C):\n" + method
    assert "which of the bases" in known(workspace, source, "super().__init__").reason
    source = "class B:\n" + method
    assert known(workspace, source, "super().__init__").ways == ()
    source = base + "class C(A):\n    def __init__(self, a, b): ...\nclass B(C):\n" + method
    assert [shown(w) for w in known(workspace, source, "super(B, self).__init__").ways] == ["(a, b)"]
    assert "which class's" in known(workspace, source, "super(C, self).__init__").reason
