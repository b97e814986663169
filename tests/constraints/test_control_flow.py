"""Control flow: jumps stand where CPython lets them; nothing stands where no flow comes."""

from __future__ import annotations

import random

import pytest
from at import AtCursor
from tenon.constraints.constraint import Domain, Evidence, Verdict


class At(AtCursor):
    """The control flow domain at a cursor. It asks nothing of the buffer."""

    domain = Domain.CONTROL_FLOW
    analyser = None


PLACES = {
    "module": "<|>",
    "function": "def f():\n    <|>",
    "async": "async def f():\n    <|>",
    "class": "class A:\n    <|>",
    "class in function": "def f():\n    x = 1\n    class A:\n        <|>",
    "function in function": "def f():\n    x = 1\n    def g():\n        <|>",
    "method": "class A:\n    def f(self):\n        if self:\n            <|>",
    "loop": "for a in b:\n    <|>",
    "loop in function": "def f():\n    while a:\n        if a:\n            <|>",
    "function in loop": "for a in b:\n    def f():\n        <|>",
    "class in loop": "while a:\n    class B:\n        <|>",
    "else of loop": "def f():\n    for a in b:\n        pass\n    else:\n        <|>",
    "async loop": "async def f():\n    async for a in b:\n        <|>",
    "function in async": "async def f():\n    x = 1\n    def g():\n        <|>",
    "with": "async def f():\n    async with a as b:\n        <|>",
}
JUMPS = [
    "return 1\n", "return\n", "yield a\n", "x = yield\n", "await a\n", "x = await a\n", "break\n",
    "continue\n", "nonlocal x\n", "async for i in j: pass\n", "async with i: pass\n",
    "if a: return 1\n", "for i in j: break\n", "while a: continue\n", "lambda: (yield)\n",
    "def g(): return 1\n", "def g(): await a\n", "async def g(): await a\n", "class B: return 1\n",
    "class B:\n    def g(self): return 1\n", "for i in j:\n    def g(): break\n", "returned = 1\n",
    "for i in j: pass\nelse: break\n", "a.yield_\n", "f(lambda: (yield))\n", "'return'\n",
    "x = [await a]\n", "x = 1  # return\n", "def g(a=(1, 2)) -> int: return a\n", "breaks\n",
    "if a: pass\nelif b: return 1\n", "try: return 1\nfinally: pass\n",
    "match a:\n    case 1: return 1\n",
]  # fmt: skip


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("place", PLACES)
def test_a_jump_is_refused_exactly_where_cpython_refuses_it(place: str, jump: str) -> None:
    source = PLACES[place]
    indent = source.partition("<|>")[0].rpartition("\n")[2]
    text = ("\n" + indent).join(jump.rstrip("\n").split("\n")) + "\n"
    try:
        compile(source.replace("<|>", text), "f", "exec")
        taken = True
    except SyntaxError:
        taken = False
    assert (At(source).refused_at(text) is None) == taken


REFUSED = [
    # (the buffer, what is written up to the character that is refused, why)
    ("<|>", "return ", "'return' stands outside a function"),
    ("class A:\n    <|>", "yield ", "'yield' stands outside a function"),
    ("def f():\n    <|>", "x = await ", "'await' stands outside an async function"),
    ("def f():\n    <|>", "async with ", "'async with' stands outside an async function"),
    ("def f():\n    <|>", "break\n", "'break' stands outside a loop"),
    (
        "def f():\n    <|>",
        "nonlocal ",
        "'nonlocal' stands in no function that another one encloses",
    ),
    ("def f():\n    <|>", "return 1\n    x", "what stands behind 'return' is never reached"),
    ("def f():\n    <|>", "return 1\n\n    # so\n    (",
        "what stands behind 'return' is never reached"),
    ("def f():\n    return <|>", "1\n    x", "what stands behind 'return' is never reached"),
    ("def f():\n    <|>", "raise (\n    A)\n    iff",
        "what stands behind 'raise' is never reached"),
    ("for a in b:\n    <|>", "break\n    x", "what stands behind 'break' is never reached"),
    ("<|>", "def f(a) -> int:\n    a()\nx", "f() must return int, and returns nothing"),
    ("<|>", "def f() -> list[int]:\n    a()\n\nx",
        "f() must return list[int], and returns nothing"),
    ("class A:\n    <|>", "async def f(self) -> str:\n        self.a()\n    d",
        "f() must return str, and returns nothing"),
    ("def f() -> str:\n    a()\n    <|>", "b()\nx", "f() must return str, and returns nothing"),
    ("def f(a):\n    b(<|>)\n", "a)\n\ndef f():\n", "'f' is defined just above"),
    ("class A:\n    def f(a):\n        <|>", "a\n    async def f(b): ",
        "'f' is defined just above"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text", "reason"), REFUSED)
def test_it_is_refused_at_the_word_with_its_reason(source: str, text: str, reason: str) -> None:
    at = At(source)
    refused = at.refused_at(text)
    if text.endswith(("x", "d")) and "must" in reason:
        # One letter more shows that the word is no other.
        later = at.refused_at(text + " = 1")
        refused = later and later - 1
    assert refused == len(text)
    found = at.constraint.judge(text + " = 1").evidence[0]
    assert (found.domain, found.reason) == (Domain.CONTROL_FLOW, reason)


ALLOWED = [
    ("def f():\n    <|>", "return\n    yield\n"),
    ("def f():\n    <|>", "return 1\n    'so it ends'\n"),
    ("def f():\n    <|>", "raise A\n    if False:\n        yield\n    assert False\n"),
    ("def f():\n    <|>", "if a: return 1\n    return 2\n"),
    ("def f():\n    <|>", "if a:\n        return 1\n    x = 1\n"),
    ("def f():\n    if a:\n        <|>", "return 1\n    else:\n        return 2\n    x = 1\n"),
    ("def f():\n    <|>", "return 1\n\nx = 1\n"),
    ("def f():\n    return 1\n    <|>", "x = 1\n"),
    ("def f():\n    <|>\n    x = 1\n", "return 1"),
    ("def f():\n    <|>",
        "try:\n        return 1\n    except A:\n        raise\n    finally:\n        x = 1\n"),
    ("<|>", "def f() -> int:\n    if a:\n        return 1\nx = 1\n"),
    ("<|>", "def f() -> int:\n    raise A\nx = 1\n"),
    ("<|>", "def f() -> int: ...\ndef g() -> int:\n    '''So.'''\n    pass\nx = 1\n"),
    ("<|>", "def f() -> int | None:\n    a()\nx = 1\n"),
    ("<|>", "def f() -> None:\n    a()\nx = 1\n"),
    ("<|>", "def f() -> Number:\n    a()\nx = 1\n"),
    ("<|>", "def f():\n    a()\nx = 1\n"),
    ("<|>", "@abstractmethod\ndef f() -> int:\n    a()\nx = 1\n"),
    ("<|>", "def f() -> int:\n    while True:\n        a()\nx = 1\n"),
    ("<|>", "def f() -> int:\n    def g():\n        return 1\n    a()\nx = 1\n"),
    ("def f() -> str:\n    if a:\n        return 1\n    <|>", "b()\nx = 1\n"),
    ("def f() -> str:\n    <|>\n    return 1\n", "b()\nx = 1\n"),
    ("@overload\ndef f() -> str:\n    a()\n    <|>", "b()\nx = 1\n"),
    ("@overload\ndef f(): <|>", "...\ndef f(a): pass\n"),
    ("class A:\n    def f(a):\n        <|>", "a\n    @f.setter\n    def f(b): pass\n"),
    ("class A:\n    def f(a):\n        <|>", "a\ndef f(b): pass\n"),
    ("if a:\n    def f(a):\n        <|>", "a\nelse:\n    def f(b): pass\n"),
    ("def f(a):\n    <|>", "a\n    def f(b): pass\n"),
    ("def f() -> str:\n    '''So.'''\n<|>", "\n\nx = 1\n"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text"), ALLOWED)
def test_what_may_be_reached_or_returns_in_time_is_allowed(source: str, text: str) -> None:
    assert At(source).refused_at(text) is None


@pytest.mark.parametrize(("source", "text"), [case[:2] for case in (*REFUSED, *ALLOWED)])
def test_any_split_of_a_text_gives_one_verdict(source: str, text: str) -> None:
    at_once = At(source).constraint.judge(text).verdict
    at = At(source)
    chance = random.Random(text)
    end = 0
    while end < len(text):
        end = min(len(text), end + chance.randint(1, 6))
        at.constraint.judge(text[:end] + chance.choice(["", "zz", "(", "'", "\n"]))
        verdict = at.constraint.judge(text[:end]).verdict
    assert verdict is at_once


@pytest.mark.parametrize("seed", range(20))
def test_no_text_whatever_raises_or_comes_back_to_life(seed: int) -> None:
    chance = random.Random(seed)
    pieces = "return yield def class for : ( ) [ ] ' lambda ; # f() a -> = if else".split()
    pieces += ["\n", "\n    ", "\n        ", " ", "\0", "\t", "def f() -> int:\n    x\n"]
    At("def f() -> int:\n    <|>\n").refused_at("".join(chance.choice(pieces) for _ in range(70)))


def test_it_says_what_is_barred_before_a_word_is_said() -> None:
    assert At("class A:\n    <|>").constraint.describe() == Evidence(
        domain=Domain.CONTROL_FLOW,
        verdict=Verdict.OPEN,
        reason="no return, yield, await, break, continue, nonlocal may stand in class",
    )
    known = At("async def f():\n    def g():\n        async def h():\n            for a in b: <|>")
    assert known.constraint.describe().verdict is Verdict.COMPLETE
