"""Request in, Outcome out: the vocabulary between the protocol (or the command line) and the service."""

from __future__ import annotations

from dataclasses import dataclass, field

from tenon.constraints.constraint import Evidence
from tenon.decoding.answer import Refusal, Stop
from tenon.text import CancelToken, Deadline, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    document: Document
    offset: int
    """Code points, in `document.text`."""
    deadline: Deadline
    cancel: CancelToken = field(default_factory=CancelToken)
    invoked: bool = False
    """Asked for by a key rather than by typing."""
    forced: str = ""
    """Text the answer must begin with: what the suggest widget has selected, beyond what
    already stands before the cursor."""
    constrained: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Milliseconds, from arrival."""

    queue: float = 0.0
    analysis: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0
    constraint: float = 0.0
    """Of `decode`, spent in constraints."""
    total: float = 0.0
    constraint_us: tuple[float, ...] = ()
    """Microseconds in constraints, token by token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What may be inserted: `text` at `offset` of the request's document, nothing replaced.

    `text` has the document's own line ends.
    """

    text: str
    offset: int
    stop: Stop
    evidence: tuple[Evidence, ...] = ()
    relaxed: tuple[Evidence, ...] = ()
    """Domains that stood open or were given up, and why."""
    refused: tuple[Refusal, ...] = ()
    tokens: int = 0
    confirmed: bool = True
    """The language's own parser accepted the text in its frame."""
    timings: Timings = Timings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """No suggestion, and why, in a sentence."""

    reason: str
    refused: tuple[Refusal, ...] = ()
    timings: Timings = Timings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """A newer request took this one's place, or the client took it back."""


Outcome = Suggestion | Nothing | Superseded


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A growing answer: always a whole text that could stand, never a fragment that could not."""

    text: str
    offset: int
