"""StopPolicy: how much text a place asks for. One line, or a body for the header just written.

Owns the decision alone; the decoder asks it at each line break. Knows text, no tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenon.syntax.context import CursorContext, Role

_LONG_GAP = " " * 12
_LOOK_AHEAD = 4_000
"""How far behind the cursor, in characters, the next line with text is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPolicy:
    block: bool
    """Whether more than the logical line at the cursor may be offered."""
    next_line: str = ""
    """The first line with text behind the cursor's own, stripped: an answer that arrives at
    it again only repeats the buffer."""
    indent_left: int | None = None
    """On a line without text: how many more blanks may come before its first word."""
    rest_of_line: str = ""
    """What stands behind the cursor on its line, stripped."""
    comment: str = "#"
    """What begins a comment."""
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
            indent_left=None if line.strip() else _indent_left(context, line),
            rest_of_line=rest.strip(),
            comment=comment,
        )

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
        return text.endswith(_LONG_GAP)

    def comment_begun(self, piece: str, *, owing: bool) -> str | None:
        """`piece` up to where it would begin a comment that has no business here: one that
        swallows the rest of the line, or that puts off what the place is `owing`."""
        swallows = self.rest_of_line and not self.rest_of_line.startswith(self.comment)
        if not (owing or swallows) or self.comment not in piece:
            return None
        return piece[: piece.index(self.comment) + len(self.comment)]

    def ends_at_line_break(self, text: str) -> bool:
        """Whether the answer should end where `text` does, now that a line break is proposed.

        Asked only about texts that could stand: an open bracket or a header without its body
        goes on whatever this says.
        """
        if not text.strip():
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
