"""A language client of our own, small and strict: it checks every frame that the server sends.

Speaks over any pair of asyncio streams; `spawn` starts the real server as an editor would.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds within which anything at all happens on a busy machine."""
COMMAND = (sys.executable, "-m", "tenon", "serve")


class Refused(Exception):
    """The server answered with an error."""


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._waiting: dict[Any, asyncio.Future[Any]] = {}
        self._changed = asyncio.Event()
        self.received: list[dict[str, Any]] = []
        """Everything the server sent of its own accord, requests and notifications."""
        self.answers: list[dict[str, Any]] = []
        """Answers to requests that were sent as bare messages."""
        self.configuration: Any = None
        """What `workspace/configuration` is answered with."""
        self.applies: Callable[[Any], bool] = lambda params: True
        """Whether an edit of the server's is applied."""
        self.wire_faults: list[str] = []
        self.ended = asyncio.ensure_future(self._read())

    # -- the wire --------------------------------------------------------------------------

    def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)

    def send(self, message: Any) -> None:
        body = json.dumps(message).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def drain(self) -> None:
        await self._writer.drain()

    async def hang_up(self) -> None:
        self._writer.close()

    async def _read(self) -> None:
        try:
            while (message := await self._frame()) is not None:
                self._handle(message)
                self._changed.set()
        finally:
            self._changed.set()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionError("the server is gone"))

    async def _frame(self) -> dict[str, Any] | None:
        length = None
        while True:
            try:
                line = await self._reader.readline()
            except ConnectionError:
                return None
            if not line:
                return None
            if line == b"\r\n" and length is not None:
                break
            name, _, value = line.partition(b": ")
            if name == b"Content-Length":
                length = int(value)
            elif name != b"Content-Type":
                self.wire_faults.append(f"not a header: {line!r}")
        return json.loads(await self._reader.readexactly(length))

    def _handle(self, message: dict[str, Any]) -> None:
        if message.get("jsonrpc") != "2.0":
            self.wire_faults.append(f"not JSON-RPC: {message}")
        if "method" not in message:
            if ("result" in message) == ("error" in message):
                self.wire_faults.append(f"neither result nor error: {message}")
            future = self._waiting.pop(message["id"], None)
            if future is None:
                self.answers.append(message)
            elif "error" in message:
                future.set_exception(Refused(message["error"]))
            else:
                future.set_result(message["result"])
            return
        self.received.append(message)
        if "id" in message:
            result: Any = None
            if message["method"] == "workspace/configuration":
                result = [self.configuration]
            elif message["method"] == "workspace/applyEdit":
                result = {"applied": self.applies(message["params"])}
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    # -- messages --------------------------------------------------------------------------

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def start(self, method: str, params: Any = None) -> tuple[int, asyncio.Future[Any]]:
        number = next(self._numbers)
        future = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return number, future

    async def request(self, method: str, params: Any = None) -> Any:
        return await asyncio.wait_for(self.start(method, params)[1], PATIENCE)

    def of(self, method: str) -> list[Any]:
        """The parameters of all that came under `method`."""
        return [message.get("params") for message in self.received if message["method"] == method]

    async def until(self, method: str, holds: Callable[[Any], bool] = lambda params: True) -> Any:
        """The parameters of the first message under `method` for which `holds`."""

        async def look() -> Any:
            while True:
                for params in self.of(method):
                    if holds(params):
                        return params
                assert not self.ended.done(), f"the server is gone; it sent {self.received}"
                self._changed.clear()
                await self._changed.wait()

        return await asyncio.wait_for(look(), PATIENCE)

    # -- what editors do -------------------------------------------------------------------

    async def initialize(
        self,
        options: Any = None,
        *,
        encodings: list[str] | None = None,
        root: Path | None = None,
        **capabilities: Any,
    ) -> Any:
        if encodings is not None:
            capabilities["general"] = {"positionEncodings": encodings}
        result = await self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": root.as_uri() if root else None,
                "capabilities": capabilities,
                "initializationOptions": options,
            },
        )
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, *, version: int = 1, language: str = "python") -> None:
        self.notify(
            "textDocument/didOpen",
            {
                "textDocument": {
                    "uri": uri,
                    "languageId": language,
                    "version": version,
                    "text": text,
                }
            },
        )

    def change(self, uri: str, version: int, *changes: tuple[Any, str]) -> None:
        """Each change is a range, `(line, character, line, character)` or None, and a text."""
        events = []
        for span, text in changes:
            event: dict[str, Any] = {"text": text}
            if span is not None:
                event["range"] = {"start": position(*span[:2]), "end": position(*span[2:])}
            events.append(event)
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": events},
        )

    def close(self, uri: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def ask(
        self, uri: str, line: int, character: int, **context: Any
    ) -> tuple[int, asyncio.Future[Any]]:
        return self.start(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": uri},
                "position": position(line, character),
                "context": {"triggerKind": 1, **context},
            },
        )

    async def complete(self, uri: str, line: int, character: int, **context: Any) -> Any:
        return await asyncio.wait_for(self.ask(uri, line, character, **context)[1], PATIENCE)

    async def leave(self) -> None:
        await self.request("shutdown")
        self.notify("exit")


def position(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


@asynccontextmanager
async def spawn(
    *arguments: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    command: tuple[str, ...] = COMMAND,
) -> AsyncIterator[tuple[Client, asyncio.subprocess.Process]]:
    """The real server on a pipe. It is ended if the test did not end it."""
    process = await asyncio.create_subprocess_exec(
        *command,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )
    client = Client(process.stdout, process.stdin)
    try:
        yield client, process
        assert client.wire_faults == []
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        client.ended.cancel()
