"""Which values provably may not stand where a type is expected, and which always may."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import pytest
from tenon.semantics import Analyser
from tenon.semantics.assignable import Assignability
from tenon.semantics.expected import wanted
from tenon.semantics.inquiry import Place
from tenon.semantics.types import Unknown
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document

SOURCE = '''\
import io, os, re, collections, decimal, numbers, types
from abc import ABC, ABCMeta
from collections.abc import Callable, Hashable, Iterable, Mapping, MutableMapping, Sequence, Sized
from datetime import date, datetime
from enum import Enum, IntEnum, StrEnum
from pathlib import Path, PurePath
from typing import (
    IO, Any, Collection, Literal, LiteralString, NamedTuple, Optional, Protocol, SupportsIndex,
    SupportsInt, TextIO, Type, TypeAlias, TypedDict, TypeVar, Union,
)
import unknown

T = TypeVar("T")
Alias = Union[int, "Alias", None]
anything = Any
Declared: TypeAlias = "str | os.PathLike[str]"

class Animal:
    def speak(self): return 1
class Dog(Animal): pass
class Cat(Animal): pass
class Speaks(Protocol):
    def speak(self): ...
class Sized2(Speaks, Protocol):
    def __len__(self) -> int: ...
class Colour(Enum):
    RED = 1
class Number(IntEnum):
    ONE = 1
class Word(StrEnum):
    A = "a"
class Loose(unknown.Base): pass
class Dynamic:
    def __getattr__(self, name): return 1
class Meta(type):
    def __instancecheck__(cls, other): return True
class Odd(metaclass=Meta): pass
class Movie(TypedDict):
    title: str
class Pair(NamedTuple):
    a: int
class Callable2:
    def __call__(self): return 1
class Seq:
    def __getitem__(self, index): return 1
def function() -> int: return 1
def declared(animal: Animal, text: str, many: list[int], either: int | str, speaks: Speaks,
             thing: object, kind: type[Animal]): tenon_here_
'''


@pytest.fixture(scope="module")
def place() -> Place:
    source = SOURCE.replace("tenon_here_", "<|>")
    before, _, after = source.partition("<|>")
    document = Document(uri="file:///assignable.py", version=1, text=before + after)
    context = PythonSyntax().context(document, len(before))
    facts = Analyser(None).analyse(document, context, Deadline(at=math.inf))
    assert facts.inquiry is not None
    found: list[Place] = []
    facts.inquiry.ask("place", lambda place: found.append(place))
    return found[0]


def refutes(place: Place, value: str, expected: str) -> bool:
    node = ast.parse(value, mode="eval").body
    annotation = ast.parse(expected, mode="eval").body
    known = place.prover.expression(node, place.scope)
    asked = wanted(place.prover, annotation, place.scope)
    place.prover.busy.clear()
    comparison = Assignability(place.prover, place.membership)
    refuted = comparison.refutes(known, asked)
    assert not (refuted and comparison.proves(known, asked)), "refuted and proven at once"
    assert not (refuted and isinstance(known, Unknown))
    return refuted


MAY = [
    # (value, expected)
    ("1", "float"), ("True", "int"), ("1", "complex"), ("1.5", "complex"), ("0", "bool"),
    ("'a'", "object"), ("'a'", "Any"), ("'a'", "anything"), ("1", "anything"), ("'a'", "T"), ("'a'", "unknown.Type"), ("unknown.x", "int"),
    ("'a'", "Iterable[str]"), ("'a'", "Sequence[str]"), ("'a'", "Collection"), ("'a'", "Hashable"),
    ("'a'", "Declared"), ("Path('a')", "Declared"), ("1", "Alias"), ("None", "Alias"),
    ("b'a'", "bytes"), ("bytearray()", "bytes"), ("[1]", "list[int]"), ("[]", "Sequence[str]"),
    ("(1, 'a')", "tuple[int, str]"), ("{}", "Mapping[str, int]"), ("{}", "Movie"),
    ("range(3)", "Iterable[int]"), ("{1: 2}.items()", "Iterable"), ("open('a')", "IO[str]"),
    ("io.StringIO()", "TextIO"), ("re.compile('a')", "re.Pattern[str]"),
    ("datetime.now()", "date"), ("Dog()", "Animal"), ("Dog()", "Speaks"), ("animal", "Dog"),
    ("speaks", "Dog"), ("iter([1])", "Iterable[int]"), ("Dog()", "Union[Cat, Dog]"), ("either", "int"), ("either", "str"),
    ("thing", "int"), ("Colour.RED", "Colour"), ("Number.ONE", "int"), ("Word.A", "str"),
    ("1", "numbers.Number"), ("Loose()", "int"), ("Loose()", "Cat"), ("Dog()", "Loose"),
    ("Dynamic()", "Sized2"), ("Dog()", "Odd"), ("Pair(1)", "tuple[int, ...]"),
    ("function", "Callable[[], int]"), ("function", "Callable"), ("Dog", "Callable[[], Dog]"),
    ("Callable2()", "Callable[[], int]"), ("Dog", "type"), ("Dog", "type[Animal]"),
    ("Dog", "Type[Animal]"), ("kind", "type[Dog]"), ("animal.speak", "Callable"),
    ("Seq()", "Iterable[int]"), ("1", "SupportsIndex"), ("1", "SupportsInt"), ("'a'", "Sized"),
    ("os", "types.ModuleType"), ("function", "types.FunctionType"), ("function", "Hashable"),
    ("None", "Optional[int]"), ("None", "Hashable"), ("'a'", "Literal['a', 'b']"),
    ("text", "Literal['a', 'b']"), ("1", "Literal[1]"), ("[1]", "Iterable[T]"),
    ("NotImplemented", "bool"), ("...", "int"), ("many", "Iterable[float]"), ("'a'", "LiteralString"),
    ("os.environ", "Mapping[str, str]"), ("os.environ", "MutableMapping[str, str]"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), MAY)
def test_what_may_stand_there_is_not_refuted(place: Place, value: str, expected: str) -> None:
    assert not refutes(place, value, expected)


MUST_NOT = [
    ("1", "str"), ("'a'", "int"), ("1.5", "int"), ("'a'", "bytes"), ("b'a'", "str"), ("'a'", "bool"),
    ("None", "int"), ("None", "list[int]"), ("1", "None"), ("[1]", "tuple[int]"), ("[1]", "set"),
    ("'a'", "list[str]"), ("'a'", "Iterable[int]"), ("'a'", "Mapping"), ("1", "Iterable"),
    ("1", "Sized"), ("{}", "Sequence"), ("Dog()", "Cat"), ("Cat()", "Union[int, Dog]"),
    ("animal", "int"), ("text", "Animal"), ("either", "bytes"), ("Colour.RED", "int"),
    ("'RED'", "Colour"), ("1", "Number"), ("'b'", "Word"), ("1", "Speaks"), ("Dog()", "Sized2"),
    ("function", "int"), ("function", "Animal"), ("function()", "str"), ("Dog", "Dog"),
    ("Dog", "str"), ("Dog", "type[Cat]"), ("Dog()", "type[Dog]"), ("Dog()", "Callable"),
    ("os", "str"), ("os", "Callable"), ("1", "Callable[[], int]"), ("None", "Callable"),
    ("'c'", "Literal['a', 'b']"), ("1", "Literal['a']"), ("True", "Literal['a']"),
    ("many", "list[str]"), ("many", "Iterable[str]"), ("text.upper", "str"), ("1", "Declared"),
    ("'a'", "SupportsIndex"), ("1.5", "SupportsIndex"),
    ("date.today()", "str"), ("Path('a')", "str"),
    ("open('a')", "str"), ("iter([1])", "list[int]"), ("os.environ", "dict[str, str]"),
]  # fmt: skip


def test_any_may_come_by_way_of_another_module(tmp_path: Path) -> None:
    (tmp_path / "compat.py").write_text("from typing import Any\n", "utf-8")
    before = "from compat import *\nimport compat\nfrom compat import Any as A\ny = "
    document = Document(uri=(tmp_path / "a.py").as_uri(), version=1, text=before)
    context = PythonSyntax().context(document, len(before))
    facts = Analyser(tmp_path).analyse(document, context, Deadline(at=math.inf))
    assert facts.inquiry is not None
    for name in ("Any", "A", "compat.Any"):
        assert not facts.inquiry.ask(name, lambda place, name=name: refutes(place, "'a'", name))


@pytest.mark.parametrize(("value", "expected"), MUST_NOT)
def test_what_cannot_be_it_is_refuted(place: Place, value: str, expected: str) -> None:
    assert refutes(place, value, expected)
