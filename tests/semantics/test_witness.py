"""The author's lines are a witness to what a statement at the cursor may bind."""

from __future__ import annotations

import pytest
from tenon.constraints.constraint import Domain, Verdict
from workspace import Workspace

KINDS = """
class Task:
    def run(self): ...

class Other:
    def rest(self): ...

class Sub(Task):
    def stop(self): ...

def make(): return Sub()

"""

PLACES = [
    # (the place, what is said, whether it could stand)
    ("x<|>\nx.run()\n", " = 0", False),
    ("x<|>\nx.run()\n", " = Task()", True),
    ("x<|>\nx.run()\nx.stop()\n", " = Other()", False),
    ("x<|>\nx.stop()\n", " = make", False),
    ("x<|>\nx.stop()\n", " = make()", True),
    ("x<|>\nx.stop()\n", " = None", True),
    ("x<|>\nx.stop()\n", " = unheard()", True),
    ("x<|>\nif isinstance(x, Sub):\n    x.stop()\n", " = Task()", True),
    ("x<|>\nx.stop = 1\nx.stop()\n", " = Task()", True),
    ("x<|>\ndef f(x):\n    x.stop()\n", " = Task()", True),
    ("def f(a):\n    x<|>\n    return x.stop()\n", " = Other()", False),
    ("def f(a):\n    x<|>\n    if a:\n        x = Sub()\n    x.stop()\n", " = Task()", True),
    ("def f(a):\n    x<|>\n    return [x.stop() for x in a]\n", " = Task()", True),
    ("def f(a):\n    x<|>\n    try:\n        x.stop()\n    except AttributeError:\n        pass\n",
     " = Sub()", True),
    ("def f(x):\n    x<|>\n    x.stop()\n    x.rest()\n", " = Other()", False),
    ("def f(x):\n    x<|>\n    if x:\n        x.stop()\n", " = Other()", False),
    ("def f(x):\n    x<|>\n    x = Sub()\n    x.stop()\n", " = Other()", True),
    ("def f(x):\n    x<|>\n    return lambda: x.stop()\n", " = Other()", True),
    ("def f(x):\n    if x:\n        x<|>\n    x.stop()\n", " = Other()", True),
    ("def f(x):\n    for a in x:\n        x<|>\n        x.stop()\n", " = Other()", False),
    ("def f():\n    global x\n    x<|>\n    x.stop()\nx = Sub()\n", " = Other()", True),
    ("x<|>\nx.stop()\n", " = Other()\nx", False),
    ("x<|>\nx.stop()\n", " = Task()\nx = Sub()", True),
    ("x<|>\nx.stop()\n", " = [\n    Other(),\n]", False),
    ("def f(\n    a: <|>,\n    b,\n):\n    return a.stop()\n", "Other", False),
    ("def f(\n    a: <|>,\n    b,\n):\n    return a.stop()\n", "Sub", True),
    ("def f(a: <|>):\n    return a.stop()\n", "Other", False),
    ("def f(a: <|>):\n    return a.stop()\n", "Task", True),
    ("def f(a: <|>):\n    return a.stop()\n", "Sub", True),
    ("def f(a: <|>, b):\n    return b.stop()\n", "Task", True),
    ("def f(<|>):\n    return a.stop()\n", "a: Other", False),
    ("class D:\n    @property\n    def a(self): ...\n    @a.setter\n    def a(self, a: <|>):\n"
     "        self.x = a\n", "Other", True),
    ("class D:\n    def f(self, a: <|>) -> None:\n        a.stop()\n", "Other", False),
    ("class D:\n    def f(self, a: <|>) -> None:\n        a = make()\n        a.stop()\n", "Task",
     True),
]  # fmt: skip


@pytest.mark.parametrize(("place", "text", "stands"), PLACES)
def test_what_a_statement_binds_has_what_the_lines_below_ask_of_it(
    workspace: Workspace, place: str, text: str, stands: bool
) -> None:
    verdict = workspace.constraint(Domain.MEMBERS, KINDS + place).judge(text).verdict
    assert verdict is (Verdict.COMPLETE if stands else Verdict.OPEN)


BODY = "\n    return [a, b.x, c, Later, later()]\n"
HEADERS = [
    ("def f(<|>):", "a, b", False),
    ("def f(<|>):", "a, b, c", True),
    ("def f(a, b<|>):", "", False),
    ("def f(a, b<|>):", ", *c", True),
    ("def <|>:", "f(a, b, c)", True),
    ("def <|>:", "f(a, b)", False),
    ("from unheard import *\ndef <|>:", "f(a, b)", True),
    ("c = 1\ndef <|>:", "f(a, b)", True),
    ("<|>", "def f(a, b, c):", True),
    ("<|>", "def f(a, b):", False),
    ("<|>", "if True:", True),
    ("def f(a, <|>\n    c=1):", "b,", True),
    ("def f(a, b, <|>\n    c=1):", "d:", False),
]


@pytest.mark.parametrize(("header", "text", "stands"), HEADERS)
def test_a_header_binds_what_its_body_reads_and_nothing_else_binds(
    workspace: Workspace, header: str, text: str, stands: bool
) -> None:
    judge = workspace.constraint(Domain.MEMBERS, header + BODY).judge
    assert judge(text).verdict is (Verdict.COMPLETE if stands else Verdict.OPEN)


def test_a_named_tuple_has_no_private_members_but_those_of_its_kind(workspace: Workspace) -> None:
    source = "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\ny = P(1).<|>\n"
    assert workspace.refused_at(Domain.MEMBERS, source, "_replace(x=2)") is None
    assert workspace.refused_at(Domain.MEMBERS, source, "_bin(") == 5
