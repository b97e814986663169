"""Analysis: the thread on which all is proved that a buffer means.

Owns the analyser, its thread, and what that thread does unasked: it looks for what could be
imported and for likely receivers, a little at a time, so that a request comes between. Knows no
model. Every method that gives a future returns at once; none of these futures raises but
`explain`'s.
"""

from __future__ import annotations

import importlib
import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tenon.constraints.constraint import AllOf
from tenon.service.known import Known
from tenon.service.request import Nothing, Outcome, Request, Suggestion, Superseded
from tenon.service.settings import Settings
from tenon.syntax.context import CursorContext
from tenon.text import CancelToken, Deadline, Document, plain_line_ends
from tenon.text.cancel import Clock

if TYPE_CHECKING:
    from tenon.semantics import Analyser
    from tenon.semantics.facts import Import
    from tenon.service.checks import Checks
    from tenon.service.explain import Explanation
    from tenon.service.proposal import Proposal
    from tenon.syntax.languages import Languages

_log = logging.getLogger(__name__)

_LEARNING_TIME = 0.004
"""Seconds the analysis looks for what could be imported before it looks for work."""

_AHEAD_TIME, _AHEAD_PAUSE = 0.008, 0.001
"""Seconds that the analysis looks for likely receivers at a stretch, and lets others come."""

_LEARNT_FOR = 20.0
"""Seconds after which files are looked at once more."""

_REFRESH_TIME = 0.25
"""Seconds an analysis may take that an answer asked for while it was being said."""

TIME = 2.0
"""Seconds an analysis may go on after its request arrived: what it finds late serves the next."""


class Analysis:
    """What holds in a buffer, asked from any thread and found on one."""

    def __init__(
        self,
        settings: Settings,
        *,
        root: Path | None,
        clock: Clock,
        watched: Callable[[AllOf], AllOf],
    ) -> None:
        self._settings = settings
        self._root = root
        self._clock = clock
        self._watched = watched
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tenon-analysis")
        self._closed = False
        self._analyser: Analyser | None = None
        self._languages: Languages | None = None
        self._checks: Checks | None = None
        self._looking_ahead = False
        self._learnt_at = math.inf
        """When what could be imported was last known whole; infinity while it is gathered."""

    @property
    def learnt(self) -> bool:
        """Whether it is known what could be imported."""
        return not math.isinf(self._learnt_at)

    def start(self) -> None:
        self._thread.submit(self._warm)

    def configure(self, settings: Settings) -> None:
        """Another environment is read from the next request on."""
        chosen = settings.python != self._settings.python
        self._settings = settings
        if chosen:
            with suppress(RuntimeError):  # closed meanwhile
                self._thread.submit(self._look_again)

    def close(self) -> None:
        """Drop what is queued; what runs ends by its own deadline. Idempotent."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    def forget(self, uri: str) -> None:
        """The document was closed."""
        with suppress(RuntimeError):  # closed meanwhile
            self._thread.submit(self._forget, uri)

    def known(self, document: Document, context: CursorContext) -> Future[Known]:
        deadline = Deadline.after(TIME, clock=self._clock)
        return self._thread.submit(self._know, document, context, deadline)

    def constraints(
        self, document: Document, context: CursorContext, deadline: Deadline
    ) -> Future[AllOf]:
        """The domains that hold at a cursor; what is not proved by the deadline stands open."""
        return self._thread.submit(self._derive, document, context, deadline)

    def constraints_behind(
        self, endless: bool, document: Document, context: CursorContext, said: str
    ) -> Future[AllOf | None]:
        """The domains that hold behind `said`; None where no statement begins there."""
        seconds = math.inf if endless else _REFRESH_TIME
        deadline = Deadline.after(seconds, clock=self._clock)
        return self._thread.submit(self._derive_behind, document, context, said, deadline)

    def imports(self, document: Document, offset: int, text: str) -> Future[tuple[Import, ...]]:
        """What `document` would have to import for `text` at `offset`."""
        return self._thread.submit(self._imports, document, offset, text)

    def explain(self, document: Document, offset: int, text: str | None) -> Future[Explanation]:
        """What is allowed at a place, and what of `text` is not. The future raises `NoSyntax`
        for a language without a grammar."""
        return self._thread.submit(self._explain, document, offset, text)

    def proposals(
        self, document: Document, offset: int, deadline: Deadline, cancel: CancelToken
    ) -> Future[tuple[Proposal, ...]]:
        """Expressions that fit a place; none once `cancel` is."""
        return self._thread.submit(self._propose, document, offset, deadline, cancel)

    def fill(self, request: Request, nothing: Nothing) -> Future[Outcome]:
        """The best of the proposals as an answer, or `nothing`."""
        return self._thread.submit(self._fill, request, nothing)

    # -- on the thread ---------------------------------------------------------------------

    def _warm(self) -> None:
        from tenon.syntax.languages import Languages

        try:
            # Not left to the first request.
            importlib.import_module("tenon.constraints.derive")
            # Its own: the engine's thread has another one in use.
            self._languages = Languages()
            self._look_again()
        except Exception:
            _log.exception("the analysis could not start; names and members stand open")

    def _look_again(self) -> None:
        """Begin to gather what could be imported, in the environment that there is by now."""
        from tenon.semantics import Analyser
        from tenon.semantics.interpreter import interpreter

        found = interpreter(self._root, self._settings.python.environment)
        if self._analyser is None or self._analyser.interpreter != found:
            _log.log(
                logging.WARNING if found.fault else logging.INFO, "installed packages: %s", found
            )
            self._analyser, self._checks = Analyser(self._root, environment=found), None
        self._learnt_at = math.inf
        self._learn()

    def _forget(self, uri: str) -> None:
        if self._analyser is not None:
            self._analyser.forget(uri)
        if self._languages is not None:
            self._languages.forget(uri)

    def _look_ahead(self) -> None:
        """Go on with what the last analysis left for later, a little at a time."""
        if self._closed or self._analyser is None:
            return
        try:
            self._looking_ahead = not self._analyser.look_ahead(_AHEAD_TIME)
            if self._looking_ahead:
                time.sleep(_AHEAD_PAUSE)
                self._thread.submit(self._look_ahead)
        except RuntimeError:
            _log.debug("the service was closed meanwhile")
        except Exception:
            self._looking_ahead = False
            _log.exception("receivers are looked up when they are asked for, no earlier")

    def _learn(self) -> None:
        """Look for what could be imported, a little at a time: analyses come between."""
        if self._closed or self._analyser is None:
            return
        try:
            learnt = self._analyser.learn(Deadline.after(_LEARNING_TIME))
            if learnt:
                self._learnt_at = time.monotonic()
            else:
                # The engine's thread wants the interpreter as well.
                time.sleep(_LEARNING_TIME)
                self._thread.submit(self._learn)
        except RuntimeError:
            _log.debug("the service was closed meanwhile")
        except Exception:
            _log.exception("what could be imported is not known")

    def _imports(self, document: Document, offset: int, text: str) -> tuple[Import, ...]:
        from tenon.constraints.imports import needed_imports

        syntax = self._languages and self._languages.syntax(document.language)
        if syntax is None:
            return ()
        try:
            context = syntax.context(*document.with_plain_line_ends(offset))
            held = self._derive(document, context, Deadline.after(TIME, clock=self._clock))
            return needed_imports(held.constraints, plain_line_ends(text)) or ()
        except Exception:
            _log.exception("it is not known what has to be imported")
            return ()

    def _explain(self, document: Document, offset: int, text: str | None) -> Explanation:
        from tenon.service.explain import explain

        deadline = Deadline.after(TIME, clock=self._clock)
        return explain(self._checking(), document, offset, text, deadline)

    def _checking(self) -> Checks:
        from tenon.service.checks import Checks

        if self._checks is None:
            # With languages of its own: a syntax belongs to one thread.
            self._checks = Checks(self._analyser)
        return self._checks

    def _propose(
        self, document: Document, offset: int, deadline: Deadline, cancel: CancelToken
    ) -> tuple[Proposal, ...]:
        from tenon.service.proposals import propose

        languages = self._languages
        if languages is None or document.language != "python" or deadline.passed:
            return ()
        deadline = deadline.ending_with(cancel)
        try:
            document, offset = document.with_plain_line_ends(offset)
            syntax = languages.syntax(document.language)
            if syntax is None or deadline.passed:
                return ()
            context = syntax.context(document, offset)
            known = self._know(document, context, deadline)
            return propose(context, known.facts, deadline)
        except Exception:
            _log.exception("nothing could be proposed")
            return ()

    def _fill(self, request: Request, nothing: Nothing) -> Outcome:
        """The best of the proposals, where it passes all that an answer of the model must."""
        from tenon.decoding.answer import Stop
        from tenon.service.proposals import filling

        if request.cancel.cancelled:
            return Superseded()
        if not self._settings.completion.enabled or request.forced:
            return nothing
        document, offset, deadline = request.document, request.offset, request.deadline
        try:
            proposals = self._propose(document, offset, deadline, request.cancel)
            if not proposals:
                return nothing
            held = self._checking().at(*document.with_plain_line_ends(offset), deadline)
            text = filling(held, proposals, deadline)
        except Exception:
            _log.exception("no proposal could be offered")
            return nothing
        if request.cancel.cancelled:
            return Superseded()
        return Suggestion(text=text, offset=offset, stop=Stop.LINE) if text else nothing

    def _derive_behind(
        self, document: Document, context: CursorContext, said: str, deadline: Deadline
    ) -> AllOf | None:
        if self._analyser is None or self._languages is None or deadline.passed:
            return None
        syntax = self._languages.syntax(document.language)
        if syntax is None or document.language != "python":
            return None
        before = context.prefix + said
        document = replace(document, text=before + context.suffix)
        context = syntax.context(document, len(before))
        frame = context.frame
        if frame is None or frame.opening[len(frame.opening) - frame.statement :].strip():
            return None
        constraints = self._derive(document, context, deadline)
        return constraints if constraints.constraints else None

    def _derive(self, document: Document, context: CursorContext, deadline: Deadline) -> AllOf:
        return self._know(document, context, deadline).constraints

    def _know(self, document: Document, context: CursorContext, deadline: Deadline) -> Known:
        from tenon.constraints.derive import derive
        from tenon.semantics.facts import without_imports

        if self._analyser is None or document.language != "python":
            return Known()
        if time.monotonic() > self._learnt_at + _LEARNT_FOR:
            self._learnt_at = math.inf
            self._thread.submit(self._look_again)
        try:
            facts = self._analyser.analyse(document, context, deadline)
            if not self._looking_ahead and not math.isinf(deadline.at):
                self._looking_ahead = True
                self._thread.submit(self._look_ahead)
            if not self._settings.completion.auto_import:
                facts = without_imports(facts)
            constraints = self._watched(AllOf(derive(context, facts)))
            return Known(constraints=constraints, facts=facts)
        except Exception:
            _log.exception("the analysis failed; names and members stand open")
            return Known()
