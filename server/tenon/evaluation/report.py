"""The numbers and how they are shown: one dictionary for JSON, one table for people. Pure.

    holes            holes that were tried
    answered, empty  holes with and without an answer; together, all of them
    parse_failures   answers after which CPython's compiler refuses the whole file
    refused          author's texts that the constraints refuse, by domain
    exact            answers whose first line is the author's
    kept_chars       mean over all holes, 0 to 1, of the author's characters that the answer
                     had right before its first deviation; no answer counts 0
    constraint_us    microseconds spent in constraints, over all generated tokens
    request_ms       milliseconds from request to answer, answers and refusals alike
    diagnostics      what the answers introduce, where judges were called; see `tally`
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from rich.table import Table

from tenon.constraints.constraint import Domain
from tenon.evaluation import tally
from tenon.evaluation.diagnostics import Fault
from tenon.evaluation.holes import Hole, Kind
from tenon.evaluation.run import Result, Trial

Side = Callable[[Result], Trial]


def report(
    results: Sequence[Result],
    domains: Sequence[Domain] = tuple(Domain),
    judges: Sequence[str] = (),
) -> dict[str, Any]:
    """Everything that was measured, ready for JSON. Without judges nothing is said of them."""
    numbers: dict[str, Any] = {
        "constrained": _numbers(results, _constrained) | {"refused": _refused(results, domains)},
        "unconstrained": _numbers(results, _unconstrained) | {"refused": _refused([], domains)},
        "empty_where_unconstrained_answered": sum(
            result.constrained.text is None and result.unconstrained.text is not None
            for result in results
        ),
        "kinds": {
            label: {
                "constrained": _numbers(part, _constrained),
                "unconstrained": _numbers(part, _unconstrained),
            }
            for label, part in _parts(results).items()
        },
        "refused_cases": [
            {
                **_where(result.hole),
                "domain": str(evidence.domain),
                "reason": evidence.reason,
                "at": evidence.at,
                "author": result.hole.expected,
            }
            for result in results
            for evidence in result.refused
            if evidence.domain in domains
        ],
        "parse_failure_cases": [
            {**_where(result.hole), "answer": result.constrained.text}
            for result in results
            if result.constrained.marks and not result.constrained.marks.parses
        ],
        "empty_cases": [
            {**_where(result.hole), "reason": result.constrained.reason}
            for result in results
            if result.constrained.text is None and result.unconstrained.text is not None
        ],
    }
    if judges:
        one = [result.constrained for result in results]
        other = [result.unconstrained for result in results]
        numbers["constrained"]["diagnostics"] = tally.diagnostics(one, other, judges)
        numbers["unconstrained"]["diagnostics"] = tally.diagnostics(other, one, judges)
        numbers["diagnostic_cases"] = tally.cases(results)
    return numbers


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def table(numbers: dict[str, Any]) -> Table:
    """The two sides of a report, one row a number."""
    shown = Table(title=f"{numbers['constrained']['holes']} holes", title_justify="left")
    shown.add_column("")
    for side in _SIDES:
        shown.add_column(side, justify="right")
    for label, value in _ROWS:
        shown.add_row(label, *(value(numbers[side]) for side in _SIDES))
    if "diagnostics" in numbers["constrained"]:
        _add_diagnostics(shown, numbers)
    refused = numbers["constrained"]["refused"]
    shown.add_section()
    for domain, count in refused.items():
        share = count / max(1, numbers["constrained"]["holes"])
        shown.add_row(f"author refused by {domain}", f"{count} ({share:.2%})", "")
    return shown


def _add_diagnostics(shown: Table, numbers: dict[str, Any]) -> None:
    """What was introduced over all holes; in brackets, over those at which both sides parse."""
    sides = [numbers[side]["diagnostics"] for side in _SIDES]
    rows: list[tuple[str, Callable[[dict[str, Any]], int]]] = [
        ("all holes (those where both sides parse)", lambda side: side["holes"]),
        *((_label(fault), lambda side, fault=fault: side["by_kind"][fault]) for fault in Fault),
        ("all diagnostics", lambda side: side["total"]),
        *(
            (f"all, by {judge} alone", lambda side, judge=judge: side["by_judge"][judge]["total"])
            for judge in sides[0]["by_judge"]
        ),
        ("answers that introduce any", lambda side: side["faulty"]),
        ("answers judged", lambda side: side["judged"]),
    ]
    shown.add_section()
    for label, value in rows:
        shown.add_row(
            label, *(f"{value(side)} ({value(side['both_parse'])})" for side in sides)
        )


def _label(fault: Fault) -> str:
    return f"{fault.replace('_', ' ')}, introduced"


_SIDES = ("constrained", "unconstrained")


def _percentiles(key: str) -> Callable[[dict[str, Any]], str]:
    return lambda numbers: " / ".join(f"{value:.0f}" for value in numbers[key].values())


_ROWS: tuple[tuple[str, Callable[[dict[str, Any]], str]], ...] = (
    ("answered", lambda numbers: str(numbers["answered"])),
    ("empty", lambda numbers: str(numbers["empty"])),
    ("parse failures", lambda numbers: str(numbers["parse_failures"])),
    ("exact line", lambda numbers: str(numbers["exact"])),
    ("kept characters", lambda numbers: f"{numbers['kept_chars']:.3f}"),
    ("constraint µs a token, p50 / p95 / p99", _percentiles("constraint_us")),
    ("request ms, p50 / p95", _percentiles("request_ms")),
)


def _constrained(result: Result) -> Trial:
    return result.constrained


def _unconstrained(result: Result) -> Trial:
    return result.unconstrained


def _numbers(results: Sequence[Result], side: Side) -> dict[str, Any]:
    trials = [side(result) for result in results]
    marks = [trial.marks for trial in trials if trial.marks]
    per_token = [cost for trial in trials for cost in trial.timings.constraint_us]
    totals = [trial.timings.total for trial in trials]
    return {
        "holes": len(trials),
        "answered": len(marks),
        "empty": len(trials) - len(marks),
        "parse_failures": sum(not mark.parses for mark in marks),
        "exact": sum(mark.exact for mark in marks),
        "kept_chars": round(sum(mark.kept for mark in marks) / max(1, len(trials)), 4),
        "constraint_us": {
            f"p{share}": round(percentile(per_token, share / 100), 1) for share in (50, 95, 99)
        },
        "request_ms": {
            f"p{share}": round(percentile(totals, share / 100), 1) for share in (50, 95)
        },
    }


def _refused(results: Sequence[Result], domains: Sequence[Domain]) -> dict[str, int]:
    """Holes at which a domain refuses the author; a hole counts once a domain."""
    counts = Counter(
        domain for result in results for domain in {found.domain for found in result.refused}
    )
    return {str(domain): counts[domain] for domain in domains}


def _parts(results: Sequence[Result]) -> dict[str, list[Result]]:
    parts: dict[str, list[Result]] = {str(kind): [] for kind in Kind} | {"broken": []}
    for result in results:
        parts[str(result.hole.kind)].append(result)
        if result.hole.broken:
            parts["broken"].append(result)
    return {label: part for label, part in parts.items() if part}


def _where(hole: Hole) -> dict[str, Any]:
    line, column = hole.position
    return {
        "file": hole.source.name,
        "line": line,
        "column": column,
        "kind": str(hole.kind),
        "broken": hole.broken,
    }
