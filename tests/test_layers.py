"""The folders are the layers: imports point down only, and each layer has what it must not know."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "server" / "tenon"

BELOW = {
    "text": set(),
    "syntax": {"text"},
    "semantics": {"syntax", "text"},
    "constraints": {"semantics", "syntax", "text"},
    "engine": {"text", "models"},
    "decoding": {"constraints", "engine", "syntax", "text"},
    "service": {"decoding", "constraints", "engine", "semantics", "syntax", "text"},
    "protocol": {"service", "decoding", "constraints", "text"},
}
"""Which layers each may import. The command line and the ruler stand above all."""

FORBIDDEN = {
    "syntax": {"jedi", "llguidance"},
    "semantics": {"lsprotocol", "llguidance"},
    "constraints": {"llama_cpp", "pygls", "llguidance"},
    "engine": {"jedi"},
    "decoding": {"jedi", "tree_sitter"},
    "service": {"pygls", "lsprotocol"},
    "protocol": {"jedi", "llama_cpp"},
}


def imports_of(path: Path) -> set[str]:
    """Every module a file imports anywhere in it, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the layer"
            found.add(node.module or "")
    return found


def modules_of(layer: str) -> list[Path]:
    modules = sorted((PACKAGE / layer).rglob("*.py"))
    assert modules, f"no layer called {layer}"
    return modules


@pytest.mark.parametrize("layer", BELOW)
def test_a_layer_imports_only_layers_below_it(layer: str) -> None:
    for path in modules_of(layer):
        reached = {name.split(".")[1] for name in imports_of(path) if name.startswith("tenon.")}
        assert reached - {layer} <= BELOW[layer], path


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_a_layer_knows_nothing_of_what_it_must_not(layer: str) -> None:
    for path in modules_of(layer):
        reached = {name.split(".")[0] for name in imports_of(path)}
        assert not reached & FORBIDDEN[layer], path


def test_text_is_made_of_the_standard_library_alone() -> None:
    for path in modules_of("text"):
        reached = {name.split(".")[0] for name in imports_of(path)} - {"tenon"}
        assert reached <= sys.stdlib_module_names, path


def test_no_module_of_the_package_stands_outside_a_known_folder() -> None:
    known = {*BELOW, "commands", "evaluation", "models", "samples"}
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} <= known


def test_every_module_says_first_what_it_owns() -> None:
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text("utf-8")
        if source.strip():
            assert ast.get_docstring(ast.parse(source)), path
