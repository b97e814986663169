"""Blocks: the compound statements round a place, and each one cut down to what matters.

Works on lines that begin a statement ("rows"): their indentation says what encloses what, their
first word what kind they are. A row is rewritten as the shortest text that leaves the compiler
in the same situation: same keyword, no names, one line.
"""

from __future__ import annotations

import re

from tenon.syntax.context import Block
from tenon.syntax.python.lines import Lines, StateNames
from tenon.syntax.python.scanner import scan

_ROW = re.compile(r"([ \t\f]*+)((?:async[ \t]+)?+(?:[^\W\d]\w*+|@)?+)")

_REST = re.compile(r"[ \t\f]*+[)\]}]")
"""Ends what a broken line above began: no row of its own."""

_HEADER_LENGTH = 500
"""Characters of a header kept for `Block.header`."""

_CHAIN = 50
"""Clauses of one statement looked at; a longer chain repeats itself."""

HEADERS = frozenset("if elif else for while with try except finally def class match case".split())
CLAUSES = frozenset("elif else except finally case".split())

_CAPTURE = re.compile(r"case[ \t]+[^\W\d]\w*+[ \t]*:")

_INLINE_CASE = re.compile(r"case[ \t]+[^\n]*:[ \t]+\S")

_SOFT = re.compile(r"(?:match|case)\b(?![ \t]*(?:[=.,:)\]}]|$))")

_CLOSED = {
    "if": "if 0: pass",
    "elif": "elif 0: pass",
    "else": "else: pass",
    "for": "for _ in 0: pass",
    "while": "while 0: pass",
    "try": "try: pass",
    "except": "except 0: pass",
    "except:": "except: pass",
    "except*": "except* 0: pass",
    "finally": "finally: pass",
    "case": "case 0: pass",
    "case _": "case _: pass",
    "@": "@_",
}
_OPEN = {
    "with": "with 0:",
    "match": "match 0:",
    "class": "class _:",
    "def": "def _():",
    "async def": "async def _():",
}


class Rows:
    """The rows of one table. `kind` is a row's keyword, told apart as far as it matters:
    "except", "except:" (bare), "except*"; "case", "case _" (matches everything); "async def";
    "" for a simple statement."""

    def __init__(self, lines: Lines, names: StateNames) -> None:
        self.lines = lines
        self._names = names

    @property
    def count(self) -> int:
        return len(self.lines.starts)

    def width(self, row: int) -> int:
        return int(self.lines.widths[row])

    def indent(self, row: int) -> str:
        return self.lines.indent(row)

    def kind(self, row: int) -> str:
        text = self.lines.text
        found = _ROW.match(text, self.lines.start(row))
        word = found.group(2)
        if word.startswith(("async ", "async\t")):
            word = word[5:].strip()
            return "async def" if word == "def" else word if word in ("for", "with") else ""
        if word == "@":
            return word
        if word not in HEADERS:
            return ""
        at = found.start(2)
        if word in ("match", "case"):
            if not _SOFT.match(text, at):
                return ""
            if not self.ends_in_colon(row) and not _INLINE_CASE.match(text, at):
                return ""
            if word == "case" and _CAPTURE.match(text, at):
                return "case _"
        if word == "except":
            rest = text[found.end() : found.end() + 40].lstrip(" \t")
            return "except:" if rest[:1] == ":" else "except*" if rest[:1] == "*" else "except"
        return word

    def end(self, row: int) -> int:
        """The offset at which the row's logical line ends, before its newline."""
        lines = self.lines
        stop = lines.start(lines.next_logical(row))
        return stop - 1 if stop and lines.text[stop - 1 : stop] == "\n" else stop

    def code_end(self, row: int) -> int:
        """Just past the row's last character that is neither comment nor space."""
        lines, stop = self.lines, self.end(row)
        text = lines.text
        last = lines.line_at(stop)
        start = max(lines.start(last), lines.start(row))
        if text.find("#", start, stop) >= 0:
            state = self._names.name(int(lines.states[last]))
            part = scan(text, start, state, end=stop, at_line=False)
            if part.comment >= 0:
                stop = part.comment
        while stop > start and text[stop - 1] in " \t\f\\\n":
            stop -= 1
        return stop

    def ends_in_colon(self, row: int) -> bool:
        end = self.code_end(row)
        return self.lines.text[end - 1 : end] == ":"

    def is_open(self, row: int) -> bool:
        """Whether the row is a header whose body begins on a later line."""
        return self.ends_in_colon(row) and self.kind(row) not in ("", "@")

    def is_future(self, row: int) -> bool:
        return self.lines.text.startswith("from __future__", self.lines.start(row))

    def is_string(self, row: int) -> bool:
        start = self.lines.start(row) + len(self.indent(row))
        return self.lines.text[start : start + 3].lstrip("rRuU")[:1] in ("'", '"')

    def path(self, row: int) -> list[int]:
        """`row` and what encloses it, outermost first; nothing for -1."""
        rows: list[int] = []
        while row >= 0:
            width = self.width(row)
            if _REST.match(self.lines.text, self.lines.start(row)):
                row = self.lines.statement_before(row, at_most=width)
                continue
            rows.append(row)
            if width == 0:
                break
            row = self.lines.statement_before(row, at_most=width - 1)
        return rows[::-1]

    def sibling_before(self, row: int) -> int:
        """The row before in the same block, -1 where it is the first."""
        width = self.width(row)
        before = self.lines.statement_before(row, at_most=width)
        return before if before >= 0 and self.width(before) == width else -1

    def sibling_after(self, row: int) -> int:
        """The next row in the same block, -1 where it is the last."""
        width = self.width(row)
        after = self.lines.statement_from(row + 1, at_most=width)
        return after if after < len(self.lines.starts) and self.width(after) == width else -1

    def owed_before(self, row: int) -> tuple[list[str], bool]:
        """The clauses that must stand before the row, in short, and whether they really do."""
        kind = self.kind(row)
        if kind not in ("else", "except", "except:", "except*", "finally"):
            return [], True
        before = self.sibling_before(row)
        last, kind = kind, self.kind(before) if before >= 0 else ""
        if last == "finally":
            return ["try: pass"], kind in ("try", "except", "except:", "except*", "else")
        if last != "else":
            return ["try: pass"], kind in ("try", "except", "except*")
        if kind in ("for", "while"):
            return [_CLOSED[kind]], True
        if kind in ("except", "except:", "except*"):
            return ["try: pass", _CLOSED[kind]], True
        return ["if 0: pass"], kind in ("if", "elif")

    def opened(self, row: int, names: list[str]) -> tuple[list[str], bool]:
        """The row as a header that waits for its body, after what it owes; `names` are what a
        function binds."""
        kind = self.kind(row)
        owed, sound = self.owed_before(row)
        if kind == "elif":
            return ["if 0:"], True
        if kind.endswith("def") and names:
            return [f"{kind} _({', '.join(names)}):"], sound
        if kind in _OPEN:
            return [_OPEN[kind]], sound
        if kind in _CLOSED and kind != "@":
            return [*owed, _CLOSED[kind].removesuffix(" pass")], sound
        return ["if 0:"], False

    def closed(self, row: int) -> list[str]:
        """The row as a whole statement, with the clauses before it."""
        kind = self.kind(row)
        if kind == "elif":
            return ["if 0: pass"]
        if kind in _CLOSED:
            return [*self.owed_before(row)[0], _CLOSED[kind]]
        return ["pass"]

    def clauses_from(self, row: int) -> list[int]:
        """`row`, a clause, and the clauses of the same statement after it."""
        found = [row]
        while len(found) < _CHAIN:
            row = self.sibling_after(row)
            if row < 0 or not self.is_clause(row):
                break
            found.append(row)
        return found

    def is_clause(self, row: int) -> bool:
        return self.kind(row).rstrip(":*_ ") in CLAUSES

    def clause(self, row: int, body: str) -> str:
        """The clause in one line, in short, over `body`."""
        return _CLOSED[self.kind(row)].removesuffix("pass") + body

    def block(self, row: int) -> Block:
        kind = self.kind(row)
        word = kind.removeprefix("async ").rstrip(":*_ ") or "if"
        lines = self.lines
        start = lines.start(row) + len(self.indent(row))
        end = min(self.code_end(row), start + _HEADER_LENGTH)
        return Block(
            kind=word, indent=self.indent(row), header=" ".join(lines.text[start:end].split())
        )
