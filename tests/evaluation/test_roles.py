"""A hundred holes, one a role: what is answered there brings no error of any kind.

With the bundled model, and with one of random weights, whose answers are the constraints' doing
alone. What still goes wrong stands in `open.csv` beside the cases, each with the domain that
ought to have refused it; `TENON_REWRITE=1` writes it anew, and the difference is for a reviewer.
"""

from __future__ import annotations

import csv
import math
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from models import random_model
from role_cases import ROLES, Case, cases

from tenon.commands.session import service, settings
from tenon.evaluation.diagnostics import Fault, Found
from tenon.evaluation.judge import compiles
from tenon.evaluation.judges import Judge, JudgeError, JudgeName
from tenon.evaluation.judging import Judging
from tenon.evaluation.run import trial
from tenon.service.audit import Auditor
from tenon.service.request import Request
from tenon.text import Deadline, Document

OPEN = ROLES / "open.csv"
DRIFT = 4
"""What a model says differs in its last bits from processor to processor."""
DOMAINS = {
    Fault.NAME: "names",
    Fault.ATTRIBUTE: "members",
    Fault.IMPORT: "imports",
    Fault.ARGUMENT: "calls",
    Fault.TYPE: "types",
    Fault.SYNTAX: "syntax",
    Fault.OTHER: "other",
}

Row = tuple[str, str, str]
"""The model, the case, and the domain that ought to have refused."""


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[Judge]]:
    root = tmp_path_factory.mktemp("roles")
    reasons = []
    with ExitStack() as stack:
        called = []
        for name in JudgeName:
            try:
                called.append(stack.enter_context(closing(Judge(name, root))))
            except JudgeError as reason:
                reasons.append(str(reason))
        if not called:
            pytest.skip("; ".join(reasons))
        yield called


def document(case: Case, version: int) -> Document:
    return Document(uri=case.hole.source.uri, version=version, text=case.hole.text)


def test_there_are_cases_enough_and_all_are_programs() -> None:
    assert len(cases()) >= 80
    assert [case.name for case in cases() if not compiles(case.hole.source.load() or "")] == []


def test_the_judges_have_nothing_against_what_the_authors_wrote(judges: Sequence[Judge]) -> None:
    found = {
        case.name: [(one.judge, one.message) for one in said]
        for case in cases()
        for judge in judges
        if (said := judge.check(case.hole.source.uri, case.hole.filled(case.hole.expected)))
    }
    assert found == {}


def test_what_the_authors_wrote_is_refused_nowhere(tmp_path: Path) -> None:
    with closing(Auditor(settings(), tmp_path)) as auditor:
        refused = {
            case.name: [(str(one.domain), one.reason) for one in evidence]
            for version, case in enumerate(cases())
            if (
                evidence := auditor.audit(
                    document(case, version), len(case.hole.before), case.hole.expected
                )
            )
        }
    assert refused == {}


@pytest.mark.slow
@pytest.mark.parametrize("model", ["bundled", "random"])
def test_answers_bring_no_error_of_their_own(
    model: str, judges: Sequence[Judge], tmp_path: Path
) -> None:
    weights = random_model(tmp_path / "random.gguf") if model == "random" else None
    rows, counts = answered(model, weights, tmp_path, judges)
    said = counts["right"] + counts["wrong"]
    print(f"{model}: {dict(counts)}; calls and types are right in {counts['typed'] / said:.0%}")
    known = read_open()
    if os.environ.get("TENON_REWRITE"):
        write_open([*(row for row in known if row[0] != model), *rows])
        return
    assert counts["does not parse"] == 0
    new = sorted(set(rows) - set(known))
    assert len(new) <= DRIFT, new


def answered(
    model: str, weights: Path | None, root: Path, judges: Sequence[Judge]
) -> tuple[list[Row], Counter[str]]:
    """What goes wrong, and how many answers are right, wrong or none; and in how many the calls
    and types are right, whatever else is not."""
    rows: list[Row] = []
    counts: Counter[str] = Counter()
    judging = Judging(judges)
    with service(settings(model=weights), root) as running:
        for version, case in enumerate(cases()):
            request = Request(
                document=document(case, version),
                offset=len(case.hole.before),
                deadline=Deadline.after(math.inf),
                invoked=True,
            )
            answer = trial(case.hole, running.submit(request).result())
            if answer.text is None or answer.marks is None:
                counts["no answer"] += 1
            elif not answer.marks.parses:
                counts["does not parse"] += 1
            else:
                found = [
                    one
                    for one in judging.introduced(case.hole, answer.text, answer.imports)
                    if one.found is not Found.UNMENDED
                ]
                domains = {DOMAINS[one.diagnostic.fault] for one in found}
                rows += [(model, case.name, domain) for domain in sorted(domains)]
                counts["wrong" if found else "right"] += 1
                counts["typed"] += not domains & {"calls", "types"}
    return rows, counts


def read_open() -> list[Row]:
    with OPEN.open(newline="", encoding="utf-8") as file:
        return [(row["model"], row["case"], row["domain"]) for row in csv.DictReader(file)]


def write_open(rows: Sequence[Row]) -> None:
    with OPEN.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("model", "case", "domain"), *sorted(rows)])
