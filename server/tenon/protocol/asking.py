"""Asking: from what the client put to what the service is to answer, in the text as it was then.

Taken synchronously when the message arrives, for edits may follow it before the answer begins.
Owns the range an answer replaces: the part of the identifier before the cursor, so that an
answer still applies after more of it was typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tenon.protocol.buffers import Buffer, Buffers, Place
from tenon.protocol.reading import Asked, Selected
from tenon.text import Document, Edit, Span


class Unanswerable(Exception):
    """A request that can have no answer. The message says why, for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request with all that its answer needs."""

    document: Document
    offset: int
    position: dict[str, int]
    """The cursor, as LSP JSON in the client's units."""
    range: dict[str, Any]
    """What the answer replaces, likewise. On one line, and the cursor is its end unless the
    suggest widget replaces text beyond it."""
    typed: str
    """The text from the range's start to the cursor: every answer begins with it."""
    forced: str
    """Text the answer must go on with."""
    invoked: bool
    arrived: float
    """On the server's clock."""


def ask(asked: Asked, buffers: Buffers, *, arrived: float) -> Ask:
    """Raises `Unanswerable`."""
    buffer = buffers.get(asked.uri)
    if buffer is None:
        raise Unanswerable(f"{asked.uri} is not open")
    if not 0 <= asked.position.line < buffer.line_count:
        raise Unanswerable(f"line {asked.position.line} of {asked.uri} does not exist")
    cursor = buffer.place(asked.position)
    document, offset = buffer.snapshot(), buffer.offset(cursor)
    forced = ""
    if asked.selected is None:
        start, end = _word_start(buffer, cursor), cursor
        typed = buffer.line(cursor.line)[start.column : cursor.column]
    else:
        start, end, typed, forced = _selection(buffer, cursor, asked.selected)
        if end != cursor:
            gone = Span(start=offset, end=offset + end.column - cursor.column)
            document = document.apply([Edit(span=gone, text="")], version=document.version)
    return Ask(
        document=document,
        offset=offset,
        position=_json(buffer, cursor),
        range={"start": _json(buffer, start), "end": _json(buffer, end)},
        typed=typed,
        forced=forced,
        invoked=asked.invoked,
        arrived=arrived,
    )


def _word_start(buffer: Buffer, cursor: Place) -> Place:
    line, column = buffer.line(cursor.line), cursor.column
    while column and (line[column - 1].isalnum() or line[column - 1] == "_"):
        column -= 1
    return Place(line=cursor.line, column=column)


def _selection(
    buffer: Buffer, cursor: Place, selected: Selected
) -> tuple[Place, Place, str, str]:
    """Start and end of the range, what is typed of the selected text, and what is not yet."""
    start, end = buffer.place(selected.range.start), buffer.place(selected.range.end)
    if not start.line == cursor.line == end.line or not start.column <= cursor.column <= end.column:
        raise Unanswerable("the selected completion does not stand at the cursor")
    typed = buffer.line(cursor.line)[start.column : cursor.column]
    if not selected.text.startswith(typed):
        raise Unanswerable("the selected completion does not extend what is typed")
    return start, end, typed, selected.text[len(typed) :]


def _json(buffer: Buffer, place: Place) -> dict[str, int]:
    position = buffer.position(place)
    return {"line": position.line, "character": position.character}
