"""Parent: notices when the client's process is gone, for a client that cannot say goodbye."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)

_INTERVAL = 1.0
"""Seconds between two looks."""


def watch(number: int | None, gone: Callable[[], None]) -> None:
    """Call `gone` from a thread of its own once process `number` has ended.

    A process that cannot be seen from the start, as from inside a container, is not watched.
    """
    if number is not None:
        threading.Thread(
            target=_look, args=(number, gone), name="tenon-parent-watch", daemon=True
        ).start()


def _look(number: int, gone: Callable[[], None]) -> None:
    import psutil  # Here, off the way to the answer to `initialize`.

    def alive() -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    try:
        process = psutil.Process(number)
    except (psutil.Error, ValueError, OverflowError):
        _log.info("the client's process %d cannot be seen from here", number)
        return
    while alive():
        time.sleep(_INTERVAL)
    _log.warning("the client's process %d is gone", number)
    gone()
