"""How good completions are on a fixed set of holes, beside the numbers that were last committed.

What must hold on every machine is compared exactly: the holes, what is refused of the author's
text, and that every answer parses. What a model says differs in its last bits from processor
to processor, so the rest may drift a little before it fails. `TENON_REWRITE=1` writes the
numbers anew; the difference is for a reviewer.
"""

from __future__ import annotations

import csv
import math
import os
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tenon.commands.session import service, settings
from tenon.commands.source import read
from tenon.evaluation.holes import Source, holes
from tenon.evaluation.run import Result, run
from tenon.service.audit import Auditor

CASES = Path(__file__).parents[1] / "cases" / "eval"
BASELINE = Path(__file__).with_name("baseline.csv")
HOLES, SEED = 60, 1
FIXED = ("file", "line", "column", "kind", "place", "broken", "author_refused", "parses")
ANSWERS_DRIFT, EXACT_DRIFT, KEPT_DRIFT = 4, 3, 0.05

Row = dict[str, str]


def text_of(path: Path) -> str:
    return read(path).text


def measured() -> list[Row]:
    sources = [
        Source(name=path.name, uri=path.as_uri(), load=partial(text_of, path))
        for path in sorted(CASES.glob("*.py"))
    ]
    chosen = settings()
    with service(chosen, CASES) as running, closing(Auditor(chosen, CASES)) as auditor:
        punched = holes(sources, count=HOLES, seed=SEED)
        return [row(result) for result in run(punched, running, auditor, seconds=math.inf)]


def row(result: Result) -> Row:
    line, column = result.hole.position
    marks, alone = result.constrained.marks, result.unconstrained.marks
    return {
        "file": result.hole.source.name,
        "line": str(line),
        "column": str(column),
        "kind": str(result.hole.kind),
        "place": str(result.hole.place),
        "broken": yes(result.hole.broken),
        "author_refused": " ".join(str(evidence.domain) for evidence in result.refused),
        "parses": yes(marks is None or marks.parses),
        "answered": yes(marks is not None),
        "exact": yes(marks is not None and marks.exact),
        "kept": f"{marks.kept if marks else 0:.2f}",
        "unconstrained_parses": yes(alone is not None and alone.parses),
        "unconstrained_exact": yes(alone is not None and alone.exact),
        "unconstrained_kept": f"{alone.kept if alone else 0:.2f}",
    }


def yes(value: bool) -> str:
    return "yes" if value else "no"


def count(rows: list[Row], column: str) -> int:
    return sum(row[column] == "yes" for row in rows)


def kept(rows: list[Row]) -> float:
    return sum(float(row["kept"]) for row in rows) / len(rows)


@pytest.mark.slow
def test_completions_are_as_good_as_when_they_were_last_reviewed() -> None:
    rows = measured()
    if os.environ.get("TENON_REWRITE"):
        with BASELINE.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    with BASELINE.open(newline="", encoding="utf-8") as file:
        baseline = list(csv.DictReader(file))
    for now, then in zip(rows, baseline, strict=True):
        assert {key: now[key] for key in FIXED} == {key: then[key] for key in FIXED}
    assert abs(count(rows, "answered") - count(baseline, "answered")) <= ANSWERS_DRIFT
    assert abs(count(rows, "exact") - count(baseline, "exact")) <= EXACT_DRIFT
    assert abs(kept(rows) - kept(baseline)) <= KEPT_DRIFT


def test_the_baseline_holds_nothing_that_tenon_promises_never_to_do() -> None:
    with BASELINE.open(newline="", encoding="utf-8") as file:
        baseline = list(csv.DictReader(file))
    assert len(baseline) == HOLES
    assert [row for row in baseline if row["parses"] != "yes" or row["author_refused"]] == []
