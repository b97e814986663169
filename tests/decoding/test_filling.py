"""The last search: where no words of a model fit, the grammar leads to a text that does."""

from __future__ import annotations

import math

import pytest

from tenon.constraints.constraint import AllOf
from tenon.constraints.grammar import grammar_for
from tenon.decoding.filling import Filling
from tenon.decoding.hole import Hole
from tenon.decoding.judging import Judging
from tenon.decoding.matcher import Grammars
from tenon.decoding.meter import Meter
from tenon.decoding.policy import StopPolicy
from tenon.decoding.said import Said
from tenon.decoding.stock import Stock
from tenon.syntax.languages import Languages
from tenon.syntax.python import parses
from tenon.text import Cancelled, CancelToken, Deadline, Document

NEVER = Deadline(at=math.inf)


@pytest.fixture(scope="module")
def grammars(vocabulary) -> Grammars:
    return Grammars(vocabulary)


@pytest.fixture
def fill(engine, vocabulary, grammars):
    """The texts found for a marked place, after a model has said `words`."""

    def run(
        marked: str,
        words: str = "",
        *,
        language: str = "python",
        deadline: Deadline = NEVER,
        cancel: CancelToken | None = None,
        confirm=None,
    ) -> list[str]:
        before, _, after = marked.partition("<|>")
        syntax = Languages().syntax(language)
        document = Document(uri="file:///place", version=1, text=before + after, language=language)
        context = syntax.context(document, len(before))
        frame, judge = context.frame, syntax.judge(context)
        matcher = grammars.matcher(grammar_for(language, frame))
        assert matcher.feed(frame.opening)
        hole = Hole(
            matcher=matcher,
            closing=vocabulary.tokens(frame.closing),
            rest=frame.closing,
            pieces=syntax.pieces,
            confirm=confirm or (lambda text: judge(frame.opening + text + frame.closing)),
            constraint=lambda: AllOf(()),
            policy=StopPolicy.at(context, single=False),
        )
        said = Said(engine, vocabulary, hole)
        for token in vocabulary.tokens(words):
            said.accept(token)
        judging = Judging(said, Meter())
        stock = Stock(
            before=before,
            after=after,
            rest=frame.closing,
            pieces=syntax.pieces,
            policy=hole.policy,
        )
        filling = Filling(
            said=said,
            judging=judging,
            stock=stock,
            deadline=deadline,
            cancel=cancel or CancelToken(),
        )
        return filling.search()

    return run


@pytest.mark.parametrize(
    "marked",
    [
        "def f(a):\n    <|>\n",
        "def f(a):\n    return <|>\n\n\nx = 1\n",
        "for<|>\n    print(1)\n",
        "for x in y:\n    pass\n<|>\n    print(1)\n",
        "with open(name<|>\n    pass\n",
        "cla<|>um):\n    pass\n",
        "def f<|>:\n    pass\n",
        "try:\n    pass\n<|>\nx = 1\n",
        "@wraps\n<|>\n",
        "match a:\n    <|>\n",
        "if not <|> == 'a':\n    pass\n",
        "import os\nfrom<|> load_tests\n",
        "f(g(h('abc<|>\n\n\nx = 1\n",
        "x = {'a': 1, 'b<|>\n}\n",
        "f(a=1, <|>b, c=2)\n",
        "f(a<|>')), 0)\n",
        "<|>, x()]:\n    pass\n",
        "lambda<|>\n",
        "x = [a for<|>\ny = 1\n",
        "x = {'a': 1, <|>\"]}, 'b': 2}\n",
        '"""Text.\n<|>"\n',
        "x = f'{a<|>\n",
    ],
)
def test_a_text_is_found_for_places_that_ask_for_something_special(fill, marked: str) -> None:
    before, _, after = marked.partition("<|>")
    found = fill(marked)
    assert found and [text for text in found if not parses(before + text + after)] == []


def test_a_word_begun_before_the_cursor_is_finished(fill) -> None:
    assert any(text.startswith("ss") for text in fill("cla<|> (x):\n    pass\n"))


def test_a_word_that_ends_behind_the_cursor_is_begun(fill) -> None:
    assert "ret" in fill("def f():\n    <|>urn 1\n")


def test_what_has_been_said_is_closed_before_something_else_is_said(fill) -> None:
    found = fill("x = [f(<|>]\n", "'abc', 1")
    assert found and found[0].startswith("'abc', 1")


def test_words_are_not_glued_to_those_behind_the_cursor(fill) -> None:
    for text in fill("f(a, <|>value, b=1)\n"):
        assert not (text[-1:].isalnum() or text[-1:] == "_")


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("json", '{"a": <|>}\n'),
        ("json", '{"a": [1, <|>\n'),
        ("typescript", "const x = f(<|>\n"),
        ("typescript", "function f() {\n  return <|>\n}\n"),
    ],
)
def test_other_grammars_lead_to_their_own_texts(fill, language: str, marked: str) -> None:
    assert fill(marked, language=language)


def test_a_name_that_a_nested_function_waits_for_is_bound(fill) -> None:
    marked = "def f():\n    <|>\n    def g():\n        nonlocal seen\n        seen = 1\n"
    assert "seen = 0" in fill(marked)


def test_what_the_parser_refuses_is_not_found(fill) -> None:
    assert fill("x = <|>\n", confirm=lambda text: False) == []


def test_the_search_ends_with_the_time(fill) -> None:
    assert fill("x = <|>\n", deadline=Deadline(at=0.0, clock=lambda: 1.0)) == []


def test_a_cancelled_search_stops_at_once(fill) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        fill("x = <|>\n", cancel=cancel)
