"""A service that says what a test tells it to, on threads of its own like the real one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from tenon.semantics.facts import Import
from tenon.service.explain import Explanation
from tenon.service.proposal import Proposal
from tenon.service.request import (
    Chunk,
    Nothing,
    Outcome,
    Request,
    Stop,
    Suggestion,
    Superseded,
)
from tenon.service.service import Status
from tenon.service.settings import Settings
from tenon.syntax.context import Role
from tenon.text import CancelToken, Deadline, Document


class ScriptedService:
    """Answers each request with `says`; None holds it until it is cancelled."""

    def __init__(self) -> None:
        self.says: Callable[[Request], str | None] = lambda request: "path()"
        self.imports_needed: tuple[Import, ...] | None = ()
        """What its answers need; None where they cannot tell."""
        self.imports_found: tuple[Import, ...] = ()
        """What is said of that later."""
        self.asked_imports: list[tuple[Document, int, str]] = []
        """Of what it was asked then."""
        self.grows: tuple[str, ...] = ()
        """Chunks sent before the answer."""
        self.proposes: tuple[Proposal, ...] | None = ()
        """What it proposes; None holds that for good."""
        self.proposed: list[tuple[Document, int]] = []
        """Where it was asked to."""
        self.loaded = True
        """Whether it is ready as soon as it is started."""
        self.requests: list[Request] = []
        self.forgotten: list[str] = []
        self.settings = Settings()
        self.closed = False
        self._running: dict[str, CancelToken] = {}

    def __call__(
        self,
        settings: Settings,
        *,
        root: Path | None,
        clock: Callable[[], float],
        on_status: Callable[[Status], None],
        on_ready: Callable[[Request], None],
    ) -> ScriptedService:
        self.settings, self.root = settings, root
        self.on_status, self.on_ready = on_status, on_ready
        return self

    def start(self) -> None:
        if self.loaded:
            self.on_status(Status(state="ready", message="a script"))

    def submit(
        self, request: Request, on_chunk: Callable[[Chunk], None] | None = None
    ) -> Future[Outcome]:
        older = self._running.get(request.document.uri)
        if older is not None:
            older.cancel(superseded=True)
        self._running[request.document.uri] = request.cancel
        self.requests.append(request)
        future: Future[Outcome] = Future()
        threading.Thread(target=self._answer, args=(request, on_chunk, future)).start()
        return future

    def imports(
        self, document: Document, offset: int, text: str
    ) -> Future[tuple[Import, ...]]:
        self.asked_imports.append((document, offset, text))
        future: Future[tuple[Import, ...]] = Future()
        future.set_result(self.imports_found)
        return future

    def explain(
        self, document: Document, offset: int, text: str | None
    ) -> Future[Explanation]:
        future: Future[Explanation] = Future()
        future.set_result(
            Explanation(line=1, column=offset + 1, role=Role.OTHER, enclosing=(), domains=())
        )
        return future

    def proposals(
        self, document: Document, offset: int, deadline: Deadline
    ) -> Future[tuple[Proposal, ...]]:
        self.proposed.append((document, offset))
        future: Future[tuple[Proposal, ...]] = Future()
        if self.proposes is not None:
            future.set_result(self.proposes)
        return future

    def forget(self, uri: str) -> None:
        self.forgotten.append(uri)
        if uri in self._running:
            self._running.pop(uri).cancel()

    def configure(self, settings: Settings) -> None:
        self.settings = settings

    def stats(self) -> list[dict[str, Any]]:
        return [{"name": "scripted", "labels": {}, "value": float(len(self.requests))}]

    def close(self) -> None:
        self.closed = True
        for token in self._running.values():
            token.cancel()

    def _answer(self, request: Request, on_chunk: Any, future: Future[Outcome]) -> None:
        text = self.says(request)
        while text is None and not request.cancel.cancelled:
            time.sleep(0.002)
        if request.cancel.cancelled:
            future.set_result(Superseded())
            return
        for grown in self.grows if on_chunk else ():
            on_chunk(Chunk(text=grown, offset=request.offset))
        if text:
            future.set_result(
                Suggestion(
                    text=text, offset=request.offset, stop=Stop.MODEL, imports=self.imports_needed
                )
            )
        else:
            future.set_result(Nothing(reason="the script has nothing to say"))
