"""The server as a process: how soon it answers, what it opens, and that it ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from lsp_client import COMMAND, PATIENCE, Client, spawn
from lsp_editor import PATIENT, Buffer

CODE = "import os\nprint(os.pat)\n"
CURSOR = (1, 12)


async def ready(client: Client, **options: Any) -> None:
    await client.initialize({**PATIENT, "status": True, **options})
    await client.until("tenon/status", lambda status: status["state"] == "ready")


async def ended(process: psutil.Process, seconds: float = 10) -> None:
    """Wait until a process that is not our child is gone."""
    deadline = time.monotonic() + seconds
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, f"{process} is still there"
        await asyncio.sleep(0.05)


# -- beginning ---------------------------------------------------------------------------------


async def test_initialize_is_answered_at_once(tmp_path: Path) -> None:
    """Half a second from the start of the process, with bytecode in place. Processor time, for
    what else the machine does is not ours to answer for."""
    env = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    seconds = []
    for _ in range(5):
        async with spawn(env=env) as (client, process):
            await client.request("initialize", {"processId": None, "capabilities": {}})
            used = psutil.Process(process.pid).cpu_times()
            seconds.append(used.user + used.system)
    assert min(seconds) < 0.6, seconds


def test_nothing_heavy_is_imported_before_initialize_is_answered() -> None:
    heavy = {"llama_cpp", "jedi", "llguidance", "numpy", "pydantic", "tree_sitter", "psutil"}
    script = "import sys, tenon.commands.serve, tenon.protocol.running; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stderr
    assert not heavy & set(loaded.stdout.split())


async def test_loading_is_shown_as_progress_and_ends_with_ready() -> None:
    async with spawn() as (client, _):
        await client.initialize({"status": True}, window={"workDoneProgress": True})
        ended = await client.until("$/progress", lambda params: params["value"]["kind"] == "end")
        assert ended["value"]["message"] == "ready"
        states = [status["state"] for status in client.of("tenon/status")]
        assert (states[0], states[-1]) == ("starting", "ready")


@pytest.mark.parametrize(
    ("path", "reason"),
    [("{}/missing.gguf", "missing.gguf"), ("{}/corrupt.gguf", "corrupt.gguf"), ("{}", "{}")],
    ids=["missing", "corrupt", "a folder"],
)
async def test_a_model_that_cannot_be_used_is_a_fault_that_names_it(
    tmp_path: Path, path: str, reason: str
) -> None:
    (tmp_path / "corrupt.gguf").write_bytes(b"GGUF" + bytes(range(256)) * 8)
    options = {"model": {"path": path.format(tmp_path)}, "status": True}
    async with spawn() as (client, _):
        await client.initialize(options)
        status = await client.until("tenon/status", lambda status: status["state"] == "fault")
        assert reason.format(tmp_path) in status["message"]
        buffer = Buffer(client, CODE)
        assert await client.complete(buffer.uri, *CURSOR) == []
        client.notify("workspace/didChangeConfiguration", {"settings": {"model": {"path": None}}})
        await client.until("tenon/status", lambda status: status["state"] == "ready")


# -- ending ------------------------------------------------------------------------------------


async def test_after_shutdown_and_exit_the_process_ends_well() -> None:
    async with spawn() as (client, process):
        await ready(client)
        await client.leave()
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_exit_without_shutdown_is_an_error() -> None:
    async with spawn() as (client, process):
        await client.initialize()
        client.notify("exit")
        assert await asyncio.wait_for(process.wait(), 10) == 1


@pytest.mark.parametrize("loaded", [False, True], ids=["while loading", "while decoding"])
async def test_the_end_of_stdin_ends_the_process(loaded: bool) -> None:
    async with spawn() as (client, process):
        if loaded:
            await ready(client)
        else:
            await client.initialize()
        buffer = Buffer(client, CODE)
        client.ask(buffer.uri, *CURSOR)
        children = psutil.Process(process.pid).children(recursive=True)
        await client.hang_up()
        await asyncio.wait_for(process.wait(), 10)
        for child in children:
            await ended(child)


async def test_the_death_of_the_client_ends_the_server_though_the_pipe_stays_open() -> None:
    parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        async with spawn() as (client, process):
            params = {"capabilities": {}, "initializationOptions": {"status": True}}
            await client.request("initialize", {**params, "processId": parent.pid})
            client.notify("initialized")
            await client.until("tenon/status", lambda status: status["state"] == "ready")
            parent.kill()
            parent.wait()
            await asyncio.wait_for(process.wait(), 10)
    finally:
        parent.kill()
        parent.wait()


async def test_a_killed_client_leaves_no_server_behind(tmp_path: Path) -> None:
    """The client is a process of its own, holds the pipes, and is killed while it waits."""
    initialize = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}
    )
    script = f"""
import subprocess, time
server = subprocess.Popen({list(COMMAND)!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
body = {initialize!r}.encode()
server.stdin.write(b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
server.stdin.flush()
server.stdout.readline()
print(server.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as client:
        assert client.stdout is not None
        server = psutil.Process(int(client.stdout.readline()))
        client.kill()
    await ended(server)


# -- what it keeps to itself -------------------------------------------------------------------


async def test_it_opens_no_socket_and_starts_no_network(tmp_path: Path) -> None:
    async with spawn(cwd=tmp_path) as (client, process):
        await ready(client)
        buffer = Buffer(client, CODE)
        await client.complete(buffer.uri, *CURSOR)
        running = psutil.Process(process.pid)
        for one in (running, *running.children(recursive=True)):
            assert one.net_connections(kind="inet") == []


async def test_a_client_that_does_not_read_the_log_does_not_stop_the_server() -> None:
    unread, stderr = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *("--log-level", "debug"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
    )
    client = Client(process.stdout, process.stdin)
    try:
        await client.initialize()
        for _ in range(3000):  # A line of log each; a pipe takes some hundreds.
            client.change("file:///e2e/" + "never-opened" * 4, 1, (None, ""))
        assert await client.complete("file:///e2e/never.py", 0, 0) == []
        await client.leave()
        await asyncio.wait_for(process.wait(), 10)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        os.close(unread)
        os.close(stderr)


async def test_what_libraries_print_does_not_reach_the_wire() -> None:
    script = """
import os, subprocess
from tenon.protocol.wire import take_standard_streams
source, sink = take_standard_streams()
print("a library", flush=True)
os.write(1, b"native code")
subprocess.run(["echo", "a child"])
assert os.read(0, 10) == b""
sink.write(source.readline())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(b"the wire\n")
    assert out == b"the wire\n"
    assert [word in err for word in (b"a library", b"native code", b"a child")] == [True] * 3


HOSTILE = "import pathlib\npathlib.Path({mark!r}).write_text('ran')\n"


@pytest.mark.parametrize("command", [COMMAND, ("tenon", "serve")], ids=["-m", "script"])
async def test_a_hostile_workspace_executes_nothing(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    """The workspace is the working directory, as editors have it, and offers a module for each
    name that is imported, by us or by Python."""
    if command[0] == "tenon":
        command = (str(Path(sys.executable).with_name("tenon")), *command[1:])
    workspace, mark = tmp_path / "workspace", tmp_path / "mark"
    workspace.mkdir()
    code = HOSTILE.format(mark=str(mark))
    names = [
        *("conftest", "setup", "sitecustomize", "usercustomize", "helper", "tenon_plugin"),
        *("llama_cpp", "llguidance", "numpy", "parso", "psutil", "pydantic", "pygls"),
        *("lsprotocol", "tree_sitter", "typer", "rich", "click", "queue", "json", "logging"),
    ]
    for name in names:
        (workspace / f"{name}.py").write_text(code)
    for package in ("jedi", "tenon"):
        (workspace / package).mkdir()
        (workspace / package / "__init__.py").write_text(code)
    (workspace / "evil.pth").write_text(code.replace("\n", ";"))
    (workspace / "pyproject.toml").write_text("[build-system]\nbuild-backend = 'setup'\n")
    site = workspace / ".venv" / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    site.mkdir(parents=True)
    (site / "evil.pth").write_text(code.replace("\n", ";"))
    (site / "sitecustomize.py").write_text(code)
    (workspace / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    interpreter = workspace / ".venv" / "bin" / "python"
    interpreter.parent.mkdir()
    interpreter.write_text(f"#!/bin/sh\necho ran > {mark}\n")
    interpreter.chmod(0o755)
    if command[0] == sys.executable:
        # A package called tenon would be what `-m tenon` names, whatever we do.
        shutil.rmtree(workspace / "tenon")
    async with spawn(cwd=workspace, command=command) as (client, _):
        await client.initialize({**PATIENT, "status": True}, root=workspace)
        await client.until("tenon/status", lambda status: status["state"] == "ready")
        for source in (
            "import helper\nimport setup, conftest, jedi\nhelper.\n",
            "from helper import thing\nthing.value\nhelper.\n",
            "import numpy as np\nx = np.arr\nhelper.\n",
        ):
            buffer = Buffer(client, source)
            buffer.uri = (workspace / "edited.py").as_uri()
            client.open(buffer.uri, source)
            await client.complete(buffer.uri, 2, 7)
            await client.complete(buffer.uri, 1, 5)
        assert not mark.exists()
        await client.leave()
    assert not mark.exists()


# -- over TCP ----------------------------------------------------------------------------------


async def test_tcp_listens_on_loopback_and_serves_one_client_after_another() -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *("--tcp", ":0", "--log-level", "warning"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        line = (await asyncio.wait_for(process.stderr.readline(), PATIENCE)).decode()
        match = re.fullmatch(r"tenon: listening on 127\.0\.0\.1:(\d+)\n", line)
        assert match, line
        listening = psutil.Process(process.pid).net_connections(kind="inet")
        assert [(one.laddr.ip, one.status) for one in listening] == [("127.0.0.1", "LISTEN")]
        for polite in (True, False, True):
            reader, writer = await asyncio.open_connection("127.0.0.1", int(match.group(1)))
            client = Client(reader, writer)
            await ready(client)
            buffer = Buffer(client, CODE)
            assert isinstance(await client.complete(buffer.uri, *CURSOR), list)
            if polite:
                await client.leave()
            await client.hang_up()
            await asyncio.wait_for(client.ended, 10)
        assert process.returncode is None
    finally:
        process.kill()
        out, _ = await process.communicate()
    assert out == b""


@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:http", ":99999", ""])
def test_an_address_that_is_none_is_said_to_be_none(address: str) -> None:
    tried = subprocess.run(
        [*COMMAND, "--tcp", address], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert tried.returncode == 2
    assert "is not HOST:PORT" in tried.stderr


def test_an_address_that_is_taken_is_named_with_the_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        tried = subprocess.run(
            [*COMMAND, "--tcp", address], capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
    assert tried.returncode == 2
    assert address in tried.stderr
    assert "in use" in tried.stderr


def test_a_log_level_that_is_none_is_said_to_be_none() -> None:
    tried = subprocess.run(
        [*COMMAND, "--log-level", "loud"], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert tried.returncode == 2
    assert "'loud'" in tried.stderr


async def test_the_log_goes_to_a_file_where_one_is_named(tmp_path: Path) -> None:
    log = tmp_path / "tenon.log"
    async with spawn("--log-file", str(log), "--log-level", "debug") as (client, process):
        await ready(client)
        await client.complete("file:///e2e/never.py", 0, 0)
        await client.leave()
        await asyncio.wait_for(process.wait(), 10)
    assert "never.py is not open" in log.read_text("utf-8")
