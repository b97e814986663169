"""LanguageServer: a language server as a child process, asked for what is wrong with a text.

Speaks just enough of the protocol: open, change, close, and pulled diagnostics. Knows no
particular server. Nothing but its own standard streams is opened.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO


class ServerError(Exception):
    """The server died, said nothing in time, or refused."""


class LanguageServer:
    """Not thread safe. `settings` answers `workspace/configuration`, a section a key."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        root: Path,
        settings: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
        patience: float = 120.0,
    ) -> None:
        """Start it and shake hands. `patience` is how many seconds any one answer may take.

        Raises `ServerError`.
        """
        self._settings = settings
        self._patience = patience
        self._asked = 0
        self._versions: dict[str, int] = {}
        try:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise ServerError(f"{command[0]} does not start: {error.strerror}") from error
        assert self._child.stdout is not None
        self._heard: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(
            target=_listen, args=(self._child.stdout, self._heard), daemon=True
        ).start()
        folder = {"uri": root.as_uri(), "name": root.name}
        try:
            self._ask(
                "initialize",
                {
                    "processId": None,
                    "rootUri": folder["uri"],
                    "workspaceFolders": [folder],
                    "initializationOptions": options or {},
                    "capabilities": {
                        "workspace": {"configuration": True, "workspaceFolders": True},
                        "textDocument": {"diagnostic": {"dynamicRegistration": True}},
                    },
                },
            )
            self._tell("initialized", {})
        except ServerError:
            self.close()
            raise

    def diagnostics(self, uri: str, text: str) -> list[dict[str, Any]]:
        """What the server has against `text` at `uri`, as the protocol writes it.

        Raises `ServerError`.
        """
        version = self._versions.get(uri, 0) + 1
        self._versions[uri] = version
        if version == 1:
            document = {"uri": uri, "languageId": "python", "version": version, "text": text}
            self._tell("textDocument/didOpen", {"textDocument": document})
        else:
            self._tell(
                "textDocument/didChange",
                {
                    "textDocument": {"uri": uri, "version": version},
                    "contentChanges": [{"text": text}],
                },
            )
        report = self._ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        if not isinstance(report, dict) or report.get("kind") != "full":
            raise ServerError(f"no full report of {uri}")
        return list(report["items"])

    def forget(self, uri: str) -> None:
        if self._versions.pop(uri, None):
            self._tell("textDocument/didClose", {"textDocument": {"uri": uri}})

    def close(self) -> None:
        """End the child. May be called twice."""
        self._child.kill()
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout):
            # What was still buffered for a dead child cannot be written.
            with suppress(OSError, ValueError):
                stream and stream.close()

    def _ask(self, method: str, params: object) -> Any:
        self._asked += 1
        asked = self._asked
        self._send({"id": asked, "method": method, "params": params})
        while True:
            try:
                message = self._heard.get(timeout=self._patience)
            except queue.Empty:
                raise ServerError(f"no answer to {method} in {self._patience:.0f} s") from None
            if message is None:
                raise ServerError(f"the server ended during {method}")
            if "method" in message:
                self._serve(message)
            elif message.get("id") == asked:
                if "error" in message:
                    raise ServerError(str(message["error"].get("message", "refused")))
                return message.get("result")

    def _serve(self, message: dict[str, Any]) -> None:
        """What the server asks of its client: its settings, and nods."""
        if "id" not in message:
            return
        result = None
        if message["method"] == "workspace/configuration":
            items = message["params"]["items"]
            result = [self._settings.get(item.get("section", "")) for item in items]
        self._send({"id": message["id"], "result": result})

    def _tell(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self._child.stdin.flush()
        except (OSError, ValueError) as error:
            raise ServerError("the server has ended") from error


def _listen(stream: BinaryIO, heard: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    """Every message into `heard`; None once the stream ends, or is no longer a conversation."""
    with suppress(OSError, ValueError):
        while length := _length(stream):
            heard.put(json.loads(stream.read(length)))
    heard.put(None)


def _length(stream: BinaryIO) -> int:
    length = 0
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return length
