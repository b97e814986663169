"""Publishing: a running server's metrics as a small file, and how they are found again.

Owns the folder, the file's name and its life: written only while the settings ask for it, whole
each time, readable by its user alone, gone when the server ends. A file needs no port, works the
same on every system, and Prometheus' node exporter collects it as it is (`*.prom`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs
import psutil

_log = logging.getLogger(__name__)

_INTERVAL = 3.0
"""Seconds between two writings."""
_SUFFIX = ".prom"


def folder() -> Path:
    """Where the servers of this user write."""
    with warnings.catch_warnings():
        # Of a folder that is not the user's alone: another one is found then, which is all we ask.
        warnings.simplefilter("ignore")
        return platformdirs.user_runtime_path("tenon", appauthor=False) / "metrics"


class Publisher:
    """Writes what `text` gives every few seconds, on a thread of its own, until closed."""

    def __init__(
        self, text: Callable[[], str], *, into: Path | None = None, interval: float = _INTERVAL
    ) -> None:
        self._text = text
        self._path = (into or folder()) / f"{os.getpid()}{_SUFFIX}"
        self._interval = interval
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tenon-metrics", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        return self._path

    def close(self) -> None:
        """Remove the file. Idempotent."""
        self._over.set()
        self._thread.join()
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _run(self) -> None:
        last = ""
        while True:
            try:
                text = self._text()
                if text != last:
                    self._write(text)
                    last = text
            except Exception as error:
                _log.warning("the metrics could not be written to %s: %s", self._path, error)
            if self._over.wait(self._interval):
                return

    def _write(self, text: str) -> None:
        _make(self._path.parent)
        whole = self._path.with_suffix(".part")
        with open(whole, "w", encoding="utf-8", opener=_private) as file:
            file.write(text)
        os.replace(whole, self._path)


def _make(folder: Path) -> None:
    """Make the folder and those above it, for the user alone: where one of them is open to others,
    the next look for it would find it unsafe and go elsewhere."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)


def published(where: Path | None = None) -> Iterator[tuple[int, str]]:
    """Process id and metrics of each running server that writes them, the newest first."""
    found = []
    with contextlib.suppress(OSError):
        for path in (where or folder()).glob(f"*{_SUFFIX}"):
            if path.stem.isdecimal() and psutil.pid_exists(int(path.stem)):
                found.append(path)
    stamped = []
    for path in found:
        # A server may end between two looks.
        with contextlib.suppress(OSError):
            stamped.append((path.stat().st_mtime, path))
    for _, path in sorted(stamped, reverse=True):
        with contextlib.suppress(OSError):
            yield int(path.stem), path.read_text("utf-8")
