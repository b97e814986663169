"""Relaxing: when a domain gives way to a model that is all but certain of what it refuses.

A domain refuses on proof; should the proof be wrong, the one sign of it is a model that finds
nothing else to say. Owns how much of the model's probability must be left, and the order in which
domains give way. How far to go back first, and what is then said, is for others; syntax never
gives way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tenon.constraints.constraint import Domain, Evidence, Verdict

LEAST_LEFT: Mapping[Domain, float] = {
    Domain.RULES: 1e-3,
    Domain.CONTROL_FLOW: 1e-3,
    Domain.IMPORTS: 1e-3,
    Domain.TYPES: 1e-3,
    Domain.CALLS: 1e-3,
    Domain.MEMBERS: 1e-5,
    Domain.NAMES: 1e-5,
}
"""In the order in which they give way: what is left of the probability, below which they do. What
the last two refuse does not exist, so they hold out longest."""


@dataclass(slots=True)
class Relaxing:
    least_left: Mapping[Domain, float] = field(default_factory=lambda: LEAST_LEFT)
    given_way: list[Evidence] = field(default_factory=list)
    """What was held against the model when each domain gave way, for the answer to tell."""

    @property
    def domains(self) -> frozenset[Domain]:
        """Those that have given way."""
        return frozenset(each.domain for each in self.given_way)

    def too_little(self, left: float, refusals: Mapping[Domain, Evidence]) -> Evidence | None:
        """What gives way first of `refusals` where so much probability is `left`; None while
        that is enough."""
        for domain, least in self.least_left.items():
            if domain in refusals and left < least:
                return refusals[domain]
        return None

    def settle(self, domain: Domain) -> None:
        """An answer may lack what this domain still waits for."""
        reason = "nothing was found that has all that is asked for here"
        self.given_way.append(Evidence(domain=domain, verdict=Verdict.COMPLETE, reason=reason))

    def give_way(self, evidence: Evidence) -> None:
        """Its domain holds this answer no more."""
        self.given_way.append(
            Evidence(
                domain=evidence.domain,
                verdict=Verdict.COMPLETE,
                reason=f"the model was all but certain, so this was let pass: {evidence.reason}",
                at=evidence.at,
            )
        )
