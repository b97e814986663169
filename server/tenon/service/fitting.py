"""Fitting: from a place in a buffer to the hole an answer must fit.

Owns the choice of grammar (by language, by schema), where each matcher stands when decoding
begins, and the account of what had to be left open. Knows no request queue and no outcome.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from tenon.constraints.constraint import AllOf, Domain, Evidence, Verdict
from tenon.constraints.grammar import Grammar, grammar_for
from tenon.decoding.hole import Hole
from tenon.decoding.matcher import GrammarError, Matcher
from tenon.decoding.policy import StopPolicy
from tenon.engine.fim import Prompt, utf8
from tenon.service.model import LoadedModel
from tenon.service.refreshing import Refreshing
from tenon.service.request import Request
from tenon.service.schemas import Schemas
from tenon.service.settings import Settings
from tenon.syntax.context import CursorContext, Frame
from tenon.syntax.languages import Syntax
from tenon.text import Document

_log = logging.getLogger(__name__)

_COMMENTS = {"python": "#"}
_NO_FACTS = AllOf(())


@dataclass(frozen=True, slots=True)
class Fit:
    hole: Hole
    relaxed: tuple[Evidence, ...] = ()
    """The domains that had to be left open, and why."""


@dataclass(frozen=True, slots=True)
class Fitting:
    model: LoadedModel
    syntax: Syntax
    schemas: Schemas
    settings: Settings
    behind: Callable[[Document, CursorContext, str], Future[AllOf | None]]
    """Starts the analysis of the place behind a text that an answer has said."""

    def fit(
        self, request: Request, context: CursorContext, prompt: Prompt, facts: Future[AllOf]
    ) -> Fit:
        """What an answer to `request` must fit after `prompt`. `facts` may still be coming."""
        policy = StopPolicy.at(
            context,
            single=self.settings.completion.lines == "single",
            comment=_COMMENTS.get(request.document.language, "//"),
        )
        must = prompt.heal + utf8(request.forced)
        if not request.constrained:
            free = Hole(
                matcher=None,
                closing=[],
                confirm=None,
                constraint=lambda: _NO_FACTS,
                policy=policy,
                must=must,
                healed=len(prompt.heal),
            )
            return Fit(free)
        frame = context.frame
        relaxed: list[Evidence] = []
        matcher = self._matcher(request.document, frame, prompt, relaxed)
        if not facts.done():
            relaxed.append(_open(Domain.NAMES, "the analysis was not ready in time"))
        refreshing = Refreshing(
            facts,
            partial(self.behind, request.document, context),
            patient=math.isinf(request.deadline.at),
        )
        hole = Hole(
            matcher=matcher,
            closing=self.model.vocabulary.tokens(frame.closing) if frame else [],
            confirm=self._confirm(context),
            constraint=refreshing,
            rest=frame.closing if frame else "",
            pieces=self.syntax.pieces,
            waited=refreshing.waited,
            policy=policy,
            must=must,
            healed=len(prompt.heal),
        )
        return Fit(hole, tuple(relaxed))

    def _matcher(
        self, document: Document, frame: Frame | None, prompt: Prompt, relaxed: list[Evidence]
    ) -> Matcher | None:
        """A matcher that has read what is before the healed text. Where there is none, or only
        a looser one, `relaxed` is told."""
        if frame is None:
            relaxed.append(_open(Domain.SYNTAX, "what surrounds the cursor could not be read"))
            return None
        if document.language in ("json", "jsonc"):
            matcher = self._schema_matcher(document, frame, prompt, relaxed)
            if matcher is not None:
                return matcher
        matcher = self._standing(grammar_for(document.language, frame), frame, prompt)
        if matcher is None:
            relaxed.append(_open(Domain.SYNTAX, "the code here is outside the grammar"))
        return matcher

    def _schema_matcher(
        self, document: Document, frame: Frame, prompt: Prompt, relaxed: list[Evidence]
    ) -> Matcher | None:
        schema, reason = self.schemas.find(document, self.settings.json_files)
        matcher = None
        if schema is not None and frame.whole:
            grammar = grammar_for(document.language, frame, schema=schema)
            matcher = self._standing(grammar, frame, prompt)
            reason = "the text before the cursor does not follow the schema"
        elif schema is not None:
            reason = "the buffer is too large for its schema to be held"
        if matcher is None:
            relaxed.append(_open(Domain.RULES, reason))
        return matcher

    def _standing(self, grammar: Grammar, frame: Frame, prompt: Prompt) -> Matcher | None:
        """A matcher for `grammar` that has read the opening, less the healed text; None where
        the grammar has no place for it."""
        opening = utf8(frame.opening)
        before = opening[: len(opening) - len(prompt.heal)].decode("utf-8", errors="replace")
        try:
            matcher = self.model.grammars.matcher(grammar)
        except GrammarError as error:
            _log.warning("a grammar does not compile: %s", error)
            return None
        healed = self.model.vocabulary.tokens(prompt.heal.decode()) if prompt.heal else []
        if not matcher.feed(before) or matcher.longest_valid(healed) < len(healed):
            return None
        return matcher

    def _confirm(self, context: CursorContext) -> Callable[[str], bool]:
        frame = context.frame
        if frame is None:
            return lambda text: self.syntax.confirms(context, text)
        judge = self.syntax.judge(context)
        return lambda text: judge(frame.opening + text + frame.closing)


def _open(domain: Domain, reason: str) -> Evidence:
    return Evidence(domain=domain, verdict=Verdict.OPEN, reason=reason)
