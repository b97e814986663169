"""Imports: where in a file an import that it lacks belongs, and how that file would write it.

Owns the edit: into an import of the same module, or as a line of its own among the file's first
imports, in the order, the grouping and the wrapping that are there already. Reads text alone,
which may be broken further down; what the file binds by now is not imported again.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from tenon.semantics.facts import Import
from tenon.syntax.python.statements import Statement, bound_by, statements_of
from tenon.text import Document, Edit, Span

_MODULE = re.compile(r"\.+|\.*[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_DOCSTRING = re.compile(r"[rRuU]?[\"']")
_SHEBANG = re.compile(r"#!|#[^\n]*coding[:=]")
_WIDEST, _NARROWEST = 120, 88
"""Columns an import may take: those that the file itself takes, within reason."""
_FIELDS = {field.name for field in fields(Import)}
_RANKS = {"standard": 0, "installed": 1, "workspace": 2}

Key = Callable[[Statement], Any]


def import_edits(document: Document, imports: Iterable[Import]) -> tuple[Edit, ...]:
    """What gives `document` the imports that it lacks: one edit of whole lines, or none."""
    text = document.text.replace("\r\n", "\n").replace("\r", "\n")
    changed = with_imports(text, imports)
    old, new = _LINE.findall(text), _LINE.findall(changed)
    if old == new:
        return ()
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    same = 0
    while same < min(len(old), len(new)) - first and old[-1 - same] == new[-1 - same]:
        same += 1
    starts = (*document.line_starts, len(document.text))
    span = Span(start=starts[first], end=starts[min(len(old) - same, len(starts) - 1)])
    added = "".join(new[first : len(new) - same])
    return (Edit(span=span, text=added.replace("\n", document.newline)),)


def imports_from(values: Iterable[Mapping[str, str]]) -> tuple[Import, ...]:
    """Imports from the fields they had on their way through a client. Raises `ValueError`."""
    found = []
    for value in values:
        names = (value.get("name", ""), value.get("alias", ""))
        if (
            set(value) - _FIELDS
            or not _MODULE.fullmatch(value.get("module", ""))
            or not all(not name or name.isidentifier() for name in names)
            or value.get("origin", "installed") not in _RANKS
        ):
            raise ValueError(f"not an import: {dict(value)!r:.200}")
        found.append(Import(**value))
    return tuple(found)


def with_imports(text: str, imports: Iterable[Import]) -> str:
    """`text` ("\\n" line ends) with the imports that it lacks."""
    for wanted in imports:
        statements = statements_of(text)
        if wanted.binds not in bound_by(statements) or _is_submodule(wanted, statements):
            text = _with_import(text, statements, wanted)
    return text


def _with_import(text: str, statements: Sequence[Statement], wanted: Import) -> str:
    run = _first_run(statements)
    if wanted.name:
        for statement in run:
            if statement.is_from and statement.module == wanted.module and statement.items:
                return _extended(text, statement, wanted)
    if not run:
        return _opened(text, statements, wanted.statement + "\n")
    groups = _groups(text, run)
    rank = _rank_of(wanted)
    group = _home_group(groups, wanted)
    if group is not None:
        return _among(text, group, wanted)
    before = [each for each in groups if max(_rank(one, wanted) for one in each) < rank]
    if before:
        at = before[-1][-1].end
        ended = "" if text[:at].endswith("\n") else "\n"
        return f"{text[:at]}{ended}\n{wanted.statement}\n{text[at:]}"
    at = _with_comments(text, groups[0][0].start)
    return f"{text[:at]}{wanted.statement}\n\n{text[at:]}"


def _is_submodule(wanted: Import, statements: Iterable[Statement]) -> bool:
    """Whether a module inside a package is wanted, of which only others are imported."""
    if wanted.name or wanted.alias or "." not in wanted.module:
        return False
    return not any(item.name == wanted.module for each in statements for item in each.items)


def _first_run(statements: Sequence[Statement]) -> list[Statement]:
    """The file's first imports, one after another; none where a definition stands before."""
    run: list[Statement] = []
    for each in statements:
        if each.is_import and not each.nested:
            if not each.is_future:
                run.append(each)
        elif run or re.match(r"(?:async\s|def|class|@)", each.code):
            break
    return run


def _groups(text: str, run: Sequence[Statement]) -> list[list[Statement]]:
    """Parted by empty lines."""
    groups = [[run[0]]]
    for before, after in zip(run, run[1:], strict=False):
        if "\n\n" in "\n" + text[before.end : after.start]:
            groups.append([])
        groups[-1].append(after)
    return groups


# Where it belongs.


def _top(module: str) -> str:
    return module.partition(".")[0]


def _rank(statement: Statement, wanted: Import) -> int:
    """Which kind of module: the standard library's, another's, the workspace's, relative."""
    if statement.module.startswith("."):
        return 3
    if _top(statement.module) in sys.stdlib_module_names:
        return 0
    return _rank_of(wanted) if _top(statement.module) == _top(wanted.module) else 1


def _rank_of(wanted: Import) -> int:
    return 3 if wanted.module.startswith(".") else _RANKS[wanted.origin]


def _home_group(groups: list[list[Statement]], wanted: Import) -> list[Statement] | None:
    """The group with most of the import's kind; one group of several kinds takes all."""
    rank = _rank_of(wanted)
    alike = [sum(_rank(each, wanted) == rank for each in group) for group in groups]
    if any(alike):
        return groups[alike.index(max(alike))]
    mixed = len({_rank(each, wanted) for each in groups[0]}) > 1
    return groups[0] if len(groups) == 1 and mixed else None


def _among(text: str, group: Sequence[Statement], wanted: Import) -> str:
    """As a line of its own in the order that the group keeps; at the end where it keeps none."""
    new = Statement(
        start=0, end=0, code="", nested=False, module=wanted.module, is_from=bool(wanted.name)
    )
    orders: tuple[Key, ...] = (
        lambda each: (_rank(each, wanted), each.is_from, each.module.lower()),
        lambda each: (_rank(each, wanted), each.module.lower(), each.is_from),
        lambda each: (each.is_from, each.module.lower()),
        lambda each: (each.module.lower(), each.is_from),
        lambda each: (len(text[each.start : each.end].rstrip()), each.module),
    )
    place = len(group)
    for order in orders:
        keys = [order(each) for each in group]
        if keys == sorted(keys) and order is not orders[-1]:
            place = bisect_right(keys, order(new))
            break
    else:
        alike = [index for index, each in enumerate(group) if each.is_from == new.is_from]
        if alike:
            place = alike[-1] + 1
    line = wanted.statement + "\n"
    if place == len(group):
        at = group[-1].end
        if not text[:at].endswith("\n"):
            line = "\n" + wanted.statement
    else:
        at = group[place].start
        if place:
            at = max(_with_comments(text, at), group[place - 1].end)
    return text[:at] + line + text[at:]


def _with_comments(text: str, at: int) -> int:
    """Where the comment lines right above the line at `at` begin."""
    while at:
        above = text.rfind("\n", 0, at - 1) + 1
        if not text.startswith("#", above) or _SHEBANG.match(text, above):
            break
        at = above
    return at


def _opened(text: str, statements: Sequence[Statement], line: str) -> str:
    """The file's first import: behind its docstring and what it has from `__future__`."""
    at = 0
    for index, each in enumerate(statements):
        docstring = not index and _DOCSTRING.match(each.code) is not None
        if not docstring and not each.is_future:
            break
        at = each.end
    if at:
        if not text[:at].endswith("\n"):
            return f"{text}\n\n{line}"
        rest = text[at:]
        parted = "" if not rest or rest.startswith("\n") else "\n"
        return f"{text[:at]}\n{line}{parted}{rest}"
    at = 1 if text.startswith("\ufeff") else 0
    begun = at
    lines = re.compile(r"#[^\n]*\n")
    while (match := lines.match(text, at)) is not None:
        at = match.end()
    if not text.startswith("\n", at):
        # The comments belong to the code: only what must come first stays first.
        at = begun
        while (match := lines.match(text, at)) is not None and _SHEBANG.match(text, at):
            at = match.end()
    else:
        at += 1
    rest = text[at:].lstrip("\n")
    wanted = 2 if re.match(r"(?:async\s|def\b|class\b|@)", rest) else 1
    present = len(text[at:]) - len(rest)
    return text[:at] + line + "\n" * (max(wanted - present, 0) if rest else 0) + text[at:]


# How it is written.


def _by_type(name: str) -> tuple[int, str]:
    """As import sorters do by default: constants, classes, the rest."""
    if name.isupper() and len(name) > 1:
        return (0, name)
    return (1 if name[:1].isupper() else 2, name)


def _extended(text: str, statement: Statement, wanted: Import) -> str:
    """The statement with one name more, in its order and its manner of wrapping."""
    entry = wanted.name + (f" as {wanted.alias}" if wanted.alias else "")
    items = statement.items
    place = len(items)
    for order in (_by_type, str, str.lower):
        keys = [order(item.name) for item in items]
        if keys == sorted(keys):
            place = bisect_right(keys, order(wanted.name))
            break
    first, last = items[0], items[-1]
    if "\n" in text[statement.start : last.end]:
        return _in_lines(text, statement, entry, place)
    at = items[place].start if place < len(items) else last.end
    piece = f"{entry}, " if place < len(items) else f", {entry}"
    longer = text[:at] + piece + text[at:]
    line = text[statement.start : statement.end].rstrip("\n")
    bare = line.rstrip() == text[statement.start : last.end]
    if not bare or len(line) + len(piece) <= _columns(text):
        return longer
    entries = [text[item.start : item.end] for item in items]
    entries.insert(place, entry)
    unit = "\t" if re.search(r"^\t", text, re.M) else "    "
    body = "".join(f"{unit}{each},\n" for each in entries)
    wrapped = f"{text[statement.start : first.start]}(\n{body})"
    return text[: statement.start] + wrapped + text[last.end :]


def _in_lines(text: str, statement: Statement, entry: str, place: int) -> str:
    items = statement.items
    near = items[min(place, len(items) - 1)]
    line = text.rfind("\n", 0, near.start) + 1
    stop = text.find("\n", near.end)
    stop = len(text) if stop < 0 else stop
    gaps = (text[one.end : two.start] for one, two in zip(items, items[1:], strict=False))
    one_a_line = "(" in statement.code and all("\n" in gap for gap in gaps)
    if not one_a_line or not text[line : near.start].isspace():
        at = near.start if place < len(items) else near.end
        piece = f"{entry}, " if place < len(items) else f", {entry}"
        return text[:at] + piece + text[at:]
    indent = text[line : near.start]
    if place < len(items):
        return f"{text[:line]}{indent}{entry},\n{text[line:]}"
    code = statement.code[near.end - statement.start :].lstrip()
    if code.startswith(","):
        return f"{text[:stop]}\n{indent}{entry},{text[stop:]}"
    return f"{text[: near.end]},{text[near.end : stop]}\n{indent}{entry}{text[stop:]}"


def _columns(text: str) -> int:
    widest = max((len(line) for line in text.split("\n")), default=0)
    return min(max(widest, _NARROWEST), _WIDEST)
