"""Languages: which syntaxes there are, by LSP language id. A language is an entry here, a folder
beside this file and a Lark file in `grammars/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from tenon.syntax.context import CursorContext
from tenon.syntax.json import JsonSyntax
from tenon.syntax.pieces import Pieces
from tenon.syntax.python import PythonSyntax
from tenon.syntax.typescript import TypeScriptSyntax
from tenon.text import Document


class Syntax(Protocol):
    """What a language has to offer. One thread uses it; it never raises on any text."""

    @property
    def pieces(self) -> Pieces:
        """What short texts of the language are made of."""
        ...

    def context(self, document: Document, offset: int) -> CursorContext:
        """The place at `offset` of `document` ("\\n" line ends)."""
        ...

    def judge(self, context: CursorContext) -> Callable[[str], bool]:
        """The language's own parser for this place: whether a text (a frame, filled) parses."""
        ...

    def confirms(self, context: CursorContext, completion: str) -> bool:
        """Whether the whole buffer parses with `completion` in it; where it was broken
        elsewhere before, whether the completion leaves it no worse."""
        ...


class Languages:
    """One instance of each syntax, made when it is first asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Syntax] = {}

    def syntax(self, language: str) -> Syntax | None:
        """The syntax for an LSP language id; None for a language Tenon does not speak."""
        make = _KNOWN.get(language)
        if make is None:
            return None
        if language not in self._made:
            self._made[language] = make()
        return self._made[language]

    def forget(self, uri: str) -> None:
        """A document was closed: nothing of it is kept."""
        for syntax in self._made.values():
            if isinstance(syntax, PythonSyntax):
                syntax.forget(uri)


_KNOWN: Mapping[str, Callable[[], Syntax]] = {
    "python": PythonSyntax,
    "json": lambda: JsonSyntax(comments=False),
    "jsonc": lambda: JsonSyntax(comments=True),
    "typescript": lambda: TypeScriptSyntax(types=True),
    "javascript": lambda: TypeScriptSyntax(types=False),
}
