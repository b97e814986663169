"""A text from elsewhere is taken down as far as it fits, and cut back to what can stand."""

from __future__ import annotations

import pytest

from tenon.constraints.constraint import AllOf, Domain, Verdict
from tenon.constraints.derive import derive
from tenon.constraints.grammar import grammar_for
from tenon.decoding.answer import Stop
from tenon.decoding.dictation import Dictation
from tenon.decoding.hole import Hole
from tenon.decoding.matcher import Grammars
from tenon.decoding.policy import StopPolicy
from tenon.decoding.vocabulary import Vocabulary
from tenon.semantics.facts import Facts, NameSet, Words
from tenon.syntax.python import PythonSyntax
from tenon.text import Document

FACTS = Facts(names=NameSet(words=Words(["foo", "bar", "print", "items"]), complete=True))


@pytest.fixture(scope="session")
def grammars(vocabulary: Vocabulary) -> Grammars:
    return Grammars(vocabulary)


class Taking:
    """A dictation at the `<|>` of a buffer."""

    def __init__(self, marked: str, vocabulary: Vocabulary, grammars: Grammars) -> None:
        before, cursor, after = marked.partition("<|>")
        assert cursor and "<|>" not in after
        syntax = PythonSyntax()
        document = Document(uri="file:///a.py", version=1, text=before + after)
        context = syntax.context(document, len(before))
        frame = context.frame
        matcher = grammars.matcher(grammar_for("python", frame))
        assert matcher.feed(frame.opening)
        constraints = AllOf(derive(context, FACTS))
        judge = syntax.judge(context)
        hole = Hole(
            matcher=matcher,
            closing=vocabulary.tokens(frame.closing),
            confirm=lambda text: judge(frame.opening + text + frame.closing),
            constraint=lambda: constraints,
            policy=StopPolicy.at(context, single=False),
        )
        self.dictation = Dictation(hole, vocabulary)
        self._confirms = lambda text: syntax.confirms(context, text)

    def best(self) -> str | None:
        return self.dictation.best(self._confirms, lambda: False)


@pytest.fixture
def at(vocabulary: Vocabulary, grammars: Grammars):
    return lambda marked: Taking(marked, vocabulary, grammars)


@pytest.mark.parametrize(
    ("marked", "said", "answer"),
    [
        ("x = <|>\n", "foo + bar", "foo + bar"),
        ("x = <|>\n", "foo(bar", "foo(bar)"),
        ("x = <|>\n", "foo\ny = bar\n", "foo"),
        ("x = [<|>]\n", "foo, bar", "foo, bar"),
        ("x = <|>\n", "foo + nope * bar", "foo"),
        ("x = <|>\n", "foo) + bar", "foo"),
        ("x = <|>\n", "'a' 'b", "'a' 'b'"),
        ("x = <|>\n", "print(foo, nope", "print(foo, )"),
        ("x = <|>\n", "", None),
        ("x = <|>\n", "nope", None),
        ("x = <|>\n", ")", None),
        ("def f(foo):\n    <|>\n", "if foo:\n        return bar", "if foo:\n        return bar"),
        ("def f(foo):\n    <|>\n    return bar\n", "foo = 1\n    return bar\n", "foo = 1"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_most_that_stands_is_kept_however_the_text_arrives(
    at, marked: str, said: str, answer: str | None, size: int
) -> None:
    taking = at(marked)
    for start in range(0, len(said), size):
        if not taking.dictation.take(said[start : start + size]):
            break
    best = taking.best()
    assert (best.rstrip() if best else best) == answer


def test_what_was_refused_is_told_with_its_reason(at) -> None:
    taking = at("x = <|>\n")
    assert not taking.dictation.take("nope + foo")
    [refusal] = taking.dictation.refused
    assert refusal.evidence.domain is Domain.NAMES
    assert refusal.evidence.verdict is Verdict.DEAD
    assert taking.dictation.stop is Stop.DEAD_END


def test_enough_is_said_where_the_line_is_whole(at) -> None:
    taking = at("x = <|>\n")
    assert taking.dictation.take("foo")
    assert taking.dictation.stands()
    assert not taking.dictation.take("\nprint(x)")
    assert taking.dictation.stop is Stop.LINE
    assert taking.dictation.text == "foo"


def test_an_open_bracket_goes_on_over_the_line(at) -> None:
    taking = at("x = <|>\n")
    assert taking.dictation.take("print(\n    foo,\n")
    assert not taking.dictation.stands()
    assert taking.dictation.take(")")
    assert taking.best() == "print(\n    foo,\n)"


def test_where_time_was_up_half_a_word_is_not_offered(at) -> None:
    taking = at("x = <|>\n")
    taking.dictation.take("foo.attribute + bar.othe")
    taking.dictation.cut_short()
    assert taking.dictation.stop is Stop.DEADLINE
    assert taking.best() == "foo.attribute + bar"


def test_a_text_without_end_is_enough_at_some_time(at) -> None:
    taking = at("x = <|>\n")
    assert not taking.dictation.take("(foo, " + "bar, " * 2000)
    assert taking.dictation.stop is Stop.LENGTH
