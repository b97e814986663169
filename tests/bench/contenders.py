"""What is measured side by side: Tenon's two ways, and llama.cpp's own server with its two."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from figures import Take

from tenon.constraints.statement import Statement, statement
from tenon.engine.fim import build_prompt
from tenon.semantics import Analyser
from tenon.service.request import Request, Suggestion
from tenon.service.service import Service
from tenon.service.settings import Settings
from tenon.syntax.python import PythonSyntax
from tenon.text import CancelToken, Deadline, Document

_PATIENCE = 600.0

# -- Tenon -------------------------------------------------------------------------------------


class TimedEngine:
    """An engine that knows how long it computed."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.spent = 0.0
        self.prompt = 0.0
        """Of it, what the prompt took."""
        self.steps = 0

    def begin(self) -> None:
        self.spent, self.prompt, self.steps = 0.0, 0.0, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def _timed(self, name: str, *arguments: Any, **named: Any) -> Any:
        started = time.perf_counter()
        self.steps += name != "prefill"
        try:
            return getattr(self._engine, name)(*arguments, **named)
        finally:
            self.spent += time.perf_counter() - started
            if not self.steps:
                self.prompt = self.spent

    def prefill(self, *arguments: Any, **named: Any) -> Any:
        return self._timed("prefill", *arguments, **named)

    def step(self, *arguments: Any, **named: Any) -> Any:
        return self._timed("step", *arguments, **named)

    def step_each(self, *arguments: Any, **named: Any) -> Any:
        return self._timed("step_each", *arguments, **named)


class Tenon:
    def __init__(self, model: Path, max_tokens: int, threads: int | None) -> None:
        settings = Settings.model_validate(
            {
                "model": {"path": str(model), "threads": threads},
                "completion": {"max_tokens": max_tokens},
            }
        )
        self.service = Service(settings)
        self.service.start()
        status = self.service.wait_ready(_PATIENCE)
        assert status.state == "ready", status
        loaded = self.service._model
        assert loaded is not None
        self.engine = TimedEngine(loaded.engine)
        self.service._model = replace(loaded, engine=self.engine)
        self._account = loaded.account
        self._version = 0
        until = time.monotonic() + _PATIENCE
        while not self.service._analysis.learnt and time.monotonic() < until:
            # What could be imported is still being gathered.
            time.sleep(0.1)

    def take(
        self, uri: str, before: str, after: str, *, constrained: bool, drafts: bool
    ) -> Take:
        self._version += 1
        loaded = self.service._model
        assert loaded is not None
        self.service._model = replace(loaded, account=self._account if drafts else None)
        request = Request(
            document=Document(uri=uri, version=self._version, text=before + after),
            offset=len(before),
            deadline=Deadline.after(_PATIENCE),
            constrained=constrained,
        )
        self.engine.begin()
        started = time.perf_counter()
        outcome = self.service.submit(request).result()
        total = (time.perf_counter() - started) * 1e3
        model, steps = self.engine.spent * 1e3, self.engine.steps
        text = outcome.text if isinstance(outcome, Suggestion) else ""
        timings = outcome.timings
        stages = {name: getattr(timings, name) for name in ("queue", "analysis", "prefill")}
        stages["decode"] = min(timings.decode, model - self.engine.prompt * 1e3)
        stages["constraint"] = timings.decode - stages["decode"]
        stages["other"] = max(0.0, total - timings.total)
        self.rest()
        own = max(0.0, total - model)
        return Take(
            total,
            stages,
            timings.decode,
            len(text),
            steps,
            own=own,
            drafted=timings.drafted,
            drafts_taken=timings.drafts_taken,
        )

    def rest(self) -> None:
        """Let what is prepared behind an answer come to its end: others are measured next."""
        self.service._engine_thread.submit(int).result()

    def cool(self) -> None:
        """Have the engine forget every text it has read."""
        self.engine._forget()
        self.engine.kept.clear()

    def window(self, before: str, after: str) -> tuple[str, str]:
        """As much of the buffer as Tenon's own prompt holds, which is as much as can be read in
        time at the speed that was measured."""
        loaded, settings = self.service._model, self.service.settings
        assert loaded is not None
        prompt = build_prompt(
            self.engine,
            before,
            after,
            budget=loaded.prompt_budget(settings.completion.max_tokens),
            speed=loaded.speed,
            healing=False,
        ).tokens
        fim = self.engine.info.fim
        middle = prompt.index(fim.suffix)
        start = prompt.index(fim.prefix) + 1
        parts = (prompt[start:middle], prompt[middle + 1 : prompt.index(fim.middle)])
        prefix, suffix = (
            b"".join(map(self.engine.token_bytes, part)).decode("utf-8", errors="ignore")
            for part in parts
        )
        return prefix, suffix

    def forget(self, uri: str) -> None:
        self.service.forget(uri)

    def cancel_to_idle(self, uri: str, before: str, after: str, delay: float) -> float:
        self._version += 1
        cancel = CancelToken()
        request = Request(
            document=Document(uri=uri, version=self._version, text=before + after),
            offset=len(before),
            deadline=Deadline.after(_PATIENCE),
            cancel=cancel,
        )
        future = self.service.submit(request)
        time.sleep(delay)
        started = time.perf_counter()
        cancel.cancel()
        future.result()
        return (time.perf_counter() - started) * 1e3


# -- llama-server ------------------------------------------------------------------------------


class LlamaServer:
    def __init__(self, port: int, max_tokens: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._max_tokens = max_tokens
        self._syntax = PythonSyntax()
        self._analyser = Analyser(None)
        self._version = 0

    def take(
        self,
        uri: str,
        before: str,
        after: str,
        window: tuple[str, str],
        *,
        grammar: bool,
        single: bool,
        cold: bool,
    ) -> Take:
        prefix, suffix = window
        body: dict[str, Any] = {
            "n_predict": self._max_tokens,
            "temperature": 0.0,
            "cache_prompt": not cold,
            "stop": ["\n"] if single else [],
            "prompt": "",
            "input_suffix": suffix,
        }
        healed = ""
        if grammar:
            # What the grammar costs to make is Tenon's, and not counted against the server.
            made = self._grammar(uri, before, after, lines=not single)
            if made is not None:
                body["grammar"], healed = made.grammar, made.healed
        body["input_prefix"] = prefix[: len(prefix) - len(healed)]
        # The server drops a connection that has been idle: a fresh one, before time is taken.
        self._connection.close()
        self._connection.connect()
        started = time.perf_counter()
        self._connection.request(
            "POST", "/infill", json.dumps(body), {"Content-Type": "application/json"}
        )
        answer = json.loads(self._connection.getresponse().read())
        total = (time.perf_counter() - started) * 1e3
        assert "content" in answer, answer
        timings = answer["timings"]
        stages = {"prefill": timings["prompt_ms"], "decode": timings["predicted_ms"]}
        stages["other"] = max(0.0, total - sum(stages.values()))
        text = answer["content"].removeprefix(healed)
        # The first token comes with the prompt: no step of its own was taken for it.
        steps = max(0, timings["predicted_n"] - 1)
        return Take(total, stages, timings["predicted_ms"], len(text), steps)

    def _grammar(self, uri: str, before: str, after: str, *, lines: bool) -> Statement | None:
        self._version += 1
        document = Document(uri=uri, version=self._version, text=before + after)
        context = self._syntax.context(document, len(before))
        facts = self._analyser.analyse(document, context, Deadline.after(_PATIENCE))
        return statement(context, facts, "gbnf", lines=lines)


@contextmanager
def llama_server(
    binary: str, model: Path, max_tokens: int, threads: int, batch_threads: int
) -> Iterator[LlamaServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [binary, "-m", str(model), "--host", "127.0.0.1", "--port", str(port), "-c", "2048"]
    command += ["-np", "1", "-t", str(threads), "-tb", str(batch_threads)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            for _ in range(int(_PATIENCE * 10)):
                assert process.poll() is None, "llama-server ended before it was ready"
                if _healthy(port):
                    break
                time.sleep(0.1)
            yield LlamaServer(port, max_tokens)
        finally:
            process.terminate()
            process.wait(20)


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
