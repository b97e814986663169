"""Backend: the service as the protocol sees it, made once `initialize` is answered.

Imported late, for the service and its settings bring pydantic and more: nothing that must be
there to answer `initialize` may import this module at its head. Used by the event loop's
thread only, save for `create`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

from tenon.protocol.asking import Ask
from tenon.protocol.configuration import BadSettings, settings
from tenon.service.request import Chunk, Nothing, Outcome, Request, Suggestion, Superseded
from tenon.service.service import Service, Status
from tenon.service.settings import Settings
from tenon.text import Deadline
from tenon.text.cancel import Clock

_log = logging.getLogger(__name__)

Answer = list[dict[str, Any]] | None
"""Items to offer; empty for nothing, None where a newer request has taken the place."""


class ServiceLike(Protocol):
    """The part of `Service` that the protocol stands on."""

    def start(self) -> None: ...
    def submit(
        self, request: Request, on_chunk: Callable[[Chunk], None] | None = None
    ) -> Future[Outcome]: ...
    def forget(self, uri: str) -> None: ...
    def configure(self, settings: Settings) -> None: ...
    def close(self) -> None: ...


class ServiceMaker(Protocol):
    def __call__(
        self,
        settings: Settings,
        *,
        root: Path | None,
        clock: Clock,
        on_status: Callable[[Status], None],
    ) -> ServiceLike: ...


class Backend:
    def __init__(
        self, service: ServiceLike, options: Any, settings: Settings, clock: Clock
    ) -> None:
        self._service = service
        self._options = options
        self._settings = settings
        self._clock = clock

    @classmethod
    def create(
        cls,
        options: Any,
        *,
        root: Path | None,
        clock: Clock,
        on_status: Callable[[str, str], None],
        on_fault: Callable[[str], None],
        make: ServiceMaker = Service,
    ) -> Backend:
        """A backend whose model has begun to load. Callbacks come from other threads.

        Settings that cannot be used are reported, and the defaults stand in for them.
        """
        try:
            chosen = settings(options, None)
        except BadSettings as error:
            on_fault(f"{error}; the defaults are used")
            options, chosen = {}, Settings()
        service = make(
            chosen,
            root=root,
            clock=clock,
            on_status=lambda status: on_status(status.state, status.message),
        )
        _set_log_level(chosen)
        service.start()
        return cls(service, options, chosen, clock)

    def configure(self, over: Any) -> None:
        """Lay new settings over those of `initialize`. Raises `BadSettings`, changing nothing."""
        chosen = settings(self._options, over)
        if chosen != self._settings:
            self._settings = chosen
            self._service.configure(chosen)
            _set_log_level(chosen)

    async def answer(self, ask: Ask, on_chunk: Callable[[dict[str, Any]], None]) -> Answer:
        """The answer to one request. When the task is cancelled, so is the decoding.

        Where the settings ask for it, `on_chunk` is given growing answers and then the whole
        one, as parameters of `tenon/chunk`.
        """
        completion = self._settings.completion
        limit = completion.invoked_deadline_ms if ask.invoked else completion.deadline_ms
        request = Request(
            document=ask.document,
            offset=ask.offset,
            deadline=Deadline(at=ask.arrived + limit / 1000, clock=self._clock),
            invoked=ask.invoked,
            forced=ask.forced,
        )
        streaming = self._settings.streaming
        loop = asyncio.get_running_loop()

        def send(text: str, final: bool) -> None:
            if not request.cancel.cancelled:
                on_chunk(_chunk(ask, text, final=final))

        def grown(chunk: Chunk) -> None:
            loop.call_soon_threadsafe(send, chunk.text, False)

        future = self._service.submit(request, grown if streaming else None)
        try:
            # The service sets the future's result whatever becomes of us: it is not to be
            # cancelled along with the task.
            outcome = await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            request.cancel.cancel()
            raise
        _log_outcome(ask, outcome)
        match outcome:
            case Suggestion(text=text):
                if streaming:
                    send(text, True)
                return [{"insertText": ask.typed + text, "range": ask.range}]
            case Nothing():
                return []
            case Superseded():
                return None

    def forget(self, uri: str) -> None:
        self._service.forget(uri)

    def close(self) -> None:
        """Blocks until the service's threads have ended."""
        self._service.close()


def _chunk(ask: Ask, text: str, *, final: bool) -> dict[str, Any]:
    return {
        "textDocument": {"uri": ask.document.uri, "version": ask.document.version},
        "position": ask.position,
        "range": ask.range,
        "text": ask.typed + text,
        "final": final,
    }


def _set_log_level(chosen: Settings) -> None:
    """Only where the client chose one: the command line's stands otherwise."""
    if "log_level" in chosen.model_fields_set:
        logging.getLogger("tenon").setLevel(chosen.log_level.upper())


def _log_outcome(ask: Ask, outcome: Outcome) -> None:
    where = f"{ask.document.uri} version {ask.document.version} offset {ask.offset}"
    match outcome:
        case Suggestion(text=text, stop=stop, timings=timings):
            _log.info("%s: %d characters, %s, %.0f ms", where, len(text), stop, timings.total)
        case Nothing(reason=reason, timings=timings):
            _log.info("%s: nothing, %s, %.0f ms", where, reason, timings.total)
        case Superseded():
            _log.debug("%s: superseded", where)
