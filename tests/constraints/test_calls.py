"""Calls: what is called is given what it takes; all that it needs before its bracket closes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from at import AtCursor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tenon.constraints.constraint import Domain, Evidence, Verdict
from tenon.semantics import Analyser

BUFFER = '''\
from __future__ import annotations

import functools
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import KW_ONLY, InitVar, dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple, TypedDict, overload
from unittest import mock

import unknown


def run(a, b, *, check=False, timeout=None): ...
def only(a, /, b=1): ...
def rest(*args, **kwargs): ...
def none(): return 1
def needs(a, *, key): ...
def swallows(first, *more, last=1): ...

@unknown.decorator
def decorated(a): ...

@functools.lru_cache(maxsize=None)
def cached(a): ...

@contextmanager
def opened(name, *, mode="r"):
    yield name

@overload
def either(a: int) -> int: ...
@overload
def either(a: str, b: int, *, flag: bool = ...) -> str: ...
def either(a, b=None, *, flag=False): return a

part = functools.partial(run, 1, check=True)

@dataclass
class Point:
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)
    total: ClassVar[int] = 0
    seen: bool = field(init=False, default=False)
    scale: InitVar[int] = 1

@dataclass
class Named(Point):
    _: KW_ONLY
    name: str = ""
    label: str = field(kw_only=True)

@dataclass(init=False)
class Odd:
    x: int
    def __init__(self, only): ...

class Pair(NamedTuple):
    left: int
    right: str = ""

class Keys(TypedDict, total=False):
    one: int
    two: str

class Base:
    def __init__(self, name, size=1):
        self.name = name
    def work(self, n):
        return n
    def grow(self, n):
        return n
    def todo(self):
        raise NotImplementedError
    @classmethod
    def make(cls, name):
        return cls(name)
    @staticmethod
    def fixed(q):
        return q
    def __call__(self, once):
        return once

class Grown(Base):
    def grow(self, n, more=1):
        return n

class Plain: pass
class Error(ValueError): pass
class Meta(type):
    def __call__(cls, *anything): ...
class Made(metaclass=Meta):
    def __init__(self): ...
class Open(unknown.Base):
    def __init__(self): ...

base = Base("a")

'''


class At(AtCursor):
    """The calls domain at a cursor, in a buffer that begins with `BUFFER`."""

    domain = Domain.CALLS

    def __init__(self, source: str, buffer: str = BUFFER) -> None:
        super().__init__(source, buffer)


ACCEPTED = [
    ("run(<|>", "1, 2)\n"),
    ("run(<|>", "1, b=2, timeout=3, check=True)\n"),
    ("run(<|>", "b=1, a=2)\n"),
    ("run(<|>)", "1, 2"),
    ("run(1, <|>)", "check"),
    ("run(1, 2, <|>)", "check=base"),
    ("run(<|>, 2)", "1"),
    ("run(<|>, check=1)", "1, b"),
    ("run(1, run(2, <|>))", "3"),
    ("run(1, 2, ch<|>)", "eck=3"),
    ("<|>", "run(*items)\nrun(1, *items, check=2)\nrun(1, **more)\nrun(**more)\n"),
    ("<|>", "run(1, (2, 3))\nrun(1, [x for x in (1, 2, 3)])\nrun(lambda a, b, c: a, 2)\n"),
    ("<|>", "run(1, 2 if base else 3, check = 4)\nrun(1,\n    2,  # two\n    check=(yield),\n)\n"),
    ("<|>", "run(a == 1, b := 2)\nrun('a, b', \"c)\")\nrun(f'{run(1, 2)}', 2)\n"),
    ("<|>", "only(1, b=2)\nonly(1, 2)\nonly(1,)\n"),
    ("<|>", "rest(1, 2, a=3, b=4)\nrest()\n"),
    ("rest(assert_=1, <|>)\n", "assertion=2"),
    ("<|>", "swallows(1, 2, 3, last=4)\n"),
    ("<|>", "needs(1, key=2)\nneeds(key=2, a=1)\n"),
    ("<|>", "decorated(1, 2, 3, x=4)\nunknown.call(1, x=2)\nnowhere(1)\n"),
    ("<|>", "cached(1)\ncached(a=1)\nwith opened('a', mode='w') as f: pass\n"),
    ("<|>", "either(1)\neither('a', 2, flag=True)\n"),
    ("<|>", "part(2)\npart(2, timeout=3, check=False)\npart(b=2)\n"),
    ("<|>", "functools.partial(run, 1)\nfunctools.partial(run, check=1)(1)\n"),
    ("<|>", "Point(1)\nPoint(1, 2, [], 3)\nPoint(x=1, tags=[], scale=2)\n"),
    ("<|>", "Named(1, 2, label='a')\nNamed(1, name='a', label='b')\nOdd(1)\nOdd(only=1)\n"),
    ("<|>", "Pair(1)\nPair(1, right='')\nPair(*items)\nKeys(one=1)\nKeys(other, two=2)\nKeys()\n"),
    ("<|>", "Base('a').work(1)\nBase.work(base, 1)\nbase.work(n=1)\nBase.make('a')\n"),
    ("<|>", "base.fixed(1)\nBase.fixed(1)\nbase.todo(1, 2)\nbase(1)\nbase(once=1)\n"),
    ("<|>", "base.grow(1, more=2)\n"),
    ("<|>", "Plain()\nError('a', 1)\nMade(1, 2)\nOpen(1, 2)\nobject()\ntype(base)\n"),
    ("<|>", "Path('a').write_text('b', encoding='c')\n'a'.split(',', 1)\nprint(1, sep='')\n"),
    ("<|>", "run = base\nrun(1, 2, 3, x=4)\n"),
    ("<|>", "for run in items: run(1, 2, 3)\n"),
    ("<|>", "def run(q): return q\nrun(1)\n"),
    ("<|>", "base.work = rest\nbase.work(1, 2, 3)\n"),
    ("<|>", "lambda run: run(1, 2, 3)\n"),
    ("<|>", "class run(Base, metaclass=rest, other=1): pass\n"),
    ("<|>", "@opened('a')\ndef f(run=run(1, 2)): pass\n"),
    ("<|>", "match base:\n    case Point(1, 2, 3, 4, 5, other=6): pass\n"),
    ("run(chek=<|>", "1, 2, 3)\n"),
    ("run(1, 2, 3, <|>", "4)\n"),
    ("run(<|>, chek=1)", "1, 2, 3, 4"),
    ("run(1, 2, chek<|>", "=3)\n"),
    ("run(1<|>)", ""),
    ("try:\n    <|>\nexcept TypeError: pass\n", "run(1)"),
    ("with raises(TypeError):\n    <|>\n", "run(1)"),
    ("run(1, 2, 3)\n<|>", "run(1, 2, 3, 4)\n"),
    ("mock.patch('calls.run')\n<|>", "run(1)\n"),
    ("monkeypatch.setattr(calls, 'run', 1)\n<|>", "run(1)\n"),
    ("calls.run = 1\n<|>", "run(1)\n"),
    ("if callable(run):\n    <|>\n", "run(1)"),
    ("class Sub(Base):\n    def __init__(self):\n        <|>\n", "super().__init__('a', size=2)"),
    ("class Sub(Base, Plain):\n    def __init__(self):\n        <|>\n", "super().__init__(1, 2)"),
    ("class Sub(Base):\n    def work(self, n):\n        <|>\n", "return super().work(n)"),
    ("class Sub(Base):\n    def new(self):\n        <|>\n", "return self.work(1)"),
]


@pytest.mark.parametrize(("source", "text"), ACCEPTED)
def test_a_call_that_can_be_made_is_accepted(source: str, text: str) -> None:
    assert Verdict.DEAD not in At(source).verdicts(text)


REFUSED = [
    # (the buffer, what is written at the cursor, up to the character that is refused, why)
    ("run(<|>", "1, chek=1", "run() has no parameter 'chek'"),
    ("run(<|>", "1, 2, chek", "run() takes at most 2 arguments by position"),
    ("run(<|>", "1, 2, 3", "run() takes at most 2 arguments by position"),
    ("run(<|>", "1, 2, '", "run() takes at most 2 arguments by position"),
    ("run(<|>", "1, 2, x", "run() takes at most 2 arguments by position"),
    ("run(<|>", "1, 2, checkx", "run() takes at most 2 arguments by position"),
    ("run(<|>", "1, 2, check.", "run() takes at most 2 arguments by position"),
    ("run(<|>", "1, a=1", "'a' is given twice"),
    ("run(<|>", "1, 2, check=1, c", "no parameter left of run() begins with 'c'"),
    ("run(<|>", "a=1, q", "no parameter left of run() begins with 'q'"),
    ("run(<|>", "a=1, (", "what follows a keyword in run() is given by keyword too"),
    ("run(<|>", "1)", "run() needs 'b'"),
    ("run(<|>", ")", "run() needs 'a'"),
    ("run(<|>", "b=1)", "run() needs 'a'"),
    ("run(<|>", "*items, other=1", "run() has no parameter 'other'"),
    ("run(1, run(<|>", "2)", "run() needs 'b'"),
    ("<|>", "only(a=1", "only() takes 'a' by position only"),
    ("<|>", "none(1", "none() takes no arguments"),
    ("<|>", "none(x", "none() takes no arguments"),
    ("<|>", "needs(1)", "needs() needs 'key'"),
    ("<|>", "cached()", "cached() needs 'a'"),
    ("<|>", "with opened(mod=1", "opened() has no parameter 'mod'"),
    ("<|>", "either()", "either() needs 'a'"),
    ("<|>", "either(other=1", "either() has no parameter 'other'"),
    ("<|>", "part()", "part() needs 'b'"),
    ("<|>", "functools.partial(run, other=1", "run() has no parameter 'other'"),
    ("<|>", "Point()", "Point() needs 'x'"),
    ("<|>", "Point(1, z=1", "Point() has no parameter 'z'"),
    ("<|>", "Point(1, seen=1", "Point() has no parameter 'seen'"),
    ("<|>", "Named(1)", "Named() needs 'label'"),
    ("<|>", "Odd(x=1", "Odd() has no parameter 'x'"),
    ("<|>", "Pair(1, middle=1", "Pair() has no parameter 'middle'"),
    ("<|>", "Keys(three=1", "Keys() has no parameter 'three'"),
    ("<|>", "Base()", "Base() needs 'name'"),
    ("<|>", "base.work()", "work() needs 'n'"),
    ("<|>", "base.work(1, 2", "work() takes at most 1 argument"),
    ("<|>", "Base.work(base)", "work() needs 'n'"),
    ("<|>", "Base.make(1, 2", "make() takes at most 1 argument"),
    ("<|>", "base.fixed(1, 2", "fixed() takes at most 1 argument"),
    ("<|>", "base(two=1", "__call__() has no parameter 'two'"),
    ("<|>", "Plain(1", "Plain() takes no arguments"),
    ("<|>", "Path('a').write_text('b', encodin=1", "write_text() has no parameter 'encodin'"),
    ("<|>", "'a'.upper(1", "upper() takes no arguments"),
    ("<|>", "print(1, separator=1", "print() has no parameter 'separator'"),
    ("<|>", "if none(1", "none() takes no arguments"),
    ("<|>", "return [none(1", "none() takes no arguments"),
    ("<|>", "'a'(", "str cannot be called"),
    ("<|>", "functools(", "module 'functools' cannot be called"),
    ("x = Path('a')\n<|>", "x(", "Path cannot be called"),
    ("<|>", "print(1)(", "None cannot be called"),
    (
        "class Sub(Base):\n    def __init__(self):\n        <|>\n",
        "super().__init__()",
        "Base.__init__() needs 'name'",
    ),
    ("class Sub(Base):\n    def new(self):\n        <|>\n", "self.work()", "work() needs 'n'"),
]


@pytest.mark.parametrize(("source", "text", "reason"), REFUSED)
def test_a_call_that_cannot_be_made_is_refused_where_that_is_certain(
    source: str, text: str, reason: str
) -> None:
    at = At(source)
    verdicts = at.verdicts(text)
    assert verdicts[-1] is Verdict.DEAD
    assert Verdict.DEAD not in verdicts[:-1]
    assert at.evidence(text).reason == reason
    assert at.constraint.judge(text + "x = 1\n").verdict is Verdict.DEAD


OWED = [
    # (the buffer, a text that could not stand, one that could)
    ("run(<|>)", "1", "1, 2"),
    ("run(1, <|>)", "*", "b=2"),
    ("run(<|>, 2)", "1, 2", "1"),
    ("run(1, 2, <|>)", "chec", "check=1"),
    ("run(1, 2, <|>, check=1)", "check=2", "timeout=2"),
    ("x = [run(<|>)]", "a=1", "a=1, b=2"),
    ("run(1, none(<|>))", "1", ""),
    ("run(<|>)", "*()", "*(), 1, 2"),
    ("run(<|>)", "*[1]", "*[1, 2]"),
    ("run(<|>)", "*(1, 2, 3)", "*(1, *rest())"),
]


@pytest.mark.parametrize(("source", "owing", "whole"), OWED)
def test_a_text_that_owes_an_argument_cannot_end_there(
    source: str, owing: str, whole: str
) -> None:
    if source != "run(1, none(<|>))" and owing not in ("*", "*(1, 2, 3)"):
        assert At(source).verdicts(owing)[-1] is Verdict.OPEN
    assert At(source).verdicts(whole)[-1] is Verdict.COMPLETE


def test_a_call_that_the_author_closed_without_an_argument_is_left_alone() -> None:
    assert At("run(none(<|>))").verdicts("")[-1] is Verdict.COMPLETE


def test_the_evidence_says_where_and_what_else_there_is() -> None:
    evidence = At("run(<|>").evidence("1, 2, chek=3")
    assert evidence.at == 6
    assert evidence.allowed == ("check",)
    assert At("run(<|>").evidence("1)").allowed == ("b", "check", "timeout")


def test_it_says_what_it_knows_before_a_word_is_said() -> None:
    assert At("run(1, <|>").constraint.describe() == Evidence(
        domain=Domain.CALLS,
        verdict=Verdict.OPEN,
        reason="run() takes a, b, check, timeout",
        allowed=("b", "check", "timeout"),
    )
    assert "decorator" in At("decorated(<|>").constraint.describe().reason
    assert At("x = <|>").constraint.describe().verdict is Verdict.COMPLETE


@pytest.mark.parametrize(("source", "text"), [case[:2] for case in (*ACCEPTED, *REFUSED)][::3])
def test_any_split_of_a_text_gives_one_verdict(source: str, text: str) -> None:
    at = At(source)
    at_once = At(source).constraint.judge(text).verdict
    chance = random.Random(text)
    end = 0
    while end < len(text):
        end = min(len(text), end + chance.randint(1, 6))
        at.constraint.judge(text[:end] + chance.choice(["", "zz", "(", "'", "\n"]))
        verdict = at.constraint.judge(text[:end]).verdict
    assert not text or verdict is at_once


@pytest.mark.parametrize("seed", range(20))
def test_no_text_whatever_raises_or_comes_back_to_life(seed: int) -> None:
    chance = random.Random(seed)
    pieces = "run none ( ) [ ] { } , = : := ' \" ''' \\ # for in lambda a b= é 1e- . f' *".split()
    pieces += ["\n", "\0", " ", "run(", "base.work(", "1, "]
    At("run(1, <|>\n").verdicts("".join(chance.choice(pieces) for _ in range(60)))


NAMES = ("a", "ab", "b", "bc")


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, str]:
    """The parameters of a function, and the arguments of a call, which may or may not fit."""
    names = list(draw(st.permutations(NAMES)))[: draw(st.integers(0, 4))]
    only = draw(st.integers(0, len(names)))
    positional = draw(st.integers(only, len(names)))
    defaults = draw(st.integers(0, positional))
    parts = [
        name + ("=0" if index >= positional - defaults else "")
        for index, name in enumerate(names[:positional])
    ]
    if only:
        parts.insert(only, "/")
    if draw(st.booleans()):
        parts.append("*rest")
    elif names[positional:]:
        parts.append("*")
    parts += [name + draw(st.sampled_from(("", "=0"))) for name in names[positional:]]
    if draw(st.booleans()):
        parts.append("**more")
    given = ["1"] * draw(st.integers(0, 4))
    given += [f"{name}=1" for name in draw(st.lists(st.sampled_from(NAMES), unique=True))]
    return ", ".join(parts), ", ".join(given)


@given(calls())
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_call_is_refused_exactly_if_cpython_refuses_it(call: tuple[str, str]) -> None:
    parameters, arguments = call
    function = eval(f"lambda {parameters}: None")
    try:
        eval(f"function({arguments})")
        taken = True
    except TypeError:
        taken = False
    at = At("f(<|>", f"def f({parameters}): ...\n")
    assert (at.verdicts(arguments + ")")[-1] is not Verdict.DEAD) == taken
    if taken:
        inside = At("f(<|>)", f"def f({parameters}): ...\n").verdicts(arguments)
        assert inside[-1] is Verdict.COMPLETE and Verdict.DEAD not in inside


def test_a_method_of_another_module_is_known_by_its_source(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("class Other:\n    def go(self, far): return far\n")
    analyser = At.analyser
    try:
        At.analyser = Analyser(tmp_path)
        at = At("Other().<|>", "from other import Other\n")
        assert at.evidence("go(fast=1)").reason == "go() has no parameter 'fast'"
    finally:
        At.analyser = analyser



def test_a_variable_is_known_in_its_own_call_but_not_where_a_comprehension_may_bind_it() -> None:
    known = "from __future__ import annotations\nlines: list[str] = []\nappend = lines.append\n"
    assert At("append(<|>", known).evidence("1, 2").reason == "append() takes at most 1 argument"
    assert At("<|>", known).verdicts("x = [append(1, 2) for append in y]\n")[-1] is not Verdict.DEAD


def test_what_the_authors_own_bracket_calls_takes_what_stands_in_it() -> None:
    assert At("x = <|>(1)\n").verdicts("'a'")[-1] is Verdict.OPEN
    assert At("x = <|>(1)\n").verdicts("none")[-1] is Verdict.OPEN
    assert At("x = <|>(1, 2)\n").verdicts("run")[-1] is Verdict.COMPLETE
    assert At("x = base.<|>rk(1)\n").verdicts("wo")[-1] is Verdict.COMPLETE
    assert At("x = none<|>(1)\n").verdicts("")[-1] is Verdict.COMPLETE


def test_a_call_that_a_comprehension_may_explain_is_refused_once_none_has_come() -> None:
    known = "from __future__ import annotations\nlines: list[str] = []\n"
    at = At("x = print(<|>)\n", known)
    assert at.verdicts("lines.append(1, 2)")[-1] is Verdict.OPEN
    assert at.verdicts("lines.append(1, 2), 3")[-1] is Verdict.DEAD
    assert at.verdicts("lines.append(1, 2) for lines in y")[-1] is Verdict.COMPLETE
    assert at.verdicts("[lines.append(1, 2) for lines in y]")[-1] is Verdict.COMPLETE
    assert at.verdicts("[lines.append(1, 2)]")[-1] is Verdict.OPEN
    assert At("<|>", known).evidence("x = [lines.append(1, 2)]\n").reason == (
        "append() takes at most 1 argument"
    )


def test_what_the_text_says_is_not_called_by_the_author_where_it_cannot_be() -> None:
    known = "import inspect\nimport warnings\n"
    at = At("warnings<|>(\n    'a',\n    1,\n)\n", known)
    assert at.verdicts(".warn")[-1] is Verdict.COMPLETE
    assert at.verdicts(".warn('a')")[-1] is not Verdict.COMPLETE
    assert At("<|>", known).evidence("inspect.isclass(1)()").reason == "bool cannot be called"


def test_a_call_that_the_text_closes_is_judged_where_the_author_left_it_open() -> None:
    known = "def run(a, b, *, check): ...\n"
    at = At("def f():\n    return run(1,<|>\n\ndef g():\n    pass\n", known)
    assert at.verdicts(" 2, check=3)")[-1] is Verdict.COMPLETE
    assert at.verdicts(" b=2)")[-1] is Verdict.DEAD
    assert at.evidence(" 2, 3").reason == "run() takes at most 2 arguments by position"
