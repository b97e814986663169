"""A buffer that may be broken, as a syntax tree with a mark where the cursor is.

Owns the repair: what does not parse is cut down, statement by statement, until the rest does.
What was cut is not lost: its identifiers are reported as `loose`, and count as bound anywhere.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace

from tenon.semantics.index import HOLE, children
from tenon.semantics.loose import binding_words, comprehended, words, words_around
from tenon.semantics.outline import Outline, Parsed
from tenon.semantics.scopes import bindings_of, covers

_HALF = re.compile(r"[^\W\d]\w*\Z")
_IMPORT = re.compile(r"\s*(?:from|import)\b")
_HEADER = re.compile(
    r"(?:async[ \t]+)?(if|elif|while|for|with|try|except|finally|else|def|class|match|case)\b"
)
_STUBS = {
    "elif": "elif {}:",
    "else": "else:",
    "try": "try:",
    "except": "except {}:",
    "finally": "finally:",
    "while": "while {}:",
    "for": "while {}:",
    "with": "with {}:",
    "def": "def tenon_stub_(tenon_a_={}, *tenon_b_, **tenon_c_):",
    "class": "class tenon_stub_({}):",
    "match": "match {}:",
    "case": "case _ if {}:",
}
_REPAIRS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffer:
    parsed: Parsed
    hole: ast.AST | None
    """The node that carries the mark; None where it was lost in a cut."""
    marked: frozenset[str]
    """The word with the mark, which is no name."""
    tops: list[ast.stmt]
    """The statements of the module among which the cursor is."""
    line: int
    """The cursor's, as these count their lines."""
    loose: frozenset[str] = frozenset()
    """Identifiers in what had to be cut; those on the cursor's own line apart. Where an import had
    to be cut, all that the buffer holds: what it would bind is hardly ever spoken of but once."""
    ahead: frozenset[str] = frozenset()
    """Those on that line, where it had to be cut, before the cursor; not the one that ends there,
    which the completion may go on with."""
    behind: frozenset[str] = frozenset()
    """And those behind it."""
    held: frozenset[str] = frozenset()
    """Those of `loose` that only other lines of the cursor's own statement hold."""
    binding: frozenset[str] = frozenset()
    """Words of the cursor's line, cut or not, that it holds where it would bind them, one that ends
    at the cursor among them."""
    cut: str = ""
    """What had to be cut."""

    @property
    def bound_above(self) -> frozenset[str]:
        """What the statements of the module that stand before `tops` bind."""
        found: set[str] = set()
        for part in self.parsed.parts:
            if all(piece.body is not self.tops for piece in part.pieces):
                found.update(part.section.bound.names)
                continue
            for piece in part.pieces:
                if piece.body is self.tops:
                    break
                found.update(bindings_of(piece.body, walruses=True).names)
            break
        return frozenset(found)


def read_buffer(prefix: str, suffix: str, outline: Outline) -> Buffer | None:
    """The tree of `prefix + mark + suffix`, repaired where needed; None where nothing helps."""
    buffer = _buffer(prefix, suffix, outline)
    binding = binding_words(prefix.rpartition("\n")[2], suffix.partition("\n")[0])
    return replace(buffer, binding=binding) if buffer is not None and binding else buffer


def _buffer(prefix: str, suffix: str, outline: Outline) -> Buffer | None:
    row = prefix.count("\n")
    whole = _parse(prefix + HOLE + suffix, row, outline)
    if whole is not None:
        if whole.hole is not None:
            return whole
        # The mark fell into a string or a comment.
        plain = _parse(prefix + suffix, row, outline)
        if plain is not None:
            return plain
    lines = (prefix + suffix).split("\n")
    column = len(prefix) - prefix.rfind("\n") - 1
    before, after = lines[row][:column], lines[row][column:]
    if not before.strip():
        # The line is indented by what stands before the cursor, not by what stands behind it.
        lines[row] = before + after.lstrip(" \t")
    extents = _extents(lines, row, column)
    mine = range(min(first for first, _ in extents), _header_end(lines, row, extents) + 1)
    for first, last in extents:
        repaired = _repaired(lines, first, last, row, outline, mine)
        if repaired is not None:
            others = (*lines[first:row], *lines[row + 1 : last + 1])
            around = "\n".join((*lines[first:row], before))
            inner = comprehended(around, "\n".join((after, *lines[row + 1 : last + 1])))
            loose, held = repaired.loose, repaired.held | words_around(others, around)
            held -= inner
            if any(map(_IMPORT.match, repaired.cut.split("\n")[last - first + 1 :])):
                loose |= words((*lines[:row], *lines[row + 1 :]))
            return replace(
                repaired,
                loose=loose | held,
                held=held - loose,
                ahead=words([_HALF.sub("", before)]) - inner,
                behind=words([after]) - inner,
            )
    if row and lines[row - 1].rstrip().endswith((",", "(", "[", "{")):
        # The line holds an element in some bracket.
        repaired = _repaired(lines, row, row, row, outline, mine, mark="")
        if repaired is not None:
            ahead, behind = words([_HALF.sub("", before)]), words([after])
            loose = repaired.loose | repaired.held
            return replace(repaired, loose=loose, held=frozenset(), ahead=ahead, behind=behind)
    return None


def _parse(text: str, row: int, outline: Outline) -> Buffer | None:
    try:
        return _read(outline.parse(text), row, row)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _read(parsed: Parsed, marked: int, row: int) -> Buffer:
    """What was parsed, with the mark on line `marked` and the cursor on line `row` (0-based)."""
    tops, line = parsed.at(marked)
    hole = _find_hole(tops, line)
    return Buffer(
        parsed=parsed,
        hole=hole,
        marked=frozenset({_word(hole)} if hole is not None else ()),
        tops=tops,
        line=getattr(hole, "lineno", line + row - marked),
    )


def _find_hole(tops: list[ast.stmt], line: int) -> ast.AST | None:
    """The node with the mark, which stands on `line`."""
    waiting: list[ast.AST] = [top for top in tops if covers(top, line)]
    while waiting:
        node = waiting.pop()
        if HOLE in _word(node):
            return node
        waiting.extend(child for child in children(node) if covers(child, line))
    return None


def _word(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.alias):
        return node.name
    if isinstance(node, ast.ImportFrom):
        return node.module or ""
    return (node.arg or "") if isinstance(node, ast.arg | ast.keyword) else ""


def _extents(lines: list[str], row: int, column: int) -> list[tuple[int, int]]:
    """Candidate first and last lines of the statement at the cursor, best first."""
    first = row
    depth = 0
    for index in range(row, max(row - 60, -1), -1):
        line = lines[index][:column] if index == row else lines[index]
        code = _without_strings(line)
        depth += sum(code.count(c) for c in ")]}") - sum(code.count(c) for c in "([{")
        if depth < 0:
            first, depth = index, 0
    last = row
    depth = 0
    for index in range(first, min(first + 60, len(lines))):
        code = _without_strings(lines[index])
        depth += sum(code.count(c) for c in "([{") - sum(code.count(c) for c in ")]}")
        if index >= row and depth <= 0 and not lines[index].endswith("\\"):
            last = index
            break
    candidates = [(row, row), (first, last), (first, row), (row, last)]
    return list(dict.fromkeys(candidates))


def _header_end(lines: list[str], row: int, extents: list[tuple[int, int]]) -> int:
    """The last line of the header that the cursor, on line `row`, is in; `row` for no header."""
    last = max(last for _, last in extents)
    ends = (index for index in range(row, last + 1) if _ends_header(lines[index]))
    return next(ends, row)


def _ends_header(line: str) -> bool:
    return _without_strings(line).rstrip().endswith(":")


def _without_strings(line: str) -> str:
    line = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", "''", line)
    return line.partition("#")[0]


def _repaired(
    lines: list[str],
    first: int,
    last: int,
    row: int,
    outline: Outline,
    mine: range,
    *,
    mark: str = HOLE,
) -> Buffer | None:
    """What is left of the buffer without these lines, and as many others as have to be cut; of
    those, `mine` are the statement's own that the cursor is in."""
    lines = list(lines)
    cut: list[str] = []
    rows: list[int] = []
    _cut(lines, first, last, mark, cut)
    own = len(cut)
    for _ in range(_REPAIRS):
        try:
            parsed = outline.parse("\n".join(lines))
        except SyntaxError as error:
            wrong = (error.lineno or 0) - 1
            if not 0 <= wrong < len(lines) or first <= wrong <= last:
                return None
            if lines[wrong].strip() in ("", "pass"):
                return None
            _cut(lines, wrong, wrong, "None", cut)
            rows.append(wrong)
            continue
        except (ValueError, RecursionError, MemoryError):
            return None
        return replace(
            _read(parsed, first, row),
            loose=words(line for line, at in zip(cut[own:], rows, strict=True) if at not in mine),
            held=words(line for line, at in zip(cut[own:], rows, strict=True) if at in mine),
            cut="\n".join(cut),
        )
    return None


def _cut(lines: list[str], first: int, last: int, mark: str, cut: list[str]) -> None:
    """Put a stub with `mark` where lines `first` to `last` stand; line numbers stay."""
    cut.extend(lines[first : last + 1])
    line = lines[first]
    body = line.lstrip(" \t")
    indent = line[: len(line) - len(body)]
    follows = next((other for other in lines[last + 1 : last + 40] if other.strip()), "")
    deeper = len(follows) - len(follows.lstrip(" \t")) > len(indent)
    header = _HEADER.match(body)
    keyword = header.group(1) if header else ""
    above = next((other for other in reversed(lines[:first]) if other.strip()), "")
    if body.startswith("@"):
        stub = f"@{mark}"
    elif above == f"{indent}@{above.strip()[1:]}" and keyword not in ("def", "class"):
        stub = _STUBS["def"].format(mark) + ("" if deeper else " pass")
    elif keyword in ("elif", "else", "except", "finally", "try", "case") or deeper:
        stub = _STUBS.get(keyword, "if {}:").format(mark)
        if not deeper:
            stub += " " + mark
    else:
        stub = mark
    if not body and mark == "None":
        return
    lines[first] = indent + stub
    for index in range(first + 1, last + 1):
        lines[index] = ""
