"""StopPolicy: how much text a place asks for. One line, or a body for the header just written.

Owns the decision alone; the decoder asks it at each line break. Knows text, no tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tenon.syntax.context import CursorContext, Role

_LONG_GAP = " " * 12
_NEIGHBOURS = re.compile(
    r"(?:^|(?<=[ \t,;(]))([^\W\d]\w*+)[ \t]++(?=([^\W\d]\w*+)(?:[ \t,.;:]|$))"
)
"""Two words with nothing but blanks between them."""
_UNQUOTED = re.compile(r"[^'\"`#]*+")
KEYWORDS = frozenset(
    "False None True and as assert async await break case class continue def del elif else except"
    " finally for from global if import in is lambda match nonlocal not or pass print raise return"
    " try type while with yield abstract catch const declare default delete do enum export extends"
    " function get implements infer instanceof interface keyof let namespace new of private"
    " protected public readonly satisfies set static super switch this throw typeof var void".split()
)
"""Words that code keeps next to others, in any of the languages."""
_LOOK_AHEAD = 4_000
"""How far behind the cursor, in characters, the next line with text is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPolicy:
    block: bool
    """Whether more than the logical line at the cursor may be offered."""
    next_line: str = ""
    """The first line with text behind the cursor's own, stripped: an answer that arrives at
    it again only repeats the buffer."""
    line: str = ""
    """What stands before the cursor on its line."""
    indent_left: int | None = None
    """On a line without text: how many more blanks may come before its first word."""
    rest_of_line: str = ""
    """What stands behind the cursor on its line, stripped."""
    comment: str = "#"
    """What begins a comment."""
    wants_words: bool = False
    """Whether an answer of signs alone says nothing: as a whole statement it would."""
    max_lines: int = 12

    @classmethod
    def at(cls, context: CursorContext, *, single: bool, comment: str = "#") -> StopPolicy:
        """What the place calls for: a block on an empty line, else what is left of a line."""
        line = context.prefix.rpartition("\n")[2]
        rest, _, after = context.suffix[:_LOOK_AHEAD].partition("\n")
        following = next((text for text in map(str.strip, after.split("\n")) if text), "")
        empty_line = not line.strip() and not rest.strip()
        return cls(
            block=not single and empty_line and context.role is Role.STATEMENT,
            next_line=following,
            line=line,
            indent_left=None if line.strip() else _indent_left(context, line),
            rest_of_line=rest.strip(),
            comment=comment,
            wants_words=_whole_statement(context, line, rest) and comment == "#",
        )

    def says_something(self, text: str) -> bool:
        """Whether `text` is worth showing, if it stands."""
        if not self.wants_words:
            return bool(text.strip())
        return "..." in text or any(each.isalnum() or each == "_" for each in text)

    def wanders(self, text: str) -> bool:
        """Whether `text` goes where nothing comes of it: into ever more blanks, or blank lines
        where a body is due."""
        if self.indent_left is not None:
            blanks = len(text) - len(text.lstrip(" \t"))
            if blanks > self.indent_left:
                return True
        if text.endswith("\n") and text.count("\n") > 1:
            *_, header, blank, _ = text.split("\n")
            if not blank.strip() and (not header.strip() or header.rstrip().endswith(":")):
                return True
        return self._gapes(text)

    def _gapes(self, text: str) -> bool:
        """Whether `text` ends in more blanks than stand between words, or before the first."""
        above, line_break, line = (self.line + text).rpartition("\n")
        if not line_break or line.strip():
            return text.endswith(_LONG_GAP)
        above = above.rpartition("\n")[2]
        deepest = len(above) - len(above.lstrip()) + len(_LONG_GAP)
        if not above.rstrip().endswith(":"):
            # Inside a bracket it may be aligned with anything above.
            deepest = max(deepest, len(above))
        return len(line) > deepest or ("\t" in line and " " in line.lstrip("\t"))

    def comment_begun(self, piece: str, *, owing: bool) -> str | None:
        """`piece` up to where it would begin a comment that has no business here: one that
        swallows the rest of the line, or that puts off what the place is `owing`."""
        rest = self.rest_of_line
        swallows = rest and not rest.startswith(self.comment) and not _is_prose(rest)
        if not (owing or swallows) or self.comment not in piece:
            return None
        return piece[: piece.index(self.comment) + len(self.comment)]

    @property
    def comments_for_prose(self) -> tuple[str, ...]:
        """What makes a comment of the rest of the line, where that is prose."""
        if not _is_prose(self.rest_of_line):
            return ()
        return self.comment, f"{self.comment} ", f"  {self.comment} "

    def ends_at_line_break(self, text: str) -> bool:
        """Whether the answer should end where `text` does, now that a line break is proposed.

        Asked only about texts that could stand: an open bracket or a header without its body
        goes on whatever this says.
        """
        if not self.says_something(text):
            return False
        if text.endswith("\n") or text.count("\n") + 1 >= self.max_lines:
            return True
        first, line_break, rest = text.partition("\n")
        if self.block:
            return False
        # A header has been given a body: let the model finish the body.
        return not (line_break and first.rstrip().endswith((":", "{")) and rest.strip())

    def repeats_buffer(self, text: str) -> bool:
        """Whether the last whole line of `text` is the line that stands behind the cursor."""
        if not self.next_line or not text.endswith("\n"):
            return False
        lines = text.rstrip("\n").split("\n")
        return len(lines) > 1 and lines[-1].strip() == self.next_line


def _whole_statement(context: CursorContext, line: str, rest: str) -> bool:
    """Whether the answer is to be a whole statement: the line is empty, or a header."""
    before = line.strip()
    alone = not rest.strip() and (not before or before.endswith(":"))
    return alone and context.role is Role.STATEMENT


def _is_prose(text: str) -> bool:
    """Whether two words stand side by side that no code keeps so: then `text` is the rest of a
    comment or of a string."""
    unquoted = _UNQUOTED.match(text)
    return unquoted is not None and any(
        not KEYWORDS.intersection(found.group(1, 2))
        for found in _NEIGHBOURS.finditer(unquoted[0])
    )


def _indent_left(context: CursorContext, line: str) -> int | None:
    """How much deeper than `line`, which is blank, the text may begin; None where anything may."""
    if context.role in (Role.STRING, Role.COMMENT) or context.frame is None:
        return None
    if context.role is Role.STATEMENT:
        frame = context.frame
        above = frame.opening.rstrip().rpartition("\n")[2]
        deepest = frame.indents[-1]
        if above.endswith(":"):
            body = len(above) - len(above.lstrip()) + len(frame.unit)
            return max(0, max(body, len(deepest)) - len(line))
        return max(0, len(deepest) - len(line))
    above = context.prefix[-_LOOK_AHEAD:].rstrip().rpartition("\n")[2]
    indent = len(above) - len(above.lstrip())
    return max(0, indent + len(context.frame.unit) - len(line))
