"""Nothing of a workspace is executed, nothing raises, and no answer is waited for."""

from __future__ import annotations

import random
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from tenon.text import Deadline
from workspace import Workspace

_HOSTILE = "import pathlib\npathlib.Path({marker!r}).touch()\n"


def test_opening_a_hostile_workspace_runs_none_of_it(tmp_path: Path) -> None:
    """In a process of its own, with a hook that sees every import, process and file."""
    marker = tmp_path / "marker"
    root = tmp_path / "workspace"
    hostile = _HOSTILE.format(marker=str(marker))
    site = root / ".venv" / "lib" / "python3.11" / "site-packages"
    for directory in (root, site, root / "pack"):
        directory.mkdir(parents=True)
        for name in ("json", "jedi", "os", "builtins", "sitecustomize", "conftest", "__init__"):
            (directory / f"{name}.py").write_text(hostile)
        (directory / "evil.pth").write_text(hostile.replace("\n", ";"))
    for name in ("math.so", "_json.cpython-311-x86_64-linux-gnu.so", "fast.abi3.so"):
        (root / name).write_bytes(b"\x7fELF not a library")
    (root / ".venv" / "pyvenv.cfg").write_text("home = /nowhere\n")
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f"#!/bin/sh\ntouch {marker}\n")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    program = textwrap.dedent(
        f"""
        import sys
        seen = []
        def hook(event, arguments):
            if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork",
                         "socket.bind", "socket.connect", "ctypes.dlopen"):
                seen.append((event, arguments))
            if event == "exec" and {str(root)!r} in getattr(arguments[0], "co_filename", ""):
                seen.append((event, arguments))
        from pathlib import Path
        from tenon.semantics import Analyser
        from tenon.syntax.python import PythonSyntax
        from tenon.text import Deadline, Document
        sys.addaudithook(hook)
        before = set(sys.modules)
        root = Path({str(root)!r})
        text = ("import json, os, math, fast, pack, conftest, jedi\\nfrom pack import *\\n"
                "from conftest import *\\nx = pack.json\\n")
        document = Document(uri=(root / "edited.py").as_uri(), version=1, text=text)
        context = PythonSyntax().context(document, len(text))
        facts = Analyser(root).analyse(document, context, Deadline.after(60))
        assert facts.receiver("x") is not None
        assert not seen, seen
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            assert not file.startswith(str(root)), file
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not marker.exists()


@pytest.mark.parametrize("seed", range(12))
def test_no_buffer_whatever_raises(workspace: Workspace, seed: int) -> None:
    chance = random.Random(seed)
    lines = Path(__file__).read_text("utf-8").split("\n")
    for _ in range(6):
        broken = [chance.choice(lines)[: chance.randint(0, 60)] for _ in range(30)]
        for _ in range(3):
            broken.insert(
                chance.randrange(30), chance.choice(["(", "'''", "\0", "class A(", "é =", "\\"])
            )
        text = "\n".join(broken)
        cut = chance.randrange(len(text))
        source = text[:cut].replace("<|>", "") + "<|>" + text[cut:].replace("<|>", "")
        facts = workspace.facts(source)
        assert facts.names.reason


def test_a_deadline_that_has_passed_leaves_the_domains_open(workspace: Workspace) -> None:
    facts = workspace.facts("x = ''\nx.<|>", deadline=Deadline.after(0))
    assert facts.late
    assert not facts.names.complete
    again = workspace.facts("x = ''\nx.<|>")
    assert not again.late
    assert again.receiver("x").complete


def test_a_document_without_a_file_is_analysed_all_the_same(workspace: Workspace) -> None:
    document, context = workspace.context("s = ''\ns.<|>")
    untitled = type(document)(uri="untitled:Untitled-1", version=1, text=document.text)
    assert workspace.analyser.analyse(untitled, context, Deadline.after(60)).receiver("s").complete


def test_modules_that_import_one_another_end(workspace: Workspace) -> None:
    workspace.write("a.py", "from b import *\nfrom b import x as y\nclass A(B): pass\n")
    workspace.write("b.py", "from a import *\nfrom a import y as x\nclass B(A): pass\n")
    facts = workspace.facts("from a import *\nimport a, b\na.x.<|>")
    assert facts.receiver("a.x").complete is False


def test_files_that_are_no_python_are_unresolved(workspace: Workspace) -> None:
    (workspace.root / "binary.py").write_bytes(b"\xff\xfe\x00 x = 1")
    workspace.write("broken.py", "def f(:\n")
    facts = workspace.facts("import binary, broken\nbinary.<|>")
    assert not facts.receiver("binary").complete
    assert not facts.receiver("broken").complete


@pytest.mark.slow
def test_a_long_buffer_is_read_once_and_then_by_the_piece(workspace: Workspace) -> None:
    """20,000 lines: the second analysis costs a fraction of the first."""
    from time import process_time

    method = (
        "    def m{0}(self, a: str):\n        self.x{0} = a\n        return self.x{0}.upper()\n\n"
    )
    text = "class A:\n" + "".join(method.format(i) for i in range(5000))
    began = process_time()
    workspace.facts(text + "    def last(self):\n        self.<|>\n")
    first = process_time() - began
    began = process_time()
    facts = workspace.facts(text + "    def last(self):\n        self.x<|>\n")
    second = process_time() - began
    assert facts.receiver("self").complete
    assert "x4999" in facts.receiver("self").words
    assert second < first / 2
