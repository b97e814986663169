"""Memory does not grow with the files that were looked at, nor with the buffers."""

from __future__ import annotations

import ast
import gc
from pathlib import Path

import pytest

from tenon.text import Deadline
from workspace import Workspace

FILES = 90
MODULE = "class C{number}_{row}:\n    def f(self, x: int) -> str:\n        return str(x + {row})\n"


def nodes() -> int:
    """Nodes of syntax trees that are alive."""
    gc.collect()
    return sum(isinstance(each, ast.AST) for each in gc.get_objects())


def waiting_for_the_collector(workspace: Workspace, source: str) -> int:
    """Nodes that are left when `source` is looked at and closed, and that only lead to each
    other."""
    gc.collect()
    gc.disable()
    try:
        document, context = workspace.context(source)
        workspace.analyser.analyse(document, context, Deadline.after(60))
        workspace.analyser.forget(document.uri)
        workspace.facts("x = 1\n<|>\n", name="another.py")
        left = sum(isinstance(each, ast.AST) for each in gc.get_objects())
        return left - nodes()
    finally:
        gc.enable()


def test_what_methods_set_does_not_keep_a_closed_buffers_tree(tmp_path: Path) -> None:
    sets = "".join(f"    def f{n}(self):\n        self.x{n} = str({n})\n" for n in range(50))
    source = f"class C:\n{sets}c = C()\nc.<|>\n"
    assert waiting_for_the_collector(Workspace(tmp_path), source) == 0


def test_the_source_of_a_standard_module_is_not_kept_for_its_names(tmp_path: Path) -> None:
    # Few ask for these two, so that no test before this one has.
    source = "import imaplib, smtplib\nimaplib.\nsmtplib.<|>\n"
    assert waiting_for_the_collector(Workspace(tmp_path), source) == 0


@pytest.mark.slow
def test_trees_of_a_large_workspace_are_let_go_again(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    before = nodes()
    for number in range(FILES):
        rows = "".join(MODULE.format(number=number, row=row) for row in range(700))
        workspace.write(f"module{number}.py", rows)
        source = f"from module{number} import C{number}_1\nx = C{number}_1()\nx.<|>\n"
        facts = workspace.facts(source, name=f"edited{number}.py", deadline=Deadline.after(60))
        assert facts.receiver("x") is not None
    of_one = sum(1 for _ in ast.walk(ast.parse(rows)))
    assert nodes() - before < 0.6 * of_one * FILES


@pytest.mark.slow
def test_buffers_that_change_and_close_leave_nothing_behind(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    rows = "".join(MODULE.format(number=0, row=row) for row in range(300))
    alive: list[int] = []
    for turn in range(60):
        source = f"{rows}x{turn} = C0_{turn}()\nx{turn}.<|>\n"
        document, context = workspace.context(source)
        workspace.analyser.analyse(document, context, Deadline.after(60))
        if turn % 10 == 9:
            workspace.analyser.forget(document.uri)
            alive.append(nodes())
    assert alive[-1] < alive[0] * 1.1
