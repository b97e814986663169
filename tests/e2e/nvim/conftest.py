"""Neovim with the plugin, a workspace for it, and the configuration of a test."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from install_neovim import find  # noqa: E402  (lies one folder up)
from nvim_session import Session, session, setup  # noqa: E402


@pytest.fixture(scope="session")
def nvim() -> Path:
    found = find()
    if found is None:
        message = "no Neovim 0.12: run `python tests/e2e/install_neovim.py`"
        if os.environ.get("TENON_REQUIRE_EDITORS") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="module")
def shared(nvim: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One Neovim and one server for the tests that only type."""
    home = tmp_path_factory.mktemp("nvim")
    folder = workspace(home)
    with session(nvim, home=home, folder=folder, configuration=setup()) as running:
        running.open(folder / "ready.py")
        running.ready()
        yield running


@pytest.fixture
def editor(shared: Session, tmp_path: Path) -> Iterator[Callable[..., Session]]:
    """Opens a file in the shared Neovim: `<|>` in the source is the cursor, in insert mode."""

    def opening(source: str, *, name: str = "sample.py", newline: str = "\n") -> Session:
        assert source.count("<|>") == 1, "a source has one cursor"
        before, after = source.split("<|>")
        # In the workspace, where the server is already running.
        path = shared.folder / f"{tmp_path.name}-{name}"
        path.write_bytes((before + after).replace("\n", newline).encode())
        shared.open(path)
        lines = before.split("\n")
        shared.nvim.api.win_set_cursor(0, [len(lines), len(lines[-1].encode())])
        shared.forget_errors()
        shared.type("A" if after.startswith("\n") or not after else "i")
        return shared

    yield opening
    shared.type("<Esc>")
    shared.nvim.command("silent! %bwipeout!")


@pytest.fixture
def started(nvim: Path, tmp_path: Path) -> Iterator[Callable[..., Session]]:
    """Starts a Neovim of the test's own, in `tmp_path / "workspace"`."""
    folder = workspace(tmp_path)
    with ExitStack() as stack:

        def starting(configuration: str, *, before: str = "") -> Session:
            return stack.enter_context(
                session(
                    nvim, home=tmp_path / "home", folder=folder,
                    configuration=before + configuration,
                )
            )  # fmt: skip

        yield starting


def workspace(parent: Path) -> Path:
    folder = parent / "workspace"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "workspace"\nversion = "0"\n')
    (folder / "ready.py").write_text("import json\n\n\ndef load(path):\n    pass\n")
    return folder


@pytest.fixture
def artifacts() -> Path:
    folder = Path(os.environ.get("TENON_ARTIFACTS", HERE.parents[2] / "artifacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
