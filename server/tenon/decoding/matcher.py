"""Matcher: llguidance's matcher, wrapped so that an error raises and a probe never poisons it.

Owns llguidance. Knows grammars as text and tokens; knows nothing of documents or domains.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from llguidance import LLMatcher, LLParserLimits
from numpy.typing import NDArray

from tenon.constraints.grammar import Grammar
from tenon.decoding.vocabulary import Vocabulary

# llguidance's own defaults stop at 50,000 items a step, too few for Python's grammar.
_LIMITS = LLParserLimits(step_max_items=5_000_000, max_items_in_row=50_000, verbose_errors=False)


class GrammarError(Exception):
    """A grammar llguidance does not take, or a matcher that ran out of its limits."""


class Matcher:
    """Where a text stands in a grammar, token by token."""

    __slots__ = ("_matcher", "_vocabulary")

    def __init__(self, vocabulary: Vocabulary, matcher: LLMatcher) -> None:
        self._vocabulary = vocabulary
        self._matcher = matcher

    @classmethod
    def from_lark(cls, vocabulary: Vocabulary, grammar: str) -> Matcher:
        return cls._compiled(vocabulary, LLMatcher.grammar_from_lark(grammar))

    @classmethod
    def from_json_schema(cls, vocabulary: Vocabulary, schema: str) -> Matcher:
        try:
            grammar = LLMatcher.grammar_from_json_schema(schema)
        except ValueError as error:
            raise GrammarError(str(error)) from error
        return cls._compiled(vocabulary, grammar)

    @classmethod
    def from_literal_start(cls, vocabulary: Vocabulary, start: str) -> Matcher:
        """Any text at all that begins with `start`."""
        literal = "".join(f"\\x{{{ord(character):x}}}" for character in start)
        return cls._compiled(vocabulary, LLMatcher.grammar_from_regex(f"{literal}(?s:.*)"))

    @classmethod
    def beginning(cls, vocabulary: Vocabulary, start: str) -> NDArray[np.bool_]:
        """For each token, whether it begins with the character `start`; told once a vocabulary."""
        known = vocabulary.beginning.get(start)
        if known is None:
            known = vocabulary.beginning[start] = cls.from_literal_start(vocabulary, start).mask()
        return known

    @classmethod
    def _compiled(cls, vocabulary: Vocabulary, grammar: str) -> Matcher:
        matcher = LLMatcher(vocabulary.tokenizer, grammar, limits=_LIMITS, log_level=0)
        self = cls(vocabulary, matcher)
        self._check()
        return self

    def copy(self) -> Matcher:
        return Matcher(self._vocabulary, self._matcher.deep_copy())

    def feed(self, text: str) -> bool:
        """Consume `text`; False if the grammar has no place for some of it.

        The matcher then stands somewhere inside the text and must be thrown away.
        """
        tokens = self._vocabulary.tokens(text)
        return self._matcher.try_consume_tokens(tokens) == len(tokens)

    def allows(self, token: int) -> bool:
        """Whether `token` may come next. Changes nothing; microseconds."""
        return self._matcher.validate_tokens([token]) == 1

    def accept(self, token: int) -> None:
        """Consume a token that `allows` has said yes to."""
        if not self._matcher.consume_token(token):
            raise self._error()

    def take(self, token: int) -> bool:
        """Consume `token` if it may come next; False, and nothing changed, if not."""
        return self._matcher.try_consume_tokens([token]) == 1

    def closes(self, tokens: list[int]) -> bool:
        """Whether the text could end after `tokens`. Changes nothing.

        The closing test of fill-in-the-middle: `tokens` are what stands behind the cursor.
        """
        if not tokens:
            return self._matcher.is_accepting()
        probe = [*tokens, self._vocabulary.end]
        return self._matcher.validate_tokens(probe) == len(probe)

    def longest_valid(self, tokens: list[int]) -> int:
        """How many of `tokens`, from the first, may come next. Changes nothing."""
        return self._matcher.validate_tokens(tokens)

    def forced(self) -> list[int]:
        """Tokens of the text that alone can come next; none where there is a choice."""
        tokens: list[int] = self._matcher.compute_ff_tokens()
        return tokens

    def rollback(self, count: int) -> None:
        """Take back the last `count` tokens."""
        if not self._matcher.rollback(count):
            raise self._error()

    def mask(self) -> NDArray[np.bool_]:
        """For each token, whether it may come next. Dear (up to milliseconds); off the GIL."""
        packed = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        self._check()
        return np.unpackbits(packed, bitorder="little")[: self._vocabulary.size].view(np.bool_)

    def _error(self) -> GrammarError:
        # The first line says what is wrong; the rest repeats the grammar.
        return GrammarError(self._matcher.get_error().partition("\n")[0])

    def _check(self) -> None:
        if self._matcher.is_error():
            raise self._error()


class Grammars:
    """Compiled grammars by their text, the last few kept: compiling takes milliseconds."""

    def __init__(self, vocabulary: Vocabulary, *, keep: int = 16) -> None:
        self._vocabulary = vocabulary
        self._keep = keep
        self._compiled: OrderedDict[Grammar, Matcher] = OrderedDict()

    def matcher(self, grammar: Grammar) -> Matcher:
        """A fresh matcher at the start of `grammar`."""
        compiled = self._compiled.pop(grammar, None)
        if compiled is None:
            compiled = self._compile(grammar)
            if len(self._compiled) >= self._keep:
                self._compiled.popitem(last=False)
        self._compiled[grammar] = compiled
        return compiled.copy()

    def _compile(self, grammar: Grammar) -> Matcher:
        if grammar.kind == "json schema":
            return Matcher.from_json_schema(self._vocabulary, grammar.text)
        return Matcher.from_lark(self._vocabulary, grammar.text)
