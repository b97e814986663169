"""A real VS Code for the tests: its server, a window in a browser, and a workspace in it.

Owns the processes and their end. Knows nothing of what is tested. `driver.mjs` knows the
page; this knows when to ask it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import psutil
from install_vscode import Installation

START_SECONDS = 120
"""For anything that starts: on two busy cores a first window takes half a minute."""
ANSWER_SECONDS = 30
"""For anything that a running editor does."""

CURSOR = "<|>"

T = TypeVar("T")


class EditorFault(Exception):
    """The editor or its browser did not do what it was told."""


@contextmanager
def group(command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A process in a group of its own; the whole group is gone at the end."""
    process = subprocess.Popen(command, start_new_session=True, text=True, **options)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(2)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeServer:
    """VS Code, serving its page on this machine alone."""

    address: str
    pid: int

    def url(self, folder: Path) -> str:
        return f"{self.address}?folder={quote(str(folder))}"

    def processes(self, word: str) -> list[psutil.Process]:
        """The live processes below the editor with this word in their command line."""
        found = []
        for process in psutil.Process(self.pid).children(recursive=True):
            with suppress(psutil.Error):
                if word in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found


@contextmanager
def code_server(
    installation: Installation,
    *,
    home: Path,
    vsix: Path,
    settings: dict[str, Any],
    trusting: bool = True,
    beside: Sequence[Path] = (),
) -> Iterator[CodeServer]:
    """Serve a VS Code in the fresh folder `home`, with the extension, others `beside` it, and the
    user's settings.

    Where it is not `trusting`, every workspace is opened in Restricted Mode.
    """
    data, extensions, config = home / "data", home / "extensions", home / "config.yaml"
    # What belongs to a machine, as a command does, VS Code reads on the machine that it serves.
    for level in ("User", "Machine"):
        (data / level).mkdir(parents=True)
        (data / level / "settings.json").write_text(json.dumps(settings))
    extensions.mkdir()
    config.write_text("")
    command = [
        str(installation.node), str(installation.code_server / "out" / "node" / "entry.js"),
        "--config", str(config), "--user-data-dir", str(data), "--extensions-dir", str(extensions),
        "--disable-telemetry", "--disable-update-check",
    ]  # fmt: skip
    if trusting:
        command.append("--disable-workspace-trust")
    # An empty gallery keeps the editor from asking the network for extensions.
    env = installation.environment() | {"EXTENSIONS_GALLERY": "{}"}
    for extension in (vsix, *beside):
        installed = subprocess.run(
            [*command, "--install-extension", str(extension)], env=env, capture_output=True,
            text=True, timeout=START_SECONDS,
        )  # fmt: skip
        if installed.returncode or "was successfully installed" not in installed.stdout:
            said = installed.stdout + installed.stderr
            raise EditorFault(f"{extension.name} was not installed: {said}")
    log = home / "code-server.log"
    serve = [*command, "--auth", "none", "--bind-addr", "127.0.0.1:0",
             "--reconnection-grace-time", "1"]  # fmt: skip
    with log.open("w") as out, group(serve, env=env, stdout=out, stderr=out) as process:
        address = wait(
            lambda: _listening(log, process), timeout=START_SECONDS, what="code-server to listen"
        )
        yield CodeServer(address=address, pid=process.pid)


def _listening(log: Path, process: subprocess.Popen[str]) -> str | None:
    text = log.read_text()
    if process.poll() is not None:
        raise EditorFault(f"code-server ended with status {process.returncode}:\n{text[-4000:]}")
    found = re.search(r"HTTP server listening on (http://127\.0\.0\.1:\d+/)", text)
    return found[1] if found else None


def wait(ask: Callable[[], T | None], *, timeout: float, what: str) -> T:
    """The first answer that is neither None, False nor empty; `EditorFault` once time is up."""
    end = time.monotonic() + timeout
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise EditorFault(f"waited {timeout:.0f} s in vain for {what}")
        time.sleep(0.1)


class Browser:
    """Headless Chromium with a window of VS Code in it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.version = self._answer()

    @classmethod
    @contextmanager
    def start(cls, installation: Installation, log: Path) -> Iterator[Browser]:
        driver = Path(__file__).with_name("driver.mjs")
        command = [str(installation.node), str(driver), str(installation.playwright),
                   str(installation.chromium)]  # fmt: skip
        with (
            log.open("w") as err,
            group(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err,
                env=installation.environment(),
            ) as process,
        ):  # fmt: skip
            yield cls(process)

    def __call__(self, action: str, **parameters: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"action": action, **parameters}) + "\n")
        self._process.stdin.flush()
        return self._answer(action)

    def _answer(self, action: str = "start") -> Any:
        assert self._process.stdout is not None
        timer = threading.Timer(2 * START_SECONDS, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            raise EditorFault(f"the browser's driver was gone at {action!r}")
        answer = json.loads(line)
        if "error" in answer:
            raise EditorFault(f"{action}: {answer['error']}")
        return answer["value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One workspace in one window, with one file open."""

    browser: Browser
    file: Path
    artifacts: Path

    def type(self, text: str) -> None:
        self.browser("type", text=text)

    def press(self, key: str) -> None:
        self.browser("press", key=key)

    def command(self, title: str) -> None:
        self.browser("command", title=title)

    @property
    def ghost(self) -> str | None:
        """The ghost text on the screen."""
        return self.browser("ghost")

    @property
    def text(self) -> str:
        """What the editor shows, ghost text included."""
        return self.browser("text")

    @property
    def status(self) -> str:
        """What the status bar item says of itself; empty while there is none."""
        return self.browser("status") or ""

    @property
    def status_bar(self) -> str:
        """The text of all items of the status bar."""
        return self.browser("statusBar")

    @property
    def preview(self) -> str:
        """The text of a Markdown preview beside the editor."""
        return self.browser("preview")

    @property
    def notifications(self) -> list[str]:
        return self.browser("notifications")

    def wait_status(self, state: str, *, after_fault: bool = False) -> str:
        """What the item says in this state. A fault instead is one at once, unless it is the
        one that is to be left."""

        def matching() -> str | None:
            status = self.status
            if state != "fault" and not after_fault and status.startswith("Tenon: fault"):
                raise EditorFault(f"waited for {state}, and got {status}")
            return status if status.startswith(f"Tenon: {state}") else None

        try:
            return wait(matching, timeout=START_SECONDS, what=f"the status {state!r}")
        except EditorFault as fault:
            raise EditorFault(f"{fault}; the status is {self.status!r}") from None

    def wait_ghost(self, *, timeout: float = ANSWER_SECONDS) -> str:
        return wait(lambda: self.ghost, timeout=timeout, what="ghost text")

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Change the workspace's own settings behind the editor's back: it notices."""
        (self.file.parent / ".vscode" / "settings.json").write_text(json.dumps(settings))

    def close(self) -> None:
        self.browser("close")

    def save(self, before: str) -> str:
        """Save; the file's text once it is not `before` any more."""
        self.press("Control+s")

        def changed() -> str | None:
            text = self.file.read_text("utf-8")
            return text if text != before else None

        return wait(changed, timeout=ANSWER_SECONDS, what="the file to be saved")

    def screenshot(self, name: str) -> Path:
        path = self.artifacts / f"vscode-{name}.png"
        self.browser("screenshot", path=str(path))
        return path


def open_window(
    server: CodeServer,
    browser: Browser,
    *,
    folder: Path,
    source: str,
    artifacts: Path,
    settings: dict[str, Any] | None = None,
    name: str = "cart.py",
) -> Window:
    """A window on the fresh workspace `folder`, whose one file is `source` less its one `<|>`.

    The cursor stands where the mark was; `settings` are the workspace's own.
    """
    before, after = source.split(CURSOR)
    file = folder / name
    file.write_text(before + after, "utf-8")
    if settings is not None:
        (folder / ".vscode").mkdir()
        (folder / ".vscode" / "settings.json").write_text(json.dumps(settings))
    browser("open", url=server.url(folder), timeout=START_SECONDS * 1000)
    browser("openFile", name=name)
    line = before.count("\n") + 1
    browser("goTo", line=line, column=len(before) - before.rfind("\n"))
    return Window(browser=browser, file=file, artifacts=artifacts)
