"""Auditor: would the constraints have refused what the author wrote? The first promise, measured.

Puts a known text through exactly the checks that decoding makes, at the cuts a tokenizer makes,
without asking a model for anything.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path

from tenon.constraints.constraint import Constraint, Domain, Evidence, Verdict
from tenon.constraints.derive import derive
from tenon.constraints.grammar import grammar_for
from tenon.decoding.matcher import GrammarError, Matcher
from tenon.semantics import Analyser
from tenon.service.model import LoadedModel
from tenon.service.settings import Settings
from tenon.syntax.context import CursorContext, Frame
from tenon.syntax.python import PythonSyntax
from tenon.text import Deadline, Document


class Auditor:
    """Not thread safe; loads a model for its vocabulary alone."""

    def __init__(
        self, settings: Settings, root: Path | None = None, *, model: LoadedModel | None = None
    ) -> None:
        self._model = model or LoadedModel.load(settings.model)
        self._syntax = PythonSyntax()
        self._analyser = Analyser(root)

    def audit(
        self,
        document: Document,
        offset: int,
        text: str,
        *,
        domains: Collection[Domain] = frozenset(Domain),
    ) -> tuple[Evidence, ...]:
        """What the constraints hold against `text` at `offset` of `document` ("\\n" line ends).

        Empty when nothing is refused. At most one piece of evidence a domain.
        """
        context = self._syntax.context(document, offset)
        found: list[Evidence] = []
        if Domain.SYNTAX in domains and context.frame is not None:
            evidence = self._syntax_against(context, context.frame, text)
            if evidence is not None:
                found.append(evidence)
        constraints = self._constraints(document, context)
        for constraint in constraints:
            if constraint.domain in domains:
                evidence = self._constraint_against(constraint, text)
                if evidence is not None:
                    found.append(evidence)
        return tuple(found)

    def close(self) -> None:
        self._model.close()

    def _constraints(self, document: Document, context: CursorContext) -> tuple[Constraint, ...]:
        facts = self._analyser.analyse(document, context, Deadline(at=math.inf))
        return derive(context, facts)

    def _syntax_against(self, context: CursorContext, frame: Frame, text: str) -> Evidence | None:
        vocabulary = self._model.vocabulary
        try:
            grammar = grammar_for("python", frame)
            matcher: Matcher | None = self._model.grammars.matcher(grammar)
        except GrammarError as error:
            return _refused(0, f"the grammar does not compile: {error}")
        if matcher is not None and not matcher.feed(frame.opening):
            # Decoding falls back to the parser here, and so does the audit.
            matcher = None
        if matcher is not None:
            tokens = vocabulary.tokens(text)
            taken = matcher.longest_valid(tokens)
            if taken < len(tokens):
                at = len(vocabulary.tokenizer.decode_str(tokens[:taken]))
                return _refused(at, f"{text[at : at + 20]!r} cannot stand here")
            if not matcher.feed(text) or not matcher.closes(vocabulary.tokens(frame.closing)):
                return _refused(len(text), "the text is not closed by what follows the cursor")
        if not self._syntax.judge(context)(frame.opening + text + frame.closing):
            return _refused(len(text), "the parser refuses the text in its frame")
        return None

    def _constraint_against(self, constraint: Constraint, text: str) -> Evidence | None:
        cut = 0
        vocabulary = self._model.vocabulary
        for token in vocabulary.tokenizer.tokenize_str(text):
            cut += len(vocabulary.tokenizer.decode_str([token]))
            judgement = constraint.judge(text[:cut])
            if judgement.verdict is Verdict.DEAD:
                return judgement.evidence[-1]
        return None


def _refused(at: int, reason: str) -> Evidence:
    return Evidence(domain=Domain.SYNTAX, verdict=Verdict.DEAD, reason=reason, at=at)
