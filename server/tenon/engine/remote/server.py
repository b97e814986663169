"""RemoteServer: the connection to one inference server, and what is known of its health.

Owns HTTP, a thread for it, time-outs, the one repetition of a request that a stale connection
cost, and how long a server that failed is left alone. Connects to the address it was given and
to no other: no proxy from the environment, no redirection. Used by one thread at a time.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import logging
import queue
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

import httpx

from tenon.engine.remote.shapes import Garbled, Shape, Task, Told, complaint, event
from tenon.text import CancelToken
from tenon.text.cancel import Clock

_log = logging.getLogger(__name__)

_LONGEST_LINE = 1 << 20
_LONGEST_ANSWER = 1 << 22
"""Bytes of a line and of all of an answer, beyond which a server is not listened to."""
_ROOM, _LEAST_ROOM = 16_000, 500
"""Characters of the buffer that are sent; halved each time a server says it is too much."""
_FIRST_PAUSE, _LAST_PAUSE = 1.0, 60.0
"""Seconds for which a server that failed is left alone: twice as long each time."""


class Unanswered(Exception):
    """The server gave no answer. The message says why, for a person."""


class _BadRequest(Told):
    """The server says that it does not take such a request."""


class _TooLong(_BadRequest):
    """More text than its model's context holds."""


@dataclass(frozen=True, slots=True)
class _Over:
    reason: str = ""


class RemoteServer:
    def __init__(
        self,
        url: str,
        shape: Shape,
        *,
        key: str | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self.url = url.rstrip("/")
        self.shape = shape
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._clock = clock
        self._room = _ROOM
        self._pause = 0.0
        self._rest_until = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx.AsyncClient | None = None
        self.trouble = ""
        """Why the last request failed; empty where it did not."""

    @property
    def resting(self) -> bool:
        """Whether the server failed so lately that it is not asked again yet."""
        return bool(self.trouble) and self._clock() < self._rest_until

    def write(
        self, task: Task, cancel: CancelToken, *, first: float, total: float
    ) -> Iterator[str]:
        """The answer, piece by piece as it comes.

        `first` is how many seconds the first piece may take; after `total` seconds the pieces
        end, whether the answer has or not. Raises `Cancelled`, and `Unanswered` where nothing
        came or the server broke off. Leaving the iteration early ends the request.
        """
        cancel.check()
        pieces: queue.SimpleQueue[str | _Over] = queue.SimpleQueue()
        loop = self._running_loop()
        job = asyncio.run_coroutine_threadsafe(self._ask(task, pieces), loop)
        started, heard = time.monotonic(), False
        try:
            with cancel.stopping(lambda: pieces.put(_Over())):
                while True:
                    left = (total if heard else min(first, total)) - (time.monotonic() - started)
                    try:
                        piece = pieces.get(timeout=max(left, 0.0))
                    except queue.Empty:
                        if heard:
                            return
                        raise self._failed(f"no word within {min(first, total):.1f} s") from None
                    cancel.check()
                    if isinstance(piece, _Over):
                        if piece.reason:
                            raise self._failed(piece.reason)
                        self._well()
                        return
                    heard = True
                    self._well()
                    yield piece
        finally:
            job.cancel()

    def close(self) -> None:
        """Hang up, and end the thread. Idempotent."""
        loop, self._loop = self._loop, None
        if loop is None:
            return
        client, self._client = self._client, None
        if client is not None:
            asyncio.run_coroutine_threadsafe(client.aclose(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)

    # -- health ----------------------------------------------------------------------------

    def _failed(self, reason: str) -> Unanswered:
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LAST_PAUSE)
        self._rest_until = self._clock() + self._pause
        self.trouble = f"{self.url}: {reason}"
        _log.warning("%s; not asked again for %.0f s", self.trouble, self._pause)
        return Unanswered(self.trouble)

    def _well(self) -> None:
        self.trouble, self._pause = "", 0.0

    # -- on the thread for HTTP ------------------------------------------------------------

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = loop = asyncio.new_event_loop()
            threading.Thread(target=_serve, args=(loop,), name="tenon-remote", daemon=True).start()
        return self._loop

    async def _ask(self, task: Task, pieces: queue.SimpleQueue[str | _Over]) -> None:
        try:
            again = True
            while True:
                try:
                    async for piece in self._answer(task.within(self._room)):
                        again = False
                        pieces.put(piece)
                    break
                except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
                    # A connection kept from the last request may have been closed meanwhile.
                    if not again:
                        raise
                except _TooLong:
                    self._room //= 2
                    if self._room < _LEAST_ROOM:
                        raise
                    continue
                except _BadRequest as error:
                    # One that takes no grammars can still write: what it says is judged anyway.
                    if not again or task.grammar is None:
                        raise
                    _log.warning("%s: asked without a grammar, since: %s", self.url, error)
                    task = replace(task, grammar=None)
                again = False
            pieces.put(_Over())
        except asyncio.CancelledError:
            raise
        except Exception as error:
            pieces.put(_Over(_in_words(error)))

    async def _answer(self, task: Task) -> AsyncIterator[str]:
        if self._client is None:
            # Time is kept by whoever waits: here nothing is cut short.
            self._client = httpx.AsyncClient(
                timeout=None, trust_env=False, follow_redirects=False, headers=self._headers
            )
        body = self.shape.body(task)
        async with self._client.stream("POST", self.url + self.shape.path, json=body) as response:
            if response.status_code != 200:
                raise _refused(response.status_code, await _complaint(response))
            length = 0
            async for line in _lines(response):
                said = event(line)
                if said is None:
                    continue
                heard = self.shape.heard(said, length)
                length += len(heard.text)
                if heard.text:
                    yield heard.text
                if heard.ended:
                    return


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    rest, length = "", 0
    async for data in response.aiter_bytes():
        length += len(data)
        *lines, rest = (rest + decoder.decode(data)).split("\n")
        if len(rest) > _LONGEST_LINE or length > _LONGEST_ANSWER:
            raise Garbled("the answer has no end")
        for line in lines:
            yield line.rstrip("\r")
    yield rest


def _refused(status: int, message: str) -> Told:
    words = f"status {status}{': ' if message else ''}{message}"
    if status not in (400, 413, 422):
        return Told(words)
    return _TooLong(words) if status == 413 or "context" in message else _BadRequest(words)


async def _complaint(response: httpx.Response) -> str:
    data = b""
    async for part in response.aiter_bytes():
        data += part
        if len(data) > _LONGEST_LINE:
            break
    try:
        return complaint(json.loads(data))
    except ValueError:
        return ""


def _in_words(error: Exception) -> str:
    if isinstance(error, (Told, Garbled)):
        return str(error)
    if isinstance(error, httpx.ConnectError):
        return "no server answers there"
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return f"this is no address: {error}"
    return f"the connection broke: {type(error).__name__}"
