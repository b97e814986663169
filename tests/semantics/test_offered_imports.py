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
    ("from pack import (<|>", "Engine,\n    deep)\n"),
    ("from pack.inner import Eng<|>", "ine\n"),
    ("from pack.<|>", "deep.core import value\n"),
    ("import pack.<|>", "deep as d, nowhere\n"),
    ("import pack.<|>", "_version\n"),
    ("from lazy import <|>", "anything\n"),
    ("from nowhere import <|>", "anything\n"),
    ("<|>", "import whatever.it.be\nfrom made.up import anything\n"),
    ("from os import <|>", "path, environ\n"),
    ("from os import <|>", "_private\n"),
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
    ("from pack import (Engine,\n    <|>", "x", 1),
    ("from pack.<|>", "deap", 3),
    ("import pack\nfrom <|>", "pack import z", 13),
    ("from os import <|>", "enviroment", 7),
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


def test_the_evidence_names_the_module(packed: Workspace) -> None:
    constraint = packed.constraint(Domain.IMPORTS, "from pack.inner import <|>")
    evidence = constraint.judge("Enjine").evidence[0]
    assert evidence.reason == "'pack.inner' has no name 'Enjine'"
    assert evidence.allowed == ("Engine",)
