"""Answering: the steps of one request on the engine thread, from buffer to outcome.

Owns the order of the steps and what becomes of a request that has no answer. Knows no thread
and no protocol: whoever calls it decides where it runs.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tenon.constraints.constraint import AllOf, Domain, Evidence, Verdict
from tenon.constraints.imports import needed_imports
from tenon.decoding.answer import Checkpoint, Stop
from tenon.decoding.candidates import Logits
from tenon.decoding.decoder import Decoding
from tenon.decoding.foresight import Texts
from tenon.engine.fim import Prompt, build_prompt, utf8
from tenon.semantics.facts import Import
from tenon.service.continuations import Begun, Continuations
from tenon.service.fitting import Fitting
from tenon.service.request import Chunk, Nothing, Outcome, Request, Suggestion
from tenon.service.settings import Settings
from tenon.service.stopwatch import Stopwatch
from tenon.syntax.context import CursorContext, Role
from tenon.text import Cancelled, CancelToken, Deadline, Document

_FACTS_SHARE = 0.3
_FACTS_LIMIT, _FACTS_LIMIT_INVOKED = 0.1, 0.5
"""How long decoding waits for facts: a share of the time left, at most so many seconds, more of
them for who asked by a key."""

Facts = Callable[[Document, CursorContext, bool], "Future[AllOf]"]
"""Starts the analysis of a place and returns at once; the flag lets it take all the time it
needs."""

ChunkSink = Callable[[Chunk], None]


class _Spent(NamedTuple):
    """What a decoding had spent before a request went on with it: booked, or idle time's."""

    tokens: int = 0
    drafted: int = 0
    drafts_taken: int = 0

    @classmethod
    def of(cls, decoding: Decoding) -> _Spent:
        return cls(len(decoding.constraint_us), decoding.drafted, decoding.drafts_taken)


@dataclass(frozen=True, slots=True)
class Answering:
    fitting: Fitting
    facts: Facts
    settings: Settings
    continuations: Continuations = field(default_factory=Continuations)

    def answer(self, request: Request, arrived: float, on_chunk: ChunkSink | None) -> Outcome:
        """The outcome of `request`. Raises `Cancelled`; any other fault is a defect.

        `arrived` is the reading of `time.perf_counter` when the request came in.
        """
        clock = Stopwatch(arrived)
        clock.lap("queue")
        going = self.continuations.find(request)
        if going is not None and request.candidates == 1:
            outcome = self._go_on(*going, request, on_chunk, clock)
            if outcome is not None:
                return outcome
        offset = min(max(request.offset, 0), len(request.document.text))
        document, offset = request.document.with_plain_line_ends(offset)
        context = self.fitting.syntax.context(document, offset)
        reason = self.silence(context)
        if reason:
            return Nothing(reason=reason)
        endless = math.isinf(request.deadline.at)
        facts = self.facts(document, context, endless) if request.constrained else _no_facts()
        clock.lap("analysis")
        for healing in (request.constrained, False):
            prompt = self._prompt(context, healing=healing)
            engine = self.fitting.model.engine
            logits = self._read(prompt.tokens, request)
            clock.lap("prefill")
            if logits is None:
                reason = "time was up before the model had read what it needs"
                return Nothing(reason=reason, cut_short=True, timings=clock.timings(()))
            clock.read(len(prompt.tokens), reused=engine.reused)
            wait_for(facts, request)
            begun = self._begin(request, context, prompt, facts, ())
            clock.lap("analysis")
            steps = begun.decoding.run(prompt.tokens, logits)
            best = self._decode(begun, steps, "", request, on_chunk)
            clock.lap("decode")
            if best is not None or not prompt.heal or begun.decoding.stop is not Stop.MODEL:
                break
            # Without the healed text the model had nothing to say; with it, it may have.
        outcome = self._outcome(request, begun, best, "", clock)
        if request.candidates == 1 or not isinstance(outcome, Suggestion):
            return outcome
        return self._with_others(request, outcome, begun, facts, clock)

    def _read(self, tokens: Sequence[int], request: Request) -> Logits | None:
        """What `tokens` leave the model with; None where the time is up before it has read them.
        Those it has read by then it need not read again."""
        try:
            with request.cancel.until(request.deadline) as cancel:
                return self.fitting.model.engine.prefill(tokens, cancel)
        except Cancelled:
            request.cancel.check()
            return None

    def _begin(
        self,
        request: Request,
        context: CursorContext,
        prompt: Prompt,
        facts: Future[AllOf],
        others: Sequence[Begun],
    ) -> Begun:
        """An answer to be decoded after `prompt`, which begins otherwise than `others` do."""
        fit = self.fitting.fit(request, context, prompt, facts)
        decoding = Decoding(
            self.fitting.model.engine,
            self.fitting.model.vocabulary,
            fit.hole,
            self.settings.completion.max_tokens,
            request.deadline,
            request.cancel,
            account=self.fitting.model.account,
            texts=Texts(
                before=context.prefix,
                after=context.suffix,
                recent=self.continuations.recent(request.document.uri),
            ),
            apart_from=[each.decoding for each in others] if request.candidates > 1 else None,
        )
        begun = Begun(
            request=request, context=context, prompt=prompt, fit=fit, decoding=decoding
        )
        self.continuations.keep(begun)
        return begun

    def _with_others(
        self,
        request: Request,
        first: Suggestion,
        begun: Begun,
        facts: Future[AllOf],
        clock: Stopwatch,
    ) -> Suggestion:
        """`first` among further answers, the likeliest one foremost, as many as are wanted and
        there is time for. All read one prompt, which the engine holds already."""
        made = [(begun, first)]
        texts = {first.text}
        tokens = begun.prompt.tokens
        for _ in range(request.candidates - 1):
            if request.deadline.remaining < first.timings.decode / 1e3:
                break
            another = self._begin(
                request, begun.context, begun.prompt, facts, [each for each, _ in made]
            )
            logits = self.fitting.model.engine.prefill(tokens, request.cancel)
            best = self._decode(another, another.decoding.run(tokens, logits), "", request, None)
            clock.lap("decode")
            outcome = self._outcome(request, another, best, "", clock)
            if not isinstance(outcome, Suggestion) or outcome.text in texts:
                break
            texts.add(outcome.text)
            made.append((another, outcome))
        made.sort(key=lambda pair: pair[0].decoding.likelihood, reverse=True)
        for each, _ in reversed(made):
            self.continuations.keep(each)
        (_, foremost), *rest = made
        spent = [us for each, _ in made for us in each.decoding.constraint_us]
        timings = replace(
            clock.timings(spent),
            drafted=sum(each.timings.drafted for _, each in made),
            drafts_taken=sum(each.timings.drafts_taken for _, each in made),
        )
        return replace(foremost, others=tuple(each for _, each in rest), timings=timings)

    def _go_on(
        self,
        begun: Begun,
        typed: str,
        request: Request,
        on_chunk: ChunkSink | None,
        clock: Stopwatch,
    ) -> Outcome | None:
        """The outcome of a request that goes on from an answer begun, of which `typed` stands in
        the buffer by now; None where nothing comes of that."""
        decoding = begun.decoding
        before = _Spent.of(decoding)
        steps: Iterable[Checkpoint] = ()
        if not decoding.over:
            steps = decoding.go_on(begun.prompt.tokens, request.deadline, request.cancel)
            clock.read(len(begun.prompt.tokens), reused=self.fitting.model.engine.reused)
        clock.lap("prefill")
        best = self._decode(begun, steps, typed, request, on_chunk)
        clock.lap("decode")
        if best is None and decoding.over:
            return None
        if best is not None and not steps:
            self._show(request, decoding, best, typed, on_chunk)
        # What has become known meanwhile may speak against an answer made before.
        if best is not None and decoding.hole.constraint().refusal(best.text) is not None:
            return None
        return self._outcome(request, begun, best, typed, clock, before=before)

    def finish(self, request: Request, deadline: Deadline, cancel: CancelToken) -> bool:
        """Go on with the answer to `request` where time cut it short; whether it was. Raises
        `Cancelled`, and the answer then stands where it stood."""
        going = self.continuations.find(request)
        if going is None or going[0].decoding.over:
            return False
        for _ in going[0].decoding.go_on(going[0].prompt.tokens, deadline, cancel):
            pass
        return True

    def _decode(
        self,
        begun: Begun,
        steps: Iterable[Checkpoint],
        typed: str,
        request: Request,
        on_chunk: ChunkSink | None,
    ) -> Checkpoint | None:
        """The checkpoint to answer with, after all `steps`."""

        def accepts(text: str) -> bool:
            if not text.startswith(typed + request.forced) or not text[len(typed) :].strip():
                return False
            if request.constrained and text not in begun.confirmed:
                if not self.fitting.syntax.confirms(begun.context, text):
                    return False
                begun.confirmed.add(text)
            return True

        for checkpoint in steps:
            self._show(request, begun.decoding, checkpoint, typed, on_chunk)
        return begun.decoding.best(accepts)

    def silence(self, context: CursorContext) -> str:
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
        engine, speed = self.fitting.model.engine, self.fitting.model.speed
        budget = self.fitting.model.prompt_budget(self.settings.completion.max_tokens)
        prefix, suffix = context.prefix, context.suffix
        prompt = build_prompt(
            engine, prefix, suffix, budget=budget, speed=speed, healing=healing
        )
        frame = context.frame
        if prompt.heal and (frame is None or not utf8(frame.opening).endswith(prompt.heal)):
            return build_prompt(
                engine, prefix, suffix, budget=budget, speed=speed, healing=False
            )
        return prompt

    def _show(
        self,
        request: Request,
        decoding: Decoding,
        checkpoint: Checkpoint,
        typed: str,
        on_chunk: ChunkSink | None,
    ) -> None:
        if on_chunk is None or not checkpoint.text.startswith(typed):
            return
        text = checkpoint.text[len(typed) :]
        if text.strip() and decoding.stands(checkpoint):
            text = text.replace("\n", request.document.newline)
            on_chunk(Chunk(text=text, offset=request.offset))

    def _outcome(
        self,
        request: Request,
        begun: Begun,
        checkpoint: Checkpoint | None,
        typed: str,
        clock: Stopwatch,
        *,
        before: _Spent = _Spent(),
    ) -> Outcome:
        decoding = begun.decoding
        timings = replace(
            clock.timings(decoding.constraint_us[before.tokens :]),
            drafted=decoding.drafted - before.drafted,
            drafts_taken=decoding.drafts_taken - before.drafts_taken,
        )
        refused = tuple(decoding.refused)
        text = checkpoint.text if checkpoint is not None else ""
        if at_line_end(request):
            text = without_blanks(text)
        if not text[len(typed) :].strip():
            return Nothing(
                reason=_why_nothing(decoding.stop),
                cut_short=decoding.stop is Stop.DEADLINE,
                refused=refused,
                timings=timings,
            )
        evidence: tuple[Evidence, ...] = ()
        imports: tuple[Import, ...] | None = ()
        if request.constrained:
            held = decoding.hole.constraint()
            evidence = (PARSES, *held.describe())
            imports = imports_of(request.document, held, text)
        return Suggestion(
            text=text[len(typed) :].replace("\n", request.document.newline),
            offset=request.offset,
            stop=decoding.stop,
            evidence=evidence,
            relaxed=(*begun.fit.relaxed, *decoding.given_way),
            refused=refused,
            tokens=decoding.tokens,
            confirmed=request.constrained,
            imports=imports,
            timings=timings,
        )


PARSES = Evidence(
    domain=Domain.SYNTAX,
    verdict=Verdict.COMPLETE,
    reason="the text parses with what stands before and behind it",
)


def imports_of(document: Document, held: AllOf, text: str) -> tuple[Import, ...] | None:
    """What `text` needs imported; None where the analysis, of which `held` came, says nothing of
    imports yet."""
    return needed_imports(held.constraints, text) if document.language == "python" else ()


def at_line_end(request: Request) -> bool:
    rest = request.document.text[request.offset : request.offset + 1]
    return not rest or rest in "\r\n"


def _no_facts() -> Future[AllOf]:
    future: Future[AllOf] = Future()
    future.set_result(AllOf(()))
    return future


def wait_for(facts: Future[AllOf], request: Request) -> None:
    most = _FACTS_LIMIT_INVOKED if request.invoked else _FACTS_LIMIT
    left = request.deadline.remaining
    limit = None if math.isinf(left) else min(most, _FACTS_SHARE * max(0.0, left))
    woken = threading.Event()
    facts.add_done_callback(lambda _: woken.set())
    with request.cancel.stopping(woken.set):
        woken.wait(limit)
    request.cancel.check()


def _why_nothing(stop: Stop) -> str:
    if stop is Stop.DEAD_END:
        return "nothing the model would say fits here"
    if stop is Stop.DEADLINE:
        return "time was up before the text could stand"
    if stop is Stop.LENGTH:
        return "the text could not stand within the length limit"
    return "the model has nothing to say here"


def without_blanks(text: str) -> str:
    """`text` without what is white at its end, unless that would take the line end from a
    backslash, which then would join the next line."""
    stripped = text.rstrip()
    return text if stripped.endswith("\\") else stripped
