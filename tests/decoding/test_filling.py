"""The last search: where no words of a model fit, the grammar leads to a text that does."""

from __future__ import annotations

import math
import re
from itertools import count

import pytest

from tenon.constraints.constraint import (
    ANYTHING,
    AllOf,
    Constraint,
    Domain,
    Evidence,
    Judgement,
    Sieve,
    Verdict,
    refused,
)
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


class Only:
    """A constraint that knows one word behind a dot, and no other."""

    domain = Domain.MEMBERS

    def __init__(self, before: str, word: str) -> None:
        self._before, self._word = before, word

    def judge(self, text: str) -> Judgement:
        evidence = self.refusal(text)
        return ANYTHING if evidence is None else refused(evidence)

    def refusal(self, text: str) -> Evidence | None:
        for found in re.finditer(r"\.(\w+)\b(?=(\W))?", self._before + text):
            known = self._word if found[2] else self._word[: len(found[1])]
            if found[1] != known:
                return Evidence(
                    domain=self.domain,
                    verdict=Verdict.DEAD,
                    reason="no such word",
                    at=found.start(1) - len(self._before),
                    allowed=(self._word,),
                )
        return None

    def sieve(self, text: str) -> Sieve | None:
        return None

    def describe(self) -> Evidence:
        return Evidence(domain=self.domain, verdict=Verdict.OPEN, reason="one word")


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
        constraints: tuple[Constraint, ...] = (),
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
            constraint=lambda: AllOf(constraints),
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
        "from __future__ import<|>\nimport os\n",
        "<|>is a:\n    pass\n",
        "<|>a.B):\n    pass\n",
        "<|>a(b):\n    return b\n",
        "<|>:\n    return 1\n",
        "try:\n    pass\n<|>a):\n    pass\n",
        "x = f(a, [\n    b,\n], c=<|>\n\ny = 1\n",
        "x = [\n    ([1, <|>4'),\n]\n",
        "<|>,\n    'a': 1,\n    'b': 2}\n",
        "x = f'a {<|>b)\ny = 1\n",
        "x = [\n    'a'  # one\n    'b<|>  # two\n    'c'\n]\n",
        "x = [\n    1,  # one\n    <|> two.\n]\n",
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


def test_no_string_of_many_lines_is_opened(fill) -> None:
    marked = 'x = 1\nus<|>""\ny = 1\nz = """\nText.\n"""\n'
    before, _, after = marked.partition("<|>")
    for text in fill(marked):
        assert not (text + after).startswith('"""') and '"""' not in text


def test_a_word_that_the_constraints_would_rather_read_is_said(fill) -> None:
    marked = "x = a.<|>\n"
    known = Only("x = a.", "colour")
    assert "colour" in fill(marked, constraints=(known,))
    half = "x = a.co<|>\n"
    assert "lour" in fill(half, constraints=(Only("x = a.co", "colour"),))


def test_what_fits_nothing_but_a_comment_is_made_one_last(fill) -> None:
    found = fill("x = 1\n<|>to, of it. Or so).\ny = 2\n")
    assert [text.strip() for text in found] == ["#"]
    assert all("#" not in text for text in fill("x = 1\n<|>a.b(c)\ny = 2\n"))


def test_the_search_asks_for_no_judgement_once_time_is_up(fill) -> None:
    clock = count()
    late: list[float] = []
    deadline = Deadline(at=600.0, clock=lambda: float(next(clock)))

    def confirm(text: str) -> bool:
        late.append(deadline.remaining)
        return False

    assert fill("x = f(<|>\n", deadline=deadline, confirm=confirm) == []
    assert late and min(late) >= -2.0
