"""Said: the answer as far as it has been said, and where grammar and healing stand after it.

Owns the moves: a token forward, some tokens back. Whether a move is wise is the business of
others; here it only keeps bytes, trail, matcher and healer in step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tenon.decoding.hole import Hole
from tenon.decoding.matcher import Matcher
from tenon.decoding.trail import Trail
from tenon.decoding.vocabulary import Vocabulary
from tenon.engine.engine import Engine


@dataclass(slots=True)
class Said:
    engine: Engine
    vocabulary: Vocabulary
    hole: Hole
    trail: Trail = field(default_factory=Trail)
    _bytes: bytearray = field(default_factory=bytearray)
    _standing: int = 0
    """Tokens the matcher has consumed."""
    _text: str | None = None
    """The answer so far, once it was asked for."""
    _fitting: int | None = None
    """The token that was last found to fit behind it."""
    _start: Matcher | None = None
    """Stands at the cursor, never moved."""

    def __post_init__(self) -> None:
        if self.hole.matcher is not None:
            start = self.hole.matcher.copy()
            if start.feed(self.hole.must[: self.hole.healed].decode("utf-8")):
                self._start = start

    @property
    def tokens(self) -> list[int]:
        return self.trail.tokens

    @property
    def text(self) -> str:
        """The answer so far, from the cursor on."""
        if self._text is None:
            self._text = self._bytes[self.hole.healed :].decode("utf-8", errors="ignore")
        return self._text

    def text_with(self, piece: bytes) -> str:
        """The answer as it would read with `piece` behind it."""
        text, unhealed = self.text, self.unhealed
        if len(text) == -unhealed:
            # Plain ASCII, so that no character is cut in two.
            return text + piece.decode("utf-8", errors="ignore")
        whole = self._bytes[self.hole.healed :] + piece[max(0, unhealed) :]
        return whole.decode("utf-8", errors="ignore")

    @property
    def unhealed(self) -> int:
        """How many bytes of the next piece still stand in the buffer already."""
        return self.hole.healed - len(self._bytes)

    def spelled(self, piece: bytes = b"") -> bool:
        """Whether all is said, with `piece`, that the answer must begin with."""
        return len(self._bytes) + len(piece) >= len(self.hole.must)

    def start(self) -> Matcher | None:
        """A matcher that stands at the cursor; None where no grammar applies."""
        return self._start.copy() if self._start is not None else None

    def heals(self, token: int) -> bool:
        """Whether `token` spells what the answer must begin with. The blank before a word is
        said with the word: apart, no model has seen them."""
        rest = self.hole.must[len(self._bytes) :]
        if not rest:
            return True
        piece = self.engine.token_bytes(token)
        if self.unhealed > 1 and piece == b" " and rest[1:2].isalpha():
            return False
        return bool(piece) and (piece.startswith(rest) or rest.startswith(piece))

    def fits(self, token: int) -> bool:
        """Whether the grammar has a place for `token`."""
        if self.hole.matcher is None or token == self._fitting:
            return True
        fits = self.hole.matcher.allows(token)
        if fits:
            self._fitting = token
        return fits

    def could_follow(self, text: str) -> bool:
        """Whether the grammar has a place for all of `text`."""
        if self.hole.matcher is None:
            return True
        tokens = self.vocabulary.tokens(text)
        return self.hole.matcher.longest_valid(tokens) == len(tokens)

    def forced(self) -> list[int]:
        """Tokens of the text that alone can come next, by the grammar."""
        return self.hole.matcher.forced() if self.hole.matcher is not None else []

    def mask(self) -> NDArray[np.bool_] | None:
        """For each token, whether grammar and healing allow it; None where all are allowed."""
        guides = [guide for guide in (self._healer(), self.hole.matcher) if guide is not None]
        if not guides:
            return None
        mask = guides[0].mask()
        for guide in guides[1:]:
            mask = mask & guide.mask()
        return mask

    def healing_mask(self) -> NDArray[np.bool_] | None:
        """For each token, whether it `heals`; None where nothing is left to be."""
        healer = self._healer()
        return None if healer is None else healer.mask()

    def spells(self) -> Callable[[int], bool] | None:
        """What tells which tokens go along with the text that alone can come next, by healing or
        by the grammar; None where there is a choice."""
        bytes_of = self.engine.token_bytes
        text = self.hole.must[len(self._bytes) :] or b"".join(map(bytes_of, self.forced()))
        if not text:
            return None

        def agrees(token: int) -> bool:
            piece = bytes_of(token)
            return piece.startswith(text) or (piece != b"" and text.startswith(piece))

        return agrees

    def closes(self, piece: bytes = b"") -> bool:
        """Whether what follows the cursor closes the text, with `piece` behind it."""
        if self.hole.matcher is None:
            return True
        between = self.vocabulary.tokens(piece.decode("utf-8", errors="replace")) if piece else []
        return self.hole.matcher.closes(between + self.hole.closing)

    def accept(self, token: int) -> None:
        """Say a token that `heals` and `fits`."""
        self.trail.add(token, length=len(self.text))
        self._bytes += self.engine.token_bytes(token)
        self._text = self._fitting = None
        if self.hole.matcher is not None:
            self.hole.matcher.accept(token)
        self._standing += 1

    def follow_trail(self) -> None:
        """Bring everything back to where the trail has gone back to."""
        kept = self.trail.tokens
        if self.hole.matcher is not None:
            self.hole.matcher.rollback(self._standing - len(kept))
        self._standing = len(kept)
        self._bytes = bytearray(b"".join(map(self.engine.token_bytes, kept)))
        self._text = self._fitting = None

    def _healer(self) -> Matcher | None:
        """Allows what spells the rest of what the answer must begin with, and then anything;
        None once that is spelled. Made for a mask alone: it costs most of a millisecond."""
        if self.spelled():
            return None
        healer = Matcher.from_literal_start(self.vocabulary, self.hole.must.decode("utf-8"))
        for token in self.trail.tokens:
            healer.accept(token)
        return healer

    def say_instead(self, tokens: Sequence[int]) -> None:
        """Say these tokens, each of which `heals` and `fits`, in the place of all so far."""
        self.trail = Trail()
        self.follow_trail()
        for token in tokens:
            self.accept(token)
