"""Tokens of a text that grows: Python's, as far as they can no longer change.

Owns the one tokeniser of this layer. A token is given once no further character can turn it into
another; what stands behind the last such token is left for the next time. Strings are given by
their opening and their end. What they hold is not looked into, save for the replacement fields
of f-strings and t-strings where these are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\f]+|\\\n)
    | (?P<newline>\n)
    | (?P<comment>\#)
    | (?P<string>(?:[rRuUbBfFtT]|[bBfFtT][rR]|[rR][bBfFtT])?(?P<quote>\"\"\"|'''|"|'))
    | (?P<name>[^\W\d](?:\w|[^\x00-\x7f])*)  # marks go on a word, though they are no letters
    | (?P<number>\d[\w.]*(?:(?<=[eE])[+-]\w*)?)
    | (?P<op>:=|->|\*\*=?|//=?|<<=?|>>=?|[=!<>+\-*/%&|^@]=|[^\w\s])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PART = re.compile(r"[0-9A-Za-z_]+")
_GROWS = frozenset(":-*/<>=!+%&|^@")
"""Operators that a further character may turn into another one."""
_STRING_END = {
    quote: re.compile(rf"(?:[^\\{quote[0]}]|\\.|{quote[0]}(?!{quote[0]}{{2}}))*?{quote}", re.DOTALL)
    if len(quote) == 3
    else re.compile(rf"(?:[^\\{quote}\n]|\\.)*?(?:{quote}|\n)", re.DOTALL)
    for quote in ('"', "'", '"""', "'''")
}
_MARK = re.compile(r"""[\\{}"'\n]""")
"""Where a stretch of a formatted string's text may end."""
_CHARACTER_NAME = re.compile(r"\{[A-Za-z0-9 \-]*")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


class Level(NamedTuple):
    """Something that is open in a formatted string: an f-string or a t-string."""

    kind: str
    """"text" of the string, "field", or "spec": the conversion and the format of a field."""
    quote: str
    """The quotes of the string."""
    raw: bool
    brackets: str = ""
    """What is open in a field, outermost first."""


class Scan:
    """Iterate it for the tokens of `text`, each as kind, text, start and end in `text`.

    Kinds: "name", "number", "op", "newline", "string" (its opening), "closed" and "broken" (its
    end, by quotes or by a line break). Afterwards `place` says how far the tokens reach, `quote`
    and `comment` what is open there.

    With `levels` (empty at first) formatted strings are read: "field" and "filled" stand round
    the expression of each field, whose tokens are given as any others. Pythons differ in what a
    field may hold. Where any of them takes a text for something else than the others do, or it is
    malformed, the scan is `lost`: it ends there, whatever follows.
    """

    __slots__ = ("comment", "levels", "lost", "place", "quote", "text")

    def __init__(
        self, text: str, quote: str, *, comment: bool, levels: tuple[Level, ...] | None = None
    ) -> None:
        self.text = text
        self.quote = quote
        self.comment = comment
        self.levels = levels
        self.lost = False
        self.place = 0

    def __iter__(self) -> Iterator[tuple[str, str, int, int]]:
        text, length = self.text, len(self.text)
        while self.place < length and not self.lost:
            place = self.place
            if self.levels and self.levels[-1].kind != "field":
                kind = self._text(self.levels, self.levels[-1])
                if not kind:
                    return
                if kind != "on":
                    yield kind, "", place, self.place
                continue
            if self.quote:
                match = _STRING_END[self.quote].match(text, place)
                if self._differs(text[place : match.end() if match else length]):
                    return
                if match is None:
                    self.place = _safe_cut(text, place, len(self.quote))
                    return
                end = self.place = match.end()
                closed = text[end - 1] != "\n" or len(self.quote) == 3
                self.quote = ""
                if self.levels and not closed:
                    self.lost = True
                    return
                yield "closed" if closed else "broken", "", place, end
                continue
            if self.comment:
                newline = text.find("\n", place)
                self.place = length if newline < 0 else newline
                self.comment = newline < 0
                continue
            match = _TOKEN.match(text, place)
            assert match is not None  # `other` takes any character
            kind, token, end = match.lastgroup or "", match.group(), match.end()
            if end == length and _may_grow(kind, token):
                return
            if kind == "string" and len(match["quote"]) == 1 and text[end:] == match["quote"]:
                return  # an empty string, or the beginning of three quotes
            if self._differs(token) or (self.levels and (token[0] == "\\" or kind == "comment")):
                self.lost = True
                return
            if kind == "string":
                self._string_begins(token, match["quote"])
            elif kind == "op" and self.levels and self._ends_field(self.levels, token):
                self.place = place + 1
                yield "filled", "", place, self.place
                continue
            if self.lost:
                return
            self.place = end
            if kind == "comment":
                self.comment = True
            elif kind != "space" and kind != "other":
                yield kind, token, place, end

    def _string_begins(self, token: str, quote: str) -> None:
        prefix = token[: -len(quote)].lower()
        if self.levels is not None and not {"f", "t"}.isdisjoint(prefix):
            self.levels = (*self.levels, Level("text", quote, "r" in prefix))
        else:
            self.quote = quote

    def _differs(self, text: str) -> bool:
        """Whether `text` holds what ends a string that is open round a field here: for Pythons
        before 3.12 that it does, for the others it may be what the field itself holds."""
        for level in self.levels or ():
            if level.kind != "text" and (
                level.quote[0] in text or (len(level.quote) == 1 and "\n" in text)
            ):
                self.lost = True
        return self.lost

    def _ends_field(self, levels: tuple[Level, ...], token: str) -> bool:
        """Take an operator in a field; whether the field's expression ends before it."""
        level = levels[-1]
        if token in _CLOSERS:
            level = level._replace(brackets=level.brackets + token)
        elif level.brackets:
            if token not in ")]}":
                return False
            self.lost = _CLOSERS[level.brackets[-1]] != token
            level = level._replace(brackets=level.brackets[:-1])
        elif token == "}":
            self.levels = levels[:-1]
            return True
        elif token in (":", ":=", "!"):
            self.levels = (*levels[:-1], level._replace(kind="spec"))
            return True
        else:
            self.lost = token in (")", "]", ";")
            return False
        self.levels = (*levels[:-1], level)
        return False

    def _text(self, levels: tuple[Level, ...], level: Level) -> str:
        """Read on in the text or the format of a formatted string until what it reads changes.

        The kind of what was found, "on" for one that is none, "" where the text does not tell yet.
        """
        text, quote, spec = self.text, level.quote, level.kind == "spec"
        while not self.lost:
            match = _MARK.search(text, self.place)
            if match is None:
                self.place = len(text)
                return ""
            at = self.place = match.start()
            mark, following = match.group(), text[at + 1 : at + 2]
            if self._differs(mark):
                break
            if mark == "}":
                self.place += 1
                if spec:
                    self.levels = levels[:-1]
                    return "on"
            elif mark == "\n":
                self.place += 1
                if len(quote) == 1 and len(levels) == 1:
                    self.levels = ()
                    return "broken"
                self.lost = spec or len(quote) == 1
            elif mark in "\"'":
                if text.startswith(quote, at):
                    self.place += len(quote)
                    self.levels = levels[:-1]
                    return "closed"
                if quote.startswith(text[at:]):
                    return ""
                self.place += 1
            elif not following:
                return ""
            elif mark == "{" and following != "{":
                self.place += 1
                self.levels = (*levels, Level("field", quote, level.raw))
                return "field"
            elif mark == "{" or spec:
                # In a format, doubled braces and escapes are not the same everywhere.
                self.lost = spec
                self.place += 2
            elif not self._escape(level, at + 1):
                return ""
        return ""

    def _escape(self, level: Level, at: int) -> bool:
        """Skip a backslash and what it escapes, `at` and behind it; False where the text does
        not tell yet how far that goes."""
        text = self.text
        if text[at] in "{}":
            self.place = at
            return True
        if text[at] != "N" or level.raw:
            self.place = at + (0 if self._differs(text[at]) else 1)
            return True
        name = _CHARACTER_NAME.match(text, at + 1)
        if name is None:
            if at + 1 < len(text):
                self.place = at + 1
            return at + 1 < len(text)
        if name.end() < len(text):
            self.lost = text[name.end()] != "}"
            self.place = name.end() + 1
        return name.end() < len(text)


def goes_on(tail: str, more: str) -> bool:
    """Whether `more` only makes the word or number longer that `tail`, which is no part of a
    string, has begun: then no token is settled by it. Half of a model's tokens are such."""
    return bool(tail) and _PART.fullmatch(more) is not None and (
        tail[0].isalnum() or tail[0] == "_"
    )


def _may_grow(kind: str, token: str) -> bool:
    """Whether more text could turn this token, the last one, into another."""
    if kind == "op":
        return token in _GROWS or token in ("**", "//", "<<", ">>", "\\")
    if kind == "string":
        return token[-3:] not in ('"""', "'''")
    return kind in ("name", "number")


def _safe_cut(text: str, place: int, quotes: int) -> int:
    """How far an unfinished string may be forgotten: neither its end nor an escape is split."""
    cut = max(place, len(text) - quotes)
    backslashes = 0
    while cut - backslashes > place and text[cut - backslashes - 1] == "\\":
        backslashes += 1
    return cut - backslashes % 2
