"""The extension's own checks, run with the Node.js that comes with the editor."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.editor, pytest.mark.timeout(300)]


def test_its_types_hold(npm: Callable[..., str]) -> None:
    npm("run", "check")


def test_its_own_tests_pass(npm: Callable[..., str]) -> None:
    npm("test")


def test_the_package_has_what_it_needs_and_nothing_else(vsix: Path) -> None:
    with zipfile.ZipFile(vsix) as package:
        names = {name for name in package.namelist() if name.startswith("extension/")}
    assert names == {
        "extension/package.json",
        "extension/readme.md",
        "extension/LICENSE.txt",
        "extension/dist/extension.js",
        "extension/dist/THIRD-PARTY.txt",
    }
