"""Stock: the pieces that one place offers, those of its language and those that stand nearby.

Owns which there are, in which order they are worth trying, and where words would run into each
other. Knows texts alone; how pieces are put together is for `filling.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tenon.decoding.closing import is_word
from tenon.decoding.policy import KEYWORDS, StopPolicy
from tenon.syntax.pieces import Pieces

_LONGEST = 80
"""Characters of a word."""
_NAMES = 6
"""That stand nearby, before the cursor and behind it, or go on with half a word."""
_NEARBY = 2_000
"""Characters to either side of the cursor in which they do."""
_NAME = re.compile(r"(?<![\w.\"'@])[^\W\d]\w*(?![\w\"'])")
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_RECEIVERS = 4
"""Of the names, how many are tried before a word that could be a member."""
_OPENED = 4
"""Ways to open the brackets that are closed behind the cursor."""
_QUOTES = "\"'"
OPENS = {")": "(", "]": "[", "}": "{"}
_STRING_ENDS = (*_QUOTES, *(3 * quote for quote in _QUOTES))
_CLOSES = {opener: closer for closer, opener in OPENS.items()}


@dataclass(frozen=True, kw_only=True)
class Stock:
    before: str
    """The buffer up to the cursor."""
    after: str
    rest: str
    """What follows the cursor for the grammar."""
    pieces: Pieces
    policy: StopPolicy

    @cached_property
    def links(self) -> list[str]:
        """What goes on from something, or begins one that goes on."""
        return [*self.pieces.links, *(f"{name}." for name in self._names)]

    def endings(self, said: str, offered: Iterable[str]) -> Iterator[str]:
        """What may finish the text before the cursor with `said` behind it, brackets apart:
        words of which it has the beginning first, those that are `offered` among them."""
        half = last_word(self.before) if not said else ""
        if half:
            rest = self._begun_behind
            for words in (self._said_nearby, self._words):
                whole = [each for each in words if each[:-1].startswith(half)]
                ends = [each for each in whole if rest and each.endswith(rest)]
                yield from (each[len(half) : -len(rest)] for each in ends[:_NAMES])
                yield from (each[len(half) :] for each in whole[:_NAMES])
        begun = last_word(self.before + said)
        yield from (each[len(begun) :] for each in offered if each.startswith(begun))
        yield ""
        told = [form.format(name) for form in self.pieces.of_names for name in self._names]
        blank = " " if is_word((self.before + said)[-1:]) else ""
        for piece in (*told, *self.pieces.endings):
            yield blank + piece if is_word(piece[0]) else piece

    @cached_property
    def string_ends(self) -> tuple[str, ...]:
        """What may end a string; a part of it may stand behind the cursor."""
        quote = self.after[:1]
        begun = 3 - _run(self.after, quote) if quote and quote in _QUOTES else 0
        return (*([quote * begun] if begun else []), *_STRING_ENDS)

    @cached_property
    def beginnings(self) -> list[str]:
        """What may begin the text behind the cursor."""
        return list(dict.fromkeys(self._begins()))

    def _begins(self) -> Iterator[str]:
        rest = self._begun_behind
        if rest:
            # The word that ends there may be one of these.
            for words in (self._said_nearby, map(str.rstrip, self._words)):
                whole = [each for each in words if each[1:].endswith(rest)]
                yield from (each[: -len(rest)] for each in whole[:_NAMES])
        # Never what opens a string of many lines.
        quotes = [quote for quote in _QUOTES if not self.after.startswith(2 * quote)]
        for opened in self._openers():
            keyed = opened.replace("{", '{"_": ')
            yield from (opened, f"_{opened}", f"{opened}0", keyed)
            yield from (opened + name for name in self._names[:2])
            yield from (text + quote for quote in quotes for text in (opened, keyed))
        yield from quotes
        yield from (*self.pieces.beginnings, *self._names)
        yield from (f"{name}." for name in self._names[:_RECEIVERS])
        yield from self.policy.comments_for_prose

    def apart(self, text: str) -> str:
        """A blank where the last word of `text` would run into that behind the cursor without
        making one that is known."""
        if not (is_word(text[-1:]) and is_word(self.after[:1])):
            return ""
        whole = last_word(self.before + text) + self._begun_behind
        return "" if whole in self._words or whole in self._said_nearby else " "

    @cached_property
    def _begun_behind(self) -> str:
        """The word, or the rest of one, right behind the cursor."""
        found = re.match(r"\w+", self.after[:_LONGEST])
        return found[0] if found is not None else ""

    @cached_property
    def _nearby(self) -> tuple[list[str], list[str]]:
        """Names above and below the cursor, the nearest first, which no language has for its
        own."""
        whole = len(self.before) - len(last_word(self.before))
        above = _NAME.findall(self.before[max(whole - _NEARBY, 0) : whole])
        below = _NAME.findall(self.after[len(self._begun_behind) : _NEARBY])
        return _of_authors(reversed(above)), _of_authors(below)

    @cached_property
    def _names(self) -> list[str]:
        above, below = self._nearby
        return list(dict.fromkeys([*above[:_NAMES], *below[:_NAMES]]))

    @cached_property
    def _said_nearby(self) -> list[str]:
        return [name for names in self._nearby for name in names]

    @cached_property
    def _words(self) -> list[str]:
        """The language's."""
        pieces = self.pieces
        return [*pieces.words, *pieces.endings, *pieces.links]

    def _openers(self) -> list[str]:
        """The brackets that what follows the cursor closes and does not open: on the line, and
        in the statement."""
        texts = (self.after.partition("\n")[0], self.rest[:_NEARBY])
        closed = [_unopened(text, self.policy.comment) for text in texts]
        # The outer ones may be open before the cursor.
        inner = (each[start:] for each in closed for start in range(len(each)))
        return list(dict.fromkeys(inner))[:_OPENED]


def last_word(text: str) -> str:
    """The word at the end of `text`, whole or begun."""
    found = re.search(r"[^\W\d]\w*\Z", text[-_LONGEST:])
    return found[0] if found is not None else ""


def _of_authors(words: Iterable[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word not in KEYWORDS]


def _run(text: str, character: str) -> int:
    """How often `text` begins with `character`, up to three times."""
    return min(len(text) - len(text.lstrip(character)), 3)


def _unopened(text: str, comment: str) -> str:
    """What opens the brackets that `text` closes and does not open, outermost first."""
    opening, left_open = "", ""
    for line in _STRING.sub("", text).split("\n"):
        for character in line.partition(comment)[0]:
            if character in _CLOSES:
                left_open += character
            elif character in OPENS and left_open:
                left_open = left_open[:-1]
            elif character in OPENS:
                opening = OPENS[character] + opening
    return opening
