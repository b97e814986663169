"""Rest: what of the buffer behind a place closes the statement and the brackets open there.

Owns the pairing of open brackets with the closers that follow, also where some were never
written. Knows nothing of the text before the place but its levels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from tenon.syntax.typescript.levels import GOES_ON, Group, Level, outside
from tenon.syntax.typescript.scan import CLOSER, walk

_FAR = 120_000
"""Characters behind the cursor that are read at most."""
_LONG = 1_500
_LONG_EXTRA = 4_000
_LINES = 1_000
"""Lines of one statement that are looked at for its end."""
_BODY = 160
"""Characters from which a body in braces is left out."""

_STRING_REST = {
    '"': re.compile(r'(?:[^"\\\n]|\\[\s\S])*+"'),
    "'": re.compile(r"(?:[^'\\\n]|\\[\s\S])*+'"),
    "/": re.compile(r"(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*+\])*+/[a-z]*"),
    "//": re.compile(r"[^\n]*"),
    "/*": re.compile(r"(?:[^*]|\*(?!/))*+\*/"),
}
_LINE_BREAK = re.compile(r"\n")
_BLANKS = re.compile(r"[ \t]*")
_COMMA = re.compile(r",")
_CAN_END = re.compile(r"(?:[\w$)\]}\"'`!;]|\+\+|--)\Z")


@dataclass(frozen=True, slots=True)
class _Closer:
    sign: str
    start: int
    end: int
    indent: int | None
    """Where it begins its line, that line's indentation."""


@dataclass(slots=True)
class _Segment:
    """What stands between two closers of outer brackets."""

    start: int
    groups: list[Group] = field(default_factory=list)
    semicolons: list[int] = field(default_factory=list)
    closer: _Closer | None = None


def rest(
    suffix: str, levels: list[Level], inside: str, statement: str, heads: list[str]
) -> str:
    """What closes the text before `suffix`, later statements and elements left out.

    `statement` is the one being written, up to the place; `inside` is as in `Before`; `heads`
    has the first sign of each level's statement.
    """
    levels = _less_closed_templates(suffix, levels)
    start = 0
    if inside in _STRING_REST:
        match = _STRING_REST[inside].match(suffix)
        start = match.end() if match else 0
    segments, at_end = _segments(suffix, start, [level.bracket for level in levels[1:]])
    found = [segment.closer for segment in segments if segment.closer is not None]
    extra, pairs = _paired(levels, found, at_end)
    out = [suffix[:start]]
    if extra:
        out.append(suffix[start : found[extra - 1].end])
        segments = segments[extra:]
    index = len(levels) - 1
    for position, segment in enumerate(segments):
        closer = segment.closer
        partner = pairs.get(closer.start) if closer is not None else 0
        if partner is None:
            continue
        first = position == 0 and not extra
        stop = closer.start if closer is not None else len(suffix)
        # Where brackets are left for the completion to close, what follows is the partner's.
        begun = statement if first and partner == index else " " * levels[index].indent + "x"
        if position:
            # Left open far from the place: not the completion's to close.
            out.extend(CLOSER[level.bracket] for level in levels[index:partner:-1])
        decorated = heads[partner] == "@"
        out.append(_kept(suffix, segment, stop, levels[partner], begun, decorated))
        if closer is None:
            return "".join(out)
        out.append(closer.sign)
        index = partner - 1
    return "".join(out) + "".join(CLOSER[level.bracket] for level in levels[index:0:-1] if pairs)


def _less_closed_templates(suffix: str, levels: list[Level]) -> list[Level]:
    """`levels` less a template, and what it holds, that is the completion's to close: it began on
    this line, the line has no end for it, and later templates are whole without it."""
    line = suffix.partition("\n")[0]
    if suffix.count("`", 0, _FAR) % 2:
        return levels
    for index, level in enumerate(levels):
        if level.bracket == "`" and level.this_line and "`" not in line:
            return levels[:index]
    return levels


def _segments(suffix: str, start: int, brackets: list[str]) -> tuple[list[_Segment], bool]:
    """The parts of `suffix` between closers of brackets opened before it; and whether all of it
    was read."""
    text = suffix if len(suffix) <= start + _FAR else suffix[: start + _FAR]
    stack, base = list(brackets), len(brackets)
    segments = [_Segment(start)]
    opened: list[int] = []
    for sign, begin, end in walk(text, start, stack, base):
        if sign == ";":
            if not opened:
                segments[-1].semicolons.append(end)
        elif len(stack) - base > len(opened):
            opened.append(begin)
        elif sign in ("}", ")", "]", "`"):
            if len(stack) >= base:
                if len(opened) > len(stack) - base:
                    group = opened[len(stack) - base]
                    del opened[len(stack) - base :]
                    if not opened:
                        segments[-1].groups.append((group, end))
                    continue
                if opened:
                    continue
            opened.clear()
            base = min(base, len(stack))
            line = suffix.rfind("\n", 0, begin) + 1
            alone = not suffix[line:begin].strip() and line > 0
            closer = _Closer(sign, begin, end, begin - line if alone else None)
            segments[-1].closer = closer
            segments.append(_Segment(end))
    return segments, len(text) == len(suffix)


def _paired(
    levels: list[Level], closers: list[_Closer], at_end: bool
) -> tuple[int, dict[int, int]]:
    """How many closers, from the first, belong to brackets that the completion must open; and
    for each of the others the index of the level it closes, by the closer's offset."""
    if at_end:
        extra, pairs = _from_outside(levels, closers)
        if not extra or closers[extra - 1].end - closers[0].start <= _LONG_EXTRA:
            return extra, pairs
    return 0, _from_inside(levels, closers)


def _from_outside(levels: list[Level], closers: list[_Closer]) -> tuple[int, dict[int, int]]:
    """The last closer is the outermost bracket's, and so on inwards, while they fit."""
    pairs: dict[int, int] = {}
    index, position = 1, len(closers) - 1
    while index < len(levels) and position >= 0:
        level, closer = levels[index], closers[position]
        fits = CLOSER[level.bracket] == closer.sign
        spare = len(levels) - index > position + 1
        if spare and closer.indent not in (None, level.indent) and any(
            CLOSER[inner.bracket] == closer.sign and inner.indent == closer.indent
            for inner in levels[index + 1 :]
        ):
            index += 1
            continue
        if not fits:
            break
        pairs[closer.start] = index
        index, position = index + 1, position - 1
    return position + 1, pairs


def _from_inside(levels: list[Level], closers: list[_Closer]) -> dict[int, int]:
    """The first closer is the innermost bracket's, unless its kind or its indentation says that
    brackets within were left open."""
    pairs: dict[int, int] = {}
    index = len(levels) - 1
    for closer in closers:
        if index == 0:
            break
        fitting = [
            outer for outer in range(index, 0, -1) if CLOSER[levels[outer].bracket] == closer.sign
        ]
        if not fitting:
            continue
        partner = fitting[0]
        if closer.indent is not None and (
            partner != index or closer.indent < levels[partner].indent
        ):
            level_with = [each for each in fitting if levels[each].indent == closer.indent]
            partner = level_with[0] if level_with else partner
        pairs[closer.start] = partner
        index = partner - 1
    return pairs


def _kept(
    suffix: str, segment: _Segment, stop: int, level: Level, statement: str, decorated: bool
) -> str:
    """The rest of the statement or element, later ones left out."""
    start = segment.start
    if level.bracket == "`":
        return suffix[start:stop]
    if level.statements:
        end = _statement_end(suffix, segment, stop, statement, decorated)
    else:
        end = stop
        if level.bracket != "${" and stop - start > _LONG or level.bracket == "{":
            end = _element_end(suffix, segment, stop)
    kept = shortened(suffix, start, end, segment.groups)
    if end < stop and level.statements and not kept.endswith("\n"):
        kept += "\n"
    return kept


def _element_end(suffix: str, segment: _Segment, stop: int) -> int:
    if segment.semicolons:
        return segment.semicolons[0]
    own = outside(suffix, segment.start, stop, segment.groups)
    for match in _COMMA.finditer(own):
        element = own[: match.start()]
        signs = element.replace("=>", "").replace("<=", "").replace(">=", "")
        if element.strip() and signs.count("<") == signs.count(">"):
            return segment.start + match.end()
    return stop


def _statement_end(
    suffix: str, segment: _Segment, stop: int, statement: str, decorated: bool
) -> int:
    start = segment.start
    end = min([*segment.semicolons[:1], stop])
    for opened, closed in segment.groups:
        if closed > end:
            break
        if suffix[closed - 1] == "}" and not GOES_ON.match(suffix, closed):
            end = closed
            break
    if decorated:
        return end
    own = outside(suffix, start, end, segment.groups)
    lead = len(statement) - len(statement.lstrip("\n"))
    text = statement[lead:]
    base = len(text) - len(text.lstrip(" \t")) if text.strip() else None
    for match in islice(_LINE_BREAK.finditer(own), _LINES):
        above = own[max(0, match.start() - _LONG) : match.start()].rstrip()
        done = above or statement.rstrip()
        line = match.end()
        word = _BLANKS.match(own, line).end()
        if own.startswith("\n", word):
            continue
        if word >= len(own) and end == stop:
            return end
        if GOES_ON.match(own, line) and not own.startswith(("(", "[", "{", "`"), word):
            continue
        if not done:
            return start + line
        deeper = base is not None and word - line > base
        if deeper or (above and not _CAN_END.search(above)):
            continue
        if own.startswith("{", word) and not done.endswith((";", "}")):
            continue
        return start + line
    return end


def shortened(text: str, start: int, end: int, groups: list[Group]) -> str:
    """`text[start:end]` with long bodies in braces emptied."""
    out, last = [], start
    for opened, closed in groups:
        if opened >= last and closed <= end and closed - opened > _BODY and text[opened] == "{":
            out.append(text[last:opened] + "{}")
            last = closed
    return "".join(out) + text[last:end]
