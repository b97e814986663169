"""Wire: frames of JSON to and from a byte stream, and keeping that stream to ourselves.

Owns framing and the process's standard descriptors; knows nothing of what the messages mean.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable
from typing import Any, BinaryIO

_log = logging.getLogger(__name__)

_LENGTH = re.compile(rb"\s*content-length\s*:\s*(\d{1,18})\s*", re.IGNORECASE)
_HEADER_LIMIT = 8192
_BODY_LIMIT = 1 << 28
"""Bytes of one message. A length beyond this is a broken client, and memory is not infinite."""


def take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """The process's stdin and stdout, for this process's protocol and for nothing else.

    Descriptor 1 becomes stderr and 0 becomes empty, so that neither a native library that prints
    nor a child process can touch the wire.
    """
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        os.dup2(2, 1)
    except OSError:
        os.dup2(null, 1)
    os.close(null)
    # Not `sys.stdin.buffer`: a thread that waits in it would hold its lock at interpreter exit.
    return open(source, "rb"), open(sink, "wb", buffering=0)


def read_messages(
    source: BinaryIO, deliver: Callable[[Any], None], ended: Callable[[], None]
) -> None:
    """Hand over each message as decoded JSON until the stream ends. A body that is no JSON is
    logged and passed over."""
    try:
        while (body := _read_body(source)) is not None:
            try:
                message = json.loads(body)
            except (ValueError, RecursionError) as error:
                _log.error("a message is not JSON: %s", error)
            else:
                deliver(message)
    except (OSError, ValueError) as error:
        _log.error("the connection broke: %s", error)
    finally:
        ended()


def _read_body(source: BinaryIO) -> bytes | None:
    """The next body; None at the end of the stream. Raises `ValueError` on a senseless length."""
    length = None
    while header := source.readline(_HEADER_LIMIT):
        if match := _LENGTH.fullmatch(header):
            length = int(match.group(1))
        elif not header.strip() and length is not None:
            break
    else:
        return None
    if length > _BODY_LIMIT:
        raise ValueError(f"a message of {length} bytes")
    body = source.read(length)
    return body if len(body) == length else None


class Writer:
    """What pygls writes to. Never raises: a stream that broke is reported once."""

    def __init__(self, sink: BinaryIO, broken: Callable[[], None]) -> None:
        self._sink = sink
        self._broken = broken
        self._whole = True

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while self._whole and view:
            try:
                written = self._sink.write(view)
            except (OSError, ValueError) as error:
                self._whole = False
                _log.warning("the client is gone: %s", error)
                self._broken()
            else:
                view = view[written:]

    def close(self) -> None:
        self._whole = False
