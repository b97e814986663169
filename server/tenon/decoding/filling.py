"""Filling: the shortest text that fits, put together from pieces, where no model's words do.

The last of three searches: the token loop follows the model, bridging the several ways it thinks
likely, and here the grammar leads. A few signs, words that code is made of and names that stand
nearby are put behind what has been said, or behind nothing, the fewest first. Owns the pieces and
the order in which they are tried; what may stand is for others to say, and knows no language: a
piece that is none of the language's own is refused by its grammar.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tenon.decoding.closing import cuts_a_word, is_word
from tenon.decoding.judging import Judging
from tenon.decoding.matcher import Matcher
from tenon.decoding.policy import KEYWORDS
from tenon.decoding.said import Said
from tenon.text import CancelToken, Deadline

_DEPTH = 5
"""Pieces put one behind another, at most."""
_WIDTH = 20
"""Texts of as many pieces that are followed further."""
_ALIKE = 3
"""Of those, how many may end alike and reach equally far into what follows the cursor."""
_NEAR = 40
"""Tokens of what follows that are tried before the rest of it is, which may be long."""
_FOUND = 6
"""Texts that are enough to choose from."""
_BEGINNINGS = 3
"""How many short beginnings of what has been said are tried, besides the whole."""
_LONGEST = 80
"""Characters of such a beginning."""
_NAMES = 12
"""Names that stand nearby, before the cursor and behind it."""
_NEARBY = 2_000
"""Characters to either side of the cursor in which they do."""
_NAME = re.compile(r"(?<![\w.\"'@])[^\W\d]\w*(?![\w\"'])")
_OPENS = {")": "(", "]": "[", "}": "{"}
_CLOSES = {opener: closer for closer, opener in _OPENS.items()}
_SIGNS = (
    *(")", "]", "}", '"', "'", '"""', "'''", "):", "]:", "}:", ":", ",", ";"),
    *("(", "[", "{", "()", "[]", "{}", '""', "''", "=", ".", "*", "**", "@", " "),
)
_WORDS = (
    *("pass", "0", "None", "null", "_", "if ", "elif ", "else", "for _ in ", "while ", "with "),
    *("except", "finally", "try", "case _", "def _", "class _", "import ", "from ", "lambda"),
    *("return", "yield", "await ", "async ", "not ", "raise", "del ", "global ", "const _ = "),
    *("function _", "as _", "in ", "import _", "match ", "type _ = ", "__name__ == '"),
)
_PHRASES = (
    *(" = 0", " = ", ": pass", "(self)", "(self):", "():", " _ in ():", " _ in ()", " _ in "),
    *("if 0:", "else:", "elif 0:", "while 0:", "for _ in ():", "try:", "except:", "finally:"),
    *("except: pass", "case _:", "case _: pass", "def _():", "def _(): pass", "class _:"),
    *(" import ", ". import ", " else ", " if ", " or ", ".0", ": 0", "def _(", "_.", "((", ", "),
    *("(0)", "0)", ", 0", ", 0)", "), 0", "), 0)", "=0", "_(", "_()", "_(0"),
    *(" = [", " = (", " = {", " in ", " as "),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    text: str
    tokens: tuple[int, ...]
    """What spells it, from the cursor on."""


@dataclass(frozen=True, slots=True)
class Filling:
    said: Said
    judging: Judging
    before: str
    """The buffer up to the cursor."""
    after: str
    deadline: Deadline
    cancel: CancelToken

    def search(self) -> list[str]:
        """Texts that could stand, of the fewest pieces that make one; a few of them, or none."""
        matcher = self.said.start()
        if matcher is None:
            return []
        pieces = list(self._pieces())
        texts = list(self._beginnings(matcher))
        found: list[str] = []
        for _ in range(_DEPTH):
            longer: list[tuple[int, _Text]] = []
            for text in texts:
                self.cancel.check()
                if self.deadline.passed:
                    return found
                for fits, reach, each in self._with_pieces(matcher, text, pieces):
                    if fits and len(found) < _FOUND and self._stands(each.text):
                        found.append(each.text)
                    longer.append((reach, each))
            if found:
                return found
            texts = list(self._alive(longer))
        return found

    def _beginnings(self, matcher: Matcher) -> Iterator[_Text]:
        """What has been said: its first line, the first words of that, and nothing."""
        said, forced = self.said.text, self.said.hole.forced
        line = said.partition("\n")[0][:_LONGEST] if said.startswith(forced) else ""
        ends = [end for end in range(len(line), len(forced), -1) if not cuts_a_word(line, end)]
        for end in dict.fromkeys([*ends[:1], *ends[-_BEGINNINGS:], len(forced)]):
            beginning = (line or forced)[:end]
            tokens = self.said.vocabulary.tokens(beginning) if beginning else []
            fits = matcher.longest_valid(tokens) == len(tokens)
            if fits and self.judging.refusal(beginning) is None:
                yield _Text(text=beginning, tokens=tuple(tokens))

    def _pieces(self) -> Iterator[str]:
        _, open_before = _unmatched(self.before.rpartition("\n")[2])
        closing = "".join(_CLOSES[opener] for opener in reversed(open_before))
        # The outermost may be closed behind the cursor.
        for closed in filter(None, (closing, closing[:-1])):
            yield from (before + closed for before in ("", "'", '"', "0"))
            yield closed + ":"
        closed_behind, _ = _unmatched(self.after.partition("\n")[0])
        opening = "".join(_OPENS[closer] for closer in reversed(closed_behind))
        # And opened before it.
        for opened in filter(None, (opening, opening[1:])):
            keyed = opened.replace("{", '{"_": ')
            yield from (opened, "_" + opened, *(opened + quote for quote in "'\""))
            yield from (keyed + '"', '"_": ' + keyed + '"')
            yield from (before + opened + "0" for before in ("", "_", "for _ in ", "_ = "))
            yield from (before + opened for before in ("if ", "for _ in ", "_ = "))
        yield from _SIGNS
        yield from _PHRASES
        yield from _WORDS
        whole = len(self.before) - len(_last_word(self.before))
        above = _NAME.findall(self.before[max(whole - _NEARBY, 0) : whole])
        below = _NAME.findall(self.after[:_NEARBY])
        for name in dict.fromkeys([*_names(reversed(above)), *_names(below)]):
            yield from (name, f"{name} = 0", f"{name}.", f"_({name}.")
            yield f"{name} in (){closing}"

    def _with_pieces(
        self, matcher: Matcher, text: _Text, pieces: Sequence[str]
    ) -> Iterator[tuple[bool, int, _Text]]:
        """`text` with each of the `pieces` that may come next: whether what follows the cursor
        closes it then, how much of that fits at least, and the text."""
        vocabulary = self.said.vocabulary
        closing = [*self.said.hole.closing, vocabulary.end]
        for token in text.tokens:
            matcher.accept(token)
        for piece in self._joined(text.text, pieces):
            spelled = vocabulary.tokens(piece)
            near = spelled + closing[:_NEAR]
            valid = matcher.longest_valid(near)
            if valid == len(near):
                valid = matcher.longest_valid(spelled + closing)
            if valid >= len(spelled):
                yield (
                    valid == len(spelled) + len(closing),
                    valid - len(spelled),
                    _Text(text=text.text + piece, tokens=(*text.tokens, *spelled)),
                )
        matcher.rollback(len(text.tokens))

    def _joined(self, text: str, pieces: Sequence[str]) -> Iterator[str]:
        """The `pieces` as they may be put behind `text`: words keep apart from words."""
        half = _last_word(self.before) if not text else ""
        if half:
            # The word begun before the cursor may be one of these.
            yield from (each[len(half) :] for each in pieces if each[:-1].startswith(half))
        rest = _first_word(self.after)
        if rest:
            # And the one that ends behind it.
            yield from (each[: -len(rest)] for each in pieces if each[1:].endswith(rest))
        blank = " " if is_word((self.before + text)[-1:]) else ""
        behind = " " if is_word(self.after[:1]) else ""
        for piece in pieces:
            before_it = blank if is_word(piece[0]) else ""
            yield before_it + piece + (behind if is_word(piece[-1]) else "")

    def _alive(self, texts: Sequence[tuple[int, _Text]]) -> Iterator[_Text]:
        """The first so many of `texts` that no constraint calls dead, the furthest reaching
        first. Few reach equally far: a quote that opens a string reaches to its end, whatever
        is put behind it."""
        left, alike = _WIDTH, Counter[tuple[int, str]]()
        for reach, each in sorted(texts, key=lambda pair: -pair[0]):
            if left == 0 or self.deadline.passed:
                return
            kind = (reach, each.text[-1:])
            if alike[kind] == _ALIKE or self.judging.refusal(each.text) is not None:
                continue
            alike[kind] += 1
            left -= 1
            yield each

    def _stands(self, text: str) -> bool:
        says = self.said.hole.policy.says_something(text)
        return says and self.judging.could_stand(text)


def _names(words: Iterable[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word not in KEYWORDS][:_NAMES]


def _unmatched(line: str) -> tuple[str, str]:
    """The brackets that `line` closes and does not open, and those it leaves open."""
    closed, left_open = "", ""
    for character in line:
        if character in _CLOSES:
            left_open += character
        elif character in _OPENS and left_open:
            left_open = left_open[:-1]
        elif character in _OPENS:
            closed += character
    return closed, left_open


def _last_word(text: str) -> str:
    found = re.search(r"[^\W\d]\w*\Z", text[-_LONGEST:])
    return found[0] if found is not None else ""


def _first_word(text: str) -> str:
    found = re.match(r"\w+", text[:_LONGEST])
    return found[0] if found is not None else ""
