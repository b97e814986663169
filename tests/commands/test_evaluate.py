"""`tenon eval` end to end: its report has the keys it promises, and a seed repeats itself."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

CASES = Path(__file__).parents[1] / "cases" / "eval"
SIDE = {
    "holes",
    "answered",
    "empty",
    "parse_failures",
    "refused",
    "exact",
    "kept_chars",
    "constraint_us",
    "request_ms",
}
DOMAINS = {"syntax", "names", "members", "imports", "calls", "types", "control flow"}
CLOCKED = ("constraint_us", "request_ms")


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in CLOCKED}
    return value


@pytest.mark.slow
def test_a_report_has_every_key_and_a_seed_repeats_it(tenon: Run, tmp_path: Path) -> None:
    reports = []
    for name in ("first.json", "second.json"):
        path = tmp_path / name
        ended = tenon("eval", str(CASES), "--holes", "6", "--seed", "5", "--json", str(path))
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "parse failures" in ended.stdout
        reports.append(json.loads(path.read_text("utf-8")))
    first, second = reports
    for side in ("constrained", "unconstrained"):
        assert set(first[side]) == SIDE
        assert first[side]["holes"] == 6 == first[side]["answered"] + first[side]["empty"]
        assert set(first[side]["constraint_us"]) == {"p50", "p95", "p99"}
        assert set(first[side]["request_ms"]) == {"p50", "p95"}
    assert set(first["constrained"]["refused"]) == DOMAINS
    assert first["constrained"]["parse_failures"] == 0
    assert without_times(first) == without_times(second)


@pytest.mark.slow
def test_judges_say_what_the_answers_of_both_sides_introduce(tenon: Run, tmp_path: Path) -> None:
    path = tmp_path / "judged.json"
    ended = tenon(
        "eval", str(CASES), "--holes", "4", "--seed", "5", "--judges", "ty", "--json", str(path)
    )
    if "not installed" in ended.stderr:
        pytest.skip(ended.stderr)
    assert (ended.returncode, ended.stderr) == (0, "")
    numbers = json.loads(path.read_text("utf-8"))
    for side in ("constrained", "unconstrained"):
        assert set(numbers[side]) == SIDE | {"diagnostics"}
        found = numbers[side]["diagnostics"]
        assert (found["judged"], found["unjudged"]) == (numbers[side]["answered"], 0)
        assert found["total"] == sum(found["by_kind"].values())
        assert found["by_judge"]["ty"]["by_kind"] == found["by_kind"]
    assert "unresolved name, introduced" in ended.stdout


def test_a_judge_that_is_none_is_said_so(tenon: Run) -> None:
    ended = tenon("eval", str(CASES), "--judges", "ty,mypy")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "'mypy' is not a judge: ty, pyright" in ended.stderr


def test_files_that_are_no_code_make_no_report(tenon: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def (:\n")
    ended = tenon("eval", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "no file there compiles" in ended.stderr


def test_a_report_that_cannot_be_written_is_said_so(tenon: Run, tmp_path: Path) -> None:
    target = tmp_path / "no" / "such" / "folder.json"
    ended = tenon("eval", str(CASES), "--holes", "1", "--json", str(target))
    assert ended.returncode == 2
    assert str(target) in ended.stderr
