"""Frames, whole and broken."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tenon.protocol.wire import Writer, read_messages


def frame(message: Any, *, header: str = "Content-Length") -> bytes:
    body = json.dumps(message).encode()
    return f"{header}: {len(body)}\r\n\r\n".encode() + body


def read(data: bytes) -> list[Any]:
    """What is delivered; the end must have been told exactly once."""
    messages: list[Any] = []
    ends: list[bool] = []
    read_messages(io.BytesIO(data), messages.append, lambda: ends.append(True))
    assert ends == [True]
    return messages


@pytest.mark.parametrize(
    "data",
    [
        frame({"a": 1}),
        frame({"a": 1}, header="content-length"),
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n" + frame({"a": 1}),
        b"noise that is no header\r\n" + frame({"a": 1}),
        b"\r\n\r\n" + frame({"a": 1}),
        b'Content-Length: 9\n\n{"a": 1} ',
    ],
    ids=["plain", "lower case", "with type", "noise", "empty lines", "bare line feeds"],
)
def test_a_message_is_read_whatever_stands_before_it(data: bytes) -> None:
    assert read(data) == [{"a": 1}]


def test_a_body_that_is_not_json_is_passed_over() -> None:
    broken = b"Content-Length: 3\r\n\r\n{x}"
    invalid = b'Content-Length: 3\r\n\r\n"\xff"'
    deep = b"[" * 100_000
    nested = b"Content-Length: %d\r\n\r\n" % len(deep) + deep
    assert read(broken + invalid + nested + frame(1)) == [1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Content-Length: 12",
        b"Content-Length: 12\r\n\r\n{}",
        b"Content-Length: 99999999999999999\r\n\r\n{}",
        b"x" * 100_000,
    ],
    ids=["nothing", "half a header", "half a body", "a senseless length", "no line"],
)
def test_a_stream_that_breaks_off_ends_the_session(data: bytes) -> None:
    assert read(frame(1) + data) == [1]


class Pipe(io.RawIOBase):
    """Takes three bytes at a time, and nothing after `room`."""

    def __init__(self, room: int) -> None:
        self.taken = b""
        self.room = room

    def write(self, data: Any) -> int:
        if len(self.taken) >= self.room:
            raise BrokenPipeError
        self.taken += bytes(data[:3])
        return min(3, len(data))


def test_everything_is_written_where_the_pipe_takes_a_little_at_a_time() -> None:
    pipe = Pipe(room=100)
    Writer(pipe, lambda: pytest.fail("it is not broken")).write(b"0123456789")
    assert pipe.taken == b"0123456789"


def test_a_broken_pipe_is_told_once_and_raises_nothing() -> None:
    pipe, told = Pipe(room=3), []
    writer = Writer(pipe, lambda: told.append(True))
    writer.write(b"0123456789")
    writer.write(b"more")
    assert (pipe.taken, told) == (b"012", [True])
