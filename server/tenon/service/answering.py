"""Answering: the steps of one request on the engine thread, from buffer to outcome.

Owns the order of the steps and what becomes of a request that has no answer. Knows no thread
and no protocol: whoever calls it decides where it runs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass

from tenon.constraints.constraint import AllOf, Domain, Evidence, Verdict
from tenon.decoding.answer import Checkpoint, Stop
from tenon.decoding.decoder import Decoding
from tenon.engine.fim import Prompt, build_prompt, prompt_budget, utf8
from tenon.service.fitting import Fit, Fitting
from tenon.service.request import Chunk, Nothing, Outcome, Request, Suggestion, Timings
from tenon.service.settings import Settings
from tenon.syntax.context import CursorContext, Role
from tenon.text import Document

_FACTS_SHARE = 0.3
_FACTS_LIMIT, _FACTS_LIMIT_INVOKED = 0.1, 0.5
"""How long decoding waits for facts: a share of the time left, at most so many seconds, more of
them for who asked by a key."""
_LEAST_PROMPT = 64
"""Tokens of prompt below which asking a model makes no sense."""

Facts = Callable[[Document, CursorContext, bool], "Future[AllOf]"]
"""Starts the analysis of a place and returns at once; the flag lets it take all the time it
needs."""

ChunkSink = Callable[[Chunk], None]


@dataclass(frozen=True, slots=True)
class Answering:
    fitting: Fitting
    facts: Facts
    settings: Settings

    def answer(self, request: Request, arrived: float, on_chunk: ChunkSink | None) -> Outcome:
        """The outcome of `request`. Raises `Cancelled`; any other fault is a defect.

        `arrived` is the reading of `time.perf_counter` when the request came in.
        """
        clock = _Stopwatch(arrived)
        clock.lap("queue")
        offset = min(max(request.offset, 0), len(request.document.text))
        document, offset = _with_plain_line_ends(request.document, offset)
        context = self.fitting.syntax.context(document, offset)
        reason = self._silence(context)
        if reason:
            return Nothing(reason=reason)
        endless = math.isinf(request.deadline.at)
        facts = self.facts(document, context, endless) if request.constrained else _no_facts()
        clock.lap("analysis")
        for healing in (request.constrained, False):
            prompt = self._prompt(context, healing=healing)
            logits = self.fitting.model.engine.prefill(prompt.tokens, request.cancel)
            clock.lap("prefill")
            _wait(facts, request)
            fit = self.fitting.fit(request, context, prompt, facts)
            clock.lap("analysis")
            decoding = Decoding(
                self.fitting.model.engine,
                self.fitting.model.vocabulary,
                fit.hole,
                self.settings.completion.max_tokens,
                request.deadline,
                request.cancel,
            )
            for checkpoint in decoding.run(prompt.tokens, logits):
                self._show(request, decoding, checkpoint, on_chunk)
            best = decoding.best(
                lambda text: not request.constrained
                or self.fitting.syntax.confirms(context, text)
            )
            clock.lap("decode")
            if best is not None or not prompt.heal or decoding.stop is not Stop.MODEL:
                break
            # Without the healed text the model had nothing to say; with it, it may have.
        return self._outcome(request, decoding, best, fit, clock)

    def _silence(self, context: CursorContext) -> str:
        """Why the settings ask for silence here; empty where they do not."""
        completion = self.settings.completion
        if not completion.enabled:
            return "completions are switched off"
        if context.role is Role.COMMENT and not completion.in_comments:
            return "the cursor is in a comment, where completions are switched off"
        if context.role is Role.STRING and not completion.in_strings:
            return "the cursor is in a string, where completions are switched off"
        return ""

    def _prompt(self, context: CursorContext, *, healing: bool) -> Prompt:
        engine = self.fitting.model.engine
        room = engine.info.context_length - self.settings.completion.max_tokens - 8
        budget = max(_LEAST_PROMPT, min(prompt_budget(engine.info), room))
        prefix, suffix = context.prefix, context.suffix
        prompt = build_prompt(engine, prefix, suffix, budget=budget, healing=healing)
        frame = context.frame
        if prompt.heal and (frame is None or not utf8(frame.opening).endswith(prompt.heal)):
            return build_prompt(engine, prefix, suffix, budget=budget, healing=False)
        return prompt

    def _show(
        self,
        request: Request,
        decoding: Decoding,
        checkpoint: Checkpoint,
        on_chunk: ChunkSink | None,
    ) -> None:
        if on_chunk is not None and checkpoint.text.strip() and decoding.stands(checkpoint):
            text = checkpoint.text.replace("\n", request.document.newline)
            on_chunk(Chunk(text=text, offset=request.offset))

    def _outcome(
        self,
        request: Request,
        decoding: Decoding,
        checkpoint: Checkpoint | None,
        fit: Fit,
        clock: _Stopwatch,
    ) -> Outcome:
        timings = clock.timings(decoding.constraint_us)
        refused = tuple(decoding.refused)
        text = checkpoint.text if checkpoint is not None else ""
        if _at_line_end(request):
            text = text.rstrip()
        if not text.strip():
            return Nothing(reason=_why_nothing(decoding.stop), refused=refused, timings=timings)
        evidence: tuple[Evidence, ...] = ()
        if request.constrained:
            evidence = (_PARSES, *decoding.hole.constraint().describe())
        return Suggestion(
            text=text.replace("\n", request.document.newline),
            offset=request.offset,
            stop=decoding.stop,
            evidence=evidence,
            relaxed=fit.relaxed,
            refused=refused,
            tokens=decoding.tokens,
            confirmed=request.constrained,
            timings=timings,
        )


_PARSES = Evidence(
    domain=Domain.SYNTAX,
    verdict=Verdict.COMPLETE,
    reason="the text parses with what stands before and behind it",
)


class _Stopwatch:
    """Laps of one request, by stage."""

    def __init__(self, started: float) -> None:
        self._started = self._last = started
        self._stages: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """Book the time since the last lap on `stage`."""
        now = time.perf_counter()
        self._stages[stage] = self._stages.get(stage, 0.0) + (now - self._last) * 1e3
        self._last = now

    def timings(self, constraint_us: list[float]) -> Timings:
        return Timings(
            **self._stages,
            constraint=sum(constraint_us) / 1e3,
            total=(self._last - self._started) * 1e3,
            constraint_us=tuple(constraint_us),
        )


def _with_plain_line_ends(document: Document, offset: int) -> tuple[Document, int]:
    """The document with "\\n" alone, which is all the layers below know, and its offset there."""
    text = document.text
    if "\r" not in text:
        return document, offset
    if text[offset - 1 : offset + 1] == "\r\n":
        offset -= 1
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    after = text[offset:].replace("\r\n", "\n").replace("\r", "\n")
    plain = Document(
        uri=document.uri,
        version=document.version,
        text=before + after,
        language=document.language,
    )
    return plain, len(before)


def _at_line_end(request: Request) -> bool:
    rest = request.document.text[request.offset : request.offset + 1]
    return not rest or rest in "\r\n"


def _no_facts() -> Future[AllOf]:
    future: Future[AllOf] = Future()
    future.set_result(AllOf(()))
    return future


def _wait(facts: Future[AllOf], request: Request) -> None:
    most = _FACTS_LIMIT_INVOKED if request.invoked else _FACTS_LIMIT
    left = request.deadline.remaining
    limit = None if math.isinf(left) else min(most, _FACTS_SHARE * max(0.0, left))
    try:
        facts.result(timeout=limit)
    except FutureTimeout:
        pass


def _why_nothing(stop: Stop) -> str:
    if stop is Stop.DEAD_END:
        return "nothing the model would say fits here"
    if stop is Stop.DEADLINE:
        return "time was up before the text could stand"
    if stop is Stop.LENGTH:
        return "the text could not stand within the length limit"
    return "the model has nothing to say here"
