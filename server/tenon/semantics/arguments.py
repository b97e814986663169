"""Arguments: whether a call's arguments, as far as they are given, fit one signature.

Owns Python's own rules of binding, in the words of an author. Knows no text: an argument is a
keyword or a star, and what its value is does not matter here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tenon.semantics.parameters import Kind, Signature


class Argument(NamedTuple):
    keyword: str = ""
    star: str = ""
    """"*" or "**"."""


def fault(signature: Signature, arguments: Sequence[Argument], *, whole: bool) -> str:
    """What is wrong with the arguments, in one sentence; "" where more of them could follow, or,
    if they are the `whole` call, where it is one that Python takes.

    What stars stand for is not known: it may be nothing, and it may be whatever is missing.
    """
    positional = signature.positional
    count = 0
    names: set[str] = set()
    starred = doubly = False
    for argument in arguments:
        if argument.star == "*":
            if doubly:
                return f"a '*' cannot stand behind a '**' in {signature.name}"
            starred = True
        elif argument.star:
            doubly = True
        elif argument.keyword:
            wrong = _keyword_fault(signature, argument.keyword, count, names)
            if wrong:
                return wrong
            names.add(argument.keyword)
        else:
            if names or doubly:
                return f"what follows a keyword in {signature.name} is given by keyword too"
            count += 1
            if count > len(positional) and signature.rest(Kind.REST) is None:
                return _too_many(signature, len(positional))
    if not whole:
        return ""
    for index, parameter in enumerate(positional):
        if parameter.required and not (
            index < count
            or starred
            or (parameter.kind is Kind.EITHER and (doubly or parameter.name in names))
        ):
            return f"{signature.name} needs '{parameter.name}'"
    for parameter in signature.keywords:
        if parameter.kind is Kind.KEYWORD and parameter.required:
            if parameter.name not in names and not doubly:
                return f"{signature.name} needs '{parameter.name}'"
    return ""


def _keyword_fault(signature: Signature, keyword: str, count: int, names: set[str]) -> str:
    if keyword in names:
        return f"'{keyword}' is given twice"
    for index, parameter in enumerate(signature.positional):
        if parameter.name == keyword and parameter.kind is Kind.EITHER and index < count:
            return f"'{keyword}' is given twice"
    if any(parameter.name == keyword for parameter in signature.keywords):
        return ""
    if signature.rest(Kind.REST_KEYWORDS) is not None:
        return ""
    if any(parameter.name == keyword for parameter in signature.positional):
        return f"{signature.name} takes '{keyword}' by position only"
    return f"{signature.name} has no parameter '{keyword}'"


def _too_many(signature: Signature, most: int) -> str:
    if not most:
        taken = "keywords alone" if signature.keywords else "no arguments"
        return f"{signature.name} takes {taken}"
    arguments = "argument" if most == 1 else "arguments"
    by_position = " by position" if len(signature.keywords) > most else ""
    return f"{signature.name} takes at most {most} {arguments}{by_position}"


def first_fault(
    ways: Iterable[Signature], arguments: Sequence[Argument], *, whole: bool
) -> str:
    """What is wrong where no way takes the arguments; "" where one does."""
    said = ""
    for way in ways:
        wrong = fault(way, arguments, whole=whole)
        if not wrong:
            return ""
        said = said or wrong
    return said


def keywords_left(ways: Iterable[Signature], before: Sequence[Argument]) -> tuple[str, ...]:
    """The keywords that could follow, in the order of the parameters."""
    found: dict[str, None] = {}
    for way in ways:
        if fault(way, before, whole=False):
            continue
        for parameter in way.keywords:
            if not fault(way, (*before, Argument(keyword=parameter.name)), whole=False):
                found[parameter.name] = None
    return tuple(found)
