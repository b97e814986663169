"""`tenon explain`, as a person calls it: what is said, where, and the status."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

CODE = "from pathlib import Path\n\n\ndef stem(path: Path):\n    return path.\n"


@pytest.fixture
def place(tmp_path: Path) -> str:
    path = tmp_path / "sample.py"
    path.write_text(CODE)
    return f"{path}:5:17"


def test_the_account_names_the_place_its_domains_and_the_members(tenon: Run, place: str) -> None:
    ended = tenon("explain", place)
    assert (ended.returncode, ended.stderr) == (0, "")
    for said in ("attribute", "def stem(path: Path):", "members", "narrowed", "path is Path"):
        assert said in ended.stdout


def test_a_text_that_is_refused_is_told_with_its_place_and_status_one(
    tenon: Run, place: str
) -> None:
    ended = tenon("explain", place, "--text", "parent.exsts()")
    assert ended.returncode == 1
    assert "refused by members at 5:24, once 'parent.exs' was said" in ended.stdout
    assert "exists" in ended.stdout


def test_a_text_that_fits_has_status_zero(tenon: Run, place: str) -> None:
    ended = tenon("explain", place, "--text", "parent")
    assert ended.returncode == 0
    assert "it fits" in ended.stdout


def test_json_has_the_whole_account(tenon: Run, place: str) -> None:
    ended = tenon("explain", place, "--json", "--text", "exsts")
    account = json.loads(ended.stdout)
    assert (account["line"], account["column"], account["role"]) == (5, 17, "attribute")
    assert account["receiver"]["owner"] == "Path"
    (objection,) = account["about"]["objections"]
    assert (objection["domain"], objection["at"], objection["said"]) == ("members", 0, 3)
    assert {view["domain"] for view in account["domains"]} >= {"syntax", "names", "members"}


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("{place}:9", "is not FILE:LINE:COL"),
        ("{file}:9:1", "has 6 lines, not 9"),
        ("{file}:5:99", "column 99 is past its end"),
        ("{file}:0:1", "count from 1"),
        ("{folder}/none.py:1:1", "does not exist"),
        ("{folder}/page.txt:1:1", "no grammar"),
    ],
)
def test_a_place_that_does_not_exist_is_said_in_one_line(
    tenon: Run, place: str, tmp_path: Path, location: str, said: str
) -> None:
    (tmp_path / "page.txt").write_text("hello\n")
    file = place.rsplit(":", 2)[0]
    location = location.format(place="sample.py", file=file, folder=tmp_path)
    ended = tenon("explain", location)
    assert ended.returncode == 2 and ended.stdout == ""
    assert said in ended.stderr and ended.stderr.count("\n") == 1
