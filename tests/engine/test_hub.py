"""Pulling a model, against a hub of our own: progress, interruption, checksums, refusals."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants
import pytest

from tenon.engine import presets as presets_module
from tenon.engine.engine import EngineError
from tenon.engine.hub import fetch, offer
from tenon.engine.presets import Preset

CONTENT = bytes(range(256)) * 16_384  # 4 MiB
PRESET = Preset(
    name="small",
    repository="someone/small-GGUF",
    file="small.gguf",
    licence="Apache-2.0",
    parameters=1,
    size=len(CONTENT),
    context_length=2048,
    note="",
)


@dataclass
class Hub:
    """A hub with one file. What it does wrong is set by the test."""

    address: str = ""
    content: bytes = CONTENT
    sha256: str = hashlib.sha256(CONTENT).hexdigest()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    """Break the connection after so many bytes, once."""
    ranges: list[str | None] = field(default_factory=list)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(presets_module, "folder", lambda: tmp_path / "models")
    # The library writes pieces of 10 MB; ours is a small model.
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 1 << 18)
    here = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            return None

        def do_HEAD(self) -> None:
            self._head(0)

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            here.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            self._head(start)
            if here.status != 200:
                return
            piece = here.content[start:]
            if here.cut_after is not None:
                piece, here.cut_after = piece[: here.cut_after], None
                self.wfile.write(piece)
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            self.wfile.write(piece)

        def _head(self, start: int) -> None:
            self.send_response(206 if start and here.status == 200 else here.status)
            for name, value in here.headers.items():
                self.send_header(name, value)
            self.send_header("ETag", f'"{here.sha256}"')
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("Accept-Ranges", "bytes")
            if start:
                end, size = len(here.content) - 1, len(here.content)
                self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
            length = len(here.content) - start if here.status == 200 else 0
            self.send_header("Content-Length", str(length))
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield here
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_is_fetched_whole_with_progress_and_checked(hub: Hub) -> None:
    seen: list[tuple[int, int]] = []
    offered = offer(PRESET, endpoint=hub.address)
    path = fetch(PRESET, offered, lambda have, size: seen.append((have, size)))
    assert path == PRESET.path
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [each.name for each in path.parent.iterdir()] == [PRESET.file]


def test_an_interrupted_download_goes_on_where_it_stopped(hub: Hub) -> None:
    offered = offer(PRESET, endpoint=hub.address)

    class Interrupted(BaseException):
        pass

    def interrupt(have: int, size: int) -> None:
        if have > size // 2:
            raise Interrupted

    with pytest.raises(Interrupted):
        fetch(PRESET, offered, interrupt)
    assert not PRESET.path.exists()
    hub.ranges.clear()
    assert fetch(PRESET, offered).read_bytes() == CONTENT
    assert hub.ranges == [f"bytes={len(CONTENT) // 2}-"]


def test_a_broken_connection_is_taken_up_again_by_itself(hub: Hub) -> None:
    hub.cut_after = 1 << 20
    assert fetch(PRESET, offer(PRESET, endpoint=hub.address)).read_bytes() == CONTENT
    assert len(hub.ranges) == 2


def test_what_is_not_what_the_hub_describes_is_thrown_away(hub: Hub) -> None:
    hub.content = CONTENT[:-1] + b"?"
    offered = offer(PRESET, endpoint=hub.address)
    with pytest.raises(EngineError, match="not what the hub describes"):
        fetch(PRESET, offered)
    assert list(PRESET.path.parent.iterdir()) == []


def test_a_file_that_is_here_is_not_fetched_again(hub: Hub) -> None:
    offered = offer(PRESET, endpoint=hub.address)
    fetch(PRESET, offered)
    hub.ranges.clear()
    assert fetch(PRESET, offered) == PRESET.path
    assert hub.ranges == []


@pytest.mark.parametrize(
    ("status", "headers", "message"),
    [
        (404, {"X-Error-Code": "RepoNotFound"}, "does not have this file"),
        (404, {"X-Error-Code": "EntryNotFound"}, "does not have this file"),
        (403, {"X-Error-Code": "GatedRepo"}, "licence must be accepted"),
        (500, {}, "the download failed"),
    ],
)
def test_what_the_hub_refuses_is_said_in_a_sentence(
    hub: Hub, status: int, headers: dict[str, str], message: str
) -> None:
    hub.status, hub.headers = status, headers
    with pytest.raises(EngineError, match=message):
        offer(PRESET, endpoint=hub.address)


def test_a_hub_that_is_gone_is_an_error_not_a_trace(hub: Hub) -> None:
    with pytest.raises(EngineError, match="the download failed"):
        offer(PRESET, endpoint="http://127.0.0.1:9")


def test_a_file_without_a_checksum_is_not_taken(hub: Hub) -> None:
    hub.sha256 = "short"
    with pytest.raises(EngineError, match="no checksum"):
        offer(PRESET, endpoint=hub.address)
