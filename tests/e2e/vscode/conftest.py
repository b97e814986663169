"""One VS Code with the extension in it for the whole session, and a window for each test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from install_vscode import Installation  # noqa: E402  (lies one folder up)
from vscode import (  # noqa: E402
    Browser,
    CodeServer,
    EditorFault,
    Window,
    code_server,
    open_window,
)

ROOT = HERE.parents[2]
EXTENSION = ROOT / "editors" / "vscode"

USER_SETTINGS = {
    "tenon.command": [sys.executable, "-m", "tenon", "serve"],
    # What is measured is on time anywhere; what is tested is not the machine's speed.
    "tenon.completion.deadline_ms": 10_000,
    "tenon.log_level": "debug",
    "chat.disableAIFeatures": True,
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.tips.enabled": False,
    "editor.minimap.enabled": False,
    # The suggest widget shows words that stand in the file anyway, over the ghost text.
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "editor.wordBasedSuggestions": "off",
    # A list that opens behind a dot takes the Tab that is to accept the ghost text.
    "editor.suggestOnTriggerCharacters": False,
    "extensions.ignoreRecommendations": True,
    "git.enabled": False,
    "files.autoSave": "off",
}


@pytest.fixture(scope="session")
def installation() -> Installation:
    installation = Installation.default()
    if missing := installation.missing():
        message = f"{missing}: run `python tests/e2e/install_vscode.py`"
        if os.environ.get("TENON_REQUIRE_EDITORS") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return installation


@pytest.fixture(scope="session")
def npm(installation: Installation) -> Callable[..., str]:
    """Runs npm in the extension's folder, with the node of the tests; gives what it printed."""

    def run(*arguments: str) -> str:
        ended = subprocess.run(
            ["npm", *arguments], cwd=EXTENSION, env=installation.environment(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    lock, installed = EXTENSION / "package-lock.json", EXTENSION / "node_modules"
    record = installed / ".package-lock.json"
    if not record.exists() or record.stat().st_mtime < lock.stat().st_mtime:
        run("ci")
    return run


@pytest.fixture(scope="session")
def vsix(npm: Callable[..., str]) -> Path:
    npm("run", "package")
    return EXTENSION / "tenon.vsix"


@pytest.fixture(scope="session")
def server(
    installation: Installation, vsix: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CodeServer]:
    home = tmp_path_factory.mktemp("code-server")
    with code_server(installation, home=home, vsix=vsix, settings=USER_SETTINGS) as server:
        yield server


@pytest.fixture
def distrustful_server(
    installation: Installation, vsix: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CodeServer]:
    """One that opens every workspace in Restricted Mode, and asks nobody whether to."""
    home = tmp_path_factory.mktemp("code-server")
    settings = USER_SETTINGS | {"security.workspace.trust.startupPrompt": "never"}
    with code_server(
        installation, home=home, vsix=vsix, settings=settings, trusting=False
    ) as server:
        yield server


@pytest.fixture(scope="session")
def browser(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    log = tmp_path_factory.mktemp("browser") / "driver.log"
    with Browser.start(installation, log) as browser:
        yield browser


@pytest.fixture
def window(
    server: CodeServer, browser: Browser, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Window]]:
    """Opens a window; what is on the screen at the end of the test is kept as a picture."""
    artifacts = Path(os.environ.get("TENON_ARTIFACTS", ROOT / "artifacts"))
    artifacts.mkdir(parents=True, exist_ok=True)
    folder = tmp_path / "workspace"
    folder.mkdir()

    def opening(source: str, *, server: CodeServer = server, **options: object) -> Window:
        return open_window(
            server, browser, folder=folder, source=source, artifacts=artifacts, **options
        )

    yield opening
    with suppress(EditorFault):  # A test may have closed its window.
        browser("screenshot", path=str(artifacts / f"vscode-{request.node.name}.png"))
