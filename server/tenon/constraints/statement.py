"""Statement: the constraint at one cursor as one small grammar, for a model that runs elsewhere.

Owns which rules of `grammars/statement.*` a cursor stands in, and the names they are filled with.
The grammar is a superset of what the domains allow, since whoever gets its answer holds that to
the domains themselves: it is there so that the model elsewhere does not go astray. Of names that
would have to be imported first it holds those that a small grammar has room for.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass
from string import Template
from typing import Literal

from tenon.constraints.grammar import grammar_source
from tenon.semantics.facts import Facts, MemberSet
from tenon.syntax.context import CursorContext
from tenon.syntax.python.scanner import scan

Dialect = Literal["lark", "gbnf"]

_MOST_NAMES = 2000
_HEAL = re.compile(r"\w+$|[ \t]+$")
_WORD = re.compile(r"[^\W\d]\w*")
_RECEIVER = re.compile(r"(?<![\w.)\]}])([^\W\d][\w.]*)\.\s*$")
_INTRODUCES = re.compile(
    r"\b(?:for|lambda|as|import|def|class|case|match|type|global|nonlocal|except|with)\b|:="
)
"""Where the author's part of the statement has one of these, a name may be new anywhere."""
_BINDS = re.compile(r"[^\n=(\[{]*(?<![=!<>])[=:](?!=)")
_NO_TARGET = re.compile(
    r"[=(]|\b(?:return|if|in|not|and|or|assert|raise|await|yield|while|elif|else|del|from)\b"
)
_HEADS = ("async", "case", "class", "def", "except", "for", "from", "global", "import", "match")
_HEADS += ("nonlocal", "type", "with")
_CONDITIONS = ("if", "elif", "while")
_CLOSER = {"(": '")"', "[": '"]"', "{": '"}"'}
_NEVER = "\x01"
"""A text that no model says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A grammar for the text that begins `healed` characters before the cursor."""

    grammar: str
    healed: str
    """The end of the buffer before the cursor, which the text must begin with."""
    forced: str
    """What it must go on with."""


def statement(
    context: CursorContext, facts: Facts, dialect: Dialect, *, forced: str = "", lines: bool = True
) -> Statement | None:
    """The grammar for a cursor in Python; None where no small one can tell what may follow.

    `lines` lets the text go on below its first line.
    """
    frame = context.frame
    if frame is None or not frame.sound:
        return None
    before = frame.opening[len(frame.opening) - frame.statement :] + forced
    here = scan(before, 0, "").state
    rest = scan(frame.closing, 0, "", at_line=False)
    opened = here.rstrip("\\")
    if opened.strip("([{") or len(rest.underflows) > len(opened):
        # In a string, in a comment, or brackets that the text would have to open.
        return None
    if rest.errors != rest.underflows or _WORD.match(frame.closing):
        # The rest begins in the middle of a string or a word, which the text would have to begin.
        return None
    healed = _healed(before[: len(before) - len(forced)])
    partial = _partial(before)
    if partial is None:
        return None
    binds_behind = not opened and _BINDS.match(frame.closing) is not None
    place = _Place(before, partial, opened, opened[: len(rest.underflows)], binds_behind)
    after = frame.closing[: len(frame.closing) if not rest.underflows else rest.underflows[-1]]
    names = _names(facts, before, after)
    start = place.rules(lines=lines and not context.suffix.partition("\n")[0].strip())
    literal = healed + forced
    values = {
        "start": _rule(f"LITERAL {start}" if literal else start, dialect),
        "literal": _terminal([literal or _NEVER], dialect),
        "names": _terminal(names, dialect) if names is not None else _rule("ANY", dialect),
        "rest": _rest(place, names, _members(facts, place), dialect),
        "head_rest": _terminal(_remainders(_HEADS, partial), dialect),
    }
    grammar = Template(grammar_source("statement", dialect)).substitute(values)
    return Statement(grammar=grammar, healed=healed, forced=forced)


def _rule(names: str, dialect: Dialect) -> str:
    """Names of rules, which GBNF spells in small letters and with dashes."""
    return names.lower().replace("_", "-") if dialect == "gbnf" else names


@dataclass(frozen=True, slots=True)
class _Place:
    before: str
    """The author's part of the statement."""
    partial: str
    """The word that the cursor stands behind."""
    opened: str
    """The brackets that are open at the cursor, outermost first."""
    left: str
    """Those of them that what follows the cursor closes."""
    binds_behind: bool
    """What follows the cursor makes what stands before it a target."""

    def rules(self, *, lines: bool) -> str:
        """The rules in a row for what may be said from here on."""
        loose = "any_" if _INTRODUCES.search(self.before) or self.binds_behind else ""
        begun = bool(self.partial) or self.after_dot
        closers = [_CLOSER[bracket] for bracket in reversed(self.opened[len(self.left) :])]
        said: list[str] = []
        if not self.opened:
            said.append(self._line(loose, begun))
        else:
            inside = {("", False): "inner", ("any_", False): "any_items_in"}
            said.append(inside.get((loose, begun), f"{loose}inner_begun"))
            for number, closer in enumerate(closers):
                said.append(closer)
                outside = number + 1 == len(self.opened)
                within = "any_tail_in" if loose else "inner_tail"
                said.append(f"{loose}line_tail" if outside else within)
        if lines and not self.left:
            said.append("more")
        return " ".join(said)

    def _line(self, loose: str, begun: bool) -> str:
        if loose:
            return "any_line_begun" if begun else "any_line"
        said = self.before[: len(self.before) - len(self.partial)].split()
        if len(said) == 1 and said[0] in _CONDITIONS:
            return "condition_begun" if begun else "condition"
        if said:
            return "line_begun" if begun else "line"
        return "statement_begun" if begun else "statement"

    @property
    def after_dot(self) -> bool:
        return self.before[: len(self.before) - len(self.partial)].rstrip().endswith(".")


def _healed(before: str) -> str:
    """The word or the blanks at the end of the line: a model's own tokens would have cut the
    text before them. Indentation alone is as models know it."""
    line = before.rpartition("\n")[2]
    found = _HEAL.search(line) if line.strip() else None
    return found.group() if found else ""


def _partial(before: str) -> str | None:
    """The identifier that the text ends in the middle of; None in the middle of a number."""
    found = re.search(r"\w+$", before)
    if found is None:
        return ""
    return found.group() if found.group().isidentifier() else None


def _names(facts: Facts, before: str, after: str) -> frozenset[str] | None:
    """The names that may be read; None where not all are known."""
    known = facts.names
    if not known.complete:
        return None
    names = {*known.words.names, *_WORD.findall(before + " " + after)}
    for could_be in (known.importable, known.imports.words):
        if len(names) + len(could_be) <= _MOST_NAMES:
            names |= could_be.names
    return frozenset(names) if len(names) <= _MOST_NAMES else None


def _members(facts: Facts, place: _Place) -> MemberSet | None:
    """What stands before the cursor's dot, where all of its members are known and none can be
    new."""
    if not place.after_dot:
        return None
    found = _RECEIVER.search(place.before[: len(place.before) - len(place.partial)])
    known = facts.receiver(found.group(1)) if found else None
    if known is None or not known.complete:
        return None
    return known if known.fixed or _NO_TARGET.search(place.before) else None


def _rest(
    place: _Place, names: Iterable[str] | None, members: MemberSet | None, dialect: Dialect
) -> str:
    """How the word at the cursor may go on."""
    if place.after_dot:
        if members is None or place.partial.startswith("_"):
            return _rule("ANY_REST", dialect)
        known = _terminal(_remainders(members.words.names, place.partial), dialect)
        return known if place.partial else f"{known} | {_rule('PRIVATE', dialect)}"
    if names is None:
        return _rule("ANY_REST", dialect)
    words = {*names, *keyword.kwlist}
    return _terminal(_remainders(words, place.partial), dialect)


def _remainders(words: Iterable[str], partial: str) -> list[str]:
    longer = {word[len(partial) :] for word in words if word.startswith(partial)}
    return sorted(longer - {""}) or [_NEVER]


def _terminal(texts: Iterable[str], dialect: Dialect) -> str:
    """A terminal that is one of `texts`."""
    if dialect == "lark":
        return " | ".join(map(_quoted, sorted(texts)))
    return _tree(sorted(set(texts)))


def _tree(texts: list[str]) -> str:
    """The texts as nested alternatives that share their beginnings: llama.cpp follows every
    alternative that may still be meant, one by one."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(text[:1], []).append(text[1:])
    parts = []
    for first, rest in groups.items():
        if first:
            tails = [tail for tail in rest if tail]
            optional = "?" if len(tails) < len(rest) and tails else ""
            if len(rest) == 1:
                parts.append(_quoted(first + rest[0]))
            else:
                parts.append(f"{_quoted(first)} ({_tree(tails)}){optional}")
    return " | ".join(parts)


def _quoted(text: str) -> str:
    escaped = "".join(_escape(character) for character in text)
    return f'"{escaped}"'


def _escape(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else character
