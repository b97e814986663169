"""Hole: what an answer must fit, in the decoder's terms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tenon.constraints.constraint import AllOf
from tenon.decoding.matcher import Matcher
from tenon.decoding.meter import never
from tenon.decoding.policy import StopPolicy
from tenon.syntax.pieces import Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    matcher: Matcher | None
    """Stands at the end of what is before the cursor, less `must`; None where no grammar
    applies: then `confirm` judges alone."""
    closing: list[int]
    """Tokens of what follows the cursor."""
    confirm: Callable[[str], bool] | None
    """Whether the language's own parser takes the text; None listens to the model alone."""
    constraint: Callable[[], AllOf]
    """The constraints known by now; asked once a token, since facts may arrive late."""
    policy: StopPolicy
    rest: str = ""
    """What follows the cursor, as text."""
    pieces: Pieces = Pieces()
    """What short texts of the language are made of."""
    waited: Callable[[], float] = never
    """Seconds for which `constraint` has had the analysis waited for, which only those do who
    are patient."""
    must: bytes = b""
    """What the answer begins with: the healed end of the prefix, then any forced text."""
    healed: int = 0
    """How many bytes of `must` already stand in the buffer."""

    @property
    def forced(self) -> str:
        """What the answer begins with, from the cursor on."""
        return self.must[self.healed :].decode("utf-8")
