"""The doctor finds what is well, names what is not, and says what to do about it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tenon.commands.checks import Finding, findings
from tenon.commands.doctor import line

CHECKS = [
    "python",
    "processor",
    "llama.cpp",
    "devices",
    "manifest",
    "model",
    "FIM tokens",
    "speed",
    "llguidance",
    "grammar",
    "tree-sitter",
    "analysis",
    "packages",
    "editors",
]
OF_THE_MODEL = {"manifest", "model", "FIM tokens", "speed", "llguidance", "grammar"}


def test_all_is_well_with_the_bundled_model() -> None:
    found = list(findings())
    assert [finding.what for finding in found] == CHECKS
    assert [finding for finding in found if not finding.well] == []
    assert all(finding.detail and "\n" not in finding.detail for finding in found)


@pytest.mark.parametrize("content", [None, b"", b"no model at all", b"GGUF\x03\0\0\0\xff\xff"])
def test_a_model_that_cannot_be_used_is_named_and_the_rest_is_still_looked_at(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "other.gguf"
    if content is not None:
        path.write_bytes(content)
    found = {finding.what: finding for finding in findings(path)}
    assert list(found) == CHECKS
    assert str(path) in found["model"].detail
    assert "--model" in found["model"].remedy
    faults = {what for what, finding in found.items() if not finding.well}
    assert OF_THE_MODEL - {"manifest"} <= faults <= OF_THE_MODEL


def test_a_damaged_copy_of_the_bundled_model_fails_its_hash(tmp_path: Path) -> None:
    from tenon.engine.models import bundled

    data = bytearray(bundled().read_bytes())
    data[-1] ^= 1
    path = tmp_path / bundled().name
    path.write_bytes(data)
    manifest = next(finding for finding in findings(path) if finding.what == "manifest")
    assert not manifest.well and "sha256" in manifest.detail


def test_a_line_shows_the_remedy_only_of_a_fault() -> None:
    well = line(Finding(what="jedi", well=True, detail="0.20"))
    ill = line(Finding(what="jedi", well=False, detail="missing", remedy="reinstall"))
    assert well.plain == "✔ jedi        0.20"
    assert ill.plain == "✘ jedi        missing → reinstall"


@pytest.mark.parametrize(("model", "status"), [(None, 0), ("absent.gguf", 1)])
def test_the_exit_status_says_whether_all_is_well(
    tenon: Callable[..., subprocess.CompletedProcess[str]], model: str | None, status: int
) -> None:
    arguments = ("--model", model) if model else ()
    ended = tenon("doctor", "--json", *arguments)
    report = json.loads(ended.stdout)
    assert ended.returncode == status, ended.stdout
    assert report["well"] is (status == 0)
    assert [check["what"] for check in report["checks"]] == CHECKS
