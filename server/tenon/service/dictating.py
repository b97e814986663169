"""Dictating: the steps of one request that the inference server answers.

Owns what is sent and how long is waited; what comes back is taken down by `Dictation`, which
holds it to everything that holds the model in this process. Knows no thread and no protocol.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from tenon.constraints.constraint import AllOf
from tenon.constraints.statement import Statement, statement
from tenon.decoding.answer import Stop
from tenon.decoding.dictation import Dictation
from tenon.engine.fim import Prompt
from tenon.engine.remote.server import RemoteServer
from tenon.engine.remote.shapes import Task
from tenon.semantics.facts import NOTHING_KNOWN, Facts
from tenon.service.answering import (
    PARSES,
    Answering,
    ChunkSink,
    at_line_end,
    imports_of,
    wait_for,
)
from tenon.service.fitting import Fit
from tenon.service.known import Known
from tenon.service.request import Chunk, Nothing, Outcome, Request, Suggestion
from tenon.service.stopwatch import Stopwatch
from tenon.syntax.context import CursorContext
from tenon.text import Document

_LOCAL_SHARE = 0.4
"""Of the time there is, what is left to the model in this process should no word come."""
_LONGEST_WAIT = 60.0
"""Seconds, where the request itself names no end."""
_GRACE = 0.02
"""Seconds before the deadline in which what was heard is closed and confirmed."""


Analysis = Callable[[Document, CursorContext], "Future[Known]"]


@dataclass(frozen=True, slots=True)
class Dictating:
    local: Answering
    analysis: Analysis
    first_word: float
    """Seconds that the server may take for its first word."""

    def answer(
        self, server: RemoteServer, request: Request, arrived: float, on_chunk: ChunkSink | None
    ) -> Outcome | None:
        """The outcome of `request` as the server writes it; None where it is not to be asked.
        Raises `Unanswered` and `Cancelled`."""
        clock = Stopwatch(arrived)
        clock.lap("queue")
        offset = min(max(request.offset, 0), len(request.document.text))
        document, offset = request.document.with_plain_line_ends(offset)
        context = self.local.fitting.syntax.context(document, offset)
        if self.local.silence(context):
            return None
        known = self.analysis(document, context)
        constraints = _constraints(known)
        wait_for(constraints, request)
        facts = known.result().facts if known.done() else NOTHING_KNOWN
        grammar = self._grammar(server, request, context, facts)
        fit = self.local.fitting.fit(request, context, Prompt(tokens=(), heal=b""), constraints)
        clock.lap("analysis")
        dictation = Dictation(fit.hole, self.local.fitting.model.vocabulary)
        task = self._task(request, context, grammar, block=fit.hole.policy.block)
        self._listen(server, task, grammar, request, dictation, clock, on_chunk)
        best = dictation.best(
            lambda text: self.local.fitting.syntax.confirms(context, text),
            lambda: request.deadline.passed,
        )
        clock.lap("decode")
        return self._outcome(request, dictation, best, fit, clock)

    def _grammar(
        self, server: RemoteServer, request: Request, context: CursorContext, facts: Facts
    ) -> Statement | None:
        if request.document.language != "python":
            return None
        made = statement(
            context,
            facts,
            server.shape.dialect,
            forced=request.forced,
            lines=self.local.settings.completion.lines == "auto",
        )
        return made if made is not None and context.prefix.endswith(made.healed) else None

    def _task(
        self, request: Request, context: CursorContext, grammar: Statement | None, *, block: bool
    ) -> Task:
        prefix = context.prefix
        if grammar is not None:
            prefix = prefix[: len(prefix) - len(grammar.healed)]
        else:
            prefix += request.forced
        single = self.local.settings.completion.lines == "single" or bool(
            context.suffix.partition("\n")[0].strip()
        )
        return Task(
            prefix=prefix,
            suffix=context.suffix,
            grammar=grammar.grammar if grammar is not None else None,
            max_tokens=self.local.settings.completion.max_tokens,
            stop=("\n",) if single and not block and grammar is None else (),
        )

    def _listen(
        self,
        server: RemoteServer,
        task: Task,
        grammar: Statement | None,
        request: Request,
        dictation: Dictation,
        clock: Stopwatch,
        on_chunk: ChunkSink | None,
    ) -> None:
        left = min(max(request.deadline.remaining, 0.0), _LONGEST_WAIT)
        first = min(self.first_word, left * (1 - _LOCAL_SHARE))
        # What is sent ends before the word at the cursor, which is then said again, or else
        # behind the text that was selected.
        repeated = len(grammar.healed) if grammar is not None else 0
        promised = grammar.healed + grammar.forced if grammar is not None else ""
        if grammar is None:
            dictation.take(request.forced)
        heard, started = "", time.perf_counter()
        for piece in server.write(task, request.cancel, first=first, total=left - _GRACE):
            clock.lap("decode" if heard else "prefill")
            news = max(len(heard), repeated)
            heard += piece
            if not heard.startswith(promised[: len(heard)]):
                dictation.stop = Stop.DEAD_END
                return
            if not dictation.take(heard[news:]):
                return
            self._show(request, dictation, on_chunk)
        if time.perf_counter() - started >= left - _GRACE:
            dictation.cut_short()

    def _show(
        self, request: Request, dictation: Dictation, on_chunk: ChunkSink | None
    ) -> None:
        if on_chunk is not None and dictation.stands():
            text = dictation.text.replace("\n", request.document.newline)
            on_chunk(Chunk(text=text, offset=request.offset))

    def _outcome(
        self,
        request: Request,
        dictation: Dictation,
        best: str | None,
        fit: Fit,
        clock: Stopwatch,
    ) -> Outcome:
        timings = clock.timings(())
        refused = tuple(dictation.refused)
        text = best or ""
        if at_line_end(request):
            text = text.rstrip()
        if not text.strip():
            reason = "nothing of what the inference server said fits here"
            return Nothing(reason=reason, refused=refused, timings=timings)
        held = dictation.hole.constraint()
        return Suggestion(
            text=text.replace("\n", request.document.newline),
            offset=request.offset,
            stop=dictation.stop,
            evidence=(PARSES, *held.describe()),
            relaxed=fit.relaxed,
            refused=refused,
            tokens=len(self.local.fitting.model.vocabulary.tokens(text)),
            imports=imports_of(request.document, held, text),
            tier="remote",
            timings=timings,
        )


def _constraints(known: Future[Known]) -> Future[AllOf]:
    """The constraints alone, once they are known."""
    found: Future[AllOf] = Future()
    known.add_done_callback(lambda done: found.set_result(done.result().constraints))
    return found
