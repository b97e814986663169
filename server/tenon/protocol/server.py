"""Server: the language server's methods, and one session with one client from hello to exit.

Architecture invariant: nothing imported at the head of this module or of those it names needs
more than pygls; the service comes in behind the answer to `initialize`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams, JsonRpcInvalidRequest
from pygls.lsp.server import LanguageServer

from tenon.protocol import commands, hello, reading
from tenon.protocol.announcing import Announcer
from tenon.protocol.asking import Ask, Unanswerable, ask
from tenon.protocol.buffers import Buffers, Place
from tenon.protocol.completing import TRIGGERS, Completing, completing
from tenon.protocol.positions import Encoding
from tenon.protocol.reading import Malformed
from tenon.protocol.rpc import Rpc
from tenon.protocol.wire import Writer, read_messages
from tenon.text import Document
from tenon.text.cancel import Clock

if TYPE_CHECKING:
    from tenon.protocol.backend import Answer, Backend, ServiceMaker

_log = logging.getLogger(__name__)

_Read = TypeVar("_Read")

_DID_SHOW = "textDocument/didShowCompletion"
_DID_PARTIALLY_ACCEPT = "textDocument/didPartiallyAcceptCompletion"
_CHUNK = "tenon/chunk"
_READY = "tenon/ready"
_STATS = "tenon.stats"


_TRIES, _TRY_AGAIN = 4, 0.1
"""How often an edit is sent that the client refuses, and the seconds between."""


class TenonServer(LanguageServer):
    """One session with one client: `serve` it, then `close`. An instance is used once."""

    protocol: Rpc

    def __init__(
        self,
        *,
        version: str,
        make_service: ServiceMaker | None = None,
        clock: Clock = time.monotonic,
        on_initialize: Callable[[int | None], None] = lambda process: None,
        on_gone: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_initialize` is told the client's process id; `on_gone`, from any thread, that the
        client went away without a word."""
        super().__init__("tenon", version, protocol_cls=Rpc)
        self._make_service = make_service
        self._clock = clock
        self._on_initialize = on_initialize
        self._on_gone = on_gone
        self._buffers = Buffers()
        self._announcer = Announcer(self.protocol)
        self._options: Any = None
        self._pulls = self._applies_edits = self._versioned = False
        self._loader: threading.Thread | None = None
        self._loaded: Backend | None = None
        protocol = self.protocol
        protocol.readers = {
            types.INITIALIZE: self._read_initialize,
            types.TEXT_DOCUMENT_INLINE_COMPLETION: self._read_ask,
            types.TEXT_DOCUMENT_COMPLETION: self._read_completing,
            **dict.fromkeys(
                (
                    types.TEXT_DOCUMENT_DID_OPEN,
                    types.TEXT_DOCUMENT_DID_CHANGE,
                    types.TEXT_DOCUMENT_DID_CLOSE,
                    types.WORKSPACE_DID_CHANGE_CONFIGURATION,
                    _DID_SHOW,
                    _DID_PARTIALLY_ACCEPT,
                ),
                lambda params: params,
            ),
        }
        # Not `@server.feature`: it marks the function it is given, which a method does not allow.
        protocol.fm.features.update(
            {
                types.INITIALIZE: self._initialize,
                types.INITIALIZED: self._initialized,
                types.WORKSPACE_DID_CHANGE_CONFIGURATION: self._did_change_configuration,
                types.TEXT_DOCUMENT_INLINE_COMPLETION: self._inline_completion,
                types.TEXT_DOCUMENT_COMPLETION: self._completion,
                _DID_SHOW: self._ignore,
                _DID_PARTIALLY_ACCEPT: self._ignore,
            }
        )
        protocol.fm.commands[_STATS] = self._stats
        protocol.fm.commands[commands.APPLY_IMPORTS] = self._apply_imports
        protocol.fm.commands[commands.EXPLAIN] = self._explain
        protocol.fm.feature_options[types.TEXT_DOCUMENT_INLINE_COMPLETION] = (
            types.InlineCompletionOptions()
        )
        protocol.fm.feature_options[types.TEXT_DOCUMENT_COMPLETION] = types.CompletionOptions(
            trigger_characters=list(TRIGGERS), resolve_provider=False
        )

    # -- the session -----------------------------------------------------------------------

    async def serve(self, source: BinaryIO, sink: BinaryIO) -> int:
        """Speak with one client until it leaves; the exit status that the protocol asks for."""
        self._loop = asyncio.get_running_loop()
        self._exit: asyncio.Future[int] = self._loop.create_future()
        self._backend: asyncio.Future[Backend | None] = self._loop.create_future()
        self.protocol.set_writer(Writer(sink, broken=lambda: self.stop(1)))

        def deliver(message: Any) -> None:
            self._soon(self.protocol.receive, message, self._clock())

        reader = threading.Thread(
            target=read_messages,
            args=(source, deliver, self.client_gone),
            name="tenon-reader",
            daemon=True,
        )
        reader.start()
        return await self._exit

    def close(self) -> None:
        """Free the model and end the threads, once `serve` has returned."""
        if self._loader is not None and self._loader.is_alive():
            self._loader.join()
        if self._loaded is not None:
            self._loaded.close()

    def stop(self, status: int | None) -> None:
        """End the session; None where the client simply went away."""
        if not self._exit.done():
            ended = 0 if self.protocol._shutdown else 1
            self._exit.set_result(ended if status is None else status)

    def client_gone(self) -> None:
        """End the session without a word from the client. From any thread."""
        self._on_gone()
        self._soon(self.stop, None)

    def report_server_error(self, error: Exception, source: Any) -> None:
        _log.error("%s", error)

    def _soon(self, call: Callable[..., Any], *args: Any) -> None:
        """Run on the event loop's thread; nothing where the session is over."""
        try:
            self._loop.call_soon_threadsafe(call, *args)
        except RuntimeError:
            _log.debug("the session was over before %s", call)

    # -- hello -----------------------------------------------------------------------------

    def _read_initialize(self, params: Any) -> types.InitializeParams:
        if self.protocol._workspace is not None:
            raise JsonRpcInvalidRequest("initialize was already called")
        return hello.initialize_params(params)

    def _initialize(self, params: types.InitializeParams) -> None:
        self._buffers.encoding = Encoding(self.workspace.position_encoding)
        self._options = params.initialization_options
        options = self._options if isinstance(self._options, dict) else {}
        section = options.get("tenon")
        wanted = {**options, **section} if isinstance(section, dict) else options
        self._announcer.status_wanted = bool(wanted.get("status") or wanted.get("streaming"))
        self._announcer.progress_wanted = bool(params.capabilities.window.work_done_progress)
        self._pulls = bool(params.capabilities.workspace.configuration)
        self._applies_edits = bool(params.capabilities.workspace.apply_edit)
        self._versioned = bool(params.capabilities.workspace.workspace_edit.document_changes)
        self._on_initialize(params.process_id)
        self._loader = threading.Thread(
            target=self._load, args=(hello.root(params),), name="tenon-loader", daemon=True
        )
        # By then this message is handled, and its answer has gone out.
        self._loop.call_soon(self._loader.start)

    def _load(self, root: Path | None) -> None:
        """On a thread of its own: importing the service takes longer than a client waits."""
        try:
            from tenon.protocol.backend import Backend

            make = {} if self._make_service is None else {"make": self._make_service}
            self._loaded = Backend.create(
                self._options,
                root=root,
                clock=self._clock,
                on_status=lambda *status: self._soon(self._announcer.status, *status),
                on_fault=lambda message: self._soon(self._announcer.warn, message),
                on_ready=lambda document, offset: self._soon(self._ready, document, offset),
                applies_edits=self._applies_edits,
                **make,
            )
        except Exception as error:
            _log.exception("the service could not start")
            message = f"the service could not start: {type(error).__name__}: {error}"
            self._soon(self._announcer.status, "fault", message)
        self._soon(self._backend.set_result, self._loaded)

    def _initialized(self, _: Any) -> None:
        self._announcer.begin()

    # -- documents -------------------------------------------------------------------------

    def did_open(self, params: Any) -> None:
        try:
            opened = reading.opened(params)
        except Malformed as error:
            _log.warning("didOpen: %s", error)
        else:
            self._forget(opened["uri"])
            self._buffers.open(**opened)

    def did_change(self, params: Any) -> None:
        try:
            buffer = self._buffers.get(reading.uri(params))
            if buffer is None:
                _log.warning("didChange: %s is not open", reading.uri(params))
                return
            try:
                version, changes = reading.version(params), reading.changes(params)
            except Malformed:
                # The client's text is not ours any more, and no later edit would mend that.
                self._forget(buffer.uri)
                raise
            for change in changes:
                buffer.change(change)
            buffer.version = buffer.version + 1 if version is None else version
        except Malformed as error:
            _log.warning("didChange: %s", error)

    def did_close(self, params: Any) -> None:
        try:
            self._forget(reading.uri(params))
        except Malformed as error:
            _log.warning("didClose: %s", error)

    def _forget(self, uri: str) -> None:
        buffer = self._buffers.close(uri)
        if buffer is not None and self._backend.done() and (backend := self._backend.result()):
            backend.forget(buffer.uri)

    # -- completion ------------------------------------------------------------------------

    def _read_ask(self, params: Any) -> Ask | None:
        """The request against the text as it is now; None where it has no answer."""
        try:
            asked = reading.inline_completion(params)
            return ask(asked, self._buffers, arrived=self.protocol.arrived)
        except (Malformed, Unanswerable) as error:
            _log.info("inlineCompletion: %s", error)
            return None

    async def _inline_completion(self, ask: Ask | None) -> Answer:
        if ask is None or self._loader is None:
            return []
        backend = await asyncio.shield(self._backend)
        if backend is None or self._buffers.get(ask.document.uri) is None:
            return []
        try:
            return await backend.answer(ask, lambda chunk: self.protocol.notify(_CHUNK, chunk))
        except Exception:
            _log.exception("a completion failed")
            return []

    def _read_completing(self, params: Any) -> Completing | None:
        try:
            arrived = self.protocol.arrived
            return completing(params, self._buffers, arrived=arrived, clock=self._clock)
        except (Malformed, Unanswerable) as error:
            _log.info("completion: %s", error)
            return None

    async def _completion(self, asked: Completing | None) -> dict[str, Any] | None:
        """Expressions of the expected type, for the editor's own list. The model has no part in
        it: it may still be loading."""
        if asked is None or self._loader is None or not self._backend.done():
            return None
        if (backend := self._backend.result()) is None:
            return None
        try:
            return await backend.proposals(asked)
        except Exception:
            _log.exception("nothing could be proposed")
            return None

    def _ready(self, document: Document, offset: int) -> None:
        """An answer that could not be had in time can be had by now, if the buffer is the same."""
        buffer = self._buffers.get(document.uri)
        if not self._announcer.status_wanted or buffer is None:
            return
        if buffer.version == document.version:
            line, column = document.position_at(offset)
            place = buffer.position(Place(line=line, column=column))
            position = {"line": place.line, "character": place.character}
            about = {"uri": document.uri, "version": document.version}
            self.protocol.notify(_READY, {"textDocument": about, "position": position})

    def _ignore(self, _: Any) -> None:
        """Shown and partly accepted: what happens in the buffer says more."""

    # -- commands --------------------------------------------------------------------------

    async def _stats(self, *_: Any) -> list[dict[str, Any]]:
        """What was counted and timed so far; empty until the service is there."""
        if self._loader is None or (backend := await asyncio.shield(self._backend)) is None:
            return []
        return backend.stats()

    async def _apply_imports(self, *arguments: Any) -> None:
        """What the text needs that was accepted a moment ago, into the buffer as it is now."""
        wanted = _arguments(commands.importing, arguments)
        if self._loader is None or (backend := await asyncio.shield(self._backend)) is None:
            return
        imports = wanted.imports
        if wanted.inserted is not None:
            imports = await self._imports_of(backend, wanted.uri, wanted.inserted)
        for _ in range(_TRIES):
            buffer = self._buffers.get(wanted.uri)
            if buffer is None or not imports:
                return
            document = buffer.snapshot()
            edits = _arguments(lambda wanted: backend.import_edits(document, wanted), imports)
            if not edits:
                return
            params = commands.workspace_edit(buffer, document, edits, versioned=self._versioned)
            answer = await self.protocol.send_request_async(types.WORKSPACE_APPLY_EDIT, params)
            if not isinstance(answer, Mapping) or answer.get("applied") is not False:
                return
            # Refused: most often since the buffer is not what it was.
            await asyncio.sleep(_TRY_AGAIN)

    async def _imports_of(
        self, backend: Backend, uri: str, inserted: commands.Inserted
    ) -> list[dict[str, str]]:
        """What an accepted text needs, of which the answer could not say it in time."""
        for _ in range(_TRIES):
            buffer = self._buffers.get(uri)
            if buffer is None or not 0 <= inserted.position.line < buffer.line_count:
                return []
            offset = buffer.offset(buffer.place(inserted.position))
            if buffer.snapshot().text.startswith(inserted.text, offset):
                return await backend.imports_of(buffer.snapshot(), offset, inserted.text)
            # Most often the change that puts it there is still on its way.
            await asyncio.sleep(_TRY_AGAIN)
        return []

    async def _explain(self, *arguments: Any) -> dict[str, Any] | None:
        """What is allowed at a place, and why; null where the document is not open."""
        asked = _arguments(commands.explaining, arguments)
        if self._loader is None or (backend := await asyncio.shield(self._backend)) is None:
            return None
        buffer = self._buffers.get(asked.uri)
        if buffer is None:
            return None
        if not 0 <= asked.position.line < buffer.line_count:
            raise JsonRpcInvalidParams(f"line {asked.position.line} does not exist")
        offset = buffer.offset(buffer.place(asked.position))
        try:
            return await backend.explain(buffer.snapshot(), offset, asked.text)
        except Malformed as error:
            raise JsonRpcInvalidParams(str(error)) from None

    # -- settings --------------------------------------------------------------------------

    async def _did_change_configuration(self, params: Any) -> None:
        over = params.get("settings") if isinstance(params, dict) else None
        if over is None and self._pulls:
            over = await self._pull()
        if over is None or self._loader is None:
            return
        if (backend := await asyncio.shield(self._backend)) is None:
            return
        from tenon.protocol.configuration import BadSettings

        try:
            backend.configure(over)
        except BadSettings as error:
            self._announcer.warn(f"{error}; the settings stay as they were")

    async def _pull(self) -> Any:
        """Tenon's section from the client; None where it has none to give."""
        item = types.ConfigurationItem(section="tenon")
        asking = self.protocol.send_request_async(
            types.WORKSPACE_CONFIGURATION, types.ConfigurationParams(items=[item])
        )
        try:
            answer = await asking
        except Exception as error:
            _log.warning("the client did not give its settings: %s", error)
            return None
        return answer[0] if isinstance(answer, list) and answer else None


def _arguments(read: Callable[[Any], _Read], arguments: Any) -> _Read:
    """A command's arguments as `read` has them; what it cannot read is the client's fault."""
    try:
        return read(arguments)
    except Malformed as error:
        raise JsonRpcInvalidParams(str(error)) from None
