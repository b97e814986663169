"""Indentation: by how much a buffer goes deeper."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from tenon.syntax.python.lines import Lines

_NEAR = 200
"""Lines each way in which the step is looked for first."""

_FAR = 2000
"""Lines from the top looked at otherwise."""

DEFAULT = "    "


def unit(lines: Lines, line: int, indents: list[str]) -> str:
    """What one further level adds at `line`, where `indents` are the levels round it: as the
    innermost of them does, else as most do nearby, else at the top of the file."""
    for outer, inner in zip(indents[-2::-1], indents[:0:-1], strict=False):
        if inner.startswith(outer) and len(inner) > len(outer):
            return inner[len(outer) :]
    for low, high in ((max(0, line - _NEAR), line + _NEAR), (0, _FAR)):
        steps = _steps(lines, low, min(high, len(lines.starts)))
        if steps:
            return steps.most_common(1)[0][0]
    return DEFAULT


def _steps(lines: Lines, low: int, high: int) -> Counter[str]:
    steps: Counter[str] = Counter()
    rows = lines.statements(low, high, at_most=high - low)
    for outer, inner in pairwise(rows):
        if lines.widths[outer] < lines.widths[inner]:
            one, other = lines.indent(outer), lines.indent(inner)
            if other.startswith(one):
                steps[other[len(one) :]] += 1
    return steps
