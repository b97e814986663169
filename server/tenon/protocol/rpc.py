"""Rpc: pygls' protocol made forgiving.

Three things differ from pygls' own. The methods in `readers` are read by us, at once and
tolerantly, so that a member no specification names cannot cost an answer. No fault is shown to
the author in a popup: it is logged, and a request is answered. And a request taken back is
answered with null, also when its handler had not begun.
"""

from __future__ import annotations

import contextvars
import logging
from asyncio import Future
from collections.abc import Callable, Mapping
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams, JsonRpcInvalidRequest
from pygls.protocol import LanguageServerProtocol, lsp_method

_log = logging.getLogger(__name__)

_NOTEBOOKS = (
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)


class Rpc(LanguageServerProtocol):
    """The connection to one client. Used by the event loop's thread only."""

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self.readers: dict[str, Callable[[Any], Any]] = {}
        """From a method's decoded params to what its handler takes, called as the message
        arrives. The other methods are read by lsprotocol."""
        self.arrived = 0.0
        """When the message now being handled arrived, on the server's clock."""
        for method in _NOTEBOOKS:
            del self.fm.builtin_features[method]

    def receive(self, message: Any, arrived: float) -> None:
        """Handle one decoded message. Never raises."""
        if not isinstance(message, Mapping):
            _log.warning("a message is not an object")
            return
        self.arrived = arrived
        try:
            contextvars.copy_context().run(self._dispatch, message)
        except Exception:
            _log.exception("a message could not be handled: %s", message.get("method"))

    def _dispatch(self, message: Mapping[str, Any]) -> None:
        method, number = message.get("method"), message.get("id")
        if not isinstance(method, str):
            self._response(number, message)
        elif number is None:
            self._notification(method, message.get("params"))
        elif isinstance(number, (int, str)):
            self._request(number, method, message.get("params"))

    def _response(self, number: Any, message: Mapping[str, Any]) -> None:
        self._result_types.pop(number, None)
        error = message.get("error")
        if isinstance(error, Mapping):
            refusal = types.ResponseError(
                code=error.get("code", 0), message=str(error.get("message", ""))
            )
            self._handle_response(number, error=refusal)
        else:
            self._handle_response(number, message.get("result"))

    def _notification(self, method: str, params: Any) -> None:
        if method == types.CANCEL_REQUEST:
            if isinstance(params, Mapping):
                self._handle_cancel_notification(params.get("id"))
        elif self._served(method) and (not self._shutdown or method == types.EXIT):
            self._handle_notification(method, self._read(method, params))

    def _request(self, number: int | str, method: str, params: Any) -> None:
        try:
            if self._shutdown:
                raise JsonRpcInvalidRequest("the server is shutting down")
            params = self._read(method, params) if self._served(method) else None
        except JsonRpcException as error:
            self._send_response(number, error=error.to_response_error())
        else:
            self._handle_request(number, method, params)

    def _served(self, method: str) -> bool:
        return method in self.fm.builtin_features or method in self.fm.features

    def _read(self, method: str, params: Any) -> Any:
        """Parameters as the method's handler takes them."""
        if method in self.readers:
            return self.readers[method](params)
        shape = self.get_message_type(method)
        if shape is None or params is None:
            return params
        try:
            message = {"jsonrpc": self.VERSION, "id": 0, "method": method, "params": params}
            return self._converter.structure(message, shape).params
        except Exception as error:
            raise JsonRpcInvalidParams(f"{method}: {error}") from error

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        # Answers are sent before a late cancel comes: nothing to warn of, unlike in pygls.
        future = self._request_futures.get(msg_id)
        if future is not None:
            future.cancel()

    def _send_handler_result(self, future: Future[Any], *, msg_id: Any) -> None:
        if future.cancelled():
            self._request_futures.pop(msg_id, None)
            self._send_response(msg_id, result=None)
        else:
            super()._send_handler_result(future, msg_id=msg_id)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> None:
        self._server.stop(0 if self._shutdown else 1)

    # pygls keeps a text of its own for each document; the buffers are the one source of truth.

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: Any) -> None:
        self._server.did_open(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: Any) -> None:
        self._server.did_change(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: Any) -> None:
        self._server.did_close(params)
