"""Files on disk as documents: where FILE:LINE:COL points, and what encoding the bytes have.

Raises `BadUse` with one line for a person; knows nothing of the terminal.
"""

from __future__ import annotations

import io
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tenon.text import Document

if TYPE_CHECKING:
    from tenon.semantics.interpreter import Interpreter

LARGEST = 64 * 2**20
"""Bytes. No source file is larger; a device or a log that is would only be waited for."""

_LANGUAGES = {
    ".py": "python",
    ".pyi": "python",
    ".pyw": "python",
    ".json": "json",
    ".jsonc": "jsonc",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "typescriptreact",
}
_AS_UTF_8 = "it was read as UTF-8"
_REPLACED = "what could not be read is shown as \N{REPLACEMENT CHARACTER}"
_ROOT_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")


class BadUse(Exception):
    """What was asked for cannot be done, by the asker's own words: exit status 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place in a file; line and column count from 1, columns in code points."""

    path: Path
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    path: Path
    text: str
    encoding: str
    note: str = ""
    """What had to be done to read it at all, for the reader to know."""

    @property
    def document(self) -> Document:
        return Document(
            uri=self.path.resolve().as_uri(),
            version=1,
            text=self.text,
            language=_LANGUAGES.get(self.path.suffix.lower(), "plaintext"),
        )


def parse_location(text: str) -> Location:
    """FILE:LINE:COL; the file's name may hold colons of its own."""
    path, line, column = text.rsplit(":", 2) if text.count(":") >= 2 else ("", "", "")
    if not path or not line.isdecimal() or not column.isdecimal():
        raise BadUse(f"{text!r} is not FILE:LINE:COL, such as src/app.py:12:5")
    if int(line) < 1 or int(column) < 1:
        raise BadUse(f"lines and columns count from 1, in {text!r}")
    return Location(path=Path(path), line=int(line), column=int(column))


def read(path: Path) -> Source:
    """The file's text, its line ends as they are, a byte order mark taken off.

    Python says its encoding in its first two lines (PEP 263), all else is UTF-8. Bytes that
    do not fit become U+FFFD, and the note says so.
    """
    try:
        if path.is_dir():
            raise BadUse(f"{path} is a directory, not a file")
        if not path.exists():
            raise BadUse(f"{path} does not exist")
        if not path.is_file():
            raise BadUse(f"{path} is not a regular file")
        if path.stat().st_size > LARGEST:
            raise BadUse(f"{path} is larger than {LARGEST // 2**20} MiB")
        data = path.read_bytes()
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else fault
        raise BadUse(f"{path} cannot be read: {reason}") from None
    text, encoding, note = _decoded(data, path)
    return Source(path=path, text=text, encoding=encoding, note=note)


def _decoded(data: bytes, path: Path) -> tuple[str, str, str]:
    """Text, the encoding's name, and what there is to note."""
    encoding, known = "utf-8-sig", True
    if _LANGUAGES.get(path.suffix.lower()) == "python":
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
            b"#".decode(encoding)
        except (SyntaxError, LookupError, UnicodeError):
            # Either the declaration is none that Python knows, or the first lines do not decode.
            encoding, known = "utf-8-sig", False
    name = "UTF-8" if encoding.startswith("utf-8") else encoding
    try:
        unknown = f"{path} declares an encoding that Python does not know; {_AS_UTF_8}"
        return data.decode(encoding), name, "" if known else unknown
    except UnicodeError as fault:
        where = f" at byte {fault.start}" if isinstance(fault, UnicodeDecodeError) else ""
        note = f"{path} is not {name}{where}; {_REPLACED}"
    try:
        return data.decode(encoding, errors="replace"), name, note
    except UnicodeError:
        return data.decode("utf-8", errors="replace"), "UTF-8", note


def offset_of(source: Source, location: Location) -> int:
    """The place as an offset in the text; one past a line's last character is allowed."""
    document = source.document
    lines = len(document.line_starts)
    if location.line > lines:
        raise BadUse(f"{source.path} has {_count(lines, 'line')}, not {location.line}")
    span = document.line_span(location.line - 1)
    length = span.end - span.start
    if location.column > length + 1:
        raise BadUse(
            f"line {location.line} of {source.path} has {_count(length, 'character')}; "
            f"column {location.column} is past its end"
        )
    return span.start + location.column - 1


def root_of(path: Path) -> Path:
    """The folder of the project that the file belongs to, or the file's own."""
    folder = path.resolve() if path.is_dir() else path.resolve().parent
    for candidate in (folder, *folder.parents):
        if any((candidate / mark).exists() for mark in _ROOT_MARKS):
            return candidate
    return folder


def environment(root: Path, chosen: Path | None) -> Interpreter:
    """The one that code in `root` runs in. Raises `BadUse` where `chosen` is none."""
    from tenon.semantics.interpreter import interpreter

    found = interpreter(root, str(chosen.absolute()) if chosen is not None else None)
    if found.fault:
        raise BadUse(found.fault)
    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
