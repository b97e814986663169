"""An inference server made of the standard library, which answers as a test tells it to.

It speaks the streams of llama-server, vLLM and SGLang as their documentation has them, and breaks
in the ways servers break.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    path: str
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class Server:
    """`say` makes the lines of the stream from what was asked."""

    url: str = ""
    say: Callable[[Asked], Iterator[str]] = lambda asked: iter(())
    status: int = 200
    refusal: str = ""
    """The body where `status` is not 200."""
    refuses: Callable[[Asked], bool] = lambda asked: False
    """Which requests are bad ones, whatever `status` says."""
    asked: list[Asked] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    """The client went away before the end."""


@contextmanager
def running() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = Asked(self.path, json.loads(body), dict(self.headers))
            server.asked.append(asked)
            status = 400 if server.refuses(asked) else server.status
            if status != 200:
                data = server.refusal.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                for line in server.say(asked):
                    data = (line + "\n").encode()
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                    self.wfile.flush()
                self.wfile.write(b"0\r\n\r\n")
            except OSError:
                server.hung_up.set()
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def llama_stream(*pieces: str, pause: float = 0.0) -> Callable[[Asked], Iterator[str]]:
    """What llama-server's `/infill` sends with `stream`."""

    def say(asked: Asked) -> Iterator[str]:
        for piece in pieces:
            yield "data: " + json.dumps({"index": 0, "content": piece, "stop": False})
            yield ""
            time.sleep(pause)
        end = {"index": 0, "content": "", "stop": True, "stop_type": "eos", "truncated": False}
        yield "data: " + json.dumps(end)
        yield ""

    return say


def vllm_stream(*pieces: str) -> Callable[[Asked], Iterator[str]]:
    """What vLLM's `/v1/completions` sends with `stream`."""

    def event(text: str, reason: str | None) -> str:
        choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": reason}
        body = {"id": "cmpl-1", "object": "text_completion", "created": 1, "choices": [choice]}
        return "data: " + json.dumps(body)

    def say(asked: Asked) -> Iterator[str]:
        for number, piece in enumerate(pieces):
            yield event(piece, "stop" if number == len(pieces) - 1 else None)
            yield ""
        yield "data: [DONE]"
        yield ""

    return say


def sglang_stream(*pieces: str) -> Callable[[Asked], Iterator[str]]:
    """What SGLang's `/generate` sends with `stream`: each time all of the text so far."""

    def say(asked: Asked) -> Iterator[str]:
        text = ""
        for number, piece in enumerate(pieces):
            text += piece
            last = number == len(pieces) - 1
            reason = {"type": "stop", "matched": 2} if last else None
            about = {"id": "1", "prompt_tokens": 3, "finish_reason": reason}
            yield "data: " + json.dumps({"text": text, "meta_info": about})
            yield ""
        yield "data: [DONE]"
        yield ""

    return say
