"""Request in, Outcome out: the vocabulary between the protocol (or the command line) and the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tenon.constraints.constraint import Evidence
from tenon.decoding.answer import Refusal, Stop
from tenon.text import CancelToken, Deadline, Document

if TYPE_CHECKING:
    from tenon.semantics.facts import Import

Tier = Literal["local", "remote"]


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
    candidates: int = 1
    """How many answers are wanted, if time allows."""


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
    drafted: int = 0
    """Tokens proposed ahead of the model."""
    drafts_taken: int = 0
    """Of these, those the model agreed to."""
    prompt_reused: int = 0
    """Tokens of prompt that the cache already held."""
    prompt_computed: int = 0


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
    imports: tuple[Import, ...] | None = ()
    """What the document has to import for the text to mean what it says; None where the analysis
    had not said by then: `Service.imports` finds it later."""
    others: tuple[Suggestion, ...] = ()
    """Further answers, the model's favourite first; none of them has others itself."""
    tier: Tier = "local"
    """Whose model wrote it: this process's, or that of the inference server."""
    timings: Timings = Timings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """No suggestion, and why, in a sentence."""

    reason: str
    cut_short: bool = False
    """Time was up: more of it might have brought a suggestion."""
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
