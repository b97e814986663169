"""Outline: a buffer's syntax tree put together from pieces that are parsed once.

Owns the cutting of a text into its top-level statements, of long classes into their members, and
of the whole into sections of a few statements each. While an author types, one piece changes and
one section is made anew; the nodes of all the others are the very objects they were, and what was
concluded from them alone stays true (`index.once`, `Section`). Lines are counted from the
beginning of the piece that a node stands in, so that a new line above changes none of them.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tenon.semantics.sections import Section
from tenon.semantics.trees import module_tree
from tenon.syntax.python.scanner import NONE, scan, width_of

_KEPT = 1_000_000
"""Characters of buffers whose pieces are kept; those of the one in use are, however long."""
_SECTION = 4_000
"""Characters of a section; one that has grown to twice as many is parted."""
_LONG_CLASS = 40
"""Lines from which a class is cut into its members."""
_CONTINUES = re.compile(r"(?:else|elif|except|finally)\b|[)\]}]")
_FIRST = re.compile(r"(?:[ \t\f]*(?:#[^\n]*)?\n)*([ \t]*)(\S)")
"""What is neither blank nor a comment, and its indentation."""
_OVERLOAD = re.compile(r"@(?:\w+\.)?overload\b")


@dataclass(frozen=True, slots=True)
class Member:
    """A statement of a long class, with what stands before it."""

    text: str
    lines: int
    row: int
    """Where it begins in the class (0-based)."""
    body: list[ast.stmt]


@dataclass(frozen=True, slots=True)
class Piece:
    """A top-level statement with what stands before it, or overloads of one function."""

    text: str
    lines: int
    """Line ends in `text`."""
    body: list[ast.stmt]
    header: str = ""
    """Of a long class, what stands before its members."""
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the text that ends before a statement: its pieces, and what they say."""

    text: str
    lines: int
    pieces: tuple[Piece, ...]
    section: Section
    closed: bool
    """Whether another statement may follow; False for what breaks off at the end of a text."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A whole text, understood."""

    parts: tuple[Part, ...]

    @property
    def tree(self) -> ast.Module:
        body: list[ast.stmt] = []
        for part in self.parts:
            body.extend(part.section.body)
        return ast.Module(body=body, type_ignores=[])

    @property
    def sections(self) -> tuple[Section, ...]:
        return tuple(part.section for part in self.parts)

    def at(self, row: int) -> tuple[list[ast.stmt], int]:
        """The statements of the piece that reaches over `row` (0-based, in the text), and the
        number of its line there, as its nodes count: from 1."""
        for part in self.parts:
            if row > part.lines or (row == part.lines and part is not self.parts[-1]):
                row -= part.lines
                continue
            for piece in part.pieces:
                if row < piece.lines or piece is part.pieces[-1]:
                    return piece.body, row + 1
                row -= piece.lines
        return [], row + 1


class Outline:
    """The pieces of one buffer, as it was parsed last. For one thread."""

    def __init__(self) -> None:
        self._parts: tuple[Part, ...] = ()

    @property
    def size(self) -> int:
        return sum(len(part.text) for part in self._parts)

    def parse(self, text: str) -> Parsed:
        """Raises `SyntaxError` like `ast.parse`, with the line numbers of `text`."""
        parts = self._parts
        first, start = 0, 0
        while first < len(parts) and text.startswith(parts[first].text, start):
            stop = start + len(parts[first].text)
            if not parts[first].closed and stop < len(text):
                break
            first, start = first + 1, stop
        last, end = len(parts), len(text)
        while last > first and text.endswith(parts[last - 1].text, start, end):
            last -= 1
            end -= len(parts[last].text)
        if start == end and first == last:
            return Parsed(parts)
        if last == first + 1:
            row = sum(part.lines for part in parts[:first])
            grown = _grown(parts[first], text[start:end], row)
            if grown is not None:
                self._parts = (*parts[:first], grown, *parts[last:])
                return Parsed(self._parts)
        if first and not _is_start(text, start, end):
            # What is new belongs to the statement before it.
            first -= 1
            start -= len(parts[first].text)
        texts, closed = _statements(text[start:end])
        while not closed and last < len(parts):
            end += len(parts[last].text)
            last += 1
            texts, closed = _statements(text[start:end])
        old = [piece for part in parts[first:last] for piece in part.pieces]
        row = sum(part.lines for part in parts[:first])
        made = _parts(list(_pieces(texts, old, row)), closed)
        self._parts = (*parts[:first], *made, *parts[last:])
        return Parsed(self._parts)


class Outlines:
    """The outlines of the buffers last parsed, by address. For one thread."""

    def __init__(self) -> None:
        self._by_uri: OrderedDict[str, Outline] = OrderedDict()

    def of(self, uri: str) -> Outline:
        found = self._by_uri.setdefault(uri, Outline())
        self._by_uri.move_to_end(uri)
        while len(self._by_uri) > 1 and self.size > _KEPT:
            self._by_uri.popitem(last=False)
        return found

    def forget(self, uri: str) -> None:
        self._by_uri.pop(uri, None)

    @property
    def size(self) -> int:
        """Characters of all of them."""
        return sum(outline.size for outline in self._by_uri.values())


def _statements(text: str, width: int = 0) -> tuple[list[str], bool]:
    """The text of each piece at `width` columns, and whether a further one could begin behind
    them. Raises `_MisreadError` where a statement stands further out."""
    if not text:
        return [], True
    seen = scan(text, 0, "")
    starts: list[int] = []
    decorated = overloaded = False
    for start, column in zip(seen.starts, seen.widths, strict=True):
        if column > width:
            continue
        if column < width:
            raise _MisreadError
        if width:
            start = _FIRST.match(text, start).start(2)  # type: ignore[union-attr]
        if _CONTINUES.match(text, start):
            continue
        if not decorated and not overloaded:
            starts.append(text.rfind("\n", 0, start) + 1)
        if text.startswith("@", start):
            decorated = True
            overloaded = overloaded or _OVERLOAD.match(text, start) is not None
        elif decorated:
            decorated = False
        else:
            overloaded = False
    closed = not seen.state and not decorated and not overloaded
    closed = closed and text.endswith("\n")
    starts[:1] = [0]
    ends = [*starts[1:], len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)], closed


def _is_start(text: str, start: int, end: int) -> bool:
    """Whether what stands from `start` to `end` begins with a statement of its own."""
    match = _FIRST.match(text, start, end)
    return match is None or not (match.group(1) or _CONTINUES.match(text, match.start(2)))


def _pieces(texts: Iterable[str], old: list[Piece], row: int) -> Iterator[Piece]:
    """Each text parsed, or taken from the `old` pieces; the first begins on line `row`."""
    known: defaultdict[str, list[Piece]] = defaultdict(list)
    for piece in reversed(old):
        known[piece.text].append(piece)
    for text in texts:
        lines = text.count("\n")
        same = known.get(text)
        if same:
            yield same.pop()
        else:
            with _errors_at(row):
                yield _piece(text, lines)
        row += lines


@contextmanager
def _errors_at(row: int, text: str = "") -> Iterator[None]:
    """Say of a syntax error where it is if what is parsed begins on line `row`. What is missing
    at the end of `text` is missed behind it, where something else begins."""
    try:
        yield
    except SyntaxError as error:
        line = error.lineno or 1
        if text:
            line = min(line, text.rstrip().count("\n") + 1)
        error.lineno = line + row
        raise


def _parts(pieces: list[Piece], closed: bool) -> list[Part]:
    """The pieces in parts of about the same size."""
    made: list[Part] = []
    left = sum(len(piece.text) for piece in pieces)
    gathered: list[Piece] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece.text)
        if size >= _SECTION and left - size >= _SECTION:
            made.append(_part(gathered, closed=True))
            left -= size
            gathered, size = [], 0
    if gathered:
        made.append(_part(gathered, closed=closed))
    return made


def _part(pieces: list[Piece], *, closed: bool) -> Part:
    text = "".join(piece.text for piece in pieces)
    body = [statement for piece in pieces for statement in piece.body]
    lines = sum(piece.lines for piece in pieces)
    return Part(text, lines, tuple(pieces), Section(body, text), closed)


def _piece(text: str, lines: int) -> Piece:
    """One statement; a long class from its members."""
    if lines >= _LONG_CLASS and text.startswith(("class ", "@")):
        seen = scan(text, 0, "")
        rows = [row for row, width in enumerate(seen.widths) if width != NONE]
        heads = [row for row in rows if not seen.widths[row]]
        first = next((row for row in rows if seen.widths[row]), None)
        if first is not None and text.startswith("class ", seen.starts[heads[-1]]):
            header, rest = text[: seen.starts[first]], text[seen.starts[first] :]
            made = _class(text, lines, header, (), rest, (), seen.widths[first], closing=False)
            if made is not None:
                return made
    with _errors_at(0, text):
        return Piece(text, lines, _parse(text))


def _class(
    text: str,
    lines: int,
    header: str,
    before: tuple[Member, ...],
    new: str,
    behind: tuple[Member, ...],
    width: int,
    *,
    closing: bool,
) -> Piece | None:
    """A class from its header and members, those in `new` to be parsed; None where it is not so
    simple. `closing` says that something has to follow `new`. Raises `SyntaxError`."""
    row = header.count("\n") + sum(member.lines for member in before)
    made: list[Member] = []
    try:
        texts, closed = _statements(new, width)
        if closing and not closed:
            return None
        for each in texts:
            count = each.count("\n")
            made.append(Member(each, count, row, _parse_member(row, each)))
            row += count
    except _MisreadError:
        return None
    head = _parse(header + " " * width + "pass\n")
    members = (*before, *made, *behind)
    if len(head) != 1 or not isinstance(head[0], ast.ClassDef):
        return None
    body = [statement for member in members for statement in member.body]
    if not body:
        return None
    head[0].body = body
    head[0].end_lineno = body[-1].end_lineno
    return Piece(text, lines, head, header, members)


def _grown(part: Part, text: str, row: int) -> Part | None:
    """The part, on line `row`, that `text` makes of `part`, where nothing but the members of one
    long class have changed in it; None where that cannot be said."""
    first, start = 0, 0
    pieces = part.pieces
    while first < len(pieces) and text.startswith(pieces[first].text, start):
        start += len(pieces[first].text)
        first += 1
    last, end = len(pieces), len(text)
    while last > first and text.endswith(pieces[last - 1].text, start, end):
        last -= 1
        end -= len(pieces[last].text)
    if last != first + 1 or not pieces[first].members:
        return None
    with _errors_at(row + sum(piece.lines for piece in pieces[:first])):
        closing = last < len(pieces) or part.closed
        piece = _regrown(pieces[first], text[start:end], closing=closing)
    if piece is None:
        return None
    return _part([*pieces[:first], piece, *pieces[last:]], closed=part.closed)


def _regrown(piece: Piece, text: str, *, closing: bool) -> Piece | None:
    """The class that `text` makes of `piece`, likewise; `closing` says that other statements may
    have to follow it."""
    if not text.startswith(piece.header) or (closing and not text.endswith("\n")):
        return None
    members, lines = piece.members, text.count("\n")
    first, start = 0, len(piece.header)
    while first < len(members) and text.startswith(members[first].text, start):
        start += len(members[first].text)
        first += 1
    last, end = len(members), len(text)
    # What stands behind counts its lines from the beginning of the class.
    while lines == piece.lines and last > first and text.endswith(
        members[last - 1].text, start, end
    ):
        last -= 1
        end -= len(members[last].text)
    first = max(first - 1, 0)
    start = len(piece.header) + sum(len(member.text) for member in members[:first])
    width = members[0].body[0].col_offset if members[0].body else 0
    new = text[start:end]
    if not new or not _begins(new, width):
        return None
    closing = closing or last < len(members)
    return _class(
        text, lines, piece.header, members[:first], new, members[last:], width, closing=closing
    )


def _begins(text: str, width: int) -> bool:
    """Whether what comes first in `text` is a statement at `width` columns."""
    match = _FIRST.match(text)
    return match is not None and width_of(match.group(1)) == width and not _CONTINUES.match(
        text, match.start(2)
    )


class _MisreadError(Exception):
    """The class is laid out in a way that the cutting does not understand."""


def _parse(text: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return module_tree(text).body


def _parse_member(row: int, text: str) -> list[ast.stmt]:
    """Statements, indented as they are in a class, that begin on line `row` (0-based) of it."""
    # Blank lines are cheap, and put every node where it stands in the class.
    with _errors_at(0, "\n" * row + text):
        block = _parse("\n" * (row - 1) + "if 1:\n" + text)
    if len(block) != 1 or not isinstance(block[0], ast.If):
        raise _MisreadError
    return block[0].body
