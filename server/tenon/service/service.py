"""Service: one request from arrival to answer. Owns the two worker threads and nothing else.

Knows no protocol: the language server and the command line stand on the same few methods.

The engine thread finds the context, prefills and decodes; the analysis thread proves names and
members, which takes long where large modules are read for the first time. An answer waits for the analysis only a little: facts that
come late count from the token at which they arrive.
"""

from __future__ import annotations

import logging
import math
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tenon.constraints.constraint import AllOf
from tenon.service.request import Chunk, Nothing, Outcome, Request, Superseded
from tenon.service.schemas import Schemas
from tenon.service.settings import Settings
from tenon.syntax.context import CursorContext
from tenon.text import Cancelled, CancelToken, Deadline, Document
from tenon.text.cancel import Clock

if TYPE_CHECKING:
    from tenon.semantics import Analyser
    from tenon.service.model import LoadedModel
    from tenon.syntax.languages import Languages

_log = logging.getLogger(__name__)

_SWITCH_INTERVAL = 0.0005
"""Seconds. A token takes about two milliseconds; with Python's default of five the analysis
thread would make each one wait longer than it takes."""

_ANALYSIS_TIME = 2.0
"""Seconds an analysis may go on after its request arrived: what it finds late serves the next."""


State = Literal["starting", "ready", "thinking", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    state: State
    message: str
    """What is being done, or the fault and its cause, in one line."""


class Service:
    """Completions from one model.

    `start` returns at once; the model loads on the engine thread. `submit` never blocks and
    its future never raises: every fault becomes `Nothing` with a reason. Callbacks run on
    worker threads.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        root: Path | None = None,
        clock: Clock = time.monotonic,
        on_status: Callable[[Status], None] | None = None,
    ) -> None:
        self._settings = settings
        self._root = root
        self._clock = clock
        self._on_status = on_status
        self._status = Status(state="starting", message="loading the model")
        self._lock = threading.Lock()
        self._running: dict[str, CancelToken] = {}
        self._settled = threading.Event()
        self._closed = False
        self._schemas = Schemas()
        self._engine_thread = ThreadPoolExecutor(1, thread_name_prefix="tenon-engine")
        self._analysis_thread = ThreadPoolExecutor(1, thread_name_prefix="tenon-analysis")
        self._model: LoadedModel | None = None
        self._languages: Languages | None = None
        self._analyser: Analyser | None = None

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def status(self) -> Status:
        return self._status

    def start(self) -> None:
        """Begin to load the model, and the analysis beside it."""
        sys.setswitchinterval(_SWITCH_INTERVAL)
        self._engine_thread.submit(self._load, self._settings)
        self._analysis_thread.submit(self._warm_analysis)

    def wait_ready(self, timeout: float | None = None) -> Status:
        """Block until the model is loaded or failed to load; the status then."""
        self._settled.wait(timeout)
        return self._status

    def submit(
        self, request: Request, on_chunk: Callable[[Chunk], None] | None = None
    ) -> Future[Outcome]:
        """Queue a request; an older one for the same document is superseded."""
        arrived = time.perf_counter()
        uri = request.document.uri
        with self._lock:
            if self._closed or not self._settled.is_set() or self._status.state == "fault":
                return _done(Nothing(reason=self._status.message))
            older = self._running.get(uri)
            self._running[uri] = request.cancel
            future = self._engine_thread.submit(self._answer, request, arrived, on_chunk)
        if older is not None and older is not request.cancel:
            older.cancel(superseded=True)
        future.add_done_callback(lambda _: self._finished(request))
        return future

    def forget(self, uri: str) -> None:
        """The document was closed: cancel what runs for it."""
        with self._lock:
            running = self._running.pop(uri, None)
        if running is not None:
            running.cancel()

    def configure(self, settings: Settings) -> None:
        """Take new settings; reloads the model only where a model setting changed."""
        reload = settings.model != self._settings.model
        self._settings = settings
        if reload and not self._closed:
            self._settled.clear()
            self._engine_thread.submit(self._load, settings)

    def close(self) -> None:
        """Cancel everything, end both threads, free the model. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._status = Status(state="fault", message="the service is closed")
            running = list(self._running.values())
            self._running.clear()
        for token in running:
            token.cancel()
        self._engine_thread.submit(self._unload)
        self._engine_thread.shutdown(wait=True)
        self._analysis_thread.shutdown(wait=False, cancel_futures=True)

    # -- on the engine thread --------------------------------------------------------------

    def _load(self, settings: Settings) -> None:
        # Deferred imports: the native libraries take most of a second between them.
        from tenon.engine.engine import EngineError
        from tenon.service.model import LoadedModel
        from tenon.syntax.languages import Languages

        self._settled.clear()
        self._set_status("starting", "loading the model")
        self._unload()
        try:
            self._languages = self._languages or Languages()
            self._model = LoadedModel.load(settings.model)
        except EngineError as error:
            settled = Status(state="fault", message=str(error))
        except Exception as error:
            _log.exception("the model could not be loaded")
            settled = Status(state="fault", message=f"the model could not be loaded: {error}")
        else:
            settled = Status(state="ready", message=self._model.engine.info.name)
        self._set_status(settled.state, settled.message, settled=True)

    def _unload(self) -> None:
        if self._model is not None:
            self._model.close()
            self._model = None

    def _answer(
        self, request: Request, arrived: float, on_chunk: Callable[[Chunk], None] | None
    ) -> Outcome:
        from tenon.service.answering import Answering
        from tenon.service.fitting import Fitting

        if request.cancel.cancelled:
            return Superseded()
        if self._model is None or self._languages is None:
            return Nothing(reason=self._status.message)
        syntax = self._languages.syntax(request.document.language)
        if syntax is None:
            return Nothing(reason=f"no grammar for {request.document.language!r}")
        if request.deadline.passed:
            return Nothing(reason="time was up before the request's turn came")
        settings = self._settings
        fitting = Fitting(self._model, syntax, self._schemas, settings)
        answering = Answering(fitting, self._facts, settings)
        self._set_status("thinking", self._model.engine.info.name)
        try:
            return answering.answer(request, arrived, on_chunk)
        except Cancelled:
            return Superseded()
        except Exception as error:
            _log.exception("a request failed")
            return Nothing(reason=f"internal fault: {type(error).__name__}: {error}")
        finally:
            self._set_status("ready", self._model.engine.info.name)

    def _finished(self, request: Request) -> None:
        with self._lock:
            if self._running.get(request.document.uri) is request.cancel:
                del self._running[request.document.uri]

    def _facts(
        self, document: Document, context: CursorContext, endless: bool
    ) -> Future[AllOf]:
        seconds = math.inf if endless else _ANALYSIS_TIME
        deadline = Deadline.after(seconds, clock=self._clock)
        return self._analysis_thread.submit(self._derive, document, context, deadline)

    # -- on the analysis thread ------------------------------------------------------------

    def _warm_analysis(self) -> None:
        from tenon.semantics import Analyser

        try:
            self._analyser = Analyser(self._root)
        except Exception:
            _log.exception("the analysis could not start; names and members stand open")

    def _derive(self, document: Document, context: CursorContext, deadline: Deadline) -> AllOf:
        from tenon.constraints.derive import derive

        if self._analyser is None or document.language != "python":
            return AllOf(())
        try:
            facts = self._analyser.analyse(document, context, deadline)
            return AllOf(derive(context, facts))
        except Exception:
            _log.exception("the analysis failed; names and members stand open")
            return AllOf(())

    def _set_status(self, state: State, message: str, *, settled: bool = False) -> None:
        status = Status(state=state, message=message)
        changed = status != self._status
        self._status = status
        if settled:
            # Before anyone is told: who hears "ready" may ask at once.
            self._settled.set()
        if not changed:
            return
        if self._on_status is not None:
            try:
                self._on_status(status)
            except Exception:
                _log.exception("a status listener failed")


def _done(outcome: Outcome) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(outcome)
    return future
