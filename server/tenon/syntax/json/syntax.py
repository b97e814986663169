"""JsonSyntax: contexts and judgement for JSON and for JSON with comments.

Owns what a cursor in JSON means. Knows nothing of grammars.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from tenon.syntax.context import CursorContext, Frame, Role
from tenon.syntax.json.elements import after, before, lexemes
from tenon.syntax.json.pieces import PIECES
from tenon.text import Document

_WHOLE = 8_000
"""Characters up to which the buffer is its own frame: a schema wants to see all of it."""
_TOO_LARGE = 4_000_000
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


class JsonSyntax:
    """`comments` is whether the dialect has them, and trailing commas with them."""

    pieces = PIECES

    def __init__(self, *, comments: bool) -> None:
        self._comments = comments

    def context(self, document: Document, offset: int) -> CursorContext:
        offset = min(max(offset, 0), len(document.text))
        prefix, suffix = document.text[:offset], document.text[offset:]
        place = before(prefix) if len(document.text) <= _TOO_LARGE else None
        closing = after(suffix, place) if place is not None else None
        frame = None
        if place is not None and closing is not None:
            whole = len(document.text) <= _WHOLE
            frame = Frame(
                # White space around the value says nothing, and a schema has no place for it.
                opening=(prefix if whole else place.text).lstrip(),
                closing=(suffix if whole else closing).rstrip(),
                indents=("",),
                unit="  ",
                statement=len((prefix if whole else place.text).lstrip()),
                whole=whole,
            )
        inside = place.inside if place is not None else ""
        role = {"string": Role.STRING, "comment": Role.COMMENT}.get(inside, Role.OTHER)
        return CursorContext(role=role, prefix=prefix, suffix=suffix, enclosing=(), frame=frame)

    def judge(self, context: CursorContext) -> Callable[[str], bool]:
        """A judge of texts that stand for the buffer: whether each is one whole value."""
        return self.parses

    def parses(self, text: str) -> bool:
        if self._comments:
            text = _without_comments(text)
        try:
            json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return False
        return True

    def confirms(self, context: CursorContext, completion: str) -> bool:
        """Whether the buffer with `completion` in it parses, or was broken elsewhere before."""
        if context.frame is None:
            return False
        if len(context.prefix) + len(context.suffix) > _TOO_LARGE:
            return self.parses(context.frame.opening + completion + context.frame.closing)
        return self.parses(context.prefix + completion + context.suffix)


def _without_comments(text: str) -> str:
    kept, last = [], 0
    for lexeme in lexemes(text):
        if lexeme.kind == "comment":
            kept.append(text[last : lexeme.start])
            last = lexeme.end
    return _TRAILING_COMMA.sub("", "".join(kept) + text[last:])


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
