"""python_grammar: the text of a grammar for one buffer's indentation.

Owns how `grammars/*.lark` is found, and how its sections are repeated and its slots filled.
Holds no grammar itself, and knows nothing of tokens or of the library that reads the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from string import Template
from typing import Literal

from tenon.syntax.context import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """A grammar as text, for whoever compiles it."""

    kind: Literal["lark", "json schema"]
    text: str


_LEVELS = 4
SPARE_DEPTHS = 6
"""How many levels deeper than the buffer's own a completion may open."""

_SECTION = re.compile(r"^//: (?!end$)(?P<head>.*)\n(?P<body>(?s:.*?))^//: end\n", re.MULTILINE)
_QUOTED = re.compile(r'"([^"]*)"')


@lru_cache(maxsize=64)
def python_grammar(indents: tuple[str, ...], unit: str) -> str:
    """The Lark text for a whole module of Python.

    `indents[d]` is the exact indentation of nesting depth d, "" at 0; each deeper level adds
    `unit`. Raises ValueError where these could not be the indentation of a module.
    """
    deeper = (indents[-1] + unit * level for level in range(1, SPARE_DEPTHS + 1))
    widths = (*indents, *deeper) if indents else ()
    if not widths or widths[0] or not unit or any(width.strip(" \t\f") for width in widths):
        raise ValueError(f"not the indentation of a module: {indents!r}, unit {unit!r}")
    return _SECTION.sub(lambda section: "".join(_repeat(section, widths)), grammar_source("python"))


def _repeat(section: re.Match[str], widths: tuple[str, ...]) -> Iterator[str]:
    """The body of one section, once for each of its bindings."""
    body = Template(section["body"])
    for binding in _bindings(section["head"], widths):
        yield body.substitute(binding)


def _bindings(head: str, widths: tuple[str, ...]) -> Iterator[dict[str, str]]:
    if head in ("each depth", "last depth"):
        last = len(widths) - 1
        for depth in range(last) if head == "each depth" else (last,):
            indent = f' "{widths[depth]}"'.replace("\t", "\\t").replace("\f", "\\f")
            yield {
                "depth": str(depth),
                "deeper": str(depth + 1),
                "indent": indent if widths[depth] else "",
            }
        return
    names, values = head.removeprefix("each ").split(" = ")
    for row in values.split("; "):
        yield dict(zip(names.split(), _QUOTED.findall(row), strict=True))


@cache
def grammar_source(name: str, kind: str = "lark") -> str:
    """`<name>.<kind>`, from the installed package, or from the top of the source tree."""
    package = Path(__file__).parents[1]
    for folder in (package / "grammars", package.parents[1] / "grammars"):
        if (path := folder / f"{name}.{kind}").is_file():
            return path.read_text(encoding="utf-8")
    raise FileNotFoundError(f"no grammar for {name}: the installation is incomplete")


def grammar_for(language: str, frame: Frame, *, schema: str | None = None) -> Grammar:
    """What the texts of `frame` must follow, for an LSP language id.

    `schema` is a JSON Schema as text, for JSON alone; the frame must then be the whole buffer.
    """
    if schema is not None:
        return Grammar(kind="json schema", text=schema)
    if language == "python":
        return Grammar(kind="lark", text=python_grammar(_padded(frame), frame.unit))
    return Grammar(kind="lark", text=grammar_source(language))


def _padded(frame: Frame) -> tuple[str, ...]:
    """Regular indentation made deeper, to the next few levels: so that one grammar, which takes
    milliseconds to compile and megabytes to keep, serves places of different depth."""
    indents, unit = frame.indents, frame.unit
    if indents != tuple(unit * depth for depth in range(len(indents))):
        return indents
    depth = -(-len(indents) // _LEVELS) * _LEVELS
    return tuple(unit * level for level in range(depth))
