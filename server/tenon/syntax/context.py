"""What stands at a cursor: its role, the blocks around it, and the frame it must fit.

The types every layer above speaks of; how they are found is the business of the other modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What the text at the cursor is about to be."""

    STATEMENT = "statement"
    """The start of a logical line, or the indent of an empty one."""
    ATTRIBUTE = "attribute"
    """After a dot, the member's name, whole or in part."""
    ARGUMENT = "argument"
    OPERAND = "operand"
    """Elsewhere in an expression."""
    SUBSCRIPT = "subscript"
    RETURN = "return"
    IMPORT = "import"
    ANNOTATION = "annotation"
    DECORATOR = "decorator"
    PARAMETER = "parameter"
    DEFINITION = "definition"
    """The name after `def` or `class`: it is being introduced."""
    STRING = "string"
    COMMENT = "comment"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One compound statement that encloses the cursor, by its header."""

    kind: str
    """The header's keyword: "class", "def", "if", "else", "try", "match", "case" …; "async"
    is folded into what follows it."""
    indent: str
    """The header's own indentation, as the buffer has it."""
    header: str
    """The header's text from its keyword to its colon, on one logical line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A small module that stands in for the buffer around the cursor.

    `opening + completion + closing` parses as a module exactly if `completion` fits the
    buffer: `opening` is the headers of the enclosing blocks, simplified, and then the real
    text of the statement being edited up to the cursor; `closing` is the real rest of that
    statement and then, simplified, whatever the blocks owe or are followed by. Both end
    lines with "\\n" alone. Cost is therefore that of one statement, not of the file.
    """

    opening: str
    closing: str
    indents: tuple[str, ...]
    """The indentation of each nesting depth, outermost first: `indents[0]` is "" and the last is
    that of the deepest block in which text at the cursor can still stand. On an empty line that
    is the block of the line before, or the body that stands below, however little is typed."""
    unit: str
    """What one further level adds in this buffer: four spaces, two, a tab …"""
    statement: int
    """How many characters at the end of `opening` are real text of the edited statement,
    its indentation included."""
    whole: bool = False
    """Whether the frame is the buffer itself, with nothing simplified."""
    sound: bool = True
    """False when the buffer around the cursor could not be understood (it is broken here):
    the frame is a best effort, and grammar may only advise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorContext:
    role: Role
    prefix: str
    """The buffer before the cursor, "\\n" line ends."""
    suffix: str
    """The buffer after it, likewise."""
    enclosing: tuple[Block, ...]
    """Outermost first."""
    frame: Frame | None
    """None where the language has no frames (then a parser judges alone)."""
