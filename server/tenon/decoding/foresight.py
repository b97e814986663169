"""Foresight: what may come next, read off the grammar, the buffer and recent answers.

Knows texts and one answer's state; computes nothing with a model. What it says may be wrong and
costs microseconds; whether it is worth a batch, `drafts.py` decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tenon.decoding.judging import Judging
from tenon.decoding.said import Said
from tenon.engine.fim import utf8

_KEYS = ((7, 40), (12, 50), (24, 75), (48, 80))
"""How many characters before the cursor are looked for elsewhere, ever more of them, and how
often in a hundred the next token is then the same, by measurement; the account learns the rest."""
_FORCED = 99
_RANGE = 20_000
"""Characters to either side of the cursor that are searched."""
_AHEAD = 32
"""Characters read off a place found."""

Worth = Callable[[int, int], int]
"""How many tokens of a draft are worth it, by its sureness in a hundred and its length."""
Foreseen = Callable[[Worth], tuple[Sequence[int], int]]
"""Asked with `Worth`: the tokens that may come next, no more than are worth it, and how surely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Where the text that comes next may stand already."""

    before: str = ""
    """The buffer up to the cursor."""
    after: str = ""
    recent: tuple[str, ...] = ()
    """Recent answers with what stood before them, latest first."""


@dataclass(frozen=True, slots=True)
class Foresight:
    said: Said
    judging: Judging
    texts: Texts

    def __call__(self, worth: Worth) -> tuple[Sequence[int], int]:
        if not self.said.spelled():
            return (), 0
        forced = self.said.forced()
        if forced:
            return self._fitting(forced[: worth(_FORCED, len(forced))]), _FORCED
        found = self._found()
        if found is None:
            return (), 0
        text, sureness = found
        if not self.said.hole.policy.block:
            text = text.partition("\n")[0]
        # The last token may be cut short, and would then never be the one chosen.
        tokens = self.said.engine.tokenize(utf8(text))[:-1]
        return self._fitting(tokens[: worth(sureness, len(tokens))]), sureness

    def _found(self) -> tuple[str, int] | None:
        """What stood behind the same text elsewhere, and how surely it comes again."""
        before = self.texts.before[-_RANGE:] + self.said.text
        # Its own end is not to be found, which every key is.
        places = [*((text, len(text)) for text in self.texts.recent), (before, len(before) - 1)]
        places.append((self.texts.after, _RANGE))
        found = None
        for length, sureness in _KEYS:
            key = before[-length:]
            if len(key) < length or not key.strip():
                break
            places = [(text, end) for text, end in places if text.rfind(key, 0, end) >= 0]
            if not places:
                # What does not stand there does not stand there with more before it.
                break
            text, end = places[0]
            at = text.rfind(key, 0, end) + length
            found = (text[at : at + _AHEAD], sureness)
        return found

    def _fitting(self, draft: Sequence[int]) -> Sequence[int]:
        """`draft` as far as the grammar has a place for it; nothing where a constraint says no."""
        if draft and self.said.hole.matcher is not None:
            draft = draft[: self.said.hole.matcher.longest_valid(list(draft))]
        piece = b"".join(map(self.said.engine.token_bytes, draft))
        return draft if draft and self.judging.refusal_with(piece) is None else ()
