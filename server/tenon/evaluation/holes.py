"""Where the holes are: pieces cut out of real code, with what the author had written there.

Owns the choice of holes, which is a pure function of the sources and the seed. Knows neither
the service nor how an answer is judged. Boundaries are found by a word pattern rather than by
`tokenize`, so that a seed means the same holes under every version of Python whose `ast`
agrees on where statements are.
"""

from __future__ import annotations

import ast
import random
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tenon.text import Document, Span


class Kind(StrEnum):
    """How much of the code the hole swallows."""

    LINE_END = "line-end"
    """From a place in a line to the end of that line."""
    WITHIN_LINE = "within-line"
    """From a place in a line to a later place in it."""
    STATEMENT = "statement"
    """One simple statement, whole."""
    BLOCK = "block"
    """The body of a compound statement, whole."""


class Place(StrEnum):
    """What the cursor stands next to."""

    BOUNDARY = "boundary"
    """The start or the end of a word or a sign."""
    ANYWHERE = "anywhere"
    """Any character, the middle of a word included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    name: str
    """Identifies the file in the report, and orders the files; "/" between its parts."""
    uri: str
    load: Callable[[], str | None]
    """The text, or None where there is none to be had; called when it is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    source: Source
    kind: Kind
    place: Place
    before: str
    after: str
    expected: str
    """What the author had written between `before` and `after`."""
    intact: tuple[str, str]
    """`before` and `after` without the damage; the same two where the context is unbroken."""

    @property
    def broken(self) -> bool:
        """True where another statement of the file was left half-written."""
        return self.intact != (self.before, self.after)

    @property
    def text(self) -> str:
        """The buffer as the model meets it."""
        return self.before + self.after

    @property
    def position(self) -> tuple[int, int]:
        """1-based line and column of the hole in the author's file."""
        before = Document(uri=self.source.uri, version=0, text=self.intact[0])
        line, column = before.position_at(len(before.text))
        return line + 1, column + 1

    def filled(self, answer: str) -> str:
        """The author's file with `answer` in the hole, undamaged: what an answer is judged by."""
        return self.intact[0] + answer + self.intact[1]


MOST_LINES = 8
MOST_CHARACTERS = 600
"""Statements and blocks beyond these sizes make no holes: nobody expects so much of one answer."""

BROKEN_SHARE = 0.25
"""The share of holes whose file is broken somewhere else."""

DISTANCE = 3
"""Lines between a hole and the damage. Nearer, an unclosed bracket makes the hole its inside."""

_MIX = (
    (Kind.LINE_END, Place.BOUNDARY, 25),
    (Kind.LINE_END, Place.ANYWHERE, 15),
    (Kind.WITHIN_LINE, Place.BOUNDARY, 20),
    (Kind.WITHIN_LINE, Place.ANYWHERE, 10),
    (Kind.STATEMENT, Place.BOUNDARY, 15),
    (Kind.BLOCK, Place.BOUNDARY, 15),
)
_PIECE = re.compile(r"\w+|[^\w\s]|\s+")
_ROUNDS = 4
_ATTEMPTS = 6


def holes(
    sources: Sequence[Source], *, count: int, seed: int, kinds: Sequence[Kind] = tuple(Kind)
) -> Iterator[Hole]:
    """Up to `count` holes, spread evenly over `sources`, file by file; fewer where no more fit.

    Files that do not compile make none, and their share passes on to the others.
    """
    order = sorted(sources, key=lambda source: source.name)
    random.Random(seed).shuffle(order)
    left = count
    seen: set[tuple[str, int, int, bool]] = set()
    for turn in range(_ROUNDS):
        for index, source in enumerate(order):
            share = -(-left // (len(order) - index))
            if not share:
                return
            rng = random.Random(f"{seed}:{turn}:{source.name}")
            for hole in _holes_of(source, share, rng, kinds):
                start = len(hole.intact[0])
                key = (source.name, start, start + len(hole.expected), hole.broken)
                if key not in seen:
                    seen.add(key)
                    left -= 1
                    yield hole


def _holes_of(
    source: Source, count: int, rng: random.Random, kinds: Sequence[Kind]
) -> Iterator[Hole]:
    text = source.load()
    if not text:
        return
    try:
        code = _Code(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    mix = [entry for entry in _MIX if entry[0] in kinds]
    for _ in range(count):
        kind, place, _weight = rng.choices(mix, [weight for *_, weight in mix])[0]
        span = code.span(kind, place, rng)
        if span is None or not text[span.start : span.end].strip():
            continue
        before, after = text[: span.start], text[span.end :]
        damaged = None
        if rng.random() < BROKEN_SHARE:
            damaged = code.damaged(span, rng)
        yield Hole(
            source=source,
            kind=kind,
            place=place,
            before=damaged[0] if damaged else before,
            after=damaged[1] if damaged else after,
            expected=text[span.start : span.end],
            intact=(before, after),
        )


class _Code:
    """One file, parsed once, from which any number of holes is cut."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.document = Document(uri="", version=0, text=text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            # A tree is not yet a program: `return` at module level parses, and compiles not.
            compile(tree, "<hole>", "exec", dont_inherit=True)
        self.lines = [
            span
            for span in map(self.document.line_span, range(len(self.document.line_starts)))
            if text[span.start : span.end].strip()
        ]
        self.statements: list[Span] = []
        self.blocks: list[tuple[Span, int | None]] = []
        """The body, and where the text after the header's colon begins, where that is plain."""
        self._collect(tree)

    def _collect(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt) and not hasattr(node, "body"):
                if not isinstance(node, ast.Match) and self._small(span := self._span([node])):
                    self.statements.append(span)
            if isinstance(node, ast.Module):
                continue
            for name in ("body", "orelse", "finalbody"):
                body = getattr(node, name, None)
                if not isinstance(body, list) or not body:
                    continue
                span = self._span(body)
                if self.text.startswith("elif", span.start) or not self._small(span):
                    continue
                header = len(self.text[: span.start].rstrip())
                self.blocks.append((span, header if self.text[header - 1] == ":" else None))

    def _span(self, nodes: Sequence[ast.stmt]) -> Span:
        first, last = nodes[0], nodes[-1]
        decorators = getattr(first, "decorator_list", [])
        if decorators:
            line = decorators[0].lineno - 1
            start = self.text.index("@", self.document.line_starts[line])
        else:
            start = self._offset(first.lineno, first.col_offset)
        assert last.end_lineno is not None and last.end_col_offset is not None
        return Span(start=start, end=self._offset(last.end_lineno, last.end_col_offset))

    def _offset(self, lineno: int, column: int) -> int:
        """An `ast` position, whose columns count UTF-8 bytes, as an offset."""
        start = self.document.line_starts[lineno - 1]
        line = self.text[start : self.document.line_span(lineno - 1).end]
        if not line.isascii():
            column = len(line.encode()[:column].decode(errors="ignore"))
        return start + column

    def _small(self, span: Span) -> bool:
        piece = self.text[span.start : span.end]
        return len(piece) <= MOST_CHARACTERS and piece.count("\n") < MOST_LINES

    def span(self, kind: Kind, place: Place, rng: random.Random) -> Span | None:
        """A hole of that kind, or None where the file, or the line that was drawn, has none."""
        if kind is Kind.STATEMENT:
            return rng.choice(self.statements) if self.statements else None
        if kind is Kind.BLOCK:
            if not self.blocks:
                return None
            body, header = rng.choice(self.blocks)
            from_header = rng.random() < 0.5
            return Span(start=header, end=body.end) if from_header and header else body
        if not self.lines:
            return None
        line = rng.choice(self.lines)
        text = self.text[line.start : line.end]
        first = len(text) - len(text.lstrip())
        if place is Place.BOUNDARY:
            cuts = [match.start() for match in _PIECE.finditer(text) if match.start() >= first]
        else:
            cuts = list(range(first, len(text)))
        if kind is Kind.LINE_END:
            return Span(start=line.start + rng.choice(cuts), end=line.end)
        if len(cuts) < 2:
            return None
        start, end = sorted(rng.sample(cuts, 2))
        return Span(start=line.start + start, end=line.start + end)

    def damaged(self, hole: Span, rng: random.Random) -> tuple[str, str] | None:
        """What stands round the hole once another statement is left half-written."""
        first = self.document.position_at(hole.start)[0] - DISTANCE
        last = self.document.position_at(hole.end)[0] + DISTANCE
        away = [
            span
            for span in self.statements
            if span.end - span.start > 2
            and (
                self.document.position_at(span.end)[0] < first
                or self.document.position_at(span.start)[0] > last
            )
        ]
        for _ in range(_ATTEMPTS if away else 0):
            victim = rng.choice(away)
            end = min(victim.end, self._end_of_line(victim.start))
            if end - victim.start < 2:
                continue
            half = self.text[victim.start : rng.randrange(victim.start + 1, end)]
            # Half a triple-quoted string swallows the rest of the file: no hole is left then.
            if '"""' in half or "'''" in half:
                continue
            if _parses(self.text[: victim.start] + half + self.text[victim.end :]):
                continue
            if victim.end <= hole.start:
                before = self.text[: victim.start] + half + self.text[victim.end : hole.start]
                return before, self.text[hole.end :]
            after = self.text[hole.end : victim.start] + half + self.text[victim.end :]
            return self.text[: hole.start], after
        return None

    def _end_of_line(self, offset: int) -> int:
        return self.document.line_span(self.document.position_at(offset)[0]).end


def _parses(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
