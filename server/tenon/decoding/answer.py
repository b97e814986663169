"""What a decoding leaves behind: checkpoints, refusals and why it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tenon.constraints.constraint import Evidence


class Stop(StrEnum):
    """Why decoding ended."""

    MODEL = "the model had finished"
    LINE = "the line was complete"
    LENGTH = "the length limit was reached"
    DEADLINE = "time was up"
    BRIDGED = "a likely text that fits was looked for"
    FILLED = "the shortest text that fits was looked for"
    DEAD_END = "nothing allowed was left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something the model wanted to say and was not allowed to."""

    at: int
    """Where in the completion, in characters."""
    text: str
    """The token refused."""
    evidence: Evidence


@dataclass(slots=True, kw_only=True)
class Checkpoint:
    """A text that what follows the cursor closes, by the grammar."""

    text: str
    stop_probability: float = 0.0
    """The model's own probability of ending here."""
    final: bool = False
    """The decoding ended here of its own accord."""
    stands: bool | None = None
    """What parser and constraints said of it; None before they were asked."""
