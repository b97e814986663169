"""The numbers of a run, counted by hand."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from tenon.constraints.constraint import Domain, Evidence, Verdict
from tenon.evaluation.diagnostics import Diagnostic, Fault, Found, Introduced
from tenon.evaluation.holes import Hole, Kind, Place, Source
from tenon.evaluation.report import percentile, report, table
from tenon.evaluation.run import Result, trial
from tenon.service.request import Nothing, Outcome, Stop, Suggestion, Superseded, Timings


def hole(expected: str, *, kind: Kind = Kind.LINE_END) -> Hole:
    return Hole(
        source=Source(name="sample.py", uri="file:///sample.py", load=lambda: None),
        kind=kind,
        place=Place.BOUNDARY,
        before="first = 1\nx = ",
        after="\n",
        expected=expected,
        intact=("first = 1\nx = ", "\n"),
    )


def said(text: str, total: float = 10.0, *costs: float) -> Suggestion:
    timings = Timings(total=total, constraint_us=costs)
    return Suggestion(text=text, offset=14, stop=Stop.LINE, tokens=len(costs), timings=timings)


def result(
    expected: str,
    constrained: Outcome,
    unconstrained: Outcome,
    *refused: Evidence,
    kind: Kind = Kind.LINE_END,
) -> Result:
    place = hole(expected, kind=kind)
    return Result(
        hole=place,
        constrained=trial(place, constrained),
        unconstrained=trial(place, unconstrained),
        refused=refused,
    )


AGAINST = Evidence(domain=Domain.NAMES, verdict=Verdict.DEAD, reason="no 'abcd' here", at=3)
RESULTS = [
    result("abcd", said("abcd", 10, 5, 15), said("abcd)", 8)),
    result("abcd", said("abXY", 30, 25), said("zz", 8), AGAINST),
    result("abcd", Nothing(reason="time was up"), said("abcd", 8), AGAINST, kind=Kind.STATEMENT),
    result("abcd", said(" \n"), Nothing(reason="nothing to say")),
]


def test_answers_failures_and_matches_are_counted_for_both_sides() -> None:
    numbers = report(RESULTS)
    constrained, unconstrained = numbers["constrained"], numbers["unconstrained"]
    assert [constrained[key] for key in ("holes", "answered", "empty", "parse_failures")] == [
        4,
        2,
        2,
        0,
    ]
    assert constrained["exact"] == 1
    assert constrained["kept_chars"] == 0.375
    assert constrained["constraint_us"] == {"p50": 15, "p95": 25, "p99": 25}
    assert [unconstrained[key] for key in ("answered", "empty", "parse_failures", "exact")] == [
        3,
        1,
        1,
        1,
    ]
    assert numbers["empty_where_unconstrained_answered"] == 1


def test_refusals_are_counted_by_domain_and_listed_with_their_place() -> None:
    numbers = report(RESULTS)
    assert numbers["constrained"]["refused"]["names"] == 2
    assert numbers["constrained"]["refused"]["syntax"] == 0
    assert numbers["refused_cases"][0] == {
        "file": "sample.py",
        "line": 2,
        "column": 5,
        "kind": "line-end",
        "broken": False,
        "domain": "names",
        "reason": "no 'abcd' here",
        "at": 3,
        "author": "abcd",
    }
    assert len(numbers["refused_cases"]) == 2


def test_a_domain_that_was_not_asked_for_is_not_reported() -> None:
    numbers = report(RESULTS, [Domain.SYNTAX])
    assert numbers["constrained"]["refused"] == {"syntax": 0}
    assert numbers["refused_cases"] == []


def test_empty_and_failing_holes_are_listed() -> None:
    numbers = report([result("abcd", said("abcd)"), said("x")), RESULTS[2]])
    assert [case["answer"] for case in numbers["parse_failure_cases"]] == ["abcd)"]
    assert [case["reason"] for case in numbers["empty_cases"]] == ["time was up"]


def test_kinds_are_counted_apart() -> None:
    kinds = report(RESULTS)["kinds"]
    assert {label: part["constrained"]["holes"] for label, part in kinds.items()} == {
        "line-end": 3,
        "statement": 1,
    }


def test_a_report_of_nothing_is_still_a_report() -> None:
    numbers = report([])
    assert numbers["constrained"]["holes"] == 0
    assert numbers["constrained"]["request_ms"] == {"p50": 0.0, "p95": 0.0}
    json.dumps(numbers)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, 0.0), ([7], 0.99, 7), ([3, 1, 2], 0.5, 2), (range(1, 101), 0.95, 95)],
)
def test_percentiles_are_values_that_occurred(
    values: list[float], share: float, expected: float
) -> None:
    assert percentile(values, share) == expected


@pytest.mark.parametrize("width", [1, 20, 200])
def test_the_table_is_shown_at_any_width(width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    console.print(table(report(RESULTS)))


_Found = tuple[Introduced, ...] | None


def found(
    judge: str,
    fault: Fault,
    *,
    line: int = 1,
    at: Found = Found.ANSWER,
    message: str = "",
    column: int = 4,
) -> Introduced:
    diagnostic = Diagnostic(
        judge=judge,
        code="rule",
        message=message or f"{fault}\nin detail",
        fault=fault,
        line=line,
        column=column,
    )
    return Introduced(diagnostic=diagnostic, found=at)


def judged(result: Result, one: _Found, other: _Found) -> Result:
    return replace(
        result,
        constrained=replace(result.constrained, introduced=one),
        unconstrained=replace(result.unconstrained, introduced=other),
    )


JUDGED = [
    judged(
        RESULTS[0],
        (
            found("ty", Fault.NAME),
            found("pyright", Fault.NAME),
            found("pyright", Fault.NAME),
            found("pyright", Fault.NAME, message="the same place"),
            found("pyright", Fault.NAME, message="another", column=9),
            found("pyright", Fault.NAME, line=0, at=Found.ELSEWHERE, message="and here"),
            found("pyright", Fault.NAME, line=3, at=Found.ELSEWHERE, message="and there"),
            found("ty", Fault.NAME, line=5, at=Found.ELSEWHERE, message="there too"),
            found("ty", Fault.TYPE, line=0, at=Found.UNMENDED),
        ),
        None,
    ),
    judged(RESULTS[1], (), (found("ty", Fault.IMPORT), found("ty", Fault.TYPE, column=8))),
    judged(
        result("abcd", said("abcd"), said("abcd)")),
        (found("ty", Fault.ARGUMENT),),
        (found("ty", Fault.SYNTAX), found("ty", Fault.NAME, column=8)),
    ),
    RESULTS[2],
]


def test_one_cause_counts_once_however_often_it_is_said() -> None:
    numbers = report(JUDGED, judges=["ty", "pyright"])["constrained"]["diagnostics"]
    assert numbers["by_kind"] == dict.fromkeys(map(str, Fault), 0) | {
        "unresolved_name": 3,
        "bad_argument": 1,
    }
    assert numbers["total"] == 4
    assert numbers["by_judge"]["ty"]["total"] == 3
    assert numbers["by_judge"]["pyright"]["by_kind"]["unresolved_name"] == 3
    assert (numbers["faulty"], numbers["unmended"]) == (2, 1)


def test_answers_that_do_not_parse_are_counted_among_all_holes_and_not_where_both_parse() -> None:
    numbers = report(JUDGED, judges=["ty", "pyright"])
    constrained, unconstrained = (
        numbers[side]["diagnostics"] for side in ("constrained", "unconstrained")
    )
    assert (constrained["holes"], constrained["judged"]) == (4, 3)
    assert unconstrained["by_kind"]["syntax"] == 1
    assert (constrained["total"], unconstrained["total"]) == (4, 4)
    both = constrained["both_parse"], unconstrained["both_parse"]
    assert [(part["holes"], part["judged"], part["total"]) for part in both] == [
        (1, 1, 0),
        (1, 1, 2),
    ]
    assert both[1]["by_kind"]["bad_import"] == 1


def test_nothing_offered_introduces_nothing() -> None:
    numbers = report([RESULTS[2]], judges=["ty"])["constrained"]["diagnostics"]
    assert [numbers[key] for key in ("holes", "judged", "unjudged", "total")] == [1, 0, 0, 0]


def test_an_answer_that_could_not_be_judged_is_counted_as_that() -> None:
    numbers = report(JUDGED, judges=["ty", "pyright"])["unconstrained"]["diagnostics"]
    assert (numbers["judged"], numbers["unjudged"]) == (2, 2)


def test_each_diagnostic_is_listed_with_its_place_and_its_answer() -> None:
    cases = report(JUDGED, judges=["ty", "pyright"])["diagnostic_cases"]
    assert len(cases) == 13
    assert cases[0] == {
        "file": "sample.py",
        "line": 2,
        "column": 5,
        "kind": "unresolved_name",
        "judge": "ty",
        "code": "rule",
        "message": "unresolved_name\nin detail",
        "found": "answer",
        "at": [2, 5],
        "text": "x = abcd",
        "answer": "abcd",
        "parses": True,
        "author": "abcd",
        "constrained": True,
        "imports": [],
        "open": [],
    }
    assert [case["constrained"] for case in cases] == [True] * 9 + [False] * 4
    assert [case["parses"] for case in cases[9:]] == [True, True, False, False]


def test_without_judges_nothing_is_said_of_them() -> None:
    numbers = report(RESULTS)
    assert "diagnostic_cases" not in numbers
    assert "diagnostics" not in numbers["constrained"]


def test_the_table_shows_all_holes_and_those_where_both_sides_parse() -> None:
    console = Console(file=io.StringIO(), width=120)
    console.print(table(report(JUDGED, judges=["ty", "pyright"])))
    shown = console.file.getvalue()
    lines = [line.split("│") for line in shown.splitlines() if "│" in line]
    rows = {cells[1].strip(): [cell.strip() for cell in cells[2:4]] for cells in lines}
    assert rows["unresolved name, introduced"] == ["3 (0)", "1 (0)"]
    assert rows["all, by ty alone"] == ["3 (0)", "4 (2)"]
    assert rows["all holes (those where both sides parse)"] == ["4 (1)", "4 (1)"]


def test_what_was_superseded_is_no_answer() -> None:
    assert trial(hole("x"), Superseded()).text is None
