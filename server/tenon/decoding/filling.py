"""Filling: the shortest text that fits, put together from pieces, where no model's words do.

The last of three searches: the token loop follows the model, bridging the several ways it thinks
likely, and here the grammar leads. What finishes the text before the cursor, what goes on from
there and what begins the text behind it are put one behind another, behind what has been said or
behind nothing, the fewest first. Owns how they are combined and the order in which they are
tried; which pieces there are and what may stand is for others to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from tenon.constraints.constraint import Domain, Evidence
from tenon.decoding.closing import cuts_a_word, is_word
from tenon.decoding.judging import Judging
from tenon.decoding.matcher import Matcher
from tenon.decoding.said import Said
from tenon.decoding.stock import OPENS, Stock
from tenon.text import CancelToken, Deadline

_PIECES = 3
"""Put one behind another, at most."""
_NEAR = 40
"""Tokens of what follows that are tried before the rest of it is, which may be long."""
_FOUND = 4
"""Texts that are enough to choose from."""
_JUDGED = 60
"""Texts that fit the grammar and are put to parser and constraints."""
_ENDED = 40
"""Ways to finish what stands before the cursor behind which more is put."""
_ALIKE = 8
"""Of the texts, how many may finish what stands before the cursor alike, or go on alike from what
has been said."""
_BEGINNINGS = 2
"""How many short beginnings of what has been said are tried, besides the whole."""
_LONGEST = 80
"""Characters of such a beginning."""
_CLOSERS = 8
"""Put one behind another, at most."""
_OF_WORDS = (Domain.NAMES, Domain.MEMBERS, Domain.IMPORTS)
"""Domains that refuse a word, wherever what follows it may lead."""
_WORD = re.compile(r"\w+")
_NO_WORD = "Zq"
"""Makes a word of what has been said that is none, as good as surely."""
_ANYTHING = "\N{SECTION SIGN} \N{PILCROW SIGN}"
"""Stands in strings and comments alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    text: str
    tokens: tuple[int, ...]
    """What spells it, from the cursor on."""
    fits: bool
    """Whether what follows the cursor closes it."""
    apart: str = ""
    """What keeps it apart from that."""

    @property
    def whole(self) -> str:
        return self.text + self.apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    said: Said
    judging: Judging
    stock: Stock
    deadline: Deadline
    """Passed by no more than one judgement."""
    cancel: CancelToken
    _tokens: dict[str, list[int]] = field(default_factory=dict)
    """By piece, what spells it."""

    def search(self) -> list[str]:
        """Texts that could stand, of the fewest pieces that make one; a few of them, or none."""
        matcher = self.said.start()
        if matcher is None:
            return []
        found: list[str] = []
        tried: set[str] = set()
        dead: set[str] = set()
        for beginning, texts in self._texts(matcher):
            for text in texts:
                if text in tried or text.startswith(tuple(dead)):
                    continue
                tried.add(text)
                if self._out_of_time() or len(tried) > _JUDGED:
                    return found
                refused = self.judging.refusal(text)
                if refused is not None:
                    dead.update(_hopeless(text, beginning, refused))
                elif self._stands(text):
                    found.append(text)
                if len(found) == _FOUND:
                    return found
            if found or self._out_of_time():
                return found
        return found

    def _out_of_time(self) -> bool:
        self.cancel.check()
        return self.deadline.passed

    def _texts(self, matcher: Matcher) -> Iterator[tuple[str, Iterator[str]]]:
        """Texts that the grammar has a place for, those of more pieces after those of fewer,
        and what they begin with."""
        begun: list[tuple[_Text, list[_Text]]] = []
        for beginning in self._beginnings(matcher):
            if self._out_of_time():
                return
            begun.append((beginning, self._ended(matcher, beginning)))
            yield beginning.text, self._of_pieces(matcher, *begun[-1], 1)
        for count in range(2, _PIECES + 1):
            for beginning, ended in begun:
                texts = self._of_pieces(matcher, beginning, ended, count)
                yield beginning.text, islice(texts, _ALIKE if beginning.text else None)
        for beginning, ended in begun:
            # The rest of the line is nothing, unless it is the rest of a comment.
            comment = [f"  {self.stock.policy.comment} "]
            for each in (beginning, *ended):
                texts = self._with(matcher, each, comment)
                yield beginning.text, (text.whole for text in texts if text.fits)

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
                yield _Text(text=beginning, tokens=tuple(tokens), fits=False)

    def _ended(self, matcher: Matcher, text: _Text) -> list[_Text]:
        """`text` with what may finish it."""
        refused = self.judging.refusal(text.text + _NO_WORD)
        endings = self.stock.endings(text.text, refused.allowed if refused is not None else ())
        return [
            each
            for ended in self._with(matcher, text, endings, joined=True)
            if not self._out_of_time()
            for each in (ended, *self._closed(matcher, ended))
        ]

    def _of_pieces(
        self, matcher: Matcher, beginning: _Text, ended: list[_Text], count: int
    ) -> Iterator[str]:
        """`beginning` with `count` pieces behind it, where what follows closes that."""
        if count == 1:
            yield from (each.whole for each in ended if each.fits)
        if count < _PIECES:
            yield from self._going_on(matcher, beginning, count)
        if count > 1:
            for each in ended[:_ENDED]:
                yield from islice(self._going_on(matcher, each, count - 1), _ALIKE)

    def _going_on(self, matcher: Matcher, text: _Text, count: int) -> Iterator[str]:
        """Likewise, of one piece or two, none of which finishes what is before the cursor.
        Nothing goes on from within a string or a comment."""
        for token in text.tokens:
            matcher.accept(token)
        within = self._takes_anything(matcher)
        matcher.rollback(len(text.tokens))
        if within:
            return
        links, last = self.stock.links, self.stock.beginnings
        if count == 1:
            yield from self._alive(matcher, text, [*links, *last])
            return
        for link in self._with(matcher, text, links):
            if self._out_of_time():
                return
            yield from self._alive(matcher, link, last)

    def _alive(self, matcher: Matcher, text: _Text, pieces: Iterable[str]) -> Iterator[str]:
        """`text` with one piece more, unless no constraint would let anything follow it."""
        longer = [each.whole for each in self._with(matcher, text, pieces) if each.fits]
        if longer and self.judging.refusal(text.text) is None:
            yield from longer

    def _with(
        self, matcher: Matcher, text: _Text, pieces: Iterable[str], *, joined: bool = False
    ) -> list[_Text]:
        """`text` with each of the `pieces` that may come next, kept apart from words before it
        unless it is to be `joined` to them."""
        closing = [*self.said.hole.closing, self.said.vocabulary.end]
        longer: list[_Text] = []
        for token in text.tokens:
            matcher.accept(token)
        glues = not joined and is_word((text.text or self.stock.before)[-1:])
        for piece in dict.fromkeys(pieces):
            if self.deadline.passed:
                break
            if glues and is_word(piece[:1]):
                piece = f" {piece}"
            spelled = self._spelled(piece)
            apart = self.stock.apart(text.text + piece)
            probe = spelled + self._spelled(apart) + closing
            valid = matcher.longest_valid(probe[: len(spelled) + _NEAR])
            if valid == len(spelled) + _NEAR:
                valid = matcher.longest_valid(probe)
            if valid >= len(spelled):
                longer.append(
                    _Text(
                        text=text.text + piece,
                        tokens=(*text.tokens, *spelled),
                        fits=valid == len(probe),
                        apart=apart,
                    )
                )
        matcher.rollback(len(text.tokens))
        return longer

    def _closed(self, matcher: Matcher, text: _Text) -> list[_Text]:
        """`text` with its strings and brackets closed, one after another."""
        closed: list[_Text] = []
        for token in text.tokens:
            matcher.accept(token)
        said, taken = text.text, list(text.tokens)
        for _ in range(_CLOSERS):
            closer = None if self.deadline.passed else self._closer(matcher)
            if closer is None:
                break
            said, taken = said + closer[0], [*taken, *closer[1]]
            closed.append(_Text(text=said, tokens=tuple(taken), fits=self._closes(matcher)))
        matcher.rollback(len(taken))
        return closed

    def _closer(self, matcher: Matcher) -> tuple[str, list[int]] | None:
        """What closes the innermost string or bracket, and its tokens, which are taken; None
        where nothing does."""
        quoted = self._takes_anything(matcher)
        for closer in self.stock.string_ends if quoted else OPENS:
            spelled = self._spelled(closer)
            if matcher.longest_valid(spelled) < len(spelled):
                continue
            for token in spelled:
                matcher.accept(token)
            if not (quoted and self._takes_anything(matcher)) or self._closes(matcher):
                return closer, spelled
            # It ends another kind of string.
            matcher.rollback(len(spelled))
        return None

    def _closes(self, matcher: Matcher) -> bool:
        return matcher.closes(self.said.hole.closing)

    def _takes_anything(self, matcher: Matcher) -> bool:
        anything = self._spelled(_ANYTHING)
        return matcher.longest_valid(anything) == len(anything)

    def _spelled(self, piece: str) -> list[int]:
        tokens = self._tokens.get(piece)
        if tokens is None:
            tokens = self._tokens[piece] = self.said.vocabulary.tokens(piece) if piece else []
        return tokens

    def _stands(self, text: str) -> bool:
        says = self.said.hole.policy.says_something(text)
        return says and self.judging.could_stand(text)


def _hopeless(text: str, beginning: str, refused: Evidence) -> Iterator[str]:
    """What every text begins with that is refused like `text`: all of `beginning`, if the fault
    is in that, else what leads up to a word that is none and the character behind it."""
    if refused.at is None:
        return
    if refused.at < len(beginning):
        yield beginning
    elif refused.domain in _OF_WORDS:
        word = _WORD.match(text, max(refused.at, 0))
        if word is not None and word.end() < len(text):
            yield text[: word.end() + 1]
