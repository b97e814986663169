"""Types, form by form: what operators make, what displays hold, what may be declared.

Each row is a place and a text; a text that is wrong is refused before its end, or may not end.
"""

from __future__ import annotations

import pytest
from at import AtCursor
from tenon.constraints.constraint import Domain, Verdict
from test_types import At


class Alone(AtCursor):
    """Without the buffer of the other cases."""

    domain = Domain.TYPES


RIGHT = [
    # Comparisons and calculations.
    ("def f(a: int) -> bool:\n    return <|>\n", "a == 1"),
    ("def f(a: int) -> bool:\n    return <|>\n", "1 < a < 3"),
    ("def f(a: int, b: unknown.Array) -> str:\n    return <|>\n", "a == b"),
    ("def f(a: Loose) -> str:\n    return <|>\n", "a == a"),
    ("def f(a: int) -> float:\n    return <|>\n", "a + 1.5"),
    ("def f(a: int) -> int:\n    return <|>\n", "a // 2 - a * 3"),
    ("total = 0\ntotal += number\ndef f() -> int:\n    return <|>\n", "total"),
    ("total = ''\nfor each in text:\n    total += <|>\n", "each + total"),
    ("def f(a: list[float]):\n    t = 0.0\n    for x in a:\n        t += <|>\n", "x"),
    ("def f(a: list[float]):\n    t = 0.0\n    t = <|>\n", "t * 2"),
    ("async def g() -> AsyncIterator[int]:\n    yield 1\n"
     "async def f():\n    async for x in <|>:\n        pass\n", "g()"),
    ("class A:\n    def __lt__(self, other: 'A') -> bool: ...\nx = A() < <|>\n", "A()"),
    # Annotations.
    ("x: <|> = []\n", "list[str]"),
    ("x: <|> = {}\n", "dict[str, tuple[int, ...]]"),
    ("def f(x: <|>): ...\n", "callable"),
    ("def f(x: <|>): ...\n", "Callable[[int, str], None]"),
    ("def f(x: <|>): ...\n", "'Dog'"),
    ("def f(x: <|>): ...\n", "T"),
    ("def f(x: <|>): ...\n", "Literal[1, 'a', True]"),
    ("def f(x: <|>): ...\n", "unknown.Field(gt=1)"),
    ("V = TypeVar('V', bound=<|>)\n", "Animal"),
    ("V = TypeVar('V', bound=<|>)\n", "'Animal | None'"),
    ("def f(x: <|>): ...\n", "'the user name'"),
    ("def f(x: <|>): ...\n", "'dict[str, int]'"),
    ("def f(x: <|>): ...\n", '"""\n    dict[\n    str, int]"""'),
    ("x: <|> = []\n", "list[str] | None"),
    ("def f(x: <|> = 1): ...\n", "float"),
    ("class A:\n    x: <|> = None\n", "str"),
    ("Names: TypeAlias = <|>\n", "dict[str, 'Dog'] | None"),
    # Comprehensions: their own names, and those that are asked what they are.
    ("def f(a: list[Dog]) -> list[str]:\n    return <|>\n", "[dog.name for dog in a]"),
    ("def f(a: list[Dog]) -> list[str]:\n    return [<|> for dog in a]\n", "dog.speak()"),
    ("def f(a: list[Dog]):\n    return [<|> for dog in a if isinstance(dog, Odd)]\n", "dog.odd"),
    ("def f(a: list[list[Dog]]):\n    return <|>\n", "[d.name for dogs in a for d in dogs]"),
    ("def f() -> dict[str, int]:\n    return {text: <|> for text in text}\n", "len(text)"),
    ("def f() -> list[int]:\n    return <|>\n", "[text for text in [1]]"),
    # What gives nothing.
    ("def f() -> str | None:\n    <|>\n", "return"),
    ("def f() -> None:\n    <|>\n", "return"),
    ("def f():\n    <|>\n", "return"),
    ("def f() -> Iterator[str]:\n    yield ''\n    <|>\n", "return"),
    ("def f() -> Iterator[None]:\n    <|>\n", "yield"),
    ("def f() -> Iterator:\n    <|>\n", "yield"),
    ("def f() -> str: <|>\n", "..."),
    ("def f() -> str: <|>\n", "unknown.stop()"),
    ("def f() -> str | None:\n    <|>\n", "text"),
    ("def f() -> str:\n    <|>\n    return x\n", "x = text"),
    ("def f() -> str:\n    <|>\n", "if text:\n        return text\n    x = 1\n    unknown()"),
    ("left, right = <|>\n", "text, *text"),
    ("left = right = <|>\n", "1, 2"),
    ("opened(<|>)\n", "Path(text)"),
    ("<|>: int = 1\n", "fresh"),
    ("def f(a: unknown.Rows):\n    for i, x in enumerate(a):\n        <|>\n", "len(x)"),
    ("def f(x: <|>): ...\n", "'seconds to wait'"),
    ("def f(kind: type):\n    x = cast(<|>, anything)\n", "kind"),
    ("class Own:\n    def __new__(cls) -> 'Own': ...\nwith <|>:\n    pass\n", "Own()"),
    ("def f(d: Movie) -> int:\n    return <|>\n", "d['year']"),
    ("def f() -> str:\n    return<|>\n", " text"),
    ("x = dog.__class__.<|>\n", "speak(dog)"),
    ("class A:\n    own: Animal\n    def f(self):\n        <|>.bark()\n", "self.own"),
    ("def f() -> str:\n    if text:\n        <|>\n    else:\n        return text\n", "x = text"),
    ("def f() -> str:\n    if text:\n        <|>\n        return text\n", "x = text"),
    ("def f() -> str:\n    try:\n        <|>\n        return text\n    finally:\n        x = 1\n",
     "x = 2"),
    ("def f(x: <|>): ...\n", "list[str]"),
    ("def f(x: <|>): ...\nclass Later: ...\n", "'Later | None'"),
    ("def f(x: <|>): ...\n", "Literal['zork']"),
    ("import multiprocessing\ndef f(x: <|>): ...\n", "multiprocessing.Queue"),
    ("def f(x: int = <|>): ...\n", "object()"),
    ("def f(x: int = <|>): ...\n", "unknown.Mark()"),
    # What is called with so many arguments.
    ("def f(c: Callable[[int], int]): ...\nf(<|>)\n", "lambda n, m=1: n"),
    ("def f(c: Callable[[int], int]): ...\nf(<|>)\n", "lambda *all: 1"),
    ("def f(c: Callable[..., int]): ...\nf(<|>)\n", "lambda: 1"),
    ("def g(n: int, m: int = 1) -> int: ...\n"
     "def f(c: Callable[[int], int]): ...\nf(<|>)\n", "g"),
    ("class Call(Protocol):\n    def __call__(self, n: int) -> int: ...\n"
     "def f(c: Call): ...\nf(<|>)\n", "lambda n: n"),
    ("class A:\n    def hook(self, n): ...\n"
     "def f(c: Callable[[int], int]): ...\nf(<|>)\n", "A().hook"),
    # Aliases with type variables.
    ("Many: TypeAlias = list[T] | dict[str, T]\ndef f() -> Many[int]:\n    return <|>\n",
     "{'a': 1}"),
    ("Pairs: TypeAlias = dict[T, list[S]]\nS = TypeVar('S')\n"
     "def f() -> Pairs[str, int]:\n    return <|>\n", "{'a': [1]}"),
    ("x = cast(<|>, anything).name\n", "Dog"),
    ("x = <|>\n", "r'\\d' '\\n\\\n' b'\\x00' f'{text}\\d'"),
    ("PATTERN = '\\d'\nx = <|>\n", "'\\w'"),
    ("def made(m: re.Match):\n    d = m.groupdict()\n    d['n'] = 1\n    return d\n"
     "def f(m: re.Match):\n    n = made(m)['n']\n    return 1 - <|>\n", "n"),
    # Conditions, and who yields.
    ("if <|>:\n    pass\n", "'a' in text"),
    ("if <|>:\n    pass\n", "1"),
    ("while <|>:\n    pass\n", "greet('a')"),
    ("@unknown.wrapped\ndef f() -> int:\n    <|>\n", "yield 1"),
    ("def f() -> unknown.Rows:\n    <|>\n", "yield 1"),
    ("class A:\n    @property\n    def f(self) -> Iterable[int]:\n        <|>\n", "yield 1"),
    ("def f() -> None:\n    <|>\n", "yield"),
    # A header against the body that is there already.
    ("def f(a) <|>\n    ok = not a\n    return ok\n", "-> bool:"),
    ("def f(a) <|>\n    return unknown.x(a)\n", "-> list[int]:"),
    ("def f(a: object) <|>\n    if isinstance(a, int):\n        return a\n    return 1\n",
     "-> int:"),
    ("def f(a) <|>\n    yield 3\n", "-> Iterable[int]:"),
    ("def f(a) <|>\n    raise ValueError\n", "-> int:"),
    ("def f(a) <|>\n    unknown.stop()\n", "-> int:"),
    ("def f(a) <|>\n    ...\n", "-> int:"),
    ("def f(a) <|>\n    a.b = 1\n", "-> Optional[int]:"),
    # `typing.Tuple` is Python's own.
    ("def f() -> Tuple[int, ...]:\n    return <|>\n", "1, 2, 3"),
    ("def f(p: Tuple[int, str]) -> str:\n    return <|>\n", "p[1]"),
    ("def f(kind: type): ...\nf(<|>)\n", "type(text)"),
    ("class Named2(Protocol):\n    label: str\ndef f(n: Named2): ...\nf(<|>)\n",
     "type(anything)"),
    ("SIZES[text] = <|>\n", "1"),
    ("<|>\n", "SIZES['new'] = 1"),
    ("def f(x: <|>): ...\n", "slice[int, int, int]"),
    ("def f(x: <|>): ...\n", "memoryview[int]"),
    ("def f(x: <|>): ...\n", "type[str]"),
    ("def f(x: <|>): ...\n", "BaseExceptionGroup[ValueError]"),
    ("class A:\n    def f(self, input):<|>\n\n    def g(self) -> (\n",
     "\n        return len(input)"),
    ("from dataclasses import asdict\n@dataclass\nclass A(dict):\n    def f(self):\n        <|>\n",
     "self.update(asdict(self))"),
    # Displays and copies.
    ("def f() -> list[int]:\n    return <|>\n", "[len(each) for each in text]"),
    ("def f() -> tuple[int, int]:\n    return <|>\n", "number, 2"),
    ("def f() -> tuple[int, ...]:\n    return <|>\n", "(1, 2, 3)"),
    ("def f() -> list[str]:\n    return <|>\n", "list(text)"),
    ("def f() -> Movie:\n    return <|>\n", "{'title': text, 'year': number}"),
    ("def f(rest: Any) -> Movie:\n    return <|>\n", "{'title': text, **rest}"),
    # Classes as values.
    ("for each in <|>:\n    pass\n", "Colour"),
    ("if isinstance(anything, <|>):\n    pass\n", "(Dog, (int, str))"),
    ("if isinstance(anything, <|>):\n    pass\n", "Dog | None"),
    ("def f(make: Callable[[], Dog]): ...\nf(<|>)\n", "Dog"),
    ("def f(make: Callable[[str], None]): ...\nf(<|>)\n", "greet"),
    ("def f(kind: type[Exception]): ...\nf(<|>)\n", "(ValueError, OSError)"),
    ("def f(kind: type = <|>): ...\n", "str"),
    ("@dataclass\nclass A:\n    def __enter__(self): ...\nwith <|>:\n    pass\n", "A()"),
    ("x = cast(Dog, anything).<|>\n", "name"),
    ("x = cast(<|>, anything).name\n", "Dog"),
    ("x = cast(<|>, anything).name\n", "Loose"),
    ("def f(d: Movie):\n    return d[<|>]\n", "'' or 'title'"),
    ("x = greet.__name__ + <|>\n", "greet.__qualname__"),
    ("greet.note = 1\nx = 1 + <|>\n", "greet.note"),
    # Passing, deleting, raising.
    ("def f(flag: bool): ...\nf(<|>)\n", "bool(number)"),
    ("subprocess.run([], shell=<|>)\n", "1"),
    ("def f(ages: dict[str, int]):\n    del ages[<|>]\n", "text"),
    ("def f(words: list[str]):\n    del words[<|>]\n", ":number"),
    ("def f(error: OSError):\n    raise error from <|>\n", "None"),
    ("def f(x: int = <|>): ...\n", "number"),
    ("def f(colour: Colour = <|>): ...\n", "Colour.RED"),
    ("def f() -> Iterator[str]:\n    yield from <|>\n", "text"),
]

WRONG = [
    ("def f(a: int) -> str:\n    return <|>\n", "a == 1"),
    ("def f(a: int) -> str:\n    return <|>\n", "Dog == dog"),
    ("def f(a: int) -> str:\n    return <|>\n", "a // 2"),
    ("def f(a: int) -> int:\n    return <|>\n", "a / 2"),
    ("def f(a: int) -> int:\n    return <|>\n", "a + .5"),
    ("def f(a: int) -> bool:\n    return a >= <|>\n", "''"),
    ("total = 0\ntotal += number\nfor each in <|>:\n    pass\n", "total"),
    ("total = ''\nfor each in text:\n    total += <|>\n", "total.format"),
    ("def f(a: list[Dog]):\n    t = 0.0\n    for x in a:\n        t += <|>\n", "x.name"),
    ("def f(a: list[Dog]):\n    t = 0.0\n    t = <|>\n    t = ''\n", "t * a[0].name"),
    ("def f():\n    t = 0\n    for x in <|>:\n        t += x\n", "t"),
    ("x = 0.5 < <|>\n", "{}"),
    ("def f() -> str: <|>\n", "text"),
    ("def f() -> str:\n    'Says.'\n    <|>\n", "x = text"),
    ("def f() -> str:\n    <|>\n", "x = text\n    y: int = 1"),
    ("one, two, three = text, <|>\n", "text"),
    ("one, two = <|>\n", "()"),
    ("x = <|>[0]\n", "frozenset(text)"),
    ("def f(file: IO[str]): ...\nf(<|>)\n", "greet"),
    ("def f(self: Point):\n    <|> = 'a'\n", "self.x"),
    ("<|> = 'a'\n", "number"),
    ('def f(x: "<|>"): ...\n', "{a}:"),
    ("def f(thing: object):\n    x = cast(<|>, anything)\n", "thing"),
    ("from typing import Self\nclass Own:\n    def __new__(cls) -> Self: ...\nwith <|>:\n    pass\n",
     "Own()"),
    ("def f(d: Movie) -> str:\n    return <|>\n", "d['year']"),
    ("def f() -> str:\n    return <|>\n", ";"),
    ("def f(x: <|>): ...\n", "str[T]"),
    ("def f(x: <|>): ...\n", "int[str]"),
    ("x = <|>\n", "Dog @ dog"),
    ("x = <|>\n", "-Dog"),
    ("x: <|> = []\n", "[]"),
    ("x: <|> = []\n", "min"),
    ("x: <|> = []\n", "number"),
    ("x: <|> = []\n", "text if number else text"),
    ("x: dict[str, <|>] = {}\n", "2"),
    ("x: dict[str, <|>] = {}\n", "int, str"),
    ("x: list[<|>] = []\n", "..."),
    ("x: <|> = []\n", "'int' 'str'"),
    ("x: <|> = []\n", "''"),
    ("def f(x: list[<|>]): ...\n", '""""""'),
    ("V = TypeVar('V', bound=<|>)\n", "' '"),
    ("V = TypeVar('V', bound=<|>)\n", "0.5"),
    ("x: <|> = []\n", "tuple[str]"),
    ("x: <|> = []\n", "enumerate"),
    ("def f(x: <|> = 1): ...\n", "str"),
    ("x: <|> = []\n", "list()"),
    ("x: dict[str, <|>] = {}\n", "True.real"),
    ('def f(x: "<|>"): ...\n', "{curly"),
    ('def f(x: "<|>"): ...\n', "'"),
    ('def f(x: "<|>"): ...\n', '""""'),
    ("x = cast(<|>, anything)\n", '"""\n    def f() -> None:"""'),
    ("Names: TypeAlias = <|>\n", "str | int(1)"),
    ("def f(a: list[Dog]) -> list[str]:\n    return [<|> for dog in a]\n", "dog"),
    ("def f(a: list[Dog]) -> list[str]:\n    return <|>\n", "[dog for dog in a]"),
    ("def f(a: list[Dog]):\n    return [<|> for dog in a]\n", "dog.title"),
    ("def f() -> dict[str, int]:\n    return {each: <|> for each in text}\n", "each"),
    ("def f() -> str:\n    <|>\n", "return"),
    ("def f() -> str:\n    if text:\n        <|>\n    return text\n", "return  # nothing"),
    ("def f() -> Iterator[str]:\n    yield <|>\n", "# nothing"),
    ("async def f() -> str:\n    return await <|>\n", "asyncio.sleep(0)"),
    ("def f(x: int = <|>): ...\n", "str"),
    ("greet(\n    text,\n    times=<|>,\n)\n", "text"),
    ("if number <|>\n    pass\n", "in text:"),
    ("x = [text, <|>\n    text]\n", "-text,"),
    ("x = f'{text.<|>}'\n", "upper / {text}"),
    ("def f() -> Mode:\n    return '<|>'\n", "' '''''"),
    ("x = cast(<|>, anything).name\n", "str"),
    ("x = (<|>).title()\n", "number"),
    ("@dataclass\nclass A:\n    x: int\nwith <|>:\n    pass\n", "A"),
    ("class Bark(Protocol):\n    def bark(self): ...\n"
     "class Hound:\n    def bark(self): ...\ndef f(x: Bark): ...\nf(<|>)\n", "Hound"),
    ("def f() -> list[str]:\n    return <|>\n", "text.index.__name__ == text"),
    ("async def f():\n    async with <|>:\n        pass\n", "greet.__call__"),
    ("def f(d: Movie):\n    return d[<|>]\n", "'other' or text"),
    ("x = number >= <|>\n", "greet"),
    ("x = text.encode + <|>\n", "T"),
    ("def f() -> list[int]:\n    return <|>\n", "[1 for each in text] + [text for each in text]"),
    ("def f() -> list[int]:\n    return [<|> for each in text]\n", "{}"),
    ("def f() -> dict[str, int]:\n    return {each: <|> for each in text}\n", "list(text)"),
    ("def f() -> list[int]:\n    return <|>\n", "list(text)"),
    ("def f() -> list[int]:\n    return <|>\n", "list(text) + []"),
    ("def f() -> tuple[int, int]:\n    return <|>\n", "number,"),
    ("def f() -> tuple[int, int]:\n    return <|>\n", "()"),
    ("def f() -> tuple[int, str]:\n    return <|>\n", "(number, number)"),
    ("def f() -> Movie:\n    return <|>\n", "{'title': text, 'year': text}"),
    ("def f() -> Movie:\n    return <|>\n", "{'title': text, 'month': number}"),
    ("def f() -> Movie:\n    return <|>\n", "{'title': text}"),
    ("for each in <|>:\n    pass\n", "Dog"),
    ("x = [*<|>]\n", "bytes"),
    ("named(<|>)\n", "number"),
    ("class Speaker(Protocol):\n    def speak(self): ...\ndef f(x: Speaker): ...\nf(<|>)\n", "int"),
    ("if isinstance(anything, <|>):\n    pass\n", "number == 1"),
    ("if isinstance(anything, <|>):\n    pass\n", "(Dog, 'Dog')"),
    ("def f(make: Callable[[], Dog]): ...\nf(<|>)\n", "str"),
    ("def f(make: Callable[[], None]): ...\nf(<|>)\n", "list[str] | None"),
    ("def f(flag: bool): ...\nf(<|>)\n", "1"),
    ("def f(size: int): ...\nf(<|>)\n", "..."),
    ("def f(ages: dict[str, int]):\n    del ages[<|>]\n", "number"),
    ("def f(ages: dict[str, int]):\n    del ages[<|>]\n", ":"),
    ("def f(words: list[str]):\n    return words[<|>]\n", "number, number"),
    ("def f(words: list[str]):\n    return words[:<|>]\n", "()"),
    ("def f(error: OSError):\n    raise error from <|>\n", "[]"),
    ("try:\n    pass\nexcept <|>:\n    pass\n", "list()"),
    ("def f(x: int = <|>): ...\n", "repr"),
    ("def f(x: str = <|>): ...\n", "number == 1"),
    ("def f() -> Iterator[int]:\n    yield from <|>\n", "text"),
    ("async def f():\n    async for each in <|>:\n        pass\n", "0"),
    ("for left, right in <|>:\n    pass\n", "(1, 2)"),
    ("x = number == <|>\n", "textwrap.dedent(number)"),
    ("def f() -> str:\n    return <|>\n", "sqrt"),
    ("def f() -> '<|>':\n    return\n", "Zork"),
    ("def f(x: <|>): ...\n", "list['Zork']"),
    ("def f(c: Callable[[int], int]): ...\nf(<|>)\n", "lambda: 1"),
    ("def f(c: Callable[[], int]): ...\nf(<|>)\n", "lambda n: 1"),
    ("def g(n: int, m: int) -> int: ...\n"
     "def f(c: Callable[[int], int]): ...\nf(<|>)\n", "g"),
    ("class Speaker(Protocol):\n    def speak(self): ...\n"
     "def f(x: Speaker): ...\nf(<|>)\n", "lambda: 0"),
    ("Many: TypeAlias = list[T] | dict[str, T]\ndef f() -> Many[int]:\n    return <|>\n",
     "{'a': 'b'}"),
    ("Pairs: TypeAlias = dict[T, list[S]]\nS = TypeVar('S')\n"
     "def f() -> Pairs[str, int]:\n    return <|>\n", "{'a': ['b']}"),
    ("x = cast(<|>, anything).name\n", "None"),
    ("x = <|>\n", "'\\('"),
    ("x = <|>\n", "f(b'\\N')"),
    ("x = '<|>'\n", "a\\d"),
    ("def f() -> int:<|>\n", " 0"),
    ("if <|>:\n    pass\n", "'a'"),
    ("x = 1 if <|> else 2\n", "b'a'"),
    ("if <|>:\n    pass\n", "print(text)"),
    ("def f() -> int:\n    size = <|>\n    return size\n", "yield"),
    ("def f() -> Dog:\n    <|>\n    return Dog()\n", "yield 1"),
    ("class A:\n    @classmethod\n    def f(cls) -> Dog:\n        <|>\n", "yield from text"),
    ("def f(a) <|>\n    ok = not a\n    return ok\n", "-> str:"),
    ("def f(a) <|>\n    ok = not a\n    return ok\n", "-> None:"),
    ("async def f(a) <|>\n    return 'a'\n", "-> int:"),
    ("def f(a) <|>\n    yield 3\n", "-> int:"),
    ("def f(a) <|>\n    a.b = 1\n", "-> int:"),
    ("def f() -> Tuple[int, str]:\n    return <|>\n", "f'{text}'"),
    ("def f() -> Tuple[int, str]:\n    return <|>\n", "1, 2"),
    ("def f() -> tuple[int, int]:\n    return <|>\n", "type(text)"),
    ("def f(x: int = <|>): ...\n", "Any"),
    ("def f(x: int = <|>): ...\n", "str()"),
    ("x: <|> = 1\n", "help"),
    ("def f(x: <|>): ...\n", "greet('a')"),
    ("def f(x: <|> | None): ...\n", "(int, str)"),
    ("x = cast(<|>, anything)\n", "b''"),
    ("def f() -> '<|>': ...\n", "Dog'  'Cat"),
    ("async def f():\n    async for each in <|>:\n        pass\n", "..."),
    ("x = <|>\n", "SIZES['new'] = 1"),
]


def test_an_argument_is_not_counted_where_a_part_of_the_call_was_left_out() -> None:
    lines = "".join(f"        {number},\n" for number in range(400))
    source = f"names(\n    'a',\n    [\n{lines}        <|>\n    ],\n)\n"
    at = Alone("def names(first: str, *others: list[int]) -> None: ...\n" + source)
    assert at.constraint.judge("3,").verdict is Verdict.COMPLETE


def test_none_is_the_default_of_another_type_only_where_the_author_has_it_so() -> None:
    def refused(source: str) -> bool:
        return Alone(source).constraint.judge("None").verdict is not Verdict.COMPLETE

    assert refused("def f(x: int = <|>): ...\n")
    assert refused("def g(y: str | None = None): ...\ndef f(x: list[int] = <|>): ...\n")
    assert not refused("def g(y: str = None): ...\ndef f(x: int = <|>): ...\n")
    assert not refused("class A: ...\ndef f(x: A = <|>): ...\n")


@pytest.mark.parametrize(("source", "text"), RIGHT)
def test_what_may_be_right_is_accepted_and_may_end(source: str, text: str) -> None:
    at = At(source)
    assert at.verdicts(text)[-1] is Verdict.COMPLETE, at.constraint.refusal(text)


@pytest.mark.parametrize(("source", "text"), WRONG)
def test_what_cannot_be_right_may_not_end(source: str, text: str) -> None:
    assert At(source).verdicts(text)[-1] is not Verdict.COMPLETE
