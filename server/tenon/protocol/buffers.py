"""Buffers: the open documents as the client has them, kept in step by its edits.

The one source of truth for text. A buffer is a list of lines, so that an edit costs the lines
it touches and not the file; a request takes an immutable `Document` from it. Knows LSP units,
but neither JSON nor the service.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from tenon.protocol.positions import Encoding, to_column, to_units
from tenon.text import Document

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """As the client counts: 0-based line, and character in its own units."""

    line: int
    character: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    start: Position
    end: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    range: Range | None
    """None replaces the whole text."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position in code points, clamped into the buffer."""

    line: int
    column: int


def _split(text: str) -> list[str]:
    """Lines with their ends; the last has none and may be empty."""
    lines = _LINE.findall(text)
    if not lines or lines[-1][-1] in "\r\n":
        lines.append("")
    return lines


def _encodable(text: str) -> str:
    """Half a surrogate pair, which JSON can carry, becomes U+FFFD: as long in every encoding."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


class Buffer:
    """One open document. Changed by the event loop's thread only."""

    __slots__ = ("_encoding", "_lines", "_snapshot", "language", "uri", "version")

    def __init__(
        self, *, uri: str, language: str, version: int, text: str, encoding: Encoding
    ) -> None:
        self.uri = uri
        self.language = language
        self.version = version
        self._encoding = encoding
        self._lines = _split(_encodable(text))
        self._snapshot: Document | None = None

    @property
    def line_count(self) -> int:
        return len(self._lines)

    def line(self, number: int) -> str:
        """Without its end."""
        return self._lines[number].rstrip("\r\n")

    def place(self, position: Position) -> Place:
        """A position past the end of its line is that end; past the last line, the text's end."""
        if position.line < 0:
            return Place(line=0, column=0)
        if position.line >= len(self._lines):
            return Place(line=len(self._lines) - 1, column=len(self._lines[-1]))
        line = self.line(position.line)
        column = to_column(line, position.character, self._encoding)
        return Place(line=position.line, column=column)

    def position(self, place: Place) -> Position:
        units = to_units(self._lines[place.line], place.column, self._encoding)
        return Position(line=place.line, character=units)

    def offset(self, place: Place) -> int:
        return sum(map(len, self._lines[: place.line])) + place.column

    def change(self, change: Change) -> None:
        self._snapshot = None
        text = _encodable(change.text)
        if change.range is None:
            self._lines = _split(text)
            return
        first, last = sorted((change.range.start, change.range.end))
        start, end = self.place(first), self.place(last)
        # One line more on either side: an edit between "\r" and "\n" joins or parts lines.
        top, bottom = max(start.line - 1, 0), min(end.line + 2, len(self._lines))
        before = "".join(self._lines[top : start.line]) + self._lines[start.line][: start.column]
        after = self._lines[end.line][end.column :] + "".join(self._lines[end.line + 1 : bottom])
        lines = _split(before + text + after)
        if bottom < len(self._lines):
            lines.pop()
        self._lines[top:bottom] = lines

    def snapshot(self) -> Document:
        if self._snapshot is None:
            self._snapshot = Document(
                uri=self.uri,
                version=self.version,
                text="".join(self._lines),
                language=self.language,
            )
        return self._snapshot


class Buffers:
    """Open documents by URI, however the client escapes it."""

    def __init__(self) -> None:
        self.encoding = Encoding.UTF16
        self._open: dict[str, Buffer] = {}

    def open(self, *, uri: str, language: str, version: int, text: str) -> None:
        """Opening again replaces the text."""
        self._open[unquote(uri)] = Buffer(
            uri=uri, language=language, version=version, text=text, encoding=self.encoding
        )

    def get(self, uri: str) -> Buffer | None:
        return self._open.get(unquote(uri))

    def close(self, uri: str) -> Buffer | None:
        return self._open.pop(unquote(uri), None)
