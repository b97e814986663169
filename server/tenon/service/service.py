"""Service: one request from arrival to answer. Owns the engine's thread, which finds the context,
prefills and decodes, and the order in which requests take it.

Knows no protocol: the language server and the command line stand on the same few methods. What
is proved of a buffer takes long where large modules are read for the first time, so it has a
thread of its own (`analysis`): an answer waits for it only a little, and facts that come late
count from the token at which they arrive.
"""

from __future__ import annotations

import gc
import importlib
import logging
import math
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from tenon.constraints.constraint import AllOf
from tenon.service import analysis, heap
from tenon.service.analysis import Analysis
from tenon.service.continuations import Continuations
from tenon.service.request import Chunk, Nothing, Outcome, Request, Superseded
from tenon.service.schemas import Schemas
from tenon.service.settings import Settings
from tenon.service.tiers import Tiers
from tenon.syntax.context import CursorContext
from tenon.text import Cancelled, CancelToken, Deadline, Document
from tenon.text.cancel import Clock

if TYPE_CHECKING:
    from tenon.engine.remote.server import RemoteServer
    from tenon.semantics.facts import Import
    from tenon.service.answering import Answering, Facts
    from tenon.service.explain import Explanation
    from tenon.service.metrics import Metrics
    from tenon.service.model import LoadedModel
    from tenon.service.proposal import Proposal
    from tenon.service.publishing import Publisher
    from tenon.syntax.languages import Languages

_log = logging.getLogger(__name__)

_SWITCH_INTERVAL = 0.0005
"""Seconds. A token takes about two milliseconds; with Python's default of five the analysis
thread would make each one wait longer than it takes."""

_COLLECTIONS = (700, 10, 100)
"""Python's own thresholds, but for the last: a full collection walks every tree that the analysis
keeps, and all threads wait a quarter of a second for it. Trees die by their counts; the few
cycles among them can wait."""

_ANSWERING = ("tenon.service.answering", "tenon.service.fitting", "tenon.service.preparing")
"""What answers are made with. It takes a tenth of a second to import, for which neither
`initialize` nor the first answer should wait."""

_Outcome = TypeVar("_Outcome")

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
        on_ready: Callable[[Request], None] = lambda request: None,
    ) -> None:
        """`on_ready` is told of a request that time left without an answer once there is one for
        whoever asks again."""
        self._settings = settings
        self._clock = clock
        self._on_status = on_status
        self._on_ready = on_ready
        self._told_ready: tuple[str, int, int] | None = None
        self._status = Status(state="starting", message="loading the model")
        self._lock = threading.Lock()
        self._running: dict[str, CancelToken] = {}
        self._proposing: dict[str, CancelToken] = {}
        self._idle = CancelToken()
        """Ends what is being prepared in idle time."""
        self._continuations = Continuations()
        self._settled = threading.Event()
        self._closed = False
        self._schemas = Schemas()
        self._engine_thread = ThreadPoolExecutor(1, thread_name_prefix="tenon-engine")
        self._analysis = Analysis(settings, root=root, clock=clock, watched=self._watched)
        self._model: LoadedModel | None = None
        self._languages: Languages | None = None
        self._metrics: Metrics | None = None
        self._publisher: Publisher | None = None
        self._tiers = Tiers()

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def status(self) -> Status:
        return self._status

    def stats(self) -> list[dict[str, Any]]:
        """What was counted and timed so far, every figure with its name, labels and value."""
        return [] if self._metrics is None else list(self._metrics.samples())

    def start(self) -> None:
        """Begin to load the model, and the analysis beside it."""
        heap.share()
        sys.setswitchinterval(_SWITCH_INTERVAL)
        gc.set_threshold(*_COLLECTIONS)
        self._engine_thread.submit(self._load, self._settings)
        self._analysis.start()

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
            if self._closed:
                return _done(Nothing(reason=self._status.message))
            if not self._settled.is_set() or self._status.state == "fault":
                return self._without_model(request)
            older, idle = self._running.get(uri), self._idle
            self._running[uri] = request.cancel
            future = self._engine_thread.submit(self._answer, request, arrived, on_chunk)
        idle.cancel()
        if older is not None and older is not request.cancel:
            older.cancel(superseded=True)
        future.add_done_callback(lambda _: self._finished(request))
        return future

    def explain(self, document: Document, offset: int, text: str | None) -> Future[Explanation]:
        """What is allowed at a place, and what of `text` is not. No model takes part: it waits
        for the analysis alone. The future raises `NoSyntax` for a language without a grammar."""
        with self._lock:
            if self._closed:
                raise RuntimeError(self._status.message)
            return self._analysis.explain(document, offset, text)

    def proposals(
        self, document: Document, offset: int, deadline: Deadline
    ) -> Future[tuple[Proposal, ...]]:
        """Expressions that fit a place, found without the model, which may still be loading. A
        newer call for the document takes an older one's place, which then finds no more. The
        future never raises; it is cancelled where the service is closed first."""
        cancel = CancelToken()
        with self._lock:
            if self._closed:
                return _done(())
            older = self._proposing.get(document.uri)
            self._proposing[document.uri] = cancel
            future = self._analysis.proposals(document, offset, deadline, cancel)
        if older is not None:
            older.cancel(superseded=True)
        return future

    def imports(self, document: Document, offset: int, text: str) -> Future[tuple[Import, ...]]:
        """What `document` would have to import for `text` at `offset`, however late: for an
        answer that could not say. The future never raises."""
        with self._lock:
            return _done(()) if self._closed else self._analysis.imports(document, offset, text)

    def forget(self, uri: str) -> None:
        """The document was closed: cancel what runs for it."""
        with self._lock:
            running = self._running.pop(uri, None)
            proposing = self._proposing.pop(uri, None)
            self._idle.cancel()
        self._continuations.forget(uri)
        for token in filter(None, (running, proposing)):
            token.cancel()
        self._analysis.forget(uri)
        with suppress(RuntimeError):  # closed meanwhile
            self._engine_thread.submit(self._forget_lines, uri)

    def configure(self, settings: Settings) -> None:
        """Take new settings; reloads the model only where a model setting changed."""
        reload = settings.model != self._settings.model
        self._settings = settings
        self._analysis.configure(settings)
        self._idle.cancel()
        self._continuations.clear()
        if reload and not self._closed:
            self._settled.clear()
            self._engine_thread.submit(self._load, settings)
        if not self._closed:
            self._engine_thread.submit(self._publish)

    def close(self) -> None:
        """Cancel everything, end both threads, free the model. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._status = Status(state="fault", message="the service is closed")
            running = [self._idle, *self._running.values()]
            self._running.clear()
        for token in running:
            token.cancel()
        self._engine_thread.submit(self._unload)
        self._engine_thread.shutdown(wait=True)
        self._tiers.close()
        if self._publisher is not None:
            self._publisher.close()
        self._analysis.close()

    def _without_model(self, request: Request) -> Future[Outcome]:
        """What is said while there is no model: under the lock."""
        nothing = Nothing(reason=self._status.message)
        if not request.invoked or not self._settings.completion.proposals:
            return _done(nothing)
        return self._analysis.fill(request, nothing)

    # -- on the engine thread --------------------------------------------------------------

    def _load(self, settings: Settings) -> None:
        # Deferred imports: the native libraries take most of a second between them.
        from tenon.engine.engine import EngineError
        from tenon.service.metrics import Metrics
        from tenon.service.model import LoadedModel
        from tenon.syntax.languages import Languages

        self._settled.clear()
        self._set_status("starting", "loading the model")
        self._unload()
        self._metrics = self._metrics or Metrics()
        try:
            self._languages = self._languages or Languages()
            self._model = LoadedModel.load(settings.model)
            for name in _ANSWERING:
                importlib.import_module(name)
        except EngineError as error:
            settled = Status(state="fault", message=str(error))
        except Exception as error:
            _log.exception("the model could not be loaded")
            settled = Status(state="fault", message=f"the model could not be loaded: {error}")
        else:
            settled = Status(state="ready", message=self._model.engine.info.name)
            self._metrics.model(settled.message)
        self._publish()
        self._set_status(settled.state, settled.message, settled=True)
        # What the first request would else import itself.
        for step in ("answering", "fitting", "preparing"):
            import_module(f"tenon.service.{step}")

    def _unload(self) -> None:
        if self._model is not None:
            self._model.close()
            self._model = None

    def _publish(self) -> None:
        """Write the metrics to a file from now on, or no longer, as the settings say."""
        wanted = self._settings.metrics.file
        if self._publisher is not None and not wanted:
            self._publisher.close()
            self._publisher = None
        elif self._publisher is None and wanted and self._metrics is not None:
            from tenon.service.publishing import Publisher

            self._publisher = Publisher(self._metrics.prometheus)

    def _answer(
        self, request: Request, arrived: float, on_chunk: Callable[[Chunk], None] | None
    ) -> Outcome:
        outcome = self._outcome(request, arrived, on_chunk)
        if self._metrics is not None:
            self._metrics.record(request, outcome)
        if not isinstance(outcome, Superseded) and not math.isinf(request.deadline.at):
            self._look_on(request, outcome)
        return outcome

    def _look_on(self, request: Request, outcome: Outcome) -> None:
        """Once nothing else is to be done, get ready for what may be asked next."""
        cancel = CancelToken()
        with self._lock:
            if self._closed or not request.constrained or not self._settings.completion.prepare:
                return
            self._idle.cancel()
            self._idle = cancel
            self._engine_thread.submit(self._in_idle_time, request, outcome, cancel)

    def _in_idle_time(self, request: Request, outcome: Outcome, cancel: CancelToken) -> None:
        from tenon.service.preparing import Preparing

        def facts(document: Document, context: CursorContext, endless: bool) -> Future[AllOf]:
            deadline = Deadline.after(analysis.TIME, clock=self._clock).ending_with(cancel)
            return self._analysis.constraints(document, context, deadline)

        local = self._answering(request, facts)
        if cancel.cancelled or isinstance(local, str):
            return
        try:
            if Preparing(local, self._clock).after(request, outcome, cancel):
                self._tell_ready(request)
        except Exception:
            # Whoever closes the process may have ended a thread first.
            level = logging.DEBUG if self._closed else logging.ERROR
            _log.log(level, "what comes next could not be prepared", exc_info=True)

    def _tell_ready(self, request: Request) -> None:
        document = request.document
        asked = (document.uri, document.version, request.offset)
        # Once: should time run out again, the two of us would ask and tell for ever.
        if asked != self._told_ready:
            self._told_ready = asked
            self._on_ready(request)

    def _answering(self, request: Request, facts: Facts) -> Answering | str:
        """The steps of an answer to `request`, or why it can have none."""
        from tenon.service.answering import Answering
        from tenon.service.fitting import Fitting

        if self._model is None or self._languages is None:
            return self._status.message
        syntax = self._languages.syntax(request.document.language)
        if syntax is None:
            return f"no grammar for {request.document.language!r}"
        behind = partial(self._analysis.constraints_behind, math.isinf(request.deadline.at))
        fitting = Fitting(self._model, syntax, self._schemas, self._settings, behind)
        return Answering(fitting, facts, self._settings, self._continuations)

    def _outcome(
        self, request: Request, arrived: float, on_chunk: Callable[[Chunk], None] | None
    ) -> Outcome:
        if request.cancel.cancelled:
            return Superseded()
        local = self._answering(request, self._facts)
        if isinstance(local, str):
            return Nothing(reason=local)
        if request.deadline.passed:
            return Nothing(reason="time was up before the request's turn came", cut_short=True)
        name = local.fitting.model.engine.info.name
        self._set_status("thinking", name)
        try:
            self._tiers.configure(local.settings.remote)
            return self._tiers.answer(
                request,
                lambda server, asked: self._dictated(local, server, asked, arrived, on_chunk),
                lambda: local.answer(request, arrived, on_chunk),
                self._metrics.remote if self._metrics is not None else lambda result: None,
            )
        except Cancelled:
            return Superseded()
        except Exception as error:
            _log.exception("a request failed")
            return Nothing(reason=f"internal fault: {type(error).__name__}: {error}")
        finally:
            self._set_status("ready", "; ".join(filter(None, (name, self._tiers.trouble))))

    def _dictated(
        self,
        local: Answering,
        server: RemoteServer,
        request: Request,
        arrived: float,
        on_chunk: Callable[[Chunk], None] | None,
    ) -> Outcome | None:
        from tenon.service.dictating import Dictating

        first_word = local.settings.remote.timeout_ms / 1000
        dictating = Dictating(local, self._analysis.known, first_word)
        return dictating.answer(server, request, arrived, on_chunk)

    def _forget_lines(self, uri: str) -> None:
        if self._languages is not None:
            self._languages.forget(uri)

    def _finished(self, request: Request) -> None:
        with self._lock:
            if self._running.get(request.document.uri) is request.cancel:
                del self._running[request.document.uri]

    def _facts(
        self, document: Document, context: CursorContext, endless: bool
    ) -> Future[AllOf]:
        seconds = math.inf if endless else analysis.TIME
        deadline = Deadline.after(seconds, clock=self._clock)
        return self._analysis.constraints(document, context, deadline)

    def _watched(self, constraints: AllOf) -> AllOf:
        return constraints if self._metrics is None else self._metrics.watched(constraints)

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


def _done(outcome: _Outcome) -> Future[_Outcome]:
    future: Future[_Outcome] = Future()
    future.set_result(outcome)
    return future
