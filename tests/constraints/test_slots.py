"""Slots: where a growing text stands, and which expressions it ended, as CPython sees it."""

from __future__ import annotations

import argparse
import ast
import inspect
import random
import textwrap
from collections.abc import Iterator
from types import ModuleType

import pytest
from tenon.constraints.elements import Ended, Slots
from tenon.constraints.slots import SlotReader


def ended(state: Slots) -> list[Ended]:
    found = []
    each = state.ended
    while each is not None:
        found.append(each)
        each = each.before
    return found[::-1]


def outside_strings(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but what stands in the fields of f-strings."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.JoinedStr):
            yield from outside_strings(child)


def stands(before: str, text: str = "") -> Slots:
    return SlotReader(before).read(text)


STANDING = [
    # (text up to the place, kind, head, word, keyword, running text)
    ("x = foo(", "call", "foo", "", "", ""),
    ("x = foo.bar(1)[2].baz(a, b", "call", "foo.bar(1)[2].baz", "", "", "b"),
    ("foo(a, key=b.c", "call", "foo", "", "key", "b.c"),
    ("foo(a == b", "call", "foo", "", "", "a == b"),
    ("foo(lambda a, b=1: a", "call", "foo", "", "", "lambda a, b=1: a"),
    ("foo(bar(1, 2), [3, ", "display", "", "", "", ""),
    ("x: dict[str, ", "subscript", "dict", "", "", ""),
    ("x = {a: b, c: ", "display", "", ":", "", ""),
    ("x = (a, ", "group", "", "", "", ""),
    ("def f(a, b: int = ", "parameters", "", "=", "b", ""),
    ("def f(a, b: ", "parameters", "", ":", "b", ""),
    ("class A(B, metaclass= ", "bases", "", "", "metaclass", ""),
    ("case Point(x= ", "pattern", "", "", "x", ""),
    ("match (a, ", "pattern", "", "", "", ""),
    ("return ", "statement", "return", "return", "", ""),
    ("return a, ", "statement", "return a,", "return", "", ""),
    ("x: int = a", "statement", "x: int =", "=", "", "a"),
    ("x: ", "statement", "x:", ":", "", ""),
    ("x += ", "statement", "x +=", "+=", "", ""),
    ("for x in ", "statement", "for x in", "in", "", ""),
    ("async for x in ", "statement", "async for x in", "in", "", ""),
    ("if a and ", "statement", "if", "if", "", "a and"),
    ("if a: return ", "statement", "return", "return", "", ""),
    ("raise A(b) from ", "statement", "raise A(b) from", "from", "", ""),
    ("with a as b, ", "statement", "with a as b,", "with", "", ""),
    ("x = yield ", "statement", "x = yield", "yield", "", ""),
    ("[a for a in b if ", "display", "", "if", "", ""),
    ("def f() -> ", "statement", "def f() ->", "->", "", ""),
    ("@ ", "statement", "@", "@", "", ""),
    ("foo(1); bar(", "call", "bar", "", "", ""),
    ("foo(*a, ** ", "call", "foo", "", "", ""),
]


@pytest.mark.parametrize(("text", "kind", "head", "word", "keyword", "running"), STANDING)
def test_it_knows_where_the_text_stands(
    text: str, kind: str, head: str, word: str, keyword: str, running: str
) -> None:
    for cut in range(len(text) + 1):
        reader = SlotReader(text[:cut])
        slot = reader.read(text[cut:]).innermost
        said = reader.source(slot.current, len(text) - cut, text[cut:])
        assert (slot.kind, slot.head, slot.word, slot.keyword, said) == (
            kind, head, word, keyword, running,
        )  # fmt: skip


ENDED = [
    ("f(a, *b, c=d, **e)\n", ["call:a", "call:b", "call:d", "call:e",
        "statement:f(a, *b, c=d, **e)"]),
    ("x: int = 3\n", ["statement:x", "statement:int", "statement:3"]),
    ("x = {a: b}\n", ["statement:x", "display:a", "display:b", "statement:{a: b}"]),
    ("[a for b in c]\n", ["display:a", "display:b", "display:c", "display:a for b in c",
        "statement:[a for b in c]"]),
    ("f()\n", ["call:", "statement:f()"]),
    ("f(a,)\n", ["call:a", "call:", "statement:f(a,)"]),
    ("x[a:b, c]\n", ["subscript:a", "subscript:b", "subscript:c", "statement:x[a:b, c]"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ENDED)
def test_it_says_which_expressions_ended(text: str, expected: list[str]) -> None:
    found = ended(stands("", text))
    assert [f"{e.slot.kind}:{e.element.text if e.element else ''}" for e in found] == expected


def test_the_authors_rest_ends_what_is_open() -> None:
    last = ended(SlotReader("foo(a, b").closed("ar", ", c)\nx = 1\n"))
    assert [e.element.text for e in last if e.element] == ["a", "bar", "c", "foo(a, bar, c)"]
    assert [e.at for e in last] == [-3, 2, 5, 6]


@pytest.mark.parametrize("text", [
    "f'{a[\"b\"]}' + f(", "f'{' + f(", "x y(", ")", "f(]", "'unfinished\nf(", "f(a: b",
])  # fmt: skip
def test_what_is_not_understood_is_lost(text: str) -> None:
    if text.startswith("f'{a"):
        assert not stands("", text).lost
    else:
        assert stands("", text).lost


def test_any_split_of_a_text_gives_one_reading() -> None:
    text = "".join(case[0] for case in ENDED) + "x = f(a, [b, (c, lambda d, e: 'g')], h=1)[2]\n"
    whole = [(e.slot.head, e.element, e.by, e.at) for e in ended(stands("", text))]
    chance = random.Random(7)
    for _ in range(40):
        reader = SlotReader("")
        end = 0
        while end < len(text):
            end = min(len(text), end + chance.randint(1, 9))
            reader.read(text[:end] + chance.choice(["", "zz", "(", "'", "\n"]))
            state = reader.read(text[:end])
        assert [(e.slot.head, e.element, e.by, e.at) for e in ended(state)] == whole


@pytest.mark.parametrize("module", [argparse, ast, random, textwrap])
def test_every_call_of_real_code_has_the_arguments_that_cpython_sees(module: ModuleType) -> None:
    source = inspect.getsource(module)
    expected = sorted(
        (ast.unparse(call.func), len(call.args), len(call.keywords))
        for call in outside_strings(ast.parse(source))
        if isinstance(call, ast.Call)
    )
    state = stands("", source)
    found = sorted(
        (
            ast.unparse(ast.parse(f"({e.slot.head})", mode="eval")),
            sum(not each.keyword and each.star != "**" for each in e.slot.done),
            sum(bool(each.keyword) or each.star == "**" for each in e.slot.done),
        )
        for e in ended(state)
        if e.closes and e.slot.kind == "call"
    )
    assert not state.lost
    assert found == expected
