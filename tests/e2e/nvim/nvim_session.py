"""A real Neovim, driven through its own API as a hand at the keyboard would.

Owns the process and its end. Knows the plugin by what a user sees of it: keys, commands,
ghost text and the status; of the server, how it is started.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
import pynvim

HERE = Path(__file__).parent
PLUGIN = HERE.parents[2] / "editors" / "nvim"
COMMAND = [sys.executable, "-m", "tenon", "serve"]
# What is tested is not the machine's speed.
COMPLETION = {"deadline_ms": 10_000, "invoked_deadline_ms": 10_000}

T = TypeVar("T")


def setup(**options: object) -> str:
    """Lua that sets the plugin up; the real server unless told otherwise."""
    options = {"cmd": COMMAND, "settings": {"completion": COMPLETION}, **options}
    return f"require('tenon').setup(vim.json.decode([==[{json.dumps(options)}]==]))\n"


def until(found: Callable[[], T], *, seconds: float, what: str) -> T:
    """The first true answer of `found`; a test that waits in vain says for what."""
    end = time.monotonic() + seconds
    while True:
        if answer := found():
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"in {seconds} s there was no {what}")
        time.sleep(0.01)


def environment(home: Path, configuration: str) -> dict[str, str]:
    """An environment in which Neovim finds none of the user's files, and our plugin."""
    home.mkdir(parents=True, exist_ok=True)
    script = home / "configuration.lua"
    script.write_text(configuration, encoding="utf-8")
    folders = {
        f"XDG_{name}_HOME": str(home / name.lower())
        for name in ("CONFIG", "DATA", "STATE", "CACHE")
    }
    return {
        **os.environ,
        **folders,
        "TENON_TEST_PLUGIN": str(PLUGIN),
        "TENON_TEST_CONFIGURATION": str(script),
        "NVIM_APPNAME": "nvim",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    nvim: pynvim.Nvim
    process: psutil.Process
    socket: Path
    folder: Path

    def open(self, path: Path) -> None:
        self.nvim.command(f"edit {self.nvim.funcs.fnameescape(str(path))}")

    def type(self, keys: str) -> None:
        """Press keys, in Neovim's notation, and let Neovim deal with them."""
        self.nvim.input(keys)
        # A question is answered only when the keys before it have been seen to.
        self.nvim.eval("0")

    def status(self) -> str:
        return self.nvim.exec_lua("return require('tenon').status()")

    def message(self) -> str:
        """The whole status, with its reason."""
        status = self.nvim.exec_lua("return require('tenon.status').of(0)")
        return status["message"] if status else ""

    def ready(self) -> None:
        until(lambda: self.status() == "Tenon: ready", seconds=60, what="server that is ready")

    def ghost(self) -> str:
        """The ghost text on the screen; "" for none."""
        namespace = self.nvim.api.create_namespace("nvim.lsp.inline_completion")
        marks = self.nvim.api.buf_get_extmarks(0, namespace, 0, -1, {"details": True})
        assert len(marks) <= 1, f"ghost text stands in several places: {marks}"
        for *_, details in marks:
            lines = [details.get("virt_text", []), *details.get("virt_lines", [])]
            return "\n".join("".join(text for text, *_ in line) for line in lines)
        return ""

    def ghost_appears(self, *, seconds: float = 20) -> str:
        return until(self.ghost, seconds=seconds, what=f"ghost text after {self.before()!r}")

    def ghost_is_gone(self) -> None:
        until(lambda: not self.ghost(), seconds=5, what="end of the ghost text")

    def text(self) -> str:
        return "\n".join(self.nvim.api.buf_get_lines(0, 0, -1, False))

    def before(self) -> str:
        """The buffer's text before the cursor."""
        row, column = self.nvim.api.win_get_cursor(0)
        lines = self.nvim.api.buf_get_lines(0, 0, row, False)
        return "\n".join([*lines[:-1], lines[-1].encode()[:column].decode()])

    def forget_errors(self) -> None:
        self.nvim.command("messages clear | let v:errmsg = ''")

    def errors(self) -> str:
        """What a user would have been bothered with: messages, and the last error."""
        messages = self.nvim.command_output("messages")
        return "\n".join(filter(None, (messages.strip(), self.nvim.eval("v:errmsg"))))

    def servers(self) -> list[psutil.Process]:
        """The processes that Neovim has started."""
        try:
            return self.process.children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def quit(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            self.nvim.command("qall!")


def start(nvim: Path, *, home: Path, folder: Path, configuration: str) -> Session:
    """A Neovim in `folder`, with `configuration` (Lua) for an init file."""
    env = environment(home, configuration)
    # A socket's path may not be long, and the folders of tests are.
    socket = Path(tempfile.mkdtemp(prefix="nvim")) / "socket"
    process = psutil.Popen(
        [str(nvim), "--headless", "--listen", str(socket), "-u", str(HERE / "init.lua")],
        cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=(home / "stderr").open("w"),
    )  # fmt: skip

    def connected() -> pynvim.Nvim | None:
        assert process.poll() is None, (home / "stderr").read_text()
        # The socket is there a moment before anyone listens.
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
            return pynvim.attach("socket", path=str(socket))
        return None

    try:
        client = until(connected, seconds=30, what="Neovim")
    except BaseException:
        process.kill()
        raise
    return Session(nvim=client, process=process, socket=socket, folder=folder)


@contextlib.contextmanager
def session(nvim: Path, **options: object) -> Iterator[Session]:
    """As `start`; at the end Neovim quits, and what it started is gone too."""
    running = start(nvim, **options)
    try:
        yield running
    finally:
        processes = [running.process, *running.servers()]
        running.quit()
        running.nvim.close()
        _, left = psutil.wait_procs(processes, timeout=10)
        for process in left:
            process.kill()
        shutil.rmtree(running.socket.parent)
        assert not left, f"left behind: {left}"
