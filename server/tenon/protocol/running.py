"""Running: a server on stdin and stdout, or on a socket for one client after another."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import threading
from importlib.metadata import version

from tenon.protocol import parent
from tenon.protocol.server import TenonServer
from tenon.protocol.wire import take_standard_streams

_ENDING_LIMIT = 3.0
"""Seconds."""


class CannotListen(Exception):
    """An address that cannot be had. The message names it and the reason."""


def stdio() -> int:
    """Serve the client at the other end of stdin and stdout; the exit status.

    The process ends within `_ENDING_LIMIT` seconds of the session, whatever then still runs: a
    model in the middle of being loaded, or a write to a client that does not read.
    """
    source, sink = take_standard_streams()
    server: TenonServer

    def watch(process: int | None) -> None:
        parent.watch(process, server.client_gone)

    server = TenonServer(
        version=version("tenon"), on_initialize=watch, on_gone=lambda: _end_soon(1)
    )
    status = asyncio.run(server.serve(source, sink))
    _end_soon(status)
    server.close()
    return status


def _end_soon(status: int) -> None:
    timer = threading.Timer(_ENDING_LIMIT, os._exit, (status,))
    timer.daemon = True
    timer.start()


def tcp(host: str, port: int) -> None:
    """Serve until interrupted. One client at a time, each with a session of its own; one that
    connects meanwhile waits its turn. Raises `CannotListen`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise CannotListen(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
    with listener:
        bound = listener.getsockname()
        shown = f"[{bound[0]}]" if family is socket.AF_INET6 else bound[0]
        print(f"tenon: listening on {shown}:{bound[1]}", file=sys.stderr, flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                _session(connection)


def _session(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = TenonServer(version=version("tenon"))
    with connection.makefile("rb") as source, connection.makefile("wb", buffering=0) as sink:
        asyncio.run(server.serve(source, sink))
        # Closing waits for the thread that reads; this wakes it.
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    server.close()
