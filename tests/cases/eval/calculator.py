"""Reads arithmetic, builds a tree, evaluates it."""

import operator
import re
from typing import Iterator, NamedTuple

OPERATORS = {
    "+": (1, operator.add),
    "-": (1, operator.sub),
    "*": (2, operator.mul),
    "/": (2, operator.truediv),
}
PATTERN = re.compile(r"\s*(?:(\d+(?:\.\d*)?)|(\w+)|(.))")


class Token(NamedTuple):
    kind: str
    text: str
    position: int


class Binary(NamedTuple):
    sign: str
    left: object
    right: object


class SyntaxFault(ValueError):
    """What was read makes no sense; says where."""


def tokens(text: str) -> Iterator[Token]:
    for match in PATTERN.finditer(text):
        number, name, sign = match.groups()
        if number:
            yield Token("number", number, match.start(1))
        elif name:
            yield Token("name", name, match.start(2))
        elif sign in "+-*/()":
            yield Token("sign", sign, match.start(3))
        else:
            raise SyntaxFault(f"unexpected {sign!r} at {match.start(3)}")


class Parser:
    def __init__(self, text: str):
        self.tokens = list(tokens(text))
        self.index = 0

    def peek(self) -> Token | None:
        return self.tokens[self.index] if self.index < len(self.tokens) else None

    def next(self) -> Token:
        token = self.peek()
        if token is None:
            raise SyntaxFault("something is missing at the end")
        self.index += 1
        return token

    def expression(self, floor: int = 0) -> object:
        left = self.atom()
        while (token := self.peek()) and token.text in OPERATORS:
            strength, _ = OPERATORS[token.text]
            if strength <= floor:
                break
            self.next()
            left = Binary(token.text, left, self.expression(strength))
        return left

    def atom(self) -> object:
        token = self.next()
        match token:
            case Token(kind="number", text=digits):
                return float(digits)
            case Token(kind="name"):
                return token.text
            case Token(text="("):
                inside = self.expression()
                if self.next().text != ")":
                    raise SyntaxFault(f"no closing bracket for the one at {token.position}")
                return inside
            case _:
                raise SyntaxFault(f"unexpected {token.text!r} at {token.position}")


def evaluate(tree, names=None):
    if isinstance(tree, Binary):
        _, function = OPERATORS[tree.sign]
        return function(evaluate(tree.left, names), evaluate(tree.right, names))
    if isinstance(tree, str):
        return (names or {})[tree]
    return tree


if __name__ == "__main__":
    import sys

    for line in sys.stdin:
        try:
            print(evaluate(Parser(line.strip()).expression()))
        except (SyntaxFault, ZeroDivisionError, KeyError) as fault:
            print(f"error: {fault}", file=sys.stderr)
