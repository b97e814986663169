"""Imports: what a module offers, through the whole way from a workspace to a verdict."""

from __future__ import annotations

from pathlib import Path

import pytest
from tenon.constraints.constraint import Domain, Verdict
from workspace import Workspace


@pytest.fixture
def packed(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path)
    workspace.write("pack/__init__.py", "from pack.inner import Engine\nstart = 1\n")
    workspace.write("pack/inner.py", "import os\nclass Engine: pass\ndef make(): pass\n")
    workspace.write("pack/deep/__init__.py", "")
    workspace.write("pack/deep/core.py", "value = 1\n")
    workspace.write("lazy.py", "def __getattr__(name): ...\n")
    return workspace


ACCEPTED = [
    ("from pack import <|>", "Engine, inner as i, start\n"),
    ("<|>", "from . import anything\n"),
    ("<|>", "from .. import anything\n"),
    ("<|>", "from.import anything\n"),
    ("from pack import <|>", "\N{FULLWIDTH LATIN CAPITAL LETTER E}ngine\n"),
    ("from pack import (<|>", "Engine,\n    deep)\n"),
    ("from pack.inner import Eng<|>", "ine\n"),
    ("from pack.<|>", "deep.core import value\n"),
    ("import pack.<|>", "deep as d, nowhere\n"),
    ("import pack.<|>", "_version\n"),
    ("from lazy import <|>", "anything\n"),
    ("from nowhere import <|>", "anything\n"),
    ("<|>", "import whatever.it.be\nfrom made.up import anything\n"),
    ("from os import <|>", "path, environ\n"),
    ("from sys import <|>", "_private\n"),
    ("from os import <|>", "_exit\n"),
    ("import pack\nx = '''<|>", "\nfrom pack import is prose\n"),
    ("try:\n    from pack import <|>\nexcept ImportError:\n    pass\n", "anything"),
    ("from pack import *\n<|>", "x = 1\n"),
]


@pytest.mark.parametrize(("source", "text"), ACCEPTED)
def test_what_a_module_offers_or_may_offer_is_accepted(
    packed: Workspace, source: str, text: str
) -> None:
    assert packed.refused_at(Domain.IMPORTS, source, text) is None


REFUSED = [
    ("from pack import <|>", "Engx", 4),
    ("from pack import <|>", "Eng\n", 4),
    ("from pack import <|>", "Engine, made", 9),
    ("from pack import <|>", "Engine\N{ROMAN NUMERAL ONE THOUSAND C D}", 7),
    ("from pack import (Engine,\n    <|>", "x", 1),
    ("from pack.<|>", "deap", 3),
    ("import pack\nfrom <|>", "pack import z", 13),
    ("from os import <|>", "enviroment", 7),
    ("from os import <|>", "_privaty", 3),
    ("import pack.<|>", "other", 1),
    ("from pack.<|>", "deep.core import anything\n", 18),
    ("<|>", "from pack.inner import nothing\n", 24),
    ("<|>", "import pack.inner, pack.outer\n", 25),
    ("from pack import <|>", "__Engine\n", 9),
    ("def f():\n    <|>", "from pack.deep import core, cure\n", 30),
]


@pytest.mark.parametrize(("source", "text", "at"), REFUSED)
def test_what_a_module_lacks_is_refused_at_its_first_wrong_character(
    packed: Workspace, source: str, text: str, at: int
) -> None:
    assert packed.refused_at(Domain.IMPORTS, source, text) == at


@pytest.mark.parametrize(
    ("source", "text"),
    [("from . import <|>", "core\n"), ("from .core import <|>", "value\n"),
     ("from ..inner import <|>", "make\n"), ("from .. import <|>", "start\n")],
)  # fmt: skip
def test_relative_imports_start_where_the_file_lies(
    packed: Workspace, source: str, text: str
) -> None:
    name = "pack/deep/edited.py"
    constraint = packed.constraint(Domain.IMPORTS, source, name)
    assert constraint.judge(text).verdict is Verdict.COMPLETE
    assert constraint.judge("qqq").verdict is Verdict.DEAD


def test_a_relative_import_is_read_letter_by_letter(packed: Workspace) -> None:
    text = "from . import core\n"
    constraint = packed.constraint(Domain.IMPORTS, "<|>", "pack/deep/edited.py")
    verdicts = [constraint.judge(text[:end]).verdict for end in range(len(text) + 1)]
    assert Verdict.DEAD not in verdicts
    assert constraint.judge("from . cure import x\n").verdict is Verdict.DEAD


TOP_LEVEL = [
    ("<|>", "import whatever.it\n", 7),
    ("<|>", "import os, whatever\n", 11),
    ("<|>", "from made.up import anything\n", 5),
    ("if __name__ == '__main__':\n    <|>", "import whatever\n", 7),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    <|>", "import whatever\n", 7),
]


@pytest.fixture
def installed(packed: Workspace) -> Workspace:
    """The same workspace, with an environment of its own."""
    packed.write("pyproject.toml", "[project]\ndependencies = ['named-here>=1']\n")
    packed.write("user.py", "import used_elsewhere\n")
    packed.write(".venv/pyvenv.cfg", "")
    packed.write(".venv/lib/python3.12/site-packages/present/__init__.py", "")
    packed.write(".venv/lib/python3.12/site-packages/linked.pth", "import hook; hook('by_hook')\n")
    return Workspace(packed.root)


@pytest.mark.parametrize(("source", "text", "at"), TOP_LEVEL)
def test_a_module_that_nothing_knows_of_is_refused_where_what_is_installed_is_known(
    packed: Workspace, installed: Workspace, source: str, text: str, at: int
) -> None:
    refused = installed.constraint(Domain.IMPORTS, source).judge(text)
    assert refused.verdict is Verdict.DEAD
    assert refused.evidence[0].at == at
    assert packed.constraint(Domain.IMPORTS, source).judge(text).verdict is Verdict.COMPLETE


@pytest.mark.parametrize(
    "line",
    ["import present", "import named_here", "from used_elsewhere import it", "import by_hook",
     "import os", "import pack", "import _abc", "from __future__ import annotations"],
)  # fmt: skip
def test_a_module_that_is_installed_or_named_somewhere_is_accepted(
    installed: Workspace, line: str
) -> None:
    constraint = installed.constraint(Domain.IMPORTS, "<|>")
    assert constraint.judge(f"{line}\n").verdict is Verdict.COMPLETE


def test_in_files_that_are_none_of_the_workspaces_own_any_may_be_imported(
    installed: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    beside = tmp_path_factory.mktemp("elsewhere") / "library" / "part.py"
    within = ".venv/lib/python3.12/site-packages/present/part.py"
    for name in (str(beside), within):
        constraint = installed.constraint(Domain.IMPORTS, "<|>", name)
        assert constraint.judge("import whatever\n").verdict is Verdict.COMPLETE


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    <|>\nexcept ImportError:\n    pass\n",
        "try:\n    <|>\nexcept:\n    pass\n",
        "import sys\nif sys.platform == 'win32':\n    <|>\n",
        "import not_found_either\n<|>\n",
    ],
)
def test_where_modules_may_be_missing_any_may_be_imported(
    installed: Workspace, source: str
) -> None:
    constraint = installed.constraint(Domain.IMPORTS, source)
    assert constraint.judge("import whatever\n").verdict is not Verdict.DEAD


@pytest.mark.parametrize(
    ("source", "text", "verdict"),
    [
        ("from pack<|>inner import make\n", "", Verdict.COMPLETE),
        ("from pack.<|>ner import make\n", "in", Verdict.COMPLETE),
        ("from pack.<|>ner import make\n", "deep", Verdict.OPEN),
        ("from . <|>nowhere import x\n", "", Verdict.COMPLETE),
        ("from pack import (  # all\n    start,\n    <|>)\n", "nothing,", Verdict.DEAD),
        ("from pack import <|>\n", "__version__\n", Verdict.DEAD),
        ("from pack import <|>\n", "__name__ as n\n", Verdict.COMPLETE),
    ],
)
def test_the_word_that_text_and_rest_make_together_is_judged(
    packed: Workspace, source: str, text: str, verdict: Verdict
) -> None:
    assert packed.constraint(Domain.IMPORTS, source).judge(text).verdict is verdict


def test_the_evidence_names_the_module(packed: Workspace) -> None:
    constraint = packed.constraint(Domain.IMPORTS, "from pack.inner import <|>")
    evidence = constraint.judge("Enjine").evidence[0]
    assert evidence.reason == "'pack.inner' has no name 'Enjine'"
    assert evidence.allowed == ("Engine",)


BUILT = [
    # (source, text, verdict): an installer left nothing to be made
    ("from present<|>\n", "._version import x", Verdict.DEAD),
    ("from present<|>\n", ".__dict__ import x", Verdict.DEAD),
    ("from present<|>\n", ".__main__ import x", Verdict.COMPLETE),
    ("from present<|>\n", "._own import x", Verdict.COMPLETE),
    ("import sys\nif sys.platform == 'win32':\n    from present<|>\n", "._version import x",
     Verdict.COMPLETE),
    ("from pack<|>\n", "._version import x", Verdict.COMPLETE),
    ("from spread<|>\n", ".one import x", Verdict.COMPLETE),
    ("from spread<|>\n", " import one", Verdict.COMPLETE),
    ("from spread<|>\n", ".two import x", Verdict.DEAD),
    ("from elsewhere<|>\n", ".two import x", Verdict.COMPLETE),
    ("from os <|> present\n", "import name;", Verdict.COMPLETE),
    ("from os<|> whatever\n", " import name; import", Verdict.OPEN),
    ("import <|> whatever\n", "os;", Verdict.COMPLETE),
    ("import os. <|>\n", "path", Verdict.COMPLETE),
    ("import os. <|>\n", "pith", Verdict.DEAD),
    ("import __main__<|>\n", "", Verdict.COMPLETE),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text", "verdict"), BUILT)
def test_what_an_installer_put_there_is_whole(
    installed: Workspace, source: str, text: str, verdict: Verdict
) -> None:
    site = ".venv/lib/python3.12/site-packages"
    installed.write(f"{site}/present-1.dist-info/METADATA", "")
    for name in ("present/_own", "present/__main__", "spread/one", "elsewhere/one"):
        installed.write(f"{site}/{name}.py", "x = 1\n")
    installed.write("linked/elsewhere/two.py", "x = 1\n")
    installed.write(f"{site}/more.pth", str(installed.root / "linked"))
    assert installed.constraint(Domain.IMPORTS, source).judge(text).verdict is verdict


def test_files_that_an_installer_put_in_a_folder_are_parts_of_one_package(
    tmp_path: Path,
) -> None:
    workspace = Workspace(tmp_path)
    workspace.write("some-1.dist-info/METADATA", "")
    workspace.write("spread/json/__init__.py", "x = 1\n")
    workspace.write("spread/spread.py", "y = 1\n")
    source, name = "from spread.json import x\n<|>", "spread/inner/edited.py"
    judge = workspace.constraint(Domain.IMPORTS, source, name).judge
    assert judge("from json import dumps\n").verdict is Verdict.COMPLETE
    assert judge("from json import x\n").verdict is Verdict.DEAD
    assert judge("from spread import y\n").verdict is not Verdict.COMPLETE


def test_a_module_imports_nothing_from_itself_that_it_only_imports(packed: Workspace) -> None:
    source, name = "from os import sep\nown = 1\n<|>", "pack/__init__.py"
    judge = packed.constraint(Domain.IMPORTS, source, name).judge
    assert judge("from pack import deep, own\n").verdict is Verdict.COMPLETE
    assert judge("from pack import sep\n").verdict is Verdict.DEAD


LISTS = [
    # (source, text, whether it could stand)
    ("from <|> import (\n    Engine,\n    start,\n)\n", "pack", True),
    ("from <|> import (\n    Engine,\n    start,\n)\n", "pack.inner", False),
    ("from pack import (<|>\n    start,\n)\n", "\n    Engine,", True),
    ("from __future__ import annotations\n\n<|> enviroment\n", "from os import", False),
    ("from __future__ import annotations\n\n<|> environ\n", "from os import", True),
]


@pytest.mark.parametrize(("source", "text", "stands"), LISTS)
def test_what_the_author_imports_behind_the_cursor_is_asked_of_the_module_too(
    packed: Workspace, source: str, text: str, stands: bool
) -> None:
    verdict = packed.constraint(Domain.IMPORTS, source).judge(text).verdict
    assert (verdict is Verdict.COMPLETE) is stands


def test_a_star_import_takes_what_the_module_lists(workspace: Workspace) -> None:
    classes = "class Shown: ...\nclass Not: ...\n"
    workspace.write("listed.py", f"import os\n__all__ = ['Shown']\n{classes}")
    workspace.write("grows.py", f"__all__ = ['Shown']\n__all__.append('Not')\n{classes}")
    workspace.write("all.py", "from listed import *\n")
    assert workspace.refused_at(Domain.IMPORTS, "from all import <|>\n", "Shown\n") is None
    assert workspace.refused_at(Domain.IMPORTS, "from all import <|>\n", "Not\n") is not None
    assert workspace.refused_at(Domain.IMPORTS, "from all import <|>\n", "os\n") is not None
    assert "Not" not in workspace.facts("from listed import *\nx = <|>\n").names.words
    assert "Not" in workspace.facts("from grows import *\nx = <|>\n").names.words


PRIVATE = [
    ("import os\nx = os.<|>\n", "_exit(1)", True),
    ("import os\nx = os.<|>\n", "_leave(1)", False),
    ("import os\nx = os.path.<|>\n", "_get_sep", True),
    ("import os\nx = os.path.<|>\n", "_get_folder", False),
    ("import getpass\nx = getpass.<|>\n", "_raw_input", True),
    ("import getpass\nx = getpass.<|>\n", "_authname()", False),
    ("import sys\nx = sys.<|>\n", "_MEIPASS", True),
]


@pytest.mark.parametrize(("source", "text", "stands"), PRIVATE)
def test_a_standard_module_has_the_private_names_that_its_source_has(
    workspace: Workspace, source: str, text: str, stands: bool
) -> None:
    verdict = workspace.constraint(Domain.MEMBERS, source).judge(text).verdict
    assert (verdict is Verdict.COMPLETE) is stands


def test_no_submodule_of_the_standard_library_is_made_when_it_is_built(
    workspace: Workspace,
) -> None:
    assert workspace.refused_at(Domain.IMPORTS, "import os.<|>\n", "_file") is not None
    assert workspace.refused_at(Domain.IMPORTS, "import os.<|>\n", "version") is not None
    assert workspace.refused_at(Domain.IMPORTS, "import time.<|>\n", "x") is not None
    assert workspace.refused_at(Domain.IMPORTS, "import os.<|>\n", "path") is None


def test_what_no_import_would_give_a_meaning_could_not_stand(workspace: Workspace) -> None:
    judge = workspace.constraint(Domain.IMPORTS, "x = <|>lf\n").judge
    assert judge("re.find").verdict is not Verdict.COMPLETE
    judge = workspace.constraint(Domain.IMPORTS, "x = <|>ll\n").judge
    assert judge("re.finda").verdict is Verdict.COMPLETE
