"""The environment that an author chose in the Python extension is the one whose packages are read.

The Python extension itself is not at hand in the tests: one of its name speaks the part of its
documented API that Tenon uses.
"""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import USER_SETTINGS
from install_vscode import Installation
from vscode import Window, code_server, wait

pytestmark = [pytest.mark.editor, pytest.mark.slow, pytest.mark.timeout(600)]

_COMING_UP = 3.0
"""Seconds."""

MANIFEST = {
    "name": "python",
    "publisher": "ms-python",
    "version": "1.0.0",
    "engines": {"vscode": "^1.91.0"},
    "main": "./extension.js",
    "activationEvents": ["onLanguage:python"],
    "contributes": {"commands": [{"command": "python.another", "title": "Choose Another"}]},
}
SCRIPT = """
const vscode = require("vscode");
let chosen = FIRST;
const changed = new vscode.EventEmitter();
exports.activate = (context) => {
  context.subscriptions.push(vscode.commands.registerCommand("python.another", () => {
    chosen = SECOND;
    changed.fire({ path: chosen });
  }));
  return {
    ready: Promise.resolve(),
    environments: {
      getActiveEnvironmentPath: () => ({ id: chosen, path: chosen }),
      onDidChangeActiveEnvironmentPath: changed.event,
    },
  };
};
"""


def python_extension(path: Path, first: Path, second: Path) -> Path:
    """An extension that has chosen `first`, and by its command chooses `second`."""
    script = SCRIPT.replace("FIRST", json.dumps(str(first)))
    with zipfile.ZipFile(path, "w") as vsix:
        vsix.writestr("extension/package.json", json.dumps(MANIFEST))
        vsix.writestr("extension/extension.js", script.replace("SECOND", json.dumps(str(second))))
    return path


def environment(folder: Path, member: str) -> Path:
    """An environment in which `shine` has one function; its interpreter."""
    packages = folder / "lib" / "python3.12" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "shine.py").write_text(f"def {member}(): ...\n")
    (folder / "pyvenv.cfg").write_text("")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").write_text("")
    return folder / "bin" / "python"


def test_the_environment_chosen_in_the_python_extension_is_read(
    installation: Installation, vsix: Path, tmp_path: Path, window: Callable[..., Window]
) -> None:
    first = environment(tmp_path / "first", "glow")
    second = environment(tmp_path / "second", "gleam")
    other = python_extension(tmp_path / "python.vsix", first, second)
    home = tmp_path / "code-server"
    home.mkdir()
    with code_server(
        installation, home=home, vsix=vsix, settings=USER_SETTINGS, beside=[other]
    ) as server:
        file = window("import shine\n\nshine.<|>\n", server=server, name="shining.py")
        file.wait_status("ready")

        def explained() -> str:
            file.command("Tenon: Explain This Place")
            # A preview that comes up takes the focus from whatever is typed into.
            time.sleep(_COMING_UP)
            return file.preview

        wait(lambda: "glow" in explained(), timeout=60, what="the first environment's member")
        file.command("Choose Another")
        wait(lambda: "gleam" in explained(), timeout=60, what="the second environment's member")
        assert "glow" not in file.preview
        assert file.notifications == []
