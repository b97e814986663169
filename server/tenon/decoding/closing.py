"""Closing by hand: what to add to a text, or take from its end, so that it could stand.

A model that wants to end does not know what it has left open. Owns that last step of an answer;
proposes nothing a model would have to be asked about. Knows no language: the same few closers
serve every grammar, and the grammar says which of them fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tenon.decoding.matcher import Matcher
from tenon.decoding.vocabulary import Vocabulary

_QUOTES = "\"'"
_CLOSERS = f")]}}{_QUOTES},:"
_MOST_CLOSERS = 3
_MOST_JUDGED = 24
"""Of the closers that fit, how many are judged: within a string all of them fit."""
CLOSING_ENDINGS = (
    *("", *_CLOSERS, '"""', "'''", "):", "]:", "}:"),
    *(quote + bracket for quote in "\"'" for bracket in ")]}"),
)
"""What may stand behind a beginning that is kept: nothing, or what closes it."""
OPENING_ENDINGS = (*"([{", *(bracket + quote for quote in "\"'" for bracket in "([{"))
"""What opens a bracket or a string for what follows the cursor; the last resort."""
_LONGEST = 160
"""Characters of a text, from its start, in which a beginning that can stand is looked for."""


@dataclass(frozen=True, slots=True)
class ByHand:
    vocabulary: Vocabulary
    closing: list[int]
    """Tokens of what follows the cursor."""
    stands: Callable[[str], bool]
    """What parser and constraints say of a whole answer."""
    out_of_time: Callable[[], bool]

    def closed(self, matcher: Matcher, text: str) -> str | None:
        """`text`, at whose end `matcher` stands, with the fewest closers that let it stand."""
        for closers in islice(self._closers(matcher), _MOST_JUDGED):
            if self.stands(text + closers):
                return text + closers
        return None

    def longest_beginning(
        self, start: Matcher, text: str, *, least: int, endings: Sequence[str]
    ) -> str | None:
        """The longest beginning of `text` that could stand with one of `endings` behind it;
        `start` stands before `text` and is spent. At least `least` characters are kept."""
        spelled: list[list[int]] = []
        for character in text[:_LONGEST]:
            tokens = self.vocabulary.tokens(character)
            if not all(map(start.take, tokens)):
                break
            spelled.append(tokens)
        for length in range(len(spelled), max(least, 1) - 1, -1):
            if self.out_of_time():
                return None
            beginning = text[:length]
            if beginning.strip() and not cuts_a_word(text, length):
                for ending in endings:
                    tokens = self.vocabulary.tokens(ending) if ending else []
                    if start.closes(tokens + self.closing) and self.stands(beginning + ending):
                        return beginning + ending
            start.rollback(len(spelled[length - 1]))
        return None

    def _closers(self, matcher: Matcher) -> Iterator[str]:
        """Closers behind which the text could end, by the grammar, shortest first."""
        longer = [""]
        for _ in range(_MOST_CLOSERS):
            tried, longer = longer, []
            for before in tried:
                fitting = []
                for closers in (before + each for each in _CLOSERS):
                    if self.out_of_time():
                        return
                    tokens = self.vocabulary.tokens(closers)
                    probe = [*tokens, *self.closing, self.vocabulary.end]
                    fits = matcher.longest_valid(probe)
                    if fits < len(tokens):
                        continue
                    fitting.append(closers)
                    if any(closers.count(quote) == 2 for quote in _QUOTES):
                        # That would open a string of its own, as if it were something to say.
                        continue
                    if fits == len(probe):
                        yield closers
                if len(fitting) == len(_CLOSERS):
                    # They are the text of a string or a comment, out of which only quotes lead.
                    fitting = [closers for closers in fitting if closers[-1] in _QUOTES]
                longer.extend(fitting)


def cuts_a_word(text: str, at: int) -> bool:
    """Whether `at` is inside a word of `text`: half of one is not what was said."""
    return at < len(text) and is_word(text[at - 1]) and is_word(text[at])


def is_word(character: str) -> bool:
    """Whether words are made of `character`; the empty text is none."""
    return character.isalnum() or character == "_"
