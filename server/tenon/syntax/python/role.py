"""Role: what the text at the cursor is about to be, told from the statement before it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tenon.syntax.context import Role
from tenon.syntax.python.scanner import split_state

_TOKEN = re.compile(
    r"(?P<string>(?:[rRbBuUfFtT]{1,2})?(?:\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+(?:\"\"\")?"
    r"|'''(?:[^'\\]|\\.|'(?!''))*+(?:''')?"
    r"|\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?))"
    r"|(?P<number>\.?\d(?:[\w.]|(?<=[eE])[+-])*+)"
    r"|(?P<name>[^\W\d]\w*+)"
    r"|(?P<comment>\#[^\n]*+)"
    r"|(?P<op>->|:=|\*\*=?|//=?|>>=?|<<=?|[-+*/%@&|^<>=!]=|\.\.\.|[^\s\w])",
    re.DOTALL,
)

_OPERATORS = frozenset(
    "and or not in is if else elif while return yield await del assert raise lambda with from"
    " except".split()
)
"""Words after which an expression begins."""

_INTRODUCE = frozenset(["as", "for", "global", "nonlocal", "case"])
"""Words after which names are introduced, or patterns stand."""

_HEADERS = frozenset(
    "if elif else for while with try except finally def class match case async".split()
)

_TAIL = 20_000
"""Characters of a statement that are looked at."""


@dataclass(slots=True)
class _Level:
    """One open bracket, or the statement itself."""

    opener: str
    call: bool
    """The bracket follows something that can be called or subscripted."""
    definition: bool = False
    """The bracket holds the parameters of a `def`."""
    introducing: bool = False
    """After `for`, before `in`."""
    parameters: bool = False
    """After `lambda`, before its colon."""
    annotation: bool = False
    colons: int = 0
    equals: bool = False


def role_at(statement: str, state: str) -> Role:
    """The role of a cursor after `statement`, a logical line's beginning, in lexical `state`."""
    if state.endswith("#"):
        return Role.COMMENT
    _, quote, _ = split_state(state)
    statement = statement[-_TAIL:]
    tokens = [found for found in _TOKEN.finditer(statement) if found.lastgroup != "comment"]
    if quote:
        if not tokens or tokens[-1].lastgroup != "string":
            return Role.STRING
        inside = _replacement_field(tokens[-1].group(), quote)
        if inside is None:
            return Role.STRING
        role = role_at(inside, "")
        return Role.OPERAND if role is Role.STATEMENT else role
    if tokens and tokens[-1].lastgroup == "name" and tokens[-1].end() == len(statement):
        tokens.pop()
    elif tokens and tokens[-1].lastgroup == "number" and tokens[-1].end() == len(statement):
        return Role.OTHER
    return _role(tokens)


def _role(tokens: list[re.Match[str]]) -> Role:
    levels = [_Level(opener="", call=False)]
    words: list[str] = []
    first = ""
    for token in tokens:
        text = token.group()
        kind = token.lastgroup
        level = levels[-1]
        first = first or text
        if kind == "op":
            if text in "([{":
                called = bool(words) and (words[-1] in (")", "]", "}", "name", "string"))
                levels.append(
                    _Level(
                        opener=text,
                        call=called,
                        definition=text == "(" and len(levels) == 1 and "def" in words[:2],
                        annotation=level.annotation,
                    )
                )
            elif text in ")]}":
                if len(levels) > 1:
                    levels.pop()
            elif text == ":" and level.parameters:
                level.parameters = False
            elif text == ":":
                level.colons += 1
                if level.definition or (len(levels) == 1 and first not in _HEADERS):
                    level.annotation = True
                elif len(levels) == 1:
                    levels, words, first = [_Level(opener="", call=False)], [], ""
                    continue
            elif text == ",":
                level.annotation = level.annotation and not level.definition
                level.equals = False
            elif text == "=":
                level.annotation, level.equals = False, True
            elif text == "->":
                level.annotation = True
            elif text == ";" and len(levels) == 1:
                levels, words, first = [_Level(opener="", call=False)], [], ""
                continue
            words.append(text)
        elif kind == "name":
            if text == "for":
                level.introducing = True
            elif text == "in":
                level.introducing = False
            elif text == "lambda":
                level.parameters = True
            words.append(text if text in _KEYWORDS else "name")
        else:
            words.append(kind or "")
    return _place(levels[-1], words, first, len(levels) == 1)


def _place(level: _Level, words: list[str], first: str, outside: bool) -> Role:
    previous = words[-1] if words else ""
    if first in ("import", "from") and (first == "import" or "import" in words or outside):
        if not ("import" in words and previous == "as"):
            return Role.IMPORT
        return Role.DEFINITION
    if previous == ".":
        return Role.ATTRIBUTE
    if not words:
        return Role.STATEMENT
    if previous in ("def", "class") and outside:
        return Role.DEFINITION
    if first == "@" and words == ["@"]:
        return Role.DECORATOR
    if level.parameters:
        return Role.OPERAND if previous == "=" else Role.PARAMETER
    if level.annotation and not (level.definition and previous == ","):
        return Role.OTHER if previous in _ENDS else Role.ANNOTATION
    if level.definition:
        if previous in ("(", ",", "*", "**", "/") and not level.equals:
            return Role.PARAMETER
        return Role.OTHER if previous in _ENDS else Role.OPERAND
    if previous in _ENDS or previous in _INTRODUCE or level.introducing:
        if len(words) == 1 and first == "match":
            return Role.OPERAND
        return Role.DEFINITION if len(words) == 1 and first == "type" else Role.OTHER
    if previous == "return":
        return Role.RETURN
    if level.opener == "(" and level.call and previous in ("(", ",", "*", "**", "="):
        return Role.ARGUMENT
    if level.opener == "[" and level.call and previous in ("[", ",", ":"):
        return Role.SUBSCRIPT
    if outside and all(word in ("name", ",", "*") for word in words):
        return Role.OTHER
    return Role.OPERAND


_ENDS = frozenset([")", "]", "}", "name", "string", "number", "...", "None", "True", "False"])
"""After these an operator is due, not a name."""

_KEYWORDS = (
    _OPERATORS
    | _INTRODUCE
    | _HEADERS - {"match"}
    | frozenset("import None True False pass break continue".split())
)


def _replacement_field(string: str, quote: str) -> str | None:
    """The expression at the end of an unfinished f-string; None in its literal part."""
    prefix, _, body = string.partition(quote)
    if not set(prefix) & set("fFtT"):
        return None
    starts: list[int] = []
    brackets = 0
    at = 0
    literal = True
    while at < len(body):
        char = body[at]
        if literal:
            if char == "{" and body.startswith("{{", at) and not starts:
                at += 1
            elif char == "{":
                starts.append(at + 1)
                literal, brackets = False, 0
            elif char == "}" and starts:
                starts.pop()
                literal = True
        elif char in "([{":
            brackets += 1
        elif char in ")]" or (char == "}" and brackets):
            brackets -= 1
        elif char == "}":
            starts.pop()
            literal = True
        elif char == ":" and brackets <= 0:
            literal = True
        elif char == "!" and brackets <= 0 and not body.startswith("!=", at):
            literal = True
        at += 1
    return None if literal or not starts else body[starts[-1] :]
