"""Places in Python text: `<|>` marks the cursor, once."""

from __future__ import annotations

from tenon.syntax.context import CursorContext, Frame
from tenon.syntax.python import PythonSyntax, parses
from tenon.text import Document

SYNTAX = PythonSyntax()


def at(marked: str, syntax: PythonSyntax = SYNTAX) -> CursorContext:
    prefix, cursor, suffix = marked.partition("<|>")
    assert cursor and "<|>" not in suffix, "exactly one cursor"
    document = Document(uri="file:///place.py", version=1, text=prefix + suffix)
    return syntax.context(document, len(prefix))


def frame_at(marked: str) -> Frame:
    frame = at(marked).frame
    assert frame is not None
    return frame


def fits(marked: str, completion: str) -> bool:
    frame = frame_at(marked)
    return parses(frame.opening + completion + frame.closing)
