"""Types, form by form: what operators make, what displays hold, what may be declared.

Each row is a place and a text; a text that is wrong is refused before its end, or may not end.
"""

from __future__ import annotations

import pytest
from tenon.constraints.constraint import Verdict
from test_types import At

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
]


@pytest.mark.parametrize(("source", "text"), RIGHT)
def test_what_may_be_right_is_accepted_and_may_end(source: str, text: str) -> None:
    at = At(source)
    assert at.verdicts(text)[-1] is Verdict.COMPLETE, at.constraint.refusal(text)


@pytest.mark.parametrize(("source", "text"), WRONG)
def test_what_cannot_be_right_may_not_end(source: str, text: str) -> None:
    assert At(source).verdicts(text)[-1] is not Verdict.COMPLETE
