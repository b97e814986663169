"""`tenon serve`: the language server, as editors start it.

Owns the log and what may be imported; the session itself is `tenon.protocol`'s.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import queue
import sys
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path

from tenon.commands.source import BadUse

_LEVELS = ("debug", "info", "warning", "error")
_LOG_LIMIT = 4096
"""Lines kept for a client that does not read our stderr; beyond, they are lost, not waited for."""


def serve(tcp: str | None, log_file: Path | None, log_level: str) -> None:
    """Serve on stdin and stdout, or on `tcp` ("HOST:PORT"; without a host, loopback)."""
    address = None if tcp is None else _address(tcp)
    listener = _start_log(log_file, log_level)
    _distrust_working_directory()
    # Collecting garbage while importing takes a tenth of the time, and what is imported lives
    # as long as the process: no later collection need look at it.
    gc.disable()
    from tenon.protocol import running

    gc.freeze()
    gc.enable()

    try:
        if address is None:
            status = running.stdio()
        else:
            status = 0
            running.tcp(*address)
    except KeyboardInterrupt:
        status = 130
    except running.CannotListen as error:
        raise BadUse(str(error)) from None
    finally:
        with contextlib.suppress(queue.Full):
            listener.stop()
    raise SystemExit(status)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise BadUse(f"{text!r} is not HOST:PORT, such as 127.0.0.1:9257; port 0 means any")
    return host.strip("[]") or "127.0.0.1", int(port)


def _start_log(path: Path | None, level: str) -> QueueListener:
    """To a file or to stderr, never to stdout, and through a queue: a client that leaves the
    pipe full must not stop the server."""
    if level not in _LEVELS:
        raise BadUse(f"{level!r} is not a log level; they are {', '.join(_LEVELS)}")
    sink: logging.Handler
    try:
        sink = logging.FileHandler(path, encoding="utf-8") if path else logging.StreamHandler()
    except OSError as error:
        raise BadUse(f"cannot write the log to {path}: {error.strerror}") from None
    sink.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    lines: queue.Queue[logging.LogRecord] = queue.Queue(_LOG_LIMIT)
    logging.getLogger().addHandler(_Dropping(lines))
    logging.getLogger("tenon").setLevel(level.upper())
    listener = QueueListener(lines, sink)
    listener.start()
    return listener


class _Dropping(QueueHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """The queue is full, and there is nowhere left to say so."""


def _distrust_working_directory() -> None:
    """`python -m` puts the working directory first, which is the author's workspace: a module
    there must not stand in for one of ours."""
    try:
        here = os.getcwd()
    except OSError:
        here = ""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", here)]
