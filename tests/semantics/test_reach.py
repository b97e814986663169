"""Expressions that inhabit the type a place asks for: what is found, in which order, how fast."""

from __future__ import annotations

import math
import time

import pytest
from tenon.constraints.derive import derive
from tenon.constraints.types import Suggestions, Types
from tenon.semantics import Analyser
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document

SOURCE = '''\
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal
import os

class Colour(Enum):
    RED = 1
    BLUE = 2

@dataclass
class User:
    id: int
    name: str
    favourite: Colour
    def full(self) -> str:
        return self.name
    def shown(self, colour: Colour) -> str:
        return self.name
    def renamed(self, name: str) -> "User":
        return self

def paint(colour: Colour, *, times: int = 1) -> str:
    return ""

def load(path: Path) -> User:
    return User(1, "", Colour.RED)

HOME = os.getcwd()
'''

ANALYSER = Analyser(None)


def suggestions(source: str, deadline: float = math.inf) -> Suggestions | None:
    before, cursor, after = (SOURCE + source).partition("<|>")
    assert cursor and "<|>" not in after, "exactly one cursor"
    document = Document(uri="file:///reach.py", version=1, text=before + after)
    context = PythonSyntax().context(document, len(before))
    facts = ANALYSER.analyse(document, context, Deadline(at=deadline))
    found = [each for each in derive(context, facts) if isinstance(each, Types)]
    return found[0].suggestions()


def texts(source: str) -> list[str]:
    found = suggestions(source)
    assert found is not None
    return [each.text for each in found.found]


FOUND = [
    # (source, what is found, in this order)
    ("def f(user: User, n: int) -> str:\n    return <|>\n", "user.name user.full() str(n)"),
    ("def f(user: User, items: list[str]) -> int:\n    return <|>\n", "user.id len(items)"),
    ("def f(items: list[str]) -> str:\n    return <|>\n", "items[0] HOME"),
    ("def f(table: dict[str, User], key: str) -> User:\n    return <|>\n", "table[key]"),
    ("def f(user: User):\n    paint(<|>)\n", "Colour.RED Colour.BLUE user.favourite"),
    ("def f(user: User):\n    paint(Colour.RED, times=<|>)\n", "user.id"),
    ("def f(path: Path):\n    u: User = <|>\n", "load(path)"),
    ("def f(user: User, colour: Colour) -> str:\n    return <|>\n", "user.shown(colour)"),
    ("def f(x) -> Literal['a', 'b']:\n    return <|>\n", "'a' 'b'"),
    ("def f(flag: bool) -> bool | None:\n    return <|>\n", "flag True False None"),
    ("def f(user: User) -> list[str]:\n    xs: list[User] = []\n    return [<|>]\n", "user.name"),
    ("class A:\n    title: str\n    def f(self) -> str:\n        return se<|>\n", "self.title"),
]


@pytest.mark.parametrize(("source", "expected"), FOUND)
def test_what_fits_is_found_the_likeliest_first(source: str, expected: str) -> None:
    found = [text for text in texts(source) if text in expected.split()]
    assert found == expected.split()


NOT_FOUND = [
    ("def f(user: User, n: int) -> str:\n    return <|>\n", "n user user.id"),
    ("def f() -> str:\n    return <|>\n    later: str = ''\n", "later"),
    ("def f(user: User | None) -> User:\n    return <|>\n", "user"),
    ("def f(thing) -> str:\n    return <|>\n", "thing"),
]


@pytest.mark.parametrize(("source", "absent"), NOT_FOUND)
def test_what_does_not_surely_fit_is_not_proposed(source: str, absent: str) -> None:
    assert not set(texts(source)) & set(absent.split())


@pytest.mark.parametrize(
    "source",
    [
        "x = <|>\n",
        "def f():\n    return <|>\n",
        "print(<|>)\n",
        "'<|>'\n",
        "def f(x: unknown) -> y: <|>",
    ],
)
def test_where_nothing_is_asked_nothing_is_proposed(source: str) -> None:
    found = suggestions(source)
    assert found is None or not found.found


def test_it_says_who_asks_and_what_was_typed_already() -> None:
    found = suggestions("class A:\n    title: str\n    def f(self) -> str:\n        return se<|>\n")
    assert found is not None
    assert (found.asked, found.start) == ("'f' returns str", -2)
    assert found.found[0].type == "str"


def test_a_name_that_is_called_like_its_place_comes_first() -> None:
    source = "def g(other: str, name: str): ...\ndef f(other: str, name: str):\n    g(other, <|>)\n"
    assert texts(source)[0] == "name"


def test_it_takes_a_fraction_of_a_second_even_when_cold() -> None:
    members = "".join(f"    def m{n}(self) -> int:\n        return 1\n" for n in range(300))
    names = "".join(f"v{n} = Big()\n" for n in range(300))
    source = f"class Big:\n{members}\n{names}\ndef f(big: Big) -> str:\n    return <|>\n"
    begun = time.perf_counter()
    suggestions(source, deadline=time.monotonic() + 1)
    assert time.perf_counter() - begun < 3
