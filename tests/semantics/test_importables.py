"""What a file could import: from the workspace, the standard library, installed packages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from workspace import Workspace

from tenon.semantics import Facts
from tenon.semantics.standard import FUNCTIONS, STANDARD
from tenon.text import Deadline

NO_HURRY = Deadline(at=math.inf)


def facts(
    root: Path,
    files: Mapping[str, str] | None = None,
    *,
    source: str = "<|>",
    name: str = "edited.py",
) -> Facts:
    workspace = Workspace(root)
    for path, text in (files or {}).items():
        workspace.write(path, text)
    return workspace.facts(source, name, NO_HURRY)


def best(known: Facts, path: str) -> str | None:
    """The statement that would be added, where the name is allowed at all."""
    head, dot, _ = path.partition(".")
    names = known.names
    if head not in names.imports.words and not (dot and head in names.importable):
        return None
    found = names.imports.find(path)
    return found.statement if found is not None else None


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("Path", "from pathlib import Path"),
        ("dataclass", "from dataclasses import dataclass"),
        ("field", "from dataclasses import field"),
        ("defaultdict", "from collections import defaultdict"),
        ("Counter", "from collections import Counter"),
        ("Any", "from typing import Any"),
        ("Optional", "from typing import Optional"),
        ("Iterable", "from collections.abc import Iterable"),
        ("Callable", "from collections.abc import Callable"),
        ("Match", "from re import Match"),
        ("Lock", "from threading import Lock"),
        ("ThreadPoolExecutor", "from concurrent.futures import ThreadPoolExecutor"),
        ("timedelta", "from datetime import timedelta"),
        ("datetime.now", "from datetime import datetime"),
        ("datetime.timedelta", "import datetime"),
        ("json.loads", "import json"),
        ("os.path.join", "import os"),
        ("xml.etree.ElementTree.parse", "import xml.etree.ElementTree"),
        ("np.array", "import numpy as np"),
    ],
)
def test_the_standard_library_is_imported_as_people_do(
    tmp_path: Path, path: str, statement: str
) -> None:
    assert best(facts(tmp_path), path) == statement


@pytest.mark.parametrize("name", ["Pathh", "datclass", "jsn.loads", "loads", "path", "item"])
def test_a_name_that_is_misspelt_or_says_too_little_is_not_offered(
    tmp_path: Path, name: str
) -> None:
    assert best(facts(tmp_path), name) is None


def test_functions_that_are_listed_exist() -> None:
    while STANDARD.step():
        pass
    for module, names in FUNCTIONS.items():
        assert set(names.split()) <= STANDARD.offers[module], module


def test_what_other_files_import_comes_first(tmp_path: Path) -> None:
    known = facts(
        tmp_path,
        {
            "a.py": "from typing import Iterable\nimport numpy.random as nr\n",
            "b.py": "from typing import (\n    Iterable,  # as ever\n    Mapping as Map,\n)\n",
            "c.py": "from shop.clock import Lock\n",
        },
    )
    assert best(known, "Iterable") == "from typing import Iterable"
    assert best(known, "Map") == "from typing import Mapping as Map"
    assert best(known, "Lock") == "from shop.clock import Lock"
    assert best(known, "nr.normal") == "import numpy.random as nr"


def test_an_alias_is_offered_where_its_module_is_installed_or_imported(tmp_path: Path) -> None:
    assert best(facts(tmp_path), "plt.plot") is None
    named = facts(tmp_path, {"a.py": "from matplotlib import pyplot\n"})
    assert best(named, "plt.plot") == "import matplotlib.pyplot as plt"


def test_what_the_workspace_defines_is_offered(tmp_path: Path) -> None:
    known = facts(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/cart.py": "class Cart: ...\ndef load_cart(): ...\ndef run(): ...\n",
            "shop/other.py": "def run(): ...\nBASE_PRICE = 3\nclass _Hidden: ...\n",
            "tests/__init__.py": "",
            "tests/test_cart.py": "class CartTest: ...\n",
        },
    )
    assert best(known, "Cart") == "from shop.cart import Cart"
    assert best(known, "load_cart") == "from shop.cart import load_cart"
    assert best(known, "BASE_PRICE") == "from shop.other import BASE_PRICE"
    assert best(known, "run") is None, "two modules define it, and it may be any variable"
    assert best(known, "_Hidden") is None
    assert best(known, "CartTest") is None


def test_the_nearest_of_several_definitions_is_taken(tmp_path: Path) -> None:
    files = {
        "a/__init__.py": "", "a/one.py": "class Config: ...\n",
        "b/__init__.py": "", "b/two.py": "class Config: ...\n",
    }  # fmt: skip
    assert best(facts(tmp_path, files, name="b/edited.py"), "Config") == (
        "from b.two import Config"
    )
    assert best(facts(tmp_path, files, name="a/edited.py"), "Config") == (
        "from a.one import Config"
    )


def test_a_file_that_imports_relatively_goes_on_doing_so(tmp_path: Path) -> None:
    files = {
        "a/__init__.py": "", "a/b/__init__.py": "",
        "a/b/one.py": "class One: ...\n", "a/two.py": "class Two: ...\n",
    }  # fmt: skip
    near = facts(tmp_path, files, source="from . import x\n<|>", name="a/b/edited.py")
    assert best(near, "One") == "from .one import One"
    assert best(near, "Two") == "from a.two import Two"
    far = facts(tmp_path, files, source="from ..q import x\n<|>", name="a/b/edited.py")
    assert best(far, "Two") == "from ..two import Two"


def test_a_packages_own_file_counts_its_dots_from_within(tmp_path: Path) -> None:
    files = {
        "a/__init__.py": "", "a/b/__init__.py": "from .one import one_thing\n",
        "a/b/one.py": "one_thing = 1\n",
    }  # fmt: skip
    known = facts(tmp_path, files, name="a/edited.py")
    assert best(known, "one_thing") == "from a.b.one import one_thing"


def test_a_file_does_not_import_from_itself(tmp_path: Path) -> None:
    known = facts(
        tmp_path, {"a/__init__.py": "", "a/own.py": "class Own: ...\n"}, name="a/own.py"
    )
    assert known.names.imports.find("Own") is None


def test_installed_packages_offer_what_they_export_plainly(tmp_path: Path) -> None:
    site = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    for name, text in {
        "one": "from .core import Widget, Shared, helper\n"
        "if TYPE_CHECKING:\n    from .x import T1\n",
        "two": "__all__ = ['Gadget', 'Shared']\n",
    }.items():
        (site / name).mkdir(parents=True)
        (site / name / "__init__.py").write_text(text)
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("")
    known = facts(tmp_path)
    assert best(known, "Widget") == "from one import Widget"
    assert best(known, "Gadget") == "from two import Gadget"
    assert best(known, "Shared") is None, "two packages offer it"
    assert best(known, "helper") is None
    assert best(known, "T1") is None


def test_what_changes_on_disk_is_seen_the_next_time(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, models="class Old: ...\n")
    assert best(workspace.facts("<|>", deadline=NO_HURRY), "Old") == "from models import Old"
    workspace.write("models.py", "class Newer: ...\n")
    workspace.write("more.py", "class More: ...\n")
    assert workspace.analyser.learn(NO_HURRY)
    known = workspace.facts("x = 1\n<|>")
    assert best(known, "Newer") == "from models import Newer"
    assert best(known, "More") == "from more import More"
    assert best(known, "Old") is None
    (tmp_path / "more.py").unlink()
    assert workspace.analyser.learn(NO_HURRY)
    assert best(workspace.facts("x = 2\n<|>"), "More") is None


def test_gathering_stops_when_its_time_is_up_and_goes_on_later(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, **{f"m{number}": "class Alpha: ...\n" for number in range(30)})
    assert not workspace.analyser.learn(Deadline.after(0))
    for _ in range(10_000):
        if workspace.analyser.learn(Deadline.after(0.001)):
            break
    else:
        raise AssertionError("it never ends")
    assert best(workspace.facts("<|>"), "Alpha") == "from m0 import Alpha"


@pytest.mark.parametrize(
    "text", ["\0", "from import import from", "import " + "a," * 10_000, "class " * 9_000, "\ud800"]
)
def test_files_that_are_no_python_do_no_harm(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.py").write_bytes(text.encode("utf-8", errors="surrogatepass"))
    assert best(facts(tmp_path), "Path") == "from pathlib import Path"


def test_environments_and_hidden_folders_are_no_part_of_the_workspace(tmp_path: Path) -> None:
    for folder in ("env", ".hidden", "node_modules"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text("from elsewhere import Thing\n")
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    assert best(facts(tmp_path), "Thing") is None


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    known = facts(tmp_path, {"my-app/1st/a.py": "from elsewhere import Thing\n"})
    assert best(known, "Thing") == "from elsewhere import Thing"
