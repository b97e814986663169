"""Which members are proven, and for which reasons a list stands open."""

from __future__ import annotations

from pathlib import Path

import pytest
from tenon.constraints.constraint import Domain, Verdict
from tenon.semantics import Analyser, MemberSet
from tenon.semantics.interpreter import Interpreter
from workspace import Workspace


def receiver(workspace: Workspace, text: str, source: str) -> MemberSet:
    facts = workspace.facts(source)
    known = facts.receiver(text)
    assert known is not None, text
    return known


KNOWN = [
    # (receiver, source, some members it has, a name it lacks)
    ("path", "from pathlib import Path\npath = Path('x')\npath.<|>", "exists parent", "exsts"),
    ("path", "import pathlib as p\ndef f(path: p.Path | None): path.<|>", "exists parent", "exsts"),
    ("path", "from pathlib import Path\ndef f(path: 'Path' = None): path.<|>", "exists", "exsts"),
    ("inner", "from pathlib import Path\ninner = Path() / 'x'\ninner.<|>", "exists", "exsts"),
    ("os.path", "import os.path\nos.path.<|>", "join exists sep", "joyn"),
    ("os", "import os\nos.<|>", "environ path getcwd", "getcw"),
    ("self", "class A:\n    def __init__(self): self.x = 1\n    def f(self): self.<|>", "x f", "y"),
    ("self", "class A:\n    __slots__ = ('x', 'y')\n    def f(self): self.<|>", "x y f", "z"),
    ("self", "class B:\n    b: int\nclass A(B):\n    def f(self): self.<|>", "b f", "z"),
    ("cls", "class A:\n    x = 1\n    @classmethod\n    def f(cls): cls.<|>", "x f mro", "z"),
    ("A()", "class A:\n    def f(self): pass\nA().<|>", "f", "g"),
    ("a", "class A:\n    def f(self): pass\na = A()\na.<|>", "f", "g"),
    ("a.b", "class B:\n    c = 1\nclass A:\n    def __init__(self): self.b = B()\na = A()\na.b.<|>",
     "c", "d"),
    ("x", "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass A:\n    n: int\n"
     "def f(x: A): x.<|>", "n", "m"),
    ("Color", "from enum import Enum\nclass Color(Enum):\n    RED = 1\nColor.<|>", "RED", "BLUE"),
    ("c", "from enum import Enum\nclass Color(Enum):\n    RED = 1\nc = Color.RED\nc.<|>",
     "name value RED", "nam"),
    ("p", "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\ndef f(p: P): p.<|>",
     "x index count", "y"),
    ("d", "from typing import TypedDict\nclass D(TypedDict):\n    x: int\ndef f(d: D): d.<|>",
     "items keys", "x"),
    ("p", "from typing import Protocol\nclass P(Protocol):\n    def go(self) -> int: ...\n"
     "def f(p: P): p.<|>", "go", "stop"),
    ("s", "s = 'a'\ns.<|>", "upper join", "jion"),
    ("''", "''.<|>", "upper", "uper"),
    ("n", "def f(ns: list[str]):\n    for n in ns: n.<|>", "upper", "uper"),
    ("v", "def f(d: dict[str, bytes]):\n    for v in d.values(): v.<|>", "hex", "hx"),
    ("g", "def f(d: dict[str, str]):\n    g = d['a']\n    g.<|>", "upper", "uper"),
    ("x", "def f(xs: list[int]):\n    return [x.<|> for x in xs]", "bit_length", "bit_lenght"),
    ("f", "with open('x') as f:\n    f.<|>", "read readlines", "raed"),
    ("e", "try:\n    pass\nexcept OSError as e:\n    e.<|>", "errno strerror", "erno"),
    ("e", "try:\n    pass\nexcept (OSError, UnicodeError) as e:\n    e.<|>", "errno args", "erno"),
    ("u", "def f(u: str | bytes): u.<|>", "upper hex encode decode", "uper"),
    ("r", "class A:\n    def f(self) -> 'A': ...\nr = A().f().f()\nr.<|>", "f", "g"),
    ("r", "class A:\n    @property\n    def p(self) -> str: ...\nr = A().p\nr.<|>", "upper", "up_"),
    ("r", "class A:\n    async def f(self) -> str: ...\nasync def g():\n    r = await A().f()\n"
     "    r.<|>", "upper", "uper"),
    ("m", "import re\nm = re.compile('x').match('y')\nm.<|>", "group span", "gruop"),
    ("b", "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Box(Generic[T]):\n"
     "    item: T\ndef f(box: Box[str]):\n    b = box.item\n    b.<|>", "upper", "uper"),
    ("w", "if (w := 'x'):\n    w.<|>", "upper", "uper"),
    ("t", "t = 'a' if 1 else b'c'\nt.<|>", "upper hex", "uper"),
    ("t", "from typing import Tuple\ndef f(t: Tuple[int, str]): t.<|>", "index count", "upper"),
    ("t[1]", "from typing import Tuple\ndef f(t: Tuple[int, str]): t[1].<|>", "upper", "uper"),
    ("format", "format.<|>", "__name__", "register"),
    ("ValueError", "ValueError.<|>", "mro __name__", "register"),
    ("dict", "dict.<|>", "fromkeys register", "regster"),
    ("c", "from typing import cast\nc = cast(str, print())\nc.<|>", "upper", "uper"),
    ("f", "from functools import cache\n@cache\ndef f(): ...\nf.<|>", "cache_clear", "clear"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "source", "has", "lacks"), KNOWN)
def test_a_receiver_whose_type_the_text_proves_is_known_to_its_last_member(
    workspace: Workspace, text: str, source: str, has: str, lacks: str
) -> None:
    known = receiver(workspace, text, source)
    assert known.complete, known.reason
    assert set(has.split()) <= known.words.names
    assert lacks not in known.words


OPEN = [
    ("a parameter without annotation", "x", "def f(x): x.<|>"),
    ("Any", "x", "from typing import Any\ndef f(x: Any): x.<|>"),
    ("object", "x", "def f(x: object): x.<|>"),
    ("a class made at run time", "p",
     "from collections import namedtuple\nP = namedtuple('P', ['x'])\np = P(1)\np.<|>"),
    ("__getattr__", "a", "class A:\n    def __getattr__(self, n): ...\na = A()\na.<|>"),
    ("an inherited __getattr__", "a",
     "class B:\n    def __getattribute__(self, n): ...\nclass A(B): pass\na = A()\na.<|>"),
    ("a stub's __getattr__", "n", "import argparse\ndef f(n: argparse.Namespace): n.<|>"),
    ("a metaclass's __getattr__", "A",
     "class M(type):\n    def __getattr__(self, n): ...\nclass A(metaclass=M): pass\nA.<|>"),
    ("a metaclass that may add members", "a",
     "class M(type): pass\nclass A(metaclass=M): pass\na = A()\na.<|>"),
    ("an unresolved base", "a", "from nowhere import B\nclass A(B): pass\na = A()\na.<|>"),
    ("a computed base", "a", "class A(make()): pass\na = A()\na.<|>"),
    ("an unknown class decorator", "a", "@register\nclass A: pass\na = A()\na.<|>"),
    ("an unknown function decorator", "x",
     "@wrap\ndef make() -> str: ...\nx = make()\nx.<|>"),
    ("an attribute born None", "self.p",
     "class A:\n    def __init__(self): self.p = None\n    def f(self): self.p.<|>"),
    ("an attribute born None and set later", "self.p",
     "class A:\n    def __init__(self): self.p = None\n    def g(self): self.p = ''\n"
     "    def f(self): self.p.<|>"),
    ("None itself", "x", "x = None\nx.<|>"),
    ("an unresolved module", "nowhere", "import nowhere\nnowhere.<|>"),
    ("isinstance", "x", "def f(x: str):\n    if isinstance(x, Sub): x.<|>"),
    ("hasattr with a computed name", "x", "def f(x: str, n):\n    if hasattr(x, n): x.<|>"),
    ("callable", "x", "def f(x: str):\n    if callable(x): x.<|>"),
    ("a type guard", "x", "def f(x: str):\n    if is_thing(x): x.<|>"),
    ("type(x) is", "x", "def f(x: str):\n    if type(x) is Sub: x.<|>"),
    ("match", "x", "def f(x: str):\n    match x:\n        case Sub(): x.<|>"),
    ("setattr by a computed name", "self",
     "class A:\n    def __init__(self, **k):\n        for n, v in k.items(): setattr(self, n, v)\n"
     "    def f(self): self.<|>"),
    ("self.__dict__", "self",
     "class A:\n    def __init__(self, k): self.__dict__.update(k)\n    def f(self): self.<|>"),
    ("a mixin by its name", "self", "class RunMixin:\n    def f(self): self.<|>"),
    ("a mixin by its use", "self",
     "class A:\n    def f(self): self.<|>\nclass B: pass\nclass C(A, B): pass"),
    ("a class that asks for what it lacks", "self",
     "class A:\n    def f(self): self.<|>\n    def g(self): return self.elsewhere"),
    ("a receiver the author uses otherwise", "x", "def f(x: str):\n    x.unheard\n    x.<|>"),
    ("two bindings, one unknown", "x", "x = 'a'\nif 1:\n    x = what()\nx.<|>"),
    ("a loop over what is not known", "x", "for x in what(): x.<|>"),
    ("unpacking", "x", "x, y = what()\nx.<|>"),
    ("classes made at run time", "self",
     "class A:\n    def f(self): self.<|>\nB = type('B', (A, object), {})"),
    ("a class attribute that may be a descriptor", "self.x",
     "class A:\n    x = Column()\n    def f(self): self.x.<|>"),
    ("__new__ that decides", "a",
     "class A:\n    def __new__(cls): return what()\na = A()\na.<|>"),
    ("an attribute set from outside", "self.x",
     "class A:\n    def __init__(self): self.x = ''\n    def f(self): self.x.<|>\n"
     "def g(a): a.x = what()"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "text", "source"), OPEN, ids=[case[0] for case in OPEN])
def test_a_list_that_may_not_be_whole_stands_open_and_says_why(
    workspace: Workspace, why: str, text: str, source: str
) -> None:
    known = receiver(workspace, text, source)
    assert not known.complete
    assert known.reason


def test_a_read_whose_failure_is_expected_is_not_judged(workspace: Workspace) -> None:
    source = "x = ''\ntry:\n    x.<|>\nexcept AttributeError:\n    pass"
    assert not workspace.facts(source).receiver("x").complete
    source = "import contextlib\nx = ''\nwith contextlib.suppress(AttributeError):\n    x.<|>"
    assert not workspace.facts(source).receiver("x").complete


@pytest.mark.parametrize("guard", ["hasattr(self, 'fresh')", "setattr(self, 'fresh', 1)"])
def test_an_attribute_named_by_a_string_exists(workspace: Workspace, guard: str) -> None:
    source = f"class A:\n    def g(self): {guard}\n    def f(self): self.<|>"
    known = receiver(workspace, "self", source)
    assert known.complete
    assert "fresh" in known.words


def test_an_attribute_that_other_code_of_the_module_sets_exists(workspace: Workspace) -> None:
    source = "class A:\n    def f(self): self.<|>\ndef make():\n    a = A()\n    a.fresh = 1"
    assert "fresh" in receiver(workspace, "self", source).words


def test_members_come_from_other_files_of_the_workspace(workspace: Workspace) -> None:
    workspace.write("pack/__init__.py", "from .inner import *\n")
    workspace.write("pack/inner.py", "class Base:\n    def up(self): pass\nvalue = Base()\n")
    source = "from pack import value, Base\nclass A(Base):\n    def f(self): self.<|>"
    facts = workspace.facts(source)
    assert "up" in facts.receiver("self").words
    assert facts.receiver("value").complete


def test_a_file_that_changes_is_read_again(workspace: Workspace) -> None:
    path = workspace.write("other.py", "class B:\n    old = 1\n")
    source = "from other import B\nclass A(B):\n    def f(self): self.<|>"
    assert "old" in workspace.facts(source).receiver("self").words
    path.write_text("class B:\n    newer = 1\n", "utf-8")
    members = workspace.facts(source + " ").receiver("self").words
    assert "newer" in members
    assert "old" not in members


def test_a_module_with_its_own_getattr_stands_open(workspace: Workspace) -> None:
    workspace.write("lazy.py", "def __getattr__(name): ...\n")
    assert not workspace.facts("import lazy\nlazy.<|>").receiver("lazy").complete


def test_a_getattr_that_asks_for_one_name_after_the_other_answers_no_others(
    workspace: Workspace,
) -> None:
    workspace.write(
        "lazy.py",
        "GONE = make()\n"
        "def __getattr__(attr):\n"
        "    if attr == 'one':\n        import one\n        return one\n"
        "    elif attr == 'two':\n        return 2\n"
        "    if attr in GONE:\n        raise AttributeError(GONE[attr])\n"
        "    raise AttributeError(attr)\n"
        "for name in ['three', 'four']:\n    globals()[name] = make(name)\n",
    )
    known = workspace.facts("import lazy\nlazy.<|>").receiver("lazy")
    assert known.complete, known.reason
    assert {"one", "two", "three", "four", "GONE"} <= known.words.names
    assert "five" not in known.words


def test_what_a_source_takes_from_an_extension_module_is_what_the_stub_beside_it_says(
    tmp_path: Path,
) -> None:
    site = tmp_path / "site"
    (site / "fast").mkdir(parents=True)
    (site / "fast" / "__init__.py").write_text("from fast._binding import Point, make\n")
    (site / "fast" / "__init__.pyi").write_text(
        "class Point:\n    row: int\ndef make() -> Point: ...\n"
    )
    workspace = Workspace(tmp_path / "root")
    where = Interpreter(packages=(site,), where=site, because="the test says so")
    workspace.analyser = Analyser(tmp_path / "root", environment=where)
    known = workspace.facts("import fast\np = fast.make()\np.<|>").receiver("p")
    assert known.complete, known.reason
    assert "row" in known.words and "column" not in known.words


def test_a_workspace_module_that_shadows_the_standard_library_is_not_believed(
    workspace: Workspace,
) -> None:
    workspace.write("json.py", "mine = 1\n")
    assert not workspace.facts("import json\njson.<|>").receiver("json").complete


def test_half_written_code_elsewhere_does_not_take_the_knowledge_away(workspace: Workspace) -> None:
    source = "def broken(:\n    pass\ns = 'a'\nfoo(s.<|>\n\nclass A:\n    x = (\n"
    facts = workspace.facts(source)
    assert facts.names.complete
    assert facts.receiver("s").complete


def test_the_whole_way_from_a_buffer_to_a_refusal(workspace: Workspace) -> None:
    source = "from pathlib import Path\ndef f(path: Path):\n    return path.<|>"
    assert workspace.refused_at(Domain.MEMBERS, source, "exsts()") == 3
    assert workspace.refused_at(Domain.MEMBERS, source, "exists()") is None


def test_what_is_caught_may_be_a_subclass_with_more(workspace: Workspace) -> None:
    source = (
        "class Base(Exception): pass\nclass Sub(Base):\n    more = 1\n"
        "try:\n    pass\nexcept Base as e:\n    e.<|>"
    )
    assert not receiver(workspace, "e", source).complete


def test_a_descriptor_s_value_is_not_taken_for_what_it_gives(workspace: Workspace) -> None:
    source = (
        "class D:\n    def __get__(self, *a): ...\nclass A:\n    x: D = D()\n"
        "    def f(self): self.x.<|>"
    )
    assert not receiver(workspace, "self.x", source).complete


def test_a_name_from_a_module_that_changes_its_own_names_is_not_known(workspace: Workspace) -> None:
    workspace.write("types_of.py", "from builtins import str as text\nglobals()['text'] = 1\n")
    source = "from types_of import text\nx = text()\nx.<|>"
    assert not receiver(workspace, "x", source).complete


def test_abstract_classes_can_be_registered_with(workspace: Workspace) -> None:
    source = "from collections.abc import Mapping\nMapping.<|>"
    assert "register" in receiver(workspace, "Mapping", source).words


@pytest.mark.parametrize("name", ["__name__", "__mro__", "__version__"])
def test_an_instance_has_nothing_of_what_definitions_have(workspace: Workspace, name: str) -> None:
    source = "class A:\n    def f(self):\n        return <|>\n"
    told = len(f"self.{name}\n")
    assert workspace.refused_at(Domain.MEMBERS, source, f"self.{name}\n") == told
    assert workspace.refused_at(Domain.MEMBERS, source, f"A.{name}\n") is None
    assert workspace.refused_at(Domain.MEMBERS, source, "self.__class__.__name__\n") is None
    assert workspace.refused_at(Domain.MEMBERS, source, "self.__anything__\n") is None


def test_an_instance_that_copies_a_function_s_names_has_them(workspace: Workspace) -> None:
    source = (
        "import functools\nclass A:\n    def __init__(self, f):\n"
        "        functools.update_wrapper(self, f)\n        return <|>\n"
    )
    assert workspace.refused_at(Domain.MEMBERS, source, "self.__name__\n") is None


def test_none_has_but_its_own_members(workspace: Workspace) -> None:
    assert workspace.refused_at(Domain.MEMBERS, "x = <|>", "None.e") == 6
    assert workspace.refused_at(Domain.MEMBERS, "x = <|>", "None.__class__\n") is None


def test_nothing_is_set_where_slots_have_no_room_for_it(workspace: Workspace) -> None:
    source = "class A:\n    __slots__ = ['x']\n    def f(self):\n        <|>\n"
    assert workspace.refused_at(Domain.MEMBERS, source, "self.x = 1\n") is None
    assert workspace.refused_at(Domain.MEMBERS, source, "self.yes = 1\n") == 6
    roomy = source.replace("['x']", "['x', '__dict__']")
    assert workspace.refused_at(Domain.MEMBERS, roomy, "self.yes = 1\n") is None
    derived = source.replace("class A:", "class B: pass\nclass A(B):")
    assert workspace.refused_at(Domain.MEMBERS, derived, "self.yes = 1\n") is None


def test_a_line_that_is_cut_still_asks_what_a_name_is(workspace: Workspace) -> None:
    source = "def f(note: bytes):\n    if isinstance(note, str):<|>\n    if note: pass\n"
    assert workspace.refused_at(Domain.MEMBERS, source, " note.encode()\n") is None


TASKS = """
class Task:
    def __init__(self):
        self.size = 1
    def run(self, times: int) -> str: ...

class Long(Task):
    def __init__(self):
        self.more = 1

def f(tasks: list[Task], task: Task, other: str):
"""
ASKED = [
    "isinstance(task, Long) and task.more",
    "hasattr(task, 'size') and hasattr(task, 'more') and task.more",
    "1\n    if isinstance(task, Long):\n        return task.more",
    "1\n    match task:\n        case Long():\n            return task.more",
    "type(task) is Long and task.more",
    "is_long(task) and task.more",
]


@pytest.mark.parametrize("text", ASKED)
def test_what_the_text_asks_about_may_have_anything_from_there_on(
    workspace: Workspace, text: str
) -> None:
    source = TASKS.replace("class Task", "def is_long(task): ...\nclass Task") + "    return <|>\n"
    assert workspace.refused_at(Domain.MEMBERS, source, text) is None
    assert workspace.refused_at(Domain.MEMBERS, source, "task.more\n") is not None
    assert workspace.refused_at(Domain.MEMBERS, source, "isinstance(other, Long) and task.more\n")


LAMBDAS = [
    # (before the cursor, what is refused, what is not)
    ("sorted(tasks, key=lambda task: task.", "most", "size"),
    ("sorted(tasks, key=lambda task: (other, ", "task.most", "task.size"),
    ("sorted(tasks, key=lambda other: ", "other.upper", "other.size"),
    ("sorted(tasks, key=lambda task: ", "task.most", "isinstance(task, Long) and task.more"),
    ("sorted(tasks, key=lambda other: ", "other.upper", "other.size, reverse=other.upper"),
    ("sorted(tasks, key=lambda other: ", "other.upper", "other.size)[0].size + other.upper()"),
    ("sorted(tasks, key=lambda other: ", "other.upper", "other.size)\n    other.upper()"),
    ("sorted(tasks, key=lambda other: ", "other.upper", "[other.upper for other in 'a'])"),
    ("[1, sorted(tasks, key=lambda other: ", "other.upper", "other.size), other.upper]"),
]


@pytest.mark.parametrize(("before", "wrong", "right"), LAMBDAS)
def test_the_parameter_of_the_lambda_at_the_cursor_is_known_up_to_the_end_of_its_body(
    workspace: Workspace, before: str, wrong: str, right: str
) -> None:
    behind = ")]" if before.startswith("[") else "))" if "(other" in before else ")"
    source = f"{TASKS}    return {before}<|>{behind}\n"
    assert workspace.refused_at(Domain.MEMBERS, source, wrong) is not None
    assert workspace.refused_at(Domain.MEMBERS, source, right) is None


def test_what_a_case_takes_a_member_of_is_read(workspace: Workspace) -> None:
    source = (
        "from enum import Enum\n\nclass Colour(Enum):\n    RED = 1\n\n"
        "def f(colour: Colour, point):\n    match colour:\n        case <|>:\n            pass\n"
    )
    begun = source.replace("<|>", "Colour.RED | Colour.<|>")
    assert workspace.refused_at(Domain.MEMBERS, source, "Colour.colour") is not None
    assert workspace.refused_at(Domain.MEMBERS, begun, "colour") is not None
    for text in ("Colour.RED", "Colour", "colour if colour.other", "[Colour, *rest] if Colour.x"):
        assert workspace.refused_at(Domain.MEMBERS, source, text) is None
    for text in ("RED", "RED if any(colour.y for colour in point)"):
        assert workspace.refused_at(Domain.MEMBERS, begun, text) is None


GLUED = [
    # (source, text, whether it could stand): what the author asks of what the text began
    ("import os\nos<|>.clear()\n", ".environ", True),
    ("import os\nos<|>.clear()\n", ".close(1)", False),
    ("x = <|>e\n", "False.", False),
    ("x = <|>l\n", "False.rea", True),
    ("import re\nx = re<|>lf\n", ".find", False),
    ("x = <|>lf\n", "re.find", False),
    ("class A:\n    def f(self): pass\n    def g(self):\n        self.<|>.g()\n", "f", False),
    ("import os\nx = os.getcwd(<|>).zork\n", "", True),
]


@pytest.mark.parametrize(("source", "text", "stands"), GLUED)
def test_what_the_author_asks_of_what_the_text_began_is_judged(
    workspace: Workspace, source: str, text: str, stands: bool
) -> None:
    verdict = workspace.constraint(Domain.MEMBERS, source).judge(text).verdict
    assert (verdict is Verdict.COMPLETE) is stands


def test_what_a_standard_function_returns_that_returns_nothing_has_no_members(
    workspace: Workspace,
) -> None:
    assert workspace.refused_at(Domain.MEMBERS, "import os\nos<|>\n", ".close(1).c") == 11
    own = "def f(): pass\nf()<|>\n"
    assert workspace.refused_at(Domain.MEMBERS, own, ".c") is None


DECORATORS = """
from typing import Callable, Type, TypeVar, overload
T = TypeVar("T")
KNOWN = []

def keep(cls):
    KNOWN.append(1)
    cls.marked = 1
    return cls

def helper(c): c.aided = 1

def hands(cls):
    helper(cls)
    return cls

@overload
def both(cls: Type[T]) -> Type[T]: ...
@overload
def both(*, a: int) -> Callable[[Type[T]], Type[T]]: ...
def both(cls=None, *, a=1):
    def do(cls):
        cls.done = 1
        return cls
    return do if cls is None else do(cls)

def wraps(cls):
    class Other(cls): pass
    return Other

def lists(cls):
    KNOWN.append(cls)
    return cls

def sets(cls):
    setattr(cls, KNOWN[0], 1)
    return cls
"""
DECORATED = [
    # (the decorator, what it adds; None where that is not known)
    ("keep", "marked"),
    ("hands", "aided"),
    ("both", "done"),
    ("both(a=1)", "done"),
    ("wraps", None),
    ("lists", None),
    ("sets", None),
    ("keep(1)", None),
    ("nowhere", None),
]


@pytest.mark.parametrize(("decorator", "added"), DECORATED)
def test_a_decorator_that_gives_the_class_back_adds_what_its_text_sets(
    workspace: Workspace, decorator: str, added: str | None
) -> None:
    source = f"{DECORATORS}\n@{decorator}\nclass A:\n    x = 1\n\na = A()\na<|>\n"
    known = workspace.facts(source).receiver("a")
    assert known is not None and known.complete is (added is not None)
    if added is not None:
        assert {"x", added} <= known.words.names and "other" not in known.words


@pytest.mark.parametrize("declared", ["type", "types.ModuleType", "Meta"])
def test_what_is_some_class_or_module_may_have_any_member(
    workspace: Workspace, declared: str
) -> None:
    source = f"import types\nclass Meta(type): ...\ndef f(x: {declared}):\n    return x.<|>\n"
    assert workspace.refused_at(Domain.MEMBERS, source, "anything()") is None
