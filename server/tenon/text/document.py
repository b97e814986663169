"""Document: an immutable snapshot of a buffer. Offsets count code points, never LSP units.

Lines end at "\\n", "\\r\\n" or a lone "\\r", as in the Language Server Protocol; form feeds
and other Unicode separators do not end a line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Half-open, in code points: `start <= offset < end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Put `text` where `span` stands. An insertion has an empty span."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    uri: str
    version: int
    text: str
    language: str = "python"
    """The LSP language id."""
    _starts: list[int] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def line_starts(self) -> list[int]:
        """The offset at which each line begins; never empty. Computed once, on first use."""
        if not self._starts:
            starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]
            self._starts.extend(starts)
        return self._starts

    @property
    def newline(self) -> str:
        """The line end this buffer uses: that of its first line, "\\n" where it has none."""
        match = _LINE_END.search(self.text)
        return match.group() if match else "\n"

    def line_span(self, line: int) -> Span:
        """Line `line` (0-based, clamped) without its line end."""
        starts = self.line_starts
        line = min(max(line, 0), len(starts) - 1)
        end = starts[line + 1] if line + 1 < len(starts) else len(self.text)
        stop = end
        while stop > starts[line] and self.text[stop - 1] in "\r\n":
            stop -= 1
        return Span(start=starts[line], end=stop)

    def offset_at(self, line: int, column: int) -> int:
        """0-based line and column (code points) to an offset; past the end is clamped."""
        if line < 0:
            return 0
        if line >= len(self.line_starts):
            return len(self.text)
        span = self.line_span(line)
        return min(span.start + max(column, 0), span.end)

    def position_at(self, offset: int) -> tuple[int, int]:
        """An offset (clamped) to its 0-based line and column in code points."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self.line_starts, offset) - 1
        return line, offset - self.line_starts[line]

    def with_plain_line_ends(self, offset: int) -> tuple[Document, int]:
        """The document with "\\n" alone, which is all the layers below the service know, and
        where `offset` is there."""
        if "\r" not in self.text:
            return self, offset
        if self.text[offset - 1 : offset + 1] == "\r\n":
            offset -= 1
        before, after = map(plain_line_ends, (self.text[:offset], self.text[offset:]))
        plain = Document(
            uri=self.uri, version=self.version, text=before + after, language=self.language
        )
        return plain, len(before)

    def apply(self, edits: Iterable[Edit], *, version: int) -> Document:
        """The document after `edits`, each of which counts in the text the one before it left."""
        text = self.text
        for edit in edits:
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        return Document(uri=self.uri, version=version, text=text, language=self.language)


def plain_line_ends(text: str) -> str:
    """`text` with "\\n" at the end of every line, whatever ended them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
