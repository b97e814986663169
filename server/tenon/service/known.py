"""Known: what the analysis found at one cursor, with the constraints that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

from tenon.constraints.constraint import AllOf
from tenon.semantics.facts import NOTHING_KNOWN, Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    constraints: AllOf = AllOf(())
    facts: Facts = NOTHING_KNOWN
