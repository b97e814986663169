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
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tenon.protocol import commands
from tenon.protocol.asking import Ask
from tenon.protocol.completing import Completing, completion_list
from tenon.protocol.configuration import BadSettings, settings
from tenon.protocol.reading import Malformed
from tenon.service.request import Chunk, Nothing, Outcome, Request, Suggestion, Superseded
from tenon.service.service import Service, Status
from tenon.service.settings import Settings
from tenon.text import Deadline, Document, Edit, Span
from tenon.text.cancel import Clock

if TYPE_CHECKING:
    from tenon.service.explain import Explanation
    from tenon.service.imports import Import
    from tenon.service.proposal import Proposal

_log = logging.getLogger(__name__)

_UNDERWAY = 0.01
"""Seconds between the end of a search and the answer."""

Answer = list[dict[str, Any]] | None
"""Items to offer; empty for nothing, None where a newer request has taken the place."""


class ServiceLike(Protocol):
    """The part of `Service` that the protocol stands on."""

    def start(self) -> None: ...
    def submit(
        self, request: Request, on_chunk: Callable[[Chunk], None] | None = None
    ) -> Future[Outcome]: ...
    def imports(
        self, document: Document, offset: int, text: str
    ) -> Future[tuple[Import, ...]]: ...
    def explain(
        self, document: Document, offset: int, text: str | None
    ) -> Future[Explanation]: ...
    def proposals(
        self, document: Document, offset: int, deadline: Deadline
    ) -> Future[tuple[Proposal, ...]]: ...
    def forget(self, uri: str) -> None: ...
    def configure(self, settings: Settings) -> None: ...
    def stats(self) -> list[dict[str, Any]]: ...
    def close(self) -> None: ...


class ServiceMaker(Protocol):
    def __call__(
        self,
        settings: Settings,
        *,
        root: Path | None,
        clock: Clock,
        on_status: Callable[[Status], None],
        on_ready: Callable[[Request], None],
    ) -> ServiceLike: ...


class Backend:
    def __init__(
        self,
        service: ServiceLike,
        options: Any,
        settings: Settings,
        clock: Clock,
        *,
        applies_edits: bool,
    ) -> None:
        self._service = service
        self._options = options
        self._applies_edits = applies_edits
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
        on_ready: Callable[[Document, int], None] = lambda document, offset: None,
        applies_edits: bool = True,
        make: ServiceMaker = Service,
    ) -> Backend:
        """A backend whose model has begun to load. Callbacks come from other threads.

        `on_ready` is told where an answer can be had that could not be had in time.

        A client that applies no edits is offered nothing that would have to be imported.
        Settings that cannot be used are reported, and the defaults stand in for them.
        """
        try:
            chosen = settings(options, None)
        except BadSettings as error:
            on_fault(f"{error}; the defaults are used")
            options, chosen = {}, Settings()
        chosen = _fitting(chosen, applies_edits=applies_edits)
        service = make(
            chosen,
            root=root,
            clock=clock,
            on_status=lambda status: on_status(status.state, status.message),
            on_ready=lambda request: on_ready(request.document, request.offset),
        )
        _set_log_level(chosen)
        service.start()
        return cls(service, options, chosen, clock, applies_edits=applies_edits)

    def configure(self, over: Any) -> None:
        """Lay new settings over those of `initialize`. Raises `BadSettings`, changing nothing."""
        chosen = _fitting(
            settings(self._options, over), applies_edits=self._applies_edits
        )
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
            candidates=completion.candidates if ask.invoked else 1,
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
            case Suggestion(text=text, others=others):
                if streaming:
                    send(text, True)
                # Where nothing is to be imported, nothing is asked for either.
                late = completion.auto_import
                return [_item(ask, each, late=late) for each in (outcome, *others)]
            case Nothing():
                return []
            case Superseded():
                return None

    async def proposals(self, asked: Completing) -> dict[str, Any] | None:
        """The editor's own list, by the request's deadline; None where it is not wanted."""
        completion = self._settings.completion
        if not (completion.enabled and completion.proposals):
            return None
        # A search that ends a little earlier still brings what it has found by then.
        searching = Deadline(at=asked.deadline.at - _UNDERWAY, clock=self._clock)
        future = asyncio.wrap_future(
            self._service.proposals(asked.document, asked.offset, searching)
        )
        # Shielded, for the service sets its future's result whatever becomes of us.
        waiting = asyncio.shield(future)
        try:
            found = await asyncio.wait_for(waiting, max(asked.deadline.remaining, 0))
        except TimeoutError:
            found = ()
        return completion_list(asked, found, late=searching.passed)

    def forget(self, uri: str) -> None:
        self._service.forget(uri)

    def import_edits(
        self, document: Document, imports: list[dict[str, str]]
    ) -> tuple[Edit, ...]:
        """What gives `document` the imports of an item's command. Raises `Malformed`."""
        # Deferred, as below: the model must not wait for what is needed after an answer only.
        from tenon.service.imports import import_edits, imports_from

        try:
            return import_edits(document, imports_from(imports))
        except ValueError as error:
            raise Malformed(str(error)) from None

    async def imports_of(self, document: Document, offset: int, text: str) -> list[dict[str, str]]:
        """What `text`, which stands at `offset` of `document` since it was accepted, needs
        imported."""
        accepted = Edit(span=Span(start=offset, end=offset + len(text)), text="")
        bare = document.apply([accepted], version=document.version)
        future = self._service.imports(bare, offset, text)
        found = await asyncio.shield(asyncio.wrap_future(future))
        return [asdict(each) for each in found]

    async def explain(self, document: Document, offset: int, text: str | None) -> dict[str, Any]:
        """What is allowed at a place and why, structured and as Markdown. Raises `Malformed` for
        a language that is not spoken."""
        from tenon.service.checks import NoSyntax
        from tenon.service.markdown import markdown

        future = self._service.explain(document, offset, text)
        try:
            explanation = await asyncio.shield(asyncio.wrap_future(future))
        except NoSyntax as error:
            raise Malformed(str(error)) from None
        return {"explanation": asdict(explanation), "markdown": markdown(explanation)}

    def stats(self) -> list[dict[str, Any]]:
        """Every figure as JSON: name, labels, value."""
        return self._service.stats()

    def close(self) -> None:
        """Blocks until the service's threads have ended."""
        self._service.close()


def _fitting(chosen: Settings, *, applies_edits: bool) -> Settings:
    if applies_edits or not chosen.completion.auto_import:
        return chosen
    completion = chosen.completion.model_copy(update={"auto_import": False})
    return chosen.model_copy(update={"completion": completion})


def _item(ask: Ask, suggestion: Suggestion, *, late: bool) -> dict[str, Any]:
    """`late`: whether what has to be imported is to be found on acceptance where the answer came
    before the analysis."""
    text = ask.typed + suggestion.text
    item = {"insertText": text, "range": ask.range}
    if suggestion.imports is None and late:
        item["command"] = commands.find_imports(ask.document.uri, ask.range["start"], text)
    elif suggestion.imports:
        item["command"] = commands.apply_imports(
            ask.document.uri,
            (each.statement for each in suggestion.imports),
            [asdict(each) for each in suggestion.imports],
        )
    return item


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
