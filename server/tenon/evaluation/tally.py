"""What the judges found, counted and listed: the `diagnostics` of a report. Pure.

    holes          holes over which the counts go; where nothing was offered nothing is introduced
    judged         answers that were judged: every judge came to a judgement
    unjudged       answers that could not be judged
    faulty         of the judged, those that introduce anything
    total, by_kind what they introduce. A thing that is said again of the same answer counts
                   once, several of one rule at one place as well, and what breaks elsewhere
                   once a kind: one name lost is read in many lines. What several judges say of
                   one line counts as often as the one says it that says most
    by_judge       each judge's own count
    unmended       what stood in other lines before anything was inserted, and stands there
                   still; counted in nothing above
    both_parse     the same over the holes at which both sides' answers parse and were judged:
                   there what one side breaks is not hidden by the other's errors of syntax,
                   nor by its silence
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tenon.evaluation.diagnostics import Diagnostic, Fault, Found, Introduced
from tenon.evaluation.judging import accepted
from tenon.evaluation.run import Result, Trial


def diagnostics(
    trials: Sequence[Trial], others: Sequence[Trial], judges: Sequence[str]
) -> dict[str, Any]:
    """The counts of one side; `others` are the other side's trials of the same holes."""
    both = [
        trial
        for trial, other in zip(trials, others, strict=True)
        if _parses(trial) and _parses(other) and _judged(trial) and _judged(other)
    ]
    return {**_counts(trials, judges), "both_parse": _counts(both, judges)}


def _parses(trial: Trial) -> bool:
    return trial.marks is not None and trial.marks.parses


def _judged(trial: Trial) -> bool:
    return trial.introduced is not None


def cases(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Everything introduced on either side, constrained first."""
    return [
        _case(result, trial, found, constrained=constrained)
        for constrained in (True, False)
        for result in results
        for trial in [result.constrained if constrained else result.unconstrained]
        for found in trial.introduced or ()
        if found.found is not Found.UNMENDED
    ]


def _counts(trials: Sequence[Trial], judges: Sequence[str]) -> dict[str, Any]:
    by_kind: Counter[Fault] = Counter()
    by_judge: dict[str, Counter[Fault]] = {judge: Counter() for judge in judges}
    faulty = 0
    for trial in trials:
        found = list(_found(trial))
        faulty += bool(found)
        by_kind.update(_united(found))
        for diagnostic in found:
            by_judge[diagnostic.judge][diagnostic.fault] += 1
    judged = sum(map(_judged, trials))
    return {
        "holes": len(trials),
        "judged": judged,
        "unjudged": sum(trial.text is not None for trial in trials) - judged,
        "faulty": faulty,
        **_shown(by_kind),
        "by_judge": {judge: _shown(counts) for judge, counts in by_judge.items()},
        "unmended": sum(
            found.found is Found.UNMENDED for trial in trials for found in trial.introduced or ()
        ),
    }


def _shown(counts: Counter[Fault]) -> dict[str, Any]:
    return {
        "total": counts.total(),
        "by_kind": {str(fault): counts[fault] for fault in Fault},
    }


def _united(found: Sequence[Diagnostic]) -> Counter[Fault]:
    """How often each fault occurs, by the judge that saw it most often in each line."""
    seen = Counter((one.line, one.fault, one.judge) for one in found)
    most: Counter[tuple[int, Fault]] = Counter()
    for (line, fault, _judge), count in seen.items():
        most[line, fault] = max(most[line, fault], count)
    united: Counter[Fault] = Counter()
    for (_line, fault), count in most.items():
        united[fault] += count
    return united


def _found(trial: Trial) -> Iterator[Diagnostic]:
    """What is new, each cause once."""
    seen: set[tuple[object, ...]] = set()
    for found in trial.introduced or ():
        one = found.diagnostic
        match found.found:
            case Found.ANSWER:
                keys = {(one.judge, *one.gist), (one.judge, one.code, one.line, one.column)}
            case Found.ELSEWHERE:
                keys = {(one.judge, one.fault)}
                # Judges need not begin with the same line.
                one = replace(one, line=-1)
            case Found.UNMENDED:
                continue
        if seen.isdisjoint(keys):
            yield one
        seen |= keys


def _case(
    result: Result, trial: Trial, found: Introduced, *, constrained: bool
) -> dict[str, Any]:
    assert trial.text is not None
    line, column = result.hole.position
    one = found.diagnostic
    lines = accepted(result.hole, trial.text, trial.imports).split("\n")
    return {
        "file": result.hole.source.name,
        "line": line,
        "column": column,
        "kind": str(one.fault),
        "judge": one.judge,
        "code": one.code,
        "message": one.message,
        "found": str(found.found),
        "at": [one.line + 1, one.column + 1],
        "text": lines[one.line].strip() if one.line < len(lines) else "",
        "answer": trial.text,
        "parses": _parses(trial),
        "author": result.hole.expected,
        "constrained": constrained,
        "imports": [needed.statement for needed in trial.imports],
        "open": [f"{evidence.domain}: {evidence.reason}" for evidence in trial.open],
    }
