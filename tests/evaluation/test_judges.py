"""The judges themselves, on small files: each fault has its kind, and imports are found."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tenon.evaluation.diagnostics import Fault, Found
from tenon.evaluation.holes import Hole, Kind, Place, Source
from tenon.evaluation.judges import Judge, JudgeError, JudgeName
from tenon.evaluation.judging import Judging
from tenon.evaluation.languageserver import LanguageServer, ServerError
from tenon.semantics.facts import Import

CODE = """\
import os
from helper import Shape, paint

def grow(shape: Shape) -> int:
    return 1
"""
HELPER = """\
class Shape:
    sides: int = 3

def paint(shape: Shape, *, colour: str = "red") -> str: ...
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judged")
    (folder / "helper.py").write_text(HELPER)
    (folder / "code.py").write_text(CODE)
    return folder


@pytest.fixture(scope="module", params=list(JudgeName))
def judge(request: pytest.FixtureRequest, workspace: Path) -> Iterator[Judge]:
    try:
        called = Judge(request.param, workspace)
    except JudgeError as reason:
        pytest.skip(str(reason))
    with closing(called):
        yield called


def faults(judge: Judge, workspace: Path, text: str) -> list[Fault]:
    uri = (workspace / "code.py").as_uri()
    return [found.fault for found in judge.check(uri, text)]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("grown = 1 + nowhere", Fault.NAME),
        ("count = Shape().corners", Fault.ATTRIBUTE),
        ("grow(Shape(), 2)", Fault.ARGUMENT),
        ("paint(Shape(), color='red')", Fault.ARGUMENT),
        ("paint()", Fault.ARGUMENT),
        ("import nosuchmodule", Fault.IMPORT),
        ("from helper import squash", Fault.IMPORT),
        ("grow('square')", Fault.TYPE),
        ("sides: str = Shape().sides", Fault.TYPE),
        ("for side in Shape(): pass", Fault.TYPE),
        ("sides = 1 +", Fault.SYNTAX),
        ("return 1", Fault.SYNTAX),
    ],
)
def test_each_fault_has_its_kind(judge: Judge, workspace: Path, line: str, fault: Fault) -> None:
    assert faults(judge, workspace, f"{CODE}\n{line}\n") == [fault]


def test_what_is_right_is_left_alone(judge: Judge, workspace: Path) -> None:
    assert faults(judge, workspace, CODE + "\nprint(grow(Shape()), os.sep)\n") == []


def test_installed_packages_are_found(judge: Judge, workspace: Path) -> None:
    assert faults(judge, workspace, "import pytest\npytest.mark\n") == []


def test_the_judge_sees_the_text_it_is_given_not_the_file(judge: Judge, workspace: Path) -> None:
    assert faults(judge, workspace, "nowhere\n")[:1] == [Fault.NAME]
    assert faults(judge, workspace, CODE) == []


@pytest.mark.parametrize("text", ["", "\0", "def (", "x = '\u2028\U0001f600'", "(" * 500])
def test_no_text_is_too_bad_to_be_judged(judge: Judge, workspace: Path, text: str) -> None:
    faults(judge, workspace, text)
    assert faults(judge, workspace, CODE) == []


def test_a_judge_that_died_is_started_again(judge: Judge, workspace: Path) -> None:
    judge._server.close()
    assert faults(judge, workspace, "nowhere\n")[:1] == [Fault.NAME]


def test_an_answer_is_measured_against_the_author_s_text(judge: Judge, workspace: Path) -> None:
    before = "def total(items: list[int]) -> int:\n    start = missing\n    count = "
    after = "\n    return count - 1 + start\n"
    hole = Hole(
        source=Source(name="code.py", uri=(workspace / "code.py").as_uri(), load=lambda: None),
        kind=Kind.LINE_END,
        place=Place.BOUNDARY,
        before=before,
        after=after,
        expected="len(items)",
        intact=(before, after),
    )
    judging = Judging([judge])
    assert judging.introduced(hole, "sum(items)") == ()
    ours = judging.introduced(hole, "items.size()")
    assert [(one.diagnostic.fault, one.found) for one in ours] == [
        (Fault.ATTRIBUTE, Found.ANSWER)
    ]
    assert [one.found for one in judging.introduced(hole, "'one'")] == [Found.ELSEWHERE]


def test_an_answer_that_does_not_parse_is_judged_as_the_editor_shows_it(
    judge: Judge, workspace: Path
) -> None:
    before, after = "import os\n\nold = missing\nhere = ", "\nprint(os.sep)\n"
    hole = Hole(
        source=Source(name="code.py", uri=(workspace / "code.py").as_uri(), load=lambda: None),
        kind=Kind.LINE_END,
        place=Place.BOUNDARY,
        before=before,
        after=after,
        expected="os.getcwd()",
        intact=(before, after),
    )
    judging = Judging([judge])
    broken = judging.introduced(hole, "os.curdir]")
    assert {(one.diagnostic.fault, one.found) for one in broken} >= {
        (Fault.SYNTAX, Found.ANSWER)
    }
    assert not any("missing" in one.diagnostic.message for one in broken)
    wrong = judging.introduced(hole, "elsewhere)")
    assert {Fault.SYNTAX, Fault.NAME} <= {one.diagnostic.fault for one in wrong}


def test_an_answer_is_judged_with_the_imports_that_come_with_it(
    judge: Judge, workspace: Path
) -> None:
    before, after = '"""Code."""\n\nimport os\n\nhere = ', "\nprint(os.sep, nowhere)\n"
    hole = Hole(
        source=Source(name="code.py", uri=(workspace / "code.py").as_uri(), load=lambda: None),
        kind=Kind.LINE_END,
        place=Place.BOUNDARY,
        before=before,
        after=after,
        expected="os.getcwd()",
        intact=(before, after),
    )
    judging = Judging([judge])
    assert [one.diagnostic.fault for one in judging.introduced(hole, "Path.cwd()")] == [
        Fault.NAME
    ]
    path = Import(module="pathlib", name="Path", origin="standard")
    assert judging.introduced(hole, "Path.cwd()", [path]) == ()
    wrong = judging.introduced(hole, "Path.now()", [path])
    assert [(one.diagnostic.fault, one.found) for one in wrong] == [
        (Fault.ATTRIBUTE, Found.ANSWER)
    ]


@pytest.mark.parametrize(
    "command",
    [
        ("no-such-program",),
        (sys.executable, "-c", ""),
        (sys.executable, "-c", "print('good morning'); import time; time.sleep(9)"),
        (sys.executable, "-c", "print('Content-Length: 2\\r\\n\\r\\n{]')"),
    ],
    ids=["absent", "silent", "chatty", "broken"],
)
def test_a_program_that_is_no_language_server_is_an_error(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(ServerError):
        LanguageServer(command, root=tmp_path, settings={}, patience=2)
