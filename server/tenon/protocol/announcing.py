"""Announcing: what the author is told without having asked: progress, status, faults.

Used by the event loop's thread only. Says nothing before the client has said `initialized`.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from tenon.protocol.rpc import Rpc

_log = logging.getLogger(__name__)

_CREATE_LIMIT = 5.0
"""Seconds a client may take to set up a progress display before it goes without."""


class Announcer:
    def __init__(self, protocol: Rpc) -> None:
        self._protocol = protocol
        self._state = "starting"
        self._message = "loading the model"
        self._open = False
        self._settled = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._warned: set[str] = set()
        self.progress_wanted = False
        self.status_wanted = False

    def begin(self) -> None:
        """The client is listening: tell it what there is to tell so far."""
        self._open = True
        self._tell()

    def status(self, state: str, message: str) -> None:
        if (state, message) == (self._state, self._message):
            return
        self._state, self._message = state, message
        if state == "fault":
            _log.error("%s", message)
        if self._open:
            self._tell()

    def warn(self, message: str, *, kind: types.MessageType = types.MessageType.Warning) -> None:
        """Show a message to the author, once in a session."""
        _log.warning("%s", message)
        if message not in self._warned:
            self._warned.add(message)
            params = types.ShowMessageParams(type=kind, message=f"Tenon: {message}")
            self._protocol.notify(types.WINDOW_SHOW_MESSAGE, params)

    def _tell(self) -> None:
        if self.status_wanted:
            self._protocol.notify(
                "tenon/status", {"state": self._state, "message": self._message}
            )
        elif self._state == "fault":
            # Nowhere else would the author see why nothing ever comes.
            self.warn(self._message, kind=types.MessageType.Error)
        if self._state != "starting":
            self._settled.set()
        elif self.progress_wanted and not self._tasks:
            self._settled.clear()
            task = asyncio.ensure_future(self._progress())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _progress(self) -> None:
        """Begin and end a progress display, also where loading was over before it could begin."""
        token = str(uuid.uuid4())
        create = self._protocol.send_request_async(
            types.WINDOW_WORK_DONE_PROGRESS_CREATE, types.WorkDoneProgressCreateParams(token=token)
        )
        try:
            await asyncio.wait_for(create, _CREATE_LIMIT)
        except Exception as error:
            _log.info("the client shows no progress: %r", error)
            return
        begin = types.WorkDoneProgressBegin(title="Tenon", message=self._message)
        self._report(token, begin)
        await self._settled.wait()
        ended = "ready" if self._state != "fault" else "failed"
        self._report(token, types.WorkDoneProgressEnd(message=ended))

    def _report(
        self, token: str, value: types.WorkDoneProgressBegin | types.WorkDoneProgressEnd
    ) -> None:
        self._protocol.notify(types.PROGRESS, types.ProgressParams(token=token, value=value))
