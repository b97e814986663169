"""Names that are not imported but could be: allowed where they are read, and noted."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from tenon.constraints.constraint import AllOf, Domain, Verdict
from tenon.constraints.derive import derive
from tenon.constraints.imports import needed_imports
from tenon.semantics import Analyser
from tenon.semantics.facts import without_imports
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., AllOf]:
    """The constraints at `<|>` in a file of an empty workspace."""
    root = tmp_path_factory.mktemp("workspace")
    analyser = Analyser(root)
    syntax = PythonSyntax()

    def place(source: str, *, auto_import: bool = True) -> AllOf:
        before, after = source.split("<|>")
        document = Document(uri=(root / "a.py").as_uri(), version=1, text=before + after)
        context = syntax.context(document, len(before))
        facts = analyser.analyse(document, context, Deadline(at=math.inf))
        return AllOf(derive(context, facts if auto_import else without_imports(facts)))

    return place


def statements(constraints: AllOf, text: str) -> list[str]:
    return [each.statement for each in needed_imports(constraints.constraints, text)]


def verdict(constraints: AllOf, text: str) -> Verdict:
    """Of the names and imports alone, held to the prefix property on the way."""
    domains = (Domain.NAMES, Domain.IMPORTS)
    held = AllOf(tuple(each for each in constraints.constraints if each.domain in domains))
    verdicts = [held.judge(text[:end]).verdict for end in range(len(text) + 1)]
    if Verdict.DEAD in verdicts:
        assert set(verdicts[verdicts.index(Verdict.DEAD) :]) == {Verdict.DEAD}
    return verdicts[-1]


@pytest.mark.parametrize(
    ("source", "text", "needed"),
    [
        ("def f(n):\n    return <|>\n", "Path(n)", ["from pathlib import Path"]),
        ("def f(n):\n    return Pa<|>\n", "th(n)", ["from pathlib import Path"]),
        ("def f(n):\n    return <|>(n)\n", "Path", ["from pathlib import Path"]),
        ("def f(n):\n    return <|>\n", "json.loads(n)", ["import json"]),
        ("def f(n):\n    return json.<|>\n", "loads(n)", ["import json"]),
        ("def f(n):\n    return json.lo<|>(n)\n", "ads", ["import json"]),
        ("x = <|>\n", "defaultdict", ["from collections import defaultdict"]),
        ("<|>\nclass A:\n    x: int\n", "@dataclass", ["from dataclasses import dataclass"]),
        (
            "<|>\n",
            "def f(p: Path) -> Iterable[str]: ...",
            ["from collections.abc import Iterable", "from pathlib import Path"],
        ),
        ("x = <|>\n", "datetime.now()", ["from datetime import datetime"]),
        ("x = <|>\n", "datetime.timedelta()", ["import datetime"]),
        ("with <|>:\n    pass\n", "suppress(OSError)", ["from contextlib import suppress"]),
        ("def f(n):\n    <|>\n", "Path = n\n    return Path(n)", []),
        ("def f(n):\n    <|>\n", "for Path in n:\n        print(Path)", []),
        ("def f(n):\n    return <|>\n", "[Path for Path in n]", []),
        ("print(<|>)\n", "sep=field", ["from dataclasses import field"]),
        ("dict(<|>)\n", "field=3", []),
        ("<|>\n", "from pathlib import Path\nPath()", []),
        ("from pathlib import Path\nx = <|>\n", "Path()", []),
        ("x = <|>\n", "'Path'  # Path", []),
        ("x = <|>\n", "print", []),
    ],
)
def test_what_is_read_and_not_imported_is_allowed_and_noted(
    at: Callable[..., AllOf], source: str, text: str, needed: list[str]
) -> None:
    constraints = at(source)
    assert verdict(constraints, text) is Verdict.COMPLETE
    assert statements(constraints, text) == needed


@pytest.mark.parametrize("text", ["Pathh(n)", "jsn.loads(n)", "unheard_of(n)", "os + n"])
def test_what_nobody_could_import_is_refused_as_ever(
    at: Callable[..., AllOf], text: str
) -> None:
    assert verdict(at("def f(n):\n    return <|>\n"), text) is Verdict.DEAD


@pytest.mark.parametrize("result", ["zzzz", "list[zzzz]", "dict[str, zzzz]"])
def test_a_result_that_does_not_exist_is_refused_like_any_name(
    at: Callable[..., AllOf], result: str
) -> None:
    assert verdict(at("<|>\n"), f"def f(x) -> {result}: ...") is Verdict.DEAD
    assert verdict(at("<|>\n"), "class A: ...\ndef f(x) -> dict[str, A]: ...") is Verdict.COMPLETE


def test_without_auto_import_a_name_must_be_there(at: Callable[..., AllOf]) -> None:
    constraints = at("def f(n):\n    return <|>\n", auto_import=False)
    assert verdict(constraints, "Path(n)") is Verdict.DEAD
    assert verdict(constraints, "n") is Verdict.COMPLETE


def test_where_names_are_not_all_known_nothing_is_said_to_be_missing(
    at: Callable[..., AllOf],
) -> None:
    constraints = at("from nowhere_at_all import *\nx = <|>\n")
    assert verdict(constraints, "Path()") is Verdict.COMPLETE
    assert statements(constraints, "Path()") == []


def test_a_name_that_text_and_rest_make_together_is_imported(at) -> None:
    assert statements(at("x = <|>th\n"), "Pa") == ["from pathlib import Path"]
