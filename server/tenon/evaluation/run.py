"""Fills every hole twice, with and without constraints, and holds the author's text to the rules.

Drives the service as an editor would, one request at a time. Knows neither where the holes
come from nor how the numbers are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from tenon.constraints.constraint import Domain, Evidence, Verdict
from tenon.evaluation.diagnostics import Introduced
from tenon.evaluation.holes import Hole
from tenon.evaluation.judge import Marks, judge
from tenon.evaluation.judges import JudgeError
from tenon.evaluation.judging import Judging
from tenon.semantics.facts import Import
from tenon.service.request import Nothing, Outcome, Request, Suggestion, Timings
from tenon.service.service import Service
from tenon.text import Deadline, Document, plain_line_ends


class Auditor(Protocol):
    """Says what the constraints would have refused of a text, as decoding would have met it."""

    def audit(
        self, document: Document, offset: int, text: str, *, domains: Collection[Domain]
    ) -> tuple[Evidence, ...]:
        """What is held against `text` at `offset`; all of it with "\\n" line ends."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of one hole, one way."""

    text: str | None
    """None where nothing was offered."""
    reason: str
    """Why decoding ended, or why nothing was offered."""
    marks: Marks | None
    tokens: int
    timings: Timings
    introduced: tuple[Introduced, ...] | None = None
    """What the judges found; None where none was called, or nothing was there to be judged."""
    imports: tuple[Import, ...] = ()
    """What accepting the answer imports as well."""
    open: tuple[Evidence, ...] = ()
    """Domains that stood open, or were given up, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    hole: Hole
    constrained: Trial
    unconstrained: Trial
    refused: tuple[Evidence, ...]
    """What the constraints have against the author's own text; should be nothing."""


def run(
    holes: Iterable[Hole],
    service: Service,
    auditor: Auditor,
    *,
    seconds: float,
    domains: Collection[Domain] = frozenset(Domain),
    judging: Judging | None = None,
) -> Iterator[Result]:
    """One result a hole, in order. `seconds` is each request's deadline; infinity is allowed.

    The service must be ready. Every hole is a new version of its file's document, so nothing
    that is kept by version is shared between holes.
    """
    uri = None
    for version, hole in enumerate(holes, start=1):
        if uri not in (None, hole.source.uri):
            service.forget(uri)
        uri = hole.source.uri
        document = Document(uri=uri, version=version, text=hole.text)
        yield Result(
            hole=hole,
            constrained=_judged(
                hole, _trial(hole, document, service, seconds, constrained=True), judging
            ),
            unconstrained=_judged(
                hole, _trial(hole, document, service, seconds, constrained=False), judging
            ),
            refused=_audit(hole, auditor, version, domains),
        )


def _audit(
    hole: Hole, auditor: Auditor, version: int, domains: Collection[Domain]
) -> tuple[Evidence, ...]:
    before, expected, after = map(plain_line_ends, (hole.before, hole.expected, hole.after))
    document = Document(uri=hole.source.uri, version=version, text=before + after)
    return auditor.audit(document, len(before), expected, domains=domains)


def _trial(
    hole: Hole, document: Document, service: Service, seconds: float, *, constrained: bool
) -> Trial:
    request = Request(
        document=document,
        offset=len(hole.before),
        deadline=Deadline.after(seconds),
        invoked=True,
        constrained=constrained,
    )
    return trial(hole, service.submit(request).result())


def _judged(hole: Hole, trial: Trial, judging: Judging | None) -> Trial:
    """The trial with what the judges found, whether the answer parses or not: whoever accepts it
    sees what they say."""
    if judging is None or trial.text is None:
        return trial
    try:
        found = judging.introduced(hole, trial.text, trial.imports)
    except JudgeError:
        # Counted by the report as an answer that was left unjudged.
        return trial
    return replace(trial, introduced=found)


def _stood_open(evidence: Evidence) -> bool:
    return evidence.verdict is Verdict.COMPLETE and evidence.domain is not Domain.SYNTAX


def trial(hole: Hole, outcome: Outcome) -> Trial:
    """An outcome, judged. White space alone is no answer."""
    match outcome:
        case Suggestion() if outcome.text.strip():
            return Trial(
                text=outcome.text,
                reason=str(outcome.stop),
                marks=judge(hole, outcome.text),
                tokens=outcome.tokens,
                timings=outcome.timings,
                imports=outcome.imports or (),
                open=(*filter(_stood_open, outcome.evidence), *outcome.relaxed),
            )
        case Suggestion():
            reason, timings = "only white space was offered", outcome.timings
        case Nothing():
            reason, timings = outcome.reason, outcome.timings
        case _:
            reason, timings = "superseded", Timings()
    return Trial(text=None, reason=reason, marks=None, tokens=0, timings=timings)
