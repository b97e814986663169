"""The matcher: probes change nothing, errors raise, and a text is judged by its bytes, not its tokens."""

from __future__ import annotations

import numpy as np
import pytest

from tenon.constraints.grammar import Grammar
from tenon.decoding.matcher import GrammarError, Grammars, Matcher
from tenon.decoding.vocabulary import Vocabulary

CALL = 'start: NAME "(" (NAME ("," NAME)*)? ")"\nNAME: /[a-z]+/\n%ignore / +/\n'


def at(vocabulary: Vocabulary, text: str, grammar: str = CALL) -> Matcher:
    matcher = Matcher.from_lark(vocabulary, grammar)
    assert matcher.feed(text)
    return matcher


def spelled(vocabulary: Vocabulary, text: str) -> int:
    (token,) = vocabulary.tokens(text)
    return token


def test_a_token_is_allowed_exactly_where_the_grammar_has_a_place_for_it(vocabulary) -> None:
    matcher = at(vocabulary, "print(")
    assert matcher.allows(spelled(vocabulary, "a"))
    assert matcher.allows(spelled(vocabulary, ")"))
    assert not matcher.allows(spelled(vocabulary, "("))


def test_asking_changes_nothing(vocabulary) -> None:
    matcher = at(vocabulary, "print(")
    for text in ("(", "a", ")", "(", ")"):
        matcher.allows(spelled(vocabulary, text))
        matcher.closes(vocabulary.tokens("a)"))
    assert matcher.feed("a, b)")


@pytest.mark.parametrize(
    ("before", "behind", "closes"),
    [
        ("print(a", ")", True),
        ("print(a", "b)", True),
        ("print(a,", ")", False),
        ("print(a)", "", True),
        ("print(a)", ")", False),
        ("print(a", "", False),
    ],
)
def test_closing_is_decided_by_what_stands_behind(vocabulary, before, behind, closes) -> None:
    assert at(vocabulary, before).closes(vocabulary.tokens(behind)) is closes


def test_the_mask_and_the_probe_agree_on_every_token(vocabulary) -> None:
    matcher = at(vocabulary, "print(a")
    mask = matcher.mask()
    assert mask.shape == (vocabulary.size,)
    probed = np.array([matcher.allows(token) for token in range(vocabulary.size)])
    # A mask leaves out tokens that split a forced spelling; it never allows what a probe refuses.
    assert not (mask & ~probed).any()
    assert mask.any()


def test_rolling_back_restores_the_place(vocabulary) -> None:
    matcher = at(vocabulary, "print(")
    before = matcher.mask()
    for token in vocabulary.tokens("a,b"):
        assert matcher.allows(token)
        matcher.accept(token)
    matcher.rollback(len(vocabulary.tokens("a,b")))
    assert np.array_equal(before, matcher.mask())


def test_a_copy_goes_its_own_way(vocabulary) -> None:
    matcher = at(vocabulary, "print(")
    copy = matcher.copy()
    assert copy.feed("a)")
    assert matcher.feed("b, c)")


def test_a_text_the_grammar_has_no_place_for_is_not_fed(vocabulary) -> None:
    assert not Matcher.from_lark(vocabulary, CALL).feed("print(]")


@pytest.mark.parametrize("grammar", ["", "start: missing", "start: /(/", "not a grammar"])
def test_a_bad_grammar_raises(vocabulary, grammar) -> None:
    with pytest.raises(GrammarError):
        Matcher.from_lark(vocabulary, grammar)


@pytest.mark.parametrize("start", ["self.na", " ", "é", "x[0", "\\d+", "a\nb", "'\"", "🙂"])
def test_a_literal_start_holds_the_answer_to_its_text(vocabulary, start) -> None:
    matcher = Matcher.from_literal_start(vocabulary, start)
    assert matcher.copy().feed(start + " and anything (else\n")
    assert not matcher.feed("~" + start)


def test_a_grammar_is_compiled_once(vocabulary) -> None:
    grammars = Grammars(vocabulary, keep=2)
    call = Grammar(kind="lark", text=CALL)
    first = grammars.matcher(call)
    assert first.feed("print(")
    second = grammars.matcher(call)
    assert second.feed("other()"), "a fresh matcher stands at the start"
