"""Checks: what holds at one place in a buffer, and what it has against a text.

The one function that the ruler, `explain` and everyone who asks "would this be refused, and
why" stand on: the same grammar, the same constraints and the same parser as in decoding. Needs
no model: a grammar speaks of bytes, whatever tokens they come in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import NamedTuple, cast

from tenon.constraints.constraint import Constraint, Domain, Evidence, Verdict
from tenon.constraints.derive import derive
from tenon.constraints.grammar import grammar_for
from tenon.constraints.imports import needed_imports, receiver_of
from tenon.constraints.types import Suggestions, Types
from tenon.decoding.matcher import GrammarError, Grammars, Matcher
from tenon.decoding.vocabulary import Vocabulary
from tenon.semantics.analyser import Analyser
from tenon.semantics.facts import NOTHING_KNOWN, Facts, Import
from tenon.syntax.context import CursorContext, Frame
from tenon.syntax.languages import Languages, Syntax
from tenon.text import Deadline, Document

_FROM = re.compile(r"\s*from\s+([.\w]+)(\s+import\b)?")
_PRINTABLE = range(0x20, 0x7F)


class Checks:
    """Not thread safe. `at` is asked on the analyser's thread."""

    def __init__(
        self,
        analyser: Analyser | None,
        *,
        vocabulary: Vocabulary | None = None,
        grammars: Grammars | None = None,
        languages: Languages | None = None,
    ) -> None:
        self.vocabulary = vocabulary or Vocabulary.of_bytes()
        self.grammars = grammars or Grammars(self.vocabulary)
        self._languages = languages or Languages()
        self._analyser = analyser

    @property
    def packages(self) -> str:
        """Which installed packages are read, and why those, in one line."""
        return str(self._analyser.interpreter) if self._analyser is not None else ""

    def at(self, document: Document, offset: int, deadline: Deadline) -> Held:
        """What holds at `offset` of `document` ("\\n" line ends). Raises `NoSyntax` for a
        language that has no grammar."""
        syntax = self._languages.syntax(document.language)
        if syntax is None:
            raise NoSyntax(f"there is no grammar for {document.language!r}")
        context = syntax.context(document, offset)
        facts = NOTHING_KNOWN
        if self._analyser is not None and document.language == "python":
            facts = self._analyser.analyse(document, context, deadline)
            if facts.inquiry is not None and not facts.inquiry.patient:
                facts = replace(facts, inquiry=facts.inquiry.patiently())
        constraints = derive(context, facts) if document.language == "python" else ()
        return Held(self, document.language, syntax, context, facts, tuple(constraints))


class NoSyntax(Exception):
    """A language that is not checked at all."""


class Against(NamedTuple):
    """What one domain has against a text."""

    evidence: Evidence
    said: int
    """How many characters of the text it took to tell."""


@dataclass(frozen=True)
class Held:
    """What holds at one place."""

    checks: Checks
    language: str
    syntax: Syntax
    context: CursorContext
    facts: Facts
    constraints: tuple[Constraint, ...]

    def objections(
        self,
        text: str,
        *,
        domains: Collection[Domain] = frozenset(Domain),
        deadline: Deadline | None = None,
    ) -> Iterator[Against]:
        """What is held against `text`, at most one piece of evidence a domain. A domain whose
        turn comes after the deadline, or goes on until then, holds nothing against it."""
        if Domain.SYNTAX in domains:
            against = self._syntax_against(text)
            if against is not None:
                yield against
        for constraint in self.constraints:
            if constraint.domain in domains:
                against = self._constraint_against(constraint, text, deadline)
                if against is not None:
                    yield against

    def needed(self, text: str) -> tuple[Import, ...]:
        """What the file would have to import for `text`."""
        return needed_imports(self.constraints, text) or ()

    def describe_syntax(self) -> Evidence:
        """What the grammar makes of the place before a word is said."""
        frame = self.context.frame
        if frame is None:
            return _open("what surrounds the cursor could not be read")
        matcher, reason = self._standing(frame)
        if matcher is None:
            return _open(reason)
        advice = "" if frame.sound else ", as far as the broken code around it can be understood"
        return Evidence(
            domain=Domain.SYNTAX,
            verdict=Verdict.OPEN,
            reason=f"the grammar holds between what stands before and behind the cursor{advice}",
            allowed=self._next_characters(matcher),
        )

    @property
    def silence(self) -> str:
        """Why a domain that is not among the constraints says nothing."""
        if self.language != "python":
            return f"{self.language} is held to its grammar alone"
        return "the statement around the cursor could not be understood"

    @cached_property
    def statement(self) -> str:
        """The author's part of the statement at the cursor."""
        frame = self.context.frame
        return frame.opening[len(frame.opening) - frame.statement :] if frame is not None else ""

    @property
    def receiver(self) -> str:
        """What stands before the dot that the cursor follows; "" for none."""
        return receiver_of(self.constraints)

    @property
    def wanted(self) -> Suggestions | None:
        """What type the place asks for, and what has it; None where that is not known."""
        for constraint in self.constraints:
            if constraint.domain is Domain.TYPES:
                return cast(Types, constraint).suggestions()
        return None

    @property
    def module(self) -> str:
        """The module that the import at the cursor names; "" for none."""
        match = _FROM.match(self.statement)
        return match.group(1) if match is not None else ""

    @property
    def takes_names(self) -> bool:
        """Whether that import has come to the names."""
        match = _FROM.match(self.statement)
        return match is not None and match.group(2) is not None

    # Syntax.

    def _standing(self, frame: Frame) -> tuple[Matcher | None, str]:
        """A matcher that has read the opening; where there is none, why."""
        try:
            matcher = self.checks.grammars.matcher(grammar_for(self.language, frame))
        except GrammarError as error:
            return None, f"the grammar does not compile: {error}"
        if not matcher.feed(frame.opening):
            return None, "the code here is outside the grammar; the parser alone judges"
        return matcher, ""

    def _syntax_against(self, text: str) -> Against | None:
        frame = self.context.frame
        if frame is None:
            return None
        vocabulary = self.checks.vocabulary
        matcher, reason = self._standing(frame)
        if matcher is None and reason.startswith("the grammar"):
            return _refused(0, 0, reason)
        # Without a matcher decoding falls back to the parser, and so do we.
        if matcher is not None:
            tokens = vocabulary.tokens(text)
            taken = matcher.longest_valid(tokens)
            if taken < len(tokens):
                at = list(vocabulary.cuts(text))[taken] - 1
                return _refused(at, at + 1, f"{text[at : at + 20]!r} cannot stand here")
            if not matcher.feed(text) or not matcher.closes(vocabulary.tokens(frame.closing)):
                told = len(text)
                return _refused(told, told, "the text is not closed by what follows the cursor")
        if not self.syntax.judge(self.context)(frame.opening + text + frame.closing):
            return _refused(len(text), len(text), "the parser refuses the text in its frame")
        return None

    def _next_characters(self, matcher: Matcher) -> tuple[str, ...]:
        """Printable characters that may come next, where tokens are bytes."""
        vocabulary = self.checks.vocabulary
        if not vocabulary.is_bytes:
            return ()
        mask = matcher.mask()
        return tuple(_ranges([chr(code) for code in _PRINTABLE if mask[code]]))

    # The other domains.

    def _constraint_against(
        self, constraint: Constraint, text: str, deadline: Deadline | None
    ) -> Against | None:
        for cut in self.checks.vocabulary.cuts(text):
            if deadline is not None and deadline.passed:
                return None
            judgement = constraint.judge(text[:cut])
            if judgement.verdict is Verdict.DEAD:
                return Against(judgement.evidence[-1], cut)
        return None


def _ranges(characters: list[str]) -> Iterator[str]:
    """Letters and digits that follow one another as one: `a-z`."""
    for _, run in groupby(enumerate(characters), key=lambda each: ord(each[1]) - each[0]):
        found = [character for _, character in run]
        for alike, group in groupby(found, key=lambda each: each.isalnum()):
            whole = "".join(group)
            yield from (f"{whole[0]}-{whole[-1]}",) if alike and len(whole) > 2 else whole


def _open(reason: str) -> Evidence:
    return Evidence(domain=Domain.SYNTAX, verdict=Verdict.COMPLETE, reason=reason)


def _refused(at: int, said: int, reason: str) -> Against:
    return Against(
        Evidence(domain=Domain.SYNTAX, verdict=Verdict.DEAD, reason=reason, at=at), said
    )
