"""Types: what an expression is, fits what its place asks; a string is one that may stand there."""

from __future__ import annotations

import random

import pytest
from at import AtCursor
from tenon.constraints.constraint import Domain, Verdict

BUFFER = '''\
from __future__ import annotations

import asyncio
import math
import os
import re
import subprocess
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import (
    IO, Any, Generic, Literal, NamedTuple, Optional, Protocol, Tuple, TypeAlias, TypedDict,
    TypeVar, Union, cast,
)

import unknown

T = TypeVar("T")
Name = Union[str, bytes]
SIZES = {"small": 1, "large": 2}
CHANGED = {"small": 1}
CHANGED["medium"] = 2
Mode = Literal["r", "w"]

class Colour(Enum):
    RED = 1
    BLUE = 2

class Movie(TypedDict):
    title: str
    year: int

class Pair(NamedTuple):
    left: int
    right: int

class Animal:
    name: str
    def speak(self) -> str: return ""

class Dog(Animal):
    def __len__(self) -> int: return 4

class Named(Protocol):
    name: str

class Box(Generic[T]):
    item: T
    def put(self, item: T) -> None: self.item = item

@dataclass
class Point:
    x: int
    y: int = 0

@unknown.decorator
class Odd: ...

class Loose(unknown.Base): ...

def kind(value: object) -> Literal["int", "str", "other"]: return "other"
def greet(name: str, *, times: int = 1) -> str: return name
def opened(path: str | os.PathLike[str], mode: Mode = "r") -> int: return 1
def named(thing: Named) -> str: return thing.name
def ring(animal: Animal, call: Callable[[int], str] | None = None) -> None: ...
def choose(colour: Colour) -> None: ...
def many(values: Iterable[int]) -> int: return 1
def maybe(value: str = None): ...
def loose(value): return value
async def fetch() -> bytes: return b""
text: str = "a"
number: int = 1
word = "a"
anything: Any = 1
dog: Dog = Dog()

'''


class At(AtCursor):
    """The types domain at a cursor, in a buffer that begins with `BUFFER`."""

    domain = Domain.TYPES

    def __init__(self, source: str) -> None:
        super().__init__(source, BUFFER)


ACCEPTED = [
    ("<|>", "x = greet('a', times=2)\n"),
    ("<|>", "greet(anything)\ngreet(loose(1))\ngreet(unknown.name)\n"),
    ("<|>", "opened(Path('a'), 'w')\nopened('a', mode='r')\n"),
    ("<|>", "named(dog)\nnamed(Animal())\n"),
    ("<|>", "ring(dog)\nring(Animal(), str)\nring(dog, lambda n: greet('a'))\nring(dog, None)\n"),
    ("<|>", "choose(Colour.RED)\nchoose(Colour(1))\nchoose(Colour['RED'])\n"),
    ("<|>", "many([1, 2])\nmany(range(3))\nmany({1: 'a'})\nmany(n for n in [1])\n"),
    ("def f(*args: tuple, **extra: dict): ...\n<|>", "f(1, p='a')\n"),
    ("<|>", "maybe(None)\nmaybe('a')\n"),
    ("<|>", "x: Optional[Name] = b'a'\ny: float = 1\nz: list[float] = [1, 2.5]\n"),
    ("<|>", "Point(1, y=2)\nBox().put(1)\n"),
    ("<|>", "x = 1 + 2.5 - True\ny = 'a' * 3 + 'b'\nz = 'a %s' % 1\nw = [1] + ['a']\n"),
    ("<|>", "math.floor(number / 2) < 3.5\n'a' in 'abc'\n1 in [1]\n'a' == 1\n"),
    ("<|>", "for c in text:\n    greet(c)\nfor d in Odd: pass\n"),
    ("<|>", "with open('a') as f, unknown.thing as g:\n    greet(f.read())\n"),
    ("<|>", "raise ValueError('a') from None\n"),
    ("<|>", "raise unknown.Error\n"),
    ("<|>", "text[0]\ntext[number]\ntext[1:]\nSIZES['small']\n{}['a']\n"),
    ("<|>", "if isinstance(text, int):\n    greet(text)\n    math.floor(text)\n"),
    ("<|>", "word = 3\nmath.floor(word)\n"),
    ("<|>", "[math.floor(text) for text in [1]]\n"),
    ("<|>", "f = lambda text: math.floor(text)\n"),
    ("<|>", "def greet(name): ...\ngreet(1)\n"),
    ("<|>", "def f(text):\n    return math.floor(text)\n"),
    ("<|>", "text = 'b'  # type: ignore\n"),
    ("<|>", "x: Named = dog\n"),
    ("<|>", "CHANGED['medium']\nSIZES['new'] = 1\nSIZES['%s' % text]\nSIZES.get('none')\n"),
    ("<|>", "subprocess.run(['ls', Path('a')], check=True, env={**os.environ})\n"),
    ("<|>", "print(f'{number:>5d}', f'{text:>5}', f'{anything:d}')\n"),
    ("<|>", "def f(a: str = None, b: int = ..., c: 'Path' = unknown.x): ...\n"),
    ("def f() -> str:\n    <|>\n", "return greet('a')\n"),
    ("def f() -> str:\n    <|>\n", "return number and greet('a') or text\n"),
    ("def f() -> str | None:\n    <|>\n", "return None\n"),
    ("def f() -> Movie:\n    <|>\n", "return {'title': 'a', 'year': 1}\n"),
    ("def f() -> Pair:\n    <|>\n", "return Pair(1, 2)\n"),
    ("def f() -> T:\n    <|>\n", "return 1\n"),
    ("def f() -> Iterator[int]:\n    yield 1\n    <|>\n", "return None\n"),
    ("def f() -> Iterator[int]:\n    <|>\n", "yield 1\n"),
    ("def f() -> Iterator[int]:\n    <|>\n", "return None\n    yield 1\n"),
    ("def f() -> Iterator[int]:\n    <|>\n", "yield 1\n    return 'a'\n"),
    (
        "def f(*a: int, b: int = None, c: str | None, **d: int):\n    <|>\n",
        "a = ()\n    b = None\n    c = None\n    d = {}\n",
    ),
    ("<|>", "x: 'anything at all' = 1\ny: list['int'] = []\nz: unknown.T[1:2] = 1\n"),
    (
        "<|>",
        "x: Box[int]\ny: Literal[1, True] = 1\nz: Movie\nw: Callable[[int], str]\nv: type[Dog]\n",
    ),
    ("<|>", "import dataclasses\ndataclasses.asdict(Point(1))\n"),
    ("class A:\n    def f(self):\n        <|>\n", "return Point(1) < Point(2)\n"),
    ("async def f() -> bytes:\n    <|>\n", "return await fetch()\n"),
    ("def f(self) -> bool:\n    <|>\n", "return NotImplemented\n"),
    ("def f(d: Movie):\n    <|>\n", "return d['title'].upper() + str(d['year'])\n"),
    ("def f(a: Animal):\n    <|>\n", "g = len(Dog())\n"),
    ("class A:\n    def f(self) -> 'A':\n        <|>\n", "return self\n"),
    ("class A:\n    def f(self) -> int:\n        <|>\n", "return 1\n\nx: str = 'a'\n"),
    ("import pytest\ndef test():\n    with pytest.raises(TypeError):\n        <|>\n", "greet(1)\n"),
    ("def test(self):\n    self.<|>\n", "assertRaises(TypeError, lambda: 'a' in 1)"),
    ("greet(<|>)  # type: ignore[arg-type]\n", "1"),
    ("def f() -> Mode:\n    return 'zz<|>'\n", "top"),
    ("sum(<|> for n in [1, 2])\n", "n"),
    ("'<|>'\n", "greet(1)"),
]


@pytest.mark.parametrize(("source", "text"), ACCEPTED)
def test_what_may_be_right_is_accepted(source: str, text: str) -> None:
    at = At(source)
    assert at.refused_at(text) is None
    assert at.constraint.judge(text).verdict is Verdict.COMPLETE


REFUSED = [
    # (source, what is accepted and then refused at its last character, where it goes wrong)
    ("<|>", "greet(1)", 6),
    ("<|>", "greet(times=1, name=2)", 20),
    ("<|>", "greet('a', times='b')", 17),
    ("<|>", "greet(1,", 6),
    ("<|>", "print(greet(greet),", 12),
    ("<|>", "greet(greet)", 6),
    ("<|>", "greet(math)", 6),
    ("<|>", "greet(Point)", 6),
    ("<|>", "greet(None)", 6),
    ("<|>", "greet(['a'])", 6),
    ("<|>", "greet('a' if number else 1)", 25),
    ("<|>", "greet(name=lambda: 'a')", 11),
    ("<|>", "opened(1.5)", 7),
    ("<|>", "greet(c for c in text)", 6),
    ("<|>", "greet(fetch())", 6),
    ("<|>", "named(number)", 6),
    ("<|>", "ring(Colour.RED)", 5),
    ("<|>", "ring(dog, 'a')", 10),
    ("<|>", "choose('RED')", 7),
    ("<|>", "many(['a'])", 6),
    ("<|>", "many(3)", 5),
    ("<|>", "Point('a')", 6),
    ("<|>", "x: int = 'a'\n", 9),
    ("<|>", "x: list[int] = [1, 'a']\n", 19),
    ("<|>", "number = 'a'\n", 9),
    ("<|>", "x = 'a' + number\n", 10),
    ("<|>", "x = number + 'a'\n", 13),
    ("<|>", "x = [1] + 'a'\n", 10),
    ("<|>", "x = number < text\n", 13),
    ("<|>", "x = -text\n", 5),
    ("<|>", "x = 'a' in number\n", 11),
    ("<|>", "number += 'a'\n", 10),
    ("<|>", "for c in number:\n", 9),
    ("<|>", "x = [c for c in number]", 16),
    ("<|>", "with number as ", 5),
    ("<|>", "raise text\n", 6),
    ("<|>", "x = number[0]\n", 4),
    ("<|>", "x = text['a']", 9),
    ("<|>", "x = f'{text:d}'\n", 4),
    ("<|>", "greet(*number)", 7),
    ("<|>", "def f(a: int = 'b')", 15),
    ("<|>", "if number:\n    greet(number)", 21),
    ("<|>", "os.path.join('a', 1)", 18),
    ("<|>", "x = SIZES['la']", 10),
    ("<|>", "x: int[str] = 1\n", 3),
    ("<|>", "x: True\n", 3),
    ("<|>", "def f(a: int is None,", 9),
    ("def f(a: int):\n    <|>\n", "a = 'b'\n", 4),
    ("def f(a: int):\n    <|>\n", "b = a = 'b'\n", 8),
    ("greet(<|>\n", "1)", 0),
    ("def f() -> str:\n    <|>\n", "return number\n", 7),
    ("def f() -> str:\n    <|>\n", "return text.upper\n", 7),
    ("def f() -> None:\n    <|>\n", "return text\n", 7),
    ("def f() -> bool | None:\n    <|>\n", "return True,", 7),
    ("def f() -> Pair:\n    <|>\n", "return 1,", 7),
    ("async def f():\n    <|>\n", "await fetch\n", 6),
    ("def f() -> Iterator[int]:\n    <|>\n", "yield 'a'\n", 6),
    ("class A:\n    n: int\n    def f(self):\n        <|>\n", "self.n = 'a'\n", 9),
    ("def f(box: Box[int]):\n    <|>\n", "box.put('a')", 8),
    ("def f() -> Mode:\n    return <|>\n", "text.upper()\n", 0),
    ("def f(x) -> Mode:\n    return <|>\n", "type(x).__name__\n", 0),
]


@pytest.mark.parametrize(("source", "text", "at"), REFUSED)
def test_what_cannot_be_right_is_refused_when_it_has_ended(source: str, text: str, at: int) -> None:
    place = At(source)
    assert place.refused_at(text) == len(text)
    assert place.evidence(text).at == at


OPEN_KEYS = [
    ("def fill(d): ...\nD = {'a': 1}\nfill(D)\n<|>", "it is passed on"),
    ("D = {'a': 1}\nE = D\n<|>", "it has another name"),
    ("D = {'a': 1}\nD.update(b=2)\n<|>", "it is updated"),
    ("D = {'a': 1}\ndef f():\n    global D\n    D = {}\n<|>", "it is set elsewhere"),
    ("D = {'a': 1, **SIZES}\n<|>", "another one is in it"),
    ("D = {'a': 1, text: 2}\n<|>", "a key is computed"),
    ("D = {'a': 1}\nif number:\n    D = {'b': 1}\n<|>", "there are two"),
    ("D = {'a': 1}\ndel D['a']\n<|>", "one is deleted"),
    ("from unknown import D\n<|>", "nobody knows it"),
    ("def f(D={'a': 1}):\n    <|>", "it may be given"),
    ("D = {'a': 1}\ntry:\n    <|>\nexcept KeyError:\n    pass\n", "it may be missing"),
]


@pytest.mark.parametrize(("source", "because"), OPEN_KEYS, ids=[each[1] for each in OPEN_KEYS])
def test_a_dictionary_that_is_not_only_read_may_have_any_key(source: str, because: str) -> None:
    assert At(source).refused_at("x = D['zz']\n") is None


def test_a_dictionary_that_is_only_read_has_the_keys_it_was_written_with() -> None:
    source = "D = {'a': 1}\nfor k in D: print(D[k], D.get('b'), len(D), 'b' in D)\n<|>"
    assert At(source).refused_at("x = D['zz']\n") == len("x = D['z")


def test_a_reason_says_who_asks_for_what() -> None:
    assert At("<|>").evidence("greet(1)").reason == "1 is not str: greet() takes name: str"
    evidence = At("def f() -> str:\n    <|>").evidence("return number\n")
    assert evidence.reason == "int is not str: 'f' returns str"


SPELT = [
    # (source, a string that is refused at its last character)
    ("def f() -> Literal['int', 'str', 'other']:\n    return <|>\n", "'oz"),
    ("def f(x) -> Literal['int', 'str', 'other']:\n    return <|>\n", "'int' if x else 'ox"),
    ("def f() -> Mode:\n    return 'r<|>'\n", "w"),
    ("<|>", "opened('a', 'x"),
    ("<|>", "opened('a', mode='x"),
    ("<|>", "x: dict[str, Mode] = {'a': 'q"),
    ("def f(m: Movie):\n    <|>\n", "x = m['tx"),
    ("def f(m: Movie):\n    <|>\n", "m['yer"),
    ("<|>", "print(SIZES['m"),
]


@pytest.mark.parametrize(("source", "text"), SPELT)
def test_a_string_is_refused_at_the_character_that_leads_nowhere(source: str, text: str) -> None:
    assert At(source).refused_at(text + "z' + y\n") == len(text)


def test_a_string_that_may_stand_is_offered_instead() -> None:
    source = "def f() -> Literal['int', 'str', 'other']:\n    return <|>\n"
    evidence = At(source).evidence("'oz")
    assert evidence.allowed[0] == "'other'"
    assert At(source).refused_at("'other'\n") is None


def test_what_is_not_what_the_place_asks_may_not_end_there() -> None:
    at = At("def f() -> str:\n    return <|>\n")
    assert at.constraint.judge("number").verdict is Verdict.OPEN
    assert at.constraint.judge("str(number)").verdict is Verdict.COMPLETE
    assert At("greet(<|>)\n").constraint.judge("number").verdict is Verdict.OPEN
    assert At("greet(<|>).upper()\n").constraint.judge("text").verdict is Verdict.COMPLETE
    spelt = At("def f() -> Mode:\n    return '<|>'\n").constraint
    assert spelt.judge("w").verdict is Verdict.COMPLETE
    spelt = At("def f(m: Movie):\n    return m['<|>']\n").constraint
    assert spelt.judge("ti").verdict is Verdict.OPEN
    assert spelt.judge("title").verdict is Verdict.COMPLETE


def test_how_a_text_is_cut_changes_nothing() -> None:
    random.seed(1)
    text = "x = greet(greet('a'), times=len([greet('b')]))\nif x:\n    y = opened(x, 'w') + 'a'\n"
    whole = At("<|>").refused_at(text)
    for _ in range(10):
        at = At("<|>")
        cuts = sorted(random.sample(range(len(text)), 12)) + [len(text)]
        verdicts = [at.constraint.judge(text[:cut]).verdict for cut in cuts]
        assert [verdict is Verdict.DEAD for verdict in verdicts] == [cut >= whole for cut in cuts]


def test_no_text_makes_it_raise() -> None:
    random.seed(2)
    alphabet = "greet(1)'\"[]{}:,=\n .fx*#@\\if else for in lambda yield return\t0é"
    at = At("def f() -> str:\n    <|>\n")
    for _ in range(300):
        at.constraint.judge("".join(random.choices(alphabet, k=random.randrange(25))))
