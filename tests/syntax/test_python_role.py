"""The role of what is about to stand at the cursor."""

from __future__ import annotations

import pytest
from python_places import at

from tenon.syntax.context import Role

ROLES = {
    Role.STATEMENT: ["<|>", "x<|>", "if x: <|>", "x = 1; <|>", "def f():\n    <|>", "ret<|>"],
    Role.ATTRIBUTE: ["x.<|>", "x.fo<|>", "return a.<|>", "f(a.b.<|>)", "@a.<|>", 'f"{x.<|>}"'],
    Role.ARGUMENT: ["f(<|>", "f(a, <|>)", "f(a=<|>", "f(*<|>", "@a(<|>)", "class A(<|>)", "f(a<|>"],
    Role.OPERAND: ["x = <|>", "f(a + <|>)", "[<|>]", "if a and <|>", "{'a': <|>}", "raise <|>"],
    Role.SUBSCRIPT: ["x[<|>]", "x[a:<|>]", "x[a, <|>]", "f()[<|>]"],
    Role.RETURN: ["return <|>", "def f():\n    return <|>\n"],
    Role.IMPORT: [
        "import <|>",
        "import a.<|>",
        "from <|>",
        "from . import b, <|>",
        "from a import (\n<|>",
    ],
    Role.ANNOTATION: ["x: <|>", "def f(a: <|>)", "def f() -> <|>:", "x: list[<|>]"],
    Role.DECORATOR: ["@<|>", "@ab<|>\ndef f(): pass"],
    Role.PARAMETER: [
        "def f(<|>):",
        "def f(a, b<|>",
        "async def f(a: int, <|>",
        "x = lambda a, <|>",
    ],
    Role.DEFINITION: ["def <|>", "class A<|>:", "async def <|>"],
    Role.STRING: ["'a<|>", 'x = """\na<|>', 'f"a{b}<|>"', "f'{{<|>'", "f'{a:<|>}'"],
    Role.COMMENT: ["# a<|>", "x = 1  # (<|>", "    #<|>"],
    Role.OTHER: ["x <|>", "for <|>", "[a for <|>", "with a as <|>", "x, <|>", "global <|>", "1<|>"],
}


@pytest.mark.parametrize(
    ("marked", "role"), [(marked, role) for role, places in ROLES.items() for marked in places]
)
def test_the_role_is_told_from_the_statement_before_the_cursor(marked: str, role: Role) -> None:
    assert at(marked).role is role


def test_every_role_has_its_places() -> None:
    """`MEMBER` and others of other languages apart."""
    assert {role for role in Role if role.value not in ("key", "value", "member")} == set(ROLES)
