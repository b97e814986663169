"""Tiers: whose model answers a request, this process's or that of the inference server.

Owns that choice, the server's health as a person is told of it, and the way back: whatever goes
wrong elsewhere, the model in this process answers. Connects to nothing unless the settings name
a server and a tier that asks it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from tenon.service.request import Outcome, Request, Suggestion
from tenon.service.settings import RemoteSettings

if TYPE_CHECKING:
    from tenon.engine.remote.server import RemoteServer

Ask = Callable[["RemoteServer", Request], "Outcome | None"]
"""Has the server write an answer; None where there is nothing to ask. Raises `Unanswered` and
`Cancelled`."""


class Tiers:
    """Used on the engine thread alone."""

    def __init__(self) -> None:
        self._settings = RemoteSettings()
        self._server: RemoteServer | None = None

    @property
    def trouble(self) -> str:
        """What is wrong with the server, in a line; empty where nothing is."""
        return self._server.trouble if self._server is not None else ""

    def configure(self, settings: RemoteSettings) -> None:
        """Follow new settings; nothing is connected before a request needs it."""
        if settings != self._settings:
            self.close()
        self._settings = settings

    def answer(
        self,
        request: Request,
        remotely: Ask,
        locally: Callable[[], Outcome],
        booked: Callable[[str], None],
    ) -> Outcome:
        """The answer of the tier that `request` belongs to, else the local one.

        `booked` is told how it went with the server, in a word.
        """
        server = self._for(request)
        if server is None:
            return locally()
        if server.resting:
            booked("resting")
            return locally()
        from tenon.engine.remote.server import Unanswered

        try:
            outcome = remotely(server, request)
        except Unanswered:
            booked("unanswered")
        else:
            if isinstance(outcome, Suggestion):
                booked("answered")
                return outcome
            if outcome is not None:
                booked("nothing")
        return locally()

    def close(self) -> None:
        """Hang up. Idempotent."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _for(self, request: Request) -> RemoteServer | None:
        """The server, where `request` is for it."""
        settings = self._settings
        wanted = settings.tier == "remote" or (settings.tier == "auto" and request.invoked)
        if settings.url is None or not wanted or not request.constrained:
            return None
        if self._server is None:
            # Deferred: nobody who does not use it pays for the HTTP library.
            from tenon.engine.remote.server import RemoteServer
            from tenon.engine.remote.shapes import shape_of

            shape = shape_of(settings.kind, markers=settings.markers, model=settings.model)
            key = os.environ.get(settings.key_variable) if settings.key_variable else None
            self._server = RemoteServer(settings.url, shape, key=key)
        return self._server
