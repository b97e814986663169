"""Server: the language server's methods, and one session with one client from hello to exit.

Architecture invariant: nothing imported at the head of this module or of those it names needs
more than pygls; the service comes in behind the answer to `initialize`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidRequest
from pygls.lsp.server import LanguageServer

from tenon.protocol import hello, reading
from tenon.protocol.announcing import Announcer
from tenon.protocol.asking import Ask, Unanswerable, ask
from tenon.protocol.buffers import Buffers
from tenon.protocol.positions import Encoding
from tenon.protocol.reading import Malformed
from tenon.protocol.rpc import Rpc
from tenon.protocol.wire import Writer, read_messages
from tenon.text.cancel import Clock

if TYPE_CHECKING:
    from tenon.protocol.backend import Answer, Backend, ServiceMaker

_log = logging.getLogger(__name__)

_DID_SHOW = "textDocument/didShowCompletion"
_DID_PARTIALLY_ACCEPT = "textDocument/didPartiallyAcceptCompletion"
_CHUNK = "tenon/chunk"


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
        self._pulls = False
        self._loader: threading.Thread | None = None
        self._loaded: Backend | None = None
        protocol = self.protocol
        protocol.readers = {
            types.INITIALIZE: self._read_initialize,
            types.TEXT_DOCUMENT_INLINE_COMPLETION: self._read_ask,
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
                _DID_SHOW: self._ignore,
                _DID_PARTIALLY_ACCEPT: self._ignore,
            }
        )
        protocol.fm.feature_options[types.TEXT_DOCUMENT_INLINE_COMPLETION] = (
            types.InlineCompletionOptions()
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

    def _ignore(self, _: Any) -> None:
        """Shown and partly accepted: what happens in the buffer says more."""

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
