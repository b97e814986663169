"""Parse: CPython's own compiler as the judge of what is valid Python. Nothing is executed.

Where the statement at the cursor is already written in syntax newer than the running
interpreter, tree-sitter's grammar is the second judge; nowhere else, or a model could write
what the author's interpreter refuses.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable

import tree_sitter
import tree_sitter_python

from tenon.syntax.context import CursorContext

_NEWER = {
    (3, 12): re.compile(
        r"^[ \t]*type[ \t]+\w+[^=\n]*="
        r"|\b(?:def|class)[ \t]+\w+[ \t]*\["
        r"|(?<![\w\"'\\])[fF][rR]?([\"'])(?!\1)[^\"'{\n]*\{[^{}\n]*\1[^{}\n]*\}",
        re.MULTILINE,
    ),
    (3, 14): re.compile(
        r"^[ \t]*except[ \t]+[\w.]+[ \t]*,"
        r"|(?<![\w\"'\\])(?:[tT][rR]?|[rR][tT])[\"']",
        re.MULTILINE,
    ),
}
"""What shows syntax that came with a version: type parameters and quotes inside f-strings of the
same kind; exceptions without parentheses and template strings. A letter in a
string, or of an escape at its end, is none of their prefixes."""


def parses(text: str) -> bool:
    """Whether `text` is a valid module for the running interpreter. Never raises."""
    return compiles(text, flags=0)


def compiles(text: str, *, flags: int) -> bool:
    """Whether `text` compiles under the compiler's `flags`. Never raises."""
    return complaint(text, flags=flags) is None


def complaint(text: str, *, flags: int = 0) -> str | None:
    """What the compiler has against `text`, in its own words; None for nothing. Never raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<buffer>", "exec", flags=flags, dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        return str(error)
    return None


def judge_for(context: CursorContext) -> Callable[[str], bool]:
    """The judge of texts made for the place: one more lenient only if it shows newer syntax."""
    frame = context.frame
    if frame is None:
        return parses
    typed = frame.opening[len(frame.opening) - frame.statement :]
    shown = any(
        version > sys.version_info[:2] and _shows(pattern, typed, frame.closing)
        for version, pattern in _NEWER.items()
    )
    return _parses_newer if shown else parses


def _shows(pattern: re.Pattern[str], before: str, behind: str) -> bool:
    """Whether the text round the cursor shows what `pattern` finds. A header and a bracket that
    only meet there, because what stood between is gone, show nothing."""
    return any(
        not (found.start() < len(before) < found.end() and found[0].endswith("["))
        for found in pattern.finditer(before + behind)
    )


def _parses_newer(text: str) -> bool:
    if parses(text):
        return True
    source = text.encode("utf-8", errors="replace")
    if b"\0" in source:
        return False
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
    return not parser.parse(source).root_node.has_error
