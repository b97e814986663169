"""Levels: the brackets open at a place, and in each where the statement being written begins.

Owns that analysis of what stands before the cursor. Knows nothing of what follows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from tenon.syntax.typescript.scan import GAP, HIDDEN, walk

_STRIDE = 8_000
_LOOK_AHEAD = 1_000
"""Characters behind a place that may have told what was made of it."""

Group = tuple[int, int]
"""The extent of a bracketed part, its brackets included."""

GOES_ON = re.compile(
    rf"{GAP}(?:[.,:?=+*%&|^<>)\](\[`{{-]|/(?![/*])|!=|(?:else|catch|finally|while|from|as|satisfies"
    r"|in|instanceof|is|extends|implements|of)\b)"
)
"""What on a new line goes on with the statement before it."""
_LINE_BREAK = re.compile(r"\n")
_NOT_SPACE = re.compile(r"\S")
_STARTS_LINE = re.compile(r"[ \t]*")
_LINE_SO_FAR = re.compile(r"[ \t]*\Z")
_SPECIFIERS = re.compile(r"\b(?:import|export)\s*(?:type\s*)?(?:[\w$]+\s*,\s*)?\Z")
_FOR = re.compile(r"\bfor\s*(?:await\s*)?\Z")
_BLOCK_BEFORE = re.compile(r"(?:\)|=>|[;{}]|\b(?:else|do|try|finally|static|catch))\Z")
_MEMBERS = re.compile(r"\b(?:class|interface|namespace|module|global|declare)\b[^={(]*\Z")
_LIST_BEFORE = re.compile(
    r"\b(?:return|typeof|in|of|as|extends|import|export|type|const|let|var|default|await|yield"
    r"|keyof|is|satisfies|throw|case|using|readonly|enum\s+[\w$]+)\Z"
)
_CASE = re.compile(r"(?:\b(?:case\b[^;{}]*|default)|(?:^|[;{}\n])\s*[\w$]+)\s*:\Z")
_SWITCH = re.compile(r"\bswitch\s*\Z")
_STATEMENT_WORD = re.compile(
    r"\n[ \t]*(?:(?:const|let|var|return|throw|if|for|while|switch|try|interface|export)\b"
    r"|import\s+[\w{*'\"]|(?:enum|type|namespace)\s+[\w$]+)"
)
_CAN_END = re.compile(r"(?:[\w$)\]}\"'`!;]|\+\+|--)\Z")
_WANTS_MORE = re.compile(
    r"\b(?:return|typeof|in|of|as|extends|import|export|type|const|let|var|default|await|case|new"
    r"|keyof|is|satisfies|throw|else|do|try|finally|void|delete|instanceof|class|interface|enum"
    r"|function|namespace|async|abstract|declare|public|private|protected|readonly|static)\Z"
)


@dataclass(slots=True)
class Level:
    """An open bracket, or the buffer as a whole."""

    bracket: str
    """Empty for the buffer."""
    at: int
    """The offset behind the bracket."""
    indent: int = 0
    """Of the line the bracket stands on."""
    since: int = 0
    """Behind the last place, directly in this level, that surely ends a statement."""
    before: int = 0
    """The place of that kind before it."""
    groups: list[Group] = field(default_factory=list)
    """The bracketed parts directly in this level, from `before` on."""
    statements: bool = True
    """Whether it holds statements or members, rather than a list with commas."""
    switch: bool = False
    this_line: bool = False
    """Whether the bracket stands on the line of the place."""
    soft: bool = False
    """Whether the statement before could still be gone on with."""
    semicolon: int = 0
    """Behind the last one directly in this level; 0 if there is none."""

    def copy(self) -> Level:
        return replace(self, groups=list(self.groups))

    def end_statement(self, place: int) -> None:
        self.before, self.since = self.since, place
        self.groups = [group for group in self.groups if group[0] >= self.before]


@dataclass(slots=True)
class Before:
    """What stands before a place."""

    levels: list[Level]
    """Outermost first; the first is the buffer."""
    inside: str
    """The sign of the string, template, comment or regular expression it stands in, or empty."""
    begun: int
    """Where that begins."""


class Memory:
    """Where the brackets of one buffer stood at some places of it, to go on from."""

    def __init__(self) -> None:
        self._text = ""
        self._places: list[tuple[int, list[Level]]] = []

    def resume(self, text: str) -> tuple[int, list[Level]]:
        """The last place kept up to which `text` is as it was; later ones are forgotten."""
        low, high = 0, min(len(text), len(self._text))
        while low < high:
            middle = (low + high + 1) // 2
            if text.startswith(self._text[low:middle], low):
                low = middle
            else:
                high = middle - 1
        while self._places and self._places[-1][0] + _LOOK_AHEAD > low:
            self._places.pop()
        self._text = text
        if not self._places:
            return 0, [Level("", 0)]
        place, levels = self._places[-1]
        return place, [level.copy() for level in levels]

    def wants(self, place: int) -> bool:
        last = self._places[-1][0] if self._places else 0
        return place >= last + _STRIDE

    def keep(self, place: int, levels: list[Level]) -> None:
        self._places.append((place, [level.copy() for level in levels]))


def before(prefix: str, after: str = "", memory: Memory | None = None) -> Before:
    """The open brackets at the end of `prefix`. `after` is the first of what follows it; `memory`
    is of the same buffer."""
    first, levels = memory.resume(prefix) if memory is not None else (0, [Level("", 0)])
    stack = [level.bracket for level in levels[1:]]
    inside, begun = "", len(prefix)
    end = len(prefix)
    for sign, start, stop in walk(prefix, first, stack):
        top = levels[-1]
        if len(stack) >= len(levels):
            levels.append(Level(sign, stop, since=stop, before=stop))
        elif len(stack) < len(levels) - 1:
            while len(levels) - 1 > len(stack):
                opened = levels.pop().at - 1
            top = levels[-1]
            top.groups.append((opened, stop))
            block = sign == "}" and top.bracket in ("", "{")
            if block and _ends_statement(prefix, opened, stop):
                top.end_statement(stop)
        elif sign == ";":
            head = prefix[max(0, top.at - 21) : top.at - 1]
            if top.bracket in ("(", "[") and not _FOR.search(head):
                while levels[-1].bracket in ("(", "["):
                    levels.pop()
                    stack.pop()
            if levels[-1].bracket in ("", "{"):
                levels[-1].end_statement(stop)
                levels[-1].semicolon = stop
        elif stop >= end and sign not in "})]":
            inside, begun = sign, start
        if memory is not None and memory.wants(stop) and stop < end:
            memory.keep(stop, levels)
    if levels[-1].bracket == "`":
        inside, begun = "`", levels[-1].at - 1
    _drop_abandoned(prefix, levels)
    line_start = prefix.rfind("\n") + 1
    for index, level in enumerate(levels[1:], 1):
        level.this_line = level.at > line_start
        _classify(prefix, level, levels[index - 1])
    ends = [level.at - len(level.bracket) for level in levels[1:]] + [end]
    for level, stop in zip(levels, ends, strict=True):
        if level.statements:
            last = level is levels[-1]
            _end_at_lines(prefix, level, min(stop, begun), after if last and not inside else None)
    return Before(levels, inside, begun)


def _ends_statement(prefix: str, opened: int, after: int) -> bool:
    """Whether the braces from `opened` to `after` surely end a statement."""
    if GOES_ON.match(prefix, after) or _LINE_SO_FAR.match(prefix, after):
        return False
    return not _SPECIFIERS.search(prefix, max(0, opened - 80), opened)


def _drop_abandoned(prefix: str, levels: list[Level]) -> None:
    """Forget parentheses that were left open: a statement begins on a line within them."""
    index = len(levels) - 1
    while index > 0:
        level = levels[index]
        stop = levels[index + 1].at - 1 if index + 1 < len(levels) else len(prefix)
        if level.bracket in ("(", "["):
            own = outside(prefix, level.at, stop, level.groups)
            if _STATEMENT_WORD.search(own):
                outer = levels[index - 1]
                outer.groups.extend(level.groups)
                if outer.bracket in ("", "{"):
                    outer.since = max(outer.since, level.at)
                del levels[index]
        index -= 1


def outside(text: str, start: int, stop: int, groups: list[Group]) -> str:
    """`text[start:stop]` with what is in groups, strings and comments blanked out."""
    out, last = [], start
    for opened, closed in groups:
        if opened >= last and closed <= stop:
            out.append(text[last:opened])
            out.append("(" + "x" * max(closed - opened - 2, 0) + ")")
            last = closed
    out.append(text[last:stop])
    return HIDDEN.sub(_blank, "".join(out))


def _blank(match: re.Match[str]) -> str:
    hidden = match.group()
    filler = " " if hidden[0] == "/" else '"'
    return "".join("\n" if sign == "\n" else filler for sign in hidden)


def indent_at(text: str, position: int) -> int:
    line = text.rfind("\n", 0, position) + 1
    return _STARTS_LINE.match(text, line).end() - line


def _classify(prefix: str, level: Level, outer: Level) -> None:
    opened = level.at - len(level.bracket)
    level.indent = indent_at(prefix, opened)
    if level.bracket != "{":
        level.statements = False
        return
    start = max(outer.since if outer.statements else outer.at, opened - 2000)
    head = outside(prefix, start, opened, outer.groups).rstrip()
    if not head:
        level.statements = outer.statements
    elif _BLOCK_BEFORE.search(head):
        level.statements = True
        # What is in parentheses is blanked out; the word before them stands.
        group = next((g for g in reversed(outer.groups) if g[1] <= opened), None)
        level.switch = head.endswith(")") and group is not None and bool(
            _SWITCH.search(prefix[max(0, group[0] - 20) : group[0]])
        )
    elif head.endswith(":"):
        level.statements = outer.statements and bool(_CASE.search(head))
    elif _LIST_BEFORE.search(head):
        level.statements = False
    else:
        level.statements = bool(re.search(r"[\w$>\])\"']\Z", head)) or bool(_MEMBERS.search(head))


def _end_at_lines(prefix: str, level: Level, stop: int, after: str | None) -> None:
    """Move the statement's beginning behind line breaks that end a statement without a sign.
    `after` is what follows `stop` where that is the place itself."""
    origin = level.since
    own = outside(prefix, origin, stop, level.groups)
    begin, base = 0, None
    for match in _LINE_BREAK.finditer(own):
        done = own[max(begin, match.start() - 200) : match.start()].rstrip()
        if not done:
            continue
        if base is None:
            first = _NOT_SPACE.search(own, begin).start()
            base = indent_at(prefix, origin + first)
        line = match.end()
        word = _STARTS_LINE.match(own, line).end()
        at_end = word >= len(own)
        if own.startswith("\n", word) or (at_end and after is None):
            continue
        if word - line > base or not _CAN_END.search(done) or _WANTS_MORE.search(done):
            continue
        if GOES_ON.match(after or "", 0) if at_end else GOES_ON.match(own, line):
            continue
        level.before, level.since = level.since, origin + line
        level.soft = at_end
        begin, base = line, None
