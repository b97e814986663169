"""How an answer is judged: by CPython's own compiler, and against the author's text. Pure.

A broken file is judged by its undamaged twin: an answer is right there exactly if it brings
no error of its own.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from os.path import commonprefix

from tenon.evaluation.holes import Hole


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    parses: bool
    exact: bool
    """The answer's first line is the author's first line; white space at its end aside."""
    kept: float
    """Of the author's characters, the share that the answer had right before its first
    deviation: the length of the common prefix over the length of the author's text."""


def judge(hole: Hole, answer: str) -> Marks:
    return Marks(
        parses=compiles(hole.filled(answer)),
        exact=first_line(answer) == first_line(hole.expected),
        kept=kept(answer, hole.expected),
    )


def compiles(text: str) -> bool:
    """CPython turns the whole text into code: syntax, symbol table and all."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<answer>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def first_line(text: str) -> str:
    """The first line that says something, its indentation kept and its end trimmed."""
    return next((line.rstrip() for line in text.splitlines() if line.strip()), "")


def kept(answer: str, expected: str) -> float:
    """0 to 1. Line ends count alike, however they are written; an empty hole is kept whole."""
    answer, expected = answer.replace("\r\n", "\n"), expected.replace("\r\n", "\n")
    return len(commonprefix([answer, expected])) / len(expected) if expected else 1.0
