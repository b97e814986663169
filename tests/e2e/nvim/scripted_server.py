"""A language server that says what the test tells it to: for what no model can be made to do.

    python scripted_server.py '{"answers": {"for x in ": ["a\\nb", "c"], "y": null}, "delay": 0.1}'

An answer is given where the text of the line before the cursor ends with its key; elsewhere
there is none. `delay` is in seconds. With `late`, likewise, a place has no answer when it is first
asked for one, and that there is one by now is told so much later. Speaks of positions in UTF-8, takes whole documents.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

SCRIPT: dict[str, Any] = json.loads(sys.argv[1])
CAPABILITIES = {
    "positionEncoding": "utf-8",
    "textDocumentSync": 1,
    "inlineCompletionProvider": True,
}
documents: dict[str, str] = {}
versions: dict[str, int] = {}
asked: set[str] = set()


def read() -> dict[str, Any] | None:
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(sys.stdin.buffer.read(length)) if length else None


def send(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    sys.stdout.buffer.flush()


def answer(params: dict[str, Any]) -> list[dict[str, Any]] | None:
    position = params["position"]
    line = documents[params["textDocument"]["uri"]].split("\n")[position["line"]]
    before = line.encode()[: position["character"]].decode()
    for key, texts in SCRIPT["answers"].items():
        if before.endswith(key):
            here = {"start": position, "end": position}
            return texts and [{"insertText": text, "range": here} for text in texts]
    return []


while message := read():
    method, params = message.get("method"), message.get("params")
    result: Any = None
    if method == "exit":
        break
    if method == "initialize":
        result = {"capabilities": CAPABILITIES}
    elif method == "initialized":
        send({"method": "tenon/status", "params": {"state": "ready", "message": "scripted"}})
    elif method == "textDocument/didOpen":
        documents[params["textDocument"]["uri"]] = params["textDocument"]["text"]
    elif method == "textDocument/didChange":
        documents[params["textDocument"]["uri"]] = params["contentChanges"][-1]["text"]
        versions[params["textDocument"]["uri"]] = params["textDocument"]["version"]
    elif method == "textDocument/inlineCompletion":
        reply = {"id": message["id"], "result": answer(params)}
        if "late" in SCRIPT and reply["result"] and str(params["position"]) not in asked:
            asked.add(str(params["position"]))
            reply["result"] = []
            about = dict(params["textDocument"], version=versions[params["textDocument"]["uri"]])
            told = {"textDocument": about, "position": params["position"]}
            notice = {"method": "tenon/ready", "params": told}
            threading.Timer(SCRIPT["late"], send, [notice]).start()
        threading.Timer(SCRIPT.get("delay", 0.0), send, [reply]).start()
        continue
    if "id" in message:
        send({"id": message["id"], "result": result})
